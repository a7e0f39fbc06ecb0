"""Laws of the comparator, for any content: it never crashes or warns, and never passes what it should not."""

import contextlib
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.compare import assert_close, assert_dtype, assert_integer, assert_shape, assert_trains
from autograder.errors import CheckFailed, CourseError, GraderError

DTYPES = st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.int8, np.uint64, np.bool_])
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, SHAPES))
"""With nan, inf, denormal and huge numbers, empty and 0-d."""
FLOATS = hnp.arrays(np.float64, SHAPES)
FINITE = hnp.arrays(np.float64, SHAPES, elements=st.floats(allow_nan=False, allow_infinity=False))
KINDS = st.sampled_from(["forward", "gradient", "exact"])
PYTHON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary(),
    lambda children: st.lists(children) | st.tuples(children, children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


def verdict(actual, expected, **given):
    """Whether the comparison passes; any exception but a failed comparison is an error of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            assert_close(actual, expected, what="f(x)", **given)
        except CheckFailed as error:
            failure = error
        else:
            return True
    assert failure.message.startswith("f(x)") and failure.redacted.startswith("f(x)")
    return False


@given(ARRAYS | PYTHON, ARRAYS, KINDS)
def test_any_answer_gets_a_verdict(actual, expected, kind):
    assume(not (expected.dtype.kind == "f" and np.isnan(expected).any()))
    verdict(actual, expected, kind=kind)


@given(ARRAYS, ARRAYS, KINDS)
def test_a_wrong_shape_never_passes(actual, expected, kind):
    assume(actual.shape != expected.shape)
    assume(not (expected.dtype.kind == "f" and np.isnan(expected).any()))
    assert not verdict(actual, expected, kind=kind)


@given(FLOATS, KINDS)
def test_everything_but_nan_equals_itself(x, kind):
    assume(not np.isnan(x).any())
    assert verdict(x, x.copy(), kind=kind)


@given(FLOATS, FINITE, KINDS)
def test_nan_and_infinity_equal_no_number(actual, expected, kind):
    actual = np.resize(actual, expected.shape) if actual.size else np.full(expected.shape, np.nan)
    assume(not np.isfinite(actual).all())
    assert not verdict(actual, expected, kind=kind)


@given(FINITE.filter(np.size), st.integers(0, 63))
def test_an_expected_nan_is_refused_whatever_the_answer(expected, where):
    expected.reshape(-1)[where % expected.size] = np.nan
    with pytest.raises(GraderError):
        assert_close(expected, expected, what="f(x)")


@given(FINITE.filter(np.size), st.integers(0, 63), KINDS)
def test_one_wrong_element_among_right_ones_is_found(expected, where, kind):
    actual = expected.copy()
    flat = actual.reshape(-1)
    flat[where % flat.size] = -0.5 * np.abs(expected).max() - 1.0  # off by half of the largest element at least
    assume(
        abs(expected.reshape(-1)[where % flat.size] / 2 - flat[where % flat.size] / 2) > 0.1 * np.abs(expected).max()
    )
    assert not verdict(actual, expected, kind=kind)


@given(FINITE.filter(lambda x: x.ndim > 0), KINDS)
def test_the_layout_in_memory_does_not_matter(x, kind):
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]))
    wide[..., ::2] = x
    assert verdict(np.asfortranarray(x), x, kind=kind)
    assert verdict(wide[..., ::2], x, kind=kind)
    assert verdict(x.tolist(), x, kind=kind) or x.size == 0  # an empty list cannot tell (0, 3) from (0,)


@given(hnp.arrays(np.int64, SHAPES), hnp.arrays(np.int64, SHAPES))
def test_integers_pass_only_if_they_are_equal(actual, expected):
    assert verdict(actual, expected) == np.array_equal(actual, expected)


@given(FINITE, FINITE)
def test_a_verdict_does_not_depend_on_what_else_was_compared(actual, expected):
    assert verdict(actual, expected) == verdict(actual.copy(), expected.copy())


@given(ARRAYS, ARRAYS)
def test_the_arrays_are_left_as_they_are(actual, expected):
    assume(not (expected.dtype.kind == "f" and np.isnan(expected).any()))
    before = actual.tobytes(), expected.tobytes()
    verdict(actual, expected)
    assert (actual.tobytes(), expected.tobytes()) == before


@given(FINITE, st.floats(1e3, 1e9))
def test_no_digit_of_an_answer_stands_in_a_redacted_message(expected, secret):
    with pytest.raises(CheckFailed) as caught:
        assert_close(np.full((17,), secret), expected, what="f")
    assert f"{secret:.4g}" not in caught.value.redacted and "17" not in caught.value.redacted


@given(ARRAYS | PYTHON)
def test_every_other_assertion_gives_a_verdict_too(actual):
    for judge in (
        lambda: assert_shape(actual, (2, 3), what="f(x)"),
        lambda: assert_dtype(actual, np.float32, what="f(x)"),
        lambda: assert_integer(actual, 3, what="f(x)"),
        lambda: assert_trains(actual, what="f(x)", below=0.5, monotone=True),
    ):
        with contextlib.suppress(CheckFailed):
            judge()


@given(st.floats(), st.floats(), st.text() | st.none())
def test_an_override_is_accepted_only_with_sense_and_a_reason(rtol, atol, because):
    sensible = 0 <= rtol < np.inf and 0 <= atol < np.inf and because is not None and because.strip()
    if sensible:
        assert_close(1.0, 1.0, what="f(x)", rtol=rtol, atol=atol, because=because)
    else:
        with pytest.raises(CourseError):
            assert_close(1.0, 1.0, what="f(x)", rtol=rtol, atol=atol, because=because)
