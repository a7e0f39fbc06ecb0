"""Right answers, written differently."""

import numpy as np
import torch

from autograder.topic import accepted


@accepted(of="scale")
def with_loops(x, factor):
    """Element by element."""
    y = np.empty_like(x)
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column]
    return y


@accepted(of="scale")
def with_torch(x, factor):
    """A tensor for an array does no harm."""
    return torch.tensor(x) * torch.tensor(factor)


@accepted(of="scale")
def with_a_diagonal_matrix(x, factor):
    """Scaling columns is multiplying by a diagonal matrix."""
    return x @ np.diag(factor)


@accepted(of="scale_backward")
def with_einsum(dout, x, factor):
    """Both gradients as sums over named axes."""
    return np.einsum("nd,d->nd", dout, factor), np.einsum("nd,nd->d", dout, x)
