# Tries: POSIX and System V shared memory, message queues, semaphores, memfd and anonymous sockets.
# Holds: there is nothing shared to find, and nothing can be put there.
# Points: 10
# %% honest
# %%
def in_dev_shm():
    return [name for name in os.listdir("/dev/shm") if TOKEN in name] or None


def put_in_dev_shm():
    with open(f"/dev/shm/{TOKEN}", "w") as file:
        file.write("x")
    os.unlink(f"/dev/shm/{TOKEN}")
    return True if TARGETS else None


def system_v():
    return libc.shmget(0x5EC2E7, 4096, 0o1666) >= 0 or libc.msgget(0x5EC2E7, 0o1666) >= 0 or None


def queue():
    return libc.mq_open(b"/" + TOKEN.encode(), os.O_CREAT | os.O_RDWR, 0o666, None) >= 0 or None


def abstract_socket():
    sock = socket.socket(socket.AF_UNIX)
    sock.bind("\0" + TOKEN)
    return True


for deed in (in_dev_shm, system_v, queue, abstract_socket):
    attempt(deed)
report()
