"""What the kernel does not limit: memory of all processes of a submission together, and a folder's size."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from autograder.sandbox.processes import descendants

MIB = 1 << 20
_MANY_FILES = 4096
"""More entries than this count as a folder without end: it is not walked further."""
_DEEP = 64
"""The same for folders in folders."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC if os.name == "posix" else os.O_RDONLY
_OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/var/lock", "/dev/mqueue")  # noqa: S108 - to clean them


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
    known = [kib[0] for kib in exact if kib is not None]
    if len(known) < len(exact):
        return bound / 2
    own, alone = _proportional_kib(supervisor) or (0, 0)
    # Of the pages that all of them share, each process's part is as large as the supervisor's.
    return sum(max(0, kib - (own - alone)) for kib in known) / 1024


def size_mib(folder: Path) -> float:
    """Disk space of everything in `folder`, in MiB, following no link; infinite if it is too many files, or too deep."""
    left = [_MANY_FILES]

    def below(descriptor: int, depth: int) -> int:
        total = 0
        with os.scandir(descriptor) as entries:
            for entry in entries:
                left[0] -= 1
                if left[0] < 0 or depth > _DEEP:
                    raise _Endless
                with contextlib.suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        inner = os.open(entry.name, _FOLDER, dir_fd=descriptor)
                        try:
                            total += below(inner, depth + 1)
                        finally:
                            os.close(inner)
        return total

    try:
        top = os.open(folder, _FOLDER)
    except OSError:
        return 0.0
    try:
        return below(top, 0) / MIB
    except _Endless:
        return float("inf")
    finally:
        os.close(top)


def empty(folder: Path) -> None:
    """Remove everything in `folder`, following no link. Nobody else may be at work in it.

    A folder's own folders are moved up before it is removed: climbing down thousands of them would end in an error.
    """
    number = 0
    stuck = False
    while not stuck:
        stuck = True
        for entry in _entries(folder):
            with contextlib.suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                else:
                    os.chmod(entry.path, 0o700)
                    for inner in _entries(Path(entry.path)):
                        if inner.is_dir(follow_symlinks=False):
                            os.chmod(inner.path, 0o700)
                            os.rename(inner.path, folder / f"-{os.getpid()}-{number}")
                            number += 1
                        else:
                            os.unlink(inner.path)
                    os.rmdir(entry.path)
                stuck = False


def remove_leftovers(uid: int) -> None:
    """Remove what this user owns in the folders that every user may write to. Nobody else may be at work as it."""
    folders = [Path(place) for place in _OPEN_TO_ALL]
    while folders:
        folder = folders.pop()
        for entry in _entries(folder):
            with contextlib.suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                is_folder = stat.S_ISDIR(found.st_mode)
                if found.st_uid == uid:
                    if is_folder:
                        os.chmod(entry.path, 0o700)
                        empty(Path(entry.path))
                        os.rmdir(entry.path)
                    else:
                        os.unlink(entry.path)
                elif is_folder and found.st_mode & stat.S_IWOTH:
                    folders.append(Path(entry.path))


class _Endless(Exception):
    pass


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return 0


def _proportional_kib(pid: int) -> tuple[int, int] | None:
    """Proportional set size (what is shared is divided among those who share it), and how much of it is not shared.

    None if it may not be read.
    """
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
    except ProcessLookupError:
        return 0, 0
    except OSError:
        return None if Path(f"/proc/{pid}").exists() else (0, 0)
    sizes = {name: int(size.split()[0]) for name, _, size in (line.partition(b":") for line in text.splitlines()[1:])}
    return sizes[b"Pss"], sizes[b"Private_Clean"] + sizes[b"Private_Dirty"] + sizes.get(b"Private_Hugetlb", 0)
