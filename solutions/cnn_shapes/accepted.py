"""Right answers, written differently: every one of them must get full marks.

Each stands in for one name of the solution. Students count in loops, round with math.floor, keep arrays of sizes, ask
range() how long it is, or write a network as Sequential; a check that takes a point from any of these is wrong.
"""

import math

import numpy as np
import torch
from autograder.topic import accepted
from torch import nn

from .solution import conv2d_out_shape, conv_out_size, conv_params, pool_out_shape

# --- q1 conv_out_size -------------------------------------------------------------------------------------------------


def _valid(n, k, s, p, d):
    if min(n, k, s, d) < 1 or p < 0 or d * (k - 1) + 1 > n + 2 * p:
        raise ValueError("no such layer")


@accepted(of="conv_out_size")
def size_by_walking(n, k, s=1, p=0, d=1):
    """Moves the window along, and counts."""
    _valid(n, k, s, p, d)
    count, start = 0, -p
    while start + d * (k - 1) <= n + p - 1:
        count += 1
        start += s
    return count


@accepted(of="conv_out_size")
def size_by_range(n, k, s=1, p=0, d=1):
    """range() knows how many starting points there are."""
    _valid(n, k, s, p, d)
    return len(range(0, n + 2 * p - d * (k - 1), s))


@accepted(of="conv_out_size")
def size_by_math_floor(n, k, s=1, p=0, d=1):
    """The formula of most textbooks, with the true division that math.floor turns into an int."""
    _valid(n, k, s, p, d)
    return math.floor((n + 2 * p - d * (k - 1) - 1) / s + 1)


