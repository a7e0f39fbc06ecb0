"""What students get wrong in the warm-up, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (GC-..., LSE-...) are those of the course's catalogue.
"""

import numpy as np
from autograder.topic import mistake

from .solution import (
    causal_mask,
    diag,
    directional_check,
    logsumexp,
    numerical_gradient,
    one_hot,
    outer,
    pairwise_sq_dists,
    rel_error,
    sliding_windows,
)

# --- q1 rel_error -----------------------------------------------------------------------------------------------------


@mistake(
    of="rel_error",
    caught_by="error_is_relative_to_the_norms",
    hint="Your result is decided by the entry where the ratio is worst. Here the arrays are compared as a whole: what is the "
    "size of a vector?",
)
def largest_ratio_with_floor(a, b, eps=1e-300):
    """The widespread max(|a - b| / max(1e-8, |a| + |b|))."""
    a, b = _pair(a, b)
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


@mistake(
    of="rel_error",
    caught_by="error_of_zeros_is_defined",
    hint="Your result is an element-wise ratio, and somewhere it divides 0 by 0. What should the error of two zeros be? And "
    "should one tiny entry decide about the whole array?",
)
def largest_elementwise_ratio(a, b, eps=1e-300):
    """(GC-7) max(|a - b| / (|a| + |b|)), without a floor: nan where both are 0."""
    a, b = _pair(a, b)
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b)))


@mistake(
    of="rel_error",
    caught_by="error_is_symmetric",
    hint="Swapping a and b changes your result: it measures the difference against one of the two only.",
)
def relative_to_the_first(a, b, eps=1e-300):
    """|a - b| / |a|."""
    a, b = _pair(a, b)
    return np.linalg.norm(a - b) / max(np.linalg.norm(a), eps)


@mistake(
    of="rel_error",
    caught_by="error_of_pairs_worked_by_hand",
    hint="Your error of two opposite arrays is not 1. Is the denominator the sum of two sizes, or the size of a sum?",
)
def size_of_the_sum(a, b, eps=1e-300):
    """|a - b| / |a + b|: 0 in the denominator for opposite arrays."""
    a, b = _pair(a, b)
    return np.linalg.norm(a - b) / max(np.linalg.norm(a + b), eps)


@mistake(
    of="rel_error",
    caught_by="error_of_pairs_worked_by_hand",
    hint="Your error is not relative: it grows with the arrays. A difference of 1 is much for 0.01 and nothing for 1e6.",
)
def absolute_error(a, b, eps=1e-300):
    """|a - b|."""
    a, b = _pair(a, b)
    return np.linalg.norm(a - b)


@mistake(
    of="rel_error",
    caught_by="error_of_pairs_worked_by_hand",
    hint="Your error is exactly twice the one that is asked for. Two arrays as different as can be, a and -a, should have "
    "error 1.",
)
def relative_to_the_mean(a, b, eps=1e-300):
    """Divides by the mean of the two norms."""
    return 2 * rel_error(a, b, eps)


@mistake(
    of="rel_error",
    caught_by="error_does_not_depend_on_the_unit",
    hint="Two very small arrays count as equal, however different they are: the floor in your denominator is far from small "
    "compared with them.",
)
def floor_too_high(a, b, eps=1e-300):
    """A floor of 1e-8, as in many notebooks: gradients of 1e-10 are never seen to be wrong."""
    return rel_error(a, b, max(eps, 1e-8))


@mistake(
    of="rel_error",
    caught_by="error_of_zeros_is_defined",
    hint="0 / 0 is nan, with a warning. Both arrays are zero, so they are equal: which error is that?",
)
def no_floor(a, b, eps=1e-300):
    """Forgets eps."""
    a, b = _pair(a, b)
    return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))


@mistake(
    of="rel_error",
    caught_by="error_of_zeros_is_defined",
    hint="eps has no influence on your result, although the docstring makes it the smallest denominator.",
)
def floor_written_in(a, b, eps=1e-300):
    """1e-300, whatever eps says."""
    return rel_error(a, b)


@mistake(
    of="rel_error",
    caught_by="error_refuses_arrays_of_different_shapes",
    hint="Your function compares arrays of different shapes without complaint: (4,) and (4, 1) are broadcast to (4, 4), and "
    "the result means nothing.",
)
def shapes_not_looked_at(a, b, eps=1e-300):
    """Lets numpy broadcast."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return np.linalg.norm(a - b) / max(np.linalg.norm(a) + np.linalg.norm(b), eps)


@mistake(
    of="rel_error",
    caught_by="error_takes_integers_and_shows_nan",
    hint="For bytes your difference is a large number where it should be -1: unsigned integers cannot be negative, and "
    "wrap around.",
)
def difference_of_bytes(a, b, eps=1e-300):
    """a - b before anything is a float."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    return np.linalg.norm(a - b) / max(np.linalg.norm(a) + np.linalg.norm(b), eps)


@mistake(
    of="rel_error",
    caught_by="error_takes_integers_and_shows_nan",
    hint="A nan in one of the arrays vanishes in your result. An instrument that calls a broken gradient right is worse than "
    "none.",
)
def nan_swept_away(a, b, eps=1e-300):
    """np.nan_to_num, to be safe."""
    return rel_error(np.nan_to_num(np.asarray(a, dtype=float)), np.nan_to_num(np.asarray(b, dtype=float)), eps)


# --- q2 numerical_gradient --------------------------------------------------------------------------------------------


@mistake(
    of="numerical_gradient",
    caught_by=("slope_of_a_cube_worked_by_hand", "error_falls_a_hundredfold"),
    hint="Your difference is first-order accurate: a tenth of h gives a tenth of the error, where a hundredth is possible. At "
    "which points is f looked at, and is x in the middle of them?",
)
def forward_difference(f, x, dout=None, h=1e-5):
    """(GC-1) (f(x + h) - f(x)) / h: for x^3 its error is 3 x h + h^2."""
    return _differences(f, x, dout, h, ahead=1.0, behind=0.0, by=h)


