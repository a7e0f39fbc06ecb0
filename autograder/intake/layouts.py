"""Which files belong together, and what their places say of who handed them in: one function for each kind of download.

Gradescope: `submission_<id>/` folders and `submission_metadata.yml`. Canvas: `<name>_[LATE_]<user id>_<file id>_<file>`.
Moodle: `<Full name>_<participant>_assignsubmission_file/<file>`. Anything else: a folder or a file for each student.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from autograder.intake.gradescope import METADATA, METADATA_MIB, read_metadata
from autograder.intake.sources import Item, Source

CANVAS = re.compile(r"^(?P<name>[^_]*)_(?P<late>LATE_)?(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.+)$")
MOODLE = re.compile(r"^(?P<name>.+)_(?P<participant>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<rest>.*)$")
ATTEMPT = re.compile(r"(?:^|[ _.-]+)(?:attempt|try|version|submission|v)[ _-]?(?P<word>\d{1,3})$|[ _-]*\((?P<count>\d{1,3})\)$",
                     re.IGNORECASE)  # fmt: skip
BROUGHT_ALONG = {"tests", "autograder", "data", "figures"}
"""Folders of a handout, which students hand in with the notebook."""
CANVAS_AGAIN = re.compile(r"-(?P<count>\d{1,2})$")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a place says of one student."""

    name: str = ""
    email: str = ""
    number: str = ""
    username: str = ""
    canvas_id: str = ""
    moodle_id: str = ""
    words: str = ""
    """What somebody called a folder or a file: the student's name, number or login may stand in it."""


@dataclass(slots=True)
class Bundle:
    """What was handed in at one time, by one student or a group."""

    origin: str
    claims: tuple[Claim, ...]
    items: list[Item]
    attempt: int | None = None
    handed_in: str = ""
    late: bool = False
    certain: bool = True
    """Whether the download says that this was handed in; else it may be some file that lies about."""
    extra: list[str] = field(default_factory=list)


def bundles_of(source: Source) -> Iterator[Bundle]:
    """What was handed in, bundle by bundle. Raises CourseError if Gradescope's metadata cannot be read."""
    root = _root(source)
    items = [(item, item.place.relative_to(root)) for item in source.items if item.place.is_relative_to(root)]
    metadata = next((item for item, place in items if str(place) == METADATA), None)
    if metadata is not None:
        path, _ = source.content(metadata, most_mib=METADATA_MIB)
        yield from _gradescope(items, read_metadata(path.read_text(encoding="utf-8", errors="replace")))
        return
    rest = [
        (item, place) for item, place in items if not (MOODLE.match(place.parts[0]) or CANVAS.match(place.parts[0]))
    ]
    yield from _named(items)
    yield from _plain(rest)


def _root(source: Source) -> PurePosixPath:
    """Where the submissions stand: below a folder that merely wraps everything, as some archives have it."""
    root = PurePosixPath()
    while True:
        below = [item.place.relative_to(root).parts for item in source.items]
        tops = {parts[0] for parts in below}
        if len(tops) != 1 or any(len(parts) == 1 for parts in below):
            return root
        (top,) = tops
        inside = {parts[1] for parts in below}
        if MOODLE.match(top) or (len(inside) < 2 and not any(len(parts) > 2 for parts in below)):
            return root
        root /= top


def _gradescope(items: Iterable[tuple[Item, PurePosixPath]], metadata: dict[str, Any]) -> Iterator[Bundle]:
    folders: dict[str, list[Item]] = {}
    for item, place in items:
        if len(place.parts) > 1:
            folders.setdefault(place.parts[0], []).append(item)
    for name in sorted({*folders, *metadata}):
        about = metadata.get(name, {})
        people = about.get(":submitters")
        claims = tuple(
            Claim(name=_word(each, ":name"), email=_word(each, ":email"), number=_word(each, ":sid"))
            for each in (people if isinstance(people, list) else [])
            if isinstance(each, dict)
        )
        claims = tuple(claim for claim in claims if claim != Claim())
        history = about.get(":history")
        yield Bundle(
            name,
            claims or (Claim(words=name),),
            folders.get(name, []),
            attempt=len(history) + 1 if isinstance(history, list) else None,
            handed_in=_when(about.get(":created_at")),
        )


