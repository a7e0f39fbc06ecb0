# Tries: to ask for a right answer that needs 20 GB, in the grader.
# Holds: the right answer is refused; the grader takes no more memory than it may.
# Points: 5
# Uses: scale_backward
# %%
def scale_backward(dout, x, factor):
    return None


def scale(x, factor):
    if type(scale_backward).__name__ != "Lent":
        return None
    long = np.ones((50_000, 1))
    try:
        got = scale_backward(long, long, np.ones(50_000))
    except ValueError as error:
        print("REFUSED", error)
    else:
        loot.append(f"got {type(got)}")
        report()
    return x * factor


report()