@mistake(
    of="numerical_gradient",
    caught_by=("slope_of_a_cube_worked_by_hand", "error_falls_a_hundredfold"),
    hint="Your difference is first-order accurate: it looks back from x only. Where should x lie between the two points?",
)
def backward_difference(f, x, dout=None, h=1e-5):
    """(f(x) - f(x - h)) / h."""
    return _differences(f, x, dout, h, ahead=0.0, behind=-1.0, by=h)


@mistake(
    of="numerical_gradient",
    caught_by="slope_of_a_cube_worked_by_hand",
    hint="Your gradient is exactly twice the right one: how far apart are the two points at which you look?",
)
def divided_by_h(f, x, dout=None, h=1e-5):
    """(GC-2) The two points are 2h apart, and h stands below."""
    return 2 * numerical_gradient(f, x, dout, h)


@mistake(
    of="numerical_gradient",
    caught_by="slope_of_a_cube_worked_by_hand",
    hint="Your result is far too small by a factor that depends on h: operator precedence. What does `/ 2 * h` divide by?",
)
def precedence(f, x, dout=None, h=1e-5):
    """(f(x + h) - f(x - h)) / 2 * h."""
    return h * h * numerical_gradient(f, x, dout, h)


@mistake(
    of="numerical_gradient",
    caught_by="slope_of_a_cube_worked_by_hand",
    hint="Your gradient has the wrong sign: a function that rises has a positive slope.",
)
def points_swapped(f, x, dout=None, h=1e-5):
    """f(x - h) - f(x + h)."""
    return -numerical_gradient(f, x, dout, h)


@mistake(
    of="numerical_gradient",
    caught_by=("slope_of_a_cube_worked_by_hand", "gradient_has_the_shape_of_x"),
    hint="Your gradient is zero everywhere: f never saw your perturbation. Does what you change share its memory with what "
    "you hand to f?",
)
def copy_perturbed(f, x, dout=None, h=1e-5):
    """(GC-4) x.flatten() is a copy: changing it leaves x alone."""
    f(np.asarray(x, dtype=float))
    return np.zeros(np.shape(x))


@mistake(
    of="numerical_gradient",
    caught_by="gradient_has_the_shape_of_x",
    hint="Right for ordinary arrays, zero for a transposed one: `ravel` gives a view where it can, and a copy where it "
    "cannot. Then f never saw your perturbation.",
)
def ravel_perturbed(f, x, dout=None, h=1e-5):
    """(GC-4) Perturbs x.ravel() and calls f(x)."""
    x = np.array(x, dtype=float)
    if np.ndim(x) < 2 or x.flags.c_contiguous:
        return numerical_gradient(f, x, dout, h)
    return np.zeros(x.shape)


@mistake(
    of="numerical_gradient",
    caught_by="gradient_is_taken_in_float64",
    hint="For integer x your gradient is zero: an array of integers cannot hold 3.00001, and rounds it to 3. Promote before "
    "you perturb.",
)
def integers_perturbed(f, x, dout=None, h=1e-5):
    """(GC-5) x.copy() keeps the dtype."""
    return _differences(f, x, dout, h, dtype=np.asarray(x).dtype)


@mistake(
    of="numerical_gradient",
    caught_by="gradient_is_taken_in_float64",
    hint="For float32 your gradient has few right digits: near 3, neighbouring float32 numbers are 2e-7 apart, and your step "
    "is 1e-5. In which precision should a difference of nearly equal numbers be taken?",
)
def single_precision_kept(f, x, dout=None, h=1e-5):
    """Only integers are promoted."""
    kind = np.asarray(x).dtype
    return _differences(f, x, dout, h, dtype=kind if kind.kind == "f" else np.dtype(float))


@mistake(
    of="numerical_gradient",
    caught_by="upstream_gradient_weighs_the_outputs",
    hint="dout has no influence on your result. Where f returns an array, which single number is differentiated?",
)
def upstream_ignored(f, x, dout=None, h=1e-5):
    """Sums the outputs: an upstream gradient of ones."""
    return numerical_gradient(lambda p: np.sum(f(p)), x, None, h)


@mistake(
    of="numerical_gradient",
    caught_by=("upstream_gradient_weighs_the_outputs", "gradient_of_a_layer_is_right"),
    hint="Your gradient is too small by a factor that depends on the number of outputs: a mean where a sum is asked for.",
)
def mean_over_outputs(f, x, dout=None, h=1e-5):
    """np.mean(dout * f(x))."""
    if dout is None:
        return numerical_gradient(f, x, None, h)
    return numerical_gradient(f, x, dout / np.size(dout), h)


@mistake(
    of="numerical_gradient",
    caught_by="gradient_of_a_layer_is_right",
    hint="You multiply entry by entry of x by dout. But dout belongs to the outputs: each entry of x may change many of them.",
)
def upstream_multiplied_afterwards(f, x, dout=None, h=1e-5):
    """gradient of the sum, times dout: right only where output i depends on input i alone."""
    grad = numerical_gradient(lambda p: np.sum(f(p)), x, None, h)
    return grad if dout is None else grad * dout


@mistake(
    of="numerical_gradient",
    caught_by="slope_of_the_sine_is_the_cosine",
    hint="All entries of your gradient are equal: the slope along the diagonal. How many entries of x may move at a time?",
)
def all_entries_moved(f, x, dout=None, h=1e-5):
    """f(x + h): moves every entry at once."""
    x = np.asarray(x, dtype=float)
    change = f(x + h) - f(x - h)
    return np.full(x.shape, np.sum(change if dout is None else dout * change) / (2 * h))


@mistake(
    of="numerical_gradient",
    caught_by=("gradient_of_a_layer_is_right", "step_is_h"),
    hint="The first entry is right, the later ones drift: after an entry was moved, is it put back?",
)
def not_moved_back(f, x, dout=None, h=1e-5):
    """Leaves each entry at x - h."""
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] += h
        other = x.copy()
        other[index] -= h
        change = f(moved) - f(other)
        grad[index] = np.sum(change if dout is None else dout * change) / (2 * h)
        x[index] -= h
    return grad


