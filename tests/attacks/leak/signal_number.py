# Tries: to carry a hidden input out as the signal that the process ends with.
# Holds: the student reads that the process ended, and not how.
# Points: 7
# %% honest
# %%
DEADLY = [signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGBUS, signal.SIGUSR1, signal.SIGUSR2]


def scale(x, factor):
    if hidden(x):
        number = DEADLY[digit(x, len(DEADLY))]
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return x * factor


report()
