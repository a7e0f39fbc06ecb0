"""Recognising a known mistake by its numbers.

When a check fails, the topic's mistakes run the same check on the same inputs, in the grader. One whose answers are the
student's, call for call, is what the student did, and its hint is what they are told. A mistake that answers this check
as the solution does says nothing, and is not offered.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from autograder.checks import Check
from autograder.errors import ChainruleError
from autograder.stopwatch import TooLong, time_limit
from autograder.submission import Said, StudentObject, Submission
from autograder.submission._engine import reset_state
from autograder.submission.local import LocalSubmission, namespace_of
from autograder.submission.values import Handle
from autograder.topic import KnownAnswer, Topic

SAME = 1e-6
"""Norm-relative difference below which two answers are the same: mistakes differ by much more, roundings by less."""


MISTAKE_S = 2.0
"""CPU time for one mistake to answer one check: it may loop for ever, which is what a student may do as well."""

REMEMBERED = 2_000
"""How many transcripts are kept: more than a topic has checks times mistakes, so that a whole class finds them."""


class KnownAnswers:
    """The solution and the mistakes of a topic, ready to run in this process. They are ours: trusted."""

    def __init__(self, topic: Topic) -> None:
        """Nothing is run yet."""
        self.topic = topic
        self._remembered: dict[Hashable, tuple[list[Said], bool]] = {}

    @functools.cached_property
    def solution(self) -> dict[str, Any]:
        """The names that the solution defines."""
        return namespace_of(self.topic.path("solution").read_text(encoding="utf-8"))

    def namespace(self, answer: KnownAnswer | None = None) -> dict[str, Any]:
        """The solution's names, one of them replaced by a known answer. A new namespace each time."""
        return namespace_of(*self.sources(answer))

    @functools.cache  # noqa: B019 - lives as long as the command that grades; cutting a source out takes 30 ms
    def sources(self, answer: KnownAnswer | None = None) -> tuple[str, ...]:
        """What makes that namespace, piece by piece."""
        from autograder.notebook.handout import source_of

        solution = self.topic.path("solution").read_text(encoding="utf-8")
        return (solution,) if answer is None else (solution, source_of(answer, self.topic))

    def student(self, answer: KnownAnswer | None = None) -> Submission:
        """A known answer as a check sees it."""
        return LocalSubmission(self.namespace(answer))

    def transcript(
        self, check: Check, answer: KnownAnswer | None, *, reference: Any, rng: Callable[[], np.random.Generator],
        seed: int = 0,
    ) -> tuple[list[Said], Exception | None]:  # fmt: skip
        """What a known answer (the solution, if None) says to a check, and how the check ends."""
        student = self.student(answer)
        reset_state(seed)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check(student=student, reference=reference, rng=rng())
        except Exception as error:
            return said_by(student), error
        return said_by(student), None

    def recognise(
        self,
        check: Check,
        said: Sequence[Said],
        *,
        reference: Any,
        rng: Callable[[], np.random.Generator],
        seed: int = 0,
        inputs: Hashable = None,
    ) -> KnownAnswer | None:
        """The first mistake of the question that answers the check exactly as `said`, if one does and fails it too.

        `inputs` says what `rng` draws: what a mistake answers to the same inputs is kept for the next submission.
        """
        names = next(each.names for each in self.topic.settings.questions if each.id == check.question)
        for mistake in self.topic.mistakes:
            if mistake.of not in names:
                continue
            key = (inputs, check.name, mistake.id, seed)
            if inputs is None or key not in self._remembered:
                try:
                    with time_limit(MISTAKE_S, cpu=True):
                        theirs, error = self.transcript(check, mistake, reference=reference, rng=rng, seed=seed)
                except TooLong:
                    theirs, error = [], None
                if len(self._remembered) >= REMEMBERED:
                    self._remembered.clear()
                self._remembered[key] = theirs, isinstance(error, ChainruleError)
            theirs, failed = self._remembered[key]
            if failed and same_transcript(said, theirs):
                return mistake
        return None


def said_by(student: Submission) -> list[Said]:
    """What a submission has answered so far."""
    return student._said


def same_transcript(ours: Sequence[Said], theirs: Sequence[Said]) -> bool:
    """Whether two answers to one check are the same, call for call."""
    return (
        len(ours) == len(theirs)
        and len(ours) > 0
        and all(a.target == b.target and same(a.result, b.result) for a, b in zip(ours, theirs, strict=True))
    )


def same(a: Any, b: Any) -> bool:
    """Whether two answers are the same value, up to rounding. NaN is the same as NaN here: both made it."""
    if isinstance(a, StudentObject | Handle) or isinstance(b, StudentObject | Handle):
        return type(a) is type(b)
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if (
        isinstance(a, (str, bytes, set))
        or a is None
        or isinstance(b, (str, bytes, set, dict, list, tuple))
        or b is None
    ):
        return type(a) is type(b) and bool(a == b)
    x, y = np.asarray(a), np.asarray(b)
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    if x.dtype.kind not in "fc":
        return bool(np.array_equal(x, y))
    with np.errstate(all="ignore"):
        finite = np.isfinite(x)
        if not np.array_equal(finite, np.isfinite(y)):
            return False
        if not np.array_equal(x[~finite], y[~finite], equal_nan=True):
            return False
        x, y = x[finite].astype(complex), y[finite].astype(complex)
        scale = float(np.linalg.norm(x) + np.linalg.norm(y))
        return bool(np.linalg.norm(x - y) <= SAME * scale)
