"""A whole class in one go: take in what was handed in, grade what has no report yet, keep it, and say how it went."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autograder.cli.faults import NOT_GRADED

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.gradebook import Attempt, Gradebook
    from autograder.gradebook.rounds import Round
    from autograder.intake import Intake, Student
    from autograder.verdict import Report

INTERRUPTED = 130
"""Exit code: as a shell has it for Ctrl-C."""
LISTED = 8
"""How many names a list of the summary shows."""


@dataclass(frozen=True, slots=True)
class Job:
    """What was asked for."""

    course: Course
    topic: str
    sources: tuple[Path, ...]
    roster: Path | None
    output: Path
    attempt: Attempt | None


def is_class(paths: Sequence[Path], roster: Path | None) -> bool:
    """Whether these are a class, and not single notebooks."""
    from autograder.intake.sources import holds_many

    return roster is not None or any(path.is_dir() or holds_many(path) for path in paths)


def grade_class(
    job: Job, grade: Callable[..., Iterable[tuple[int, Report]]], *, before: Callable[[Path], None]
) -> None:
    """Do it. `grade(paths, stop)` grades files; `before(path)` is called once something is to be graded."""
    from autograder.cli.changes import tell_changes
    from autograder.gradebook import Gradebook
    from autograder.gradebook.changes import changes, state_of
    from autograder.gradebook.fingerprint import key_of
    from autograder.gradebook.rounds import plan
    from autograder.topic import load_topic

    load_topic(job.course, job.topic)  # no folder is made for a topic that is none
    job.output.mkdir(mode=0o700, parents=True, exist_ok=True)
    with going_on_later(), alone_in(job.output), Gradebook.create(job.output) as book:
        intakes = take_in_all(book, job)
        work = plan(book, job.topic, key_of(job.course, job.topic))
        if work.todo:
            before(work.todo[0].path)
        tell_intake(intakes, work)
        was = state_of(book, job.topic) if work.changed else {}
        seconds = run_round(book, work, grade) if work.todo else 0.0
        write_results(book, job.topic, job.output)
        if was:
            tell_changes(was, [each for each in changes(was, state_of(book, job.topic)) if each.before])
        tell_results(book, job.topic, work, seconds)
        click.echo(f"Feedback: {click.format_filename(job.output / 'feedback' / job.topic)}/")
        click.echo(f"Gradebook: {click.format_filename(job.output / 'gradebook.csv')}")
        if still_open(book, job.topic):
            raise SystemExit(NOT_GRADED)


def grader_of(
    job: Job,
    isolation: Literal["required", "default", "none"],
    without: frozenset[str],
    jobs: int | None,
    dask: str | None = None,
) -> Callable[[Sequence[Path], Callable[[], bool]], Iterable[tuple[int, Report]]]:
    """What grades the files of a class: processes on this machine, or the Dask cluster at an address."""

    def here(paths: Sequence[Path], stop: Callable[[], bool]) -> Iterable[tuple[int, Report]]:
        from autograder.cohort import grade_each
        from autograder.topic import load_topic

        topic, secret = load_topic(job.course, job.topic), job.course.secret()
        return grade_each(topic, paths, secret=secret, isolation=isolation, off=without, jobs=jobs or processors(),
                          secrets=[job.output], stop=stop)  # fmt: skip

    def there(paths: Sequence[Path], stop: Callable[[], bool]) -> Iterable[tuple[int, Report]]:
        from autograder.cohort.cluster import grade_on_cluster
        from autograder.topic import load_topic

        assert dask is not None
        topic, secret = load_topic(job.course, job.topic), job.course.secret()
        return grade_on_cluster(dask, topic, paths, secret=secret, isolation=isolation, off=without, stop=stop)

    return there if dask else here


def processors() -> int:
    """How many this process may use, up to as many submissions as can be kept apart."""
    from autograder.sandbox.users import BLOCK

    return min(BLOCK, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def ahead(notebook: Path) -> None:
    """Start this command anew where that saves importing torch twice; returns in the process that goes on."""
    if getattr(click.get_current_context().find_root().command, "owns_process", False):
        from autograder.cli.ahead import start_anew

        start_anew(notebook)


def take_in_all(book: Gradebook, job: Job) -> list[Intake]:
    """What the sources hold, in the gradebook."""
    from autograder.intake import apart, open_source, read_roster, take_in

    if job.roster is not None:
        book.enrol(read_roster(job.roster))
    roster: list[Student] | None = [student for student in book.students() if student.enrolled] or None
    unpack_to = job.output / "submissions"
    intakes = [take_in(open_source(source, unpack_to), roster) for source in dict.fromkeys(job.sources)]
    apart(intakes)
    for intake in intakes:
        book.hand_in(job.topic, intake.source, intake.handed)
    if job.attempt is not None:
        book.choose(job.topic, job.attempt)
    return intakes


def run_round(book: Gradebook, work: Round, grade: Callable[..., Iterable[tuple[int, Report]]], *,
              kind: str = "grade") -> float:  # fmt: skip
    """Grade what is to be done, showing how far it is; returns seconds. Ends the command if it is interrupted."""
    from autograder.cli.progress import Interruptible, Shown
    from autograder.gradebook.rounds import grade_round

    with Interruptible() as stop, Shown(len(work.todo)) as shown:
        rounds = grade_round(book, work, lambda paths: grade(paths, stop), kind=kind, stopped=stop)
        try:
            with closing(rounds):
                for _, report in rounds:
                    shown.add(readable=bool(report.sha256), graded=report.graded)
        except KeyboardInterrupt:
            stop.asked = True
    if stop.asked and shown.done < shown.total:
        click.echo(
            f"Interrupted: {shown.done} of {shown.total} were graded, and are kept. The same command goes on from there.",
            err=True,
        )
        sys.stdout.flush()
        raise SystemExit(INTERRUPTED)
    return shown.seconds


def write_results(book: Gradebook, topic: str, output: Path) -> None:
    """Pages of feedback, and `gradebook.csv`."""
    from autograder.gradebook.feedback import write_pages, write_whole
    from autograder.gradebook.sheets.overview import overview

    write_pages(book, topic, output / "feedback" / topic)
    write_whole(output / "gradebook.csv", overview(book))


def still_open(book: Gradebook, topic: str) -> bool:
    """Whether anybody who handed something in has no score yet."""
    from autograder.gradebook.lines import Status, lines_of

    return any(line.status in {Status.NOT_GRADED, Status.WAITING} for line in lines_of(book, topic))


def tell_intake(intakes: Sequence[Intake], work: Round) -> None:
    """Say what was found, and what cannot be placed."""
    from autograder.report.words import count

    files = sum(len(intake.handed) for intake in intakes)
    click.echo(f"{count(files, 'submission')}; {work.done} graded before, {len(work.todo)} to be graded")
    if work.changed:
        click.echo(f"changed since some were graded: {', '.join(work.changed)} (`chainrule regrade --diff` shows first what "
                   "that changes)")  # fmt: skip
    _list("not matched to the roster (graded, under the name they came with)",
          [f"{each.origin}: {each.note}" for intake in intakes for each in intake.unmatched])  # fmt: skip
    _list("set aside", [f"{each.origin}: {each.why}" for intake in intakes for each in intake.aside])


def tell_results(book: Gradebook, topic: str, work: Round, seconds: float) -> None:
    """Say how the class did, and whom somebody should look at."""
    from autograder.gradebook.lines import Status, lines_of
    from autograder.report.words import points

    lines = lines_of(book, topic)
    scores = [line.earned for line in lines if line.earned is not None]
    if work.todo:
        click.echo(f"graded {len(work.todo)} in {seconds:.0f} s")
    if scores:
        worth = max(line.points for line in lines)
        click.echo(f"{len(scores)} students have a score: mean {points(round(statistics.fmean(scores), 1))}, "
                   f"median {points(statistics.median(scores))} of {points(worth)}")  # fmt: skip
    by_status = {status: [line for line in lines if line.status is status] for status in Status}
    _list("unreadable", [f"{line.student.name}: {line.standing.submission.origin if line.standing else ''}"
                         for line in by_status[Status.UNREADABLE]])  # fmt: skip
    _list("no submission", [line.student.name for line in by_status[Status.MISSING]])
    causes = [
        f"{line.student.name}: {'; '.join(book.causes(line.standing.grading)) if line.standing else ''}"
        for line in by_status[Status.NOT_GRADED]
    ]
    _list("NOT GRADED (no score; the same command tries them again)", causes, every=True)
    waiting = [line.student.name for line in by_status[Status.WAITING]]
    _list("NOT GRADED: the file is gone, and there is no grade from before", waiting, every=True)
    kept = [each.origin for each in work.gone if not {line.student.student for line in by_status[Status.WAITING]}
            .intersection(each.students)]  # fmt: skip
    _list("keep the grade that they have, for their file is gone", kept)


def _list(title: str, entries: Sequence[str], *, every: bool = False) -> None:
    from autograder.report.escape import one_line

    if not entries:
        return
    click.echo(f"{title}: {len(entries)}")
    shown = entries if every else entries[:LISTED]
    for entry in shown:
        click.echo(f"  {one_line(entry)}")
    if len(shown) < len(entries):
        click.echo(f"  ... and {len(entries) - len(shown)} more (gradebook.csv has all)")


@contextmanager
def going_on_later() -> Iterator[None]:
    """Ctrl-C while something else than grading goes on: say that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\nInterrupted. What was graded is kept. The same command goes on from there.", err=True)
        raise SystemExit(INTERRUPTED) from None


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else grades into the folder meanwhile. Raises click.ClickException if somebody does."""
    try:
        import fcntl
    except ImportError:  # Windows, where nothing is graded
        yield
        return
    with (folder / ".lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # of this process alone: not of those that it starts
        except OSError:
            file.seek(0)
            raise click.ClickException(f"process {file.read().strip()} is grading into {folder}/ right now") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
