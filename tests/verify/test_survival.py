"""Which mutants of the tiny topic's solution live."""

import pytest

from autograder.verify.survival import Survival

pytestmark = pytest.mark.slow


def test_every_mutant_of_a_well_checked_topic_is_killed_by_hidden_checks(verified):
    found = verified(mutants=True, jobs=2)
    assert found.faults == []
    assert [mutant.id for mutant in found.survival.by_hidden] == [
        "ROWS-1", "scale-1", "scale-2", "scale-3", "scale-4", *(f"scale_backward-{n}" for n in range(1, 10)),
    ]  # fmt: skip
    assert list(found.survival.equivalent) == ["_axis_of_samples-1"]


def test_without_being_asked_no_mutant_is_tried(verified):
    assert verified().survival is None


@pytest.fixture
def weak(change):
    """Hidden checks that no longer look at numbers."""
    change("reference/hidden.py", "assert_close(student.scale(x, factor), reference.scale(x, factor)",
           "assert_close(student.scale(x, factor).shape, x.shape")  # fmt: skip


def test_too_few_killed_by_hidden_checks_is_a_fault(verified, weak):
    found = verified(mutants=True)
    assert "hidden checks kill 78.6 % of the mutants, fewer than 95 %" in found.faults
    assert [mutant.id for mutant in found.survival.by_public] == ["scale-1", "scale-2", "scale-3"]


def test_those_are_shown_as_diffs(verified, weak):
    lines = verified(mutants=True).lines()
    assert "  scale-2 of q1 is killed by public checks alone:" in lines
    assert "    -    return x * factor" in lines
    assert "    +    return x / factor" in lines


def test_a_survivor_is_shown(verified, tiny_course):
    (tiny_course / "solutions/scale/equivalent_mutants.toml").unlink()
    found = verified(mutants=True)
    assert found.faults == ["hidden checks kill 93.3 % of the mutants, fewer than 95 %"]
    lines = found.lines()
    assert "  _axis_of_samples-1 of q2 survives:" in lines
    assert "    +    return -ROWS" in lines


def test_a_listed_mutant_that_a_check_notices_is_a_fault(verified, add):
    add("solutions/equivalent_mutants.toml", '[[mutant]]\nof = "scale"\nwas = "return x * factor"\n'
        'becomes = "return x / factor"\nreason = "Wishful."\n')  # fmt: skip
    assert verified(mutants=True).faults == [
        "scale-2 is listed as equivalent, but tall_matrix_is_scaled can tell: return x / factor"
    ]


def test_an_entry_that_speaks_of_no_mutant_is_a_fault(verified, change):
    change("solutions/equivalent_mutants.toml", "return -ROWS", "return 0 * ROWS")
    faults = verified(mutants=True).faults
    assert len(faults) == 1
    assert "there is no mutant of `_axis_of_samples` that makes `return 0 * ROWS` of `return ROWS`" in faults[0]


def test_a_mutant_that_never_ends_is_killed(verified, change):
    change(
        "solutions/solution.py",
        "return x * factor",
        "n = 4\n    while n > 0:\n        n = n - 1\n    return x * factor",
    )
    found = verified(mutants=True, jobs=2)
    by = {mutant.becomes: mutant for mutant in found.survival.by_hidden}
    assert "n = n + 1" in by
    assert "n = n" in by


def test_no_mutants_are_no_reason_to_complain():
    assert Survival().share == 1.0
