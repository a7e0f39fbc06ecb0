"""Hidden checks of attention: the case packs, the properties, gradients with masks, and the run on real data."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_backward_close,
    assert_close,
    assert_dtype,
    assert_integer,
    assert_own_gradient,
    assert_trains,
    assert_unchanged,
    parts,
)
from autograder.errors import CheckFailed, CourseError, StudentRaised

# --- q1 sdpa_forward --------------------------------------------------------------------------------------------------


@check("q1", points=4, repeat=3)
def attention_is_right(student, reference, rng):
    """Output and weights are softmax(Q K^T / sqrt(dk)) V, for any number of leading axes and any memory layout."""
    for batch in ((), (3,), (2, 3)):
        Q, K, V = _qkv(rng, reference, n=4, m=7, d_k=6, d_v=5, batch=batch)
        out, A = _attend(student, Q, K, V)
        assert_close(A, reference.attention_weights(Q, K), what=f"weights with {_leading(batch)}")
        assert_close(out, reference.attention(Q, K, V), what=f"output with {_leading(batch)}")
    views = zip(*(inputs.layouts(x).values() for x in (Q, K, V)), strict=True)
    for layout, view in zip(inputs.layouts(Q), views, strict=True):
        out, _ = _attend(student, *view)
        assert_close(out, reference.attention(Q, K, V), what=f"output for Q, K and V as {layout}")


@check("q1", points=3, repeat=2)
def masked_keys_take_no_part(student, reference, rng):
    """A masked key has weight exactly zero; the others share what there is, in the proportions they have without a mask."""
    Q, K, V = _qkv(rng, reference, n=4, m=7, d_k=6, d_v=5, batch=(2, 3))
    free = _plain(_attend(student, Q, K, V)[1], (2, 3, 4, 7), "weights without a mask")
    for shape in ((4, 7), (2, 1, 1, 7), (2, 3, 4, 7), (7,), (2, 1, 4, 7)):
        mask = inputs.mask(rng, shape)
        out, A = _attend(student, Q, K, V, mask)
        A = _plain(A, free.shape, f"weights for a mask of shape {shape}")
        forbidden = np.where(np.broadcast_to(mask, A.shape), 0.0, A)
        assert_close(forbidden, np.zeros(A.shape), kind="exact", what=f"weights of masked keys, mask {shape}")
        assert_close(A, _shared(free, mask), what=f"weights for a mask of shape {shape}")
        assert_close(out, _shared(free, mask) @ V, what=f"output for a mask of shape {shape}")


@check("q1", points=1)
def a_query_that_may_look_nowhere_gets_zeros(student, reference, rng):
    """A row of the mask without any True gives weights and output of zero, without nan and without a warning."""
    Q, K, V = _qkv(rng, reference, n=4, m=5, d_k=6, d_v=3, batch=(2,))
    mask = inputs.mask(rng, (2, 4, 5))
    nowhere = np.zeros((2, 4, 1), dtype=bool)
    nowhere[0, 1] = nowhere[1, 3] = True
    result = student.sdpa_forward.strictly(Q, K, V, mask & ~nowhere)
    out, A = _weights_in(parts(result, ("out", "cache"), what="sdpa_forward(Q, K, V, mask)"))
    A, out = _plain(A, (2, 4, 5), "weights"), _plain(out, (2, 4, 3), "output")
    what = "of the queries that may look nowhere"
    assert_close(A * nowhere, np.zeros(A.shape), kind="exact", what=f"weights {what}")
    assert_close(out * nowhere, np.zeros(out.shape), kind="exact", what=f"output {what}")
    others = (~nowhere[..., 0]).astype(float)
    assert_close(A.sum(axis=-1), others, what="weights.sum(axis=-1) where two queries may look nowhere")


@check("q1", points=2)
def scores_in_the_thousands_do_not_overflow(student, reference, rng):
    """Scores of +-1000 in some rows give finite weights without a warning, and leave the other rows as they were."""
    Q, K, V = _saturated(rng, reference)
    mask = inputs.mask(rng, (4, 5))
    for dtype in (np.float64, np.float32):
        given = [x.astype(dtype) for x in (Q, K, V)]
        for name, allowed in (("", np.ones((4, 5), dtype=bool)), (" with a mask", mask)):
            what = f"for {np.dtype(dtype).name} scores of +-1000{name}"
            more = (allowed,) if name else ()
            out, A = _weights_in(
                parts(student.sdpa_forward.strictly(*given, *more), ("out", "cache"), what="sdpa_forward")
            )
            A = _plain(A, (4, 5), f"weights {what}")
            assert_close(A.sum(axis=-1), np.ones(4), dtype=dtype, what=f"sums of the rows of the weights {what}")
            best = np.where(allowed, Q @ K.T, -np.inf).argmax(axis=-1)[[0, 2]]
            assert_integer(A.argmax(axis=-1)[[0, 2]], best, what=f"keys with the largest weight {what}")
            rows = [1, 3]
            alone, _ = _attend(student, given[0][rows], *given[1:], *(allowed[rows] for _ in more))
            alone = array_of_shape(alone, (2, 3), what="output for two queries")
            out = array_of_shape(out, (4, 3), what=f"output {what}")
            assert_close(out[rows], alone, dtype=dtype, what=f"output of the other rows {what}")


@check("q1", points=1)
def a_common_shift_or_another_order_of_the_keys_changes_nothing(student, reference, rng):
    """One vector added to every key, or keys and values in another order, leave the output as it was."""
    Q, K, V = _qkv(rng, reference, n=4, m=7, d_k=6, d_v=5)
    order, shift = inputs.permutation(rng, 7), inputs.normal(rng, (6,))
    first = _plain(_attend(student, Q, K, V)[0], (4, 5), "output")
    out, _ = _attend(student, Q, K + shift, V)
    assert_close(out, first, what="output with one vector added to all keys")
    out, _ = _attend(student, Q, K[order], V[order])
    assert_close(out, first, what="output with keys and values in another order")
    out, _ = _attend(student, Q, K, V, np.ones((4, 7), dtype=bool))
    assert_close(out, first, what="output with a mask that allows everything")


@check("q1", points=1)
def one_key_and_one_query_are_enough(student, rng):
    """With one key the output is its value, whatever the query; and every size may be 1."""
    for n, m, d_k, d_v in ((4, 1, 6, 3), (1, 5, 3, 2), (1, 1, 1, 1), (3, 4, 1, 2)):
        Q, K, V = inputs.qkv(rng, n=n, m=m, d_k=d_k, d_v=d_v, batch=(2,))
        out, A = _attend(student, Q, K, V)
        what = f"for {n} queries, {m} keys, dk={d_k}, dv={d_v}"
        A = _plain(A, (2, n, m), f"weights {what}")
        assert_close(A.sum(axis=-1), np.ones((2, n)), what=f"sums of the rows of the weights {what}")
        assert_close(out, A @ V, what=f"output {what}, compared with weights @ V")


@check("q1", points=1)
def attention_leaves_its_arguments_alone(student, reference, rng):
    """sdpa_forward writes into none of Q, K, V and mask."""
    Q, K, V = _qkv(rng, reference, n=4, m=5, d_k=6, d_v=3)
    mask = inputs.mask(rng, (4, 5))
    assert_unchanged(student.sdpa_forward, (Q, K, V, mask), what="sdpa_forward")
    out, _ = _attend(student, *inputs.frozen((Q, K, V, mask)))
    array_of_shape(out, (4, 3), what="output for arrays that are read-only")


# --- q2 sdpa_backward -------------------------------------------------------------------------------------------------


@check("q2", points=2, repeat=2)
def values_get_back_what_the_weights_passed_on(student, reference, rng):
    """dV is the gradient with respect to V, with and without a mask."""
    for batch, more in (((), ()), ((2, 3), ()), ((2, 3), (inputs.mask(rng, (2, 1, 4, 7)),))):
        args = (*_qkv(rng, reference, n=4, m=7, d_k=6, d_v=5, batch=batch), *more)
        dout = inputs.normal(rng, (*batch, 4, 5))
        dV = {"dV": _back(student, dout, *args)["dV"]}
        what = f"attention with a mask, {_leading(batch)}" if more else f"attention, {_leading(batch)}"
        assert_backward_close(dV, reference.attention, args, upstream=dout, what=what)


@check("q2", points=3, repeat=3)
def attention_gradients_are_right(student, reference, rng):
    """dQ and dK are the gradients with respect to Q and K, for any number of leading axes."""
    for batch in ((), (3,), (2, 3)):
        args = _qkv(rng, reference, n=4, m=7, d_k=6, d_v=5, batch=batch)
        dout = inputs.normal(rng, (*batch, 4, 5))
        given = _back(student, dout, *args)
        del given["dV"]
        assert_backward_close(given, reference.attention, args, upstream=dout, what=f"attention, {_leading(batch)}")


@check("q2", points=2, repeat=2)
def attention_gradients_with_a_mask_are_right(student, reference, rng):
    """With a mask, dQ, dK and dV are the gradients of the masked attention."""
    Q, K, V = _qkv(rng, reference, n=4, m=7, d_k=6, d_v=5, batch=(2, 3))
    for shape in ((4, 7), (2, 1, 1, 7), (2, 3, 4, 7)):
        args, dout = (Q, K, V, inputs.mask(rng, shape)), inputs.normal(rng, (2, 3, 4, 5))
        given = _back(student, dout, *args)
        what = f"attention with a mask of shape {shape}"
        assert_backward_close(given, reference.attention, args, upstream=dout, what=what)


@check("q2", points=2)
def keys_that_nobody_sees_might_as_well_not_be_there(student, reference, rng):
    """dK and dV are exactly zero for a key that no query may see, and all else is as if it had been left out.

    dQ is zero, and never nan, for a query that may look nowhere.
    """
    Q, K, V = _qkv(rng, reference, n=4, m=6, d_k=5, d_v=3)
    seen, dout = inputs.mask(rng, (6,)), inputs.normal(rng, (4, 3))
    seen[:2] = (True, False)
    rows = np.array([True, False, True, True])
    given = _back(student, dout, Q, K, V, seen & rows[:, None])
    dQ, dK, dV = (_plain(given[name], x.shape, name) for name, x in (("dQ", Q), ("dK", K), ("dV", V)))
    assert_close(dK[~seen], np.zeros_like(K[~seen]), kind="exact", what="dK of keys that nobody sees")
    assert_close(dV[~seen], np.zeros_like(V[~seen]), kind="exact", what="dV of keys that nobody sees")
    assert_close(dQ[1], np.zeros(5), kind="exact", what="dQ of a query that may look nowhere")
    fewer = _back(student, dout[rows], Q[rows], K[seen], V[seen])
    for name, value in (("dQ", dQ[rows]), ("dK", dK[seen]), ("dV", dV[seen])):
        left_out = _plain(fewer[name], value.shape, f"{name} without them")
        assert_close(value, left_out, what=f"{name}, compared with the keys and queries left out")


@check("q2", points=1)
def masked_backward_is_the_slope_of_your_forward(student, reference, rng):
    """With a mask too, dQ, dK and dV say how your own output changes."""
    args = (*_qkv(rng, reference, n=3, m=5, d_k=4, d_v=2, batch=(2,)), inputs.mask(rng, (2, 3, 5)))
    dout = inputs.normal(rng, (2, 3, 2))
    given, names = _back(student, dout, *args), ("Q", "K", "V", "mask")
    assert_own_gradient(student.sdpa_forward, args, given, rng=rng, upstream=dout, output=0, names=names)


@check("q2", points=1)
def the_cache_belongs_to_its_own_forward(student, reference, rng):
    """Backward with the cache of an earlier forward gives the gradients of that forward, as often as it is asked."""
    first, second = (_qkv(rng, reference, n=4, m=7, d_k=6, d_v=5) for _ in range(2))
    dout = inputs.normal(rng, (4, 5))
    expected = _back(student, dout, *first)
    cache, _ = (
        parts(student.sdpa_forward(*args), ("out", "cache"), what="sdpa_forward")[1] for args in (first, second)
    )
    assert_unchanged(student.sdpa_backward, (dout, cache), what="sdpa_backward")
    for (name, value), x in zip(_gradients(student.sdpa_backward(dout, cache)).items(), first, strict=True):
        assert_close(value, _plain(expected[name], x.shape, name), what=f"{name} of the first of two calls")


@check("q2", points=1)
def gradients_keep_the_dtype(student, reference, rng):
    """float32 in, float32 out."""
    args = tuple(x.astype(np.float32) for x in _qkv(rng, reference, n=4, m=7, d_k=6, d_v=5))
    dout = inputs.normal(rng, (4, 5), dtype=np.float32)
    for (name, value), x in zip(_back(student, dout, *args).items(), args, strict=True):
        array_of_shape(value, x.shape, what=name)
        assert_dtype(value, np.float32, what=f"{name} for float32")


@check("q2", points=1)
def gradients_of_saturated_weights_are_finite(student, reference, rng):
    """Scores of +-1000, whose weights are 0 and 1, give finite gradients without a warning."""
    Q, K, V = _saturated(rng, reference)
    dout = inputs.normal(rng, (4, 3))
    _, cache = parts(student.sdpa_forward(Q, K, V), ("out", "cache"), what="sdpa_forward(Q, K, V)")
    for (name, value), x in zip(
        _gradients(student.sdpa_backward.strictly(dout, cache)).items(), (Q, K, V), strict=True
    ):
        _plain(value, x.shape, f"{name} for scores of +-1000")


# --- q3 causal_mask, padding_mask -------------------------------------------------------------------------------------


@check("q3", points=1)
def causal_mask_is_right_for_any_length(student, reference, rng):
    """causal_mask(T) is a bool array of shape (T, T), True where the key is not later than the query; T may be 0 or 1."""
    for T in (int(rng.integers(5, 9)), 2, 1, 0):
        assert_close(student.causal_mask(T), reference.causal_mask(T), actual_dtype=np.bool_, what=f"causal_mask({T})")


@check("q3", points=1, repeat=2)
def padding_mask_is_right_for_any_lengths(student, reference, rng):
    """padding_mask is right for lists and arrays of lengths, a length of 0 and a length of T included."""
    T = int(rng.integers(4, 8))
    lengths = rng.permutation([0, T, *inputs.integers(rng, (3,), 1, T - 1)])
    expected = reference.padding_mask(lengths, T)
    for kind, given in (("an array", lengths), ("a list", [int(each) for each in lengths])):
        what = f"padding_mask for {kind} of lengths"
        assert_close(student.padding_mask(given, T), expected, actual_dtype=np.bool_, what=what)


@check("q3", points=1)
def both_masks_combine(student, reference, rng):
    """causal_mask(T) & padding_mask(lengths, T) has shape (N, 1, T, T): both conditions for each pair."""
    T = int(rng.integers(4, 8))
    lengths = [int(each) for each in rng.permutation([T, 1, int(rng.integers(2, T))])]
    causal = array_of_shape(student.causal_mask(T), (T, T), what=f"causal_mask({T})")
    padding = array_of_shape(student.padding_mask(lengths, T), (3, 1, 1, T), what=f"padding_mask({lengths}, {T})")
    expected = reference.causal_mask(T) & reference.padding_mask(lengths, T)
    assert_close(causal.astype(bool) & padding.astype(bool), expected, what="causal_mask(T) & padding_mask(lengths, T)")


@check("q3", points=1)
def impossible_lengths_are_refused(student, rng):
    """padding_mask raises ValueError for a length below 0 or above T."""
    T = int(rng.integers(4, 8))
    possible = [int(each) for each in inputs.integers(rng, (2,), 1, T)]
    array_of_shape(student.padding_mask(possible, T), (2, 1, 1, T), what="the mask of two sequences")
    for wrong, word in ((T + 1, "above T"), (-1, "below 0")):
        _assert_refused(student.padding_mask, ([possible[0], wrong, possible[1]], T), f"a length {word}")


# --- q4 split_heads, merge_heads --------------------------------------------------------------------------------------


@check("q4", points=2, repeat=2)
def every_head_sees_its_own_features_of_every_token(student, reference, rng):
    """Head j holds the features from j * d/h on, of every token of every sequence, in their order."""
    for shape, h in (((2, 5, 6), 3), ((3, 4, 10), 2), ((2, 3, 7), 1), ((2, 3, 5), 5), ((1, 1, 4), 2)):
        x = inputs.normal(rng, shape)
        expected = reference.split_heads(x, h)
        for layout, view in inputs.layouts(x).items():
            assert_close(student.split_heads(view, h), expected, kind="exact",
                         what=f"split_heads(x, {h}) for {layout} x of shape {shape}")  # fmt: skip


@check("q4", points=2, repeat=2)
def merging_puts_the_heads_of_a_token_side_by_side(student, reference, rng):
    """merge_heads gives each token the features of head 0, then those of head 1, and so on."""
    for shape in ((2, 3, 5, 4), (3, 1, 4, 6), (2, 5, 1, 3), (2, 4, 3, 1)):
        x = inputs.normal(rng, shape)
        for layout, view in inputs.layouts(x).items():
            assert_close(student.merge_heads(view), reference.merge_heads(x), kind="exact",
                         what=f"merge_heads(x) for {layout} x of shape {shape}")  # fmt: skip


@check("q4", points=1)
def uneven_heads_are_refused(student, reference, rng):
    """split_heads raises ValueError if h does not divide the number of features, and changes neither dtype nor x."""
    x = inputs.normal(rng, (2, 5, 6), dtype=np.float32)
    what = "split_heads(x, 2) for float32 x"
    heads = student.split_heads(x, 2)
    assert_close(heads, reference.split_heads(x, 2), dtype=np.float32, actual_dtype=np.float32, what=what)
    _assert_refused(student.split_heads, (x, 4), "split_heads(x, 4) for 6 features")
    assert_unchanged(student.split_heads, (x, 2), what="split_heads")


# --- q5 mha_forward ---------------------------------------------------------------------------------------------------


@check("q5", points=3, repeat=3)
def multi_head_attention_is_right(student, reference, rng):
    """The output is right for several heads, for cross-attention, and for sizes of 1."""
    for N, n, m, d, h in ((2, 3, 5, 6, 2), (3, 5, 4, 8, 4), (1, 1, 1, 3, 3), (2, 4, 3, 5, 1)):
        args = _mha_problem(rng, reference, N=N, n=n, m=m, d=d, h=h)
        out, A = _mha(student, *args)
        what = f"for {N} sequences, {n} queries, {m} keys, {h} heads of {d // h} features"
        assert_close(out, reference.mha(*args), what=f"output {what}")
        xq, xkv, Wq, Wk, *_ = args
        assert_close(A, reference.mha_weights(xq, xkv, Wq, Wk, h), what=f"weights {what}")


@check("q5", points=2)
def multi_head_attention_passes_the_mask_on(student, reference, rng):
    """Masks of shape (Tq, Tk), (N, 1, 1, Tk) and (N, h, Tq, Tk) reach every head; a masked token might as well not be there."""
    xq, xkv, *weights, h = _mha_problem(rng, reference, N=2, n=4, m=5, d=6, h=3)
    free = _plain(_mha(student, xq, xkv, *weights, h)[1], (2, h, 4, 5), "weights without a mask")
    for shape in ((4, 5), (2, 1, 1, 5), (2, 1, 4, 5), (2, h, 4, 5)):
        mask = inputs.mask(rng, shape)
        _, A = _mha(student, xq, xkv, *weights, h, mask)
        assert_close(A, _shared(free, mask), what=f"weights with a mask of shape {shape}")
    seen = inputs.mask(rng, (5,))
    fewer = _plain(_mha(student, xq, xkv[:, seen], *weights, h)[0], (2, 4, 7), "output with fewer tokens")
    out, _ = _mha(student, xq, xkv, *weights, h, seen)
    assert_close(out, fewer, what="output with masked tokens, compared with that without them")


@check("q5", points=2)
def tokens_have_no_places_and_no_future(student, reference, rng):
    """Tokens in another order give the outputs in that order; with a causal mask, later tokens change no earlier output."""
    x, _, *weights, h = _mha_problem(rng, reference, N=2, n=5, m=5, d=6, h=2, alike=True)
    order = inputs.permutation(rng, 5)
    out, _ = _mha(student, x, x, *weights, h)
    out = array_of_shape(out, (2, 5, 7), what="output of mha_forward")
    moved, _ = _mha(student, x[:, order], x[:, order], *weights, h)
    assert_close(moved, out[:, order], what="output for tokens in another order")
    causal = np.tri(5, dtype=bool)
    other = x.copy()
    other[:, 3:] = inputs.normal(rng, (2, 2, x.shape[2]))
    before, after = (
        array_of_shape(_mha(student, y, y, *weights, h, causal)[0], (2, 5, 7), what="output with a causal mask")
        for y in (x, other)
    )
    assert_close(after[:, :3], before[:, :3], kind="exact", what="outputs before the tokens that were replaced")


@check("q5", points=1)
def multi_head_attention_leaves_its_arguments_alone(student, reference, rng):
    """mha_forward writes into none of its arguments, and returns float32 for float32."""
    *arrays, h = _mha_problem(rng, reference, N=2, n=3, m=4, d=6, h=2)
    assert_unchanged(student.mha_forward, (*arrays, h), what="mha_forward")
    out, _ = _mha(student, *(each.astype(np.float32) for each in arrays), h)
    assert_dtype(out, np.float32, what="output for float32")


# --- q6 mha_backward --------------------------------------------------------------------------------------------------


@check("q6", points=2, repeat=2)
def gradients_of_both_inputs_are_right(student, reference, rng):
    """dxq and dxkv are right for cross-attention with one and with several heads."""
    _assert_mha_gradients(student, reference, rng, ("dxq", "dxkv"))


@check("q6", points=2, repeat=2)
def gradients_of_the_four_matrices_are_right(student, reference, rng):
    """dWq, dWk, dWv and dWo are right for cross-attention: sums over all tokens of all sequences."""
    _assert_mha_gradients(student, reference, rng, ("dWq", "dWk", "dWv", "dWo"))


@check("q6", points=2)
def multi_head_gradients_with_a_mask_are_right(student, reference, rng):
    """All six gradients are right with a mask for each sequence, one query of which may look nowhere."""
    args = _mha_problem(rng, reference, N=2, n=4, m=5, d=6, h=3)
    mask, dout = inputs.mask(rng, (2, 1, 4, 5)), inputs.normal(rng, (2, 4, 7))
    mask[1, 0, 2] = False
    given = _mha_back(student, dout, *args, mask)
    what = "multi-head attention with a mask"
    assert_backward_close(given, reference.mha, (*args, mask), upstream=dout, what=what)


@check("q6", points=2)
def the_paths_of_self_attention_add_up(student, reference, rng):
    """Where xq and xkv are the same x, the gradient by x is dxq + dxkv; under a causal mask it looks back only."""
    x, _, *weights, h = _mha_problem(rng, reference, N=2, n=5, m=5, d=6, h=2, alike=True)
    causal, dout = np.tri(5, dtype=bool), inputs.normal(rng, (2, 5, 7))
    dout[:, 3:] = 0.0
    given = _mha_back(student, dout, x, x, *weights, h, causal)
    dxq, dxkv = (array_of_shape(given[name], x.shape, what=name) for name in ("dxq", "dxkv"))
    later = (dxq + dxkv)[:, 3:]
    assert_close(later, np.zeros(later.shape), kind="exact", what="gradient of earlier outputs by later tokens")
    args = (x, *weights, h, causal)
    assert_backward_close(
        {"x": dxq + dxkv}, reference.self_attention, args, upstream=dout, what="causal self-attention"
    )


@check("q6", points=1)
def the_multi_head_cache_belongs_to_its_own_forward(student, reference, rng):
    """Backward with the cache of an earlier forward gives the gradients of that forward, and leaves dout as it was."""
    first, second = (_mha_problem(rng, reference, N=2, n=3, m=5, d=6, h=2) for _ in range(2))
    dout = inputs.normal(rng, (2, 3, 7))
    expected = _mha_back(student, dout, *first)
    cache, _ = (parts(student.mha_forward(*args), ("out", "cache"), what="mha_forward")[1] for args in (first, second))
    assert_unchanged(student.mha_backward, (dout, cache), what="mha_backward")
    for (name, value), x in zip(_mha_gradients(student.mha_backward(dout, cache)).items(), first[:-1], strict=True):
        assert_close(value, _plain(expected[name], x.shape, name), what=f"{name} of the first of two calls")


# --- q7 CausalSelfAttention -------------------------------------------------------------------------------------------


@check("q7", points=3, repeat=2)
def the_module_is_right_for_any_size(student, reference, rng):
    """The outputs are right for any batch, length, number of heads, float32 and float64, also for a single token."""
    for N, T, d, h in ((2, 5, 6, 2), (3, 1, 4, 4), (1, 7, 8, 1), (4, 3, 12, 3)):
        x, state = inputs.normal(rng, (N, T, d)), _state(rng, d)
        expected = reference.causal_module(x, *state.values(), h)
        for dtype in ("float64", "float32"):
            out = _module(student, d, h, state, dtype)(_tensor(x, dtype))
            what = f"output for x of shape {x.shape}, {h} heads, {dtype}"
            assert_close(out, expected, dtype=dtype, actual_dtype=dtype, what=what)


@check("q7", points=3)
def autograd_reaches_every_parameter(student, reference, rng):
    """autograd through the module gives the right gradients by x and by the eight parameters."""
    N, T, d, h = 2, 5, 6, 3
    x, state, upstream = inputs.normal(rng, (N, T, d)), _state(rng, d), inputs.normal(rng, (N, T, d))
    _module(student, d, h, state, "float64")
    out, given = parts(student.run(run_module, d, h, state, x, upstream), ("out", "gradients"), what="the module")
    args = (x, *state.values(), h)
    assert_close(out, reference.causal_module(*args), what="output of the module")
    # A bias of the keys adds the same number to all scores of a query: its gradient is zero, and is compared apart.
    key_bias = array_of_shape(given["key.bias"], (d,), what="gradient by key.bias")
    assert_close(key_bias, np.zeros(d), kind="exact", what="gradient by key.bias")
    names = [name for name in state if name != "key.bias"]
    gradients = {"x": given["x"], **{name.replace(".", "_"): given[name] for name in names}}
    assert_backward_close(gradients, reference.causal_module, args, upstream=upstream, what="the module")


@check("q7", points=1)
def dropout_is_for_training_only(student, reference, rng):
    """With dropout=0.5 the module is deterministic and right after eval(), and drops whole weights after train()."""
    d, h = 6, 2
    x, state = inputs.normal(rng, (40, 1, d)), _state(rng, d)
    state["out.weight"], state["out.bias"] = np.eye(d), np.zeros(d)
    module = _module(student, d, h, state, "float64", 0.5)
    assert_close(module(_tensor(x, "float64")), reference.causal_module(x, *state.values(), h),
                 what="output after eval() with dropout=0.5")  # fmt: skip
    module.train()
    out = array_of_shape(module(_tensor(x, "float64")), x.shape, what="output after train()")
    # A single token has the weight 1 in each head. Dropped or doubled, it takes the whole head with it.
    right = reference.causal_module(x, *state.values(), h)
    factors = np.round(out / right, 6).reshape(40 * h, d // h)
    if not ((factors == 0.0) | (factors == 2.0)).all() or not (factors == factors[:, :1]).all():
        raise CheckFailed("After train() with dropout=0.5, each weight is neither 0 nor twice what it was.")
    kept = float((factors[:, 0] > 0).mean())  # of 80 weights: 0.5 +- 0.056, and five standard errors of that
    if not 0.22 < kept < 0.78:
        raise CheckFailed("After train() with dropout=0.5, it is not about half of the weights that is kept.")


@check("q7", points=1)
def the_module_refuses_uneven_heads(student, rng):
    """CausalSelfAttention(6, 4) raises ValueError; x is left as it was."""
    module = _module(student, 6, 3, _state(rng, 6), "float32")
    assert_unchanged(module, (_tensor(inputs.normal(rng, (2, 3, 6)), "float32"),), what="CausalSelfAttention")
    _assert_refused(student.CausalSelfAttention, (6, 4), "CausalSelfAttention(6, 4)")


# --- q8 kv_cache_step -------------------------------------------------------------------------------------------------


@check("q8", points=2)
def step_by_step_equals_the_causal_pass(student, reference, rng):
    """Decoding token by token gives the outputs of causal multi-head attention over the whole sequence."""
    x, _, *weights, h = _mha_problem(rng, reference, N=2, n=6, m=6, d=6, h=3, alike=True)
    expected = reference.self_attention(x, *weights, h, reference.causal_mask(6))
    keys = reference.split_heads(x @ weights[1], h)
    values = reference.split_heads(x @ weights[2], h)
    cache = None
    for t in range(6):
        y, cache = _step(student, x[:, t], cache, *weights, h)
        assert_close(y, expected[:, t], what=f"output of step {t}")
        K, V = parts(cache, ("K", "V"), what="the cache")
        assert_close(K, keys[:, :, : t + 1], what=f'cache["K"] after step {t}')
        assert_close(V, values[:, :, : t + 1], what=f'cache["V"] after step {t}')


@check("q8", points=1)
def two_continuations_can_share_a_past(student, reference, rng):
    """A step leaves the cache that it was given as it was, so that two continuations can start from it."""
    x, _, *weights, h = _mha_problem(rng, reference, N=2, n=4, m=4, d=6, h=2, alike=True)
    other = np.concatenate([x[:, :3], inputs.normal(rng, (2, 1, x.shape[2]))], axis=1)
    cache = None
    for t in range(3):
        _, cache = _step(student, x[:, t], cache, *weights, h)
    assert_unchanged(student.kv_cache_step, (x[:, 3], cache, *weights, h), what="kv_cache_step")
    for name, sequence in (("first", x), ("second", other)):
        y, _ = _step(student, sequence[:, 3], cache, *weights, h)
        expected = reference.self_attention(sequence, *weights, h, reference.causal_mask(4))[:, 3]
        assert_close(y, expected, what=f"output of the {name} continuation")


# --- q9 attention_cost ------------------------------------------------------------------------------------------------


@check("q9", points=2)
def costs_are_right_for_any_size(student, reference, rng):
    """All four counts are right, and integers, from a single token to a hundred thousand."""
    for n, d, h in ((1, 6, 1), (7, 12, 3), (100_000, 4096, 32), (int(rng.integers(10, 99)), 64, 8)):
        right = reference.attention_cost(n, d, h)
        found = parts(student.attention_cost(n, d, h), tuple(right), what="the costs")
        for (name, expected), cost in zip(right.items(), found, strict=True):
            assert_integer(cost, expected, what=f'attention_cost({n}, {d}, {h})["{name}"]')


# --- q10 lookup_loss, train_lookup ------------------------------------------------------------------------------------


@check("q10", points=2, repeat=2)
def lookup_loss_and_gradient_are_right(student, reference, rng):
    """The loss is the mean of -log of the weight on memories of the right class; dWq and dWk are its gradients."""
    args = _lookup_problem(rng)
    loss, dWq, dWk = parts(student.lookup_loss(*args), ("loss", "dWq", "dWk"), what="lookup_loss(...)")
    assert_close(loss, reference.lookup_loss(*args), what="loss")
    assert_backward_close({"dWq": dWq, "dWk": dWk}, reference.lookup_loss, args, what="lookup_loss")


@check("q10", points=1)
def training_steps_are_right(student, reference, rng):
    """After three steps Wq, Wk and the four losses are those of gradient descent; the start is left as it was.

    Without another word, the learning rate is 2.
    """
    args = (*_lookup_problem(rng), 0.5, 3)
    given = parts(student.train_lookup(*args), ("Wq", "Wk", "history"), what="train_lookup(...)")
    for name, value, right in zip(("Wq", "Wk", "history"), given, reference.train_lookup(*args), strict=True):
        assert_close(value, right, what=f"{name} after 3 steps")
    assert_unchanged(student.train_lookup, args, what="train_lookup")
    by_default = parts(student.train_lookup(*args[:-2], steps=1), ("Wq", "Wk", "history"), what="train_lookup(...)")
    assert_close(by_default[2], reference.train_lookup(*args[:-2], steps=1)[2], what="history of one step of 2.0")


@check("q10", points=2, behaviour=True)
def the_memory_recognises_new_digits(student, reference, rng):
    """With 100 digits in memory and 300 to practise on, the loss ends below 0.15, and 80 % of 400 unseen digits are read."""
    from sklearn.datasets import load_digits

    # Of 60 splits the loss ended between 0.028 and 0.072, and 4 % to 12 % were misread; with one projection that never
    # moves it ended above 0.6, with a wrong sign above 1.3.
    images, digits = load_digits(return_X_y=True)
    images = images / 16 - (images / 16).mean(axis=0)
    order = rng.permutation(len(digits))
    memory = np.concatenate([order[digits[order] == digit][:10] for digit in range(10)])  # a digit may not be missing
    practice, unseen = np.split(order[~np.isin(order, memory)][:700], [300])
    start = inputs.normal(rng, (64, 16), scale=0.2), inputs.normal(rng, (64, 16), scale=0.2)
    given = (images[practice], digits[practice], images[memory], digits[memory])
    Wq, Wk, history = parts(student.train_lookup(*start, *given), ("Wq", "Wk", "history"), what="train_lookup(...)")
    array_of_shape(history, (151,), what="history")
    Wq, Wk = (_plain(W, (64, 16), name) for name, W in (("Wq", Wq), ("Wk", Wk)))
    assert_trains(history, below=0.15, what="history")
    assert_trains(float(reference.lookup_loss(Wq, Wk, *given)), below=0.15, what="loss of the returned Wq and Wk")
    accuracy = reference.lookup_accuracy(Wq, Wk, images[unseen], digits[unseen], *given[2:])
    assert_trains(1 - float(accuracy), below=0.2, what="share of unseen digits that are misread")


# --- shared by the checks above ---------------------------------------------------------------------------------------


def run_module(d, h, state, x, upstream):
    """Run the student's module on x; returns its output, and the gradients by x and by each parameter."""
    import torch

    module = CausalSelfAttention(d, h).double()  # noqa: F821 - the student's
    module.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    leaf = torch.tensor(x, requires_grad=True)
    out = module(leaf)
    (out * torch.tensor(upstream)).sum().backward()
    gradients = {"x": leaf.grad, **{name: parameter.grad for name, parameter in module.named_parameters()}}
    return out.detach(), gradients


