"""Checks as pytest items: `pytest assignments/attention --submission hw.ipynb`.

For whoever writes checks: one item a check, chosen with `-k`, with pytest's own report. The submission runs in the sandbox, as
in grading; a failed check shows its message, hidden or not, because who runs this has the checks. Without `--submission` the
plugin collects nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from autograder.cohort import Sandbox
    from autograder.grading import Grader
    from autograder.submission.worker import Worker
    from autograder.topic import Topic
    from autograder.verdict import CheckResult

PARTS = {"checks.py": "public_checks", "hidden.py": "hidden_checks"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--submission FILE`."""
    parser.getgroup("chainrule").addoption("--submission", type=Path, help="the notebook that checks are to judge")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The checks of assignments/<topic>/checks.py and reference/<topic>/hidden.py."""
    if parent.config.getoption("submission") is None or file_path.name not in PARTS:
        return None
    root = file_path.parents[2]
    if not (root / "course.toml").is_file():
        return None
    return CheckFile.from_parent(parent, path=file_path)


class CheckFile(pytest.File):
    """One file of checks."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each check."""
        from autograder.course import find_course
        from autograder.topic import load_topic

        topic = load_topic(find_course(self.path.parents[2]), self.path.parent.name)
        topic.validate()
        for check in getattr(topic, PARTS[self.path.name]):
            yield CheckItem.from_parent(self, name=check.name, topic=topic)


class CheckItem(pytest.Item):
    """One check, judging the submission."""

    def __init__(self, *, topic: Topic, **kwargs: Any) -> None:
        """Of `topic`, with the name of the check."""
        super().__init__(**kwargs)
        self.topic = topic

    def runtest(self) -> None:
        """Give the verdict."""
        from autograder.verdict import Outcome

        stack = self.config.stash.setdefault(_OPENED, _Opened())
        result = stack.verdict(self.topic, self.name, self.config.getoption("submission"))
        if result.outcome is not Outcome.PASSED:
            raise Verdict(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The check's sentence and what was found, without a traceback of ours."""
        if not isinstance(excinfo.value, Verdict):
            return super().repr_failure(excinfo, style)
        result = excinfo.value.result
        hint = [f"Hint: {result.hint}"] if result.hint else []
        return "\n".join([f"{result.outcome.value}: {result.claim}", result.detail or result.message, *hint])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the check stands."""
        check = next(check for question in self.topic.questions for check in question.checks if check.name == self.name)
        return check.path, check.line - 1, f"{check.question}: {check.name}"


class Verdict(Exception):
    """A check that did not pass."""

    def __init__(self, result: CheckResult) -> None:
        """`result`: its verdict."""
        super().__init__(result.message)
        self.result = result


class _Opened:
    """The submission's processes, started for the first check and kept for the rest."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.sandbox: Sandbox | None = None
        self.workers: dict[str, tuple[Grader, Worker]] = {}

    def verdict(self, topic: Topic, name: str, submission: Path) -> CheckResult:
        from autograder.grading import Keys, asking

        grader, worker = self._worker(topic, submission)
        question = next(each for each in topic.questions if name in {check.name for check in each.checks})
        check = next(check for check in question.checks if check.name == name)
        keys = Keys(topic.course.secret(), topic.name)
        return grader.run_check(check, question, name, keys, asking(worker, grader))

    def _worker(self, topic: Topic, submission: Path) -> tuple[Grader, Worker]:
        if topic.name not in self.workers:
            from autograder.cohort import open_sandbox, trusted_grader, worker_for
            from autograder.notebook.submission import read_submission

            if self.sandbox is None:
                self.sandbox = self.stack.enter_context(open_sandbox())
            notebook = read_submission(submission)
            worker = self.stack.enter_context(worker_for(topic, self.sandbox))
            worker.run([(cell.number, cell.source) for cell in notebook.cells])
            self.workers[topic.name] = trusted_grader(topic), worker
        return self.workers[topic.name]


_OPENED: pytest.StashKey[_Opened] = pytest.StashKey()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the submission's processes."""
    opened = config.stash.get(_OPENED, None)
    if opened is not None:
        opened.stack.close()
