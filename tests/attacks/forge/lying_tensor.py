# Tries: a tensor subclass whose every function says that all is well.
# Holds: what comes back is rebuilt from its numbers.
# Points: 1
# %%
class AlwaysRight(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function in (torch.allclose, torch.equal, torch.Tensor.eq, torch.Tensor.__eq__):
            return True
        return super().__torch_function__(function, types, args, kwargs or {})

    def __array__(self, *_):
        raise SystemExit


def scale(x, factor):
    return torch.zeros(x.shape).as_subclass(AlwaysRight)


def scale_backward(dout, x, factor):
    return scale(x, factor), scale(factor, factor)


report()
