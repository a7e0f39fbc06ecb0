"""Values as plain trees and arrays' bytes, and back: what crosses between the grader and a student's code.

`take_apart` gives a tree of tagged lists in which each array is a number, how each array stands in the bytes, and the bytes;
`put_together` is the inverse. Nothing is pickled, and nothing in a tree names a function, a module or a type, but for the
types of numbers, which functions take as `dtype`.

What comes from a student was written by hostile code: every size is checked before memory is taken for it, dtypes come from a
fixed list, depth and counts are bounded. Anything else raises Malformed, never another exception.

This module runs on both sides; it imports the standard library, numpy, and (when a tensor is met) torch.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

DTYPES = {
    code: np.dtype(code)
    for code in ("<f8", "<f4", "<f2", "<i8", "<i4", "<i2", "|i1", "<u8", "<u4", "<u2", "|u1", "|b1", "<c8", "<c16")
}
"""The dtypes that cross. bfloat16 crosses as float32, with a note."""

MAX_DEPTH = 24
MAX_DIMENSIONS = 16
MAX_ARRAYS = 20_000
MAX_NODES = 400_000
MAX_INTEGER_DIGITS = 400
MAX_SET_ITEMS = 5_000
"""In all sets of a message together: hostile values can all have one hash, and then a set takes quadratic time."""

TORCH_DTYPES = frozenset(
    [
        "float64",
        "float32",
        "float16",
        "bfloat16",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint64",
        "uint32",
        "uint16",
        "uint8",
        "bool",
        "complex64",
        "complex128",
    ]
)

NUMBERS = {
    **{kind.__name__: kind for kind in (bool, int, float, complex)},
    **{f"numpy.{dtype.name}": dtype.type for dtype in DTYPES.values()},
    **{f"dtype.{dtype.name}": dtype for dtype in DTYPES.values()},
}
"""The types of numbers that cross, by the name under which they do; those of torch cross as "torch.float32"."""


class Malformed(Exception):
    """Bytes that are no message, or a message that breaks a bound."""


class CannotCross(Exception):
    """A value that has no form on the wire. The message says what it is, as in "an array of dtype object"."""


@dataclass(frozen=True, slots=True)
class Handle:
    """An object that stays on the student's side."""

    number: int
    kind: str


class TorchArray(np.ndarray):
    """An array that was a torch tensor on the student's side. It behaves as an array; `torch_dtype` names its dtype."""

    torch_dtype: str

    def __array_finalize__(self, source: Any) -> None:
        """Keep the mark on views."""
        self.torch_dtype = getattr(source, "torch_dtype", "")


class ArrayForm(NamedTuple):
    """How an array stands in the bytes."""

    dtype: str
    shape: list[int]
    tensor: str = ""
    """The torch dtype, if it is a tensor."""
    scalar: bool = False
    """A numpy scalar rather than a 0-d array."""
    frozen: bool = False
    """Make it read-only on arrival."""
    strides: list[int] | None = None
    """To the student only: strides in items, negative ones too, so that views keep their layout."""
    requires_grad: bool = False


@dataclass(frozen=True, slots=True)
class Apart:
    """A value in parts."""

    tree: Any
    forms: list[ArrayForm]
    buffers: list[memoryview]


def take_apart(value: Any, *, keep: Callable[[Any], Handle] | None = None) -> Apart:
    """The parts of a value.

    `keep(object) -> Handle` is asked for objects that are no data; without it they raise CannotCross.
    """
    writer = _Writer(keep)
    tree = writer.tree(value, 0)
    return Apart(tree, writer.arrays, writer.buffers)


def put_together(tree: Any, forms: list[ArrayForm], buffers: memoryview, *, to_student: bool = False) -> Any:
    """The value of a tree, with its arrays from `buffers`. Raises Malformed, and nothing else, whatever it is given.

    To the grader, tensors become TorchArray and layouts become C order. With `to_student`, tensors become tensors, and
    arrays keep their strides and their read-only flag.
    """
    return _Reader(list(_arrays(forms, buffers, to_student))).value(tree, 0)


