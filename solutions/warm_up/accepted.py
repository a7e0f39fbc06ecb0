"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students write loops where loops are allowed, other algebra, matrix products
and index tricks; a check that takes a point from any of these is wrong, not the answer.
"""

import math

import numpy as np
import torch
from autograder.topic import accepted

from .solution import causal_mask, numerical_gradient, one_hot, rel_error

# --- q1 rel_error -----------------------------------------------------------------------------------------------------


@accepted(of="rel_error")
def error_by_square_roots(a, b, eps=1e-300):
    """Norms by hand."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    size = np.sqrt(np.sum(a**2)) + np.sqrt(np.sum(b**2))
    return np.sqrt(np.sum((a - b) ** 2)) / np.maximum(size, eps)


@accepted(of="rel_error")
def error_by_hypot(a, b, eps=1e-300):
    """math.hypot of flat lists: a Python number."""
    if np.shape(a) != np.shape(b):
        raise ValueError("shapes differ")
    a, b = np.ravel(a).astype(float).tolist(), np.ravel(b).astype(float).tolist()
    size = math.hypot(*a) + math.hypot(*b)
    return math.hypot(*(p - q for p, q in zip(a, b, strict=True))) / (size if size > eps else eps)


@accepted(of="rel_error")
def error_in_torch(a, b, eps=1e-300):
    """The same in torch."""
    a, b = (torch.tensor(np.array(each, dtype=float)) for each in (a, b))
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    return ((a - b).norm() / (a.norm() + b.norm()).clamp(min=eps)).item()


@accepted(of="rel_error")
def error_by_dot_products(a, b, eps=1e-300):
    """|a|^2 = a . a, of flat copies."""
    a, b = 1.0 * np.asarray(a), 1.0 * np.asarray(b)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    a, b = a.ravel(), b.ravel()
    return np.sqrt((a - b) @ (a - b)) / max(np.sqrt(a @ a) + np.sqrt(b @ b), eps)


# --- q2 numerical_gradient --------------------------------------------------------------------------------------------


@accepted(of="numerical_gradient")
def gradient_with_nditer(f, x, dout=None, h=1e-5):
    """The loop of most course notes: one copy is moved in place and moved back; f gets a copy of it each time."""
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index", "zerosize_ok"], op_flags=["readwrite"])
    while not it.finished:
        i = it.multi_index
        old = x[i]
        x[i] = old + h
        plus = np.array(f(x.copy()))
        x[i] = old - h
        minus = np.array(f(x.copy()))
        x[i] = old
        grad[i] = np.sum((plus - minus) * (1.0 if dout is None else dout)) / (2 * h)
        it.iternext()
    return grad


@accepted(of="numerical_gradient")
def gradient_of_flat_points(f, x, dout=None, h=1e-5):
    """Flat points, put into shape for f; the two values are weighed before they are subtracted."""
    shape = np.shape(x)
    flat = np.array(x, dtype=float).ravel()

    def value(point):
        out = f(point.reshape(shape))
        return np.sum(out if dout is None else out * dout)

    slopes = []
    for i in range(flat.size):
        up, down = flat.copy(), flat.copy()
        up[i], down[i] = flat[i] + h, flat[i] - h
        slopes.append((value(up) - value(down)) / (2 * h))
    return np.array(slopes, dtype=float).reshape(shape)


@accepted(of="numerical_gradient")
def gradient_by_rows_of_the_identity(f, x, dout=None, h=1e-5):
    """All steps are rows of h times the identity."""
    x = np.array(x, dtype=float)
    weigh = (lambda out: out) if dout is None else (lambda out: np.vdot(dout, out))
    steps = (h * np.eye(x.size)).reshape(x.size, *x.shape)
    return np.array([(weigh(f(x + s)) - weigh(f(x - s))) / (2 * h) for s in steps], dtype=float).reshape(x.shape)


# --- q3 directional_check ---------------------------------------------------------------------------------------------


@accepted(of="directional_check")
def check_with_all_directions_at_once(f, grad, x, rng, k=3, h=1e-5):
    """k directions in one array; the claimed slopes are one product."""
    x = np.array(x, dtype=float)
    directions = rng.standard_normal((k, *x.shape))
    measured = np.array([(f(x + h * v) - f(x - h * v)) / (2 * h) for v in directions])
    return rel_error(measured, np.tensordot(directions, grad, axes=x.ndim))


@accepted(of="directional_check")
def check_along_lines(f, grad, x, rng, k=3, h=1e-5):
    """Along a direction f is a function of one number, for which numerical_gradient gives the slope."""
    x = np.array(x, dtype=float)
    pairs = []
    for _ in range(k):
        v = rng.normal(size=x.shape)
        slope = numerical_gradient(lambda t, v=v: f(x + t * v), np.zeros(()), h=h)
        pairs.append((float(slope), float(np.vdot(v, grad))))
    return rel_error(*np.array(pairs).T)


