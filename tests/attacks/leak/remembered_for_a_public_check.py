# Tries: to remember a hidden input in the parent, by way of a fork that answers there, and to raise it in a public check.
# Holds: every public check is over before a hidden input exists.
# Points: 0
# %%
from autograder.submission import _engine, wire

remembered = []
wire.Connection.close = lambda self: None
os.fork = lambda: 0
os._exit = lambda *_: None
os.waitpid = lambda *_: (1, 0)


def answer(self, request):
    remembered.extend(word(arg) for arg in request.get("args", ()) if hidden(arg))
    return {"error": {"kind": "raised", "exception": "ValueError", "text": "".join(remembered)[:400]}}


_engine.Engine.answer = answer
scale = scale_backward = lambda *a: None
report()
