"""What grading costs: beside a bare torch import, beside `otter run`, and beside the same cells with no grader at all.

Prints tables; medians, and ratios within this run. `--quick`: a class of 10 instead of 100. On a machine with other work
to do, CPU time and ratios say more than the clock.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from measuring import bare, inside, otter_way
from measuring.processes import Cost, run

from autograder.course import find_course
from autograder.topic import Topic, load_topic

HERE = Path(__file__).resolve().parent
TOPICS = {
    "three questions": (HERE / "courses" / "three", "softmax_regression"),
    "a whole topic": (HERE.parent, "logistic_regression"),
}
BIN = Path(sys.executable).parent
OTTER_AT_A_TIME = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """One topic, its solved notebook, and otter's autograder for it."""

    label: str
    topic: Topic
    notebook: Path
    autograder: Path
    folder: Path

    def grade(self, *notebooks: Path, jobs: int = 1, memory: bool = False) -> Cost:
        """`chainrule grade`, from its start to its end."""
        command = [BIN / "chainrule", "grade", self.topic.name, *notebooks, "-o", self.folder / "out", "-j", str(jobs)]
        return run(command, cwd=self.topic.course.root, memory=memory)

    def otter(self, number: int = 0, *, memory: bool = False) -> Cost:
        """`otter run`, from its start to its end. Raises AssertionError unless it gives full marks, too."""
        results = self.folder / f"otter-{number}"
        results.mkdir(exist_ok=True)
        command = [BIN / "otter", "run", self.notebook, "-a", self.autograder, "-o", results, "--no-logo"]
        cost = run(command, environment=otter_way.environment(self.topic), cwd=results, memory=memory)
        earned = otter_way.earned(results / "results.json")
        assert earned == self.topic.points, f"otter gave {earned:g} of {self.topic.points:g} points"
        return cost


def subject(label: str, folder: Path) -> Subject:
    """The solved notebook of a topic, and everything else that grading it needs."""
    root, name = TOPICS[label]
    topic = load_topic(find_course(root), name)
    run([BIN / "chainrule", "build", name, "--solved", "-o", folder], cwd=root)
    notebook = folder / name / f"{name}-solved.ipynb"
    return Subject(label, topic, notebook, otter_way.write_autograder(topic, folder / f"{name}.zip"), folder / name)


def line(what: str, value: str, beside: str = "") -> None:
    """One row of a table."""
    print(f"  {what:<58} {value:>14}  {beside}".rstrip(), flush=True)


def cold(each: Subject, runs: int) -> None:
    """One notebook, from nothing."""
    torch, ours, otters = [], [], []
    for _ in range(runs):  # by turns, so that other work on the machine falls on all alike
        torch.append(run([sys.executable, "-c", "import torch"]))
        ours.append(each.grade(each.notebook))
        otters.append(each.otter())
    base_wall, base_cpu = wall(torch), cpu(torch)
    line("python -c 'import torch'", f"{base_wall:.2f} s", f"{base_cpu:.2f} s of CPU")
    for name, costs in (("chainrule grade", ours), ("otter run", otters)):
        beside = f"{cpu(costs):.2f} s of CPU; {wall(costs) / base_wall:.2f} x import torch"
        line(f"{name}, one notebook", f"{wall(costs):.2f} s", beside)


def class_of(each: Subject, count: int, otter_runs: int) -> None:
    """Many notebooks: copies of the solved one."""
    copies = [each.folder / "class" / f"student-{number}.ipynb" for number in range(count)]
    copies[0].parent.mkdir(exist_ok=True)
    for copy in copies:
        shutil.copy(each.notebook, copy)
    with ThreadPoolExecutor(OTTER_AT_A_TIME) as pool:
        otters = list(pool.map(each.otter, range(otter_runs)))
    otter_rate = OTTER_AT_A_TIME / wall(otters)
    otter_cpu = cpu(otters)
    line(f"otter run, {OTTER_AT_A_TIME} at a time", f"{otter_rate:.2f} /s", f"{otter_cpu:.2f} s of CPU each")
    costs = {}
    for jobs in (1, 2):
        costs[jobs] = each.grade(*copies, jobs=jobs)
        rate = count / costs[jobs].wall_s
        beside = f"{costs[jobs].cpu_s / count:.3f} s of CPU each, start included"
        if jobs == OTTER_AT_A_TIME:
            beside += f"; {rate / otter_rate:.1f} x otter, {otter_cpu * count / costs[jobs].cpu_s:.1f} x by CPU"
        line(f"chainrule grade, {count} notebooks, {jobs} worker{'s' * (jobs > 1)}", f"{rate:.2f} /s", beside)
    few = count // 5  # a class as well: the server makes itself ready for both
    per_submission = (costs[1].cpu_s - each.grade(*copies[:few]).cpu_s) / (count - few)
    alone = bare.cpu_per_run_s(each.topic, each.notebook, runs=10)
    line("CPU of the same cells and calls, no grader", f"{alone * 1e3:.0f} ms")
    line("CPU of one more submission", f"{per_submission * 1e3:.0f} ms", f"{per_submission / alone:.2f} x no grader")
    peak = each.grade(*copies[:5], memory=True).peak_mib
    line("largest size of the whole tree, 1 worker (PSS)", f"{peak:.0f} MiB",
         f"otter run: {each.otter(memory=True).peak_mib:.0f} MiB")  # fmt: skip


def wall(costs: list[Cost]) -> float:
    """Median seconds by the clock."""
    return statistics.median(cost.wall_s for cost in costs)


def cpu(costs: list[Cost]) -> float:
    """Median seconds of CPU time."""
    return statistics.median(cost.cpu_s for cost in costs)


def main() -> None:
    """Print everything."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a class of 10, and fewer repetitions")
    options.add_argument("--only", choices=list(TOPICS), help="one of the two notebooks")
    given = options.parse_args()
    count, runs = (10, 3) if given.quick else (100, 5)
    os.environ["OMP_NUM_THREADS"] = "1"
    load = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} processors, load {load:.1f} before; the same notebook and checks, public and hidden, for all:"
    )
    print("in otter's kernel each check runs beside the answers, in chainrule in a sandbox; both give full marks.")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for label in [given.only] if given.only else list(TOPICS):
            each = subject(label, Path(folder))
            questions, checks = len(each.topic.questions), sum(len(one.checks) for one in each.topic.questions)
            print(f"\n{label}: {each.topic.name}, {questions} questions, {checks} checks")
            cold(each, runs)
            class_of(each, count, 2 * OTTER_AT_A_TIME)
            print("  where the time of a submission goes:")
            stages = inside.where_time_goes(each.topic, each.notebook, runs=runs)
            for stage, ms in stages:
                line(f"  {stage}", f"{ms:.1f} ms")
            first, later = inside.recognising_ms(each.topic)
            beside = f"at most {max(first):.0f} ms; the same again: {statistics.median(later):.2f} ms"
            line("recognise a known mistake, after a failed check", f"{statistics.median(first):.1f} ms", beside)
        print("\nthe sandbox, and judging")
        latencies = inside.latencies_ms(each.topic, runs=4 * runs)
        line("from a request to a submission's first cell", f"{latencies['first cell']:.1f} ms")
        line("one call of a student's function, 8 x 8 numbers", f"{latencies['call']:.2f} ms")
        judging = inside.judging_ms()
        line("compare 100 x 100 numbers, equal", f"{judging['equal']:.2f} ms")
        line("... transposed, explained", f"{judging['transposed']:.2f} ms", f"unlike: {judging['unlike']:.2f} ms")
    print(f"\nload {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
