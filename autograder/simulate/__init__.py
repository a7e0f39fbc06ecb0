"""A class that does not exist: what 300 students might hand in, to try a topic and a grader on.

::

    people = simulate(topic, students=300, seed=1)
    write(people, topic, Path("simulated"), layout="canvas")

Right answers in many ways, typical mistakes in realistic shares, blanks; files damaged on their way, and hostile ones. The
same topic, number and seed make the same files, and a larger class begins with the smaller one's students. What each of them
did stands in `key.csv`, so that grades and reports can be held against the truth.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from numpy.random import Generator

from autograder import inputs
from autograder.errors import CourseError
from autograder.simulate.behaviour import Answer, Item, answers, items, worse
from autograder.simulate.damage import DAMAGE, File
from autograder.simulate.notebooks import HOSTILE, Notebooks
from autograder.simulate.people import Person, person
from autograder.topic import Topic

ABSENT_EVERY = 25
DAMAGED_EVERY = 12
HOSTILE_EVERY = 50
NOT_ENROLLED_EVERY = 100
TWO_ATTEMPTS = 0.12
UNTOUCHED = 0.015
"""Share of students who hand in the handout as it was."""
LATE = 0.08
DEADLINE = dt.datetime(2026, 3, 16, 12, 0, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One file that was handed in, and what its author did."""

    number: int
    file: File
    answers: dict[str, Answer]
    damage: str
    hostile: str
    at: dt.datetime

    @property
    def readable(self) -> bool:
        """Whether the code in it can still be graded."""
        return not self.damage or DAMAGE[self.damage].readable

    @property
    def late(self) -> bool:
        """Whether it came after the deadline."""
        return self.at > DEADLINE


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody, what they can, and what they handed in: nothing, once, or twice."""

    person: Person
    ability: float
    enrolled: bool
    attempts: tuple[Attempt, ...]


def simulate(topic: Topic, *, students: int, seed: int = 0, tame: bool = False) -> list[Student]:
    """A class of this many students. `tame`: no damaged and no hostile files.

    Raises CourseError if the topic has neither accepted answers nor mistakes to make a class of.
    """
    if not topic.mistakes and not topic.accepted:
        raise CourseError("there are no known answers to make a class of", path=topic.path("mistakes").parent)
    asked = items(topic, _rng(topic, seed, "the questions"))
    notebooks = Notebooks(topic)
    return [_student(place, topic, seed, asked, notebooks, tame) for place in range(1, students + 1)]


def _student(place: int, topic: Topic, seed: int, asked: Sequence[Item], notebooks: Notebooks, tame: bool) -> Student:
    rng = _rng(topic, seed, f"student {place}")
    who = person(place, rng)
    ability = float(rng.standard_normal())
    final = answers(ability, asked, rng)
    if rng.random() < UNTOUCHED:
        final = {name: Answer("blank") for name in final}
    first = worse(final, asked, rng) if rng.random() < TWO_ATTEMPTS else None
    hours = float(rng.exponential(20.0))
    minutes = round(60 * (1 + hours / 4 if rng.random() < LATE else -hours))
    at = DEADLINE + dt.timedelta(minutes=minutes)
    if _turn(place + 7 * seed, ABSENT_EVERY) is not None:
        return Student(who, ability, True, ())
    hostile = "" if tame else _kind(place + 7 * seed + 11, HOSTILE_EVERY, tuple(HOSTILE))
    damage = "" if tame or hostile else _kind(place + 7 * seed + 5, DAMAGED_EVERY, tuple(DAMAGE))
    made: list[Attempt] = []
    for these, then in ((first, at - dt.timedelta(hours=5)), (final, at)):
        if these is None:
            continue
        number = len(made) + 1
        last = these is final
        content = notebooks.written(these, mark=f"{who.username} {number}", hostile=hostile if last else "")
        file = File(f"{topic.name}.ipynb", content)
        made.append(
            Attempt(
                number,
                DAMAGE[damage].happens(file) if last and damage else file,
                these,
                damage if last else "",
                hostile if last else "",
                then,
            )
        )
    return Student(who, ability, _turn(place + 7 * seed + 3, NOT_ENROLLED_EVERY) is None, tuple(made))


def in_pairs(students: Sequence[Student], *, every: int = 30) -> list[Student]:
    """The same class, but now and then two neighbours hand in one file together: the first one's."""
    paired = list(students)
    for place in range(every - 1, len(paired), every):
        if paired[place - 1].attempts:
            paired[place] = replace(paired[place], attempts=paired[place - 1].attempts)
    return paired


def _turn(place: int, every: int) -> int | None:
    """Which turn it is of something that happens to every so many students; None if it is not this one's."""
    turn, rest = divmod(place, every)
    return turn if rest == every - 1 else None


def _kind(place: int, every: int, kinds: Sequence[str]) -> str:
    turn = _turn(place, every)
    return "" if turn is None else kinds[turn % len(kinds)]


def _rng(topic: Topic, seed: int, what: str) -> Generator:
    return inputs.rng_for(b"a class that does not exist", topic=topic.name, check=what, repeat=seed)
