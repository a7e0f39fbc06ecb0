"""Public checks of attention: what a student runs while writing."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_close,
    assert_dtype,
    assert_integer,
    assert_own_gradient,
    assert_shape,
    parts,
)
from autograder.errors import CheckFailed

LN3 = 1.0986122886681098

# --- q1 sdpa_forward --------------------------------------------------------------------------------------------------


@check("q1", points=2)
def two_keys_worked_by_hand(student):
    """With scores ln 3 and 0 the weights are 3/4 and 1/4, and the output is that average of the two values."""
    Q = np.array([[1.0, 1.0, 1.0, 1.0]])
    K = np.array([[LN3, LN3, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    V = np.array([[4.0, 0.0, 8.0], [0.0, 4.0, -8.0]])
    out, A = _attend(student, Q, K, V)
    assert_close(A, [[0.75, 0.25]], what='cache["A"] for the two keys')
    assert_close(out, [[3.0, 1.0, 4.0]], what="output for the two keys")


@check("q1", points=1)
def each_query_distributes_one_unit_of_attention(student, rng):
    """The weights in cache["A"] have shape (..., Tq, Tk), are never negative, and each row sums to one."""
    Q, K, V = inputs.qkv(rng, n=3, m=5, d_k=4, d_v=2, batch=(2,))
    _, A = _attend(student, Q, K, V)
    A = array_of_shape(A, (2, 3, 5), what='cache["A"]')
    assert_close(np.minimum(A, 0.0), np.zeros((2, 3, 5)), kind="exact", what='negative part of cache["A"]')
    assert_close(A.sum(axis=-1), np.ones((2, 3)), what='cache["A"].sum(axis=-1)')


@check("q1", points=1)
def a_query_of_zeros_gets_the_mean_of_the_values(student, rng):
    """With Q = 0 every key has the same score, so the output is the mean of the allowed values."""
    _, K, V = inputs.qkv(rng, n=3, m=5, d_k=4, d_v=2)
    out, _ = _attend(student, np.zeros((3, 4)), K, V)
    assert_close(out, np.tile(V.mean(axis=0), (3, 1)), what="output for Q = 0")
    mask = np.array([True, False, True, True, False])
    out, _ = _attend(student, np.zeros((3, 4)), K, V, mask)
    assert_close(out, np.tile(V[mask].mean(axis=0), (3, 1)), what="output for Q = 0 with a mask")


@check("q1", points=1)
def attention_keeps_the_dtype(student, rng):
    """float32 in, float32 out: output and weights."""
    Q, K, V = (x.astype(np.float32) for x in inputs.qkv(rng, n=3, m=5, d_k=6, d_v=2))
    out, A = _attend(student, Q, K, V)
    assert_shape(out, (3, 2), what="output")
    assert_dtype(out, np.float32, what="output for float32 Q, K and V")
    assert_dtype(A, np.float32, what='cache["A"] for float32 Q and K')


# --- q2 sdpa_backward -------------------------------------------------------------------------------------------------


@check("q2", points=1)
def gradients_have_the_shapes_of_their_inputs(student, rng):
    """dQ, dK and dV have the shapes of Q, K and V, and no gradient comes back where none went in."""
    Q, K, V = inputs.qkv(rng, n=3, m=5, d_k=4, d_v=2, batch=(2,))
    for name, gradient, x in zip(
        ("dQ", "dK", "dV"), _back(student, np.zeros((2, 3, 2)), Q, K, V), (Q, K, V), strict=True
    ):
        assert_close(gradient, np.zeros(x.shape), kind="exact", what=f"{name} for dout = 0")


@check("q2", points=1)
def the_values_get_their_share(student, rng):
    """dV says how your own output changes when V changes a little."""
    args, dout = inputs.qkv(rng, n=3, m=5, d_k=4, d_v=2, batch=(2,)), inputs.normal(rng, (2, 3, 2))
    _, _, dV = _back(student, dout, *args)
    names = ("Q", "K", "V")
    assert_own_gradient(student.sdpa_forward, args, {"dV": dV}, rng=rng, upstream=dout, output=0, names=names)


@check("q2", points=3)
def backward_is_the_slope_of_your_forward(student, rng):
    """dQ and dK say how your own output changes when Q and K change a little."""
    args, dout = inputs.qkv(rng, n=3, m=5, d_k=4, d_v=2), inputs.normal(rng, (3, 2))
    dQ, dK, _ = _back(student, dout, *args)
    given, names = {"dQ": dQ, "dK": dK}, ("Q", "K", "V")
    assert_own_gradient(student.sdpa_forward, args, given, rng=rng, upstream=dout, output=0, names=names)


# --- q3 causal_mask, padding_mask -------------------------------------------------------------------------------------


@check("q3", points=1)
def causal_mask_of_four_tokens(student):
    """causal_mask(4) lets each token see itself and what came before: True on and below the diagonal."""
    expected = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]], dtype=bool)
    assert_close(student.causal_mask(4), expected, actual_dtype=np.bool_, what="causal_mask(4)")


@check("q3", points=1)
def padding_mask_of_two_sequences(student):
    """padding_mask([2, 3], 3) has shape (2, 1, 1, 3), and is True for the first 2 and the first 3 positions."""
    expected = np.array([[[[True, True, False]]], [[[True, True, True]]]])
    assert_close(student.padding_mask([2, 3], 3), expected, actual_dtype=np.bool_, what="padding_mask([2, 3], 3)")


# --- q4 split_heads, merge_heads --------------------------------------------------------------------------------------


@check("q4", points=2)
def two_tokens_split_by_hand(student):
    """Of the features 0 ... 5 of a token, head 0 of 3 sees 0 and 1, head 1 sees 2 and 3, head 2 sees 4 and 5."""
    x = np.array([[[0.0, 1, 2, 3, 4, 5], [10, 11, 12, 13, 14, 15]]])
    expected = [[[[0.0, 1], [10, 11]], [[2, 3], [12, 13]], [[4, 5], [14, 15]]]]
    assert_close(student.split_heads(x, 3), np.array(expected), what="split_heads(x, 3)")


@check("q4", points=1)
def merging_undoes_splitting(student, rng):
    """merge_heads(split_heads(x, h)) is x."""
    x = inputs.normal(rng, (2, 5, 6))
    for h in (1, 2, 3, 6):
        heads = array_of_shape(student.split_heads(x, h), (2, h, 5, 6 // h), what=f"split_heads(x, {h})")
        assert_close(student.merge_heads(heads), x, kind="exact", what=f"merge_heads(split_heads(x, {h}))")


# --- q5 mha_forward ---------------------------------------------------------------------------------------------------


@check("q5", points=2)
def one_head_is_attention_between_projections(student, reference, rng):
    """With h = 1 the result is attention of the projected queries, keys and values, times Wo."""
    xq, xkv, Wq, Wk, Wv, Wo = _mha_inputs(rng, d=4)
    out, _ = _mha(student, xq, xkv, Wq, Wk, Wv, Wo, 1)
    expected = reference.attention(xq @ Wq, xkv @ Wk, xkv @ Wv) @ Wo
    assert_close(out, expected, what="mha_forward(xq, xkv, Wq, Wk, Wv, Wo, 1)")


@check("q5", points=2)
def every_head_has_weights_of_its_own(student, reference, rng):
    """cache["A"] has shape (N, h, Tq, Tk): for each sequence and head, one row of weights for each query."""
    xq, xkv, Wq, Wk, Wv, Wo = _mha_inputs(rng, d=6)
    out, A = _mha(student, xq, xkv, Wq, Wk, Wv, Wo, 3)
    assert_shape(out, (2, 3, 7), what="output of mha_forward")
    assert_close(A, reference.mha_weights(xq, xkv, Wq, Wk, 3), what='cache["A"]')


# --- q6 mha_backward --------------------------------------------------------------------------------------------------


@check("q6", points=2)
def input_gradients_are_slopes_of_your_forward(student, rng):
    """dxq and dxkv say how your own output changes when xq and xkv change a little."""
    _assert_slopes(student, rng, ("dxq", "dxkv"))


@check("q6", points=1)
def weight_gradients_are_slopes_of_your_forward(student, rng):
    """dWq, dWk, dWv and dWo say how your own output changes when the four matrices change a little."""
    _assert_slopes(student, rng, ("dWq", "dWk", "dWv", "dWo"))


# --- q7 CausalSelfAttention -------------------------------------------------------------------------------------------


@check("q7", points=1)
def the_module_has_the_parameters_of_four_linear_layers(student):
    """The state dict holds weight and bias of query, key, value and out: 4 d^2 + 4 d numbers in all."""
    for d, h in ((6, 2), (12, 3)):
        state = _state_dict(student.CausalSelfAttention(d, h))
        for name, value in state.items():
            assert_shape(value, (d, d) if name.endswith("weight") else (d,), what=f"{name} for d_model={d}")
        assert_integer(sum(np.asarray(each).size for each in state.values()), 4 * d * d + 4 * d, what="numbers in all")


@check("q7", points=2)
def the_module_computes_causal_attention(student, reference, rng):
    """With given parameters, output and weights are those of question 5 with a causal mask (and biases)."""
    import torch

    x, state = inputs.normal(rng, (2, 5, 6)), _state(rng, 6)
    module = _module(student, 6, 3, state)
    out = module(torch.tensor(x))
    assert_close(out, reference.causal_module(x, *state.values(), 3), what="output of the module")


@check("q7", points=1)
def later_tokens_change_nothing_before_them(student, rng):
    """Other tokens from position 3 on leave the outputs before position 3 as they were."""
    import torch

    module = _module(student, 6, 2, _state(rng, 6))
    x = inputs.normal(rng, (2, 5, 6))
    other = x.copy()
    other[:, 3:] = inputs.normal(rng, (2, 2, 6), scale=2)
    first = array_of_shape(module(torch.tensor(x)), (2, 5, 6), what="output of the module")
    second = array_of_shape(module(torch.tensor(other)), (2, 5, 6), what="output of the module")
    assert_close(
        second[:, :3], first[:, :3], kind="exact", what="outputs before the change, compared with the first run"
    )


# --- q8 kv_cache_step -------------------------------------------------------------------------------------------------


@check("q8", points=1)
def the_first_token_can_only_look_at_itself(student, rng):
    """Without a cache the output is x_t @ Wv @ Wo, and the new cache holds one key and one value per head."""
    x, Wo = inputs.normal(rng, (2, 5)), inputs.normal(rng, (6, 7), scale=0.5)
    Wq, Wk, Wv = (inputs.normal(rng, (5, 6), scale=0.5) for _ in range(3))
    y, cache = parts(student.kv_cache_step(x, None, Wq, Wk, Wv, Wo, 3), ("y_t", "cache"), what="kv_cache_step(...)")
    assert_close(y, x @ Wv @ Wo, what="output for the first token")
    K, V = parts(cache, ("K", "V"), what="the cache")
    assert_close(K, (x @ Wk).reshape(2, 3, 1, 2), what='cache["K"] after the first token')
    assert_close(V, (x @ Wv).reshape(2, 3, 1, 2), what='cache["V"] after the first token')


# --- q9 attention_cost ------------------------------------------------------------------------------------------------


@check("q9", points=1)
def costs_of_two_tokens_with_eight_features(student):
    """n = 2, d = 8, h = 4: 512 multiply-adds to project, 32 for the scores, 32 for the values, 16 scores to keep."""
    found = parts(student.attention_cost(2, 8, 4), ("projections", "scores", "values", "memory"), what="the costs")
    for name, cost, right in zip(("projections", "scores", "values", "memory"), found, (512, 32, 32, 16), strict=True):
        assert_integer(cost, right, what=f'attention_cost(2, 8, 4)["{name}"]')


# --- q10 lookup_loss, train_lookup ------------------------------------------------------------------------------------


@check("q10", points=1)
def an_untrained_lookup_knows_how_common_each_class_is(student, rng):
    """With Wq = 0 all memories get the same weight, so the loss is -ln of each class's share of the memory."""
    queries, memory = inputs.normal(rng, (4, 5)), inputs.normal(rng, (8, 5))
    labels, memory_labels = np.array([7, 2, 2, 0]), np.array([2, 7, 0, 2, 9, 2, 7, 2])
    found = student.lookup_loss(np.zeros((5, 3)), np.ones((5, 3)), queries, labels, memory, memory_labels)
    loss, _, _ = parts(found, ("loss", "dWq", "dWk"), what="lookup_loss(...)")
    shares = np.array([2 / 8, 4 / 8, 4 / 8, 1 / 8])
    assert_close(loss, -np.log(shares).mean(), what="loss for Wq = 0")


