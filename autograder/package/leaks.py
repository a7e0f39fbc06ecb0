"""What must never be in a student package, and whether it is: plain, packed, or in another encoding.

Two rules. No line and no text of a secret file is in the package, unless the topic's public folder or the toolkit has it
too. And no function of the solution, the reference or the hidden checks is there whole, even if the public folder has it:
an answer that was left in notebook.md is the likeliest leak of all. What the handout gives and no question asks for is no
answer, though the solution, which stands alone, has it too.
"""

from __future__ import annotations

import ast
import base64
import binascii
import bz2
import html
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import SECRET_FILE
from autograder.errors import CourseError
from autograder.notebook.handout import public_files, stub_sources
from autograder.notebook.sources import Definition
from autograder.package import toolkit
from autograder.topic import Topic

SECRET_PARTS = ("hidden", "reference", "solution", "accepted", "mistakes")
SHORTEST_LINE = 16
"""Characters without white space: a shorter line tells nobody anything."""
SHORTEST_IN_BLOCK = 10
MAX_DEPTH = 6
MAX_BYTES = 256 * 2**20
"""Unpacked, in all; a package is a few megabytes."""
SHOWN = 10

SENTENCE_END = re.compile(r"(?<=[.?!:;])\s+|\n")
BASE64 = re.compile(rb"(?:[A-Za-z0-9+/_-]{16,}[\r\n]+)*[A-Za-z0-9+/_-]{16,}={0,2}")
HEXADECIMAL = re.compile(rb"(?:[0-9a-fA-F]{2}){16,}")
COMPRESSED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|BZh[1-9]1AY|\xfd7zXZ\x00")


