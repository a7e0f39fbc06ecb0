"""How far grading a class has come: a bar in a terminal, a line now and then anywhere else."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINE_EVERY_S = 10.0


class Shown:
    """Counts of a round, as they are shown. A context manager."""

    def __init__(self, total: int) -> None:
        """Of so many submissions."""
        self.total = total
        self.done = self.unreadable = self.not_graded = 0
        self._started = self._told = time.monotonic()
        self._bar: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Shown:
        """Show that it begins."""
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            bar = Progress(
                TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"),
                TimeRemainingColumn(), console=Console(stderr=True),
                auto_refresh=False,  # it would need a thread, and processes are forked from here
            )  # fmt: skip
            bar.start()
            self._bar = bar, bar.add_task("", total=self.total, said="")
            bar.refresh()
        else:
            click.echo(f"grading {self.total} submissions", err=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        """Leave the last state standing."""
        if self._bar:
            self._bar[0].stop()

    def add(self, *, readable: bool, graded: bool) -> None:
        """One more has its report."""
        self.done += 1
        self.unreadable += not readable and graded
        self.not_graded += not graded
        if self._bar:
            bar, task = self._bar
            bar.update(task, completed=self.done, said=self.said(), refresh=True)
        elif time.monotonic() - self._told >= LINE_EVERY_S:
            self._told = time.monotonic()
            click.echo(f"{self.done} of {self.total}, {self.said()}, {self._left()}", err=True)

    def said(self) -> str:
        """The counts in words: "2 unreadable, 1 not graded, 8.9 a second"."""
        rate = self.done / max(self.seconds, 1e-3)
        counts = [f"{self.unreadable} unreadable", f"{self.not_graded} not graded", f"{rate:.1f} a second"]
        return ", ".join(count for count in counts if not count.startswith("0 "))

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._started

    def _left(self) -> str:
        left = self.seconds / self.done * (self.total - self.done)
        return f"about {left:.0f} s left" if left < 90 else f"about {left / 60:.0f} min left"


class Interruptible:
    """Within it, the first Ctrl-C asks for an end, and the second one makes it. A context manager."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.asked = False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Whether an end was asked for."""
        return self.asked

    def __enter__(self) -> Interruptible:
        """Listen."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        """Listen no more."""
        for number, before in self._before.items():
            signal.signal(number, before)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if self.asked or number == signal.SIGTERM:
            self.asked = True
            raise KeyboardInterrupt
        self.asked = True
        os.write(2, b"\nFinishing what is in hand; Ctrl-C once more to leave it.\n")  # a print may be under way