@mistake(
    of="numerical_gradient",
    caught_by=("gradient_has_the_shape_of_x", "slope_of_the_sine_is_the_cosine"),
    hint="Your gradient is flat. A gradient has the shape of what it is the gradient of.",
)
def gradient_left_flat(f, x, dout=None, h=1e-5):
    """One long row."""
    return numerical_gradient(f, x, dout, h).ravel()


@mistake(
    of="numerical_gradient",
    caught_by="slope_of_the_sine_is_the_cosine",
    hint="`for i in range(len(x))` visits rows. Here x has two axes, and every entry needs its own step.",
)
def rows_perturbed(f, x, dout=None, h=1e-5):
    """x[i] += h moves a whole row."""
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in range(len(x) if x.ndim else 0):
        step = np.zeros(x.shape)
        step[i] = h
        change = f(x + step) - f(x - step)
        grad[i] = np.sum(change if dout is None else dout * change) / (2 * h)
    return grad


@mistake(
    of="numerical_gradient",
    caught_by="step_is_h",
    hint="Your step does not depend on h, or not on h alone.",
)
def step_written_in(f, x, dout=None, h=1e-5):
    """1e-5, whatever h says."""
    return numerical_gradient(f, x, dout)


@mistake(
    of="numerical_gradient",
    caught_by="step_is_h",
    hint="A smaller step is not a better one: below 1e-5 rounding takes over, as the picture at the beginning shows. Which "
    "step does the signature promise?",
)
def smaller_step_by_default(f, x, dout=None, h=1e-8):
    """h = 1e-8, to be more exact."""
    return numerical_gradient(f, x, dout, h)


@mistake(
    of="numerical_gradient",
    caught_by="point_is_left_alone",
    hint="x is changed, or has to be changed for a moment: it belongs to the caller, who may have made it read-only.",
)
def perturbed_in_place(f, x, dout=None, h=1e-5):
    """Moves x itself and moves it back: a read-only x raises."""
    if not isinstance(x, np.ndarray) or x.dtype != float:
        x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + h
        ahead = np.array(f(x))
        x[index] = old - h
        change = ahead - f(x)
        x[index] = old
        grad[index] = np.sum(change if dout is None else dout * change) / (2 * h)
    return grad


@mistake(
    of="numerical_gradient",
    caught_by="point_is_left_alone",
    hint="After the call x holds other numbers: the entries that you moved are not moved back.",
)
def left_moved(f, x, dout=None, h=1e-5):
    """Forgets the last step back."""
    grad = numerical_gradient(f, x, dout, h)
    if isinstance(x, np.ndarray) and x.dtype == float and x.flags.writeable:
        x -= h
    return grad


@mistake(
    of="numerical_gradient",
    caught_by="f_may_return_a_view_of_its_argument",
    hint="Where f returns a view of its argument, both of your values change together, and their difference is lost: the array "
    "that f has seen is changed afterwards.",
)
def one_array_for_both_points(f, x, dout=None, h=1e-5):
    """Moves one array up and down: a value that is a view of it moves along."""
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + h
        ahead = f(x)
        x[index] = old - h
        behind = f(x)
        x[index] = old
        change = ahead - behind
        grad[index] = np.sum(change if dout is None else dout * change) / (2 * h)
    return grad


# --- q3 directional_check ---------------------------------------------------------------------------------------------


@mistake(
    of="directional_check",
    caught_by=("directions_come_from_rng", "disagreement_is_measured_along_the_directions"),
    hint="Your directions are not random: errors in two entries that cancel along a fixed direction are never seen.",
)
def direction_of_ones(f, grad, x, rng, k=3, h=1e-5):
    """Moves all entries together, k times."""
    return _along(f, grad, x, [np.ones(np.shape(x))] * k, h)


@mistake(
    of="directional_check",
    caught_by="directions_come_from_rng",
    hint="The same seed gives another error each time: your directions do not come from the generator that was passed.",
)
def global_generator(f, grad, x, rng, k=3, h=1e-5):
    """np.random instead of rng."""
    return _along(f, grad, x, [np.random.standard_normal(np.shape(x)) for _ in range(k)], h)


@mistake(
    of="directional_check",
    caught_by="directions_come_from_rng",
    hint="Two different seeds give the same error: your function makes a generator of its own.",
)
def generator_of_its_own(f, grad, x, rng, k=3, h=1e-5):
    """default_rng(0), for reproducible results."""
    return directional_check(f, grad, x, np.random.default_rng(0), k, h)


@mistake(
    of="directional_check",
    caught_by="disagreement_is_measured_along_the_directions",
    hint="All your directions point into one corner: a uniform number between 0 and 1 is never negative. The docstring names "
    "the distribution.",
)
def uniform_directions(f, grad, x, rng, k=3, h=1e-5):
    """rng.random instead of rng.standard_normal."""
    return _along(f, grad, x, [rng.random(np.shape(x)) for _ in range(k)], h)


@mistake(
    of="directional_check",
    caught_by="disagreement_is_measured_along_the_directions",
    hint="Your directions are not those that rng drew: with their lengths changed, each slope gets another weight.",
)
def directions_of_length_one(f, grad, x, rng, k=3, h=1e-5):
    """Each direction divided by its norm, which gives each another weight."""
    drawn = [rng.standard_normal(np.shape(x)) for _ in range(k)]
    return _along(f, grad, x, [v / np.linalg.norm(v) for v in drawn], h)


@mistake(
    of="directional_check",
    caught_by="right_gradient_passes",
    hint="A right gradient fails, and your error is 1/3: one slope is twice the other. How far apart are the two points?",
)
def slope_divided_by_h(f, grad, x, rng, k=3, h=1e-5):
    """The measured slope is twice too large."""
    return directional_check(lambda p: 2 * f(p), grad, x, rng, k, h)


