"""One topic, read and validated: what `topic.toml`, the checks, the reference, and the known answers say together.

Raises CourseError, with file and key, before anything is graded.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import msgspec

from autograder.checks import Check, checks_in
from autograder.course import Course, load_module, read_toml
from autograder.errors import CourseError


class Limits(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a submission may use. The defaults fit Gradescope's smallest container (0.75 GB in all)."""

    cell_cpu_s: float = 60.0
    """CPU time of one cell of the notebook."""
    run_cpu_s: float = 300.0
    """CPU time of the notebook's cells together."""
    check_cpu_s: float = 10.0
    """CPU time of one check."""
    checks_s: float = 300.0
    """How long all checks of a submission together may wait for its answers, in seconds of the clock."""
    wall_factor: float = 3.0
    """Wall-clock time allowed, as a multiple of the CPU time: a sleeping notebook ends too."""
    memory_mib: int = 512
    """Address space beyond what the warm server has, for each process."""
    processes: int = 16
    scratch_mib: int = 64
    file_mib: int = 16
    output_kib: int = 256
    """What the notebook may print; the rest is dropped."""
    message_mib: int = 64
    """Size of one answer."""


class QuestionSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A `[[question]]` of `topic.toml`."""

    id: str
    title: str
    points: float
    names: list[str]
    """The functions or classes that a student must define."""
    uses: list[str] = []
    """Names of other questions that right answers to this one may call (for follow-through)."""
    forbids: list[str] = []
    """Library calls that would answer the question, as in "torch.nn.LSTM"."""
    difficulty: int = 1
    """From 1 to 5."""
    minutes: int = 10


Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
"""When Gradescope shows a check to students."""


class GradescopeSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`[gradescope]` of `topic.toml`."""

    time_limit_min: float = 10.0
    """As set on Gradescope, which ends a run after it; 40 at most. Ours ends after nine tenths of it."""
    public: Visibility = "visible"
    hidden: Visibility = "after_published"
    attempts_per_day: int = 0
    """How many submissions are graded in 24 hours; 0 for all."""
    late_percent_per_day: float = 0.0
    """Taken off the points for each day begun after the due date; Gradescope takes nothing off itself."""
    late_grace_min: float = 0.0
    """So much later is not late."""
    late_most_percent: float = 100.0
    """Taken off at most."""
    extra_credit: list[str] = []
    """Questions whose points come on top: they add to the score and not to what can be reached."""
    leaderboard: bool = False
    """Rank submissions by the points of the checks that students see at once."""

    def fault(self) -> tuple[str, str] | None:
        """The first key with a value that makes no sense, and why."""
        if not 0 < self.time_limit_min <= 40:
            return "time_limit_min", "must be more than 0, and 40 at most: Gradescope allows no more"
        for key in ("attempts_per_day", "late_grace_min", "late_percent_per_day", "late_most_percent"):
            if getattr(self, key) < 0:
                return key, "must not be negative"
        for key in ("late_percent_per_day", "late_most_percent"):
            if getattr(self, key) > 100:
                return key, "must be 100 at most"
        return None


class TopicSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"questions": "question"}):
    """`topic.toml`."""

    title: str
    summary: str
    questions: list[QuestionSettings]
    inputs: Literal["per-class", "per-student"] = "per-class"
    limits: Limits = Limits()
    packages: list[str] = []
    """What students need besides numpy, torch and matplotlib, as requirement lines."""
    gradescope: GradescopeSettings = GradescopeSettings()


@dataclass(frozen=True, slots=True, eq=False)
class KnownAnswer:
    """An accepted answer or a mistake: a right or a wrong answer that stands in for one name of the solution."""

    id: str
    """The name of the function or class that it is written as."""
    of: str
    """The name that it stands in for."""
    value: Any
    caught_by: tuple[str, ...] = ()
    """A mistake: the checks that must fail it, the first named first."""
    hint: str = ""
    """A mistake: what a student who makes it is told."""
    also: tuple[str, ...] = ()
    """Other names whose mistakes give the same numbers: their hint may be shown instead."""


def accepted(*, of: str) -> Callable[[Any], KnownAnswer]:
    """Mark a function or class of `accepted.py` as a right answer, written differently, for the name `of`."""

    def decorate(value: Any) -> KnownAnswer:
        return KnownAnswer(value.__name__, of, value)

    return decorate


