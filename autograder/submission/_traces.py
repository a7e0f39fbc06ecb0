"""Whether a check left traces in the student's names: if not, the next check may use the same process.

A fingerprint says what the names of the notebook mean, down to the numbers in arrays. What it cannot see into (a running
generator, an open file) or is too large to look at often has no fingerprint, and then each check gets a process of its own.

Imports only the standard library and numpy, and looks at torch where the notebook did.
"""

from __future__ import annotations

import collections
import os
import random
import sys
import threading
import types
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

MOST_OBJECTS = 20_000
MOST_BYTES = 16 << 20
"""Of arrays: what can be summed up in a few milliseconds."""

_PLAIN = (type(None), bool, int, float, complex, str, bytes, range, slice, type(Ellipsis))
_FIXED = (
    types.ModuleType, types.BuiltinFunctionType, types.CodeType, property, staticmethod, classmethod, np.ufunc, np.dtype,
    types.GenericAlias, types.UnionType,
)  # fmt: skip
_CALLED = (types.MethodType, types.MethodWrapperType)
_WALKED = ("__main__", "numpy", "torch", "collections", "types", "functools", "dataclasses")
"""Packages whose objects are looked into; another library's count as they are."""


def fingerprint(namespace: Mapping[str, Any]) -> int | None:
    """A number that stays the same while the names mean the same; None if there is no telling."""
    try:
        return _Walk().over(namespace)
    except Exception:  # a property or a metaclass of the notebook's that raises
        return None


class _Opaque(Exception):
    pass


class _Walk:
    def __init__(self) -> None:
        self.found: list[Any] = [Path.cwd(), hash(frozenset(os.environ.items())), threading.active_count()]
        self.seen: set[int] = set()
        self.waiting: list[Any] = []
        self.bytes = 0

    def over(self, namespace: Mapping[str, Any]) -> int:
        for name, value in namespace.items():
            if not name.startswith("__"):
                self.found.append(name)
                self.waiting.append(value)
        while self.waiting:
            value = self.waiting.pop()
            if isinstance(value, _PLAIN):
                self.found.append((type(value).__name__, str(value) if isinstance(value, slice | float) else value))
                continue
            self.found.append(id(value))
            if id(value) in self.seen:
                continue
            self.seen.add(id(value))
            if len(self.seen) > MOST_OBJECTS:
                raise _Opaque
            self._look_into(value)
        return hash(tuple(self.found))

    def _look_into(self, value: Any) -> None:
        if isinstance(value, _FIXED):
            return
        if isinstance(value, np.ndarray):
            self._array(value)
        elif isinstance(value, np.generic):
            self.found.append(value.tobytes())
        elif isinstance(value, bytearray):
            self.found.append(bytes(value))
        elif isinstance(value, dict):
            self.found.append(len(value))
            self.waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset | collections.deque):
            self.found.append(len(value))
            self.waiting += value
        elif isinstance(value, types.FunctionType):
            cells = [cell.cell_contents for cell in value.__closure__ or () if cell != types.CellType()]
            self.waiting += [value.__code__, value.__defaults__, value.__kwdefaults__, vars(value), *cells]
        elif isinstance(value, type):
            if value.__module__ == "__main__":
                self.waiting += [each for name, each in vars(value).items() if name not in {"__dict__", "__weakref__"}]
        elif isinstance(value, np.random.Generator | np.random.RandomState):
            self.found.append(str(value.__getstate__() if isinstance(value, np.random.RandomState)
                                  else value.bit_generator.state))  # fmt: skip
        elif isinstance(value, random.Random):
            self.found.append(value.getstate())
        elif isinstance(value, _CALLED):
            self.waiting.append(value.__self__)
        else:
            self._object(value)

    def _object(self, value: Any) -> None:
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            self.found += [value._version, tuple(value.shape), value.requires_grad]
            if value.grad_fn is not None or value.device.type != "cpu" or value.layout is not torch.strided:
                return
            self._array(value.detach().view(torch.uint8).numpy() if value.dim() else value.detach().numpy())
            self.waiting.append(value.grad)
            return
        if torch is not None and isinstance(value, torch.Generator):
            self._array(value.get_state().numpy())
            return
        if hasattr(type(value), "cache_info"):
            self.found.append(value.cache_info().currsize)
        if type(value).__module__.split(".")[0] in _WALKED:
            self.waiting += [vars(value)] if hasattr(value, "__dict__") else []
            slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
            self.waiting += [getattr(value, name, None) for name in slots if isinstance(name, str)]
        elif hasattr(type(value), "__next__") or hasattr(type(value), "read"):
            raise _Opaque

    def _array(self, value: np.ndarray[Any, Any]) -> None:
        self.bytes += value.nbytes
        if self.bytes > MOST_BYTES:
            raise _Opaque
        if value.dtype.hasobject:
            self.waiting += value.ravel().tolist()
            return
        self.found += [value.shape, value.dtype.str, zlib.crc32(value.tobytes())]
