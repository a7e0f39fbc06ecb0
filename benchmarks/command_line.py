"""How long `--help` takes: ours, and otter's beside it. Median of five, wall clock, each a process of its own."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 5


def median_s(command: list[str]) -> float:
    """Seconds from start to end, files in the page cache."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


if __name__ == "__main__":
    for tool in ("chainrule", "otter"):
        path = shutil.which(tool, path=str(Path(sys.executable).parent))
        shown = f"{median_s([path, '--help']):.2f} s" if path else "is not installed"
        print(f"{tool + ' --help':<20} {shown}")
