# Tries: in a check, to kill the process that all checks are forked from.
# Holds: once the process of that check ends, the checks that follow cannot be asked, and say so; what came before counts.
# Points: 4
# Otherwise: 5
# (Otherwise: where it runs as the grader's own user, it may signal nobody, and only its exceptions cost points.)
# %% honest
# %%
def scale(x, factor):
    parent = os.getppid()
    os.kill(parent, signal.SIGKILL)
    for _ in range(500):  # it takes a moment to die
        if os.getppid() != parent or parent == 1:
            break
        time.sleep(0.002)
    return x * factor


report()
