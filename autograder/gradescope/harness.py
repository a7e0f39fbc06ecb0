"""`run_autograder`: watches the process that grades, keeps the clock, and writes `results.json`, whatever happens.

Small on purpose: no torch and no student's code is in this process, so that of all that runs here it is the least likely to be
killed. The results are valid from the first moment on, and become better.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.gradescope.attempts import one_too_many
from autograder.gradescope.budget import deadline_s
from autograder.gradescope.choice import Choice, choose
from autograder.gradescope.grader import fingerprint, found
from autograder.gradescope.lateness import lateness
from autograder.gradescope.metadata import Metadata, read_metadata
from autograder.gradescope.place import Place
from autograder.gradescope.unfinished import cut_off
from autograder.report import gradescope, text
from autograder.report.gradescope import Terms
from autograder.topic import Topic
from autograder.verdict import Report

OUT_OF_TIME = "The time for one run was used up."
ENDED = "The run was ended from outside."
LOOK_EVERY_S = 0.2
REWRITE_EVERY_S = 2.0


def run(root: Path) -> Report | None:
    """Grade what lies in `root`, which is laid out as Gradescope does, and write its `results/results.json`.

    Returns the report that was written down, None if there is none: an earlier one was shown again, or something of ours failed.
    """
    started = time.monotonic()
    place = Place(root.absolute())
    place.results.parent.mkdir(parents=True, exist_ok=True)
    place.write((place.source / "not-graded.json").read_text(encoding="utf-8"))
    try:
        return _run(place, started)
    except Exception:  # whatever it is, the results that lie there are valid, and say that nothing is final
        traceback.print_exc(file=sys.stdout)
        return None


def _run(place: Place, started: float) -> Report | None:
    for fault in place.close():
        _say(f"cannot be closed to submissions: {fault}")
    topic = place.topic()
    settings = topic.settings.gradescope
    metadata = read_metadata(place.metadata)
    if metadata.fault:
        _say(metadata.fault)
    again = one_too_many(metadata, settings.attempts_per_day)
    if again is not None:
        _say("not graded: too many submissions in 24 hours; the earlier results are shown again")
        place.write(json.dumps(again, ensure_ascii=False, indent=1) + "\n")
        return None
    choice = choose(place.submission, topic.name, topic.names)
    writer = _Writer(place, topic, _terms(topic, metadata, choice))
    report = _graded(place, choice, writer, started + deadline_s(settings.time_limit_min))
    print(text.render(report, audience="staff", width=100), flush=True)
    return report


@dataclass(slots=True)
class _Writer:
    """Turns reports into results."""

    place: Place
    topic: Topic
    terms: Terms

    def write(self, report: Report, *notices: str) -> None:
        settings = self.topic.settings.gradescope
        terms = replace(self.terms, notices=(*notices, *self.terms.notices))
        self.place.write(gradescope.render(report, public=settings.public, hidden=settings.hidden, terms=terms))


def _terms(topic: Topic, metadata: Metadata, choice: Choice) -> Terms:
    settings = topic.settings.gradescope
    late = lateness(metadata, settings)
    together = ""
    if len(metadata.names) > 1:
        *others, last = metadata.names
        together = f"Handed in by {', '.join(others)} and {last}: these results are for all of you."
    facts = {
        "seed": {"secret": fingerprint(topic.course.secret()), "inputs": topic.settings.inputs},
        "late_percent": late.percent,
    }
    return Terms(
        notices=tuple(filter(None, (choice.notice, late.sentence, together))),
        late_percent=late.percent,
        extra_credit=frozenset(settings.extra_credit),
        leaderboard=settings.leaderboard,
        facts=facts,
    )


def _graded(place: Place, choice: Choice, writer: _Writer, deadline: float) -> Report:
    """Start the grader, write down what it finds as it goes, and end it at the deadline."""
    blank = place.source / "blank.json"
    with tempfile.TemporaryDirectory(prefix="chainrule-run-") as name, _everything_ends(), _told_to_end() as told:
        folder = Path(name)
        process = _start(place, choice, folder)
        shown, shown_at = 0, 0.0
        while process.poll() is None and time.monotonic() < deadline and not told:
            time.sleep(LOOK_EVERY_S)
            report, _ = found(folder, blank)
            graded = sum(check.earned is not None for check in report.checks)
            if graded > shown and time.monotonic() - shown_at > REWRITE_EVERY_S:
                writer.write(cut_off(report), "This run is still going on, or it was ended from outside.")
                shown, shown_at = graded, time.monotonic()
        cut = "" if process.poll() is not None else ENDED if told else OUT_OF_TIME
        if cut:
            process.kill()
        code = process.wait()
        report, final = found(folder, blank)
    if final or report.graded:
        writer.write(report)
        return report
    reason = f"{cut or why(code)} This is what was graded until then."
    _say(reason)
    report = cut_off(report)
    writer.write(report, reason)
    return report


def _start(place: Place, choice: Choice, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-m", "autograder.cli", "gradescope-grade", str(folder), "--root", str(place.root)]
    command += ["--fault", choice.fault] if choice.path is None else ["--file", str(choice.path)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


@contextmanager
def _everything_ends() -> Iterator[None]:
    """Whatever is started in here has ended afterwards."""
    if sys.platform != "linux":
        yield
        return
    from autograder.sandbox import linux
    from autograder.sandbox.processes import descendants, end_all

    before = descendants(os.getpid())
    linux.become_subreaper()
    try:
        yield
    finally:
        end_all(os.getpid(), keep=before)


@contextmanager
def _told_to_end() -> Iterator[list[int]]:
    """A list that is no longer empty once somebody wants this process to end: there may be time to say what was found."""
    told: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)


def why(code: int) -> str:
    """Why a grader that ended by itself left no final report, for students and staff."""
    if code == -signal.SIGKILL:
        return "The grader was killed, most likely because memory ran out."
    if code < 0:
        return f"The grader was ended by signal {-code}."
    return "The grader could not go on; the cause stands in the output for staff."


def _say(line: str) -> None:
    """To the output of the run, which staff alone see."""
    print(f"chainrule: {line}", flush=True)
