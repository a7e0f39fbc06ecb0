"""Judging numbers: the vocabulary in which checks are written.

Every assertion raises CheckFailed, and returns None; `parts` and `array_of_shape` make sure of what a check wants to
reckon with before it does. `actual` comes before `expected`; type before shape, shape before dtype, dtype before values.
Nothing is broadcast, and NaN equals nothing. A fault of the check itself (an expected value that is NaN, a tolerance
without a reason, a gradient that is zero for everyone) raises CourseError or GraderError.
"""

from autograder.compare.arrays import array_of_shape, parts
from autograder.compare.behaviour import assert_deterministic, assert_trains, assert_unchanged
from autograder.compare.failure import Differs, Mismatch
from autograder.compare.gradients import assert_backward_close, assert_gradients_close
from autograder.compare.slopes import assert_own_gradient
from autograder.compare.tolerance import Kind, norm_relative_error
from autograder.compare.values import assert_close, assert_dtype, assert_integer, assert_shape

__all__ = [
    "Differs",
    "Kind",
    "Mismatch",
    "array_of_shape",
    "assert_backward_close",
    "assert_close",
    "assert_deterministic",
    "assert_dtype",
    "assert_gradients_close",
    "assert_integer",
    "assert_own_gradient",
    "assert_shape",
    "assert_trains",
    "assert_unchanged",
    "norm_relative_error",
    "parts",
]
