"""What students get wrong in attention, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (AT-...) are those of the course's catalogue.
"""

import math

import numpy as np
import torch
from autograder.topic import mistake

from .solution import (
    attention_cost,
    causal_mask,
    kv_cache_step,
    lookup_loss,
    merge_heads,
    mha_backward,
    mha_forward,
    padding_mask,
    sdpa_backward,
    sdpa_forward,
    split_heads,
    train_lookup,
)

# --- q1 sdpa_forward --------------------------------------------------------------------------------------------------


@mistake(
    of="sdpa_forward",
    caught_by=("two_keys_worked_by_hand", "attention_is_right"),
    hint="Your scores are not scaled: the variance of a product of dk numbers grows with dk, and the softmax with it "
    "towards a hard choice.",
)
def no_scale(Q, K, V, mask=None):
    """(AT-1) softmax(Q K^T) V, dot-product attention as in some notes."""
    return _attention(Q, K, V, mask, scale=1.0)


@mistake(
    of="sdpa_forward",
    caught_by=("two_keys_worked_by_hand", "attention_is_right"),
    hint="Your weights are too even: the scores were made smaller than a standard deviation of 1 asks for. What grows with "
    "dk is their variance.",
)
def divided_by_dk(Q, K, V, mask=None):
    """(AT-2) / dk in place of / sqrt(dk)."""
    return _attention(Q, K, V, mask, scale=1.0 / Q.shape[-1])


@mistake(
    of="sdpa_forward",
    caught_by=("two_keys_worked_by_hand", "attention_is_right"),
    hint="Your scale depends on the number of keys. Which sum has a variance that is to be kept at 1: over what does it run?",
)
def scaled_by_the_number_of_keys(Q, K, V, mask=None):
    """/ sqrt(K.shape[-2]): the wrong axis of the right array."""
    return _attention(Q, K, V, mask, scale=1.0 / math.sqrt(K.shape[-2]))


@mistake(
    of="sdpa_forward",
    caught_by=("two_keys_worked_by_hand", "attention_is_right"),
    hint="Your scale depends on the width of the values, which take no part in the scores.",
)
def scaled_by_the_width_of_the_values(Q, K, V, mask=None):
    """/ sqrt(V.shape[-1]), which is the same number in most drawings."""
    return _attention(Q, K, V, mask, scale=1.0 / math.sqrt(V.shape[-1]))


@mistake(
    of="sdpa_forward",
    caught_by="each_query_distributes_one_unit_of_attention",
    hint="The columns of your weights sum to one, the rows do not: each query distributes its own attention over the keys, "
    "not each key over the queries.",
)
def softmax_over_the_queries(Q, K, V, mask=None):
    """(AT-4) The softmax along axis -2."""
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-2, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-2, keepdims=True)
    A = e / np.where(total == 0, 1.0, total)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


@mistake(
    of="sdpa_forward",
    caught_by="scores_in_the_thousands_do_not_overflow",
    hint="One maximum was subtracted from all rows. A row whose scores lie a thousand below it has nothing but zeros left.",
)
def maximum_of_the_whole_array(Q, K, V, mask=None):
    """scores - scores.max(), without an axis."""
    scores = _scores(Q, K)
    e = np.exp(scores - scores.max())
    if mask is not None:
        e = np.where(mask, e, 0.0)
    total = e.sum(axis=-1, keepdims=True)
    A = e / np.where(total == 0, 1.0, total)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


@mistake(
    of="sdpa_forward",
    caught_by="each_query_distributes_one_unit_of_attention",
    hint="All of your weights together sum to one, but every query has a whole unit of attention to distribute.",
)
def softmax_over_everything(Q, K, V, mask=None):
    """exp(scores) / exp(scores).sum(): without an axis, sum() takes them all."""
    scores = _scores(Q, K)
    e = np.exp(scores - scores.max())
    if mask is not None:
        e = np.where(mask, e, 0.0)
    A = e / e.sum()
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


@mistake(
    of="sdpa_forward",
    caught_by=("a_query_of_zeros_gets_the_mean_of_the_values", "masked_keys_take_no_part"),
    hint="With a mask the rows of your weights sum to less than one: what the forbidden keys got in the softmax is lost. They "
    "must not take part in it.",
)
def mask_after_the_softmax(Q, K, V, mask=None):
    """(AT-5) A * mask."""
    out, cache = sdpa_forward(Q, K, V)
    A = cache["A"] if mask is None else cache["A"] * mask
    return A @ V, cache | {"A": A}


@mistake(
    of="sdpa_forward",
    caught_by=("a_query_of_zeros_gets_the_mean_of_the_values", "masked_keys_take_no_part"),
    hint="A score of 0 is no prohibition: exp(0) is 1, and a forbidden key gets more than one with a negative score.",
)
def masked_scores_set_to_zero(Q, K, V, mask=None):
    """scores * mask, before the softmax."""
    return _softmax(_scores(Q, K) if mask is None else _scores(Q, K) * mask, Q, K, V)


@mistake(
    of="sdpa_forward",
    caught_by=("a_query_of_zeros_gets_the_mean_of_the_values", "masked_keys_take_no_part"),
    hint="Your queries look exactly where they may not. In this course True means: may attend.",
)
def mask_inverted(Q, K, V, mask=None):
    """(AT-7) True read as "masked", as masked_fill and some libraries do."""
    return sdpa_forward(Q, K, V, None if mask is None else ~np.asarray(mask))


@mistake(
    of="sdpa_forward",
    caught_by=("masked_keys_take_no_part", "a_query_of_zeros_gets_the_mean_of_the_values"),
    hint="The mask has no effect on your result.",
)
def mask_forgotten(Q, K, V, mask=None):
    """The argument is there, and nobody reads it."""
    return sdpa_forward(Q, K, V)


