"""Which messages may stand on a page about a whole class, where nobody should be recognised."""

from __future__ import annotations

import builtins
import re
from collections import Counter

from autograder.report.escape import shortened

MANY = 3
"""A message that so many students read is nobody's."""

OWN_WORDS = re.compile(
    r"^`(?P<name>[^`]*)` (?:raised (?P<exception>\w+)|(?P<returned>returned)\b|is not a function|cannot be called)"
)


def example(messages: Counter[tuple[str, str]]) -> tuple[str, str, int]:
    """The message that most students read, the check it belongs to, and how many read it: anonymous.

    A rarer one may hold a student's own words (the text of an exception, a line of their code): those are cut off, and what
    is left is counted.
    """
    shown: Counter[tuple[str, str]] = Counter()
    for (number, message), students in messages.items():
        shown[number, message if students >= MANY else without_own_words(message)] += students
    if not shown:
        return "", "", 0
    (number, text), students = min(shown.items(), key=lambda item: (-item[1], item[0]))
    return number, shortened(text, characters=600, lines=12), students


def without_own_words(message: str) -> str:
    """A message without what the student's code said in it.

    >>> without_own_words("`f` raised ValueError: I am Ada (cell 3, line 2)")
    '`f` raised ValueError.'
    """
    match = OWN_WORDS.match(message)
    if match is None:
        return re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "'…'", message)
    name = f"`{match['name'].partition('(')[0]}`"
    if match["exception"]:
        known = isinstance(getattr(builtins, match["exception"], None), type)
        return f"{name} raised {match['exception'] if known else 'an exception'}."
    if match["returned"]:
        return f"{name} returned something else than the handout asks for."
    return f"{name} cannot be called as the handout says."
