"""Public checks of backpropagation: what a student runs while writing."""

from __future__ import annotations

import itertools

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import assert_close, assert_dtype, assert_own_gradient, assert_shape, parts
from autograder.errors import CheckFailed

# --- q1 affine_forward ------------------------------------------------------------------------------------------------


@check("q1", points=1)
def one_sample_through_an_affine_layer(student):
    """x = [1, 2], W = [[1, 0, -1], [2, 1, 0]] and b = [0.5, -3, 1] give [5.5, -1, 0]."""
    x, W, b = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]), np.array([0.5, -3.0, 1.0])
    out, _ = _affine(student, x, W, b)
    assert_close(out, [[5.5, -1.0, 0.0]], what="output for one sample")


@check("q1", points=1)
def the_cache_holds_the_three_arguments(student, rng):
    """The cache is the tuple (x, W, b), each as it came in, also where x has several axes for each sample."""
    args = inputs.normal(rng, (4, 2, 3)), inputs.normal(rng, (6, 5)), inputs.normal(rng, (5,))
    out, cache = _affine(student, *args)
    assert_shape(out, (4, 5), what="output for x of shape (4, 2, 3) and W of shape (6, 5)")
    for name, kept, given in zip("xWb", parts(cache, ("x", "W", "b"), what="the cache"), args, strict=True):
        assert_close(kept, given, kind="exact", what=f"{name} in the cache")


# --- q2 affine_backward -----------------------------------------------------------------------------------------------


@check("q2", points=1)
def one_sample_back_through_an_affine_layer(student):
    """For that layer, dout = [1, 10, 100] gives dx = [-99, 12], dW = [[1, 10, 100], [2, 20, 200]] and db = dout."""
    x, W, b = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]), np.array([0.5, -3.0, 1.0])
    dx, dW, db = _affine_back(student, np.array([[1.0, 10.0, 100.0]]), (x, W, b))
    assert_close(dx, [[-99.0, 12.0]], kind="gradient", what="dx")
    assert_close(dW, [[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]], kind="gradient", what="dW")
    assert_close(db, [1.0, 10.0, 100.0], kind="gradient", what="db")


@check("q2", points=2)
def affine_gradients_are_the_slopes_of_your_layer(student, rng):
    """dx, dW and db say how your own output changes when x, W and b change a little, for two axes for each sample too."""
    for shape in ((4, 6), (4, 2, 3)):
        args = inputs.normal(rng, shape), inputs.normal(rng, (6, 5)), inputs.normal(rng, (5,))
        dout = inputs.normal(rng, (4, 5))
        given = dict(zip(("dx", "dW", "db"), _affine_back(student, dout, args), strict=True))
        names = ("x", "W", "b")
        assert_own_gradient(
            student.affine_forward, args, given, rng=rng, upstream=dout, output=0, names=names, what="affine_forward"
        )


# --- q3 mlp_init ------------------------------------------------------------------------------------------------------


@check("q3", points=1)
def every_layer_has_weights_and_a_bias_of_zeros(student):
    """For dims = [4, 6, 3] there are W1 (4, 6), b1 (6,), W2 (6, 3) and b2 (3,), and nothing else; biases are zero."""
    for dims in ([4, 6, 3], [5, 2], [2, 7, 4, 3]):
        params = student.run(fresh_parameters, dims, 1)
        _assert_names(params, dims, f"mlp_init({dims}, rng)")
        for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(dims), start=1):
            what = f"of mlp_init({dims}, rng)"
            assert_shape(params[f"W{layer}"], (fan_in, fan_out), what=f"W{layer} {what}")
            assert_close(params[f"b{layer}"], np.zeros(fan_out), kind="exact", what=f"b{layer} {what}")


# --- q4 mlp_forward ---------------------------------------------------------------------------------------------------