@mistake(
    of="sdpa_forward",
    caught_by="a_query_that_may_look_nowhere_gets_zeros",
    hint="A query that may look nowhere gives 0 / 0, or inf - inf, in your softmax. The docstring says what such a row should be.",
)
def nan_for_a_row_without_keys(Q, K, V, mask=None):
    """-inf everywhere: the maximum is -inf too, and -inf - (-inf) is nan. PyTorch does the same."""
    scores = _scores(Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    A = e / e.sum(axis=-1, keepdims=True)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


@mistake(
    of="sdpa_forward",
    caught_by="a_query_that_may_look_nowhere_gets_zeros",
    hint="A query that may look nowhere looks everywhere in your version: if all scores are equally impossible, a softmax makes "
    "them equally likely.",
)
def minus_a_billion(Q, K, V, mask=None):
    """-1e9 in the place of -inf: in a row of nothing but -1e9, all are equal."""
    scores = _scores(Q, K)
    return _softmax(scores if mask is None else np.where(mask, scores, -1e9), Q, K, V)


@mistake(
    of="sdpa_forward",
    caught_by="scores_in_the_thousands_do_not_overflow",
    hint="exp(1000) is inf. A softmax does not change if every score of a row is moved by the same amount: choose one that "
    "keeps exp() small.",
)
def no_maximum_subtracted(Q, K, V, mask=None):
    """exp(scores) / sum, as it stands in the book."""
    e = np.exp(_scores(Q, K))
    if mask is not None:
        e = np.where(mask, e, 0.0)
    total = e.sum(axis=-1, keepdims=True)
    A = e / np.where(total == 0, 1.0, total)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


@mistake(
    of="sdpa_forward",
    caught_by=("each_query_distributes_one_unit_of_attention", "attention_is_right"),
    hint="`.T` reverses all axes, the leading ones too. Only the last two are rows and columns of a matrix here.",
)
def transposed_with_T(Q, K, V, mask=None):
    """(AT-14) Q @ K.T: fine until there is a batch."""
    scores = Q @ K.T / math.sqrt(Q.shape[-1])
    return _softmax(scores if mask is None else np.where(mask, scores, -np.inf), Q, K, V)


@mistake(
    of="sdpa_forward",
    caught_by=("two_keys_worked_by_hand", "attention_is_right"),
    hint="Your output has the width of the keys: keys decide how much, values are what is passed on.",
)
def average_of_the_keys(Q, K, V, mask=None):
    """(AT-16) A @ K."""
    _, cache = sdpa_forward(Q, K, V, mask)
    return cache["A"] @ K, cache


@mistake(
    of="sdpa_forward",
    caught_by="two_keys_worked_by_hand",
    hint="Your output is one value, the one with the highest score. Attention is a soft look-up: every value counts by its weight.",
)
def hard_lookup(Q, K, V, mask=None):
    """The value of the most similar key, as some notes describe attention."""
    _, cache = sdpa_forward(Q, K, V, mask)
    A = (cache["A"] == cache["A"].max(axis=-1, keepdims=True)) * (cache["A"] > 0)
    A = A / np.maximum(A.sum(axis=-1, keepdims=True), 1)
    return A @ V, cache | {"A": A}


@mistake(
    of="sdpa_forward",
    caught_by="two_keys_worked_by_hand",
    hint='What you keep under "A" are the scores, not yet the weights.',
)
def scores_in_the_cache(Q, K, V, mask=None):
    """cache["A"] = Q K^T / sqrt(dk)."""
    out, cache = sdpa_forward(Q, K, V, mask)
    return out, cache | {"A": _scores(Q, K)}


@mistake(
    of="sdpa_forward",
    caught_by="attention_keeps_the_dtype",
    hint="Your result is float64 although float32 went in. A Python float adapts to the array beside it; a NumPy float64 scalar, "
    "such as a NumPy square root, does not.",
)
def double_precision_by_a_numpy_scalar(Q, K, V, mask=None):
    """/ np.sqrt(dk): a float64 scalar, which makes float64 of float32."""
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    A = e / np.where(total == 0.0, 1.0, total)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


@mistake(
    of="sdpa_forward",
    caught_by="masked_keys_take_no_part",
    hint="Masks of shape (Tq, Tk) work, others do not: a mask may have fewer or more axes, of length 1 where it is the same for "
    "all. Let broadcasting put it in shape.",
)
def masks_of_full_shape_only(Q, K, V, mask=None):
    """scores[..., ~mask] = -inf: boolean indexing does not broadcast."""
    scores = _scores(Q, K)
    if mask is not None:
        scores[..., ~mask] = -np.inf
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    A = e / np.where(total == 0.0, 1.0, total)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


@mistake(
    of="sdpa_forward",
    caught_by="attention_is_right",
    hint="With more than one leading axis the result is wrong: the function counts on exactly three axes.",
)
def three_axes_at_most(Q, K, V, mask=None):
    """K.transpose(0, 2, 1) for a batch, K.T without one."""
    Kt = K.T if K.ndim == 2 else K.transpose(0, 2, 1)
    scores = Q @ Kt / math.sqrt(Q.shape[-1])
    return _softmax(scores if mask is None else np.where(mask, scores, -np.inf), Q, K, V)


@mistake(
    of="sdpa_forward",
    caught_by=("two_keys_worked_by_hand", "one_key_and_one_query_are_enough"),
    hint="Something of length 1 disappeared from your output: squeeze() removes every such axis, wanted or not.",
)
def squeezed(Q, K, V, mask=None):
    """np.squeeze, to get rid of the axis that keepdims left."""
    out, cache = sdpa_forward(Q, K, V, mask)
    return np.squeeze(out), cache


@mistake(
    of="sdpa_forward",
    caught_by=("two_keys_worked_by_hand", "attention_is_right"),
    hint="Your scores lie between -1 and 1: the length of q and k is lost, so that no query can ever be sure.",
)
def cosine_similarity(Q, K, V, mask=None):
    """Queries and keys of length 1."""
    unit = lambda x: x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)
    return _attention(unit(Q), unit(K), V, mask, scale=1.0)


@mistake(
    of="sdpa_forward",
    caught_by="attention_leaves_its_arguments_alone",
    hint="The numbers are right, but Q itself holds other numbers afterwards: something wrote into the caller's array.",
)
def scales_the_queries_in_place(Q, K, V, mask=None):
    """Q /= sqrt(dk), to save an array."""
    if Q.dtype.kind == "f":
        Q /= math.sqrt(Q.shape[-1])
    scores = Q @ np.swapaxes(K, -1, -2)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    A = e / np.where(total == 0.0, 1.0, total)
    return A @ V, {"Q": Q * math.sqrt(Q.shape[-1]), "K": K, "V": V, "A": A}


# --- q2 sdpa_backward -------------------------------------------------------------------------------------------------


@mistake(
    of="sdpa_backward",
    caught_by=("backward_is_the_slope_of_your_forward", "attention_gradients_are_right"),
    hint="dV is right, dQ and dK are too large by one and the same factor: the scale is part of the forward, so it is part of the "
    "way back.",
)
def scale_forgotten(dout, cache):
    """(AT-13) No 1 / sqrt(dk)."""
    dQ, dK, dV = sdpa_backward(dout, cache)
    scale = math.sqrt(dQ.shape[-1])
    return dQ * scale, dK * scale, dV


@mistake(
    of="sdpa_backward",
    caught_by=("backward_is_the_slope_of_your_forward", "attention_gradients_are_right"),
    hint="dV is right, dQ and dK are too small by one and the same factor: how often does the scale occur in the forward?",
)
def scaled_twice(dout, cache):
    """1 / dk: once for Q and once for K."""
    dQ, dK, dV = sdpa_backward(dout, cache)
    scale = math.sqrt(dQ.shape[-1])
    return dQ / scale, dK / scale, dV


@mistake(
    of="sdpa_backward",
    caught_by=("backward_is_the_slope_of_your_forward", "attention_gradients_are_right"),
    hint="You went back through the exponential, but not through the division by the sum: if one weight of a row grows, the "
    "others must shrink.",
)
def softmax_without_its_sum(dout, cache):
    """dS = A * dA."""
    return _back(dout, cache, lambda A, dA: A * dA)


@mistake(
    of="sdpa_backward",
    caught_by=("backward_is_the_slope_of_your_forward", "attention_gradients_are_right"),
    hint="This is the derivative of a sigmoid, for each weight on its own. In a softmax every score of a row moves all weights of "
    "the row.",
)
def softmax_as_a_sigmoid(dout, cache):
    """dS = A * (1 - A) * dA: the diagonal of the Jacobian."""
    return _back(dout, cache, lambda A, dA: A * (1 - A) * dA)


@mistake(
    of="sdpa_backward",
    caught_by=("backward_is_the_slope_of_your_forward", "attention_gradients_are_right"),
    hint="Your rows of dscores do not sum to zero, your columns do: along which axis did the softmax of the forward run?",
)
def sum_over_the_queries(dout, cache):
    """The sum of A * dA along axis -2."""
    return _back(dout, cache, lambda A, dA: A * dA - A * (A * dA).sum(axis=-2, keepdims=True))


@mistake(
    of="sdpa_backward",
    caught_by=("backward_is_the_slope_of_your_forward", "attention_gradients_are_right"),
    hint="What you subtract in the softmax is a plain sum of dA. An average under the weights is meant.",
)
def sum_without_the_weights(dout, cache):
    """A * (dA - dA.sum())."""
    return _back(dout, cache, lambda A, dA: A * (dA - dA.sum(axis=-1, keepdims=True)))


@mistake(
    of="sdpa_backward",
    caught_by=("backward_is_the_slope_of_your_forward", "attention_gradients_are_right"),
    hint="You treat the weights as constants: they depend on Q and K, so something must go back through the softmax.",
)
def weights_taken_for_constants(dout, cache):
    """Only dV; zeros for the rest, because "self-attention is linear"."""
    _, _, dV = sdpa_backward(dout, cache)
    return np.zeros_like(cache["Q"]), np.zeros_like(cache["K"]), dV


@mistake(
    of="sdpa_backward",
    caught_by="gradients_have_the_shapes_of_their_inputs",
    hint="The gradients come in another order than dQ, dK, dV.",
)
def returned_in_another_order(dout, cache):
    """dV first, because it is computed first."""
    dQ, dK, dV = sdpa_backward(dout, cache)
    return dV, dQ, dK


@mistake(
    of="sdpa_backward",
    caught_by="gradients_have_the_shapes_of_their_inputs",
    hint="`.T` reverses all axes, the leading ones too. Only the last two are rows and columns of a matrix here.",
    also=("transposes_forgotten",),
)
def backward_with_T(dout, cache):
    """(AT-14) A.T @ dout and dscores.T @ Q: fine until there is a batch."""
    Q, K, V, A = (cache[name] for name in ("Q", "K", "V", "A"))
    dA = dout @ V.T
    dS = A * (dA - (A * dA).sum(axis=-1, keepdims=True)) / math.sqrt(Q.shape[-1])
    return dS @ K, dS.T @ Q, A.T @ dout


