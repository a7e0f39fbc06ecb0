"""Hidden checks of the warm-up: the case packs, the properties, and the traps of floating point."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_close,
    assert_dtype,
    assert_integer,
    assert_unchanged,
    parts,
)
from autograder.errors import CheckFailed, StudentRaised

CENTRAL = "a central difference with h = 1e-5 is right to about 1e-10"

# --- q1 rel_error -----------------------------------------------------------------------------------------------------


@check("q1", points=2, repeat=3)
def error_is_relative_to_the_norms(student, reference, rng):
    """rel_error is the norm of the difference, divided by the sum of the norms, for arrays of any shape."""
    for shape in ((6,), (1,), (2, 5), (3, 1, 4), ()):
        a, b = np.asarray(inputs.normal(rng, shape, scale=2)), np.asarray(inputs.normal(rng, shape))
        given = student.rel_error(a, b)
        assert_close(given, reference.rel_error(a, b), what=f"rel_error(a, b) for arrays of shape {shape}")


@check("q1", points=1)
def error_does_not_depend_on_the_unit(student, reference, rng):
    """Multiplying both arrays by 1e-20, or by 1e20, leaves rel_error as it is."""
    a, b = inputs.normal(rng, (5,)), inputs.normal(rng, (5,))
    for unit in (1e-20, 1e-6, 1e20):
        given = student.rel_error(unit * a, unit * b)
        assert_close(given, reference.rel_error(a, b), what=f"rel_error(s * a, s * b) for s = {unit:g}")


@check("q1", points=2)
def error_of_zeros_is_defined(student, rng):
    """Two arrays of zeros have the error 0, zeros and anything else 1, without a warning; eps is the floor."""
    a, zero = inputs.normal(rng, (4,)) + 5, np.zeros(4)
    assert_close(student.rel_error.strictly(np.append(a, 0.0), np.append(a, 0.0)), 0.0,
                 what="rel_error of equal arrays with a zero in both")  # fmt: skip
    assert_close(student.rel_error.strictly(zero, zero), 0.0, what="rel_error of two arrays of zeros")
    assert_close(student.rel_error.strictly(zero, a), 1.0, what="rel_error of zeros and something else")
    small, other = np.array([0.1, 0.3]), np.array([0.3, 0.2])
    assert_close(student.rel_error(small, other, 2.0), np.sqrt(0.05) / 2, what="rel_error of small arrays, eps=2")


@check("q1", points=1)
def error_refuses_arrays_of_different_shapes(student, rng):
    """Arrays of shape (4,) and (4, 1) raise ValueError instead of being broadcast."""
    a = inputs.normal(rng, (4,))
    array_of_shape(student.rel_error(a, a), (), what="rel_error(a, a)")
    _assert_refused(student.rel_error, (a, a[:, None]), "rel_error of shapes (4,) and (4, 1)")
    _assert_refused(student.rel_error, (a, a[:1]), "rel_error of shapes (4,) and (1,)")


@check("q1", points=1)
def error_takes_integers_and_shows_nan(student):
    """Bytes are compared as numbers, a nan in either array gives nan, and neither array is changed."""
    few, more = np.array([1, 2], dtype=np.uint8), np.array([3, 3], dtype=np.uint8)
    norms = np.sqrt(5.0) + np.sqrt(18.0)
    assert_close(student.rel_error(few, more), np.sqrt(5.0) / norms, what="rel_error([1, 2], [3, 3]) of bytes")
    broken, whole = np.array([1.0, np.nan]), np.array([1.0, 2.0])
    for a, b in ((broken, whole), (whole, broken), (broken, broken)):
        if not np.isnan(array_of_shape(student.rel_error(a, b), (), what="rel_error with a nan")):
            raise CheckFailed("rel_error of arrays with a nan is a number, as if nothing were wrong; expected nan.")
    assert_unchanged(student.rel_error, (whole, whole + 1), what="rel_error")


# --- q2 numerical_gradient --------------------------------------------------------------------------------------------


@check("q2", points=4, repeat=3)
def gradient_of_a_layer_is_right(student, reference, rng):
    """For f(x) = sin(x @ W), with x, W and the result of different shapes, the gradient is that of sum(dout * f(x))."""
    n, d, m = inputs.distinct_sizes(rng, 3, low=2, high=5)
    x, W, dout = inputs.normal(rng, (n, d)), inputs.normal(rng, (d, m)), inputs.normal(rng, (n, m))
    (expected,) = reference.layer.gradient((x, W), wrt=(0,), upstream=dout)
    assert_close(student.run(gradient_of_layer, x, W, dout), expected, rtol=1e-6, atol=1e-8, because=CENTRAL,
                 what="numerical_gradient of sin(x @ W) with dout")  # fmt: skip


@check("q2", points=3)
def error_falls_a_hundredfold(student, rng):
    """With h = 1e-3 the error is a hundredth of that with h = 1e-2: central differences are of second order."""
    x = inputs.uniform(rng, (2, 3), -1, 1)
    coarse, fine = parts(student.run(gradients_of_exp, x, 1e-2, 1e-3), ("coarse", "fine"), what="two gradients")
    coarse = array_of_shape(coarse, (2, 3), what="numerical_gradient of sum(exp(x)) with h=1e-2")
    fine = array_of_shape(fine, (2, 3), what="numerical_gradient of sum(exp(x)) with h=1e-3")
    error = np.linalg.norm(fine - np.exp(x))
    # a step that ignores h leaves two equal errors, and no division by zero
    ratio = np.linalg.norm(coarse - np.exp(x)) / max(error, 1e-12)
    assert_close(ratio, 100.0, rtol=0.1, atol=0.0, because="the next term of the series is of order h ** 4",
                 what="error with h=1e-2, divided by the error with h=1e-3")  # fmt: skip


@check("q2", points=2)
def step_is_h(student, rng):
    """f is only asked at points that differ from x by h in one entry; h is 1e-5 unless it is given."""
    x = inputs.normal(rng, (2, 3))
    for h in ((), (0.25,)):
        far, entries = parts(student.run(points_asked, x, *h), ("far", "entries"), what="what f was asked")
        size = h[0] if h else 1e-5
        assert_close(far, size, rtol=1e-5, atol=0.0, what=f"largest distance from x for h={size:g}",
                     because="x + h is rounded to 1e-16")  # fmt: skip
        assert_integer(entries, 1, what="number of entries that are moved together")


@check("q2", points=2)
def gradient_is_taken_in_float64(student, rng):
    """x may hold integers, bytes or float32: the gradient is float64, and as exact as ever."""
    whole, c = inputs.integers(rng, (2, 3), 1, 6), inputs.uniform(rng, (2, 3), 0.5, 2)
    for dtype in (np.int64, np.uint8, np.float32):
        x = whole.astype(dtype)
        expected = 3 * c * whole.astype(float) ** 2
        what = f"numerical_gradient for x of dtype {np.dtype(dtype).name}"
        assert_close(student.run(cubic_gradient, x, c), expected, rtol=1e-6, atol=1e-8, because=CENTRAL,
                     actual_dtype=np.float64, what=what)  # fmt: skip


@check("q2", points=2)
def gradient_has_the_shape_of_x(student, rng):
    """x may have any shape and any memory layout: a single number, axes of length 1, no entry at all, a transpose."""
    for shape in ((), (1,), (3, 1, 2), (2, 5), (0,)):
        c = inputs.uniform(rng, shape, 0.5, 2) if shape != (0,) else np.zeros(0)
        x = np.asarray(inputs.normal(rng, shape))
        for layout, view in inputs.layouts(x).items() if x.size else {"empty": x}.items():
            what = f"numerical_gradient for {layout} x of shape {shape}"
            assert_close(student.run(cubic_gradient, view, c), 3 * c * x**2, rtol=1e-6, atol=1e-8,
                         because=CENTRAL, what=what)  # fmt: skip


@check("q2", points=1)
def point_is_left_alone(student, rng):
    """x holds the same numbers after the call, and may be read-only."""
    x, c = inputs.normal(rng, (2, 3)), inputs.uniform(rng, (2, 3), 0.5, 2)
    after, gradient = parts(student.run(left_alone, x, c), ("x", "gradient"), what="x and its gradient")
    assert_close(gradient, 3 * c * x**2, rtol=1e-6, atol=1e-8, because=CENTRAL, what="numerical_gradient, read-only x")
    if not np.array_equal(np.asarray(after), x):
        raise CheckFailed("numerical_gradient changes x: after the call it holds other values.")


@check("q2", points=2)
def f_may_return_a_view_of_its_argument(student, rng):
    """For f(x) = x.T, which copies nothing, the gradient is dout.T."""
    x, dout = inputs.normal(rng, (2, 3)), inputs.normal(rng, (3, 2))
    copy, view = parts(student.run(gradients_of_transpose, x, dout), ("copy", "view"), what="two gradients")
    for kind, given in (("a copy of ", copy), ("", view)):
        assert_close(given, dout.T, rtol=1e-6, atol=1e-8, because=CENTRAL,
                     what=f"numerical_gradient of {kind}x.T with dout")  # fmt: skip


# --- q3 directional_check ---------------------------------------------------------------------------------------------


@check("q3", points=3, repeat=2)
def disagreement_is_measured_along_the_directions(student, reference, rng):
    """The result is rel_error of the k measured slopes and the k claimed ones."""
    for k, h in ((3, 1e-5), (1, 1e-5), (5, 0.1)):
        x, c = inputs.normal(rng, (3, 2)) + 1, inputs.uniform(rng, (3, 2), 0.5, 2)
        grad, seed = 3 * c * x**2 + inputs.normal(rng, (3, 2)), int(inputs.integers(rng, (), 0, 1000))
        v = np.random.default_rng(seed).standard_normal((k, 3, 2))
        claimed = (v * grad).reshape(k, -1).sum(axis=1)
        expected = reference.rel_error(reference.cube_slopes(x, c, v, h), claimed)
        more = () if (k, h) == (3, 1e-5) else (k, h)
        assert_close(student.run(checked_cubes, x, c, grad, seed, *more), expected, rtol=1e-6, atol=1e-8,
                     because=CENTRAL, what=f"directional_check with k={k} and h={h:g}")  # fmt: skip


@check("q3", points=1)
def one_wrong_entry_is_found(student, rng):
    """If one entry of twelve is 1 % too large, the error is above 1e-6 for each of fifty seeds."""
    x, c = inputs.normal(rng, (4, 3)) + 1, inputs.uniform(rng, (4, 3), 0.5, 2)
    x = inputs.away_from_kinks(x, margin=0.3)
    grad = 3 * c * x**2
    grad[2, 1] *= 1.01
    errors = array_of_shape(student.run(fifty_checks, x, c, grad), (50,), what="errors for fifty seeds")
    missed = int(np.sum(~(errors > 1e-6)))
    if missed:
        raise CheckFailed(f"directional_check misses a wrong entry for {missed} of 50 seeds.")


@check("q3", points=1)
def check_asks_f_twice_for_each_direction(student, rng):
    """f is called 2k times, however many entries x has, and x is moved by h times the direction; h is 1e-5 unless given."""
    x, c = inputs.normal(rng, (6, 5)), inputs.uniform(rng, (6, 5), 0.5, 2)
    for k, h in ((3, 1e-5), (4, 0.25)):
        said = student.run(calls_of_f, x, c, k, *(() if k == 3 else (h,)))
        calls, far = parts(said, ("calls", "far"), what="what f was asked")
        assert_integer(calls, 2 * k, what=f"number of calls of f for k={k}")
        longest = h * np.abs(np.random.default_rng(0).standard_normal((k, 6, 5))).max()
        assert_close(far, longest, rtol=1e-5, atol=0.0, because="x + h v is rounded to 1e-16",
                     what=f"largest distance from x for h={h:g}")  # fmt: skip


@check("q3", points=1)
def directions_come_from_rng(student, rng):
    """The same seed gives the same error, another seed another one."""
    x, c = inputs.normal(rng, (4, 3)) + 1, inputs.uniform(rng, (4, 3), 0.5, 2)
    grad = 3 * c * x**2 + inputs.normal(rng, (4, 3))
    errors = [array_of_shape(student.run(checked_cubes, x, c, grad, seed), (), what="directional_check")
              for seed in (1, 1, 2)]  # fmt: skip
    assert_close(errors[1], errors[0], kind="exact", what="directional_check with the same seed again")
    if errors[2] == errors[0]:
        raise CheckFailed("directional_check gives the same error for two seeds.")


@check("q3", points=1)
def check_takes_integers_and_leaves_x_alone(student, rng):
    """x may hold integers, a single number, or be read-only; x and grad are not changed."""
    for whole in (inputs.integers(rng, (2, 3), 1, 6), np.array(3)):
        c = inputs.uniform(rng, whole.shape, 0.5, 2)
        grad = np.asarray(3 * c * whole.astype(float) ** 2)
        given = parts(student.run(checked_and_left, whole, c, grad), ("error", "x", "grad"), what="error, x and grad")
        assert_close(given[0], 0.0, rtol=0.0, atol=1e-7, because=CENTRAL, what="directional_check for integer x")
        for name, after, before in (("x", given[1], whole), ("grad", given[2], grad)):
            if not np.array_equal(np.asarray(after), before):
                raise CheckFailed(f"directional_check changes {name}.")


# --- q4 logsumexp -----------------------------------------------------------------------------------------------------


@check("q4", points=2, repeat=3)
def logsumexp_is_right(student, reference, rng):
    """logsumexp is the logarithm of the sum of the exponentials, for arrays of any memory layout."""
    for shape in ((5,), (2, 5), (4, 1), (1, 5), (3, 1, 4)):
        z = inputs.normal(rng, shape, scale=2)
        for layout, view in inputs.layouts(z).items():
            assert_close(student.logsumexp(view), reference.logsumexp(z),
                         what=f"logsumexp(z) for {layout} z of shape {shape}")  # fmt: skip


@check("q4", points=1)
def every_axis_can_be_summed(student, reference, rng):
    """Any axis of a three-dimensional array, counted from the front or from the back, with and without keepdims."""
    z = inputs.normal(rng, (2, 3, 4))
    for axis in (0, 1, 2, -1, -2, -3):
        for keepdims in (False, True):
            what = f"logsumexp(z, {axis}, {keepdims}) for z of shape (2, 3, 4)"
            assert_close(student.logsumexp(z, axis, keepdims), reference.logsumexp(z, axis, keepdims), what=what)


@check("q4", points=2)
def logsumexp_does_not_overflow(student, reference, rng):
    """Around 1000 and around -1000 the result is right and silent, in float64 and in float32."""
    z = inputs.normal(rng, (3, 4))
    for shift in (1000.0, -1000.0):
        assert_close(student.logsumexp.strictly(z + shift), reference.logsumexp(z + shift),
                     what=f"logsumexp(z) for z near {shift:g}")  # fmt: skip
    single = inputs.large(rng, (2, 6), dtype=np.float32)
    assert_close(student.logsumexp.strictly(single), reference.logsumexp(single), dtype=np.float32,
                 what="logsumexp(z) for float32 z up to +-1000")  # fmt: skip


@check("q4", points=2)
def rows_are_kept_apart(student, reference, rng):
    """A row near 0, one near 1000 and one near -1000 may stand in one array."""
    z = inputs.normal(rng, (3, 4)) + np.array([[0.0], [1000.0], [-1000.0]])
    assert_close(student.logsumexp.strictly(z), reference.logsumexp(z), what="logsumexp(z) for rows near 0 and +-1000")
    assert_close(student.logsumexp.strictly(z.T, axis=0), reference.logsumexp(z), what="the same, transposed, axis=0")


@check("q4", points=2)
def minus_infinity_is_an_empty_sum(student, reference, rng):
    """An entry of -inf adds nothing, a row of nothing else gives -inf, without a warning."""
    z = inputs.normal(rng, (3, 4))
    z[0, 1] = -np.inf
    expected = reference.logsumexp(z)
    z[1] = -np.inf
    expected[1] = -np.inf
    assert_close(student.logsumexp(z), expected, what="logsumexp(z), one row of it all -inf")
    student.logsumexp.strictly(z)


@check("q4", points=1)
def logsumexp_keeps_its_dtype_and_argument(student, reference, rng):
    """float32 gives float32, integers give float64; z is not changed."""
    z = inputs.normal(rng, (2, 5))
    assert_dtype(student.logsumexp(z.astype(np.float32)), np.float32, what="logsumexp(z) for float32 z")
    whole = inputs.integers(rng, (2, 5), -3, 3)
    assert_close(student.logsumexp(whole), reference.logsumexp(whole.astype(float)), actual_dtype=np.float64,
                 what="logsumexp(z) for integer z")  # fmt: skip
    assert_unchanged(student.logsumexp, (z,), what="logsumexp")


# --- q5 one_hot -------------------------------------------------------------------------------------------------------


@check("q5", points=1, repeat=2)
def one_hot_has_a_column_for_every_class(student, reference, rng):
    """There are C columns, also for classes that no label names, in the dtype that was asked for."""
    y = inputs.labels(rng, 7, 4)
    for C in (4, 6):
        for dtype in ("float64", "float32", "int64"):
            given = student.run(one_hot_as, y, C, dtype)
            assert_close(given, reference.one_hot(y, C), dtype=np.float64, actual_dtype=dtype,
                         what=f"one_hot(y, {C}, {dtype})")  # fmt: skip
    small = y.astype(np.uint8)
    assert_close(student.one_hot(small, 5), reference.one_hot(y, 5), what="one_hot of bytes")
    assert_unchanged(student.one_hot, (y, 4), what="one_hot")


@check("q5", points=1)
def one_hot_of_no_labels_is_empty(student):
    """No label gives an array of shape (0, C); one class gives one column of ones."""
    assert_close(student.one_hot(np.zeros(0, dtype=int), 3), np.zeros((0, 3)), what="one_hot of no labels, C=3")
    assert_close(student.one_hot(np.zeros(2, dtype=int), 1), np.ones((2, 1)), what="one_hot([0, 0], 1)")


@check("q5", points=1)
def one_hot_refuses_labels_that_are_no_class(student):
    """A label below 0, or of C or more, raises ValueError."""
    array_of_shape(student.one_hot(np.array([0, 2]), 3), (2, 3), what="one_hot([0, 2], 3)")
    for y in ([0, -1], [3, 0], [7, 1]):
        _assert_refused(student.one_hot, (np.array(y), 3), f"one_hot({y}, 3)")


# --- q6 pairwise_sq_dists ---------------------------------------------------------------------------------------------


@check("q6", points=3, repeat=3)
def distances_are_right(student, reference, rng):
    """Entry (i, j) is the squared distance of row i of A from row j of B, for arrays of any memory layout."""
    n, m, d = inputs.distinct_sizes(rng, 3, low=2, high=7)
    A, B = inputs.normal(rng, (n, d)), inputs.normal(rng, (m, d), scale=2)
    expected = reference.pairwise_sq_dists(A, B)
    for layout, view in inputs.layouts(A).items():
        assert_close(student.pairwise_sq_dists(view, B), expected, what=f"pairwise_sq_dists(A, B) for {layout} A")
    for layout, view in inputs.layouts(B).items():
        assert_close(student.pairwise_sq_dists(A, view), expected, what=f"pairwise_sq_dists(A, B) for {layout} B")


@check("q6", points=1)
def distances_of_single_points_are_right(student, reference, rng):
    """One point, one feature, or one of each is no special case."""
    for n, m, d in ((1, 4, 3), (4, 1, 3), (3, 4, 1), (1, 1, 1), (1, 1, 5), (3, 3, 2)):
        A, B = inputs.normal(rng, (n, d)), inputs.normal(rng, (m, d))
        what = f"pairwise_sq_dists(A, B) for shapes ({n}, {d}) and ({m}, {d})"
        assert_close(student.pairwise_sq_dists(A, B), reference.pairwise_sq_dists(A, B), what=what)


@check("q6", points=3)
def distances_survive_a_move_of_the_origin(student, reference, rng):
    """Moving all points by the same million changes nothing, and no distance falls below zero."""
    A, B = inputs.integers(rng, (4, 3), -900, 900) / 512, inputs.integers(rng, (5, 3), -900, 900) / 512
    far = 2.0**20  # a power of two: the sums are exact
    assert_close(student.pairwise_sq_dists(A + far, B + far), reference.pairwise_sq_dists(A, B),
                 what="pairwise_sq_dists(A + t, B + t) for t near 1e6")  # fmt: skip
    close = array_of_shape(student.pairwise_sq_dists(A + far, A + far), (4, 4), what="pairwise_sq_dists(A + t, A + t)")
    assert_close(np.minimum(close, 0.0), np.zeros((4, 4)), kind="exact", what="what lies below zero")


@check("q6", points=2)
def distances_of_bytes_and_floats_are_right(student, reference, rng):
    """Bytes, as in pictures, do not wrap around; integers give float64, float32 gives float32."""
    A, B = inputs.integers(rng, (3, 4), 0, 255), inputs.integers(rng, (5, 4), 0, 255)
    expected = reference.pairwise_sq_dists(A.astype(float), B.astype(float))
    for dtype in (np.uint8, np.int64):
        given = student.pairwise_sq_dists(A.astype(dtype), B.astype(dtype))
        what = f"pairwise_sq_dists of dtype {np.dtype(dtype).name}"
        assert_close(given, expected, actual_dtype=np.float64, what=what)
    single = inputs.normal(rng, (3, 4), dtype=np.float32), inputs.normal(rng, (5, 4), dtype=np.float32)
    assert_close(student.pairwise_sq_dists(*single), reference.pairwise_sq_dists(*single), dtype=np.float32,
                 actual_dtype=np.float32, what="pairwise_sq_dists of float32")  # fmt: skip


@check("q6", points=1)
def distances_leave_their_arguments_alone(student, rng):
    """pairwise_sq_dists does not write into A or B."""
    assert_unchanged(student.pairwise_sq_dists, (inputs.normal(rng, (3, 4)), inputs.normal(rng, (5, 4))),
                     what="pairwise_sq_dists")  # fmt: skip


# --- q7 puzzles -------------------------------------------------------------------------------------------------------


@check("q7", points=1)
def outer_has_all_products(student, reference, rng):
    """outer(a, b) has a[i] * b[j] at (i, j), also where a or b has one entry, or both have the same number."""
    for n, m in ((3, 5), (5, 3), (1, 4), (4, 1), (3, 3)):
        a, b = inputs.normal(rng, (n,)), inputs.normal(rng, (m,))
        assert_close(student.outer(a, b), reference.outer(a, b), what=f"outer(a, b) for lengths {n} and {m}")


@check("q7", points=1)
def diag_is_zero_beside_the_diagonal(student, reference, rng):
    """diag(v) has v on the diagonal and zeros elsewhere, for one entry and for many."""
    for n in (1, 2, 6):
        v = inputs.normal(rng, (n,))
        assert_close(student.diag(v), reference.diag(v), kind="exact", what=f"diag(v) for length {n}")


@check("q7", points=2)
def causal_mask_lets_no_future_in(student, reference):
    """causal_mask(T) has shape (T, T) and dtype bool, and is True at (i, j) where j <= i; T may be 1."""
    for T in (5, 8, 1, 2):
        given = student.causal_mask(T)
        assert_close(given, reference.causal_mask(T), actual_dtype=bool, what=f"causal_mask({T})")


@check("q7", points=2)
def cumsum_adds_what_came_before(student, reference, rng):
    """cumsum(x)[i] is the sum of x[0] to x[i], for one entry and for many, signs mixed."""
    for n in (1, 2, 9):
        x = inputs.normal(rng, (n,))
        assert_close(student.cumsum(x), reference.cumsum(x), what=f"cumsum(x) for length {n}")


@check("q7", points=3)
def sliding_windows_fit_as_a_whole(student, reference, rng):
    """Windows start every s entries, overlap or not, and none hangs over the end."""
    for T, k, s in ((7, 3, 1), (7, 3, 2), (8, 3, 2), (9, 2, 4), (5, 5, 1), (6, 1, 1), (10, 4, 3)):
        x = inputs.normal(rng, (T,))
        what = f"sliding_windows(x, {k}, {s}) for length {T}"
        assert_close(student.sliding_windows(x, k, s), reference.sliding_windows(x, k, s), what=what)
    x = inputs.normal(rng, (6,))
    assert_close(student.sliding_windows(x, 4), reference.sliding_windows(x, 4), what="sliding_windows(x, 4)")
    assert_unchanged(student.sliding_windows, (x, 3, 1), what="sliding_windows")


@check("q7", points=1)
def bincount_counts_every_class(student, reference, rng):
    """bincount(y, C) has C integers, zeros for classes that do not occur, and their sum is the number of labels."""
    y = inputs.labels(rng, 9, 4)
    for C in (4, 6):
        assert_integer(student.bincount(y, C), reference.bincount(y, C), what=f"bincount(y, {C})")
    assert_integer(student.bincount(np.zeros(0, dtype=int), 3), np.zeros(3, dtype=int), what="bincount of no labels")


@check("q7", points=2)
def tables_are_made_without_a_loop(student, reference, rng):
    """outer, diag and causal_mask take as many Python steps for 60 numbers as for 4."""
    few, many = inputs.normal(rng, (4,)), inputs.normal(rng, (60,))
    _assert_no_loop(student, reference, "outer", (few, few), (many, many))
    _assert_no_loop(student, reference, "diag", (few,), (many,))
    _assert_no_loop(student, reference, "causal_mask", (4,), (60,))


@check("q7", points=2)
def sums_and_windows_are_made_without_a_loop(student, reference, rng):
    """cumsum, sliding_windows and bincount take as many Python steps for 60 numbers as for 4."""
    few, many = inputs.normal(rng, (4,)), inputs.normal(rng, (60,))
    _assert_no_loop(student, reference, "cumsum", (few,), (many,))
    _assert_no_loop(student, reference, "sliding_windows", (few, 2, 1), (many, 30, 1))
    _assert_no_loop(student, reference, "bincount", (inputs.labels(rng, 4, 2), 2), (inputs.labels(rng, 60, 20), 20))


# --- probes: run beside the student's code ----------------------------------------------------------------------------


def cubic_gradient(x, c):
    """numerical_gradient of sum(c x^3)."""
    return numerical_gradient(lambda point: (c * point**3).sum(), x)  # noqa: F821 - a name of the student


def gradient_of_layer(x, W, dout):
    """numerical_gradient of sum(dout * sin(x W)), through the array sin(x W)."""
    import numpy as np

    return numerical_gradient(lambda x: np.sin(x @ W), x, dout)  # noqa: F821 - a name of the student


def gradients_of_transpose(x, dout):
    """numerical_gradient of sum(dout * x.T), through a copy and through a view of x."""
    functions = (lambda x: x.T.copy()), (lambda x: x.T)
    return [numerical_gradient(f, x, dout) for f in functions]  # noqa: F821 - a name of the student


def gradients_of_exp(x, coarse, fine):
    """numerical_gradient of sum(exp(x)) with two steps."""
    import numpy as np

    def f(x):
        return np.sum(np.exp(x))

    return [numerical_gradient(f, x, h=h) for h in (coarse, fine)]  # noqa: F821 - a name of the student


def points_asked(x, *h):
    """How far from x f was asked, and how many entries were moved together."""
    import numpy as np

    far, entries = [0.0], [0]

    def f(point):
        moved = np.abs(point - x)
        far.append(float(moved.max()))
        entries.append(int(np.sum(moved > 0)))
        return np.sum(point)

    numerical_gradient(f, x.copy(), None, *h)  # noqa: F821 - a name of the student
    return max(far), max(entries)


def left_alone(x, c):
    """x after a call, and the gradient for a read-only x."""
    import numpy as np

    def f(x):
        return np.sum(c * x**3)

    after = x.copy()
    numerical_gradient(f, after)  # noqa: F821 - a name of the student
    x.flags.writeable = False
    return after, numerical_gradient(f, x)  # noqa: F821 - a name of the student


def checked_cubes(x, c, grad, seed, *more):
    """directional_check of a claimed gradient of sum(c x^3)."""
    import numpy as np

    def f(point):
        return (c * point**3).sum()

    return directional_check(f, grad, x, np.random.default_rng(seed), *more)  # noqa: F821 - a name of the student


def fifty_checks(x, c, grad):
    """The same for fifty seeds."""
    import numpy as np

    def f(x):
        return np.sum(c * x**3)

    return [float(directional_check(f, grad, x, np.random.default_rng(seed))) for seed in range(50)]  # noqa: F821


def calls_of_f(x, c, k, *h):
    """How often directional_check calls f, and how far from x."""
    import numpy as np

    far = []

    def f(point):
        far.append(float(np.abs(point - x).max()))
        return np.sum(c * point**3)

    directional_check(f, 3 * c * x**2, x, np.random.default_rng(0), k, *h)  # noqa: F821 - a name of the student
    return len(far), max(far, default=0.0)


def checked_and_left(x, c, grad):
    """directional_check of read-only arrays, and what they hold after a call with arrays that can be written."""
    import numpy as np

    def f(x):
        return np.sum(c * x**3)

    after = x.copy(), grad.copy()
    directional_check(f, after[1], after[0], np.random.default_rng(0))  # noqa: F821 - a name of the student
    x.flags.writeable = grad.flags.writeable = False
    return directional_check(f, grad, x, np.random.default_rng(0)), *after  # noqa: F821 - a name of the student


def one_hot_as(y, C, dtype):
    """one_hot with a dtype, which does not cross by itself."""
    import numpy as np

    return one_hot(y, C, np.dtype(dtype).type)  # noqa: F821 - a name of the student


def loops(name, few, many):
    """Whether a function of the student executes more Python instructions for many numbers than for few."""
    import sys

    executed = []

    def counting(frame, event, _):
        frame.f_trace_opcodes = True
        executed[-1] += event == "opcode"
        return counting

    previous = sys.gettrace()
    for given in (few, few, many):  # the first call may import something
        executed.append(0)
        sys.settrace(counting)
        try:
            globals()[name](*given)
        finally:
            sys.settrace(previous)
    return executed[2] > executed[1] + 100


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _assert_no_loop(student, reference, name, few, many):
    right = getattr(reference, name)(*many)
    assert_close(getattr(student, name)(*many), right, what=f"{name} of a large array")
    if student.run(loops, name, few, many) is not False:
        raise CheckFailed(f"{name} takes more Python steps for a large array than for a small one: it loops.")


def _assert_refused(function, args, what):
    try:
        function(*args)
    except StudentRaised as error:
        if error.exception == "ValueError":
            return
        raise
    raise CheckFailed(f"{what} is accepted, expected a ValueError.")
