"""Right answers on loan, for follow-through marks.

A question that uses earlier answers is graded a second time with the right ones in place of the student's. The right ones
must not reach the student's process as code, so a call of one travels back over the wire, and is answered with arrays.

What is asked comes from the student's code: how often, how much and how long is bounded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from autograder.stopwatch import TooLong, time_limit
from autograder.submission.values import CannotCross, Handle, TorchArray, is_number_type, take_apart

MAX_CALLS = 5_000
MAX_INTEGER = 100_000
"""Numbers of steps, sizes: a right answer is not asked to work longer than exercises do."""
CALL_S = 5.0
CALL_MIB = 256
"""What a right answer may take in memory: two modest arrays can have an enormous product."""


class Lender:
    """Answers calls of a few right functions."""

    def __init__(self, right: Mapping[str, Callable[..., Any]]) -> None:
        """`right`: the trusted functions, by name."""
        import torch  # noqa: F401 - now: it could not be loaded any more under the limits of a call

        self._right = dict(right)
        self._calls = 0

    @property
    def names(self) -> frozenset[str]:
        """The names that are lent."""
        return frozenset(self._right)

    def answer(self, asked: Any) -> dict[str, Any]:
        """{"value": ...}, or {"error": why not}. Never raises."""
        try:
            reply = {"value": self._answer(asked)}
            take_apart(reply)
        except TooLong:
            return {"error": "took too long"}
        except CannotCross as error:
            return {"error": f"gave {error}"}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"[:300]}
        return reply

    def _answer(self, asked: Any) -> Any:
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise ValueError("asked too often")
        match asked:
            case {"name": str(name), "args": list(args), "kwargs": dict(kwargs)} if name in self._right:
                if not all(_modest(value) for value in (*args, *kwargs.values())):
                    raise ValueError("asked with something that is not numbers, or with too large a number of steps")
                if not all(isinstance(key, str) for key in kwargs):
                    raise ValueError("malformed")
            case _:
                raise ValueError("malformed")
        with time_limit(CALL_S), _memory_limit(CALL_MIB), np.errstate(all="ignore"):
            function = self._right[name]
            named = {key: _own(value) for key, value in kwargs.items()}
            if "wrt" in asked:
                return _gradient(function, args, named, asked)
            return function(*map(_own, args), **named)


def _modest(value: Any) -> bool:
    if isinstance(value, Handle):
        return False
    if isinstance(value, bool) or value is None or isinstance(value, (float, complex, np.generic)):
        return True
    if isinstance(value, int):
        return abs(value) <= MAX_INTEGER
    if isinstance(value, str):
        return len(value) < 1000
    if isinstance(value, np.ndarray):
        return value.nbytes <= 8 << 20
    if isinstance(value, (list, tuple)):
        return len(value) < 10_000 and all(map(_modest, value))
    if isinstance(value, dict):
        return len(value) < 1000 and all(map(_modest, value.values()))
    return is_number_type(value)


def _own(value: Any) -> Any:
    """Arrays that were tensors become tensors again."""
    if isinstance(value, TorchArray):
        import torch

        return torch.from_numpy(np.array(value)).to(getattr(torch, value.torch_dtype, torch.float64))
    if isinstance(value, (list, tuple)):
        return type(value)(_own(item) for item in value)
    return value


def _gradient(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any], more: dict[str, Any]) -> list[Any]:
    import torch

    given = [_own(arg) for arg in args]
    leaves = []
    for place in more["wrt"]:
        given[place] = given[place].clone().requires_grad_(True)
        leaves.append(given[place])
    out = function(*given, **kwargs)
    gradients: tuple[Any, ...] = torch.autograd.grad(
        (out * torch.as_tensor(_own(more["upstream"]))).sum(), leaves, allow_unused=True
    )
    return [torch.zeros_like(leaf) if each is None else each for each, leaf in zip(gradients, leaves, strict=True)]


@contextmanager
def _memory_limit(mib: int) -> Iterator[None]:
    """Address space of this process, beyond what it has now; more ends in MemoryError. On Linux only."""
    if sys.platform != "linux":
        yield
        return
    import resource

    before, ceiling = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    limit = pages * resource.getpagesize() + (mib << 20)
    known = [each for each in (before, ceiling, limit) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(known), ceiling))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, ceiling))
