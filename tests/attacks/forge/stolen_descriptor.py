# Tries: a thread that takes the next check's socket away from the main thread and answers it with forged values.
# Holds: a forged value is a value: wrong.
# Points: 0
# Otherwise: 1
# (Otherwise: where the thief was too slow; a function that returns nothing leaves its arguments as they are.)
# %%
from autograder.submission import wire


def thief():
    sock = socket.socket(fileno=os.dup(3))
    mine = []
    while True:
        try:
            data, descriptors, _, _ = socket.recv_fds(sock, 1 << 16, 4)
        except OSError:
            return
        for descriptor in descriptors:
            mine.append(socket.socket(fileno=descriptor))
            with contextlib.suppress(OSError):
                for _ in range(4):
                    mine[-1].sendall(b"".join(bytes(part) for part in wire.encode({"value": True})))
        if not data:
            return


threading.Thread(target=thief, daemon=True).start()


def scale(x, factor):
    return None


scale_backward = scale
report()