def _named(items: Iterable[tuple[Item, PurePosixPath]]) -> Iterator[Bundle]:
    """Those whose names follow Moodle's or Canvas's pattern."""
    bundles: dict[str, Bundle] = {}
    for item, place in items:
        top = place.parts[0]
        if match := MOODLE.match(top):
            origin = f"{match['name']}_{match['participant']}"
            claim = Claim(name=match["name"].replace("_", " "), moodle_id=match["participant"])
            bundle = bundles.setdefault(f"moodle {origin}", Bundle(origin, (claim,), []))
            if match["kind"] == "onlinetext":
                bundle.extra.append(str(item.place))
                continue
        elif match := CANVAS.match(top):
            again = CANVAS_AGAIN.search(PurePosixPath(match["rest"]).stem)
            attempt = int(again["count"]) + 1 if again else 1
            claim = Claim(name=match["name"], canvas_id=match["user"])
            bundle = bundles.setdefault(
                f"canvas {match['user']} {attempt}",
                Bundle(f"{match['name']}_{match['user']}" + (f" attempt {attempt}" if again else ""), (claim,), [],
                       attempt=attempt, late=bool(match["late"])),
            )  # fmt: skip
        else:
            continue
        bundle.items.append(item)
    yield from bundles.values()


def _plain(items: Iterable[tuple[Item, PurePosixPath]]) -> Iterator[Bundle]:
    """A folder for each student, with a folder for each attempt perhaps, or a file for each attempt."""
    bundles: dict[tuple[str, str, int | None], Bundle] = {}
    for item, place in items:
        if len(place.parts) == 1:
            words, attempt = _attempt(_stem(place.name))
            bundles[words, place.name, None] = Bundle(
                str(place), (Claim(words=words or place.stem),), [item], attempt=attempt, certain=False
            )
            continue
        student, between = place.parts[0], [part for part in place.parts[1:-1] if part not in BROUGHT_ALONG]
        words, attempt = _attempt(student)
        marks = [_attempt(part)[1] for part in between] + [_attempt(_stem(place.name))[1]]
        attempt = next((mark for mark in marks if mark is not None), attempt)
        origin = "/".join((student, *between)) + (f" attempt {attempt}" if attempt is not None else "")
        bundle = bundles.setdefault(
            (student, "/".join(between), attempt),
            Bundle(origin, (Claim(words=words or student),), [], attempt=attempt, certain=False),
        )
        bundle.items.append(item)
    for bundle in bundles.values():
        bundle.handed_in = max(item.modified for item in bundle.items)
        yield bundle


def _attempt(words: str) -> tuple[str, int | None]:
    """Words without the number of an attempt at their end, and that number.

    >>> _attempt("ada_attempt2"), _attempt("ada (1)"), _attempt("ada"), _attempt("attempt 3")
    (('ada', 2), ('ada', 2), ('ada', None), ('', 3))
    """
    match = ATTEMPT.search(words)
    if match is None:
        return words, None
    number = int(match["word"]) if match["word"] else int(match["count"]) + 1  # a browser's second download is "(1)"
    return words[: match.start()], number


def _stem(name: str) -> str:
    """A file's name without what says its kind.

    >>> _stem("ada.ipynb"), _stem("ada.l.ipynb.txt")
    ('ada', 'ada.l')
    """
    return re.sub(r"(?:\.(?:ipynb|py|txt|json|zip|pdf|html|docx?|md|r?tf|gz|tar))+$", "", name, flags=re.IGNORECASE)


def _word(about: dict[Any, Any], key: str) -> str:
    value = about.get(key, about.get(key.removeprefix(":")))
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _when(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.replace(microsecond=0).isoformat()
    return str(value)[:25] if isinstance(value, str) else ""
