# Tries: to use up the inodes with empty files (20,000 at most).
# Holds: they are gone afterwards.
# Points: 10
# Silent: yes
# %% honest
# %%
with contextlib.suppress(OSError):
    for number in range(20_000):
        os.close(os.open(f"small{number}", os.O_CREAT))
report()
