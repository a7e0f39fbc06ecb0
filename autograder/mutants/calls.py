"""What may stand in the place of a call: another function, other arguments, an axis fewer, or no call at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutants.nodes import number, whole_number, with_fields

NEIGHBOURS = (
    ("mean", "sum"), ("max", "min"), ("amax", "amin"), ("maximum", "minimum"), ("argmax", "argmin"), ("std", "var"),
    ("zeros", "ones"), ("zeros_like", "ones_like"), ("any", "all"), ("floor", "ceil"), ("exp", "expm1"),
    ("log", "log1p"), ("sin", "cos"), ("sinh", "cosh"), ("vstack", "hstack"), ("triu", "tril"), ("cumsum", "cumprod"),
)  # fmt: skip
OTHER_FUNCTION = {a: b for pair in NEIGHBOURS for a, b in (pair, pair[::-1])}
SYMMETRIC = frozenset({"minimum", "maximum", "add", "multiply", "logaddexp", "hypot", "isinstance", "print", "isclose",
                       "allclose", "array_equal", "equal", "not_equal", "dot"})  # fmt: skip
KEPT = frozenset({"asarray", "ascontiguousarray", "as_tensor", "float", "bool", "len", "range", "enumerate", "zip",
                         "tuple", "list", "dict", "set", "print", "isinstance", "type", "super", "item", "tolist", "numpy",
                         "append", "extend", "items", "keys", "values", "parameters", "zeros", "ones", "empty", "zeros_like",
                         "ones_like", "empty_like", "arange", "eye", "iter", "next"})  # fmt: skip
"""Calls that are not taken away: without them nothing changes, or nothing runs."""
AXES = {0: (1,), 1: (0,), 2: (1,), 3: (2,), -1: (0, -2), -2: (-1,), -3: (-2,)}


def other_calls(node: ast.Call, modules: frozenset[str]) -> Iterator[ast.expr]:
    """Each of them. `modules`: names whose attributes are functions, not methods."""
    name = _name(node.func)
    if name in OTHER_FUNCTION:
        other = OTHER_FUNCTION[name]
        yield with_fields(node, func=ast.Name(other, ast.Load()) if isinstance(node.func, ast.Name)
                    else with_fields(node.func, attr=other))  # fmt: skip
    for place, keyword in enumerate(node.keywords):
        if keyword.arg in {None, "strict"}:
            continue
        yield with_fields(node, keywords=[*node.keywords[:place], *node.keywords[place + 1 :]])
        value = whole_number(keyword.value)
        if keyword.arg in {"axis", "dim"} and value is not None:
            for axis in AXES.get(value, ()):
                changed = with_fields(keyword, value=number(axis))
                yield with_fields(node, keywords=[*node.keywords[:place], changed, *node.keywords[place + 1 :]])
    args = node.args
    if name not in SYMMETRIC and not any(isinstance(each, ast.Starred) for each in args):
        for place in range(max(0, len(args) - 3), len(args) - 1):
            yield with_fields(node, args=[*args[:place], args[place + 1], args[place], *args[place + 2 :]])
    if name == "range":
        stop = min(1, len(args) - 1)
        if not isinstance(args[stop], ast.Constant):
            for sign in (ast.Add(), ast.Sub()):
                further = ast.BinOp(args[stop], sign, ast.Constant(1))
                yield with_fields(node, args=[*args[:stop], further, *args[stop + 1 :]])
    if name not in KEPT:
        yield from _taken_away(node, name, modules)


def _taken_away(node: ast.Call, name: str, modules: frozenset[str]) -> Iterator[ast.expr]:
    """The call without the function: its argument, or the object whose method it is."""
    function, args = node.func, node.args
    plain = [each for each in args if not isinstance(each, ast.Starred)]
    is_method = isinstance(function, ast.Attribute) and not (
        _is_module(function.value, modules) or _is_self(function.value)
    )
    if is_method and isinstance(function, ast.Attribute):
        yield function.value
    elif name == "where" and len(plain) == 3:
        yield from (plain[1], plain[2])
    elif name in {"maximum", "minimum", "clip"}:
        yield from (each for each in plain[:2] if not isinstance(each, ast.Constant))
    elif len(args) == len(plain) == 1:
        yield plain[0]


def _is_module(node: ast.expr, modules: frozenset[str]) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in modules


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