@dataclass(frozen=True, slots=True)
class Leak:
    """One secret that was found."""

    where: str
    """Path in the package, and how it was unpacked: "scale/scale.ipynb > base64"."""
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What to look for. All text is without white space."""

    texts: dict[str, str]
    """text -> where it stands."""
    blocks: dict[str, tuple[str, ...]]
    """what it is -> its lines of code, all of which make a leak."""
    keys: dict[bytes, str]
    """bytes -> what they are."""


def refuse(archive: bytes, topic: Topic) -> None:
    """Raise CourseError, with the first leaks, if anything secret is in the zip."""
    found = leaks_in(archive, secrets_of(topic))
    if found:
        more = f"\n  ... and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        listed = "".join(f"\n  {leak}" for leak in found[:SHOWN])
        raise CourseError(f"the student package would give away secrets, so it was not written:{listed}{more}",
                          path=topic.folder)  # fmt: skip


def leaks_in(archive: bytes, secrets: Secrets) -> list[Leak]:
    """Every secret in a zip, once for each file."""
    found: dict[tuple[str, str], Leak] = {}
    budget = [MAX_BYTES]
    for where, content in _members(archive, budget):
        for how, view in _views(content, 0, budget):
            place = " > ".join([where, *how])
            there = [what for key, what in secrets.keys.items() if key in view]
            text = _packed(view.decode("utf-8", "ignore"))
            if len(text) >= SHORTEST_IN_BLOCK:
                there += [what for secret, what in secrets.texts.items() if secret in text]
                there += [what for what, lines in secrets.blocks.items() if all(line in text for line in lines)]
            for what in there:
                found.setdefault((where, what), Leak(place, what))
    return list(found.values())


# --- what is secret ---------------------------------------------------------------------------------------------------


def secrets_of(topic: Topic) -> Secrets:
    """What must not be in the package of this topic. Reads the secret files; imports none of them."""
    public = _packed("\n".join(path.read_bytes().decode("utf-8", "ignore") for path in public_files(topic)))
    public += _packed("\n".join(path.read_text(encoding="utf-8") for path in sorted(toolkit.ROOT.rglob("*.py"))))
    given = {_packed(line) for source in stub_sources(topic.path("notebook")) for line in source.split("\n")}
    texts: dict[str, str] = {}
    blocks: dict[str, tuple[str, ...]] = {}
    for part in SECRET_PARTS:
        path = topic.path(part)
        if not path.is_file():
            continue
        source = path.read_text(encoding="utf-8")
        name = path.relative_to(topic.course.root).as_posix()
        for text, what in _texts(source, name):
            if text.strip("\"',()[]:") not in public:
                texts.setdefault(text, what)
        if part == "solution":
            asked = {each for question in topic.settings.questions for each in question.names}
            handed_out = _packed(topic.path("notebook").read_text(encoding="utf-8"))
            blocks |= {
                what: code
                for what, (function, code) in _blocks(source, name, given, at_least=1).items()
                if function in asked or not all(line in handed_out for line in code)
            }
        elif part in {"hidden", "reference"}:
            blocks |= {what: code for what, (_, code) in _blocks(source, name, given, at_least=2).items()}
    return Secrets(texts, blocks, _keys(topic.course.root / SECRET_FILE))


def _texts(source: str, name: str) -> Iterator[tuple[str, str]]:
    """Lines, longer texts (hints, claims) and names of checks and mistakes, each with where it stands."""
    for number, line in enumerate(source.split("\n"), start=1):
        text = _packed(line)
        if len(text) >= SHORTEST_LINE and not text.startswith(("import", "from")) and re.search(r"[A-Za-z]{3}", text):
            yield text, f"{name} line {number}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for text in map(_packed, [node.value, *SENTENCE_END.split(node.value)]):
                if len(text) >= SHORTEST_LINE:
                    yield text, f"{name} line {node.lineno} (text)"
        elif isinstance(node, Definition) and node.decorator_list and len(node.name) >= SHORTEST_IN_BLOCK:
            yield node.name, f"{name} line {node.lineno} (name `{node.name}`)"


def _blocks(source: str, name: str, given: set[str], *, at_least: int) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The name and the lines of code of each function, without comments, docstrings, and what the handout gives anyway.

    Private functions are left out: those by which checks take results apart are often the same, public and hidden.
    """
    lines = source.split("\n")
    found = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        code = [_packed(line) for each in node.body if not _is_text(each)
                for line in lines[each.lineno - 1 : each.end_lineno]]  # fmt: skip
        told = [line for line in dict.fromkeys(code)
                if len(line) >= SHORTEST_IN_BLOCK and not line.startswith("#") and line not in given]  # fmt: skip
        if len(told) >= at_least:
            found[f"{name} line {node.lineno} (all of `{node.name}`)"] = node.name, tuple(told)
    return found


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _keys(path: Path) -> dict[bytes, str]:
    """The course secret, as bytes and as text."""
    try:
        text = path.read_text(encoding="ascii").strip()
        raw = bytes.fromhex(text)
    except (OSError, ValueError):
        return {}
    what = "the course secret"
    return dict.fromkeys((raw, text.lower().encode(), text.upper().encode(), raw[::-1], repr(raw)[2:-1].encode()), what)


# --- where to look ----------------------------------------------------------------------------------------------------


def _packed(text: str) -> str:
    return "".join(text.split())


