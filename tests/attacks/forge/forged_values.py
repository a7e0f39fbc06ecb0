# Tries: to find the check's own socket and to write replies ahead of the questions: True, "passed", points, junk.
# Holds: a reply is compared as a value, whoever wrote it.
# Points: 0
# %%
from autograder.submission import wire


def scale(x, factor):
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            sock = socket.socket(fileno=os.dup(descriptor))
            for said in ({"value": True}, {"value": "passed"}, {"points": 10, "value": 10}, {"swept": True}, 7, None):
                sock.sendall(b"".join(bytes(part) for part in wire.encode(said)))
            sock.detach()
    return None


scale_backward = scale
report()
