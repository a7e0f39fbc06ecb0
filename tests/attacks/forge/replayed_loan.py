# Tries: to hold on to a right answer that is lent for another question, before its own question has been judged.
# Holds: a right answer is lent only once every check of its own question is over.
# Points: 1
# Uses: scale_backward
# %%
def scale(x, factor):
    if type(scale_backward).__name__ == "Lent":
        pathlib.Path("lent").touch()
    return x * 0


def scale_backward(dout, x, factor):
    if pathlib.Path("lent").exists():
        loot.append("a right answer of q2 was on loan before q2 was judged")
        report()
    return x * 0, factor * 0


report()
