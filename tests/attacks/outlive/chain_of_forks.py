# Tries: a process that forks its successor and ends, again and again, so that no number stays valid (2000 at most).
# Holds: the chain is caught.
# Points: 10
# %% honest
# %%
if os.fork() == 0:
    os.setsid()
    until = time.monotonic() + 20
    libc.prctl(15, TOKEN.encode()[:15], 0, 0, 0)
    for _ in range(2000):
        if time.monotonic() > until:
            break
        with contextlib.suppress(OSError):
            if os.fork() != 0:
                os._exit(0)
    os._exit(0)
report()
