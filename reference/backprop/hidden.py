"""Hidden checks of backpropagation: the case packs, the properties, random graphs against torch, and the run on digits."""

from __future__ import annotations

import itertools

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_backward_close,
    assert_close,
    assert_deterministic,
    assert_dtype,
    assert_shape,
    assert_trains,
    assert_unchanged,
    parts,
)
from autograder.errors import CheckFailed, CourseError, StudentRaised

# --- q1 affine_forward ------------------------------------------------------------------------------------------------


@check("q1", points=2, repeat=2)
def affine_layer_takes_samples_of_any_shape(student, reference, rng):
    """Each sample, of one, two or three axes and in any memory layout, is flattened in C order and counts as one row."""
    for shape in ((4, 6), (1, 6), (4, 2, 3), (3, 2, 4, 5), (2, 1, 1)):
        x, W, b = _layer(rng, shape)
        for layout, view in inputs.layouts(x).items():
            out, _ = _affine(student, view, W, b)
            assert_close(out, reference.affine(x, W, b), what=f"output for {layout} x of shape {shape}")


@check("q1", points=1)
def affine_layer_keeps_the_dtype(student, reference, rng):
    """float32 in, float32 out; pixels that are whole numbers are fine, and give float64."""
    x, W, b = _layer(rng, (4, 2, 3))
    single = [each.astype(np.float32) for each in (x, W, b)]
    out, _ = _affine(student, *single)
    assert_close(out, reference.affine(*single), dtype=np.float32, what="output for float32")
    assert_dtype(out, np.float32, what="output for float32")
    pixels = inputs.integers(rng, (4, 2, 3), 0, 255).astype(np.uint8)
    out, _ = _affine(student, pixels, W, b)
    expected = reference.affine(pixels.astype(float), W, b)
    assert_close(out, expected, what="output for pixels of dtype uint8", actual_dtype=np.float64)


@check("q1", points=1)
def affine_layer_leaves_its_arguments_alone(student, rng):
    """affine_forward changes neither x, nor its shape, nor W and b."""
    args = _layer(rng, (4, 2, 3))
    assert_unchanged(student.affine_forward, args, what="affine_forward")
    out, _ = _affine(student, *inputs.frozen(args))
    assert_shape(out, (4, 5), what="output for arrays that are read-only")


# --- q2 affine_backward -----------------------------------------------------------------------------------------------


@check("q2", points=3, repeat=2)
def affine_gradients_are_right(student, reference, rng):
    """dx, dW and db are right for samples of any shape, dx in the shape of x, and for arrays in any memory layout."""
    for shape in ((4, 6), (1, 6), (4, 2, 3), (3, 2, 4, 5)):
        args = _layer(rng, shape)
        dout = inputs.normal(rng, (shape[0], 5))
        for layout, view in inputs.layouts(dout).items():
            what = f"an affine layer, x of shape {shape}, {layout} dout"
            given = _affine_back(student, view, args)
            assert_backward_close(given, reference.affine, args, upstream=dout, what=what)


@check("q2", points=2)
def gradients_of_the_weights_are_sums_over_the_samples(student, rng):
    """dW and db of a batch are the sums of those of its samples alone; dx is made of theirs, row by row."""
    x, W, b = _layer(rng, (5, 2, 3))
    dout = inputs.normal(rng, (5, 5))
    whole = _numbers(_affine_back(student, dout, (x, W, b)), dx=x.shape, dW=W.shape, db=b.shape)
    alone = [
        _numbers(_affine_back(student, dout[i : i + 1], (x[i : i + 1], W, b)), dx=(1, 2, 3), dW=W.shape, db=b.shape)
        for i in range(5)
    ]
    for name in ("dW", "db"):
        total = np.sum([each[name] for each in alone], axis=0)
        assert_close(whole[name], total, kind="gradient", what=f"{name} of a batch, compared with its samples alone")
    rows = np.concatenate([each["dx"] for each in alone])
    assert_close(whole["dx"], rows, kind="gradient", what="dx of a batch, compared with its samples alone")


@check("q2", points=1)
def backward_needs_nothing_but_dout_and_the_cache(student, reference, rng):
    """The gradients are those of the layer that the cache belongs to, whatever was computed since; nothing is changed."""
    first, second = _layer(rng, (4, 2, 3)), _layer(rng, (4, 2, 3))
    dout = inputs.normal(rng, (4, 5))
    (_, cache), _ = _affine(student, *first), _affine(student, *second)
    assert_backward_close(
        _affine_back(student, dout, cache), reference.affine, first, upstream=dout, what="the first of two layers"
    )
    assert_unchanged(student.affine_backward, (dout, first), what="affine_backward")


@check("q2", points=1)
def affine_gradients_keep_the_dtype(student, rng):
    """float32 in, float32 out."""
    single = tuple(each.astype(np.float32) for each in _layer(rng, (4, 2, 3)))
    dout = inputs.normal(rng, (4, 5), dtype=np.float32)
    for name, gradient in _affine_back(student, dout, single).items():
        assert_dtype(gradient, np.float32, what=f"{name} for float32")


# --- q3 mlp_init ------------------------------------------------------------------------------------------------------