@check("q4", points=1)
def two_layers_by_hand(student):
    """x = [1, 2] meets two units, of which one is off, and the scores are [1, -4]."""
    params = {"W1": np.array([[1.0, 2.0], [-1.0, 0.5]]), "b1": np.array([0.0, -1.0]),
              "W2": np.array([[7.0, 3.0], [0.5, -2.0]]), "b2": np.array([0.0, 0.0])}  # fmt: skip
    scores, _ = _forward(student, params, np.array([[1.0, 2.0]]))
    assert_close(scores, [[1.0, -4.0]], what="scores")


@check("q4", points=1)
def scores_may_be_negative(student, rng):
    """After the last layer there is no ReLU: with all weights zero, the scores are the last bias."""
    b = -inputs.uniform(rng, (3,), 0.5, 2.0)
    params = {"W1": np.zeros((4, 5)), "b1": np.ones(5), "W2": np.zeros((5, 3)), "b2": b}
    scores, _ = _forward(student, params, inputs.normal(rng, (2, 4)))
    assert_close(scores, np.tile(b, (2, 1)), what="scores where all weights are zero")


# --- q5 mlp_loss ------------------------------------------------------------------------------------------------------


@check("q5", points=2)
def loss_of_zero_weights_is_the_log_of_the_number_of_classes(student, rng):
    """With every parameter zero the loss is ln C, and the gradient of the last bias is 1/C minus each class's share."""
    X, y = inputs.normal(rng, (8, 4)), np.array([0, 2, 2, 1, 2, 0, 2, 2])
    params = {"W1": np.zeros((4, 5)), "b1": np.zeros(5), "W2": np.zeros((5, 3)), "b2": np.zeros(3)}
    loss, grads = _loss(student, params, X, y)
    assert_close(loss, np.log(3), what="loss where every parameter is zero")
    _assert_names(grads, [4, 5, 3], "the gradients")
    for name in ("W1", "b1", "W2"):
        zero = np.zeros(params[name].shape)
        assert_close(grads[name], zero, kind="exact", what=f"gradient of {name} where every parameter is zero")
    shares = np.array([2 / 8, 1 / 8, 5 / 8])
    assert_close(grads["b2"], 1 / 3 - shares, kind="gradient", what="gradient of b2 where every parameter is zero")


@check("q5", points=4)
def gradients_are_the_slopes_of_your_loss(student, rng):
    """Each gradient says how your own loss changes when that parameter changes a little, with and without a penalty."""
    params, X, y = _network(rng, [4, 6, 3], n=7)
    names = (*params, "X", "y", "reg")
    for reg in (0.0, 0.7):
        _, grads = _loss(student, params, X, y, reg)
        _assert_names(grads, [4, 6, 3], "the gradients")
        args = (*params.values(), X, y, reg)
        assert_own_gradient(_TwoLayers(student), args, grads, rng=rng, names=names, what="mlp_loss")


# --- q6 train_mlp -----------------------------------------------------------------------------------------------------


@check("q6", points=1)
def first_step_goes_against_the_gradient(student, reference, rng):
    """One step with all samples moves every parameter by minus the learning rate times its gradient."""
    params, X, y = _network(rng, [4, 6, 3], n=7)
    expected = reference.mlp_gradients(params, X, y)
    orders = inputs.permutation(rng, 7)[None]
    end, history = parts(
        student.train_mlp(params, X, y, orders, 0.25, 0.9, 7), ("params", "history"), what="train_mlp(...)"
    )
    _assert_names(end, [4, 6, 3], "the parameters")
    for name, w in params.items():
        assert_close(end[name], w - 0.25 * expected[name], what=f"{name} after one step")
    assert_close(history, reference.mlp_loss(params, X, y)[None], what="history of one step")