@accepted(of="directional_check")
def check_by_sums_of_squares(f, grad, x, rng, k=3, h=1e-5):
    """Without rel_error: three running sums."""
    x = np.array(x, dtype=float)
    apart = measured = claimed = 0.0
    for _ in range(k):
        v = rng.standard_normal(size=x.shape)
        slope, claim = (f(x + h * v) - f(x - h * v)) / (2 * h), np.einsum("i,i", np.ravel(grad), np.ravel(v))
        apart, measured, claimed = apart + (slope - claim) ** 2, measured + slope**2, claimed + claim**2
    return np.sqrt(apart) / max(np.sqrt(measured) + np.sqrt(claimed), 1e-300)


# --- q4 logsumexp -----------------------------------------------------------------------------------------------------


@accepted(of="logsumexp")
def logsumexp_by_moved_axis(z, axis=-1, keepdims=False):
    """The axis goes to the end; rows of -inf are told apart by their maximum."""
    z = np.moveaxis(1.0 * np.asarray(z), axis, -1)
    top = z.max(axis=-1)
    empty = top == -np.inf
    safe = np.where(empty, z.dtype.type(0), top)
    total = np.exp(z - safe[..., None]).sum(axis=-1)
    out = np.where(empty, z.dtype.type(-np.inf), safe + np.log(np.where(empty, z.dtype.type(1), total)))
    return np.expand_dims(out, axis) if keepdims else out


@accepted(of="logsumexp")
def logsumexp_with_warnings_off(z, axis=-1, keepdims=False):
    """-inf - (-inf) is nan, and is put right at the end."""
    z = 1.0 * np.asarray(z)
    with np.errstate(all="ignore"):
        top = z.max(axis=axis, keepdims=True)
        out = top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True))
        out = np.where(np.isneginf(top), top, out)
    return out if keepdims else out.squeeze(axis)


@accepted(of="logsumexp")
def logsumexp_by_loop(z, axis=-1, keepdims=False):
    """One row after the other, with math."""
    z = 1.0 * np.asarray(z)

    def row(values):
        top = values.max()
        if top == -np.inf:
            return top
        return top + math.log(math.fsum(math.exp(v - top) for v in values))

    out = np.apply_along_axis(row, axis, z).astype(z.dtype)
    return np.expand_dims(out, axis) if keepdims else out


@accepted(of="logsumexp")
def logsumexp_by_log1p(z, axis=-1, keepdims=False):
    """The largest term is 1, so log1p takes the others."""
    z = 1.0 * np.asarray(z)
    z = np.sort(np.maximum(z, np.finfo(z.dtype).min / 4), axis=axis)
    top = np.take(z, [-1], axis=axis)
    rest = np.take(z, np.arange(z.shape[axis] - 1), axis=axis)
    out = top + np.log1p(np.exp(rest - top).sum(axis=axis, keepdims=True))
    out = np.where(top <= np.finfo(z.dtype).min / 4, z.dtype.type(-np.inf), out)
    return out if keepdims else np.squeeze(out, axis)


# --- q5 one_hot -------------------------------------------------------------------------------------------------------


@accepted(of="one_hot")
def one_hot_by_rows_of_the_identity(y, C, dtype=float):
    """np.eye(C)[y], after a look at the labels."""
    if len(y) and (min(y) < 0 or max(y) >= C):
        raise ValueError("not a class")
    return np.eye(C, dtype=dtype)[y]


@accepted(of="one_hot")
def one_hot_by_assignment(y, C, dtype=float):
    """Ones are written into zeros."""
    if not np.isin(y, np.arange(C)).all():
        raise ValueError("not a class")
    out = np.zeros((len(y), C), dtype=dtype)
    out[np.arange(len(y)), y] = 1
    return out


@accepted(of="one_hot")
def one_hot_by_put_along_axis(y, C, dtype=float):
    """A one is put into each row; labels as a column."""
    y = np.asarray(y)
    if y.size > 0 and (y.min() < 0 or y.max() > C - 1):
        raise ValueError("not a class")
    out = np.zeros((y.size, C), dtype=dtype)
    np.put_along_axis(out, y.astype(int)[:, None], 1, axis=1)
    return out


# --- q6 pairwise_sq_dists ---------------------------------------------------------------------------------------------


