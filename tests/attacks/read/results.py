# Tries: to read and to change the results of another submission.
# Holds: they can be neither read nor changed.
# Points: 10
# %% honest
# %%
def read_results():
    return open(TARGETS["results"]).read()


def changed_results():
    with open(TARGETS["results"], "r+") as file:
        return file.write("{}")


def removed_results():
    os.unlink(TARGETS["results"])
    return True


def cut_results():
    os.truncate(TARGETS["results"], 0)
    return True


for deed in (read_results, changed_results, removed_results, cut_results):
    attempt(deed)
report()
