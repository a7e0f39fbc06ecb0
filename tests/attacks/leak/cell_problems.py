# Tries: to say something of hidden checks in the problems of cells: one for each check to come, forged and many.
# Holds: each cell has one problem at most, and all are from before the first check.
# Points: 10
# %% honest
# %%
from autograder.submission import _child

right = _child.run_cells


def many(cells, *args):
    right(cells, *args)
    return [
        {"cell": cells[0][0], "kind": "raised", "message": f"problem {number}", "line": 1} for number in range(5000)
    ]


for frame in sys._current_frames().values():
    while frame is not None:
        frame.f_globals.update({"run_cells": many} if "run_cells" in frame.f_globals else {})
        frame = frame.f_back
problem = {"cell": 1, "kind": "raised", "message": "told", "line": 1}
for frame in sys._current_frames().values():
    while frame is not None:
        if isinstance(frame.f_locals.get("problems"), list):
            frame.f_locals["problems"].extend(dict(problem, message=f"problem {number}") for number in range(5000))
        frame = frame.f_back
report()
