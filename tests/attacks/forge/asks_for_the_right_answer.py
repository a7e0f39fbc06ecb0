# Tries: to ask the grader for right answers, in the frames that follow-through uses, when none are lent.
# Holds: nothing is lent that the check did not lend.
# Points: 0
# %%
from autograder.submission import _engine, wire


def asking(self, request):
    for name in ("scale", "scale_backward", "reference", "__class__"):
        try:
            answer = self.ask({"name": name, "args": [np.ones((2, 2)), np.ones(2)], "kwargs": {}})
        except BaseException:
            continue
        if isinstance(answer, dict) and "value" in answer:
            loot.append(f"{name}: {answer}")
    report()
    return {"value": None}


_engine.Engine.answer = asking


def scale(x, factor):
    return None


scale_backward = scale
report()