@check("q10", points=1)
def gradients_are_the_slopes_of_your_lookup_loss(student, rng):
    """dWq and dWk say how your own loss changes when Wq and Wk change a little."""
    Wq, Wk = inputs.normal(rng, (5, 3), scale=0.7), inputs.normal(rng, (5, 3), scale=0.7)
    queries, memory = inputs.normal(rng, (4, 5)), inputs.normal(rng, (8, 5))
    args = (Wq, Wk, queries, np.array([7, 2, 2, 0]), memory, np.array([2, 7, 0, 2, 9, 2, 7, 2]))
    _, dWq, dWk = parts(student.lookup_loss(*args), ("loss", "dWq", "dWk"), what="lookup_loss(...)")
    names = ("Wq", "Wk", "queries", "labels", "memory", "memory_labels")
    assert_own_gradient(student.lookup_loss, args, {"dWq": dWq, "dWk": dWk}, rng=rng, output=0, names=names)


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _attend(student, *args):
    """Output and weights of the student's attention."""
    out, cache = parts(student.sdpa_forward(*args), ("out", "cache"), what="sdpa_forward(Q, K, V, mask)")
    (A,) = _entries(cache, "A", "the cache of sdpa_forward")
    return out, A


def _back(student, dout, *args):
    """The student's gradients, from the cache of the student's own forward."""
    _, cache = parts(student.sdpa_forward(*args), ("out", "cache"), what="sdpa_forward(Q, K, V, mask)")
    return parts(student.sdpa_backward(dout, cache), ("dQ", "dK", "dV"), what="sdpa_backward(dout, cache)")