def _members(archive: bytes, budget: list[int]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = [opened.comment]
        for item in opened.infolist():
            names += [item.filename.encode("utf-8", "surrogateescape"), item.comment, item.extra]
            with opened.open(item) as member:
                content = member.read(max(0, budget[0]) + 1)
            _spend(budget, len(content))
            yield item.filename, content
        yield "names and comments", b"\n".join(names)


def _spend(budget: list[int], size: int) -> None:
    budget[0] -= size
    if budget[0] < 0:
        raise CourseError(f"the student package unpacks to more than {MAX_BYTES // 2**20} MiB; it cannot be searched")


def _views(content: bytes, depth: int, budget: list[int]) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """The content itself, and everything that it may be an encoding of, with the names of the encodings."""
    yield (), content
    if depth == MAX_DEPTH:
        return
    for how, inner in _decoded(content):
        _spend(budget, len(inner))
        for further, view in _views(inner, depth + 1, budget):
            yield (how, *further), view


def _decoded(content: bytes) -> Iterator[tuple[str, bytes]]:
    if b"\x00" in content:
        yield "text in UTF-16 or UTF-32", content.replace(b"\x00", b"")
    start = content.find(b"PK\x03\x04")
    if start >= 0:
        try:
            for name, member in _members(content[start:], [MAX_BYTES]):
                yield f"zip {name}", member
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError, zlib.error):
            pass  # only looks like a zip
    for number, match in enumerate(COMPRESSED.finditer(content)):
        unpacked = _unpacked(content[match.start() :]) if number < 1000 else b""
        if len(unpacked) >= SHORTEST_IN_BLOCK:
            yield "compressed", unpacked
    yield from _decoded_text(content)


def _decoded_text(content: bytes) -> Iterator[tuple[str, bytes]]:
    for match in BASE64.finditer(content):
        run = re.sub(rb"[\r\n=]", b"", match[0]).replace(b"-", b"+").replace(b"_", b"/")
        for offset in range(4):  # letters of something else may stand before it
            part = run[offset:]
            part = part[: len(part) - (len(part) % 4 == 1)]
            decoded = base64.b64decode(part + b"=" * (-len(part) % 4))
            if _worth_a_look(decoded):
                yield "base64", decoded
    for match in HEXADECIMAL.finditer(content):
        try:
            decoded = binascii.unhexlify(match[0])
        except binascii.Error:
            continue
        if _worth_a_look(decoded):
            yield "hexadecimal", decoded
    if content.lstrip()[:1] in {b"{", b"["}:
        strings = _json_strings(content)
        if strings:
            yield "JSON", strings
    if re.search(rb"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|n)", content):
        yield "escapes", _unescaped(content)
    if re.search(rb"&(?:#\w+|lt|gt|amp|quot);", content):
        yield "HTML", html.unescape(content.decode("utf-8", "ignore")).encode()


def _worth_a_look(decoded: bytes) -> bool:
    """Whether bytes may be text or packed data; what long identifiers decode to is neither."""
    if COMPRESSED.search(decoded) or b"PK\x03\x04" in decoded or len(decoded) >= 32:
        return True
    return sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in decoded) > 0.9 * len(decoded)


def _unpacked(content: bytes) -> bytes:
    try:
        match content[:2]:
            case b"BZ":
                return bz2.BZ2Decompressor().decompress(content, 16 * 2**20)
            case b"\xfd7":
                return lzma.LZMADecompressor().decompress(content, 16 * 2**20)
            case _:
                return zlib.decompressobj(47).decompress(content, 16 * 2**20)
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
        return b""


def _json_strings(content: bytes) -> bytes:
    """All strings of a JSON text, those of a list joined, as the lines of a notebook's cell are."""
    text = content.decode("utf-8", "ignore")
    try:
        data, _ = json.JSONDecoder(strict=False).raw_decode(
            text, min(i for i in (text.find("{"), text.find("[")) if i >= 0)
        )
    except (ValueError, RecursionError):
        return b""
    parts: list[str] = []
    pending: list[Any] = [data]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            parts.append(each)
        elif isinstance(each, dict):
            pending.extend([*reversed(list(each.values())), *each.keys()])
        elif isinstance(each, list) and each and all(isinstance(item, str) for item in each):
            parts.append("".join(each))
        elif isinstance(each, list):
            pending.extend(reversed(each))
    return "\n".join(parts).encode("utf-8", "ignore")


def _unescaped(content: bytes) -> bytes:
    def character(match: re.Match[bytes]) -> bytes:
        if match[0] == b"\\n":
            return b"\n"
        return chr(int(match[1] or match[2], 16)).encode("utf-8", "ignore")

    return re.sub(rb"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|n)", character, content).replace(b'\\"', b'"')
