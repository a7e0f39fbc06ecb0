"""Trusted implementation: torch in, torch out; gradients by autograd."""

import torch


def softmax(logits: torch.Tensor) -> torch.Tensor:
    """Probabilities, along the last axis."""
    return torch.softmax(logits, dim=-1)


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean of -log p over the samples."""
    return -torch.log_softmax(logits, dim=-1)[torch.arange(len(labels)), labels].mean()


def train(X: torch.Tensor, labels: torch.Tensor, classes: int, steps: int, learning_rate: float) -> torch.Tensor:
    """W after so many steps from zero."""
    W = torch.zeros(X.shape[1], classes, dtype=X.dtype)
    for _ in range(steps):
        W = W.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(cross_entropy(X @ W, labels), W)
        W = W.detach() - learning_rate * gradient
    return W
