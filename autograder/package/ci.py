"""What runs in a CI system: a repository template for students, and a workflow for the course's own private repository.

The template is the student package with workflows for GitHub and GitLab beside it; its checks run there as they do in a
notebook, with what the package carries. Nothing of the template is secret, and `leaks` has looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from autograder.package import leaks
from autograder.package.gradescope.wheel import wheel
from autograder.package.student import REQUIREMENTS, fill, package_files, zipped
from autograder.topic import Topic

PYTHON = "3.12"
TORCH = next(line for line in REQUIREMENTS if line.startswith("torch"))
GRADER_NEEDS = [line for line in REQUIREMENTS if line.startswith("matplotlib")]
"""Packages that notebooks import and the toolkit does not."""
IGNORED = (".venv/", "__pycache__/", ".ipynb_checkpoints/", ".OTTER_LOG", "*-hand-in.zip", "report/")
"""What a student's repository does not keep."""


def build(topic: Topic, out: Path, files: Mapping[str, bytes] | None = None) -> tuple[Path, Path]:
    """Write the folders `<out>/<topic>/github/` and `<out>/<topic>/github-private/`, and return them.

    `files` are those of the student package, if they are made already.
    Raises CourseError, before anything is written, for what `student.build` raises it for.
    """
    made = template_files(topic, package_files(topic) if files is None else files)
    leaks.refuse(zipped(made, root=topic.name), topic)
    template, private = out / topic.name / "github", out / topic.name / "github-private"
    fill(template, made)
    fill(private, private_files(topic))
    return template, private


def template_files(topic: Topic, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every file of the repository template: those of the student package, workflows, and what git should know."""
    words = {"TOPIC": topic.name, "PYTHON": PYTHON, "TORCH": TORCH}
    more = {
        ".github/workflows/grade.yml": _template("public-checks.yml", words),
        ".gitlab-ci.yml": _template("gitlab-ci.yml", words),
        ".gitignore": "".join(f"{line}\n" for line in IGNORED).encode(),
        ".gitattributes": b"*.npz binary\n",
        "README.md": files["README.md"] + _template("repository.md", words),
    }
    return dict(sorted({**files, **more}.items()))


def private_files(topic: Topic) -> dict[str, bytes]:
    """What the private repository of the course needs besides the course: a workflow, the toolkit, and a place to put answers."""
    name, wheel_file = wheel()
    packages = " ".join(f"'{line}'" for line in [*GRADER_NEEDS, *topic.settings.packages])
    words = {"TOPIC": topic.name, "PYTHON": PYTHON, "TORCH": TORCH, "WHEEL": name, "PACKAGES": packages}
    return {
        f".github/workflows/grade-{topic.name}.yml": _template("grade-submissions.yml", words),
        f"submissions/{topic.name}/README.md": _template("submissions.md", words),
        f"wheels/{name}": wheel_file,
    }


def _template(name: str, words: Mapping[str, str]) -> bytes:
    text = (resources.files("autograder.package") / "templates" / name).read_text(encoding="utf-8")
    for key, word in words.items():
        text = text.replace(f"@{key}@", word)
    return text.encode()
