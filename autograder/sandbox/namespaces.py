"""Namespaces: a submission with no network, no other processes, and no files but those it is given.

Root may make them; an ordinary user may where the kernel grants user namespaces. In a container without
CAP_SYS_ADMIN, as on Gradescope, none of them is to be had.

The mount namespace gets a root of its own: an empty tmpfs into which the readable paths are bound, read-only, each
under its own name. Everything else, such as the course folder, is not there. Folders on the way to a readable path
are fresh and open to everyone, so that an interpreter inside a closed home directory can be used by another user.
"""

from __future__ import annotations

import os
import select
import signal
import stat
from collections.abc import Iterable, Set
from pathlib import Path

from autograder.sandbox import linux

NET, IPC, PID, MOUNT = "net_namespace", "ipc_namespace", "pid_namespace", "mount_namespace"
FLAGS = {
    NET: linux.CLONE_NEWNET,
    IPC: linux.CLONE_NEWIPC | linux.CLONE_NEWUTS,
    PID: linux.CLONE_NEWPID,
    MOUNT: linux.CLONE_NEWNS,
}
_MIB = 1 << 20
_SCRATCH_FILES = 4096


def fork(names: Set[str]) -> int:
    """os.fork for a process that will `enter` these namespaces. Raises OSError.

    Where root may, with "pid_namespace", the child is born as init of a new one: it need not fork again, which takes
    4 ms where torch is imported. Only one thread may run.
    """
    if PID not in names or os.geteuid() != 0:
        return os.fork()
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    linux.unshare(linux.CLONE_NEWPID)  # for children, not for this process
    pid = os.fork()
    if pid:
        linux.setns(own, linux.CLONE_NEWPID)
    os.close(own)
    return pid


def enter(names: Set[str]) -> None:
    """Enter new namespaces of these names, through a user namespace if this is not root. Raises OSError.

    With "pid_namespace", unless it was born as init of one (`fork`), this process forks: the caller goes on as init of the
    new namespace, while the process that called stays outside, waits for it, and ends as it ends. If either is killed, so
    is everything inside.
    """
    if os.getpid() == 1:
        names = names - {PID}
    if not names:
        return
    if os.geteuid() != 0:
        _enter_user_namespace()
    flags = 0
    for name in names:
        flags |= FLAGS[name]
    linux.unshare(flags)
    if PID in names:
        _become_init()


def _enter_user_namespace() -> None:
    """With every capability inside, and the user's own id as the only one there is."""
    uid, gid = os.geteuid(), os.getegid()
    linux.set_dumpable(True)  # otherwise /proc/self belongs to root, and the maps cannot be written
    linux.unshare(linux.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_bytes(b"deny")
    Path("/proc/self/uid_map").write_bytes(b"%d %d 1" % (uid, uid))
    Path("/proc/self/gid_map").write_bytes(b"%d %d 1" % (gid, gid))


def _become_init() -> None:
    alive, outside_alive = os.pipe()
    init = os.fork()
    if init == 0:
        os.close(outside_alive)
        linux.die_with_parent()
        gone, _, _ = select.select([alive], [], [], 0)  # the end of the pipe: outside ended before the line above
        if gone:
            os._exit(1)
        os.close(alive)
        return
    # Whoever reads from the other descriptors must see their end when init ends.
    os.closerange(0, outside_alive)
    os.closerange(outside_alive + 1, 1 << 16)
    _, status = os.waitpid(init, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(code)


def make_private_root(readable: Iterable[Path], scratch: Path, *, owner: tuple[int, int], scratch_mib: int,
                      own_proc: bool) -> None:  # fmt: skip
    """Leave this mount namespace's root for one that holds `readable` and an empty `scratch`, and nothing else.

    `readable`: absolute paths, none inside another (`interpreter.outermost`).
    `scratch`: an existing folder, as an absolute path without links.
    `owner`: user and group of the scratch folder, which has mode 0700 and room for `scratch_mib` MiB.
    `own_proc`: mount a /proc of this PID namespace; otherwise /proc is the machine's.
    Raises OSError; then this process is in a half-made root, and should end.
    """
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    os.umask(0o022)
    root = scratch
    linux.mount("tmpfs", str(root), "tmpfs", linux.MS_NOSUID, "mode=0755,size=1m")
    for path in readable:
        if path != Path("/proc"):
            _graft(root, path)
    _mount_proc(root / "proc", own=own_proc)
    _folder(_below(root, scratch))
    linux.change_root(str(root))
    linux.make_read_only("/")
    uid, gid = owner
    options = f"mode=0700,uid={uid},gid={gid},size={scratch_mib * _MIB},nr_inodes={_SCRATCH_FILES}"
    linux.mount("tmpfs", str(scratch), "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)


def _graft(root: Path, path: Path) -> None:
    target = _below(root, path)
    _folder(target.parent)
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        target.symlink_to(path.readlink())
        return
    if stat.S_ISDIR(mode):
        target.mkdir()
    else:
        target.touch()
    linux.mount(str(path), str(target), None, linux.MS_BIND | linux.MS_REC)


def _mount_proc(target: Path, *, own: bool) -> None:
    _folder(target)
    if own:
        flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
        # hidepid would hide the submission from an ordinary user's supervisor, too
        linux.mount("proc", str(target), "proc", flags, "hidepid=2" if os.geteuid() == 0 else None)
    else:
        linux.mount("/proc", str(target), None, linux.MS_BIND | linux.MS_REC)


def _below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def _folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
