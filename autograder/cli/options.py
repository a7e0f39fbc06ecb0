"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from autograder.sandbox.users import BLOCK

AT_A_TIME = click.IntRange(min=1, max=BLOCK)
"""How many submissions may run at a time: each has a user of its own."""


def in_course(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option `--course`, and the course that it finds as first argument."""

    @click.option(
        "--course",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder with course.toml. Default: $CHAINRULE_COURSE, or the first one at or above here.",
    )
    @functools.wraps(command)
    def with_course(*args: Any, folder: Path | None, **kwargs: Any) -> None:
        from autograder.course import find_course

        command(find_course(folder), *args, **kwargs)

    return with_course


def in_results(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option `--results`: the folder that `chainrule grade` made for a class."""

    @click.option(
        "-r",
        "--results",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=Path("results"),
        show_default=True,
        help="Folder with gradebook.db, as `chainrule grade` made it.",
    )
    @functools.wraps(command)
    def with_results(*args: Any, **kwargs: Any) -> None:
        command(*args, **kwargs)

    return with_results
