# The first cell of every attack: what the attacker brings along. TARGETS and TOKEN are put in by the suite, as if
# somebody had told the attacker where everything lies.
import contextlib, ctypes, gc, json, os, pathlib, signal, socket, struct, sys, threading, time

import numpy as np
import torch

TARGETS, TOKEN = json.loads(os.environ.get("NOTHING", "null") or "null"), ""
loot = []


def attempt(deed):
    """Try one deed; what it returns is loot."""
    try:
        got = deed()
    except BaseException:
        return
    if got is not None and got is not False:
        loot.append(f"{deed.__name__}: {str(got)[:200]}")


def report():
    """Say what was got hold of: staff sees it."""
    print("LOOT", json.dumps(loot), flush=True)


def shut_in():
    """Whether this process lives in a PID namespace of its own: what would hurt the machine asks this first."""
    try:
        return os.getpid() < 1000 and b"autograder" in pathlib.Path("/proc/1/cmdline").read_bytes()
    except OSError:
        return os.getpid() < 50


def hidden(x):
    """Whether this is the input of a hidden check."""
    return np.shape(x) in ((7, 3), (4, 3))


def word(x):
    """A hidden input as text."""
    return "LEAK" + "".join(f"{number:.3f}" for number in np.ravel(x)[:20])


def digit(x, base):
    """A hidden input as a number below `base`."""
    return round(abs(float(np.ravel(x)[0])) * 1000) % base


libc = ctypes.CDLL(None, use_errno=True)