@check("q3", points=2)
def weights_have_the_spread_of_their_scheme(student, reference, rng):
    """Weights have mean 0 and standard deviation sqrt(2 / in) for "he", sqrt(2 / (in + out)) for "xavier"; others raise."""
    dims, seed = [50, 180, 30, 110], int(rng.integers(2**31))
    for scheme in ("he", "xavier", None):
        params = student.run(drawn_parameters, dims, seed, scheme)
        for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(dims), start=1):
            what = f"W{layer} of mlp_init({dims}, rng{', ' + repr(scheme) if scheme else ''})"
            w = _numbers(_named(params, f"W{layer}"), **{what: (fan_in, fan_out)})[what]
            std, n = reference.spread(fan_in, fan_out, scheme or "he"), fan_in * fan_out
            # five standard errors of a mean and of a standard deviation (of a normal sample; of others it is less)
            assert_close(
                w.mean(), 0.0, rtol=0.0, atol=5 * std / np.sqrt(n), what=f"mean of {what}",
                because="five standard errors of the mean",
            )  # fmt: skip
            assert_close(
                w.std() / std, 1.0, rtol=0.0, atol=5 / np.sqrt(2 * n), what=f"deviation of {what}, over the right one",
                because="five standard errors of the deviation",
            )  # fmt: skip
            (b,) = _named(params, f"b{layer}")
            assert_close(b, np.zeros(fan_out), kind="exact", what=what.replace("W", "b", 1))
    try:
        student.run(drawn_parameters, dims, seed, "large")
    except StudentRaised as error:
        if error.exception == "ValueError":
            return
        raise
    raise CheckFailed('mlp_init(dims, rng, "large") was accepted, expected ValueError.')


@check("q3", points=1)
def the_generator_alone_decides(student, rng):
    """The same seed gives the same weights, another seed and another layer other ones; no global generator is used."""
    dims, seed = [4, 5, 5, 5], int(rng.integers(2**31))
    first, again, other, untouched = parts(
        student.run(drawn_four_ways, dims, seed), ("first", "again", "other", "untouched"), what="four draws"
    )
    weights = {}
    for name, params in (("first", first), ("again", again), ("other", other)):
        weights[name] = [_numbers(_named(params, w), **{w: (i, 5)})[w] for w, i in (("W1", 4), ("W2", 5), ("W3", 5))]
    for layer in range(3):
        what = f"W{layer + 1} for the same seed"
        assert_close(weights["again"][layer], weights["first"][layer], kind="exact", what=what)
        _assert_differ(weights["other"][layer], weights["first"][layer], f"W{layer + 1} for two seeds")
    _assert_differ(weights["first"][1], weights["first"][2], "W2 and W3")
    if untouched is not True:
        raise CheckFailed("mlp_init uses numpy's global generator, expected rng alone.")


# --- q4 mlp_forward ---------------------------------------------------------------------------------------------------


@check("q4", points=3, repeat=2)
def scores_are_right_for_any_depth(student, reference, rng):
    """Networks of one to four layers give the right scores, for batches of several samples and of one."""
    for dims in ([4, 3], [4, 6, 3], [5, 7, 4, 3], [3, 6, 5, 4, 2]):
        for n in (6, 1):
            params, X, _ = _network(rng, dims, n=n)
            scores, _ = _forward(student, params, X)
            expected = reference.mlp_scores(params, X)
            assert_close(scores, expected, what=f"scores of a network with layers {dims}, N={n}")


@check("q4", points=1)
def ten_layers_are_taken_in_their_order(student, reference, rng):
    """A network of eleven layers applies W1, W2, ..., W11 in this order, however the dict is ordered."""
    dims = [3, 4, 5, 3, 4, 5, 3, 4, 5, 3, 4, 2]
    params, X, _ = _network(rng, dims, n=5)
    shuffled = {name: params[name] for name in rng.permutation(sorted(params)).tolist()}
    for order, given in (("in order", params), ("in any order", shuffled)):
        scores, _ = _forward(student, given, X)
        assert_close(scores, reference.mlp_scores(params, X), what=f"scores of eleven layers, the dict {order}")


@check("q4", points=1)
def images_go_in_as_they_are(student, reference, rng):
    """X may have several axes for each sample: they are flattened."""
    params, X, _ = _network(rng, [12, 5, 3], n=6)
    scores, _ = _forward(student, params, X.reshape(6, 2, 2, 3))
    assert_close(scores, reference.mlp_scores(params, X), what="scores for X of shape (6, 2, 2, 3)")


@check("q4", points=1)
def the_network_leaves_its_arguments_alone(student, rng):
    """mlp_forward changes neither params nor X, and returns float32 for float32."""
    params, X, _ = _network(rng, [4, 6, 3], n=5)
    assert_unchanged(student.mlp_forward, (params, X), what="mlp_forward")
    scores, _ = _forward(student, {name: w.astype(np.float32) for name, w in params.items()}, X.astype(np.float32))
    assert_dtype(scores, np.float32, what="scores for float32")


# --- q5 mlp_loss ------------------------------------------------------------------------------------------------------


@check("q5", points=3, repeat=2)
def loss_is_right_for_any_depth(student, reference, rng):
    """The loss is the mean cross-entropy plus 0.5 * reg * ||W||^2 of every layer, for one to four layers."""
    for dims in DEPTHS:
        params, X, y = _network(rng, dims, n=7)
        for more in ((), (0.0,), (3.14,)):
            loss, _ = _loss(student, params, X, y, *more)
            what = f"loss of a network with layers {dims}" + (f", reg={more[0]:g}" if more else "")
            assert_close(loss, reference.mlp_loss(params, X, y, *more), what=what)


@check("q5", points=5, repeat=2)
def gradients_are_right_for_any_depth(student, reference, rng):
    """Without a penalty, the gradient of every weight and bias is right for one to four layers."""
    for dims in DEPTHS:
        params, X, y = _network(rng, dims, n=7)
        _, grads = _loss(student, params, X, y)
        _assert_gradients(grads, reference.mlp_gradients(params, X, y), f"layers {dims}")


@check("q5", points=3, repeat=2)
def the_penalty_has_a_gradient_too(student, reference, rng):
    """With reg=3.14 the gradient of every weight matrix grows by reg * W, and that of a bias not at all."""
    for dims in DEPTHS:
        params, X, y = _network(rng, dims, n=7)
        _, grads = _loss(student, params, X, y, 3.14)
        _assert_gradients(grads, reference.mlp_gradients(params, X, y, 3.14), f"layers {dims}, reg=3.14")


