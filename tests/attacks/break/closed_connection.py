# Tries: to close every descriptor, the grader's connection too.
# Holds: that counts as having ended the process.
# Points: 10
# Silent: yes
# Cells: 1
# %%
report()
os.closerange(3, 4096)
time.sleep(0.2)
# %% honest
