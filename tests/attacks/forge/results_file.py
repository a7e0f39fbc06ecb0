# Tries: to write the results itself, wherever a grader might look for them, and to print them.
# Holds: results are written by the grader alone, from its own verdicts.
# Points: 0
# %%
RESULTS = json.dumps({"score": 1000.0, "format": "chainrule/report/v1", "tests": [{"score": 10, "max_score": 10}]})
print(RESULTS)
for folder in (
    ".",
    "..",
    TARGETS["out"],
    TARGETS["out"] + "/forge-results_file",
    TARGETS["tmp"],
    "/autograder/results",
):
    for name in ("results.json", "report.json", "report.txt"):
        with contextlib.suppress(OSError):
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, name), "w") as file:
                file.write(RESULTS)
            if os.path.realpath(folder) != os.path.realpath("."):
                loot.append(f"wrote to {folder}")
report()