@check("q6", points=1)
def velocity_outlives_the_epoch(student, reference, rng):
    """Three epochs of one batch each: the velocity of the first is still there in the third, and history has three losses."""
    params, X, y = _network(rng, [4, 6, 3], n=7)
    orders = np.stack([inputs.permutation(rng, 7) for _ in range(3)])
    expected, losses = reference.train_mlp(params, X, y, orders, 0.25, 0.6, 7)
    end, history = parts(
        student.train_mlp(params, X, y, orders, 0.25, 0.6, 7), ("params", "history"), what="train_mlp(...)"
    )
    _assert_names(end, [4, 6, 3], "the parameters")
    assert_close(history, losses, what="history of three steps")
    for name, w in expected.items():
        assert_close(end[name], w, what=f"{name} after three steps")


# --- q7 Value ---------------------------------------------------------------------------------------------------------


@check("q7", points=2)
def a_product_and_a_sum_by_hand(student):
    """For a = 2, b = -3, c = 10 and d = a * b + c: d is 4, and the derivatives by a, b, c and d are -3, 2, 1 and 1."""
    data, grad = _run(student, [2.0, -3.0, 10.0], [("*", 0, 1), ("+", 3, 2)])
    assert_close(data, [2.0, -3.0, 10.0, -6.0, 4.0], what="data of a, b, c, a * b and d")
    assert_close(grad, [-3.0, 2.0, 1.0, 1.0, 1.0], kind="gradient", what="grad of a, b, c, a * b and d")


@check("q7", points=2)
def a_number_that_is_used_twice_gets_both_contributions(student, rng):
    """The derivative of x * x is 2 x, that of x + x is 2, and that of (x + y) * (x - y) by x is 2 x."""
    x, y = (float(each) for each in inputs.uniform(rng, (2,), 1.5, 3.0))
    _, grad = _run(student, [x], [("*", 0, 0)])
    assert_close(grad[0], 2 * x, kind="gradient", what="x.grad for x * x")
    _, grad = _run(student, [x], [("+", 0, 0)])
    assert_close(grad[0], 2.0, kind="gradient", what="x.grad for x + x")
    _, grad = _run(student, [x, y], [("+", 0, 1), ("-", 0, 1), ("*", 2, 3)])
    assert_close(grad[:2], [2 * x, -2 * y], kind="gradient", what="x.grad and y.grad for (x + y) * (x - y)")


@check("q7", points=3)
def every_operation_has_its_slope(student, reference, rng):
    """Value and derivatives of a + b, a - b, a * b, a / b, a ** 3, a ** -1.5, -a, exp, log, tanh and relu are right."""
    a, b = (float(each) for each in inputs.uniform(rng, (2,), 0.4, 1.6))
    programs = {f"a {op} b": [(op, 0, 1)] for op in "+-*/"}
    programs |= {"a ** 3": [("**", 0, 3.0)], "a ** -1.5": [("**", 0, -1.5)], "-a": [("neg", 0)]}
    programs |= {f"{name}(a)": [(name, 0)] for name in ("exp", "log", "tanh", "relu")}
    for shown, program in programs.items():
        twice = [*program, ("*", 2, 1.75)]
        data, grad = _run(student, [a, b], twice)
        assert_close(data[2], reference.graph_values(np.array([a, b]), program)[2], what=f"data of {shown}")
        expected = reference.graph_gradients(np.array([a, b]), twice)[:2]
        assert_close(grad[:2], expected, kind="gradient", what=f"a.grad and b.grad for ({shown}) * 1.75")


