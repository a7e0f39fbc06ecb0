"""assert_close: what passes, what does not, and what is said."""

import numpy as np
import pytest
import torch

from autograder.compare import assert_close, assert_dtype, assert_integer, assert_shape
from autograder.errors import CheckFailed, CourseError, GraderError

X = np.array([[0.25, -1.5, 3.0], [0.125, 2.0, -0.75]])


def failure(actual, expected, **given):
    with pytest.raises(CheckFailed) as caught:
        assert_close(actual, expected, **({"what": "f(x)"} | given))
    return caught.value


# --- what is accepted -------------------------------------------------------------------------------------------------


HARMLESS = {
    "array": X.copy(),
    "list": X.tolist(),
    "tuple of numbers": tuple(map(tuple, X.tolist())),
    "list of arrays": [X[0], X[1]],
    "tensor": torch.tensor(X),
    "tensor that requires grad": torch.tensor(X, requires_grad=True),
    "list of tensors": [torch.tensor(X[0]), torch.tensor(X[1])],
    "sparse tensor": torch.tensor(X).to_sparse(),
    "Fortran order": np.asfortranarray(X),
    "reversed view": np.array(X[::-1])[::-1],
    "longdouble": X.astype(np.longdouble),
    "float16, exact here": X.astype(np.float16),
    "bfloat16, exact here": torch.tensor(X).bfloat16(),
    "masked array": np.ma.masked_array(X, mask=False),
    "rounding": X * (1 + 1e-9),
}


@pytest.mark.parametrize("actual", HARMLESS.values(), ids=HARMLESS)
def test_the_right_numbers_are_accepted_in_any_harmless_form(actual):
    assert_close(actual, X, what="f(x)")


@pytest.mark.parametrize("actual", [2, 2.0, np.float32(2), np.int8(2), torch.tensor(2.0), np.array(2)], ids=repr)
def test_a_single_number_may_be_of_any_real_type(actual):
    assert_close(actual, 2.0, what="loss")


def test_an_expected_infinity_is_matched_by_the_same_infinity():
    assert_close(np.array([-np.inf, 1.0]), np.array([-np.inf, 1.0]), what="log(p)")


@pytest.mark.parametrize("got", [np.inf, 1e308, np.nan, 0.0])
def test_an_expected_infinity_is_matched_by_nothing_else(got):
    assert failure(np.array([got]), np.array([-np.inf])).message.startswith("f(x): 1 of 1 elements differs")


def test_empty_arrays_of_the_right_shape_are_equal():
    assert_close(np.zeros((0, 3)), np.zeros((0, 3)), what="f(x)")


def test_integers_and_bools_of_the_same_value_are_equal():
    assert_close(np.array([True, False]), np.array([1, 0]), what="predict(X)")


def test_integers_beyond_float64_are_compared_exactly():
    failure(np.array([2**62 + 1]), np.array([2**62]))


def test_signed_and_unsigned_integers_are_compared_by_value():
    failure(np.array([2**64 - 1], dtype=np.uint64), np.array([-1]))


def test_a_float_where_an_integer_is_expected_is_judged_by_its_value():
    assert_close(np.array([1.0, 0.0]), np.array([1, 0]), what="predict(X)")


