"""A report as rows of the gradebook's tables, and back: what is read equals what was written.

Texts are kept once, however many verdicts say the same. A lone surrogate, which SQLite's UTF-8 has no place for, is kept as
the bytes that Python would write for it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from typing import Any

from autograder.verdict import CellProblem, CheckResult, Layer, Outcome, QuestionResult, Report


class Writer:
    """Adds reports to the tables. Remembers what is there already."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write through this connection, inside a transaction of the caller's."""
        self._connection = connection
        self._asked: dict[tuple[Any, ...], int] = {}

    def add(self, report: Report, *, run: int, content: str, file: str, key: str, at: str) -> int:
        """Add a report; returns the id of its grading."""
        say = self._message
        values = {
            "run": run, "topic": report.topic, "content": content, "file": file, "key": key, "at": at,
            "earned": report.earned, "points": report.points, "graded": report.graded,
            "readable": bool(report.sha256), "title": _text(report.title), "sha256": report.sha256,
            "seconds": report.seconds,
            "cells": say(_json([[cell.cell, cell.kind, cell.message, cell.line] for cell in report.cells])),
            "notes": say(_json(report.notes)),
            "isolation": say(_json([[layer.name, layer.active, layer.note] for layer in report.isolation])),
            "versions": say(_json(report.versions)),
            "printed": zlib.compress(_bytes(report.stdout)) if report.stdout else None,
        }  # fmt: skip
        names = ", ".join(values)
        grading = self._connection.execute(
            f"INSERT INTO grading ({names}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608 - names from here
            list(values.values()),
        ).lastrowid
        assert grading is not None
        rows: list[tuple[Any, ...]] = []
        for question in report.questions:
            for check in question.checks:
                rows.append((
                    grading, len(rows), self._asked_as(report.topic, question, check), check.outcome.value, check.earned,
                    say(check.message), None if check.hint is None else say(check.hint), say(check.detail),
                    None if check.mistake is None else _text(check.mistake), check.follow_through, check.seconds,
                ))  # fmt: skip
        self._connection.executemany("INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return grading

    def _asked_as(self, topic: str, question: QuestionResult, check: CheckResult) -> int:
        row = (
            topic, question.id, _text(question.title), check.number, check.name, _text(check.claim), check.public,
            check.points,
        )  # fmt: skip
        if row not in self._asked:
            self._connection.execute(
                "INSERT OR IGNORE INTO asked (topic, question, title, number, name, claim, public, points) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row,
            )  # fmt: skip
            self._asked[row] = self._connection.execute(
                "SELECT id FROM asked WHERE (topic, question, title, number, name, claim, public, points) "
                "= (?, ?, ?, ?, ?, ?, ?, ?)", row,
            ).fetchone()[0]  # fmt: skip
        return self._asked[row]

    def _message(self, text: str) -> int:
        digest = hashlib.blake2b(_bytes(text), digest_size=16).digest()
        found = self._connection.execute("SELECT id FROM message WHERE digest = ?", [digest]).fetchone()
        if found is None:
            insert = "INSERT INTO message (digest, text) VALUES (?, ?) RETURNING id"
            found = self._connection.execute(insert, [digest, _text(text)]).fetchone()
        number: int = found[0]
        return number


class Reader:
    """Makes reports of the rows. A text that several reports share is one object in memory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through this connection."""
        self._connection = connection
        self._asked: dict[int, tuple[Any, ...]] = {}
        self._texts: dict[int, str] = {}

    def report(self, grading: int) -> Report:
        """The report of one grading."""
        (topic, file, title, sha256, seconds, cells, notes, isolation, versions, printed) = self._connection.execute(
            "SELECT topic, file, title, sha256, seconds, cells, notes, isolation, versions, printed FROM grading "
            "WHERE id = ?", [grading],
        ).fetchone()  # fmt: skip
        return Report(
            topic=topic,
            title=_str(title),
            submission=_str(file),
            sha256=sha256,
            questions=tuple(self._questions(grading)),
            cells=tuple(CellProblem(*cell) for cell in json.loads(self._said(cells))),
            notes=tuple(json.loads(self._said(notes))),
            isolation=tuple(Layer(*layer) for layer in json.loads(self._said(isolation))),
            stdout=_str(zlib.decompress(printed)) if printed is not None else "",
            versions=json.loads(self._said(versions)),
            seconds=seconds,
        )

    def _questions(self, grading: int) -> Iterator[QuestionResult]:
        found: dict[tuple[str, str], list[CheckResult]] = {}
        for asked, outcome, message, hint, detail, mistake, follow_through, seconds in self._connection.execute(
            "SELECT asked, outcome, message, hint, detail, mistake, follow_through, seconds FROM verdict "
            "WHERE grading = ? ORDER BY place", [grading],
        ).fetchall():  # fmt: skip
            question, title, number, name, claim, public, points = self._asked_as(asked)
            found.setdefault((question, title), []).append(
                CheckResult(
                    question=question, name=name, number=number, claim=claim, public=public, points=points,
                    outcome=Outcome(outcome), message=self._said(message),
                    hint=None if hint is None else self._said(hint), detail=self._said(detail),
                    mistake=None if mistake is None else _str(mistake), follow_through=bool(follow_through),
                    seconds=seconds,
                )
            )  # fmt: skip
        for (question, title), checks in found.items():
            yield QuestionResult(question, title, tuple(checks))

    def _asked_as(self, asked: int) -> tuple[Any, ...]:
        if asked not in self._asked:
            question, title, number, name, claim, public, points = self._connection.execute(
                "SELECT question, title, number, name, claim, public, points FROM asked WHERE id = ?", [asked]
            ).fetchone()
            self._asked[asked] = (question, _str(title), number, name, _str(claim), bool(public), points)
        return self._asked[asked]

    def _said(self, message: int) -> str:
        if message not in self._texts:
            (text,) = self._connection.execute("SELECT text FROM message WHERE id = ?", [message]).fetchone()
            self._texts[message] = _str(text)
        return self._texts[message]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(text: str) -> str | bytes:
    """The text, or its bytes if it holds a lone surrogate."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _bytes(text)
    return text


def _str(stored: str | bytes) -> str:
    return stored if isinstance(stored, str) else stored.decode("utf-8", "surrogatepass")
