# Tries: to leave the root that it lives in: mount, chroot, pivot_root, namespaces, file handles, old roots.
# Holds: these calls are refused, and there is no way out.
# Points: 10
# %% honest
# %%
def new_namespace():
    return any(libc.unshare(flag) == 0 for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000)) or None


def new_root():
    os.mkdir("new")
    os.chroot("new")
    return True


def mounted():
    os.makedirs("here", exist_ok=True)
    return libc.mount(b"/", b"here", None, 4096, None) == 0 or None


def joined():
    for place in pathlib.Path("/proc").glob("[0-9]*/ns/mnt"):
        with contextlib.suppress(OSError):
            if libc.setns(os.open(place, os.O_RDONLY), 0) == 0:
                return str(place)
    return None


def by_handle():
    return libc.syscall(304, -100, b"", 0) >= 0 or None


def cloned():
    child = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return child > 0 or None


for deed in (new_namespace, new_root, mounted, joined, by_handle, cloned):
    attempt(deed)
report()
