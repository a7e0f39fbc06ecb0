# Tries: a loop that swallows every exception, with the clocks' signals switched off.
# Holds: the wall clock ends it.
# Points: 5
# Slow: yes
# %% honest
# %%
def scale_backward(dout, x, factor):
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


report()
