"""What verify finds in a topic that is broken in one place."""

import pytest

from autograder.errors import CourseError


def test_a_topic_without_faults_is_proven(verified):
    found = verified()
    assert found.faults == []
    assert found.ok
    assert found.notes == []


def test_the_matrix_says_which_check_fails_which_mistake(verified):
    assert verified().matrix == {
        "scale_around_one": {"worked_example_is_right", "tall_matrix_is_scaled"},
        "scale_in_place": {"arguments_stay_as_they_are"},
        "factor_gradient_averaged": {"gradients_of_a_small_problem_are_right", "gradients_of_a_tall_matrix_are_right"},
    }


def test_the_matrix_is_printed_with_the_named_checks_in_capitals(verified, change):
    change("solutions/mistakes.py", 'caught_by=("worked_example_is_right", "tall_matrix_is_scaled")',
           'caught_by="worked_example_is_right"')  # fmt: skip
    lines = verified().lines()
    assert "    scale_around_one   X   x   ." in lines
    assert "    scale_in_place     .   .   X" in lines


def test_a_check_that_no_mistake_fails_is_a_fault(verified, change):
    change("solutions/mistakes.py", "x *= factor\n", "x = x + factor\n")
    change("solutions/mistakes.py", 'caught_by="arguments_stay_as_they_are"', 'caught_by="tall_matrix_is_scaled"')
    assert verified().faults == ["no mistake fails arguments_stay_as_they_are: is it a check at all?"]


def test_a_mistake_that_passes_its_check_is_a_fault(verified, change):
    change("solutions/mistakes.py", "EXTRA = 1.0", "EXTRA = 0.0")
    faults = verified().faults
    assert "the mistake scale_around_one passes worked_example_is_right, which is to catch it" in faults
    assert "the mistake scale_around_one passes tall_matrix_is_scaled, which is to catch it" in faults


def test_two_mistakes_with_the_same_numbers_are_a_fault(verified, add):
    add("solutions/mistakes.py", '@mistake(of="scale", caught_by="worked_example_is_right", hint="Another hint.")\n'
        "def the_same_again(x, factor):\n    return x + x * factor\n")  # fmt: skip
    assert verified().faults == [
        "the mistake the_same_again gets another hint at worked_example_is_right: that of scale_around_one"
    ]


def test_mistakes_that_say_so_may_have_the_same_numbers(verified, add):
    add("solutions/mistakes.py", '@mistake(of="scale", caught_by="worked_example_is_right", hint="Another hint.", '
        'also=("scale_around_one",))\ndef the_same_again(x, factor):\n    return x + x * factor\n')  # fmt: skip
    assert verified().faults == []


def test_an_accepted_answer_that_fails_is_a_fault(verified, change):
    change("solutions/accepted.py", "return x @ np.diag(factor)", "return x @ np.diag(factor) + 0.001")
    faults = verified().faults
    assert any(
        fault.startswith("the accepted answer with_a_diagonal_matrix fails tall_matrix_is_scaled: ") for fault in faults
    )


def test_a_wrong_solution_is_a_fault(verified, change):
    change("solutions/solution.py", "return x * factor", "return x + factor")
    assert any(fault.startswith("the solution fails worked_example_is_right: ") for fault in verified().faults)


def test_a_mistake_that_costs_another_question_points_is_a_fault(verified, change):
    change("solutions/solution.py", "dx = np.multiply(dout, factor)", "dx = scale(dout, factor)")
    found = verified().faults
    assert any(
        fault.startswith("the mistake scale_around_one of q1 costs points of q2, at gradients_of") for fault in found
    )


def test_a_question_that_names_what_it_uses_keeps_its_points(verified, change):
    change("solutions/solution.py", "dx = np.multiply(dout, factor)", "dx = scale(dout, factor)")
    change("assignments/topic.toml", 'names = ["scale_backward"]', 'names = ["scale_backward"]\nuses = ["scale"]')
    assert verified().faults == []


def test_points_that_do_not_add_up_are_refused_before_anything_runs(verified, change):
    change("reference/hidden.py", '@check("q2", points=3, repeat=2)', '@check("q2", points=4, repeat=2)')
    with pytest.raises(CourseError, match="q2 is worth 5 points, but its checks add up to 6"):
        verified()


