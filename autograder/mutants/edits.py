"""From a change in the syntax tree to a change in the text: the smallest edit that means the same.

The text keeps its layout and its comments, so that a mutant reads as a diff of one line.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from autograder.mutants.changes import Change, changes
from autograder.notebook.sources import Definition


def edits(source: str, node: ast.stmt, modules: frozenset[str] = frozenset()) -> Iterator[tuple[int, str]]:
    """(line, the whole source after it) for each change within a top-level statement, in the order of the text.

    No two texts mean the same, and none means what `source` means. `modules`: names that stand for modules.
    """
    decorators = node.decorator_list if isinstance(node, Definition) else []
    first = min([node.lineno, *(each.lineno for each in decorators)])
    lines = source.splitlines(keepends=True)
    before, own, after = lines[: first - 1], lines[first - 1 : node.end_lineno], lines[node.end_lineno or first :]
    tree = ast.parse("".join(own))
    text = _Text("".join(own))
    seen = {ast.dump(tree)}
    for change in sorted(changes(tree.body[0], modules), key=lambda each: (each.old.lineno, each.old.col_offset)):
        wanted = _dumps_with(tree, change)
        if seen & wanted:
            continue
        seen |= wanted
        candidate = next((each for each in text.candidates(change) if _means(each, wanted)), None)
        assert candidate is not None, f"no text was found for {ast.dump(change.old)}"
        yield first - 1 + change.old.lineno, "".join([*before, candidate, *after])


class _Text:
    """A source text with the positions that `ast` gives: lines from 1, columns in bytes."""

    def __init__(self, source: str) -> None:
        self.data = source.encode()
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def candidates(self, change: Change) -> Iterator[str]:
        """Texts that may mean the change, the one that looks best first."""
        old, new = change.old, change.new
        start, end = self._start(old), self._end(old)
        if new is None:
            first = self._starts[old.lineno - 1]
            last = self.data.index(b"\n", end) + 1 if b"\n" in self.data[end:] else len(self.data)
            yield self._replaced(first, last, b"")
            yield self._replaced(start, end, b"pass")
            return
        if change.operator is not None:
            left, right, was, becomes = change.operator
            gap = slice(self._end(left), self._start(right))
            for place in _places(self.data[gap], was.encode()):
                yield self._replaced(gap.start + place, gap.start + place + len(was.encode()), becomes.encode())
        if hasattr(new, "lineno"):  # a part of the old expression: as it stands there
            part = self.data[self._start(new) : self._end(new)]
            yield self._replaced(start, end, part)
            yield self._replaced(start, end, b"(" + part + b")")
        unparsed = ast.unparse(new).encode()
        yield self._replaced(start, end, unparsed)
        yield self._replaced(start, end, b"(" + unparsed + b")")
        yield self._replaced(start - 1, end + 1, unparsed)  # without the brackets that stood around the old expression

    def _replaced(self, start: int, end: int, new: bytes) -> str:
        return (self.data[:start] + new + self.data[end:]).decode()

    def _start(self, node: Any) -> int:
        return int(self._starts[node.lineno - 1] + node.col_offset)

    def _end(self, node: Any) -> int:
        return int(self._starts[node.end_lineno - 1] + node.end_col_offset)


def _places(gap: bytes, operator: bytes) -> Iterator[int]:
    place = gap.find(operator)
    while place >= 0:
        yield place
        place = gap.find(operator, place + 1)


def _dumps_with(tree: ast.Module, change: Change) -> set[str]:
    """What the tree is with the change; two ways of writing that where an `else` has nothing left. The tree stays as it was."""
    before = getattr(change.parent, change.field)
    if change.index is None:
        after = [change.new]
    elif change.new is not None:
        after = [[*before[: change.index], change.new, *before[change.index + 1 :]]]
    elif len(before) > 1:
        after = [[*before[: change.index], *before[change.index + 1 :]]]
    else:
        after = [[ast.Pass()], []] if change.field == "orelse" else [[ast.Pass()]]
    dumps = set()
    for value in after:
        setattr(change.parent, change.field, value)
        dumps.add(ast.dump(tree))
    setattr(change.parent, change.field, before)
    return dumps


def _means(text: str, wanted: set[str]) -> bool:
    try:
        return ast.dump(ast.parse(text)) in wanted
    except SyntaxError:
        return False
