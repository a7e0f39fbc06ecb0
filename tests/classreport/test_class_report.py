"""What the verdicts of a class say together."""

from collections import Counter

import pytest

from autograder.classreport import class_report, round_edges
from autograder.classreport.sheet import is_blank
from autograder.errors import StudentError
from autograder.submission.local import LocalSubmission, namespace_of
from autograder.verdict import CheckResult, Outcome

from .conftest import student, unreadable


def check(report, number):
    return next(each for each in report.checks if each.id == number)


def question(report, name):
    return next(each for each in report.questions if each.id == name)


# --- who is counted ---------------------------------------------------------------------------------------------------


def test_files_that_cannot_be_read_are_in_no_number(a_class):
    report = class_report(a_class)
    assert (report.handed_in, report.read) == (40, 36)
    assert question(report, "q1").n == 36


def test_a_check_that_is_excused_for_everybody_makes_no_file_readable():
    entry = unreadable("is empty.", "FF")
    entry.overrides["check_1_1"] = None
    assert class_report([entry]).read == 0


def test_a_file_that_staff_read_themselves_counts():
    entry = unreadable("is empty.", "FF")
    entry.overrides |= {"check_1_1": 1.0, "check_1_2": 0.0}
    assert class_report([entry]).totals.median == 1.0


def test_files_that_cannot_be_read_are_told_by_reason_and_not_by_name(a_class):
    assert dict(class_report(a_class).unreadable) == {
        "is empty. Was it saved before it was handed in?": 2,
        "is not valid JSON: it breaks off there": 2,
    }


def test_whoever_waits_for_a_verdict_has_no_total(a_class):
    report = class_report(a_class)
    assert (report.waiting, report.totals.n) == (2, 34)


def test_a_check_that_was_not_graded_is_no_zero():
    report = class_report([student("P"), student("?"), student("P")])
    assert (check(report, "1.1").share, check(report, "1.1").n, check(report, "1.1").not_graded) == (1.0, 2, 1)


def test_what_is_not_graded_for_most_has_no_share():
    report = class_report([student("B"), student("?"), student("?")])
    assert (check(report, "1.1").share, question(report, "q1").share) == (None, None)


def test_totals_are_not_told_while_most_students_wait():
    assert class_report([student("PB"), student("P?"), student("P?")]).totals is None


def test_everybody_with_a_total_is_in_the_distribution(a_class):
    report = class_report(a_class)
    assert sum(report.bins) == report.totals.n


@pytest.mark.parametrize(
    "points, first, bins", [(14, 1.0, 14), (100, 5.0, 20), (2.75, 0.2, 14), (20, 1.0, 20), (0, 1.0, 1), (21, 2.0, 11)]
)
def test_bins_are_a_round_number_of_points_wide(points, first, bins):
    edges = round_edges(points)
    assert (edges[1], len(edges) - 1, edges[-1]) == (first, bins, points or 1.0)


def test_totals_are_points(a_class):
    totals = class_report(a_class).totals
    assert (totals.lowest, totals.median, totals.highest) == (0.0, 3.0, 4.0)
    assert totals.mean == pytest.approx((12 * 4 + 8 * 3 + 6 * 1) / 34)


def test_no_submissions_are_a_report_without_numbers():
    report = class_report([])
    assert (report.totals, report.questions, report.checks, report.reliability.alpha) == (None, (), (), None)


def test_submissions_are_taken_one_at_a_time():
    passed = iter([student("P"), student("F")])
    assert class_report(each for each in passed).read == 2


# --- what staff decided -----------------------------------------------------------------------------------------------


def test_points_given_by_staff_count():
    report = class_report([student("F", overrides={"check_1_1": 0.5}), student("P")])
    assert check(report, "1.1").share == 0.75


def test_points_given_by_staff_end_the_waiting():
    report = class_report([student("?", overrides={"check_1_1": 1.0})])
    assert (report.waiting, report.totals.median) == (0, 1.0)


def test_what_is_excused_counts_neither_way():
    report = class_report([student("PF", overrides={"check_1_2": None}), student("PF")])
    assert (report.totals.highest, report.totals.lowest) == (2.0, 1.0)
    assert check(report, "1.2").n == 1


def test_excused_students_are_named_as_a_caveat():
    report = class_report([student("PF", overrides={"check_1_2": None}), student("PF")])
    assert any(each.startswith("1 student had checks excused.") for each in report.reliability.caveats)


# --- questions and checks ---------------------------------------------------------------------------------------------


