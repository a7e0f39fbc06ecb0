# Tries: to walk up the stack and find expected values, points or the reference in the frames above.
# Holds: above the submission stands nothing that holds a secret.
# Points: 1
# %%
WANTED = {"reference", "hidden", "expected", "secret", "solution", "grader_secret", "check", "keys", "topic"}


def above(place):
    for start in sys._current_frames().values():
        frame = start
        while frame is not None:
            for name, value in frame.f_locals.items():
                text = repr(type(value))
                if "Reference" in text or "autograder.checks.Check" in text or "topic.Topic" in text:
                    loot.append(f"{place}: {name} {text}")
                if name == "points":
                    frame.f_locals[name] = 1000.0
            frame = frame.f_back
    report()


def scale(x, factor):
    above("scale")
    return x * 0


def scale_backward(dout, x, factor):
    return x * 0, factor * 0


above("cells")