def _tensor(x, dtype):
    import torch

    return torch.tensor(x, dtype=getattr(torch, dtype))


def _module(student, d, h, state, dtype, *more):
    """The student's module in evaluation mode, with these parameters."""
    module = student.CausalSelfAttention(d, h, *more)
    found = module.state_dict()
    if not isinstance(found, dict) or set(found) != set(state):
        raise CheckFailed(f"The state dict has not exactly the keys {', '.join(state)}.")
    module.double() if dtype == "float64" else module.float()
    module.load_state_dict({name: _tensor(value, dtype) for name, value in state.items()})
    module.eval()
    return module


def _state(rng, d):
    """Parameters for the module, in the order in which the reference takes them."""
    shapes = {"weight": (d, d), "bias": (d,)}
    return {
        f"{layer}.{part}": inputs.normal(rng, shape, scale=0.4)
        for layer in ("query", "key", "value", "out")
        for part, shape in shapes.items()
    }


def _qkv(rng, reference, *, n, m, d_k, d_v, batch=()):
    """Queries, keys and values whose weights are not saturated: an arg max would otherwise pass for a softmax."""
    for _ in range(100):
        drawn = inputs.qkv(rng, n=n, m=m, d_k=d_k, d_v=d_v, batch=batch)
        if float(np.max(reference.attention_weights(drawn.q, drawn.k))) < 0.95:
            return drawn
    raise CourseError("no inputs of attention were found whose weights are not saturated")


