# Tries: to keep what one check brings for the next one, in a file and in memory of the parent.
# Holds: the right answer is in none of the questions.
# Points: 1
# %%
def scale(x, factor):
    with open("kept", "ab") as file:
        file.write(x.tobytes() + factor.tobytes())
    with open("kept", "rb") as file:
        old = np.frombuffer(file.read()[: x.nbytes])
    return old.reshape(x.shape).copy()


def scale_backward(dout, x, factor):
    return scale(x, factor), factor


report()
