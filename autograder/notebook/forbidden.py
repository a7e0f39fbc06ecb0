"""Library calls that would answer the question: found in the code that an answer reaches.

`topic.toml` forbids them by dotted name, as in "torch.nn.LSTM". Only what the asked-for names lead to is searched, through the
notebook's own functions and classes, so that comparing with the library in a cell beside it costs nothing.

This reads code, and can be fooled by code that hides what it calls (`eval`, a name put together from pieces). It is an honest
reminder for honest students; what it does not find, an instructor can see.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MAGIC = re.compile(r"(?m)^[%!].*$")
"""Lines for IPython rather than for Python."""


@dataclass(frozen=True, slots=True)
class Use:
    """A forbidden name, and where it is used."""

    name: str
    cell: int
    line: int


@dataclass(frozen=True, slots=True)
class _Defined:
    node: ast.stmt
    cell: int


class Code:
    """The code of a notebook, read once for all of its questions."""

    def __init__(self, cells: Sequence[tuple[int, str]]) -> None:
        """`cells`: number and source of each code cell, magics included; one that does not parse is passed over."""
        self._imported: dict[str, str] = {}
        self._defined: dict[str, list[_Defined]] = {}
        for number, source in cells:
            try:
                tree = ast.parse(MAGIC.sub("pass", source))
                for node in ast.walk(tree):
                    self._imported.update(_imports(node))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            for statement in tree.body:
                for name in _bound(statement):
                    self._defined.setdefault(name, []).append(_Defined(statement, number))

    def uses(self, names: Iterable[str], forbids: Iterable[str]) -> list[Use]:
        """Where the answers `names` use what `forbids` lists, in the order in which it is reached."""
        wanted = tuple(forbids)
        try:
            return list(_search(names, wanted, self._imported, self._defined)) if wanted else []
        except RecursionError:  # an expression nested thousands deep, which no answer is
            return []


def _search(
    names: Iterable[str],
    wanted: tuple[str, ...],
    imported: Mapping[str, str],
    defined: Mapping[str, list[_Defined]],
) -> Iterator[Use]:
    waiting, seen = list(names), set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        for definition in defined.get(name, []):
            for node in ast.walk(definition.node):
                path = _dotted(node, imported)
                found = next((each for each in wanted if path == each or path.startswith(each + ".")), None)
                if found is not None:
                    yield Use(found, definition.cell, getattr(node, "lineno", 1))
                if isinstance(node, ast.Name):
                    waiting.append(node.id)


def _imports(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name):
                    yield node.id


def _dotted(node: ast.AST, imported: Mapping[str, str]) -> str:
    """The full name of what an expression refers to, or ""."""
    if isinstance(node, ast.Name):
        return imported.get(node.id, "")
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, imported)
        return f"{owner}.{node.attr}" if owner else ""
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[owner_node, ast.Constant(value=str(attribute)), *_]):
            owner = _dotted(owner_node, imported)
            return f"{owner}.{attribute}" if owner else ""
        case ast.ImportFrom(module=str(module), names=aliases) if len(aliases) == 1:
            return f"{module}.{aliases[0].name}"
    return ""
