"""Tables as people and learning platforms save them: comma, semicolon or tab, with or without a byte order mark."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError

MAX_MIB = 64
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula, and runs (OWASP, CSV Injection)."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file with a header and rows, all of the same length."""

    path: Path
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    """Where each row ends in the file."""
    delimiter: str = ","

    def column(self, *names: str) -> int | None:
        """The place of the first of these columns that is there; spelling is taken lightly."""
        known = {plain_name(title): place for place, title in reversed(list(enumerate(self.header)))}
        return next((known[name] for name in map(plain_name, names) if name in known), None)


def read_table(path: Path) -> Table:
    """Read a table. Raises CourseError if the file is missing, is no text, or is empty."""
    text = _text(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        found = [(reader.line_num, [shown_name(cell) for cell in row]) for row in reader]
    except csv.Error as error:
        raise CourseError(f"cannot be read as a table: {error}", path=path) from None
    found = [(line, row) for line, row in found if any(row)]
    if not found:
        raise CourseError("is empty; its first line must name the columns", path=path)
    (_, header), *rest = found
    width = len(header)
    rows = [[*row, *[""] * (width - len(row))][:width] for _, row in rest]
    return Table(path, header, rows, [line for line, _ in rest], delimiter)


def write_table(rows: Iterable[Sequence[object]], *, delimiter: str = ",") -> str:
    """The rows as a file that a spreadsheet can open without running anything that a student wrote."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(
        [[cell(value) for value in row] for row in rows]
    )
    return text.getvalue()


def cell(value: object) -> str:
    """A value as a cell: numbers as people write them; text with an apostrophe before it if it would be a formula.

    >>> cell(7.5), cell(10.0), cell("=cmd()"), cell("-1"), cell(None)
    ('7.5', '10', "'=cmd()", '-1', '')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        text = f"{value:.4f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    text = str(value).replace("\0", "").encode("utf-8", "replace").decode()
    if text.startswith(FORMULA) and not re.fullmatch(r"-?\d+(?:\.\d+)?|-", text):
        return "'" + text
    return text


def shown_name(text: str) -> str:
    """What stands in a cell, without the spaces around it and the apostrophe that `cell` put there."""
    text = text.strip().strip("\ufeff")
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def plain_name(text: str) -> str:
    """A name without case, accents, spaces and punctuation: for looking up, never for showing.

    >>> plain_name("SIS User-ID") == plain_name("sis_user_id"), plain_name("Zoë O'Hara")
    (True, 'zoeohara')
    """
    text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_MIB << 20:
            raise CourseError(f"has more than {MAX_MIB} MiB; is it a table?", path=path)
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"cannot be read: {error.strerror}", path=path) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:
        raise CourseError("is not text; save the table as CSV", path=path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # what Excel writes for "CSV" in western Europe
