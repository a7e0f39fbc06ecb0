# Tries: to keep a hidden input in a file, and to raise it as text in a public check, whose messages are shown in full.
# Holds: every public check is over before a hidden input exists.
# Points: 8
# %% honest
# %%
def kept():
    with contextlib.suppress(OSError):
        return open("kept").read()
    return "nothing kept"


def scale(x, factor):
    if hidden(x):
        with open("kept", "a") as file:
            file.write(word(x))
    return x * factor


def scale_backward(dout, x, factor):
    if hidden(x):
        return dout * factor, (dout * x).sum(axis=0)
    raise ValueError(kept())


report()
