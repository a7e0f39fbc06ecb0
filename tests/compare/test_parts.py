"""What a function returns together, taken apart before a check reckons with it."""

import numpy as np
import pytest

from autograder.compare import array_of_shape, parts
from autograder.errors import CheckFailed

NAMES = ("loss", "dw", "db")


@pytest.mark.parametrize("value", [(1, 2, 3), [1, 2, 3], {"db": 3, "loss": 1, "dw": 2, "cache": 4}], ids=str)
def test_tuples_lists_and_dicts_are_taken_apart(value):
    assert parts(value, NAMES, what="f(x)") == (1, 2, 3)


@pytest.mark.parametrize(
    "value, message, redacted",
    [
        (None, "f(x) is None", "f(x) is None"),
        (0.5, "f(x) is a single value", "f(x) is a single value"),
        (np.zeros(3), "f(x) is a single value", "f(x) is a single value"),
        ("abc", "f(x) is a single value", "f(x) is a single value"),
        ((0.5,), "f(x) is 1 value", "f(x) is too few values"),
        ([0.5] * 4321, "f(x) is 4321 values", "f(x) is too many values"),
        ({"loss": 1, "dw": 2}, "f(x) is a dict without db", "f(x) is a dict without db"),
    ],
    ids=["None", "number", "array", "string", "too few", "too many", "dict"],
)
def test_anything_else_is_said_in_one_sentence(value, message, redacted):
    with pytest.raises(CheckFailed) as caught:
        parts(value, NAMES, what="f(x)")
    assert caught.value.message == f"{message}, expected 3 values: loss, dw, db."
    assert caught.value.redacted == f"{redacted}, expected 3 values: loss, dw, db."


def test_an_array_of_the_right_shape_is_handed_on():
    assert array_of_shape([[1, 2]], (1, 2), what="w").tolist() == [[1, 2]]
    with pytest.raises(CheckFailed, match=r"w has shape \(1, 2\), expected shape \(2,\)"):
        array_of_shape([[1, 2]], (2,), what="w")
