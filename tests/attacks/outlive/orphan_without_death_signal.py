# Tries: to cancel the signal that comes with the parent's death, and to outlive it.
# Holds: it is gone when the submission is.
# Points: 10
# %% honest
# %%
libc.prctl(1, 0, 0, 0, 0)
libc.prctl(36, 1, 0, 0, 0)
if os.fork() == 0:
    libc.prctl(1, 0, 0, 0, 0)
    libc.prctl(15, TOKEN.encode()[:15], 0, 0, 0)
    signal.alarm(60)
    time.sleep(60)
    os._exit(0)
report()