def test_shares_of_a_check_are_of_those_who_have_a_verdict(a_class):
    report = class_report(a_class)
    assert (check(report, "2.2").n, check(report, "2.2").full) == (34, 12)
    assert check(report, "2.2").share == pytest.approx(12 / 34)


def test_a_question_is_told_by_full_points_nothing_and_no_answer(a_class):
    q2 = question(class_report(a_class), "q2")
    assert (q2.full, q2.none, q2.blanks, q2.n) == (12, 6, 8, 34)


def test_a_question_is_blank_only_if_all_of_it_is():
    assert question(class_report([student("BF"), student("BB")]), "q1").blanks == 1


def said(source):
    """What a check says that asks this notebook for `f`."""
    with pytest.raises(StudentError) as caught:
        LocalSubmission(namespace_of(source)).f(1)
    return CheckResult("q1", "c", "1.1", "C.", True, 1, Outcome.FAILED, message=caught.value.message)


def test_a_stub_that_was_left_is_blank():
    assert is_blank(said("def f(x):\n    raise NotImplementedError('q1: write f')"))


def test_a_function_that_is_missing_is_blank():
    assert is_blank(said("x = 1"))


def test_a_function_that_raises_is_not_blank():
    assert not is_blank(said("def f(x):\n    raise ValueError('`f` is not written yet.')"))


def test_something_else_than_a_function_is_not_blank():
    assert not is_blank(said("f = 1"))


def test_time_is_that_of_those_with_an_answer():
    slow = student("P", changes={"1.1": {"seconds": 2.0}})
    blank = student("B", changes={"1.1": {"seconds": 0.1}})
    item = check(class_report([slow, blank, blank]), "1.1")
    assert (item.seconds, item.longest) == (2.0, 2.0)


def test_passing_with_a_loan_is_told():
    assert check(class_report([student("P", changes={"1.1": {"follow_through": True}})]), "1.1").followed == 1


def test_checks_stand_in_the_order_of_their_numbers():
    ten = student("PPPPPPPPPP", "P")
    assert [each.id for each in class_report([ten]).checks][8:] == ["1.9", "1.10", "2.1"]


# --- reliability ------------------------------------------------------------------------------------------------------

LSAT6 = (
    3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15, 10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298,
)  # fmt: skip
"""Bock and Lieberman 1970; see tests/statistics."""


@pytest.fixture(scope="module")
def lsat6():
    """A thousand reports with a question for each item."""
    patterns = [format(number, "05b").replace("1", "P").replace("0", "F") for number in range(32)]
    return class_report(student(*pattern) for pattern, many in zip(patterns, LSAT6, strict=True) for _ in range(many))


def test_reports_of_lsat6_have_its_published_shares(lsat6):
    assert [each.share for each in lsat6.questions] == pytest.approx([0.924, 0.709, 0.553, 0.763, 0.870])


def test_reports_of_lsat6_have_its_published_correlations(lsat6):
    published = [0.1128326889, 0.1531781201, 0.1727789433, 0.1444280952, 0.1215964025]
    assert [each.correlation for each in lsat6.questions] == pytest.approx(published, abs=5e-11)
    assert [each.correlation for each in lsat6.checks] == pytest.approx(published, abs=5e-11)


def test_reports_of_lsat6_have_its_published_alpha(lsat6):
    assert (lsat6.reliability.alpha, lsat6.reliability.n) == (pytest.approx(0.2949971922, abs=5e-11), 1000)


def test_the_standard_error_is_what_alpha_leaves_of_the_deviation(lsat6):
    assert lsat6.reliability.error == pytest.approx(lsat6.totals.deviation * (1 - 0.2949971922) ** 0.5)


def caveats(*entries):
    return " ".join(class_report(entries).reliability.caveats)


def test_a_small_class_is_a_caveat():
    assert "2 students can be compared. With fewer than 30," in caveats(student("P"), student("F"))


def test_different_sets_of_checks_are_a_caveat():
    assert "2 different sets of checks" in caveats(student("P", "P"), student("P"))


def test_a_question_that_is_the_same_for_everybody_is_a_caveat():
    text = caveats(student("P", "P"), student("P", "F"), student("P", "P"))
    assert "silent on who knows more: q1." in text


def test_students_who_earned_nothing_are_a_caveat_with_alpha_without_them():
    some = [student("P", "F"), student("F", "P"), student("P", "P"), student("P", "P")]
    assert "1 student earned nothing at all" in caveats(*some, student("F", "F"))


