# Tries: links in the scratch folder to the secrets, hoping that the grader follows, opens or removes them.
# Holds: nothing behind them is read, changed or removed.
# Points: 10
# %% honest
# %%
for number, target in enumerate(TARGETS.values()):
    for name in (f"link{number}", f"results{number}.json", f"core.{number}"):
        with contextlib.suppress(OSError):
            os.symlink(target, name)
with contextlib.suppress(OSError):
    os.mkdir("inner")
    os.symlink("/", "inner/root")
    os.unlink("data")
    os.symlink(TARGETS["course"], "data")
with contextlib.suppress(OSError):
    os.symlink("/proc/self", "self")
report()
