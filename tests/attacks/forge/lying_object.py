# Tries: an object that claims to be whatever it is compared with: __array__, __eq__, __float__, __len__, __iter__.
# Holds: an object stays with the submission, and is never asked anything by a comparison.
# Points: 0
# %%
class Chameleon:
    __array_interface__ = {"shape": (2, 2), "typestr": "<f8", "data": (0, False), "version": 3}
    __array_priority__ = 1e9
    __eq__ = __ge__ = __le__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 0
    __float__ = lambda self: 0.0
    __len__ = lambda self: 2
    __bool__ = lambda self: True
    __getattr__ = lambda self, name: self
    __call__ = lambda self, *a, **k: self
    __iter__ = lambda self: iter((self, self))
    __class__ = np.ndarray

    def __array__(self, *a, **k):
        return np.array([[10.0, 200.0], [30.0, 400.0]])


def scale(x, factor):
    return Chameleon()


def scale_backward(dout, x, factor):
    return Chameleon(), [Chameleon(), {"a": Chameleon()}]


report()
