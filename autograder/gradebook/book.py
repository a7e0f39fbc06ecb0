"""The gradebook: who handed in what, everything that was ever computed for it, and what staff decided.

::

    with Gradebook.open(Path("results")) as book:
        for graded in book.current("attention"):
            print(graded.name, graded.earned, graded.points)

One process writes at a time (`locked`); any number may read meanwhile.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal

from autograder.gradebook import schema
from autograder.gradebook.graded import Graded
from autograder.gradebook.rows import Reader, Writer
from autograder.gradebook.values import EVERYBODY, Asked, Attempt, Override, Standing, Submission
from autograder.intake.handed import HandedIn, Student
from autograder.verdict import Report


class Gradebook:
    """A gradebook in a file. A context manager: leaving it closes the file."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Use `open` or `create`."""
        self.path = path
        self._connection = connection
        self._writer = Writer(connection)

    @classmethod
    def open(cls, path: Path) -> Gradebook:
        """The gradebook at `path`, a file or the folder of results that it is in.

        Raises CourseError if there is none, or it cannot be read.
        """
        file = path / schema.FILE if path.is_dir() else path
        return cls(file, schema.connect(file, create=False))

    @classmethod
    def create(cls, path: Path) -> Gradebook:
        """The gradebook at `path`, made if it is not there yet. Raises CourseError if something else is."""
        file = path / schema.FILE if path.is_dir() else path
        return cls(file, schema.connect(file, create=True))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Gradebook:
        """Nothing more to do."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    # People ----------------------------------------------------------------------------------------------------------

    def enrol(self, roster: Iterable[Student]) -> None:
        """Take over a roster: who stands on it is enrolled, who stood on an earlier one and is not on this is no longer."""
        with self._writing():
            self._connection.execute("UPDATE student SET enrolled = 0")
            known = {row[0] for row in self._connection.execute("SELECT student FROM student")}
            calls = [(student, {*astuple(student)[1:6]}) for student in roster]
            count = Counter(each for _, called in calls for each in called)
            for student, called in calls:
                for before in called & known - {student.student, ""}:
                    if count[before] == 1:  # two of one name are not told apart by it
                        self._rename(before, student.student)
                self._know(student)

    def students(self) -> list[Student]:
        """Everybody on the roster and everybody who handed something in, by name."""
        rows = self._connection.execute(f"SELECT {_STUDENT} FROM student ORDER BY name, student")  # noqa: S608
        return [Student(**dict(zip(_FIELDS, (*row[:-1], bool(row[-1])), strict=True))) for row in rows]

    def _rename(self, before: str, now: str) -> None:
        """Somebody was known by a name, say, and is now by a number: what hangs on it comes along."""
        for table in ("member", "page", "override"):
            self._connection.execute(f"UPDATE OR IGNORE {table} SET student = ? WHERE student = ?", [now, before])  # noqa: S608
        self._connection.execute("DELETE FROM student WHERE student = ?", [before])

    def _know(self, student: Student) -> None:
        """Add a student, or what is new about one; the roster's word counts."""
        news = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS[1:])
        keep = ", ".join(f"{name} = iif({name} = '', excluded.{name}, {name})" for name in _FIELDS[2:-1])
        self._connection.execute(
            f"INSERT INTO student ({_STUDENT}) VALUES ({', '.join('?' * len(_FIELDS))}) "  # noqa: S608 - our own names
            f"ON CONFLICT DO UPDATE SET {news if student.enrolled else keep}",
            astuple(student),
        )

    # What was handed in ----------------------------------------------------------------------------------------------

    def hand_in(self, topic: str, source: str, handed: Iterable[HandedIn]) -> None:
        """Take in everything that a source (a folder, an archive) holds for a topic.

        What stood in this source before and does not now is withdrawn: it no longer counts, and stays on record.
        What was taken in from other sources stays as it is.
        """
        with self._writing():
            self._connection.execute(
                "UPDATE submission SET withdrawn = 1 WHERE topic = ? AND source = ?", [topic, source]
            )
            for each in handed:
                for student in each.students:
                    self._know(student)
                (number,) = self._connection.execute(
                    "INSERT INTO submission (topic, origin, source, path, file, sha256, attempt, handed_in, late, note) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET source = excluded.source, "
                    "path = excluded.path, file = excluded.file, sha256 = excluded.sha256, attempt = excluded.attempt, "
                    "handed_in = excluded.handed_in, late = excluded.late, note = excluded.note, withdrawn = 0 "
                    "RETURNING id",
                    [topic, each.origin, source, str(each.path), each.file, each.sha256, each.attempt, each.handed_in,
                     each.late, each.note],
                ).fetchone()  # fmt: skip
                self._connection.execute("DELETE FROM member WHERE submission = ?", [number])
                self._connection.executemany(
                    "INSERT OR IGNORE INTO member VALUES (?, ?)",
                    [(number, student.student) for student in each.students],
                )

    def submissions(self, topic: str) -> list[Submission]:
        """Everything handed in for a topic that was not withdrawn, in the order of the sources."""
        members: dict[int, list[str]] = {}
        for number, student in self._connection.execute(
            "SELECT submission, student FROM member JOIN submission ON id = submission WHERE topic = ?", [topic]
        ):
            members.setdefault(number, []).append(student)
        return [
            Submission(number, origin, Path(path), file, sha256, tuple(members.get(number, ())), attempt, handed_in,
                       bool(late), note, source)
            for number, origin, path, file, sha256, attempt, handed_in, late, note, source in self._connection.execute(
                "SELECT id, origin, path, file, sha256, attempt, handed_in, late, note, source FROM submission "
                "WHERE topic = ? AND NOT withdrawn ORDER BY id", [topic],
            )
        ]  # fmt: skip

    def topics(self) -> list[str]:
        """Names of the topics that something was handed in for."""
        return [row[0] for row in self._connection.execute("SELECT DISTINCT topic FROM submission ORDER BY topic")]

    # What was computed -----------------------------------------------------------------------------------------------

    def begin(self, topic: str, *, kind: str, key: str) -> int:
        """Begin a run; returns its number. `key`: what grading depends on besides the submission, hashed."""
        with self._writing():
            run = self._connection.execute(
                "INSERT INTO run (topic, kind, key, started, state) VALUES (?, ?, ?, ?, 'running')",
                [topic, kind, key, _now()],
            ).lastrowid
        assert run is not None
        return run

    def end(self, run: int, state: Literal["done", "interrupted"]) -> None:
        """Say how a run ended. One that was killed stays "running"."""
        self._connection.execute("UPDATE run SET ended = ?, state = ? WHERE id = ?", [_now(), state, run])

    def add(self, run: int, report: Report, *, content: str, key: str) -> None:
        """Keep a report, safely, before this returns. `content`: sha256 of the file that was graded."""
        with self._writing():
            self._writer.add(report, run=run, content=content, file=report.submission, key=key, at=_now())

    def record(self, topic: str, handed: HandedIn, report: Report, *, key: str = "") -> None:
        """Take in one file together with its report, in a run of its own."""
        self.hand_in(topic, handed.origin, [handed])
        run = self.begin(topic, kind="grade", key=key)
        self.add(run, report, content=handed.sha256, key=key)
        self.end(run, "done")

    def done(self, topic: str, key: str) -> set[tuple[str, str]]:
        """(sha256, file name) of everything that has a final report under this key: no check in it is not graded."""
        rows = self._connection.execute(
            "SELECT DISTINCT content, file FROM grading WHERE topic = ? AND key = ? AND graded", [topic, key]
        )
        return {(content, file) for content, file in rows}

    # What counts -----------------------------------------------------------------------------------------------------

    def choose(self, topic: str, attempt: Attempt) -> None:
        """Say which of several attempts counts for a topic, from now on."""
        self._connection.execute("INSERT OR REPLACE INTO setting VALUES (?, 'attempt', ?)", [topic, attempt])

    def chosen(self, topic: str) -> Attempt:
        """Which of several attempts counts for a topic: "last" unless said otherwise."""
        row = self._connection.execute(
            "SELECT value FROM setting WHERE topic = ? AND name = 'attempt'", [topic]
        ).fetchone()
        return "best" if row is not None and row[0] == "best" else "last"

    def standings(self, topic: str) -> list[Standing]:
        """The grading that counts for each student who has one, by name.

        Of a submission that is its latest; of several submissions, the one that `choose` says.
        """
        latest = {
            (content, file): row
            for content, file, *row in self._connection.execute(
                "SELECT content, file, id, key, earned, points, graded, readable FROM grading "
                "WHERE topic = ? ORDER BY id", [topic],
            )
        }  # fmt: skip
        names = {student.student: student.name for student in self.students()}
        mine: dict[str, list[Submission]] = {}
        for submission in self.submissions(topic):
            for student in submission.students:
                mine.setdefault(student, []).append(submission)
        best = self.chosen(topic) == "best"
        found = []
        for student, submissions in mine.items():
            submissions.sort(key=lambda each: (each.attempt or 0, each.handed_in, each.id))
            attempts = [
                Standing(student, names.get(student, student), each, number, len(submissions), grading, key, earned,
                         points, bool(graded), bool(readable))
                for number, each in enumerate(submissions, start=1)
                for grading, key, earned, points, graded, readable in [latest.get((each.sha256, each.file), [None] * 6)]
                if grading is not None
            ]  # fmt: skip
            if attempts:
                found.append(max(attempts, key=lambda each: (each.earned if best else 0.0, each.attempt)))
        return sorted(found, key=lambda each: (each.name.casefold(), each.student))

    def each(self, topic: str) -> Iterator[Graded]:
        """The grade of each student who has one, by name, with one report in memory at a time."""
        reader = Reader(self._connection)
        overrides = self.overrides_by_student(topic)
        for standing in self.standings(topic):
            yield _graded(standing, reader, overrides)

    def graded(self, topic: str, standing: Standing) -> Graded:
        """The grade of one student, with the report."""
        return _graded(standing, Reader(self._connection), self.overrides_by_student(topic))

    def marks(self, grading: int) -> list[tuple[str, str, float, float | None]]:
        """(question, check name, what it is worth, points earned or None) of one grading, in the order of the report."""
        return self._connection.execute(
            "SELECT question, name, points, earned FROM verdict JOIN asked ON asked.id = asked WHERE grading = ? "
            "ORDER BY place", [grading],
        ).fetchall()  # fmt: skip

    def current(self, topic: str) -> list[Graded]:
        """The grade of each student who has one, by name."""
        return list(self.each(topic))

    def asked(self, topic: str) -> list[Asked]:
        """The checks of a topic, as the latest report has them; [] if there is no report."""
        return [
            Asked(*row)
            for row in self._connection.execute(
                "SELECT question, asked.title, number, name, points FROM verdict JOIN asked ON asked.id = asked "
                "WHERE grading = (SELECT max(id) FROM grading WHERE topic = ?) ORDER BY place", [topic],
            )
        ]  # fmt: skip

    def title(self, topic: str) -> str:
        """The title of a topic, as the latest report has it."""
        row = self._connection.execute(
            "SELECT title FROM grading WHERE topic = ? ORDER BY id DESC LIMIT 1", [topic]
        ).fetchone()
        return str(row[0]) if row else topic

    def keys(self, topic: str) -> dict[tuple[str, str], str]:
        """(sha256, file name) -> the key of its latest grading."""
        rows = self._connection.execute("SELECT content, file, key FROM grading WHERE topic = ? ORDER BY id", [topic])
        return {(content, file): key for content, file, key in rows}

    def report(self, topic: str, key: str, content: str, file: str) -> Report | None:
        """The latest report of a file under a key, if it has one."""
        row = self._connection.execute(
            "SELECT max(id) FROM grading WHERE topic = ? AND key = ? AND content = ? AND file = ?",
            [topic, key, content, file],
        ).fetchone()
        return None if row[0] is None else Reader(self._connection).report(row[0])

    def copy_to(self, path: Path) -> Gradebook:
        """A copy of everything, in a new file in place of whatever is there."""
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            each.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(path)) as target:
            self._connection.backup(target)
        return Gradebook.open(path)

    def causes(self, grading: int) -> list[str]:
        """Why checks of a grading were not graded, each cause once: the first lines of what staff are told."""
        rows = self._connection.execute(
            "SELECT DISTINCT text FROM verdict JOIN message ON message.id = detail "
            "WHERE grading = ? AND outcome = 'not graded' ORDER BY place", [grading],
        )  # fmt: skip
        return list(dict.fromkeys(str(text).partition("\n")[0] for (text,) in rows))

    # Pages of feedback -----------------------------------------------------------------------------------------------

    def pages(self, topic: str) -> dict[str, tuple[str, str]]:
        """Student -> the file of their page, and what it shows."""
        rows = self._connection.execute("SELECT student, file, shows FROM page WHERE topic = ?", [topic])
        return {student: (file, shows) for student, file, shows in rows}

    def keep_page(self, topic: str, student: str, file: str, shows: str) -> None:
        """Remember what stands on a student's page."""
        self._connection.execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?)", [topic, student, file, shows])

    def forget_page(self, topic: str, student: str) -> None:
        """There is none any more."""
        self._connection.execute("DELETE FROM page WHERE topic = ? AND student = ?", [topic, student])

    # What staff decided ----------------------------------------------------------------------------------------------

    def override(self, topic: str, student: str, name: str, *, points: float | None, reason: str) -> None:
        """Give points for a check, or excuse it (`points` None), to one student or EVERYBODY, whatever was computed."""
        self._decide(topic, student, name, "excused" if points is None else "points", points, reason)

    def withdraw_override(self, topic: str, student: str, name: str, *, reason: str = "") -> None:
        """Let what was computed count again."""
        self._decide(topic, student, name, "removed", None, reason)

    def overrides(self, topic: str) -> list[Override]:
        """What counts of the decisions of staff, in the order in which they were made."""
        last: dict[tuple[str, str], tuple[str, Override]] = {}
        for student, name, decision, points, reason, at in self._connection.execute(
            "SELECT student, name, decision, points, reason, at FROM override WHERE topic = ? ORDER BY id", [topic]
        ):
            last.pop((student, name), None)
            last[student, name] = decision, Override(student, name, points, reason, at)
        return [override for decision, override in last.values() if decision != "removed"]

    def overrides_by_student(self, topic: str) -> _Overrides:
        """A function from a student to check name -> points: one's own decisions come before everybody's."""
        return _Overrides(self.overrides(topic))

    def _decide(self, topic: str, student: str, name: str, decision: str, points: float | None, reason: str) -> None:
        self._connection.execute(
            "INSERT INTO override (topic, student, name, decision, points, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [topic, student, name, decision, points, reason, _now()],
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _graded(standing: Standing, reader: Reader, overrides: _Overrides) -> Graded:
    return Graded(
        standing.student, standing.name, standing.submission.origin, standing.attempt, reader.report(standing.grading),
        overrides(standing.student),
    )  # fmt: skip


class _Overrides:
    def __init__(self, overrides: Iterable[Override]) -> None:
        self._of: dict[str, dict[str, float | None]] = {}
        for override in overrides:
            self._of.setdefault(override.student, {})[override.name] = override.points

    def __call__(self, student: str) -> Mapping[str, float | None]:
        return MappingProxyType({**self._of.get(EVERYBODY, {}), **self._of.get(student, {})})


_FIELDS = [field.name for field in fields(Student)]
_STUDENT = ", ".join(_FIELDS)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def handed_in_alone(student: str, name: str, file: Path, content: bytes) -> HandedIn:
    """A file that one student handed in, without a source that says more."""
    sha256 = hashlib.sha256(content).hexdigest()
    return HandedIn(f"{student}/{file.name}", file, sha256, (Student(student, name),))
