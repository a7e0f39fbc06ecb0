# Tries: to carry a hidden input out in forged frames: a tensor's dtype, a handle's kind, an error's kind and signature.
# Holds: none of these words is shown for a hidden check.
# Points: 0
# %%
from autograder.submission import _engine, values

turn = []


class Named(str):
    pass


def answer(self, request):
    x = next((arg for arg in request.get("args", ()) if hidden(arg)), None)
    if x is None:
        return {"value": None}
    values._Writer.tensor = lambda self, tensor, torch: self.array(tensor.numpy(), tensor=word(x))
    if request["target"]["name"] == "scale":
        if x.shape == (7, 3):
            return {"value": torch.zeros(3)}
        return {"error": {"kind": "signature", "signature": word(x), "text": word(x), "exception": word(x)}}
    return {"value": [values.Handle(1, word(x)), values.Handle(2, word(x))]}


_engine.Engine.answer = answer
scale = scale_backward = lambda *a: None
report()
