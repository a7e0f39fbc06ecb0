"""Shutting a submission in: which isolation layers to use, and putting them on in the right order.

The supervisor calls `enter_supervisor` before it forks; the submission process calls `confine` before it has seen a
byte of the student's. A layer that was found to work on this machine and then fails raises IsolationError: a
submission never runs with less than the report says.

`available` says which layers there are, and whether they are enough.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from autograder.errors import IsolationError
from autograder.sandbox import interpreter, landlock, limits, linux, namespaces, seccomp, watch
from autograder.sandbox.available import (
    FIRST_UID,
    LANDLOCK,
    LAYERS,
    LIMITS,
    NO_NEW_PRIVS,
    SECCOMP,
    SWITCHED_OFF,
    UID,
    become,
    probe,
    required,
)
from autograder.sandbox.limits import limit_cpu
from autograder.sandbox.namespaces import FLAGS, MOUNT, PID
from autograder.sandbox.processes import end_all
from autograder.verdict import Layer

__all__ = ["FIRST_UID", "LAYERS", "Confinement", "Prebuilt", "close_descriptors", "confine", "end_all",
           "enter_supervisor", "fork_supervisor", "limit_cpu", "over_limit", "plan", "prebuild", "probe", "remove_scratch",
           "required"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Confinement:
    """What is to be applied to one submission; plain data, made by `plan`."""

    scratch: Path
    """The one folder that a submission may write to: exists, empty, absolute and without links."""
    readable: tuple[Path, ...]
    """Files and folders that it may read."""
    layers: tuple[Layer, ...]
    """As probed: those that are active are to be applied."""
    uid: int | None = None
    """The user that it runs as; None for the grader's own."""
    gid: int | None = None
    off: frozenset[str] = frozenset()
    """Names of layers switched off, for diagnosis."""
    memory_mib: int = 512
    """Address space of one process beyond what the warm server has; and memory of all of them together."""
    processes: int = 16
    """Processes and threads, together."""
    file_mib: int = 16
    """Size of one file."""
    scratch_mib: int = 64
    """Size of all of them."""
    output_kib: int = 256
    """What it may print; kept by the supervisor."""
    message_mib: int = 64
    """Size of one answer; kept by the wire."""

    def wants(self, name: str) -> bool:
        """Whether the layer of this name is to be applied."""
        return name not in self.off and any(layer.name == name and layer.active for layer in self.layers)

    def to_wire(self) -> dict[str, Any]:
        """As dicts, lists, strings and numbers."""
        return {
            **{field.name: getattr(self, field.name) for field in fields(self)},
            "scratch": str(self.scratch),
            "readable": [str(path) for path in self.readable],
            "layers": [[layer.name, layer.active, layer.note] for layer in self.layers],
            "off": sorted(self.off),
        }

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Confinement:
        """The inverse of `to_wire`."""
        rebuilt = {
            "scratch": Path(data["scratch"]),
            "readable": tuple(Path(path) for path in data["readable"]),
            "layers": tuple(Layer(*parts) for parts in data["layers"]),
            "off": frozenset(data["off"]),
        }
        return cls(**{**data, **rebuilt})


def plan(
    layers: Iterable[Layer],
    *,
    scratch: Path,
    slot: int = 0,
    readable: Iterable[Path] = (),
    off: Collection[str] = (),
    secrets: Sequence[Path] = (),
) -> Confinement:
    """The confinement of one submission on a machine with these layers, with limits to be set by `dataclasses.replace`.

    `slot` tells the workers that run at the same time apart: each has a user of its own. `readable`: what the topic
    publishes, besides what the interpreter needs. Raises IsolationError if one of `secrets` lies inside what may be
    read, ValueError if `off` names no layer.
    """
    unknown = sorted(set(off) - set(LAYERS))
    if unknown:
        raise ValueError(f"no such isolation layer: {', '.join(unknown)}; there are: {', '.join(LAYERS)}")
    paths = _may_be_read(tuple(readable), tuple(secrets), user=os.geteuid() if hasattr(os, "geteuid") else 0)
    confinement = Confinement(Path(os.path.realpath(scratch)), paths, tuple(layers), off=frozenset(off))
    user = FIRST_UID + slot
    return replace(confinement, uid=user, gid=user) if confinement.wants(UID) else confinement


