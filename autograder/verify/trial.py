"""Known answers, tried against checks with a set of inputs each, in this process.

Run it in a process of its own (`children`). The student's part has the CPU time that it has when students are graded; an
answer that uses it up ends the trial at once, since it would use it up at every check.
"""

from __future__ import annotations
import __future__

import contextlib
import functools
import io
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType
from typing import Any

import msgspec
import numpy as np

from autograder.checks import Check
from autograder.grading import Grader, Keys
from autograder.notebook.sources import SourceFile
from autograder.recognise import KnownAnswers
from autograder.reference import Reference
from autograder.submission import Request, Submission
from autograder.submission._cells import cpu_clock
from autograder.submission._engine import CpuTimeUp, reset_state
from autograder.submission.local import LocalSubmission
from autograder.topic import KnownAnswer, Topic
from autograder.verdict import CheckResult
from autograder.verify.children import Say
from autograder.verify.reach import Reach

FILE = "<cell {}>"
"""What the code of an answer's pieces calls its file."""
SECRET = b"the inputs of verify are no secret"


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The solution, or with `answer` in the place of one of its names, against some checks with one set of inputs."""

    answer: KnownAnswer | None
    seed: int
    checks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    results: tuple[CheckResult, ...]
    endless: bool = False
    """Whether the last check was given up because the answer used up its CPU time."""


def tried(item: bytes) -> Tried:
    """What `run` yields, read."""
    return msgspec.json.decode(item, type=Tried)


@dataclass(slots=True)
class Clock:
    """CPU time that an answer may use for one request of a check."""

    cpu_s: float = math.inf
    """Never more than the check's own, all the same."""
    ran_out: bool = False

    def timed(self, student: Submission) -> Submission:
        """The same submission, but a request that takes longer is answered as one that ran out of time."""
        answer = student._answer

        def within_time(request: Request) -> Request:
            try:
                with cpu_clock(self.cpu_s):
                    reply = answer(request)
            except CpuTimeUp:
                reply = {"error": {"kind": "time"}}
            error = reply.get("error")
            self.ran_out = self.ran_out or (isinstance(error, dict) and error.get("kind") == "time")
            return reply

        student._answer = within_time
        return student


class CompiledAnswers(KnownAnswers):
    """The known answers of a topic, each compiled once.

    Annotations are not evaluated: with jaxtyping, that is most of the time that defining a function takes. The trials in
    the sandbox define everything as students do.
    """

    def namespace(self, answer: KnownAnswer | None = None) -> dict[str, Any]:
        """The solution's names, one of them replaced by a known answer. A new namespace each time."""
        return defined(self._code(answer))

    def prepare(self) -> None:
        """Compile every answer now, so that processes forked from this one need not."""
        for answer in (None, *self.topic.accepted, *self.topic.mistakes):
            self._code(answer)

    @functools.cache  # noqa: B019 - lives as long as the command
    def _code(self, answer: KnownAnswer | None) -> tuple[CodeType, ...]:
        return tuple(compiled(source, number) for number, source in enumerate(self.sources(answer), start=1))


def compiled(source: str, number: int = 1) -> CodeType:
    """Source of an answer as code whose annotations are not evaluated."""
    flags = __future__.annotations.compiler_flag
    code: CodeType = compile(source, FILE.format(number), "exec", flags=flags, dont_inherit=True)
    return code


def defined(pieces: Sequence[CodeType]) -> dict[str, Any]:
    """The names that pieces of trusted code define. Raises whatever they raise."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for piece in pieces:
        exec(piece, namespace)  # noqa: S102 - the course's own code
    return namespace


def local_grader(topic: Topic) -> Grader:
    """A grader whose known answers are compiled."""
    known = CompiledAnswers(topic)
    known.prepare()
    return Grader(topic, Reference(topic.module("reference")), known)


def warm_up(grader: Grader) -> Reach:
    """Run every check with the solution here, for what is imported and made ready when it is first used.

    Only once it has been seen to end in a process of its own. What it prints and warns goes nowhere. Returns which checks
    an answer can change.
    """
    nothing = io.StringIO()
    reach = Reach(SourceFile.read(grader.topic.path("solution")), FILE.format(1))
    with (
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
        warnings.catch_warnings(),
        np.errstate(),
        reach.watching(),
    ):
        warnings.simplefilter("ignore")
        for _ in run(grader, [Trial(None, 0, all_checks(grader.topic))], reach.at):
            pass
    return reach


def all_checks(topic: Topic) -> frozenset[str]:
    """The names of every check."""
    return frozenset(check.name for _, check in numbered(topic))


def opener(
    grader: Grader, namespace: Callable[[], dict[str, Any]], clock: Clock
) -> Callable[[int, float, frozenset[str]], Any]:
    """Opens a local submission for each check, with a new namespace and right answers in place of some names."""
    known = grader.known
    assert known is not None

    @contextmanager
    def open_submission(seed: int, cpu_s: float, right: frozenset[str]) -> Iterator[Submission]:
        clock.cpu_s = min(clock.cpu_s, cpu_s)
        names = namespace()
        names |= {name: known.solution[name] for name in right}
        reset_state(seed)
        yield clock.timed(LocalSubmission(names, grader.topic.signatures))

    return open_submission


def run(grader: Grader, trials: Sequence[Trial], say: Say) -> Iterator[bytes]:
    """The verdicts of each trial in turn, as bytes for `tried`.

    What mistakes answer is remembered from one to the next: with the same inputs, recognising one runs them all. An answer
    whose CPU time has run out once is not tried again.
    """
    endless: set[KnownAnswer | None] = set()
    for trial in trials:
        tried = Tried((), endless=True) if trial.answer in endless else _run(grader, trial, say)
        if tried.endless:
            endless.add(trial.answer)
        yield msgspec.json.encode(tried)


def _run(grader: Grader, trial: Trial, say: Say) -> Tried:
    known = grader.known
    assert known is not None
    keys = Keys(SECRET, grader.topic.name, seed=trial.seed)
    results: list[CheckResult] = []
    for number, check in numbered(grader.topic):
        if check.name not in trial.checks:
            continue
        say(check.name)
        clock = Clock()
        results.append(verdict(grader, keys, check, number, lambda: known.namespace(trial.answer), clock))
        if clock.ran_out:
            return Tried(tuple(results), endless=True)
    return Tried(tuple(results))


def verdict(
    grader: Grader, keys: Keys, check: Check, number: str, namespace: Callable[[], dict[str, Any]], clock: Clock
) -> CheckResult:
    """One check's verdict on the names that `namespace` makes."""
    question = next(each for each in grader.topic.questions if each.id == check.question)
    return grader.run_check(check, question, number, keys, opener(grader, namespace, clock))


def numbered(topic: Topic) -> Iterator[tuple[str, Check]]:
    """Every check of a topic, with its number, as in "2.1"."""
    for number, question in enumerate(topic.questions, start=1):
        for place, check in enumerate(question.checks, start=1):
            yield f"{number}.{place}", check
