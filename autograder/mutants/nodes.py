"""Syntax trees: numbers with their sign, and copies with other fields."""

from __future__ import annotations

import ast
import copy
from typing import Any


def whole_number(node: ast.AST) -> int | None:
    """The value of an integer as it is written in code, with its sign."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))) if not isinstance(value, bool):
            return -value
        case _:
            return None


def number(value: int) -> ast.expr:
    """An integer as it is written in code."""
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def with_fields(node: Any, **fields: Any) -> Any:
    """A copy of the node with other fields. It stands nowhere in the text."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return without_place(changed)


def without_place(node: Any) -> Any:
    """The same node, which then stands nowhere in the text."""
    for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        if name in vars(node):
            delattr(node, name)
    return node
