# Tries: to take memory in many processes, each within its limit (1.5 GiB in all at most, for 30 s at most).
# Holds: the sum is watched: all of them are ended.
# Points: 0
# Silent: yes
# Slow: yes
# %%
report()
if shut_in() or os.getuid() != 0:
    children = []
    for _ in range(6):
        children.append(os.fork())
        if children[-1] == 0:
            signal.alarm(30)
            held = np.ones(1 << 25)
            time.sleep(30)
            os._exit(0)
    time.sleep(6)
    if any(os.waitpid(child, os.WNOHANG) == (0, 0) for child in children):
        loot.append("1.5 GiB for six seconds")
    report()
