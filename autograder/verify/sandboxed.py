"""Every known answer as a notebook, graded as students' are.

A notebook costs far more than a check, so answers share them: first one known answer of each question in each notebook, as
if they were the work of one student. Where that leaves any doubt, each of its answers gets a notebook of its own, and that
counts. Known answers that do not end are left out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from autograder.cohort import grade_files
from autograder.topic import KnownAnswer, Topic
from autograder.verdict import CheckResult, Report
from autograder.verify import proof
from autograder.verify.findings import Place, Verification
from autograder.verify.trial import SECRET

Progress = Callable[[str], None]
Answers = tuple[KnownAnswer, ...]
PLACE: Place = "sandbox"


def in_sandbox(found: Verification, *, jobs: int, tell: Progress, without: Collection[str] = ()) -> None:
    """Hold what comes out in the sandbox against what must be true. `without`: ids of answers to leave out."""
    from autograder.notebook.handout import handout, with_answers

    topic = found.topic
    shared = [
        *together(topic, [answer for answer in topic.accepted if answer.id not in without]),
        *together(topic, [answer for answer in topic.mistakes if answer.id not in without]),
    ]
    notebooks = {"handout": handout(topic), "solved": with_answers(topic, {})}
    notebooks |= {_name(answers): _notebook(topic, answers) for answers in shared}
    reports = _graded(topic, notebooks, jobs, tell)
    for name in ("handout", "solved"):
        proof.notebook_runs(found, name, reports[name].cells)
    proof.no_marks(found, list(reports["handout"].checks))
    proof.judged(found, None, list(reports["solved"].checks), PLACE)
    doubtful = [answers for answers in shared if not _clear(found, answers, list(reports[_name(answers)].checks))]
    alone = [(answer,) for answers in doubtful for answer in answers]
    reports = _graded(topic, {_name(answers): _notebook(topic, answers) for answers in alone}, jobs, tell)
    for answers in alone:
        proof.judged(found, answers[0], list(reports[_name(answers)].checks), PLACE)


def together(topic: Topic, answers: Sequence[KnownAnswer]) -> Iterator[Answers]:
    """The same answers, in as few groups as have no two that belong to one question.

    Follow-through keeps a mistake of one question from costing another's points.
    """
    by_question = [
        [answer for answer in answers if answer.of in question.settings.names] for question in topic.questions
    ]
    for group in zip_longest(*by_question):
        yield tuple(answer for answer in group if answer is not None)


def _clear(found: Verification, answers: Answers, results: Sequence[CheckResult]) -> bool:
    """Whether each answer of a shared notebook does to its own question what it must; if so, that is noted."""
    trial, unharmed = Verification(found.topic), True
    for question in found.topic.questions:
        answer = next((each for each in answers if each.of in question.settings.names), None)
        own = [check for check in results if check.question == question.id]
        if answer is None and answers[0].caught_by:
            proof.graded(trial, None, own, PLACE)
            unharmed = unharmed and all(check.earned == check.points for check in own)
        else:
            proof.judged(trial, answer, own, PLACE)
    if trial.ok and unharmed:
        for mistake, failed in trial.matrix.items():
            found.matrix[mistake] = found.matrix.get(mistake, frozenset()) | failed
        for note in trial.notes:
            found.note(note)
    return trial.ok and unharmed


def _graded(topic: Topic, notebooks: Mapping[str, object], jobs: int, tell: Progress) -> dict[str, Report]:
    import nbformat

    with tempfile.TemporaryDirectory(prefix="chainrule-verify-") as folder:
        paths = {name: Path(folder) / f"{name}.ipynb" for name in notebooks}
        for name, notebook in notebooks.items():
            nbformat.write(notebook, paths[name])  # type: ignore[no-untyped-call]
        reports = grade_files(
            topic, list(paths.values()), secret=SECRET, jobs=jobs,
            on_report=lambda path, report: tell(f"{topic.name}: {path.stem} (in the sandbox)"),
        )  # fmt: skip
    return dict(zip(notebooks, reports, strict=True))


def _notebook(topic: Topic, answers: Answers) -> object:
    from autograder.notebook.handout import source_of, with_answers

    return with_answers(topic, {answer.of: source_of(answer, topic) for answer in answers})


def _name(answers: Answers) -> str:
    """A file name: the kind, and the only answer or the first of several."""
    kind = "mistake" if answers[0].caught_by else "accepted"
    return f"{kind}-{answers[0].id}" + (f"-and-{len(answers) - 1}-more" if len(answers) > 1 else "")
