"""When two answers are the same."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.recognise import same

X = np.array([1.0, -2.0, 3.0])


@pytest.mark.parametrize(
    "a, b",
    [
        (X, X * (1 + 1e-9)),
        (1.0, 1.0 + 1e-12),
        (np.array([np.nan, np.inf, 1.0]), np.array([np.nan, np.inf, 1.0])),
        ((X, [1, 2]), (X, [1, 2])),
        ({"w": X}, {"w": X}),
        (None, None),
        ("ValueError", "ValueError"),
        (np.array([1, 2]), np.array([1, 2])),
    ],
)
def test_same(a, b):
    assert same(a, b)


@pytest.mark.parametrize(
    "a, b",
    [
        (X, X * (1 + 1e-4)),
        (X, X[:2]),
        (X, X.astype(np.float32)),
        (np.array([np.inf, 1.0]), np.array([-np.inf, 1.0])),
        (np.array([np.nan, 1.0]), np.array([1.0, 1.0])),
        ((X, 1), (X,)),
        ({"w": X}, {"v": X}),
        (None, 0.0),
        ("ValueError", "TypeError"),
        (np.array([1, 2]), np.array([1, 3])),
        ([1.0], (1.0, 2.0)),
    ],
)
def test_not_the_same(a, b):
    assert not same(a, b)
