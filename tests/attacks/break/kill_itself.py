# Tries: every signal there is, to itself.
# Holds: a cell that ends the process is left out; the rest is graded.
# Points: 10
# Silent: yes
# Cells: 1
# %%
report()
for number in (*range(1, 9), *range(10, 16), 9):
    with contextlib.suppress(OSError, ValueError):
        os.kill(os.getpid(), number)
        time.sleep(0.01)
# %% honest