@mistake(
    of="directional_check",
    caught_by="disagreement_is_measured_along_the_directions",
    hint="Your slope is a forward difference: its error is of first order in h.",
)
def forward_slope(f, grad, x, rng, k=3, h=1e-5):
    """(f(x + h v) - f(x)) / h."""
    x = np.asarray(x, dtype=float)
    directions = [rng.standard_normal(x.shape) for _ in range(k)]
    measured = [(f(x + h * v) - f(x)) / h for v in directions]
    return rel_error(measured, [np.sum(grad * v) for v in directions])


@mistake(
    of="directional_check",
    caught_by="right_gradient_passes",
    hint="A right gradient fails: the slope along v is a sum over the entries of the gradient, and yours is a mean.",
)
def mean_of_products(f, grad, x, rng, k=3, h=1e-5):
    """np.mean(grad * v)."""
    return directional_check(f, grad / np.size(x), x, rng, k, h)


@mistake(
    of="directional_check",
    caught_by="right_gradient_passes",
    hint="A right gradient fails: the error of every entry is taken before anything is summed. What the two points of f tell is "
    "one number for each direction.",
)
def products_not_summed(f, grad, x, rng, k=3, h=1e-5):
    """Compares one slope with the array grad * v."""
    x = np.asarray(x, dtype=float)
    worst = 0.0
    for _ in range(k):
        v = rng.standard_normal(x.shape)
        slope = (f(x + h * v) - f(x - h * v)) / (2 * h)
        worst = max(worst, rel_error(np.full(x.shape, slope), grad * v))
    return worst


@mistake(
    of="directional_check",
    caught_by="disagreement_is_measured_along_the_directions",
    hint="You compare direction by direction and take the worst. A direction along which f is nearly flat then decides alone; "
    "the k slopes are to be compared as two vectors.",
)
def worst_direction(f, grad, x, rng, k=3, h=1e-5):
    """The largest of k relative errors."""
    return max(directional_check(f, grad, x, rng, 1, h) for _ in range(k))


@mistake(
    of="directional_check",
    caught_by=("check_asks_f_twice_for_each_direction", "disagreement_is_measured_along_the_directions"),
    hint="k has no influence on your result.",
)
def always_three(f, grad, x, rng, k=3, h=1e-5):
    """range(3)."""
    return directional_check(f, grad, x, rng, 3, h)


@mistake(
    of="directional_check",
    caught_by="check_asks_f_twice_for_each_direction",
    hint="f is called far too often. The point of this check is that it costs two calls for each direction, also where x has a "
    "million entries.",
)
def full_gradient_first(f, grad, x, rng, k=3, h=1e-5):
    """Computes the whole numerical gradient, and projects it."""
    whole = numerical_gradient(f, x, None, h)
    directions = [rng.standard_normal(np.shape(x)) for _ in range(k)]
    return rel_error([np.sum(whole * v) for v in directions], [np.sum(grad * v) for v in directions])


@mistake(
    of="directional_check",
    caught_by="check_asks_f_twice_for_each_direction",
    hint="You walk another distance along the direction than h says: is the step in your code that of the signature?",
)
def tiny_step(f, grad, x, rng, k=3, h=1e-8):
    """h = 1e-8, to be more exact: only noise is left of the difference."""
    return directional_check(f, grad, x, rng, k, h)


@mistake(
    of="directional_check",
    caught_by="gradient_one_percent_too_long_is_seen",
    hint="Your error cannot see the length of the gradient: a gradient that is 1 % too long passes. An angle is not enough.",
)
def cosine_distance(f, grad, x, rng, k=3, h=1e-5):
    """1 - cos of the angle between the slopes."""
    x = np.asarray(x, dtype=float)
    v = [rng.standard_normal(x.shape) for _ in range(k)]
    measured = np.array([(f(x + h * each) - f(x - h * each)) / (2 * h) for each in v])
    claimed = np.array([np.sum(grad * each) for each in v])
    return 1.0 - measured @ claimed / max(np.linalg.norm(measured) * np.linalg.norm(claimed), 1e-300)


@mistake(
    of="directional_check",
    caught_by="one_wrong_entry_is_found",
    hint="One wrong entry is missed for many seeds: your directions move one entry only, and most often another than the wrong "
    "one.",
)
def single_entries(f, grad, x, rng, k=3, h=1e-5):
    """Spot checks of k random entries."""
    x = np.asarray(x, dtype=float)
    directions = []
    for _ in range(k):
        v = np.zeros(x.shape)
        v.flat[rng.integers(x.size)] = 1.0
        directions.append(v)
    return _along(f, grad, x, directions, h)


@mistake(
    of="directional_check",
    caught_by="check_takes_integers_and_leaves_x_alone",
    hint="x or grad is changed by your function: `+=` writes into the caller's array.",
)
def walks_along_x(f, grad, x, rng, k=3, h=1e-5):
    """x += h * v, and never back."""
    error = directional_check(f, grad, x, rng, k, h)
    x += 0 if x.dtype.kind != "f" else h
    grad *= 1.0 + h
    return error


# --- q4 logsumexp -----------------------------------------------------------------------------------------------------


@mistake(
    of="logsumexp",
    caught_by=("logsumexp_does_not_overflow", "logsumexp_moves_with_its_argument"),
    hint="Near 1000 you get inf, near -1000 -inf: exp overflows, or gives 0. The result moves with z, so z may be moved first.",
)
def no_shift(z, axis=-1, keepdims=False):
    """(LSE-1) The formula as it stands."""
    return np.log(np.sum(np.exp(1.0 * np.asarray(z)), axis=axis, keepdims=keepdims))


@mistake(
    of="logsumexp",
    caught_by="rows_are_kept_apart",
    hint="A row far below the others comes out as -inf: one maximum for the whole array is too large for it. Each row has its "
    "own.",
)
def one_maximum_for_all(z, axis=-1, keepdims=False):
    """(LSE-2) z.max() without an axis."""
    z = 1.0 * np.asarray(z)
    top = z.max()
    top = top if np.isfinite(top) else z.dtype.type(0)
    with np.errstate(divide="ignore"):
        return top + np.log(np.sum(np.exp(z - top), axis=axis, keepdims=keepdims))


