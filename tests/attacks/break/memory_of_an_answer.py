# Tries: to take too much memory in an answer.
# Holds: it costs the checks of that answer.
# Points: 5
# %% honest
# %%
def scale_backward(dout, x, factor):
    return np.ones((1 << 14, 1 << 14)), torch.ones(1 << 28)


report()