@check("q5", points=2)
def units_that_are_off_pass_nothing_back(student, reference, rng):
    """A unit that is off for all samples, or exactly at zero, gets no gradient, and the units before it none through it."""
    params, X, y = _network(rng, [4, 6, 5, 3], n=7)
    params["b1"][2] = -50.0  # off for every sample
    params["W2"][:, 3] = 0.0
    params["b2"][3] = 0.0  # exactly at zero for every sample
    _, grads = _loss(student, params, X, y)
    off = _numbers(_named(grads, "W1"), W1=(4, 6))["W1"][:, 2]
    assert_close(off, np.zeros(4), kind="exact", what="gradient of the weights into a unit that is off")
    zero = _numbers(_named(grads, "b2"), b2=(5,))["b2"][3]
    assert_close(zero, 0.0, kind="exact", what="gradient of the bias of a unit that is exactly at zero")
    _assert_gradients(grads, reference.mlp_gradients(params, X, y), "units that are off")


@check("q5", points=1)
def the_loss_takes_images_and_single_samples(student, reference, rng):
    """Batches of one sample and samples of several axes are fine; scores of +-1000 give a finite loss without a warning."""
    params, X, y = _network(rng, [12, 5, 3], n=6)
    for what, data, labels in (("one sample", X[:1], y[:1]), ("images", X.reshape(6, 2, 2, 3), y)):
        flat = X[: len(labels)]
        loss, grads = _loss(student, params, data, labels, 0.5)
        assert_close(loss, reference.mlp_loss(params, flat, labels, 0.5), what=f"loss for {what}")
        _assert_gradients(grads, reference.mlp_gradients(params, flat, labels, 0.5), what)
    params["W2"] *= 1000
    result = student.mlp_loss.strictly(params, X, y)
    loss, _ = parts(result, ("loss", "grads"), what="mlp_loss(params, X, y, reg)")
    assert_close(loss, reference.mlp_loss(params, X, y), what="loss for scores in the thousands")


@check("q5", points=2)
def the_loss_leaves_everything_as_it_was(student, rng):
    """mlp_loss changes none of its arguments, remembers nothing of earlier calls, and keeps float32."""
    params, X, y = _network(rng, [4, 6, 3], n=7)
    other = _network(rng, [4, 6, 3], n=7)
    assert_unchanged(student.mlp_loss, (params, X, y, 0.5), what="mlp_loss")
    assert_deterministic(student.mlp_loss, (params, X, y, 0.5), between=(*other, 0.5), what="mlp_loss")
    single = {name: w.astype(np.float32) for name, w in params.items()}
    _, grads = _loss(student, single, X.astype(np.float32), y, 0.5)
    for name, w in single.items():
        assert_shape(_named(grads, name)[0], w.shape, what=f"gradient of {name}")
        assert_dtype(grads[name], np.float32, what=f"gradient of {name} for float32")


# --- q6 train_mlp -----------------------------------------------------------------------------------------------------


@check("q6", points=2, repeat=2)
def training_takes_the_right_steps(student, reference, rng):
    """Parameters and history are right after several epochs with momentum, a last batch that is smaller, and a penalty."""
    params, X, y = _network(rng, [4, 6, 3], n=11)
    orders = np.stack([inputs.permutation(rng, 11) for _ in range(3)])
    for more in ((0.2, 0.0, 4), (0.2, 0.7, 4), (0.1, 0.6, 5, 0.3), (0.3, 0.5, 11), (0.2, 0.8, 20)):
        _assert_training(student, reference, (params, X, y, orders, *more), f"with {_shown(more)}")


@check("q6", points=1)
def defaults_are_those_of_the_handout(student, reference, rng):
    """Where nothing else is said the learning rate is 0.1, the momentum 0.9, a batch 32 samples, and there is no penalty."""
    params, X, y = _network(rng, [4, 6, 3], n=70)
    orders = np.stack([inputs.permutation(rng, 70) for _ in range(2)])
    _assert_training(student, reference, (params, X, y, orders), "with nothing else given")


@check("q6", points=1)
def the_parameters_of_the_caller_stay(student, reference, rng):
    """train_mlp changes none of its arguments; zero epochs give the parameters back, and an empty history."""
    params, X, y = _network(rng, [4, 6, 3], n=8)
    orders = inputs.permutation(rng, 8)[None]
    assert_unchanged(student.train_mlp, (params, X, y, orders, 0.1, 0.9, 3), what="train_mlp")
    _assert_training(student, reference, (params, X, y, orders[:0]), "after 0 epochs")


@check("q6", points=2, behaviour=True, cpu_s=20)
def digits_are_learned(student, reference, rng):
    """After 30 epochs a 64-64-10 network knows 99 % of 1437 digits, and classifies 94 % of 360 others correctly."""
    # Of 40 random splits and starts: all of the training set, 0.961 to 0.989 of the others (mean 0.977).
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    order = rng.permutation(len(y))
    X, y = X[order] / 16, y[order]
    params = {}
    for layer, (fan_in, fan_out) in enumerate(((64, 64), (64, 10)), start=1):
        params[f"W{layer}"] = np.sqrt(2 / fan_in) * rng.standard_normal((fan_in, fan_out))
        params[f"b{layer}"] = np.zeros(fan_out)
    orders = np.stack([rng.permutation(1437) for _ in range(30)])
    result = student.train_mlp(params, X[:1437], y[:1437], orders, 0.1, 0.9, 32)
    end, history = parts(result, ("params", "history"), what="train_mlp(...)")
    assert_shape(history, (30 * 45,), what="history of 30 epochs")
    shapes = {"W1": (64, 64), "b1": (64,), "W2": (64, 10), "b2": (10,)}
    end = {name: _numbers(_named(end, name), **{name: shape})[name] for name, shape in shapes.items()}
    wrong = reference.mlp_scores(end, X).argmax(axis=1) != y
    assert_trains(float(wrong[:1437].mean()), below=0.01, what="share of training digits that are wrong")
    assert_trains(float(wrong[1437:].mean()), below=0.06, what="share of other digits that are wrong")


