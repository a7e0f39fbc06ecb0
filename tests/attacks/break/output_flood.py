# Tries: to print 30 MB.
# Holds: the first part is kept, the rest is dropped, nothing waits.
# Points: 10
# %% honest
# %%
report()
for _ in range(30):
    os.write(1, b"x" * (1 << 20))
    os.write(2, b"\xff" * 1000)
