"""The reference answers a question that it has answered before without computing it again."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from autograder.reference import Memory, Reference, digest

X = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.fixture
def calls() -> list[str]:
    """What the functions of the reference were called for."""
    return []


@pytest.fixture
def reference(calls) -> Reference:
    module = ModuleType("reference")

    def scale(x, factor=2.0):
        calls.append("scale")
        return x * factor

    def apply(function, x):
        calls.append("apply")
        return function(x)

    module.scale, module.apply = scale, apply
    return Reference(module)


class TestWhatIsAskedTwice:
    def test_is_computed_once(self, reference, calls):
        first, second = reference.scale(X), reference.scale(X.copy())
        assert calls == ["scale"]
        np.testing.assert_array_equal(first, second)

    def test_may_be_changed_by_who_got_it(self, reference):
        reference.scale(X)[:] = 0.0
        reference.scale(X)[:] = -1.0
        np.testing.assert_array_equal(reference.scale(X), 2 * X)

    def test_is_computed_once_for_gradients_too(self, reference, calls):
        first = reference.scale.gradient((X,), wrt=(0,), upstream=X)
        (first[0])[:] = 7.0
        (second,) = reference.scale.gradient((X,), wrt=(0,), upstream=X)
        assert calls == ["scale"]
        np.testing.assert_array_equal(second, 2 * X)

    def test_about_a_function_is_computed_again(self, reference, calls):
        for _ in range(2):
            reference.apply(lambda x: x + 1, X)
        assert calls == ["apply", "apply"]


@pytest.mark.parametrize(
    "other",
    [
        lambda r: r.scale(X, 3.0),
        lambda r: r.scale(X, factor=2.0),
        lambda r: r.scale(X + 1e-12),
        lambda r: r.scale(X.T),
        lambda r: r.scale(X.reshape(1, 4)),
        lambda r: r.scale(X.astype(np.float32)),
        lambda r: r.scale(X.astype(np.int64)),
        lambda r: r.scale(2.0),
        lambda r: r.scale.gradient((X,), wrt=(0,), upstream=X),
    ],
    ids=["argument", "keyword", "value", "transposed", "shape", "float32", "integers", "scalar", "gradient"],
)
def test_another_question_is_computed_for_itself(reference, calls, other):
    reference.scale(X)
    other(reference)
    assert calls == ["scale", "scale"]


class TestMemory:
    def test_forgets_what_was_asked_for_least_lately(self):
        computed = []

        def ask(memory: Memory, number: int) -> None:
            memory.answer((number,), lambda: computed.append(number) or np.zeros(1_000))

        memory = Memory(most=40_000)  # four answers, with what keeping them costs
        for number in (0, 1, 2, 3, 0, 4, 0, 1):
            ask(memory, number)
        assert computed == [0, 1, 2, 3, 4, 1]

    def test_keeps_nothing_that_would_fill_it(self):
        computed = []
        memory = Memory(most=1_000)
        for _ in range(2):
            memory.answer((1,), lambda: computed.append(1) or np.zeros(1_000))
        assert computed == [1, 1]

    def test_does_not_keep_what_failed(self):
        memory = Memory()
        with pytest.raises(ValueError, match="first"):
            memory.answer((1,), lambda: _raise(ValueError("first")))
        assert memory.answer((1,), lambda: 5) == 5


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    "a, b",
    [
        ((1, 2), [1, 2]),
        (1, 1.0),
        (True, 1),
        ("1", 1),
        (("a", "b"), ("ab", "")),
        ([[1], 2], [[1, 2]]),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
        (np.float32(1), np.float64(1)),
        (np.zeros((0, 3)), np.zeros((3, 0))),
        (0.0, -0.0),
    ],
    ids=str,
)
def test_what_a_function_can_tell_apart_has_another_hash(a, b):
    assert digest(a) is not None
    assert digest(b) is not None
    assert digest(a) != digest(b)


@pytest.mark.parametrize(
    "value",
    [len, object(), np.array([object()]), np.random.default_rng(0), {1, 2}],
    ids=["function", "object", "array of objects", "generator", "set"],
)
def test_what_is_not_plain_data_has_no_hash(value):
    assert digest([1, value]) is None
