"""Hidden checks of CNN shapes and counts: random layers with remainders, invalid ones, whole networks, and LeNet."""

from __future__ import annotations

import numpy as np

from autograder import inputs
from autograder.checks import check
from autograder.compare import (
    array_of_shape,
    assert_backward_close,
    assert_close,
    assert_integer,
    assert_trains,
    assert_unchanged,
    parts,
)
from autograder.errors import CheckFailed, StudentRaised

CASES = 200
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

# --- q1 conv_out_size -------------------------------------------------------------------------------------------------


@check("q1", points=3)
def sizes_are_the_number_of_windows(student, reference, rng):
    """For any size, kernel, stride and padding, the size is the number of windows that fit, counted one by one."""
    cases = [_without_defaults(_window(rng, dilated=False), 1, 0, 1) for _ in range(CASES)]
    cases += [(9, 4), (8, 3, 2)]
    _assert_all(student.conv_out_size, reference.conv_out_size, cases, "conv_out_size(n, k, s, p)", exact=False)


@check("q1", points=3)
def sizes_of_dilated_kernels_are_right(student, reference, rng):
    """A dilated kernel reaches over d * (k - 1) + 1 positions, and windows are counted with that reach."""
    cases = [_window(rng, dilated=True) for _ in range(CASES)]
    _assert_all(student.conv_out_size, reference.conv_out_size, cases, "conv_out_size(n, k, s, p, d)", exact=False)


@check("q1", points=1)
def a_kernel_that_fits_exactly_has_one_window(student, rng):
    """A kernel that reaches over the whole padded input stands in one place, whatever the stride, even for one pixel."""
    drawn = inputs.integers(rng, (60, 4), 1, 6).tolist()
    cases = [(d * (k - 1) + 1 - 2 * p, k, s, p, d) for k, s, p, d in drawn if d * (k - 1) >= 2 * p]
    cases += [(1, 1, 1, 0, 1), (1, 1, 7, 0, 1), (1, 5, 3, 2, 1), (6, 6, 9, 0, 1)]
    assert_close(
        student.conv_out_size.map(cases), np.ones(len(cases)), what="conv_out_size for kernels that fit exactly"
    )


@check("q1", points=2)
def kernels_that_do_not_fit_are_refused(student):
    """A kernel that reaches further than the padded input raises ValueError, also if it is too large by one alone."""
    for k, s, p, d in ((4, 1, 0, 1), (3, 2, 0, 3), (9, 3, 2, 1), (4, 4, 1, 2), (2, 1, 0, 6)):
        n = d * (k - 1) - 2 * p
        assert_close(student.conv_out_size(n + 1, k, s, p, d), 1, what="conv_out_size of a kernel that just fits")
        _assert_refused(student.conv_out_size, (n, k, s, p, d), "conv_out_size of a kernel that is too large by one")
    _assert_refused(student.conv_out_size, (3, 60, 70, 0, 1), "conv_out_size of a kernel that is far too large")


@check("q1", points=1)
def sizes_of_impossible_layers_are_refused(student):
    """A size, kernel, stride or dilation below 1 and a negative padding raise ValueError."""
    assert_close(student.conv_out_size(9, 3, 2, 1, 1), 5, what="conv_out_size(9, 3, 2, 1, 1)")
    for args in ((0, 3, 1, 2), (-1, 3, 1, 4), (9, 0), (9, -2), (9, 3, 0), (9, 3, -2), (9, 3, 1, -1), (9, 3, 1, 0, 0),
                 (9, 3, 1, 0, -1)):  # fmt: skip
        _assert_refused(student.conv_out_size, args, "conv_out_size with an argument that is too small")


# --- q2 same_padding --------------------------------------------------------------------------------------------------


@check("q2", points=2)
def the_odd_zero_of_an_even_kernel_goes_after(student, reference):
    """An even kernel needs an odd number of zeros; the one that is left over goes after."""
    cases = [(k,) for k in range(1, 13)]
    _assert_pairs(student.same_padding, reference.same_padding, cases, "same_padding(k)")


