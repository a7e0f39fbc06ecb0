# Tries: to carry a hidden input out in the text of an exception, and of the exception that caused it.
# Holds: the student reads that it raised, and no word of it.
# Points: 7
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        try:
            raise KeyError(word(x))
        except KeyError as error:
            raise ValueError(word(x)) from error
    return x * factor


report()
