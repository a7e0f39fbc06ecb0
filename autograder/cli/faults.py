"""Errors of ours as one line on stderr, and the exit code that belongs to them."""

from __future__ import annotations

from typing import Any

import click

from autograder.errors import ChainruleError, CourseError

NOT_GRADED = 1
"""Exit code: a check was not graded, or could not be graded on this machine."""
BAD_COURSE = 2
"""Exit code: the course must be mended first. Click uses the same for bad usage."""


class NotGraded(click.ClickException):
    """Our fault, or this machine's."""

    exit_code = NOT_GRADED


class BadCourse(click.ClickException):
    """Staff must mend the course."""

    exit_code = BAD_COURSE


class FaultsInOneLine(click.Group):
    """A command group that shows our own errors as one line, and its commands in the order of the work."""

    owns_process = False
    """Whether this process was started for the command alone, and not by a test or another program that calls it."""

    def main(self, args: Any = None, *more: Any, **others: Any) -> Any:
        """Run the command with `args`, or with those of the process."""
        self.owns_process = args is None
        return super().main(args, *more, **others)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A CourseError ends with code 2, any other error of ours with code 1."""
        try:
            return super().invoke(ctx)
        except ChainruleError as error:
            fault = BadCourse if isinstance(error, CourseError) else NotGraded
            raise fault(" ".join(str(error).split())) from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click passes it
        """In the order in which they were added."""
        return list(self.commands)
