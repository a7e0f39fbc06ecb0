"""Limits that the kernel keeps for one process: memory, files, processes, CPU time.

They are per process, so a submission may use as much as `processes` times `memory_mib`; the supervisor watches the sum.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
from pathlib import Path

MIB = 1 << 20


def apply(
    *, memory_mib: int, processes: int, file_mib: int, open_files: int = 128, shared_uid: int | None = None
) -> None:
    """Set the limits for this process and its descendants, who cannot raise them again.

    `memory_mib`: address space beyond what the process has now. `processes`: threads count too. `file_mib`: size of
    one file. `shared_uid`: the user, if other programs run as the same one: the kernel counts their processes too, so
    the limit is set that much higher. CPU time is set apart, by `limit_cpu`. Raises OSError or ValueError.
    """
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, file_mib * MIB)
    _lower(resource.RLIMIT_NPROC, processes + (0 if shared_uid is None else tasks_of(shared_uid)))
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, _address_space() + memory_mib * MIB)
        _lower(resource.RLIMIT_MEMLOCK, 0)
        _lower(resource.RLIMIT_MSGQUEUE, 0)
        _lower(resource.RLIMIT_NICE, 0)
        _lower(resource.RLIMIT_RTPRIO, 0)
    _lower(resource.RLIMIT_NOFILE, open_files)  # last: what is above had files to read


def limit_cpu(soft_s: float, hard_s: float) -> None:
    """CPU time of this process, in whole seconds: SIGXCPU after `soft_s`, SIGKILL after `hard_s`.

    A forked process starts again at 0, with the same limits. A hard limit can be lowered, never raised.
    """
    import resource

    _, ceiling = resource.getrlimit(resource.RLIMIT_CPU)
    hard = max(1, math.ceil(hard_s))
    if ceiling != resource.RLIM_INFINITY:
        hard = min(hard, ceiling)
    resource.setrlimit(resource.RLIMIT_CPU, (min(max(1, math.ceil(soft_s)), hard), hard))


def tasks_of(uid: int) -> int:
    """How many processes and threads run as that user; 0 where /proc does not say."""
    count = 0
    for folder in _processes():
        with contextlib.suppress(OSError, KeyError, ValueError):
            lines = (folder / "status").read_bytes().splitlines()
            fields = dict(line.split(b":", 1) for line in lines if b":" in line)
            if int(fields[b"Uid"].split()[0]) == uid:
                count += int(fields[b"Threads"])
    return count


def _processes() -> list[Path]:
    try:
        return [Path("/proc", name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _address_space() -> int:
    """Bytes of address space that this process has now."""
    pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _lower(kind: int, value: int) -> None:
    import resource

    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        value = min(value, ceiling)
    resource.setrlimit(kind, (value, value))
