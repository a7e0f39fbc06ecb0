"""The three folders of a new topic, small and whole: what it makes passes `chainrule verify`."""

from __future__ import annotations

import keyword
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".template"
"""Keeps tools from taking a template for the Python or TOML file that it becomes."""


def scaffold(course: Course, name: str, *, title: str | None = None) -> list[Path]:
    """Write the folders of a new topic and return the paths of the files, in the order in which to read them.

    Raises CourseError if the name is not a lower-case Python name, the title would not fit in a line, or a folder
    of that name is there already.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name != name.lower() or name.startswith("_"):
        raise CourseError(f"`{name}` cannot name a topic: use a Python name in lower case, such as `batch_norm`")
    title = name.replace("_", " ").capitalize() if title is None else title.strip()
    if not title or not title.isprintable() or '"' in title or "\\" in title:
        raise CourseError("the title must be one line of text, without quotation marks and backslashes")
    places = [course.root / part / name for part in ("assignments", "reference", "solutions")]
    for folder in places:
        if folder.exists():
            raise CourseError("is there already", path=folder)
    written = []
    for folder in places:
        for template in sorted((TEMPLATES / folder.parent.name).glob(f"*{SUFFIX}"), key=_reading_order):
            path = folder / template.name.removesuffix(SUFFIX)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = template.read_text(encoding="utf-8")
            path.write_text(text.replace("@TOPIC@", name).replace("@TITLE@", title), encoding="utf-8")
            written.append(path)
    return written


def _reading_order(template: Path) -> int:
    order = ("topic.toml", "notebook.md", "checks.py", "reference.py", "hidden.py", "solution.py", "accepted.py")
    name = template.name.removesuffix(SUFFIX)
    return order.index(name) if name in order else len(order)
