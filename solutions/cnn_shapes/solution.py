# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""CNN shapes and counts: the answers that an instructor would publish."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

Pair = int | tuple[int, int]
Shape = tuple[int, ...]


def conv_out_size(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """One window stands at the very beginning; after it, one more for every full stride that is left."""
    if n < 1 or k < 1 or s < 1 or p < 0 or d < 1:
        raise ValueError(f"n, k, s and d must be at least 1 and p at least 0, got {n=}, {k=}, {s=}, {p=}, {d=}")
    reach = d * (k - 1) + 1
    room = n + 2 * p - reach
    if room < 0:
        raise ValueError(f"a kernel that reaches over {reach} does not fit into {n} + 2 * {p}")
    return room // s + 1


def same_padding(k: int, d: int = 1) -> tuple[int, int]:
    """Exactly as much as the kernel reaches beyond one position, split in halves."""
    if k < 1 or d < 1:
        raise ValueError(f"k and d must be at least 1, got {k=}, {d=}")
    total = d * (k - 1)
    return total // 2, total - total // 2


def conv2d_out_shape(
    in_shape: tuple[int, int, int, int],
    out_channels: int,
    kernel: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
) -> tuple[int, int, int, int]:
    """Each axis on its own; the channels are as many as there are filters."""
    n, _, height, width = in_shape
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = map(_pair, (kernel, stride, padding, dilation))
    return n, out_channels, conv_out_size(height, kh, sh, ph, dh), conv_out_size(width, kw, sw, pw, dw)


def pool_out_shape(
    in_shape: tuple[int, int, int, int],
    kernel: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    ceil_mode: bool = False,
) -> tuple[int, int, int, int]:
    """As a convolution without dilation, except that every channel is pooled on its own."""
    n, channels, height, width = in_shape
    (kh, kw), (sh, sw), (ph, pw) = _pair(kernel), _pair(kernel if stride is None else stride), _pair(padding)
    return n, channels, _pooled(height, kh, sh, ph, ceil_mode), _pooled(width, kw, sw, pw, ceil_mode)


def _pooled(n, k, s, p, ceil_mode):
    size = conv_out_size(n, k, s, p)
    something_is_left = (n + 2 * p - k) % s > 0
    next_window_sees_the_image = size * s < n + p
    return size + 1 if ceil_mode and something_is_left and next_window_sees_the_image else size


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def conv_params(c_in: int, c_out: int, kh: int, kw: int, bias: bool = True, groups: int = 1) -> int:
    """Every filter has kh x kw weights for each channel of its group, and one bias."""
    if groups < 1 or c_in % groups or c_out % groups:
        raise ValueError(f"{groups} groups do not divide {c_in} and {c_out} channels")
    return c_out * (c_in // groups * kh * kw + (1 if bias else 0))


def conv_macs(
    in_shape: tuple[int, int, int, int],
    out_channels: int,
    kernel: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> int:
    """Every output value is one product of a filter with a window: as many products as the filter has weights."""
    kh, kw = _pair(kernel)
    n, _, out_height, out_width = conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    return n * out_height * out_width * conv_params(in_shape[1], out_channels, kh, kw, bias=False, groups=groups)


def convT_out_size(n: int, k: int, s: int = 1, p: int = 0, op: int = 0, d: int = 1) -> int:
    """Every input lays down one kernel, s further on than the one before; p is cut off at both ends."""
    if n < 1 or k < 1 or s < 1 or p < 0 or d < 1 or not 0 <= op < s:
        raise ValueError(f"invalid argument: {n=}, {k=}, {s=}, {p=}, {op=}, {d=}")
    size = (n - 1) * s + d * (k - 1) + 1 - 2 * p + op
    if size < 1:
        raise ValueError(f"nothing is left after cutting off 2 * {p}")
    return size


def output_padding(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """What no window of the convolution reached, at the end of the padded input."""
    reached = (conv_out_size(n, k, s, p, d) - 1) * s + d * (k - 1) + 1
    return n + 2 * p - reached


def receptive_field(layers: list[tuple[int, int, int, int]]) -> tuple[int, int, int]:
    """Each layer adds d * (k - 1) steps, and a step of this layer is `jump` pixels of the image wide."""
    rf, jump, start = 1, 1, 0
    for k, s, p, d in layers:
        rf += d * (k - 1) * jump
        start -= p * jump
        jump *= s
    return rf, jump, start


def trace(layers: list[dict], in_shape: Shape) -> list[tuple[str, Shape, int, int]]:
    """One row for each layer. Whatever goes wrong in a layer is told with its name."""
    rows, shape = [], tuple(in_shape)
    for layer in layers:
        try:
            shape, params, macs = _step(layer, shape)
        except ValueError as error:
            raise ValueError(f"layer {layer['name']} cannot take {shape}: {error}") from None
        rows.append((layer["name"], shape, params, macs))
    return rows


def _step(layer, shape):
    """(out_shape, params, macs) of one layer."""
    kind = layer["kind"]
    if kind == "activation":
        return shape, 0, 0
    if kind == "flatten":
        return (shape[0], math.prod(shape[1:])), 0, 0
    if kind == "dense":
        if len(shape) != 2:
            raise ValueError("a dense layer wants (N, features)")
        n, features = shape
        out = layer["out_features"]
        return (n, out), out * (features + (1 if layer.get("bias", True) else 0)), n * features * out
    if kind not in {"conv", "pool"}:
        raise ValueError(f"there is no kind {kind!r}")
    if len(shape) != 4:
        raise ValueError(f"a {kind} layer wants (N, C, H, W)")
    kernel, padding = layer["kernel"], layer.get("padding", 0)
    if kind == "pool":
        return pool_out_shape(shape, kernel, layer.get("stride"), padding, layer.get("ceil_mode", False)), 0, 0
    out, groups = layer["out_channels"], layer.get("groups", 1)
    window = kernel, layer.get("stride", 1), padding, layer.get("dilation", 1)
    params = conv_params(shape[1], out, *_pair(kernel), bias=layer.get("bias", True), groups=groups)
    return conv2d_out_shape(shape, out, *window), params, conv_macs(shape, out, *window, groups=groups)


class LeNet(nn.Module):
    """LeNet-5 with full connections: 61,706 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Float[Tensor, "N 1 32 32"]) -> Float[Tensor, "N 10"]:
        """The scores; no softmax, because the loss has it inside."""
        x = nn.functional.avg_pool2d(torch.tanh(self.conv1(x)), 2)  # (N, 6, 14, 14)
        x = nn.functional.avg_pool2d(torch.tanh(self.conv2(x)), 2)  # (N, 16, 5, 5)
        x = torch.tanh(self.fc1(x.flatten(1)))
        return self.fc3(torch.tanh(self.fc2(x)))