@mistake(
    of="sdpa_backward",
    caught_by="gradients_have_the_shapes_of_their_inputs",
    hint="Your shapes do not fit together. Write down the shape of every factor: a gradient of a product has one factor "
    "transposed.",
    also=("backward_with_T",),
)
def transposes_forgotten(dout, cache):
    """A @ dout for dV."""
    dQ, dK, _ = sdpa_backward(dout, cache)
    return dQ, dK, cache["A"] @ dout


@mistake(
    of="sdpa_backward",
    caught_by=("the_values_get_their_share", "values_get_back_what_the_weights_passed_on"),
    hint="dQ and dK are right, dV is not what the weights pass back: each value collects from every query that looked at it, by "
    "how much it looked.",
)
def values_with_normalised_columns(dout, cache):
    """dV as an average over queries: columns of A brought to a sum of one."""
    dQ, dK, _ = sdpa_backward(dout, cache)
    A = cache["A"]
    A = A / np.maximum(A.sum(axis=-2, keepdims=True), 1e-300)
    return dQ, dK, np.swapaxes(A, -1, -2) @ dout


@mistake(
    of="sdpa_backward",
    caught_by=("attention_gradients_with_a_mask_are_right", "masked_backward_is_the_slope_of_your_forward"),
    hint="Right without a mask, wrong with one: the weights that you use in backward are not those of the masked forward.",
)
def weights_computed_anew_without_the_mask(dout, cache):
    """Calls the forward again, and has no mask any more."""
    _, again = sdpa_forward(cache["Q"], cache["K"], cache["V"])
    return sdpa_backward(dout, again)


@mistake(
    of="sdpa_backward",
    caught_by="keys_that_nobody_sees_might_as_well_not_be_there",
    hint="A query that may look nowhere makes your gradient nan: a division by a row sum, which is 0 there.",
)
def rows_normalised_again(dout, cache):
    """A / A.sum(), "to be safe": 0 / 0 where a query may look nowhere."""
    A = cache["A"]
    return sdpa_backward(dout, cache | {"A": A / A.sum(axis=-1, keepdims=True)})


@mistake(
    of="sdpa_backward",
    caught_by="keys_that_nobody_sees_might_as_well_not_be_there",
    hint="Something small goes back to keys that were masked. A weight of zero passes nothing on.",
)
def a_small_number_added_to_the_weights(dout, cache):
    """A + 1e-9, against a division by zero that does not occur."""
    A = cache["A"] + 1e-9
    return sdpa_backward(dout, cache | {"A": A})


@mistake(
    of="sdpa_backward",
    caught_by="the_cache_belongs_to_its_own_forward",
    hint="The gradients are right, but the cache holds other numbers afterwards, so that a second backward from it goes wrong: "
    "something wrote into it.",
)
def weights_overwritten_in_the_cache(dout, cache):
    """A *= dA - ..., to save an array."""
    gradients = sdpa_backward(dout, cache)
    A = cache["A"]
    A *= 1.0 - A
    return gradients


@mistake(
    of="sdpa_backward",
    caught_by="gradients_keep_the_dtype",
    hint="Your gradients are float64 although everything that went in is float32. A Python float adapts to the array beside it; a "
    "NumPy float64 scalar does not.",
)
def gradients_in_double_precision(dout, cache):
    """/ np.sqrt(dk)."""
    dQ, dK, dV = sdpa_backward(dout, cache)
    one = np.sqrt(1.0)
    return dQ * one, dK * one, dV


@mistake(
    of="sdpa_backward",
    caught_by="gradients_of_saturated_weights_are_finite",
    hint="A weight of exactly 0 has no logarithm. Differentiate the softmax itself: no logarithm and no division occurs in its "
    "derivative.",
)
def through_the_logarithm_of_the_weights(dout, cache):
    """Works with log A, which is finite until a weight underflows."""
    return sdpa_backward(dout, cache | {"A": np.exp(np.log(cache["A"]))})


# --- q3 causal_mask, padding_mask -------------------------------------------------------------------------------------


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_of_four_tokens", "causal_mask_is_right_for_any_length"),
    hint="The diagonal is missing: a token may see itself, and the first one has nothing else.",
)
def strictly_lower_triangle(T):
    """(AT-8) np.tri(T, k=-1)."""
    return np.tri(T, k=-1, dtype=bool)


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_of_four_tokens", "causal_mask_is_right_for_any_length"),
    hint="Your tokens see the future and not the past. Rows are queries, columns are keys, and True means: may attend.",
)
def upper_triangle(T):
    """np.triu: the transpose."""
    return causal_mask(T).T


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_of_four_tokens", "causal_mask_is_right_for_any_length"),
    hint="Every token sees one step too far: the very one that it is asked to predict.",
)
def one_step_ahead(T):
    """np.tri(T, k=1)."""
    return np.tri(T, k=1, dtype=bool)


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_of_four_tokens", "causal_mask_is_right_for_any_length"),
    hint="True and False are exchanged. Some libraries mark what is forbidden; in this course True means: may attend.",
)
def marks_what_is_forbidden(T):
    """(AT-7) True where masked."""
    return ~causal_mask(T)


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_of_four_tokens", "causal_mask_is_right_for_any_length"),
    hint="Your mask is one to be added to the scores, 0 and -inf. Here masks are arrays of True and False.",
)
def additive_mask(T):
    """0 where allowed, -inf elsewhere."""
    return np.where(causal_mask(T), 0.0, -np.inf)


@mistake(
    of="causal_mask",
    caught_by=("causal_mask_of_four_tokens", "causal_mask_is_right_for_any_length"),
    hint="Zeros and ones where True and False are asked for: as an index they mean something else, and ~ does not negate them.",
)
def zeros_and_ones(T):
    """np.tril(np.ones((T, T)))."""
    return np.tri(T)


@mistake(
    of="causal_mask",
    caught_by="causal_mask_is_right_for_any_length",
    hint="The result for four tokens, whatever T is asked for.",
)
def always_four_tokens(T):
    """The example of the notebook."""
    return np.tri(4, dtype=bool)


@mistake(
    of="padding_mask",
    caught_by=("padding_mask_of_two_sequences", "padding_mask_is_right_for_any_lengths"),
    hint="True and False are exchanged: the tokens are to be seen, the padding is not.",
)
def marks_the_padding(lengths, T):
    """True where padded, as key_padding_mask of PyTorch."""
    return ~padding_mask(lengths, T)


@mistake(
    of="padding_mask",
    caught_by=("padding_mask_of_two_sequences", "padding_mask_is_right_for_any_lengths"),
    hint="One position too many is allowed: a sequence of length 2 has the positions 0 and 1.",
)
def one_position_too_many(lengths, T):
    """positions <= length."""
    _ = padding_mask(lengths, T)  # refuses what is to be refused
    return (np.arange(T) <= np.asarray(lengths)[:, None])[:, None, None, :]


@mistake(
    of="padding_mask",
    caught_by="padding_mask_of_two_sequences",
    hint="The right entries, but without axes for the heads and for the queries: broadcasting lines axes up from the right, so "
    "the sequences would be taken for queries.",
)
def two_axes(lengths, T):
    """(N, T)."""
    return padding_mask(lengths, T)[:, 0, 0]


@mistake(
    of="padding_mask",
    caught_by="padding_mask_of_two_sequences",
    hint="Your mask hides padded queries, not padded keys: the last axis belongs to the keys.",
)
def hides_queries(lengths, T):
    """(N, 1, T, 1)."""
    return np.swapaxes(padding_mask(lengths, T), -1, -2)


@mistake(
    of="padding_mask",
    caught_by=("padding_mask_of_two_sequences", "padding_mask_is_right_for_any_lengths"),
    hint="The tokens are at the end of your sequences. Here the padding comes after them.",
)
def padded_on_the_left(lengths, T):
    """Padding first, as text generators like it."""
    return padding_mask(lengths, T)[..., ::-1]


@mistake(
    of="padding_mask",
    caught_by="padding_mask_is_right_for_any_lengths",
    hint="Works for a list of lengths or for an array of them, but not for both.",
)
def lists_only(lengths, T):
    """[True] * length + [False] * (T - length), and `if lengths` first."""
    if not lengths:
        return np.zeros((0, 1, 1, T), dtype=bool)
    return padding_mask(lengths, T)


