"""seccomp: the system calls that no homework needs are refused.

A deny-list: an allow-list would break with each new libc or torch. It stands behind the uid and Landlock layers.
The filter is built once, by libseccomp, and then only loaded (0.2 ms) in each process.

Refused calls fail with EPERM, so that a notebook gets a PermissionError and goes on. `clone3` fails with ENOSYS,
because its flags lie in memory where a filter cannot look: libc then falls back to `clone`. `socketpair` stays
allowed (asyncio needs it).
"""

from __future__ import annotations

import errno
import tempfile
from typing import Any

from autograder.errors import IsolationError
from autograder.sandbox import linux

HOW_TO_GET = "install libseccomp (Debian and Ubuntu: `apt-get install libseccomp2`) and `pip install pyseccomp`"

_NETWORK = "socket connect bind listen accept accept4"
_OTHER_PROCESSES = (
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_open pidfd_getfd "
    "pidfd_send_signal sched_setaffinity sched_setscheduler sched_setparam sched_setattr setpriority ioprio_set "
    "migrate_pages move_pages"
)
_NAMESPACES = (
    "unshare setns mount umount umount2 pivot_root chroot move_mount open_tree open_tree_attr fsopen fsconfig fsmount "
    "fspick mount_setattr"
)
_PROGRAMS = "execve execveat uselib"
_KERNEL_SURFACE = (
    "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register fanotify_init "
    "open_by_handle_at name_to_handle_at personality modify_ldt vmsplice"
)
_KEYS = "add_key request_key keyctl"
_SHARED_MEMORY = (
    "shmget shmat shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink memfd_create "
    "memfd_secret"
)
_DEVICES = "mknod mknodat ioperm iopl"
_ADMINISTRATION = (
    "reboot kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff sethostname "
    "setdomainname settimeofday clock_settime clock_adjtime adjtimex acct quotactl quotactl_fd syslog vhangup "
    "lookup_dcookie nfsservctl"
)
_ALWAYS = (_NETWORK, _OTHER_PROCESSES, _NAMESPACES, _PROGRAMS, _KERNEL_SURFACE, _KEYS, _SHARED_MEMORY, _DEVICES,
           _ADMINISTRATION)  # fmt: skip

_SIGNALS = "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo"
_FILE_OWNERSHIP = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat setxattr lsetxattr fsetxattr setxattrat "
    "removexattr lremovexattr fremovexattr removexattrat file_setattr"
)
_SAME_UID = (_SIGNALS, _FILE_OWNERSHIP)
"""Refused as well where the submission runs as the grader's own user: nothing else would stop them there."""

_NUMBERS = {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469}
"""Calls that are younger than a libseccomp may be; from 424 on, one number serves every architecture."""

_NEW_NAMESPACES = tuple(1 << bit for bit in (17, 25, 26, 27, 28, 29, 30))
"""The CLONE_NEW... flags: mount, cgroup, uts, ipc, user, pid, net. (`clone` cannot make a time namespace.)"""
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
"""ioctl requests that type into a terminal."""
_F_SETOWN, _F_SETOWN_EX = 8, 15
"""fcntl commands that say whom SIGIO goes to: a way to signal another process."""
_LOW_32_BITS = 0xFFFF_FFFF


def build(*, same_uid: bool) -> bytes:
    """The compiled filter, for `load`.

    `same_uid`: the submission runs as the grader's own user, so that signals and changes of file modes are refused too.
    Raises IsolationError if libseccomp or pyseccomp is missing.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise IsolationError(f"seccomp is not available: {HOW_TO_GET}") from error
    refuse = pyseccomp.ERRNO(errno.EPERM)
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, refuse)  # 32-bit and x32 calls have other numbers
    rules.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, 2)  # a binary search: each call passes 8 comparisons, not 100
    for group in _ALWAYS + (_SAME_UID if same_uid else ()):
        for name in group.split():
            number = _number(pyseccomp, name)
            if number is not None:
                rules.add_rule(refuse, number)

    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in _NEW_NAMESPACES:
        rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    rules.add_rule(refuse, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))
    _refuse_request(pyseccomp, rules, refuse, "ioctl", (_TIOCSTI, _TIOCLINUX))
    if same_uid:
        _refuse_request(pyseccomp, rules, refuse, "fcntl", (_F_SETOWN, _F_SETOWN_EX))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def load(program: bytes) -> None:
    """Refuse the calls from now on, in this process and its descendants, for good. Raises OSError."""
    linux.set_no_new_privileges()
    linux.load_seccomp(program)


def _number(pyseccomp: Any, name: str) -> int | None:
    number: int = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    return _NUMBERS.get(name) if number == -1 else number


def _refuse_request(pyseccomp: Any, rules: Any, refuse: int, name: str, requests: tuple[int, ...]) -> None:
    for request in requests:
        rules.add_rule(refuse, name, pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _LOW_32_BITS, request))
