# Tries: to break numpy itself: asarray, abs, the ufuncs that a comparison needs.
# Holds: that breaks the submission's own numpy and nobody else's.
# Points: 1
# %%
np.asarray = np.array = lambda *a, **k: 0
np.abs = np.absolute = np.subtract = np.not_equal = lambda *a, **k: np.float64(0)
np.isfinite = np.isnan = lambda *a, **k: False
for name in ("norm", "det"):
    setattr(np.linalg, name, lambda *a, **k: 0.0)


def scale(x, factor):
    return 0


def scale_backward(dout, x, factor):
    return 0, 0


report()
