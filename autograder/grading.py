"""Grading: the only loop over checks.

`run_check` gives one check its verdict, whatever runs the student's code; `grade` a whole submission in the sandbox. Three
outcomes: only a failed comparison, or the student's own error, is a *failed* check. Anything unexpected on our side is *not
graded*, and no check ever vanishes.
"""

from __future__ import annotations

import platform
import time
import traceback
from collections.abc import Callable, Container, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder import __version__, inputs
from autograder.checks import Check
from autograder.compare.failure import Differs
from autograder.compare.where import where_wrong
from autograder.errors import (
    CheckFailed,
    GraderError,
    IsolationError,
    LimitExceeded,
    StudentError,
    StudentRaised,
    UnreadableNotebook,
)
from autograder.notebook.forbidden import Code
from autograder.notebook.origin import note_of_origin
from autograder.notebook.submission import read_submission
from autograder.recognise import KnownAnswers, said_by
from autograder.submission import Said, Submission
from autograder.submission.lending import Lender
from autograder.submission.worker import Worker
from autograder.topic import Question, Topic
from autograder.verdict import CheckResult, Outcome, QuestionResult, Report

OpenSubmission = Callable[[int, float, frozenset[str]], AbstractContextManager[Submission]]
"""`(seed, cpu_s, right_names)` -> the submission as one check sees it, with right answers in place of those names."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What the inputs of a check are drawn from."""

    secret: bytes
    topic: str
    submission: str = ""
    """Empty, unless every student gets inputs of their own."""
    seed: int = 0
    """Another seed, other inputs: for `verify`."""

    def rng(self, check: Check, repeat: int) -> np.random.Generator:
        """The generator of one run of a check: always the same for the same keys."""
        name = check.name if not self.seed else f"{check.name}#{self.seed}"
        return inputs.rng_for(self.secret, topic=self.topic, check=name, repeat=repeat, submission=self.submission)

    def state_seed(self, check: Check) -> int:
        """Seed of the student's own random generators while the check runs."""
        return int(self.rng(check, -1).integers(2**31))


