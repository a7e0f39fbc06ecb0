# Tries: one file without end (300 MB at most).
# Holds: it stops at the limit for a file.
# Points: 10
# Cells: 1
# %% honest
# %%
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
report()
with open("big", "wb") as file:
    for _ in range(300):
        file.write(bytes(1 << 20))
