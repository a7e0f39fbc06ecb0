"""Limits that fit one run in one container: what a submission may use ends before the run has to."""

from __future__ import annotations

from pathlib import Path

import msgspec

from autograder.topic import Limits

OWN_SHARE = 0.9
"""Of the time that Gradescope gives a run: the rest is for starting the container, and for writing what was found."""
CELLS_SHARE, CHECKS_SHARE = 0.3, 0.35
"""Of our own time: all cells, and waiting for all answers. The rest is for starts after cells that hung, and for the
grader's own work."""
GRADER_MIB = 300
"""What the grader and the warm server take of a container's memory."""
LEAST_MIB = 128

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def deadline_s(time_limit_min: float) -> float:
    """How long a run of ours may take, in seconds."""
    return time_limit_min * 60 * OWN_SHARE


def fitted(limits: Limits, *, time_s: float, container_mib: float | None) -> Limits:
    """The topic's limits, made smaller where a run of `time_s` seconds in a container of that size asks for it.

    Else a notebook that hangs would use up the run, and its checks would be "not graded", as if the fault were ours.
    """
    run_cpu_s = min(limits.run_cpu_s, time_s * CELLS_SHARE / limits.wall_factor)
    memory = limits.memory_mib if container_mib is None else min(limits.memory_mib, int(container_mib) - GRADER_MIB)
    return msgspec.structs.replace(
        limits,
        run_cpu_s=run_cpu_s,
        checks_s=min(limits.checks_s, time_s * CHECKS_SHARE),
        memory_mib=max(memory, min(LEAST_MIB, limits.memory_mib)),
    )


def container_mib() -> float | None:
    """How much memory this container may use, or None if nothing says so."""
    for path in CGROUP_LIMITS:
        try:
            limit = int(path.read_text(encoding="ascii"))
        except (OSError, ValueError):  # not there, or "max"
            continue
        if limit < 1 << 50:  # version 1 says "unlimited" with a large number
            return limit / 2**20
    return None
