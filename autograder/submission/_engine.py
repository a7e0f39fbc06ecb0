"""Answers requests with a student's names: the same code in the student's kernel, in tests, and in the sandbox.

It runs beside the student's code, which can change all of it. That is harmless, because a reply is nothing but the
value that the student's code gives: the grader judges it elsewhere.

Imports only the standard library, numpy, torch (when it is needed) and `values`.
"""

from __future__ import annotations

import builtins
import copy
import inspect
import linecache
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.submission.values import CannotCross, Handle

CELL_FILE = re.compile(r"<cell (\d+)>$")


class CpuTimeUp(BaseException):
    """Raised in student code by the CPU clock. Not an Exception, so that `except Exception` does not swallow it."""


class Engine:
    """Holds a namespace, and the objects that the grader has handles of."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        """Answer with the names of `namespace`, which is used as it is, not copied."""
        self.namespace = namespace
        self.objects: list[Any] = []
        self.ask: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        """Asks the grader for a right answer (follow-through)."""

    def keep(self, value: Any) -> Handle:
        """A handle for an object that stays here."""
        self.objects.append(value)
        return Handle(len(self.objects) - 1, _describe(value))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to one request: {"value": ...} or {"error": {...}}. Never raises for what student code does."""
        try:
            return {"value": self._operation(request)}
        except _Refused as error:
            return {"error": error.fields}
        except CpuTimeUp:
            return {"error": {"kind": "time"}}
        except CannotCross as error:
            return {"error": {"kind": "cannot cross", "text": str(error)}}
        except BaseException as error:  # SystemExit and KeyboardInterrupt of the student's code too
            return {"error": _raised(error)}

    def _operation(self, request: dict[str, Any]) -> Any:
        match request["op"]:
            case "call":
                return self._call(request)
            case "map":
                function = self._resolve(request["target"])
                return [_invoke(function, args, {}) for args in request["calls"]]
            case "gradient":
                return self._gradient(request)
            case "attribute":
                return self._attribute(request)
            case "run":
                return self._run(request)
            case "lend":
                self.namespace |= {name: Lent(self, name) for name in request["names"]}
                return None
            case other:
                raise _Refused(kind="ours", text=f"unknown operation {other!r}")

    def _resolve(self, target: dict[str, Any]) -> Any:
        if "handle" in target:
            return self.objects[target["handle"]]
        name = target["name"]
        if name not in self.namespace:
            raise _Refused(kind="undefined")
        value = self.namespace[name]
        if not callable(value):
            raise _Refused(kind="not callable", text=_describe(value))
        return value

    def _call(self, request: dict[str, Any]) -> Any:
        function, args, kwargs = self._resolve(request["target"]), request["args"], request["kwargs"]
        if request.get("strict"):
            with np.errstate(all="raise", under="ignore"), warnings.catch_warnings():
                warnings.simplefilter("error")
                return _invoke(function, args, kwargs)
        result = _invoke(function, args, kwargs)
        if request.get("observed"):
            return (copy.deepcopy(result) if _is_data(result) else result, tuple(args))
        return result

    def _attribute(self, request: dict[str, Any]) -> Any:
        name = request["attribute"]
        owner = self._resolve(request["target"])
        if name.startswith("_") or not hasattr(owner, name):
            raise _Refused(kind="undefined")
        return getattr(owner, name)

    def _gradient(self, request: dict[str, Any]) -> list[Any]:
        import torch

        function = self._resolve(request["target"])
        args = [torch.from_numpy(np.array(arg)) if isinstance(arg, np.ndarray) else arg for arg in request["args"]]
        leaves = []
        for position in request["wrt"]:
            leaf = args[position]
            leaf = torch.as_tensor(leaf, dtype=None if isinstance(leaf, torch.Tensor) else torch.float64)
            args[position] = leaf.detach().clone().requires_grad_(True)
            leaves.append(args[position])
        with torch.enable_grad():
            out = _invoke(function, args, {})
            if request.get("output") is not None:
                out = out[request["output"]]
            if not isinstance(out, torch.Tensor):
                raise _Refused(kind="no gradient", text=f"returned {_describe(out)}, not a torch tensor")
            if not out.requires_grad:
                raise _Refused(
                    kind="no gradient",
                    text="its result carries no gradient: something between input and output left torch "
                    "(.detach(), .numpy(), .item(), torch.no_grad(), or a new tensor made from numbers)",
                )
            upstream = request.get("upstream")
            if upstream is None:
                scalar = out.sum()
            else:
                weights = torch.as_tensor(upstream, dtype=out.dtype)
                if weights.shape != out.shape:
                    raise _Refused(
                        kind="no gradient",
                        text=f"its result has shape {tuple(out.shape)}, expected {tuple(weights.shape)}",
                    )
                scalar = (out * weights).sum()
            gradients: tuple[Any, ...] = torch.autograd.grad(scalar, leaves, allow_unused=True)
        return [
            torch.zeros_like(leaf) if gradient is None else gradient
            for gradient, leaf in zip(gradients, leaves, strict=True)
        ]

    def _run(self, request: dict[str, Any]) -> Any:
        names = dict(self.namespace)
        source = "from __future__ import annotations\n" + request["source"]
        exec(compile(source, "<probe>", "exec"), names)
        return names[request["probe"]](*request["args"])


