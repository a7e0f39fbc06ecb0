# Tries: to write bytes that are no frame into every socket: huge lengths, no msgpack, a wrong version, half a frame.
# Holds: the check is failed, and says so in plain words.
# Points: 0
# %%
def scale(x, factor):
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            sock = socket.socket(fileno=os.dup(descriptor))
            if x.shape == (2, 2):
                sock.sendall(b"\xff" * 12)
            elif x.shape == (7, 3):
                sock.sendall(struct.pack("<IQ", 5, 0) + b"\xc1\xc1\xc1\xc1\xc1")
            else:
                sock.sendall(struct.pack("<IQ", 9, 0) + b"\x93\x63\xc0\x90")
            sock.detach()
    os._exit(0)


def scale_backward(dout, x, factor):
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            sock = socket.socket(fileno=os.dup(descriptor))
            sock.sendall(struct.pack("<IQ", 1 << 20, 1 << 20) + b"\x93")
            sock.detach()
    os._exit(0)


report()
