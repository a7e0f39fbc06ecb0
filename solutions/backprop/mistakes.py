"""What students get wrong in backpropagation, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (BP-...) are those of the course's catalogue. Most networks with a wrong gradient learn all the same: that is
why these are caught by numbers, and hardly ever by a training run.
"""

import math

import numpy as np
from autograder.topic import mistake

from .solution import (
    Tensor,
    Value,
    affine_backward,
    affine_forward,
    mlp_forward,
    mlp_init,
    mlp_loss,
    softmax_loss,
    train_mlp,
    unbroadcast,
)

# --- q1 affine_forward ------------------------------------------------------------------------------------------------


@mistake(
    of="affine_forward",
    caught_by="one_sample_through_an_affine_layer",
    hint="Your layer is linear, but not affine: a sample of zeros should come out as something else than zeros.",
)
def bias_forgotten(x, W, b):
    """x @ W."""
    return x.reshape(len(x), -1) @ W, (x, W, b)


@mistake(
    of="affine_forward",
    caught_by="the_cache_holds_the_three_arguments",
    hint="A sample may have several axes (an image has three). How many numbers is it, and what does W expect?",
)
def samples_not_flattened(x, W, b):
    """x @ W for any x: right for vectors, an error or a stack of products for images."""
    return x @ W + b, (x, W, b)


@mistake(
    of="affine_forward",
    caught_by="affine_layer_takes_samples_of_any_shape",
    hint="Right for vectors, and for images the right numbers meet the wrong weights: in which order are the axes of a "
    "sample unrolled?",
)
def flattened_in_fortran_order(x, W, b):
    """The first axis of a sample runs fastest."""
    return x.reshape(len(x), -1, order="F") @ W + b, (x, W, b)


@mistake(
    of="affine_forward",
    caught_by="the_cache_holds_the_three_arguments",
    hint="The output is right, but the cache no longer knows what shape x had. Backward will have to return dx in it.",
)
def flat_x_in_the_cache(x, W, b):
    """Overwrites x before it goes into the cache."""
    x = x.reshape(len(x), -1)
    return x @ W + b, (x, W, b)


@mistake(
    of="affine_forward",
    caught_by="affine_layer_leaves_its_arguments_alone",
    hint="After your function the caller's x has another shape. Assigning to an attribute of an array changes the array itself.",
)
def reshapes_the_callers_array(x, W, b):
    """x.shape = ... instead of x.reshape(...)."""
    before = x.shape
    if x.ndim > 2 and x.flags.c_contiguous:
        x.shape = (len(x), -1)
    rows = x.reshape(len(x), -1)
    return rows @ W + b, (rows.reshape(before), W, b)


@mistake(
    of="affine_forward",
    caught_by="affine_layer_keeps_the_dtype",
    hint="float32 comes back as float64: an array that is made without a dtype decides for everything that meets it.",
)
def everything_in_float64(x, W, b):
    """Fills an array of np.zeros."""
    out = np.zeros((len(x), W.shape[1]))
    out += x.reshape(len(x), -1) @ W + b
    return out, (x, W, b)


# --- q2 affine_backward -----------------------------------------------------------------------------------------------


@mistake(
    of="affine_backward",
    caught_by="affine_gradients_are_the_slopes_of_your_layer",
    hint="db is too small by the size of the batch: if the loss is a mean, that mean is in dout already.",
)
def bias_gradient_is_a_mean(dout, cache):
    """(BP-4) db = dout.mean(axis=0)."""
    dx, dW, _ = affine_backward(dout, cache)
    return dx, dW, dout.mean(axis=0)


@mistake(
    of="affine_backward",
    caught_by="affine_gradients_are_the_slopes_of_your_layer",
    hint="db has one entry for each sample, but there is one bias for each output. Over which axis was it repeated?",
)
def bias_gradient_over_features(dout, cache):
    """(BP-5) db = dout.sum(axis=1)."""
    dx, dW, _ = affine_backward(dout, cache)
    return dx, dW, dout.sum(axis=1)


@mistake(
    of="affine_backward",
    caught_by="affine_gradients_are_the_slopes_of_your_layer",
    hint="dW is too small by the size of the batch: every sample adds its share to the output, and to the gradient.",
)
def weight_gradient_is_a_mean(dout, cache):
    """dW / N."""
    dx, dW, db = affine_backward(dout, cache)
    return dx, dW / len(dout), db


@mistake(
    of="affine_backward",
    caught_by="affine_gradients_are_right",
    hint="The gradient of an array has the shape of the array. x had more than two axes.",
)
def dx_left_flat(dout, cache):
    """dout @ W.T, as a matrix."""
    dx, dW, db = affine_backward(dout, cache)
    return dx.reshape(len(dout), -1), dW, db


@mistake(
    of="affine_backward",
    caught_by="one_sample_back_through_an_affine_layer",
    hint="dx does not depend on dout: a backward hands on what arrives, multiplied by the slope of its own step.",
)
def dx_without_upstream(dout, cache):
    """(BP-13) The slope of the layer alone, as for a gradient of ones."""
    _, dW, db = affine_backward(dout, cache)
    dx, _, _ = affine_backward(np.ones_like(dout), cache)
    return dx, dW, db


@mistake(
    of="affine_backward",
    caught_by="gradients_of_the_weights_are_sums_over_the_samples",
    hint="dW is right for a batch of one. In a larger batch, only one sample seems to count.",
)
def only_the_last_sample(dout, cache):
    """A loop over samples with = where += belongs."""
    dx, _, db = affine_backward(dout, cache)
    x, W, _ = cache
    dW = np.zeros_like(W)
    for i in range(len(x)):
        dW = np.outer(x[i].ravel(), dout[i])
    return dx, dW, db


@mistake(
    of="affine_backward",
    caught_by="backward_needs_nothing_but_dout_and_the_cache",
    hint="After backward the caller's dout holds other numbers. It may still be needed, for another path.",
)
def scales_dout_in_place(dout, cache):
    """dout *= 1.5 for a moment, and never back."""
    gradients = affine_backward(dout, cache)
    dout *= 1.5
    return gradients


