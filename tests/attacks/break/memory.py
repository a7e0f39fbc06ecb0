# Tries: to take 2 GiB with numpy, with torch and with Python's lists.
# Holds: it gets a MemoryError, and the rest is graded.
# Points: 10
# Cells: 3
# %%
np.ones(2 << 27)
loot.append("2 GiB of numpy")
# %%
torch.ones(2 << 28)
loot.append("2 GiB of torch")
# %%
[bytes(1 << 20) for _ in range(2048)]
loot.append("2 GiB of bytes")
# %% honest
# %%
report()
