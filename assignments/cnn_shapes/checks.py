"""Public checks of CNN shapes and counts: what a student runs while writing."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import array_of_shape, assert_close, assert_integer, assert_shape, parts
from autograder.errors import CheckFailed

LENET_SHAPES = {
    "conv1.weight": (6, 1, 5, 5),
    "conv1.bias": (6,),
    "conv2.weight": (16, 6, 5, 5),
    "conv2.bias": (16,),
    "fc1.weight": (120, 400),
    "fc1.bias": (120,),
    "fc2.weight": (84, 120),
    "fc2.bias": (84,),
    "fc3.weight": (10, 84),
    "fc3.bias": (10,),
}

LENET_LAYERS = [
    {"name": "C1", "kind": "conv", "out_channels": 6, "kernel": 5},
    {"name": "tanh1", "kind": "activation"},
    {"name": "S2", "kind": "pool", "kernel": 2},
    {"name": "C3", "kind": "conv", "out_channels": 16, "kernel": 5},
    {"name": "tanh3", "kind": "activation"},
    {"name": "S4", "kind": "pool", "kernel": 2},
    {"name": "flatten", "kind": "flatten"},
    {"name": "F5", "kind": "dense", "out_features": 120},
    {"name": "tanh5", "kind": "activation"},
    {"name": "F6", "kind": "dense", "out_features": 84},
    {"name": "tanh6", "kind": "activation"},
    {"name": "out", "kind": "dense", "out_features": 10},
]

# --- q1 conv_out_size -------------------------------------------------------------------------------------------------


@check("q1", points=2)
def sizes_of_well_known_layers(student):
    """A kernel of 5 makes 28 of 32, and 32 of 32 with padding 2; ResNet's first layer makes 112 of 224."""
    sizes = {(32, 5): 28, (32, 5, 1, 2): 32, (28, 2, 2): 14, (224, 7, 2, 3): 112, (9, 3, 1, 0, 2): 5}
    for args, size, right in _answers(student.conv_out_size, sizes):
        assert_close(size, right, what=f"conv_out_size{args}")


@check("q1", points=1)
def incomplete_windows_do_not_count(student):
    """Where the stride does not divide, the pixels that are left over at the end get no window of their own."""
    sizes = {(6, 3, 2): 2, (8, 3, 2): 3, (10, 4, 4): 2, (11, 4, 4, 1): 3}
    for args, size, right in _answers(student.conv_out_size, sizes):
        assert_close(size, right, what=f"conv_out_size{args}")


@check("q1", points=1)
def a_size_is_an_integer(student):
    """The size is an int: it can be used in range() and as a shape."""
    for args, size, right in _answers(student.conv_out_size, {(32, 5): 28, (8, 3, 2, 1): 4}):
        assert_integer(size, right, what=f"conv_out_size{args}")


# --- q2 same_padding --------------------------------------------------------------------------------------------------


@check("q2", points=1)
def odd_kernels_are_padded_equally(student):
    """Kernels of 1, 3, 5 and 7 need 0, 1, 2 and 3 zeros on each side."""
    for (k,), result, right in _answers(student.same_padding, {(1,): 0, (3,): 1, (5,): 2, (7,): 3}):
        both = parts(result, ("before", "after"), what=f"same_padding({k})")
        for value, side in zip(both, ("before", "after"), strict=True):
            assert_integer(value, right, what=f"{side} of same_padding({k})")


@check("q2", points=2)
def padding_keeps_the_length(student):
    """With stride 1 and this padding, 20 values give 20 windows: for every kernel from 1 to 9 and dilation 1 or 2."""
    lengths = {(k, d): 20 for k in range(1, 10) for d in (1, 2)}
    for (k, d), result, right in _answers(student.same_padding, lengths):
        both = parts(result, ("before", "after"), what=f"same_padding({k}, {d})")
        before, after = (array_of_shape(value, (), what=f"same_padding({k}, {d})") for value in both)
        length = 20 + before + after - d * (k - 1)
        assert_close(length, right, what=f"number of windows on 20 values padded by same_padding({k}, {d})")


# --- q3 conv2d_out_shape, pool_out_shape ------------------------------------------------------------------------------


