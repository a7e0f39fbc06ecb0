"""What a check sees as `reference`: the topic's trusted functions, called with arrays and answering with arrays.

A reference is written as plain functions of float64 torch tensors, the mathematics and no derivative; gradients come from
torch autograd.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from autograder.errors import GraderError


class Reference:
    """The functions of a reference module."""

    def __init__(self, module: ModuleType) -> None:
        """Wrap the functions that `module` defines."""
        self._module = module

    def __getattr__(self, name: str) -> ReferenceFunction:
        """The trusted function `name`. Raises GraderError if the module has none."""
        if name.startswith("_"):
            raise AttributeError(name)
        function = getattr(self._module, name, None)
        if not callable(function):
            raise GraderError(f"{self._module.__file__} defines no function `{name}`")
        return ReferenceFunction(name, function)


class ReferenceFunction:
    """One trusted function.

    Floating arrays become float64 tensors, integer arrays int64 tensors, bool arrays stay bool; in the result, tensors
    become arrays again. Everything else passes through.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        """Wrap `function`."""
        self.name = name
        self._function = function

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order: a gradient `dw` belongs to the parameter `w`."""
        return tuple(inspect.signature(self._function).parameters)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The right answer."""
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
