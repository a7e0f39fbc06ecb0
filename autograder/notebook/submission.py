"""What a student handed in -> code cells. Nothing is run, and nothing that is read here is trusted.

Harmless damage is accepted (missing or doubled cell ids, unknown metadata, odd line ends, NaN in an output): what counts
is the code. Everything else is an `UnreadableNotebook` with one line that names the file and the fault.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from autograder.errors import UnreadableNotebook

MAX_MIB = 32
SOURCE_MIB = 4
"""Code of all cells together; people write kilobytes."""
MAX_OBJECTS = 1_000_000
"""JSON objects and arrays in one file: what three bytes can cost in memory is bounded by their number."""

FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a rar archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"{\\rtf", "an RTF document"),
)
"""How files begin that are handed in by accident."""

PART = re.compile(r"^# (?:%%(?P<percent>.*)|In\s?\[[\d *]*\]:?\s*)$", re.MULTILINE)
"""Where a cell begins in a script: "# %%" (Jupytext, VS Code, Spyder) or "# In[3]:" (nbconvert)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell."""

    number: int
    """Counted from 1 among the code cells, in the order of the file."""
    source: str
    """As typed, magics included, with Unix line ends."""
    line: int | None = None
    """Where it begins in a script; None in a notebook."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """The code of one submission."""

    path: Path
    sha256: str
    """Of the file as handed in."""
    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()
    """Sentences for the student, about the file as a whole."""
    watermark: dict[str, str] | None = None
    """What the handout said of itself ("topic", "version", "content"), if it is still there. The student can change it."""


class _Cell(msgspec.Struct, gc=False):
    """The parts of a cell that matter here; msgspec passes over the outputs without building them."""

    cell_type: msgspec.Raw = msgspec.Raw(b"null")
    source: msgspec.Raw = msgspec.Raw(b"null")
    input: msgspec.Raw = msgspec.Raw(b"null")
    """nbformat 3 and older keep the code here."""


class _Worksheet(msgspec.Struct):
    cells: list[_Cell | None] = []


class _File(msgspec.Struct):
    cells: list[_Cell | None] | None = None
    worksheets: list[_Worksheet] | None = None
    nbformat: msgspec.Raw = msgspec.Raw(b"null")
    metadata: msgspec.Raw = msgspec.Raw(b"null")


def read_submission(path: Path, *, max_mib: float = MAX_MIB) -> Notebook:
    """Read a notebook, a zip that holds one notebook, or a Python script (one cell for each part).

    Raises UnreadableNotebook with one line that names the file and the fault.
    """
    content = _content(path, max_mib)
    sha256 = hashlib.sha256(content).hexdigest()
    notes: list[str] = []
    suffix = path.suffix.lower()
    if content.startswith(b"PK"):
        inner, content = _only_notebook_of(path, content, max_mib)
        suffix = Path(inner).suffix.lower()
        notes.append(f"{path.name} is a zip archive; {inner} in it was graded.")
    text = _text(path, content)
    watermark = None
    if text.lstrip().startswith("{"):
        if suffix == ".py":
            notes.append(f"{path.name} is a notebook, though its name ends in .py.")
        parsed = _parse(path, text)
        cells = _cells(path, parsed, notes)
        watermark = _metadata(parsed, notes)
    elif suffix == ".py":
        cells = _parts(text)
    else:
        _refuse_text(path, text)
    if not cells:
        notes.append(f"{path.name} has no code cells.")
    return Notebook(path, sha256, cells, tuple(notes), watermark)


def _content(path: Path, max_mib: float) -> bytes:
    """The bytes of the file, refused by size before they are read."""
    limit = int(max_mib * 2**20)
    try:
        if path.is_dir():
            raise UnreadableNotebook(f"{path.name}: is a folder, not a notebook.")
        if not path.exists():
            raise UnreadableNotebook(f"{path.name}: there is no such file.")
        if not path.is_file():
            raise UnreadableNotebook(f"{path.name}: is not a regular file.")
        if path.stat().st_size > limit:
            _refuse_size(path, path.stat().st_size, max_mib)
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise UnreadableNotebook(f"{path.name}: cannot be read ({error.strerror or type(error).__name__}).") from None
    if len(content) > limit:
        _refuse_size(path, len(content), max_mib)
    return content


def _refuse_size(path: Path, size: int, max_mib: float) -> NoReturn:
    raise UnreadableNotebook(
        f"{path.name}: has {size / 2**20:.0f} MiB, and {max_mib:g} MiB are the most that is read. "
        "Clear large outputs and save it again."
    )


def _only_notebook_of(path: Path, content: bytes, max_mib: float) -> tuple[str, bytes]:
    """Name and bytes of the one notebook (or else the one script) of a zip archive."""
    limit = int(max_mib * 2**20)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [item for item in archive.infolist() if not item.is_dir() and not _by_the_way(item.filename)]
            for suffix in (".ipynb", ".py"):
                found = [item for item in files if item.filename.lower().endswith(suffix)]
                if len(found) > 1:
                    names = ", ".join(sorted(item.filename for item in found)[:5])
                    raise UnreadableNotebook(f"{path.name}: is a zip archive with {len(found)} notebooks ({names}).")
                if found:
                    with archive.open(found[0]) as member:
                        inner = member.read(limit + 1)
                    if len(inner) > limit:
                        _refuse_size(path, len(inner), max_mib)
                    return found[0].filename, inner
    except UnreadableNotebook:
        raise
    except Exception as error:  # noqa: BLE001 - zipfile raises a dozen types on damaged, encrypted or unusual archives
        raise UnreadableNotebook(f"{path.name}: is a damaged zip archive ({type(error).__name__}).") from None
    raise UnreadableNotebook(f"{path.name}: is a zip archive without a notebook in it.")


def _by_the_way(name: str) -> bool:
    """Whether a member of an archive is there without anybody having meant it, or came with the handout."""
    parts = name.split("/")
    return "__MACOSX" in parts or ".ipynb_checkpoints" in parts or "autograder" in parts or "tests" in parts


def _text(path: Path, content: bytes) -> str:
    for start, kind in FOREIGN:
        if content.startswith(start):
            raise UnreadableNotebook(f"{path.name}: is {kind}, not a notebook (.ipynb).")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:4]:
        raise UnreadableNotebook(f"{path.name}: is text in UTF-16 or UTF-32; notebooks are saved in UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableNotebook(
            f"{path.name}: is not a notebook: byte {error.start} is not UTF-8 text (0x{content[error.start]:02x})."
        ) from None
    if not text.strip():
        raise UnreadableNotebook(f"{path.name}: is empty. Was it saved before it was handed in?")
    return text


def _refuse_text(path: Path, text: str) -> NoReturn:
    start = text.lstrip()[:200].lower()
    if start.startswith("<"):
        kind = "a web page (HTML)" if "html" in start else "XML"
        raise UnreadableNotebook(f"{path.name}: is {kind}, not a notebook. Download the .ipynb itself.")
    looks = "Python code" if re.search(r"^(?:import|from|def|class|print)\b", text, re.MULTILINE) else "text"
    raise UnreadableNotebook(f"{path.name}: is {looks}, not a notebook: a notebook begins with an opening brace.")


def _parse(path: Path, text: str) -> _File:
    if text.count("{") + text.count("[") > MAX_OBJECTS:
        raise UnreadableNotebook(f"{path.name}: has too many parts to be a notebook that somebody wrote.")
    try:
        return msgspec.json.decode(text, type=_File)
    except msgspec.ValidationError as error:
        fault, _, key = str(error).partition(" - at ")
        raise UnreadableNotebook(
            f"{path.name}: is JSON, but not a notebook: {fault} at {key.strip('`') or '$'}."
        ) from None
    except RecursionError:
        raise UnreadableNotebook(f"{path.name}: is nested too deeply to be a notebook.") from None
    except (msgspec.DecodeError, UnicodeError):
        return _parse_leniently(path, text)


def _parse_leniently(path: Path, text: str) -> _File:
    """What Python's json reads and the standard does not know: NaN in outputs, control characters, half surrogates."""
    try:
        if text.count(",") > MAX_OBJECTS:  # here every value is built, those of the outputs too
            raise UnreadableNotebook(f"{path.name}: is not valid JSON.")
        data = json.loads(text, strict=False, parse_int=_short_int)
        _drop_outputs(data)
        return msgspec.json.decode(json.dumps(data).encode("ascii", "replace"), type=_File)
    except json.JSONDecodeError as error:
        truncated = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        fault = "it breaks off there; was it saved or sent completely?" if truncated else error.msg
        raise UnreadableNotebook(
            f"{path.name}: is not valid JSON at line {error.lineno}, column {error.colno}: {fault}"
        ) from None
    except RecursionError:
        raise UnreadableNotebook(f"{path.name}: is nested too deeply to be a notebook.") from None
    except (ValueError, msgspec.MsgspecError) as error:
        raise UnreadableNotebook(f"{path.name}: is JSON, but not a notebook ({type(error).__name__}).") from None