@check("q3", points=2)
def convolution_changes_channels_height_and_width(student):
    """The batch stays, the channels are the filters, and height and width each follow their own kernel and stride."""
    args = ((2, 3, 32, 48), 16, (5, 3), (1, 2), (2, 1))
    assert_integer(student.conv2d_out_shape(*args), (2, 16, 32, 24), what=f"conv2d_out_shape{args}")
    args = ((8, 3, 20, 30), 4, 3)
    assert_integer(student.conv2d_out_shape(*args), (8, 4, 18, 28), what=f"conv2d_out_shape{args}")


@check("q3", points=1)
def pooling_keeps_batch_and_channels(student):
    """A 2 x 2 pool halves height and width and leaves the rest alone; without a stride, windows lie side by side."""
    shapes = {((5, 6, 28, 20), 2): (5, 6, 14, 10), ((1, 4, 9, 13), 3): (1, 4, 3, 4)}
    for args, shape, right in _answers(student.pool_out_shape, shapes):
        assert_integer(shape, right, what=f"pool_out_shape{args}")


# --- q4 conv_params ---------------------------------------------------------------------------------------------------


@check("q4", points=2)
def parameters_of_lenets_convolutions(student):
    """LeNet's two convolutions have 156 and 2416 parameters."""
    for args, count, right in _answers(student.conv_params, {(1, 6, 5, 5): 156, (6, 16, 5, 5): 2416}):
        assert_integer(count, right, what=f"conv_params{args}")


@check("q4", points=1)
def there_is_one_bias_for_each_filter(student):
    """A layer with 16 filters has 16 parameters more with a bias than without."""
    with_bias, without = (student.conv_params(3, 16, 4, 2, bias) for bias in (True, False))
    more = array_of_shape(with_bias, (), what="conv_params(3, 16, 4, 2, True)") - array_of_shape(
        without, (), what="conv_params(3, 16, 4, 2, False)"
    )
    assert_close(more, 16, what="conv_params(3, 16, 4, 2, True) - conv_params(3, 16, 4, 2, False)")


# --- q5 conv_macs -----------------------------------------------------------------------------------------------------


@check("q5", points=2)
def multiplications_of_lenets_convolutions(student):
    """On one image, LeNet's two convolutions take 117,600 and 240,000 multiplications."""
    counts = {((1, 1, 32, 32), 6, 5): 117_600, ((1, 6, 14, 14), 16, 5): 240_000}
    for args, count, right in _answers(student.conv_macs, counts):
        assert_integer(count, right, what=f"conv_macs{args}")


# --- q6 convT_out_size, output_padding --------------------------------------------------------------------------------


@check("q6", points=2)
def transposed_sizes_worked_by_hand(student):
    """Four values under a kernel of 3 with stride 2 become 9; a kernel of 4, stride 2, padding 1 doubles 14 to 28."""
    sizes = {(4, 3, 2): 9, (14, 4, 2, 1): 28, (7, 3, 2, 1, 1): 14, (5, 3): 7}
    for args, size, right in _answers(student.convT_out_size, sizes):
        assert_integer(size, right, what=f"convT_out_size{args}")


@check("q6", points=1)
def output_padding_of_two_sizes(student):
    """7 and 8 values both become 4 under kernel 3, stride 2, padding 1; on the way back they need 0 and 1."""
    for args, size, right in _answers(student.output_padding, {(7, 3, 2, 1): 0, (8, 3, 2, 1): 1}):
        assert_integer(size, right, what=f"output_padding{args}")


# --- q7 receptive_field -----------------------------------------------------------------------------------------------


@check("q7", points=2)
def stacked_kernels_of_three_see_five_and_seven(student):
    """Two kernels of 3 see 5 pixels, three see 7; no layer at all sees 1."""
    _assert_fields(
        student, [[(3, 1, 0, 1)] * count for count in range(4)], [(1, 1, 0), (3, 1, 0), (5, 1, 0), (7, 1, 0)]
    )


@check("q7", points=2)
def a_unit_of_lenets_last_pool_sees_16_pixels(student):
    """After conv 5, pool 2, conv 5, pool 2 a unit sees 16 pixels, and its neighbour the same 4 pixels further on."""
    layers = [(5, 1, 0, 1), (2, 2, 0, 1), (5, 1, 0, 1), (2, 2, 0, 1)]
    chains = [layers[:count] for count in range(1, 5)]
    _assert_fields(student, chains, [(5, 1, 0), (6, 2, 0), (14, 2, 0), (16, 4, 0)])


