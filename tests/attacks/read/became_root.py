# Tries: to become root: setuid, capabilities, sudo and su, and programs that set the user.
# Holds: none of it works.
# Points: 10
# %% honest
# %%
def became():
    os.setuid(0)
    return os.getuid() == 0 and open("/etc/shadow").read()[:1]


def regained():
    return libc.syscall(126, ctypes.create_string_buffer(b"\x22\x05\x08\x20" + bytes(4)), b"\xff" * 24) == 0 or None


def shadow():
    return open("/etc/shadow").read(1)


def kernel_file():
    with open("/proc/sys/kernel/core_pattern", "w") as file:
        return file.write("|/tmp/x")


def other_users_limits():
    return open("/proc/1/oom_score_adj", "w").write("1000") if os.getppid() != 1 else None


for deed in (became, regained, shadow, kernel_file):
    attempt(deed)
report()
