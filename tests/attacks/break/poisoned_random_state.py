# Tries: random generators that are seeded, broken, or always say the same.
# Holds: the inputs of the checks come from the grader's generators.
# Points: 1
# %%
import random

random.seed(0)
np.random.seed(0)
torch.manual_seed(0)
np.random.default_rng = lambda *a: None
np.random.Generator = None


def scale(x, factor):
    return np.zeros_like(x)


def scale_backward(dout, x, factor):
    return np.zeros_like(x), np.zeros_like(factor)


report()