# --- what is not ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "actual, message",
    [
        (None, "f(x) is None, expected an array of shape (2, 3)."),
        ("0.5" * 1_000_000, "f(x) is a string, expected an array of shape (2, 3)."),
        (b"1", "f(x) is bytes, expected an array of shape (2, 3)."),
        ({"a": 1}, "f(x) is a dict, expected an array of shape (2, 3)."),
        ({1, 2}, "f(x) is a set, expected an array of shape (2, 3)."),
        (1j, "f(x) is a complex number, expected an array of shape (2, 3)."),
        (X * 1j, "f(x) is complex, expected an array of shape (2, 3)."),
        (np.complex64(1), "f(x) is complex, expected an array of shape (2, 3)."),
        (torch.tensor(X) * 1j, "f(x) is complex, expected an array of shape (2, 3)."),
        ([[1.0, 2.0], [3.0]], "f(x) is a list whose rows differ in length, expected an array of shape (2, 3)."),
        ([1.0, None], "f(x) is a list with something in it that is not a number, expected an array of shape (2, 3)."),
        (["1"], "f(x) is a list with something in it that is not a number, expected an array of shape (2, 3)."),
        (np.array([1, None]), "f(x) holds objects (dtype object), expected an array of shape (2, 3)."),
        (np.array(["a"]), "f(x) holds text, expected an array of shape (2, 3)."),
        (np.array(["2020"], dtype="M8[Y]"), "f(x) holds something that is not numbers, expected an array of shape (2, 3)."),
        (10**400, "f(x) is an integer beyond the range of float64, expected an array of shape (2, 3)."),
        ((X, X), "f(x) is a tuple of 2 values, expected an array of shape (2, 3)."),
        ((1.0, 2.0), "f(x) is a tuple of 2 values, expected an array of shape (2, 3)."),
        ((1.0, None), "f(x) is a tuple of 2 values, expected an array of shape (2, 3)."),
        ((1.0, "a"), "f(x) is a tuple of 2 values, expected an array of shape (2, 3)."),
        ((1.0, [1.0, 2.0]), "f(x) is a tuple of 2 values, expected an array of shape (2, 3)."),
        (object(), "f(x) is an object that is neither a number nor an array, expected an array of shape (2, 3)."),
        (torch.zeros(2, device="meta"),
         "f(x) is a tensor without plain numbers (quantised, nested or on the meta device), expected an array of shape (2, 3)."),
        (1.5, "f(x) is a single number, expected shape (2, 3)."),
        (X.T, "f(x) has shape (3, 2), expected shape (2, 3)."),
        (X[None], "f(x) has shape (1, 2, 3), expected shape (2, 3)."),
        (X[0], "f(x) has shape (3,), expected shape (2, 3)."),
        (np.zeros((1,) * 30), "f(x) has 30 dimensions, expected shape (2, 3)."),
        (X > 0, "f(x) holds True and False (dtype bool), expected numbers."),
    ],
    ids=lambda value: str(value)[:30].split(" at 0x")[0],
)  # fmt: skip
def test_what_is_no_array_of_the_right_kind_is_said_in_one_sentence(actual, message):
    assert failure(actual, X).message == message


def test_a_list_that_holds_itself_is_no_array():
    endless = []
    endless.append(endless)
    assert "is a list" in failure(endless, X).message


def test_an_integer_that_is_too_large_for_int64_is_a_number():
    assert_close(2**70, float(2**70), what="f(x)")


def test_an_array_where_a_number_is_expected_is_refused():
    assert failure(np.array([0.5]), 0.5, what="loss").message == "loss has shape (1,), expected a single number."


def test_a_number_is_never_broadcast_to_an_array():
    assert failure(1.0, np.ones(3)).message == "f(x) is a single number, expected shape (3,)."


def test_a_bool_where_a_number_is_expected_is_refused():
    assert failure(True, 1.0, what="loss").message == "loss is a bool, expected a number."


def test_floats_where_bools_are_expected_are_refused():
    array, number = failure(np.array([0.9]), np.array([True])), failure(0.9, True)
    assert array.message == "f(x) holds floats, expected True and False (dtype bool)."
    assert number.message == "f(x) is a float, expected True or False."


@pytest.mark.parametrize("got", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_equals_no_number(got):
    failure(np.array([got, 1.0]), np.array([1.0, 1.0]))


@pytest.mark.parametrize("expected", [np.nan, np.array([1.0, np.nan])])
def test_an_expected_nan_is_our_error(expected):
    with pytest.raises(GraderError, match="the expected value of loss holds nan"):
        assert_close(1.0, expected, what="loss")


@pytest.mark.parametrize("expected", [None, "a", [1.0, None], 1j])
def test_an_expected_value_that_is_no_number_is_our_error(expected):
    with pytest.raises(GraderError, match="the expected value of loss"):
        assert_close(1.0, expected, what="loss")


# --- tolerances -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, inside, outside",
    [
        ({}, 5e-8, 5e-7),
        ({"dtype": np.float32}, 5e-5, 5e-4),
        ({"dtype": np.float16}, 5e-3, 5e-2),
        ({"kind": "exact"}, 5e-13, 5e-12),
        ({"kind": "gradient"}, 1e-7, 1e-6),
        ({"kind": "gradient", "dtype": np.float32}, 1e-3, 1e-2),
        ({"rtol": 1e-2, "atol": 0.0, "because": "a Monte-Carlo estimate"}, 5e-3, 5e-2),
    ],
    ids=str,
)
def test_a_relative_error_is_judged_by_kind_and_dtype(given, inside, outside):
    assert_close(X * (1 + inside), X, what="f(x)", **given)
    failure(X * (1 + outside), X, **given)


def test_the_dtype_of_the_expected_value_sets_the_tolerance():
    assert_close(X * (1 + 5e-5), X.astype(np.float32), what="f(x)")
    failure(X * (1 + 5e-4), X.astype(np.float32))


def test_a_float32_answer_is_not_enough_where_float64_is_expected():
    error = failure(np.cumsum(np.full(100, 0.1, dtype=np.float32)), np.cumsum(np.full(100, 0.1)))
    assert error.message == (
        "f(x): 81 of 100 elements differ; worst at index 80: got 8.09999, expected 8.1 "
        "(off by 5.3e-06; only rounding is allowed)."
    )
    assert error.hint.startswith("It agrees to about seven digits, as far as float32 reaches")


