"""Which isolation layers this machine has, found out by applying each in a throw-away process and seeing it bite.

Call `probe` from a small process, before torch is imported: it forks (about 50 ms in all).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import Path
from typing import Literal

from autograder.errors import IsolationError
from autograder.sandbox import interpreter, landlock, limits, linux, namespaces, seccomp
from autograder.sandbox.namespaces import IPC, MOUNT, NET, PID
from autograder.verdict import Layer

UID, LIMITS, NO_NEW_PRIVS, LANDLOCK, SECCOMP = "uid", "limits", "no_new_privs", "landlock", "seccomp"
LAYERS = (UID, LIMITS, NO_NEW_PRIVS, LANDLOCK, SECCOMP, NET, IPC, PID, MOUNT)
FIRST_UID = 60_000
"""Submissions run as users 60000, 60001, ...: one for each worker, so that none can touch another's."""
SWITCHED_OFF = "switched off"

_IN_CONTAINERS = "run as root with CAP_SYS_ADMIN, or allow user namespaces (`sysctl user.max_user_namespaces`; on Ubuntu also `sysctl kernel.apparmor_restrict_unprivileged_userns=0`)"  # noqa: E501 fmt: skip
HOW_TO_GET = {
    UID: "run the grader as root (in a container, or with sudo), with Python where every user may read it",
    LIMITS: "grade on Linux or macOS",
    NO_NEW_PRIVS: "grade on Linux",
    LANDLOCK: "Linux 5.13 or later, with `landlock` among the boot parameter lsm=...",
    SECCOMP: seccomp.HOW_TO_GET,
    NET: _IN_CONTAINERS,
    IPC: _IN_CONTAINERS,
    PID: _IN_CONTAINERS,
    MOUNT: f"{_IN_CONTAINERS}; needs Linux 5.12",
}


def probe(*, off: Set[str] = frozenset()) -> tuple[Layer, ...]:
    """Every layer, in the order of LAYERS, with whether it works here; those in `off` are not tried.

    Raises ValueError if `off` names no layer.
    """
    unknown = sorted(set(off) - set(LAYERS))
    if unknown:
        raise ValueError(f"no such isolation layer: {', '.join(unknown)}; there are: {', '.join(LAYERS)}")
    found = {name: Layer(name, active=False, note=SWITCHED_OFF) for name in off}

    def attempt(name: str, work: Callable[[], str]) -> bool:
        if name not in found:
            active, note = in_child(work)
            found[name] = Layer(name, active, note)
        return found[name].active

    place = Path(os.path.realpath(tempfile.mkdtemp(prefix="chainrule-probe-")))
    folder = place / "scratch"
    folder.mkdir()
    (place / "outside").mkdir()
    try:
        attempt(LIMITS, _limits_bite)
        if sys.platform != "linux":
            return tuple(found.get(name, Layer(name, active=False, note="needs Linux")) for name in LAYERS)
        attempt(NO_NEW_PRIVS, _no_new_privileges_bite)
        attempt(LANDLOCK, lambda: _landlock_bites(folder))
        attempt(SECCOMP, _seccomp_bites)
        attempt(NET, _net_namespace_is_empty)
        attempt(IPC, lambda: _enter({IPC}))
        both, note = False, ""
        if PID not in off and MOUNT not in off:
            both, note = in_child(lambda: _private_root(folder, pid=True))
        if both:
            found |= {name: Layer(name, active=True, note=note) for name in (PID, MOUNT)}
        elif PID not in off and MOUNT in off:
            found[PID] = Layer(PID, active=False, note="needs mount_namespace, for a /proc of its own")
        elif PID not in off:
            found[PID] = Layer(PID, active=False, note=note)
        attempt(MOUNT, lambda: _private_root(folder, pid=False))
        attempt(UID, lambda: _uid_bites(folder, mount=found[MOUNT].active, pid=found[PID].active))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return tuple(found[name] for name in LAYERS)


def required(policy: Literal["required", "default", "none"], layers: Iterable[Layer], *,
             secrets: Sequence[Path] = (), platform: str = sys.platform) -> str | None:  # fmt: skip
    """Whether submissions may be run with these layers: None, or a warning that must be shown.

    Raises IsolationError if a layer is missing that `policy` asks for: a file barrier (uid or Landlock) and seccomp,
    with "required" everywhere, with "default" on Linux. `secrets` are files and folders that a submission must not
    read: where the uid is the only barrier, they must be closed to other users.
    """
    active = {layer.name for layer in layers if layer.active}
    faults, remedies = [], []
    if not active & {UID, LANDLOCK}:
        faults.append("nothing keeps a submission from reading the hidden checks (no separate user, no Landlock)")
        remedies.append(f"{HOW_TO_GET[UID]}; or {HOW_TO_GET[LANDLOCK]}")
    elif not active & {LANDLOCK, MOUNT}:
        opened = [str(path) for path in secrets if _open_to_others(path)]
        if opened:
            faults.append(f"other users, and so submissions, can read {', '.join(opened)}")
            remedies.append(f"`chmod -R go= {' '.join(opened)}`")
    if SECCOMP not in active:
        faults.append("nothing keeps a submission from the network and from other processes (no seccomp)")
        remedies.append(HOW_TO_GET[SECCOMP] if platform == "linux" else "grade on Linux, or in a Linux container")
    if not faults:
        return None
    found = f"{'; and '.join(faults)}. To get it: {'; and '.join(remedies)}."
    if policy == "required" or (policy == "default" and platform == "linux"):
        raise IsolationError(f"Submissions must not be run here: {found} To run them all the same, for a trial with "
                             "notebooks that you trust: `--isolation none`.")  # fmt: skip
    return f"WARNING: NOT A SANDBOX. Grade only notebooks that you trust: {found}"


