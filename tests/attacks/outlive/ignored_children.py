# Tries: SIGCHLD ignored, so that nobody can wait for the checks, and a child for each call.
# Holds: the checks are answered, and the children are gone.
# Points: 10
# %% honest
# %%
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
right = scale


def scale(x, factor):
    if os.fork() == 0:
        signal.alarm(60)
        time.sleep(60)
        os._exit(0)
    return right(x, factor)


report()