@dataclass(frozen=True, slots=True)
class Grader:
    """Everything trusted that grading a topic needs. Holds secrets: it stays in the grader."""

    topic: Topic
    reference: Any
    known: KnownAnswers | None
    """None where there are no solutions at hand, as in a student's notebook."""

    def check_question(
        self, question: Question, number: int, keys: Keys, open_submission: OpenSubmission
    ) -> QuestionResult:
        """The verdicts of one question, for code that may be trusted; `check_all` for any other."""
        results = [
            self.run_check(check, question, f"{number}.{place}", keys, open_submission)
            for place, check in enumerate(question.checks, start=1)
        ]
        return QuestionResult(question.id, question.settings.title, tuple(results))

    def check_all(
        self,
        keys: Keys,
        open_submission: OpenSubmission,
        refused: Mapping[str, StudentError] = MappingProxyType({}),
        on_result: Callable[[CheckResult], None] | None = None,
    ) -> tuple[QuestionResult, ...]:
        """The verdicts of every question, in an order in which nothing that a submission learns helps it.

        What it sees in one check it may keep for the next. So all public checks come before the first hidden one: what
        they show to the student, such as the text of an exception, cannot hold a hidden input. And a right answer is
        lent only when its own question is over: follow-through comes last, a question after those that it uses.

        Within that, a question whose answer has run into a limit waits until the others have had their turn: a submission
        has so many seconds in all, and an endless loop shall not use up those of right answers. Questions that use such an
        answer are not asked with it: they come last of all, and with a right one on loan.

        `refused`: questions that fail without a look at the numbers, and why. `on_result` is told of a verdict as soon as
        it is sure, and again when a hint has been found for it.
        """
        tell = on_result or _tell_nobody
        numbers = {
            check.name: f"{number}.{place}"
            for number, question in enumerate(self.topic.questions, start=1)
            for place, check in enumerate(question.checks, start=1)
        }

        def tell_if_sure(question: Question, check: Check, tried: Tried) -> None:
            if not isinstance(tried.found, Failure) or not self._may_follow(question):
                tell(self._result(check, question, numbers[check.name], tried.found, False, tried.seconds))

        first, costly = self._first_tries(keys, open_submission, refused, tell_if_sure)
        over: set[str] = set()
        wrong: set[str] = set()
        results: dict[str, CheckResult] = {}
        in_turn = sorted(
            after_what_they_use(self.topic.questions),
            key=lambda each: not costly.isdisjoint({*each.settings.names, *each.settings.uses}),
        )
        for question in in_turn:
            for check in question.checks:
                number = numbers[check.name]
                if question.id in refused:
                    failure = Failure(refused[question.id], (), 0)
                    results[check.name] = self._result(check, question, number, failure, False, 0.0)
                else:
                    tried = first.get(check.name)
                    # Right answers in place of right ones would take as long again.
                    lendable = frozenset(over & wrong if tried is not None and tried.ran_out else over)
                    results[check.name] = self._followed(
                        tried, check, question, number, keys, open_submission, lendable
                    )
                tell(results[check.name])
            over |= set(question.settings.names)
            if any(results[check.name].outcome is not Outcome.PASSED for check in question.checks):
                wrong |= set(question.settings.names)
        return tuple(
            QuestionResult(
                question.id, question.settings.title, tuple(results[check.name] for check in question.checks)
            )
            for question in self.topic.questions
        )

    def _first_tries(
        self, keys: Keys, open_submission: OpenSubmission, refused: Container[str],
        on_tried: Callable[[Question, Check, Tried], None],
    ) -> tuple[dict[str, Tried], Set[str]]:  # fmt: skip
        """What came out with the student's own answers, by names of checks, and the names of answers that took too long.

        A check that is missing waits for right answers in place of those.
        """
        first: dict[str, Tried] = {}
        costly: set[str] = set()
        for public in (True, False):
            turns = [
                (question, check)
                for question in self.topic.questions
                for check in question.checks
                if (check.name in question.public) is public and question.id not in refused
            ]
            while turns := [turn for turn in turns if not self._waits_for(costly, turn[0])]:
                turn = next((turn for turn in turns if costly.isdisjoint(turn[0].settings.names)), turns[0])
                turns.remove(turn)
                question, check = turn
                tried = first[check.name] = self._first(check, keys, open_submission)
                if tried.ran_out:
                    costly.update(question.settings.names)
                on_tried(question, check, tried)
        return first, costly

    def run_check(
        self, check: Check, question: Question, number: str, keys: Keys, open_submission: OpenSubmission
    ) -> CheckResult:
        """The verdict of one check. Where a right answer may lean on earlier ones, the better of two tries counts:

        with the student's own earlier answers, and with the right ones put in their place.
        """
        tried = self._first(check, keys, open_submission)
        return self._followed(tried, check, question, number, keys, open_submission, frozenset(question.settings.uses))

    def _may_follow(self, question: Question) -> bool:
        """Whether a check of this question that failed may yet pass, with right answers to other questions."""
        return self.known is not None and not set(question.settings.uses) <= set(question.settings.names)

    def _waits_for(self, costly: Set[str], question: Question) -> bool:
        """Whether a question is to be asked with right answers on loan, and with nothing else: its own take too long."""
        used = set(question.settings.uses) - set(question.settings.names)
        return self._may_follow(question) and not used.isdisjoint(costly)

    def _first(self, check: Check, keys: Keys, open_submission: OpenSubmission) -> Tried:
        started = time.monotonic()
        found = self._try(check, keys, open_submission, frozenset())
        return Tried(found, time.monotonic() - started)

    def _followed(
        self, tried: Tried | None, check: Check, question: Question, number: str, keys: Keys,
        open_submission: OpenSubmission, lendable: frozenset[str],
    ) -> CheckResult:  # fmt: skip
        """The second try, if the first failed and there are right answers to lend; and the verdict.

        Without a first try, as for a question that waited, the one with right answers is the only one.
        """
        started = time.monotonic()
        right = lendable.intersection(question.settings.uses) - set(question.settings.names)
        second: Failure | Fault | None
        if tried is None:
            second = self._try(check, keys, open_submission, right)
            if isinstance(second, Failure):
                second = replace(second, late=True)
            first, before_s = second, 0.0
            followed = second is None and bool(right)
        else:
            first = second = tried.found
            before_s = tried.seconds
            if isinstance(first, Failure) and right and self.known is not None:
                second = self._try(check, keys, open_submission, right)
            followed = second is None and first is not None
        better = counts = first if isinstance(second, Fault) else second
        if isinstance(counts, Failure):
            better = self._recognised(counts, check, keys)
            if better.mistake is None and isinstance(first, Failure) and first is not counts:
                # Right answers on loan may refuse what the student's own would take: the first try says more then.
                known = self._recognised(first, check, keys)
                better = replace(better, hint=known.hint, mistake=known.mistake)
        if isinstance(better, Failure) and isinstance(first, Failure) and check.name in question.public:
            # The second try came after hidden checks: of what it says, only the hint may be shown in full.
            better = replace(better, error=first.error, late=first.late, hint=better.hint or better.error.hint)
        return self._result(check, question, number, better, followed, before_s + time.monotonic() - started)

    def _try(
        self, check: Check, keys: Keys, open_submission: OpenSubmission, right: frozenset[str]
    ) -> Failure | Fault | None:
        """None if the check passes with all of its repeats."""
        found, fresh = self._try_once(check, keys, open_submission, right)
        if found is not None and not fresh:  # what other checks did in that process is no fault of this answer
            found, _ = self._try_once(check, keys, open_submission, right)
        return found

    def _try_once(
        self, check: Check, keys: Keys, open_submission: OpenSubmission, right: frozenset[str]
    ) -> tuple[Failure | Fault | None, bool]:
        """How it ends, and whether the submission was fresh."""
        seed = keys.state_seed(check)
        cpu_s = check.cpu_s or self.topic.settings.limits.check_cpu_s
        found: Failure | Fault | None = None
        fresh = True
        try:
            with open_submission(seed, cpu_s, right) as student:
                fresh = student._fresh
                found = self._repeated(check, keys, student, seed)
                if found is not None:
                    raise _NotPassed
        except _NotPassed:
            pass
        except StudentError as error:  # it ended, or hangs, before it was asked anything
            found = Failure(error, (), 0)
        except IsolationError:
            raise
        except Exception as error:
            found = Fault(error, traceback.format_exc())
        return found, fresh

    def _repeated(self, check: Check, keys: Keys, student: Submission, seed: int) -> Failure | Fault | None:
        for repeat in range(check.repeat):
            said_by(student).clear()
            try:
                check(student=student, reference=self.reference, rng=keys.rng(check, repeat))
            except StudentError as error:
                return Failure(error, tuple(said_by(student)), repeat)
            except IsolationError:
                raise
            except Exception as error:  # a GraderError too: nan of the student's in an expected value
                return self._unexpected(error, check, keys, repeat, tuple(said_by(student)), seed)
        return None

    def _recognised(self, failure: Failure, check: Check, keys: Keys) -> Failure:
        """The same failure, with the known mistake that it fits, if there is one. Never makes a verdict worse."""
        if self.known is None or getattr(failure.error, "exception", "") == "NotImplementedError":
            return failure
        try:
            mistake = self.known.recognise(
                check, failure.said, reference=self.reference, rng=lambda: keys.rng(check, failure.repeat),
                seed=keys.state_seed(check), inputs=(keys, failure.repeat),
            )  # fmt: skip
        except Exception:  # a mistake that cannot be run is a fault of the topic, which `verify` reports
            return failure
        return failure if mistake is None else replace(failure, hint=mistake.hint, mistake=mistake.id)

    def _unexpected(
        self, error: Exception, check: Check, keys: Keys, repeat: int, said: tuple[Said, ...], seed: int
    ) -> Failure | Fault:
        """Whose fault is an exception in the check's own lines?

        The solution takes the same check with the same inputs. If it passes, the check tripped over what the student's
        code returned (None, a list, too few values); if not, the check is broken.
        """
        trace = traceback.format_exc()
        if self.known is None or not said:
            return Fault(error, trace)
        _, control = self.known.transcript(
            check, None, reference=self.reference, rng=lambda: keys.rng(check, repeat), seed=seed
        )
        if control is not None:
            return Fault(error, trace)
        what, result = f"`{said[-1].target}` returned", said[-1].result
        failure = StudentRaised(
            f"{what} {describe(result)}, which is not what the handout asks for ({error}).",
            redacted=f"{what} {describe(result, counted=False)}, which is not what the handout asks for.",
        )
        return Failure(failure, said, repeat)

    def _result(
        self,
        check: Check,
        question: Question,
        number: str,
        found: Failure | Fault | None,
        followed: bool,
        seconds: float,
    ) -> CheckResult:
        public = check.name in question.public
        common: dict[str, Any] = {
            "question": question.id, "name": check.name, "number": number, "claim": check.claim, "public": public,
            "points": check.points, "seconds": seconds,
        }  # fmt: skip
        if found is None:
            return CheckResult(outcome=Outcome.PASSED, follow_through=followed, **common)
        if isinstance(found, Fault):
            return CheckResult(
                outcome=Outcome.NOT_GRADED,
                message="This check could not be graded. The fault is not yours; your instructor has been told.",
                detail=f"{type(found.error).__name__}: {found.error}\n{found.trace}",
                **common,
            )
        error = found.error
        return CheckResult(
            outcome=Outcome.FAILED,
            message=_with_place(error) if public and not found.late else error.redacted,
            hint=found.hint or error.hint,
            mistake=found.mistake,
            detail=error.message,
            **common,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that the submission failed."""

    error: StudentError
    said: tuple[Said, ...]
    repeat: int
    hint: str | None = None
    mistake: str | None = None
    late: bool = False
    """Whether hidden checks came before: then a public one says no more than they may."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How the first try of a check ended, and how long it took."""

    found: Failure | Fault | None
    seconds: float

    @property
    def ran_out(self) -> bool:
        """Whether it ran into a limit."""
        return isinstance(self.found, Failure) and isinstance(self.found.error, LimitExceeded)


@dataclass(frozen=True, slots=True)
class Fault:
    """A check that could not be graded."""

    error: Exception
    trace: str


def _tell_nobody(result: CheckResult) -> None:
    """For callers who wait for the end."""


def _with_place(error: StudentError) -> str:
    """The message, and a picture of where the array is wrong, if one is: for public checks."""
    marks = where_wrong(error.mismatch) if isinstance(error, Differs) and error.mismatch is not None else ""
    return f"{error.message}\n{marks}" if marks else error.message


class _NotPassed(Exception):
    """Tells `open_submission` so."""


def asking(worker: Worker, grader: Grader) -> OpenSubmission:
    """How checks get at the submission that `worker` runs."""

    def open_submission(seed: int, cpu_s: float, right: frozenset[str]) -> AbstractContextManager[Submission]:
        known = grader.known
        lender = Lender({name: known.solution[name] for name in right}) if right and known is not None else None
        return worker.check(seed=seed, cpu_s=cpu_s, lender=lender)

    return open_submission


def grade(
    grader: Grader, path: Path, *, keys: Keys, worker: Worker, on_progress: Callable[[Report], None] | None = None
) -> Report:
    """Grade one submitted file in the sandbox that `worker`, which is new, stands for.

    Whatever the file holds ends in a Report. `on_progress` is told of reports on the way there, in which the checks that
    have not had their turn are not graded. Raises IsolationError if it cannot be confined as planned.
    """
    started = time.monotonic()
    topic = grader.topic
    try:
        notebook = read_submission(path)
    except UnreadableNotebook as error:
        return unreadable(topic, path, error)
    if topic.settings.inputs == "per-student":
        keys = replace(keys, submission=notebook.sha256)
    cells = [(cell.number, cell.source) for cell in notebook.cells]
    problems = worker.run(cells)
    begun = replace(
        not_graded(topic, path, GraderError("grading ended before the turn of this check")),
        sha256=notebook.sha256,
        cells=tuple(problems),
        notes=(*notebook.notes, *note_of_origin(topic, notebook.watermark)),
        isolation=worker.layers,
    )
    so_far: dict[str, CheckResult] = {}

    def tell(result: CheckResult) -> None:
        so_far[result.name] = result
        if on_progress is not None:
            on_progress(with_results(begun, so_far))

    questions = grader.check_all(keys, asking(worker, grader), refused_questions(topic, cells), tell)
    worker.end()
    return replace(begun, questions=questions, stdout=worker.ending.printed, seconds=time.monotonic() - started)


def with_results(report: Report, results: Mapping[str, CheckResult]) -> Report:
    """The same report, with these results, by names of checks, in place of its own."""
    questions = tuple(
        replace(question, checks=tuple(results.get(check.name, check) for check in question.checks))
        for question in report.questions
    )
    return replace(report, questions=questions)


def refused_questions(topic: Topic, cells: Sequence[tuple[int, str]]) -> dict[str, StudentError]:
    """The questions whose answers use a library call that `topic.toml` forbids, and what to say of it."""
    refused: dict[str, StudentError] = {}
    if not any(question.forbids for question in topic.settings.questions):
        return refused
    code = Code(cells)
    for question in topic.settings.questions:
        for use in code.uses(question.names, question.forbids):
            where = f"cell {use.cell}, line {use.line}"
            refused[question.id] = CheckFailed(
                f"`{use.name}` may not be used to answer this question ({where}): it is what the question asks for."
            )
            break
    return refused


def unreadable(topic: Topic, path: Path, error: UnreadableNotebook) -> Report:
    """The report of a file that is no notebook: every check failed, and why."""
    questions = tuple(
        QuestionResult(
            question.id,
            question.settings.title,
            tuple(
                CheckResult(
                    question=question.id, name=check.name, number=f"{number}.{place}", claim=check.claim,
                    public=check.name in question.public, points=check.points, outcome=Outcome.FAILED,
                    message="The file could not be read.",
                )
                for place, check in enumerate(question.checks, start=1)
            ),
        )
        for number, question in enumerate(topic.questions, start=1)
    )  # fmt: skip
    return Report(topic.name, topic.title, path.name, "", questions, notes=(error.message,), versions=versions())


def not_graded(topic: Topic, path: Path, error: Exception) -> Report:
    """The report of a submission that our side failed on as a whole: every check not graded, and why."""
    blank = unreadable(topic, path, UnreadableNotebook(""))
    message = "This submission could not be graded. The fault is not yours; your instructor has been told."
    detail = f"{type(error).__name__}: {error}"
    questions = tuple(
        replace(question, checks=tuple(
            replace(check, outcome=Outcome.NOT_GRADED, message=message, detail=detail) for check in question.checks
        ))
        for question in blank.questions
    )  # fmt: skip
    return replace(blank, questions=questions, notes=())


def versions() -> dict[str, str]:
    """What graded: for the report."""
    import torch

    return {
        "chainrule": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": str(torch.__version__),
    }


def after_what_they_use(questions: Sequence[Question]) -> list[Question]:
    """The questions, each after those whose answers it uses, as far as they do not use each other; else as they stand."""
    waiting, ordered = list(questions), []
    while waiting:
        missing = {question.id: {name for other in waiting if other is not question for name in other.settings.names}
                   for question in waiting}  # fmt: skip
        ready = (question for question in waiting if not missing[question.id].intersection(question.settings.uses))
        chosen = next(ready, waiting[0])
        waiting.remove(chosen)
        ordered.append(chosen)
    return ordered


def describe(value: Any, *, counted: bool = True) -> str:
    """What kind of thing an answer is, without a number of it: "None", "a list of 3", "an array of 2 dimensions".

    Without `counted`: "a list", "an array".
    """
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return "an array" + (f" of {value.ndim} dimension{'' if value.ndim == 1 else 's'}" if counted else "")
    if isinstance(value, bool | np.bool_):
        return "a bool"
    if isinstance(value, int | float | complex | np.number):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, list | tuple | dict | set):
        kind = {list: "a list", tuple: "a tuple", dict: "a dict", set: "a set"}[type(value)]
        return f"{kind} of {len(value)}" if counted and len(value) < 10 else kind
    return "an object"