def test_a_check_that_cannot_be_graded_is_a_fault(verified, change):
    change("reference/hidden.py", "reference.scale(x, factor)", "reference.scales(x, factor)")
    assert any("tall_matrix_is_scaled cannot be graded for the solution" in fault for fault in verified().faults)


UNSTABLE = '''\
@check("q1", points=1)
def a_draw_is_not_too_small(student, rng):
    """A check that depends on luck."""
    assert_close(student.scale(np.ones((1, 1)), np.ones(1)) * (rng.random() < 0.1), np.zeros((1, 1)), what="a draw")
'''


def test_a_check_that_fails_for_some_inputs_is_a_fault(verified, add, change):
    change(
        "reference/hidden.py", "from autograder import inputs\n", "import numpy as np\nfrom autograder import inputs\n"
    )
    add("reference/hidden.py", UNSTABLE)
    change("assignments/topic.toml", 'points = 5\nnames = ["scale"]', 'points = 6\nnames = ["scale"]')
    add("solutions/mistakes.py", '@mistake(of="scale", caught_by="worked_example_is_right", hint="A number, no matrix.")\n'
        "def a_number(x, factor):\n    return 3.0\n")  # fmt: skip
    told = []
    found = verified(seeds=30, jobs=2, on_progress=told.append)
    assert any(line.endswith(" of 30 fails a_draw_is_not_too_small") for line in told)
    unlucky = [fault for fault in found.faults if fault.startswith("the solution fails a_draw_is_not_too_small with ")]
    assert len(unlucky) == 1
    assert " of 30 sets of inputs (set " in unlucky[0]


def test_the_same_inputs_are_drawn_again(verified):
    assert verified(seeds=3).lines() == verified(seeds=3, jobs=2).lines()


def test_a_known_answer_that_is_defined_twice_is_a_fault(verified, add):
    add("solutions/accepted.py", '@accepted(of="scale")\ndef with_loops(x, factor):\n    return factor * x\n')
    assert verified().faults == ["accepted.py defines with_loops twice, so that only the last one is tried"]


class TestEndlessLoops:
    """Nothing in a topic makes verify hang."""

    pytestmark = pytest.mark.usefixtures("quick")

    def test_a_mistake_that_loops_for_ever_is_a_fault_by_name(self, verified, change):
        change("solutions/mistakes.py", "x *= factor\n", "while True: pass\n")
        assert verified().faults == [
            "the mistake scale_in_place breaks off at worked_example_is_right: it does not end within its CPU time",
            "no mistake fails arguments_stay_as_they_are: is it a check at all?",
        ]

    def test_so_is_one_that_does_so_only_in_the_last_check(self, verified, change):
        change("solutions/mistakes.py", "x *= factor\n", "while len(x) == 4: pass\n    x *= factor\n")
        assert verified().faults[0].startswith("the mistake scale_in_place breaks off at arguments_stay_as_they_are: ")

    def test_so_is_an_accepted_answer(self, verified, change):
        change("solutions/accepted.py", "return x @ np.diag(factor)", "while True: pass")
        assert verified().faults == [
            "the accepted answer with_a_diagonal_matrix breaks off at worked_example_is_right: it does not end within its CPU time"
        ]

    def test_so_is_the_solution(self, verified, change):
        change("solutions/solution.py", "return x * factor", "while True: pass")
        assert (
            "the solution breaks off at worked_example_is_right: it does not end within its CPU time"
            in verified().faults
        )

    @pytest.mark.slow
    def test_one_that_sleeps_or_holds_on_is_killed(self, verified, change):
        change("solutions/mistakes.py", "x *= factor\n", "import time\n    time.sleep(1000)\n")
        assert verified().faults[0] == (
            "the mistake scale_in_place breaks off at worked_example_is_right: did not end within 6 s"
        )

    def test_so_is_a_file_that_cannot_be_loaded(self, verified, add, monkeypatch):
        monkeypatch.setattr("autograder.verify.LOADING_S", 2.0)
        add("solutions/mistakes.py", "while True: pass\n")
        with pytest.raises(CourseError, match="cannot be loaded within 2 s"):
            verified()

    def test_a_mistake_that_ends_its_process_is_a_fault_by_name(self, verified, change):
        change("solutions/mistakes.py", "x *= factor\n", "import os; os._exit(3)\n")
        assert verified().faults[0] == (
            "the mistake scale_in_place breaks off at worked_example_is_right: ended its process (exit code 3)"
        )


