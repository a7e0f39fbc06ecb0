"""How many mutants of the solution the hidden checks notice.

A mutant is killed if a check of a question that it is part of fails, or if it raises, hangs or takes too much memory. Hidden
checks are asked first: public ones are in the students' hands, and cannot be what holds a wrong answer back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from autograder.checks import Check
from autograder.grading import Failure, Fault, Grader, Keys
from autograder.mutants import Mutant, mutants_of
from autograder.mutants.equivalent import Equivalent, listed_as_equivalent
from autograder.verify.children import Ended, Say, in_children
from autograder.verify.trial import SECRET, Clock, compiled, defined, opener

THRESHOLD = 0.95
"""Share of the mutants, without the listed equivalent ones, that hidden checks must kill."""
LEAST_S = 1.0
SLOWER = 20
"""A mutant may take this many times what the solution takes, and at least LEAST_S."""


@dataclass(frozen=True, slots=True)
class Death:
    """Which check noticed a mutant, and how."""

    check: str
    """Empty if its code did not even run."""
    fault: str = ""
    """Why the check could not be graded, if that is what happened."""


@dataclass(slots=True)
class Survival:
    """What became of the mutants."""

    by_hidden: list[Mutant] = field(default_factory=list)
    by_public: list[Mutant] = field(default_factory=list)
    """Noticed by public checks alone."""
    alive: list[Mutant] = field(default_factory=list)
    equivalent: dict[str, Equivalent] = field(default_factory=dict)
    """By the mutant's id."""
    not_equivalent: list[tuple[Mutant, str]] = field(default_factory=list)
    """Listed as equivalent, with the check that noticed them."""
    not_graded: list[tuple[Mutant, Death]] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many there were, without the equivalent ones."""
        return len(self.by_hidden) + len(self.by_public) + len(self.alive) + len(self.not_graded)

    @property
    def share(self) -> float:
        """Share of those that hidden checks killed; 1 if there were none."""
        return len(self.by_hidden) / self.tried if self.tried else 1.0

    def lines(self) -> list[str]:
        """One line of numbers, and a diff of each that hidden checks let live."""
        numbers = (
            f"hidden checks kill {len(self.by_hidden)} of {self.tried} ({100 * self.share:.1f} %), public checks alone "
            f"{len(self.by_public)}, {len(self.alive)} survive, {len(self.equivalent)} are listed as equivalent"
        )
        lines = [f"  mutants: {numbers}"]
        for title, mutants in (("survives", self.alive), ("is killed by public checks alone", self.by_public)):
            for mutant in mutants:
                lines += [f"  {mutant.id} of {', '.join(mutant.questions)} {title}:",
                          *(f"    {line}" for line in mutant.diff.split("\n"))]  # fmt: skip
        return lines


def survival(
    grader: Grader, *, seconds: Mapping[str, float], jobs: int, on_progress: Callable[[str], None]
) -> Survival:
    """Try every mutant. `seconds`: what each check takes with the solution.

    Raises CourseError if the list of equivalent mutants is wrong.
    """
    topic = grader.topic
    mutants = mutants_of(topic)
    result = Survival(equivalent=listed_as_equivalent(topic, mutants).copy())

    def work(mutant: Mutant, say: Say) -> Iterator[bytes]:
        death = _death(grader, mutant, seconds, say)
        yield msgspec.json.encode(death)

    limit_s = LEAST_S + SLOWER * max(seconds.values(), default=0.0)
    hidden = {check.name for check in topic.hidden_checks}
    deaths: dict[str, Death | None] = {}
    memory_mib = topic.settings.limits.memory_mib
    for mutant, item in in_children(mutants, work, jobs=jobs, silence_s=3 * limit_s + 2, memory_mib=memory_mib):
        ended = isinstance(item, Ended)
        deaths[mutant.id] = Death(item.at) if isinstance(item, Ended) else msgspec.json.decode(item, type=Death | None)
        if len(deaths) % 20 == 0 or ended:
            on_progress(f"{topic.name}: {len(deaths)} of {len(mutants)} mutants")
    for mutant in mutants:
        _sort_in(result, mutant, deaths[mutant.id], hidden)
    return result


def _sort_in(result: Survival, mutant: Mutant, death: Death | None, hidden: set[str]) -> None:
    if death is not None and death.fault:
        result.not_graded.append((mutant, death))
        result.equivalent.pop(mutant.id, None)
    elif mutant.id in result.equivalent:
        if death is not None:
            result.not_equivalent.append((mutant, death.check))
    elif death is None:
        result.alive.append(mutant)
    elif death.check in hidden or not death.check:
        result.by_hidden.append(mutant)
    else:
        result.by_public.append(mutant)


def _death(grader: Grader, mutant: Mutant, seconds: Mapping[str, float], say: Say) -> Death | None:
    """None if it passes every check."""
    topic = grader.topic
    keys = Keys(SECRET, topic.name)
    try:
        code = compiled(mutant.source)
        defined([code])
    except Exception:
        return Death("")
    for check in sorted(_checks_of(grader, mutant.questions), key=lambda each: each in topic.public_checks):
        say(check.name)
        clock = Clock(LEAST_S + SLOWER * seconds.get(check.name, 0.0))
        found = grader._try(check, keys, opener(grader, lambda: defined([code]), clock), frozenset())
        if isinstance(found, Failure) or clock.ran_out:
            return Death(check.name)
        if isinstance(found, Fault):
            return Death(check.name, f"{type(found.error).__name__}: {found.error}")
    return None


def _checks_of(grader: Grader, questions: Sequence[str]) -> list[Check]:
    return [check for question in grader.topic.questions if question.id in questions for check in question.checks]
