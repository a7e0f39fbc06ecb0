# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted attention: float64 torch, forward only; every derivative is taken by autograd.

Batch first; weights stand on the right, x @ W. Masks are boolean, True = may attend, broadcastable to (..., Tq, Tk). A
query that may look nowhere gets zeros. Source: Vaswani et al., Attention Is All You Need (2017), eq. 1 and section 3.2.2.

Written by index notation and log-sum-exp, with one head at a time: the solution has matrix products, a maximum that is
subtracted, and all heads in one array.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def attention_weights(
    Q: Float[Tensor, "*batch Tq dk"], K: Float[Tensor, "*batch Tk dk"], mask: Bool[Tensor, "*mask"] | None = None
) -> Float[Tensor, "*batch Tq Tk"]:
    """exp(s_ij - log sum_k exp(s_ik)) over the allowed keys k, with s = q.k / sqrt(dk)."""
    scores = torch.einsum("...qd,...kd->...qk", Q, K) / math.sqrt(Q.shape[-1])
    if mask is None:
        return torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True))
    allowed = mask.broadcast_to(scores.shape)
    somewhere = allowed.any(dim=-1, keepdim=True)
    # A row without an allowed key is computed as if all were, so that autograd never meets -inf - (-inf).
    scores = torch.where(allowed | ~somewhere, scores, -torch.inf)
    weights = torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True))
    return torch.where(somewhere, weights, 0.0)


def attention(
    Q: Float[Tensor, "*batch Tq dk"],
    K: Float[Tensor, "*batch Tk dk"],
    V: Float[Tensor, "*batch Tk dv"],
    mask: Bool[Tensor, "*mask"] | None = None,
) -> Float[Tensor, "*batch Tq dv"]:
    """The average of the values under the weights."""
    return torch.einsum("...qk,...kd->...qd", attention_weights(Q, K, mask), V)


def causal_mask(T: int) -> Bool[Tensor, "T T"]:
    """mask[i, j] says whether position i may look at position j: j <= i."""
    return torch.tensor([[j <= i for j in range(T)] for i in range(T)], dtype=torch.bool).reshape(T, T)


def padding_mask(lengths: list[int], T: int) -> Bool[Tensor, "N 1 1 T"]:
    """mask[n, 0, 0, j] says whether position j of sequence n is a token: j < lengths[n]."""
    return torch.tensor([[[[j < length for j in range(T)]]] for length in lengths], dtype=torch.bool)


def split_heads(x: Float[Tensor, "N T d"], h: int) -> Float[Tensor, "N h T d_h"]:
    """Head j has the features from j * d/h on."""
    return torch.stack(torch.chunk(x, h, dim=-1), dim=1)


def merge_heads(x: Float[Tensor, "N h T d_h"]) -> Float[Tensor, "N T d"]:
    """The heads of a token, one after the other."""
    return torch.cat(torch.unbind(x, dim=1), dim=-1)


def mha(
    xq: Float[Tensor, "N Tq D_q"],
    xkv: Float[Tensor, "N Tk D_kv"],
    Wq: Float[Tensor, "D_q d"],
    Wk: Float[Tensor, "D_kv d"],
    Wv: Float[Tensor, "D_kv d"],
    Wo: Float[Tensor, "d D_out"],
    h: int,
    mask: Bool[Tensor, "*mask"] | None = None,
) -> Float[Tensor, "N Tq D_out"]:
    """Concat(head_1, ..., head_h) Wo, where head_j attends with the j-th block of columns of Wq, Wk and Wv."""
    width = Wq.shape[1] // h
    if mask is not None:
        mask = mask.broadcast_to(xq.shape[0], h, xq.shape[1], xkv.shape[1])
    heads = []
    for j in range(h):
        block = slice(j * width, (j + 1) * width)
        Q, K, V = xq @ Wq[:, block], xkv @ Wk[:, block], xkv @ Wv[:, block]
        heads.append(attention(Q, K, V, None if mask is None else mask[:, j]))
    return torch.cat(heads, dim=-1) @ Wo


def mha_weights(
    xq: Float[Tensor, "N Tq D_q"],
    xkv: Float[Tensor, "N Tk D_kv"],
    Wq: Float[Tensor, "D_q d"],
    Wk: Float[Tensor, "D_kv d"],
    h: int,
    mask: Bool[Tensor, "*mask"] | None = None,
) -> Float[Tensor, "N h Tq Tk"]:
    """The weights of every head."""
    return attention_weights(split_heads(xq @ Wq, h), split_heads(xkv @ Wk, h), mask)


