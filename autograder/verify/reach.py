"""Which checks a known answer can change: those that run the name that it stands in for.

The solution takes every check once while Python tells which of its functions are entered. An answer differs from the
solution in one of them: a check that never enters it would only see the solution again.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from autograder.notebook.sources import Definition, SourceFile

IMPORT = ast.Import | ast.ImportFrom


class Reach:
    """What each check enters of the solution's functions and classes."""

    def __init__(self, solution: SourceFile, file: str) -> None:
        """Nothing is known yet. `file`: what the solution's code calls its file."""
        self.solution = solution
        self.file = file
        self.entered: defaultdict[str, set[int]] = defaultdict(set)
        """For each check, the first lines of the functions that it enters."""
        self._at = ""

    def at(self, check: str) -> None:
        """From now on, `check` is at work."""
        self._at = check
        self.entered[check] = set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what is entered until the end of the block."""

        def note(frame: FrameType, event: str, _: Any) -> None:
            code = frame.f_code
            # The body of a class runs where it is defined, which is before every check.
            if event == "call" and code.co_filename == self.file and code.co_flags & inspect.CO_OPTIMIZED:
                self.entered[self._at].add(code.co_firstlineno)

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(before)

    def of(self, answer: str) -> frozenset[str]:
        """Checks that may come out otherwise with this piece of source in the place of the names that it binds."""
        names = frozenset().union(*(piece.binds for piece in SourceFile(answer).pieces if not _imports(piece.node)))
        lines: set[int] = set()
        for piece in self.solution.pieces:
            if piece.binds.isdisjoint(names) or _imports(piece.node):
                continue
            if not _is_seen_when_used(piece.node):
                return frozenset(self.entered)
            lines |= set(range(_first_line(piece.node), (piece.node.end_lineno or piece.node.lineno) + 1))
        return frozenset(check for check, entered in self.entered.items() if entered & lines)


def _imports(node: ast.stmt) -> bool:
    return isinstance(node, IMPORT)


def _is_seen_when_used(node: ast.stmt) -> bool:
    """Whether it cannot be used without a line of its own being run: no constant, and no class that others make."""
    if isinstance(node, ast.ClassDef):
        methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        return not node.decorator_list and bool(methods & {"__init__", "__new__"})
    return isinstance(node, Definition)


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, Definition) else []
    return min([node.lineno, *(each.lineno for each in decorators)])