# --- q7 Value ---------------------------------------------------------------------------------------------------------


@check("q7", points=2, repeat=3)
def random_expressions_have_the_right_value(student, reference, rng):
    """Every node of a random expression graph has the value that torch gives it."""
    for leaves, program in (_numbers_on_both_sides(rng), _expression(rng, reference)):
        data, _ = _run(student, leaves, program, outputs=())
        assert_close(data, reference.graph_values(np.array(leaves), program), what="data of all nodes")


@check("q7", points=5, repeat=4)
def random_expressions_have_torchs_gradients(student, reference, rng):
    """In random expression graphs with nodes used again and again, every node has the gradient that torch gives it."""
    for leaves, program in (_numbers_on_both_sides(rng), _expression(rng, reference)):
        _, grad = _run(student, leaves, program)
        expected = reference.graph_gradients(np.array(leaves), program)
        assert_close(grad, expected, kind="gradient", what="grad of all nodes")


@check("q7", points=2)
def each_node_is_walked_once(student):
    """Sixteen levels x = x + x have the derivative 2^16, found without following each of the 2^16 paths."""
    grad, steps = parts(student.run(diamonds, 16), ("grad", "steps"), what="sixteen diamonds")
    assert_close(
        grad, 65536.0, kind="gradient", what="grad of the first of 17 nodes, each the sum of the last with itself"
    )
    if not isinstance(steps, int) or steps > 20_000:
        raise CheckFailed(
            "backward() through 17 nodes made more than 20000 calls: it follows every path, not every node."
        )


@check("q7", points=2)
def long_chains_are_no_deeper_than_short_ones(student):
    """A chain of 10000 nodes has its gradient, without a RecursionError."""
    grad = student.run(long_chain, 10_000)
    assert_close(grad, 2.0, kind="gradient", what="grad at the start of a chain of 10000 nodes")


@check("q7", points=2)
def a_second_backward_adds_to_the_first(student, reference, rng):
    """After backward() of two outputs that share nodes, or twice of one, grad holds the sum of both derivatives."""
    leaves = inputs.uniform(rng, (2,), 0.6, 1.6).tolist()
    program = [("*", 0, 1), ("tanh", 2), ("*", 3, 0), ("exp", 3), ("*", 5, 2)]  # outputs: nodes 4 and 6
    for outputs in ((4, 6), (6, 4), (6, 6)):
        _, grad = _run(student, leaves, program, outputs)
        expected = sum(reference.graph_gradients(np.array(leaves), program, output) for output in outputs)
        same = outputs[0] == outputs[1]
        what = "grad of all nodes after backward() " + ("twice of one output" if same else "of each of two outputs")
        assert_close(grad, expected, kind="gradient", what=what)


@check("q7", points=1)
def what_has_no_part_in_the_output_keeps_a_gradient_of_zero(student, reference, rng):
    """A leaf that is not used, and nodes that were made from the output afterwards, keep grad 0.0; a leaf alone gets 1."""
    leaves = inputs.uniform(rng, (3,), 0.6, 1.6).tolist()
    program = [("*", 0, 1), ("+", 3, 0), ("*", 4, 2), ("exp", 5)]
    for output in (4, 2):
        _, grad = _run(student, leaves, program, (output,))
        expected = reference.graph_gradients(np.array(leaves), program, output)
        assert_close(grad, expected, kind="gradient", what=f"grad of all nodes after backward() of node {output}")


@check("q7", points=1)
def corners_are_rounded_as_in_torch(student):
    """relu has slope 0 at 0 and below; tanh(+-1000) is +-1 with slope 0; (-1.5) ** 2 has slope -3; log(1e-8) slope 1e8."""
    cases = {
        "relu at -2": (-2.0, ("relu", 0), 0.0, 0.0),
        "relu at 0": (0.0, ("relu", 0), 0.0, 0.0),
        "tanh at 1000": (1000.0, ("tanh", 0), 1.0, 0.0),
        "tanh at -1000": (-1000.0, ("tanh", 0), -1.0, 0.0),
        "a ** 2 at -1.5": (-1.5, ("**", 0, 2.0), 2.25, -3.0),
        "a ** 2 at 0": (0.0, ("**", 0, 2.0), 0.0, 0.0),
        "log at 1e-8": (1e-8, ("log", 0), -18.420680743952367, 1e8),
    }
    for what, (a, instruction, value, slope) in cases.items():
        data, grad = _run(student, [a], [instruction])
        assert_close(data[1], value, what=f"data of {what}")
        assert_close(grad[0], slope, kind="gradient", what=f"slope of {what}")


# --- q8 unbroadcast ---------------------------------------------------------------------------------------------------


@check("q8", points=2, repeat=2)
def unbroadcast_sums_over_what_was_repeated(student, reference, rng):
    """The result is the gradient of broadcasting: summed over new leading axes and over axes of size 1, others kept."""
    for shape, big in BROADCASTS:
        grad = inputs.normal(rng, big)
        (expected,) = reference.broadcast.gradient((np.zeros(shape), big), wrt=(0,), upstream=grad)
        what = f"unbroadcast(grad, {shape}) for grad of shape {big}"
        assert_close(student.unbroadcast(grad, shape), expected, kind="gradient", what=what)