def test_a_gradient_is_judged_as_a_whole():
    expected = np.array([1.0, 1e-9])
    assert_close(np.array([1.0, 1.1e-9]), expected, what="dw", kind="gradient")


def test_a_gradient_that_should_be_zero_may_be_rounding():
    assert_close(np.full(3, 1e-16), np.zeros(3), what="db", kind="gradient")
    failure(np.full(3, 1e-6), np.zeros(3), kind="gradient")


def test_huge_and_tiny_gradients_are_judged_as_those_of_size_one():
    for scale in (1e300, 1e-9):
        assert_close(X * scale, X * scale, what="dw", kind="gradient")
        failure(-X * scale, X * scale, kind="gradient")


def test_one_infinite_element_of_a_huge_gradient_is_found():
    failure(np.array([np.inf, 1e200]), np.array([1e200, 1e200]), kind="gradient")


@pytest.mark.parametrize(
    "given, message",
    [
        ({"rtol": 1e-3}, "give both rtol and atol, or neither"),
        ({"atol": 1e-3, "because": "x"}, "give both"),
        ({"rtol": 1e-3, "atol": 1e-3}, "say why"),
        ({"rtol": 1e-3, "atol": 1e-3, "because": " "}, "say why"),
        ({"rtol": -1.0, "atol": 0.0, "because": "x"}, "finite and not negative"),
        ({"rtol": np.inf, "atol": 0.0, "because": "x"}, "finite and not negative"),
        ({"because": "x"}, "not given"),
        ({"kind": "backward"}, "kind must be one of forward, gradient, exact"),
    ],
    ids=str,
)
def test_tolerances_without_order_or_reason_are_refused(given, message):
    with pytest.raises(CourseError, match=message):
        assert_close(1.0, 1.0, what="loss", **given)


def test_tolerances_cannot_be_passed_by_position():
    with pytest.raises(TypeError):
        assert_close(1.0, 41.2, 1.0, 41.2)


# --- words ------------------------------------------------------------------------------------------------------------


def test_a_mismatch_says_how_many_differ_and_which_is_worst():
    actual = X.copy()
    actual[1, 2] = 4.0
    actual[0, 0] = 0.5
    assert failure(actual, X, what="softmax(x)").message == (
        "softmax(x): 2 of 6 elements differ; worst at (1, 2): got 4, expected -0.75."
    )


def test_a_single_wrong_element_is_told_in_the_singular():
    assert failure(np.array([1.0, 5.0]), np.array([1.0, 2.0])).message == (
        "f(x): 1 of 2 elements differs; at index 1: got 5, expected 2."
    )


def test_a_wrong_number_is_told_without_an_index():
    assert failure(0.5, np.log(2), what="loss").message == "loss: got 0.5, expected 0.693147."


def test_nan_is_the_worst_difference():
    assert "worst at (0, 1): got nan" in failure([[9e9, np.nan, 3.0], [0.0, 0.0, 0.0]], X).message


def test_numbers_that_look_alike_get_more_digits():
    assert "got 0.2500001, expected 0.25" in failure(np.array([0.2500001]), np.array([0.25])).message


def test_a_gradient_mismatch_tells_the_relative_error():
    assert failure(2 * X, X, what="dw", kind="gradient").message == (
        "dw: 6 of 6 elements differ; relative error 0.33, allowed 1e-07; worst at (0, 2): got 6, expected 3."
    )


def test_the_arrays_are_kept_for_a_notebook_to_draw():
    mismatch = failure(np.array([1.0, 5.0]), np.array([1.0, 2.0])).mismatch
    assert mismatch.what == "f(x)" and mismatch.wrong.tolist() == [False, True]
    assert mismatch.actual.tolist() == [1.0, 5.0] and mismatch.expected.tolist() == [1.0, 2.0]


def test_a_hint_comes_with_the_failure_if_one_fits():
    assert failure(-X, X).hint == "Every element has the wrong sign."


def test_a_wrong_shape_comes_with_a_hint_too():
    assert failure(X.T, X).hint.startswith("The numbers are right, but the axes stand in another order")


def test_sizes_by_name_make_a_factor_speak():
    assert failure(7 * X, X, sizes={"X.shape[0]": 7}).hint.startswith(
        "Every element is too large by the factor X.shape[0]"
    )


