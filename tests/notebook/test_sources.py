"""Definitions cut out of a file."""

import ast

import pytest

from autograder.errors import CourseError
from autograder.notebook.sources import SourceFile, is_stub, signature


def first(text):
    return ast.parse(text).body[0]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("def f(): pass", "f()"),
        ("def f(z: 'Float[T, \"n\"]') -> int: pass", "f(z)"),
        ("def f(w, b, X, y, reg=0.0): pass", "f(w, b, X, y, reg=0.0)"),
        ("def f(x, /, *args, axis: int = -1, **more): pass", "f(x, /, *args, axis=-1, **more)"),
        ("class A: pass", "A()"),
        ("class A:\n def g(self): pass\n def __init__(self, d_in: int, d_out=3): pass", "A(d_in, d_out=3)"),
    ],
)
def test_a_signature_has_names_and_defaults_but_no_annotations(text, expected):
    assert signature(first(text)) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ('def f():\n raise NotImplementedError("q1")', True),
        ("def f():\n raise NotImplementedError", True),
        ("class A:\n def g(self): raise NotImplementedError()", True),
        ("def f(): return 1", False),
        ("def f():\n raise ValueError('NotImplementedError')", False),
        ("x = NotImplementedError", False),
    ],
)
def test_a_stub_is_what_raises_not_implemented_error(text, expected):
    assert is_stub(first(text)) is expected


FILE = SourceFile(
    """\
import math
import numpy as np
from typing import Any

# Enough for everybody.
# Really.
LIMIT = 640
try:
    import fast
except ImportError:
    fast = None
a, (b, c) = 1, (2, 3)


def _inner(x): return math.floor(x) + LIMIT


@np.vectorize
def outer(x: int) -> "Any":
    \"\"\"Says outer.\"\"\"
    return _inner(x) if fast else b


def again(n):
    é = again(n - 1); return é + again(n)  # again
"""
)


def test_what_a_function_needs_comes_in_the_order_of_the_file():
    needed = FILE.needs([FILE.definition("outer")])
    assert [sorted(piece.binds) for piece in needed] == [
        ["math"],
        ["np"],
        ["LIMIT"],
        ["fast"],
        ["a", "b", "c"],
        ["_inner"],
    ]


def test_what_is_there_already_is_not_needed_again():
    needed = FILE.needs([FILE.definition("outer")], without={"np", "_inner", "fast", "b"})
    assert needed == []


def test_a_piece_comes_with_its_decorator():
    assert FILE.source(FILE.definition("outer")).startswith("@np.vectorize\ndef outer(x: int)")


def test_a_piece_comes_with_the_comment_right_above_it():
    assert FILE.source(FILE.definition("LIMIT")) == "# Enough for everybody.\n# Really.\nLIMIT = 640"


def test_renaming_changes_the_definition_and_every_mention_but_no_text():
    assert FILE.source(FILE.definition("again"), rename={"again": "f"}) == (
        "def f(n):\n    é = f(n - 1); return é + f(n)  # again"
    )


def test_a_file_that_is_not_python_is_refused_with_its_line(tmp_path):
    (tmp_path / "solution.py").write_text("x = 1\ndef f(:\n")
    with pytest.raises(CourseError, match=r"solution\.py: line 2: invalid syntax"):
        SourceFile.read(tmp_path / "solution.py")


def test_a_missing_name_is_refused():
    with pytest.raises(CourseError, match="does not define `softmax`"):
        FILE.definition("softmax")
