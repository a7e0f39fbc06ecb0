# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""LSTM: the answers that an instructor would publish."""

import math

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

Array = np.ndarray


def sigmoid(z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """As given in the handout, by way of tanh, which cannot overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def lstm_step_forward(
    x: Float[Array, "N D"],
    h: Float[Array, "N H"],
    c: Float[Array, "N H"],
    Wx: Float[Array, "D 4*H"],
    Wh: Float[Array, "H 4*H"],
    b: Float[Array, " 4*H"],
) -> tuple[Float[Array, "N H"], Float[Array, "N H"], dict[str, Array]]:
    """All four blocks in one matrix product each; then three sigmoids, one tanh."""
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 3 * H :])
    g = np.tanh(a[:, 2 * H : 3 * H])
    c_next = f * c + i * g
    h_next = o * np.tanh(c_next)
    cache = {"x": x, "h": h, "c": c, "Wx": Wx, "Wh": Wh, "b": b, "i": i, "f": f, "g": g, "o": o, "c_next": c_next}
    return h_next, c_next, cache


def lstm_step_backward(
    dh_next: Float[Array, "N H"], dc_next: Float[Array, "N H"], cache: dict[str, Array]
) -> tuple[
    Float[Array, "N D"],
    Float[Array, "N H"],
    Float[Array, "N H"],
    Float[Array, "D 4*H"],
    Float[Array, "H 4*H"],
    Float[Array, " 4*H"],
]:
    """The forward pass read from the last line to the first. Two gradients meet at c_next."""
    i, f, g, o = (cache[gate] for gate in "ifgo")
    squashed = np.tanh(cache["c_next"])
    do = dh_next * squashed
    dc_total = dc_next + dh_next * o * (1.0 - squashed**2)  # from outside, and through h_next
    di, df, dg = dc_total * g, dc_total * cache["c"], dc_total * i
    da = np.concatenate([di * i * (1.0 - i), df * f * (1.0 - f), dg * (1.0 - g**2), do * o * (1.0 - o)], axis=1)
    dx, dh, dc = da @ cache["Wx"].T, da @ cache["Wh"].T, dc_total * f
    return dx, dh, dc, cache["x"].T @ da, cache["h"].T @ da, da.sum(axis=0)


def lstm_forward(
    x: Float[Array, "N T D"],
    h0: Float[Array, "N H"],
    c0: Float[Array, "N H"],
    Wx: Float[Array, "D 4*H"],
    Wh: Float[Array, "H 4*H"],
    b: Float[Array, " 4*H"],
) -> tuple[Float[Array, "N T H"], tuple[Float[Array, "N H"], Float[Array, "N H"]], list[dict[str, Array]]]:
    """One step after the other, both states handed on."""
    N, T, _ = x.shape
    out = np.zeros((N, T, h0.shape[1]), dtype=np.result_type(x, h0))
    h, c, caches = h0, c0, []
    for t in range(T):
        h, c, cache = lstm_step_forward(x[:, t], h, c, Wx, Wh, b)
        out[:, t] = h
        caches.append(cache)
    return out, (h, c), caches


def lstm_backward(
    dh: Float[Array, "N T H"], dhT: Float[Array, "N H"], dcT: Float[Array, "N H"], caches: list[dict[str, Array]]
) -> tuple[
    Float[Array, "N T D"],
    Float[Array, "N H"],
    Float[Array, "N H"],
    Float[Array, "D 4*H"],
    Float[Array, "H 4*H"],
    Float[Array, " 4*H"],
]:
    """From the last step to the first; weights are shared by all steps, so their gradients add up."""
    dx = []
    dWx, dWh, db = (np.zeros_like(caches[0][name]) for name in ("Wx", "Wh", "b"))
    dh_carried, dc_carried = dhT, dcT
    for t in reversed(range(len(caches))):
        step = lstm_step_backward(dh[:, t] + dh_carried, dc_carried, caches[t])
        dx_t, dh_carried, dc_carried = step[:3]
        dx.append(dx_t)
        dWx, dWh, db = dWx + step[3], dWh + step[4], db + step[5]
    return np.stack(dx[::-1], axis=1), dh_carried, dc_carried, dWx, dWh, db


def fix_gate(
    Wx: Float[Array, "D 4*H"], Wh: Float[Array, "H 4*H"], b: Float[Array, " 4*H"], gate: str, value: float
) -> tuple[Float[Array, "D 4*H"], Float[Array, "H 4*H"], Float[Array, " 4*H"]]:
    """No weight reaches the gate any more, and the bias is the score of the value."""
    H = Wh.shape[0]
    start = "ifgo".index(gate) * H
    Wx, Wh, b = Wx.copy(), Wh.copy(), b.copy()
    Wx[:, start : start + H] = 0.0
    Wh[:, start : start + H] = 0.0
    b[start : start + H] = {0.0: -100.0, 1.0: 100.0}[value] if value in (0.0, 1.0) else math.log(value / (1.0 - value))
    return Wx, Wh, b


def highway(f: Float[Array, "N T H"]) -> Float[Array, "N T H"]:
    """Product of the forget gates after t, for every t: backwards, one factor a step."""
    out = np.ones_like(f)
    for t in reversed(range(f.shape[1] - 1)):
        out[:, t] = out[:, t + 1] * f[:, t + 1]
    return out


def convert_gates(W: Float[Array, "*rows 4*H"], src: str, dst: str) -> Float[Array, "*rows 4*H"]:
    """Cut into four blocks by the old order, join by the new one."""
    if sorted(src) != sorted("ifgo") or sorted(dst) != sorted("ifgo"):
        raise ValueError(f"an order names each of i, f, g, o once; got {src!r} and {dst!r}")
    blocks = dict(zip(src, np.split(W, 4, axis=-1), strict=True))
    return np.concatenate([blocks[gate] for gate in dst], axis=-1)


def lstm_params(D: int, H: int, biases: int = 1) -> int:
    """Four gates; each has D weights, H recurrent weights and its biases, for each of H units."""
    return 4 * H * (D + H + biases)


def lstm_init(
    D: int, H: int, rng: np.random.Generator, forget_bias: float = 1.0
) -> tuple[Float[Array, "D 4*H"], Float[Array, "H 4*H"], Float[Array, " 4*H"]]:
    """Uniform weights as in PyTorch; a forget gate that starts open."""
    k = 1.0 / math.sqrt(H)
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    return rng.uniform(-k, k, (D, 4 * H)), rng.uniform(-k, k, (H, 4 * H)), b


class LSTMCell(torch.nn.Module):
    """Question 1 with PyTorch's names, shapes and two biases; autograd does question 2."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        """Uniform in +-1/sqrt(hidden_size), all of them, as PyTorch does."""
        super().__init__()
        self.hidden_size = hidden_size
        k = 1.0 / math.sqrt(hidden_size)
        for name, shape in {
            "weight_ih": (4 * hidden_size, input_size),
            "weight_hh": (4 * hidden_size, hidden_size),
            "bias_ih": (4 * hidden_size,),
            "bias_hh": (4 * hidden_size,),
        }.items():
            setattr(self, name, torch.nn.Parameter(torch.empty(shape).uniform_(-k, k)))

    def forward(
        self, x: Float[Tensor, "N D"], state: tuple[Float[Tensor, "N H"], Float[Tensor, "N H"]] | None = None
    ) -> tuple[Float[Tensor, "N H"], Float[Tensor, "N H"]]:
        """(h', c'): zeros of the dtype of x are the state where none is given."""
        if state is None:
            zeros = x.new_zeros(x.shape[0], self.hidden_size)
            state = (zeros, zeros)
        h, c = state
        a = x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh
        i, f, g, o = a.chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


def digit_loss(p: dict[str, Array], x: Float[Array, "N T D"], y: Int[Array, " N"]) -> tuple[float, dict[str, Array]]:
    """Softmax cross-entropy of the last hidden state; backwards, only that state has a gradient from outside."""
    N, H = len(x), p["Wh"].shape[0]
    zeros = np.zeros((N, H))
    h, (hT, _), caches = lstm_forward(x, zeros, zeros, p["Wx"], p["Wh"], p["b"])
    scores = hT @ p["V"] + p["a"]
    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(N), y].mean()
    ds = (np.exp(log_p) - np.eye(scores.shape[1])[y]) / N
    *_, dWx, dWh, db = lstm_backward(np.zeros_like(h), ds @ p["V"].T, zeros, caches)
    return float(loss), {"Wx": dWx, "Wh": dWh, "b": db, "V": hT.T @ ds, "a": ds.sum(axis=0)}


def train_digits(
    p: dict[str, Array], X: Float[Array, "M T D"], y: Int[Array, " M"], batches: Int[Array, "S B"], lr: float = 0.01
) -> tuple[dict[str, Array], list[float]]:
    """Adam (Kingma and Ba, algorithm 1), one step for each batch."""
    p = dict(p)
    m = {name: np.zeros_like(value) for name, value in p.items()}
    v = {name: np.zeros_like(value) for name, value in p.items()}
    history = []
    for step, batch in enumerate(batches, start=1):
        loss, gradients = digit_loss(p, X[batch], y[batch])
        history.append(loss)
        for name, gradient in gradients.items():
            m[name] = 0.9 * m[name] + 0.1 * gradient
            v[name] = 0.999 * v[name] + 0.001 * gradient**2
            mean, square = m[name] / (1.0 - 0.9**step), v[name] / (1.0 - 0.999**step)
            p[name] = p[name] - lr * mean / (np.sqrt(square) + 1e-8)
    return p, history
