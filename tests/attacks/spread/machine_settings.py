# Tries: to change what all processes share: priorities, affinity, limits, host name, clock, terminal, OOM scores.
# Holds: none of it can be changed.
# Points: 10
# %% honest
# %%
def host_name():
    return libc.sethostname(b"owned", 5) == 0 or None


def clock():
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    return True


def affinity_of_others():
    os.sched_setaffinity(os.getppid(), {0})
    return True


def priority_of_others():
    os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)
    return True


def priority_of_a_user():
    os.setpriority(os.PRIO_USER, 0, 19)
    return True


def higher_priority():
    os.nice(-5)
    return True


def keys():
    return libc.syscall(248, b"user", TOKEN.encode(), b"x", 1, -4) > 0 or None


for deed in (host_name, clock, affinity_of_others, priority_of_others, priority_of_a_user, higher_priority, keys):
    attempt(deed)
report()