@accepted(of="pairwise_sq_dists")
def distances_by_einsum(A, B):
    """Differences, then a sum over the last axis by einsum."""
    difference = np.expand_dims(1.0 * np.asarray(A), 1) - np.expand_dims(1.0 * np.asarray(B), 0)
    return np.einsum("nmd,nmd->nm", difference, difference)


@accepted(of="pairwise_sq_dists")
def distances_by_centred_expansion(A, B):
    """|a|^2 - 2 a.b + |b|^2 about a point in the middle, cut off at zero: one matrix product, little memory."""
    A, B = 1.0 * np.asarray(A), 1.0 * np.asarray(B)
    middle = B.mean(axis=0)
    A, B = A - middle, B - middle
    return np.maximum((A**2).sum(axis=1)[:, None] - 2 * A @ B.T + (B**2).sum(axis=1), 0)


@accepted(of="pairwise_sq_dists")
def distances_by_norm(A, B):
    """The squared norm of the differences."""
    A, B = 1.0 * np.asarray(A), 1.0 * np.asarray(B)
    return np.linalg.norm(A[:, None, :] - B[None, :, :], axis=2) ** 2


# --- q7 puzzles -------------------------------------------------------------------------------------------------------


@accepted(of="outer")
def outer_by_einsum(a, b):
    """Indices that are not summed."""
    return np.einsum("i,j->ij", a, b)


@accepted(of="outer")
def outer_by_matrix_product(a, b):
    """A matrix with one column times a matrix with one row."""
    return a.reshape(-1, 1) @ b.reshape(1, -1)


@accepted(of="outer")
def outer_by_transpose(a, b):
    """A column is a transposed row."""
    return np.atleast_2d(a).T * b


@accepted(of="diag")
def diag_by_where(v):
    """v where the row index is the column index, else 0."""
    i = np.arange(len(v))
    return np.where(i[:, None] == i, v, 0.0)


@accepted(of="diag")
def diag_by_assignment(v):
    """Written into zeros, at (i, i)."""
    out = np.zeros((len(v), len(v)))
    out[np.arange(len(v)), np.arange(len(v))] = v
    return out


@accepted(of="diag")
def diag_by_one_hot(v):
    """One-hot rows of 0 ... n - 1 are the identity."""
    return one_hot(np.arange(len(v)), len(v)) * v[:, None]


@accepted(of="causal_mask")
def mask_by_broadcast_less(T):
    """Columns that are at most the row."""
    i = np.arange(T)
    return i[None, :] <= i[:, None]


@accepted(of="causal_mask")
def mask_by_indices(T):
    """Both indices as tables."""
    rows, columns = np.indices((T, T))
    return ~(columns > rows)


@accepted(of="causal_mask")
def mask_by_fromfunction(T):
    """A function of the index tables."""
    return np.fromfunction(lambda i, j: i - j > -1, (T, T))


@accepted(of="cumsum")
def cumsum_by_masked_sum(x):
    """Copies of x as rows, the future set to zero, summed."""
    return np.sum(causal_mask(len(x)) * x, axis=1)


@accepted(of="cumsum")
def cumsum_from_the_left(x):
    """The transposed triangle, with x as a row."""
    return x @ causal_mask(len(x)).T.astype(float)


@accepted(of="cumsum")
def cumsum_by_einsum(x):
    """The same product, its indices named."""
    return np.einsum("ij,j->i", np.where(causal_mask(x.size), 1.0, 0.0), x)


@accepted(of="sliding_windows")
def windows_by_take(x, k, s=1):
    """The number of windows first."""
    count = (len(x) - k) // s + 1
    return np.take(x, s * np.arange(count)[:, None] + np.arange(k)[None, :])


@accepted(of="sliding_windows")
def windows_by_outer_sum(x, k, s=1):
    """A table of indices as an outer sum."""
    return x[np.add.outer(np.arange(0, x.shape[0] - k + 1, s), np.arange(k))]


@accepted(of="sliding_windows")
def windows_of_every_start(x, k, s=1):
    """All windows, of which every s-th is kept."""
    i = np.arange(x.size - k + 1)
    return x[i.reshape(-1, 1) + np.arange(k)][::s]


@accepted(of="bincount")
def count_by_comparison(y, C):
    """Labels against classes, True counted as 1."""
    return np.sum(np.arange(C)[:, None] == y, axis=1)


@accepted(of="bincount")
def count_by_add_at(y, C):
    """One is added at each label; add.at counts repeated ones too."""
    counts = np.zeros(C, dtype=int)
    np.add.at(counts, y, 1)
    return counts


@accepted(of="bincount")
def count_by_product(y, C):
    """A row of ones times the one-hot rows."""
    return np.ones(len(y), dtype=int) @ one_hot(y, C, int)
