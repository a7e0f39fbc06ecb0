"""Typical wrong answers, and what to say to whoever gives them."""

import numpy as np

from autograder.topic import mistake

from .solution import scale

EXTRA = 1.0


def _shifted(factor):
    return factor + EXTRA


@mistake(
    of="scale",
    caught_by=("worked_example_is_right", "tall_matrix_is_scaled"),
    hint="Every factor seems to be one too large. Does your formula scale x, or add to x?",
)
def scale_around_one(x, factor):
    """Writes x * (1 + factor), as some layers do whose factor starts at zero."""
    return x * _shifted(factor)


@mistake(
    of="scale",
    caught_by="arguments_stay_as_they_are",
    hint="The array that was passed in has changed: x *= factor works in place.",
)
def scale_in_place(x, factor):
    """Right numbers, but the caller's array is lost."""
    x *= factor
    return x


@mistake(
    of="scale_backward",
    caught_by=("gradients_of_a_small_problem_are_right", "gradients_of_a_tall_matrix_are_right"),
    hint="Each factor acts on every row: what becomes of gradients that reach one number along several ways?",
)
def factor_gradient_averaged(dout, x, factor):
    """Averages over the rows where the chain rule adds."""
    return scale(dout, factor), np.mean(dout * x, axis=0)
