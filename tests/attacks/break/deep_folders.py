# Tries: folders in folders, 3000 deep, which a recursive clean-up cannot climb down.
# Holds: they are gone afterwards, and the rest is graded.
# Points: 10
# Silent: yes
# %% honest
# %%
home = os.open(".", os.O_RDONLY)
with contextlib.suppress(OSError):
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
os.fchdir(home)
report()