@check("q8", points=1)
def unbroadcast_is_the_adjoint_of_broadcasting(student, rng):
    """The inner product of broadcast(a) with grad is that of a with unbroadcast(grad), for every a."""
    for shape, big in BROADCASTS:
        a, grad = inputs.normal(rng, shape), inputs.normal(rng, big)
        what = f"unbroadcast(grad, {shape}) for grad of shape {big}"
        reduced = _numbers((student.unbroadcast(grad, shape),), **{what: shape})[what]
        inner = (np.broadcast_to(a, big) * grad).sum()
        assert_close((a * reduced).sum(), inner, what=f"inner product of a with {what}")


@check("q8", points=1)
def unbroadcast_leaves_its_argument_alone(student, rng):
    """unbroadcast does not write into grad, and keeps float32."""
    grad = inputs.normal(rng, (2, 4, 3))
    for shape in ((4, 1), (2, 4, 3), ()):
        assert_unchanged(student.unbroadcast, (grad, shape), what="unbroadcast")
        single = student.unbroadcast(grad.astype(np.float32), shape)
        assert_shape(single, shape, what=f"unbroadcast(grad, {shape})")
        assert_dtype(single, np.float32, what=f"unbroadcast(grad, {shape}) for float32")


# --- q9 Tensor --------------------------------------------------------------------------------------------------------


@check("q9", points=2)
def arithmetic_of_tensors_follows_broadcasting(student, reference, rng):
    """+, -, *, exp, log and relu are right, also where an operand is broadcast, a plain number or an array, or data are whole."""
    for first, second in (((4, 3), (4, 3)), ((4, 3), (3,)), ((2, 1, 3), (4, 1)), ((3,), (2, 4, 3)), ((4, 3), ())):
        leaves = [inputs.normal(rng, first), np.asarray(inputs.normal(rng, second))]
        for op in "+-*":
            _assert_tensors(
                student, reference, rng, leaves, [(op, 0, 1)], ("a", "b"), f"a {op} b, {first} and {second}"
            )
    x = inputs.uniform(rng, (4, 3), 0.5, 2.0)
    for op in "+-*":
        for constant in (1.75, inputs.normal(rng, (2, 1, 3))):
            kind = "a number" if isinstance(constant, float) else "an array"
            _assert_tensors(student, reference, rng, [x], [(op, 0, constant)], ("x",), f"x {op} {kind}")
    signs = inputs.away_from_kinks(inputs.normal(rng, (4, 3)))
    for name, data in (("exp", signs), ("log", x), ("relu", signs)):
        program = [(name, 0), ("*", 1, 0), ("+", 2, 0)]
        _assert_tensors(student, reference, rng, [data], program, ("x",), f"x.{name}() * x + x")
    signs[1:3, 0] = 0.0
    _assert_tensors(student, reference, rng, [signs], [("relu", 0)], ("x",), "x.relu() where entries are 0")
    up = inputs.normal(rng, (4, 3))
    data, grad = parts(student.run(numbers_on_the_left, x, up), ("data", "grad"), what="the graph")
    assert_close(data, 3.5 - x - x * x, what="data of (1.5 - x) * x + 2 * (-x) + (3.5 - 0.5 * x)")
    assert_close(
        grad, up * (-1.0 - 2 * x), kind="gradient", what="x.grad of (1.5 - x) * x + 2 * (-x) + (3.5 - 0.5 * x)"
    )
    data, grad = parts(student.run(square_of_whole_numbers), ("data", "grad"), what="the graph")
    assert_close(data, [4.0, 9.0], actual_dtype=np.float64, what="data of x * x for x = Tensor([2, -3])")
    assert_close(grad, [1.0, -12.0], kind="gradient", what="x.grad of x * x for x = Tensor([2, -3]), after [0.25, 2]")


@check("q9", points=2)
def matrix_products_have_their_two_gradients(student, reference, rng):
    """a @ b is right for matrices and for stacks of them, also where one matrix serves a whole stack, and for a @ a."""
    shapes = (((4, 3), (3, 5)), ((2, 4, 3), (2, 3, 5)), ((2, 4, 3), (3, 5)), ((4, 3), (2, 3, 5)),
              ((2, 1, 4, 3), (6, 3, 5)), ((1, 3), (3, 1)))  # fmt: skip
    for first, second in shapes:
        leaves = [inputs.normal(rng, first), inputs.normal(rng, second)]
        _assert_tensors(student, reference, rng, leaves, [("@", 0, 1)], ("a", "b"), f"a @ b, {first} and {second}")
    a = inputs.normal(rng, (4, 3))
    program = [("transpose", 0, (1, 0)), ("@", 0, 1)]
    _assert_tensors(student, reference, rng, [a], program, ("a",), "a @ a.transpose(1, 0)")


@check("q9", points=2)
def gradients_find_their_way_back_through_new_shapes(student, reference, rng):
    """sum along any axis or axes, reshape and transpose with any order of the axes are right."""
    x = inputs.normal(rng, (2, 4, 3))
    for axis in (None, 0, 1, -1, (0, 2), (0, 1, 2)):
        for keepdims in (False, True):
            shown = f"x.sum(axis={axis}, keepdims={keepdims})"
            _assert_tensors(student, reference, rng, [x], [("sum", 0, axis, keepdims)], ("x",), shown)
    for shape in ((8, 3), (24,), (3, 1, 8), (4, -1)):
        _assert_tensors(student, reference, rng, [x], [("reshape", 0, shape)], ("x",), f"x.reshape{shape}")
    for axes in ((1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 1, 0)):
        _assert_tensors(student, reference, rng, [x], [("transpose", 0, axes)], ("x",), f"x.transpose{axes}")