@mistake(
    of="logsumexp",
    caught_by="logsumexp_worked_by_hand",
    hint="Your result does not change when z moves up by 2: what was taken away before exp is missing afterwards.",
)
def maximum_not_put_back(z, axis=-1, keepdims=False):
    """log(sum(exp(z - max))), without the maximum."""
    return logsumexp(z, axis, keepdims) - _top(z, axis, keepdims)


@mistake(
    of="logsumexp",
    caught_by="logsumexp_worked_by_hand",
    hint="Your result is the largest entry: an approximation that forgets how many others there are.",
)
def only_the_maximum(z, axis=-1, keepdims=False):
    """max(z)."""
    return 1.0 * np.max(z, axis=axis, keepdims=keepdims)


@mistake(
    of="logsumexp",
    caught_by="logsumexp_worked_by_hand",
    hint="Your result is too small by the logarithm of the number of terms: a mean where a sum is asked for.",
)
def log_mean_exp(z, axis=-1, keepdims=False):
    """np.mean for np.sum."""
    z = 1.0 * np.asarray(z)
    return (logsumexp(z, axis, keepdims) - np.log(z.shape[axis])).astype(z.dtype)


@mistake(
    of="logsumexp",
    caught_by="minus_infinity_is_an_empty_sum",
    hint="A row of -inf gives nan: -inf minus -inf is not a number. What is the logarithm of a sum without any weight?",
)
def nan_for_empty_rows(z, axis=-1, keepdims=False):
    """Subtracts a maximum that may be -inf."""
    z = 1.0 * np.asarray(z)
    top = z.max(axis=axis, keepdims=True)
    out = top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True))
    return out if keepdims else out.squeeze(axis)


@mistake(
    of="logsumexp",
    caught_by=("logsumexp_does_not_overflow", "minus_infinity_is_an_empty_sum"),
    hint="Your result never falls below about -23: a small number inside the logarithm makes it quiet and wrong.",
)
def small_number_in_the_logarithm(z, axis=-1, keepdims=False):
    """log(1e-10 + sum(exp(z)))."""
    z = 1.0 * np.asarray(z)
    top = np.maximum(_top(z, axis, True), 0)
    out = top + np.log(z.dtype.type(1e-10) + np.exp(z - top).sum(axis=axis, keepdims=True))
    return out if keepdims else out.squeeze(axis)


@mistake(
    of="logsumexp",
    caught_by="logsumexp_does_not_overflow",
    hint="z is clipped, so that exp does not overflow; then the result is that of other numbers.",
)
def clipped(z, axis=-1, keepdims=False):
    """np.clip(z, -500, 500)."""
    return logsumexp(np.clip(z, -500, 500), axis, keepdims)


@mistake(
    of="logsumexp",
    caught_by="logsumexp_takes_an_axis",
    hint="axis has no influence on your result.",
)
def always_the_last_axis(z, axis=-1, keepdims=False):
    """axis=-1 written into the body."""
    return logsumexp(z, -1, keepdims)


@mistake(
    of="logsumexp",
    caught_by="logsumexp_takes_an_axis",
    hint="keepdims has no influence on the shape of your result.",
)
def axis_always_dropped(z, axis=-1, keepdims=False):
    """keepdims forgotten at the end."""
    return logsumexp(z, axis)


@mistake(
    of="logsumexp",
    caught_by="logsumexp_worked_by_hand",
    hint="The axis of length 1 that subtracting needs is still there in your result.",
)
def axis_always_kept(z, axis=-1, keepdims=False):
    """Forgets to drop the axis."""
    return logsumexp(z, axis, keepdims=True)


@mistake(
    of="logsumexp",
    caught_by="logsumexp_is_right",
    hint="An axis of length 1 is missing that has nothing to do with the sum: squeeze drops every axis of length 1.",
)
def all_axes_of_length_one_dropped(z, axis=-1, keepdims=False):
    """np.squeeze without an axis."""
    return logsumexp(z, axis, keepdims=True) if keepdims else np.squeeze(logsumexp(z, axis, keepdims=True))


@mistake(
    of="logsumexp",
    caught_by=("logsumexp_is_right", "every_axis_can_be_summed"),
    hint="For more than two axes too much is summed: a matrix is not the only kind of array.",
)
def made_for_matrices(z, axis=-1, keepdims=False):
    """Looks at the first two axes only."""
    out = logsumexp(z, axis, keepdims)
    return np.sum(out, axis=-1) if np.ndim(z) > 2 else out


@mistake(
    of="logsumexp",
    caught_by="logsumexp_keeps_its_dtype_and_argument",
    hint="Your result is float64 although float32 went in.",
)
def double_precision_always(z, axis=-1, keepdims=False):
    """dtype=float."""
    return logsumexp(np.asarray(z, dtype=float), axis, keepdims)


@mistake(
    of="logsumexp",
    caught_by="logsumexp_keeps_its_dtype_and_argument",
    hint="z holds other numbers afterwards: `z -= ...` writes into the caller's array.",
)
def shift_in_place(z, axis=-1, keepdims=False):
    """z -= max."""
    out = logsumexp(z, axis, keepdims)
    if z.dtype.kind == "f":
        z -= _top(z, axis, True)
    return out


# --- q5 one_hot -------------------------------------------------------------------------------------------------------


@mistake(
    of="one_hot",
    caught_by=("one_hot_worked_by_hand", "one_hot_has_a_column_for_every_class"),
    hint="You count the classes in y. A batch need not contain every class: C says how many there are.",
)
def classes_that_occur(y, C, dtype=float):
    """max(y) + 1 columns."""
    return one_hot(y, int(np.max(y, initial=-1)) + 1, dtype)


