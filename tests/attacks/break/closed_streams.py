# Tries: to close stdin, stdout and stderr, and to replace sys.stdout by something that raises.
# Holds: that is its own loss; the checks are answered.
# Points: 10
# %% honest
# %%
report()


class Broken:
    def __getattr__(self, name):
        raise OSError("broken")


sys.stdout.flush()
sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Broken()
for descriptor in (0, 1, 2):
    os.close(descriptor)