class Lent:
    """A right answer that stays with the grader: a call goes there as arrays, and comes back as arrays.

    Where an argument is a tensor that requires a gradient, so does the backward pass.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        torch = sys.modules.get("torch")
        wants = [
            place for place, arg in enumerate(args)
            if torch is not None and isinstance(arg, torch.Tensor) and arg.requires_grad
        ]  # fmt: skip
        if torch is None or not wants or not torch.is_grad_enabled():
            return self._ask(args, kwargs)
        return self._differentiable(torch, args, kwargs, wants)

    def _ask(self, args: Any, kwargs: dict[str, Any], **more: Any) -> Any:
        assert self._engine.ask is not None
        reply = self._engine.ask({"name": self.__name__, "args": list(args), "kwargs": kwargs, **more})
        if "value" not in reply:
            raise ValueError(f"{self.__name__}: {reply.get('error', 'no answer')}")
        return reply["value"]

    def _differentiable(self, torch: Any, args: tuple[Any, ...], kwargs: dict[str, Any], wants: list[int]) -> Any:
        lent = self

        class Call(torch.autograd.Function):  # type: ignore[misc]
            @staticmethod
            def forward(context: Any, *leaves: Any) -> Any:
                given = list(args)
                for place, leaf in zip(wants, leaves, strict=True):
                    given[place] = leaf.detach()
                context.given = given
                return lent._ask(given, kwargs)

            @staticmethod
            def backward(context: Any, upstream: Any) -> Any:
                return tuple(lent._ask(context.given, kwargs, wrt=wants, upstream=upstream))

        return Call.apply(*[args[place] for place in wants])


class _Refused(Exception):
    """A request that ends in an error reply with these fields."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(fields)
        self.fields = fields


def _invoke(function: Callable[..., Any], args: list[Any] | tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        signature = None
    if signature is not None:
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            name = getattr(function, "__name__", "it")
            raise _Refused(kind="signature", signature=f"{name}{signature}", text=str(error)) from None
    return function(*args, **kwargs)


def _is_data(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic, int, float, complex, str, list, tuple, dict, type(None)))


def _describe(value: Any) -> str:
    """As in "an object of type Tensor": for messages."""
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype}"
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _raised(error: BaseException) -> dict[str, Any]:
    """What there is to say about an exception of the student's code: type, text, and the line of theirs."""
    fields: dict[str, Any] = {"kind": "raised", "exception": type(error).__name__}
    try:
        fields["text"] = str(error)[:2000]
    except BaseException:  # an exception whose __str__ raises
        fields["text"] = ""
    cell = line = None
    trace = error.__traceback__
    while trace is not None:
        matched = CELL_FILE.match(trace.tb_frame.f_code.co_filename)
        if matched:
            cell, line = int(matched.group(1)), trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, NotImplementedError):
        fields["kind"] = "not attempted"
    if cell is not None and line is not None:
        fields |= {"cell": cell, "line": line, "source": linecache.getline(f"<cell {cell}>", line).strip()}
    if isinstance(error, builtins.SyntaxError):
        fields["text"] = error.msg
    return fields


def reset_state(seed: int) -> None:
    """Undo what a notebook may have changed in numpy, torch and the random generators, before a check runs."""
    import random

    random.seed(seed)
    np.random.seed(seed % 2**32)
    np.seterr(all="warn", under="ignore")
    np.set_printoptions()
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(seed)  # torch.manual_seed looks for GPUs, too: 1 ms in each fork
        torch.set_num_threads(1)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
        torch.set_anomaly_enabled(False)
