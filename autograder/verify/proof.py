"""What must be true of a topic, held against what came out when its known answers were tried."""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autograder.notebook.sources import Definition
from autograder.topic import KnownAnswer, Topic
from autograder.verdict import CellProblem, CheckResult, Outcome
from autograder.verify.findings import Place, Verification

PUBLIC_SHARE = (0.2, 0.4)
"""Share of the points that public checks should have: enough to guide, too little to pass with."""
BEHAVIOUR_SHARE = 0.15
"""Share of the points that training runs may have: they pass with gradients that are wrong."""

Results = Sequence[CheckResult]


def kind(answer: KnownAnswer | None) -> str:
    """As in "the mistake scale_in_place"."""
    if answer is None:
        return "the solution"
    return f"the mistake {answer.id}" if answer.hint else f"the accepted answer {answer.id}"


def judged(found: Verification, answer: KnownAnswer | None, results: Results, place: Place) -> None:
    """Whatever is held of an answer of this kind, against some or all of the checks."""
    graded(found, answer, results, place)
    if answer is not None and answer.caught_by:
        caught(found, answer, results, place)
    else:
        full_marks(found, answer, results, place)


def graded(found: Verification, answer: KnownAnswer | None, results: Results, place: Place) -> None:
    """Every check could be graded."""
    for check in results:
        if check.outcome is Outcome.NOT_GRADED:
            reason = next(iter(check.detail.strip().splitlines()), "")
            found.fault(f"{check.name} cannot be graded for {kind(answer)}", reason, place)


def full_marks(found: Verification, answer: KnownAnswer | None, results: Results, place: Place) -> None:
    """A right answer loses no point, and needs no other right answers put in the place of its own."""
    for check in results:
        if check.outcome is Outcome.FAILED:
            found.fault(f"{kind(answer)} fails {check.name}", check.detail or check.message, place)
        elif check.follow_through:
            found.fault(f"{kind(answer)} passes {check.name} by follow-through alone", "", place)


def no_marks(found: Verification, results: Results) -> None:
    """The untouched handout passes nothing."""
    for check in results:
        if check.outcome is Outcome.PASSED:
            found.fault(f"the untouched handout passes {check.name}", "", "sandbox")


def caught(found: Verification, mistake: KnownAnswer, results: Results, place: Place) -> None:
    """A mistake fails the checks that it names, with its hint at the first, and costs no other question points.

    `results` may leave out checks of other questions.
    """
    failed = {check.name: check for check in results if check.outcome is Outcome.FAILED}
    found.matrix[mistake.id] = found.matrix.get(mistake.id, frozenset()) | failed.keys()
    own = next(each.id for each in found.topic.questions if mistake.of in each.settings.names)
    for name in mistake.caught_by:
        if name not in failed:
            found.fault(f"the mistake {mistake.id} passes {name}, which is to catch it", "", place)
    for check in failed.values():
        if check.question != own:
            sentence = f"the mistake {mistake.id} of {own} costs points of {check.question}, at {check.name}"
            found.fault(sentence, check.detail or check.message, place)
    first = failed.get(mistake.caught_by[0])
    if first is not None and first.mistake not in (mistake.id, *mistake.also):
        shown = f"that of {first.mistake}" if first.mistake else f"“{first.hint}”" if first.hint else "none"
        found.fault(f"the mistake {mistake.id} gets another hint at {first.name}", shown, place)
    for check in failed.values():
        if check is not first and check.mistake not in (None, mistake.id, *mistake.also):
            found.note(
                f"the mistake {mistake.id} gets the hint of {check.mistake} at {check.name}: the same numbers there"
            )


def notebook_runs(found: Verification, which: str, problems: Iterable[CellProblem]) -> None:
    """The solved notebook runs top to bottom. In the handout, only what is left to write may be missing."""
    for problem in problems:
        if which == "handout" and problem.kind == "raised":
            continue
        found.fault(f"the {which} notebook does not run: cell {problem.cell} {problem.kind}", problem.message)


def every_check_catches_something(found: Verification) -> None:
    """A check that no mistake fails proves nothing."""
    failed = frozenset().union(*found.matrix.values())
    for question in found.topic.questions:
        for check in question.checks:
            if check.name not in failed:
                found.fault(f"no mistake fails {check.name}: is it a check at all?")


def points_are_well_spread(found: Verification) -> None:
    """Training runs and public checks have their share of the points, and public checks find most mistakes."""
    topic = found.topic
    checks = [check for question in topic.questions for check in question.checks]
    total = math.fsum(check.points for check in checks)
    behaviour = math.fsum(check.points for check in checks if check.behaviour) / total
    if behaviour > BEHAVIOUR_SHARE + 1e-9:
        found.fault(
            f"{behaviour:.0%} of the points are for behaviour; {BEHAVIOUR_SHARE:.0%} is the most that it may decide"
        )
    public_names = {check.name for check in topic.public_checks}
    public = math.fsum(check.points for check in checks if check.name in public_names) / total
    least, most = PUBLIC_SHARE
    if not least - 1e-9 <= public <= most + 1e-9:
        found.note(f"public checks have {public:.0%} of the points; {least:.0%} to {most:.0%} is usual")
    rejected = sum(1 for failed in found.matrix.values() if failed & public_names)
    if found.matrix and rejected < len(found.matrix) / 2:
        found.note(f"public checks reject {rejected} of {len(found.matrix)} mistakes, fewer than half")


def known_answers_have_names_of_their_own(found: Verification) -> None:
    """No answer is defined twice in its file: Python would keep the last one alone, without a word."""
    for part in ("accepted", "mistakes"):
        for name in _defined_twice(found.topic, part):
            found.fault(f"{found.topic.path(part).name} defines {name} twice, so that only the last one is tried")


def _defined_twice(topic: Topic, part: str) -> Iterator[str]:
    path = topic.path(part)
    if path.is_file():
        names = [node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, Definition)]
        yield from (name for name, count in Counter(names).items() if count > 1)
