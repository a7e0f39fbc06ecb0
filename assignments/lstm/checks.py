"""Public checks of the LSTM: what a student runs while writing."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_close,
    assert_integer,
    assert_own_gradient,
    assert_shape,
    parts,
)
from autograder.errors import CheckFailed

GRADIENTS = ("dx", "dh", "dc", "dWx", "dWh", "db")
RUN_GRADIENTS = ("dx", "dh0", "dc0", "dWx", "dWh", "db")
INPUTS = ("x", "h", "c", "Wx", "Wh", "b")
CACHED = (*INPUTS, "i", "f", "g", "o", "c_next")

# --- q1 lstm_step_forward ---------------------------------------------------------------------------------------------


@check("q1", points=2)
def one_unit_worked_by_hand(student):
    """The worked example has i, f, g, o = 0.622459, 0.731059, -0.379949, 0.689974, c' = 1.225614 and h' = 0.580477."""
    h_next, c_next, cache = _step(student, *_one_unit())
    gates = {"i": 0.6224593312018546, "f": 0.7310585786300049, "g": -0.3799489622552249, "o": 0.6899744811276125}
    for name, value in gates.items():
        assert_close(cache[name], [[value]], what=f'cache["{name}"] of the worked example')
    assert_close(c_next, [[1.2256143803237838]], what="c' of the worked example")
    assert_close(h_next, [[0.5804772723345796]], what="h' of the worked example")


@check("q1", points=1)
def gates_are_between_zero_and_one(student, rng):
    """i, f and o lie between 0 and 1, g between -1 and 1 with both signs, and no element of h' is larger than 1."""
    x, h, c, Wx, Wh, b = _step_problem(rng, n=6, d=3, units=4)
    h_next, _, cache = _step(student, x, h, 5 * c, Wx, Wh, b)
    h_next, zeros = array_of_shape(h_next, (6, 4), what="h'"), np.zeros((6, 4))
    for name in "ifo":
        outside = np.maximum(np.abs(cache[name] - 0.5) - 0.5, 0)
        assert_close(outside, zeros, kind="exact", what=f'what of cache["{name}"] is below 0 or above 1')
    for what, value in (('cache["g"]', cache["g"]), ("h'", h_next)):
        outside = np.maximum(np.abs(value) - 1, 0)
        assert_close(outside, zeros, kind="exact", what=f"what of {what} is below -1 or above 1")
    if not ((cache["g"] > 0).any() and (cache["g"] < 0).any()):
        raise CheckFailed('cache["g"] has one sign only, expected both: candidates add and subtract.')


@check("q1", points=2)
def one_step_of_two_samples(student, reference, rng):
    """For N=2, D=3 and H=4, with four different blocks of weights, h' and c' are right."""
    args = _step_problem(rng, n=2, d=3, units=4)
    h_next, c_next, _ = _step(student, *args)
    expected_h, expected_c, _ = reference.lstm_step_forward(*args)
    assert_close(c_next, expected_c, what="c' for N=2, D=3, H=4")
    assert_close(h_next, expected_h, what="h' for N=2, D=3, H=4")


# --- q2 lstm_step_backward --------------------------------------------------------------------------------------------


@check("q2", points=2)
def one_unit_backwards(student, reference):
    """In the worked example, dh' = 1 and dc' = 0.5 give dx = -0.093120, dh = 1.096092, dc = 0.512923, and so on."""
    cache = reference.lstm_step_forward(*_one_unit())[2]
    result = student.lstm_step_backward(np.array([[1.0]]), np.array([[0.5]]), cache)
    da = [-0.06264701690331085, 0.27589273777284536, 0.3736817165744741, 0.1799627654459117]
    expected = {
        "db": da,
        "dc": [[0.5129234802960044]],
        "dx": [[-0.0931199281543614]],
        "dh": [[1.0960919097043936]],
        "dWx": [da],
        "dWh": [[value / 2 for value in da]],
    }
    given = dict(zip(GRADIENTS, parts(result, GRADIENTS, what="lstm_step_backward(dh', dc', cache)"), strict=True))
    for name, value in expected.items():
        assert_close(given[name], value, what=f"{name} of the worked example")


@check("q2", points=3)
def step_gradients_are_the_slopes_of_your_step(student, rng):
    """All six gradients say how your own h' and c' change, both with an upstream gradient of their own."""
    args = _step_problem(rng, n=2, d=3, units=4)
    upstream = inputs.normal(rng, (2, 8))
    _, _, cache = _step(student, *args)
    result = student.lstm_step_backward(upstream[:, :4], upstream[:, 4:], cache)
    given = dict(zip(GRADIENTS, parts(result, GRADIENTS, what="lstm_step_backward(dh', dc', cache)"), strict=True))
    step = _Joined(student.lstm_step_forward, _joined_step)
    assert_own_gradient(step, args, given, rng=rng, upstream=upstream, names=INPUTS)


