"""Mutants that no check can tell from the solution, because they are right: listed by the topic, each with the reason.

`solutions/<topic>/equivalent_mutants.toml`::

    [[mutant]]
    of = "sigmoid"
    was = "return np.where(z >= 0, 1.0, small) / (1.0 + small)"
    becomes = "return np.where(z > 0, 1.0, small) / (1.0 + small)"
    reason = "At z = 0 both branches are 1 / 2."

The lines are those of a survivor's diff, without indentation and comments, so that no entry depends on a line number.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from autograder.course import read_toml
from autograder.errors import CourseError
from autograder.mutants import Mutant
from autograder.topic import Topic

FILE = "equivalent_mutants.toml"
Text = Annotated[str, msgspec.Meta(min_length=1)]


class Equivalent(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A `[[mutant]]` of the file."""

    of: Text
    """The function, class or constant that is changed."""
    was: Text
    reason: Text
    becomes: str = ""
    """Empty where the lines are dropped."""

    def matches(self, mutant: Mutant) -> bool:
        """Whether the entry speaks of this mutant."""
        return (self.of, _lines(self.was), _lines(self.becomes)) == (mutant.name, mutant.was, mutant.becomes)


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"mutants": "mutant"}):
    mutants: list[Equivalent] = []


def path_of(topic: Topic) -> Path:
    """Where the list stands; it need not be there."""
    return topic.path("solution").parent / FILE


def listed_as_equivalent(topic: Topic, mutants: Sequence[Mutant]) -> dict[str, Equivalent]:
    """The entry for each mutant that has one, by the mutant's id.

    Raises CourseError if the file cannot be read, or an entry speaks of no mutant.
    """
    path = path_of(topic)
    if not path.is_file():
        return {}
    found: dict[str, Equivalent] = {}
    for entry in read_toml(path, _File).mutants:
        meant = [mutant.id for mutant in mutants if entry.matches(mutant)]
        if not meant:
            raise CourseError(
                f"there is no mutant of `{entry.of}` that makes `{entry.becomes}` of `{entry.was}`", path=path
            )
        found |= dict.fromkeys(meant, entry)
    return found


def _lines(text: str) -> str:
    return "\n".join(line for line in map(str.strip, text.splitlines()) if line)
