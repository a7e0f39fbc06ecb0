# Tries: another working folder, umask, locale, time zone, environment, recursion limit, priority and resource limits.
# Holds: the checks are answered.
# Points: 10
# %% honest
# %%
import locale, resource

os.chdir("/")
os.umask(0o777)
os.environ.clear()
os.environ["TZ"] = "Antarctica/Troll"
time.tzset()
with contextlib.suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "C")
with contextlib.suppress(OSError):
    os.nice(19)
for limit, value in ((resource.RLIMIT_STACK, 1 << 20), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 32)):
    resource.setrlimit(limit, (value, value))
for limit in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):

    def lifted():
        if resource.getrlimit(limit)[1] != resource.RLIM_INFINITY:
            resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return limit

    attempt(lifted)
report()