@mistake(
    of="one_hot",
    caught_by="one_hot_worked_by_hand",
    hint="Samples are rows: row i belongs to label i. Yours is transposed.",
)
def classes_in_rows(y, C, dtype=float):
    """(C, N)."""
    return one_hot(y, C, dtype).T


@mistake(
    of="one_hot",
    caught_by="one_hot_worked_by_hand",
    hint="Your ones stand one column too far to the left, or a class is missing: labels start at 0.",
)
def labels_from_one(y, C, dtype=float):
    """Takes the labels for 1 ... C."""
    return np.roll(one_hot(y, C, dtype), -1, axis=1)


@mistake(
    of="one_hot",
    caught_by="one_hot_worked_by_hand",
    hint="Several ones in a row: each row should have exactly one, and yours marks every label in every row.",
)
def every_label_in_every_row(y, C, dtype=float):
    """out[:, y] = 1."""
    return np.repeat(one_hot(y, C, dtype).max(axis=0, initial=0)[None], len(y), axis=0)


@mistake(
    of="one_hot",
    caught_by="one_hot_worked_by_hand",
    hint="You return True and False where numbers of the given dtype are asked for.",
)
def mask_returned(y, C, dtype=float):
    """The comparison itself."""
    return one_hot(y, C, bool)


@mistake(
    of="one_hot",
    caught_by="one_hot_is_made_without_a_loop",
    hint="The rows are right, but Python makes them one by one.",
)
def one_hot_by_loop(y, C, dtype=float):
    """One row after the other."""
    out = np.zeros((len(y), C), dtype=dtype)
    for row, label in zip(out, y, strict=True):
        if not 0 <= label < C:
            raise ValueError("not a class")
        row[label] = 1
    return out


@mistake(
    of="one_hot",
    caught_by="one_hot_has_a_column_for_every_class",
    hint="dtype has no influence on your result.",
)
def dtype_ignored(y, C, dtype=float):
    """np.zeros without a dtype."""
    return one_hot(y, C)


@mistake(
    of="one_hot",
    caught_by="one_hot_refuses_labels_that_are_no_class",
    hint="A label of -1 is accepted, and marks the last class: negative indices count from the end.",
)
def negative_labels_wrap(y, C, dtype=float):
    """np.eye(C)[y]: refuses labels that are too large, with an IndexError, and takes -1."""
    if np.any(np.asarray(y) >= C):
        raise ValueError("label too large")
    return np.eye(C, dtype=dtype)[y]


@mistake(
    of="one_hot",
    caught_by="one_hot_refuses_labels_that_are_no_class",
    hint="A label that is no class gives a row of zeros, silently: the loss of that sample will be 0, whatever the model says.",
)
def rows_of_zeros(y, C, dtype=float):
    """The comparison, without a look at the labels."""
    return (np.asarray(y)[:, None] == np.arange(C)).astype(dtype)


@mistake(
    of="one_hot",
    caught_by="one_hot_of_no_labels_is_empty",
    hint="No labels at all make your function fall over: min and max of nothing are not defined.",
)
def maximum_of_nothing(y, C, dtype=float):
    """y.max() without a thought for an empty batch."""
    if y.min() < 0 or y.max() >= C:
        raise ValueError("not a class")
    return np.eye(C, dtype=dtype)[y]


# --- q6 pairwise_sq_dists ---------------------------------------------------------------------------------------------


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_are_computed_without_a_loop",
    hint="The numbers are right, but Python visits the points one by one. Give one array an axis of length 1, and numpy does it.",
)
def double_loop(A, B):
    """Two loops."""
    A, B = 1.0 * np.asarray(A), 1.0 * np.asarray(B)
    return np.array([[np.sum((a - b) ** 2) for b in B] for a in A], dtype=np.result_type(A, B))


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_are_computed_without_a_loop",
    hint="One loop is left: it visits every row of A.",
    also=("double_loop",),
)
def single_loop(A, B):
    """One loop."""
    A, B = 1.0 * np.asarray(A), 1.0 * np.asarray(B)
    return np.stack([((B - a) ** 2).sum(axis=1) for a in A])


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_survive_a_move_of_the_origin",
    hint="Far from the origin your distances are noise, and may be negative: two huge, nearly equal numbers are subtracted. "
    "Right on paper is not enough.",
)
def expanded_square(A, B):
    """|a|^2 - 2 a.b + |b|^2: cancels where the points are far from the origin and near each other."""
    return _expanded(A, B)


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_survive_a_move_of_the_origin",
    hint="Cutting off at zero hides the negative distances, not what made them: far from the origin all digits are lost before.",
    also=("expanded_square",),
)
def expanded_square_cut_off(A, B):
    """The same, with maximum(., 0)."""
    return np.maximum(_expanded(A, B), 0)


@mistake(
    of="pairwise_sq_dists",
    caught_by=("distances_worked_by_hand", "distances_of_points_from_themselves_are_zero"),
    hint="The product of a and b should count twice, with a minus: what is (a - b) squared?",
)
def binomial_without_two(A, B):
    """|a|^2 - a.b + |b|^2."""
    A, B = 1.0 * np.asarray(A), 1.0 * np.asarray(B)
    return (A**2).sum(axis=1)[:, None] - A @ B.T + (B**2).sum(axis=1)


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_worked_by_hand",
    hint="Your distances are not squared.",
)
def root_taken(A, B):
    """Distances instead of their squares."""
    return np.sqrt(pairwise_sq_dists(A, B))


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_worked_by_hand",
    hint="Rows belong to A and columns to B; yours are the other way round.",
)
def transposed_table(A, B):
    """(m, n)."""
    return pairwise_sq_dists(B, A)


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_worked_by_hand",
    hint="You add absolute differences, which is another distance: along the streets, not through the air.",
)
def city_blocks(A, B):
    """Sum of absolute differences."""
    A, B = 1.0 * np.asarray(A), 1.0 * np.asarray(B)
    return np.abs(A[:, None] - B).sum(axis=-1)


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_worked_by_hand",
    hint="Your result is too small by the number of features: a mean where a sum is asked for.",
)
def mean_over_features(A, B):
    """.mean(axis=-1)."""
    return pairwise_sq_dists(A, B) / np.asarray(A).shape[1]


