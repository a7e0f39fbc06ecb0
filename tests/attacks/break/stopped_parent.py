# Tries: in a check, SIGSTOP to the process that all checks are forked from.
# Holds: a check that needs a new process runs into the wall clock, and the submission ends in bounded time.
# Points: 6
# Slow: yes
# %% honest
# %%
calls = []


def scale(x, factor):
    calls.append(x)  # a trace: the next check needs a process of its own
    if x.shape == (7, 3):
        os.kill(os.getppid(), signal.SIGSTOP)
    return x * factor


report()
