# Tries: to reply that the fault is the grader's own, so that the checks are not graded instead of failed.
# Holds: a submission cannot excuse itself: its checks are failed.
# Points: 0
# %%
from autograder.submission import _engine

_engine.Engine.answer = lambda self, request: {"error": {"kind": "ours", "text": "the grader is broken"}}


def scale(x, factor):
    return None


scale_backward = scale
report()
