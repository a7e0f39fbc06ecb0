"""Grades a folder as `chainrule grade` does, with a grader that looks at nothing: a program for tests to kill.

Says a line once a report is kept.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from autograder.cohort.pool import Pool
from autograder.gradebook import Gradebook
from autograder.gradebook.feedback import write_whole
from autograder.gradebook.rounds import grade_round, plan
from autograder.gradebook.sheets.overview import overview
from autograder.intake import open_source, take_in
from autograder.verdict import CheckResult, Outcome, QuestionResult, Report

TOPIC = "topic"


def report(name: str) -> Report:
    checks = tuple(CheckResult("q1", f"c{place}", f"1.{place}", "A claim.", True, 1.0, Outcome.PASSED, message=f"{name} {place}")
                   for place in range(60))  # fmt: skip
    return Report(TOPIC, "A topic", name, "", (QuestionResult("q1", "Title", checks),))


def main(folder: Path, results: Path) -> None:
    results.mkdir(exist_ok=True)
    with Gradebook.create(results) as book:
        intake = take_in(open_source(folder, results), None)
        book.hand_in(TOPIC, intake.source, intake.handed)
        work = plan(book, TOPIC, "key")

        def one(_own: None, _slot: int, path: Path) -> Report:
            time.sleep(0.002)
            return report(path.name)

        def grade(paths):
            with Pool(2, lambda: None, one) as pool:
                for path, result in pool.results(paths):
                    yield paths.index(path), result

        for submission, _ in grade_round(book, work, grade):
            print(submission.origin, flush=True)
        write_whole(results / "gradebook.csv", overview(book))
    print("all done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