def _saturated(rng, reference):
    """Q (4, 6), K (5, 6) and V (5, 3): queries 0 and 2 have scores above 1000 and below -1000, the others usual ones."""
    for _ in range(100):
        Q, K, V = _qkv(rng, reference, n=4, m=5, d_k=6, d_v=3)
        Q[[0, 2]] *= np.array([[3e3], [-3e3]])
        scores = Q[[0, 2]] @ K.T / np.sqrt(6)
        if (scores.max(axis=1) > 1000).all() and (scores.min(axis=1) < -1000).all():
            return Q, K, V
    raise CourseError("no inputs of attention were found with scores above 1000 and below -1000")


def _mha_problem(rng, reference, *, N, n, m, d, h, alike=False):
    """xq (N, n, 9), xkv (N, m, 4), matrices to d features and back to 7, and h; alike: both inputs have 9 features."""
    d_q, d_kv = 9, 9 if alike else 4
    for _ in range(100):
        xq, xkv = inputs.normal(rng, (N, n, d_q)), inputs.normal(rng, (N, m, d_kv))
        Wq = inputs.normal(rng, (d_q, d), scale=d_q**-0.5)
        Wk, Wv = (inputs.normal(rng, (d_kv, d), scale=d_kv**-0.5) for _ in range(2))
        if m == 1 or float(np.max(reference.mha_weights(xq, xkv, Wq, Wk, h))) < 0.95:
            return xq, xkv, Wq, Wk, Wv, inputs.normal(rng, (d, 7), scale=d**-0.5), h
    raise CourseError("no inputs of multi-head attention were found whose weights are not saturated")


