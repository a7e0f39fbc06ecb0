# Tries: a forged list of one array named 300 times, so that the grader would stack 300 copies of 48 MB.
# Holds: the grader refuses it.
# Points: 0
# %%
from autograder.submission import values, wire


def answer():
    header = wire._Header(wire.VERSION, ["d", [["value", ["l", [["a", 0]] * 300]]]], [values.ArrayForm("<f8", [6_000_000])])
    header = wire._encoder.encode(header)
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            sock = socket.socket(fileno=os.dup(descriptor))
            sock.sendall(wire.PREFIX.pack(len(header), 48_000_000) + header + bytes(48_000_000))
            sock.detach()


def scale(x, factor):
    answer()


def scale_backward(dout, x, factor):
    answer()


report()
