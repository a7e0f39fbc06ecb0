# Tries: to leave segments, queues and semaphores for the next submission.
# Holds: the next finds nothing.
# Points: 10
# %% honest
# %%
def found_segment():
    return libc.shmget(0x5EC2E8, 4096, 0o666) >= 0 or None


def found_queue():
    return libc.msgget(0x5EC2E8, 0o666) >= 0 or None


def found_semaphore():
    return libc.semget(0x5EC2E8, 1, 0o666) >= 0 or None


for deed in (found_segment, found_queue, found_semaphore):
    attempt(deed)
libc.shmget(0x5EC2E8, 4096, 0o1666)
libc.msgget(0x5EC2E8, 0o1666)
libc.semget(0x5EC2E8, 1, 0o1666)
with contextlib.suppress(OSError):
    from multiprocessing import shared_memory

    shared_memory.SharedMemory(TOKEN, create=True, size=64)
report()
