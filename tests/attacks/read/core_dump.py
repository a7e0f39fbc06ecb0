# Tries: to leave a core file with the memory that it was forked with.
# Holds: no core file is written.
# Points: 10
# %% honest
# %%
import resource

if os.fork() == 0:
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
    libc.prctl(4, 1, 0, 0, 0)
    ctypes.string_at(8)
time.sleep(0.1)
found = [name for name in os.listdir(".") if name.startswith("core")]
if found:
    loot.append(found)
report()
