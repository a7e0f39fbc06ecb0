"""Definitions cut out of a Python file, together with what they need of it: as text, comments and all.

A solved notebook and a known answer are made of such pieces. Nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Piece:
    """One top-level statement of a file."""

    node: ast.stmt
    binds: frozenset[str]
    """Names that it defines at the top level."""
    uses: frozenset[str]
    """Names that it mentions anywhere."""


class SourceFile:
    """The top-level statements of a file, by the names that they bind."""

    def __init__(self, text: str, path: Path | None = None) -> None:
        """Parse `text`. Raises CourseError with the line if it is not Python."""
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        try:
            body = ast.parse(text).body
        except SyntaxError as error:
            raise CourseError(f"line {error.lineno}: {error.msg}", path=path) from None
        self.pieces = [Piece(node, frozenset(_bound(node)), frozenset(_used(node))) for node in body]

    @classmethod
    def read(cls, path: Path) -> SourceFile:
        """The file at `path`. Raises CourseError if it is missing or is not Python."""
        try:
            return cls(path.read_text(encoding="utf-8"), path)
        except FileNotFoundError:
            raise CourseError("file is missing", path=path) from None

    def defining(self, name: str) -> Piece | None:
        """The last top-level statement that binds `name`, or None."""
        return next((piece for piece in reversed(self.pieces) if name in piece.binds), None)

    def definition(self, name: str) -> Piece:
        """The function or class `name`. Raises CourseError if there is none."""
        piece = self.defining(name)
        if piece is None:
            raise CourseError(f"does not define `{name}`", path=self.path)
        return piece

    def needs(self, roots: Iterable[Piece], *, without: Collection[str] = ()) -> list[Piece]:
        """Other statements that `roots` need, however indirectly, in the order of the file.

        Names in `without` are there already. So are what the relative imports, the toolkit and __future__ give.
        """
        roots = list(roots)
        found: list[Piece] = []
        pending = [name for root in roots for name in root.uses]
        seen = set(without)
        while pending:
            name = pending.pop()
            piece = None if name in seen else self.defining(name)
            seen.add(name)
            if piece is None or piece in found or piece in roots or is_of_the_toolkit(piece.node):
                continue
            found.append(piece)
            pending.extend(piece.uses)
        return sorted(found, key=lambda piece: piece.node.lineno)

    def source(self, piece: Piece, *, rename: Mapping[str, str] | None = None, decorated: bool = True) -> str:
        """The text of a statement with its decorators and the comment right above it.

        `rename` maps names to what they are called instead, in the definition and wherever they are mentioned.
        """
        node = piece.node
        decorators = node.decorator_list if isinstance(node, Definition) else []
        first = min([node.lineno, *(each.lineno for each in decorators)]) if decorated else node.lineno
        assert node.end_lineno is not None
        lines = self._renamed(node, rename or {})[first - 1 : node.end_lineno]
        above = first - 1
        while decorated and above > 0 and self.lines[above - 1].startswith("#"):
            above -= 1
        return "\n".join([*self.lines[above : first - 1], *lines]) if decorated else "\n".join(lines)

    def _renamed(self, node: ast.stmt, rename: Mapping[str, str]) -> list[str]:
        places: list[tuple[int, int, str]] = []
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and each.id in rename:
                places.append((each.lineno, each.col_offset, each.id))
        if isinstance(node, Definition) and node.name in rename:
            line = self.lines[node.lineno - 1].encode()
            places.append((node.lineno, line.index(node.name.encode(), node.col_offset + 3), node.name))
        lines = list(self.lines)
        for number, column, name in sorted(places, reverse=True):
            line = lines[number - 1].encode()  # ast counts columns in bytes
            lines[number - 1] = (line[:column] + rename[name].encode() + line[column + len(name.encode()) :]).decode()
        return lines


def is_of_the_toolkit(node: ast.stmt) -> bool:
    """Whether this is an import that means nothing in a notebook: relative, of the toolkit, or of the future."""
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").split(".")[0] in {"autograder", "__future__"}
    return isinstance(node, ast.Import) and all(alias.name.split(".")[0] == "autograder" for alias in node.names)


def is_stub(node: ast.AST) -> bool:
    """Whether this is a function or class that is left to the student: something in it raises NotImplementedError."""
    return isinstance(node, Definition) and any(
        isinstance(each, ast.Raise)
        and isinstance(raised := each.exc.func if isinstance(each.exc, ast.Call) else each.exc, ast.Name)
        and raised.id == "NotImplementedError"
        for each in ast.walk(node)
    )


def signature(node: Definition) -> str:
    """How it is called, as in "sigmoid(z)" or, for a class, "LSTMCell(input_size, hidden_size)"; no annotations."""
    if isinstance(node, ast.ClassDef):
        init = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
        return f"{node.name}({_parameters(init.args, skip=1) if init else ''})"
    return f"{node.name}({_parameters(node.args)})"


def _parameters(args: ast.arguments, *, skip: int = 0) -> str:
    plain = ast.arguments(
        posonlyargs=[ast.arg(each.arg) for each in args.posonlyargs],
        args=[ast.arg(each.arg) for each in args.args],
        vararg=ast.arg(args.vararg.arg) if args.vararg else None,
        kwonlyargs=[ast.arg(each.arg) for each in args.kwonlyargs],
        kw_defaults=args.kw_defaults,
        kwarg=ast.arg(args.kwarg.arg) if args.kwarg else None,
        defaults=args.defaults,
    )
    del plain.args[:skip]
    return ast.unparse(plain)


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, Definition):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield from _bound(child)
            else:
                inner = list(ast.walk(child))
                yield from (each.id for each in inner if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
                for each in inner:  # the handlers of a try
                    if isinstance(each, ast.stmt):
                        yield from _bound(each)


def _used(node: ast.stmt) -> Iterator[str]:
    yield from (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
