# Tries: to carry a hidden input out in a shape of eight dimensions, each one of those that may be named.
# Holds: an answer with many more dimensions than expected is only said to have the wrong shape.
# Points: 8
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        sizes = [x.shape[0], x.shape[1], 1, 2]
        return np.zeros([sizes[digit(x, 4**8) // 4**place % 4] for place in range(8)], dtype=bool)
    return x * factor


report()