# --- redacted ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "actual, redacted",
    [
        (X + 0.123, "f(x): 6 of 6 elements differ."),
        (np.full((2, 3), np.nan), "f(x): 6 of 6 elements differ."),
        (X.T, "f(x) has shape (3, 2), expected shape (2, 3)."),
        (np.zeros((1, 12345)), "f(x) has shape (1, ?), expected shape (2, 3)."),
        (np.zeros(12345), "f(x) has shape (?,), expected shape (2, 3)."),
        (np.zeros((1,) * 30), "f(x) has the wrong shape."),
        ((X,) * 12345, "f(x) is a tuple, expected an array of shape (2, 3)."),
        ((1.0,) * 12345, "f(x) is a tuple, expected an array of shape (2, 3)."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_hidden_check_shows_no_value_that_the_student_chose_or_should_find(actual, redacted):
    assert failure(actual, X).redacted == redacted


def test_a_hidden_number_is_only_said_to_be_wrong():
    assert failure(0.123, 0.5, what="loss").redacted == "loss is not right."


def test_a_hidden_gradient_tells_no_relative_error():
    assert failure(2 * X, X, what="dw", kind="gradient").redacted == "dw: 6 of 6 elements differ."


# --- shapes, dtypes, integers -----------------------------------------------------------------------------------------


def test_the_right_shape_passes_for_arrays_lists_tensors_and_numbers():
    assert_shape(X, (2, 3), what="f(x)")
    assert_shape(X.tolist(), (2, 3), what="f(x)")
    assert_shape(torch.tensor(X), (2, 3), what="f(x)")
    assert_shape(1.5, (), what="f(x)")


def test_a_wrong_shape_is_told():
    with pytest.raises(CheckFailed) as caught:
        assert_shape(np.zeros((99, 3)), (2, 3), what="f(x)")
    assert caught.value.message == "f(x) has shape (99, 3), expected shape (2, 3)."
    assert caught.value.redacted == "f(x) has shape (?, 3), expected shape (2, 3)."


@pytest.mark.parametrize("dtype", [np.float32, "float32", np.floating, np.number], ids=repr)
def test_a_dtype_or_its_family_passes(dtype):
    assert_dtype(np.zeros(3, dtype=np.float32), dtype, what="f(x)")


@pytest.mark.parametrize(
    "dtype, message",
    [
        (np.float32, "f(x) has dtype float64, expected float32."),
        (np.integer, "f(x) has dtype float64, expected an integer dtype."),
        (bool, "f(x) has dtype float64, expected bool."),
    ],
)
def test_another_dtype_is_told(dtype, message):
    with pytest.raises(CheckFailed) as caught:
        assert_dtype(np.zeros(3), dtype, what="f(x)")
    assert caught.value.message == message


def test_the_dtype_of_an_answer_can_be_asked_for():
    assert failure(X, X, actual_dtype=np.float32).message == "f(x) has dtype float64, expected float32."
    assert_close(X.astype(np.float32), X, what="f(x)", actual_dtype=np.float32, dtype=np.float32)


@pytest.mark.parametrize("actual", [7, np.int32(7), np.array(7), torch.tensor(7)], ids=repr)
def test_an_integer_of_any_type_is_an_integer(actual):
    assert_integer(actual, 7, what="count")


def test_arrays_of_integers_are_compared_exactly():
    assert_integer([1, 2], np.array([1, 2]), what="ids")
    with pytest.raises(CheckFailed, match="ids: 1 of 2 elements differs; at index 1: got 3, expected 2"):
        assert_integer([1, 3], np.array([1, 2]), what="ids")


@pytest.mark.parametrize(
    "actual, message, redacted",
    [
        (8, "count: got 8, expected 7.", "count is not right."),
        (7.0, "count is the float 7, expected an integer.", "count is a float, expected an integer."),
        (7.5, "count is the float 7.5, expected an integer.", "count is a float, expected an integer."),
        (True, "count is a bool, expected an integer.", "count is a bool, expected an integer."),
        ("7", "count is a string, expected a single number.", "count is a string, expected a single number."),
        ([7], "count has shape (1,), expected a single number.", "count has shape (1,), expected a single number."),
    ],
)
def test_what_is_not_the_integer_is_told(actual, message, redacted):
    with pytest.raises(CheckFailed) as caught:
        assert_integer(actual, 7, what="count")
    assert (caught.value.message, caught.value.redacted) == (message, redacted)


def test_a_float_that_equals_the_integer_gets_a_hint_about_its_type():
    with pytest.raises(CheckFailed) as right:
        assert_integer(7.0, 7, what="count")
    with pytest.raises(CheckFailed) as wrong:
        assert_integer(7.5, 7, what="count")
    assert right.value.hint.startswith("The value is right, but it is a float") and wrong.value.hint is None


def test_an_expected_integer_that_is_none_is_our_error():
    with pytest.raises(CourseError, match="is not an integer"):
        assert_integer(7, 7.0, what="count")
