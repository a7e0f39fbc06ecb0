"""No attack gains a point, a secret or a survivor, on any kind of machine."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from autograder.report import seen_by
from autograder.verdict import Report

conftest: Any = next(
    module for name, module in list(sys.modules.items())
    if name.endswith("conftest") and hasattr(module, "MACHINES")
)  # fmt: skip
GRADABLE = [name for name in conftest.MACHINES if name != "no barrier at all"]
MARK = "LEAK"


def each_attack(*, part: str = "all") -> Callable[..., Any]:
    """Once for each machine and each attack that is tried on it."""
    cases = [
        pytest.param(machine, attack, id=f"{machine}-{attack.name}")
        for machine in GRADABLE
        for attack in conftest.tried_on(machine)
    ]
    return pytest.mark.parametrize("machine, attack", cases)


each_machine = pytest.mark.parametrize("machine", GRADABLE)
each_leak = pytest.mark.parametrize("attack", conftest.notebooks.attacks("leak"), ids=lambda attack: attack.name)


def reports_of(graded: Any, attack: Any) -> list[Report]:
    names = [attack.name] + ([f"{attack.name}-again"] if attack.family == "spread" else [])
    missing = [name for name in names if name not in graded.reports]
    assert not missing, f"no report of {missing}: {[done.stderr[-2000:] for done in graded.done]}"
    return [graded.reports[name] for name in names]


@each_attack()
def test_it_earns_what_is_right_in_it_and_no_more(suite, machine, attack):
    for report in reports_of(suite.graded(machine), attack):
        found = [(check.name, check.outcome, check.detail) for check in report.checks]
        assert report.earned <= max(attack.may_earn), found
        if machine == "everything":  # elsewhere other layers say no, and it may do itself more harm or less
            assert report.earned in attack.may_earn, found


@each_attack()
def test_every_check_has_a_verdict(suite, machine, attack):
    for report in reports_of(suite.graded(machine), attack):
        assert [check.name for check in report.checks if check.earned is None] == []
        assert len(list(report.checks)) == 5


@each_attack()
def test_it_gets_hold_of_nothing(suite, machine, attack):
    for report in reports_of(suite.graded(machine), attack):
        said = re.findall(r"^LOOT (.*)$", report.stdout, re.MULTILINE)
        assert said or attack.silent
        assert [line for line in said if json.loads(line)] == []


@each_attack()
def test_no_secret_stands_in_its_report(suite, machine, attack):
    graded = suite.graded(machine)
    for report in reports_of(graded, attack):
        text = graded.shown(report.submission.removesuffix(".ipynb"), "report.json") + graded.seen_by_student(
            attack.name
        )
        assert [name for name, canary in graded.canaries.items() if canary in text] == []


@pytest.mark.parametrize(
    "attack",
    [attack for attack in conftest.tried_on("everything") if "cells" in attack.headers],
    ids=lambda each: each.name,
)
def test_the_cells_that_failed_are_named(suite, attack):
    (report,) = reports_of(suite.graded("everything"), attack)
    assert len(report.cells) == int(attack.headers["cells"]), report.cells


@each_machine
def test_the_perfect_submissions_among_them_get_full_marks(suite, machine):
    graded = suite.graded(machine)
    perfect = {name: report.earned for name, report in graded.reports.items() if name.startswith("perfect")}
    assert len(perfect) >= 2
    assert perfect == dict.fromkeys(perfect, 10.0)


@each_machine
def test_the_grader_ends_well(suite, machine):
    done = suite.graded(machine).done
    assert [each.returncode for each in done] == [0] * len(done), done[-1].stderr
    assert "Traceback" not in "".join(each.stderr for each in done)


@each_machine
def test_no_process_outlives_its_grading(suite, machine):
    assert suite.graded(machine).alive == []


@each_machine
def test_no_file_is_left_behind(suite, machine):
    assert suite.graded(machine).traces() == []


@each_machine
def test_nothing_of_the_course_is_changed(suite, machine):
    graded = suite.graded(machine)
    assert graded.digests() == graded.before


@each_leak
def test_it_carries_no_hidden_input_to_the_student(suite, attack):
    graded = suite.graded("everything", "leak")
    (report,) = reports_of(graded, attack)
    assert report.earned == attack.points and report.graded, report.questions
    assert "LOOT" in report.stdout
    assert MARK not in graded.seen_by_student(attack.name)


@each_leak
def test_the_student_reads_the_same_whatever_the_hidden_inputs_are(suite, attack):
    first, second = (
        timeless(reports_of(suite.graded("everything", part), attack)[0]) for part in ("leak", "leak again")
    )
    assert said_of(first) == said_of(second)
    assert first == second


@each_leak
def test_what_the_student_reads_is_of_bounded_length_and_holds_no_control_character(suite, attack):
    shown = suite.graded("everything", "leak").seen_by_student(attack.name)
    assert len(shown) < 200_000
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown.replace("\x1b[", "")) == []
    assert "<script>alert" not in suite.graded("everything", "leak").shown(attack.name, "report.html")
    logged = "".join(
        suite.graded("everything", "leak").shown(attack.name, name) for name in ("report.txt", "annotations.txt")
    )
    assert not re.search(r"^\s*::(error::|set-output)|^\s*##vso", logged, re.MULTILINE)


def said_of(report: Report) -> list[str]:
    return [f"{check.name}: {check.outcome}: {check.message} {check.hint}" for check in report.checks]


def timeless(report: Report) -> Report:
    """What a student sees of it, without durations of public checks and without the digest of the file."""
    shown = seen_by(report, "student")
    questions = tuple(
        replace(question, checks=tuple(replace(check, seconds=0.0) for check in question.checks))
        for question in shown.questions
    )
    return replace(shown, sha256="", questions=questions)


@pytest.mark.parametrize("name", ["secrets_by_path", "reference_by_import", "folders", "results", "other_submissions"])
def test_without_file_barriers_the_attack_finds_what_it_looks_for(suite, name):
    graded = suite.graded("no barrier at all")
    (loot,) = re.findall(r"^LOOT (.*)$", graded.reports[f"read-{name}"].stdout, re.MULTILINE)
    assert json.loads(loot) != []


def test_there_are_several_attacks_of_each_family():
    known = conftest.notebooks.attacks()
    families = {family: sum(attack.family == family for attack in known) for family in conftest.notebooks.FAMILIES}
    assert len(known) >= 65 and min(families.values()) >= 5, families
