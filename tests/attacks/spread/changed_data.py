# Tries: to change the data that the topic publishes, for the next submission and for the checks.
# Holds: they can be read, and nothing else.
# Points: 10
# %% honest
# %%
def changed():
    return open("data/people.csv", "a")


def removed():
    os.unlink("data/people.csv")
    return True


def added():
    open(f"data/{TOKEN}", "w").close()
    return True


for deed in (changed, removed, added):
    attempt(deed)
if open("data/people.csv").readline() != "height_cm,weight_kg\n":
    loot.append("the data are not what they were")
report()
