# Tries: os._exit(0) in the middle of the notebook.
# Holds: the notebook is run again without that cell, and the rest is graded.
# Points: 10
# Silent: yes
# Cells: 1
# %%
report()
os._exit(0)
# %% honest
