# Tries: objects, arrays and bytes that run code where they are unpickled.
# Holds: nothing is unpickled: no mark is left anywhere, and nothing is earned.
# Points: 0
# %%
import pickle


class Bomb:
    def __reduce__(self):
        return os.open, (f"/tmp/{TOKEN}-unpickled", os.O_CREAT | os.O_RDWR)


def scale(x, factor):
    mine = np.empty(2, dtype=object)
    mine[:] = [Bomb(), Bomb()]
    return pickle.dumps(Bomb()) if x.shape == (7, 3) else mine


def scale_backward(dout, x, factor):
    return np.frombuffer(pickle.dumps(Bomb()), dtype=np.uint8), Bomb()


report()
