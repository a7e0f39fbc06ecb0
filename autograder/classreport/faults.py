"""What the class got wrong, and which checks look as if they were wrong themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.classreport.quoting import example
from autograder.classreport.sheet import Sheet
from autograder.classreport.values import Item, Missed, Other, Suspect
from autograder.report.words import count

ENOUGH_TO_FAIL = 5
"""A check that fewer students tried may well be failed by all of them."""
ENOUGH_TO_CORRELATE = 10


def missed(sheet: Sheet, questions: Sequence[Item]) -> tuple[Missed, ...]:
    """The known mistakes that students made, most frequent first."""
    answered = {each.id: each.answered for each in questions}
    found = []
    for (question, mistake), seen in sheet.mistakes.items():
        number, text, read_by = example(seen.messages)
        found.append(
            Missed(
                question=question, id=mistake, hint=seen.hint, students=len(seen.students), of=answered.get(question, 0),
                checks=tuple(sorted(seen.checks, key=_in_order)), example=text, example_of=number, example_read_by=read_by,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.students, _in_order(each.question), each.id)))


def other_failures(sheet: Sheet) -> tuple[Other, ...]:
    """The checks that students failed without a mistake that is known, most frequent first."""
    found = []
    for name, seen in sheet.others.items():
        asked = sheet.asked[name]
        _, text, read_by = example(seen.messages)
        found.append(Other(asked.number, name, asked.claim, len(seen.students), text, read_by))
    return tuple(sorted(found, key=lambda each: (-each.students, _in_order(each.number))))


def suspects(sheet: Sheet, checks: Sequence[Item]) -> tuple[Suspect, ...]:
    """The checks that look broken, in the order of the topic: one line for each reason."""
    return tuple(
        Suspect(check.id, check.name, check.title, reason) for check in checks for reason in _reasons(sheet, check)
    )


def _reasons(sheet: Sheet, check: Item) -> Iterator[str]:
    tried = check.n - check.blanks  # with a verdict
    if check.not_graded:
        (cause, times), *others = sheet.causes[check.name].most_common()
        of_them = f", {times} of them" if others else ""
        more = f" (and {count(len(others), 'other cause')})" if others else ""
        yield f"Not graded for {count(check.not_graded, 'student')}{of_them}: {cause}{more}"
    if tried >= ENOUGH_TO_FAIL and check.share == 0.0:
        yield f"Nobody passes: {tried} tried."
    if check.correlation is not None and check.correlation < 0.0 and check.n >= ENOUGH_TO_CORRELATE:
        chance = " In a class of this size that may be chance." if abs(check.correlation) < 2 / check.n**0.5 else ""
        yield (
            f"Who passes it does worse in everything else: the correlation is {check.correlation:.2f}.{chance}"
        ).replace("-", "\N{MINUS SIGN}")


def _in_order(number: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", number)]
