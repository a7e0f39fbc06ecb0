# Tries: answers that contain themselves, or are nested a thousand deep.
# Holds: it is said that they are nested too deeply.
# Points: 0
# %%
def scale(x, factor):
    endless = []
    endless.append(endless)
    return endless


def scale_backward(dout, x, factor):
    deep = {}
    for _ in range(1000):
        deep = {"deep": [deep]}
    return deep, deep


report()
