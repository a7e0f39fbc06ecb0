"""Runs the code cells of a notebook in one namespace, as far as they go.

Not a Jupyter kernel: no history, no display machinery. IPython's transformer turns magics and `!commands` into calls of a
small shell, which runs what matters for the answers (`%%time` and its like) and steps over the rest, so that no unknown
magic costs a student the cell it stands in.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autograder.submission._engine import CpuTimeUp, _raised
from autograder.submission.patience import allowance

LEAST_CPU_S = 0.5
"""For a cell when hanging ones have used up the rest: what a definition or an import takes."""

RUNNING_MAGICS = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "py"})
"""Cell magics whose body is Python that must run."""


class Anything:
    """Stands in for what a notebook talks to and grading does not need: every attribute, call and item is itself."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self

    def __getitem__(self, key: Any) -> Any:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __repr__(self) -> str:
        return ""


class Shell:
    """What `get_ipython()` gives: enough of IPython's shell for transformed cells."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace

    def run_line_magic(self, name: str, line: str, *args: Any) -> Any:
        if name in ("time", "timeit"):
            self._python(line)

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        if name in RUNNING_MAGICS:
            self._python(cell)

    def system(self, command: str) -> None:
        print(f"!{command}: shell commands do not run while a notebook is graded", file=sys.stderr)

    getoutput = system

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def _python(self, source: str) -> None:
        caller = sys._getframe(2)
        while caller.f_back is not None and not caller.f_code.co_filename.startswith("<cell "):
            caller = caller.f_back
        number = int(caller.f_code.co_filename.removeprefix("<cell ").removesuffix(">") or 0)
        run_source(transform(source), number, self.user_ns)


def transform(source: str) -> str:
    """Plain Python for a cell with magics, `!commands` and `name?`. Raises SyntaxError where IPython does."""
    from IPython.core.inputtransformer2 import TransformerManager

    plain: str = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    return plain


def prepare(namespace: dict[str, Any]) -> None:
    """Put in place what notebooks expect of a kernel, and inert stand-ins for what grading does not need."""
    shell = Shell(namespace)
    namespace |= {"__name__": "__main__", "get_ipython": lambda: shell, "display": lambda *args, **kwargs: None}
    builtins.input = lambda prompt="": ""
    sys.modules["otter"] = otter = types.ModuleType("otter")
    otter.Notebook = lambda *args, **kwargs: Anything()  # type: ignore[attr-defined]
    for module in ("IPython", "IPython.core.getipython"):
        if module in sys.modules:
            sys.modules[module].get_ipython = lambda: shell  # type: ignore[attr-defined]


def run_source(source: str, number: int, namespace: dict[str, Any]) -> None:
    """Run Python as cell `number`; top-level `await` is allowed. Raises what it raises."""
    file = f"<cell {number}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    with_await = compile(source, file, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if with_await.co_flags & inspect.CO_COROUTINE:
        import asyncio

        asyncio.run(types.FunctionType(with_await, namespace)())
    else:
        exec(with_await, namespace)


@contextmanager
def cpu_clock(seconds: float) -> Iterator[None]:
    """Raise CpuTimeUp in the main thread after so much CPU time of this process.

    The polite clock: student code can swallow it. The rlimit and the supervisor's wall clock cannot be swallowed.
    Windows, where students may run their notebook but nothing is graded, has no such clock.
    """
    if not hasattr(signal, "SIGPROF"):
        yield
        return

    def ring(signum: int, frame: Any) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.2)  # and again, for `except BaseException: pass` in a loop
        raise CpuTimeUp

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)


def run_cell(source: str, number: int, namespace: dict[str, Any], cpu_s: float) -> dict[str, Any] | None:
    """Run one cell. None if it ran to its end, else what went wrong, as fields of a verdict.CellProblem."""
    try:
        plain = transform(source)
        compile(plain, f"<cell {number}>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError) as error:
        return {"kind": "syntax error", "message": getattr(error, "msg", str(error)),
                "line": getattr(error, "lineno", None)}  # fmt: skip
    try:
        with cpu_clock(cpu_s):
            run_source(plain, number, namespace)
    except CpuTimeUp:
        return {"kind": "took too long", "message": f"more than {cpu_s:.3g} s of CPU time", "line": None}
    except SystemExit:
        return {"kind": "raised", "message": "exit() or sys.exit() was called", "line": None}
    except BaseException as error:
        fields = _raised(error)
        message = f"{fields['exception']}: {fields['text']}" if fields["text"] else fields["exception"]
        return {"kind": "raised", "message": message[:500], "line": fields.get("line")}
    return None


def run_cells(
    cells: list[tuple[int, str]],
    namespace: dict[str, Any],
    cpu_s: float,
    run_cpu_s: float,
    started: Callable[[int], None],
) -> list[dict[str, Any]]:
    """Run the cells in order; one that fails does not stop the rest. `started(number)` is told before each.

    `cpu_s`, `run_cpu_s`: CPU time of one cell at most, and about that of all together.
    """
    problems = []
    end_s = time.process_time() + run_cpu_s
    for number, source in cells:
        started(number)
        left_s = end_s - time.process_time()
        problem = run_cell(source, number, namespace, allowance(cpu_s, left_s=left_s, least_s=LEAST_CPU_S))
        if problem is not None:
            problems.append({"cell": number, **problem})
    return problems
