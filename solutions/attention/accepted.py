"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students write loops, einsum, other algebra, another way to mask, torch instead
of numpy; a check that takes a point from any of these is wrong, not the answer.
"""

import math

import numpy as np
import torch
from autograder.topic import accepted

from .solution import (
    lookup_loss,
    merge_heads,
    sdpa_backward,
    sdpa_forward,
    split_heads,
)

# --- q1 sdpa_forward --------------------------------------------------------------------------------------------------


@accepted(of="sdpa_forward")
def attention_by_loop(Q, K, V, mask=None):
    """One query after the other; a masked key is not even looked at."""
    batch, Tq, Tk, dk = Q.shape[:-2], Q.shape[-2], K.shape[-2], Q.shape[-1]
    allowed = np.ones((*batch, Tq, Tk), dtype=bool) if mask is None else np.broadcast_to(mask, (*batch, Tq, Tk))
    A = np.zeros((*batch, Tq, Tk), dtype=Q.dtype)
    out = np.zeros((*batch, Tq, V.shape[-1]), dtype=Q.dtype)
    for index in np.ndindex(*batch, Tq):
        keys = np.flatnonzero(allowed[index])
        if not len(keys):
            continue
        scores = K[index[:-1]][keys] @ Q[index] / math.sqrt(dk)
        e = np.exp(scores - scores.max())
        A[(*index, keys)] = e / e.sum()
        out[index] = A[index] @ V[index[:-1]]
    return out, {"Q": Q, "K": K, "V": V, "A": A}


@accepted(of="sdpa_forward")
def attention_by_einsum(Q, K, V, mask=None):
    """Index notation, the scale on the queries, and the mask as a factor of the exponentials."""
    scores = np.einsum("...qd,...kd->...qk", Q * Q.shape[-1] ** -0.5, K)
    allowed = np.ones((), dtype=bool) if mask is None else np.asarray(mask)
    lowest = scores.min()
    top = np.where(allowed, scores, lowest).max(axis=-1, keepdims=True)
    e = allowed * np.exp(np.minimum(scores - top, 0))
    total = e.sum(axis=-1, keepdims=True)
    A = np.divide(e, total, out=np.zeros_like(e), where=total > 0)
    return np.einsum("...qk,...kd->...qd", A, V), {"Q": Q, "K": K, "V": V, "A": A, "mask": mask}


@accepted(of="sdpa_forward")
def attention_by_logsumexp(Q, K, V, mask=None):
    """The logarithms of the weights first."""
    scores = Q @ np.moveaxis(K, -1, -2) / float(np.sqrt(K.shape[-1]))
    if mask is not None:
        scores = np.where(mask, scores, scores.dtype.type(-np.inf))
    nowhere = np.isneginf(scores).all(axis=-1, keepdims=True)
    scores = np.where(nowhere, 0, scores)
    log_total = np.logaddexp.reduce(scores, axis=-1, keepdims=True)
    A = np.where(nowhere, 0, np.exp(scores - log_total))
    return np.matmul(A, V), dict(Q=Q, K=K, V=V, A=A)


@accepted(of="sdpa_forward")
def attention_with_a_very_negative_score(Q, K, V, mask=None):
    """The smallest finite number in the place of -inf; the row that may look nowhere is set to zero afterwards."""
    scores = (Q @ K.swapaxes(-1, -2)) / math.sqrt(Q.shape[-1])
    if mask is not None:
        mask = np.broadcast_to(mask, scores.shape)
        scores = np.where(mask, scores, np.finfo(scores.dtype).min / 4)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    A = e / e.sum(axis=-1, keepdims=True)
    if mask is not None:
        A = A * mask.any(axis=-1, keepdims=True)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


@accepted(of="sdpa_forward")
def attention_in_torch(Q, K, V, mask=None):
    """The same in torch, with nan put right at the end."""
    q, k, v = (torch.tensor(np.ascontiguousarray(x)) for x in (Q, K, V))
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~torch.tensor(np.ascontiguousarray(mask)), float("-inf"))
    A = torch.nan_to_num(torch.softmax(scores, dim=-1))
    return (A @ v).numpy(), {"Q": Q, "K": K, "V": V, "A": A.numpy()}


# --- q2 sdpa_backward -------------------------------------------------------------------------------------------------


@accepted(of="sdpa_backward")
def backward_by_jacobian(dout, cache):
    """The whole Jacobian of each row's softmax, diag(a) - a a^T."""
    Q, K, V, A = (cache[name] for name in ("Q", "K", "V", "A"))
    dA = np.einsum("...qd,...kd->...qk", dout, V)
    J = A[..., :, None] * np.eye(A.shape[-1], dtype=A.dtype) - A[..., :, None] * A[..., None, :]
    dS = np.einsum("...ij,...j->...i", J, dA) / math.sqrt(K.shape[-1])
    return (
        np.einsum("...qk,...kd->...qd", dS, K),
        np.einsum("...qk,...qd->...kd", dS, Q),
        np.einsum("...qk,...qd->...kd", A, dout),
    )


