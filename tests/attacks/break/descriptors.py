# Tries: to open files until there are no descriptors left, and leaves it so.
# Holds: the checks that then cannot be answered are lost, and the next submission is not.
# Points: 0
# %% honest
# %%
report()
held = []
with contextlib.suppress(OSError):
    while len(held) < 5000:
        held.append(os.dup(0))
