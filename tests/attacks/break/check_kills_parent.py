# Tries: in a check, to kill the process that all checks are forked from.
# Holds: once the process of that check ends, the checks that follow cannot be asked, and say so; what came before counts.
# Points: 4
# Otherwise: 5
# (Otherwise: where it runs as the grader's own user, it may signal nobody, and only its exceptions cost points.)
# %% honest
# %%
def scale(x, factor):
    os.kill(os.getppid(), signal.SIGKILL)
    return x * factor


report()
