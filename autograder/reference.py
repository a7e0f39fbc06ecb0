"""What a check sees as `reference`: the topic's trusted functions, called with arrays and answering with arrays.

A reference is written as plain functions of float64 torch tensors, the mathematics and no derivative; gradients come from
torch autograd. A class is asked the same questions about the same inputs: answers are remembered.
"""

from __future__ import annotations

import hashlib
import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from autograder.errors import GraderError

REMEMBERED_BYTES = 16 * 2**20
"""Arrays that are kept in all. A topic asks for a few hundred answers, most of them of less than a kilobyte."""


class Reference:
    """The functions of a reference module."""

    def __init__(self, module: ModuleType) -> None:
        """Wrap the functions that `module` defines."""
        self._module = module
        self._memory = Memory()

    def __getattr__(self, name: str) -> ReferenceFunction:
        """The trusted function `name`. Raises GraderError if the module has none."""
        if name.startswith("_"):
            raise AttributeError(name)
        function = getattr(self._module, name, None)
        if not callable(function):
            raise GraderError(f"{self._module.__file__} defines no function `{name}`")
        return ReferenceFunction(name, function, self._memory)


class Memory:
    """Answers by what was asked, those asked for least lately forgotten first."""

    def __init__(self, most: int = REMEMBERED_BYTES) -> None:
        """Keep answers with up to `most` bytes of arrays."""
        self._most = most
        self._size = 0
        self._kept: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()

    def answer(self, asked: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
        """What `compute` returns, or what it returned when the same was `asked` before: a copy, free to be changed.

        Nothing is kept of an answer to something that is not plain data, such as a function or a random generator.
        """
        key = digest(asked)
        if key is None:
            return compute()
        if key in self._kept:
            self._kept.move_to_end(key)
            return copied(self._kept[key][0])
        result = compute()
        size = sum(part.nbytes if isinstance(part, np.ndarray) else 64 for part in leaves_of(result)) + 256
        if size <= self._most // 4:
            self._kept[key] = copied(result), size
            self._size += size
            while self._size > self._most:
                _, (_, freed) = self._kept.popitem(last=False)
                self._size -= freed
        return result


class ReferenceFunction:
    """One trusted function.

    Floating arrays become float64 tensors, integer arrays int64 tensors, bool arrays stay bool; in the result, tensors
    become arrays again. Everything else passes through.
    """

    def __init__(self, name: str, function: Callable[..., Any], memory: Memory | None = None) -> None:
        """Wrap `function`, which answers the same question the same way; its answers are kept in `memory`."""
        self.name = name
        self._function = function
        self._memory = Memory(0) if memory is None else memory

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order: a gradient `dw` belongs to the parameter `w`."""
        return tuple(inspect.signature(self._function).parameters)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The right answer."""
        return self._memory.answer((self.name, args, kwargs), lambda: self._call(args, kwargs))

    def _call(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        given = [to_tensor(arg) for arg in args]
        named = {name: to_tensor(arg) for name, arg in kwargs.items()}
        return to_array(self._function(*given, **named))

    def gradient(
        self,
        args: Sequence[Any],
        *,
        wrt: Sequence[int],
        upstream: Any = None,
        output: int | str | None = None,
    ) -> list[np.ndarray]:
        """The right gradients, by torch autograd, with respect to the arguments at `wrt`.

        The scalar that is differentiated is `(out * upstream).sum()`, or `out` itself without `upstream`, where `out`
        is the result, or `result[output]`.
        """
        asked = (self.name, tuple(args), tuple(wrt), upstream, output)
        gradients: list[np.ndarray] = self._memory.answer(asked, lambda: self._gradient(args, wrt, upstream, output))
        return gradients

    def _gradient(
        self, args: Sequence[Any], wrt: Sequence[int], upstream: Any, output: int | str | None
    ) -> list[np.ndarray]:
        import torch

        given = [to_tensor(arg) for arg in args]
        leaves = []
        for position in wrt:
            given[position] = torch.as_tensor(given[position], dtype=torch.float64).clone().requires_grad_(True)
            leaves.append(given[position])
        out = self._function(*given)
        if output is not None:
            out = out[output]
        scalar = out.sum() if upstream is None else (out * torch.as_tensor(np.asarray(upstream))).sum()
        gradients: tuple[Any, ...] = torch.autograd.grad(scalar, leaves, allow_unused=True)
        return [
            np.zeros(tuple(leaf.shape)) if gradient is None else gradient.numpy()
            for gradient, leaf in zip(gradients, leaves, strict=True)
        ]


def to_tensor(value: Any) -> Any:
    """Arrays as tensors: float64, int64 or bool. Containers are walked; anything else is returned as it is."""
    import torch

    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            return torch.from_numpy(np.array(value, dtype=np.float64))
        if value.dtype.kind in "iu":
            return torch.from_numpy(np.array(value, dtype=np.int64))
        return torch.from_numpy(np.array(value))
    if isinstance(value, torch.Tensor):
        return value.detach().double() if value.is_floating_point() else value.detach()
    if isinstance(value, (list, tuple)):
        return type(value)(to_tensor(item) for item in value)
    if isinstance(value, dict):
        return {key: to_tensor(item) for key, item in value.items()}
    return value


def to_array(value: Any) -> Any:
    """Tensors as arrays. Containers are walked; anything else is returned as it is."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    if isinstance(value, (list, tuple)):
        return type(value)(to_array(item) for item in value)
    if isinstance(value, dict):
        return {key: to_array(item) for key, item in value.items()}
    return value


def leaves_of(value: Any) -> Iterator[Any]:
    """What is no container in `value`, in order."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves_of(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from leaves_of(item)
    else:
        yield value


def copied(value: Any) -> Any:
    """The same, with containers and arrays of its own."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, tuple):
        return tuple(copied(item) for item in value)
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return value


def digest(value: Any) -> bytes | None:
    """A hash of plain data, different for whatever a function can tell apart; None if there is anything else in it."""
    sponge = hashlib.blake2b(digest_size=16)
    try:
        _absorb(sponge, value)
    except TypeError:
        return None
    return sponge.digest()


def _absorb(sponge: hashlib.blake2b, value: Any) -> None:
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        sponge.update(f"array {value.dtype.str} {value.shape} ".encode())
        sponge.update(np.ascontiguousarray(value).data)
    elif isinstance(value, np.generic) and value.dtype.kind in "biufc":
        sponge.update(f"number {value.dtype.str} ".encode() + value.tobytes())
    elif value is None or type(value) in (bool, int, float, complex, str, bytes):
        text = repr(value).encode()
        sponge.update(f"{type(value).__name__} {len(text)} ".encode() + text)
    elif type(value) in (list, tuple):
        sponge.update(f"{type(value).__name__} {len(value)} ".encode())
        for item in value:
            _absorb(sponge, item)
    elif type(value) is dict:
        sponge.update(f"dict {len(value)} ".encode())
        for key, item in value.items():
            _absorb(sponge, key)
            _absorb(sponge, item)
    else:
        raise TypeError(type(value).__name__)
