# Tries: to leave files for the next submission wherever anybody may write, and to find those of the one before.
# Holds: the next finds nothing.
# Points: 10
# %% honest
# %%
PLACES = ["/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/var/lock", "/run/user", "/dev/mqueue", "/var/crash", ".", "..",
          TARGETS["tmp"], TARGETS["home"], os.environ["MPLCONFIGDIR"], "/proc/self/root/tmp", "/var/spool/cron", "/var/mail"]
for place in PLACES:

    def found():
        return [name for name in os.listdir(place) if TOKEN in name] or None

    attempt(found)
for place in PLACES:
    with contextlib.suppress(OSError):
        os.mkdir(f"{place}/{TOKEN}-folder", 0o777)
        open(f"{place}/{TOKEN}-folder/answers.py", "w").close()
    with contextlib.suppress(OSError):
        open(f"{place}/{TOKEN}-file", "w").close()
report()