@mistake(
    of="padding_mask",
    caught_by="impossible_lengths_are_refused",
    hint="A length above T, or below 0, went through without a word. It is always a fault of the caller, and should be said.",
)
def any_length_goes(lengths, T):
    """No look at the lengths."""
    return (np.arange(T) < np.asarray(lengths)[:, None])[:, None, None, :]


# --- q4 split_heads, merge_heads --------------------------------------------------------------------------------------


@mistake(
    of="split_heads",
    caught_by=("two_tokens_split_by_hand", "every_head_sees_its_own_features_of_every_token"),
    hint="The shape is right, but a head holds pieces of other tokens: reshape only cuts memory into new rows, it never moves a "
    "number past another.",
)
def split_by_reshape_alone(x, h):
    """(AT-10) x.reshape(N, h, T, d // h)."""
    N, T, d = x.shape
    if d % h:
        raise ValueError("h must divide d")
    return x.reshape(N, h, T, d // h)


@mistake(
    of="split_heads",
    caught_by=("two_tokens_split_by_hand", "every_head_sees_its_own_features_of_every_token"),
    hint="The features are dealt out like cards: head 0 gets every h-th one. A head is to get neighbours.",
)
def every_hth_feature(x, h):
    """x.reshape(N, T, d // h, h)."""
    N, T, d = x.shape
    if d % h:
        raise ValueError("h must divide d")
    return x.reshape(N, T, d // h, h).transpose(0, 3, 1, 2)


@mistake(
    of="split_heads",
    caught_by=("two_tokens_split_by_hand", "merging_undoes_splitting"),
    hint="The heads stand behind the tokens: attention would then run over the heads of a token, and not over tokens.",
)
def heads_behind_tokens(x, h):
    """(N, T, h, d / h), the second step forgotten."""
    N, T, d = x.shape
    if d % h:
        raise ValueError("h must divide d")
    return x.reshape(N, T, h, d // h)


@mistake(
    of="split_heads",
    caught_by="uneven_heads_are_refused",
    hint="h does not divide d, and some features disappeared without a word.",
)
def features_dropped(x, h):
    """x[..., : h * (d // h)]."""
    return split_heads(x[..., : h * (x.shape[-1] // h)], h)


@mistake(
    of="split_heads",
    caught_by="uneven_heads_are_refused",
    hint="Your result is float64 although float32 went in.",
)
def heads_in_double_precision(x, h):
    """np.zeros((N, h, T, d // h)), filled head by head."""
    return split_heads(x, h).astype(float)


@mistake(
    of="split_heads",
    caught_by="uneven_heads_are_refused",
    hint="Two arguments that do not fit: the docstring says which exception tells the caller.",
)
def refuses_with_an_assertion(x, h):
    """assert d % h == 0."""
    assert x.shape[-1] % h == 0
    return split_heads(x, h)


@mistake(
    of="merge_heads",
    caught_by=("merging_undoes_splitting", "merging_puts_the_heads_of_a_token_side_by_side"),
    hint="The right numbers in the wrong order: the heads of one token are not neighbours in memory until they have been moved "
    "there.",
)
def merged_by_reshape_alone(x):
    """(AT-11) x.reshape(N, T, h * d_h)."""
    N, h, T, w = x.shape
    return x.reshape(N, T, h * w)


@mistake(
    of="merge_heads",
    caught_by=("merging_undoes_splitting", "merging_puts_the_heads_of_a_token_side_by_side"),
    hint="The features of the heads are interleaved: all first ones, then all second ones. Heads belong one after the other.",
)
def heads_interleaved(x):
    """transpose(0, 2, 3, 1)."""
    N, h, T, w = x.shape
    return x.transpose(0, 2, 3, 1).reshape(N, T, h * w)


@mistake(
    of="merge_heads",
    caught_by="merging_undoes_splitting",
    hint="Your heads are averaged, not put side by side: that loses all but one head's worth of numbers.",
)
def heads_averaged(x):
    """x.mean(axis=1)."""
    return x.mean(axis=1)


# --- q5 mha_forward ---------------------------------------------------------------------------------------------------


@mistake(
    of="mha_forward",
    caught_by=("one_head_is_attention_between_projections", "multi_head_attention_is_right"),
    hint="The output has not been mixed by Wo: the heads stand side by side, and nothing has brought them together.",
)
def output_projection_forgotten(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """Returns the merged heads."""
    _, cache = mha_forward(xq, xkv, Wq, Wk, Wv, Wo, h, mask)
    return cache["merged"], cache


@mistake(
    of="mha_forward",
    caught_by=("every_head_has_weights_of_its_own", "multi_head_attention_is_right"),
    hint="Right for one head, too even for several: how many numbers does one head multiply and add to get a score?",
)
def scaled_by_the_whole_width(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """1 / sqrt(d) where each head has d / h features."""
    return mha_forward(xq, xkv, Wq / math.sqrt(h), Wk, Wv, Wo, h, mask)


@mistake(
    of="mha_forward",
    caught_by=("every_head_has_weights_of_its_own", "multi_head_attention_is_right"),
    hint="This is one head under another name: the weights are the same for all features. Each head is to have weights of its own.",
)
def one_head_only(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """Attention over the whole width, as in notes that repeat the single-head formula."""
    if mask is not None and np.ndim(mask) == 4:
        mask = mask[:, :1]
    out, cache = mha_forward(xq, xkv, Wq, Wk, Wv, Wo, 1, mask)
    return out, cache | {"A": np.repeat(cache["A"], h, axis=1)}


@mistake(
    of="mha_forward",
    caught_by=("one_head_is_attention_between_projections", "multi_head_attention_is_right"),
    hint="Keys and values went through each other's matrix: the weights come from keys, the content from values.",
)
def keys_and_values_exchanged(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """(AT-16) Wk and Wv swapped."""
    return mha_forward(xq, xkv, Wq, Wv, Wk, Wo, h, mask)


@mistake(
    of="mha_forward",
    caught_by=("one_head_is_attention_between_projections", "every_head_has_weights_of_its_own"),
    hint="The shapes do not fit as soon as queries and keys come from different sequences: which of the three projections belong "
    "to xkv?",
    also=("matrices_from_the_left",),
)
def self_attention_only(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """xq for everything."""
    return mha_forward(xq, xq, Wq, Wk, Wv, Wo, h, mask)


@mistake(
    of="mha_forward",
    caught_by=("one_head_is_attention_between_projections", "every_head_has_weights_of_its_own"),
    hint="The shapes do not fit: in this course rows are samples and W has shape (D_in, D_out). The layers of PyTorch keep the "
    "transpose.",
    also=("self_attention_only",),
)
def matrices_from_the_left(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """x @ W.T."""
    return mha_forward(xq, xkv, Wq.T, Wk.T, Wv.T, Wo.T, h, mask)


@mistake(
    of="mha_forward",
    caught_by=("multi_head_attention_passes_the_mask_on", "tokens_have_no_places_and_no_future"),
    hint="The mask has no effect on your result: it stops at the outer function.",
)
def mask_not_passed_on(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """sdpa_forward(Q, K, V)."""
    return mha_forward(xq, xkv, Wq, Wk, Wv, Wo, h)


@mistake(
    of="mha_forward",
    caught_by="multi_head_attention_passes_the_mask_on",
    hint="Some heads ignore their mask, and follow that of the first head.",
)
def mask_of_the_first_head(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """mask[:, :1] for a mask with four axes."""
    return mha_forward(xq, xkv, Wq, Wk, Wv, Wo, h, mask[:, :1] if mask is not None and np.ndim(mask) == 4 else mask)


@mistake(
    of="mha_forward",
    caught_by="every_head_has_weights_of_its_own",
    hint='What you keep under "A" has lost the axis of the heads.',
)
def weights_averaged_over_heads(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """As torch.nn.MultiheadAttention returns them by default."""
    out, cache = mha_forward(xq, xkv, Wq, Wk, Wv, Wo, h, mask)
    return out, cache | {"A": cache["A"].mean(axis=1)}


@mistake(
    of="mha_forward",
    caught_by=("every_head_has_weights_of_its_own", "multi_head_attention_is_right"),
    hint="A head holds pieces of other tokens: reshape alone never moves a number past another.",
)
def heads_by_reshape_inside(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """(AT-10) The shape of split_heads, without split_heads."""
    cut = lambda x: x.reshape(len(x), h, x.shape[1], -1)
    heads, inner = sdpa_forward(cut(xq @ Wq), cut(xkv @ Wk), cut(xkv @ Wv), mask)
    merged = heads.reshape(len(xq), xq.shape[1], -1)
    cache = {"xq": xq, "xkv": xkv, "Wq": Wq, "Wk": Wk, "Wv": Wv, "Wo": Wo, "h": h, "merged": merged, "inner": inner}
    return merged @ Wo, cache | {"A": inner["A"]}


@mistake(
    of="mha_forward",
    caught_by=("one_head_is_attention_between_projections", "tokens_have_no_places_and_no_future"),
    hint="Your output depends on where a token stands. Nothing in multi-head attention knows about places; those come in before, "
    "with the inputs.",
)
def with_positions(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """Adds positions to the tokens, because a transformer does."""
    place = lambda x: x + np.sin(np.arange(x.shape[1], dtype=x.dtype))[:, None]
    return mha_forward(place(xq), place(xkv), Wq, Wk, Wv, Wo, h, mask)


@mistake(
    of="mha_forward",
    caught_by="multi_head_attention_leaves_its_arguments_alone",
    hint="The numbers are right, but a weight matrix holds other numbers afterwards: something wrote into the caller's array.",
)
def scales_the_weights_in_place(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """Wq /= sqrt(d / h), so that the scores need no scale."""
    result = mha_forward(xq, xkv, Wq.copy(), Wk, Wv, Wo, h, mask)
    Wq /= math.sqrt(Wq.shape[1] // h)
    return result


@mistake(
    of="mha_forward",
    caught_by="multi_head_attention_leaves_its_arguments_alone",
    hint="Your result is float64 although float32 went in.",
)
def output_in_double_precision(xq, xkv, Wq, Wk, Wv, Wo, h, mask=None):
    """np.zeros for the output, filled sequence by sequence."""
    out, cache = mha_forward(xq, xkv, Wq, Wk, Wv, Wo, h, mask)
    return out.astype(float), cache


# --- q6 mha_backward --------------------------------------------------------------------------------------------------


@mistake(
    of="mha_backward",
    caught_by=("input_gradients_are_slopes_of_your_forward", "the_paths_of_self_attention_add_up"),
    hint="dxkv lacks a part: it went into two projections, and something comes back from each of them. What comes back from the "
    "keys is missing.",
)
def path_through_the_keys_forgotten(dout, cache):
    """dxkv = dv Wv^T."""
    dxq, _, *weights = mha_backward(dout, cache)
    return dxq, _dkv(dout, cache)[1] @ cache["Wv"].T, *weights


@mistake(
    of="mha_backward",
    caught_by=("input_gradients_are_slopes_of_your_forward", "the_paths_of_self_attention_add_up"),
    hint="dxkv lacks a part: it went into two projections, and something comes back from each of them. What comes back from the "
    "values is missing.",
)
def path_through_the_values_forgotten(dout, cache):
    """dxkv = dk Wk^T."""
    dxq, _, *weights = mha_backward(dout, cache)
    return dxq, _dkv(dout, cache)[0] @ cache["Wk"].T, *weights


@mistake(
    of="mha_backward",
    caught_by=("weight_gradients_are_slopes_of_your_forward", "gradients_of_the_four_matrices_are_right"),
    hint="Your weight gradients are averages over the sequences. The upstream gradient already says how much each sequence counts.",
)
def averaged_over_the_batch(dout, cache):
    """dW / N."""
    dxq, dxkv, *weights = mha_backward(dout, cache)
    return dxq, dxkv, *(W / len(dxq) for W in weights)


@mistake(
    of="mha_backward",
    caught_by=("weight_gradients_are_slopes_of_your_forward", "gradients_of_the_four_matrices_are_right"),
    hint="Your weight gradients have one matrix for each sequence: one and the same W served them all.",
)
def not_summed_over_the_batch(dout, cache):
    """swapaxes(x) @ dq, and the axis of the sequences stays."""
    dxq, dxkv, *_ = mha_backward(dout, cache)
    xq, xkv, h = cache["xq"], cache["xkv"], cache["h"]
    dq, dk, dv = (merge_heads(g) for g in sdpa_backward(split_heads(dout @ cache["Wo"].T, h), cache["inner"]))
    turned = lambda x: np.swapaxes(x, 1, 2)
    weights = (turned(xq) @ dq, turned(xkv) @ dk, turned(xkv) @ dv, turned(cache["merged"]) @ dout)
    return dxq, dxkv, *weights


@mistake(
    of="mha_backward",
    caught_by=("weight_gradients_are_slopes_of_your_forward", "gradients_of_the_four_matrices_are_right"),
    hint="Your weight gradients are those of the first sequence alone.",
)
def first_sequence_only(dout, cache):
    """x[0].T @ dq[0], tried on a batch of one."""
    dxq, dxkv, *_ = mha_backward(dout, cache)
    only = np.zeros_like(dout)
    only[0] = dout[0]
    return dxq, dxkv, *mha_backward(only, cache)[2:]


@mistake(
    of="mha_backward",
    caught_by=("input_gradients_are_slopes_of_your_forward", "gradients_of_both_inputs_are_right"),
    hint="dWo is right, everything before it is not: what comes back through Wo belongs to merged heads, and has to be split as "
    "the forward split.",
)
def gradient_split_by_reshape(dout, cache):
    """(AT-10) dmerged.reshape(N, h, T, d / h)."""
    h, (N, T, _) = cache["h"], dout.shape
    dmerged = dout @ cache["Wo"].T
    return _from_heads(dout, cache, dmerged.reshape(N, h, T, -1))


@mistake(
    of="mha_backward",
    caught_by=("input_gradients_are_slopes_of_your_forward", "gradients_of_both_inputs_are_right"),
    hint="dWo is the only gradient that is right, and the others have the right shape: is the width of dout the width of the "
    "heads? Wo stands between them.",
    also=("weight_gradients_transposed",),
)
def wo_skipped_on_the_way_back(dout, cache):
    """Splits dout itself, cut or padded to d features so that the shapes fit."""
    d = cache["Wo"].shape[0]
    padded = np.concatenate([dout, np.zeros((*dout.shape[:2], max(0, d - dout.shape[2])))], axis=2)[..., :d]
    return _from_heads(dout, cache, split_heads(padded, cache["h"]))


@mistake(
    of="mha_backward",
    caught_by=("weight_gradients_are_slopes_of_your_forward", "gradients_of_the_four_matrices_are_right"),
    hint="Your weight gradients are transposed: a gradient has the shape of what it belongs to.",
)
def weight_gradients_transposed(dout, cache):
    """dq^T x."""
    dxq, dxkv, *weights = mha_backward(dout, cache)
    return dxq, dxkv, *(W.T for W in weights)


@mistake(
    of="mha_backward",
    caught_by=("weight_gradients_are_slopes_of_your_forward", "gradients_of_the_four_matrices_are_right"),
    hint="dWo is built from the output; what Wo multiplied in the forward were the merged heads.",
    also=("weight_gradients_transposed",),
)
def wo_from_the_output(dout, cache):
    """out^T dout."""
    *rest, _ = mha_backward(dout, cache)
    out = cache["merged"] @ cache["Wo"]
    return *rest, np.tensordot(out, dout, axes=([0, 1], [0, 1]))


@mistake(
    of="mha_backward",
    caught_by="multi_head_gradients_with_a_mask_are_right",
    hint="Right without a mask, wrong with one: the weights that you use in backward are not those of the masked forward.",
)
def heads_computed_anew_without_the_mask(dout, cache):
    """Calls the forward again, without the mask."""
    names = ("xq", "xkv", "Wq", "Wk", "Wv", "Wo", "h")
    return mha_backward(dout, mha_forward(*(cache[name] for name in names))[1])


@mistake(
    of="mha_backward",
    caught_by="the_paths_of_self_attention_add_up",
    hint="Where xq and xkv have one shape, you count paths twice: it is the caller who knows whether they are the same x, and who "
    "adds dxq and dxkv up.",
)
def adds_up_the_paths_itself(dout, cache):
    """Takes inputs of one shape for self-attention, and returns the sum of all paths for both."""
    dxq, dxkv, *weights = mha_backward(dout, cache)
    if dxq.shape == dxkv.shape:
        dxq = dxkv = dxq + dxkv
    return dxq, dxkv, *weights


@mistake(
    of="mha_backward",
    caught_by="the_multi_head_cache_belongs_to_its_own_forward",
    hint="The gradients are right, but dout holds other numbers afterwards: something wrote into the caller's array.",
)
def writes_into_dout(dout, cache):
    """dout *= 0 when it is used up, to save memory."""
    gradients = mha_backward(dout, cache)
    dout *= 0.0
    return gradients


# --- q7 CausalSelfAttention -------------------------------------------------------------------------------------------


class _Causal(torch.nn.Module):
    """The solution's module, with places to change."""

    biased = True

    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads must divide d_model")
        self.n_heads, self.p = n_heads, dropout
        for name in ("query", "key", "value", "out"):
            setattr(self, name, torch.nn.Linear(d_model, d_model, bias=self.biased))

    def split(self, x):
        N, T, d = x.shape
        return x.view(N, T, self.n_heads, d // self.n_heads).transpose(1, 2)

    def merge(self, x):
        return x.transpose(1, 2).flatten(2)

    def scores(self, q, k):
        return q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])

    def mask(self, scores):
        T = scores.shape[-1]
        return scores.masked_fill(torch.ones(T, T, dtype=torch.bool).triu(1), -math.inf)

    def weights(self, scores):
        return torch.nn.functional.dropout(self.mask(scores).softmax(-1), self.p, self.training)

    def heads(self, q, k, v):
        return self.weights(self.scores(q, k)) @ v

    def forward(self, x):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        return self.out(self.merge(self.heads(q, k, v)))


@mistake(
    of="CausalSelfAttention",
    caught_by="the_module_has_the_parameters_of_four_linear_layers",
    hint="The biases are missing from your layers.",
)
class WithoutBias(_Causal):
    """bias=False, as many language models have it."""

    biased = False


@mistake(
    of="CausalSelfAttention",
    caught_by="the_module_has_the_parameters_of_four_linear_layers",
    hint="Your state dict holds more than the parameters: a buffer is saved along with them unless it is told not to be.",
)
class WithAMaskInTheState(_Causal):
    """register_buffer("allowed", ...): saved with the model, and as long as the longest text of that day."""

    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__(d_model, n_heads, dropout)
        self.register_buffer("allowed", torch.ones(64, 64, dtype=torch.bool).tril())


@mistake(
    of="CausalSelfAttention",
    caught_by="the_module_has_the_parameters_of_four_linear_layers",
    hint="The state dict lacks your layers: a module finds those that are attributes of it, not those in a plain list.",
)
class LayersInAList(_Causal):
    """self.layers = [Linear, Linear, Linear, Linear]."""

    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__(d_model, n_heads, dropout)
        layers = [self.query, self.key, self.value, self.out]
        for name in ("query", "key", "value", "out"):
            delattr(self, name)
        self.layers = layers

    def forward(self, x):
        q, k, v = (self.split(layer(x)) for layer in self.layers[:3])
        return self.layers[3](self.merge(self.heads(q, k, v)))


@mistake(
    of="CausalSelfAttention",
    caught_by=("later_tokens_change_nothing_before_them", "the_module_computes_causal_attention"),
    hint="Your tokens see the future: nothing in the module keeps them from looking ahead.",
)
class WithoutAMask(_Causal):
    """Attention is all you need."""

    def mask(self, scores):
        return scores


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "the_module_is_right_for_any_size"),
    hint="nan, or nothing at all, for the first token: it may see nobody in your version. A token may see itself.",
)
class BlindToItself(_Causal):
    """(AT-8) tril(-1)."""

    def mask(self, scores):
        T = scores.shape[-1]
        return scores.masked_fill(torch.ones(T, T, dtype=torch.bool).triu(0), -math.inf)


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "later_tokens_change_nothing_before_them"),
    hint="Your tokens see the future and not the past: masked_fill fills where its mask is True.",
)
class MaskedWhereAllowed(_Causal):
    """(AT-7) masked_fill(tril)."""

    def mask(self, scores):
        T = scores.shape[-1]
        return scores.masked_fill(torch.ones(T, T, dtype=torch.bool).tril(-1), -math.inf)


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "later_tokens_change_nothing_before_them"),
    hint="A score of 0 is no prohibition: exp(0) is 1, so what is later still gets a share.",
)
class MaskedWithZero(_Causal):
    """tril(scores)."""

    def mask(self, scores):
        return scores.tril()


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "the_module_is_right_for_any_size"),
    hint="What is later gets no weight, but it took part in the softmax: the rows sum to less than one.",
)
class MaskedAfterTheSoftmax(_Causal):
    """(AT-5) softmax(scores).tril()."""

    def weights(self, scores):
        return torch.nn.functional.dropout(scores.softmax(-1).tril(), self.p, self.training)


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "the_module_is_right_for_any_size"),
    hint="Your scores are not scaled: their variance grows with the width of a head.",
)
class WithoutScale(_Causal):
    """(AT-1)."""

    def scores(self, q, k):
        return q @ k.transpose(-1, -2)


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "the_module_is_right_for_any_size"),
    hint="Scaled by the width of the model: how many numbers does one head multiply and add to get a score?",
)
class ScaledByTheModel(_Causal):
    """/ sqrt(d_model)."""

    def scores(self, q, k):
        return q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1] * self.n_heads)


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "the_module_is_right_for_any_size"),
    hint="Your weights sum to one over the queries: `dim` of the softmax is the axis over which each query distributes its "
    "attention.",
)
class SoftmaxOverQueries(_Causal):
    """(AT-4) dim=-2."""

    def weights(self, scores):
        return torch.nn.functional.dropout(self.mask(scores).softmax(-2), self.p, self.training)


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "later_tokens_change_nothing_before_them"),
    hint="A head holds pieces of other tokens: view only cuts memory into new rows, it never moves a number past another.",
)
class SplitByView(_Causal):
    """(AT-10) view(N, h, T, d / h)."""

    def split(self, x):
        N, T, d = x.shape
        return x.view(N, self.n_heads, T, d // self.n_heads)


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "the_module_is_right_for_any_size"),
    hint="Heads and tokens are mixed up on the way out: the heads of one token are not neighbours in memory until they have been "
    "moved there.",
)
class MergedByReshape(_Causal):
    """(AT-11) reshape(N, T, d), without a transpose."""

    def merge(self, x):
        N, h, T, w = x.shape
        return x.reshape(N, T, h * w)


