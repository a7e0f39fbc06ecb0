# Tries: to carry a hidden input out as the name of an exception type.
# Holds: names of exceptions that the notebook defines are not shown.
# Points: 7
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        raise type(word(x).replace(".", "_").replace("-", "m"), (ValueError,), {"__module__": "builtins"})
    return x * factor


report()
