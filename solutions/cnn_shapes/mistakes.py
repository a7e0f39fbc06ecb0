"""What students get wrong about shapes and counts, and what to tell them.

Each mistake stands in for one name of the solution. The docstring says what its author had in mind; `caught_by` names the
check that must fail it; the hint is what the student reads: the symptom and the concept, never the line to write.
Ids in brackets (CS-...) are those of the course's catalogue.
"""

import math

import numpy as np
import torch
from autograder.topic import mistake
from torch import nn

from .solution import (
    conv2d_out_shape,
    conv_macs,
    conv_out_size,
    conv_params,
    convT_out_size,
    output_padding,
    pool_out_shape,
    receptive_field,
    same_padding,
    trace,
)

# --- q1 conv_out_size -------------------------------------------------------------------------------------------------


def _refuse(n, k, s, p, d):
    conv_out_size(n, k, s, p, d)


@mistake(
    of="conv_out_size",
    caught_by="a_size_is_an_integer",
    hint="The value is right, its type is not: np.floor rounds down and still returns a float, and range(28.0) is an error.",
)
def floored_to_a_float(n, k, s=1, p=0, d=1):
    """np.floor(...) + 1."""
    _refuse(n, k, s, p, d)
    return float(np.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1)


@mistake(
    of="conv_out_size",
    caught_by=("incomplete_windows_do_not_count", "sizes_are_the_number_of_windows"),
    hint="Two and a half windows: only whole windows can be counted. What happens to the pixels that are left over?",
)
def true_division(n, k, s=1, p=0, d=1):
    """(CS-1) The formula of the lecture notes, which has no floor."""
    _refuse(n, k, s, p, d)
    return (n + 2 * p - d * (k - 1) - 1) / s + 1


@mistake(
    of="conv_out_size",
    caught_by=("incomplete_windows_do_not_count", "sizes_are_the_number_of_windows"),
    hint="One too many where the stride does not divide: your last window hangs over the end. Only complete windows count.",
)
def rounded_up(n, k, s=1, p=0, d=1):
    """(CS-2) math.ceil: every pixel should be seen by somebody."""
    _refuse(n, k, s, p, d)
    return math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1


@mistake(
    of="conv_out_size",
    caught_by=("incomplete_windows_do_not_count", "sizes_are_the_number_of_windows"),
    hint="Sometimes right, sometimes one too many: rounding to the nearest integer counts a window as soon as half of a "
    "stride is left over.",
)
def rounded_to_the_nearest(n, k, s=1, p=0, d=1):
    """(CS-2) round(...)."""
    _refuse(n, k, s, p, d)
    return round((n + 2 * p - d * (k - 1) - 1) / s + 1)


@mistake(
    of="conv_out_size",
    caught_by="sizes_of_well_known_layers",
    hint="Always one too few: the window at the very beginning counts too, before any stride is taken.",
)
def first_window_forgotten(n, k, s=1, p=0, d=1):
    """(CS-4) Counts strides instead of windows."""
    return conv_out_size(n, k, s, p, d) - 1


@mistake(
    of="conv_out_size",
    caught_by="sizes_of_well_known_layers",
    hint="Right for stride 1 only. The first window costs no stride: what exactly is divided by the stride, and what is not?",
)
def one_added_before_the_division(n, k, s=1, p=0, d=1):
    """(n + 2p - k + 1) // s: the bracket is closed too late."""
    _refuse(n, k, s, p, d)
    return (n + 2 * p - d * (k - 1)) // s


@mistake(
    of="conv_out_size",
    caught_by="sizes_of_well_known_layers",
    hint="Right without padding, too small with it: p is the padding of one side, and the input has two.",
)
def padding_counted_once(n, k, s=1, p=0, d=1):
    """(E-C27) p as the number of zeros added in all."""
    _refuse(n, k, s, p, d)
    return (n + p - d * (k - 1) - 1) // s + 1


@mistake(
    of="conv_out_size",
    caught_by="sizes_of_dilated_kernels_are_right",
    hint="Your size does not depend on the dilation. Draw a kernel of 3 with one hole between its taps: how far does it reach?",
)
def dilation_ignored(n, k, s=1, p=0, d=1):
    """(CS-5) The formula of the notes, which has no d."""
    _refuse(n, k, s, p, d)
    return (n + 2 * p - k) // s + 1


@mistake(
    of="conv_out_size",
    caught_by="sizes_of_dilated_kernels_are_right",
    hint="A dilated kernel reaches less far than you think: a kernel of 3 has two gaps between its taps, not three.",
)
def dilation_times_kernel(n, k, s=1, p=0, d=1):
    """(CS-5) Effective kernel d * k."""
    _refuse(n, k, s, p, d)
    return (n + 2 * p - d * k) // s + 1


@mistake(
    of="conv_out_size",
    caught_by="a_kernel_that_fits_exactly_has_one_window",
    hint="You refuse a kernel that is just as large as the padded input. It fits, in exactly one place.",
)
def exact_fit_refused(n, k, s=1, p=0, d=1):
    """`>=` where `>` was meant."""
    if d * (k - 1) + 1 >= n + 2 * p:
        raise ValueError("kernel too large")
    return conv_out_size(n, k, s, p, d)


