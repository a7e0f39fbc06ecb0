"""What crosses arrives as it was; what may not cross says so; what hostile code wrote is refused, and nothing worse."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.submission import values, wire
from autograder.submission.values import ArrayForm, CannotCross, Handle, Malformed, TorchArray


def crossed(value, *, to_student=False, keep=None):
    """Over the wire as bytes, which is the longer way."""
    _, header, *buffers = wire.encode(value, keep=keep)
    return wire.decode(bytes(header), memoryview(b"".join(buffers)), to_student=to_student)


def same(a, b):
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    if isinstance(a, float) and math.isnan(a):
        return isinstance(b, float) and math.isnan(b)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


DTYPES = st.sampled_from(sorted(values.DTYPES)).map(np.dtype)
ARRAYS = hnp.arrays(dtype=DTYPES, shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=9)
)
KEYS = st.text(max_size=5) | st.integers(-(2**63) + 1, 2**63 - 1) | st.booleans()
VALUES = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_whatever_crosses_arrives_as_it_was(value):
    assert same(value, crossed(value))


@given(hnp.arrays(np.float64, (3, 4)), st.sampled_from(["T", "F", "reversed", "strided", "broadcast"]))
def test_a_student_gets_arrays_with_their_layout(array, layout):
    view = {
        "T": array.T,
        "F": np.asfortranarray(array),
        "reversed": array[::-1, ::-1],
        "strided": array[::2, 1::2],
        "broadcast": np.broadcast_to(array[0], (5, 4)),
    }[layout]
    arrived = crossed(view, to_student=True)
    assert same(np.array(view), np.array(arrived))
    assert arrived.strides == view.strides


def test_a_read_only_array_is_read_only_where_the_student_is():
    array = np.ones(3)
    array.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        crossed(array, to_student=True)[0] = 2


def test_the_grader_gets_arrays_in_c_order_that_it_may_write_to():
    arrived = crossed(np.asfortranarray(np.ones((2, 3))))
    arrived[0, 0] = 5
    assert arrived.flags.c_contiguous


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "int64", "bool", "complex64"])
def test_a_tensor_arrives_at_the_grader_as_a_marked_array_and_at_the_student_as_a_tensor(dtype):
    tensor = torch.ones(2, 3).to(getattr(torch, dtype))
    at_grader, at_student = crossed(tensor), crossed(tensor, to_student=True)
    assert type(at_grader) is TorchArray
    assert at_grader.torch_dtype == dtype
    assert at_student.dtype == tensor.dtype
    assert torch.equal(at_student, tensor)


def test_a_tensor_that_requires_a_gradient_still_does():
    assert crossed(torch.ones(2, requires_grad=True), to_student=True).requires_grad


def test_a_numpy_scalar_keeps_its_type():
    assert type(crossed(np.float32(0.5))) is np.float32


def test_sets_cross():
    assert crossed({1, 2, "x"}) == {1, 2, "x"}


@pytest.mark.parametrize(
    "kind", [int, float, bool, complex, np.float32, np.int64, np.dtype("int8"), torch.float32, torch.bfloat16], ids=str
)
def test_the_types_of_numbers_cross(kind):
    assert crossed([kind]) == [kind]
    assert crossed([kind], to_student=True) == [kind]


@pytest.mark.parametrize("kind", [str, object, np.ndarray, np.dtype("O"), np.longdouble, torch.Tensor, Handle], ids=str)
def test_no_other_type_does(kind):
    with pytest.raises(CannotCross):
        wire.encode([kind])


def test_a_big_endian_array_arrives_little_endian():
    assert same(crossed(np.arange(3, dtype=">f8")), np.arange(3, dtype="<f8"))


cyclic: list = []
cyclic.append(cyclic)


@pytest.mark.parametrize(
    "value, said",
    [
        (object(), "an object of type object"),
        (np.array([object()]), "an array of dtype object"),
        (np.array(["a"]), "an array of dtype <U1"),
        (np.longdouble(1), "an array of dtype"),
        ({(1, 2): 3}, "keys are neither strings nor numbers"),
        (cyclic, "nested too deeply"),
        (10**500, "an integer of more than 390 digits"),
        ([0] * 400_001, "more than 400,000 values"),
        (torch.ones(2).to_sparse(), "a sparse"),
    ],
)
def test_what_has_no_form_says_what_it_is(value, said):
    with pytest.raises(CannotCross, match=said):
        wire.encode(value)


def test_an_object_can_be_kept_behind_a_handle():
    assert crossed([object()], keep=lambda value: Handle(7, type(value).__name__)) == [Handle(7, "object")]


def test_a_subclass_arrives_as_the_plain_type():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return True

        __hash__ = None

    class Numeral(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    assert type(crossed(np.ones(2).view(Liar))) is np.ndarray
    assert type(crossed(Numeral(3))) is int


# --- hostile bytes ----------------------------------------------------------------------------------------------------

TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(st.sampled_from(["a", "l", "t", "s", "d", "z", "i", "b", "h"]), inner).map(list)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=20,
)
FORMS = st.tuples(
    st.sampled_from([*values.DTYPES, "O", "<U8", "f8"]),
    st.lists(st.integers(-2, 2**66), max_size=18),
    st.sampled_from(["", "float32", "Tensor", "__class__"]),
    st.booleans(),
    st.booleans(),
    st.none() | st.lists(st.integers(-5, 5), max_size=3),
    st.booleans(),
).map(list)


def refused_or_read(header, buffers=b""):
    try:
        wire.decode(header, memoryview(buffers))
    except Malformed:
        return


@given(st.binary(max_size=300), st.binary(max_size=64))
def test_no_bytes_do_worse_than_be_refused(header, buffers):
    refused_or_read(header, buffers)


@given(st.integers(0, 2), TREES, st.lists(FORMS, max_size=3), st.binary(max_size=64))
def test_no_message_does_worse_than_be_refused(version, tree, forms, buffers):
    try:
        header = msgspec.msgpack.encode([version, tree, forms])
    except OverflowError:  # not even msgpack
        return
    refused_or_read(header, buffers)


@given(VALUES, st.data())
def test_no_flipped_byte_does_worse_than_be_refused(value, data):
    _, header, *buffers = wire.encode(value)
    damaged = bytearray(header)
    place = data.draw(st.integers(0, len(damaged) - 1))
    damaged[place] ^= data.draw(st.integers(1, 255))
    refused_or_read(bytes(damaged), b"".join(bytes(buffer) for buffer in buffers))


def put(tree, forms=(), buffers=b""):
    return values.put_together(tree, list(forms), memoryview(buffers))


@pytest.mark.parametrize(
    "tree, forms, buffers, said",
    [
        (["q", 1], [], b"", "unknown tag"),
        (["a", 0], [], b"", "unknown tag"),
        (["a", -1], [ArrayForm("|u1", [1])], b"x", "unknown tag"),
        (["a", 0], [ArrayForm("|O", [1])], b"12345678", "unknown dtype"),
        (["a", 0], [ArrayForm("<f8", [2])], b"12345678", "larger than its bytes"),
        (["a", 0], [ArrayForm("<f8", [-1])], b"", "bad shape"),
        (["a", 0], [ArrayForm("<f8", [1] * 17)], b"12345678", "bad shape"),
        (["a", 0], [ArrayForm("<f8", [2**62, 2**62, 0])], b"", "larger than its bytes"),
        (["a", 0], [ArrayForm("|b1", [1])], b"\x02", "neither 0 nor 1"),
        (["a", 0], [ArrayForm("|u1", [1])], b"xy", "left over"),
        (["a", 0], [ArrayForm("|u1", [1], scalar=True)], b"x", "a scalar with a shape"),
        (["a", 0], [ArrayForm("|u1", [1], tensor="__class__")], b"x", "unknown dtype"),
        (["l", [["a", 0], ["a", 0]]], [ArrayForm("|u1", [1])], b"x", "named twice"),
        (["s", [["l", []]]], [], b"", "cannot be in a set"),
        (["i", "9" * 401], [], b"", "unknown tag"),
        (["y", "str"], [], b"", "unknown tag"),
        (["y", "numpy.ndarray"], [], b"", "unknown tag"),
        (["y", "torch.load"], [], b"", "unknown tag"),
        (["y", ["int"]], [], b"", "unknown tag"),
        (["i", "٣--"], [], b"", "unknown tag|not an integer"),
        (["d", [[["l", []], 1]]], [], b"", "bad dictionary"),
    ],
)
def test_each_rule_of_the_grammar_has_its_refusal(tree, forms, buffers, said):
    with pytest.raises(Malformed, match=said):
        put(tree, forms, buffers)


def test_depth_is_bounded():
    tree: object = None
    for _ in range(values.MAX_DEPTH + 2):
        tree = ["l", [tree]]
    with pytest.raises(Malformed, match="too deeply"):
        put(tree)


def test_another_version_is_refused():
    with pytest.raises(Malformed, match="version 2, expected 1"):
        wire.decode(msgspec.msgpack.encode([2, None, []]), memoryview(b""))
