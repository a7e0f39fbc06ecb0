# Tries: to find the grader's environment: its own, its parents', everybody's.
# Holds: the environment of the submission was made for it, and no other can be read.
# Points: 10
# %% honest
# %%
def mine():
    return {key: value for key, value in os.environ.items() if "canary" in value.lower() or "CHAINRULE" in key} or None


def of_libc():
    libc.getenv.restype = ctypes.c_char_p
    return libc.getenv(b"CHAINRULE_CANARY")


def of_everybody():
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += [part for part in place.read_bytes().split(b"\0") if b"canary" in part.lower()]
    return found or None


for deed in (mine, of_libc, of_everybody):
    attempt(deed)
report()