@mistake(
    of="CausalSelfAttention",
    caught_by=("the_module_computes_causal_attention", "the_module_is_right_for_any_size"),
    hint="The last layer, `out`, has no effect on your result.",
)
class WithoutOutput(_Causal):
    """The merged heads as they are."""

    def forward(self, x):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        return self.merge(self.heads(q, k, v))


@mistake(
    of="CausalSelfAttention",
    caught_by="the_module_is_right_for_any_size",
    hint="A fixed size stands in your module: other lengths, widths or batches fail.",
)
class FixedLength(_Causal):
    """A mask for the five tokens of the example."""

    def mask(self, scores):
        return scores.masked_fill(torch.ones(5, 5, dtype=torch.bool).triu(1), -math.inf)


@mistake(
    of="CausalSelfAttention",
    caught_by="the_module_is_right_for_any_size",
    hint="Your module answers in float32 whatever it is given, or cannot be given anything else.",
)
class SinglePrecisionInside(_Causal):
    """x.float(), after an error about dtypes."""

    def heads(self, q, k, v):
        return super().heads(q.float(), k.float(), v.float()).to(v.dtype)


@mistake(
    of="CausalSelfAttention",
    caught_by="autograd_reaches_every_parameter",
    hint="The outputs are right, but no gradient reaches queries and keys: something on the way was cut off from the graph.",
)
class WeightsDetached(_Causal):
    """softmax(...).detach(), left over from a plot."""

    def weights(self, scores):
        return super().weights(scores).detach()


