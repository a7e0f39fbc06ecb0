# Tries: a regular expression that takes longer than the universe.
# Holds: the clock ends it.
# Points: 5
# Slow: yes
# %% honest
# %%
def scale_backward(dout, x, factor):
    import re

    re.match(r"(a+)+$", "a" * 64 + "b")


report()