@accepted(of="sdpa_backward")
def backward_through_the_output(dout, cache):
    """The sum over keys of A * dA is dout . out: the short cut that fast implementations take."""
    Q, K, V, A = (cache[name] for name in ("Q", "K", "V", "A"))
    inner = (dout * (A @ V)).sum(axis=-1, keepdims=True)
    dS = A * (dout @ np.moveaxis(V, -1, -2) - inner)
    scale = Q.shape[-1] ** -0.5
    return dS @ (K * scale), np.moveaxis(dS, -1, -2) @ (Q * scale), np.moveaxis(A, -1, -2) @ dout


@accepted(of="sdpa_backward")
def backward_by_loop(dout, cache):
    """Query by query."""
    Q, K, V, A = (cache[name] for name in ("Q", "K", "V", "A"))
    dQ, dK, dV = np.zeros_like(Q), np.zeros_like(K), np.zeros_like(V)
    for index in np.ndindex(Q.shape[:-1]):
        at = index[:-1]
        a, g = A[index], dout[index]
        dV[at] += np.outer(a, g)
        da = V[at] @ g
        ds = a * (da - a @ da) / math.sqrt(Q.shape[-1])
        dQ[index] = ds @ K[at]
        dK[at] += np.outer(ds, Q[index])
    return dQ, dK, dV


# --- q3 causal_mask, padding_mask -------------------------------------------------------------------------------------


@accepted(of="causal_mask")
def causal_by_comparison(T):
    """Key index at most query index."""
    return np.arange(T)[None, :] <= np.arange(T)[:, None]


@accepted(of="causal_mask")
def causal_by_loop(T):
    """Entry by entry."""
    mask = np.zeros((T, T), dtype=bool)
    for i in range(T):
        for j in range(i + 1):
            mask[i, j] = True
    return mask


@accepted(of="causal_mask")
def causal_without_the_future(T):
    """Everything but the strict upper triangle."""
    return ~np.triu(np.ones((T, T), dtype=bool), k=1)


@accepted(of="padding_mask")
def padding_by_loop(lengths, T):
    """Sequence by sequence."""
    mask = np.zeros((len(lengths), 1, 1, T), dtype=bool)
    for n, length in enumerate(lengths):
        if not 0 <= length <= T:
            raise ValueError("impossible length")
        mask[n, :, :, :length] = True
    return mask


@accepted(of="padding_mask")
def padding_by_rows_of_a_triangle(lengths, T):
    """The mask of length l is row l of a triangle."""
    lengths = np.asarray(lengths)
    if len(lengths) and (lengths.min() < 0 or lengths.max() > T):
        raise ValueError("impossible length")
    return np.tri(T + 1, T, k=-1, dtype=bool)[lengths].reshape(-1, 1, 1, T)


@accepted(of="padding_mask")
def padding_in_torch(lengths, T):
    """A bool tensor."""
    lengths = torch.as_tensor(np.array(lengths))
    if bool((lengths < 0).any()) or bool((lengths > T).any()):
        raise ValueError("impossible length")
    return (torch.arange(T) < lengths[:, None])[:, None, None]


# --- q4 split_heads, merge_heads --------------------------------------------------------------------------------------


@accepted(of="split_heads")
def split_by_stacking(x, h):
    """np.split along the features, heads stacked on a new axis."""
    if x.shape[-1] % h != 0:
        raise ValueError("h must divide d")
    return np.stack(np.split(x, h, axis=-1), axis=1)


@accepted(of="split_heads")
def split_by_loop(x, h):
    """Head by head."""
    N, T, d = x.shape
    if d % h:
        raise ValueError("h must divide d")
    w = d // h
    out = np.empty((N, h, T, w), dtype=x.dtype)
    for j in range(h):
        out[:, j] = x[:, :, j * w : (j + 1) * w]
    return out


