"""A container as small as Gradescope's smallest: control groups (cgroups(7)), which bound CPU time and memory.

Needs root, and a hierarchy that may be written to, of version 1 or 2.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROCESSORS = 0.5
_BYTES = 750_000_000
MIB = _BYTES / 2**20
_PERIOD_US = 100_000
_QUOTA_US = int(PROCESSORS * _PERIOD_US)
_TOP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Container:
    """Control groups of its own, to be entered by whoever shall be bounded."""

    bounds: dict[Path, dict[str, str]]
    """For each of its folders, what is written to which file."""
    memory: Path
    """The one that bounds memory."""
    shown_at: Path
    """Where a process inside looks for its own limit of memory."""
    _peak: str
    _events: str

    def command(self, *command: str | Path) -> list[str]:
        """The same command, inside: there its limits stand where a real container has them."""
        enter = "".join(f"echo 0 > {folder}/cgroup.procs; " for folder in self.bounds)
        show = f"mount --bind {self.memory} {self.shown_at}; "
        return ["unshare", "--mount", "--propagation", "private", "sh", "-ec", f'{enter}{show}exec "$@"', "sh",
                *map(str, command)]  # fmt: skip

    @property
    def peak_mib(self) -> float:
        """Most memory that was in use at a time, files that were read included as far as there was room for them."""
        return int((self.memory / self._peak).read_text()) / 2**20

    @property
    def killed(self) -> int:
        """How many processes were killed because there was not enough memory."""
        lines = (self.memory / self._events).read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


@contextmanager
def container() -> Iterator[Container | None]:
    """A container until the end of the `with`, when no process may be left in it; None where one cannot be bounded."""
    name = f"chainrule-{os.getpid()}"
    wanted = _version_2(name) if (_TOP / "cgroup.controllers").exists() else _version_1(name)
    made: list[Path] = []
    try:
        try:
            for folder, bounds in wanted.bounds.items():
                folder.mkdir()
                made.append(folder)
                for file, value in bounds.items():
                    (folder / file).write_text(value)
        except OSError:  # no such right, or no such file: that controller is not there
            yield None
        else:
            yield wanted
    finally:
        for folder in made:
            _remove(folder)


def forget(folder: Path) -> None:
    """Let go of what the machine remembers of the files in there: whoever reads them next is charged with them."""
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _version_1(name: str) -> Container:
    cpu, memory = _TOP / "cpu" / name, _TOP / "memory" / name
    bounds = {
        cpu: {"cpu.cfs_period_us": str(_PERIOD_US), "cpu.cfs_quota_us": str(_QUOTA_US)},
        memory: {"memory.limit_in_bytes": str(_BYTES), "memory.memsw.limit_in_bytes": str(_BYTES)},
    }
    return Container(bounds, memory, _TOP / "memory", "memory.max_usage_in_bytes", "memory.oom_control")


def _version_2(name: str) -> Container:
    with contextlib.suppress(OSError):
        (_TOP / "cgroup.subtree_control").write_text("+cpu +memory")
    folder = _TOP / name
    bounds = {folder: {"cpu.max": f"{_QUOTA_US} {_PERIOD_US}", "memory.max": str(_BYTES), "memory.swap.max": "0"}}
    return Container(bounds, folder, _TOP, "memory.peak", "memory.events")


def _remove(folder: Path, within_s: float = 5.0) -> None:
    """What has just ended may be counted for a moment yet. Raises OSError if something stays in there."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
