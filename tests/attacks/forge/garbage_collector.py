# Tries: to find checks, topics, references or the course's secret among all objects of the process.
# Holds: the process was forked from one that never held them.
# Points: 1
# %%
def search():
    for thing in gc.get_objects():
        kind = type(thing)
        if kind.__name__ in {"Check", "Topic", "Course", "Reference", "KnownAnswers", "Grader", "Keys", "Question"}:
            if kind.__module__.startswith("autograder"):
                loot.append(f"{kind.__module__}.{kind.__name__}")
        if kind is dict and any(
            isinstance(key, str) and "CANARY" in key and key != "CHAINRULE_CANARY" for key in thing
        ):
            loot.append("a canary")
    report()


def scale(x, factor):
    gc.enable()
    search()
    return x * 0


def scale_backward(dout, x, factor):
    return x * 0, factor * 0


search()
