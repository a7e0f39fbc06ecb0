# Tries: the same from a check, whose process is gone by then.
# Holds: it is gone when the check is.
# Points: 10
# %% honest
# %%
right = scale


def scale(x, factor):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            libc.prctl(15, TOKEN.encode()[:15], 0, 0, 0)
            signal.alarm(60)
            time.sleep(60)
        os._exit(0)
    return right(x, factor)


report()