def mistake(
    *, of: str, caught_by: str | tuple[str, ...], hint: str, also: tuple[str, ...] = ()
) -> Callable[[Any], KnownAnswer]:
    """Mark a function or class of `mistakes.py` as a typical wrong answer for the name `of`.

    `caught_by` names the check, or checks, that must fail it; `hint` names symptom and concept, not the fix.
    """
    caught = (caught_by,) if isinstance(caught_by, str) else caught_by

    def decorate(value: Any) -> KnownAnswer:
        return KnownAnswer(value.__name__, of, value, caught, hint, also)

    return decorate


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One question with its checks, public ones first."""

    settings: QuestionSettings
    checks: tuple[Check, ...]
    public: frozenset[str]
    """Names of the checks that students have."""

    @property
    def id(self) -> str:
        """As in "q1"."""
        return self.settings.id


class Topic:
    """One topic of a course. Parts are read when they are first asked for."""

    def __init__(self, course: Course, name: str) -> None:
        """Read `topic.toml`. Raises CourseError if there is no such topic or its settings are wrong."""
        self.course = course
        self.name = name
        self.folder = course.root / "assignments" / name
        self.toml = self.folder / "topic.toml"
        if not self.toml.is_file():
            known = ", ".join(course.topics()) or "none yet"
            raise CourseError(f"there is no topic `{name}` in {course.root}; there are: {known}")
        self.settings = read_toml(self.toml, TopicSettings)
        self._validate_settings()

    def __repr__(self) -> str:
        """For error messages and debuggers."""
        return f"Topic({self.name!r})"

    @property
    def title(self) -> str:
        """As students read it."""
        return self.settings.title

    @property
    def points(self) -> float:
        """What the topic is worth."""
        return sum(question.points for question in self.settings.questions)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a student must define, in the order of the questions."""
        return tuple(name for question in self.settings.questions for name in question.names)

    @property
    def data_folder(self) -> Path:
        """Public data files of the topic; may not exist."""
        return self.folder / "data"

    def path(self, part: str) -> Path:
        """The file of one part: "notebook", "checks", "reference", "hidden", "solution", "accepted", "mistakes"."""
        root = self.course.root
        return {
            "notebook": self.folder / "notebook.md",
            "checks": self.folder / "checks.py",
            "reference": root / "reference" / self.name / "reference.py",
            "hidden": root / "reference" / self.name / "hidden.py",
            "solution": root / "solutions" / self.name / "solution.py",
            "accepted": root / "solutions" / self.name / "accepted.py",
            "mistakes": root / "solutions" / self.name / "mistakes.py",
        }[part]

    def module(self, part: str) -> ModuleType:
        """Load one part as a module, once."""
        return self._modules(part)

    @functools.cached_property
    def public_checks(self) -> tuple[Check, ...]:
        """The checks that students have."""
        return self._checks("checks")

    @functools.cached_property
    def hidden_checks(self) -> tuple[Check, ...]:
        """The checks that never leave the grader."""
        return self._checks("hidden")

    @functools.cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions, each with its public checks and then its hidden ones.

        Raises CourseError if a check names no question, a name is used twice, or points do not add up.
        """
        everything = (*self.public_checks, *self.hidden_checks)
        seen: dict[str, Check] = {}
        ids = {question.id for question in self.settings.questions}
        for check in everything:
            if check.question not in ids:
                raise CourseError(f"there is no question `{check.question}` in topic.toml",
                                  path=check.path, key=check.name)  # fmt: skip
            if check.name in seen:
                raise CourseError(f"another check of this topic has the same name, in {seen[check.name].path}",
                                  path=check.path, key=check.name)  # fmt: skip
            seen[check.name] = check
        public = frozenset(check.name for check in self.public_checks)
        result = []
        for settings in self.settings.questions:
            checks = tuple(check for check in everything if check.question == settings.id)
            total = sum(check.points for check in checks)
            if abs(total - settings.points) > 1e-9:
                raise CourseError(f"{settings.id} is worth {settings.points:g} points, but its checks add up to "
                                  f"{total:g}", path=self.toml, key=settings.id)  # fmt: skip
            result.append(Question(settings, checks, public))
        return tuple(result)

    @functools.cached_property
    def accepted(self) -> tuple[KnownAnswer, ...]:
        """Right answers, written differently."""
        return self._known_answers("accepted")

    @functools.cached_property
    def mistakes(self) -> tuple[KnownAnswer, ...]:
        """Typical wrong answers. Raises CourseError if one names no check, or has no hint."""
        answers = self._known_answers("mistakes")
        names = {check.name for question in self.questions for check in question.checks}
        path = self.path("mistakes")
        for answer in answers:
            missing = [name for name in answer.caught_by if name not in names]
            if missing or not answer.caught_by:
                raise CourseError(f"`caught_by` names no check of this topic: {', '.join(missing) or 'it is empty'}",
                                  path=path, key=answer.id)  # fmt: skip
            if not answer.hint.strip():
                raise CourseError("needs a hint for the student who makes it", path=path, key=answer.id)
        return answers

    @functools.cached_property
    def signatures(self) -> dict[str, str]:
        """How the handout's stubs declare the names: "sigmoid" -> "sigmoid(z)", a class -> "LSTMCell(...)"."""
        from autograder.notebook.handout import stub_signatures

        return stub_signatures(self.path("notebook"))

    def validate(self) -> None:
        """Read and check every part. Raises CourseError at the first fault."""
        _ = self.questions, self.accepted, self.mistakes
        self.module("reference")
        solution = self.module("solution")
        for name in self.names:
            if name not in self.signatures:
                raise CourseError(f"topic.toml asks for `{name}`, but no code cell has a stub of it",
                                  path=self.path("notebook"))  # fmt: skip
            if not hasattr(solution, name):
                raise CourseError(f"does not define `{name}`, which topic.toml asks for", path=self.path("solution"))

    @functools.cache  # noqa: B019 - a topic lives as long as the command that reads it
    def _modules(self, part: str) -> ModuleType:
        path = self.path(part)
        return load_module(path, path.parent.parent.name, self.name, part)

    def _checks(self, part: str) -> tuple[Check, ...]:
        checks = checks_in(self._modules(part))
        if not checks:
            raise CourseError("defines no check", path=self.path(part))
        defined = [node.name for node in ast.parse(self.path(part).read_text(encoding="utf-8")).body
                   if isinstance(node, ast.FunctionDef)]  # fmt: skip
        for name in defined:
            if defined.count(name) > 1:
                raise CourseError("is defined twice in this file", path=self.path(part), key=name)
        return checks

    def _known_answers(self, part: str) -> tuple[KnownAnswer, ...]:
        if not self.path(part).is_file():
            return ()
        answers = tuple(value for value in vars(self._modules(part)).values() if isinstance(value, KnownAnswer))
        for answer in answers:
            if answer.of not in self.names:
                raise CourseError(f"stands in for `{answer.of}`, which topic.toml does not list",
                                  path=self.path(part), key=answer.id)  # fmt: skip
        return answers

    def _validate_settings(self) -> None:
        if not self.settings.questions:
            raise CourseError("has no [[question]]", path=self.toml)
        seen: set[str] = set()
        for question in self.settings.questions:
            if question.id in seen:
                raise CourseError("this question id is used twice", path=self.toml, key=question.id)
            seen.add(question.id)
            if question.points <= 0:
                raise CourseError("points must be positive", path=self.toml, key=question.id)
            if not question.names:
                raise CourseError("`names` is empty: what must a student define?", path=self.toml, key=question.id)
            unknown = sorted(set(question.uses) - set(self.names))
            if unknown:
                raise CourseError(f"`uses` lists {', '.join(unknown)}, which no question defines",
                                  path=self.toml, key=question.id)  # fmt: skip
        for name in self.names:
            if self.names.count(name) > 1:
                raise CourseError(f"`{name}` is listed twice", path=self.toml)
        wrong = self.settings.gradescope.fault()
        if wrong is not None:
            raise CourseError(wrong[1], path=self.toml, key=f"gradescope.{wrong[0]}")
        unknown = sorted(set(self.settings.gradescope.extra_credit) - seen)
        if unknown:
            raise CourseError(f"there is no question {', '.join(unknown)}", path=self.toml,
                              key="gradescope.extra_credit")  # fmt: skip


def load_topic(course: Course, name: str) -> Topic:
    """The topic with this name. Raises CourseError if there is none, or its settings are wrong."""
    return Topic(course, name)
