# Tries: to leave files that Python, pytest or Jupyter run at start-up: sitecustomize, .pth, conftest, .pythonrc.
# Holds: no such file can be written outside the scratch folder, and none is run from there.
# Points: 1
# %%
import site

PLACES = [
    ".",
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/",
    TARGETS["course"],
    TARGETS["tmp"],
    TARGETS["out"],
    TARGETS["home"],
    sys.prefix,
    os.path.dirname(np.__path__[0]),
    os.path.dirname(os.__file__),
    *site.getsitepackages(),
]
OPEN = ("/tmp", "/var/tmp", "/dev/shm")  # open to all where nothing but the user id stands in the way; emptied afterwards
for place in PLACES:
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", f"{TOKEN}.pth", ".pythonrc.py", "numpy.py"):
        with contextlib.suppress(OSError):
            if place != "." and (os.path.exists(os.path.join(place, name))):
                continue
            with open(os.path.join(place, name if place == "." or TOKEN in name else f"{TOKEN}-{name}"), "w") as file:
                file.write(f"import os; open('/tmp/{TOKEN}-was-run', 'w').close()\n")
            if place != "." and os.path.realpath(place) not in (os.path.realpath("."), *OPEN):
                loot.append(f"wrote to {place}")


def scale(x, factor):
    return x * 0


def scale_backward(dout, x, factor):
    return x * 0, factor * 0


report()