class _Writer:
    def __init__(self, keep: Any) -> None:
        self.keep = keep
        self.arrays: list[ArrayForm] = []
        self.buffers: list[memoryview] = []
        self.nodes = 0

    def tree(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise CannotCross("containers nested too deeply")
        if self.nodes > MAX_NODES:
            raise CannotCross("more than 400,000 values in lists; use an array")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is str:
            return value.encode("utf-8", "replace").decode("utf-8")
        if isinstance(value, np.generic):
            return self.array(np.asarray(value), scalar=True)
        if isinstance(value, bool):
            return bool(value)
        if isinstance(value, int):
            if -(2**63) <= value < 2**63:
                return int(value)
            if value.bit_length() > 1300:
                raise CannotCross("an integer of more than 390 digits")
            return ["i", int.__str__(value)]
        if isinstance(value, float):
            return float(value)
        if isinstance(value, complex):
            return ["z", value.real, value.imag]
        if isinstance(value, str):
            return str(value)
        if isinstance(value, (bytes, bytearray)):
            return ["b", bytes(value)]
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, Handle):
            return ["h", value.number, value.kind]
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self.tensor(value, torch)
        if isinstance(value, dict):
            return ["d", [[self.key(key), self.tree(item, depth + 1)] for key, item in value.items()]]
        if isinstance(value, list):
            return ["l", [self.tree(item, depth + 1) for item in value]]
        if isinstance(value, tuple):
            return ["t", [self.tree(item, depth + 1) for item in value]]
        if isinstance(value, (set, frozenset)):
            return ["s", [self.tree(item, depth + 1) for item in value]]
        name = _number_name(value)
        if name:
            return ["y", name]
        if self.keep is None:
            raise CannotCross(f"an object of type {kind.__name__}")
        handle = self.keep(value)
        return ["h", handle.number, handle.kind]

    def key(self, key: Any) -> Any:
        if isinstance(key, (str, bool, int, float)) and not (isinstance(key, int) and abs(key) >= 2**63):
            return key
        raise CannotCross("a dictionary whose keys are neither strings nor numbers")

    def array(self, array: np.ndarray, *, scalar: bool = False, tensor: str = "", requires_grad: bool = False) -> Any:
        if array.dtype.kind not in "fiubc" or array.dtype.itemsize > 16 or array.dtype == np.longdouble:
            raise CannotCross(f"an array of dtype {array.dtype}")
        if array.dtype.byteorder == ">" or (array.dtype.byteorder == "=" and sys.byteorder == "big"):
            array = array.astype(array.dtype.newbyteorder("<"))
        code = array.dtype.str
        if code not in DTYPES:
            raise CannotCross(f"an array of dtype {array.dtype}")
        if len(self.arrays) >= MAX_ARRAYS:
            raise CannotCross(f"more than {MAX_ARRAYS} arrays")
        strides = None
        if array.size and not array.flags.c_contiguous:
            strides = [step // array.itemsize for step in array.strides]
        frozen = not array.flags.writeable
        flat = np.ascontiguousarray(array).view(np.ndarray)
        self.buffers.append(flat.reshape(-1).view(np.uint8).data)
        self.arrays.append(
            ArrayForm(code, list(array.shape), tensor, scalar, frozen and not scalar, strides, requires_grad)
        )
        return ["a", len(self.arrays) - 1]

    def tensor(self, tensor: Any, torch: Any) -> Any:
        plain = tensor.detach()
        name = str(plain.dtype).removeprefix("torch.")
        if plain.is_sparse or plain.is_quantized:
            raise CannotCross("a sparse or quantised tensor")
        if plain.dtype == torch.bfloat16:
            plain = plain.float()
        array = plain.resolve_conj().resolve_neg().cpu().numpy()
        return self.array(array, tensor=name, requires_grad=bool(tensor.requires_grad))


def is_number_type(value: Any) -> bool:
    """Whether it is a type of numbers that crosses, as in `float`, `np.int64`, `np.dtype("int8")`, `torch.float32`."""
    return bool(_number_name(value))


def _number_name(value: Any) -> str:
    """Under which name a type of numbers crosses, or ""."""
    if isinstance(value, np.dtype):
        name = f"dtype.{value.name}"
        return name if name in NUMBERS else ""
    if isinstance(value, type):
        return next((name for name, kind in NUMBERS.items() if kind is value), "")
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.dtype):
        return str(value) if str(value).removeprefix("torch.") in TORCH_DTYPES else ""
    return ""


