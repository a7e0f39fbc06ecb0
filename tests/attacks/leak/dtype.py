# Tries: to carry a hidden input out as the dtype of an answer.
# Holds: the student reads the same sentence for each.
# Points: 7
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        return np.array(["c8", "c16"], dtype=object) if digit(x, 2) else np.array([word(x)])
    return x * factor


report()
