# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Attention: the answers that an instructor would publish."""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import ArrayLike

Cache = dict[str, object]


def sdpa_forward(
    Q: Float[np.ndarray, "*batch Tq dk"],
    K: Float[np.ndarray, "*batch Tk dk"],
    V: Float[np.ndarray, "*batch Tk dv"],
    mask: Bool[np.ndarray, "*mask"] | None = None,
) -> tuple[Float[np.ndarray, "*batch Tq dv"], Cache]:
    """softmax(Q K^T / sqrt(dk)) V, where a masked key takes no part in the softmax.

    The row maximum is taken after masking, so that the largest allowed score is 0 and exp() cannot overflow. A row
    without any allowed key has the maximum -inf; with 0 in its place all its exponentials are 0, and so is its total.
    """
    scores = Q @ np.swapaxes(K, -1, -2) / math.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    A = e / np.where(total == 0.0, 1.0, total)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


def sdpa_backward(
    dout: Float[np.ndarray, "*batch Tq dv"], cache: Cache
) -> tuple[Float[np.ndarray, "*batch Tq dk"], Float[np.ndarray, "*batch Tk dk"], Float[np.ndarray, "*batch Tk dv"]]:
    """Back through the three steps: the weighted sum, the softmax of each row, the scaled products.

    The mask needs no line of its own: where it forbade a key, A is 0, and A multiplies everything that goes back.
    """
    Q, K, V, A = cache["Q"], cache["K"], cache["V"], cache["A"]
    dV = np.swapaxes(A, -1, -2) @ dout
    dA = dout @ np.swapaxes(V, -1, -2)
    dscores = A * (dA - (A * dA).sum(axis=-1, keepdims=True)) / math.sqrt(Q.shape[-1])
    return dscores @ K, np.swapaxes(dscores, -1, -2) @ Q, dV


def causal_mask(T: int) -> Bool[np.ndarray, "T T"]:
    """True where the key is not later than the query."""
    return np.tril(np.ones((T, T), dtype=bool))


def padding_mask(lengths: ArrayLike, T: int) -> Bool[np.ndarray, "N 1 1 T"]:
    """True for the real tokens. The two axes of length 1 stand for the heads and for the queries."""
    lengths = np.asarray(lengths)
    if ((lengths < 0) | (lengths > T)).any():
        raise ValueError(f"lengths must lie between 0 and T = {T}, got {lengths}")
    return (np.arange(T) < lengths[:, None])[:, None, None, :]


