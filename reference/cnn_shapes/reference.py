# ruff: noqa: F722 - jaxtyping's shape strings are not forward references
"""Trusted counts, by counting: window positions are listed, weights are counted in arrays that are never filled.

No closed formula of the handout is used here, so that the same slip cannot be made twice. A window is the set of positions
that it touches, from -p (padding) on; a dilated one has holes. Sizes are plain integers. LeNet is float64 torch, its
convolutions written as windows times weights; every derivative is taken by autograd.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

Pair = int | tuple[int, int]
Shape = tuple[int, ...]
Row = tuple[str, Shape, int, int]


def conv_out_size(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """How many windows lie whole within the padded input -p ... n + p - 1."""
    return len(_starts(n, k, s, p, d))


def same_padding(k: int, d: int = 1) -> tuple[int, int]:
    """(before, after): with as much on both sides, or one more after, each position gets one window."""
    before = 0
    while True:
        for after in (before, before + 1):
            if len(_starts(100, k, 1, 0, d)) + before + after == 100:
                return before, after
        before += 1


def conv2d_out_shape(
    in_shape: Shape, out_channels: int, kernel: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1
) -> Shape:
    """(N, out_channels, positions along the height, positions along the width)."""
    sizes = [
        conv_out_size(in_shape[2 + axis], *(_along(axis, each) for each in (kernel, stride, padding, dilation)))
        for axis in (0, 1)
    ]
    return (in_shape[0], out_channels, *sizes)


def pool_out_shape(
    in_shape: Shape, kernel: Pair, stride: Pair | None = None, padding: Pair = 0, ceil_mode: bool = False
) -> Shape:
    """As torch.nn.MaxPool2d: with ceil_mode a window may hang over the end, if it starts before the right padding."""
    sizes = []
    for axis in (0, 1):
        n, k, p = in_shape[2 + axis], _along(axis, kernel), _along(axis, padding)
        s = k if stride is None else _along(axis, stride)
        starts = _starts(n, k, s, p, 1)
        hanging = starts[-1] + s
        if ceil_mode and starts[-1] + k < n + p and hanging < n:
            starts.append(hanging)
        sizes.append(len(starts))
    return (*in_shape[:2], *sizes)


def conv_params(c_in: int, c_out: int, kh: int, kw: int, bias: bool = True, groups: int = 1) -> int:
    """Elements of the weight (c_out, c_in / groups, kh, kw) and of the bias (c_out,)."""
    return _weight(c_in, c_out, (kh, kw), groups).numel() + (c_out if bias else 0)


def conv_macs(
    in_shape: Shape,
    out_channels: int,
    kernel: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> int:
    """Output values times the weights of one filter."""
    out = torch.empty(conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation), device="meta")
    return out.numel() * _weight(in_shape[1], out_channels, kernel, groups)[0].numel()


def convT_out_size(n: int, k: int, s: int = 1, p: int = 0, op: int = 0, d: int = 1) -> int:
    """Positions from the first to the last that the kernels of the n inputs touch, without p at both ends, and op more."""
    touched = [start * s + tap * d for start in range(n) for tap in range(k)]
    return (max(touched) - p) - (min(touched) + p) + 1 + op


def output_padding(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """The one op for which the transposed convolution of conv_out_size(n) values has n values."""
    small = conv_out_size(n, k, s, p, d)
    (found,) = [op for op in range(s) if convT_out_size(small, k, s, p, op, d) == n]
    return found


def receptive_field(layers: list[tuple[int, int, int, int]]) -> tuple[int, int, int]:
    """(rf, jump, start) of layers (k, s, p, d), read off the pixels from which output 0 and output 1 are computed."""
    first, second = _pixels(0, layers), _pixels(1, layers)
    return max(first) - min(first) + 1, min(second) - min(first), min(first)


def trace(layers: list[dict], in_shape: Shape) -> list[Row]:
    """(name, out_shape, params, macs) of each layer, counted in arrays that have a shape and no content."""
    rows = []
    shape = tuple(in_shape)
    for layer in layers:
        weights, macs = 0, 0
        match layer["kind"]:
            case "conv":
                window = [layer["kernel"], layer.get("stride", 1), layer.get("padding", 0), layer.get("dilation", 1)]
                out, groups = layer["out_channels"], layer.get("groups", 1)
                weights = _weight(shape[1], out, layer["kernel"], groups).numel()
                macs = conv_macs(shape, out, *window, groups=groups)
                shape = conv2d_out_shape(shape, out, *window)
            case "pool":
                stride, padding = layer.get("stride"), layer.get("padding", 0)
                shape = pool_out_shape(shape, layer["kernel"], stride, padding, layer.get("ceil_mode", False))
            case "flatten":
                shape = tuple(torch.empty(shape, device="meta").flatten(1).shape)
            case "dense":
                weights = torch.empty((layer["out_features"], shape[1]), device="meta").numel()
                macs = shape[0] * weights
                shape = (shape[0], layer["out_features"])
        biases = shape[1] if weights and layer.get("bias", True) else 0
        rows.append((layer["name"], shape, weights + biases, macs))
    return rows


def lenet(
    x: Float[Tensor, "N 1 32 32"],
    conv1_weight: Float[Tensor, "6 1 5 5"],
    conv1_bias: Float[Tensor, " 6"],
    conv2_weight: Float[Tensor, "16 6 5 5"],
    conv2_bias: Float[Tensor, " 16"],
    fc1_weight: Float[Tensor, "120 400"],
    fc1_bias: Float[Tensor, " 120"],
    fc2_weight: Float[Tensor, "84 120"],
    fc2_bias: Float[Tensor, " 84"],
    fc3_weight: Float[Tensor, "10 84"],
    fc3_bias: Float[Tensor, " 10"],
) -> Float[Tensor, "N 10"]:
    """LeNet-5 with full connections, tanh, and average pooling (LeCun et al. 1998, section II.B, simplified)."""
    x = _halved(torch.tanh(_correlated(x, conv1_weight, conv1_bias)))
    x = _halved(torch.tanh(_correlated(x, conv2_weight, conv2_bias)))
    x = torch.tanh(torch.einsum("nchw,ochw->no", x, fc1_weight.reshape(120, 16, 5, 5)) + fc1_bias)
    x = torch.tanh(x @ fc2_weight.T + fc2_bias)
    return x @ fc3_weight.T + fc3_bias


def _correlated(
    x: Float[Tensor, "N C H W"], weight: Float[Tensor, "F C 5 5"], bias: Float[Tensor, " F"]
) -> Float[Tensor, "N F H-4 W-4"]:
    """Every 5 x 5 window of x, times the weights; the kernel is not flipped."""
    windows = x.unfold(2, 5, 1).unfold(3, 5, 1)
    return torch.einsum("ncyxhw,fchw->nfyx", windows, weight) + bias[:, None, None]


def _halved(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H/2 W/2"]:
    """Mean of each 2 x 2 block."""
    return (x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) / 4


def _starts(n: int, k: int, s: int, p: int, d: int) -> list[int]:
    """Where windows start that lie whole within -p ... n + p - 1, every s positions."""
    last_tap = max(tap * d for tap in range(k))
    return [start for start in range(-p, n + p, s) if start + last_tap < n + p]


def _pixels(unit: int, layers: list[tuple[int, int, int, int]]) -> set[int]:
    """The pixels (padding included) from which output `unit` of the last layer is computed."""
    seen = {unit}
    for k, s, p, d in reversed(layers):
        seen = {each * s - p + tap * d for each in seen for tap in range(k)}
    return seen


def _weight(c_in: int, c_out: int, kernel: Pair, groups: int) -> Tensor:
    """A weight that has a shape and no content."""
    return torch.empty((c_out, c_in // groups, _along(0, kernel), _along(1, kernel)), device="meta")


def _along(axis: int, value: Pair) -> int:
    return value if isinstance(value, int) else value[axis]