@check("q9", points=1)
def entries_that_are_taken_get_their_gradient(student, reference, rng):
    """x[i], a slice of x, x[rows, columns] and x[mask] are right; an entry that is taken k times gets k gradients."""
    x = inputs.normal(rng, (5, 4))
    rows, columns = np.array([0, 4, 0, 3, 0]), np.array([1, 2, 1, 3, 0])
    mask = inputs.mask(rng, (5, 4))
    for shown, index in (("x[2]", 2), ("x[rows, columns], one pair three times", (rows, columns)), ("x[mask]", mask),
                         ("x[rows]", rows)):  # fmt: skip
        _assert_tensors(student, reference, rng, [x], [("getitem", 0, index)], ("x",), shown)
    upstream = inputs.normal(rng, (2, 4))
    data, grad = parts(student.run(every_other_row, x, upstream), ("data", "grad"), what="the graph")
    expected = np.zeros((5, 4))
    expected[1::2] = upstream
    assert_close(data, x[1::2], what="data of x[1::2]")
    assert_close(grad, expected, kind="gradient", what="x.grad for x[1::2]")


@check("q9", points=1)
def a_network_of_tensors_has_torchs_gradients(student, reference, rng):
    """The cross-entropy of a network with two layers, written with Tensors, has the gradients that torch finds."""
    params, X, y = _network(rng, [4, 6, 3], n=7)
    leaves = [X, *params.values()]
    rows = np.arange(7)
    program = [("@", 0, 1), ("+", 5, 2), ("relu", 6), ("@", 7, 3), ("+", 8, 4),  # node 9: scores
               ("exp", 9), ("sum", 10, 1, False), ("log", 11), ("getitem", 9, (rows, y)),
               ("-", 12, 13), ("*", 14, 1 / 7), ("sum", 15, None, False)]  # fmt: skip
    names = ("X", *params)
    _assert_tensors(student, reference, rng, leaves, program, names, "the cross-entropy of two layers")


@check("q9", points=1)
def gradients_of_tensors_add_up_until_they_are_reset(student, reference, rng):
    """A second backward adds its gradient to the first, also where outputs share nodes; zero_grad sets grad to zeros."""
    x, w = inputs.normal(rng, (4, 3)), inputs.normal(rng, (3, 5))
    up = inputs.normal(rng, (4, 5))
    once = reference.tensor_gradients([x, w], [("@", 0, 1), ("exp", 2), ("*", 3, 2)], up)[1]
    found = parts(student.run(backward_again, x, w, up), ("twice", "zero", "third"), what="the gradients")
    for name, given, right in zip(("twice", "zero", "third"), found, (2 * once, 0 * once, once), strict=True):
        shown = {"twice": "after two calls of backward", "zero": "after zero_grad()", "third": "after one call more"}
        assert_close(given, right, kind="gradient", what=f"w.grad {shown[name]}")


# --- probes: they run beside the student's code, with the student's names ---------------------------------------------


def drawn_parameters(dims, seed, scheme):
    """What mlp_init draws from a generator with this seed."""
    import numpy as np

    more = () if scheme is None else (scheme,)
    return mlp_init(dims, np.random.default_rng(seed), *more)  # noqa: F821 - the student's


def drawn_four_ways(dims, seed):
    """Two draws with one seed, one with another, and whether the global generator was left alone."""
    import numpy as np

    before = np.random.get_state()  # noqa: NPY002 - the old generator is what is being watched
    found = []
    for each in (seed, seed, seed + 1):
        found.append(mlp_init(dims, np.random.default_rng(each)))  # noqa: F821 - the student's
    after = np.random.get_state()  # noqa: NPY002
    return (*found, before[2] == after[2] and before[1].tolist() == after[1].tolist())


def _graph_of_values(leaves, program, outputs):
    """Build a graph of Values, call backward() on some of them in turn; data and grad of every node."""
    nodes = [Value(each) for each in leaves]  # noqa: F821 - the student's
    for operation, *operands in program:
        chosen = [nodes[each] if isinstance(each, int) else each for each in operands]
        a, b = chosen[0], chosen[-1]
        if operation == "+":
            node = a + b
        elif operation == "-":
            node = a - b
        elif operation == "*":
            node = a * b
        elif operation == "/":
            node = a / b
        elif operation == "**":
            node = a**b
        elif operation == "neg":
            node = -a
        else:
            node = getattr(a, operation)()
        nodes.append(node)
    for output in outputs:
        nodes[output].backward()
    return [node.data for node in nodes], [node.grad for node in nodes]


def diamonds(levels):
    """The gradient through a chain in which each node is the sum of the last with itself, and how many calls it took."""
    import sys

    first = node = Value(1.0)  # noqa: F821 - the student's
    for _ in range(levels):
        node = node + node
    calls = 0

    def count(*_event):
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        node.backward()
    finally:
        sys.setprofile(before)
    return first.grad, calls


def long_chain(length):
    """The gradient at the start of a chain of additions that ends with the first and the last node added."""
    first = node = Value(0.5)  # noqa: F821 - the student's
    other = Value(0.25)  # noqa: F821
    for _ in range(length):
        node = node + other
    (node + first).backward()
    return first.grad


def _graph_of_tensors(leaves, program, upstream):
    """Build a graph of Tensors and call backward on the last: its data, and the grad of every leaf."""
    nodes = [Tensor(each) for each in leaves]  # noqa: F821 - the student's
    for operation, first, *rest in program:
        a = nodes[first]
        b = nodes[rest[0]] if rest and isinstance(rest[0], int) and operation in {"+", "-", "*", "@"} else None
        b = rest[0] if b is None and rest else b
        if operation == "+":
            node = a + b
        elif operation == "-":
            node = a - b
        elif operation == "*":
            node = a * b
        elif operation == "@":
            node = a @ b
        elif operation == "sum":
            axis, keepdims = rest
            node = a.sum(axis, keepdims) if keepdims else a.sum() if axis is None else a.sum(axis=axis)
        elif operation == "reshape":
            node = a.reshape(*rest[0])
        elif operation == "transpose":
            node = a.transpose(*rest[0])
        elif operation == "getitem":
            node = a[b]
        else:
            node = getattr(a, operation)()
        nodes.append(node)
    if upstream is None:
        nodes[-1].backward()
    else:
        nodes[-1].backward(upstream)
    return nodes[-1].data, [node.grad for node in nodes[: len(leaves)]]


