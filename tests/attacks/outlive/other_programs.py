# Tries: to start programs: a shell, at, nohup, python, by exec and by posix_spawn.
# Holds: no other program can be started.
# Points: 10
# %% honest
# %%
import subprocess

for command in (["sh", "-c", "sleep 60 &"], ["nohup", "sleep", "60"], [sys.executable, "-c", "0"], ["at", "now"], ["id"]):

    def ran():
        return subprocess.run(command, capture_output=True, check=True, timeout=5).args

    def spawned():
        return os.posix_spawnp(command[0], command, {})

    attempt(ran)
    attempt(spawned)


def replaced():
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.execv("/bin/true", ["true"])
        os._exit(9)
    return os.waitpid(child, 0)[1] == 0 or None


attempt(replaced)
!sleep 60 &
report()
