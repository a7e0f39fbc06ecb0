# Tries: to return a hidden input as text, as keys of a dict, as bytes, as the name of a type.
# Holds: the student reads what kind of thing was returned.
# Points: 5
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        return {word(x): 1} if x.shape == (7, 3) else word(x)
    return x * factor


def scale_backward(dout, x, factor):
    if hidden(x):
        kind = type(word(x).replace(".", "_").replace("-", "m"), (), {})
        return kind(), kind()
    return dout * factor, (dout * x).sum(axis=0)


report()
