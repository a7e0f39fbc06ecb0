# Tries: to carry a hidden input out as the time that a check takes.
# Holds: students are not told how long hidden checks took, nor all together.
# Points: 10
# %% honest
# %%
def scale(x, factor):
    if hidden(x):
        time.sleep(digit(x, 5) / 10)
    return x * factor


report()
