"""Text that a student's code may have chosen, made harmless: for a terminal, for XML, for Markdown, for a CI log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_ANSI = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|[\]PX^_][^\n\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, ...: titles, links; to its end or the line's
    r"|[ -/]+[0-~]"
    r"|[@-Z\\^_]"
    r")|\x9b[0-?]*[ -/]*[@-~]"
)  # ECMA-48, section 5
_LINE_END = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # text direction, zero width: code that reads unlike it runs
    "\ufdd0-\ufdef\ufffe\uffff"  # not characters; the last two are illegal in XML
    "\U000e0000-\U000e007f]"  # tags: text that no screen shows
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def plain(text: str) -> str:
    """Text without escape sequences, control and invisible characters; line ends are newlines, tabs stay.

    A lone surrogate becomes U+FFFD. The result can be encoded as UTF-8, and every character of it is legal in XML 1.0.
    """
    text = _LINE_END.sub("\n", _ANSI.sub("", text))
    return _LONE_SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """Plain text on one line, with single spaces."""
    return " ".join(plain(text).split())


def shortened(text: str, *, characters: int, lines: int | None = None) -> str:
    """The beginning of a text, with a note of how much was left out if it is longer."""
    kept = text if lines is None else "\n".join(text.split("\n")[:lines])
    kept = kept[:characters]
    if kept == text:
        return text
    return f"{kept.rstrip()}\n[{len(text) - len(kept)} more characters left out]"


def fitted(text: str, write: Callable[[str], str], *, size: Callable[[str], int], limit: int) -> str:
    """`write(text)`, with as little as possible cut off the text's end so that its size is within the limit.

    Cutting comes before escaping: cut after it, half an escape sequence could be left.
    """
    keep = min(len(text), limit)  # no character takes less than a byte
    written = write(shortened(text, characters=keep))
    while size(written) > limit and keep > 0:
        keep = min(keep - 1, int(keep * limit / size(written) * 0.95))
        written = write(shortened(text, characters=max(keep, 0)))
    return written


def spans(text: str) -> Iterator[tuple[bool, str]]:
    """Pieces of a text as (is code, piece): what stands between two backticks on one line is code."""
    for number, piece in enumerate(_CODE.split(text)):
        if piece:
            yield number % 2 == 1, piece


_MARKDOWN = re.compile(r"[\\`*_{}\[\]#!|~$^]|:(?=\S)|\.(?<=\bwww\.)")
_BLOCK_START = re.compile(r"^(?:[-+=]|\d+(?=[.)](?:\s|$)))")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NO_BREAK_SPACE = "\u00a0"


def markdown(text: str, *, indent: str = "") -> str:
    """Plain text as a Markdown paragraph that shows it literally, line by line; `code` in backticks stays code.

    `indent` goes before each line but the first, for a paragraph inside a list item. Blank lines are dropped. Spaces that
    align something are kept. Written for CommonMark (https://spec.commonmark.org/0.31.2/, sections 2.4, 2.5, 6.1 and 6.7)
    and its GitHub dialect: nothing in it becomes a link, an emoji, a formula or HTML.
    """
    lines = [line.rstrip() for line in text.expandtabs(4).split("\n")]
    return f"  \n{indent}".join(_markdown_line(line) for line in lines if line)


def _markdown_line(line: str) -> str:
    body = line.lstrip(" ")
    escaped = "".join(_markdown_code(piece) if code else _markdown_prose(piece) for code, piece in spans(body))
    return _NO_BREAK_SPACE * (len(line) - len(body)) + _BLOCK_START.sub(_escape_block_start, escaped)


def _markdown_code(piece: str) -> str:
    # CommonMark takes one space off both ends, if there is one at each.
    padded = piece.startswith(" ") and piece.endswith(" ") and piece.strip()
    return f"` {piece} `" if padded else f"`{piece}`"


def _markdown_prose(piece: str) -> str:
    piece = re.sub("[&<>]", lambda match: _ENTITIES[match[0]], _MARKDOWN.sub(lambda match: "\\" + match[0], piece))
    return re.sub("  +", lambda match: _NO_BREAK_SPACE * len(match[0]), piece)


def _escape_block_start(match: re.Match[str]) -> str:
    start = match[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def fenced(text: str) -> str:
    """Text as a Markdown code block, whatever fences it contains itself."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def unmarked(text: str) -> str:
    """Text in which no CI system finds a log command: `::error::` at the start of a line, `##[error]` or `##vso[...]`."""
    return re.sub(r"(?m)^(\s*):(?=:)", r"\1: ", re.sub(r"##(?=\w*\[)", "# #", text))
