"""What verifying a topic found: faults, notes, the kill matrix, and how to print them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from autograder.topic import Topic
from autograder.verify.survival import Survival

Place = int | Literal["sandbox"]
"""Where something was seen: with a set of inputs in this process, or in the sandbox."""


@dataclass(slots=True)
class Fault:
    """A defect of the topic, seen in one place or in several."""

    sentence: str
    detail: str = ""
    places: list[Place] = field(default_factory=list)

    def line(self, tried: int) -> str:
        """The sentence, where it was seen if that is not everywhere, and the detail of the first time."""
        seeds = [place for place in self.places if place != "sandbox"]
        where = ""
        if seeds and len(seeds) < tried:
            where = f" with {len(seeds)} of {tried} sets of inputs (set {min(seeds)})"
        elif not seeds and self.places:
            where = " in the sandbox"
        return f"{self.sentence}{where}{': ' if self.detail else ''}{self.detail}"


@dataclass(slots=True)
class Verification:
    """What verifying a topic found."""

    topic: Topic
    seeds: int = 1
    found: dict[str, Fault] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What is worth a look, and is no defect."""
    matrix: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each mistake, the checks that fail it."""
    survival: Survival | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.found

    @property
    def faults(self) -> list[str]:
        """Sentences, each of which is a defect of the topic. None: the topic is proven."""
        return [fault.line(self.seeds) for fault in self.found.values()]

    def fault(self, sentence: str, detail: str = "", place: Place | None = None) -> None:
        """Add a defect, or one more place where a known one was seen."""
        fault = self.found.setdefault(sentence, Fault(sentence, " ".join(detail.split())))
        if place is not None and place not in fault.places:
            fault.places.append(place)

    def note(self, sentence: str) -> None:
        """Add what is worth a look, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def lines(self) -> list[str]:
        """A summary, the kill matrix, mutants, notes and faults, to print."""
        topic = self.topic
        checks = [check for question in topic.questions for check in question.checks]
        head = (
            f"{topic.name}: {len(topic.questions)} questions, {len(checks)} checks, {len(topic.accepted)} accepted "
            f"answers, {len(topic.mistakes)} mistakes, {topic.points:g} points"
        )
        mutants = [] if self.survival is None else self.survival.lines()
        return [head, *self._table(), *mutants, *(f"note: {note}" for note in self.notes),
                *(f"FAULT {fault}" for fault in self.faults)]  # fmt: skip

    def _table(self) -> Iterator[str]:
        """For each question, which of its checks fails which mistake: a named check as X, another as x."""
        for number, question in enumerate(self.topic.questions, start=1):
            mistakes = [each for each in self.topic.mistakes if each.of in question.settings.names]
            if not mistakes:
                continue
            width = max(len(each.id) for each in mistakes)
            yield f"  {question.id}: {question.settings.title}"
            for place, check in enumerate(question.checks, start=1):
                kind = "public" if check.name in question.public else "hidden"
                yield f"    {number}.{place} {check.name} ({kind}, {check.points:g})"
            columns = [f"{number}.{place}" for place in range(1, len(question.checks) + 1)]
            yield f"    {'':{width}}  {' '.join(columns)}"
            for mistake in mistakes:
                failed = self.matrix.get(mistake.id, frozenset())
                cells = [
                    ("X" if check.name in mistake.caught_by else "x") if check.name in failed else "."
                    for check in question.checks
                ]
                row = " ".join(f"{cell:^{len(column)}}" for cell, column in zip(cells, columns, strict=True))
                yield f"    {mistake.id:{width}}  {row}".rstrip()
