"""Right answers, written differently."""

import torch

from autograder.topic import accepted


@accepted(of="softmax")
def with_torch(logits):
    """The library's own."""
    return torch.softmax(torch.as_tensor(logits), dim=-1).numpy()
