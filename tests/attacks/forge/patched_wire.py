# Tries: to send, through our own wire, words in place of values: outcomes, points, errors of the grader's kind.
# Holds: a reply is a value or the submission's own error, whatever else stands in it.
# Points: 0
# %%
from autograder.submission import _engine

FORGED = {
    "outcome": "passed",
    "passed": True,
    "points": 1000.0,
    "earned": 10.0,
    "score": 1.0,
    "done": [],
    "swept": True,
    "error": None,
    "value": True,
    "killed_for": "",
    "ended": 0,
}
_engine.Engine.answer = lambda self, request: dict(FORGED)


def scale(x, factor):
    return None


scale_backward = scale
report()
