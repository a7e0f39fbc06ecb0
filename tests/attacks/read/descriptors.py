# Tries: to use descriptors that were left open: folders, files, sockets of the server and of others.
# Holds: there are four: nothing, the output, and the connection to the grader.
# Points: 10
# %% honest
# %%
for name in sorted(os.listdir("/proc/self/fd"), key=int):
    descriptor = int(name)
    with contextlib.suppress(OSError):
        target = os.readlink(f"/proc/self/fd/{descriptor}")
        if descriptor > 3 and f"/proc/{os.getpid()}/fd" not in target:
            loot.append(f"{descriptor}: {target}")


def written_to_through_proc():
    with open("/proc/self/fd/0", "w") as file:
        return None if os.readlink("/proc/self/fd/0") == "/dev/null" else file.write("x")


def went_back_to_a_folder():
    for descriptor in range(3, 256):
        with contextlib.suppress(OSError):
            os.fchdir(descriptor)
            return os.getcwd()
    return None


attempt(written_to_through_proc)
attempt(went_back_to_a_folder)
report()
