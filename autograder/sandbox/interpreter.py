"""What a Python process must be able to read: its interpreter, its packages, and a few files of the system.

/etc is listed file by file: where the submission has the grader's own user, nothing else would close the rest of it.
/proc is needed (torch reads /proc/cpuinfo at its first convolution, and chooses another kernel where it cannot); what
it says of other processes is guarded by their user, by `linux.set_dumpable`, and by the PID namespace.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/proc", "/sys/devices/system",
           "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")  # fmt: skip
_ETC = ("alternatives", "fonts", "group", "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias",
        "localtime", "magic", "mime.types", "nsswitch.conf", "os-release", "passwd", "timezone")  # fmt: skip
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")


def paths() -> tuple[Path, ...]:
    """The files and folders that exist of those, for this interpreter; also this package's own folder."""
    own = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *sysconfig.get_paths().values()}
    own |= {entry for entry in sys.path if Path(entry).name in _PACKAGE_FOLDERS}
    own.add(str(Path(__file__).parents[1]))
    return outermost([*map(Path, (*_SYSTEM, *(f"/etc/{name}" for name in _ETC), *own))])


def outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The absolute paths that exist, and their targets where they are links, without those that lie in another one."""
    everything = {Path(os.path.abspath(path)) for path in paths}
    everything |= {Path(os.path.realpath(path)) for path in everything}
    everything.discard(Path("/"))
    return tuple(sorted(path for path in everything
                        if os.path.lexists(path) and everything.isdisjoint(path.parents)))  # fmt: skip