def _short_int(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0  # Python refuses to read more than 4300 digits; none of them is code


def _drop_outputs(data: Any) -> None:
    """Keep of each cell what `_Cell` knows, with half surrogates replaced."""
    if not isinstance(data, dict):
        return
    worksheets = data.get("worksheets")
    for sheet in [data, *(worksheets if isinstance(worksheets, list) else [])]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        if not isinstance(cells, list):
            continue
        for number, cell in enumerate(cells):
            if isinstance(cell, dict):
                cells[number] = {key: _whole(cell[key]) for key in ("cell_type", "source", "input") if key in cell}
    data["metadata"] = None


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def _cells(path: Path, file: _File, notes: list[str]) -> tuple[Cell, ...]:
    cells, old = file.cells, False
    if cells is None and file.worksheets is not None:
        cells, old = [cell for sheet in file.worksheets for cell in sheet.cells], True
        notes.append(f"{path.name} is in an old notebook format; it was read all the same.")
    if cells is None:
        raise UnreadableNotebook(f"{path.name}: is JSON, but not a notebook: it has no `cells`.")
    code = [cell for cell in cells if cell is not None and _value(cell.cell_type) == "code"]
    if sum(len(bytes(cell.source)) + len(bytes(cell.input)) for cell in code) > SOURCE_MIB * 2**20:
        raise UnreadableNotebook(f"{path.name}: has more than {SOURCE_MIB} MiB of code.")
    found = []
    for number, cell in enumerate(code, start=1):
        source = _value(cell.input if old else cell.source)
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            notes.append(f"Code cell {number} has no readable source.")
            source = ""
        found.append(Cell(number, _unix(source)))
    return tuple(found)


def _value(raw: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _metadata(file: _File, notes: list[str]) -> dict[str, str] | None:
    """The watermark, and a note if the notebook says that it is not in Python."""
    if len(bytes(file.metadata)) > 2**20:
        return None
    metadata = _value(file.metadata)
    if not isinstance(metadata, dict):
        return None
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        entry = metadata.get(key)
        language = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(language, str) and language and "python" not in language.lower():
            notes.append(f"The notebook says that its language is {language[:30]!r}; it was run as Python.")
            break
    watermark = metadata.get("chainrule")
    if not isinstance(watermark, dict):
        return None
    return {key: value for key, value in watermark.items() if isinstance(value, str) and len(key) + len(value) < 1000}


def _parts(text: str) -> tuple[Cell, ...]:
    """The parts of a script: between "# %%" lines, or else its top-level statements, so that one that raises costs no other."""
    text = _unix(text)
    marks = list(PART.finditer(text))
    if marks:
        starts = [0, *(mark.start() for mark in marks)]
        prose = [
            False,
            *((mark["percent"] or "").strip().startswith(("[markdown]", "[md]", "[raw]")) for mark in marks),
        ]
        pieces = [
            (1 + text.count("\n", 0, start), text[start:end])
            for start, end, skip in zip(starts, [*starts[1:], len(text)], prose, strict=True)
            if not skip
        ]
    else:
        pieces = _statements(text)
    code = [(line, piece) for line, piece in pieces if PART.sub("", piece).strip()]
    return tuple(Cell(number, piece.rstrip("\n"), line) for number, (line, piece) in enumerate(code, start=1))


def _statements(text: str) -> list[tuple[int, str]]:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [(1, text)]
    lines = text.split("\n")
    starts: list[int] = []
    for node in body:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        if not starts or first > starts[-1]:
            starts.append(first)
    return [
        (start, "\n".join(lines[start - 1 : end - 1]) + "\n")
        for start, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True)
    ]
