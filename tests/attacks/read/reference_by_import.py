# Tries: to import the reference, the hidden checks and the solution as modules.
# Holds: nothing of the course is on the path, and none of it can be put there.
# Points: 10
# %% honest
# %%
import importlib.util

course = TARGETS["course"]
sys.path[:0] = [course, f"{course}/reference/scale", f"{course}/solutions/scale"]
for name in ("reference", "hidden", "solution", "reference.scale.reference", "chainrule_course.reference.scale.reference"):

    def imported():
        return vars(importlib.import_module(name))["CANARY"]

    attempt(imported)
for name in ("reference", "hidden", "solution"):

    def loaded():
        spec = importlib.util.spec_from_file_location("stolen", TARGETS[name])
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.CANARY

    def loaded_by_the_toolkit():
        from autograder.course import find_course
        from autograder.topic import load_topic

        return load_topic(find_course(pathlib.Path(course)), "scale").module(name).CANARY

    attempt(loaded)
    attempt(loaded_by_the_toolkit)
report()
