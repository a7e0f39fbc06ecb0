"""From sources and a roster to files with owners. Nothing is dropped: what is not taken in is set aside, with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from autograder.intake.handed import HandedIn, Student
from autograder.intake.layouts import BROUGHT_ALONG, Bundle, bundles_of
from autograder.intake.matching import Matcher
from autograder.intake.sources import Item, Source

ENDINGS = (".ipynb", ".zip", ".py", ".json", ".txt")
"""What a notebook may come as, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A file that is not graded."""

    origin: str
    why: str


@dataclass(slots=True)
class Intake:
    """What one source holds."""

    source: str
    handed: list[HandedIn] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)

    @property
    def unmatched(self) -> list[HandedIn]:
        """Files whose owner is not known for certain. They are graded, under the name that they came with."""
        return [each for each in self.handed if each.note]


@dataclass(frozen=True, slots=True)
class _Candidate:
    bundle: Bundle
    item: Item
    students: tuple[Student, ...]
    note: str
    rank: int


def take_in(source: Source, roster: Iterable[Student] | None) -> Intake:
    """Everything in a source, with its owners. Without a roster, what the source says of them is believed.

    Raises CourseError if the source's own table of who handed in what is broken, or an archive is a bomb.
    """
    intake, matcher = Intake(source.name), Matcher(roster)
    bundles = list(bundles_of(source))
    names = Counter(item.place.name for bundle in bundles for item in bundle.items)
    candidates = []
    for bundle in bundles:
        item = _choose(bundle, names, intake.aside)
        if item is None:
            continue
        matches = [matcher.match(claim) for claim in bundle.claims]
        note = "; ".join(f"{match.student.name} {match.doubt}" for match in matches if match.doubt)
        students = tuple({match.student.student: match.student for match in matches}.values())
        candidates.append(_Candidate(bundle, item, students, note, _rank(item.place)))
    for candidate in _meant(candidates, roster is not None, intake.aside):
        _take(candidate, source, intake)
    return intake


def _choose(bundle: Bundle, names: Counter[str], aside: list[Aside]) -> Item | None:
    """The file of a bundle that is graded: a notebook before anything else, called as most of the class call theirs."""
    for place in bundle.extra:
        aside.append(Aside(place, "is text that was typed in, not a file"))
    good = []
    for item in bundle.items:
        if item.fault:
            aside.append(Aside(str(item.place), item.fault))
        elif not BROUGHT_ALONG.intersection(item.place.parts[1:-1]):
            good.append(item)
    if not good:
        if not any(item.fault for item in bundle.items):
            aside.append(Aside(bundle.origin, "holds no file that can be graded"))
        return None
    good.sort(key=lambda item: (item.size == 0, _rank(item.place), -names[item.place.name], item.place))
    chosen, *others = good
    for other in others:
        if _rank(other.place) <= _rank(chosen.place):
            what = "is empty" if other.size == 0 else "is another notebook"
            aside.append(Aside(str(other.place), f"{what}; {chosen.place.name} of the same submission was taken"))
    return chosen


def _meant(candidates: Sequence[_Candidate], rostered: bool, aside: list[Aside]) -> Iterable[_Candidate]:
    """Without the files that lie about: no notebook, and nobody's, or of somebody who handed in a notebook too."""
    better = {student.student for each in candidates if each.rank < len(ENDINGS) for student in each.students}
    for each in candidates:
        stranger = not rostered or bool(each.note)
        no_notebook = each.rank == len(ENDINGS)
        text = each.item.place.suffix.lower() in {".txt", ".json"} and ".ipynb" not in each.item.place.suffixes
        again = no_notebook and any(student.student in better for student in each.students)
        if not each.bundle.certain and (again or (stranger and (no_notebook or text))):
            aside.append(Aside(str(each.item.place), "is no notebook"))
        else:
            yield each


def _take(candidate: _Candidate, source: Source, intake: Intake) -> None:
    bundle, item = candidate.bundle, candidate.item
    try:
        path, sha256 = source.content(item)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        intake.aside.append(Aside(str(item.place), f"cannot be read: {why}"))
        return
    intake.handed.append(
        HandedIn(
            bundle.origin, path, sha256, candidate.students, bundle.attempt, bundle.handed_in or item.modified,
            bundle.late, candidate.note,
        )
    )  # fmt: skip


def _rank(place: PurePosixPath) -> int:
    """How likely it is that a file is the notebook that was asked for; len(ENDINGS) for what looks like none."""
    ending = place.suffix.lower()
    return ENDINGS.index(ending) if ending in ENDINGS else len(ENDINGS)


def apart(intakes: Sequence[Intake]) -> None:
    """Give files of several sources different origins where they have the same one."""
    count = Counter(each.origin for intake in intakes for each in intake.handed)
    for intake in intakes:
        source = Path(intake.source)
        for place, each in enumerate(intake.handed):
            if count[each.origin] > 1:
                before = source.parent.name if source.name == each.origin else source.name
                intake.handed[place] = replace(each, origin=f"{before}/{each.origin}")