def _arrays(described: list[ArrayForm], buffers: memoryview, to_student: bool) -> Iterator[Any]:
    if len(described) > MAX_ARRAYS:
        raise Malformed("too many arrays")
    start = 0
    for each in described:
        dtype = DTYPES.get(each.dtype)
        if dtype is None or (each.tensor and each.tensor not in TORCH_DTYPES):
            raise Malformed("unknown dtype")
        if len(each.shape) > MAX_DIMENSIONS or any(size < 0 for size in each.shape):
            raise Malformed("bad shape")
        stop = start + math.prod(each.shape) * dtype.itemsize
        if stop > len(buffers) or any(size > 2**40 for size in each.shape):
            raise Malformed("an array is larger than its bytes")
        try:
            array = np.frombuffer(buffers[start:stop], dtype=dtype).reshape(each.shape)
        except ValueError:  # an empty array whose other dimensions overflow
            raise Malformed("bad shape") from None
        if dtype.kind == "b" and array.size and array.view(np.uint8).max() > 1:
            raise Malformed("a bool that is neither 0 nor 1")
        start = stop
        yield _for_student(array, each) if to_student else _for_grader(array, each)
    if start != len(buffers):
        raise Malformed("bytes left over")


def _for_grader(array: np.ndarray, described: ArrayForm) -> Any:
    if described.scalar:
        if described.shape:
            raise Malformed("a scalar with a shape")
        return array[()]
    if described.tensor:
        marked = array.copy().view(TorchArray)
        marked.torch_dtype = described.tensor
        return marked
    return array.copy()


def _for_student(array: np.ndarray, described: ArrayForm) -> Any:
    if described.scalar:
        return array[()]
    result = _laid_out(array, described.strides) if described.strides else array.copy()
    if described.tensor:
        import torch

        tensor = torch.from_numpy(np.ascontiguousarray(result) if min(result.strides, default=0) < 0 else result)
        return tensor.to(getattr(torch, described.tensor)).requires_grad_(described.requires_grad)
    if described.frozen:
        result.flags.writeable = False
    return result


def _laid_out(array: np.ndarray, strides: list[int]) -> np.ndarray:
    """A copy of `array` with the given strides (in items), as views of other arrays have them."""
    lowest = sum(min(0, step * (size - 1)) for step, size in zip(strides, array.shape, strict=True))
    highest = sum(max(0, step * (size - 1)) for step, size in zip(strides, array.shape, strict=True))
    memory = np.zeros(highest - lowest + 1, dtype=array.dtype)
    view = np.lib.stride_tricks.as_strided(
        memory[-lowest:], array.shape, [step * array.itemsize for step in strides], writeable=True
    )
    view[...] = array
    return view


class _Reader:
    def __init__(self, arrays: list[Any]) -> None:
        self.arrays: list[Any] = list(arrays)
        self.nodes = 0
        self.set_items = 0

    def value(self, tree: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise Malformed("nested too deeply, or too many values")
        if tree is None or isinstance(tree, (bool, int, float, str)):
            return tree
        match tree:
            case ["a", int(number)] if 0 <= number < len(self.arrays):
                array, self.arrays[number] = self.arrays[number], None
                if array is None:  # naming one array a thousand times would cost whoever stacks them
                    raise Malformed("an array that is named twice")
                return array
            case ["l", list(items)]:
                return [self.value(item, depth + 1) for item in items]
            case ["t", list(items)]:
                return tuple(self.value(item, depth + 1) for item in items)
            case ["s", list(items)]:
                self.set_items += len(items)
                if self.set_items > MAX_SET_ITEMS:
                    raise Malformed("too many items in sets")
                try:
                    return {self.value(item, depth + 1) for item in items}
                except TypeError:
                    raise Malformed("a set of things that cannot be in a set") from None
            case ["d", list(pairs)]:
                return self.pairs(pairs, depth)
            case ["z", float(real), float(imaginary)]:
                return complex(real, imaginary)
            case ["i", str(digits)] if len(digits) <= MAX_INTEGER_DIGITS and digits.lstrip("-").isdecimal():
                try:
                    return int(digits)
                except ValueError:
                    raise Malformed("not an integer") from None
            case ["b", bytes(raw)]:
                return raw
            case ["y", str(name)] if name in NUMBERS:
                return NUMBERS[name]
            case ["y", str(name)] if name.startswith("torch.") and name.removeprefix("torch.") in TORCH_DTYPES:
                import torch

                return getattr(torch, name.removeprefix("torch."))
            case ["h", int(number), str(kind)]:
                return Handle(number, kind[:80])
            case _:
                raise Malformed("unknown tag")

    def pairs(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        result = {}
        for pair in pairs:
            match pair:
                case [str() | bool() | int() | float() as key, item]:
                    result[key] = self.value(item, depth + 1)
                case _:
                    raise Malformed("bad dictionary")
        return result
