"""Which small changes make a mutant: what slips from a programmer's hand in numerical code.

Operators, signs, terms and factors, constants, axes, transposes, kept dimensions, the order of arguments, a statement
that is missing, a mean for a sum. Docstrings, annotations, messages, raise and assert statements are left alone.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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

NEIGHBOURS = (
    ("mean", "sum"), ("max", "min"), ("amax", "amin"), ("maximum", "minimum"), ("argmax", "argmin"), ("std", "var"),
    ("zeros", "ones"), ("zeros_like", "ones_like"), ("any", "all"), ("floor", "ceil"), ("exp", "expm1"),
    ("log", "log1p"), ("sin", "cos"), ("sinh", "cosh"), ("vstack", "hstack"), ("triu", "tril"), ("cumsum", "cumprod"),
)  # fmt: skip
OTHER_FUNCTION = {a: b for pair in NEIGHBOURS for a, b in (pair, pair[::-1])}
SYMMETRIC = frozenset({"minimum", "maximum", "add", "multiply", "logaddexp", "hypot", "isinstance", "print", "isclose",
                       "allclose", "array_equal", "equal", "not_equal", "dot"})  # fmt: skip
CONVERSIONS = frozenset({"asarray", "ascontiguousarray", "as_tensor", "float", "bool", "len", "range", "enumerate", "zip",
                         "tuple", "list", "dict", "set", "print", "isinstance", "type", "super", "item", "tolist", "numpy",
                         "append", "extend", "items", "keys", "values", "parameters", "zeros", "ones", "empty", "zeros_like",
                         "ones_like", "empty_like", "arange", "eye", "iter", "next"})  # fmt: skip
"""Calls that are not taken away: without them nothing changes, or nothing runs."""
AXES = {0: (1,), 1: (0,), 2: (1,), 3: (2,), -1: (0, -2), -2: (-1,), -3: (-2,)}


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
        if _whole_number(node) is not None:
            return
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                yield from self.expression(value, node, name, None)
            elif isinstance(value, list):
                for place, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        yield from self.expression(item, node, name, place)
                    elif isinstance(item, ast.keyword):
                        if item.arg not in {"axis", "dim"} or _whole_number(item.value) is None:
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
        number = _whole_number(node)
        if number is not None:
            yield from ((_number(each), None) for each in _other_numbers(number))
            return
        match node:
            case ast.Constant(value=bool(value)):
                yield ast.Constant(not value), None
            case ast.Constant(value=float(value)):
                yield ast.Constant(value * 2 if value else 1.0), None
            case ast.BinOp():
                yield from _other_operations(node)
            case ast.BoolOp():
                yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or()), None
            case ast.Compare():
                yield from _other_comparisons(node)
            case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert()):
                yield node.operand, None
            case ast.IfExp():
                yield _with(node, body=node.orelse, orelse=node.body), None
            case ast.Attribute(attr="T" | "mT" | "H"):
                yield node.value, None
            case ast.Subscript(ctx=ast.Load()):
                yield node.value, None
            case ast.Call():
                yield from ((each, None) for each in self._other_calls(node))

    def _other_calls(self, node: ast.Call) -> Iterator[ast.expr]:
        name = _name(node.func)
        if name in OTHER_FUNCTION:
            other = OTHER_FUNCTION[name]
            yield _with(node, func=ast.Name(other, ast.Load()) if isinstance(node.func, ast.Name)
                        else _with(node.func, attr=other))  # fmt: skip
        for place, keyword in enumerate(node.keywords):
            if keyword.arg in {None, "strict"}:
                continue
            yield _with(node, keywords=[*node.keywords[:place], *node.keywords[place + 1 :]])
            number = _whole_number(keyword.value)
            if keyword.arg in {"axis", "dim"} and number is not None:
                for axis in AXES.get(number, ()):
                    changed = _with(keyword, value=_number(axis))
                    yield _with(node, keywords=[*node.keywords[:place], changed, *node.keywords[place + 1 :]])
        args = node.args
        if name not in SYMMETRIC and not any(isinstance(each, ast.Starred) for each in args):
            for place in range(max(0, len(args) - 3), len(args) - 1):
                yield _with(node, args=[*args[:place], args[place + 1], args[place], *args[place + 2 :]])
        if name == "range":
            stop = min(1, len(args) - 1)
            if not isinstance(args[stop], ast.Constant):
                for sign in (ast.Add(), ast.Sub()):
                    further = ast.BinOp(args[stop], sign, ast.Constant(1))
                    yield _with(node, args=[*args[:stop], further, *args[stop + 1 :]])
        if name not in CONVERSIONS:
            yield from self._taken_away(node, name)

    def _taken_away(self, node: ast.Call, name: str) -> Iterator[ast.expr]:
        """The call without the function: its argument, or the object whose method it is."""
        function, args = node.func, node.args
        plain = [each for each in args if not isinstance(each, ast.Starred)]
        is_method = isinstance(function, ast.Attribute) and not (
            self._is_module(function.value) or _is_self(function.value)
        )
        if is_method and isinstance(function, ast.Attribute):
            yield function.value
        elif name == "where" and len(plain) == 3:
            yield from (plain[1], plain[2])
        elif name in {"maximum", "minimum", "clip"}:
            yield from (each for each in plain[:2] if not isinstance(each, ast.Constant))
        elif len(args) == len(plain) == 1:
            yield plain[0]

    def _is_module(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.modules


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
        yield Change(node, _with(node, op=other()), parent, field, index, operator)
    operator = (node.target, node.value, SYMBOLS[type(node.op)] + "=", "=")
    plain = ast.Assign([node.target], node.value, lineno=node.lineno)
    yield Change(node, _without_place(plain), parent, field, index, operator)


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
        yield Change(value, _with(value, elts=elts), node, "value", None)


def _other_operations(node: ast.BinOp) -> Iterator[tuple[ast.expr, Operator | None]]:
    left, right = node.left, node.right
    for other in ARITHMETIC.get(type(node.op), ()):
        yield _with(node, op=other()), (left, right, SYMBOLS[type(node.op)], SYMBOLS[other])
    match node.op:
        case ast.Add() | ast.Mult():
            yield left, None
            yield right, None
        case ast.Sub():
            yield left, None
            yield ast.UnaryOp(ast.USub(), right), None
            yield _with(node, left=right, right=left), None
        case ast.Div():
            yield left, None
            yield _with(node, left=right, right=left), None
        case ast.MatMult():
            yield _with(node, left=right, right=left), None
        case ast.Pow():
            yield left, None


def _other_comparisons(node: ast.Compare) -> Iterator[tuple[ast.expr, Operator | None]]:
    operands = [node.left, *node.comparators]
    for place, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            gap = (operands[place], operands[place + 1], SYMBOLS[type(operator)], SYMBOLS[other])
            yield _with(node, ops=ops), gap


def _other_numbers(number: int) -> tuple[int, ...]:
    return {0: (1,), 1: (0, 2), 2: (1, 3), -1: (1, 0, -2)}.get(number, (number - 1, number + 1))


def _whole_number(node: ast.AST) -> int | None:
    """The value of an integer as it is written in code, with its sign."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))) if not isinstance(value, bool):
            return -value
        case _:
            return None


def _number(value: int) -> ast.expr:
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def _name(function: ast.expr) -> str:
    """What a call is called by: "mean" for np.mean and for x.mean."""
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _is_self(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "self") or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _with(node: Any, **fields: Any) -> Any:
    """A copy of the node with other fields. It stands nowhere in the text."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return _without_place(changed)


def _without_place(node: Any) -> Any:
    for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        if name in vars(node):
            delattr(node, name)
    return node
