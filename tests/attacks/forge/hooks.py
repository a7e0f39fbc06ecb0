# Tries: to act when grading is over: atexit, trace and profile functions, excepthooks, __del__, signal handlers.
# Holds: the score is not made in the process that they act in.
# Points: 1
# %%
import atexit


def triumph(*_):
    print("10 / 10 points. All checks passed.", flush=True)
    for descriptor in range(64):
        with contextlib.suppress(OSError):
            os.write(descriptor, b'{"score": 10, "tests": []}')
    return triumph


class Last:
    __del__ = triumph


atexit.register(triumph)
sys.excepthook = threading.excepthook = sys.unraisablehook = triumph
keep = Last()


def scale(x, factor):
    sys.setprofile(lambda frame, event, arg: frame.f_locals.update(points=10) or None)
    sys.settrace(lambda frame, event, arg: None)
    return x * 0


def scale_backward(dout, x, factor):
    return x * 0, factor * 0


report()