def square_of_whole_numbers():
    """Data of x * x for a list of whole numbers, and x.grad."""
    import numpy as np

    x = Tensor([2, -3])  # noqa: F821 - the student's
    out = x * x
    out.backward(np.array([0.25, 2.0]))
    return out.data, x.grad


def numbers_on_the_left(x, upstream):
    """Data of (1.5 - x) * x + 2 * (-x) + (3.5 - 0.5 * x), and x.grad."""
    x = Tensor(x)  # noqa: F821 - the student's
    out = 0.0 + (1.5 - x) * x + 2 * (-x) + (3.5 - 0.5 * x)
    out.backward(upstream)
    return out.data, x.grad


def every_other_row(x, upstream):
    """Data of x[1::2], and x.grad."""
    x = Tensor(x)  # noqa: F821 - the student's
    out = x[1::2]
    out.backward(upstream)
    return out.data, x.grad


def backward_again(x, w, upstream):
    """The grad of w after two calls of backward on one output, after zero_grad, and after one call on a new output."""
    x, w = Tensor(x), Tensor(w)  # noqa: F821 - the student's
    z = x @ w
    out = z.exp() * z
    out.backward(upstream)
    out.backward(upstream)
    twice = w.grad + 0.0
    w.zero_grad()
    zero = w.grad + 0.0
    z = x @ w
    (z.exp() * z).backward(upstream)
    return twice, zero, w.grad


# --- shared by the checks above ---------------------------------------------------------------------------------------

DEPTHS = ([4, 3], [4, 6, 3], [5, 7, 4, 3], [3, 6, 5, 4, 2])

BROADCASTS = (
    ((3,), (2, 4, 3)),
    ((4, 1), (2, 4, 3)),
    ((1, 4, 1), (2, 4, 3)),
    ((2, 1, 3), (2, 4, 3)),
    ((), (4, 3)),
    ((1,), (4, 3)),
    ((1, 1), (4, 3)),
    ((4, 3), (4, 3)),
    ((1, 3), (1, 3)),
    ((3, 1, 1), (4, 2, 3, 1, 5)),
)
"""(shape of an operand, shape that it was broadcast to): leading axes, kept axes of size 1, single numbers, nothing."""

DOMAIN = {"log": (0.2, 4.0), "exp": (-2.5, 1.5), "tanh": (-1.5, 1.5), "relu": (0.05, 6.0)}
"""Where an operation of a random expression may be used: its slope is neither huge nor next to nothing there."""


def _layer(rng, shape):
    """x of this shape, W and b of an affine layer with five outputs."""
    return inputs.normal(rng, shape), inputs.normal(rng, (int(np.prod(shape[1:])), 5)), inputs.normal(rng, (5,))


def _network(rng, dims, *, n):
    """Parameters with biases that are not zero, X (n, dims[0]) and classes y; no ReLU is near its kink."""
    sizes = list(itertools.pairwise(dims))
    y = inputs.labels(rng, n, dims[-1])
    while True:
        params = {}
        for layer, (fan_in, fan_out) in enumerate(sizes, start=1):
            params[f"W{layer}"] = inputs.normal(rng, (fan_in, fan_out), scale=float(np.sqrt(2 / fan_in)))
            params[f"b{layer}"] = inputs.normal(rng, (fan_out,), scale=0.4)
        X = h = inputs.normal(rng, (n, dims[0]))
        alive = True
        for layer in range(1, len(sizes)):
            z = h @ params[f"W{layer}"] + params[f"b{layer}"]
            h = np.maximum(z, 0)
            alive = alive and (h > 0).any() and (z < 0).any() and float(np.abs(z).min()) > 1e-3
        if alive:
            return params, X, y


def _numbers_on_both_sides(rng):
    """Leaves, of which the second is negative, and a program with plain numbers to the left and to the right."""
    leaves = [float(inputs.uniform(rng, (), 0.6, 1.6)), float(inputs.uniform(rng, (), -1.6, -0.6))]
    program = [("+", 1.75, 0), ("-", 2.25, 2), ("*", 1.5, 3), ("/", 2.75, 0), ("neg", 1), ("*", 4, 5), ("+", 7, 6),
               ("-", 8, 0.25), ("*", 9, 1.25), ("/", 10, 1.5), ("+", 11, 0.5)]  # fmt: skip
    return leaves, program


def _expression(rng, reference):
    """Leaves and a program of fourteen operations: every kind among them, nodes used again, and every node of effect."""
    kinds = ["+", "-", "*", "/", "**", "neg", "exp", "log", "tanh", "relu", "relu off", "*", "+"]
    while True:
        leaves = inputs.uniform(rng, (4,), -1.9, 1.9).tolist()
        program, values = [], list(leaves)
        for kind in [*rng.permutation(kinds).tolist(), "*"]:
            instruction = _instruction(rng, kind, values, program)
            if instruction is None:
                break
            program.append(instruction)
            values.append(_value(instruction, values))
            if abs(values[-1]) > 6:
                break
        else:
            gradients = np.abs(reference.graph_gradients(np.array(leaves), program))
            used = [operand for _, *operands in program for operand in operands if isinstance(operand, int)]
            again = sum(used.count(node) > 1 for node in set(used))
            off = [4 + place for place, each in enumerate(program) if each[0] == "relu" and values[4 + place] == 0.0]
            effect = gradients[:4].min() > 1e-2 and gradients[off].min() > 1e-2 and (gradients > 1e-2).sum() >= 15
            if effect and gradients.max() < 100 and again >= 4:
                return leaves, program


