"""The reference of attention, against torch's own functions and layers, closed forms and finite differences."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "attention"
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "attention", "reference"))


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def qkv(rng):
    return rng.normal(size=(2, 3, 4, 6)), rng.normal(size=(2, 3, 7, 6)), rng.normal(size=(2, 3, 7, 5))


@pytest.fixture
def mha_inputs(rng):
    """xq (2, 3, 9), xkv (2, 5, 4), the four matrices of 6 features, and 3 heads."""
    shapes = (2, 3, 9), (2, 5, 4), (9, 6), (4, 6), (4, 6), (6, 7)
    return (*(0.5 * rng.normal(size=shape) for shape in shapes), 3)


def library_attention(q, k, v, mask=None):
    given = (torch.from_numpy(x) for x in (q, k, v))
    allowed = None if mask is None else torch.from_numpy(mask)
    return torch.nn.functional.scaled_dot_product_attention(*given, attn_mask=allowed).numpy()


def slope(f, x, h=1e-5):
    """Central differences of a number by each entry of x."""
    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        result[index] = (f(x + step) - f(x - step)) / (2 * h)
    return result


def test_attention_is_that_of_torch(reference, qkv):
    assert_allclose(reference.attention(*qkv), library_attention(*qkv), **ROUNDING)


def test_masked_attention_is_that_of_torch(reference, qkv, rng):
    mask = rng.random((2, 1, 4, 7)) < 0.6
    mask[..., 0] = True
    assert_allclose(reference.attention(*qkv, mask), library_attention(*qkv, mask), **ROUNDING)


def test_two_keys_with_scores_ln_3_and_0_get_three_quarters_and_one_quarter(reference):
    k = np.array([[2 * np.log(3), 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    assert_allclose(reference.attention_weights(np.array([[1.0, 5.0, 5.0, 5.0]]), k), [[0.75, 0.25]], **ROUNDING)


def test_a_query_that_may_look_nowhere_gets_zeros(reference, qkv):
    mask = np.ones((4, 7), dtype=bool)
    mask[2] = False
    out = reference.attention(*qkv, mask)
    assert_array_equal(out[:, :, 2], np.zeros((2, 3, 5)))
    assert_allclose(out[:, :, 3], library_attention(*qkv)[:, :, 3], **ROUNDING)


def test_the_gradient_of_a_query_that_may_look_nowhere_is_zero_and_not_nan(reference, qkv, rng):
    mask = np.ones((4, 7), dtype=bool)
    mask[2] = False
    dQ, dK, dV = reference.attention.gradient((*qkv, mask), wrt=(0, 1, 2), upstream=rng.normal(size=(2, 3, 4, 5)))
    assert_array_equal(dQ[:, :, 2], np.zeros((2, 3, 6)))
    assert np.isfinite(dQ).all() and np.isfinite(dK).all() and np.isfinite(dV).all()


@pytest.mark.parametrize("position", [0, 1, 2])
def test_gradients_of_attention_are_its_slopes(reference, qkv, rng, position):
    args = [x[0, 0] for x in qkv]
    mask, upstream = np.tri(4, 7, k=2, dtype=bool), rng.normal(size=(4, 5))

    def scalar(x):
        given = [*args[:position], x, *args[position + 1 :]]
        return (reference.attention(*given, mask) * upstream).sum()

    (gradient,) = reference.attention.gradient((*args, mask), wrt=(position,), upstream=upstream)
    assert_allclose(gradient, slope(scalar, args[position]), rtol=1e-7, atol=1e-9)


def test_scores_in_the_thousands_are_looked_up(reference):
    k = np.array([[1000.0], [-1000.0]])
    assert_array_equal(reference.attention_weights(np.array([[1.0], [-1.0]]), k), np.eye(2))


def test_the_causal_mask_is_a_lower_triangle(reference):
    assert_array_equal(reference.causal_mask(4), np.tri(4, dtype=bool))


def test_the_causal_mask_of_nothing_is_empty(reference):
    assert reference.causal_mask(0).shape == (0, 0)


def test_the_padding_mask_allows_the_first_tokens(reference):
    expected = np.array([[True, True, False], [False, False, False], [True, True, True]])[:, None, None]
    assert_array_equal(reference.padding_mask([2, 0, 3], 3), expected)


def test_heads_get_neighbouring_features_of_every_token(reference):
    x = np.array([[[0.0, 1, 2, 3], [10, 11, 12, 13]]])
    assert_array_equal(reference.split_heads(x, 2), [[[[0, 1], [10, 11]], [[2, 3], [12, 13]]]])


def test_merging_undoes_splitting(reference, rng):
    x = rng.normal(size=(2, 5, 6))
    assert_array_equal(reference.merge_heads(reference.split_heads(x, 3)), x)


def library_mha(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """torch.nn.MultiheadAttention without projections of its own: queries, keys and values come projected."""
    d = Wq.shape[1]
    layer = torch.nn.MultiheadAttention(d, h, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.eye(d, dtype=torch.float64).repeat(3, 1))
        layer.out_proj.weight.copy_(torch.eye(d, dtype=torch.float64))
        forbidden = None if mask is None else torch.from_numpy(~mask)
        q, k, v = (torch.from_numpy(x) for x in (xq @ Wq, xkv @ Wk, xkv @ Wv))
        out, weights = layer(q, k, v, attn_mask=forbidden, average_attn_weights=False)
    return out.numpy() @ Wo, weights.numpy()


def test_multi_head_attention_is_that_of_torch(reference, mha_inputs):
    out, weights = library_mha(*mha_inputs)
    xq, xkv, Wq, Wk, _, _, h = mha_inputs
    assert_allclose(reference.mha(*mha_inputs), out, **ROUNDING)
    assert_allclose(reference.mha_weights(xq, xkv, Wq, Wk, h), weights, **ROUNDING)


def test_masked_multi_head_attention_is_that_of_torch(reference, mha_inputs):
    mask = np.tri(3, 5, k=1, dtype=bool)
    assert_allclose(reference.mha(*mha_inputs, mask), library_mha(*mha_inputs, mask)[0], **ROUNDING)


def test_every_head_follows_its_own_mask(reference, mha_inputs, rng):
    mask = rng.random((2, 3, 3, 5)) < 0.6
    mask[..., 1] = True
    given = torch.from_numpy(mask)
    xq, xkv, Wq, Wk, Wv, Wo, h = mha_inputs
    heads = (reference.split_heads(x, h) for x in (xq @ Wq, xkv @ Wk, xkv @ Wv))
    expected = reference.merge_heads(library_attention(*heads, given.numpy())) @ Wo
    assert_allclose(reference.mha(*mha_inputs, mask), expected, **ROUNDING)


@pytest.mark.parametrize("position", range(6))
def test_gradients_of_multi_head_attention_are_its_slopes(reference, mha_inputs, rng, position):
    upstream = rng.normal(size=(2, 3, 7))

    def scalar(x):
        given = [*mha_inputs[:position], x, *mha_inputs[position + 1 :]]
        return (reference.mha(*given) * upstream).sum()

    (gradient,) = reference.mha.gradient(mha_inputs, wrt=(position,), upstream=upstream)
    assert_allclose(gradient, slope(scalar, mha_inputs[position]), rtol=1e-7, atol=1e-9)


def test_the_gradient_of_self_attention_is_the_sum_of_both_inputs(reference, mha_inputs, rng):
    _, _, Wq, _, _, Wo, h = mha_inputs
    x, Wk, Wv, upstream = (rng.normal(size=shape) for shape in ((2, 5, 9), (9, 6), (9, 6), (2, 5, 7)))
    (dx,) = reference.self_attention.gradient((x, Wq, Wk, Wv, Wo, h), wrt=(0,), upstream=upstream)
    dxq, dxkv = reference.mha.gradient((x, x, Wq, Wk, Wv, Wo, h), wrt=(0, 1), upstream=upstream)
    assert_allclose(dx, dxq + dxkv, **ROUNDING)


def test_the_module_is_causal_multi_head_attention_of_torch(reference, rng):
    d, h = 6, 3
    x = rng.normal(size=(2, 5, d))
    state = [0.4 * rng.normal(size=shape) for _ in range(4) for shape in ((d, d), (d,))]
    layer = torch.nn.MultiheadAttention(d, h, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.from_numpy(np.concatenate(state[0:6:2])))
        layer.in_proj_bias.copy_(torch.from_numpy(np.concatenate(state[1:6:2])))
        layer.out_proj.weight.copy_(torch.from_numpy(state[6]))
        layer.out_proj.bias.copy_(torch.from_numpy(state[7]))
        later = torch.ones(5, 5, dtype=torch.bool).triu(1)
        given = torch.from_numpy(x)
        expected, _ = layer(given, given, given, attn_mask=later, need_weights=False)
    assert_allclose(reference.causal_module(x, *state, h), expected.numpy(), **ROUNDING)


def test_costs_of_the_base_model_of_the_paper(reference):
    expected = {"projections": 4 * 100 * 512**2, "scores": 100**2 * 512, "values": 100**2 * 512, "memory": 8 * 100**2}
    assert reference.attention_cost(100, 512, 8) == expected


@pytest.fixture
def lookup(rng):
    """Wq, Wk, four queries with labels, nine memories with labels."""
    Wq, Wk = 0.5 * rng.normal(size=(2, 6, 3))
    return Wq, Wk, rng.normal(size=(4, 6)), np.array([2, 0, 2, 5]), rng.normal(size=(9, 6)), np.arange(9) % 6


def test_the_lookup_loss_is_the_negative_log_likelihood_of_torch(reference, lookup):
    Wq, Wk, queries, labels, memory, memory_labels = lookup
    p = reference.attention(queries @ Wq, memory @ Wk, np.eye(10)[memory_labels])
    expected = torch.nn.functional.nll_loss(torch.from_numpy(p).log(), torch.from_numpy(labels))
    assert_allclose(reference.lookup_loss(*lookup), expected.item(), **ROUNDING)


def test_the_gradient_of_the_lookup_loss_is_its_slope(reference, lookup):
    dWq, dWk = reference.lookup_loss.gradient(lookup, wrt=(0, 1))
    assert_allclose(dWq, slope(lambda W: reference.lookup_loss(W, *lookup[1:]), lookup[0]), rtol=1e-7, atol=1e-9)
    assert_allclose(
        dWk, slope(lambda W: reference.lookup_loss(lookup[0], W, *lookup[2:]), lookup[1]), rtol=1e-7, atol=1e-9
    )


def test_training_is_plain_gradient_descent_of_torch(reference, lookup):
    Wq, Wk, history = reference.train_lookup(*lookup, 0.3, 4)
    leaves = [torch.from_numpy(W.copy()).requires_grad_() for W in lookup[:2]]
    optimiser = torch.optim.SGD(leaves, lr=0.3)
    given = [torch.from_numpy(x) for x in lookup[2:]]
    losses = []
    for _ in range(4):
        optimiser.zero_grad()
        weights = ((given[0] @ leaves[0]) @ (given[2] @ leaves[1]).T / 3**0.5).softmax(dim=1)
        loss = -(weights * (given[1][:, None] == given[3])).sum(dim=1).log().mean()
        losses.append(loss.item())
        loss.backward()
        optimiser.step()
    assert_allclose(Wq, leaves[0].detach().numpy(), **ROUNDING)
    assert_allclose(Wk, leaves[1].detach().numpy(), **ROUNDING)
    assert_allclose(history[:4], losses, **ROUNDING)
    assert len(history) == 5


def test_a_memory_recognises_what_it_holds(reference):
    images, digits, sharp = np.eye(6), np.array([3, 1, 4, 1, 5, 9]), 5 * np.eye(6)
    assert reference.lookup_accuracy(sharp, sharp, images, digits, images, digits) == 1.0


def test_a_memory_that_looks_away_recognises_nothing(reference):
    images, digits, away = np.eye(6), np.array([3, 1, 4, 0, 5, 9]), np.roll(np.eye(6), 1, axis=0)
    assert reference.lookup_accuracy(50 * np.eye(6), away, images, digits, images, digits) == 0.0
