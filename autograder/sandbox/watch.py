"""What the kernel does not limit: memory of all processes of a submission together, and a folder's size."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from autograder.sandbox.processes import descendants

MIB = 1 << 20
_MANY_FILES = 4096
"""More entries than this count as a folder without end: it is not walked further."""


def memory_mib(supervisor: int, *, limit_mib: int) -> float:
    """Memory that the processes below `supervisor` use together, beyond what they share with it, in MiB.

    First an upper bound: pages that a forked process shares with its parent are counted for both. Only if that is
    over `limit_mib`, exactly, which costs milliseconds; where another process may not be looked at so closely, half
    the bound, as a check's process may share everything with the one that it was forked from.
    """
    pids = descendants(supervisor)
    page = os.sysconf("SC_PAGE_SIZE")
    base = _resident_pages(supervisor)
    bound = sum(max(0, _resident_pages(pid) - base) for pid in pids) * page / MIB
    if bound <= limit_mib:
        return bound
    exact = [_proportional_kib(pid) for pid in pids]
    known = [kib for kib in exact if kib is not None]
    return sum(known) / 1024 if len(known) == len(exact) else bound / 2


def size_mib(folder: Path) -> float:
    """Disk space of everything in `folder`, in MiB, following no link; infinite if there are too many files to count."""
    total, seen = 0, 0
    for path, _, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        seen += 1 + len(files)
        if seen > _MANY_FILES:
            return float("inf")
        for name in files:
            with contextlib.suppress(OSError):
                total += os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_blocks * 512
        del path
    return total / MIB


def empty(folder: Path) -> None:
    """Remove everything in `folder`, following no link."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return 0


def _proportional_kib(pid: int) -> int | None:
    """Proportional set size: what is shared is divided among those who share it. None if it may not be read."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
    except ProcessLookupError:
        return 0
    except OSError:
        return None if Path(f"/proc/{pid}").exists() else 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(b"Pss:")), 0)
