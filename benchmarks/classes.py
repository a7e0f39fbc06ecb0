"""What a whole class costs: `chainrule grade FOLDER` with two workers for 10, 100 and 1,000 students, beside `otter run`.

Throughput, CPU time, and memory of everything together, which must not grow with the class; then the same command again,
with nothing to do. Every notebook is another file. `--quick`: 10 and 100; `--many`: 10,000 as well.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grading import BIN, OTTER_AT_A_TIME, TOPICS, Subject, cpu, line, subject, wall
from measuring.processes import Cost, run

WORKERS = 2
SAMPLE_MEMORY_EVERY_S = 1.0
"""Seldom enough not to be felt in the times of the same run."""


@dataclass(frozen=True, slots=True)
class Class:
    """So many students, each with a file of their own."""

    subject: Subject
    count: int
    folder: Path

    @property
    def results(self) -> Path:
        """Where they are graded to."""
        return self.folder.with_name(f"{self.folder.name}-results")

    def write(self) -> None:
        """Write their notebooks: the solved one, each with a line of its own."""
        self.folder.mkdir()
        notebook = json.loads(self.subject.notebook.read_text(encoding="utf-8"))
        for number in range(self.count):
            about = {"cell_type": "markdown", "metadata": {}, "source": [f"Student {number}"]}
            cells = [about, *notebook["cells"]]
            text = json.dumps({**notebook, "cells": cells})
            (self.folder / f"student-{number:05}.ipynb").write_text(text, encoding="utf-8")

    def grade(self, *, memory: bool = False) -> Cost:
        """`chainrule grade FOLDER`, from its start to its end."""
        command = [
            BIN / "chainrule",
            "grade",
            self.subject.topic.name,
            self.folder,
            "-o",
            self.results,
            "-j",
            str(WORKERS),
        ]
        root = self.subject.topic.course.root
        return run(command, cwd=root, memory=memory, sample_every_s=SAMPLE_MEMORY_EVERY_S)

    def remove(self) -> None:
        """Make room for the next."""
        shutil.rmtree(self.folder)
        shutil.rmtree(self.results)


def classes_of(each: Subject, counts: list[int], folder: Path) -> None:
    """Print a table for one topic."""
    with ThreadPoolExecutor(OTTER_AT_A_TIME) as pool:
        otters = list(pool.map(each.otter, range(2 * OTTER_AT_A_TIME)))
    otter_rate, otter_cpu = OTTER_AT_A_TIME / wall(otters), cpu(otters)
    line(f"otter run, {OTTER_AT_A_TIME} at a time", f"{otter_rate:.2f} /s", f"{otter_cpu:.2f} s of CPU each")
    for count in counts:
        one = Class(each, count, folder / f"class-{count}")
        one.write()
        cost = one.grade(memory=True)
        again = one.grade()
        rate, cpu_each = count / cost.wall_s, cost.cpu_s / count
        line(
            f"chainrule grade, {count:,} students, {WORKERS} workers",
            f"{rate:.2f} /s",
            f"{rate / otter_rate:.1f} x otter, {otter_cpu / cpu_each:.1f} x by CPU; {cpu_each:.3f} s of CPU each",
        )
        size = sum(path.stat().st_size for path in one.results.glob("gradebook.db*")) / 1024 / count
        line(
            "... memory of everything together (PSS)",
            f"{cost.peak_mib:.0f} MiB",
            f"gradebook: {size:.1f} KiB a student",
        )
        line("... and again, with nothing to do", f"{again.wall_s:.2f} s", f"{again.cpu_s:.2f} s of CPU")
        one.remove()


def main() -> None:
    """Print everything."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="classes of 10 and 100 only")
    options.add_argument("--many", action="store_true", help="a class of 10,000 as well")
    options.add_argument("--only", choices=list(TOPICS), default="three questions", help="which notebook")
    given = options.parse_args()
    counts = [10, 100] + [1_000] * (not given.quick) + [10_000] * given.many
    os.environ["OMP_NUM_THREADS"] = "1"
    print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before; {given.only}, graded with full marks by all"
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        classes_of(subject(given.only, Path(folder)), counts, Path(folder))
    print(f"load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
