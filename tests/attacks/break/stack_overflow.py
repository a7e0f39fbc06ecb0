# Tries: recursion without end, in Python and in C, with the recursion limit lifted.
# Holds: it costs the cell, or the check, that it stands in.
# Points: 5
# Cells: 2
# %%
def again():
    again()


again()
# %%
sys.setrecursionlimit(10**9)
nested = []
for _ in range(10**6):
    nested = [nested]
repr(nested)
again()


# %% honest
# %%
def scale_backward(dout, x, factor):
    sys.setrecursionlimit(10**9)
    return scale_backward(dout, x, factor)


report()
