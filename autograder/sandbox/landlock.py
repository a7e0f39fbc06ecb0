"""Landlock: a process gives up, for itself and its descendants, all of the file system but a few folders.

Needs no privilege. It does not govern stat, chmod, chown and utime: in same-uid mode, `seccomp` refuses those.

Source: the Linux kernel's userspace-api/landlock; the three calls have one number on every architecture.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from autograder.sandbox import linux

_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ = _READ_FILE | _READ_DIR
_RIGHTS_COUNT = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many file-system rights each version of the interface knows; 16 from version 5 on."""
_MAKE_DEVICES = 1 << 6 | 1 << 11
"""Making character and block devices: not even in the scratch folder."""

_TCP = 0b11
_SCOPES = 0b11
"""Scopes: no connection to abstract sockets, and no signal, outside."""


def version() -> int:
    """Version of Landlock's interface on this kernel, 1 or more. Raises OSError if it has none."""
    return linux.syscall(_SYS_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)


def restrict(*, readable: Iterable[Path], writable: Iterable[Path]) -> int:
    """Allow reading `readable`, and reading and writing `writable`; nothing else, for good. Returns the version.

    Readable paths that are missing, or out of this user's reach, are skipped. Where the kernel knows how, TCP is refused too, and so are abstract sockets
    and signals of processes outside. Raises OSError.
    """
    abi = version()
    everything = (1 << _RIGHTS_COUNT.get(abi, 16)) - 1
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    attributes = struct.pack("=QQQ", everything, _TCP, _SCOPES)[:size]
    ruleset = linux.syscall(_SYS_CREATE_RULESET, attributes, size, 0)
    try:
        for path in readable:
            with contextlib.suppress(FileNotFoundError, PermissionError, NotADirectoryError):
                _allow(ruleset, path, _READ)
        for path in writable:
            _allow(ruleset, path, everything & ~_EXECUTE & ~_MAKE_DEVICES)
        linux.set_no_new_privileges()
        linux.syscall(_SYS_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FILE_RIGHTS
        rule = struct.pack("=Qi", rights, descriptor)
        linux.syscall(_SYS_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