@mistake(
    of="conv_out_size",
    caught_by="kernels_that_do_not_fit_are_refused",
    hint="A kernel that does not fit gets a size of 0 or less. The next layer would go on with that: say it here, where it "
    "happens.",
)
def too_large_a_kernel_gives_nothing(n, k, s=1, p=0, d=1):
    """max(0, ...): no window, no output."""
    if min(n, k, s, d) < 1 or p < 0:
        raise ValueError("argument too small")
    return max(0, (n + 2 * p - d * (k - 1) - 1) // s + 1)


@mistake(
    of="conv_out_size",
    caught_by="kernels_that_do_not_fit_are_refused",
    hint="Some kernels that do not fit pass your test: is it the number of taps that must fit, or the reach?",
)
def refusal_without_dilation(n, k, s=1, p=0, d=1):
    """Compares k, not d * (k - 1) + 1, with the padded input."""
    if min(n, k, s, d) < 1 or p < 0 or k > n + 2 * p:
        raise ValueError("kernel too large")
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


@mistake(
    of="conv_out_size",
    caught_by="sizes_of_impossible_layers_are_refused",
    hint="A stride of 0, a negative padding or an empty input go through, and something odd comes out. The docstring says "
    "which values there may be.",
)
def arguments_taken_as_they_come(n, k, s=1, p=0, d=1):
    """Only asks whether the kernel fits."""
    if d * (k - 1) + 1 > n + 2 * p:
        raise ValueError("kernel too large")
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


@mistake(
    of="conv_out_size",
    caught_by="sizes_of_impossible_layers_are_refused",
    hint="An assert is a note to yourself, and `python -O` leaves it out. Callers can only rely on the exception that the "
    "docstring promises.",
)
def refused_by_assert(n, k, s=1, p=0, d=1):
    """assert n >= 1 and ..."""
    assert n >= 1 and k >= 1 and s >= 1 and p >= 0 and d >= 1
    return conv_out_size(n, k, s, p, d)


# --- q2 same_padding --------------------------------------------------------------------------------------------------


@mistake(
    of="same_padding",
    caught_by="odd_kernels_are_padded_equally",
    hint="Half a zero cannot be put anywhere, and even 1.0 zeros are no number to pad with: both results are integers.",
)
def half_of_the_kernel(k, d=1):
    """(CS-13) P = (F - 1) / 2 on both sides, as the notes have it."""
    same_padding(k, d)
    return d * (k - 1) / 2, d * (k - 1) / 2


@mistake(
    of="same_padding",
    caught_by="padding_keeps_the_length",
    hint="For an even kernel your output is one too short: an odd number of zeros cannot be split equally.",
)
def rounded_down_on_both_sides(k, d=1):
    """(CS-13) (k - 1) // 2 twice."""
    same_padding(k, d)
    return d * (k - 1) // 2, d * (k - 1) // 2


@mistake(
    of="same_padding",
    caught_by="padding_keeps_the_length",
    hint="For an even kernel your output is one too long. How many zeros are needed in all, if a kernel of 2 stands at every "
    "pixel?",
)
def half_of_the_kernel_rounded_down(k, d=1):
    """(CS-13) k // 2 twice, which is right for odd kernels."""
    same_padding(k, d)
    return d * k // 2 if k % 2 == 0 else d * (k - 1) // 2, d * k // 2 if k % 2 == 0 else d * (k - 1) // 2


@mistake(
    of="same_padding",
    caught_by="the_odd_zero_of_an_even_kernel_goes_after",
    hint="The total is right. The odd zero stands before the input, where this course (and PyTorch) put it after.",
)
def odd_zero_before(k, d=1):
    """The larger half first."""
    return same_padding(k, d)[::-1]


@mistake(
    of="same_padding",
    caught_by=("padding_keeps_the_length", "same_padding_follows_the_dilation"),
    hint="Right for d = 1. A kernel with holes reaches further, so there is more to make up for at the borders.",
)
def padding_without_dilation(k, d=1):
    """The zeros of the undilated kernel."""
    same_padding(k, d)
    return same_padding(k)


@mistake(
    of="same_padding",
    caught_by="same_padding_follows_the_dilation",
    hint="The total is right, but for even kernels with dilation your two sides differ by more than one zero: the total was "
    "to be split, not the taps.",
)
def taps_split_instead_of_zeros(k, d=1):
    """d times the undilated answer."""
    before, after = same_padding(k)
    same_padding(k, d)
    return d * before, d * after


@mistake(
    of="same_padding",
    caught_by="odd_kernels_are_padded_equally",
    hint="One number came back, and two were asked for: before and after.",
)
def the_total_alone(k, d=1):
    """How many zeros, not where."""
    return sum(same_padding(k, d))


@mistake(
    of="same_padding",
    caught_by="same_padding_of_impossible_kernels_is_refused",
    hint="A kernel of 0 taps, or a dilation of 0, gets an answer. The docstring asks for an exception.",
)
def padding_for_impossible_kernels(k, d=1):
    """No look at the arguments."""
    return d * (k - 1) // 2, d * (k - 1) - d * (k - 1) // 2


# --- q3 conv2d_out_shape ----------------------------------------------------------------------------------------------


@mistake(
    of="conv2d_out_shape",
    caught_by="convolution_changes_channels_height_and_width",
    hint="Height and width have changed places. In this course, and in PyTorch, every pair is (height, width).",
)
def width_before_height(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """(N, F, OW, OH)."""
    n, out, height, width = conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    return n, out, width, height


@mistake(
    of="conv2d_out_shape",
    caught_by="convolution_changes_channels_height_and_width",
    hint="Your pairs are read as (width, height), as in x and y. Here the height comes first.",
)
def pairs_as_x_and_y(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """kernel[1] for the height."""
    kernel, stride, padding, dilation = (_both(each)[::-1] for each in (kernel, stride, padding, dilation))
    return conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)


@mistake(
    of="conv2d_out_shape",
    caught_by="convolution_changes_channels_height_and_width",
    hint="Your output has as many channels as the input. Each filter looks at all of them and writes one map of its own.",
)
def channels_of_the_input(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """(N, C, OH, OW): filters applied channel by channel."""
    return conv2d_out_shape(in_shape, in_shape[1], kernel, stride, padding, dilation)


@mistake(
    of="conv2d_out_shape",
    caught_by="convolution_changes_channels_height_and_width",
    hint="The channels stand last in your shape. In this course they come second: (N, C, H, W).",
)
def channels_last(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """(N, OH, OW, F), as TensorFlow has it."""
    n, out, height, width = conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    return n, height, width, out


@mistake(
    of="conv2d_out_shape",
    caught_by="convolution_changes_channels_height_and_width",
    hint="Height and width are treated alike, but kernel, stride and padding may differ along the two axes.",
)
def one_number_for_both_axes(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """Takes the first of every pair."""
    kernel, stride, padding, dilation = (_both(each)[0] for each in (kernel, stride, padding, dilation))
    return conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)


@mistake(
    of="conv2d_out_shape",
    caught_by="convolution_changes_channels_height_and_width",
    hint="Pairs work, single numbers do not: the docstring allows both.",
)
def pairs_only(in_shape, out_channels, kernel, stride=(1, 1), padding=(0, 0), dilation=(1, 1)):
    """kernel[0] of an int."""
    n, _, height, width = in_shape
    return (
        n,
        out_channels,
        conv_out_size(height, kernel[0], stride[0], padding[0], dilation[0]),
        conv_out_size(width, kernel[1], stride[1], padding[1], dilation[1]),
    )


@mistake(
    of="conv2d_out_shape",
    caught_by="convolved_shapes_are_right",
    hint="Your shape does not depend on the dilation: an argument that is accepted should also be passed on.",
)
def dilation_not_passed_on(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """conv_out_size(height, kh, sh, ph)."""
    return conv2d_out_shape(in_shape, out_channels, kernel, stride, padding)


@mistake(
    of="conv2d_out_shape",
    caught_by="images_too_small_along_one_axis_are_refused",
    hint="A kernel that is too wide or too high gives a size of 0 or less. Question 1 knows how to refuse it.",
)
def formula_written_out_without_a_test(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1):
    """The formula twice, without looking whether anything fits."""
    pairs = (_both(each) for each in (in_shape[2:], kernel, stride, padding, dilation))
    sizes = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip(*pairs)]
    return in_shape[0], out_channels, *sizes


# --- q3 pool_out_shape ------------------------------------------------------------------------------------------------


@mistake(
    of="pool_out_shape",
    caught_by="pooling_keeps_batch_and_channels",
    hint="The number of channels changed. A pool works on each channel alone, and keeps all of them.",
)
def channels_pooled_too(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """(CS-11) Everything is halved."""
    n, c, h, w = pool_out_shape(in_shape, kernel, stride, padding, ceil_mode)
    return n, c // 2, h, w


@mistake(
    of="pool_out_shape",
    caught_by="pooling_keeps_batch_and_channels",
    hint="Without a stride your windows move by one pixel, as those of a convolution do. Windows of a pool lie side by side.",
)
def stride_of_one(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """The default of a convolution."""
    return pool_out_shape(in_shape, kernel, 1 if stride is None else stride, padding, ceil_mode)


@mistake(
    of="pool_out_shape",
    caught_by=("pooling_keeps_batch_and_channels", "pooled_shapes_are_right"),
    hint="One window too many where something is left over: that is ceil_mode, and it is off unless it is asked for.",
)
def always_rounded_up(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """ceil_mode=True as the default."""
    return pool_out_shape(in_shape, kernel, stride, padding, True)


@mistake(
    of="pool_out_shape",
    caught_by="pooled_shapes_are_right",
    hint="Your shape does not depend on the padding.",
)
def padding_of_the_pool_ignored(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """Pools are not padded, are they?"""
    return pool_out_shape(in_shape, kernel, stride, 0, ceil_mode)


@mistake(
    of="pool_out_shape",
    caught_by="ceil_mode_keeps_a_window_that_hangs_over_the_end",
    hint="ceil_mode changes nothing in your answer. Which pixels does no window see, if the stride does not divide?",
)
def ceil_mode_ignored(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """Always rounds down."""
    return pool_out_shape(in_shape, kernel, stride, padding)


@mistake(
    of="pool_out_shape",
    caught_by="ceil_mode_keeps_a_window_that_hangs_over_the_end",
    hint="With ceil_mode you add a window even where every pixel has been seen already.",
)
def one_more_with_ceil_mode(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """floor + 1, whether something is left over or not."""
    n, c, h, w = pool_out_shape(in_shape, kernel, stride, padding)
    return (n, c, h + 1, w + 1) if ceil_mode else (n, c, h, w)


@mistake(
    of="pool_out_shape",
    caught_by="ceil_mode_drops_a_window_without_a_pixel",
    hint="Rounded up, and no more. Look where your last window begins: one that sees nothing but padding has no maximum.",
)
def last_window_without_a_pixel(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """math.ceil in the place of floor, as the name of the option says."""
    shape = pool_out_shape(in_shape, kernel, stride, padding)
    return _rounded_up(in_shape, kernel, stride, padding, lambda last, n, p: False) if ceil_mode else shape


@mistake(
    of="pool_out_shape",
    caught_by="ceil_mode_drops_a_window_without_a_pixel",
    hint="Nearly: a window whose first position is just behind the last pixel sees no pixel either.",
)
def window_just_behind_the_last_pixel(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """`>` where `>=` was meant."""
    shape = pool_out_shape(in_shape, kernel, stride, padding)
    return _rounded_up(in_shape, kernel, stride, padding, lambda last, n, p: last > n + p) if ceil_mode else shape


@mistake(
    of="pool_out_shape",
    caught_by="pools_larger_than_the_image_are_refused",
    hint="A pool that is larger than the image gets a shape. The docstring asks for an exception, with ceil_mode too.",
)
def large_pools_not_refused(in_shape, kernel, stride=None, padding=0, ceil_mode=False):
    """The formula alone."""
    if not ceil_mode:
        return pool_out_shape(in_shape, kernel, stride, padding)
    return _rounded_up(in_shape, kernel, stride, padding, lambda last, n, p: last >= n + p)


# --- q4 conv_params ---------------------------------------------------------------------------------------------------


@mistake(
    of="conv_params",
    caught_by="parameters_of_lenets_convolutions",
    hint="The weights are right, the biases are not: it is the filters that have one each, not the input channels.",
)
def channels_exchanged(c_in, c_out, kh, kw, bias=True, groups=1):
    """(E-C30) K and M mixed up, as their letters change meaning in the notes."""
    conv_params(c_in, c_out, kh, kw, bias, groups)
    return c_in * (c_out // groups * kh * kw + bool(bias))


@mistake(
    of="conv_params",
    caught_by="parameters_of_lenets_convolutions",
    hint="There is one bias in your layer. Each filter adds its own number to its own map.",
)
def one_bias_in_all(c_in, c_out, kh, kw, bias=True, groups=1):
    """(CS-8) weights + 1."""
    return conv_params(c_in, c_out, kh, kw, False, groups) + bool(bias)


@mistake(
    of="conv_params",
    caught_by="parameters_of_lenets_convolutions",
    hint="Right for one input channel, too many for six. A filter adds up what it finds in all channels, and then its bias, "
    "once.",
)
def a_bias_for_every_channel_of_a_filter(c_in, c_out, kh, kw, bias=True, groups=1):
    """(CS-8) c_out * c_in * (kh * kw + 1)."""
    conv_params(c_in, c_out, kh, kw, bias, groups)
    return c_out * (c_in // groups) * (kh * kw + bool(bias))


@mistake(
    of="conv_params",
    caught_by="parameters_of_lenets_convolutions",
    hint="These are the weights without the biases, although bias is True unless somebody says otherwise.",
)
def biases_forgotten(c_in, c_out, kh, kw, bias=True, groups=1):
    """(CS-8) Only the weights."""
    return conv_params(c_in, c_out, kh, kw, False, groups)


@mistake(
    of="conv_params",
    caught_by="there_is_one_bias_for_each_filter",
    hint="bias=False changes nothing in your answer.",
)
def biases_always_counted(c_in, c_out, kh, kw, bias=True, groups=1):
    """Takes `bias` for a number of no interest."""
    return conv_params(c_in, c_out, kh, kw, True, groups)


@mistake(
    of="conv_params",
    caught_by="parameters_of_lenets_convolutions",
    hint="Right for one input channel. A filter for six channels is a block of 6 x 5 x 5 weights, not a single 5 x 5 window.",
)
def flat_filters(c_in, c_out, kh, kw, bias=True, groups=1):
    """c_out * (kh * kw + 1): the picture of a kernel in every introduction is flat."""
    conv_params(c_in, c_out, kh, kw, bias, groups)
    return c_out * (kh * kw + bool(bias))


@mistake(
    of="conv_params",
    caught_by="parameters_are_right",
    hint="Right for square kernels only.",
)
def square_kernels_only(c_in, c_out, kh, kw, bias=True, groups=1):
    """kh squared."""
    return conv_params(c_in, c_out, kh, kh, bias, groups)


@mistake(
    of="conv_params",
    caught_by="parameters_of_lenets_convolutions",
    hint="The value is right, but it is a float: there is no tenth of a parameter, and large floats stop being exact.",
)
def divided_into_a_float(c_in, c_out, kh, kw, bias=True, groups=1):
    """c_in / groups."""
    conv_params(c_in, c_out, kh, kw, bias, groups)
    return c_out * (c_in / groups * kh * kw + bool(bias))


@mistake(
    of="conv_params",
    caught_by="parameters_of_grouped_convolutions_are_right",
    hint="Too many by the number of groups: with groups, a filter does not see all input channels.",
)
def groups_ignored(c_in, c_out, kh, kw, bias=True, groups=1):
    """(CS-10) Only looks whether the groups divide."""
    conv_params(c_in, c_out, kh, kw, bias, groups)
    return conv_params(c_in, c_out, kh, kw, bias)


@mistake(
    of="conv_params",
    caught_by="parameters_of_grouped_convolutions_are_right",
    hint="Too few: groups divide the input channels among the filters, but there are still as many filters as outputs.",
)
def both_channels_divided(c_in, c_out, kh, kw, bias=True, groups=1):
    """(CS-10) One group, taken for the layer."""
    conv_params(c_in, c_out, kh, kw, bias, groups)
    return conv_params(c_in // groups, c_out // groups, kh, kw, bias)


@mistake(
    of="conv_params",
    caught_by="groups_must_divide_the_channels",
    hint="Groups that do not divide the channels are accepted, and the count is that of a layer that cannot be built.",
)
def any_groups_will_do(c_in, c_out, kh, kw, bias=True, groups=1):
    """c_in // groups, without a look at the remainder."""
    return c_out * (c_in // max(groups, 1) * kh * kw + bool(bias))


@mistake(
    of="conv_params",
    caught_by="groups_must_divide_the_channels",
    hint="You look whether the groups divide the input channels. The filters must be shared out among the groups as well.",
)
def only_input_channels_divided(c_in, c_out, kh, kw, bias=True, groups=1):
    """c_out % groups is not looked at."""
    if groups < 1 or c_in % groups:
        raise ValueError("groups")
    return c_out * (c_in // groups * kh * kw + bool(bias))


# --- q5 conv_macs -----------------------------------------------------------------------------------------------------


@mistake(
    of="conv_macs",
    caught_by="multiplications_of_lenets_convolutions",
    hint="Your filter stands at every pixel of the input. It is computed once for every value of the output.",
)
def positions_of_the_input(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """(CS-7) H * W in the place of OH * OW: the notes use one letter for both."""
    conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    n, c, h, w = in_shape
    return n * h * w * conv_params(c, out_channels, *_both(kernel), False, groups)


@mistake(
    of="conv_macs",
    caught_by="multiplications_of_lenets_convolutions",
    hint="A little too many: a bias is added, and nothing is multiplied by it.",
)
def biases_multiplied(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """Parameters times positions."""
    n, _, h, w = conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    return n * h * w * conv_params(in_shape[1], out_channels, *_both(kernel), True, groups)


@mistake(
    of="conv_macs",
    caught_by="multiplications_of_lenets_convolutions",
    hint="Exactly twice as many: one multiplication and its addition are counted as one operation here.",
)
def additions_counted_too(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """FLOPs."""
    return 2 * conv_macs(in_shape, out_channels, kernel, stride, padding, dilation, groups)


@mistake(
    of="conv_macs",
    caught_by="multiplications_of_lenets_convolutions",
    hint="Right for one input channel. Every channel of the window is multiplied by weights of its own.",
)
def channels_not_multiplied(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """Output values times kh * kw."""
    conv_macs(in_shape, out_channels, kernel, stride, padding, dilation, groups)
    return math.prod(conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)) * math.prod(
        _both(kernel)
    )


@mistake(
    of="conv_macs",
    caught_by="multiplications_are_right",
    hint="This is the work for one image. Parameters are shared by a batch; multiplications are not.",
)
def one_image_alone(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """N forgotten."""
    return conv_macs((1, *in_shape[1:]), out_channels, kernel, stride, padding, dilation, groups)


@mistake(
    of="conv_macs",
    caught_by="multiplications_are_right",
    hint="Too many where there is dilation: the holes of a kernel are not multiplied.",
)
def holes_multiplied(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """Uses the reach as kernel size."""
    reach = tuple(d * (k - 1) + 1 for k, d in zip(_both(kernel), _both(dilation)))
    return conv_macs(in_shape, out_channels, reach, stride, padding, 1, groups)


@mistake(
    of="conv_macs",
    caught_by="multiplications_are_right",
    hint="Your count does not depend on the stride. A stride of 2 computes only every second position, along both axes.",
)
def stride_without_effect(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """Stride not passed on."""
    return conv_macs(in_shape, out_channels, kernel, 1, padding, dilation, groups)


@mistake(
    of="conv_macs",
    caught_by="multiplications_of_grouped_convolutions_are_right",
    hint="Right without groups. What a filter does not see, it does not multiply.",
)
def groups_cost_nothing_less(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """(CS-10) groups ignored."""
    conv_macs(in_shape, out_channels, kernel, stride, padding, dilation, groups)
    return conv_macs(in_shape, out_channels, kernel, stride, padding, dilation)


@mistake(
    of="conv_macs",
    caught_by="multiplications_of_impossible_layers_are_refused",
    hint="A layer that cannot be built has a cost in your answer: do the groups divide both numbers of channels?",
)
def cost_of_impossible_groups(in_shape, out_channels, kernel, stride=1, padding=0, dilation=1, groups=1):
    """in_shape[1] // groups, without a look at the remainder."""
    out = conv2d_out_shape(in_shape, out_channels, kernel, stride, padding, dilation)
    return math.prod(out) * (in_shape[1] // groups) * math.prod(_both(kernel))


# --- q6 convT_out_size, output_padding --------------------------------------------------------------------------------


@mistake(
    of="convT_out_size",
    caught_by="transposed_sizes_worked_by_hand",
    hint="Your output is smaller than the input, or equal to it: this is the convolution. Here every input lays a kernel down.",
)
def convolution_again(n, k, s=1, p=0, op=0, d=1):
    """The formula of question 1."""
    return conv_out_size(n, k, s, p, d)


@mistake(
    of="convT_out_size",
    caught_by="transposed_sizes_worked_by_hand",
    hint="Nearly: n inputs, but how many strides are there between the first kernel and the last one?",
)
def as_many_strides_as_inputs(n, k, s=1, p=0, op=0, d=1):
    """n * s in the place of (n - 1) * s."""
    return convT_out_size(n, k, s, p, op, d) + s


@mistake(
    of="convT_out_size",
    caught_by="transposed_sizes_worked_by_hand",
    hint="Upsampling by s gives n * s values. A transposed convolution also has a kernel, which reaches beyond the last input.",
)
def plain_upsampling(n, k, s=1, p=0, op=0, d=1):
    """n * s."""
    convT_out_size(n, k, s, p, op, d)
    return n * s


@mistake(
    of="convT_out_size",
    caught_by="transposed_sizes_worked_by_hand",
    hint="Right without padding, too large with it: on the way back, what padding had added is cut off again.",
)
def padding_added(n, k, s=1, p=0, op=0, d=1):
    """+ 2p."""
    return convT_out_size(n, k, s, 0, op, d) + 2 * p


@mistake(
    of="convT_out_size",
    caught_by="transposed_sizes_worked_by_hand",
    hint="Right where op is 0. Output padding adds to one end.",
)
def output_padding_ignored(n, k, s=1, p=0, op=0, d=1):
    """op not used."""
    return convT_out_size(n, k, s, p, op, d) - op


@mistake(
    of="convT_out_size",
    caught_by="transposed_sizes_worked_by_hand",
    hint="Too large by op: unlike padding, output padding goes to one end alone.",
)
def output_padding_on_both_ends(n, k, s=1, p=0, op=0, d=1):
    """2 * op, by analogy with 2 * p."""
    return convT_out_size(n, k, s, p, op, d) + op


@mistake(
    of="convT_out_size",
    caught_by="transposed_sizes_worked_by_hand",
    hint="Always one too few. Write down the case of one input and a kernel of one.",
)
def last_position_forgotten(n, k, s=1, p=0, op=0, d=1):
    """(n - 1) * s - 2p + d * (k - 1) + op: the + 1 is easily lost."""
    return convT_out_size(n, k, s, p, op, d) - 1


@mistake(
    of="convT_out_size",
    caught_by="transposed_sizes_are_right",
    hint="Your size does not depend on the dilation.",
)
def transposed_without_dilation(n, k, s=1, p=0, op=0, d=1):
    """k - 1 in the place of d * (k - 1)."""
    convT_out_size(n, k, s, p, op, d)
    return (n - 1) * s - 2 * p + k + op


@mistake(
    of="convT_out_size",
    caught_by="impossible_transposed_layers_are_refused",
    hint="An output padding as large as the stride is accepted. Then the size would be that of one more input.",
)
def output_padding_without_a_limit(n, k, s=1, p=0, op=0, d=1):
    """Only asks for op >= 0."""
    if op < 0:
        raise ValueError("op must not be negative")
    return convT_out_size(n, k, s, p, 0, d) + op


@mistake(
    of="convT_out_size",
    caught_by="nothing_is_not_a_size",
    hint="The padding can cut off all there is, and then your size is 0 or negative.",
)
def negative_sizes(n, k, s=1, p=0, op=0, d=1):
    """No look at the result."""
    if min(n, k, s, d) < 1 or min(p, op) < 0 or op >= s:
        raise ValueError("invalid argument")
    return (n - 1) * s - 2 * p + d * (k - 1) + op + 1


@mistake(
    of="output_padding",
    caught_by="output_padding_of_two_sizes",
    hint="Always stride minus one, as in many tutorials: that is right for the sizes that they use, and for no others.",
)
def stride_minus_one(n, k, s=1, p=0, d=1):
    """s - 1."""
    conv_out_size(n, k, s, p, d)
    return s - 1


@mistake(
    of="output_padding",
    caught_by="output_padding_of_two_sizes",
    hint="Not zero for every size: two inputs that differ by one can shrink to the same size, and one of them needs help to "
    "get back.",
)
def never_any(n, k, s=1, p=0, d=1):
    """0: the formulas are inverse to each other, are they not?"""
    return 0 * output_padding(n, k, s, p, d)


@mistake(
    of="output_padding",
    caught_by="output_padding_leads_back_to_the_size",
    hint="Right without dilation: what is left over at the end depends on the reach of the kernel.",
)
def leftover_without_dilation(n, k, s=1, p=0, d=1):
    """(n + 2p - k) % s."""
    conv_out_size(n, k, s, p, d)
    return (n + 2 * p - k) % s


@mistake(
    of="output_padding",
    caught_by="output_padding_leads_back_to_the_size",
    hint="The remainder of the size alone: kernel and padding decide as well where the last window ends.",
)
def remainder_of_the_size(n, k, s=1, p=0, d=1):
    """n % s."""
    conv_out_size(n, k, s, p, d)
    return n % s


@mistake(
    of="output_padding",
    caught_by="nothing_is_not_a_size",
    hint="A kernel that did not fit on the way down gets an output padding all the same.",
)
def leftover_of_nothing(n, k, s=1, p=0, d=1):
    """The remainder, which Python also gives for negative numbers."""
    return (n + 2 * p - d * (k - 1) - 1) % s


# --- q7 receptive_field -----------------------------------------------------------------------------------------------


@mistake(
    of="receptive_field",
    caught_by="stacked_kernels_of_three_see_five_and_seven",
    hint="Kernel sizes are added up, but the windows overlap: the first tap of the second kernel sees three pixels already.",
)
def kernels_added_up(layers):
    """sum of k."""
    _, jump, start = receptive_field(layers)
    rf = 0
    step = 1
    for k, s, _, d in layers:
        rf, step = rf + (d * (k - 1) + 1) * step, step * s
    return max(rf, 1), jump, start


@mistake(
    of="receptive_field",
    caught_by="stacked_kernels_of_three_see_five_and_seven",
    hint="One pixel short everywhere. What does a unit see if there is no layer at all?",
)
def starting_from_nothing(layers):
    """rf = 0 at the beginning."""
    rf, jump, start = receptive_field(layers)
    return rf - 1, jump, start


@mistake(
    of="receptive_field",
    caught_by=("a_unit_of_lenets_last_pool_sees_16_pixels", "fields_are_as_wide_as_what_reaches_the_unit"),
    hint="Right as long as every stride is 1. Behind a stride of 2, a step of one unit is a step of two pixels.",
)
def strides_forgotten(layers):
    """rf += d * (k - 1)."""
    _, jump, start = receptive_field(layers)
    return 1 + sum(d * (k - 1) for k, _, _, d in layers), jump, start


@mistake(
    of="receptive_field",
    caught_by=("a_unit_of_lenets_last_pool_sees_16_pixels", "fields_are_as_wide_as_what_reaches_the_unit"),
    hint="Too wide from the first layer with a stride on: how far apart are the units that this layer's kernel looks at? Its own "
    "stride comes after.",
)
def stride_taken_too_early(layers):
    """jump *= s before it is used."""
    rf, jump, start = 1, 1, 0
    for k, s, p, d in layers:
        start -= p * jump
        jump *= s
        rf += d * (k - 1) * jump
    return rf, jump, start


@mistake(
    of="receptive_field",
    caught_by="a_unit_of_lenets_last_pool_sees_16_pixels",
    hint="The layers were walked through in the wrong direction for this recursion: pixels are at the first layer's side.",
)
def from_the_wrong_end(layers):
    """reversed(layers), with the recursion that goes upwards."""
    return receptive_field(layers[::-1])


@mistake(
    of="receptive_field",
    caught_by=("a_unit_of_lenets_last_pool_sees_16_pixels", "neighbours_are_the_product_of_the_strides_apart"),
    hint="Your jump is the stride of the last layer. Two layers with stride 2: how many pixels lie between neighbours?",
)
def jump_of_the_last_layer(layers):
    """jump = s."""
    rf, _, start = receptive_field(layers)
    return rf, layers[-1][1] if layers else 1, start


@mistake(
    of="receptive_field",
    caught_by="neighbours_are_the_product_of_the_strides_apart",
    hint="Strides are added where they should multiply: 2 + 2 is 2 x 2 only by chance.",
)
def strides_added(layers):
    """jump += s - 1 ... which is right for one stride, and + s for two strides of 2."""
    rf, _, start = receptive_field(layers)
    strides = [s for _, s, _, _ in layers if s > 1]
    return rf, sum(strides) or 1, start


@mistake(
    of="receptive_field",
    caught_by="fields_of_dilated_layers_are_right",
    hint="Your fields do not depend on the dilation: a kernel with holes sees further.",
)
def dilation_does_not_widen(layers):
    """(k - 1) * jump."""
    return receptive_field([(k, s, p, 1) for k, s, p, _ in layers])


@mistake(
    of="receptive_field",
    caught_by="fields_of_dilated_layers_are_right",
    hint="A little too wide where there is dilation: between k taps there are k - 1 gaps.",
)
def dilation_times_all_taps(layers):
    """(d * k - 1) * jump."""
    return receptive_field([(d * k, s, p, 1) for k, s, p, d in layers])


@mistake(
    of="receptive_field",
    caught_by="fields_begin_in_the_padding",
    hint="Your start lies inside the image, on the wrong side of its border: padding stands before pixel 0.",
)
def start_with_the_wrong_sign(layers):
    """start += p * jump."""
    rf, jump, start = receptive_field(layers)
    return rf, jump, -start


@mistake(
    of="receptive_field",
    caught_by="fields_begin_in_the_padding",
    hint="Right for the first layer. A zero that a deeper layer pads with is as wide as one of its units, in pixels.",
)
def padding_in_units(layers):
    """start -= p."""
    rf, jump, _ = receptive_field(layers)
    return rf, jump, -sum(p for _, _, p, _ in layers)


@mistake(
    of="receptive_field",
    caught_by="fields_begin_in_the_padding",
    hint="Your start is 0 whatever the padding.",
)
def start_at_zero(layers):
    """Only thinks of layers without padding."""
    rf, jump, _ = receptive_field(layers)
    return rf, jump, 0


@mistake(
    of="receptive_field",
    caught_by="stacked_kernels_of_three_see_five_and_seven",
    hint="Your start is the centre of the field, as some texts define it. Here it is the first pixel.",
)
def centre_of_the_field(layers):
    """start += ((k - 1) / 2 - p) * jump."""
    rf, jump, start = receptive_field(layers)
    return rf, jump, start + (rf - 1) // 2


@mistake(
    of="receptive_field",
    caught_by="layers_are_still_there_afterwards",
    hint="The numbers are right, and the caller's list is empty afterwards: pop() takes away for everybody.",
)
def layers_popped(layers):
    """while layers: layers.pop(0)."""
    result = receptive_field(list(layers))
    while layers:
        layers.pop(0)
    return result


# --- q8 trace ---------------------------------------------------------------------------------------------------------


@mistake(
    of="trace",
    caught_by="first_rows_of_lenet",
    hint="Your rows hold the shape that goes into a layer. The one that comes out was asked for.",
)
def shape_before_the_layer(layers, in_shape):
    """Appends the row before the step."""
    rows = trace(layers, in_shape)
    before = [tuple(in_shape), *(shape for _, shape, _, _ in rows)]
    return [(name, shape, params, macs) for (name, _, params, macs), shape in zip(rows, before)]


@mistake(
    of="trace",
    caught_by="first_rows_of_lenet",
    hint="Every layer is given the image. It should be given what the layer before it puts out.",
)
def every_layer_sees_the_image(layers, in_shape):
    """The shape is never updated."""
    return [trace([layer], in_shape)[0] for layer in layers]


@mistake(
    of="trace",
    caught_by="first_rows_of_lenet",
    hint="A pool has parameters in your table. It takes a mean or a maximum: there is nothing to learn.",
)
def pools_that_learn(layers, in_shape):
    """(CS-11) One weight and one bias for each channel, as LeNet had them in 1998."""
    kinds = [layer["kind"] for layer in layers]
    return [(name, shape, 2 * shape[1] if kind == "pool" else params, macs)
            for (name, shape, params, macs), kind in zip(trace(layers, in_shape), kinds)]  # fmt: skip


@mistake(
    of="trace",
    caught_by="first_rows_of_lenet",
    hint="Activations have no row in your table. They change no shape and learn nothing, but they are layers of the list.",
)
def activations_left_out(layers, in_shape):
    """continue."""
    return [row for row, layer in zip(trace(layers, in_shape), layers) if layer["kind"] != "activation"]


@mistake(
    of="trace",
    caught_by="first_rows_of_lenet",
    hint="The first column holds the number or the kind of the layer, where its name was asked for.",
)
def kinds_for_names(layers, in_shape):
    """layer["kind"]."""
    return [(layer["kind"], *row[1:]) for row, layer in zip(trace(layers, in_shape), layers)]


@mistake(
    of="trace",
    caught_by=("lenet_has_61706_parameters_and_416520_multiplications", "parameters_of_a_network_are_right"),
    hint="Dense layers have biases too, one for each output.",
)
def dense_layers_without_bias(layers, in_shape):
    """features * out."""
    without = [layer | {"bias": False} if layer["kind"] == "dense" else layer for layer in layers]
    return trace(without, in_shape)


@mistake(
    of="trace",
    caught_by="lenet_has_61706_parameters_and_416520_multiplications",
    hint="Your dense layers cost nothing. Each of their weights is multiplied once for every image.",
)
def dense_layers_for_free(layers, in_shape):
    """Counts multiplications of convolutions alone."""
    kinds = [layer["kind"] for layer in layers]
    return [(*row[:3], 0 if kind == "dense" else row[3]) for row, kind in zip(trace(layers, in_shape), kinds)]


@mistake(
    of="trace",
    caught_by="parameters_of_a_network_are_right",
    hint="Your parameters grow with the batch. The same weights serve every image.",
)
def parameters_for_every_image(layers, in_shape):
    """(CS-14) N in the product."""
    return [(name, shape, params * in_shape[0], macs) for name, shape, params, macs in trace(layers, in_shape)]


@mistake(
    of="trace",
    caught_by="parameters_of_a_network_are_right",
    hint='A layer with "bias": False has biases in your table.',
)
def bias_key_ignored(layers, in_shape):
    """Counts biases in any case."""
    return trace([{key: value for key, value in layer.items() if key != "bias"} for layer in layers], in_shape)


@mistake(
    of="trace",
    caught_by=("parameters_of_a_network_are_right", "multiplications_of_a_network_are_right"),
    hint="Too many parameters in a convolution with groups: an optional key of the layer has no effect.",
)
def groups_key_ignored(layers, in_shape):
    """layer.get("groups", 1) forgotten."""
    return trace([{key: value for key, value in layer.items() if key != "groups"} for layer in layers], in_shape)


@mistake(
    of="trace",
    caught_by="shapes_through_a_network_are_right",
    hint="Sizes are wrong from a certain layer on: one of its optional keys has no effect. Which one changes the reach?",
)
def dilation_key_ignored(layers, in_shape):
    """layer.get("dilation", 1) forgotten."""
    return trace([{key: value for key, value in layer.items() if key != "dilation"} for layer in layers], in_shape)


@mistake(
    of="trace",
    caught_by="shapes_through_a_network_are_right",
    hint="A pool ends one short: one of its optional keys has no effect.",
)
def ceil_mode_key_ignored(layers, in_shape):
    """layer.get("ceil_mode", False) forgotten."""
    return trace([{key: value for key, value in layer.items() if key != "ceil_mode"} for layer in layers], in_shape)


@mistake(
    of="trace",
    caught_by="shapes_through_a_network_are_right",
    hint="After flatten, your batch has one image. Each image is to become a row of its own.",
)
def batch_flattened_too(layers, in_shape):
    """np.prod of the whole shape."""
    rows, shape = [], tuple(in_shape)
    for layer in layers:
        rows += trace([layer], shape)
        if layer["kind"] == "flatten":
            rows[-1] = (layer["name"], (1, math.prod(shape)), 0, 0)
        shape = rows[-1][1]
    return rows


@mistake(
    of="trace",
    caught_by="multiplications_of_a_network_are_right",
    hint="This is the work for one image, whatever the batch.",
)
def work_for_one_image(layers, in_shape):
    """N forgotten in the multiplications."""
    return [(*row[:3], row[3] // in_shape[0]) for row in trace(layers, in_shape)]


@mistake(
    of="trace",
    caught_by="multiplications_of_a_network_are_right",
    hint="Convolutions count the whole batch, dense layers a single image.",
)
def dense_work_for_one_image(layers, in_shape):
    """features * out, as on the slide."""
    kinds = [layer["kind"] for layer in layers]
    return [(*row[:3], row[3] // in_shape[0] if kind == "dense" else row[3])
            for row, kind in zip(trace(layers, in_shape), kinds)]  # fmt: skip


@mistake(
    of="trace",
    caught_by="networks_that_cannot_be_are_refused_by_name",
    hint="An error without a name: in a network of fifty layers, the reader of your message has to search.",
)
def error_without_a_name(layers, in_shape):
    """Lets the ValueError of the other questions through as it is."""
    try:
        return trace(layers, in_shape)
    except ValueError:
        raise ValueError("this network is not possible") from None


@mistake(
    of="trace",
    caught_by="networks_that_cannot_be_are_refused_by_name",
    hint="A dense layer that is given images flattens them in secret. Then a forgotten flatten is never noticed.",
)
def dense_layers_that_flatten(layers, in_shape):
    """math.prod(shape[1:]) in the dense layer, to be kind."""
    more = []
    for layer in layers:
        if layer["kind"] == "dense":
            more.append({"name": "", "kind": "flatten"})
        more.append(layer)
    return [row for row in trace(more, in_shape) if row[0]]


@mistake(
    of="trace",
    caught_by="networks_that_cannot_be_are_refused_by_name",
    hint="A layer of a kind that does not exist passes through as if it were an activation: a typing error would go unseen.",
)
def unknown_kinds_passed_over(layers, in_shape):
    """`else: pass`."""
    known = {"conv", "pool", "flatten", "dense", "activation"}
    return trace([layer if layer["kind"] in known else layer | {"kind": "activation"} for layer in layers], in_shape)


@mistake(
    of="trace",
    caught_by="layers_and_their_settings_are_left_alone",
    hint="A second call with the same layers fails: the dicts have lost some of their keys in the first.",
)
def keys_popped(layers, in_shape):
    """layer.pop("name"), so that the rest can be passed on as **layer."""
    rows = trace([dict(layer) for layer in layers], in_shape)
    for layer in layers:
        layer.pop("name")
        layer.pop("kind")
    return rows


# --- q9 LeNet ---------------------------------------------------------------------------------------------------------


class _Five(nn.Module):
    """The five layers; what stands between them differs from mistake to mistake."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def pool(self, x):
        return nn.functional.avg_pool2d(x, 2)

    def features(self, x):
        return self.pool(torch.tanh(self.conv2(self.pool(torch.tanh(self.conv1(x))))))

    def head(self, x):
        return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


@mistake(
    of="LeNet",
    caught_by="lenet_module_has_61706_parameters_in_five_layers",
    hint="Two dense layers, as some formula sheets count them. LeNet has three: 120, 84 and 10.",
)
class TwoDenseLayers(_Five):
    """(E-E24) 400 -> 84 -> 10."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(400, 84), nn.Linear(84, 10)
        del self.fc3

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(self.features(x).flatten(1))))


@mistake(
    of="LeNet",
    caught_by="lenet_module_has_61706_parameters_in_five_layers",
    hint="Your first dense layer expects another number of inputs. Follow 32 x 32 through both convolutions and both pools.",
)
class SamePaddingFirst(_Five):
    """Padding 2 in the first layer, as one needs it for MNIST's 28 x 28."""

    def __init__(self):
        super().__init__()
        self.conv1, self.fc1 = nn.Conv2d(1, 6, 5, padding=2), nn.Linear(16 * 6 * 6, 120)


@mistake(
    of="LeNet",
    caught_by="lenet_module_has_61706_parameters_in_five_layers",
    hint="The layers stand in a Python list, and the module does not know of them: nothing would be trained, moved or saved.",
)
class LayersInAList(nn.Module):
    """self.layers = [...]: neither attributes nor nn.ModuleList."""

    def __init__(self):
        super().__init__()
        self.layers = [
            nn.Conv2d(1, 6, 5),
            nn.Conv2d(6, 16, 5),
            nn.Linear(400, 120),
            nn.Linear(120, 84),
            nn.Linear(84, 10),
        ]

    def forward(self, x):
        conv1, conv2, fc1, fc2, fc3 = self.layers
        for conv in (conv1, conv2):
            x = nn.functional.avg_pool2d(torch.tanh(conv(x)), 2)
        return fc3(torch.tanh(fc2(torch.tanh(fc1(x.flatten(1))))))


@mistake(
    of="LeNet",
    caught_by="lenet_module_has_61706_parameters_in_five_layers",
    hint="The layers are there, under other names. Saved parameters are found by name, so the names are part of the task.",
)
class SequentialNames(nn.Sequential):
    """nn.Sequential: "0.weight", "3.weight" and so on."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
        )  # fmt: skip


@mistake(
    of="LeNet",
    caught_by="lenet_module_has_61706_parameters_in_five_layers",
    hint="22 parameters are missing: your convolutions have no biases.",
)
class ConvolutionsWithoutBias(_Five):
    """bias=False."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, bias=False), nn.Conv2d(6, 16, 5, bias=False)


@mistake(
    of="LeNet",
    caught_by="lenet_module_has_61706_parameters_in_five_layers",
    hint="The convolutions are there, but frozen: an optimiser would leave them as they are.",
)
class FrozenConvolutions(_Five):
    """requires_grad_(False), from a lesson on transfer learning."""

    def __init__(self):
        super().__init__()
        self.conv1.requires_grad_(False)
        self.conv2.requires_grad_(False)


@mistake(
    of="LeNet",
    caught_by="lenet_gives_ten_scores_for_each_image",
    hint="For a single image the batch axis is gone: squeeze removes every axis of length 1, that one too.",
)
class ScoresSqueezed(_Five):
    """.squeeze() at the end."""

    def forward(self, x):
        return super().forward(x).squeeze()


@mistake(
    of="LeNet",
    caught_by="lenet_gradients_are_the_slopes_of_your_scores",
    hint="The convolutions get no gradient: something between them and the dense layers cuts the graph.",
)
class FeaturesDetached(_Five):
    """.detach(), which once silenced an error about .numpy()."""

    def forward(self, x):
        return self.head(self.features(x).detach().flatten(1))


@mistake(
    of="LeNet",
    caught_by="lenet_gradients_are_the_slopes_of_your_scores",
    hint="A model in float64 fails: a fixed dtype inside forward decides for the caller.",
)
class AlwaysSinglePrecision(_Five):
    """x.float()."""

    def forward(self, x):
        return super().forward(x.float())


@mistake(
    of="LeNet",
    caught_by="lenet_scores_are_right",
    hint="An activation is missing between two layers. Two linear layers in a row are one linear layer.",
)
class NothingAfterTheConvolutions(_Five):
    """conv, pool, conv, pool."""

    def features(self, x):
        return self.pool(self.conv2(self.pool(self.conv1(x))))


@mistake(
    of="LeNet",
    caught_by="lenet_scores_are_right",
    hint="ReLU is what one would take today. This network of 1998, and the line of arrows in the task, have tanh.",
)
class ReluForTanh(_Five):
    """torch.relu."""

    def features(self, x):
        return self.pool(torch.relu(self.conv2(self.pool(torch.relu(self.conv1(x))))))

    def head(self, x):
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


@mistake(
    of="LeNet",
    caught_by="lenet_scores_are_right",
    hint="A maximum in the place of a mean: LeNet's pools average their four values.",
)
class MaximumForMean(_Five):
    """max_pool2d."""

    def pool(self, x):
        return nn.functional.max_pool2d(x, 2)


@mistake(
    of="LeNet",
    caught_by="lenet_scores_are_right",
    hint="Pool and tanh have changed places. For a maximum that would not matter; for a mean it does.",
)
class PoolBeforeTanh(_Five):
    """tanh(pool(conv(x)))."""

    def features(self, x):
        return torch.tanh(self.pool(self.conv2(torch.tanh(self.pool(self.conv1(x))))))


@mistake(
    of="LeNet",
    caught_by="lenet_scores_are_right",
    hint="Your rows add up to one: these are probabilities. The loss has the softmax inside, and would take it twice.",
)
class SoftmaxAtTheEnd(_Five):
    """Probabilities, not scores."""

    def forward(self, x):
        return super().forward(x).softmax(dim=1)


@mistake(
    of="LeNet",
    caught_by="lenet_scores_are_right",
    hint="Your scores never leave the range from -1 to 1: there is an activation after the last layer.",
)
class TanhAtTheEnd(_Five):
    """One tanh too many."""

    def forward(self, x):
        return torch.tanh(super().forward(x))


@mistake(
    of="LeNet",
    caught_by="lenet_scores_are_right",
    hint="All the numbers reach the first dense layer, in another order: flatten goes channel by channel, row by row.",
)
class FlattenedChannelsLast(_Five):
    """permute before flatten, as for an image to be shown."""

    def forward(self, x):
        return self.head(self.features(x).permute(0, 2, 3, 1).flatten(1))


@mistake(
    of="LeNet",
    caught_by="lenet_gradients_are_right",
    hint="Scores are right, the images get no gradient: the graph is cut in front of the first layer.",
)
class ImagesDetached(_Five):
    """x.data, or torch.tensor(x), at the beginning of forward."""

    def forward(self, x):
        return super().forward(x.detach())


@mistake(
    of="LeNet",
    caught_by="images_do_not_influence_each_other",
    hint="In training mode, the scores of an image depend on its neighbours in the batch: something in forward mixes them.",
)
class BatchCentred(_Five):
    """Subtracts the mean over the batch, to normalise."""

    def forward(self, x):
        return super().forward(x - x.mean(dim=0) if self.training else x)


@mistake(
    of="LeNet",
    caught_by="images_do_not_influence_each_other",
    hint="In training mode the same image gets other scores. LeNet has no part that behaves differently in training.",
)
class DropoutInTheHead(_Five):
    """nn.functional.dropout, because all networks have it."""

    def forward(self, x):
        return self.head(nn.functional.dropout(self.features(x).flatten(1), 0.5, self.training))


@mistake(
    of="LeNet",
    caught_by="a_new_lenet_learns_to_read_digits",
    hint="A new model does not learn: all its filters are the same, and get the same gradient for ever. How were they "
    "initialised?",
)
class ZerosToBeginWith(_Five):
    """nn.init.zeros_ on everything."""

    def __init__(self):
        super().__init__()
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


# --- shared by the mistakes above -------------------------------------------------------------------------------------


def _both(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def _rounded_up(in_shape, kernel, stride, padding, is_dropped):
    """ceil((n + 2p - k) / s) + 1, without the last window if `is_dropped(its start + p, n, p)`."""
    sizes = []
    for n, k, s, p in zip(in_shape[2:], _both(kernel), _both(kernel if stride is None else stride), _both(padding)):
        size = -(-(n + 2 * p - k) // s) + 1
        sizes.append(size - 1 if is_dropped((size - 1) * s, n, p) else size)
    return *in_shape[:2], *sizes