# --- q3 lstm_forward --------------------------------------------------------------------------------------------------


@check("q3", points=1)
def a_sequence_of_one_is_one_step(student, reference, rng):
    """For T = 1 the outputs are those of a single step."""
    x, h0, c0, Wx, Wh, b = _run_problem(rng, n=3, steps=1, d=2, units=4)
    h_next, c_next, _ = reference.lstm_step_forward(x[:, 0], h0, c0, Wx, Wh, b)
    h, hT, cT, _ = _run(student, x, h0, c0, Wx, Wh, b)
    assert_close(h, h_next[:, None], what="h for T = 1")
    assert_close(hT, h_next, what="hT for T = 1")
    assert_close(cT, c_next, what="cT for T = 1")


@check("q3", points=2)
def a_run_can_be_interrupted(student, rng):
    """The last hidden state is the last output, and three steps, then two more from there, are five steps."""
    x, h0, c0, *weights = _run_problem(rng, n=2, steps=5, d=3, units=4)
    h, hT, cT, _ = _run(student, x, h0, c0, *weights)
    h, hT, cT = _finite(h, (2, 5, 4), "h"), _finite(hT, (2, 4), "hT"), _finite(cT, (2, 4), "cT")
    assert_close(h[:, -1], hT, what="last output, compared with hT")
    first, h3, c3, _ = _run(student, x[:, :3], h0, c0, *weights)
    h3, c3 = _finite(h3, (2, 4), "hT after 3 steps"), _finite(c3, (2, 4), "cT after 3 steps")
    assert_close(first, h[:, :3], what="outputs of the first three steps")
    second, _, c5, _ = _run(student, x[:, 3:], h3, c3, *weights)
    assert_close(second, h[:, 3:], what="outputs of two more steps, compared with the run in one piece")
    assert_close(c5, cT, what="cT after two more steps, compared with the run in one piece")


# --- q4 lstm_backward -------------------------------------------------------------------------------------------------


@check("q4", points=4)
def run_gradients_are_the_slopes_of_your_run(student, rng):
    """All six gradients say how your own h, hT and cT change, each with an upstream gradient of its own (T = 3)."""
    N, T, D, H = 2, 3, 5, 4
    args = _run_problem(rng, n=N, steps=T, d=D, units=H)
    upstream = inputs.normal(rng, (N, T + 2, H))
    *_, caches = _run(student, *args)
    caches = _clean(caches, T)
    result = student.lstm_backward(upstream[:, :T], upstream[:, T], upstream[:, T + 1], caches)
    given = parts(result, RUN_GRADIENTS, what="lstm_backward(dh, dhT, dcT, caches)")
    names = ("x", "h0", "c0", "Wx", "Wh", "b")
    run = _Joined(student.lstm_forward, _joined_run)
    named = dict(zip(RUN_GRADIENTS, given, strict=True))
    assert_own_gradient(run, args, named, rng=rng, upstream=upstream, names=names)


# --- q5 fix_gate, highway ---------------------------------------------------------------------------------------------


@check("q5", points=1)
def a_fixed_gate_hears_nothing(student, rng):
    """fix_gate(Wx, Wh, b, "f", 0.75) sets the forget block to zero weights and bias ln 3, and leaves the others alone."""
    Wx, Wh, b = inputs.normal(rng, (2, 12)), inputs.normal(rng, (3, 12)), inputs.normal(rng, (12,))
    result = student.fix_gate(Wx, Wh, b, "f", 0.75)
    given = parts(result, ("Wx", "Wh", "b"), what='fix_gate(Wx, Wh, b, "f", 0.75)')
    for name, before, fixed, value in zip(("Wx", "Wh", "b"), (Wx, Wh, b), given, (0, 0, np.log(3)), strict=True):
        expected = before.copy()
        expected[..., 3:6] = value
        assert_close(fixed, expected, what=f"{name} with the forget gate fixed at 0.75")


@check("q5", points=1)
def three_steps_of_a_highway(student):
    """For one unit with forget gates 0.9, 0.5 and 0.2, the derivative of c_3 by c_1, c_2 and c_3 is 0.1, 0.2 and 1."""
    f = np.array([0.9, 0.5, 0.2]).reshape(1, 3, 1)
    assert_close(student.highway(f), np.array([0.1, 0.2, 1.0]).reshape(1, 3, 1), what="highway of 0.9, 0.5, 0.2")


