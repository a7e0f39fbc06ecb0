# Tries: to make builtins lie: abs, max, all, any, len, isinstance, and the exceptions that a failed check raises.
# Holds: they are the builtins of the submission's process alone.
# Points: 0
# %%
import builtins


def scale(x, factor):
    builtins.AssertionError = builtins.ValueError = type("Quiet", (Exception,), {})
    builtins.all = builtins.any = builtins.isinstance = lambda *a: True
    builtins.abs = builtins.max = builtins.sum = builtins.len = lambda *a, **k: 0
    return [[0.0, 0.0], [0.0, 0.0]]


scale_backward = scale
report()
