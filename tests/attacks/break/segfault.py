# Tries: a segmentation fault in a cell, and another in an answer.
# Holds: each costs what it stands in.
# Points: 5
# Cells: 1
# %%
ctypes.string_at(8)


# %% honest
# %%
def scale_backward(dout, x, factor):
    ctypes.string_at(8)


report()