# --- q8 trace ---------------------------------------------------------------------------------------------------------


@check("q8", points=2)
def first_rows_of_lenet(student):
    """The rows of C1, tanh1 and S2 hold their name, their output shape, their parameters and their multiplications."""
    rows = student.trace(LENET_LAYERS[:3], (1, 1, 32, 32))
    expected = [
        ("C1", (1, 6, 28, 28), 156, 117_600),
        ("tanh1", (1, 6, 28, 28), 0, 0),
        ("S2", (1, 6, 14, 14), 0, 0),
    ]
    for row, right in zip(_rows(rows, 3), expected, strict=True):
        name, shape, params, macs = parts(row, ("name", "out_shape", "params", "macs"), what=f"the row of {right[0]}")
        if not isinstance(name, str) or name != right[0]:
            raise CheckFailed(f"the row of {right[0]} has the name {name!r}, expected {right[0]!r}.")
        assert_integer(shape, right[1], what=f"out_shape of {right[0]}")
        assert_integer(params, right[2], what=f"params of {right[0]}")
        assert_integer(macs, right[3], what=f"macs of {right[0]}")


@check("q8", points=2)
def lenet_has_61706_parameters_and_416520_multiplications(student):
    """Summed over all layers, LeNet has 61,706 parameters, takes 416,520 multiplications an image, and gives 10 scores."""
    convolutional = _rows(student.trace(LENET_LAYERS[:6], (2, 1, 32, 32)), 6)[-1]
    _, shape, _, _ = parts(convolutional, ("name", "out_shape", "params", "macs"), what="the row of S4")
    assert_integer(shape, (2, 16, 5, 5), what="out_shape of S4, for two images")
    rows = _rows(student.trace(LENET_LAYERS, (1, 1, 32, 32)), len(LENET_LAYERS))
    unpacked = [parts(row, ("name", "out_shape", "params", "macs"), what="a row of trace") for row in rows]
    assert_integer(unpacked[-1][1], (1, 10), what="out_shape of the last layer")
    for place, name, total in ((2, "params", 61_706), (3, "macs", 416_520)):
        column = array_of_shape([row[place] for row in unpacked], (len(rows),), what=f"the column of {name}")
        assert_integer(column.sum(), total, what=f"sum of the column of {name}")


# --- q9 LeNet ---------------------------------------------------------------------------------------------------------


@check("q9", points=2)
def lenet_module_has_61706_parameters_in_five_layers(student):
    """conv1, conv2, fc1, fc2 and fc3 hold weights and biases of the right shapes: 61,706 numbers, all of them trained."""
    found, trained = parts(_run(student, new_LeNet), ("shapes", "trained"), what="LeNet().state_dict()")
    for name, shape in LENET_SHAPES.items():
        if name not in found:
            raise CheckFailed(
                f"LeNet().state_dict() has no {name!r}; it has: {', '.join(map(str, found)) or 'nothing'}."
            )
        if tuple(found[name]) != shape:
            raise CheckFailed(f"{name} has shape {tuple(found[name])}, expected {shape}.")
    more = [str(name) for name in found if name not in LENET_SHAPES]
    if more:
        raise CheckFailed(f"LeNet().state_dict() has more than the five layers: {', '.join(more)}.")
    assert_integer(trained, 61_706, what="number of trainable parameters")


@check("q9", points=1)
def lenet_gives_ten_scores_for_each_image(student, rng):
    """One image gives scores of shape (1, 10), three give (3, 10)."""
    for n in (1, 3):
        x = inputs.normal(rng, (n, 1, 32, 32), dtype=np.float32)
        scores = _with_parameters(_run(student, LeNet_forward, _random_parameters(rng), x))
        assert_shape(scores, (n, 10), what=f"LeNet()(x) for {n} image{'s' if n > 1 else ''}")


