# Tries: sys.exit, exit, quit, raise SystemExit, KeyboardInterrupt and GeneratorExit in cells and in an answer.
# Holds: a cell that exits is a cell that failed; an answer that exits costs its checks.
# Points: 5
# Cells: 4
# %%
sys.exit(0)
# %%
raise KeyboardInterrupt
# %%
raise GeneratorExit
# %%
os.kill(os.getpid(), signal.SIGINT)
time.sleep(1)


# %% honest
# %%
def scale_backward(dout, x, factor):
    raise SystemExit(0)


report()
