"""The Linux system calls that Python's standard library lacks, and nothing else.

Each function raises OSError, or does what its manual page says. Importing this file works on every system; calling
into it works on Linux alone (elsewhere: OSError with ENOSYS).

Sources: the manual pages prctl(2), unshare(2), mount(2), mount_setattr(2), pivot_root(2), capset(2),
madvise(2).
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import signal
import sys
from typing import Any

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x4_0000
MNT_DETACH = 2

_PR_SET_PDEATHSIG = 1
_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
_PR_SET_SECCOMP = 22
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS, _PR_GET_NO_NEW_PRIVS = 38, 39
_SECCOMP_MODE_FILTER = 2

# Calls from number 424 on have one number for every architecture.
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_MADV_COLLAPSE = 25
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 1, 2


@functools.cache
def _libc() -> Any:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "this isolation layer is a feature of Linux")
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: Any) -> int:
    """Call libc's `name`; ints become C longs. Raises OSError if the answer is negative."""
    converted = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    answer: int = getattr(_libc(), name)(*converted)
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return answer


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """The system call of that number. Raises OSError if it fails."""
    return _call("syscall", number, *arguments)


def _prctl(option: int, value: int | bytes = 0, third: int | bytes = 0) -> int:
    return _call("prctl", option, value, third, 0, 0)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends. A change of user clears it; forks do not inherit it."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def set_dumpable(dumpable: bool) -> None:
    """Not dumpable: no core file, and no reading of /proc/PID/mem and the like by the same user."""
    _prctl(_PR_SET_DUMPABLE, int(dumpable))


def is_dumpable() -> bool:
    """Whether another process of the same user may look inside this one."""
    return _prctl(_PR_GET_DUMPABLE) == 1


def become_subreaper() -> None:
    """Adopt the orphans among this process's descendants, so that a daemon cannot slip away."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def be_killed_first() -> None:
    """When memory runs out, let the kernel end this process and its children before any other."""
    with open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(b"1000")


def set_no_new_privileges() -> None:
    """For this process and its descendants, for good. Landlock and seccomp need it."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def has_no_new_privileges() -> bool:
    """Whether that was set."""
    return _prctl(_PR_GET_NO_NEW_PRIVS) == 1


class _FilterProgram(ctypes.Structure):  # struct sock_fprog
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def load_seccomp(program: bytes) -> None:
    """Install a compiled seccomp filter: 8 bytes for each BPF instruction. Needs `set_no_new_privileges` or root."""
    filter_program = _FilterProgram(len(program) // 8, program)
    if _libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter_program), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` (CLONE_NEW...) for new ones of one's own."""
    _call("unshare", flags)


def setns(descriptor: int, flags: int) -> None:
    """Enter, or with CLONE_NEWPID let children be born in, the namespace that `descriptor` is open on (setns(2))."""
    _call("setns", descriptor, flags)


def mount(source: str | None, target: str, kind: str | None, flags: int = 0, data: str | None = None) -> None:
    """Mount, or change a mount."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    _call("mount", *encoded[:3], flags, encoded[3])


def make_read_only(target: str) -> None:
    """Make every mount at and below `target` read-only, without set-user-id programs. Needs Linux 5.12."""
    attributes = b"".join(
        word.to_bytes(8, sys.byteorder) for word in (_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    )
    syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, attributes, len(attributes))


def change_root(target: str) -> None:
    """Make the mount `target` the root of this mount namespace, and drop the old root."""
    os.chdir(target)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", MNT_DETACH)
    os.chdir("/")


def collapse(start: int, length: int) -> None:
    """Gather the pages of this process in that range into huge ones. Needs Linux 6.1; nothing is lost if it fails."""
    _call("madvise", start, length, _MADV_COLLAPSE)


def drop_capabilities() -> None:
    """Give up every capability, those inside a user namespace included."""
    header = (0x2008_0522).to_bytes(4, sys.byteorder) + bytes(4)  # _LINUX_CAPABILITY_VERSION_3, this process
    _call("capset", header, bytes(24))
