# Tries: an array that is equal to everything, as near as you like, and never differs.
# Holds: what comes back is rebuilt as a plain array of its bytes.
# Points: 0
# %%
class AlwaysRight(np.ndarray):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __abs__ = __sub__ = __rsub__ = lambda self, *_: 0.0
    __array_ufunc__ = lambda self, *_, **__: True
    __array_function__ = lambda self, *_, **__: True
    __array__ = lambda self, *_, **__: np.zeros(3)
    __array_priority__ = 1e9
    shape = property(lambda self: Everything())
    all = any = lambda self, *_, **__: True


class Everything(tuple):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False


def scale(x, factor):
    return np.zeros(3).view(AlwaysRight)


def scale_backward(dout, x, factor):
    return np.zeros(3).view(AlwaysRight), np.zeros(3).view(AlwaysRight)


report()