@mistake(
    of="CausalSelfAttention",
    caught_by="autograd_reaches_every_parameter",
    hint="The outputs are right, but x itself gets no gradient: a layer below this one would never learn.",
)
class InputDetached(_Causal):
    """torch.tensor(x), or x.detach(), "to make sure that it is a tensor"."""

    def forward(self, x):
        return super().forward(x.detach())


@mistake(
    of="CausalSelfAttention",
    caught_by="dropout_is_for_training_only",
    hint="Two calls of your module in evaluation differ: dropout is for training, and evaluation is deterministic.",
)
class DropoutInEvaluation(_Causal):
    """(AT-17) functional.dropout(A, p): its `training` is True unless it is told otherwise."""

    def weights(self, scores):
        return torch.nn.functional.dropout(self.mask(scores).softmax(-1), self.p)


@mistake(
    of="CausalSelfAttention",
    caught_by="dropout_is_for_training_only",
    hint="`dropout` has no effect in training.",
)
class DropoutForgotten(_Causal):
    """The argument is there, and nobody reads it."""

    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__(d_model, n_heads, 0.0)


@mistake(
    of="CausalSelfAttention",
    caught_by="dropout_is_for_training_only",
    hint="Single features of the heads are dropped, not weights: what is to be forgotten in training is who was looked at.",
)
class DropoutOfFeatures(_Causal):
    """dropout(A @ v)."""

    def heads(self, q, k, v):
        heads = self.mask(self.scores(q, k)).softmax(-1) @ v
        return torch.nn.functional.dropout(heads, self.p, self.training)


