# Tries: to replace every signal handler, block every signal, and set timers of its own.
# Holds: the checks are answered.
# Points: 10
# %% honest
# %%
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, lambda *a: None)
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
signal.signal = signal.setitimer = lambda *a: None
report()
