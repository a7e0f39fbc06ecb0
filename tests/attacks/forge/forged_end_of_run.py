# Tries: to write frames into the connection while the cells run: cells that never were, an early end, a late one.
# Holds: at worst the notebook counts as ended early, and its answers as missing.
# Points: 0
# Silent: yes
# %%
from autograder.submission import wire

for descriptor in range(3, 64):
    with contextlib.suppress(OSError):
        sock = socket.socket(fileno=os.dup(descriptor))
        for said in ({"cell": 99999}, {"done": [], "threads": 1, "points": 10}, {"ended": 0}, {"value": True}):
            sock.sendall(b"".join(bytes(part) for part in wire.encode(said)))
        sock.detach()


def scale(x, factor):
    return None


scale_backward = scale
report()
