# Tries: answers larger than a message may be: arrays, lists, integers, text.
# Holds: it is said that they are too large.
# Points: 0
# %%
def scale(x, factor):
    if x.shape == (2, 2):
        return np.zeros(9_000_000)
    return [0.0] * 500_000 if x.shape == (7, 3) else "x" * (5 << 20)


def scale_backward(dout, x, factor):
    return 10**100_000, [[0]] * 300_000


report()
