# Tries: to delete the scratch folder, the data link and its own working folder.
# Holds: that is its own loss; the checks are answered.
# Points: 10
# %% honest
# %%
here = os.getcwd()
for step in (
    lambda: os.unlink("data"),
    lambda: os.rmdir(here),
    lambda: os.rename(here, here + "x"),
    lambda: os.chdir("/"),
):
    with contextlib.suppress(OSError):
        step()
report()
