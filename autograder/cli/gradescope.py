"""What `run_autograder` calls on Gradescope. Hidden: nobody types these."""

from __future__ import annotations

from pathlib import Path

import click

ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("/autograder"),
    show_default=True,
    help="The folder that Gradescope lays out.",
)


@click.command(hidden=True)
@ROOT
@click.option("--rehearse", is_flag=True, help="Grade the solution instead, and write nothing.")
def gradescope(root: Path, *, rehearse: bool) -> None:
    """Grade the submission in ROOT, and leave a valid results/results.json, whatever happens."""
    if rehearse:
        from autograder.gradescope.rehearsal import rehearsed

        raise SystemExit(0 if rehearsed(root) else 1)
    from autograder.gradescope.harness import run

    run(root)


@click.command(hidden=True, name="gradescope-grade")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@ROOT
@click.option("--file", type=click.Path(path_type=Path), help="What was handed in.")
@click.option("--fault", default="", help="Why there is no file.")
def gradescope_grade(folder: Path, root: Path, file: Path | None, fault: str) -> None:
    """Grade one file, and leave reports in FOLDER, whole and on the way."""
    if file is not None and getattr(click.get_current_context().find_root().command, "owns_process", False):
        from autograder.cli.ahead import start_anew

        start_anew(file)
    from autograder.gradescope.grader import grade_into
    from autograder.gradescope.place import Place

    grade_into(folder, Place(root), file, fault)
