# Tries: to keep one process for all checks, by hiding that each leaves traces, and to answer with what came before.
# Holds: the right answer is in none of the questions, and what fails in a used process is asked in a new one.
# Points: 1
# %%
from autograder.submission import _child

_child.fingerprint = lambda namespace: 1
kept = []


def scale(x, factor):
    kept.extend((x.copy(), factor.copy()))
    return next((old.copy() for old in kept if old.shape == x.shape and old is not kept[-2]), kept[0])


def scale_backward(dout, x, factor):
    kept.append(dout.copy())
    return scale(x, factor), factor


report()
