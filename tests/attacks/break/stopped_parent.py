# Tries: in a check, SIGSTOP to the process that all checks are forked from.
# Holds: the checks that follow run into the wall clock one by one, and the submission ends in bounded time.
# Points: 6
# Slow: yes
# %% honest
# %%
def scale(x, factor):
    if x.shape == (7, 3):
        os.kill(os.getppid(), signal.SIGSTOP)
    return x * factor


report()
