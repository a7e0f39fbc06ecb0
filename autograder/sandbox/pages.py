"""Memory that is quick to fork: the small pages of a process, gathered into huge ones.

A fork copies an entry for each page, and the end of the forked process takes each back: with 40,000 of them that is most
of what a check costs. A huge page of 2 MiB is one entry instead of 512.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.sandbox import linux

HUGE = 2 << 20
"""Bytes of a huge page on x86-64, and on arm64 with its usual small pages."""


def gather() -> int:
    """Gather this process's own memory, as far as the kernel lets it; returns how many huge pages there are now.

    Takes about 2 ms for each, once.
    """
    gathered = 0
    with contextlib.suppress(OSError):
        for start, stop in own_memory(Path("/proc/self/maps").read_text().splitlines()):
            for page in range(-(-start // HUGE) * HUGE, stop // HUGE * HUGE, HUGE):
                with contextlib.suppress(OSError):  # nothing there yet, or an older kernel
                    linux.collapse(page, HUGE)
                    gathered += 1
    return gathered


def own_memory(maps: Iterable[str]) -> Iterator[tuple[int, int]]:
    """First address, and the one after the last, of each range that is private, writable and of no file.

    >>> list(own_memory(["1000-3000 rw-p 00000000 00:00 0   [heap]", "5000-6000 r--p 00000000 08:01 77   /lib/x.so"]))
    [(4096, 12288)]
    """
    for line in maps:
        addresses, permissions, _, _, inode, *name = line.split(maxsplit=5)
        if permissions == "rw-p" and inode == "0" and (not name or name[0] == "[heap]"):
            start, stop = (int(each, 16) for each in addresses.split("-"))
            yield start, stop