def _lookup_problem(rng):
    """Wq, Wk (6, 4), queries (7, 6) with labels, memory (23, 6) in which every digit occurs."""
    Wq, Wk = (inputs.normal(rng, (6, 4), scale=0.5) for _ in range(2))
    labels, memory_labels = inputs.labels(rng, 7, 10), inputs.labels(rng, 23, 10)
    return Wq, Wk, inputs.normal(rng, (7, 6)), labels, inputs.normal(rng, (23, 6)), memory_labels


def _weights_in(found):
    out, cache = found
    if not isinstance(cache, dict) or "A" not in cache:
        raise CheckFailed('The cache is not a dict with the key "A".')
    return out, cache["A"]


def _attend(student, *args):
    return _weights_in(parts(student.sdpa_forward(*args), ("out", "cache"), what="sdpa_forward(Q, K, V, mask)"))


def _mha(student, *args):
    return _weights_in(parts(student.mha_forward(*args), ("out", "cache"), what="mha_forward(...)"))


def _back(student, dout, *args):
    """The student's gradients by name, from the cache of the student's own forward."""
    _, cache = parts(student.sdpa_forward(*args), ("out", "cache"), what="sdpa_forward(Q, K, V, mask)")
    return _gradients(student.sdpa_backward(dout, cache))