def test_a_question_that_most_lack_does_not_cost_the_class():
    report = class_report([student("PP", "?"), student("PF", "?"), student("FF", "?"), student("FF", "P")])
    assert "fewer than half of the students have a score: q2." in " ".join(report.reliability.caveats)
    assert check(report, "1.2").correlation is not None


# --- what the class got wrong -----------------------------------------------------------------------------------------


def test_a_mistake_is_counted_by_students_and_not_by_checks(a_class):
    (found,) = class_report(a_class).missed
    assert (found.question, found.id, found.students, found.checks) == ("q2", "no_mean", 12, ("2.1", "2.2"))
    assert found.hint == "The loss is a *mean*: `1/N`."


def test_a_mistake_is_told_beside_those_who_answered(a_class):
    (found,) = class_report(a_class).missed
    assert found.of == 28  # 36 could be read, 8 of them gave no answer


def test_who_answered_is_counted_whether_graded_or_not():
    made = {"1.1": {"mistake": "m", "hint": "H."}}
    report = class_report([student("F?", changes=made), student("P?"), student("BB")])
    assert (report.missed[0].students, report.missed[0].of) == (1, 2)


def test_the_example_is_what_most_students_read(a_class):
    (found,) = class_report(a_class).missed
    assert (found.example, found.example_of, found.example_read_by) == ("dw is 4 times too large.", "2.2", 12)


def test_failures_that_no_mistake_fits_are_told_by_check(a_class):
    others = {each.number: each.students for each in class_report(a_class).others}
    assert others == {"1.1": 6, "1.2": 12, "2.1": 2, "2.2": 2}


def test_a_failure_beside_a_recognised_mistake_is_explained_by_it():
    known = {"2.1": {"mistake": "m", "hint": "H."}}
    assert [each.number for each in class_report([student("P", "FF", changes=known)]).others] == []


def test_a_rare_message_loses_what_the_student_wrote(a_class):
    other = next(each for each in class_report(a_class).others if each.number == "2.1")
    assert other.example == "`f2` raised ValueError."


def test_mistakes_stand_with_the_most_frequent_first():
    def made(mistake):
        return student("F", changes={"1.1": {"mistake": mistake}})

    report = class_report([made("rare"), made("often"), made("often")])
    assert [each.id for each in report.missed] == ["often", "rare"]


# --- checks that look broken ------------------------------------------------------------------------------------------


def reasons(entries):
    return [(each.number, each.reason) for each in class_report(entries).suspects]


def test_a_check_that_nobody_passes_is_suspect():
    assert reasons([student("PF") for _ in range(5)]) == [("1.2", "Nobody passes: 5 tried.")]


def test_a_check_that_few_tried_is_not_suspect():
    assert reasons([*(student("PF") for _ in range(4)), *(student("PB") for _ in range(9))]) == []


def test_a_check_that_was_not_graded_is_suspect_with_its_cause():
    (found,) = reasons([student("P?"), student("P?"), student("PP")])
    assert found == ("1.2", "Not graded for 2 students: ZeroDivisionError: by zero")


def test_the_most_frequent_of_several_causes_is_told():
    other = {"1.2": {"detail": "MemoryError"}}
    (found,) = reasons([student("P?"), student("P?"), student("P?", changes=other)])
    assert found[1] == "Not graded for 3 students, 2 of them: ZeroDivisionError: by zero (and 1 other cause)"


def test_a_check_that_the_good_ones_fail_is_suspect():
    entries = [*(student("PP", "F") for _ in range(10)), *(student("FF", "P") for _ in range(10))]
    number, reason = reasons(entries)[-1]
    assert number == "2.1" and "correlation is −1.00" in reason and "chance" not in reason


def test_a_weak_contradiction_may_be_chance():
    rows = ["PP"] * 3 + ["PF"] * 3 + ["FP"] * 4 + ["FF"] * 2
    assert all("may be chance" in reason for _, reason in reasons([student(first, second) for first, second in rows]))


def test_a_healthy_class_has_no_suspects():
    assert reasons([student("PP") for _ in range(6)] + [student("FF") for _ in range(6)]) == []


def test_reasons_of_unreadable_files_do_not_list_what_was_in_them():
    found = class_report([unreadable("is a zip archive with 2 notebooks (ada.ipynb, bob.ipynb).", "F")]).unreadable
    assert Counter(dict(found)) == {"is a zip archive with 2 notebooks.": 1}