# --- q6 convert_gates -------------------------------------------------------------------------------------------------


@check("q6", points=1)
def four_columns_in_another_order(student):
    """For H = 1, the columns 1, 2, 3, 4 in the order f, i, o, g are 2, 1, 4, 3 in the order i, f, g, o."""
    W = np.array([[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]])
    expected = [[2.0, 1.0, 4.0, 3.0], [20.0, 10.0, 40.0, 30.0]]
    assert_close(student.convert_gates(W, "fiog", "ifgo"), expected, what='convert_gates(W, "fiog", "ifgo")')


@check("q6", points=1)
def there_and_back_again(student, rng):
    """Converting to another order and back gives the same weights, for blocks three columns wide."""
    W = inputs.normal(rng, (2, 12))
    there = array_of_shape(student.convert_gates(W, "ifgo", "gifo"), (2, 12), what='convert_gates(W, "ifgo", "gifo")')
    assert_close(there[:, :3], W[:, 6:9], what='the block that comes first in "gifo"')
    back = student.convert_gates(there, "gifo", "ifgo")
    assert_close(back, W, kind="exact", what="weights converted there and back")


# --- q7 lstm_params, lstm_init ----------------------------------------------------------------------------------------


@check("q7", points=1)
def three_inputs_and_four_units(student):
    """For D = 3 and H = 4 there are 128 numbers with one bias, and 144 with the two of PyTorch; both are integers."""
    assert_integer(student.lstm_params(3, 4), 128, what="lstm_params(3, 4)")
    assert_integer(student.lstm_params(3, 4, 2), 144, what="lstm_params(3, 4, 2)")


@check("q7", points=1)
def the_forget_gate_starts_open(student):
    """Of the bias, the forget block is forget_bias and everything else is zero; Wx is (D, 4H) and Wh is (H, 4H)."""
    for bias in (1.0, 2.5):
        Wx, Wh, b = parts(
            student.run(weights_of_lstm_init, 2, 3, 5, bias), ("Wx", "Wh", "b"), what="lstm_init(2, 3, rng)"
        )
        assert_shape(Wx, (2, 12), what="Wx of lstm_init(2, 3, rng)")
        assert_shape(Wh, (3, 12), what="Wh of lstm_init(2, 3, rng)")
        assert_close(b, np.repeat([0.0, bias, 0.0, 0.0], 3), what=f"b of lstm_init(2, 3, rng, {bias:g})")


# --- q8 LSTMCell ------------------------------------------------------------------------------------------------------


@check("q8", points=1)
def parameters_have_the_names_and_shapes_of_torch(student):
    """The state dict holds weight_ih (4H, D), weight_hh (4H, H), bias_ih (4H,) and bias_hh (4H,), and nothing else."""
    shapes = {"weight_ih": (12, 2), "weight_hh": (12, 3), "bias_ih": (12,), "bias_hh": (12,)}
    student.LSTMCell(2, 3)  # so that a cell that is not written yet is called by its name, not by that of a probe
    state, trained = parts(student.run(parameters_of_LSTMCell, 2, 3), ("state", "trained"), what="LSTMCell(2, 3)")
    if not isinstance(state, dict) or sorted(map(str, state)) != sorted(shapes):
        found = ", ".join(sorted(map(str, state))) if isinstance(state, dict) else ""
        raise CheckFailed(
            f"LSTMCell(2, 3).state_dict() has the keys {found or '(none)'}, expected {', '.join(shapes)}."
        )
    for name, shape in shapes.items():
        assert_shape(state[name], shape, what=f"{name} of LSTMCell(2, 3)")
    assert_integer(trained, 84, what="numbers in LSTMCell(2, 3) that are trained")


@check("q8", points=2)
def the_cell_makes_one_step(student, reference, rng):
    """With given parameters, (h', c') are those of question 1 with the sum of both biases."""
    x, h, c = (inputs.normal(rng, (2, size)) for size in (3, 4, 4))
    state = _cell_state(rng, d=3, units=4)
    expected_h, expected_c = reference.cell_run(x[:, None], h, c, *state.values())
    h_next, c_next = parts(student.run(step_of_LSTMCell, 3, 4, state, x, h, c), ("h'", "c'"), what="cell(x, (h, c))")
    assert_close(h_next, expected_h[:, 0], what="h' of cell(x, (h, c))")
    assert_close(c_next, expected_c, what="c' of cell(x, (h, c))")


