# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted LSTM: float64 torch, forward only; every derivative is taken by autograd.

The cell of Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000), packed as PyTorch packs it: four
blocks of width H in the order i, f, g, o. Batch first: sequences are (N, T, D). `..._weighted` are sums of outputs, each
times an upstream gradient: the scalar whose derivatives a backward pass returns.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

ORDER = "ifgo"
Cache = dict[str, Tensor]


def lstm_step_forward(
    x: Float[Tensor, "N D"],
    h: Float[Tensor, "N H"],
    c: Float[Tensor, "N H"],
    Wx: Float[Tensor, "D 4*H"],
    Wh: Float[Tensor, "H 4*H"],
    b: Float[Tensor, " 4*H"],
) -> tuple[Float[Tensor, "N H"], Float[Tensor, "N H"], Cache]:
    """[i f g o] = [x h] [Wx; Wh] + b, squashed; c' = f c + i g; h' = o tanh(c')."""
    scores = torch.cat([x, h], dim=1) @ torch.cat([Wx, Wh], dim=0) + b
    blocks = dict(zip(ORDER, scores.unflatten(1, (4, h.shape[1])).unbind(1), strict=True))
    gates = {name: torch.tanh(z) if name == "g" else torch.special.expit(z) for name, z in blocks.items()}
    c_next = gates["f"] * c + gates["i"] * gates["g"]
    h_next = gates["o"] * torch.tanh(c_next)
    return h_next, c_next, {"x": x, "h": h, "c": c, "Wx": Wx, "Wh": Wh, "b": b, **gates, "c_next": c_next}


def step_weighted(
    x: Tensor, h: Tensor, c: Tensor, Wx: Tensor, Wh: Tensor, b: Tensor, up_h: Tensor, up_c: Tensor
) -> Float[Tensor, ""]:
    """sum(h' * up_h) + sum(c' * up_c)."""
    h_next, c_next, _ = lstm_step_forward(x, h, c, Wx, Wh, b)
    return (h_next * up_h).sum() + (c_next * up_c).sum()


def lstm_forward(
    x: Float[Tensor, "N T D"], h0: Float[Tensor, "N H"], c0: Float[Tensor, "N H"], Wx: Tensor, Wh: Tensor, b: Tensor
) -> tuple[Float[Tensor, "N T H"], tuple[Float[Tensor, "N H"], Float[Tensor, "N H"]], list[Cache]]:
    """The step, T times, both states handed on."""
    h, c, out, caches = h0, c0, [], []
    for x_t in x.unbind(1):
        h, c, cache = lstm_step_forward(x_t, h, c, Wx, Wh, b)
        out.append(h)
        caches.append(cache)
    hidden = torch.stack(out, dim=1) if out else x.new_zeros(x.shape[0], 0, h0.shape[1])
    return hidden, (h, c), caches


def lstm_weighted(
    x: Tensor, h0: Tensor, c0: Tensor, Wx: Tensor, Wh: Tensor, b: Tensor, up: Tensor, up_h: Tensor, up_c: Tensor
) -> Float[Tensor, ""]:
    """sum(h * up) + sum(hT * up_h) + sum(cT * up_c)."""
    h, (hT, cT), _ = lstm_forward(x, h0, c0, Wx, Wh, b)
    return (h * up).sum() + (hT * up_h).sum() + (cT * up_c).sum()


def fix_gate(Wx: Tensor, Wh: Tensor, b: Tensor, gate: str, value: float) -> tuple[Tensor, Tensor, Tensor]:
    """Weights and bias with which one gate is `value` whatever it sees; +-100 stands for an infinite score."""
    blocks = torch.arange(4).repeat_interleave(Wh.shape[0])
    chosen = blocks == ORDER.index(gate)
    score = -100.0 if value <= 0 else 100.0 if value >= 1 else math.log(value) - math.log1p(-value)
    return (*(torch.where(chosen, torch.zeros_like(W), W) for W in (Wx, Wh)), b.masked_fill(chosen, score))


