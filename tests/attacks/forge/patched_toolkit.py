# Tries: to patch our own modules: every comparison, every check, the verdicts.
# Holds: the grader's modules are in another process.
# Points: 1
# %%
import autograder.compare, autograder.compare.values, autograder.errors, autograder.verdict

for module in (autograder.compare, autograder.compare.values):
    for name in list(vars(module)):
        if name.startswith("assert_"):
            setattr(module, name, lambda *a, **k: None)
autograder.errors.CheckFailed = autograder.errors.StudentError = KeyError
autograder.verdict.CheckResult.earned = autograder.verdict.Report.earned = 1000.0
with contextlib.suppress(BaseException):
    import autograder.grading

    autograder.grading.Grader.run_check = lambda self, check, *a: "passed"


def scale(x, factor):
    return x * 0


def scale_backward(dout, x, factor):
    return x * 0, factor * 0


report()
