# Tries: to read the notebook of a neighbour.
# Holds: it is out of reach.
# Points: 10
# %% honest
# %%
def read_neighbour():
    return open(TARGETS["neighbour"]).read()


def found_notebooks():
    found = list(pathlib.Path(TARGETS["course"]).glob("submissions/*.ipynb"))
    return found or None


attempt(read_neighbour)
attempt(found_notebooks)
report()
