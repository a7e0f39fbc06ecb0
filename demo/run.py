"""The whole journey for one topic: build what students download, then grade a right, a wrong and a hostile notebook.

Each step is the command that an instructor would type, and each notebook is graded as it would be in a course. Ends with
code 1 if anything comes out otherwise than it should.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
OUT = REPOSITORY / "demo" / "out"
TOPIC = "logistic_regression"
MISTAKE = "derivative_not_averaged"
LOST = {
    "bce_of_two_samples_worked_by_hand",
    "bce_derivative_is_the_slope_of_your_loss",
    "bce_derivative_is_right",
    "bce_takes_soft_labels",
}
"""What that mistake costs: these checks of its own question, and nothing of the questions that build on it."""


def main() -> int:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)

    say("1. What students download")
    chainrule("build", TOPIC, "--for", "student", "-o", "dist")

    say("2. Three submissions: one right, one with a typical mistake, one hostile")
    hint = write_notebooks()

    say("3. Grade them, each in a sandboxed process of its own")
    formats = "text,html,json,gradescope,junit"
    notebooks = [f"demo/out/{name}.ipynb" for name in ("right", "wrong", "hostile")]
    chainrule("grade", TOPIC, *notebooks, "-o", "demo/out/reports", "--format", formats)

    say("4. What the wrong one reads, where it lost points")
    page = (OUT / "reports/wrong/report.txt").read_text(encoding="utf-8").strip()
    first, *questions, last = page.split("\n\n")
    print("\n\n".join([first, *(each for each in questions if "✗" in each), last]))

    right, wrong, hostile = (read_report(name) for name in ("right", "wrong", "hostile"))
    faults = [
        *(f"{name}: a check was not graded" for name, each in (("right", right), ("wrong", wrong)) if not graded(each)),
        *unless(earned(right) == worth(right), f"the right one got {earned(right):g} of {worth(right):g} points"),
        *unless(lost(wrong) == LOST, f"the wrong one lost {sorted(lost(wrong))}, not {sorted(LOST)}"),
        *unless(hint in hints(wrong), "the wrong one was not told the hint of its mistake"),
        *unless(earned(hostile) == 0, f"the hostile one got {earned(hostile):g} points"),
        *(f"the hostile one got {spoil}" for spoil in loot_of(hostile)),
    ]
    say("5. What came out")
    for name, report in (("right", right), ("wrong", wrong), ("hostile", hostile)):
        print(f"  {name:<8} {earned(report):>5g} of {worth(report):g} points")
    for fault in faults:
        print(f"NOT AS IT SHOULD BE: {fault}")
    say("Where to look")
    print(f"  what students download    dist/{TOPIC}/")
    print("  the three notebooks       demo/out/*.ipynb")
    print("  a report to open          demo/out/reports/wrong/report.html")
    print("  the hostile notebook      demo/hostile.py, and demo/out/reports/hostile/report.txt")
    return 1 if faults else 0


def write_notebooks() -> str:
    """Write the three notebooks. Returns the hint that the mistake deserves."""
    import jupytext
    import nbformat

    from autograder.course import find_course
    from autograder.notebook.handout import solved, source_of, with_answers
    from autograder.topic import load_topic

    topic = load_topic(find_course(REPOSITORY), TOPIC)
    mistake = next(each for each in topic.mistakes if each.id == MISTAKE)
    hostile = jupytext.read(REPOSITORY / "demo" / "hostile.py")
    hostile.cells.insert(0, nbformat.v4.new_code_cell(what_the_hostile_one_knows(topic)))
    hostile.metadata.pop("jupytext", None)
    notebooks = {
        "right": solved(topic),
        "wrong": with_answers(topic, {mistake.of: source_of(mistake, topic)}),
        "hostile": hostile,
    }
    for name, notebook in notebooks.items():
        nbformat.write(notebook, OUT / f"{name}.ipynb")
        print(f"  demo/out/{name}.ipynb")
    return mistake.hint


def what_the_hostile_one_knows(topic) -> str:
    """The first cell of the hostile notebook: the very paths of everything it is after."""
    secrets = [topic.path(part) for part in ("hidden", "reference", "solution", "mistakes")]
    secrets.append(topic.course.root / ".chainrule" / "secret")
    targets = [OUT / "reports/hostile/report.json", OUT / "reports/right/report.json", OUT / "owned"]
    return (
        f"NAMES = {list(topic.names)!r}\n"
        f"SECRETS = {[str(path) for path in secrets]!r}\n"
        f"TARGETS = {[str(path) for path in targets]!r}\n"
    )


def chainrule(*arguments: str) -> None:
    """Type one command."""
    print(f"$ chainrule {shlex.join(arguments)}", flush=True)
    done = subprocess.run([sys.executable, "-m", "autograder.cli", *arguments], cwd=REPOSITORY, check=False)
    if done.returncode:
        raise SystemExit(f"this ended with code {done.returncode}")


def read_report(name: str) -> dict:
    return json.loads((OUT / "reports" / name / "report.json").read_text(encoding="utf-8"))


def checks(report: dict) -> list[dict]:
    return [check for question in report["questions"] for check in question["checks"]]


def graded(report: dict) -> bool:
    return all(check["outcome"] != "not graded" for check in checks(report))


def earned(report: dict) -> float:
    return sum(check["points"] for check in checks(report) if check["outcome"] == "passed")


def worth(report: dict) -> float:
    return sum(check["points"] for check in checks(report))


def lost(report: dict) -> set[str]:
    return {check["name"] for check in checks(report) if check["outcome"] == "failed"}


def hints(report: dict) -> set[str]:
    return {check["hint"] for check in checks(report) if check["hint"]}


def loot_of(report: dict) -> list[str]:
    """What the hostile notebook says it got, and what it left behind."""
    lines = [line for line in report["stdout"].splitlines() if line.startswith("LOOT ")]
    told = json.loads(lines[-1].removeprefix("LOOT ")) if lines else ["stopped before its end"]
    return told + [str(path) for path in (OUT / "owned", REPOSITORY / "owned") if path.exists()]


def unless(good: bool, fault: str) -> list[str]:
    return [] if good else [fault]


def say(heading: str) -> None:
    print(f"\n{heading}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
