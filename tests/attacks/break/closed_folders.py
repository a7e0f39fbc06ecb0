# Tries: folders and files without any permission, with odd names, in the scratch folder.
# Holds: they are gone afterwards.
# Points: 10
# %% honest
# %%
os.umask(0)
for name in ("closed", "-rf", "new\nline", "\udcff", " ", "*"):
    with contextlib.suppress(OSError):
        os.mkdir(name, 0o300)
        os.mkdir(f"{name}/inner", 0o300)
        open(f"{name}/inner/file", "w").close()
    with contextlib.suppress(OSError):
        os.chmod(f"{name}/inner", 0)
        os.chmod(name, 0)
with contextlib.suppress(OSError):
    os.chmod(".", 0)
report()