@accepted(of="split_heads")
def split_by_moving_an_axis(x, h):
    """reshape raises ValueError by itself if the numbers do not fit."""
    N, T, d = x.shape
    return np.moveaxis(np.reshape(x, (N, T, h, d // h)), 2, 1)


@accepted(of="merge_heads")
def merge_by_concatenation(x):
    """The heads side by side."""
    return np.concatenate([x[:, j] for j in range(x.shape[1])], axis=-1)


@accepted(of="merge_heads")
def merge_by_loop(x):
    """Head by head."""
    N, h, T, w = x.shape
    out = np.zeros((N, T, h * w), dtype=x.dtype)
    for j in range(h):
        out[..., j * w : (j + 1) * w] = x[:, j]
    return out


@accepted(of="merge_heads")
def merge_by_einsum(x):
    """Index notation for the transpose."""
    return np.einsum("nhtd->nthd", x).reshape(x.shape[0], x.shape[2], -1)


# --- q5 mha_forward ---------------------------------------------------------------------------------------------------


@accepted(of="mha_forward")
def mha_head_by_head(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """A loop over heads, each with its own columns; Wo applied block by block and summed."""
    N, Tq, Tk, w = xq.shape[0], xq.shape[1], xkv.shape[1], Wq.shape[1] // h
    if mask is not None:
        mask = np.broadcast_to(mask, (N, h, Tq, Tk))
    out, A, blocks, inner = 0.0, [], [], []
    for j in range(h):
        cut = slice(j * w, (j + 1) * w)
        head, cache = sdpa_forward(
            xq @ Wq[:, cut], xkv @ Wk[:, cut], xkv @ Wv[:, cut], None if mask is None else mask[:, j]
        )
        out = out + head @ Wo[cut]
        A.append(cache["A"])
        blocks.append(head)
        inner.append(cache)
    stacked = {name: np.stack([each[name] for each in inner], axis=1) for name in ("Q", "K", "V", "A")}
    cache = {"xq": xq, "xkv": xkv, "Wq": Wq, "Wk": Wk, "Wv": Wv, "Wo": Wo, "h": h}
    return out, {**cache, "merged": np.concatenate(blocks, axis=-1), "inner": stacked, "A": stacked["A"]}


@accepted(of="mha_forward")
def mha_by_einsum(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """Weights cut into heads instead of activations: (D, d) as (D, h, d/h)."""
    cut = lambda W: W.reshape(W.shape[0], h, -1)
    Q = np.einsum("ntd,dhe->nhte", xq, cut(Wq))
    K = np.einsum("ntd,dhe->nhte", xkv, cut(Wk))
    V = np.einsum("ntd,dhe->nhte", xkv, cut(Wv))
    heads, inner = sdpa_forward(Q, K, V, mask)
    out = np.einsum("nhte,heo->nto", heads, Wo.reshape(h, -1, Wo.shape[1]))
    cache = {"xq": xq, "xkv": xkv, "Wq": Wq, "Wk": Wk, "Wv": Wv, "Wo": Wo, "h": h}
    return out, {**cache, "merged": merge_heads(heads), "inner": inner, "A": inner["A"]}


@accepted(of="mha_forward")
def mha_with_its_own_softmax(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """Nothing of questions 1 and 4 used."""
    (N, Tq, _), Tk, w = xq.shape, xkv.shape[1], Wq.shape[1] // h
    Q = (xq @ Wq).reshape(N, Tq, h, w).swapaxes(1, 2)
    K = (xkv @ Wk).reshape(N, Tk, h, w).swapaxes(1, 2)
    V = (xkv @ Wv).reshape(N, Tk, h, w).swapaxes(1, 2)
    S = Q @ K.swapaxes(2, 3) * w**-0.5
    allowed = np.broadcast_to(True if mask is None else mask, S.shape)
    E = np.where(allowed, np.exp(S - S.max(axis=-1, keepdims=True)), 0)
    total = E.sum(axis=-1, keepdims=True)
    A = E / np.where(total > 0, total, 1)
    merged = (A @ V).swapaxes(1, 2).reshape(N, Tq, h * w)
    inner = {"Q": Q, "K": K, "V": V, "A": A}
    return merged @ Wo, dict(xq=xq, xkv=xkv, Wq=Wq, Wk=Wk, Wv=Wv, Wo=Wo, h=h, merged=merged, inner=inner, A=A)


# --- q6 mha_backward --------------------------------------------------------------------------------------------------


@accepted(of="mha_backward")
def mha_backward_by_einsum(dout, cache):
    """Index notation for the sums over sequences and tokens."""
    xq, xkv, h = cache["xq"], cache["xkv"], cache["h"]
    dheads = split_heads(np.einsum("nto,do->ntd", dout, cache["Wo"]), h)
    dq, dk, dv = map(merge_heads, sdpa_backward(dheads, cache["inner"]))
    return (
        np.einsum("ntd,ed->nte", dq, cache["Wq"]),
        np.einsum("ntd,ed->nte", dk, cache["Wk"]) + np.einsum("ntd,ed->nte", dv, cache["Wv"]),
        np.einsum("nte,ntd->ed", xq, dq),
        np.einsum("nte,ntd->ed", xkv, dk),
        np.einsum("nte,ntd->ed", xkv, dv),
        np.einsum("ntd,nto->do", cache["merged"], dout),
    )


@accepted(of="mha_backward")
def mha_backward_with_flat_tokens(dout, cache):
    """All tokens of all sequences as the rows of one matrix."""
    flat = lambda x: x.reshape(-1, x.shape[-1])
    xq, xkv, h = cache["xq"], cache["xkv"], cache["h"]
    dq, dk, dv = sdpa_backward(split_heads(dout @ cache["Wo"].T, h), cache["inner"])
    dq, dk, dv = merge_heads(dq), merge_heads(dk), merge_heads(dv)
    both = np.concatenate([dk, dv], axis=-1) @ np.concatenate([cache["Wk"], cache["Wv"]], axis=1).T
    weights = (flat(xq).T @ flat(dq), flat(xkv).T @ flat(dk), flat(xkv).T @ flat(dv))
    return (dq @ cache["Wq"].T, both, *weights, flat(cache["merged"]).T @ flat(dout))


@accepted(of="mha_backward")
def mha_backward_sequence_by_sequence(dout, cache):
    """A loop over the batch."""
    xq, xkv, h = cache["xq"], cache["xkv"], cache["h"]
    dq, dk, dv = (merge_heads(g) for g in sdpa_backward(split_heads(dout @ cache["Wo"].T, h), cache["inner"]))
    dWq, dWk, dWv, dWo = (np.zeros_like(cache[name]) for name in ("Wq", "Wk", "Wv", "Wo"))
    for n in range(len(xq)):
        dWq += xq[n].T @ dq[n]
        dWk += xkv[n].T @ dk[n]
        dWv += xkv[n].T @ dv[n]
        dWo += cache["merged"][n].T @ dout[n]
    dxkv = dk @ cache["Wk"].T
    dxkv += dv @ cache["Wv"].T
    return {"dxq": dq @ cache["Wq"].T, "dxkv": dxkv, "dWq": dWq, "dWk": dWk, "dWv": dWv, "dWo": dWo}


# --- q7 CausalSelfAttention -------------------------------------------------------------------------------------------


@accepted(of="CausalSelfAttention")
class HeadByHead(torch.nn.Module):
    """A loop over heads, and a mask that is added."""

    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        self.width = d_model // n_heads
        for name in ("query", "key", "value", "out"):
            setattr(self, name, torch.nn.Linear(d_model, d_model))
        self.p = dropout

    def forward(self, x):
        T = x.shape[1]
        q, k, v = self.query(x), self.key(x), self.value(x)
        penalty = torch.full((T, T), float("-inf"), dtype=x.dtype).triu(1)
        heads = []
        for a, b, c in zip(q.split(self.width, -1), k.split(self.width, -1), v.split(self.width, -1)):
            A = torch.softmax(a @ b.mT / self.width**0.5 + penalty, dim=-1)
            heads.append(torch.nn.functional.dropout(A, self.p, training=self.training) @ c)
        return self.out(torch.cat(heads, dim=-1))


@accepted(of="CausalSelfAttention")
class WithEinsum(torch.nn.Module):
    """einsum, and a mask that is kept in a buffer which is no part of the state."""

    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads must divide d_model")
        self.h = n_heads
        self.query = torch.nn.Linear(d_model, d_model)
        self.key = torch.nn.Linear(d_model, d_model)
        self.value = torch.nn.Linear(d_model, d_model)
        self.out = torch.nn.Linear(d_model, d_model)
        self.dropout = torch.nn.Dropout(dropout)
        self.register_buffer("allowed", torch.ones(256, 256, dtype=torch.bool).tril(), persistent=False)

    def forward(self, x):
        N, T, d = x.shape
        q = self.query(x).reshape(N, T, self.h, -1)
        k = self.key(x).reshape(N, T, self.h, -1)
        v = self.value(x).reshape(N, T, self.h, -1)
        scores = torch.einsum("nqhd,nkhd->nhqk", q, k) * q.shape[-1] ** -0.5
        scores = torch.where(self.allowed[:T, :T], scores, torch.finfo(x.dtype).min)
        A = self.dropout(torch.softmax(scores, -1))
        return self.out(torch.einsum("nhqk,nkhd->nqhd", A, v).reshape(N, T, d))


@accepted(of="CausalSelfAttention")
class QueryByQuery(torch.nn.Module):
    """No mask at all: position t is only ever shown the keys up to t."""

    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads must divide d_model")
        self.n_heads = n_heads
        self.query = torch.nn.Linear(d_model, d_model)
        self.key = torch.nn.Linear(d_model, d_model)
        self.value = torch.nn.Linear(d_model, d_model)
        self.out = torch.nn.Linear(d_model, d_model)
        self.drop = torch.nn.Dropout(dropout)

    def forward(self, x):
        shape = (*x.shape[:2], self.n_heads, -1)
        q, k, v = self.query(x).reshape(shape), self.key(x).reshape(shape), self.value(x).reshape(shape)
        rows = []
        for t in range(x.shape[1]):
            scores = (q[:, t : t + 1] * k[:, : t + 1]).sum(-1) / math.sqrt(q.shape[-1])
            A = self.drop(scores.softmax(dim=1))
            rows.append((A[..., None] * v[:, : t + 1]).sum(dim=1).flatten(1))
        return self.out(torch.stack(rows, dim=1))


# --- q8 kv_cache_step -------------------------------------------------------------------------------------------------


@accepted(of="kv_cache_step")
def step_by_einsum(x_t, cache, Wq, Wk, Wv, Wo, h):
    """One query per head, without an axis for it."""
    cut = lambda W: (x_t @ W).reshape(len(x_t), h, -1)
    q, k, v = cut(Wq), cut(Wk)[:, :, None], cut(Wv)[:, :, None]
    if cache:
        k, v = np.concatenate((cache["K"], k), 2), np.concatenate((cache["V"], v), 2)
    s = np.einsum("nhd,nhtd->nht", q, k) / math.sqrt(q.shape[-1])
    A = np.exp(s - s.max(-1, keepdims=True))
    A /= A.sum(-1, keepdims=True)
    return np.einsum("nht,nhtd->nhd", A, v).reshape(len(x_t), -1) @ Wo, {"K": k, "V": v}


@accepted(of="kv_cache_step")
def step_into_a_longer_array(x_t, cache, Wq, Wk, Wv, Wo, h):
    """Copies the past into arrays with room for one more."""
    N, w = len(x_t), Wk.shape[1] // h
    t = 0 if cache is None else cache["K"].shape[2]
    new = {name: np.empty((N, h, t + 1, w)) for name in ("K", "V")}
    for name, W in (("K", Wk), ("V", Wv)):
        if t:
            new[name][:, :, :t] = cache[name]
        new[name][:, :, t] = (x_t @ W).reshape(N, h, w)
    heads, _ = sdpa_forward((x_t @ Wq).reshape(N, h, 1, w), new["K"], new["V"])
    return heads.reshape(N, h * w) @ Wo, new


@accepted(of="kv_cache_step")
def step_sequence_by_sequence(x_t, cache, Wq, Wk, Wv, Wo, h):
    """A loop over sequences and heads."""
    Q, k, v = ((x_t @ W).reshape(len(x_t), h, -1) for W in (Wq, Wk, Wv))
    K = k[:, :, None] if cache is None else np.append(cache["K"], k[:, :, None], axis=2)
    V = v[:, :, None] if cache is None else np.append(cache["V"], v[:, :, None], axis=2)
    out = np.zeros_like(Q)
    for n in range(len(x_t)):
        for j in range(h):
            head, _ = sdpa_forward(Q[n, j][None], K[n, j], V[n, j])
            out[n, j] = head[0]
    return out.reshape(len(x_t), -1) @ Wo, {"K": K, "V": V}


# --- q9 attention_cost ------------------------------------------------------------------------------------------------


@accepted(of="attention_cost")
def cost_head_by_head(n, d, h):
    """Summed over heads of d // h features."""
    scores = sum(n * n * (d // h) for _ in range(h))
    return {"projections": 4 * n * d**2, "scores": scores, "values": scores, "memory": n**2 * h}


@accepted(of="attention_cost")
def cost_in_numpy_integers(n, d, h):
    """np.int64 is an integer too."""
    n, d, h = np.int64(n), np.int64(d), np.int64(h)
    return {"scores": n**2 * d, "values": n**2 * d, "projections": 4 * n * d**2, "memory": h * n**2}


@accepted(of="attention_cost")
def cost_by_shapes(n, d, h):
    """A product of (a, b) with (b, c) costs a b c."""
    product = lambda a, b, c: a * b * c
    return dict(
        projections=4 * product(n, d, d),
        scores=h * product(n, d // h, n),
        values=h * product(n, n, d // h),
        memory=math.prod((h, n, n)),
    )


# --- q10 lookup_loss, train_lookup ------------------------------------------------------------------------------------


@accepted(of="lookup_loss")
def lookup_by_the_weights_of_the_right_class(Wq, Wk, queries, labels, memory, memory_labels):
    """Without attention's backward: of each query's weights, those on its own class, and the difference to their share."""
    Q, K = queries @ Wq, memory @ Wk
    _, cache = sdpa_forward(Q, K, K)
    A, same = cache["A"], labels[:, None] == memory_labels[None, :]
    right = (A * same).sum(axis=1, keepdims=True)
    dS = (A - A * same / right) / (len(labels) * math.sqrt(Q.shape[1]))
    return float(-np.log(right).mean()), queries.T @ (dS @ K), memory.T @ (dS.T @ Q)


@accepted(of="lookup_loss")
def lookup_query_by_query(Wq, Wk, queries, labels, memory, memory_labels):
    """A loop over the queries."""
    one_hot = (memory_labels[:, None] == np.arange(10)).astype(float)
    K, loss, dWq, dWk = memory @ Wk, 0.0, np.zeros_like(Wq), np.zeros_like(Wk)
    for x, label in zip(queries, labels):
        p, cache = sdpa_forward(x[None] @ Wq, K, one_hot)
        dp = np.where(np.arange(10) == label, -1 / p[0, label], 0.0)[None] / len(labels)
        dq, dK, _ = sdpa_backward(dp, cache)
        loss -= math.log(p[0, label]) / len(labels)
        dWq += np.outer(x, dq)
        dWk += memory.T @ dK
    return loss, dWq, dWk


@accepted(of="lookup_loss")
def lookup_by_autograd(Wq, Wk, queries, labels, memory, memory_labels):
    """In torch."""
    q, k = torch.tensor(np.array(Wq), requires_grad=True), torch.tensor(np.array(Wk), requires_grad=True)
    scores = torch.tensor(queries) @ q @ (torch.tensor(memory) @ k).T / q.shape[1] ** 0.5
    same = torch.tensor(labels[:, None] == memory_labels)
    weight = (scores.softmax(dim=1) * same).sum(dim=1)
    loss = -weight.log().mean()
    loss.backward()
    return loss.item(), q.grad.numpy(), k.grad.numpy()


@accepted(of="train_lookup")
def training_with_the_loss_added_after_the_loop(Wq, Wk, queries, labels, memory, memory_labels, lr=2.0, steps=150):
    """In place, on copies."""
    Wq, Wk, history = Wq.copy(), Wk.copy(), []
    for _ in range(steps):
        loss, dWq, dWk = lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)
        history.append(loss)
        Wq -= lr * dWq
        Wk -= lr * dWk
    history.append(lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)[0])
    return Wq, Wk, np.array(history)


@accepted(of="train_lookup")
def training_of_both_stacked(Wq, Wk, queries, labels, memory, memory_labels, lr=2.0, steps=150):
    """One array for both projections."""
    both, history = np.stack([Wq, Wk]), np.zeros(steps + 1)
    for k in range(steps + 1):
        history[k], *gradients = lookup_loss(*both, queries, labels, memory, memory_labels)
        if k < steps:
            both = both - lr * np.stack(gradients)
    return both[0], both[1], history


@accepted(of="train_lookup")
def training_by_recursion(Wq, Wk, queries, labels, memory, memory_labels, lr=2.0, steps=150):
    """The rest of the run is a run from here."""
    loss, dWq, dWk = lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)
    if steps == 0:
        return {"Wq": Wq, "Wk": Wk, "history": [loss]}
    rest = training_by_recursion(Wq - lr * dWq, Wk - lr * dWk, queries, labels, memory, memory_labels, lr, steps - 1)
    return rest | {"history": [loss, *rest["history"]]}
