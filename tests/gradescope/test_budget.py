"""A submission's limits end before the run has to."""

import pytest

from autograder.gradescope import budget
from autograder.submission._cells import LEAST_CPU_S
from autograder.submission.patience import allowance
from autograder.submission.worker import GRACE_S, MAX_STARTS, OWN_SHARE
from autograder.topic import Limits


@pytest.mark.parametrize("minutes", [4, 10, 40])
def test_cells_and_answers_together_end_before_the_deadline(minutes):
    time_s = budget.deadline_s(minutes)
    limits = budget.fitted(Limits(run_cpu_s=9999, checks_s=9999), time_s=time_s, container_mib=None)
    cells_s = limits.run_cpu_s * limits.wall_factor * (1 + (MAX_STARTS - 1) * OWN_SHARE) + MAX_STARTS * GRACE_S
    last_answer_s = GRACE_S
    assert cells_s + limits.checks_s + last_answer_s < time_s


def test_four_hanging_cells_leave_the_others_their_turn():
    limits = budget.fitted(Limits(), time_s=540, container_mib=None)
    used_s = []
    for _ in range(4):
        used_s.append(allowance(limits.cell_cpu_s, left_s=limits.run_cpu_s - sum(used_s), least_s=LEAST_CPU_S))
    assert limits.run_cpu_s == 54 and used_s[0] == 13.5
    assert sum(used_s) < limits.run_cpu_s


def test_a_topic_that_asks_for_less_keeps_its_limits():
    own = Limits(cell_cpu_s=1, run_cpu_s=5, checks_s=10, memory_mib=64)
    assert budget.fitted(own, time_s=540, container_mib=768) == own


def test_the_grader_keeps_its_share_of_a_small_container():
    assert budget.fitted(Limits(memory_mib=512), time_s=540, container_mib=715).memory_mib == 415


@pytest.mark.parametrize("text, mib", [("805306368\n", 768), ("max\n", None), (f"{2**63 - 4096}\n", None)])
def test_the_size_of_the_container_is_what_the_kernel_says(tmp_path, monkeypatch, text, mib):
    (tmp_path / "memory.max").write_text(text)
    monkeypatch.setattr(budget, "CGROUP_LIMITS", (tmp_path / "nothing", tmp_path / "memory.max"))
    assert budget.container_mib() == mib
