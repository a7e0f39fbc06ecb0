"""The warm server: a fresh interpreter that has imported what notebooks import, and forks one supervisor a submission.

It is started by exec with a clean environment before any secret is loaded, so its memory, which every submission gets a
copy of, has never held one. It is told what to warm up and what to start; it never sees a notebook.

Requests are frames (`wire`); one that brings descriptors says how many, and they follow with one byte. One server serves
several graders.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import os
import select
import socket
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.sandbox import linux, pages
from autograder.submission import wire


def warm_core() -> None:
    """numpy, torch, and the first call of what every notebook calls."""
    import torch

    torch.set_num_threads(1)
    weight = torch.ones(8, 8, requires_grad=True)
    torch.autograd.grad(((torch.ones(4, 8) @ weight).tanh() ** 2).sum(), weight)
    repr(weight)
    from autograder.submission import _child, _cells  # noqa: F401, I001

    _cells.transform("%matplotlib inline\n!true\nx = 1\nx?")
    compile("await x", "<warm>", "exec", flags=0x2000)


def warm_optim() -> None:
    """The first optimiser imports some 800 modules of torch."""
    import torch
    import torch._dynamo
    import torch.utils.data

    for kind in (torch.optim.SGD, torch.optim.Adam):
        parameter = torch.nn.Parameter(torch.ones(2))
        parameter.grad = torch.ones(2)
        kind([parameter], lr=0.1).step()


def warm_nn() -> None:
    """Modules and one convolution, which reads /proc/cpuinfo at first use."""
    import torch

    torch.nn.functional.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3))
    torch.nn.Linear(2, 2)(torch.ones(1, 2))


def warm_matplotlib() -> None:
    """One figure, so that fonts are found before the file system closes."""
    import io

    import matplotlib.pyplot as plt

    figure = plt.figure()
    figure.gca().plot([0, 1])
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)


def warm_sklearn() -> None:
    """scikit-learn's data sets."""
    import sklearn.datasets

    _import("sklearn.model_selection", "sklearn.preprocessing")
    sklearn.datasets.load_iris()


def _import(*modules: str) -> None:
    for module in modules:
        importlib.import_module(module)


WARM_UPS: dict[str, Callable[[], None]] = {
    "core": warm_core,
    "optim": warm_optim,
    "nn": warm_nn,
    "func": functools.partial(_import, "torch.func"),
    "matplotlib": warm_matplotlib,
    "sklearn": warm_sklearn,
    "scipy": functools.partial(_import, "scipy.optimize", "scipy.special", "scipy.stats"),
    "pandas": functools.partial(_import, "pandas"),
}


class Server:
    """State of the server: who may ask, and what is warm."""

    def __init__(self, control: socket.socket, *, many: bool = False) -> None:
        """Serve the grader at the other end of `control`, and those that it connects.

        `many`: so many submissions that it is worth making forks cheaper first.
        """
        self.controls = [wire.Connection(control)]
        self.many = many
        self.warm: dict[str, str] = {}
        self.filters: dict[Any, Any] = {}

    def serve(self) -> None:
        """Until every grader has hung up."""
        while self.controls:
            ready, _, _ = select.select([control.sock for control in self.controls], [], [], 1.0)
            _reap()
            for control in [control for control in self.controls if control.sock in ready]:
                try:
                    request = control.receive()
                    descriptors = control.receive_descriptors(request.get("descriptors", 0))
                except wire.Closed:
                    self.controls.remove(control)
                    control.close()
                    continue
                reply = self.answer(request, descriptors)
                for descriptor in descriptors:
                    os.close(descriptor)
                control.send(reply)

    def answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """The reply to one request."""
        match request["op"]:
            case "warm":
                self.warm_up(*request["what"])
                return {"warm": self.warm, "threads": len(os.listdir("/proc/self/task")) if _LINUX else 1}
            case "many":
                self.many = True
                if _LINUX:
                    pages.gather()
                return {}
            case "connect":
                self.controls.append(wire.Connection(socket.socket(fileno=os.dup(descriptors[0]))))
                return {}
            case "start":
                return {"pid": self.start(request["confinement"], request["data"], descriptors)}
        return {"error": f"unknown request {request['op']!r}"}

    def warm_up(self, *names: str) -> None:
        """Do these warm-ups, each once. What cannot be imported here is left to the notebook to complain of."""
        new = [name for name in names if name not in self.warm]
        if not new:
            return
        gc.disable()  # nothing of an import is garbage, and looking for it takes a tenth of the time
        for name in new:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    WARM_UPS[name]()
                except ImportError as error:
                    self.warm[name] = f"missing: {error.name}"
                else:
                    self.warm[name] = "done"
        gc.enable()
        gc.freeze()  # or a submission would look through all of this, and get pages of its own
        if self.many and _LINUX:
            pages.gather()

    def start(self, described: dict[str, Any], data: str, descriptors: list[int]) -> int:
        """Fork a supervisor for one submission; descriptors: its socket, and the submission's."""
        from autograder.sandbox import _supervisor, layers

        confinement = layers.Confinement.from_wire(described)
        key = (confinement.uid is None, confinement.off)
        if key not in self.filters:
            self.filters[key] = layers.prebuild(confinement)
        pid = layers.fork_supervisor(confinement)
        if pid == 0:
            for control in self.controls:
                control.close()
            _supervisor.main(descriptors[0], descriptors[1], confinement, self.filters[key], data)
        return pid


_LINUX = sys.platform == "linux"


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _wait_for_supervisors(seconds: float) -> None:
    """They end when their grader hangs up; whoever does not is killed by the kernel when this process is gone."""
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.002)


def run(server: Server) -> NoReturn:
    """Serve until every grader has hung up, and end the process."""
    if _LINUX:
        linux.set_dumpable(False)  # a submission of the same user could list its descriptors
    server.warm_up("core")
    server.serve()
    _wait_for_supervisors(2.0)
    os._exit(0)  # nothing here needs an orderly end, which takes torch 100 ms


if __name__ == "__main__":  # python -m autograder.sandbox._server FD [many]
    run(Server(socket.socket(fileno=int(sys.argv[1])), many="many" in sys.argv[2:]))
