# Tries: to carry a hidden input out as an exit code.
# Holds: the student reads that the process ended, and not how.
# Points: 7
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        os._exit(digit(x, 256))
    return x * factor


report()