def doctor_lines(layers: Iterable[Layer]) -> list[tuple[Layer, str]]:
    """Each layer, with how to get it; "" if it is there, or was switched off."""
    return [(layer, "" if layer.active or layer.note == SWITCHED_OFF else HOW_TO_GET[layer.name]) for layer in layers]


def become(uid: int, gid: int) -> None:
    """Be that user for good, with no other group. Raises OSError, or IsolationError if it did not hold."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (gid, gid, gid) or os.getgroups():
        raise IsolationError(f"could not become user {uid}")


def in_child(work: Callable[[], str]) -> tuple[bool, str]:
    """Run `work` in a forked process: (True, what it returned), or (False, why it failed)."""
    if not hasattr(os, "fork"):
        return False, "needs fork"
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            try:
                answer = (True, work())
            except Exception as error:  # noqa: BLE001 - whatever it is, the layer does not work
                answer = (False, _reason(error))
            os.write(writer, json.dumps(answer).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    if not text:
        return False, "the process that tried it died"
    active, note = json.loads(text)
    return bool(active), str(note)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.EPERM, errno.EACCES):
        return "not permitted here"
    if isinstance(error, OSError) and error.errno in (errno.ENOSYS, errno.EOPNOTSUPP):
        return "not in this kernel"
    return str(error)


def _must(refused: bool, *, otherwise: str) -> None:
    if not refused:
        raise IsolationError(otherwise)


def _limits_bite() -> str:
    limits.apply(memory_mib=512, processes=16, file_mib=16, open_files=16)
    refused = False
    try:
        for _ in range(20):
            os.dup(0)
    except OSError as error:
        refused = error.errno == errno.EMFILE
    _must(refused, otherwise="a limit on open files had no effect")
    return "" if sys.platform == "linux" else "without a limit on memory"


def _no_new_privileges_bite() -> str:
    linux.drop_capabilities()
    linux.set_no_new_privileges()
    _must(linux.has_no_new_privileges(), otherwise="had no effect")
    return ""


def _landlock_bites(folder: Path) -> str:
    abi = landlock.restrict(readable=(), writable=[folder])
    _must(_is_refused(lambda: os.listdir("/")), otherwise="had no effect")
    _must(not _is_refused(lambda: os.listdir(folder)), otherwise="closed a folder that it should open")
    return f"version {abi}"


def _seccomp_bites() -> str:
    seccomp.load(seccomp.build(same_uid=True))
    _must(_is_refused(lambda: socket.socket().close()), otherwise="had no effect")
    return ""


def _enter(names: Set[str]) -> str:
    namespaces.enter(names)
    return "" if os.geteuid() == 0 else "through a user namespace"


def _net_namespace_is_empty() -> str:
    note = _enter({NET})
    _must({name for _, name in socket.if_nameindex()} <= {"lo"}, otherwise="has network devices")
    return note


def _private_root(folder: Path, *, pid: bool) -> str:
    note = _enter({MOUNT, PID} if pid else {MOUNT})
    owner = (os.geteuid(), os.getegid())
    namespaces.make_private_root(interpreter.paths(), folder, owner=owner, scratch_mib=1, own_proc=pid)
    _must(os.listdir(folder.parent) == ["scratch"], otherwise="had no effect")
    if pid:
        _must(os.getpid() == 1 and os.readlink("/proc/self") == "1", otherwise="/proc is not its own")
    return note


def _uid_bites(folder: Path, *, mount: bool, pid: bool) -> str:
    if os.geteuid() != 0:
        raise IsolationError("not root")
    if mount:
        _private_root(folder, pid=pid)
    become(FIRST_UID, FIRST_UID)
    _must(_is_refused(lambda: os.setuid(0)), otherwise="root can be taken back")
    closed = closed_folder(Path(os.__file__)) or next(filter(None, map(closed_folder, interpreter.paths())), None)
    if closed is not None:
        raise IsolationError(f"{closed} is closed to other users, so that a submission could not import what lies in "
                             f"it: `chmod o+x {closed}`, or install Python elsewhere")  # fmt: skip
    return f"from {FIRST_UID} on"


def closed_folder(path: Path) -> Path | None:
    """The topmost of the folders above `path`, or `path` itself, that this user cannot enter or read; None if open."""
    path = Path(os.path.realpath(path))
    for folder in reversed(path.parents):
        if folder.exists() and not os.access(folder, os.X_OK):
            return folder
    return path if path.exists() and not os.access(path, os.R_OK) else None


def _is_refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except PermissionError:
        return True
    return False


def _open_to_others(path: Path) -> bool:
    """Whether a user of another name and group could read `path`, as far as file modes say."""
    path = Path(os.path.realpath(path))
    with contextlib.suppress(OSError):
        reachable = all(folder.stat().st_mode & 0o001 for folder in path.parents)
        return reachable and bool(path.stat().st_mode & 0o005)
    return False
