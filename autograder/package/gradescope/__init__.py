"""The zip that is uploaded to Gradescope: everything that grades one topic there, made from what grades it here.

It holds secrets (the reference, the hidden checks, the course's key) and is for Gradescope and instructors alone.
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from autograder.course import COURSE_FILE, SECRET_FILE
from autograder.gradescope.unfinished import blank
from autograder.notebook.handout import public_files
from autograder.package.gradescope.pins import pinned
from autograder.package.gradescope.wheel import archive, requirements, wheel
from autograder.package.student import REQUIREMENTS
from autograder.report import gradescope, json
from autograder.topic import Topic

SCRIPTS = frozenset({"setup.sh", "run_autograder"})
NOT_NEEDED = frozenset({"accepted.py", "equivalent_mutants.toml"})
"""Files of a topic's solutions that are for `chainrule verify`."""
IN_NOTEBOOKS_ONLY = frozenset({"ipykernel"})
"""What students need and a grader does not."""


def build(topic: Topic, out: Path) -> Path:
    """Write `<out>/<topic>/<topic>-gradescope.zip`; its path. The same topic, secret and versions give the same bytes.

    Raises CourseError, before anything is written, if the topic is broken.
    """
    content = archive(zip_files(topic), executable=SCRIPTS)
    target = out / topic.name / f"{topic.name}-gradescope.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    target.chmod(0o600)  # it holds secrets
    target.write_bytes(content)
    return target


def zip_files(topic: Topic) -> dict[str, bytes]:
    """Every file of the zip: {"setup.sh": b"...", "course/course.toml": b"..."}."""
    topic.validate()
    templates = resources.files("autograder.package.gradescope") / "templates"
    files = {name: (templates / name).read_bytes() for name in SCRIPTS}
    name, content = wheel()
    nothing = blank(topic)
    settings = topic.settings.gradescope
    return files | course_files(topic) | {
        name: content,
        "requirements.txt": "".join(f"{line}\n" for line in pins(topic)).encode(),
        "blank.json": json.render(nothing, audience="student").encode(),
        "not-graded.json": gradescope.render(nothing, public=settings.public, hidden=settings.hidden).encode(),
    }  # fmt: skip


def pins(topic: Topic) -> list[str]:
    """Exact versions of all that grades this topic, and of what its notebooks import."""
    students = [line for line in REQUIREMENTS if re.split(r"\W", line, maxsplit=1)[0] not in IN_NOTEBOOKS_ONLY]
    return pinned([*requirements(), *students, *topic.settings.packages])


def course_files(topic: Topic) -> dict[str, bytes]:
    """A course with this one topic: its public folder, its reference, its solution and mistakes, and the secret."""
    root = topic.course.root
    secret = topic.course.secret()
    paths = [root / COURSE_FILE, *public_files(topic)]
    for folder in (root / "reference" / topic.name, root / "solutions" / topic.name):
        paths += [path for path in sorted(folder.rglob("*")) if path.is_file() and _needed(path.relative_to(folder))]
    files = {f"course/{path.relative_to(root).as_posix()}": path.read_bytes() for path in paths}
    return files | {f"course/{SECRET_FILE.as_posix()}": f"{secret.hex()}\n".encode()}


def _needed(path: Path) -> bool:
    return (
        path.name not in NOT_NEEDED
        and "__pycache__" not in path.parts
        and not any(part.startswith(".") for part in path.parts)
        and not path.name.endswith(("~", ".pyc"))
    )