def split_heads(x: Float[np.ndarray, "N T d"], h: int) -> Float[np.ndarray, "N h T d_h"]:
    """Cut the features of every token into h pieces, then bring the pieces in front of the tokens."""
    N, T, d = x.shape
    if d % h:
        raise ValueError(f"{d} features cannot be split evenly among {h} heads")
    return x.reshape(N, T, h, d // h).transpose(0, 2, 1, 3)


def merge_heads(x: Float[np.ndarray, "N h T d_h"]) -> Float[np.ndarray, "N T d"]:
    """The same two steps backwards."""
    N, h, T, d_h = x.shape
    return x.transpose(0, 2, 1, 3).reshape(N, T, h * d_h)


def mha_forward(
    xq: Float[np.ndarray, "N Tq D_q"],
    xkv: Float[np.ndarray, "N Tk D_kv"],
    Wq: Float[np.ndarray, "D_q d"],
    Wk: Float[np.ndarray, "D_kv d"],
    Wv: Float[np.ndarray, "D_kv d"],
    Wo: Float[np.ndarray, "d D_out"],
    h: int,
    mask: Bool[np.ndarray, "*mask"] | None = None,
) -> tuple[Float[np.ndarray, "N Tq D_out"], Cache]:
    """Project, split, attend, merge, project. The heads are a leading axis, so one call serves all of them."""
    heads, inner = sdpa_forward(split_heads(xq @ Wq, h), split_heads(xkv @ Wk, h), split_heads(xkv @ Wv, h), mask)
    merged = merge_heads(heads)
    cache = {"xq": xq, "xkv": xkv, "Wq": Wq, "Wk": Wk, "Wv": Wv, "Wo": Wo, "h": h, "merged": merged, "inner": inner}
    return merged @ Wo, cache | {"A": inner["A"]}


def mha_backward(dout: Float[np.ndarray, "N Tq D_out"], cache: Cache) -> tuple[Float[np.ndarray, "..."], ...]:
    """(dxq, dxkv, dWq, dWk, dWv, dWo): the forward read from its last line to its first.

    xkv went into the keys and into the values, so its gradient has two terms. A weight matrix served every token of
    every sequence, so its gradient is a sum over both axes.
    """
    xq, xkv, h = cache["xq"], cache["xkv"], cache["h"]
    dWo = np.tensordot(cache["merged"], dout, axes=([0, 1], [0, 1]))
    dmerged = dout @ cache["Wo"].T
    dq, dk, dv = (merge_heads(each) for each in sdpa_backward(split_heads(dmerged, h), cache["inner"]))
    dWq = np.tensordot(xq, dq, axes=([0, 1], [0, 1]))
    dWk = np.tensordot(xkv, dk, axes=([0, 1], [0, 1]))
    dWv = np.tensordot(xkv, dv, axes=([0, 1], [0, 1]))
    return dq @ cache["Wq"].T, dk @ cache["Wk"].T + dv @ cache["Wv"].T, dWq, dWk, dWv, dWo


class CausalSelfAttention(torch.nn.Module):
    """Multi-head self-attention in which no token sees a later one."""

    def __init__(self, d_model: int, n_heads: int, dropout: float = 0.0) -> None:
        """Four square linear layers with biases. Raises ValueError if n_heads does not divide d_model."""
        super().__init__()
        if d_model % n_heads:
            raise ValueError(f"{d_model} features cannot be split evenly among {n_heads} heads")
        self.n_heads = n_heads
        self.query = torch.nn.Linear(d_model, d_model)
        self.key = torch.nn.Linear(d_model, d_model)
        self.value = torch.nn.Linear(d_model, d_model)
        self.out = torch.nn.Linear(d_model, d_model)
        self.drop = torch.nn.Dropout(dropout)  # knows by itself whether the module is in training

    def forward(self, x: Float[torch.Tensor, "N T d_model"]) -> Float[torch.Tensor, "N T d_model"]:
        """The same five steps as in question 5; autograd remembers what the backward needs."""
        N, T, d = x.shape
        q, k, v = (
            layer(x).view(N, T, self.n_heads, d // self.n_heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        scores = q @ k.transpose(-1, -2) / math.sqrt(d // self.n_heads)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(diagonal=1)
        weights = self.drop(scores.masked_fill(later, -math.inf).softmax(dim=-1))
        return self.out((weights @ v).transpose(1, 2).reshape(N, T, d))


def kv_cache_step(
    x_t: Float[np.ndarray, "N D"],
    cache: Cache | None,
    Wq: Float[np.ndarray, "D d"],
    Wk: Float[np.ndarray, "D d"],
    Wv: Float[np.ndarray, "D d"],
    Wo: Float[np.ndarray, "d D_out"],
    h: int,
) -> tuple[Float[np.ndarray, "N D_out"], Cache]:
    """One query, all keys and values so far. No mask: what is later has not been computed yet."""
    x = x_t[:, None, :]  # a sequence of one token
    K, V = split_heads(x @ Wk, h), split_heads(x @ Wv, h)
    if cache is not None:
        K, V = np.concatenate([cache["K"], K], axis=2), np.concatenate([cache["V"], V], axis=2)
    heads, _ = sdpa_forward(split_heads(x @ Wq, h), K, V)
    return (merge_heads(heads) @ Wo)[:, 0], {"K": K, "V": V}


def attention_cost(n: int, d: int, h: int) -> dict[str, int]:
    """Multiply-adds of the three parts, and the numbers in all score matrices together.

    A head has d/h features, so h heads cost h * n * n * (d/h): the number of heads cancels, except in the memory.
    """
    return {"projections": 4 * n * d * d, "scores": n * n * d, "values": n * n * d, "memory": h * n * n}


def lookup_loss(
    Wq: Float[np.ndarray, "D dk"],
    Wk: Float[np.ndarray, "D dk"],
    queries: Float[np.ndarray, "B D"],
    labels: Int[np.ndarray, " B"],
    memory: Float[np.ndarray, "M D"],
    memory_labels: Int[np.ndarray, " M"],
) -> tuple[float, Float[np.ndarray, "D dk"], Float[np.ndarray, "D dk"]]:
    """Cross-entropy of a look-up whose values are one-hot labels, and its gradient.

    p = A @ one-hot is already a distribution over the classes, so the loss is -log p at the right one, without a
    softmax on top. Its derivative by p is -1 / (B p) there and 0 elsewhere; attention's own backward does the rest.
    """
    p, cache = sdpa_forward(queries @ Wq, memory @ Wk, np.eye(10)[memory_labels])
    rows = np.arange(len(labels))
    right = p[rows, labels]
    dp = np.zeros_like(p)
    dp[rows, labels] = -1.0 / (len(labels) * right)
    dQ, dK, _ = sdpa_backward(dp, cache)
    return -np.log(right).mean(), queries.T @ dQ, memory.T @ dK


def train_lookup(
    Wq: Float[np.ndarray, "D dk"],
    Wk: Float[np.ndarray, "D dk"],
    queries: Float[np.ndarray, "B D"],
    labels: Int[np.ndarray, " B"],
    memory: Float[np.ndarray, "M D"],
    memory_labels: Int[np.ndarray, " M"],
    lr: float = 2.0,
    steps: int = 150,
) -> tuple[Float[np.ndarray, "D dk"], Float[np.ndarray, "D dk"], list[float]]:
    """Gradient descent on both projections, each step from one gradient at one point."""
    loss, dWq, dWk = lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)
    history = [loss]
    for _ in range(steps):
        Wq, Wk = Wq - lr * dWq, Wk - lr * dWk
        loss, dWq, dWk = lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)
        history.append(loss)
    return Wq, Wk, history
