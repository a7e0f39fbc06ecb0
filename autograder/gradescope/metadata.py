"""`submission_metadata.json`: who handed in, when, and what they handed in before. Nothing in it is taken on trust.

Source: https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/ (January 2025). Extensions of single
students are not described there, but stand in the file as `users[].assignment`.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_MIB = 32


@dataclass(frozen=True, slots=True)
class Earlier:
    """A submission of the same student or group before this one."""

    at: dt.datetime
    failed: bool
    """Whether the autograder failed on it."""
    results: Any = None
    """What it wrote then; Gradescope keeps it for the latest alone."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a submission; None or empty where it is not."""

    created_at: dt.datetime | None = None
    due: dt.datetime | None = None
    """The latest due date of those who handed in: an extension of one holds for the group."""
    names: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    """Oldest first, and only those from before this one: in a rerun there are later ones."""
    fault: str = ""
    """Why the file, or its times, cannot be used."""


def read_metadata(path: Path) -> Metadata:
    """What the file says. A damaged or missing file is no error: its fault is told."""
    try:
        if path.stat().st_size > MAX_MIB << 20:
            return Metadata(fault=f"{path.name} has more than {MAX_MIB} MiB")
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Metadata(fault=f"there is no {path.name}")
    except (OSError, ValueError, RecursionError) as error:
        return Metadata(fault=f"{path.name} cannot be read ({type(error).__name__})")
    if not isinstance(said, dict):
        return Metadata(fault=f"{path.name} holds {type(said).__name__}, not an object")
    users = [user for user in _list(said.get("users")) if isinstance(user, dict)]
    created = _time(said.get("created_at"))
    fault = "" if created is not None else f"{path.name} has no `created_at` that is a time"
    dues = [_time(_dict(each.get("assignment")).get("due_date")) for each in (said, *users)]
    known = [due for due in dues if due is not None]
    given = _dict(said.get("assignment")).get("due_date")
    if not fault and given is not None and dues[0] is None:
        fault = f"{path.name} has a `due_date` that is no time"
    names = [user["name"] for user in users if isinstance(user.get("name"), str) and user["name"].strip()]
    return Metadata(
        created_at=created,
        due=max(known, default=None),
        names=tuple(names),
        earlier=_earlier(said.get("previous_submissions"), created),
        fault=fault,
    )


def _earlier(entries: Any, before: dt.datetime | None) -> tuple[Earlier, ...]:
    found = []
    for entry in _list(entries):
        at = _time(_dict(entry).get("submission_time"))
        if at is not None and (before is None or at < before):
            found.append(Earlier(at, bool(entry.get("autograder_error")), entry.get("results")))
    return tuple(sorted(found, key=lambda each: each.at))


def _time(value: Any) -> dt.datetime | None:
    """A moment; one without a zone is taken for UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