@mistake(
    of="CausalSelfAttention",
    caught_by="dropout_is_for_training_only",
    hint="In training your weights are dropped, but the others are not scaled up: on average the output is smaller than in "
    "evaluation.",
)
class DropoutWithoutScaling(_Causal):
    """A * (rand > p)."""

    def weights(self, scores):
        A = self.mask(scores).softmax(-1)
        return A * (torch.rand_like(A) >= self.p) if self.training else A


@mistake(
    of="CausalSelfAttention",
    caught_by="the_module_refuses_uneven_heads",
    hint="A number of heads that does not divide the width went through without a word.",
)
class UnevenHeadsAccepted(_Causal):
    """No look at the sizes: the error comes later, from view, in somebody else's traceback."""

    def __init__(self, d_model, n_heads, dropout=0.0):
        super().__init__(d_model, 1, dropout)
        self.n_heads = n_heads


# --- q8 kv_cache_step -------------------------------------------------------------------------------------------------


@mistake(
    of="kv_cache_step",
    caught_by="step_by_step_equals_the_causal_pass",
    hint="Your output depends on the last token alone: the keys and values of the past are not looked at.",
)
def past_ignored(x_t, cache, Wq, Wk, Wv, Wo, h):
    """Attends to the new key only."""
    _, new = kv_cache_step(x_t, cache, Wq, Wk, Wv, Wo, h)
    y, _ = kv_cache_step(x_t, None, Wq, Wk, Wv, Wo, h)
    return y, new


@mistake(
    of="kv_cache_step",
    caught_by="step_by_step_equals_the_causal_pass",
    hint="Your token sees its past, but not itself. Compare with the diagonal of the causal mask.",
)
def itself_ignored(x_t, cache, Wq, Wk, Wv, Wo, h):
    """Attends to the old cache, and appends afterwards."""
    y, new = kv_cache_step(x_t, cache, Wq, Wk, Wv, Wo, h)
    if cache is None:
        return y, new
    heads, _ = sdpa_forward(split_heads((x_t @ Wq)[:, None], h), cache["K"], cache["V"])
    return (merge_heads(heads) @ Wo)[:, 0], new


@mistake(
    of="kv_cache_step",
    caught_by="step_by_step_equals_the_causal_pass",
    hint="New keys are put in front of the old ones, or somewhere between them: time runs along the third axis, and the new token "
    "comes last.",
)
def newest_first(x_t, cache, Wq, Wk, Wv, Wo, h):
    """concatenate([new, old])."""
    flipped = None if cache is None else {name: cache[name][:, :, ::-1] for name in ("K", "V")}
    y, new = kv_cache_step(x_t, flipped, Wq, Wk, Wv, Wo, h)
    return y, {name: new[name][:, :, ::-1] for name in ("K", "V")}


@mistake(
    of="kv_cache_step",
    caught_by="step_by_step_equals_the_causal_pass",
    hint="The shape of your cache grows along another axis than time: a new token is no new head and no new sequence.",
)
def appended_as_a_head(x_t, cache, Wq, Wk, Wv, Wo, h):
    """np.concatenate along axis 1."""
    y, new = kv_cache_step(x_t, None, Wq, Wk, Wv, Wo, h)
    if cache is not None:
        new = {name: np.concatenate([cache[name], new[name]], axis=1) for name in ("K", "V")}
    return y, new


@mistake(
    of="kv_cache_step",
    caught_by="the_first_token_can_only_look_at_itself",
    hint="The cache holds keys and values before they were split into heads.",
)
def cache_without_heads(x_t, cache, Wq, Wk, Wv, Wo, h):
    """(N, t, d)."""
    old = None if cache is None else {name: split_heads(cache[name], h) for name in ("K", "V")}
    y, new = kv_cache_step(x_t, old, Wq, Wk, Wv, Wo, h)
    return y, {name: merge_heads(new[name]) for name in ("K", "V")}


@mistake(
    of="kv_cache_step",
    caught_by="the_first_token_can_only_look_at_itself",
    hint="Your output is the value of the token before it went through the last matrix.",
)
def step_without_output_projection(x_t, cache, Wq, Wk, Wv, Wo, h):
    """The merged heads."""
    return kv_cache_step(x_t, cache, Wq, Wk, Wv, np.eye(Wv.shape[1]), h)


@mistake(
    of="kv_cache_step",
    caught_by="the_first_token_can_only_look_at_itself",
    hint="Your output still has an axis for time: one token comes in, and one goes out.",
)
def axis_of_time_left(x_t, cache, Wq, Wk, Wv, Wo, h):
    """(N, 1, D_out)."""
    y, new = kv_cache_step(x_t, cache, Wq, Wk, Wv, Wo, h)
    return y[:, None], new


@mistake(
    of="kv_cache_step",
    caught_by="two_continuations_can_share_a_past",
    hint="The cache that was passed in has grown: a second continuation from the same past would see the first one's token.",
)
def cache_grown_in_place(x_t, cache, Wq, Wk, Wv, Wo, h):
    """cache["K"] = ..., and returns the same dict."""
    y, new = kv_cache_step(x_t, cache, Wq, Wk, Wv, Wo, h)
    if cache is not None:
        cache.update(new)
        return y, cache
    return y, new


# --- q9 attention_cost ------------------------------------------------------------------------------------------------


@mistake(
    of="attention_cost",
    caught_by=("costs_of_two_tokens_with_eight_features", "costs_are_right_for_any_size"),
    hint="Your scores and values cost h times too much: a head does not have all d features.",
)
def every_head_with_all_features(n, d, h):
    """h n^2 d."""
    cost = attention_cost(n, d, h)
    return cost | {"scores": h * cost["scores"], "values": h * cost["values"]}


@mistake(
    of="attention_cost",
    caught_by=("costs_of_two_tokens_with_eight_features", "costs_are_right_for_any_size"),
    hint="Each head has a score matrix of its own, and all of them are kept.",
)
def one_score_matrix(n, d, h):
    """n^2."""
    return attention_cost(n, d, h) | {"memory": n * n}


@mistake(
    of="attention_cost",
    caught_by=("costs_of_two_tokens_with_eight_features", "costs_are_right_for_any_size"),
    hint="One of the projections is missing from your count.",
)
def three_projections(n, d, h):
    """Queries, keys, values; and the output?"""
    return attention_cost(n, d, h) | {"projections": 3 * n * d * d}


@mistake(
    of="attention_cost",
    caught_by=("costs_of_two_tokens_with_eight_features", "costs_are_right_for_any_size"),
    hint="Everything but the memory is twice as much as asked for: here one multiplication with its addition counts as one.",
)
def multiplications_and_additions(n, d, h):
    """Two floating-point operations for each multiply-add."""
    cost = attention_cost(n, d, h)
    return {name: value if name == "memory" else 2 * value for name, value in cost.items()}


@mistake(
    of="attention_cost",
    caught_by="costs_are_right_for_any_size",
    hint="Right for small numbers, negative or nonsense for large ones: 32 bits hold no number beyond two thousand million.",
)
def overflows_in_32_bits(n, d, h):
    """np.int32."""
    return {name: int(np.array(value).astype(np.int32)) for name, value in attention_cost(n, d, h).items()}


