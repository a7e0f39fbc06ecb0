# Tries: to carry a hidden input out in the other error replies: not callable, cannot cross, no gradient, not written.
# Holds: the sentences are the grader's, and quote nothing.
# Points: 0
# %%
from autograder.submission import _engine

KINDS = iter(["not callable", "cannot cross", "no gradient"])


def answer(self, request):
    x = next((arg for arg in request.get("args", ()) if hidden(arg)), None)
    if x is None:
        return {"value": None}
    kind = {(7, 3): "not callable", (4, 3): "cannot cross"}[x.shape]
    if request["target"]["name"] == "scale_backward":
        kind = "no gradient"
    return {"error": {"kind": kind, "text": word(x), "exception": word(x), "signature": word(x), "source": word(x)}}


_engine.Engine.answer = answer
scale = scale_backward = lambda *a: None
report()
