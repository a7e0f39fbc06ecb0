"""`chainrule report`: what a class understood."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograder.classreport import ClassReport
    from autograder.classreport.sheet import Entry


@click.command(short_help="Report on a graded class.")
@click.argument("results", default="results", type=click.Path(exists=True, path_type=Path))
@click.option("--topic", help="Which topic, if RESULTS has several.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page to write.  [default: report.html, in RESULTS]",
)
@click.option(
    "--csv",
    "tables_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write everything as tables (CSV) to this folder.",
)
def report(results: Path, topic: str | None, output: Path | None, tables_folder: Path | None) -> None:
    """Report on a graded class: what it understood, what it got wrong, and which checks look broken.

    RESULTS is what `chainrule grade` wrote: a folder with a gradebook, or with a report.json for each notebook;
    `results` if none is given. The page names nobody, needs no network, and prints. It is for staff: it tells
    what hidden checks ask.
    """
    from autograder.classreport import class_report, page, tables

    with _entries(results, topic) as entries:
        found = class_report(entries)
    target = output or (results if results.is_dir() else results.parent) / "report.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page.render(found, pictures=_pictures(found)), encoding="utf-8")
    for line in summary(found):
        click.echo(line)
    click.echo(f"Report: {click.format_filename(target)}")
    if tables_folder is not None:
        tables.write(found, tables_folder)
        click.echo(f"Tables: {click.format_filename(tables_folder)}/")


def summary(found: ClassReport) -> list[str]:
    """A few lines for the terminal."""
    from autograder.report import words

    lines = [f"{found.title}: {words.count(found.handed_in, 'submission')}"]
    if found.read < found.handed_in:
        lines[0] += f", without {found.handed_in - found.read} that could not be read"
    if found.totals is not None:
        middle = f"median {found.totals.median:.1f}, mean {found.totals.mean:.1f} of {words.worth(found.points)}"
        alpha = found.reliability.alpha
        lines.append(middle if alpha is None else f"{middle}, alpha {alpha:.2f}")
    if found.waiting:
        lines.append(f"without a total: {words.count(found.waiting, 'student')}, until every check is graded")
    if found.missed:
        first = found.missed[0]
        lines.append(f"most frequent mistake: {first.question} {first.id}, {first.students} of {first.of}")
    lines += [f"look at {each.number} {each.name}: {each.reason}" for each in found.suspects]
    return lines


def _pictures(found: ClassReport) -> dict[str, str]:
    from autograder.classreport import pictures

    try:
        return pictures.draw(found)
    except ImportError:
        click.echo(
            click.style("The page has no pictures: matplotlib is missing (pip install matplotlib).", fg="yellow"),
            err=True,
        )
        return {}


@contextmanager
def _entries(results: Path, topic: str | None) -> Iterator[Iterable[Entry]]:
    """The grades to report on, one at a time. Raises CourseError if there are none, or of several topics."""
    from autograder.classreport.kept import kept_reports
    from autograder.errors import CourseError
    from autograder.gradebook import Gradebook

    if results.is_dir() and not (results / "gradebook.db").is_file():
        yield kept_reports(results, topic)
        return
    with Gradebook.open(results) as book:
        there = book.topics()
        if topic is None and len(there) > 1:
            raise CourseError(f"holds several topics; choose one with --topic: {', '.join(there)}", path=results)
        if not there or (topic is not None and topic not in there):
            raise CourseError(f"holds nothing of {topic or 'any topic'}; it has: {', '.join(there) or 'nothing'}",
                              path=results)  # fmt: skip
        yield book.each(topic or there[0])
