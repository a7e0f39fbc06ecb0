"""Gradients against the reference: the student's backward, and autograd through the student's torch code.

A gradient that is nearly zero for right answers proves nothing; such a check is our fault, and raises CourseError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from autograder.compare.arrays import expected_array, is_tensor
from autograder.compare.behaviour import name_of
from autograder.compare.failure import Differs
from autograder.compare.values import assert_close, assert_shape
from autograder.errors import CheckFailed, CourseError, GraderError

Array = NDArray[Any]
Output = int | str | None

VACUOUS = 1e-3
"""All gradients together must be longer than this times |upstream| / sqrt(size)."""
VACUOUS_ALONE = 1e-7
"""Each of them alone must be longer than this times |upstream| / sqrt(size)."""


def assert_gradients_close(
    function: Any,
    reference: Any,
    args: Sequence[Any],
    *,
    rng: Generator,
    wrt: Sequence[int] | None = None,
    output: Output = None,
    what: str | None = None,
) -> None:
    """Autograd through the student's torch code gives the reference's gradients.

    wrt: positions of the arguments to differentiate by; all floating-point arrays if it is not given
    output: which of several outputs, by position or key
    The upstream gradient is standard normal from `rng`: a plain sum would hide every wrong order.
    Raises CheckFailed; CourseError if the right gradient is nearly zero.
    """
    name = what or name_of(function)
    positions = _differentiable(args) if wrt is None else list(wrt)
    names = parameter_names(reference, args)
    out = expected_array(pick(reference(*args), output, what=name, ours=True), what=name)
    upstream = random_upstream(rng, out.shape)
    right = reference.gradient(args, wrt=positions, upstream=upstream, output=output)
    refuse_vacuous(right, [names[position] for position in positions], upstream=upstream)
    assert_shape(pick(function(*_as_tensors(args)), output, what=name), out.shape, what=name)
    given = function.gradient(args, wrt=positions, upstream=upstream, output=output)
    labels = [f"the gradient of {name} with respect to {names[position]}" for position in positions]
    _compare(dict(zip(labels, given, strict=True)), right, args, names, [names[position] for position in positions])


def assert_backward_close(
    gradients: Mapping[str, Any],
    reference: Any,
    args: Sequence[Any],
    *,
    upstream: Any = None,
    output: Output = None,
    what: str | None = None,
) -> None:
    """The gradients that the student's code worked out are the reference's: {"dw": dw, "db": db} for w and b.

    upstream: the gradient that the student's backward was given; needed unless the output is a single number
    Raises CheckFailed; CourseError if a name fits no parameter, or the right gradient is nearly zero.
    """
    names = parameter_names(reference, args)
    positions = [position_of(key, names) for key in gradients]
    if upstream is None:
        out = expected_array(pick(reference(*args), output, what=name_of(reference), ours=True), what="the output")
        if out.size != 1:
            raise CourseError(f"the output has shape {out.shape}: give the upstream gradient that backward was given")
    else:
        refuse_uniform(upstream)
    right = reference.gradient(args, wrt=positions, upstream=upstream, output=output)
    refuse_vacuous(right, list(gradients), upstream=upstream)
    labels = [f"{key} of {what}" if what else key for key in gradients]
    _compare(dict(zip(labels, gradients.values(), strict=True)), right, args, names, list(gradients))


def _compare(
    given: Mapping[str, Any], right: Sequence[Any], args: Sequence[Any], names: Sequence[str], short: Sequence[str]
) -> None:
    """Compare each; the error is that of the first one that is wrong, and says which others are."""
    dtype = _lowest_precision(args)
    sizes, terms = sizes_of(args, names), terms_of(args, names)
    failures: dict[str, Differs] = {}
    for (label, value), expected, name in zip(given.items(), right, short, strict=True):
        try:
            assert_close(value, expected, what=label, kind="gradient", dtype=dtype, sizes=sizes, terms=terms)
        except Differs as error:
            failures[name] = error
    if not failures:
        return
    first = next(iter(failures.values()))
    others = ""
    if len(short) > 1:
        fine = [name for name in short if name not in failures]
        more = list(failures)[1:]
        others = "".join(
            [
                f"\n  Wrong too: {', '.join(more)}." if more else "",
                f"\n  Right: {', '.join(fine)}." if fine else "",
            ]
        )
    raise Differs(
        first.message + others, redacted=first.redacted + others, hint=first.hint, mismatch=first.mismatch
    ) from None


# --- shared with `slopes` ---------------------------------------------------------------------------------------------


def pick(value: Any, output: Output, *, what: str, ours: bool = False) -> Any:
    """One of several outputs, by position or key. Raises CheckFailed (GraderError if it is `ours`) if it is not there."""
    if output is None:
        return value
    fault: str | None = None
    if isinstance(output, str):
        if not isinstance(value, dict):
            fault = f"{what} returned no dict, expected one with the key {output!r}."
        elif output not in value:
            fault = f"{what} returned a dict without the key {output!r}."
    elif not isinstance(value, (tuple, list)):
        fault = f"{what} returned one value, expected at least {output + 1}."
    elif not -len(value) <= output < len(value):
        fault = f"{what} returned too few values, expected at least {output + 1}."
    if fault is not None:
        raise GraderError(fault) if ours else CheckFailed(fault)
    return value[output]


def random_upstream(rng: Generator, shape: tuple[int, ...]) -> Array | None:
    """A standard normal upstream gradient; none for a single number, whose gradient is taken as it is."""
    return None if shape == () else np.asarray(np.round(rng.standard_normal(shape), 3)) + 0.0


def refuse_uniform(upstream: Any) -> None:
    """Raise CourseError if the upstream gradient is the same everywhere: it would hide every wrong order."""
    array = expected_array(upstream, what="the upstream gradient")
    if array.size > 1 and (array == array.flat[0]).all():
        raise CourseError("the upstream gradient is the same everywhere; draw it from rng")


def refuse_vacuous(right: Sequence[Any], names: Sequence[str], *, upstream: Any) -> None:
    """Raise CourseError if the right gradients are nearly zero: then a wrong zero would pass."""
    length = 1.0 if upstream is None else float(np.linalg.norm(np.asarray(upstream)))
    arrays = [expected_array(gradient, what=f"the gradient {name}").astype(np.float64)
              for gradient, name in zip(right, names, strict=True)]  # fmt: skip
    norms = [float(np.linalg.norm(array)) for array in arrays]
    for name, norm, array in zip(names, norms, arrays, strict=True):
        if norm <= VACUOUS_ALONE * length / np.sqrt(max(1, array.size)):
            raise CourseError(f"the right gradient {name} is nearly zero ({norm:.1e}), so the check proves nothing")
    size = sum(array.size for array in arrays)
    total = float(np.linalg.norm(norms))
    if total <= VACUOUS * length / np.sqrt(max(1, size)):
        raise CourseError(f"the right gradients are nearly zero ({total:.1e} in all), so the check proves nothing")


def parameter_names(function: Any, args: Sequence[Any]) -> list[str]:
    """One name for each argument: that of the parameter, or "argument 3" where it has none."""
    known = getattr(function, "parameters", ())
    known = [str(name) for name in known] if isinstance(known, (tuple, list)) else []
    return [known[i] if i < len(known) else f"argument {i + 1}" for i in range(len(args))]


def position_of(key: int | str, names: Sequence[str]) -> int:
    """The argument that a gradient belongs to: by position, or "w", "dw", "d_w" and "grad_w" for the one called w.

    Raises CourseError if there is none.
    """
    if isinstance(key, int):
        if not 0 <= key < len(names):
            raise CourseError(f"there is no argument at position {key}")
        return key
    for name in (key, key.removeprefix("d").removeprefix("_"), key.removeprefix("grad_")):
        if name in names:
            return list(names).index(name)
    raise CourseError(f"gradient {key!r} belongs to no argument; there are: {', '.join(names)}")


def sizes_of(args: Sequence[Any], names: Sequence[str]) -> dict[str, int]:
    """The dimensions of the arguments, by the expression a student would write: {"X.shape[0]": 5, ...}."""
    return {
        f"{name}.shape[{axis}]": size
        for arg, name in zip(args, names, strict=True)
        if isinstance(arg, np.ndarray) or is_tensor(arg)
        for axis, size in enumerate(arg.shape)
    }


def terms_of(args: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    """The array arguments by name: a term too many in a gradient is often a multiple of one."""
    return {name: arg for arg, name in zip(args, names, strict=True) if isinstance(arg, np.ndarray) and arg.size}


def _as_tensors(args: Sequence[Any]) -> list[Any]:
    import torch

    return [torch.from_numpy(np.array(arg)) if isinstance(arg, np.ndarray) else arg for arg in args]


def _differentiable(args: Sequence[Any]) -> list[int]:
    found = [
        position for position, arg in enumerate(args)
        if (isinstance(arg, np.ndarray) and arg.dtype.kind == "f") or (is_tensor(arg) and arg.is_floating_point())
    ]  # fmt: skip
    if not found:
        raise CourseError("no argument is an array of floats: there is nothing to differentiate by")
    return found


def _lowest_precision(args: Sequence[Any]) -> np.dtype[Any]:
    floats = [arg.dtype for arg in args if isinstance(arg, np.ndarray) and arg.dtype.kind == "f"]
    return min(floats, key=lambda dtype: dtype.itemsize, default=np.dtype(np.float64))