@check("q2", points=2)
def same_padding_follows_the_dilation(student, reference):
    """With dilation the kernel reaches further, and needs more padding; an odd total puts the odd zero after."""
    cases = [(k, d) for k in range(1, 9) for d in range(2, 6)]
    _assert_pairs(student.same_padding, reference.same_padding, cases, "same_padding(k, d)")


@check("q2", points=1)
def same_padding_of_impossible_kernels_is_refused(student):
    """A kernel or a dilation below 1 raises ValueError."""
    assert_integer(student.same_padding(3, 2), (2, 2), what="same_padding(3, 2)")
    for args in ((0,), (-3,), (3, 0), (3, -1)):
        _assert_refused(student.same_padding, args, "same_padding with an argument below 1")


# --- q3 conv2d_out_shape, pool_out_shape ------------------------------------------------------------------------------


@check("q3", points=3)
def convolved_shapes_are_right(student, reference, rng):
    """Shapes of random layers are right: images that are not square, and numbers or (height, width) pairs."""
    cases = []
    for _ in range(CASES):
        n, c, out = inputs.distinct_sizes(rng, 3)
        (h, w), window = _image(rng, dilated=True)
        cases.append(((n, c, h, w), out, *window))
    as_pairs = [(shape, out, *map(_both, window)) for shape, out, *window in cases]
    _assert_shapes(student.conv2d_out_shape, reference.conv2d_out_shape, as_pairs, "conv2d_out_shape of pairs")
    _assert_shapes(student.conv2d_out_shape, reference.conv2d_out_shape, cases, "conv2d_out_shape of pairs and numbers")


@check("q3", points=1)
def images_too_small_along_one_axis_are_refused(student):
    """A kernel that fits along one axis and not along the other raises ValueError."""
    assert_integer(
        student.conv2d_out_shape((2, 3, 9, 5), 4, (7, 5)), (2, 4, 3, 1), what="conv2d_out_shape of a kernel that fits"
    )
    for args in (((2, 3, 9, 5), 4, (7, 6)), ((2, 3, 5, 9), 4, (6, 7)), ((2, 3, 5, 9), 4, 3, 1, 0, (3, 1))):
        _assert_refused(student.conv2d_out_shape, args, "conv2d_out_shape of a kernel that does not fit")


@check("q3", points=3)
def pooled_shapes_are_right(student, reference, rng):
    """Shapes of random pools are right: overlapping windows, gaps between them, padding, and no stride given."""
    cases = []
    for number in range(CASES):
        n, c = inputs.distinct_sizes(rng, 2)
        (h, w), window = _image(rng, dilated=False)
        cases.append(((n, c, h, w), *(window[:3] if number % 3 else window[:1])))
    _assert_shapes(student.pool_out_shape, reference.pool_out_shape, cases, "pool_out_shape")


@check("q3", points=2)
def ceil_mode_keeps_a_window_that_hangs_over_the_end(student, reference, rng):
    """With ceil_mode, pixels that are left over at the end get a window; where nothing is left over, nothing changes."""
    cases = []
    while len(cases) < CASES:
        n, c = inputs.distinct_sizes(rng, 2)
        h, w, kh, kw = inputs.integers(rng, (4,), 3, 30).tolist()
        sh, sw = (int(rng.integers(1, k + 1)) for k in (kh, kw))
        if kh <= h and kw <= w:
            cases.append(((n, c, h, w), (kh, kw), (sh, sw), 0, True))
    _assert_shapes(student.pool_out_shape, reference.pool_out_shape, cases, "pool_out_shape with ceil_mode")


