"""A submission in this very process: for notebooks of students, for tests, and for our own solutions.

Never for a score: the code that is judged could change the judge.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from autograder.errors import StudentRaised
from autograder.submission import Request, Submission, values
from autograder.submission._engine import Engine


def _crossed(value: Any, *, keep: Any = None, to_student: bool) -> Any:
    """The value as it would arrive on the other side, so that both kinds of submission behave alike."""
    apart = values.take_apart(value, keep=keep)
    return values.put_together(apart.tree, apart.forms, memoryview(b"".join(apart.buffers)), to_student=to_student)


def LocalSubmission(namespace: dict[str, Any], signatures: Mapping[str, str] | None = None) -> Submission:  # noqa: N802
    """A submission whose names are those of `namespace`."""
    engine = Engine(namespace)

    def answer(request: Request) -> Request:
        reply = engine.answer(_crossed(request, to_student=True))
        try:
            arrived: Request = _crossed(reply, keep=engine.keep, to_student=False)
        except values.CannotCross as error:
            return {"error": {"kind": "cannot cross", "text": str(error)}}
        return arrived

    return Submission(answer, signatures or {})


def namespace_of(*sources: str) -> dict[str, Any]:
    """The names that pieces of *trusted* source define, run one after the other in one namespace.

    Raises StudentRaised with the number of the piece if one raises.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, source in zip(itertools.count(1), sources, strict=False):
        try:
            exec(compile(source, f"<cell {number}>", "exec"), namespace)
        except Exception as error:
            raise StudentRaised(f"piece {number} raised {type(error).__name__}: {error}") from error
    return namespace
