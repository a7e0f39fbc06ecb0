# Tries: to start two hundred threads.
# Holds: it gets a few; the checks are answered all the same.
# Points: 10
# %% honest
# %%
started = 0
for _ in range(200):
    try:
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        started += 1
    except RuntimeError:
        break
if started > 60:
    loot.append(f"{started} threads")
report()