def _mha(student, *args):
    out, cache = parts(student.mha_forward(*args), ("out", "cache"), what="mha_forward(...)")
    (A,) = _entries(cache, "A", "the cache of mha_forward")
    return out, A


def _mha_back(student, dout, *args):
    _, cache = parts(student.mha_forward(*args), ("out", "cache"), what="mha_forward(...)")
    names = ("dxq", "dxkv", "dWq", "dWk", "dWv", "dWo")
    return dict(zip(names, parts(student.mha_backward(dout, cache), names, what="mha_backward(...)"), strict=True))


def _assert_slopes(student, rng, chosen):
    args, dout = (*_mha_inputs(rng, d=6), 3), inputs.normal(rng, (2, 3, 7))
    gradients = _mha_back(student, dout, *args)
    given = {name: gradients[name] for name in chosen}
    names = ("xq", "xkv", "Wq", "Wk", "Wv", "Wo", "h")
    assert_own_gradient(student.mha_forward, args, given, rng=rng, upstream=dout, output=0, names=names)


def _entries(cache, name, what):
    if not isinstance(cache, dict):
        raise CheckFailed(f'{what} is not a dict, expected one with the key "{name}".')
    return parts(cache, (name,), what=what)


def _mha_inputs(rng, *, d):
    """xq (2, 3, 5), xkv (2, 4, 8), and the four matrices of d features: every axis has a length of its own."""
    xq, xkv = inputs.normal(rng, (2, 3, 5)), inputs.normal(rng, (2, 4, 8))
    Wq, Wk, Wv = (
        inputs.normal(rng, (5, d), scale=0.5),
        inputs.normal(rng, (8, d), scale=0.4),
        inputs.normal(rng, (8, d)),
    )
    return xq, xkv, Wq, Wk, Wv, inputs.normal(rng, (d, 7))


def _state_dict(module):
    """The state of the student's module, if it has the right keys."""
    state = module.state_dict()
    wanted = [f"{layer}.{part}" for layer in ("query", "key", "value", "out") for part in ("weight", "bias")]
    found = sorted(map(str, state)) if isinstance(state, dict) else []
    if found != sorted(wanted):
        listed = ", ".join(found) or "(none)"
        raise CheckFailed(f"The state dict has the keys {listed}; expected {', '.join(wanted)}.")
    return state


def _module(student, d, h, state):
    """The student's module in float64, with these parameters."""
    import torch

    module = student.CausalSelfAttention(d, h)
    _state_dict(module)
    module.double()
    module.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    return module


def _state(rng, d):
    """Parameters for the module, in the order in which the reference takes them."""
    shapes = {"weight": (d, d), "bias": (d,)}
    return {
        f"{layer}.{part}": inputs.normal(rng, shape, scale=0.5)
        for layer in ("query", "key", "value", "out")
        for part, shape in shapes.items()
    }
