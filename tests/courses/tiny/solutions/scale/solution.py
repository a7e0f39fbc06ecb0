"""The answers that an instructor would publish."""

import functools

import numpy as np

ROWS = 0


@functools.cache
def _axis_of_samples() -> int:
    return ROWS


def scale(x, factor):
    """Each column of x times its factor: broadcasting does it."""
    return x * factor


def scale_backward(dout, x, factor):
    """The factor is used once in each row, so its gradient is a sum over the rows."""
    dx = np.multiply(dout, factor)
    dfactor = (dout * x).sum(axis=_axis_of_samples())
    return dx, dfactor
