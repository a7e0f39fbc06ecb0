"""The public checks in a student's notebook: advice, never a score.

The set-up cell calls `start`, which makes `grader`: otter's where otter-grader is installed, else a light one with the same
calls. Both run the same checks in the same way, and show the same words: the check's sentence and our message, never a
traceback of ours.
"""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.checks import Check, checks_in
from autograder.compare.failure import Differs
from autograder.compare.where import where_wrong
from autograder.errors import CheckFailed, CourseError, GraderError, StudentError, StudentRaised
from autograder.package.heatmap import drawn
from autograder.package.recorded import Answers
from autograder.package.shown import AllShown, Shown, Told, explanation
from autograder.submission.local import LocalSubmission
from autograder.verdict import CheckResult, Outcome, QuestionResult

if TYPE_CHECKING:
    from autograder.submission import Submission


CHECKS = "checks"
"""Folder of the package with checks.py, the recorded answers, and <topic>.json."""
UNATTENDED = "__chainrule_unattended__"
"""A name in the notebook's namespace, if the notebook is run by `unattended` and not by a student."""


@dataclass(slots=True)
class Session:
    """The public checks of a topic, and the notebook whose answers they judge."""

    folder: Path
    manifest: dict[str, Any]
    checks: tuple[Check, ...]
    answers: Answers
    namespace: dict[str, Any]
    started_in: Path
    latest: dict[str, CheckResult] = field(default_factory=dict)
    drawings: dict[str, str] = field(default_factory=dict)
    """For the latest run of a check that failed, where its array is wrong, as HTML."""
    marks: dict[str, str] = field(default_factory=dict)
    """The same as text."""

    @classmethod
    def read(cls, topic: str, folder: Path, namespace: dict[str, Any]) -> Session:
        """The session of the package in `folder`. Raises GraderError if something of it is missing."""
        try:
            manifest = json.loads((folder / CHECKS / f"{topic}.json").read_text(encoding="utf-8"))
            path = folder / CHECKS / "checks.py"
            spec = importlib.util.spec_from_file_location(f"chainrule_checks_{topic}", path)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        except (OSError, ValueError, ImportError) as error:
            raise GraderError(f"the checks of {topic} cannot be read ({type(error).__name__}: {error})") from None
        return cls(folder, manifest, checks_in(module), Answers.read(folder / CHECKS), namespace, Path.cwd())

    @property
    def topic(self) -> str:
        """Name of the topic."""
        return str(self.manifest["topic"])

    @property
    def questions(self) -> list[str]:
        """Ids of the questions, in order."""
        return [question["id"] for question in self.manifest["questions"]]

    def question(self, question: str) -> Shown | Told:
        """Run the public checks of one question."""
        if question not in self.questions:
            return Told(f"There is no question {question!r}; there are {', '.join(self.questions)}.")
        for check in self.checks:
            if check.question == question:
                self.run(check)
        return self.shown(question)

    def shown(self, question: str) -> Shown:
        """What the latest run of each public check of a question found."""
        settings = next(each for each in self.manifest["questions"] if each["id"] == question)
        results = [self.latest[check.name] for check in self.checks if check.question == question]
        stubs = [name for name in settings["names"] if f"`{name}` is not written yet." in
                 {result.message for result in results}]  # fmt: skip
        untouched = bool(stubs) and all(result.outcome is not Outcome.PASSED for result in results)
        questions = QuestionResult(question, settings["title"], tuple(results))
        return Shown(questions, tuple(stubs) if untouched else (), self.drawings)

    def run(self, check: Check, namespace: dict[str, Any] | None = None) -> CheckResult:
        """Run one check with all its repeats."""
        result = self.result(check, *self._judge(check, self.namespace if namespace is None else namespace))
        self.latest[check.name] = result
        return result

    def result(self, check: Check, outcome: Outcome, message: str, hint: str | None = None) -> CheckResult:
        """The verdict of a check, with its place in the topic."""
        number = 1 + [each.name for each in self.checks if each.question == check.question].index(check.name)
        place = f"{1 + self.questions.index(check.question)}.{number}"
        return CheckResult(check.question, check.name, place, check.claim, True, check.points, outcome, message, hint)

    def _judge(self, check: Check, namespace: dict[str, Any]) -> tuple[Outcome, str, str | None]:
        student: Submission = LocalSubmission(namespace, self.manifest["signatures"])
        self.drawings.pop(check.name, None)
        self.marks.pop(check.name, None)
        try:
            for repeat in range(check.repeat):
                reference = self.answers.reference(check.name, repeat)
                check(student=student, reference=reference, rng=self.answers.rng(check.name, repeat))
        except StudentError as error:
            if isinstance(error, Differs) and error.mismatch is not None:
                self.drawings[check.name] = drawn(error.mismatch)
                self.marks[check.name] = where_wrong(error.mismatch)
            return Outcome.FAILED, error.message, error.hint
        except (GraderError, CourseError) as error:
            return Outcome.NOT_GRADED, f"Not checked here: {error}. The grader checks it.", None
        except Exception as error:  # noqa: BLE001 - the check passed with the solution, so it tripped over the answer
            return Outcome.FAILED, _tripped(student, error), None
        return Outcome.PASSED, "", None


