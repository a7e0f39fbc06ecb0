# Tries: kill(-1): every process that it may signal, once it knows that it is in a PID namespace of its own.
# Holds: that is itself at most.
# Points: 10
# %% honest
# %%
report()
if shut_in():
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.kill(-1, signal.SIGCONT)
        os._exit(0)
    os.waitpid(child, 0)
