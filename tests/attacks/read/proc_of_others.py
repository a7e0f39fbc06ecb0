# Tries: memory, maps, open files, folders, stacks and system calls of every other process, through /proc.
# Holds: other processes cannot be looked into, least of all the grader.
# Points: 10
# %% honest
# %%
mine = os.getpid()
for place in pathlib.Path("/proc").glob("[0-9]*"):
    if place.name == str(mine):
        continue
    for part in ("mem", "maps", "environ", "auxv", "syscall", "stack", "pagemap"):

        def looked_into():
            with open(place / part, "rb") as file:
                return file.fileno() if part in ("mem", "pagemap") else (len(file.read()) or None)

        attempt(looked_into)
    for part in ("cwd", "root", "exe"):

        def followed():
            os.stat(place / part)
            return os.readlink(place / part)

        attempt(followed)
    for part in ("fd", "map_files", "fdinfo"):

        def files_of_another():
            return [os.readlink(place / part / name) for name in os.listdir(place / part)]

        attempt(files_of_another)
report()
