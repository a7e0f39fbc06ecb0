"""What one run of `run_autograder` takes for each topic of the course, beside Gradescope's smallest container.

The zip is built and unpacked, the solved notebook is handed in, and everything from `run_autograder` on is counted. Such a
container has half a processor: what is one second of CPU time here takes two there.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path

from measuring.processes import run

from autograder.course import find_course
from autograder.gradescope.budget import deadline_s
from autograder.notebook.handout import solved
from autograder.package.gradescope import build
from autograder.topic import Topic, load_topic

CONTAINER_MIB = 0.75e9 / 2**20
PROCESSORS = 0.5


def lay_out(topic: Topic, root: Path) -> None:
    """As Gradescope does, with the solved notebook handed in."""
    import nbformat

    with zipfile.ZipFile(build(topic, root / "dist")) as archive:
        archive.extractall(root / "source")
    (root / "submission").mkdir()
    nbformat.write(solved(topic), root / "submission" / f"{topic.name}.ipynb")  # type: ignore[no-untyped-call]
    (root / "submission_metadata.json").write_text('{"created_at": "2026-09-01T12:00:00Z"}', encoding="utf-8")


def main() -> None:
    """Print a line for each topic."""
    course = find_course(Path(__file__).resolve().parent.parent)
    print(f"one run on Gradescope, of {CONTAINER_MIB:.0f} MiB and {PROCESSORS:g} processors in its smallest container")
    for name in course.topics():
        topic = load_topic(course, name)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            root = Path(folder)
            lay_out(topic, root)
            environment = {"CHAINRULE_ROOT": str(root), "CHAINRULE_PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
            command = ["sh", root / "source" / "run_autograder"]
            cost = run(command, environment=environment, cwd=root)
            peak = run(command, environment=environment, cwd=root, memory=True).peak_mib
            results = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
            assert results["score"] == topic.points, f"{name}: {results['score']} of {topic.points:g} points"
        there = cost.cpu_s / PROCESSORS
        allowed = deadline_s(topic.settings.gradescope.time_limit_min)
        print(
            f"  {name:<24} {peak:>4.0f} MiB ({peak / CONTAINER_MIB:.0%})   {cost.wall_s:>5.1f} s here, {cost.cpu_s:.1f} s of CPU, "
            f"about {there:.0f} of {allowed:.0f} s there",
            flush=True,
        )


if __name__ == "__main__":
    os.umask(0o022)
    main()
