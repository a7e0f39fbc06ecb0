# Tries: to fill the disk with files of 8 MB (300 MB at most).
# Holds: the scratch folder is full at some point, and gone afterwards.
# Points: 10
# Silent: yes
# Cells: 1
# %% honest
# %%
report()
for number in range(37):
    with open(f"big{number}", "wb") as file:
        file.write(bytes(8 << 20))
        file.flush()
    time.sleep(0.02)
