"""What a verdict depends on besides the submission: the topic, the toolkit, and the secret that inputs are drawn from.

Hashed into a key that is quick to form, and does not need anything of it to be loaded.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from autograder.course import Course
from autograder.version import add_files, toolkit

PARTS = ("topic", "toolkit", "secret")


def key_of(course: Course, topic: str) -> str:
    """The key of a topic as it is now, in three parts: "topic-toolkit-secret"."""
    secret = hashlib.blake2b(course.secret(), digest_size=6, person=b"fingerprint").hexdigest()
    return f"{_topic(course.root, topic)}-{toolkit()}-{secret}"


def changed(old: str, new: str) -> list[str]:
    """Which parts of two keys differ: "topic", "toolkit", "secret"."""
    pairs = zip(PARTS, old.split("-"), new.split("-"), strict=False)
    return [part for part, before, now in pairs if before != now]


def _topic(root: Path, topic: str) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for folder in ("assignments", "reference", "solutions"):
        add_files(digest, root / folder / topic, (root / folder / topic).rglob("*"))
    return digest.hexdigest()
