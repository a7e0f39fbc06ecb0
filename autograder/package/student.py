"""The student package: a folder and a zip with everything that a student needs, and nothing secret.

It is made from the topic's public folder, the public part of the toolkit, and recorded answers. The files of hidden checks
and known mistakes are not opened while it is made; afterwards, `leaks` opens them to look for their lines in the zip.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from autograder import inputs
from autograder.errors import CourseError
from autograder.notebook.handout import handout, public_files, watermark
from autograder.package import leaks, session, toolkit
from autograder.package.recorded import Answers
from autograder.package.session import CHECKS
from autograder.reference import Reference
from autograder.submission.local import LocalSubmission
from autograder.topic import Topic

REQUIREMENTS = ("numpy>=2.0", "torch>=2.4", "matplotlib>=3.8", "ipykernel>=6.29")
"""What every notebook needs; the topic's `packages` come on top."""
NOT_COPIED = frozenset({"notebook.md", "checks.py", "topic.toml"})
"""Public files that have their own place in the package."""

OTTER_TEST = '''\
"""Public checks of {question}, for otter-grader. Made by Chainrule: changes are lost."""

from otter.test_files import test_case

from autograder.package.session import holds

OK_FORMAT = False
name = {question!a}
points = None
'''

OTTER_CASE = """

@test_case(name={claim!a}, points={points!r}, hidden=False)
def {check}(env):
    holds({topic!a}, {check!a}, env)
"""


def build(topic: Topic, out: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """Write `<out>/<topic>/student/` and `<out>/<topic>/<topic>-student.zip`; the path of the zip.

    `files` are those of `package_files`, if they are made already. The same topic, course secret and toolkit always give
    the same bytes.
    Raises CourseError, before anything is written, if the solution fails a public check, a public check cannot be
    recorded, or something secret is found in the finished zip.
    """
    files = package_files(topic) if files is None else files
    archive = zipped(files, root=topic.name)
    leaks.refuse(archive, topic)
    fill(out / topic.name / "student", files)
    target = out / topic.name / f"{topic.name}-student.zip"
    target.write_bytes(archive)
    return target


def package_files(topic: Topic) -> dict[str, bytes]:
    """Every file of the package: {"checks/checks.py": b"..."}, sorted."""
    checks = topic.path("checks")
    source = checks.read_text(encoding="utf-8")
    root = Path(session.__file__)
    entries = "import autograder.package.session, autograder.package.__main__"
    files = toolkit.needed([(root, entries), (checks, source)])
    files |= {
        f"{topic.name}.ipynb": _notebook(topic),
        "README.md": _readme(topic),
        "requirements.txt": "".join(f"{line}\n" for line in _requirements(topic)).encode(),
        f"{CHECKS}/checks.py": source.encode(),
        f"{CHECKS}/{topic.name}.json": (json.dumps(manifest(topic), indent=1) + "\n").encode(),
    }
    files |= {f"{CHECKS}/{name}": content for name, content in record(topic).files().items()}
    files |= {f"tests/{question.id}.py": _otter_test(topic, question.id) for question in topic.settings.questions}
    for path in public_files(topic):
        name = path.relative_to(topic.folder).as_posix()
        if name not in NOT_COPIED:
            if name in files:
                raise CourseError("has the name of a file of the student package", path=path)
            files[name] = path.read_bytes()
    return dict(sorted(files.items()))


def record(topic: Topic) -> Answers:
    """Run each public check with the solution, and keep what it asks of the reference.

    Raises CourseError if the solution does not pass.
    """
    answers = Answers()
    reference = Reference(topic.module("reference"))
    solution = vars(topic.module("solution"))
    secret = topic.course.secret()
    for check in topic.public_checks:
        for repeat in range(check.repeat):
            rng = inputs.rng_for(secret, topic=topic.name, check=check.name, repeat=repeat)
            student = LocalSubmission(dict(solution), topic.signatures)

            def run(recording: Any, check: Any = check, student: Any = student, rng: Any = rng) -> None:
                check(student=student, reference=recording, rng=rng)

            try:
                answers.note(check.name, repeat, rng, run, reference)
            except CourseError:
                raise
            except Exception as error:
                raise CourseError(f"cannot be recorded with the solution: {type(error).__name__}: {error}",
                                  path=check.path, key=check.name) from error  # fmt: skip
    return answers


def manifest(topic: Topic) -> dict[str, Any]:
    """What the package says of its topic: watermark, questions, and how the names are called."""
    questions = [
        {"id": each.id, "title": each.title, "points": each.points, "names": list(each.names)}
        for each in topic.settings.questions
    ]
    return watermark(topic) | {"title": topic.title, "questions": questions, "signatures": topic.signatures}


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder that holds these files and nothing else."""
    if folder.exists():
        shutil.rmtree(folder)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def zipped(files: Mapping[str, bytes], *, root: str) -> bytes:
    """A zip with these files in one folder; the same bytes for the same files, whenever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            item = zipfile.ZipInfo(f"{root}/{name}")  # dated 1980
            item.external_attr = 0o644 << 16
            item.create_system = 3  # the same on Windows
            archive.writestr(item, files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _notebook(topic: Topic) -> bytes:
    """The handout, with a tag by which JupyterLab's "Run All" goes on after a cell that raises: a stub is met half-way."""
    import nbformat

    notebook = handout(topic)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["tags"] = ["raises-exception"]
    return str(nbformat.writes(notebook)).encode() + b"\n"  # type: ignore[no-untyped-call]


def _requirements(topic: Topic) -> list[str]:
    return [*REQUIREMENTS, *topic.settings.packages, "# otter-grader>=6   (works with it, and without it)"]


def _readme(topic: Topic) -> bytes:
    text = (resources.files("autograder.package") / "templates" / "README.md").read_text(encoding="utf-8")
    mark = watermark(topic)
    words = {
        "TITLE": topic.title,
        "SUMMARY": topic.settings.summary,
        "TOPIC": topic.name,
        "FIRST": topic.settings.questions[0].id,
        "VERSION": mark["version"],
        "CONTENT": mark["content"],
    }
    for key, word in words.items():
        text = text.replace(f"@{key}@", word)
    return text.encode()


def _otter_test(topic: Topic, question: str) -> bytes:
    """otter reads test files in the machine's own encoding, so they are ASCII."""
    cases = [
        OTTER_CASE.format(claim=f"{question} {check.claim}", points=check.points, topic=topic.name, check=check.name)
        for check in topic.public_checks
        if check.question == question
    ]
    return (OTTER_TEST.format(question=question) + "".join(cases)).encode("ascii")
