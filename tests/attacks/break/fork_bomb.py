# Tries: to fork without end (200 at most), each child doing the same.
# Holds: a few processes at most, and none afterwards.
# Points: 10
# %% honest
# %%
if shut_in() or os.getuid() != 0:
    for _ in range(200):
        try:
            child = os.fork()
        except OSError:
            break
        if child == 0:
            libc.prctl(15, TOKEN.encode()[:15], 0, 0, 0)
            signal.alarm(30)
            for _ in range(3):
                with contextlib.suppress(OSError):
                    os.fork()
            time.sleep(30)
            os._exit(0)
report()
