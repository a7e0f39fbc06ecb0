"""Trusted implementation: torch in, torch out; gradients by autograd."""

import torch


def scale(x: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    """Each column of x (N, D) times its factor (D,)."""
    return torch.einsum("nd,d->nd", x, factor)
