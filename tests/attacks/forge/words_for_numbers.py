# Tries: words, truth, infinities, nan and odd containers in the place of numbers.
# Holds: nothing equals them.
# Points: 0
# %%
ODD = [
    True,
    "passed",
    float("nan"),
    float("inf"),
    None,
    b"",
    {"ok": 1},
    {1, 2},
    1j,
    [],
    [[]],
    (),
    range(3),
    object(),
    NotImplemented,
]
turn = int(time.time() * 1000)


def scale(x, factor):
    global turn
    turn += 1
    return ODD[(turn + x.size) % len(ODD)] if x.shape != (4, 3) else x.__imul__(np.nan)


def scale_backward(dout, x, factor):
    return np.full(x.shape, np.nan), np.full(factor.shape, np.nan)


report()
