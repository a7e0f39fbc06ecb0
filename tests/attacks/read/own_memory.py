# Tries: to search the whole memory that it was forked with for secrets.
# Holds: the process that it was forked from has never held one.
# Points: 10
# %% honest
# %%
libc.prctl(4, 1, 0, 0, 0)
wanted = b"can" + b"ary-"
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        parts = line.split()
        if parts[1].startswith("rw") and len(parts) < 7 and "[v" not in line and ".so" not in line:
            start, stop = (int(word, 16) for word in parts[0].split("-"))
            for at in range(start, min(stop, start + (64 << 20)), 4 << 20):
                with contextlib.suppress(OSError, ValueError, OverflowError):
                    memory.seek(at)
                    content = memory.read(min(4 << 20, stop - at))
                    place = content.find(wanted)
                    while place >= 0:
                        tail = content[place + 7 : place + 23]
                        if len(tail) == 16 and all(chr(each) in "0123456789abcdef" for each in tail):
                            loot.append(str(content[place : place + 23]))
                        place = content.find(wanted, place + 1)
report()
