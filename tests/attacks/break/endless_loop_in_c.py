# Tries: one call into C that takes for ever, in a cell: no signal handler of Python runs there.
# Holds: the wall clock ends it, and the notebook is run again without that cell.
# Points: 10
# Silent: yes
# Slow: yes
# Cells: 1
# %%
report()
sum(range(10**13))
# %% honest
