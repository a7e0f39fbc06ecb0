"""A topic proves its own grader.

The solution gets full marks, and the untouched handout none; every accepted answer gets full marks; every mistake fails the
check that it names, with its hint, and costs no other question points; every check is failed by at least one mistake. All of
it once in this process and once in the sandbox. *A check without a wrong answer that it catches is not yet a check.*
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from autograder.cohort import grade_files, trusted_grader
from autograder.errors import CourseError
from autograder.grading import Grader, Keys
from autograder.recognise import KnownAnswers
from autograder.submission import Submission
from autograder.submission._engine import reset_state
from autograder.submission.local import LocalSubmission
from autograder.topic import KnownAnswer, Topic
from autograder.verdict import CheckResult, Outcome, QuestionResult

SECRET = b"the inputs of verify are no secret"

Results = Sequence[QuestionResult]
Progress = Callable[[str], None]


@dataclass(slots=True)
class Verification:
    """What verifying a topic found."""

    topic: Topic
    faults: list[str] = field(default_factory=list)
    """Sentences, each of which is a defect of the topic. None: the topic is proven."""
    matrix: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each mistake, the checks that fail it."""
    runs: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.faults

    def lines(self) -> list[str]:
        """A summary, the table mistake x check, and the faults, to print."""
        topic = self.topic
        checks = [check for question in topic.questions for check in question.checks]
        head = (
            f"{topic.name}: {len(topic.questions)} questions, {len(checks)} checks, {len(topic.accepted)} accepted "
            f"answers, {len(topic.mistakes)} mistakes, {topic.points:g} points"
        )
        return [head, *self._table(), *(f"FAULT {fault}" for fault in self.faults)]

    def _table(self) -> Iterator[str]:
        """For each question, which of its checks kills which mistake: the named check in capitals."""
        for number, question in enumerate(self.topic.questions, start=1):
            mistakes = [each for each in self.topic.mistakes if each.of in question.settings.names]
            if not mistakes:
                continue
            width = max(len(each.id) for each in mistakes)
            yield f"  {question.id}: {question.settings.title}"
            for place, check in enumerate(question.checks, start=1):
                kind = "public" if check.name in question.public else "hidden"
                yield f"    {number}.{place} {check.name} ({kind}, {check.points:g})"
            header = " ".join(f"{number}.{place}" for place in range(1, len(question.checks) + 1))
            yield f"    {'':{width}}  {header}"
            for mistake in mistakes:
                failed = self.matrix.get(mistake.id, frozenset())
                cells = [
                    ("X" if check.name in mistake.caught_by else "x") if check.name in failed else "."
                    for check in question.checks
                ]
                row = " ".join(
                    f"{cell:^{len(f'{number}.{place}')}}" for place, cell in enumerate(cells, start=1)
                )
                yield f"    {mistake.id:{width}}  {row}".rstrip()


def verify(
    topic: Topic, *, seeds: int = 1, sandboxed: bool = True, jobs: int = 1, on_progress: Progress | None = None
) -> Verification:
    """Try a topic's checks on every answer that is known. `seeds`: how many times, each with fresh inputs.

    Raises CourseError if the topic cannot be read.
    """
    topic.validate()
    tell = on_progress or (lambda line: None)
    verification = Verification(topic)
    prover = _Prover(verification, trusted_grader(topic), tell)
    for seed in range(seeds):
        prover.prove(prover.local, Keys(SECRET, topic.name, seed=seed), "" if seeds == 1 else f" (seed {seed})")
    if sandboxed:
        prover.prove(prover.in_sandbox(jobs), Keys(SECRET, topic.name), " (in the sandbox)")
    prover.every_check_catches_something()
    return verification


def local_results(grader: Grader, keys: Keys, answer: KnownAnswer | None = None) -> tuple[QuestionResult, ...]:
    """The verdicts on the solution, one name of it replaced by `answer`, run in this process: it is ours."""
    known = grader.known
    assert known is not None

    @contextmanager
    def open_submission(seed: int, cpu_s: float, right: frozenset[str]) -> Iterator[Submission]:
        namespace = known.namespace(answer)
        namespace |= {name: known.solution[name] for name in right}
        reset_state(seed)
        yield LocalSubmission(namespace, grader.topic.signatures)

    return tuple(
        grader.check_question(question, number, keys, open_submission)
        for number, question in enumerate(grader.topic.questions, start=1)
    )


Run = Callable[[Keys], Mapping[str, Results]]
"""Verdicts by answer: "" is the solution, "handout" the untouched handout."""