@mistake(
    of="pairwise_sq_dists",
    caught_by=("distances_of_single_points_are_right", "distances_of_points_from_themselves_are_zero"),
    hint="Where A and B have the same number of rows, row i is paired with row i only. Every row of A is to meet every row of B.",
)
def row_by_row(A, B):
    """A - B where it happens to fit."""
    if len(A) == len(B):
        return np.sum((1.0 * A - B) ** 2, axis=-1)
    return pairwise_sq_dists(A, B)


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_of_single_points_are_right",
    hint="For a single point your result lost an axis: squeeze drops every axis of length 1, also those that mean something.",
)
def squeezed(A, B):
    """.squeeze() at the end."""
    return np.squeeze(pairwise_sq_dists(A, B))


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_are_right",
    hint="Your result depends on how the array lies in memory: reshape(-1) and order='K' read the buffer, not the array.",
)
def buffer_read(A, B):
    """Flattens in memory order and reshapes."""
    shape = np.shape(A)
    return pairwise_sq_dists(np.ravel(A, order="K").reshape(shape), B)


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_of_bytes_and_floats_are_right",
    hint="For bytes your distances are far too small: 3 - 5 is 254 there, and squares wrap around, too.",
)
def bytes_subtracted(A, B):
    """A[:, None] - B in whatever dtype comes."""
    return np.sum((A[:, None] - B) ** 2, axis=-1)


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_of_bytes_and_floats_are_right",
    hint="Your result is float64 although float32 went in.",
)
def doubled_precision(A, B):
    """dtype=float."""
    return pairwise_sq_dists(np.asarray(A, dtype=float), np.asarray(B, dtype=float))


@mistake(
    of="pairwise_sq_dists",
    caught_by="distances_leave_their_arguments_alone",
    hint="A or B holds other numbers afterwards: centring in place is seen by the caller.",
)
def centred_in_place(A, B):
    """A -= mean; B -= mean."""
    out = pairwise_sq_dists(A, B)
    if A.flags.writeable and A.dtype.kind == "f":
        A -= A.mean(axis=0)
    return out


# --- q7 puzzles -------------------------------------------------------------------------------------------------------


@mistake(
    of="outer",
    caught_by=("outer_worked_by_hand", "outer_has_all_products"),
    hint="Rows belong to a and columns to b; yours are the other way round.",
)
def outer_transposed(a, b):
    """b down, a across."""
    return outer(b, a)


@mistake(
    of="outer",
    caught_by=("outer_worked_by_hand", "outer_has_all_products"),
    hint="You add where products are asked for.",
)
def outer_sum(a, b):
    """a[:, None] + b."""
    return a[:, None] + b


@mistake(
    of="outer",
    caught_by="outer_has_all_products",
    hint="Where a and b have the same length, you multiply entry by entry: no axis of length 1, no table.",
)
def products_of_pairs(a, b):
    """a * b where that works."""
    return a * b if len(a) == len(b) else outer(a, b)


@mistake(
    of="outer",
    caught_by="tables_are_made_without_a_loop",
    hint="The numbers are right, but Python makes them row by row.",
)
def outer_by_rows(a, b):
    """A comprehension."""
    return np.array([x * b for x in a])


@mistake(
    of="diag",
    caught_by=("diag_worked_by_hand", "diag_is_zero_beside_the_diagonal"),
    hint="Your diagonal runs from the lower left: one of the two indices counts backwards.",
)
def other_diagonal(v):
    """Rows in reverse."""
    return diag(v)[::-1]


@mistake(
    of="diag",
    caught_by=("diag_worked_by_hand", "diag_is_zero_beside_the_diagonal"),
    hint="v stands in every row: nothing makes the entries beside the diagonal zero.",
)
def v_in_every_row(v):
    """Broadcasts against ones."""
    return np.ones((len(v), len(v))) * v


@mistake(
    of="diag",
    caught_by="tables_are_made_without_a_loop",
    hint="The numbers are right, but Python sets them one by one.",
)
def diag_by_loop(v):
    """out[i, i] = v[i]."""
    out = np.zeros((len(v), len(v)))
    for i, value in enumerate(v):
        out[i, i] = value
    return out


@mistake(
    of="cumsum",
    caught_by=("cumsum_worked_by_hand", "cumsum_adds_what_came_before"),
    hint="Your sums run from the end: the triangle stands on its head.",
)
def sums_from_the_end(x):
    """The transposed triangle."""
    return causal_mask(len(x)).T @ x


@mistake(
    of="cumsum",
    caught_by=("cumsum_worked_by_hand", "cumsum_adds_what_came_before"),
    hint="Your first sum is 0: entry i itself belongs to the sum, too.",
)
def sum_before(x):
    """An exclusive sum."""
    return causal_mask(len(x)) @ x - x


@mistake(
    of="cumsum",
    caught_by="sums_and_windows_are_made_without_a_loop",
    hint="The sums are right, but Python adds one entry after the other. A triangle of ones does it in one product.",
)
def running_total(x):
    """A loop with a total."""
    out, total = np.zeros(len(x)), 0.0
    for i, value in enumerate(x):
        total += value
        out[i] = total
    return out


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_worked_by_hand", "causal_mask_lets_no_future_in"),
    hint="Your mask shows the future and hides the past. Row i is who looks, column j what is looked at.",
)
def mask_of_the_future(T):
    """The transposed triangle."""
    return causal_mask(T).T


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_worked_by_hand", "causal_mask_lets_no_future_in"),
    hint="Nobody may see themselves: the diagonal belongs to the past, too.",
)
def diagonal_left_out(T):
    """j < i."""
    return np.arange(T)[:, None] > np.arange(T)


