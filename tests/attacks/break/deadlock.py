# Tries: to wait for itself: a lock, a pipe, an event, a join.
# Holds: the wall clock ends it, and only what waited is lost.
# Points: 5
# Slow: yes
# %% honest
# %%
def scale_backward(dout, x, factor):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


report()