class _Prover:
    def __init__(self, verification: Verification, grader: Grader, tell: Progress) -> None:
        self.verification = verification
        self.grader = grader
        self.topic = grader.topic
        self.tell = tell

    def local(self, keys: Keys) -> dict[str, Results]:
        """Everything in this process. The handout is left to the sandbox: its cells are a student's."""
        answers: list[KnownAnswer | None] = [None, *self.topic.accepted, *self.topic.mistakes]
        results: dict[str, Results] = {}
        for answer in answers:
            name = answer.id if answer else ""
            self.tell(f"{self.topic.name}: {name or 'solution'}")
            results[name] = local_results(self.grader, keys, answer)
        return results

    def in_sandbox(self, jobs: int) -> Run:
        """Everything as notebooks, graded as students' are."""

        def run(keys: Keys) -> dict[str, Results]:
            import nbformat

            from autograder.notebook.handout import handout, source_of, with_answers

            notebooks = {"handout": handout(self.topic), "": with_answers(self.topic, {})}
            for answer in (*self.topic.accepted, *self.topic.mistakes):
                notebooks[answer.id] = with_answers(self.topic, {answer.of: source_of(answer, self.topic)})
            with tempfile.TemporaryDirectory(prefix="chainrule-verify-") as folder:
                paths = {}
                for name, notebook in notebooks.items():
                    paths[Path(folder) / f"{name or 'solution'}.ipynb"] = name
                    nbformat.write(notebook, Path(folder) / f"{name or 'solution'}.ipynb")
                reports = grade_files(
                    self.topic, list(paths), secret=keys.secret, jobs=jobs,
                    on_report=lambda path, report: self.tell(f"{self.topic.name}: {path.stem} (in the sandbox)"),
                )  # fmt: skip
            for path, report in zip(paths, reports, strict=True):
                if report.cells and paths[path] == "":
                    problem = report.cells[0]
                    self.fault(f"the solved notebook does not run: cell {problem.cell} {problem.kind}: {problem.message}")
            return {paths[path]: report.questions for path, report in zip(paths, reports, strict=True)}

        return run

    def fault(self, sentence: str) -> None:
        if sentence not in self.verification.faults:
            self.verification.faults.append(sentence)

    def prove(self, run: Run, keys: Keys, where: str) -> None:
        """Hold the verdicts of one run against what must be."""
        results = run(keys)
        self.verification.runs += 1
        for name, questions in results.items():
            for check in _not_graded(questions):
                last = check.detail.strip().splitlines()
                self.fault(f"{name or 'solution'}: {check.name} cannot be graded{where}: {last[0] if last else ''}")
        self._full_marks("the solution", results[""], where)
        for answer in self.topic.accepted:
            self._full_marks(f"the accepted answer {answer.id}", results[answer.id], where)
        for check in _failed(results.get("handout", ()), Outcome.PASSED):
            self.fault(f"the untouched handout passes {check.name}{where}")
        for mistake in self.topic.mistakes:
            self._mistake(mistake, results[mistake.id], where)

    def _full_marks(self, what: str, questions: Results, where: str) -> None:
        for check in _failed(questions):
            self.fault(f"{what} fails {check.name}{where}: {check.detail or check.message}")
            continue
        for question in questions:
            for check in question.checks:
                if check.follow_through:
                    self.fault(f"{what} passes {check.name} by follow-through alone{where}")

    def _mistake(self, mistake: KnownAnswer, questions: Results, where: str) -> None:
        failed = {check.name: check for check in _failed(questions)}
        matrix = self.verification.matrix
        matrix[mistake.id] = matrix.get(mistake.id, frozenset()) | failed.keys()
        own = next(each.id for each in self.topic.questions if mistake.of in each.settings.names)
        for name in mistake.caught_by:
            if name not in failed:
                self.fault(f"the mistake {mistake.id} passes {name}{where}, which is to catch it")
        for check in failed.values():
            if check.question != own:
                self.fault(
                    f"the mistake {mistake.id} of {own} costs points of {check.question}, at {check.name}{where}: "
                    f"{check.detail or check.message}"
                )
        first = failed.get(mistake.caught_by[0])
        if first is not None and first.mistake not in (mistake.id, *mistake.also):
            shown = f"that of {first.mistake}" if first.mistake else (first.hint or "none")
            self.fault(f"the mistake {mistake.id} gets another hint at {first.name}{where}: {shown}")

    def every_check_catches_something(self) -> None:
        """A check that no mistake fails proves nothing."""
        caught = frozenset().union(*self.verification.matrix.values())
        for question in self.topic.questions:
            for check in question.checks:
                if check.name not in caught:
                    self.fault(f"no mistake fails {check.name}: is it a check at all?")


def _failed(questions: Results, outcome: Outcome = Outcome.FAILED) -> list[CheckResult]:
    return [check for question in questions for check in question.checks if check.outcome is outcome]


def _not_graded(questions: Results) -> list[CheckResult]:
    return _failed(questions, Outcome.NOT_GRADED)
