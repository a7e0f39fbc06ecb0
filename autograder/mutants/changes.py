"""Which small changes make a mutant: what slips from a programmer's hand in numerical code.

Operators, signs, terms and factors, constants, axes, transposes, kept dimensions, the order of arguments, a statement
that is missing, a mean for a sum. Docstrings, annotations, messages, raise and assert statements are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.mutants.calls import other_calls
from autograder.mutants.nodes import number, whole_number, with_fields, without_place
from autograder.notebook.sources import Definition

Operator = tuple[ast.AST, ast.AST, str, str]
"""Left operand, right operand, the operator between them, and what stands there instead."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """`old`, which stands in `field` of `parent` (at `index`, in a list), becomes `new`, or is dropped."""

    old: Any
    new: Any
    parent: ast.AST
    field: str
    index: int | None
    operator: Operator | None = None


ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,), ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.FloorDiv,), ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,), ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,),
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}  # fmt: skip
SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@", ast.FloorDiv: "//",
    ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>", ast.Lt: "<", ast.LtE: "<=",
    ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip


def changes(statement: ast.stmt, modules: frozenset[str] = frozenset()) -> Iterator[Change]:
    """Every change within a top-level statement. `modules`: names whose attributes are functions, not methods."""
    yield from _Walk(modules).statement(statement, ast.Module([statement], []), "body", 0, bound=set())


class _Walk:
    def __init__(self, modules: frozenset[str]) -> None:
        self.modules = modules

    def statement(
        self, node: ast.stmt, parent: ast.AST, field: str, index: int, *, bound: set[str]
    ) -> Iterator[Change]:
        """`bound`: names that have a value before the statement runs."""
        if isinstance(node, ast.Raise | ast.Assert | ast.Import | ast.ImportFrom) or _is_docstring(node):
            return
        if _can_be_missing(node, bound):
            yield Change(node, None, parent, field, index)
        if isinstance(node, Definition):
            inner = set(bound) | {arg.arg for arg in ast.walk(node) if isinstance(arg, ast.arg)}
            if not isinstance(node, ast.ClassDef):
                yield from self._defaults(node.args)
            yield from self._body(node, "body", inner)
            return
        if isinstance(node, ast.AugAssign):
            yield from _other_assignment(node, parent, field, index)
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _returned(node)
        if isinstance(node, ast.If) and not isinstance(node.test, ast.Compare):
            yield Change(node.test, ast.UnaryOp(ast.Not(), node.test), node, "test", None)
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "type_comment"}:
                continue
            if isinstance(value, ast.expr):
                yield from self.expression(value, node, name, None)
            elif isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    yield from self._body(node, name, bound)
                    continue
                for place, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        yield from self.expression(item, node, name, place)
                    elif isinstance(item, ast.withitem):
                        yield from self.expression(item.context_expr, item, "context_expr", None)
                    elif isinstance(item, ast.ExceptHandler):
                        yield from self._body(item, "body", bound)
        bound.update(
            each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        )

    def expression(self, node: ast.expr, parent: ast.AST, field: str, index: int | None) -> Iterator[Change]:
        if isinstance(node, ast.JoinedStr):
            return
        for new, operator in self._instead(node):
            yield Change(node, new, parent, field, index, operator)
        if whole_number(node) is not None:
            return
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                yield from self.expression(value, node, name, None)
            elif isinstance(value, list):
                for place, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        yield from self.expression(item, node, name, place)
                    elif isinstance(item, ast.keyword):
                        if item.arg not in {"axis", "dim"} or whole_number(item.value) is None:
                            yield from self.expression(item.value, item, "value", None)
                    elif isinstance(item, ast.comprehension):
                        yield from self.expression(item.iter, item, "iter", None)
                        for number, test in enumerate(item.ifs):
                            yield from self.expression(test, item, "ifs", number)
            elif isinstance(value, ast.arguments):
                yield from self._defaults(value)

    def _body(self, node: ast.AST, field: str, bound: set[str]) -> Iterator[Change]:
        for place, each in enumerate(getattr(node, field)):
            yield from self.statement(each, node, field, place, bound=bound)

    def _defaults(self, args: ast.arguments) -> Iterator[Change]:
        for field in ("defaults", "kw_defaults"):
            for place, default in enumerate(getattr(args, field)):
                if default is not None:
                    yield from self.expression(default, args, field, place)

    def _instead(self, node: ast.expr) -> Iterator[tuple[ast.expr, Operator | None]]:
        """What may stand in the place of an expression."""
        whole = whole_number(node)
        if whole is not None:
            yield from ((number(each), None) for each in _other_numbers(whole))
            return
        match node:
            case ast.Constant(value=bool(value)):
                yield ast.Constant(not value), None
            case ast.Constant(value=float(value)):
                yield ast.Constant(value * 2 if value else 1.0), None
            case ast.BinOp():
                yield from _other_operations(node)
            case ast.BoolOp():
                yield with_fields(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or()), None
            case ast.Compare():
                yield from _other_comparisons(node)
            case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert()):
                yield node.operand, None
            case ast.IfExp():
                yield with_fields(node, body=node.orelse, orelse=node.body), None
            case ast.Attribute(attr="T" | "mT" | "H"):
                yield node.value, None
            case ast.Subscript(ctx=ast.Load()):
                yield node.value, None
            case ast.Call():
                yield from ((each, None) for each in other_calls(node, self.modules))


def _can_be_missing(node: ast.stmt, bound: set[str]) -> bool:
    """Whether the code still runs without it: a call for its effect, an assignment of anew, a guard."""
    match node:
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            return True
        case ast.Assign(targets=targets):
            return all(
                isinstance(each, ast.Subscript | ast.Attribute) or (isinstance(each, ast.Name) and each.id in bound)
                for target in targets
                for each in (target.elts if isinstance(target, ast.Tuple) else [target])
            )
        case ast.If(orelse=[]):
            return all(isinstance(each, ast.Raise | ast.Return) for each in node.body)
        case _:
            return False


def _other_assignment(node: ast.AugAssign, parent: ast.AST, field: str, index: int) -> Iterator[Change]:
    for other in ARITHMETIC.get(type(node.op), ()):
        operator = (node.target, node.value, SYMBOLS[type(node.op)] + "=", SYMBOLS[other] + "=")
        yield Change(node, with_fields(node, op=other()), parent, field, index, operator)
    operator = (node.target, node.value, SYMBOLS[type(node.op)] + "=", "=")
    plain = ast.Assign([node.target], node.value, lineno=node.lineno)
    yield Change(node, without_place(plain), parent, field, index, operator)


def _returned(node: ast.Return) -> Iterator[Change]:
    """Another sign for each returned value, and two of them in the other order."""
    value = node.value
    if not isinstance(value, ast.Tuple):
        if isinstance(value, ast.BinOp | ast.Call | ast.Name):
            yield Change(value, ast.UnaryOp(ast.USub(), value), node, "value", None)
        return
    for place, each in enumerate(value.elts):
        if isinstance(each, ast.BinOp | ast.Call | ast.Name):
            yield Change(each, ast.UnaryOp(ast.USub(), each), value, "elts", place)
    for place in range(len(value.elts) - 1):
        elts = [*value.elts[:place], value.elts[place + 1], value.elts[place], *value.elts[place + 2 :]]
        yield Change(value, with_fields(value, elts=elts), node, "value", None)


def _other_operations(node: ast.BinOp) -> Iterator[tuple[ast.expr, Operator | None]]:
    left, right = node.left, node.right
    for other in ARITHMETIC.get(type(node.op), ()):
        yield with_fields(node, op=other()), (left, right, SYMBOLS[type(node.op)], SYMBOLS[other])
    match node.op:
        case ast.Add() | ast.Mult():
            yield left, None
            yield right, None
        case ast.Sub():
            yield left, None
            yield ast.UnaryOp(ast.USub(), right), None
            yield with_fields(node, left=right, right=left), None
        case ast.Div():
            yield left, None
            yield with_fields(node, left=right, right=left), None
        case ast.MatMult():
            yield with_fields(node, left=right, right=left), None
        case ast.Pow():
            yield left, None


def _other_comparisons(node: ast.Compare) -> Iterator[tuple[ast.expr, Operator | None]]:
    operands = [node.left, *node.comparators]
    for place, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            gap = (operands[place], operands[place + 1], SYMBOLS[type(operator)], SYMBOLS[other])
            yield with_fields(node, ops=ops), gap


def _other_numbers(whole: int) -> tuple[int, ...]:
    return {0: (1,), 1: (0, 2), 2: (1, 3), -1: (1, 0, -2)}.get(whole, (whole - 1, whole + 1))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