def highway(f: Float[Tensor, "N T H"]) -> Float[Tensor, "N T H"]:
    """Derivative of c_T by c_t along the cells alone: the product of f_s over s > t."""
    return torch.stack([f[:, t + 1 :].prod(dim=1) for t in range(f.shape[1])], dim=1)


def convert_gates(W: Float[Tensor, "*rows 4*H"], src: str, dst: str) -> Float[Tensor, "*rows 4*H"]:
    """The same blocks in another order."""
    width = W.shape[-1] // 4
    columns = [src.index(gate) * width + k for gate in dst for k in range(width)]
    return W[..., columns]


def lstm_params(D: int, H: int, biases: int = 1) -> int:
    """Numbers in one layer."""
    return 4 * (D * H + H * H + biases * H)


def cell_run(
    x: Float[Tensor, "N T D"],
    h0: Float[Tensor, "N H"],
    c0: Float[Tensor, "N H"],
    weight_ih: Float[Tensor, "4*H D"],
    weight_hh: Float[Tensor, "4*H H"],
    bias_ih: Float[Tensor, " 4*H"],
    bias_hh: Float[Tensor, " 4*H"],
) -> tuple[Float[Tensor, "N T H"], Float[Tensor, "N H"]]:
    """Hidden states and last cell state of a module with PyTorch's parameters."""
    h, (_, cT), _ = lstm_forward(x, h0, c0, weight_ih.T, weight_hh.T, bias_ih + bias_hh)
    return h, cT


def cell_weighted(
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor,
    bias_hh: Tensor,
    up: Tensor,
    up_c: Tensor,
) -> Float[Tensor, ""]:
    """sum(h * up) + sum(cT * up_c)."""
    h, cT = cell_run(x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh)
    return (h * up).sum() + (cT * up_c).sum()


def digit_scores(Wx: Tensor, Wh: Tensor, b: Tensor, V: Tensor, a: Tensor, x: Tensor) -> Float[Tensor, "N C"]:
    """Scores from the last hidden state, from zero states."""
    zeros = x.new_zeros(x.shape[0], Wh.shape[0])
    _, (hT, _), _ = lstm_forward(x, zeros, zeros, Wx, Wh, b)
    return hT @ V + a


def digit_loss(
    Wx: Tensor, Wh: Tensor, b: Tensor, V: Tensor, a: Tensor, x: Tensor, y: Int[Tensor, " N"]
) -> Float[Tensor, ""]:
    """Mean softmax cross-entropy of the labels."""
    scores = digit_scores(Wx, Wh, b, V, a, x)
    return (torch.logsumexp(scores, dim=1) - scores.gather(1, y[:, None])[:, 0]).mean()


def train_digits(
    Wx: Tensor,
    Wh: Tensor,
    b: Tensor,
    V: Tensor,
    a: Tensor,
    X: Tensor,
    y: Tensor,
    batches: Int[Tensor, "S B"],
    lr: float,
) -> tuple[list[Tensor], list[float]]:
    """Adam (Kingma and Ba, 2015, algorithm 1) with its usual constants; the loss of each batch before its step."""
    theta = [tensor.detach().clone() for tensor in (Wx, Wh, b, V, a)]
    first, second = ([torch.zeros_like(tensor) for tensor in theta] for _ in range(2))
    history = []
    for step, batch in enumerate(batches, start=1):
        leaves = [tensor.requires_grad_(True) for tensor in theta]
        with torch.enable_grad():
            loss = digit_loss(*leaves, X[batch], y[batch])
        gradients = torch.autograd.grad(loss, leaves)
        first = [0.9 * m + 0.1 * gradient for m, gradient in zip(first, gradients, strict=True)]
        second = [0.999 * v + 0.001 * gradient**2 for v, gradient in zip(second, gradients, strict=True)]
        theta = [
            tensor.detach() - lr * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
            for tensor, m, v in zip(theta, first, second, strict=True)
        ]
        history.append(float(loss.detach()))
    return theta, history