class TestPoints:
    """Where points should not lie."""

    def test_behaviour_may_not_decide_much(self, verified, change):
        change("reference/hidden.py", '@check("q2", points=3, repeat=2)', '@check("q2", points=3, behaviour=True)')
        assert verified().faults == ["30% of the points are for behaviour; 15% is the most that it may decide"]

    def test_few_or_many_points_for_public_checks_are_noted(self, verified, change):
        change("assignments/checks.py", '@check("q1", points=2)', '@check("q1", points=4)')
        change("assignments/topic.toml", 'points = 5\nnames = ["scale"]', 'points = 7\nnames = ["scale"]')
        found = verified()
        assert found.ok
        assert found.notes == ["public checks have 50% of the points; 20% to 40% is usual"]

    def test_public_checks_that_find_few_mistakes_are_noted(self, verified, add):
        for number in (2, 3):
            add("solutions/mistakes.py", f'@mistake(of="scale", caught_by="tall_matrix_is_scaled", hint="Only tall ones.")\n'
                f"def tall_{number}(x, factor):\n    return x * factor * ({number} if len(x) == 7 else 1)\n")  # fmt: skip
        found = verified()
        assert found.ok
        assert found.notes == ["public checks reject 2 of 5 mistakes, fewer than half"]


class TestPackage:
    """What students download."""

    def test_a_solution_that_was_left_in_the_handout_is_a_fault(self, verified, add):
        add("assignments/notebook.md", "```python\ndx = np.multiply(dout, factor)\n"
            "dfactor = (dout * x).sum(axis=_axis_of_samples())\nreturn dx, dfactor\n```\n")  # fmt: skip
        faults = verified().faults
        assert faults
        assert all(fault.startswith("the student package gives a secret away: ") for fault in faults)

    def test_a_package_that_cannot_be_made_is_a_fault(self, verified, change):
        change(
            "assignments/checks.py",
            "assert_close(student.scale(x, factor)",
            "assert_close(1 + student.scale(x, factor)",
        )
        assert any(fault.startswith("the student package cannot be made: ") for fault in verified().faults)


@pytest.mark.slow
class TestInTheSandbox:
    """The answers as notebooks, graded as students' are."""

    def test_a_good_topic_is_proven_there_too(self, verified):
        assert verified(sandboxed=True, local=False, jobs=2).faults == []

    def test_a_solved_notebook_that_does_not_run_is_a_fault(self, verified, change):
        change("assignments/notebook.md", "scale(people[:SAMPLES]", "scale(persons[:SAMPLES]")
        faults = verified(sandboxed=True, local=False).faults
        assert len(faults) == 1
        assert faults[0].startswith("the solved notebook does not run: cell ")
        assert "persons" in faults[0]

    def test_a_handout_that_passes_a_check_is_a_fault(self, verified, change):
        change(
            "assignments/notebook.md",
            '```python\ngrader.check("q1")',
            '```python\nscale = lambda x, factor: x * factor\n```\n\n```python\ngrader.check("q1")',
        )
        faults = verified(sandboxed=True, local=False).faults
        assert "the untouched handout passes worked_example_is_right in the sandbox" in faults

    def test_an_answer_that_does_not_end_is_not_tried_again(self, verified, change, quick):
        change("solutions/mistakes.py", "x *= factor\n", "while True: pass\n")
        told = []
        verified(sandboxed=True, on_progress=told.append)
        assert "scale: mistake-scale_around_one (in the sandbox)" in told
        assert "scale: mistake-scale_in_place (in the sandbox)" not in told


def test_what_is_seen_in_several_places_is_one_fault(verified):
    found = verified()
    for place in (0, 2, "sandbox"):
        found.fault("it rains", "a lot", place)
    found.seeds = 4
    assert found.faults == ["it rains with 2 of 4 sets of inputs (set 0): a lot"]


def test_what_is_seen_in_the_sandbox_alone_says_so(verified):
    found = verified()
    found.fault("it rains", "a lot", "sandbox")
    assert found.faults == ["it rains in the sandbox: a lot"]


def test_a_topic_is_validated_first(change, verified):
    change("assignments/topic.toml", "difficulty = 1", "difficult = 1")
    with pytest.raises(CourseError, match="difficult"):
        verified()
