# Tries: a daemon: two forks, a session of its own, deaf to every signal that one can be deaf to (60 s at most).
# Holds: it is gone when the submission is.
# Points: 10
# %% honest
# %%
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            libc.prctl(15, TOKEN.encode()[:15], 0, 0, 0)
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGALRM}:
                with contextlib.suppress(OSError, ValueError):
                    signal.signal(number, signal.SIG_IGN)
            os.closerange(0, 256)
            signal.alarm(60)
            while True:
                time.sleep(1)
        os._exit(0)


daemon()
report()
