"""Checks: grading tests written as functions of a submission.

::

    @check("q1", points=2)
    def rows_sum_to_one(student, rng):
        \"""Each row of softmax(x) sums to one.\"""
        probs = student.softmax(inputs.normal(rng, (4, 7)))
        assert_close(probs.sum(axis=-1), np.ones(4), what="softmax(x).sum(axis=-1)")

The docstring is the sentence a student reads: a claim that is true of right answers. What a check needs it asks for by
parameter name: `student`, `reference`, `rng`. The file it stands in decides whether it is public or hidden.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.errors import CourseError

PARAMETERS = ("student", "reference", "rng")
"""What a check may ask for."""


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One grading test of one question. Call it with what its parameters ask for."""

    question: str
    name: str
    claim: str
    points: float
    repeat: int
    """How many times it runs, each time with another `rng`; all must pass."""
    behaviour: bool
    """Whether it judges a small training run rather than numbers."""
    cpu_s: float | None
    """CPU time it may use instead of the topic's `limits.check_cpu_s`."""
    function: Callable[..., None]
    parameters: tuple[str, ...]
    path: Path
    line: int

    def __call__(self, **given: Any) -> None:
        """Run it once. `given` holds at least what its parameters ask for."""
        self.function(**{name: given[name] for name in self.parameters})


def check(
    question: str, *, points: float, repeat: int = 1, behaviour: bool = False, cpu_s: float | None = None
) -> Callable[[Callable[..., None]], Check]:
    """Make a grading test of a function whose docstring is a claim that is true of right answers.

    Raises CourseError if there is no docstring, a parameter is unknown, or points or repeat are not positive.
    """

    def decorate(function: Callable[..., None]) -> Check:
        code = inspect.unwrap(function).__code__
        path, line, name = Path(code.co_filename), code.co_firstlineno, function.__name__
        claim = " ".join((function.__doc__ or "").split())
        if not claim:
            raise CourseError("needs a docstring: the sentence that a student reads", path=path, key=name)
        parameters = tuple(inspect.signature(function).parameters)
        unknown = [parameter for parameter in parameters if parameter not in PARAMETERS]
        if unknown:
            known = ", ".join(PARAMETERS)
            raise CourseError(f"asks for {', '.join(unknown)}; a check may ask for {known}", path=path, key=name)
        if "student" not in parameters:
            raise CourseError("does not ask for `student`, so no answer could fail it", path=path, key=name)
        if points <= 0:
            raise CourseError(f"points must be positive, got {points}", path=path, key=name)
        if repeat < 1:
            raise CourseError(f"repeat must be at least 1, got {repeat}", path=path, key=name)
        return Check(question, name, claim, points, repeat, behaviour, cpu_s, function, parameters, path, line)

    return decorate


def checks_in(module: ModuleType) -> tuple[Check, ...]:
    """The checks that a module defines, in the order of its lines.

    Raises CourseError if it defines none, or the same name twice.
    """
    found = sorted({id(value): value for value in vars(module).values() if isinstance(value, Check)}.values(),
                   key=lambda each: each.line)  # fmt: skip
    return tuple(found)
