# Tries: to kill the supervisor, the server and the grader, by their numbers, as groups, and by parent-death signals.
# Holds: none of them can be signalled.
# Points: 10
# %% honest
# %%
mine = os.getpid()
others = {os.getppid(), 1, os.getpgid(os.getppid()) if os.getppid() else 1}
with contextlib.suppress(OSError, ValueError, IndexError):
    others.add(int(pathlib.Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1]))
for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
    for other in others - {mine, 0}:

        def signalled():
            os.kill(other, number if shut_in() else 0)
            return other

        if os.getuid() != 0 or shut_in():
            if not (shut_in() and other == 1):
                attempt(signalled)
            else:
                with contextlib.suppress(OSError):
                    signalled()
report()