def _gradients(value):
    names = ("dQ", "dK", "dV")
    return dict(zip(names, parts(value, names, what="sdpa_backward(dout, cache)"), strict=True))


def _mha_back(student, dout, *args):
    _, cache = parts(student.mha_forward(*args), ("out", "cache"), what="mha_forward(...)")
    return _mha_gradients(student.mha_backward(dout, cache))


def _mha_gradients(value):
    names = ("dxq", "dxkv", "dWq", "dWk", "dWv", "dWo")
    return dict(zip(names, parts(value, names, what="mha_backward(dout, cache)"), strict=True))


def _step(student, x_t, cache, *weights):
    return parts(student.kv_cache_step(x_t, cache, *weights), ("y_t", "cache"), what="kv_cache_step(...)")


def _leading(batch):
    return f"leading axes {batch}" if batch else "no leading axes"


def _assert_mha_gradients(student, reference, rng, names):
    for N, n, m, d, h in ((2, 3, 5, 6, 2), (3, 5, 4, 8, 4), (2, 4, 3, 5, 1)):
        args, dout = _mha_problem(rng, reference, N=N, n=n, m=m, d=d, h=h), inputs.normal(rng, (N, n, 7))
        given = _mha_back(student, dout, *args)
        what = f"multi-head attention with {h} heads" if h > 1 else "multi-head attention with one head"
        chosen = {name: given[name] for name in names}
        assert_backward_close(chosen, reference.mha, args, upstream=dout, what=what)


def _shared(free, mask):
    """What the keys that the mask allows make of the weights that they have without one."""
    kept = np.where(np.broadcast_to(mask, free.shape), free, 0.0)
    total = np.broadcast_to(kept.sum(axis=-1, keepdims=True), kept.shape)
    return np.divide(kept, total, out=np.zeros_like(kept), where=total != 0)


def _plain(value, shape, what):
    array = array_of_shape(value, shape, what=what).astype(np.float64)
    if not np.isfinite(array).all():
        raise CheckFailed(f"{what} holds nan or inf.")
    return array


def _assert_refused(function, args, what):
    try:
        function(*args)
    except StudentRaised as error:
        if error.exception == "ValueError":
            return
        raise
    raise CheckFailed(f"{what} was accepted, expected ValueError.")
