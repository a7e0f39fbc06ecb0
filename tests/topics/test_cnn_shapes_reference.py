"""The reference of CNN shapes and counts, against the layers of torch and against finite differences."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn

from autograder.course import load_module
from autograder.reference import Reference

FOLDER = Path(__file__).parents[2] / "reference" / "cnn_shapes"
LENET = [
    {"name": "C1", "kind": "conv", "out_channels": 6, "kernel": 5},
    {"name": "tanh1", "kind": "activation"},
    {"name": "S2", "kind": "pool", "kernel": 2},
    {"name": "C3", "kind": "conv", "out_channels": 16, "kernel": 5},
    {"name": "S4", "kind": "pool", "kernel": 2},
    {"name": "flatten", "kind": "flatten"},
    {"name": "F5", "kind": "dense", "out_features": 120},
    {"name": "F6", "kind": "dense", "out_features": 84},
    {"name": "out", "kind": "dense", "out_features": 10},
]
LENET_SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]
SMALL = list(itertools.product((1, 4, 7, 8), (1, 2, 3), (1, 2, 3), (0, 1, 2), (1, 2)))


@pytest.fixture(scope="module")
def reference():
    return Reference(load_module(FOLDER / "reference.py", "reference", "cnn_shapes", "reference"))


@pytest.fixture
def lenet():
    """(images, parameters) with different numbers everywhere."""
    rng = np.random.default_rng(3)
    scales = [0.3 if len(shape) == 1 else 1 / math.sqrt(math.prod(shape[1:])) for shape in LENET_SHAPES]
    parameters = [rng.normal(size=shape) * scale for shape, scale in zip(LENET_SHAPES, scales, strict=True)]
    return rng.normal(size=(3, 1, 32, 32)), parameters


def fits(n, k, s, p, d):
    return d * (k - 1) + 1 <= n + 2 * p


@pytest.mark.parametrize("n, k, s, p, d", [case for case in SMALL if fits(*case)])
def test_sizes_are_those_of_torchs_convolution(reference, n, k, s, p, d):
    layer = nn.Conv1d(1, 1, k, stride=s, padding=p, dilation=d, device="meta")
    assert reference.conv_out_size(n, k, s, p, d) == layer(torch.empty(1, 1, n, device="meta")).shape[-1]


@pytest.mark.parametrize("k", range(1, 8))
@pytest.mark.parametrize("d", [1, 2, 3])
def test_same_padding_is_what_torch_adds(reference, k, d):
    before, after = reference.same_padding(k, d)
    x, w = torch.randn(1, 1, 30, dtype=torch.float64), torch.randn(1, 1, k, dtype=torch.float64)
    padded = nn.functional.pad(x, (before, after))
    expected = nn.functional.conv1d(x, w, padding="same", dilation=d) if (k - 1) * d % 2 == 0 else None
    found = nn.functional.conv1d(padded, w, dilation=d)
    assert found.shape == x.shape
    assert 0 <= after - before <= 1
    assert expected is None or torch.allclose(found, expected)


def test_convolved_shape_is_torchs_for_pairs_and_numbers(reference):
    layer = nn.Conv2d(3, 4, (5, 3), stride=(1, 2), padding=(2, 1), dilation=(2, 1), device="meta")
    expected = tuple(layer(torch.empty(2, 3, 19, 23, device="meta")).shape)
    assert reference.conv2d_out_shape((2, 3, 19, 23), 4, (5, 3), (1, 2), (2, 1), (2, 1)) == expected
    expected = tuple(nn.Conv2d(3, 4, 3, 2, 1, device="meta")(torch.empty(2, 3, 19, 23, device="meta")).shape)
    assert reference.conv2d_out_shape((2, 3, 19, 23), 4, 3, 2, 1) == expected


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("k, p", [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (4, 2)])
@pytest.mark.parametrize("s", [None, 1, 2, 3, 5])
def test_pooled_sizes_are_those_of_torchs_max_pool(reference, ceil_mode, k, p, s):
    for n in range(k, 16):
        pooled = nn.functional.max_pool2d(torch.zeros(1, 2, n, n + 3), k, s, p, ceil_mode=ceil_mode)
        assert reference.pool_out_shape((1, 2, n, n + 3), k, s, p, ceil_mode) == tuple(pooled.shape)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("groups", [1, 2, 6])
def test_parameters_are_those_of_torchs_convolution(reference, bias, groups):
    layer = nn.Conv2d(6, 12, (3, 2), groups=groups, bias=bias)
    assert reference.conv_params(6, 12, 3, 2, bias, groups) == sum(each.numel() for each in layer.parameters())


def test_multiplications_are_half_of_the_operations_that_torch_counts(reference):
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        nn.Conv2d(6, 4, (3, 2), stride=(1, 2), padding=1, groups=2)(torch.randn(5, 6, 9, 11))
    assert 2 * reference.conv_macs((5, 6, 9, 11), 4, (3, 2), (1, 2), 1, 1, 2) == counter.get_total_flops()


@pytest.mark.parametrize("n, k, s, p, d", [(n, k, s, p, d) for n, k, s, p, d in SMALL if 2 * p <= d * (k - 1)])
def test_transposed_sizes_are_those_of_torch(reference, n, k, s, p, d):
    for op in range(s):
        layer = nn.ConvTranspose1d(1, 1, k, stride=s, padding=p, output_padding=op, dilation=d, device="meta")
        expected = layer(torch.empty(1, 1, n, device="meta")).shape[-1]
        assert reference.convT_out_size(n, k, s, p, op, d) == expected


@pytest.mark.parametrize("n, expected", [(7, 0), (8, 1), (9, 0)])
def test_output_padding_tells_sizes_apart_that_shrink_to_the_same(reference, n, expected):
    assert reference.output_padding(n, 3, 2, 1) == expected


@pytest.mark.parametrize(
    "layers",
    [
        [(3, 1, 0, 1)],
        [(5, 1, 0, 1), (2, 2, 0, 1), (5, 1, 0, 1), (2, 2, 0, 1)],
        [(3, 2, 1, 1), (3, 2, 1, 2), (2, 1, 0, 3)],
        [(1, 3, 0, 1), (4, 1, 2, 2)],
    ],
)
def test_a_unit_has_a_gradient_exactly_where_its_field_lies(reference, layers):
    rf, jump, start = reference.receptive_field(layers)
    x = torch.zeros(1, 1, 200, dtype=torch.float64, requires_grad=True)
    out = x
    for k, s, p, d in layers:
        out = nn.functional.conv1d(out, torch.ones(1, 1, k, dtype=torch.float64), stride=s, padding=p, dilation=d)
    unit = out.shape[-1] // 2
    out[0, 0, unit].backward()
    (touched,) = x.grad[0, 0].nonzero(as_tuple=True)
    assert (int(touched[0]), int(touched[-1])) == (start + unit * jump, start + unit * jump + rf - 1)


def test_no_layer_sees_one_pixel(reference):
    assert reference.receptive_field([]) == (1, 1, 0)


def test_lenet_has_61706_parameters_and_416520_multiplications(reference):
    rows = reference.trace(LENET, (1, 1, 32, 32))
    assert [row[0] for row in rows] == [layer["name"] for layer in LENET]
    assert [row[1] for row in rows][-4:] == [(1, 400), (1, 120), (1, 84), (1, 10)]
    assert [sum(column) for column in list(zip(*rows, strict=True))[2:]] == [61_706, 416_520]


def test_vgg16_has_138357544_parameters(reference):
    layers = []
    for channels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [{"name": "conv", "kind": "conv", "out_channels": channels, "kernel": 3, "padding": 1}] * count
        layers += [{"name": "pool", "kind": "pool", "kernel": 2}]
    layers += [{"name": "flatten", "kind": "flatten"}]
    layers += [{"name": "dense", "kind": "dense", "out_features": out} for out in (4096, 4096, 1000)]
    assert sum(row[2] for row in reference.trace(layers, (1, 3, 224, 224))) == 138_357_544


def test_optional_keys_of_a_network_are_torchs(reference):
    layers = [
        {"name": "a", "kind": "conv", "out_channels": 4, "kernel": 3, "groups": 2, "dilation": 2, "bias": False},
        {"name": "b", "kind": "pool", "kernel": (3, 2), "stride": 2, "padding": (1, 0), "ceil_mode": True},
        {"name": "c", "kind": "flatten"},
        {"name": "d", "kind": "dense", "out_features": 5, "bias": False},
    ]
    conv, pool = nn.Conv2d(2, 4, 3, groups=2, dilation=2, bias=False), nn.MaxPool2d((3, 2), 2, (1, 0), ceil_mode=True)
    x = torch.zeros(3, 2, 13, 16)
    shapes = [tuple(conv(x).shape), tuple(pool(conv(x)).shape), tuple(pool(conv(x)).flatten(1).shape), (3, 5)]
    rows = reference.trace(layers, (3, 2, 13, 16))
    assert [row[1] for row in rows] == shapes
    assert [row[2] for row in rows] == [conv.weight.numel(), 0, 0, 5 * shapes[2][1]]
    assert rows[3][3] == 3 * 5 * shapes[2][1]


def test_lenet_is_made_of_torchs_layers(reference, lenet):
    x, parameters = lenet
    images, (w1, b1, w2, b2, w3, b3, w4, b4, w5, b5) = torch.from_numpy(x), map(torch.from_numpy, parameters)
    out = nn.functional.avg_pool2d(torch.tanh(nn.functional.conv2d(images, w1, b1)), 2)
    out = nn.functional.avg_pool2d(torch.tanh(nn.functional.conv2d(out, w2, b2)), 2)
    out = torch.tanh(nn.functional.linear(out.flatten(1), w3, b3))
    expected = nn.functional.linear(torch.tanh(nn.functional.linear(out, w4, b4)), w5, b5)
    assert_allclose(reference.lenet(x, *parameters), expected.numpy(), rtol=1e-12, atol=1e-12)


def test_gradients_of_lenet_are_the_slopes_of_its_scores(reference, lenet):
    x, parameters = lenet
    rng = np.random.default_rng(4)
    args, upstream = (x, *parameters), rng.normal(size=(3, 10))
    gradients = reference.lenet.gradient(args, wrt=range(11), upstream=upstream)
    for place, gradient in enumerate(gradients):
        direction = rng.normal(size=gradient.shape)
        direction *= 1e-5 / np.linalg.norm(direction)
        ahead, behind = (
            (reference.lenet(*args[:place], args[place] + sign * direction, *args[place + 1 :]) * upstream).sum()
            for sign in (1, -1)
        )
        assert_allclose((gradient * direction).sum(), (ahead - behind) / 2, rtol=1e-6, atol=1e-13)