@check("q7", points=2)
def plain_numbers_may_stand_on_either_side(student, reference, rng):
    """a + 2, 2 + a, a - 2, 2 - a, a * 2, 2 * a, a / 2 and 2 / a work for floats and whole numbers."""
    a = float(inputs.uniform(rng, (), 0.6, 1.8))
    c = float(inputs.uniform(rng, (), 2.2, 3.8))
    for number in (c, 3):
        for operation in ("+", "-", "*", "/"):
            for reflected in (False, True):
                result = student.run(with_a_number, a, operation, number, reflected)
                data, grad = parts(result, ("data", "grad"), what="a graph of one Value")
                shown = f"{number} {operation} a" if reflected else f"a {operation} {number}"
                operands = (float(number), 0) if reflected else (0, float(number))
                program = [(operation, *operands), ("*", 1, 2.5)]
                expected = reference.graph_values(np.array([a]), program)[1]
                assert_close(data, expected, what=f"data of {shown}")
                slope = reference.graph_gradients(np.array([a]), program)[0]
                assert_close(grad, slope, kind="gradient", what=f"a.grad for ({shown}) * 2.5")


# --- q8 unbroadcast ---------------------------------------------------------------------------------------------------


@check("q8", points=1)
def a_bias_gets_the_sum_over_the_samples(student):
    """A gradient [[1, 2, 3], [10, 20, 30]] becomes [11, 22, 33] for shape (3,), and [[6], [60]] for shape (2, 1)."""
    grad = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    rows, columns = student.unbroadcast(grad, (3,)), student.unbroadcast(grad, (2, 1))
    assert_close(rows, [11.0, 22.0, 33.0], kind="gradient", what="unbroadcast(grad, (3,))")
    assert_close(columns, [[6.0], [60.0]], kind="gradient", what="unbroadcast(grad, (2, 1))")


@check("q8", points=1)
def a_single_number_gets_everything(student, rng):
    """For shape () the result is the sum of all; for the shape of grad itself it is grad."""
    grad = inputs.normal(rng, (2, 4, 3))
    assert_close(student.unbroadcast(grad, ()), grad.sum(), kind="gradient", what="unbroadcast(grad, ())")
    assert_close(student.unbroadcast(grad, (2, 4, 3)), grad, kind="exact", what="unbroadcast(grad, grad.shape)")


# --- q9 Tensor --------------------------------------------------------------------------------------------------------


@check("q9", points=1)
def an_affine_layer_of_tensors(student, reference, rng):
    """For (X @ W + b).relu(), the gradients of X, W and b are those of torch, and have their shapes."""
    leaves = [inputs.normal(rng, (4, 3)), inputs.normal(rng, (3, 5)), inputs.normal(rng, (5,))]
    program = [("@", 0, 1), ("+", 3, 2), ("relu", 4)]
    _assert_tensors(student, reference, rng, leaves, program, ("X", "W", "b"), "(X @ W + b).relu()")


@check("q9", points=1)
def sums_reach_every_entry(student, reference, rng):
    """x.sum(), x.sum(axis=1) and x.sum(axis=0, keepdims=True) pass their gradient on to every entry that was added."""
    for axis, keepdims in ((None, False), (1, False), (0, True)):
        leaves, program = [inputs.normal(rng, (4, 3))], [("sum", 0, axis, keepdims)]
        shown = f"x.sum(axis={axis}, keepdims={keepdims})"
        _assert_tensors(student, reference, rng, leaves, program, ("x",), shown)


@check("q9", points=1)
def a_row_that_is_taken_twice_gets_both_gradients(student, reference, rng):
    """x[[2, 0, 2]] passes the gradients of its first and its last row back to row 2 of x."""
    leaves, program = [inputs.normal(rng, (4, 3))], [("getitem", 0, np.array([2, 0, 2]))]
    _assert_tensors(student, reference, rng, leaves, program, ("x",), "x[[2, 0, 2]]")


# --- probes: they run beside the student's code, with the student's names ---------------------------------------------


def fresh_parameters(dims, seed):
    """What mlp_init draws from a generator with this seed."""
    import numpy as np

    return mlp_init(dims, np.random.default_rng(seed))  # noqa: F821 - the student's


def losses_at(points):
    """mlp_loss of a network with two layers, at many points."""
    found = []
    for W1, b1, W2, b2, X, y, reg in points:
        loss, _ = mlp_loss({"W1": W1, "b1": b1, "W2": W2, "b2": b2}, X, y, reg)  # noqa: F821 - the student's
        found.append(loss)
    return found


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