@check("q9", points=2)
def lenet_gradients_are_the_slopes_of_your_scores(student, rng):
    """Every parameter gets the gradient that says how your own scores change when it changes a little."""
    x, upstream = inputs.normal(rng, (2, 1, 32, 32)), inputs.normal(rng, (2, 10))
    parameters, directions = _random_parameters(rng), _random_parameters(rng)
    _with_parameters(
        _run(student, LeNet_forward, parameters, x.astype(np.float32))
    )  # a fault of float64 alone shows next
    result = _with_parameters(_run(student, LeNet_backward, parameters, x, upstream, directions))
    by_backward, by_difference = parts(result, ("by_backward", "by_difference"), what="LeNet()")
    for name in LENET_SHAPES:
        if by_backward.get(name) is None:
            raise CheckFailed(f"{name} does not require a gradient, so it would never be trained.")
        given = array_of_shape(by_backward.get(name), (), what=f"slope along {name}")
        slope = array_of_shape(by_difference.get(name), (), what=f"slope along {name}")
        if not np.isfinite(slope) or not np.isfinite(given):
            raise CheckFailed(f"{name} has a gradient that is not finite.")
        if abs(slope) < 1e-8:
            raise CheckFailed(f"Your scores do not change at all when {name} changes.")
        assert_close(
            given, slope, rtol=1e-6, atol=1e-8, what=f"slope of your scores along a random change of {name}, by backward()",
            because="the expected slope is a central difference, right to about 1e-9",
        )  # fmt: skip


# --- probes: these run beside the student's code ----------------------------------------------------------------------


def new_LeNet():
    """({name: shape}, number of trainable parameters) of a new LeNet."""
    model = LeNet()  # noqa: F821 - a name of the student
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    return shapes, sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def LeNet_forward(parameters, x):
    """Scores of the images x with these parameters, in the precision of x; or {name: shape} if they do not fit."""
    import torch

    model = LeNet().to(torch.tensor(x).dtype).eval()  # noqa: F821 - a name of the student
    try:
        model.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()})
    except RuntimeError:
        return {name: tuple(value.shape) for name, value in model.state_dict().items()}
    with torch.no_grad():
        return model(torch.tensor(x))


def LeNet_backward(parameters, x, upstream, directions):
    """The slope of (scores * upstream).sum() along a direction for each parameter: by backward, by central difference.

    {name: shape} if the parameters do not fit.
    """
    import torch

    x, upstream = torch.tensor(x), torch.tensor(upstream)
    model = LeNet().double().eval()  # noqa: F821 - a name of the student
    try:
        model.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()})
    except RuntimeError:
        return {name: tuple(value.shape) for name, value in model.state_dict().items()}
    (model(x) * upstream).sum().backward()
    by_backward, by_difference = {}, {}
    for name, parameter in model.named_parameters():
        direction = torch.tensor(directions[name])
        direction *= 1e-5 / direction.norm()
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        by_backward[name] = (gradient * direction).sum() / 1e-5 if parameter.requires_grad else None
        values = []
        with torch.no_grad():
            for sign in (1, -1):
                model.load_state_dict({key: torch.tensor(value) for key, value in parameters.items()})
                parameter.add_(sign * direction)
                values.append((model(x) * upstream).sum())
            model.load_state_dict({key: torch.tensor(value) for key, value in parameters.items()})
        by_difference[name] = (values[0] - values[1]) / 2e-5
    return by_backward, by_difference


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _rows(value, count):
    if not isinstance(value, (list, tuple)) or len(value) != count:
        raise CheckFailed(f"trace(layers, in_shape) did not return a list with one row for each of {count} layers.")
    return value


def _answers(function, expected):
    """(args, answer, right answer) for each case: one round trip for all of them."""
    yield from zip(expected, function.map(list(expected)), expected.values(), strict=True)


def _assert_fields(student, chains, expected):
    fields = student.receptive_field.map([(chain,) for chain in chains])
    for chain, field, right in zip(chains, fields, expected, strict=True):
        what = f"receptive_field({chain})"
        for name, value, number in zip(
            ("rf", "jump", "start"), parts(field, ("rf", "jump", "start"), what=what), right, strict=True
        ):
            assert_integer(value, number, what=f"{name} of {what}")


def _run(student, probe, *args):
    student.LeNet()  # if it is not defined or not written, that is what should be said
    return student.run(probe, *args)


def _with_parameters(result):
    """What a probe returned, unless the parameters of the table did not fit."""
    if isinstance(result, dict):
        raise CheckFailed(
            "load_state_dict refuses the parameters of the table: other names or shapes than LeNet() has."
        )
    return result


def _random_parameters(rng):
    """Parameters that leave tanh unsaturated, with biases that are not small."""
    return {
        name: inputs.normal(rng, shape, scale=0.3 if len(shape) == 1 else float(1 / np.sqrt(np.prod(shape[1:]))))
        for name, shape in LENET_SHAPES.items()
    }