@mistake(
    of="affine_backward",
    caught_by="affine_gradients_keep_the_dtype",
    hint="float32 comes back as float64: an array that is made without a dtype decides for everything that meets it.",
)
def gradients_in_float64(dout, cache):
    """Adds to an array of np.zeros."""
    return tuple(np.zeros(gradient.shape) + gradient for gradient in affine_backward(dout, cache))


# --- q3 mlp_init ------------------------------------------------------------------------------------------------------


@mistake(
    of="mlp_init",
    caught_by="weights_have_the_spread_of_their_scheme",
    hint="All weights are zero. Units that start equal get equal gradients: they stay identical for ever.",
)
def weights_of_zero(dims, rng, scheme="he"):
    """(BP-16) Zeros for weights as for biases."""
    return {name: np.zeros_like(w) for name, w in mlp_init(dims, rng, scheme).items()}


@mistake(
    of="mlp_init",
    caught_by="weights_have_the_spread_of_their_scheme",
    hint="The spread is the square of what it should be: the formula gives a variance, a generator asks for a standard "
    "deviation.",
)
def variance_for_deviation(dims, rng, scheme="he"):
    """(IN-1) No square root."""
    params = mlp_init(dims, rng, scheme)
    for i, (n, m) in enumerate(zip(dims, dims[1:]), 1):
        params[f"W{i}"] *= math.sqrt(2 / n if scheme == "he" else 2 / (n + m))
    return params


@mistake(
    of="mlp_init",
    caught_by="weights_have_the_spread_of_their_scheme",
    hint="The spread belongs to another layer shape: a unit adds up as many terms as it has inputs, not outputs.",
)
def fan_out_for_fan_in(dims, rng, scheme="he"):
    """(IN-2) Divides by the number of outputs."""
    params = mlp_init(dims, rng, scheme)
    for i, (n, m) in enumerate(zip(dims, dims[1:]), 1):
        if scheme == "he":
            params[f"W{i}"] *= math.sqrt(n / m)
    return params


@mistake(
    of="mlp_init",
    caught_by="weights_have_the_spread_of_their_scheme",
    hint="Both schemes give the same spread: the argument `scheme` is not looked at.",
)
def scheme_ignored(dims, rng, scheme="he"):
    """He for everything."""
    return mlp_init(dims, rng)


@mistake(
    of="mlp_init",
    caught_by="every_layer_has_weights_and_a_bias_of_zeros",
    hint="W stands on the right of the samples, X @ W: which of its axes belongs to the inputs?",
)
def weights_as_outputs_by_inputs(dims, rng, scheme="he"):
    """(out, in), as torch.nn.Linear keeps them."""
    return {name: w.T.copy() for name, w in mlp_init(dims, rng, scheme).items()}


@mistake(
    of="mlp_init",
    caught_by="every_layer_has_weights_and_a_bias_of_zeros",
    hint="The biases are random. Nothing needs to tell units apart but their weights; a bias starts at zero here.",
)
def random_biases(dims, rng, scheme="he"):
    """Biases drawn like weights."""
    return {name: w if name[0] == "W" else 0.1 * rng.standard_normal(w.shape)
            for name, w in mlp_init(dims, rng, scheme).items()}  # fmt: skip


@mistake(
    of="mlp_init",
    caught_by="the_generator_alone_decides",
    hint="Two calls with equally seeded generators give different weights: something else than rng is being asked.",
)
def global_generator(dims, rng, scheme="he"):
    """np.random instead of rng."""
    params = mlp_init(dims, rng, scheme)
    return {name: np.random.permutation(w.ravel()).reshape(w.shape) for name, w in params.items()}


@mistake(
    of="mlp_init",
    caught_by="the_generator_alone_decides",
    hint="Every seed gives the same weights: the generator that you were given is not the one that draws.",
)
def own_seed(dims, rng, scheme="he"):
    """A generator of its own with a fixed seed."""
    return mlp_init(dims, np.random.default_rng(0), scheme)


# --- q4 mlp_forward ---------------------------------------------------------------------------------------------------


@mistake(
    of="mlp_forward",
    caught_by="scores_may_be_negative",
    hint="No score is ever negative: a ReLU after the last layer cannot say 'less likely than the others'.",
)
def relu_after_the_last_layer(params, X):
    """(BP-10) ReLU after every layer."""
    scores, cache = mlp_forward(params, X)
    return np.maximum(scores, 0), cache


