# Tries: ptrace, process_vm_readv, pidfd_getfd and kcmp on the processes above.
# Holds: these calls are refused.
# Points: 10
# %% honest
# %%
parents = [os.getppid(), 1]
with contextlib.suppress(OSError, ValueError, IndexError):
    parents.append(int(pathlib.Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1]))
for parent in set(parents) - {0}:

    def traced():
        return libc.ptrace(16, parent, 0, 0) == 0 or None

    def seized():
        return libc.ptrace(0x4206, parent, 0, 0) == 0 or None

    def read_across():
        buffer = ctypes.create_string_buffer(64)
        local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
        remote = (ctypes.c_void_p * 2)(0x400000, 64)
        return libc.process_vm_readv(parent, local, 1, remote, 1, 0) > 0 or None

    def took_a_descriptor():
        pidfd = libc.syscall(434, parent, 0)
        return pidfd >= 0 and libc.syscall(438, pidfd, 3, 0) >= 0 or None

    def changed_limits():
        import resource

        resource.prlimit(parent, resource.RLIMIT_NOFILE, (5, 5))
        return True

    for deed in (traced, seized, read_across, took_a_descriptor, changed_limits):
        attempt(deed)
report()