def start(topic: str, folder: str, namespace: dict[str, Any]) -> Any:
    """Make `grader` for the notebook whose names are `namespace`. `folder` is where the package lies.

    The working directory becomes `folder`, so that `data/` is found from wherever the notebook was started.
    """
    if UNATTENDED in namespace:
        return SilentGrader()
    session = Session.read(topic, Path(folder), namespace)
    if Path.cwd() != session.folder.resolve():
        os.chdir(session.folder)
        print(f"The working directory is now {session.folder.name}, where the checks and data of {topic} are.")
    _sessions[topic] = session
    try:
        from autograder.package.otter_grader import OtterGrader

        return OtterGrader(session)
    except Exception:  # noqa: BLE001 - not installed, or an otter that works in another way
        return LightGrader(session)


class LightGrader:
    """Checks answers without otter-grader, with the same calls."""

    def __init__(self, session: Session) -> None:
        """Check the answers of this session."""
        self._session = session

    def check(self, question: str) -> Shown | Told:
        """Run the public checks of one question, as in `grader.check("q1")`."""
        return self._session.question(question)

    def check_all(self) -> AllShown:
        """Run the public checks of every question."""
        return AllShown([shown for each in self._session.questions
                         if isinstance(shown := self._session.question(each), Shown)])  # fmt: skip

    def export(self, notebook: str | None = None) -> Told:
        """Write the file to hand in, after a look at the checks and at whether the notebook is saved."""
        from autograder.package.hand_in import hand_in

        return hand_in(self._session, self.check_all(), notebook)


class SilentGrader:
    """The `grader` of a notebook that is run unattended: whoever runs it asks for the checks afterwards."""

    def check(self, *args: Any, **options: Any) -> None:
        """Nothing, like every other call."""

    check_all = export = check


_sessions: dict[str, Session] = {}


def holds(topic: str, check: str, names: dict[str, Any]) -> None:
    """For otter's test files: raise CheckFailed, with the words for a student, unless the check passes with `names`."""
    session = _sessions.get(topic)
    if session is None:
        session = _sessions[topic] = Session.read(topic, Path(__file__).resolve().parents[2], names)
    result = session.run(next(each for each in session.checks if each.name == check), names)
    if result.outcome is not Outcome.PASSED:
        raise CheckFailed(explanation(result))


def _tripped(student: Submission, error: Exception) -> str:
    if not student._said:
        return f"This check could not be finished: {type(error).__name__}: {error}."
    failure = StudentRaised(f"What `{student._said[-1].target}` returned is not what the handout asks for ({error}).")
    return failure.message
