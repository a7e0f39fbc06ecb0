# Tries: false modules in sys.modules, an import hook and a path hook, so that what a grader imports is the student's.
# Holds: the grader imports in another process.
# Points: 1
# %%
import builtins, importlib.abc, types


class Hook(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.startswith("autograder") or name.endswith("hidden"):
            raise ImportError("taken over")


sys.meta_path.insert(0, Hook())
sys.path_hooks.insert(0, lambda path: (_ for _ in ()).throw(ImportError()))
for name in ("autograder.compare", "autograder.checks", "autograder.verdict", "reference", "hidden", "checks"):
    false = types.ModuleType(name)
    false.assert_close = false.assert_backward_close = lambda *a, **k: None
    sys.modules[name] = false
original = builtins.__import__
builtins.__import__ = lambda name, *a, **k: original("math" if "compare" in name else name, *a, **k)


def scale(x, factor):
    return x * 0


def scale_backward(dout, x, factor):
    return x * 0, factor * 0


report()
