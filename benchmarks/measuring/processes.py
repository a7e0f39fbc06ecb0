"""What a command costs with everything that it starts: time, CPU time, memory."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one command, or of several that ran beside each other."""

    wall_s: float
    cpu_s: float
    """User and system time of every process of the tree that was waited for."""
    peak_mib: float = 0.0
    """Proportional set size of the whole tree, at its largest: shared pages count once. 0 if it was not sampled."""


def run(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, cwd: Path | None = None,
        memory: bool = False, sample_every_s: float = SAMPLE_EVERY_S) -> Cost:  # fmt: skip
    """Run a command to its end. Sampling `memory` often costs CPU time of its own: not in the same run as times.

    Raises RuntimeError with the end of what it said if it fails.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, **(environment or {})},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = [0.0]
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(process.pid, peak, ended, sample_every_s))
    if memory:
        sampler.start()
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    if memory:
        sampler.join()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {said[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak[0])


def proportional_mib(root: int) -> float:
    """Proportional set size of a process and all below it, in MiB, as far as this user may look."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(folder.name)] = int(fields[1])
    tree, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in tree} - tree
        tree |= more
        grown = bool(more)
    total = 0
    for pid in tree:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total / 1024


def _sample(root: int, peak: list[float], ended: threading.Event, every_s: float) -> None:
    while not ended.wait(every_s):
        peak[0] = max(peak[0], proportional_mib(root))
