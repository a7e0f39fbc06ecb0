"""Annotations and a job summary for GitHub Actions that a student's text cannot forge."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.report import github
from autograder.report.github import Place
from autograder.verdict import CellProblem, CheckResult, Outcome, QuestionResult

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(report, **settings):
    """What GitHub's runner reads: (kind, properties, message), escapes resolved."""
    found = []
    for line in github.annotate(report, **settings).splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        kind, given, message = match.groups()
        found.append((kind, {key: unescaped(value) for key, value in (p.split("=", 1) for p in given.split(","))},
                      unescaped(message)))  # fmt: skip
    return found


def unescaped(text):
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def one_check(report, **changes):
    check = replace(next(report.checks), outcome=Outcome.FAILED, **changes)
    return replace(report, questions=(QuestionResult("q1", "One", (check,)),), cells=(), notes=())


def test_a_question_with_failed_checks_is_an_error_that_tells_them(report):
    kind, properties, message = commands(report)[0]
    assert kind == "error"
    assert properties == {"file": "hw05 (1).ipynb", "title": "q2 Loss and gradient: 1.5 of 5, 1.5 not graded"}
    assert message.startswith("2.2 The gradient with respect to `w` and `b` is right.\ndw: 3 of 3 elements differ")


def test_a_check_that_was_not_graded_is_a_warning(report):
    kind, properties, message = commands(report)[1]
    assert kind == "warning" and properties["title"].endswith("(not graded)") and "ran out of memory" in message


def test_a_cell_that_did_not_run_is_a_warning(report):
    assert commands(report)[3][::2] == ("warning", "code cell 7, line 3: raised\nNameError: name 'lr' is not defined")


def test_the_last_annotation_tells_the_points(report):
    kind, _, message = commands(report)[-1]
    assert kind == "notice" and message.startswith("4.5 of 10 points so far: 4 checks passed, 2 failed, 1 not graded.")


def test_an_annotation_stands_at_the_line_of_the_answer(report):
    _, properties, _ = commands(report, places={"q2": Place("src/answer, final: 2.py", 12)})[0]
    assert (properties["file"], properties["line"]) == ("src/answer, final: 2.py", "12")


def test_percent_signs_survive(report):
    assert commands(one_check(report, message="100%0A off"))[0][2].endswith("\n100%0A off")


@given(data=st.data())
@settings(max_examples=25)
def test_no_text_starts_a_command_of_its_own(any_report, data):
    report = data.draw(any_report)
    failed = sum(any(c.outcome is Outcome.FAILED for c in question.checks) for question in report.questions)
    missing = sum(any(c.outcome is Outcome.NOT_GRADED for c in question.checks) for question in report.questions)
    kinds = [kind for kind, _, _ in commands(report)]
    assert kinds.count("error") == failed
    assert kinds.count("warning") == missing + len(report.cells)
    assert kinds.count("notice") == 1
    assert "##[" not in github.annotate(report)


@pytest.mark.parametrize("audience", ["student", "staff"])
@settings(max_examples=25)
@given(data=st.data())
def test_no_text_changes_the_structure_of_the_summary(any_report, audience, data):
    report = data.draw(any_report)
    text = github.render(report, audience=audience)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inner = [child.type for token in tokens for child in token.children or []]
    assert not {"html_inline", "link_open", "image", "s_open"} & set(inner)
    kinds = [token.type for token in tokens]
    assert not {"html_block", "table_open", "code_block", "hr"} & set(kinds)
    sections = bool(report.cells) + bool(report.notes) + 2 * (audience == "staff")
    assert kinds.count("heading_open") == 1 + len(report.questions) + sections
    staff = audience == "staff"
    layers = len(report.isolation) if staff else 0
    checks = len(list(report.checks))
    assert kinds.count("list_item_open") == checks + len(report.cells) + len(report.notes) + layers
    assert kinds.count("fence") == ((checks + 1) if staff else 0)


def test_the_summary_begins_with_the_points(report):
    assert github.render(report).startswith("## Logistic regression: 4.5 of 10 points so far\n")


def test_the_summary_warns_if_the_score_is_not_final(report):
    assert "> [!CAUTION]\n> This score is not final" in github.render(report)


def test_the_summary_stays_under_githubs_limit(report):
    check = CheckResult("q1", "long", "1.1", "Long.", True, 1, Outcome.FAILED, message="*\n" * 100_000)
    long = replace(report, questions=(QuestionResult("q1", "Long", (check,) * 100),))
    assert len(github.render(long).encode()) <= 1_000_000


def test_a_cell_whose_name_is_a_command_is_not_one(report):
    evil = replace(one_check(report), cells=(CellProblem(1, "raised", "\n::add-mask::points"),))
    assert [line[:3] for line in github.annotate(evil).splitlines()] == ["::e", "::w", "::n"]
