"""What a check sees as `student`: a submission whose code may run anywhere.

    probs = student.softmax(x)                        a call; the result is the grader's own plain data
    student.softmax.strictly(x)                       the same, with numpy's floating-point errors and all warnings raised
    student.f.map([(x1,), (x2,)])                     many calls in one round trip
    student.f.gradient((q, k, v), wrt=(0, 1, 2))      autograd through the student's torch code
    result, after = student.f.observed(x)             and the arguments as they are after the call
    cell = student.LSTMCell(8, 16); h, c = cell(x)    any other object stays where it is, and is held by a handle
    student.run(probe, x)                             a function of ours that runs beside the student's code

Only data cross: numbers, strings, containers, arrays, tensors. What comes back is rebuilt as the grader's own types, so
nothing of the student's is ever asked for its opinion.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.errors import (
    LimitExceeded,
    StudentError,
    StudentRaised,
    SubmissionDied,
    Undefined,
)
from autograder.submission.values import Handle

Request = dict[str, Any]
Answer = Callable[[Request], Request]
"""Takes a request to where the student's code is, and brings the reply back. May raise StudentError or GraderError."""

BUILTIN_EXCEPTIONS = frozenset(
    name for name, value in vars(__import__("builtins")).items()
    if isinstance(value, type) and issubclass(value, BaseException)
) | {"LinAlgError", "AxisError"}  # fmt: skip
"""Exception names that may be shown for a hidden check: the student's code cannot make up others to carry data out."""


@dataclass(slots=True)
class Said:
    """One thing that the student's code answered during a check: kept to recognise known mistakes by their numbers."""

    target: str
    result: Any


@dataclass(slots=True)
class Submission:
    """The student's names, as attributes. Made anew for each check.

    `_answer` does the work; `_signatures` says how the handout declares each name, for error messages.
    """

    _answer: Answer
    _signatures: Mapping[str, str] = field(default_factory=dict)
    _lines: Mapping[int, int] | None = None
    """How many lines each cell has: an exception can come from one of these. None where nobody lies about it."""
    _said: list[Said] = field(default_factory=list)
    _fresh: bool = True
    """Whether nothing has been asked of this process before."""

    def __getattr__(self, name: str) -> StudentFunction:
        """The function or class `name` of the student, whether it is there or not: the call will tell."""
        if name.startswith("_"):
            raise AttributeError(name)
        return StudentFunction(self, name, {"name": name})

    def run(self, probe: Callable[..., Any], *args: Any) -> Any:
        """Run a function of the check beside the student's code, with the student's names as its globals.

        It can use nothing of its own module but its arguments, and must import what it needs. Returns data.
        Probes run with the student; assertions run with the grader.
        """
        source = textwrap.dedent(inspect.getsource(probe))
        request = {"op": "run", "source": source, "probe": probe.__name__, "args": args}
        return self._request(request, probe.__name__)

    def _request(self, request: Request, what: str) -> Any:
        try:
            result = self._rebuild(self._ask(request, what), what)
        except StudentError as error:
            self._said.append(Said(what, getattr(error, "exception", type(error).__name__)))
            raise
        self._said.append(Said(what, result))
        return result

    def _ask(self, request: Request, what: str) -> Any:
        try:
            reply = self._answer(request)
        except LimitExceeded as error:
            raise LimitExceeded(f"`{what}` {error.message}", redacted=f"`{what}` {error.redacted}") from None
        except SubmissionDied as error:
            raise SubmissionDied(f"`{what}` {error.message}", redacted=f"`{what}` {error.redacted}") from None
        if "error" in reply:
            raise _student_error(reply["error"], what, self._signatures, self._lines)
        if "value" not in reply:
            raise SubmissionDied(f"`{what}` gave no answer that can be read.")
        return reply["value"]

    def _rebuild(self, value: Any, what: str) -> Any:
        if isinstance(value, Handle):
            return StudentObject(self, what, {"handle": value.number}, kind=value.kind)
        if isinstance(value, list):
            return [self._rebuild(item, what) for item in value]
        if isinstance(value, tuple):
            return tuple(self._rebuild(item, what) for item in value)
        if isinstance(value, dict):
            return {key: self._rebuild(item, what) for key, item in value.items()}
        return value


