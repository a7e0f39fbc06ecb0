"""The class report as tables for a spreadsheet or a program: everything that stands on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from autograder.classreport.values import ClassReport, Item, Missed, Other, Suspect
from autograder.intake.tables import write_table

Row = Sequence[Any]


def write(report: ClassReport, folder: Path) -> list[Path]:
    """Write a CSV file for each table to `folder`; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in tables(report).items():
        path = folder / f"{name}.csv"
        path.write_text(write_table([_plain(value) for value in row] for row in rows), encoding="utf-8")
        written.append(path)
    return written


def tables(report: ClassReport) -> Mapping[str, list[Row]]:
    """The tables by name, each with its header first."""
    return {
        "totals": [["what", "value"], *_totals(report)],
        "distribution": [["from", "to", "students"], *zip(report.edges, report.edges[1:], report.bins, strict=False)],
        "questions": _rows(Item, report.questions),
        "checks": _rows(Item, report.checks),
        "mistakes": _rows(Missed, report.missed),
        "other_failures": _rows(Other, report.others),
        "suspects": _rows(Suspect, report.suspects),
    }


def _totals(report: ClassReport) -> Iterable[Row]:
    yield from (
        ("topic", report.topic), ("title", report.title), ("points", report.points), ("handed_in", report.handed_in),
        ("read", report.read), ("waiting", report.waiting),
    )  # fmt: skip
    if report.totals is not None:
        yield from ((field.name, getattr(report.totals, field.name)) for field in fields(report.totals))
    found = report.reliability
    yield from (
        ("alpha", found.alpha), ("alpha_of_checks", found.of_checks), ("alpha_students", found.n),
        ("standard_error_of_measurement", found.error),
    )  # fmt: skip
    yield from (("unreadable", f"{many}: {reason}") for reason, many in report.unreadable)
    yield from (("caveat", each) for each in found.caveats)


def _rows(kind: type, values: Sequence[Any]) -> list[Row]:
    return [[field.name for field in fields(kind)], *(astuple(each) for each in values)]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, tuple) else value