@mistake(
    of="mlp_forward",
    caught_by="two_layers_by_hand",
    hint="Without anything between them, several affine layers are one affine layer.",
)
def no_relu_at_all(params, X):
    """A linear network."""
    h, caches = X, []
    for layer in range(1, len(params) // 2 + 1):
        h, cache = affine_forward(h, params[f"W{layer}"], params[f"b{layer}"])
        caches.append(cache)
    return h, caches


@mistake(
    of="mlp_forward",
    caught_by="scores_are_right_for_any_depth",
    hint="Right for two layers, wrong for others: how many layers there are stands in params, not in the code.",
)
def two_layers_always(params, X):
    """W1, b1, W2, b2."""
    z, first = affine_forward(X, params["W1"], params["b1"])
    scores, second = affine_forward(np.maximum(z, 0), params["W2"], params["b2"])
    return scores, [first, second]


@mistake(
    of="mlp_forward",
    caught_by="ten_layers_are_taken_in_their_order",
    hint="Right up to nine layers. Sorted as text, 'W10' stands before 'W2'.",
)
def names_sorted_as_text(params, X):
    """sorted(params)."""
    weights = sorted(name for name in params if name[0] == "W")
    h, caches = X, []
    for k, name in enumerate(weights):
        h, cache = affine_forward(h if k == 0 else np.maximum(h, 0), params[name], params["b" + name[1:]])
        caches.append(cache)
    return h, caches


@mistake(
    of="mlp_forward",
    caught_by="ten_layers_are_taken_in_their_order",
    hint="The order in which a dict happens to hold its entries is not the order of the layers: their names are.",
)
def layers_in_the_order_of_the_dict(params, X):
    """Pairs of values as they come."""
    values = list(params.values())
    h, caches = X, []
    for k in range(0, len(values), 2):
        h, cache = affine_forward(h if k == 0 else np.maximum(h, 0), values[k], values[k + 1])
        caches.append(cache)
    return h, caches


@mistake(
    of="mlp_forward",
    caught_by="images_go_in_as_they_are",
    hint="A batch of images should go in as it is: the first layer can flatten its input.",
)
def vectors_only(params, X):
    """X @ W1, written anew."""
    if X.ndim != 2:
        raise ValueError("X must be a matrix")
    return mlp_forward(params, X)


@mistake(
    of="mlp_forward",
    caught_by="the_network_leaves_its_arguments_alone",
    hint="After your function the caller's X holds other numbers.",
)
def relu_written_into_x(params, X):
    """Standardises X in place, 'to be safe'."""
    scores = mlp_forward(params, X)
    X -= X.mean(axis=0)
    return scores


# --- q5 mlp_loss ------------------------------------------------------------------------------------------------------


def _layers(params):
    return len(params) // 2


def _backward(params, y, scores, caches, *, mask):
    """Gradients without penalty, with a slope of ReLU that is given: mask(came_in, dx)."""
    loss, upstream = softmax_loss(scores, y)
    grads = {}
    for layer in range(_layers(params), 0, -1):
        dx, grads[f"W{layer}"], grads[f"b{layer}"] = affine_backward(upstream, caches[layer - 1])
        upstream = mask(caches[layer - 1][0], dx)
    return loss, grads


def _penalised(loss, grads, params, reg):
    for layer in range(1, _layers(params) + 1):
        W = params[f"W{layer}"]
        loss, grads[f"W{layer}"] = loss + 0.5 * reg * (W**2).sum(), grads[f"W{layer}"] + reg * W
    return loss, grads


@mistake(
    of="mlp_loss",
    caught_by=("gradients_are_the_slopes_of_your_loss", "gradients_are_right_for_any_depth"),
    hint="The last layer is right, the layers before it are not. What is the slope of a unit that is off? (The network "
    "would train all the same, which is why nobody notices.)",
)
def relu_mask_missing(params, X, y, reg=0.0):
    """(BP-1) The gradient passes units that were off. Reaches 96 % on the digits."""
    scores, caches = mlp_forward(params, X)
    return _penalised(*_backward(params, y, scores, caches, mask=lambda came_in, dx: dx), params, reg)


@mistake(
    of="mlp_loss",
    caught_by="gradients_are_the_slopes_of_your_loss",
    hint="Whether a unit was on is a fact of the forward pass. The sign of the gradient that comes back says nothing about it.",
)
def mask_from_the_gradient(params, X, y, reg=0.0):
    """(BP-2) Keeps what is positive on the way back."""
    scores, caches = mlp_forward(params, X)
    return _penalised(*_backward(params, y, scores, caches, mask=lambda came_in, dx: dx * (dx > 0)), params, reg)


@mistake(
    of="mlp_loss",
    caught_by="units_that_are_off_pass_nothing_back",
    hint="Nearly always right: what is the slope of a ReLU whose input is exactly zero, by the convention here?",
)
def slope_one_at_zero(params, X, y, reg=0.0):
    """>= for >, which with max(z, 0) also lets the gradient through every unit that is off."""
    _, caches = mlp_forward(params, X)
    h, before = X, []
    for layer in range(1, _layers(params) + 1):
        before.append(affine_forward(h, params[f"W{layer}"], params[f"b{layer}"])[0])
        h = np.maximum(before[-1], 0)
    loss, upstream = softmax_loss(before[-1], y)
    grads = {}
    for layer in range(_layers(params), 0, -1):
        dx, grads[f"W{layer}"], grads[f"b{layer}"] = affine_backward(upstream, caches[layer - 1])
        if layer > 1:
            upstream = dx * (before[layer - 2] >= 0)
    return _penalised(loss, grads, params, reg)


@mistake(
    of="mlp_loss",
    caught_by=("gradients_are_the_slopes_of_your_loss", "gradients_are_right_for_any_depth"),
    hint="The error grows with the weights you have just moved: finish the way back before you take a step.",
)
def steps_before_it_is_through(params, X, y, reg=0.0):
    """(BP-7) W of a layer takes its step before the gradient goes through it."""
    params = dict(params)
    scores, caches = mlp_forward(params, X)
    loss, upstream = softmax_loss(scores, y)
    grads = {}
    for layer in range(_layers(params), 0, -1):
        x, W, b = caches[layer - 1]
        _, dW, grads[f"b{layer}"] = affine_backward(upstream, (x, W, b))
        grads[f"W{layer}"] = dW
        dx, _, _ = affine_backward(upstream, (x, W - 0.1 * dW, b))
        upstream = dx * (x > 0)
    return _penalised(loss, grads, params, reg)


@mistake(
    of="mlp_loss",
    caught_by="the_penalty_has_a_gradient_too",
    hint="The loss knows of the penalty, the gradients do not: they are off by a multiple of W. With reg=0 nobody sees it.",
)
def penalty_without_gradient(params, X, y, reg=0.0):
    """(BP-8) The penalty in the loss alone."""
    loss, grads = mlp_loss(params, X, y)
    return mlp_loss(params, X, y, reg)[0], grads


@mistake(
    of="mlp_loss",
    caught_by="the_penalty_has_a_gradient_too",
    hint="The penalty has reached one layer's gradient, and the others not: each weight matrix pays its own.",
)
def penalty_in_the_last_layer_only(params, X, y, reg=0.0):
    """(BP-8) reg * W for the last W."""
    loss, grads = mlp_loss(params, X, y)
    last = f"W{_layers(params)}"
    grads[last] = grads[last] + reg * params[last]
    return mlp_loss(params, X, y, reg)[0], grads


@mistake(
    of="mlp_loss",
    caught_by=("loss_is_right_for_any_depth", "the_penalty_has_a_gradient_too"),
    hint="Biases are penalised too. They are no effect that one should believe to be small.",
)
def biases_penalised(params, X, y, reg=0.0):
    """0.5 reg ||b||^2 on top, in loss and gradient."""
    loss, grads = mlp_loss(params, X, y, reg)
    for name, w in params.items():
        if name[0] == "b":
            loss, grads[name] = loss + 0.5 * reg * (w**2).sum(), grads[name] + reg * w
    return loss, grads


@mistake(
    of="mlp_loss",
    caught_by=("loss_is_right_for_any_depth", "the_penalty_has_a_gradient_too"),
    hint="The penalty is twice as strong as in the formula: there is a half in front of it.",
)
def penalty_without_the_half(params, X, y, reg=0.0):
    """reg ||W||^2, whose gradient is 2 reg W."""
    return mlp_loss(params, X, y, 2 * reg)


@mistake(
    of="mlp_loss",
    caught_by="gradients_are_the_slopes_of_your_loss",
    hint="Every gradient is too small by the size of the batch: the mean is in what softmax_loss returns already.",
)
def divided_by_n_twice(params, X, y, reg=0.0):
    """/ N once more."""
    loss, grads = mlp_loss(params, X, y)
    return _penalised(loss, {name: g / len(X) for name, g in grads.items()}, params, reg)


@mistake(
    of="mlp_loss",
    caught_by="gradients_are_the_slopes_of_your_loss",
    hint="The gradients of the biases stay zero. (Such a network still reaches 96 % on the digits.)",
)
def biases_without_gradient(params, X, y, reg=0.0):
    """Zeros for the biases."""
    loss, grads = mlp_loss(params, X, y, reg)
    return loss, {name: g if name[0] == "W" else np.zeros_like(g) for name, g in grads.items()}


@mistake(
    of="mlp_loss",
    caught_by="loss_of_zero_weights_is_the_log_of_the_number_of_classes",
    hint="The loss of an ignorant network should not depend on how many samples it is shown: it is a mean.",
)
def loss_is_a_sum(params, X, y, reg=0.0):
    """N times loss and gradient."""
    loss, grads = mlp_loss(params, X, y)
    return _penalised(loss * len(X), {name: g * len(X) for name, g in grads.items()}, params, reg)


@mistake(
    of="mlp_loss",
    caught_by="loss_of_zero_weights_is_the_log_of_the_number_of_classes",
    hint="Some gradients are missing from the dict, or have names that params does not: one for each parameter, under its name.",
)
def gradients_under_other_names(params, X, y, reg=0.0):
    """dW1 for W1."""
    loss, grads = mlp_loss(params, X, y, reg)
    return loss, {f"d{name}": g for name, g in grads.items()}


@mistake(
    of="mlp_loss",
    caught_by="the_loss_takes_images_and_single_samples",
    hint="Images come in with all their axes, and single samples as a batch of one: both are fine for your own layers.",
)
def loss_of_vectors_only(params, X, y, reg=0.0):
    """Squeezes X, which loses the axis of a batch of one."""
    return (
        mlp_loss(params, X.squeeze().reshape(-1, X.shape[1]), y, reg)
        if X.ndim == 2
        else mlp_loss(params, X[..., 0], y, reg)
    )


@mistake(
    of="mlp_loss",
    caught_by="the_loss_takes_images_and_single_samples",
    hint="Scores in the thousands overflow: this exponential is taken of the scores as they are. Was there not a function "
    "for this loss?",
)
def exponentials_of_raw_scores(params, X, y, reg=0.0):
    """A softmax of its own, without the shift."""
    scores, caches = mlp_forward(params, X)
    e = np.exp(scores)
    p = e / e.sum(axis=1, keepdims=True)
    _, grads = mlp_loss(params, X, y)
    return _penalised(-np.log(p[np.arange(len(y)), y]).mean(), grads, params, reg)


@mistake(
    of="mlp_loss",
    caught_by="the_loss_leaves_everything_as_it_was",
    hint="After your function the caller's weights are others: `+=` on an entry of params changes the array that it shares.",
)
def weight_decay_in_place(params, X, y, reg=0.0):
    """Shrinks the weights while it is there."""
    result = mlp_loss(params, X, y, reg)
    for name in params:
        params[name] *= 1 - 0.1 * reg
    return result


_BEFORE = {}


@mistake(
    of="mlp_loss",
    caught_by="the_loss_leaves_everything_as_it_was",
    hint="Called again with the same arguments, it gives other gradients: something is kept from one call to the next.",
)
def gradients_kept_between_calls(params, X, y, reg=0.0):
    """(BP-17) A dict outside of the function that every call adds to."""
    loss, grads = mlp_loss(params, X, y, reg)
    for name, g in grads.items():
        shape_fits = name in _BEFORE and _BEFORE[name].shape == g.shape
        _BEFORE[name] = _BEFORE[name] + g if shape_fits else g
    return loss, {name: _BEFORE[name] for name in grads}


# --- q6 train_mlp -----------------------------------------------------------------------------------------------------


@mistake(
    of="train_mlp",
    caught_by="first_step_goes_against_the_gradient",
    hint="The loss rises: the gradient points uphill.",
)
def climbs(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """Plus for minus."""
    return train_mlp(params, X, y, orders, -lr, momentum, batch, reg)


@mistake(
    of="train_mlp",
    caught_by="first_step_goes_against_the_gradient",
    hint="Every step is shorter by the same factor: this velocity is a sum of gradients, not an average.",
)
def velocity_as_an_average(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """(OP-1) v <- mu v + (1 - mu) g."""
    return train_mlp(params, X, y, orders, lr * (1 - momentum), momentum, batch, reg)


@mistake(
    of="train_mlp",
    caught_by="training_takes_the_right_steps",
    hint="The first step is right, and then momentum seems to be missing: does the velocity outlive a step?",
)
def velocity_forgotten(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """Plain gradient descent."""
    return train_mlp(params, X, y, orders, lr, 0.0, batch, reg)


@mistake(
    of="train_mlp",
    caught_by="training_takes_the_right_steps",
    hint="Right for the first epoch. What is left of the velocity when the second begins?",
)
def velocity_reset_each_epoch(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """Zeros inside the loop over epochs."""
    history = []
    for k in range(len(orders)):
        params, losses = train_mlp(params, X, y, orders[k : k + 1], lr, momentum, batch, reg)
        history += losses
    return params, history


@mistake(
    of="train_mlp",
    caught_by="training_takes_the_right_steps",
    hint="Samples are missing from every epoch: how many batches does it take until all have had their turn?",
)
def last_batch_dropped(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """N // batch batches."""
    whole = max(len(y) // batch, 1) * batch
    return train_mlp(params, X, y, orders[:, :whole], lr, momentum, batch, reg)


@mistake(
    of="train_mlp",
    caught_by=("training_takes_the_right_steps", "digits_are_learned"),
    hint="The features are in a new order, the labels are not: each sample is trained on somebody else's label.",
)
def labels_not_shuffled(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """(OP-10) X[chosen] beside y[start : start + batch]."""
    velocity, history = {name: 0.0 * w for name, w in params.items()}, []
    for order in orders:
        for start in range(0, len(order), batch):
            loss, grads = mlp_loss(params, X[order[start : start + batch]], y[start : start + batch], reg)
            history.append(loss)
            velocity = {name: momentum * velocity[name] + grads[name] for name in params}
            params = {name: params[name] - lr * velocity[name] for name in params}
    return params, history


@mistake(
    of="train_mlp",
    caught_by="training_takes_the_right_steps",
    hint="The samples come in the order of the data set, epoch after epoch: the orders that you were given are not used.",
)
def orders_ignored(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """X[start : start + batch]."""
    return train_mlp(params, X, y, np.tile(np.arange(len(y)), (len(orders), 1)), lr, momentum, batch, reg)


@mistake(
    of="train_mlp",
    caught_by="training_takes_the_right_steps",
    hint="The penalty does not arrive where the loss is worked out.",
)
def penalty_not_passed_on(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """mlp_loss(params, X, y)."""
    return train_mlp(params, X, y, orders, lr, momentum, batch)


@mistake(
    of="train_mlp",
    caught_by="training_takes_the_right_steps",
    hint="From the second step on, old gradients are still there. Each step needs those of its own batch; what is kept is "
    "the velocity.",
)
def gradients_never_reset(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """(BP-17) A dict of gradients that is added to, batch after batch."""
    total = {name: np.zeros_like(w) for name, w in params.items()}
    velocity, history = dict(total), []
    for order in orders:
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            loss, grads = mlp_loss(params, X[chosen], y[chosen], reg)
            history.append(loss)
            total = {name: total[name] + grads[name] for name in params}
            velocity = {name: momentum * velocity[name] + total[name] for name in params}
            params = {name: params[name] - lr * velocity[name] for name in params}
    return params, history


@mistake(
    of="train_mlp",
    caught_by="training_takes_the_right_steps",
    hint="One loss for each step is asked for, not one for each epoch.",
)
def one_loss_for_each_epoch(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """The mean of the batches."""
    params, history = train_mlp(params, X, y, orders, lr, momentum, batch, reg)
    return params, [float(np.mean(each)) for each in np.array_split(np.array(history), max(len(orders), 1))]


@mistake(
    of="train_mlp",
    caught_by="training_takes_the_right_steps",
    hint="The losses belong to the parameters after each step. They are to be those that the step started from.",
)
def losses_after_the_step(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """Computes the loss once more, after the update."""
    velocity, history = {name: 0.0 * w for name, w in params.items()}, []
    for order in orders:
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            _, grads = mlp_loss(params, X[chosen], y[chosen], reg)
            velocity = {name: momentum * velocity[name] + grads[name] for name in params}
            params = {name: params[name] - lr * velocity[name] for name in params}
            history.append(mlp_loss(params, X[chosen], y[chosen], reg)[0])
    return params, history


@mistake(
    of="train_mlp",
    caught_by="the_parameters_of_the_caller_stay",
    hint="After training the caller's starting point has moved with it: `-=` works in the array itself, whoever else holds it.",
)
def trains_the_callers_arrays(params, X, y, orders, lr=0.1, momentum=0.9, batch=32, reg=0.0):
    """params[name] -= ... on the arrays that came in."""
    end, history = train_mlp(params, X, y, orders, lr, momentum, batch, reg)
    for name in params:
        params[name][...] = end[name]
    return params, history


@mistake(
    of="train_mlp",
    caught_by="defaults_are_those_of_the_handout",
    hint="Right when everything is said. Compare the defaults of your function with those of the handout.",
)
def batches_of_16(params, X, y, orders, lr=0.1, momentum=0.9, batch=16, reg=0.0):
    """Another default."""
    return train_mlp(params, X, y, orders, lr, momentum, batch, reg)


# --- q7 Value ---------------------------------------------------------------------------------------------------------


@mistake(
    of="Value",
    caught_by=("a_number_that_is_used_twice_gets_both_contributions", "random_expressions_have_torchs_gradients"),
    hint="x * x gives half of what it should: a number can influence the result along two paths, and each of them counts.",
)
class GradientsOverwritten(Value):
    """(BP-11) The last path wins."""

    def backward(self):
        arriving = {self: 1.0}
        for node in reversed(self._inputs_first()):
            node.grad += arriving.get(node, 0.0)
            for other, slope in node.made_of:
                arriving[other] = slope * arriving[node]


@mistake(
    of="Value",
    caught_by="random_expressions_have_torchs_gradients",
    also=("GradientsOverwritten",),
    hint="Right for trees and simple sharing. A node's turn comes when everything that it went into has been done, not when it "
    "is first met.",
)
class BreadthFirst(Value):
    """Level by level from the output: a node that is also reached by a longer way is done too early."""

    def backward(self):
        order, seen = [self], {self}
        for node in order:
            for other, _ in node.made_of:
                if other not in seen:
                    seen.add(other)
                    order.append(other)
        arriving = dict.fromkeys(order, 0.0)
        arriving[self] = 1.0
        for node in order:
            node.grad += arriving[node]
            for other, slope in node.made_of:
                arriving[other] += slope * arriving[node]


@mistake(
    of="Value",
    caught_by="long_chains_are_no_deeper_than_short_ones",
    hint="A RecursionError: Python stops after some thousand calls inside each other, and a training run is a longer chain "
    "than that. A list of what is still to be done has no such limit.",
)
class RecursiveOrder(Value):
    """The textbook's depth-first search."""

    def _inputs_first(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for other, _ in node.made_of:
                    visit(other)
                order.append(node)

        visit(self)
        return order


@mistake(
    of="Value",
    caught_by="each_node_is_walked_once",
    hint="The derivative is right, and it takes a step for every path. Sixteen nodes have 65536 paths, forty have a million "
    "million: walk each node once.",
)
class EveryPath(Value):
    """Recursion along each path, without remembering where it has been."""

    def backward(self):
        def follow(node, gradient):
            node.grad += gradient
            for other, slope in node.made_of:
                follow(other, slope * gradient)

        follow(self, 1.0)


@mistake(
    of="Value",
    caught_by="a_second_backward_adds_to_the_first",
    hint="One call of backward is right. In a second one, nodes inside the graph still hold what the first one brought, and "
    "pass it on again.",
)
class PassesOnOldGradients(Value):
    """micrograd: node.grad is both the result and what is passed on."""

    def backward(self):
        self.grad = 1.0
        for node in reversed(self._inputs_first()):
            for other, slope in node.made_of:
                other.grad += slope * node.grad


@mistake(
    of="Value",
    caught_by="a_second_backward_adds_to_the_first",
    hint="A second output makes the contribution of the first one disappear. Gradients add up until somebody resets them.",
)
class ResetsBeforeEachPass(Value):
    """Sets every gradient to zero first."""

    def backward(self):
        for node in self._inputs_first():
            node.grad = 0.0
        super().backward()


@mistake(
    of="Value",
    caught_by="what_has_no_part_in_the_output_keeps_a_gradient_of_zero",
    hint="A number that the output does not depend on should have the gradient 0.0, a number like any other.",
)
class NoneUntilBackward(Value):
    """grad is None until backward comes by."""

    def __init__(self, data):
        super().__init__(data)
        self.grad = None

    def backward(self):
        nodes = self._inputs_first()
        for node in nodes:
            node.grad = node.grad or 0.0
        super().backward()


@mistake(
    of="Value",
    caught_by=("a_product_and_a_sum_by_hand", "every_operation_has_its_slope"),
    hint="Everything is too small or zero: how much does the output change when the output changes by one?",
)
class NoSeed(Value):
    """(BP-13) Starts from a gradient of 0."""

    def backward(self):
        pass


@mistake(
    of="Value",
    caught_by="every_operation_has_its_slope",
    hint="exp forgets what arrives from above: by the chain rule its own slope is multiplied by that.",
)
class ExpIgnoresWhatArrives(Value):
    """(BP-13) The slope of exp alone, whatever comes in."""

    def exp(self):
        out = super().exp()
        out.alone = True
        return out

    def backward(self):
        arriving = {self: 1.0}
        for node in reversed(self._inputs_first()):
            node.grad += arriving[node]
            for other, slope in node.made_of:
                came = 1.0 if hasattr(node, "alone") else arriving[node]
                arriving[other] = arriving.get(other, 0.0) + slope * came


@mistake(
    of="Value",
    caught_by="a_product_and_a_sum_by_hand",
    hint="In a product, which number says how much the other one matters?",
)
class FactorsMixedUp(Value):
    """d(ab)/da = a."""

    def __mul__(self, other):
        other = self._node(other)
        return self._result(self.data * other.data, (self, self.data), (other, other.data))


@mistake(
    of="Value",
    caught_by="every_operation_has_its_slope",
    hint="a - b changes with b in the other direction.",
)
class MinusWithoutSign(Value):
    """Slope +1 for both."""

    def __sub__(self, other):
        other = self._node(other)
        return self._result(self.data - other.data, (self, 1.0), (other, 1.0))


@mistake(
    of="Value",
    caught_by="every_operation_has_its_slope",
    hint="In a / b, b has an influence too, and one that grows when b is small.",
)
class DenominatorAsAConstant(Value):
    """No gradient for the denominator."""

    def __truediv__(self, other):
        other = self._node(other)
        return self._result(self.data / other.data, (self, 1.0 / other.data), (other, 0.0))


@mistake(
    of="Value",
    caught_by="every_operation_has_its_slope",
    hint="The power rule has two parts: the exponent comes down, and it becomes smaller by one.",
)
class PowerKeepsItsExponent(Value):
    """n x^n."""

    def __pow__(self, exponent):
        return self._result(self.data**exponent, (self, exponent * self.data**exponent))


@mistake(
    of="Value",
    caught_by="every_operation_has_its_slope",
    hint="The slope of tanh is 1 - t^2 with t the *result*, not the argument.",
)
class TanhSlopeOfTheArgument(Value):
    """1 - x^2."""

    def tanh(self):
        return self._result(math.tanh(self.data), (self, 1.0 - self.data**2))


@mistake(
    of="Value",
    caught_by="every_operation_has_its_slope",
    hint="The logarithm's slope depends on where it is taken.",
)
class LogSlopeOfOne(Value):
    """A slope of 1, everywhere."""

    def log(self):
        return self._result(math.log(self.data), (self, 1.0))


@mistake(
    of="Value",
    caught_by="random_expressions_have_torchs_gradients",
    hint="A unit that is off lets its gradient through: the value is right, the slope is that of a unit that is on.",
)
class ReluLetsEverythingBack(Value):
    """(BP-1) Slope 1, always."""

    def relu(self):
        return self._result(max(self.data, 0.0), (self, 1.0))


@mistake(
    of="Value",
    caught_by="corners_are_rounded_as_in_torch",
    hint="At exactly zero there are two slopes to choose from. Here, as in PyTorch, a unit at zero counts as off.",
)
class ReluOnAtZero(Value):
    """>= for >."""

    def relu(self):
        return self._result(max(self.data, 0.0), (self, 1.0 if self.data >= 0 else 0.0))


@mistake(
    of="Value",
    caught_by="corners_are_rounded_as_in_torch",
    hint="The fraction of exponentials is right on paper. For large arguments the exponentials leave the range of floats, "
    "though the result is only 1.",
)
class TanhByExponentials(Value):
    """(e^2x - 1) / (e^2x + 1)."""

    def tanh(self):
        e = math.exp(2 * self.data)
        t = (e - 1) / (e + 1)
        return self._result(t, (self, 1 - t * t))


@mistake(
    of="Value",
    caught_by="plain_numbers_may_stand_on_either_side",
    hint="a * 2 works, 2 * a does not: Python asks the right operand by another name, if the left one does not know what to do.",
)
class NothingReflected(Value):
    """No __radd__, __rmul__, ..."""

    def __radd__(self, other):
        return NotImplemented

    __rmul__ = __rsub__ = __rtruediv__ = __radd__


@mistake(
    of="Value",
    caught_by="plain_numbers_may_stand_on_either_side",
    hint="2 - a and 2 / a come out as a - 2 and a / 2: for these two the sides matter.",
)
class ReflectedTheWrongWayRound(Value):
    """__rsub__ = __sub__."""

    def __rsub__(self, other):
        return self - other

    def __rtruediv__(self, other):
        return self / other


@mistake(
    of="Value",
    caught_by="random_expressions_have_the_right_value",
    hint="For positive numbers everything is right. What does your minus sign make of a number that is negative already?",
)
class NegationForgets(Value):
    """-a gives |a| its sign: right for positive numbers alone."""

    def __neg__(self):
        return self._result(-abs(self.data), (self, -1.0))


# --- q8 unbroadcast ---------------------------------------------------------------------------------------------------


@mistake(
    of="unbroadcast",
    caught_by="a_single_number_gets_everything",
    hint="For a single number nothing is left to loop over, and all of the gradient belongs to it.",
)
def single_numbers_forgotten(grad, shape):
    """Returns grad if there is no axis to look at."""
    return unbroadcast(grad, shape) if shape else grad


@mistake(
    of="unbroadcast",
    caught_by="a_bias_gets_the_sum_over_the_samples",
    hint="The gradient has the shape of the result: an operand that was repeated gets the gradients of all its copies, in its "
    "own shape.",
)
def broadcast_shape_kept(grad, shape):
    """(BP-14) Returns what it got."""
    return grad


@mistake(
    of="unbroadcast",
    caught_by="a_bias_gets_the_sum_over_the_samples",
    hint="Too small by the number of copies: each copy adds its share, none of them averages.",
)
def mean_over_the_copies(grad, shape):
    """mean for sum."""
    out = unbroadcast(grad, shape)
    return out * (out.size / max(grad.size, 1))


@mistake(
    of="unbroadcast",
    caught_by="a_bias_gets_the_sum_over_the_samples",
    hint="Axes in front are summed away, but an axis of size 1 was stretched too.",
)
def leading_axes_only(grad, shape):
    """Forgets the axes of size 1."""
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


@mistake(
    of="unbroadcast",
    caught_by="a_bias_gets_the_sum_over_the_samples",
    hint="Axes of size 1 are summed, but new axes in front are repetitions too.",
)
def kept_axes_only(grad, shape):
    """Forgets the axes in front."""
    axes = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return grad.sum(axis=axes, keepdims=True) if axes else grad


@mistake(
    of="unbroadcast",
    caught_by="a_bias_gets_the_sum_over_the_samples",
    hint="The numbers are right, the shape is not: an axis of size 1 is still an axis.",
)
def axes_of_one_lost(grad, shape):
    """Sums without keepdims."""
    return np.squeeze(unbroadcast(grad, shape))


@mistake(
    of="unbroadcast",
    caught_by="unbroadcast_sums_over_what_was_repeated",
    hint="Right where only one axis was stretched. Where there are several, each one has to be summed.",
)
def first_axis_of_one_only(grad, shape):
    """Stops after the first axis that was stretched."""
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    for axis, size in enumerate(shape):
        if size == 1 and grad.shape[axis] != 1:
            return grad.sum(axis=axis, keepdims=True)
    return grad


@mistake(
    of="unbroadcast",
    caught_by=("unbroadcast_is_the_adjoint_of_broadcasting", "unbroadcast_sums_over_what_was_repeated"),
    hint="Some gradients arrive at the wrong place: broadcasting lines shapes up at their last axis, not at their first.",
)
def lined_up_at_the_front(grad, shape):
    """Sums the axes at the end, where sizes allow it."""
    if len(shape) == grad.ndim or grad.shape[: len(shape)] != tuple(shape):
        wanted = grad.reshape(-1)[: int(np.prod(shape, dtype=int))].reshape(shape)
        return unbroadcast(grad, shape) if len(shape) == grad.ndim else wanted * (grad.sum() / (wanted.sum() or 1.0))
    return grad.sum(axis=tuple(range(len(shape), grad.ndim)))


@mistake(
    of="unbroadcast",
    caught_by="unbroadcast_leaves_its_argument_alone",
    hint="float32 comes back as float64.",
)
def sums_in_float64(grad, shape):
    """np.zeros without a dtype."""
    return np.zeros(shape) + unbroadcast(grad, shape)


# --- q9 Tensor --------------------------------------------------------------------------------------------------------


@mistake(
    of="Tensor",
    caught_by=("an_affine_layer_of_tensors", "arithmetic_of_tensors_follows_broadcasting"),
    hint="A gradient has another shape than its tensor: what broadcasting repeated has to be summed again.",
)
class BroadcastShapeKept(Tensor):
    """(BP-14) No unbroadcast in +."""

    def __add__(self, other):
        other = self._tensor(other)
        return self._result(self.data + other.data, (self, lambda g: g), (other, lambda g: g))


@mistake(
    of="Tensor",
    caught_by="arithmetic_of_tensors_follows_broadcasting",
    hint="Sums are right. In a product of arrays of two shapes, one gradient keeps the shape of the result.",
)
class ProductsNotUnbroadcast(Tensor):
    """(BP-14) No unbroadcast in *."""

    def __mul__(self, other):
        other = self._tensor(other)
        return self._result(self.data * other.data, (self, lambda g: g * other.data), (other, lambda g: g * self.data))


@mistake(
    of="Tensor",
    caught_by="a_row_that_is_taken_twice_gets_both_gradients",
    hint="A row that was taken twice gets the gradient of one of its copies only: assigning to the same place twice keeps "
    "the last.",
)
class IndexAssigned(Tensor):
    """out[index] = g."""

    def __getitem__(self, index):
        def backward(g):
            whole = np.zeros_like(self.data)
            whole[index] += g
            return whole

        return self._result(self.data[index], (self, backward))


@mistake(
    of="Tensor",
    caught_by="entries_that_are_taken_get_their_gradient",
    hint="Whole rows are right. With two arrays of places, or a mask, the gradient has to go to single entries.",
)
class RowsOnly(Tensor):
    """Takes the first index for the rows, whatever comes after it."""

    def __getitem__(self, index):
        def backward(g):
            whole = np.zeros_like(self.data)
            if isinstance(index, tuple):
                np.add.at(whole, index[0], g[:, None] / whole.shape[1])
            else:
                np.add.at(whole, index, g)
            return whole

        return self._result(self.data[index], (self, backward))


@mistake(
    of="Tensor",
    caught_by="gradients_find_their_way_back_through_new_shapes",
    hint="The gradient of a sum has to reach every entry that was added. The axis that is gone must come back at its own place.",
)
class SumForgetsWhichAxis(Tensor):
    """Broadcasts the gradient as it is, along the last axis."""

    def sum(self, axis=None, keepdims=False):
        def backward(g):
            try:
                return np.broadcast_to(g, self.data.shape)
            except ValueError:
                return np.broadcast_to(g[..., None], self.data.shape)

        return self._result(self.data.sum(axis=axis, keepdims=keepdims), (self, backward))


@mistake(
    of="Tensor",
    caught_by="sums_reach_every_entry",
    hint="In a sum every entry counts fully: nothing is divided by their number.",
)
class SumAsAMean(Tensor):
    """Divides by the number of entries."""

    def sum(self, axis=None, keepdims=False):
        out = super().sum(axis, keepdims)
        (_, pull), share = out.made_of[0], out.data.size / self.data.size
        out.made_of = ((self, lambda g: pull(g) * share),)
        return out


@mistake(
    of="Tensor",
    caught_by="gradients_find_their_way_back_through_new_shapes",
    hint="For two axes, transposing is undone by transposing. For three it depends: which order of the axes leads back?",
)
class TransposedAgain(Tensor):
    """The same axes on the way back."""

    def transpose(self, *axes):
        return self._result(self.data.transpose(*axes), (self, lambda g: g.transpose(*axes)))


@mistake(
    of="Tensor",
    caught_by="gradients_find_their_way_back_through_new_shapes",
    hint="After a reshape, the gradients are the right numbers in the wrong places: it should be undone in the same order of entries.",
)
class ReshapedInAnotherOrder(Tensor):
    """Fortran order on the way back."""

    def reshape(self, *shape):
        back = self.data.shape
        return self._result(self.data.reshape(*shape), (self, lambda g: g.reshape(back, order="F")))


@mistake(
    of="Tensor",
    caught_by="matrix_products_have_their_two_gradients",
    hint="Right for two matrices. For stacks of them, .T turns all axes around, and not only the last two.",
)
class TransposesTheWholeStack(Tensor):
    """.T for stacks of matrices."""

    def __matmul__(self, other):
        return self._result(
            self.data @ other.data,
            (self, lambda g: unbroadcast(g @ other.data.T, self.data.shape)),
            (other, lambda g: unbroadcast(self.data.T @ g, other.data.shape)),
        )


@mistake(
    of="Tensor",
    caught_by="matrix_products_have_their_two_gradients",
    hint="One matrix that serves a whole stack gets a stack of gradients: it was broadcast.",
)
class StackedMatrixGradients(Tensor):
    """No unbroadcast in @."""

    def __matmul__(self, other):
        return self._result(
            self.data @ other.data,
            (self, lambda g: g @ np.swapaxes(other.data, -1, -2)),
            (other, lambda g: np.swapaxes(self.data, -1, -2) @ g),
        )


@mistake(
    of="Tensor",
    caught_by="arithmetic_of_tensors_follows_broadcasting",
    hint="2 - x comes out as x - 2: for a difference the sides matter.",
)
class NumberMinusTensorReversed(Tensor):
    """x - c for c - x, and a gradient of the wrong sign for x - y."""

    def __sub__(self, other):
        other = self._tensor(other)
        out = self + other * -1.0
        out.made_of = (out.made_of[0], (other, out.made_of[1][1]))
        return out


@mistake(
    of="Tensor",
    caught_by="a_network_of_tensors_has_torchs_gradients",
    hint="Each operation alone is right. In the network one tensor is used at two places, and only one of them has got through.",
)
class TensorGradientsOverwritten(Tensor):
    """(BP-11) The last path wins."""

    def backward(self, grad=None):
        arriving = {self: np.ones_like(self.data) if grad is None else np.asarray(grad)}
        for node in reversed(self._inputs_first()):
            node.grad = node.grad + arriving[node]
            for other, pull in node.made_of:
                arriving[other] = pull(arriving[node])


@mistake(
    of="Tensor",
    caught_by="gradients_of_tensors_add_up_until_they_are_reset",
    hint="One call of backward is right. In a second one, tensors inside the graph pass on again what the first one brought.",
)
class TensorPassesOnOldGradients(Tensor):
    """node.grad is both the result and what is passed on."""

    def backward(self, grad=None):
        self.grad = np.ones_like(self.data) if grad is None else np.asarray(grad)
        for node in reversed(self._inputs_first()):
            for other, pull in node.made_of:
                other.grad = other.grad + pull(node.grad)


@mistake(
    of="Tensor",
    caught_by="gradients_of_tensors_add_up_until_they_are_reset",
    hint="After zero_grad the old gradient is still there.",
)
class ZeroGradForgets(Tensor):
    """Makes zeros, and does not keep them."""

    def zero_grad(self):
        np.zeros_like(self.data)


@mistake(
    of="Tensor",
    caught_by="an_affine_layer_of_tensors",
    hint="The gradient that was given to backward makes no difference: it is what arrives at the result, and everything is "
    "multiplied by it.",
)
class UpstreamIgnored(Tensor):
    """(BP-13) Starts from ones, whatever was given."""

    def backward(self, grad=None):
        super().backward()


@mistake(
    of="Tensor",
    caught_by="arithmetic_of_tensors_follows_broadcasting",
    hint="At exactly zero there are two slopes to choose from. Here, as in PyTorch, a unit at zero counts as off.",
)
class TensorReluOnAtZero(Tensor):
    """>= for >."""

    def relu(self):
        return self._result(np.maximum(self.data, 0.0), (self, lambda g: g * (self.data >= 0)))


@mistake(
    of="Tensor",
    caught_by="arithmetic_of_tensors_follows_broadcasting",
    hint="A tensor of whole numbers stays one, and its gradients are cut off at the point: what dtype should data have?",
)
class WholeNumbersKept(Tensor):
    """np.asarray without a dtype."""

    def __init__(self, data):
        super().__init__(data)
        self.data = np.asarray(data)
        self.grad = np.zeros_like(self.data)
