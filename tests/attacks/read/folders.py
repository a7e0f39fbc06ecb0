# Tries: to list the course, the results and the submissions, by path, by glob, through /proc and by climbing up.
# Holds: there is nothing to list.
# Points: 10
# %% honest
# %%
import glob

for name in ("course", "out", "tmp"):
    place = TARGETS[name]

    def listed():
        return os.listdir(place) or None

    def globbed():
        return glob.glob(place + "/**", recursive=True)[1:] or None

    def listed_through_the_root():
        return os.listdir("/proc/self/root" + place) or None

    def entered():
        before = os.getcwd()
        os.chdir(place)
        found = os.listdir(".")
        os.chdir(before)
        return found or None

    for deed in (listed, globbed, listed_through_the_root, entered):
        attempt(deed)


def climbed():
    found = [path for up in ("..", "../..", "../../..") for path in os.listdir(up) if "course" in path or path == "out"]
    return found or None


attempt(climbed)
report()