@accepted(of="conv_out_size")
def size_by_rounding_up(n, k, s=1, p=0, d=1):
    """The number of starting points, divided by the stride and rounded up."""
    _valid(n, k, s, p, d)
    return -(-(n + 2 * p - d * (k - 1)) // s)


@accepted(of="conv_out_size")
def size_by_sliding_windows(n, k, s=1, p=0, d=1):
    """Lets numpy lay out the windows; the result is an integer of numpy."""
    _valid(n, k, s, p, d)
    windows = np.lib.stride_tricks.sliding_window_view(np.zeros(n + 2 * p), d * (k - 1) + 1)
    return np.int64(len(windows[::s]))


# --- q2 same_padding --------------------------------------------------------------------------------------------------


@accepted(of="same_padding")
def padding_by_divmod(k, d=1):
    """Half, and half plus the rest."""
    if min(k, d) < 1:
        raise ValueError("k and d must be at least 1")
    half, rest = divmod((k - 1) * d, 2)
    return half, half + rest


@accepted(of="same_padding")
def padding_by_handing_out_zeros(k, d=1):
    """One zero after the other, to the back first."""
    if k < 1 or d < 1:
        raise ValueError("k and d must be at least 1")
    before = after = 0
    for number in range(d * (k - 1)):
        if number % 2 == 0:
            after += 1
        else:
            before += 1
    return [before, after]


@accepted(of="same_padding")
def padding_as_an_array(k, d=1):
    """The reach to both sides of the centre tap or of the one before it, in an integer array."""
    if k < 1 or d < 1:
        raise ValueError("k and d must be at least 1")
    total = d * (k - 1)
    return np.array([math.floor(total / 2), math.ceil(total / 2)]).tolist()


# --- q3 conv2d_out_shape, pool_out_shape ------------------------------------------------------------------------------


def _two(value):
    return value if isinstance(value, (tuple, list)) else (value,) * 2


@accepted(of="conv2d_out_shape")
def shape_by_a_loop_over_axes(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """A list that grows, axis by axis."""
    shape = [in_shape[0], out_channels]
    for axis in range(2):
        settings = [_two(each)[axis] for each in (kernel, stride, padding, dilation)]
        shape.append(conv_out_size(in_shape[2 + axis], *settings))
    return shape


@accepted(of="conv2d_out_shape")
def shape_by_arrays(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """Both axes at once, in numpy."""
    size, k, s, p, d = (np.broadcast_to(each, 2) for each in (in_shape[2:], kernel, stride, padding, dilation))
    room = size + 2 * p - d * (k - 1) - 1
    if (room < 0).any():
        raise ValueError("the kernel does not fit")
    return (in_shape[0], out_channels, *(room // s + 1))


@accepted(of="conv2d_out_shape")
def shape_without_the_first_question(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """Writes the formula out twice."""
    n, _, h, w = in_shape
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = _two(kernel), _two(stride), _two(padding), _two(dilation)
    h, w = h + 2 * ph - dh * (kh - 1) - 1, w + 2 * pw - dw * (kw - 1) - 1
    if h < 0 or w < 0:
        raise ValueError("the kernel does not fit")
    return torch.Size((n, out_channels, h // sh + 1, w // sw + 1))


@accepted(of="pool_out_shape")
def pool_by_counting_windows(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """Walks along each axis, and asks each window whether it may stay."""
    stride = kernel if stride is None else stride
    shape = list(in_shape[:2])
    for axis in range(2):
        n, k, s, p = in_shape[2 + axis], _two(kernel)[axis], _two(stride)[axis], _two(padding)[axis]
        if k > n + 2 * p:
            raise ValueError("the pool does not fit")
        count, start = 0, -p
        while start + k <= n + p or (ceil_mode and start < n and start + k - s < n + p):
            count += 1
            start += s
        shape.append(count)
    return tuple(shape)


@accepted(of="pool_out_shape")
def pool_as_torch_does_it(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """Rounds up, and takes the last window back if it begins too far to the right: the way of PyTorch's source."""
    sizes = []
    for n, k, s, p in zip(in_shape[2:], _two(kernel), _two(stride or kernel), _two(padding)):
        if k > n + 2 * p:
            raise ValueError("the pool does not fit")
        size = (n + 2 * p - k + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (size - 1) * s >= n + p:
            size -= 1
        sizes.append(size)
    return (*in_shape[:2], *sizes)


@accepted(of="pool_out_shape")
def pool_as_a_convolution(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """A convolution with as many filters as channels; ceil_mode as a minimum of two bounds."""
    n, c, h, w = in_shape
    stride = kernel if stride is None else stride
    shape = conv2d_out_shape(in_shape, c, kernel, stride, padding)
    if not ceil_mode:
        return shape
    out = []
    for size, k, s, p in zip((h, w), _two(kernel), _two(stride), _two(padding)):
        out.append(min(math.ceil((size + 2 * p - k) / s) + 1, math.ceil((size + p) / s)))
    return n, c, *out


# --- q4, q5 conv_params, conv_macs ----------------------------------------------------------------------------------------


def _divides(groups, *channels):
    if groups < 1 or any(c % groups != 0 for c in channels):
        raise ValueError("the groups do not divide the channels")


@accepted(of="conv_params")
def params_by_weight_shape(c_in, c_out, kh, kw, bias=True, groups=1):
    """The product of the shape of the weight, plus the length of the bias."""
    _divides(groups, c_in, c_out)
    return math.prod((c_out, c_in // groups, kh, kw)) + (c_out if bias else 0)


@accepted(of="conv_params")
def params_group_by_group(c_in, c_out, kh, kw, bias=True, groups=1):
    """Each group is a small convolution of its own."""
    _divides(groups, c_in, c_out)
    total = 0
    for _ in range(groups):
        for _ in range(c_out // groups):
            total += (c_in // groups) * kh * kw
            total += 1 if bias else 0
    return total


@accepted(of="conv_params")
def params_of_an_empty_tensor(c_in, c_out, kh, kw, bias=True, groups=1):
    """Makes the weight in torch, and counts."""
    _divides(groups, c_in, c_out)
    return torch.empty(c_out, c_in // groups, kh, kw).numel() + int(bias) * c_out


@accepted(of="conv_macs")
def macs_of_each_output_value(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """Number of output values, times the multiplications of one."""
    _divides(groups, in_shape[1], out_channels)
    out = conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    return math.prod(out) * (in_shape[1] // groups) * math.prod(_two(kernel))


@accepted(of="conv_macs")
def macs_as_a_matrix_product(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """Windows as rows, filters as columns: rows x length of a row x columns, for each group."""
    _divides(groups, in_shape[1], out_channels)
    n, _, h, w = conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    rows, columns = n * h * w, out_channels // groups
    length = in_shape[1] // groups * _two(kernel)[0] * _two(kernel)[1]
    return sum(rows * length * columns for _ in range(groups))


@accepted(of="conv_macs")
def macs_in_integers_of_numpy(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """np.prod, which gives an integer of numpy."""
    kh, kw = np.broadcast_to(kernel, 2)
    out = conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    weights = conv_params(in_shape[1], out_channels, int(kh), int(kw), False, groups)
    return np.prod([out[0], out[2], out[3], weights])


# --- q6 convT_out_size, output_padding --------------------------------------------------------------------------------


def _transposable(n, k, s, p, op, d):
    if min(n, k, s, d) < 1 or p < 0 or op < 0 or op >= s:
        raise ValueError("no such layer")


@accepted(of="convT_out_size")
def transposed_by_the_inverse(n, k, s=1, p=0, op=0, d=1):
    """Solves the formula of question 1 for its n."""
    _transposable(n, k, s, p, op, d)
    size = s * (n - 1) + (d * (k - 1) + 1) - 2 * p
    if size + op <= 0:
        raise ValueError("nothing is left")
    return size + op


@accepted(of="convT_out_size")
def transposed_by_the_last_kernel(n, k, s=1, p=0, op=0, d=1):
    """Where the last kernel ends."""
    _transposable(n, k, s, p, op, d)
    end = 0
    for i in range(n):
        end = i * s + d * (k - 1) + 1
    end += op - p - p
    if end < 1:
        raise ValueError("nothing is left")
    return end


@accepted(of="convT_out_size")
def transposed_by_spreading_the_input(n, k, s=1, p=0, op=0, d=1):
    """Puts s - 1 zeros between the inputs, pads by the kernel's reach, and convolves with stride 1."""
    _transposable(n, k, s, p, op, d)
    spread, border = n + (n - 1) * (s - 1), d * (k - 1)
    size = spread + 2 * border - 2 * p - border + op
    if size < 1:
        raise ValueError("nothing is left")
    return size


@accepted(of="output_padding")
def output_padding_by_remainder(n, k, s=1, p=0, d=1):
    """What is left over when the stride does not divide."""
    conv_out_size(n, k, s, p, d)
    return (n + 2 * p - d * (k - 1) - 1) % s


@accepted(of="output_padding")
def output_padding_by_trying(n, k, s=1, p=0, d=1):
    """The first op that leads back to n."""
    small = conv_out_size(n, k, s, p, d)
    for op in range(s):
        if (small - 1) * s - 2 * p + d * (k - 1) + op + 1 == n:
            return op
    raise AssertionError("one of them fits")


@accepted(of="output_padding")
def output_padding_by_larger_inputs(n, k, s=1, p=0, d=1):
    """How far n is above the smallest input that gives the same size."""
    small, smallest = conv_out_size(n, k, s, p, d), n
    while smallest > max(1, d * (k - 1) + 1 - 2 * p) and conv_out_size(smallest - 1, k, s, p, d) == small:
        smallest -= 1
    return n - smallest


# --- q7 receptive_field -----------------------------------------------------------------------------------------------


@accepted(of="receptive_field")
def field_from_the_top(layers):
    """Backwards: n units need (n - 1) * s + d * (k - 1) + 1 of the layer below."""
    first, last, step = 0, 0, 1
    for k, s, p, d in reversed(layers):
        first, last = first * s - p, last * s - p + d * (k - 1)
        step *= s
    return last - first + 1, step, first


@accepted(of="receptive_field")
def field_by_sets_of_pixels(layers):
    """Which pixels reach unit 0, and which unit 1."""

    def pixels(unit):
        seen = {unit}
        for k, s, p, d in layers[::-1]:
            seen = {u * s - p + d * tap for u in seen for tap in range(k)}
        return seen

    zero, one = pixels(0), pixels(1)
    return max(zero) - min(zero) + 1, min(one) - min(zero), min(zero)


@accepted(of="receptive_field")
def field_by_products_of_strides(layers):
    """Each layer's share, weighted with the product of all strides before it."""
    strides = [layer[1] for layer in layers]
    jumps = [math.prod(strides[:i]) for i in range(len(layers) + 1)]
    rf = 1 + sum(d * (k - 1) * j for (k, _, _, d), j in zip(layers, jumps))
    start = -sum(p * j for (_, _, p, _), j in zip(layers, jumps))
    return [rf, jumps[-1], start]


@accepted(of="receptive_field")
def field_by_recursion(layers):
    """All but the last layer first."""
    if not layers:
        return {"rf": 1, "jump": 1, "start": 0}
    *before, (k, s, p, d) = layers
    below = field_by_recursion(before)
    return {
        "rf": below["rf"] + (k - 1) * d * below["jump"],
        "jump": below["jump"] * s,
        "start": below["start"] - p * below["jump"],
    }


# --- q8 trace ---------------------------------------------------------------------------------------------------------


@accepted(of="trace")
def trace_with_one_function_for_each_kind(layers, in_shape):
    """A dict of functions instead of a chain of ifs; rows are dicts."""

    def images(shape):
        if len(shape) != 4:
            raise ValueError("images wanted")

    def conv(shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1, bias=True):
        images(shape)
        out = conv2d_out_shape(shape, out_channels, kernel, stride, padding, dilation)
        weights = conv_params(shape[1], out_channels, *_two(kernel), False, groups)
        return out, weights + bias * out_channels, out[0] * out[2] * out[3] * weights

    def pool(shape, kernel, stride=None, padding=0, ceil_mode=False):
        images(shape)
        return pool_out_shape(shape, kernel, stride, padding, ceil_mode), 0, 0

    def dense(shape, out_features, bias=True):
        n, features = shape  # raises ValueError for images
        return (n, out_features), (features + bias) * out_features, n * features * out_features

    kinds = {
        "conv": conv,
        "pool": pool,
        "dense": dense,
        "activation": lambda shape: (shape, 0, 0),
        "flatten": lambda shape: ((shape[0], int(np.prod(shape[1:]))), 0, 0),
    }
    rows, shape = [], in_shape
    for layer in layers:
        settings = {key: value for key, value in layer.items() if key not in ("name", "kind")}
        if layer["kind"] not in kinds:
            raise ValueError(f"{layer['name']}: no such kind")
        try:
            shape, params, macs = kinds[layer["kind"]](shape, **settings)
        except ValueError as error:
            raise ValueError(f"{layer['name']}: {error}") from error
        rows.append({"name": layer["name"], "out_shape": shape, "params": params, "macs": macs})
    return rows


@accepted(of="trace")
def trace_in_one_function(layers, in_shape):
    """A long chain of ifs that asks before it computes."""
    table = []
    for layer in layers:
        name, kind = layer["name"], layer["kind"]
        params = macs = 0
        if kind in ("conv", "pool") and len(in_shape) != 4 or kind == "dense" and len(in_shape) != 2:
            raise ValueError("layer " + name + " got the wrong number of axes")
        if kind == "conv":
            c, k, g = layer["out_channels"], _two(layer["kernel"]), layer.get("groups", 1)
            if in_shape[1] % g or c % g:
                raise ValueError("layer " + name + ": groups")
            per_filter = in_shape[1] // g * k[0] * k[1]
            params = c * per_filter + (c if layer.get("bias", True) else 0)
            try:
                in_shape = conv2d_out_shape(
                    in_shape, c, k, layer.get("stride", 1), layer.get("padding", 0), layer.get("dilation", 1)
                )
            except ValueError:
                raise ValueError("layer " + name + " does not fit")
            macs = math.prod(in_shape) * per_filter
        elif kind == "pool":
            settings = [layer.get("stride"), layer.get("padding", 0), layer.get("ceil_mode", False)]
            try:
                in_shape = pool_out_shape(in_shape, layer["kernel"], *settings)
            except ValueError:
                raise ValueError("layer " + name + " does not fit")
        elif kind == "flatten":
            total = 1
            for size in in_shape[1:]:
                total *= size
            in_shape = [in_shape[0], total]
        elif kind == "dense":
            macs = in_shape[0] * in_shape[1] * layer["out_features"]
            params = (in_shape[1] + int(layer.get("bias", True))) * layer["out_features"]
            in_shape = [in_shape[0], layer["out_features"]]
        elif kind != "activation":
            raise ValueError("layer " + name + " is of an unknown kind")
        table.append([name, in_shape, params, macs])
    return table


@accepted(of="trace")
def trace_of_a_dense_layer_as_a_convolution(layers, in_shape):
    """A dense layer is a 1 x 1 convolution on an image of one pixel."""
    rows, shape = [], tuple(in_shape)
    for layer in layers:
        kind, name, params, macs = layer["kind"], layer["name"], 0, 0
        try:
            if kind not in ("conv", "dense", "pool", "flatten", "activation"):
                raise ValueError("unknown kind")
            if kind == "dense":
                n, features = shape
                out = layer["out_features"]
                params = conv_params(features, out, 1, 1, layer.get("bias", True))
                macs = n * conv_params(features, out, 1, 1, False)
                shape = (n, out)
            elif kind == "flatten":
                shape = (shape[0], math.prod(shape) // shape[0])
            elif kind != "activation":
                _, channels, _, _ = shape
                k, p = layer["kernel"], layer.get("padding", 0)
                if kind == "pool":
                    shape = pool_out_shape(shape, k, layer.get("stride"), p, layer.get("ceil_mode", False))
                else:
                    out, groups = layer["out_channels"], layer.get("groups", 1)
                    params = conv_params(channels, out, *_two(k), layer.get("bias", True), groups)
                    weights = conv_params(channels, out, *_two(k), False, groups)
                    shape = conv2d_out_shape(shape, out, k, layer.get("stride", 1), p, layer.get("dilation", 1))
                    macs = weights * shape[0] * shape[2] * shape[3]
        except ValueError as error:
            raise ValueError(f"{error} (in {name})")
        rows.append((name, shape, params, macs))
    return rows


# --- q9 LeNet ---------------------------------------------------------------------------------------------------------


@accepted(of="LeNet")
class LeNetOfModules(nn.Module):
    """Activations, pools and flatten as modules of their own: they have no parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels=1, out_channels=6, kernel_size=(5, 5), stride=(1, 1))
        self.conv2 = nn.Conv2d(6, 16, (5, 5))
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)
        self.squash = nn.Tanh()
        self.flatten = nn.Flatten()
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(self.squash(self.conv1(x)))
        x = self.pool(self.squash(self.conv2(x)))
        x = self.squash(self.fc1(self.flatten(x)))
        x = self.squash(self.fc2(x))
        return self.fc3(x)


@accepted(of="LeNet")
class LeNetByView(nn.Module):
    """x.view(-1, 400), as in most tutorials; functions of torch.nn.functional."""

    def __init__(self):
        super().__init__()
        self.fc3 = nn.Linear(84, 10)
        self.fc2 = nn.Linear(120, 84)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.conv1 = nn.Conv2d(1, 6, 5)

    def forward(self, x):
        x = nn.functional.adaptive_avg_pool2d(self.conv1(x).tanh(), (14, 14))
        x = nn.functional.adaptive_avg_pool2d(self.conv2(x).tanh(), (5, 5))
        x = x.view(-1, 16 * 5 * 5)
        for layer in (self.fc1, self.fc2):
            x = layer(x).tanh()
        return self.fc3(x)


@accepted(of="LeNet")
class LeNetOfOwnLayers(nn.Module):
    """Parameters made by hand, windows by unfold, the mean by reshape; initialised by Glorot's rule."""

    class Layer(nn.Module):
        def __init__(self, *shape):
            super().__init__()
            self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(shape)))
            self.bias = nn.Parameter(torch.zeros(shape[0]))

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = self.Layer(6, 1, 5, 5), self.Layer(16, 6, 5, 5)
        self.fc1, self.fc2, self.fc3 = self.Layer(120, 400), self.Layer(84, 120), self.Layer(10, 84)

    def convolve(self, x, layer):
        n, _, h, w = x.shape
        columns = nn.functional.unfold(x, 5)  # (N, C * 25, positions)
        out = layer.weight.flatten(1) @ columns + layer.bias[:, None]
        return out.reshape(n, -1, h - 4, w - 4)

    def pool(self, x):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).mean(dim=(3, 5))

    def forward(self, x):
        for layer in (self.conv1, self.conv2):
            x = self.pool(torch.tanh(self.convolve(x, layer)))
        x = x.flatten(start_dim=1)
        x = torch.tanh(x @ self.fc1.weight.T + self.fc1.bias)
        x = torch.tanh(x @ self.fc2.weight.T + self.fc2.bias)
        return x @ self.fc3.weight.T + self.fc3.bias


@accepted(of="LeNet")
class LeNetByExponentials(nn.Module):
    """tanh(z) = 2 sigmoid(2z) - 1, and the last convolution as C5, a convolution of 5 x 5 with the weights of fc1."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = nn.functional.avg_pool2d(2 * torch.sigmoid(2 * conv(x)) - 1, 2)
        x = nn.functional.conv2d(x, self.fc1.weight.reshape(120, 16, 5, 5), self.fc1.bias)
        x = torch.tanh(self.fc2(torch.tanh(x[:, :, 0, 0])))
        return self.fc3(x)
