"""Mutants: small wrong changes of a topic's solution, made by a machine, that its hidden checks ought to notice.

They try what nobody thought of writing into mistakes.py. Each differs from the solution in one place, and stands in for
one name with all that this name needs. mutmut, cosmic-ray and mutatest were looked at: all three know Python's operators
alone, not axes, transposes or keepdims, and run a test command on changed files, where we ask a single question's checks.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.mutants.edits import edits
from autograder.notebook.sources import Definition, Piece, SourceFile
from autograder.topic import Topic

IMPORT = ast.Import | ast.ImportFrom
COMMENT = re.compile(r"(^|\s\s)#.*$")


@dataclass(frozen=True, slots=True)
class Mutant:
    """The solution with one change."""

    id: str
    """Name of what was changed, and a number: "softmax-7"."""
    name: str
    """The function, class or constant of the solution that was changed."""
    questions: tuple[str, ...]
    """The questions whose answers it is part of."""
    line: int
    was: str
    """The lines that were changed, without indentation and comments."""
    becomes: str
    """The same after the change; empty if they were dropped."""
    source: str
    """The whole of solution.py with the change."""
    diff: str
    """Unified, with two lines around the change."""


def mutants_of(topic: Topic) -> list[Mutant]:
    """Every mutant of what the topic's names need, in the order of the solution: always the same ones."""
    file = SourceFile.read(topic.path("solution"))
    where = topic.path("solution").relative_to(topic.course.root).as_posix()
    modules = frozenset(name for piece in file.pieces if isinstance(piece.node, IMPORT) for name in piece.binds)
    questions, run = _questions(topic, file), _names_that_run(file)
    result = []
    for piece in file.pieces:
        concerned = questions.get(id(piece), ())
        if not concerned or isinstance(piece.node, IMPORT) or not piece.binds & run:
            continue
        name = piece.node.name if isinstance(piece.node, Definition) else min(piece.binds)
        for number, (line, text) in enumerate(edits(file.text, piece.node, modules), start=1):
            was, becomes = _changed(file.text, text)
            diff = "\n".join(_diff(file.text, text, where))
            result.append(Mutant(f"{name}-{number}", name, concerned, line, was, becomes, text, diff))
    return result


def _questions(topic: Topic, file: SourceFile) -> dict[int, tuple[str, ...]]:
    """For each piece of the solution, the questions that need it without needing another question's name for it."""
    found: dict[int, list[str]] = {}
    for question in topic.settings.questions:
        roots = [file.definition(name) for name in question.names]
        for piece in _distinct([*roots, *file.needs(roots, without=topic.names)]):
            found.setdefault(id(piece), []).append(question.id)
    return {key: tuple(ids) for key, ids in found.items()}


def _names_that_run(file: SourceFile) -> frozenset[str]:
    """Names that are defined as functions or classes, or mentioned elsewhere than in annotations."""
    found = {name for piece in file.pieces if isinstance(piece.node, Definition) for name in piece.binds}
    pending: list[ast.AST] = [piece.node for piece in file.pieces]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        pending += [
            child for field, value in ast.iter_fields(node) if field not in {"annotation", "returns"}
            for child in (value if isinstance(value, list) else [value]) if isinstance(child, ast.AST)
        ]  # fmt: skip
    return frozenset(found)


def _distinct(pieces: list[Piece]) -> list[Piece]:
    return list({id(piece): piece for piece in pieces}.values())


def _diff(before: str, after: str, where: str) -> Iterator[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), where, where, n=2, lineterm="")
    yield from list(lines)[2:]


def _changed(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, before and after."""
    ours, theirs = before.splitlines(), after.splitlines()
    start = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    return _bare(ours[start : len(ours) - end]), _bare(theirs[start : len(theirs) - end])


def _bare(lines: list[str]) -> str:
    return "\n".join(line for line in (COMMENT.sub("", each).strip() for each in lines) if line)