@check("q3", points=1)
def ceil_mode_drops_a_window_without_a_pixel(student, reference, rng):
    """A window that would begin behind the last pixel, in the padding or beyond, is dropped even with ceil_mode."""
    cases = [((2, 3, 5, 3), 2, 2, 1, True), ((2, 3, 9, 8), (1, 2), (4, 3), (0, 1), True), ((1, 5, 6, 9), 2, 4, 0, True)]
    while len(cases) < CASES:
        n, c = inputs.distinct_sizes(rng, 2)
        h, w, kh, kw = (*inputs.integers(rng, (2,), 4, 20).tolist(), *inputs.integers(rng, (2,), 1, 4).tolist())
        stride = tuple(inputs.integers(rng, (2,), 1, 6).tolist())
        cases.append(((n, c, h, w), (kh, kw), stride, (kh // 2, kw // 2), True))
    _assert_shapes(student.pool_out_shape, reference.pool_out_shape, cases, "pool_out_shape with ceil_mode and padding")


@check("q3", points=1)
def pools_larger_than_the_image_are_refused(student):
    """A pool that does not fit along one axis raises ValueError, with ceil_mode too."""
    assert_integer(
        student.pool_out_shape((2, 3, 9, 5), (7, 5)), (2, 3, 1, 1), what="pool_out_shape of a pool that fits"
    )
    for ceil_mode in (False, True):
        for shape, kernel in (((2, 3, 9, 5), (7, 6)), ((2, 3, 5, 9), (6, 7))):
            args = (shape, kernel, 2, 0, ceil_mode)
            _assert_refused(student.pool_out_shape, args, "pool_out_shape of a pool that does not fit")


# --- q4 conv_params ---------------------------------------------------------------------------------------------------


@check("q4", points=3)
def parameters_are_right(student, reference, rng):
    """Every filter has one weight for each input channel and kernel position, and one bias if there are biases."""
    cases = [(*inputs.distinct_sizes(rng, 4, low=1, high=20), bool(rng.integers(2))) for _ in range(CASES)]
    cases += [case[:4] for case in cases[:20]]
    _assert_all(student.conv_params, reference.conv_params, cases, "conv_params(c_in, c_out, kh, kw, bias)")


@check("q4", points=2)
def parameters_of_grouped_convolutions_are_right(student, reference, rng):
    """With groups, a filter sees the channels of its own group alone; depthwise, it sees a single one."""
    cases = [(24, 24, 3, 5, True, 24), (24, 48, 3, 5, False, 24)]
    for groups, more_in, more_out, kh, kw in inputs.integers(rng, (CASES, 5), 1, 7).tolist():
        cases.append((groups * more_in, groups * more_out, kh, kw, bool(kh % 2), groups))
    _assert_all(student.conv_params, reference.conv_params, cases, "conv_params with groups")


@check("q4", points=1)
def groups_must_divide_the_channels(student):
    """A number of groups below 1, or one that does not divide both numbers of channels, raises ValueError."""
    assert_integer(student.conv_params(6, 9, 3, 2, True, 3), 117, what="conv_params(6, 9, 3, 2, True, 3)")
    for c_in, c_out, groups in ((9, 6, 2), (6, 9, 2), (6, 9, 9), (6, 9, 0), (6, 9, -3)):
        args = (c_in, c_out, 3, 2, True, groups)
        _assert_refused(student.conv_params, args, "conv_params with groups that do not divide the channels")


# --- q5 conv_macs -----------------------------------------------------------------------------------------------------


@check("q5", points=3)
def multiplications_are_right(student, reference, rng):
    """Every output value of every image and filter costs as many multiplications as a filter has weights."""
    cases = []
    for _ in range(CASES):
        n, c, out = inputs.distinct_sizes(rng, 3)
        (h, w), window = _image(rng, dilated=True)
        cases.append(_without_defaults(((n, c, h, w), out, *window), 1, 0, 1))
    cases += [((2, 3, 7, 5), 4, 3), ((2, 3, 7, 5), 4, (3, 2), 2)]
    _assert_all(student.conv_macs, reference.conv_macs, cases, "conv_macs")


@check("q5", points=1)
def multiplications_of_grouped_convolutions_are_right(student, reference, rng):
    """With groups, each filter multiplies the channels of its own group alone."""
    cases = []
    for groups, more_in, more_out in inputs.integers(rng, (CASES, 3), 1, 5).tolist():
        (h, w), window = _image(rng, dilated=True)
        cases.append(((3, groups * more_in, h, w), groups * more_out, *window, groups))
    _assert_all(student.conv_macs, reference.conv_macs, cases, "conv_macs with groups")


@check("q5", points=1)
def multiplications_of_impossible_layers_are_refused(student):
    """Groups that do not divide the channels, and kernels that do not fit, raise ValueError here too."""
    assert_integer(
        student.conv_macs((2, 6, 5, 7), 9, (5, 2), groups=3), 2160, what="conv_macs of a layer with 3 groups"
    )
    for args in (((2, 6, 5, 7), 9, 3, 1, 0, 1, 2), ((2, 9, 5, 7), 6, 3, 1, 0, 1, 2), ((2, 6, 5, 7), 9, (6, 2))):
        _assert_refused(student.conv_macs, args, "conv_macs of a layer that cannot be")


# --- q6 convT_out_size, output_padding --------------------------------------------------------------------------------


@check("q6", points=3)
def transposed_sizes_are_right(student, reference, rng):
    """Kernels laid down every s positions cover (n - 1) * s + d * (k - 1) + 1; p goes at both ends, op comes on top."""
    cases = []
    for n, k, s, d in inputs.integers(rng, (CASES, 4), 1, 6).tolist():
        p = int(rng.integers(0, ((n - 1) * s + d * (k - 1)) // 2 + 1))
        cases.append(_without_defaults((n, k, s, p, int(rng.integers(0, s)), d), 1, 0, 0, 1))
    cases += [(5, 4), (4, 3, 2), (4, 4, 2, 1)]
    _assert_all(student.convT_out_size, reference.convT_out_size, cases, "convT_out_size(n, k, s, p, op, d)")


@check("q6", points=2)
def output_padding_leads_back_to_the_size(student, reference, rng):
    """It is the op with which a transposed convolution turns conv_out_size(n, ...) values back into n."""
    cases = []
    while len(cases) < CASES:
        n, k, s, p, d = _window(rng, dilated=len(cases) % 2 == 1)
        if n >= s and 2 * p <= d * (k - 1):
            cases.append(_without_defaults((n, k, s, p, d), 1, 0, 1))
    cases += [(6, 3), (6, 3, 2)]
    _assert_all(student.output_padding, reference.output_padding, cases, "output_padding(n, k, s, p, d)")


@check("q6", points=1)
def impossible_transposed_layers_are_refused(student):
    """An output padding below 0 or not below the stride, and every other argument that is too small, raise ValueError."""
    assert_integer(student.convT_out_size(5, 3, 3, 1, 2, 2), 17, what="convT_out_size(5, 3, 3, 1, 2, 2)")
    for args in ((5, 3, 3, 1, 3), (5, 3, 1, 0, 1), (5, 3, 3, 1, -1), (0, 9), (5, 0), (5, 3, 0), (5, 3, -1), (5, 3, 3, -1),
                 (5, 3, 3, 1, 0, 0)):  # fmt: skip
        _assert_refused(student.convT_out_size, args, "convT_out_size with an argument out of its range")


@check("q6", points=1)
def nothing_is_not_a_size(student):
    """A padding that cuts off everything, and a kernel that did not fit on the way down, raise ValueError."""
    assert_integer(student.convT_out_size(2, 3, 2, 2), 1, what="convT_out_size(2, 3, 2, 2)")
    _assert_refused(student.convT_out_size, (1, 4, 3, 2), "convT_out_size where nothing is left")
    _assert_refused(student.convT_out_size, (2, 3, 2, 4), "convT_out_size where less than nothing is left")
    assert_integer(student.output_padding(6, 3, 2), 1, what="output_padding(6, 3, 2)")
    _assert_refused(student.output_padding, (2, 3, 2), "output_padding of a kernel that does not fit")


# --- q7 receptive_field -----------------------------------------------------------------------------------------------


@check("q7", points=2)
def fields_are_as_wide_as_what_reaches_the_unit(student, reference, rng):
    """rf is the distance from the first to the last pixel that can change a unit, both counted, in any chain of layers."""
    chains = [_chain(rng, dilated=False) for _ in range(CASES)]
    _assert_part_of_field(student, reference, chains, "rf")


@check("q7", points=1)
def neighbours_are_the_product_of_the_strides_apart(student, reference, rng):
    """jump is how many pixels apart the fields of two neighbouring units begin."""
    chains = [_chain(rng, dilated=True) for _ in range(CASES)]
    _assert_part_of_field(student, reference, chains, "jump")


@check("q7", points=2)
def fields_of_dilated_layers_are_right(student, reference, rng):
    """A dilated kernel adds d * (k - 1) steps of its input to rf."""
    chains = [_chain(rng, dilated=True) for _ in range(CASES)]
    _assert_part_of_field(student, reference, chains, "rf")


@check("q7", points=2)
def fields_begin_in_the_padding(student, reference, rng):
    """start is the first pixel that unit 0 sees: negative by the padding of every layer, in pixels of the image."""
    chains = [_chain(rng, dilated=True) for _ in range(CASES)]
    _assert_part_of_field(student, reference, chains, "start")


@check("q7", points=1)
def layers_are_still_there_afterwards(student, rng):
    """The list of layers is as long as before, and in the same order."""
    layers = [*_chain(rng, dilated=True), (3, 2, 1, 1), (5, 1, 0, 2)]
    assert_unchanged(student.receptive_field, (layers,), what="receptive_field")


# --- q8 trace ---------------------------------------------------------------------------------------------------------


@check("q8", points=2, repeat=3)
def shapes_through_a_network_are_right(student, reference, rng):
    """Every layer takes the shape that the one before gives: convolutions, pools, activations, flatten, dense."""
    layers, in_shape = _network(rng)
    for kind, row, (_, shape, _, _) in _rows(student, reference, layers, in_shape):
        assert_integer(row[1], shape, what=f'"out_shape" in the row of a layer of kind {kind}')


@check("q8", points=2, repeat=3)
def parameters_of_a_network_are_right(student, reference, rng):
    """Convolutions and dense layers count their weights and biases; pools, activations and flatten have none."""
    layers, in_shape = _network(rng)
    for kind, row, (_, _, params, _) in _rows(student, reference, layers, in_shape):
        assert_integer(row[2], params, what=f'"params" in the row of a layer of kind {kind}')


@check("q8", points=2, repeat=3)
def multiplications_of_a_network_are_right(student, reference, rng):
    """Multiplications count the whole batch; a dense layer has one for each weight and image."""
    layers, in_shape = _network(rng)
    for kind, row, (_, _, _, macs) in _rows(student, reference, layers, in_shape):
        assert_integer(row[3], macs, what=f'"macs" in the row of a layer of kind {kind}')


@check("q8", points=1)
def layers_and_their_settings_are_left_alone(student, rng):
    """The list of layers and the dicts in it hold after the call what they held before."""
    assert_unchanged(student.trace, _network(rng), what="trace")


@check("q8", points=1)
def networks_that_cannot_be_are_refused_by_name(student):
    """ValueError names the first layer that cannot take what it is given, or is of a kind that does not exist."""
    conv = {"name": "first", "kind": "conv", "out_channels": 4, "kernel": 3}
    flat = {"name": "flat", "kind": "flatten"}
    dense = {"name": "head", "kind": "dense", "out_features": 5}
    impossible = {
        "a kernel larger than its input": [conv, {"name": "bad17", "kind": "conv", "out_channels": 2, "kernel": 9}],
        "a pool larger than its input": [conv, {"name": "bad17", "kind": "pool", "kernel": 8}],
        "groups that do not divide": [
            conv,
            {"name": "bad17", "kind": "conv", "out_channels": 6, "kernel": 3, "groups": 3},
        ],
        "a dense layer before flatten": [conv, {"name": "bad17", "kind": "dense", "out_features": 5}, flat],
        "a convolution after flatten": [conv, flat, {"name": "bad17", "kind": "conv", "out_channels": 2, "kernel": 1}],
        "a pool after a dense layer": [conv, flat, dense, {"name": "bad17", "kind": "pool", "kernel": 1}],
        "a kind that does not exist": [conv, {"name": "bad17", "kind": "transformer"}],
    }
    possible = student.trace([conv, flat, dense], (2, 3, 9, 9))
    if not isinstance(possible, (list, tuple)) or len(possible) != 3:
        raise CheckFailed("trace(layers, in_shape) did not return a list with one row for each layer.")
    for why, layers in impossible.items():
        error = _assert_refused(student.trace, (layers, (2, 3, 9, 9)), f"trace of a network with {why}")
        if "bad17" not in error.message:
            raise CheckFailed(f"trace of a network with {why} raises ValueError without the name of the layer.")


# --- q9 LeNet ---------------------------------------------------------------------------------------------------------


@check("q9", points=3, repeat=2)
def lenet_scores_are_right(student, reference, rng):
    """With given parameters, the ten scores of every image are those of conv, tanh, mean pool, twice, and three dense layers."""
    parameters = _random_parameters(rng)
    x = inputs.normal(rng, (3, 1, 32, 32))
    assert_close(
        _scores(student, parameters, x),
        reference.lenet(x, *parameters.values()),
        what="LeNet()(x) with given parameters",
    )


@check("q9", points=3)
def lenet_gradients_are_right(student, reference, rng):
    """backward() brings the right gradient to every parameter, and to the images."""
    parameters = _random_parameters(rng)
    x, upstream = inputs.normal(rng, (3, 1, 32, 32)), inputs.normal(rng, (3, 10))
    _scores(student, parameters, x)
    found = _fitting(_run(student, LeNet_gradients, parameters, x, upstream))
    gradients, dx = parts(found, ("gradients", "dx"), what="LeNet()")
    if not isinstance(gradients, dict):
        raise CheckFailed("LeNet() has no parameters by name.")
    given = {name.replace(".", "_"): gradients.get(name) for name in LENET_SHAPES} | {"x": dx}
    assert_backward_close(given, reference.lenet, (x, *parameters.values()), upstream=upstream, what="LeNet()")


@check("q9", points=1)
def images_do_not_influence_each_other(student, rng):
    """An image gets the same scores alone and in a batch, in training and in evaluation mode, in float32 and float64."""
    parameters = _random_parameters(rng)
    x = inputs.normal(rng, (4, 1, 32, 32))
    scores = array_of_shape(_scores(student, parameters, x), (4, 10), what="LeNet()(x)")
    alone = _scores(student, parameters, x[2:3])
    assert_close(alone, scores[2:3], what="LeNet()(x[2:3]), compared with LeNet()(x)[2:3]")
    training = _scores(student, parameters, x, training=True)
    assert_close(training, scores, what="LeNet()(x) in training mode, compared with evaluation mode")
    single = _scores(student, parameters, x.astype(np.float32))
    assert_close(
        single, scores, dtype=np.float32, actual_dtype=np.float32, what="LeNet()(x) for float32 parameters and images"
    )


@check("q9", points=2, behaviour=True)
def a_new_lenet_learns_to_read_digits(student, rng):
    """50 steps of Adam bring the mean loss of a new LeNet on handwritten digits below 0.8; before, it is ln 10 = 2.3."""
    from sklearn.datasets import load_digits

    # Of 25 runs of the solution the loss ended between 0.2 and 0.45.
    digits = load_digits()
    batches = rng.integers(0, 1400, (50, 16))
    images = digits.images[batches].astype(np.uint8)
    losses = _run(student, LeNet_training, images, digits.target[batches], int(rng.integers(2**31)))
    losses = array_of_shape(losses, (50,), what="the losses of 50 steps")
    assert_trains(float(np.mean(losses[-5:])), below=0.8, what="mean loss of the last five of 50 steps")


# --- probes: these run beside the student's code ----------------------------------------------------------------------


def LeNet_scores(parameters, x, training):
    """Scores of the images x, in the precision of x; {name: shape} if the parameters do not fit."""
    import torch

    x = torch.tensor(x)
    model = LeNet().to(x.dtype).train(training)  # noqa: F821 - a name of the student
    try:
        model.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()})
    except RuntimeError:
        return {name: tuple(value.shape) for name, value in model.state_dict().items()}
    return model(x).detach()


def LeNet_gradients(parameters, x, upstream):
    """Gradients by name, and the gradient of the images, of (scores * upstream).sum(); {name: shape} as above."""
    import torch

    x = torch.tensor(x)
    model = LeNet().to(x.dtype).eval()  # noqa: F821 - a name of the student
    try:
        model.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()})
    except RuntimeError:
        return {name: tuple(value.shape) for name, value in model.state_dict().items()}
    x.requires_grad_()
    (model(x) * torch.tensor(upstream)).sum().backward()
    named = model.named_parameters()
    gradients = {name: torch.zeros_like(each) if each.grad is None else each.grad for name, each in named}
    return gradients, torch.zeros_like(x) if x.grad is None else x.grad


def LeNet_training(images, labels, seed):
    """The losses of Adam on batches of 8 x 8 digits (values 0 to 16), enlarged to 32 x 32."""
    import torch

    torch.manual_seed(seed)
    model = LeNet().train()  # noqa: F821 - a name of the student
    adam = torch.optim.Adam(model.parameters(), lr=3e-3)
    losses = []
    for batch, targets in zip(torch.tensor(images), torch.tensor(labels), strict=True):
        x = torch.nn.functional.interpolate(batch[:, None] / 8.0 - 1.0, scale_factor=4, mode="bilinear")
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), targets)
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses


# --- random layers ----------------------------------------------------------------------------------------------------


def _window(rng, *, dilated):
    """(n, k, s, p, d) of a kernel that fits; in half of the cases the stride leaves pixels over."""
    k, s, p = int(rng.integers(1, 8)), int(rng.integers(1, 6)), int(rng.integers(0, 5))
    d = int(rng.integers(2, 5)) if dilated else 1
    windows = int(rng.integers(2, 15))
    left_over = int(rng.integers(1, s)) if s > 1 and rng.integers(2) else 0
    n = (windows - 1) * s + d * (k - 1) + 1 + left_over - 2 * p
    return (n, k, s, p, d) if n >= 1 else _window(rng, dilated=dilated)


def _image(rng, *, dilated):
    """((height, width), (kernel, stride, padding, dilation)): each a (height, width) pair, or a number for both.

    No padding is more than half of the kernel, as pools want it. Height and width differ.
    """
    kernel = _pair_or_number(rng, 1, 6)
    stride, padding = _pair_or_number(rng, 1, 4), _pair_or_number(rng, 0, min(_both(kernel)) // 2)
    dilation = _pair_or_number(rng, 1, 3) if dilated else 1
    h, w = (
        d * (k - 1) + int(more)
        for k, d, more in zip(_both(kernel), _both(dilation), rng.permutation(np.arange(1, 20))[:2], strict=True)
    )
    return (h, w + 1 if h == w else w), (kernel, stride, padding, dilation)


def _without_defaults(case, *defaults):
    """The arguments, but for those at the end that are their defaults anyway."""
    required = len(case) - len(defaults)
    while len(case) > required and case[-1] == defaults[len(case) - required - 1]:
        case = case[:-1]
    return case


def _pair_or_number(rng, low, high):
    pair = tuple(inputs.integers(rng, (2,), low, high).tolist())
    return pair[0] if rng.integers(3) == 0 else pair


def _both(value):
    return value if isinstance(value, tuple) else (value, value)


def _chain(rng, *, dilated):
    """One to five layers (k, s, p, d)."""
    return [
        (
            int(rng.integers(1, 6)),
            int(rng.integers(1, 4)),
            int(rng.integers(0, 3)),
            int(rng.integers(1, 4)) if dilated else 1,
        )
        for _ in range(int(rng.integers(1, 6)))
    ]


def _network(rng):
    """(layers, in_shape): two convolutions and two pools on images that are not square, and a head of two dense layers."""
    groups, batch = int(rng.integers(2, 4)), int(rng.integers(2, 5))
    a, b, hidden, classes = inputs.distinct_sizes(rng, 4, low=2, high=9)
    names = [f"layer{number}" for number in rng.permutation(100)[:10]]
    h, w = (
        4 * int(rng.integers(8, 11)) + int(rng.integers(2)),
        int(rng.integers(46, 60)),
    )  # the last pool has a row left over
    layers = [
        {"kind": "conv", "out_channels": groups * a, "kernel": (5, 3), "stride": (1, 2), "padding": (2, 1)},
        {"kind": "activation"},
        {"kind": "pool", "kernel": 2},
        {"kind": "conv", "out_channels": groups * b, "kernel": 3, "groups": groups, "dilation": 2, "bias": False},
        {"kind": "conv", "out_channels": b, "kernel": (1, 2), "padding": 1},
        {"kind": "pool", "kernel": (3, 2), "stride": 2, "padding": (1, 0), "ceil_mode": True},
        {"kind": "flatten"},
        {"kind": "dense", "out_features": hidden},
        {"kind": "activation"},
        {"kind": "dense", "out_features": classes, "bias": False},
    ]
    in_shape = (batch, int(rng.integers(1, 5)), h, w)
    return [{"name": name, **layer} for name, layer in zip(names, layers, strict=True)], in_shape


def _random_parameters(rng):
    """Parameters that leave tanh unsaturated, with biases that are not small."""
    return {
        name: inputs.normal(rng, shape, scale=0.3 if len(shape) == 1 else float(1 / np.sqrt(np.prod(shape[1:]))))
        for name, shape in LENET_SHAPES.items()
    }


# --- shared by the checks above ---------------------------------------------------------------------------------------


def _assert_all(function, right, cases, what, *, exact=True):
    """One number for each case. `exact`: as an integer by its type too."""
    found, expected = function.map(cases), [right(*case) for case in cases]
    if exact:
        assert_integer(found, expected, what=f"{what} for {len(cases)} layers")
    else:
        assert_close(found, expected, what=f"{what} for {len(cases)} layers")


def _assert_pairs(function, right, cases, what):
    found = [parts(pair, ("before", "after"), what=what) for pair in function.map(cases)]
    assert_integer(
        [list(pair) for pair in found], [right(*case) for case in cases], what=f"{what} for {len(cases)} kernels"
    )


def _assert_shapes(function, right, cases, what):
    found = function.map(cases)
    for shape in found:
        array_of_shape(shape, (4,), what=f"the shape that {what} returns")
    expected = [right(*case) for case in cases]
    assert_integer(
        [list(shape) for shape in found], expected, what=f"{what} for {len(cases)} layers, as rows (N, C, H, W)"
    )


def _assert_part_of_field(student, reference, chains, name):
    names = ("rf", "jump", "start")
    place = names.index(name)
    found = [
        parts(each, names, what="receptive_field(layers)")
        for each in student.receptive_field.map([(c,) for c in chains])
    ]
    expected = [reference.receptive_field(chain)[place] for chain in chains]
    assert_integer([each[place] for each in found], expected, what=f"{name} of {len(chains)} chains of layers")


def _rows(student, reference, layers, in_shape):
    """(kind, the student's row, the right row) for the first three layers alone, and then for all.

    The names are compared on the way.
    """
    for count in (3, len(layers)):
        rows, right = student.trace(layers[:count], in_shape), reference.trace(layers[:count], in_shape)
        if not isinstance(rows, (list, tuple)) or len(rows) != count:
            raise CheckFailed("trace(layers, in_shape) did not return a list with one row for each layer.")
        for layer, row, expected in zip(layers, rows, right, strict=False):
            what = f"the row of a layer of kind {layer['kind']}"
            unpacked = parts(row, ("name", "out_shape", "params", "macs"), what=what)
            if not isinstance(unpacked[0], str) or unpacked[0] != expected[0]:
                raise CheckFailed(f"{what} does not begin with the layer's name.")
            yield layer["kind"], unpacked, expected


def _run(student, probe, *args):
    student.LeNet()  # if it is not defined or not written, that is what should be said
    return student.run(probe, *args)


def _scores(student, parameters, x, *, training=False):
    if x.dtype == np.float64:  # first in float32, so that a fault of float64 alone is known for what it is
        _fitting(_run(student, LeNet_scores, parameters, x.astype(np.float32), training))
    return _fitting(_run(student, LeNet_scores, parameters, x, training))


def _fitting(result):
    if isinstance(result, dict):
        raise CheckFailed(
            "load_state_dict refuses the parameters of the table: other names or shapes than LeNet() has."
        )
    return result


def _assert_refused(function, args, what):
    try:
        function(*args)
    except StudentRaised as error:
        if error.exception == "ValueError":
            return error
        raise
    raise CheckFailed(f"{what} was accepted, expected ValueError.")
