"""The notebook as it was last saved: its code, the handout that it is of, what raised, and where a name is defined."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Raised:
    """A code cell whose saved output is an exception."""

    cell: int
    """Counted from 1 among the code cells."""
    exception: str


@dataclass(frozen=True, slots=True)
class SavedNotebook:
    """A notebook's file, read leniently: what cannot be told is empty."""

    text: str
    content: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> SavedNotebook:
        """The notebook at `path`; an empty one if the file cannot be read as JSON."""
        try:
            text = path.read_text(encoding="utf-8-sig")
            content = json.loads(text)
        except (OSError, ValueError, RecursionError):
            return cls("", {})
        return cls(text, content if isinstance(content, dict) else {})

    @property
    def topic(self) -> str | None:
        """The topic of the handout that it was made from, if it still says so."""
        metadata = self.content.get("metadata")
        mark = metadata.get("chainrule") if isinstance(metadata, dict) else None
        topic = mark.get("topic") if isinstance(mark, dict) else None
        return topic if isinstance(topic, str) else None

    @property
    def code(self) -> list[tuple[int, str]]:
        """(number, source) of each code cell, counted from 1, with Unix line ends."""
        return [(number, _text(cell.get("source"))) for number, cell in enumerate(self._code_cells, start=1)]

    @property
    def raised(self) -> list[Raised]:
        """The code cells whose saved output ends in an exception."""
        found = []
        for number, cell in enumerate(self._code_cells, start=1):
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else []:
                if isinstance(output, dict) and output.get("output_type") == "error":
                    found.append(Raised(number, COLOURS.sub("", str(output.get("ename") or "an exception"))))
                    break
        return found

    def line_of(self, name: str) -> int | None:
        """The line of the file, counted from 1, at which the last function or class `name` begins, or None."""
        begins = re.compile(rf'(?:"|\\n)(?:async def|def|class) {re.escape(name)}\b')
        places = [match.end() for match in begins.finditer(self.text)]
        return self.text.count("\n", 0, places[-1]) + 1 if places else None

    @property
    def _code_cells(self) -> list[dict[str, Any]]:
        cells = self.content.get("cells")
        return [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"] \
            if isinstance(cells, list) else []  # fmt: skip


def _text(source: Any) -> str:
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""