@mistake(
    of="attention_cost",
    caught_by=("costs_of_two_tokens_with_eight_features", "costs_are_right_for_any_size"),
    hint="A count is an integer, and yours is a float.",
)
def counted_in_floats(n, d, h):
    """h * n * n * (d / h)."""
    cost = attention_cost(n, d, h)
    return cost | {"scores": h * n * n * (d / h), "values": h * n * n * (d / h)}


# --- q10 lookup_loss, train_lookup ------------------------------------------------------------------------------------


@mistake(
    of="lookup_loss",
    caught_by=("an_untrained_lookup_knows_how_common_each_class_is", "lookup_loss_and_gradient_are_right"),
    hint="Your loss is a sum over the queries, where a mean is asked for.",
)
def summed_over_the_queries(Wq, Wk, queries, labels, memory, memory_labels):
    """No 1 / B, neither in the loss nor in the gradient."""
    return tuple(len(labels) * value for value in lookup_loss(Wq, Wk, queries, labels, memory, memory_labels))


@mistake(
    of="lookup_loss",
    caught_by=("gradients_are_the_slopes_of_your_lookup_loss", "lookup_loss_and_gradient_are_right"),
    hint="The loss is right, the gradients are too large by one factor: a mean has a 1 / B, and so has its derivative.",
)
def mean_forgotten_in_the_gradient(Wq, Wk, queries, labels, memory, memory_labels):
    """dp = -1 / p."""
    loss, dWq, dWk = lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)
    return loss, len(labels) * dWq, len(labels) * dWk


@mistake(
    of="lookup_loss",
    caught_by=("an_untrained_lookup_knows_how_common_each_class_is", "lookup_loss_and_gradient_are_right"),
    hint="The output of the look-up is a distribution already. A softmax on top of it makes every class likely.",
)
def softmax_twice(Wq, Wk, queries, labels, memory, memory_labels):
    """Cross-entropy from logits, with probabilities for logits."""
    p, cache = sdpa_forward(queries @ Wq, memory @ Wk, np.eye(10)[memory_labels])
    e = np.exp(p) / np.exp(p).sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    dp = e.copy()
    dp[rows, labels] -= 1
    dQ, dK, _ = sdpa_backward(dp / len(labels), cache)
    return -np.log(e[rows, labels]).mean(), queries.T @ dQ, memory.T @ dK


@mistake(
    of="lookup_loss",
    caught_by=("gradients_are_the_slopes_of_your_lookup_loss", "lookup_loss_and_gradient_are_right"),
    hint="The loss is right; the gradient is that of a softmax with logits (p - y). The look-up has no logits for the classes: "
    "differentiate -ln p itself.",
)
def prediction_minus_label(Wq, Wk, queries, labels, memory, memory_labels):
    """dp = (p - one-hot) / B, out of habit."""
    loss, _, _ = lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)
    p, cache = sdpa_forward(queries @ Wq, memory @ Wk, np.eye(10)[memory_labels])
    dQ, dK, _ = sdpa_backward((p - np.eye(10)[labels]) / len(labels), cache)
    return loss, queries.T @ dQ, memory.T @ dK


@mistake(
    of="lookup_loss",
    caught_by=("gradients_are_the_slopes_of_your_lookup_loss", "lookup_loss_and_gradient_are_right"),
    hint="One of the two projections gets the gradient with the wrong sign.",
)
def sign_of_the_keys(Wq, Wk, queries, labels, memory, memory_labels):
    """-dWk."""
    loss, dWq, dWk = lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)
    return loss, dWq, -dWk


@mistake(
    of="lookup_loss",
    caught_by=("an_untrained_lookup_knows_how_common_each_class_is", "lookup_loss_and_gradient_are_right"),
    hint="Your loss is negative: the logarithm of a probability has to be turned around to become a cost.",
)
def likelihood_instead_of_loss(Wq, Wk, queries, labels, memory, memory_labels):
    """mean(log p)."""
    return tuple(-value for value in lookup_loss(Wq, Wk, queries, labels, memory, memory_labels))


@mistake(
    of="train_lookup",
    caught_by="training_steps_are_right",
    hint="Your history lacks an entry: `steps` steps have a loss before each of them, and one at the end.",
)
def last_loss_forgotten(Wq, Wk, queries, labels, memory, memory_labels, lr=2.0, steps=150):
    """Appends at the start of each step only."""
    Wq, Wk, history = train_lookup(Wq, Wk, queries, labels, memory, memory_labels, lr, steps)
    return Wq, Wk, history[:-1]


@mistake(
    of="train_lookup",
    caught_by="training_steps_are_right",
    hint="Wk moves by a gradient that was taken after Wq had moved: both belong to the same point.",
)
def one_after_the_other(Wq, Wk, queries, labels, memory, memory_labels, lr=2.0, steps=150):
    """Two calls of lookup_loss in each step."""
    history = []
    for _ in range(steps):
        loss, dWq, _ = lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)
        history.append(loss)
        Wq = Wq - lr * dWq
        Wk = Wk - lr * lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)[2]
    return Wq, Wk, [*history, lookup_loss(Wq, Wk, queries, labels, memory, memory_labels)[0]]


@mistake(
    of="train_lookup",
    caught_by=("training_steps_are_right", "the_memory_recognises_new_digits"),
    hint="Your loss rises: the gradient points uphill.",
)
def uphill(Wq, Wk, queries, labels, memory, memory_labels, lr=2.0, steps=150):
    """W + lr * dW."""
    return train_lookup(Wq, Wk, queries, labels, memory, memory_labels, -min(lr, 0.5), steps)


@mistake(
    of="train_lookup",
    caught_by="training_steps_are_right",
    hint="The numbers are right, but the start that was passed in has moved: -= on an array writes into the caller's.",
)
def moves_the_start(Wq, Wk, queries, labels, memory, memory_labels, lr=2.0, steps=150):
    """Wq -= lr * dWq."""
    result = train_lookup(Wq.copy(), Wk.copy(), queries, labels, memory, memory_labels, lr, steps)
    Wq[...], Wk[...] = result[0], result[1]
    return result


@mistake(
    of="train_lookup",
    caught_by="the_memory_recognises_new_digits",
    hint="After 150 steps the loss is still high: the learning rate or the number of steps is smaller than the docstring says, or "
    "only one of the projections learns.",
)
def learns_too_slowly(Wq, Wk, queries, labels, memory, memory_labels, lr=0.02, steps=150):
    """A learning rate of 0.02 for a default."""
    return train_lookup(Wq, Wk, queries, labels, memory, memory_labels, lr, steps)


# --- shared by the mistakes above -------------------------------------------------------------------------------------


def _scores(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / math.sqrt(Q.shape[-1])


def _softmax(scores, Q, K, V):
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    A = e / np.where(total == 0.0, 1.0, total)
    return A @ V, {"Q": Q, "K": K, "V": V, "A": A}


def _attention(Q, K, V, mask, scale):
    return sdpa_forward(Q * (scale * math.sqrt(Q.shape[-1])), K, V, mask)


def _back(dout, cache, through_softmax):
    Q, K, V, A = (cache[name] for name in ("Q", "K", "V", "A"))
    dS = through_softmax(A, dout @ np.swapaxes(V, -1, -2)) / math.sqrt(Q.shape[-1])
    return dS @ K, np.swapaxes(dS, -1, -2) @ Q, np.swapaxes(A, -1, -2) @ dout


def _from_heads(dout, cache, dheads):
    xq, xkv = cache["xq"], cache["xkv"]
    dq, dk, dv = (merge_heads(g) for g in sdpa_backward(dheads, cache["inner"]))
    over_tokens = lambda x, g: np.tensordot(x, g, axes=([0, 1], [0, 1]))
    return (
        dq @ cache["Wq"].T,
        dk @ cache["Wk"].T + dv @ cache["Wv"].T,
        over_tokens(xq, dq),
        over_tokens(xkv, dk),
        over_tokens(xkv, dv),
        over_tokens(cache["merged"], dout),
    )


def _dkv(dout, cache):
    _, dk, dv = sdpa_backward(split_heads(dout @ cache["Wo"].T, cache["h"]), cache["inner"])
    return merge_heads(dk), merge_heads(dv)