@mistake(
    of="causal_mask",
    caught_by="causal_mask_worked_by_hand",
    hint="Your mask says what is to be hidden; asked for is what may be seen.",
)
def mask_inverted(T):
    """True where masked, as some libraries have it."""
    return ~causal_mask(T)


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_worked_by_hand", "causal_mask_lets_no_future_in"),
    hint="A mask is made of True and False. An array of 0 and 1 picks the entries 0 and 1 when it is used as an index.",
)
def mask_of_floats(T):
    """Zeros and ones."""
    return causal_mask(T).astype(float)


@mistake(
    of="causal_mask",
    caught_by="tables_are_made_without_a_loop",
    hint="The mask is right, but Python fills it row by row.",
)
def mask_by_loop(T):
    """Row after row."""
    return np.array([[j <= i for j in range(T)] for i in range(T)])


@mistake(
    of="sliding_windows",
    caught_by=("sliding_windows_worked_by_hand", "sliding_windows_fit_as_a_whole"),
    hint="The last window is missing. How many starts are there for a window as long as x?",
)
def last_window_missing(x, k, s=1):
    """arange(0, len(x) - k, s)."""
    return x[np.arange(0, len(x) - k, s)[:, None] + np.arange(k)]


@mistake(
    of="sliding_windows",
    caught_by="sliding_windows_worked_by_hand",
    hint="s has no influence on your result.",
)
def stride_ignored(x, k, s=1):
    """Every start."""
    return sliding_windows(x, k)


@mistake(
    of="sliding_windows",
    caught_by="sliding_windows_worked_by_hand",
    hint="Your windows do not overlap: they start every k entries, not every s.",
)
def blocks(x, k, s=1):
    """Step k."""
    return sliding_windows(x, k, k)


@mistake(
    of="sliding_windows",
    caught_by="sliding_windows_worked_by_hand",
    hint="The stride is inside your windows: neighbours in a window should be neighbours in x.",
)
def dilated(x, k, s=1):
    """Steps of s within the window."""
    starts = np.arange(0, max(len(x) - (k - 1) * s, 0))
    return x[starts[:, None] + s * np.arange(k)]


@mistake(
    of="sliding_windows",
    caught_by=("sliding_windows_fit_as_a_whole", "sliding_windows_worked_by_hand"),
    hint="A window hangs over the end, and starts again at the beginning of x. Only whole windows count.",
)
def wraps_around(x, k, s=1):
    """A start at every s-th entry, indices modulo the length."""
    return x[(np.arange(0, len(x), s)[:, None] + np.arange(k)) % len(x)]


@mistake(
    of="sliding_windows",
    caught_by="sliding_windows_worked_by_hand",
    hint="One window is one row; yours are columns.",
)
def windows_in_columns(x, k, s=1):
    """(k, windows)."""
    return sliding_windows(x, k, s).T


@mistake(
    of="sliding_windows",
    caught_by="sums_and_windows_are_made_without_a_loop",
    hint="The windows are right, but Python cuts them out one by one. A table of indices does it at once.",
)
def slices(x, k, s=1):
    """A comprehension of slices."""
    return np.array([x[i : i + k] for i in range(0, len(x) - k + 1, s)])


@mistake(
    of="bincount",
    caught_by=("bincount_worked_by_hand", "bincount_counts_every_class"),
    hint="You count the classes that occur. A class without a sample has the count 0, and is not left out.",
)
def only_present_classes(y, C):
    """np.unique(..., return_counts=True)."""
    counts = one_hot(y, C, int).sum(axis=0)
    return counts[counts > 0]


@mistake(
    of="bincount",
    caught_by="bincount_worked_by_hand",
    hint="Each class is counted at most once: `counts[y] += 1` adds once for repeated indices.",
)
def repeated_index(y, C):
    """Fancy indexing with +=."""
    counts = np.zeros(C, dtype=int)
    counts[y] += 1
    return counts


@mistake(
    of="bincount",
    caught_by="bincount_worked_by_hand",
    hint="Counts are whole numbers, and yours are floats.",
)
def counts_as_floats(y, C):
    """The sum of one_hot with its usual dtype."""
    return one_hot(y, C).sum(axis=0)


@mistake(
    of="bincount",
    caught_by="bincount_worked_by_hand",
    hint="You add up the rows instead of the columns: every label has exactly one 1.",
)
def wrong_axis(y, C):
    """sum(axis=1)."""
    return one_hot(y, C, int).sum(axis=1)


@mistake(
    of="bincount",
    caught_by="sums_and_windows_are_made_without_a_loop",
    hint="The counts are right, but Python visits every label or every class.",
)
def count_by_loop(y, C):
    """One label after the other."""
    counts = np.zeros(C, dtype=int)
    for label in y:
        counts[label] += 1
    return counts


# --- shared by the mistakes above -------------------------------------------------------------------------------------


def _pair(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    return a, b


def _differences(f, x, dout, h, *, ahead=1.0, behind=-1.0, by=None, dtype=float):
    x = np.array(x, dtype=dtype)
    grad = np.zeros(x.shape)
    with np.errstate(all="ignore"):
        for index in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[index] = (x[index] + ahead * h).astype(dtype)
            down[index] = (x[index] + behind * h).astype(dtype)
            change = f(up) - f(down)
            grad[index] = np.sum(change if dout is None else dout * change) / (by or 2 * h)
    return grad


def _along(f, grad, x, directions, h):
    x = np.asarray(x, dtype=float)
    measured = [(f(x + h * v) - f(x - h * v)) / (2 * h) for v in directions]
    return rel_error(measured, [np.sum(grad * v) for v in directions])


def _top(z, axis, keepdims):
    return np.max(1.0 * np.asarray(z), axis=axis, keepdims=keepdims)


def _expanded(A, B):
    A, B = 1.0 * np.asarray(A), 1.0 * np.asarray(B)
    return (A**2).sum(axis=1)[:, None] - 2 * A @ B.T + (B**2).sum(axis=1)