@functools.cache
def _may_be_read(readable: tuple[Path, ...], secrets: tuple[Path, ...], *, user: int) -> tuple[Path, ...]:
    """The interpreter's paths and the topic's, the same for a whole class: those that `user`, who asks, can see.

    Raises IsolationError if a secret is in them.
    """
    del user  # it only tells what is remembered apart
    paths = interpreter.outermost([*interpreter.paths(), *readable])
    for secret in secrets:
        target = Path(os.path.realpath(secret))
        for path in paths:
            if target.is_relative_to(path):
                raise IsolationError(f"{secret} lies in {path}, which submissions may read; keep the course elsewhere")
    return paths


@dataclass(frozen=True, slots=True)
class Prebuilt:
    """What can be made once, in the warm server, for every submission."""

    seccomp: bytes | None
    same_uid: bool


def prebuild(confinement: Confinement) -> Prebuilt:
    """The seccomp filter, built. It fits every confinement with the same layers. Raises IsolationError."""
    with suppress(ImportError, OSError):  # loaded here once, instead of in each submission
        importlib.import_module("resource")
        linux.is_dumpable()
    same_uid = confinement.uid is None
    return Prebuilt(seccomp.build(same_uid=same_uid) if confinement.wants(SECCOMP) else None, same_uid)


def fork_supervisor(confinement: Confinement) -> int:
    """os.fork for a supervisor, which calls `enter_supervisor` then. Raises OSError."""
    return namespaces.fork(_namespaces(confinement))


def _namespaces(confinement: Confinement) -> set[str]:
    names = {name for name in FLAGS if confinement.wants(name)}
    if MOUNT not in names:
        names.discard(PID)  # it would see the machine's /proc, where its numbers mean other processes
    return names


def enter_supervisor(confinement: Confinement, *, parent: int | None = None) -> tuple[Layer, ...]:
    """Make this freshly forked process the supervisor: in namespaces of its own, and with the scratch folder ready.

    Returns what became active. It ends when its parent does; `parent` is the expected one, to notice if that happened
    already. With a PID namespace, unless it was born into one (`fork_supervisor`), this call forks, and returns as the
    init of the new namespace; the process that called waits outside and ends the same way. With a mount namespace, the root is a new one that holds
    `confinement.readable` alone, and the scratch folder is an empty tmpfs. Raises IsolationError.
    """
    with suppress(PermissionError, AttributeError):  # it leads a session already; Windows has none
        os.setsid()
    if sys.platform != "linux":
        return _report(confinement, FLAGS)
    _die_with(parent)
    names = _namespaces(confinement)
    _apply("the namespaces", lambda: namespaces.enter(names))
    _apply("the scratch folder", lambda: _prepare_scratch(confinement, private_root=MOUNT in names, pid=PID in names))
    linux.become_subreaper()
    linux.set_dumpable(False)
    return _report(confinement, FLAGS, without=set(FLAGS) - names)


def confine(confinement: Confinement, prebuilt: Prebuilt, *, parent: int | None = None) -> tuple[Layer, ...]:
    """Shut this process and all that it will fork in, for good; returns what became active.

    To be called in the submission process before it has read a byte of the student's, with no thread running.
    `parent`: the process that it must end with. CPU time is set apart, by `limit_cpu`. Raises IsolationError.
    """
    own = (LIMITS, UID, NO_NEW_PRIVS, LANDLOCK, SECCOMP)
    os.umask(0o077)
    with suppress(OSError):  # without /proc there is no way to ask for it
        linux.be_killed_first()
    if confinement.wants(LIMITS):
        shared = None if confinement.uid is not None or not hasattr(os, "getuid") else os.getuid()
        _apply(LIMITS, lambda: limits.apply(memory_mib=confinement.memory_mib, processes=confinement.processes,
                                            file_mib=confinement.file_mib, shared_uid=shared))  # fmt: skip
    if confinement.wants(UID):
        _apply(UID, lambda: _change_user(confinement))
    os.chdir(confinement.scratch)
    if sys.platform != "linux":
        return _report(confinement, own)
    if confinement.wants(NO_NEW_PRIVS):
        _apply(NO_NEW_PRIVS, linux.drop_capabilities)
        _apply(NO_NEW_PRIVS, linux.set_no_new_privileges)
    linux.set_dumpable(False)
    _die_with(parent)  # after the change of user, which clears it
    if confinement.wants(LANDLOCK):
        writable = (confinement.scratch, Path(os.devnull))
        _apply(LANDLOCK, lambda: landlock.restrict(readable=confinement.readable, writable=writable))
    if confinement.wants(SECCOMP):
        _apply(SECCOMP, lambda: _load_seccomp(prebuilt, same_uid=confinement.uid is None))
    return _report(confinement, own)


