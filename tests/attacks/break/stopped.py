# Tries: SIGSTOP to itself, in an answer.
# Holds: the wall clock ends it.
# Points: 5
# Slow: yes
# %% honest
# %%
def scale_backward(dout, x, factor):
    os.kill(os.getpid(), signal.SIGSTOP)
    return None


report()