def self_attention(
    x: Float[Tensor, "N T D"],
    Wq: Float[Tensor, "D d"],
    Wk: Float[Tensor, "D d"],
    Wv: Float[Tensor, "D d"],
    Wo: Float[Tensor, "d D_out"],
    h: int,
    mask: Bool[Tensor, "*mask"] | None = None,
) -> Float[Tensor, "N T D_out"]:
    """`mha` of one sequence with itself: its gradient by x has all three paths."""
    return mha(x, x, Wq, Wk, Wv, Wo, h, mask)


def causal_module(
    x: Float[Tensor, "N T d"],
    query_weight: Float[Tensor, "d d"],
    query_bias: Float[Tensor, " d"],
    key_weight: Float[Tensor, "d d"],
    key_bias: Float[Tensor, " d"],
    value_weight: Float[Tensor, "d d"],
    value_bias: Float[Tensor, " d"],
    out_weight: Float[Tensor, "d d"],
    out_bias: Float[Tensor, " d"],
    h: int,
) -> Float[Tensor, "N T d"]:
    """Causal self-attention with the parameters of four torch.nn.Linear layers, which compute x @ weight.T + bias."""
    q, k, v = (
        split_heads(x @ weight.T + bias, h)
        for weight, bias in ((query_weight, query_bias), (key_weight, key_bias), (value_weight, value_bias))
    )
    return merge_heads(attention(q, k, v, causal_mask(x.shape[1]))) @ out_weight.T + out_bias


def attention_cost(n: int, d: int, h: int) -> dict[str, int]:
    """Multiply-adds, counted head by head from the shapes of the products; and the numbers in the score matrices."""
    d_h = d // h
    per_head = {"project": 3 * n * d * d_h, "scores": n * d_h * n, "values": n * n * d_h, "back": n * d_h * d}
    return {
        "projections": h * (per_head["project"] + per_head["back"]),
        "scores": h * per_head["scores"],
        "values": h * per_head["values"],
        "memory": h * (n * n),
    }


def lookup_loss(
    Wq: Float[Tensor, "D dk"],
    Wk: Float[Tensor, "D dk"],
    queries: Float[Tensor, "B D"],
    labels: Int[Tensor, " B"],
    memory: Float[Tensor, "M D"],
    memory_labels: Int[Tensor, " M"],
) -> Float[Tensor, ""]:
    """Minus the mean log of the weight that falls on memories of the right class.

    Source: Vinyals et al., Matching Networks for One Shot Learning (2016), eq. 1.
    """
    weights = attention_weights(queries @ Wq, memory @ Wk)
    same = labels[:, None] == memory_labels[None, :]
    return -torch.log(torch.where(same, weights, 0.0).sum(dim=1)).mean()


def train_lookup(
    Wq: Float[Tensor, "D dk"],
    Wk: Float[Tensor, "D dk"],
    queries: Float[Tensor, "B D"],
    labels: Int[Tensor, " B"],
    memory: Float[Tensor, "M D"],
    memory_labels: Int[Tensor, " M"],
    lr: float = 2.0,
    steps: int = 150,
) -> tuple[Float[Tensor, "D dk"], Float[Tensor, "D dk"], Float[Tensor, " steps+1"]]:
    """Full-batch gradient descent on Wq and Wk. `history[k]` is the loss after k steps."""
    history = []
    for step in range(steps + 1):
        with torch.enable_grad():
            leaves = [W.detach().requires_grad_() for W in (Wq, Wk)]
            loss = lookup_loss(*leaves, queries, labels, memory, memory_labels)
            dWq, dWk = torch.autograd.grad(loss, leaves)
        history.append(loss.detach())
        if step < steps:
            Wq, Wk = Wq - lr * dWq, Wk - lr * dWk
    return Wq, Wk, torch.stack(history)


def lookup_accuracy(
    Wq: Float[Tensor, "D dk"],
    Wk: Float[Tensor, "D dk"],
    queries: Float[Tensor, "B D"],
    labels: Int[Tensor, " B"],
    memory: Float[Tensor, "M D"],
    memory_labels: Int[Tensor, " M"],
) -> Float[Tensor, ""]:
    """Share of queries whose most likely class is the right one."""
    one_hot = torch.nn.functional.one_hot(memory_labels, 10).to(memory.dtype)
    guess = attention(queries @ Wq, memory @ Wk, one_hot).argmax(dim=1)
    return (guess == labels).double().mean()
