# Tries: to carry a hidden input out as the shape of an answer.
# Holds: a dimension is named only if it is expected or 1, and only so many.
# Points: 8
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        return np.zeros((2 + digit(x, 900), 2 + digit(x * 3, 900)))
    return x * factor


report()
