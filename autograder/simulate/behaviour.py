"""What a made-up student does with each function: the right thing, a typical mistake, or nothing.

Everybody has an ability, every function a difficulty, and the chance to get it right rises with the difference, as in the
two-parameter model of item response theory (Birnbaum, in Lord and Novick 1968, chapter 17). So a simulated class has the
item statistics of a real one: who fails one question is likelier to fail another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from autograder.topic import KnownAnswer, Topic

DISCRIMINATION = 1.4
"""How steeply the chance rises with ability."""
EASE = 0.9
"""Shifts every function, so that an average student gets about seven of ten right."""
OWN_WAY = 0.35
"""Share of right answers that are written in another way than the solution."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in for one name."""

    kind: str
    """"solution", "accepted", "mistake" or "blank"."""
    known: KnownAnswer | None = None

    def __str__(self) -> str:
        """As in the key: "solution", "mistake:sign_lost"."""
        return self.kind if self.known is None else f"{self.kind}:{self.known.id}"


@dataclass(frozen=True, slots=True)
class Item:
    """One name that students define, as this class meets it."""

    name: str
    difficulty: float
    accepted: tuple[KnownAnswer, ...]
    mistakes: tuple[KnownAnswer, ...]
    weights: tuple[float, ...]
    """Shares of the mistakes: a few are common, most are rare."""
    place: float
    """From 0, the first question, to 1, the last: time runs out."""


def items(topic: Topic, rng: Generator) -> list[Item]:
    """The names of a topic, with difficulties around those that `topic.toml` says."""
    found = []
    questions = topic.settings.questions
    for number, question in enumerate(questions):
        for name in question.names:
            mistakes = tuple(answer for answer in topic.mistakes if answer.of == name)
            ranks = rng.permutation(len(mistakes)) + 1
            weights = (1.0 / ranks) / (1.0 / ranks).sum() if mistakes else ranks
            found.append(
                Item(
                    name,
                    0.45 * (question.difficulty - 3) + 0.3 * float(rng.standard_normal()),
                    tuple(answer for answer in topic.accepted if answer.of == name),
                    mistakes,
                    tuple(float(weight) for weight in weights),
                    number / max(len(questions) - 1, 1),
                )
            )
    return found


def answers(ability: float, asked: Sequence[Item], rng: Generator) -> dict[str, Answer]:
    """What a student of this ability (0 is average, 1 a standard deviation better) does with each name."""
    return {item.name: _answer(ability, item, rng) for item in asked}


def worse(these: Mapping[str, Answer], asked: Sequence[Item], rng: Generator) -> dict[str, Answer]:
    """An earlier attempt: the same, but a third of the right answers are not there yet."""
    earlier = dict(these)
    for item in asked:
        right = these[item.name].kind in {"solution", "accepted"}
        if right and rng.random() < 1 / 3:
            earlier[item.name] = _wrong(item, rng) if rng.random() < 0.6 else Answer("blank")
    return earlier


def _answer(ability: float, item: Item, rng: Generator) -> Answer:
    if rng.random() < _logistic(DISCRIMINATION * ability - item.difficulty + EASE):
        if item.accepted and rng.random() < OWN_WAY:
            return Answer("accepted", item.accepted[int(rng.integers(len(item.accepted)))])
        return Answer("solution")
    if rng.random() < _logistic(-1.6 - 0.9 * ability + 1.2 * item.place):
        return Answer("blank")
    return _wrong(item, rng)


def _wrong(item: Item, rng: Generator) -> Answer:
    if not item.mistakes:
        return Answer("blank")
    return Answer("mistake", item.mistakes[int(rng.choice(len(item.mistakes), p=np.array(item.weights)))])


def _logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))
