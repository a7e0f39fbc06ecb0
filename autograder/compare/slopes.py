"""A backward against finite differences of the student's own forward.

Right derivatives of a wrong forward pass: so a mistake in the forward is paid for once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from autograder import diagnose
from autograder.compare.arrays import array_of_shape, expected_array
from autograder.compare.behaviour import name_of
from autograder.compare.failure import Differs, Mismatch, numbers, place
from autograder.compare.gradients import Output, parameter_names, pick, position_of, refuse_uniform, sizes_of, terms_of
from autograder.compare.tolerance import OWN_GRADIENT

Array = NDArray[np.float64]

DIRECTIONS = 2
"""Random directions of the fast screen. A wrong gradient looks right in both with probability below 1e-9."""
LONGEST_DIRECTION = 10.0
"""Norm of a direction at most: a longer step through many dimensions leaves the range where h = 1e-5 is exact."""
MOST_ELEMENTS = 2000
"""Of larger arrays, the full numerical gradient is taken of this many elements."""
CALLS_AT_ONCE = 128


def assert_own_gradient(
    forward: Callable[..., Any],
    args: Sequence[Any],
    gradients: Mapping[Any, Any],
    *,
    rng: Generator,
    upstream: Any = None,
    output: Output = None,
    h: float = 1e-5,
    names: Sequence[str] | None = None,
    what: str | None = None,
) -> None:
    """The gradients are those of `forward` itself, by central differences with step h * max(1, |x|).

    gradients: by position of the argument, or by its name as "w" or "dw" (`names` gives the names of the arguments,
        where `forward` does not know them)
    upstream: the gradient that the backward was given; without it the output must be a single number
    output: which of several outputs of `forward`, by position or key
    First two random directions for each argument; the full numerical gradient, to say what is wrong, only if one fails.
    Raises CheckFailed, also if the output does not change with the argument: a constant has no gradient to check.
    """
    known = list(names) if names is not None else parameter_names(forward, args)
    known += [f"argument {i + 1}" for i in range(len(known), len(args))]
    if upstream is not None:
        refuse_uniform(upstream)
    own = _Own(forward, tuple(args), upstream, output, what or name_of(forward))
    for key, value in gradients.items():
        position = position_of(key, known)
        label = key if isinstance(key, str) else f"the gradient with respect to {known[position]}"
        x = expected_array(args[position], what=known[position]).astype(np.float64)
        given = array_of_shape(value, x.shape, what=label)
        step = h * np.maximum(1.0, np.abs(x))
        if not own.agrees(position, x, given.astype(np.float64), step, rng):
            own.explain(position, x, given.astype(np.float64), step, rng, label, known)


@dataclass(slots=True)
class _Own:
    """The scalar (forward(*args)[output] * upstream).sum() as a function of one argument."""

    forward: Callable[..., Any]
    args: tuple[Any, ...]
    upstream: Any
    output: Output
    name: str

    def agrees(self, position: int, x: Array, given: Array, step: Array, rng: Generator) -> bool:
        """Whether the directional derivatives in two random directions are those of `given`."""
        if not x.size:
            return True
        directions = [self._direction(rng, x.shape) * step for _ in range(DIRECTIONS)]
        points = [x + sign * direction for direction in directions for sign in (1.0, -1.0)]
        values, scale = self.values(position, points)
        with np.errstate(all="ignore"):
            slopes = (values[0::2] - values[1::2]) / 2
            claimed = np.array([float((given * direction).sum()) for direction in directions])
            size = max(float(np.linalg.norm(given * step)), float(np.sqrt(np.mean(slopes**2))))
            error = float(np.sqrt(np.mean((slopes - claimed) ** 2)))
            small = 1e-9 * float(np.linalg.norm(step))  # an output that does not move at all: left to `explain`
            return bool(np.isfinite(error) and size > small and error <= OWN_GRADIENT * 2 * size + _noise(scale))

    def explain(
        self,
        position: int,
        x: Array,
        given: Array,
        step: Array,
        rng: Generator,
        label: str,
        names: Sequence[str],
    ) -> None:
        """Compare with the full numerical gradient. Raises CheckFailed unless the screen was wrong and this one agrees."""
        sizes, terms, argument = sizes_of(self.args, names), terms_of(self.args, names), names[position]
        chosen = np.arange(x.size)
        if x.size > MOST_ELEMENTS:
            chosen = np.sort(rng.permutation(x.size)[:MOST_ELEMENTS])
        points = []
        for flat in chosen:
            for sign in (1.0, -1.0):
                point = x.copy()
                point.reshape(-1)[flat] += sign * step.reshape(-1)[flat]
                points.append(point)
        values, scale = self.values(position, points)
        with np.errstate(all="ignore"):
            slopes = (values[0::2] - values[1::2]) / (2 * step.reshape(-1)[chosen])
        claimed = given.reshape(-1)[chosen]
        if not np.isfinite(slopes).all():
            raise Differs(f"{self.name} gives nan or inf here, so {label} cannot be compared with its slope.")
        length = float(np.linalg.norm(slopes))
        if length <= 1e-9 * np.sqrt(slopes.size):
            raise Differs(
                f"{self.name} does not change with {argument}, so there is no slope that {label} could be compared with."
            )
        if not np.isfinite(claimed).all():
            bad = int((~np.isfinite(claimed)).sum())
            raise Differs(f"{label} holds nan or inf ({bad} of {claimed.size} elements).")
        with np.errstate(all="ignore"):
            difference = np.abs(claimed - slopes)
            both = length + float(np.linalg.norm(claimed))
            error = float(np.linalg.norm(difference)) / both
        noise = _noise(scale) / float(step.min()) * np.sqrt(slopes.size)
        if error <= OWN_GRADIENT or float(np.linalg.norm(difference)) <= OWN_GRADIENT * both + noise:
            return
        worst = int(np.argmax(difference))
        index = tuple(int(i) for i in np.unravel_index(int(chosen[worst]), x.shape))
        got, slope = numbers(claimed[worst], slopes[worst])
        at = f"worst at {place(index)}: " if x.ndim else ""
        whole = chosen.size == x.size
        wrong = difference > max(OWN_GRADIENT, 1e-3 * error) * max(float(np.abs(slopes).max()), 1e-300)
        raise Differs(
            f"{label} is not the gradient of your own {self.name}: {at}got {got}, but the slope is {slope} "
            f"(relative error {error:.1g}).",
            redacted=f"{label} is not the gradient of your own {self.name}.",
            hint=diagnose.explain(given, slopes.reshape(x.shape), sizes=sizes, terms=terms) if whole else None,
            mismatch=Mismatch(label, given, slopes.reshape(x.shape), wrong.reshape(x.shape)) if whole else None,
        )

    def values(self, position: int, points: Sequence[Array]) -> tuple[Array, float]:
        """The scalar at each point, and the size of the terms that it sums (their rounding is the noise)."""
        results: list[Any] = []
        calls = [(*self.args[:position], point, *self.args[position + 1 :]) for point in points]
        mapped = getattr(self.forward, "map", None)
        for start in range(0, len(calls), CALLS_AT_ONCE):
            several = calls[start : start + CALLS_AT_ONCE]
            results += mapped(several) if mapped is not None else [self.forward(*call) for call in several]
        scalars, scale = [], 0.0
        for result in results:
            scalar, terms = self._scalar(result)
            scalars.append(scalar)
            scale = max(scale, terms)
        return np.array(scalars), scale

    def _scalar(self, result: Any) -> tuple[float, float]:
        weights = 1.0 if self.upstream is None else np.asarray(self.upstream, dtype=np.float64)
        shape = np.shape(weights)
        out = array_of_shape(pick(result, self.output, what=self.name), shape, what=self.name)
        with np.errstate(all="ignore"):
            weighted = out.astype(np.float64) * weights
            return float(weighted.sum()), float(np.abs(weighted).sum())

    @staticmethod
    def _direction(rng: Generator, shape: tuple[int, ...]) -> Array:
        direction = np.asarray(rng.standard_normal(shape))
        norm = float(np.linalg.norm(direction))
        return direction * min(1.0, LONGEST_DIRECTION / norm) if norm else np.ones(shape)


def _noise(scale: float) -> float:
    """Rounding error of a difference of two sums whose terms have this absolute sum."""
    return 1e-15 * scale if np.isfinite(scale) else 0.0
