"""Memory that is gathered into huge pages is the same memory."""

from __future__ import annotations

import mmap
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import linux, pages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a feature of Linux")


def filled() -> mmap.mmap:
    memory = mmap.mmap(-1, 8 * pages.HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.write(bytes(range(256)) * (len(memory) // 256))
    return memory


def huge_kib() -> int:
    return int(re.search(r"AnonHugePages: +(\d+)", Path("/proc/self/smaps_rollup").read_text())[1])  # type: ignore[index]


def test_small_pages_become_huge_ones(in_process: Callable[[Callable[[], Any]], Any]) -> None:
    def work() -> bool | None:
        memory = filled()
        if not pages.gather():
            return None
        return huge_kib() * 1024 >= 7 * pages.HUGE and len(memory) > 0

    answer = in_process(work)
    if answer is None:
        pytest.skip("this kernel does not gather pages")
    assert answer


def test_gathered_memory_holds_what_it_held(in_process: Callable[[Callable[[], Any]], Any]) -> None:
    def work() -> bool:
        memory = filled()
        pages.gather()
        return memory[:] == bytes(range(256)) * (len(memory) // 256)

    assert in_process(work)


def test_a_kernel_that_cannot_is_no_fault(in_process: Callable[[Callable[[], Any]], Any]) -> None:
    def work() -> int:
        def refuse(start: int, length: int) -> None:
            raise OSError

        linux.collapse = refuse
        return pages.gather()

    assert in_process(work) == 0


@pytest.mark.parametrize(
    "line",
    [
        "1000-3000 r--p 00000000 00:00 0",
        "1000-3000 rw-s 00000000 00:00 0",
        "1000-3000 rw-p 00000000 08:01 77   /lib/x.so",
        "1000-3000 rw-p 00000000 00:00 0   [stack]",
    ],
)
def test_memory_that_is_shared_or_a_file_is_left_alone(line: str) -> None:
    assert list(pages.own_memory([line])) == []
    assert list(pages.own_memory(["1000-3000 rw-p 00000000 00:00 0"])) == [(0x1000, 0x3000)]
