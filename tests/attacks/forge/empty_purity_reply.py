# Tries: to answer a purity check with a forged reply that shows no arguments at all.
# Holds: a reply without the arguments is no answer.
# Points: 0
# %%
from autograder.submission import _engine

_engine.Engine.answer = lambda self, request: {"value": (None, ())}


def scale(x, factor):
    x *= 0
    return x


scale_backward = scale
report()