def with_a_number(start, operation, number, reflected):
    """2.5 times one operation of a Value and a plain number: its data before the 2.5, and the Value's grad."""
    a = Value(start)  # noqa: F821 - the student's
    left, right = (number, a) if reflected else (a, number)
    if operation == "+":
        out = left + right
    elif operation == "-":
        out = left - right
    elif operation == "*":
        out = left * right
    else:
        out = left / right
    (out * 2.5).backward()
    return out.data, a.grad


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


# --- shared by the checks above ---------------------------------------------------------------------------------------


class _TwoLayers:
    """The student's loss as a function of arrays."""

    def __init__(self, student):
        self.student = student

    def map(self, points):
        return self.student.run(losses_at, points)


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
        nearest = np.inf
        for layer in range(1, len(sizes)):
            z = h @ params[f"W{layer}"] + params[f"b{layer}"]
            nearest, h = min(nearest, float(np.abs(z).min())), np.maximum(z, 0)
        if nearest > 5e-3:  # finite differences take steps of 1e-5, and of 1e-4 along a random direction
            return params, X, y


def _affine(student, *args):
    return parts(student.affine_forward(*args), ("out", "cache"), what="affine_forward(x, W, b)")


def _affine_back(student, dout, cache):
    return parts(student.affine_backward(dout, cache), ("dx", "dW", "db"), what="affine_backward(dout, (x, W, b))")


def _forward(student, params, X):
    return parts(student.mlp_forward(params, X), ("scores", "cache"), what="mlp_forward(params, X)")


def _loss(student, *args):
    return parts(student.mlp_loss(*args), ("loss", "grads"), what="mlp_loss(params, X, y, reg)")


def _assert_names(params, dims, what):
    """A dict with W1, b1, W2, b2, ... for the layers of dims."""
    wanted = {f"{letter}{layer}" for layer in range(1, len(dims)) for letter in "Wb"}
    if not isinstance(params, dict):
        raise CheckFailed(f"{what}: expected a dict with {', '.join(sorted(wanted))}.")
    missing, extra = sorted(wanted - params.keys()), sorted(params.keys() - wanted)
    if missing:
        raise CheckFailed(f"{what}: there is no {', '.join(missing)}.")
    if extra:
        raise CheckFailed(f"{what}: there are names too many, expected only {', '.join(sorted(wanted))}.")


def _run(student, leaves, program, outputs=(-1,)):
    """Data and grad of every node, after backward() of each output in turn."""
    data, grad = parts(
        student.run(_graph_of_values, leaves, program, list(outputs)), ("data", "grad"), what="the graph"
    )
    count = len(leaves) + len(program)
    assert_shape(data, (count,), what="data of all nodes, one number each")
    assert_shape(grad, (count,), what="grad of all nodes, one number each")
    return np.asarray(data), np.asarray(grad)


def _tensors(student, leaves, program, upstream):
    return parts(student.run(_graph_of_tensors, leaves, program, upstream), ("data", "grads"), what="the graph")


def _assert_tensors(student, reference, rng, leaves, program, names, shown):
    """Value and gradients of a graph of arrays are those of torch, for a random gradient that arrives."""
    expected = reference.tensor_value(leaves, program)
    upstream = inputs.normal(rng, expected.shape) if expected.shape else None
    right = reference.tensor_gradients(leaves, program, upstream)
    data, grads = _tensors(student, leaves, program, upstream)
    assert_close(data, expected, what=f"data of {shown}")
    for name, given, gradient in zip(names, parts(grads, names, what="the gradients"), right, strict=True):
        assert_close(given, gradient, kind="gradient", what=f"{name}.grad for {shown}")
    assert_dtype(grads[0], np.float64, what=f"{names[0]}.grad for {shown}")
