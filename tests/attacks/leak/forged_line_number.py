# Tries: to carry a hidden input out as the cell and the line that an exception is said to come from.
# Holds: only a line that the notebook has can be named.
# Points: 0
# %%
from autograder.submission import _engine

right = _engine.Engine.answer


def answer(self, request):
    x = next((arg for arg in request.get("args", ()) if hidden(arg)), None)
    if x is None:
        return {"value": None}
    return {
        "error": {
            "kind": "raised",
            "exception": "ValueError",
            "cell": digit(x, 9000) + 99,
            "line": digit(x * 7, 90000) + 999,
        }
    }


_engine.Engine.answer = answer
report()


def scale(x, factor):
    pass


scale_backward = scale
