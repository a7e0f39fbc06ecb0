# Tries: to call out: TCP, UDP, Unix sockets, raw sockets, netlink, name look-up, a listening socket, io_uring.
# Holds: no socket can be made.
# Points: 10
# %% honest
# %%
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_ALG):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):

        def made_a_socket():
            return str(socket.socket(family, kind))

        attempt(made_a_socket)


def connected():
    return str(socket.create_connection(("127.0.0.1", 9), timeout=1))


def ring():
    return libc.syscall(425, 4, ctypes.create_string_buffer(256)) >= 0 or None


attempt(connected)
attempt(ring)
report()