@check("q8", points=1)
def without_a_state_the_cell_starts_from_zero(student, rng):
    """cell(x) is cell(x, (zeros, zeros)), in the dtype of x."""
    x, zeros = inputs.normal(rng, (2, 3)), np.zeros((2, 4))
    state = _cell_state(rng, d=3, units=4)
    expected = parts(
        student.run(step_of_LSTMCell, 3, 4, state, x, zeros, zeros), ("h'", "c'"), what="cell(x, (zeros, zeros))"
    )
    given = parts(student.run(step_of_LSTMCell, 3, 4, state, x, None, None), ("h'", "c'"), what="cell(x)")
    for name, value, right in zip(("h'", "c'"), given, expected, strict=True):
        from_zeros = _finite(right, (2, 4), f"{name} of cell(x, (zeros, zeros))")
        assert_close(value, from_zeros, what=f"{name} of cell(x)", actual_dtype=np.float64)


# --- q9 digit_loss, train_digits --------------------------------------------------------------------------------------


@check("q9", points=2)
def digit_gradients_are_the_slopes_of_your_loss(student, rng):
    """With V = 0 and a = 0 the loss is ln 10; all five gradients say how your own loss changes."""
    p, x, y = _digit_problem(rng, n=5, steps=3, d=2, units=4)
    loss, _ = _digit_loss(student, p | {"V": 0 * p["V"], "a": 0 * p["a"]}, x, y)
    assert_close(loss, np.log(10), what="loss for V = 0 and a = 0")
    _, gradients = _digit_loss(student, p, x, y)
    names = tuple(p)
    own = _Joined(student.digit_loss, _loss_alone, _as_digit_call)
    assert_own_gradient(own, (*p.values(), x, y), gradients, rng=rng, names=(*names, "x", "y"))


# --- probes: these run beside the student's code ----------------------------------------------------------------------


def weights_of_lstm_init(D, H, seed, bias):
    """What lstm_init gives with a new generator."""
    import numpy as np

    return lstm_init(D, H, np.random.default_rng(seed), bias)  # noqa: F821 - a name of the student


def parameters_of_LSTMCell(D, H):
    """The state dict of a new cell, and how many numbers of it are trained."""
    cell = LSTMCell(D, H)  # noqa: F821 - a name of the student
    state = {name: value.detach() for name, value in cell.state_dict().items()}
    return state, sum(parameter.numel() for parameter in cell.parameters() if parameter.requires_grad)


def step_of_LSTMCell(D, H, state, x, h, c):
    """(h', c') of a cell with these parameters, in float64."""
    import torch

    cell = LSTMCell(D, H).double()  # noqa: F821 - a name of the student
    cell.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    given = () if h is None else ((torch.tensor(h), torch.tensor(c)),)
    h_next, c_next = cell(torch.tensor(x), *given)
    return h_next.detach(), c_next.detach()


# --- shared by the checks above ---------------------------------------------------------------------------------------


class _Joined:
    """A function of the student with several outputs, as one with a single output."""

    def __init__(self, function, join, call=tuple):
        self.function, self.join, self.call = function, join, call
        self.name = function.name

    def map(self, calls):
        return [self.join(result) for result in self.function.map([self.call(args) for args in calls])]


def _joined_step(result):
    h_next, c_next, _ = parts(result, ("h'", "c'", "cache"), what="lstm_step_forward(x, h, c, Wx, Wh, b)")
    shape = (2, 4)
    return np.concatenate([array_of_shape(h_next, shape, what="h'"), array_of_shape(c_next, shape, what="c'")], axis=1)


def _joined_run(result):
    h, last, _ = parts(result, ("h", "(hT, cT)", "caches"), what="lstm_forward(x, h0, c0, Wx, Wh, b)")
    hT, cT = parts(last, ("hT", "cT"), what="second result of lstm_forward")
    ends = [array_of_shape(end, (2, 4), what=name)[:, None] for end, name in ((hT, "hT"), (cT, "cT"))]
    return np.concatenate([array_of_shape(h, (2, 3, 4), what="h"), *ends], axis=1)


def _as_digit_call(args):
    *values, x, y = args
    return dict(zip(("Wx", "Wh", "b", "V", "a"), values, strict=True)), x, y


def _loss_alone(result):
    return parts(result, ("loss", "gradients"), what="digit_loss(p, x, y)")[0]


def _one_unit():
    """The worked example: D = 1, H = 1, one sample."""
    x, h, c = np.array([[1.0]]), np.array([[0.5]]), np.array([[2.0]])
    return (
        x,
        h,
        c,
        np.array([[0.5, 1.0, -1.0, 0.2]]),
        np.array([[-1.0, 2.0, 1.0, 0.6]]),
        np.array([0.5, -1.0, 0.1, 0.3]),
    )


