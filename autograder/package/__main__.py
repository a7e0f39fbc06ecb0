"""`python -m autograder.package check`: the public checks of this package, from a terminal or a CI system."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import ChainruleError
from autograder.package.unattended import Checked, checked
from autograder.report import classroom50, github, junit, text
from autograder.verdict import Outcome

PACKAGE = Path(__file__).resolve().parents[2]
"""The folder that this copy of the toolkit came in, with the checks."""
FORMATS = ("text", "github", "junit", "classroom50")
FILES = {"text": "report.txt", "junit": "junit.xml", "github": "summary.md", "classroom50": "result.json"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. 0: every check passed; 1: one did not; 2: nothing could be checked."""
    given = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a Windows console may lack our ticks
    try:
        found = checked(PACKAGE, given.notebook)
        _write(found, given.formats, given.output)
    except ChainruleError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    failed = any(check.outcome is Outcome.FAILED for check in found.report.checks)
    return 1 if failed and not given.exit_zero else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograder.package", description="Check answers without opening the notebook."
    )
    check = parser.add_subparsers(required=True, metavar="check").add_parser(
        "check", help="run a notebook from top to bottom, then its public checks"
    )
    check.add_argument("notebook", nargs="?", type=Path, help="default: the notebook of this assignment that is here")
    check.add_argument("--format", dest="formats", type=_formats, default=["text"], metavar="FORMAT,...",
                       help=f"what to write: {', '.join(FORMATS)} (default: text)")  # fmt: skip
    check.add_argument("-o", "--output", type=Path, metavar="FOLDER",
                       help="write a file for each format into this folder, too")  # fmt: skip
    check.add_argument("--exit-zero", action="store_true", help="end with code 0 though a check failed")
    return parser


def _formats(value: str) -> list[str]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'}: no such format; "
                                         f"there are {', '.join(FORMATS)}")  # fmt: skip
    return list(dict.fromkeys(names))


def _write(found: Checked, formats: Sequence[str], output: Path | None) -> None:
    """Text goes to standard output, annotations and summary to where GitHub looks for them, all to `output` if given."""
    for name in formats:
        content = _rendered(found, name)
        if name == "text":
            print(content)
        elif name == "github":
            print(github.annotate(found.report, places=found.places), end="")
            summary = os.environ.get("GITHUB_STEP_SUMMARY")
            if summary:
                with Path(summary).open("a", encoding="utf-8") as file:
                    file.write(content)
        if output is not None or name in {"junit", "classroom50"}:
            path = (output or Path()) / FILES[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")


def _rendered(found: Checked, name: str) -> str:
    match name:
        case "junit":
            return junit.render(found.report, audience="student")
        case "github":
            return github.render(found.report, audience="student")
        case "classroom50":
            return classroom50.render(found.report)
        case _:
            return text.render(found.report, audience="student", colour=sys.stdout.isatty() and _can_colour())


def _can_colour() -> bool:
    try:
        import click  # noqa: F401 - which a student need not have
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