@dataclass(slots=True)
class StudentFunction:
    """A function, class or method of the student. Calling it runs it where the submission is."""

    _submission: Submission
    name: str
    _target: dict[str, Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it. Raises StudentError if it is undefined, raises, takes too long, or ends its process."""
        return self._call(args, kwargs)

    def strictly(self, *args: Any, **kwargs: Any) -> Any:
        """Call it with numpy's floating-point errors raised and every warning an error (underflow is allowed)."""
        return self._call(args, kwargs, strict=True)

    def observed(self, *args: Any, **kwargs: Any) -> tuple[Any, tuple[Any, ...]]:
        """The result, and the positional arguments as they are after the call."""
        result = self._call(args, kwargs, observed=True)
        pair = isinstance(result, tuple) and len(result) == 2
        if not (pair and isinstance(result[1], tuple) and len(result[1]) == len(args)):
            raise SubmissionDied(f"`{self.name}` gave no answer that can be read.")
        return result[0], result[1]

    def map(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The results of many calls, in one round trip."""
        request = {"op": "map", "target": self._target, "calls": [list(args) for args in calls]}
        results = self._submission._request(request, self.name)
        if not isinstance(results, list) or len(results) != len(calls):
            raise SubmissionDied(f"`{self.name}` gave no answer that can be read.")
        return results

    def gradient(
        self,
        args: Sequence[Any],
        *,
        wrt: Sequence[int],
        upstream: Any = None,
        output: int | str | None = None,
    ) -> list[np.ndarray]:
        """Gradients by autograd through the student's torch code, with respect to the arguments at `wrt`.

        The scalar that is differentiated is `(out * upstream).sum()`, or `out` itself without `upstream`, where `out`
        is the result, or `result[output]`. Arrays become tensors, floating ones keep their dtype.
        Raises StudentRaised if the result carries no gradient.
        """
        request = {
            "op": "gradient",
            "target": self._target,
            "args": list(args),
            "wrt": list(wrt),
            "upstream": upstream,
            "output": output,
        }
        gradients = self._submission._request(request, self.name)
        if not isinstance(gradients, list) or len(gradients) != len(wrt):
            raise SubmissionDied(f"`{self.name}` gave no answer that can be read.")
        return gradients

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any], **flags: bool) -> Any:
        request = {"op": "call", "target": self._target, "args": list(args), "kwargs": kwargs, **flags}
        return self._submission._request(request, self.name)


@dataclass(slots=True)
class StudentObject(StudentFunction):
    """An object that stays with the student: a module, a node of a graph, an optimiser.

    Attributes are asked for by name (no dunder names): a method comes back callable, data come back as data.
    """

    kind: str = "object"

    def __getattr__(self, name: str) -> Any:
        """Attribute `name`: data as data, anything else as a handle."""
        if name.startswith("_"):
            raise AttributeError(name)
        request = {"op": "attribute", "target": self._target, "attribute": name}
        return self._submission._request(request, f"{self.name}.{name}")


def _student_error(
    error: Any, what: str, signatures: Mapping[str, str], lines: Mapping[int, int] | None
) -> StudentError:
    """The exception for an error reply. `error` was written beside the student's code: believe nothing in it."""

    def text(key: str, limit: int = 2000) -> str:
        value = error.get(key) if isinstance(error, dict) else None
        return value[:limit] if isinstance(value, str) else ""

    kind, exception = text("kind", 40), text("exception", 60)
    if kind == "undefined":
        return Undefined(f"`{what}` is not defined. Did its cell run?")
    if kind == "not callable":
        return Undefined(
            f"`{what}` is not a function: it is {text('text', 80)}.", redacted=f"`{what}` is not a function."
        )
    if kind == "signature":
        expected = signatures.get(what)
        should = f" It should be `{expected}`." if expected else ""
        return Undefined(
            f"`{text('signature', 200)}` cannot be called as the handout says: {text('text', 200)}.{should}",
            redacted=f"`{what}` cannot be called as the handout says.{should}",
        )
    if kind == "not attempted":
        return StudentRaised(f"`{what}` is not written yet.", exception="NotImplementedError")
    if kind == "cannot cross":
        return StudentRaised(f"`{what}` returned {text('text', 200)}.",
                             redacted=f"`{what}` returned something that is not numbers.")  # fmt: skip
    if kind == "no gradient":
        return StudentRaised(f"`{what}`: {text('text', 300)}", redacted=f"`{what}`: its result carries no gradient.")
    if kind == "time":
        return LimitExceeded(f"`{what}` did not answer within its CPU time. An endless loop?")
    if kind == "raised":
        shown = exception if exception in BUILTIN_EXCEPTIONS else "an exception"
        line = error.get("line")
        cell = error.get("cell")
        where = ""
        known = isinstance(cell, int) and isinstance(line, int) and (lines is None or 0 < line <= lines.get(cell, 0))
        if known:
            where = f" (cell {cell}, line {line})"
        source = text("source", 200)
        quoted = f"\n    {source}" if source else ""
        return StudentRaised(
            f"`{what}` raised {exception or 'an exception'}: {text('text', 500)}{where}{quoted}",
            exception=shown,
            redacted=f"`{what}` raised {shown}{where}.",
        )
    return SubmissionDied(f"`{what}` gave no answer that can be read.")
