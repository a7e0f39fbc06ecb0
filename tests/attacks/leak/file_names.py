# Tries: to carry hidden inputs out as names of files, of folders, of processes and of threads.
# Holds: nobody lists the scratch folder, and it is gone afterwards.
# Points: 10
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        for folder in (".", "data", "..", "/tmp", TARGETS["out"], TARGETS["tmp"]):
            with contextlib.suppress(OSError):
                open(os.path.join(folder, f"{TOKEN}-{word(x)}"), "w").close()
        libc.prctl(15, word(x).encode()[:15], 0, 0, 0)
        threading.current_thread().name = word(x)
    return x * factor


report()