def _step(student, *args):
    """h', c' and the cache, the cache with its eleven arrays."""
    what = "lstm_step_forward(x, h, c, Wx, Wh, b)"
    h_next, c_next, cache = parts(student.lstm_step_forward(*args), ("h'", "c'", "cache"), what=what)
    return h_next, c_next, _checked(cache, args)


def _checked(cache, args, what="cache"):
    values = parts(cache, CACHED, what=what) if isinstance(cache, dict) else None
    if values is None:
        raise CheckFailed(f"{what} is not a dict, expected one with the keys {', '.join(CACHED)}.")
    shapes = [arg.shape for arg in args] + [args[1].shape] * 5
    named = zip(CACHED, values, shapes, strict=True)
    return {name: array_of_shape(value, shape, what=f'{what}["{name}"]') for name, value, shape in named}


def _finite(value, shape, what):
    """An answer that others are to be compared with."""
    array = array_of_shape(value, shape, what=what)
    if not np.isfinite(array).all():
        raise CheckFailed(f"{what} holds nan or inf.")
    return array


def _run(student, *args):
    """h, hT, cT and the caches."""
    what = "lstm_forward(x, h0, c0, Wx, Wh, b)"
    h, last, caches = parts(student.lstm_forward(*args), ("h", "(hT, cT)", "caches"), what=what)
    hT, cT = parts(last, ("hT", "cT"), what=f"second result of {what}")
    return h, hT, cT, caches


def _clean(caches, steps):
    """The list of caches, one for each step, all of numbers."""
    if not isinstance(caches, (list, tuple)) or len(caches) != steps or not all(isinstance(c, dict) for c in caches):
        raise CheckFailed(f"The third result of lstm_forward is not a list of {steps} caches, one for each step.")
    result = []
    for t, cache in enumerate(caches):
        values = parts(cache, CACHED, what=f"caches[{t}]")
        shapes = ((2, 5), (2, 4), (2, 4), (5, 16), (4, 16), (16,), *((2, 4),) * 5)
        named = zip(CACHED, values, shapes, strict=True)
        result.append(
            {name: array_of_shape(value, shape, what=f'caches[{t}]["{name}"]') for name, value, shape in named}
        )
    return result


def _step_problem(rng, *, n, d, units):
    """x, h, c, Wx, Wh, b: states that are not zero, four different blocks, gates that are not saturated."""
    x, h, c = inputs.normal(rng, (n, d)), inputs.normal(rng, (n, units), scale=0.6), inputs.normal(rng, (n, units))
    Wx, Wh = inputs.normal(rng, (d, 4 * units), scale=0.5), inputs.normal(rng, (units, 4 * units), scale=0.5)
    return x, h, c, Wx, Wh, inputs.normal(rng, (4 * units,), scale=0.5)


def _run_problem(rng, *, n, steps, d, units):
    """x, h0, c0, Wx, Wh, b."""
    _, h0, c0, Wx, Wh, b = _step_problem(rng, n=n, d=d, units=units)
    return inputs.normal(rng, (n, steps, d)), h0, c0, Wx, Wh, b


def _cell_state(rng, *, d, units):
    """Parameters of the module, in the order in which the reference takes them."""
    shapes = {"weight_ih": (4 * units, d), "weight_hh": (4 * units, units), "bias_ih": (4 * units,)}
    return {name: inputs.normal(rng, shape, scale=0.5) for name, shape in (shapes | {"bias_hh": (4 * units,)}).items()}


def _digit_problem(rng, *, n, steps, d, units):
    """Parameters, sequences and labels."""
    x, _, _, Wx, Wh, b = _run_problem(rng, n=n, steps=steps, d=d, units=units)
    V, a = inputs.normal(rng, (units, 10)), inputs.normal(rng, (10,), scale=0.5)
    return {"Wx": Wx, "Wh": Wh, "b": b, "V": V, "a": a}, x, inputs.labels(rng, n, 10)


def _digit_loss(student, p, x, y):
    loss, gradients = parts(student.digit_loss(p, x, y), ("loss", "gradients"), what="digit_loss(p, x, y)")
    if not isinstance(gradients, dict):
        raise CheckFailed(f"The second result of digit_loss is not a dict with the keys {', '.join(p)}.")
    return loss, dict(zip(p, parts(gradients, tuple(p), what="second result of digit_loss"), strict=True))