def _value(instruction, values):
    """Roughly what an instruction gives: to choose inputs with, never to compare with."""
    name, *operands = instruction
    a, b = (values[each] if isinstance(each, int) else each for each in (operands[0], operands[-1]))
    binary = {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1.0), "neg": -a, "relu": max(a, 0.0)}
    if name in binary:
        return binary[name]
    return abs(a) ** b if name == "**" else float(getattr(np, name)(a))


def _instruction(rng, kind, values, program):
    """One instruction on nodes that it may be used on, unused ones first; None if there are none. Constants now and then."""
    used = {operand for _, *operands in program for operand in operands if isinstance(operand, int)}
    nodes = sorted(rng.permutation(len(values)).tolist(), key=lambda node: node in used)
    name = kind.removesuffix(" off")
    if name in DOMAIN:
        low, high = (-6.0, -0.05) if name != kind else DOMAIN[name]
        fit = [node for node in nodes if low < values[node] < high]
        return (name, fit[0]) if fit else None
    if kind == "**":
        fit = [node for node in nodes if values[node] > 0.3]
        return ("**", fit[0], float(rng.choice([-1.5, 0.5, 2.5, 3.0]))) if fit else None
    if kind == "neg":
        return kind, nodes[0]
    if kind == "/":
        fit = [node for node in nodes if abs(values[node]) > 0.4]
        return (kind, nodes[0], fit[-1]) if fit else None
    if len(program) == 13:  # the output depends on the newest node, and on one that was not used
        return kind, len(values) - 1, nodes[0]
    if rng.random() < 0.15:
        return kind, nodes[0], float(inputs.uniform(rng, (), 0.5, 1.5))
    return kind, nodes[0], int(rng.integers(len(values)))


def _affine(student, *args):
    return parts(student.affine_forward(*args), ("out", "cache"), what="affine_forward(x, W, b)")


def _affine_back(student, dout, cache):
    given = parts(student.affine_backward(dout, cache), ("dx", "dW", "db"), what="affine_backward(dout, (x, W, b))")
    return dict(zip(("dx", "dW", "db"), given, strict=True))


def _forward(student, params, X):
    return parts(student.mlp_forward(params, X), ("scores", "cache"), what="mlp_forward(params, X)")


def _loss(student, *args):
    return parts(student.mlp_loss(*args), ("loss", "grads"), what="mlp_loss(params, X, y, reg)")


def _named(params, name):
    """The entry `name` of a dict, in a tuple."""
    if not isinstance(params, dict) or name not in params:
        raise CheckFailed(f"expected a dict with {name} in it.")
    return (params[name],)


def _numbers(values, **shapes):
    """Each value as a float64 array of its shape, by name. Finite, because a check goes on to calculate with them."""
    values = tuple(values.values()) if isinstance(values, dict) else values
    arrays = {}
    for value, (name, shape) in zip(values, shapes.items(), strict=True):
        array = array_of_shape(value, shape, what=name).astype(np.float64)
        if not np.isfinite(array).all():
            raise CheckFailed(f"{name} holds nan or inf.")
        arrays[name] = array
    return arrays


def _assert_differ(a, b, what):
    if np.array_equal(a, b):
        raise CheckFailed(f"{what} are the same numbers, expected different ones.")


def _assert_gradients(grads, expected, what):
    """Every gradient is right. Ours must not be so small that a zero would pass."""
    total = np.sqrt(sum(float((gradient**2).sum()) for gradient in expected.values()))
    if total < 1e-3:
        raise CourseError(f"the right gradients for {what} are nearly zero, so the check proves nothing")
    for name, gradient in expected.items():
        (given,) = _named(grads, name)
        assert_close(given, gradient, kind="gradient", what=f"gradient of {name} for {what}")


def _assert_training(student, reference, args, what):
    params, history = reference.train_mlp(*args)
    end, losses = parts(student.train_mlp(*args), ("params", "history"), what="train_mlp(...)")
    assert_close(losses, history, what=f"history {what}")
    for name, expected in params.items():
        (given,) = _named(end, name)
        assert_close(given, expected, what=f"{name} {what}")


def _shown(more):
    return ", ".join(f"{name}={value:g}" for name, value in zip(("lr", "momentum", "batch", "reg"), more, strict=False))


def _run(student, leaves, program, outputs=(-1,)):
    """Data and grad of every node, after backward() of each output in turn."""
    data, grad = parts(
        student.run(_graph_of_values, leaves, program, list(outputs)), ("data", "grad"), what="the graph"
    )
    count = len(leaves) + len(program)
    assert_shape(data, (count,), what="data of all nodes, one number each")
    assert_shape(grad, (count,), what="grad of all nodes, one number each")
    return np.asarray(data), np.asarray(grad)


def _assert_tensors(student, reference, rng, leaves, program, names, shown):
    """Value and gradients of a graph of arrays are those of torch, for a random gradient that arrives."""
    expected = reference.tensor_value(leaves, program)
    upstream = inputs.normal(rng, expected.shape) if expected.shape else None
    right = reference.tensor_gradients(leaves, program, upstream)
    result = student.run(_graph_of_tensors, leaves, program, upstream)
    data, grads = parts(result, ("data", "grads"), what="the graph")
    assert_close(data, expected, what=f"data of {shown}")
    for name, given, gradient in zip(names, parts(grads, names, what="the gradients"), right, strict=True):
        assert_close(given, gradient, kind="gradient", what=f"{name}.grad for {shown}")