def over_limit(confinement: Confinement, supervisor: int) -> str:
    """What the processes below `supervisor` use too much of, together: "memory", "scratch space", or ""."""
    if watch.memory_mib(supervisor, limit_mib=confinement.memory_mib) > confinement.memory_mib:
        return "memory"
    if confinement.wants(MOUNT):  # then the scratch folder is a file system of that size
        return ""
    return "scratch space" if watch.size_mib(confinement.scratch) > confinement.scratch_mib else ""


def remove_scratch(confinement: Confinement) -> None:
    """Remove what is in the scratch folder, following no link. The folder itself is left to whoever made it.

    Where nothing but the user kept the submission from /tmp and its like, also what it left there: the next one to run
    as the same user could read it. Every process of the submission must have ended.
    """
    watch.empty(confinement.scratch)
    if confinement.uid is not None and not (confinement.wants(LANDLOCK) or confinement.wants(MOUNT)):
        watch.remove_leftovers(confinement.uid)


def close_descriptors(keep: Collection[int]) -> None:
    """Close every file descriptor but those in `keep`: an inherited one would go around every other layer."""
    start = 0
    for descriptor in sorted(keep):
        if start < descriptor:  # os.closerange(0, 0) closes everything: its end is one less, unsigned
            os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, 1 << 16)


def _apply(what: str, act: Callable[[], object]) -> None:
    try:
        act()
    except (OSError, ValueError) as error:
        raise IsolationError(f"{what} worked when this machine was probed, but not now: {error}") from error


def _die_with(parent: int | None) -> None:
    linux.die_with_parent()
    if parent is not None and os.getppid() != parent:
        os._exit(1)  # it ended before the kernel was asked to tell


def _prepare_scratch(confinement: Confinement, *, private_root: bool, pid: bool) -> None:
    owner = (os.geteuid() if confinement.uid is None else confinement.uid,
             os.getegid() if confinement.gid is None else confinement.gid)  # fmt: skip
    if private_root:
        namespaces.make_private_root(confinement.readable, confinement.scratch, owner=owner,
                                     scratch_mib=confinement.scratch_mib, own_proc=pid)  # fmt: skip
    else:
        os.chmod(confinement.scratch, 0o700)
        if confinement.uid is not None:
            os.chown(confinement.scratch, *owner)


def _change_user(confinement: Confinement) -> None:
    if confinement.uid is None or confinement.gid is None or confinement.uid < FIRST_UID:
        raise IsolationError("the uid layer needs a user of its own")
    become(confinement.uid, confinement.gid)
    if not os.access(os.__file__, os.R_OK):
        raise IsolationError(f"user {confinement.uid} cannot read Python itself, at {os.__file__}")


def _load_seccomp(prebuilt: Prebuilt, *, same_uid: bool) -> None:
    if prebuilt.seccomp is None or prebuilt.same_uid != same_uid:
        raise IsolationError("the seccomp filter was built for another confinement")
    seccomp.load(prebuilt.seccomp)


def _report(confinement: Confinement, names: Iterable[str], *, without: Collection[str] = ()) -> tuple[Layer, ...]:
    notes = {layer.name: layer.note for layer in confinement.layers}
    result = []
    for name in names:
        active = confinement.wants(name) and name not in without
        note = SWITCHED_OFF if name in confinement.off else notes.get(name, "not probed")
        if confinement.wants(name) and not active:
            note = f"needs {MOUNT}"
        result.append(Layer(name, active, note))
    return tuple(result)
