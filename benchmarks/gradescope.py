"""What one run of `run_autograder` takes for each topic of the course, in a container like Gradescope's smallest.

The zip is built and unpacked, the solved notebook is handed in, and everything from `run_autograder` on is counted: once
as it comes, and once within half a processor and 0.75 GB, as root, where there are control groups to be written to.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

from measuring import small
from measuring.processes import run

from autograder.course import find_course
from autograder.gradescope.budget import deadline_s
from autograder.notebook.handout import solved
from autograder.package.gradescope import build
from autograder.topic import Topic, load_topic


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
    libraries = Path(sysconfig.get_paths()["purelib"])
    print(
        f"one run on Gradescope, of {small.MIB:.0f} MiB and {small.PROCESSORS:g} processors in its smallest container"
    )
    for name in course.topics():
        topic = load_topic(course, name)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, small.container() as container:
            root = Path(folder)
            lay_out(topic, root)
            told = {"CHAINRULE_ROOT": str(root), "CHAINRULE_PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
            command = ["sh", root / "source" / "run_autograder"]
            cost = run(command, environment=told, cwd=root)
            peak = run(command, environment=told, cwd=root, memory=True).peak_mib
            there = "no control groups here"
            if container is not None:
                small.forget(libraries)
                seconds = run(container.command(*command), environment=told, cwd=root).wall_s
                there = f"there {seconds:.0f} s and {container.peak_mib:.0f} MiB" + (
                    f", {container.killed} PROCESSES KILLED" if container.killed else ""
                )
            results = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
            assert results["score"] == topic.points, f"{name}: {results['score']} of {topic.points:g} points"
        allowed = deadline_s(topic.settings.gradescope.time_limit_min)
        print(
            f"  {name:<24} {peak:>4.0f} MiB ({peak / small.MIB:.0%}) and {cost.wall_s:>4.1f} s here, {cost.cpu_s:.1f} s of "
            f"CPU; {there}, of {allowed:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    os.umask(0o022)
    main()
