"""The real run_autograder, on notebooks that are right, wrong, hostile or endless, and with a grader that is killed."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

conftest = next(
    module for name, module in list(sys.modules.items()) if name.endswith("conftest") and hasattr(module, "Container")
)
CHECKS = {
    "worked_example_is_right", "tall_matrix_is_scaled", "arguments_stay_as_they_are",
    "gradients_of_a_small_problem_are_right", "gradients_of_a_tall_matrix_are_right",
}  # fmt: skip
SLOW = conftest.RIGHT.replace("return dout", "__import__('time').sleep(600)\n    return dout")
WRONG = conftest.RIGHT.replace("x * factor\n", "x * (factor + 1.0)\n")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Gradescope's containers are Linux")


def graded(container, **files):
    container.hand_in(**files)
    return container.run()


@pytest.fixture(scope="module")
def perfect(new_container):
    metadata = conftest.METADATA | {
        "created_at": "2026-09-04T00:30:00-07:00",
        "users": [{"name": "Ada"}, {"name": "Bob"}],
    }
    container = new_container(metadata)
    container.set(
        '\n[gradescope]\nlate_percent_per_day = 10\nleaderboard = true\nextra_credit = ["q2"]\nhidden = "hidden"\n'
    )
    return graded(container, **{"my homework.ipynb": conftest.notebook(conftest.RIGHT)})


@pytest.fixture(scope="module")
def wrong(new_container):
    return graded(new_container(), **{"scale.ipynb": conftest.notebook(WRONG)})


@pytest.fixture(scope="module")
def hostile(new_container, attack):
    container = new_container()
    course = container.root / "source/course"
    targets = {
        "reference": course / "reference/scale/reference.py", "hidden": course / "reference/scale/hidden.py",
        "solution": course / "solutions/scale/solution.py", "secret": course / ".chainrule/secret",
        "out": container.root / "results", "tmp": container.root, "results": container.root / "results/results.json",
    }  # fmt: skip
    targets = {name: str(path) for name, path in targets.items()}
    reads = json.loads(attack("read/secrets_by_path", targets))
    writes = json.loads(attack("forge/results_file", targets))
    cells = [cell["source"] for cell in [*reads["cells"], *writes["cells"]]]
    return graded(container, **{"scale.ipynb": conftest.notebook(*cells)})


@pytest.fixture(scope="module")
def endless(new_container):
    container = new_container()
    container.set(conftest.LIMITS)
    never = conftest.RIGHT.replace("return dout * factor", "while True:\n        pass\n    return dout * factor")
    return graded(container, **{"scale.ipynb": conftest.notebook("while True:\n    pass", never)})


def interrupted(new_container, interrupt):
    """A run whose first check passes and whose second never answers, after `interrupt(process)`."""
    container = new_container()
    container.hand_in(**{"scale.ipynb": conftest.notebook(SLOW)})
    process = container.start()
    results = container.root / "results/results.json"
    conftest.wait_for(lambda: results.is_file() and any("score" in test for test in container.results()["tests"]))
    interrupt(process)
    said, _ = process.communicate(timeout=60)
    return conftest.Ran(container, process.returncode, said, container.results())


@pytest.fixture(scope="module")
def killed(new_container):
    """Its grader is killed."""

    def kill(process):
        (grader,) = (
            conftest.processes("gradescope-grade", process.pid) or conftest.processes("cli.ahead", process.pid)[:1]
        )
        os.kill(grader, signal.SIGKILL)

    return interrupted(new_container, kill)


@pytest.fixture(scope="module")
def ended(new_container):
    """It is told to end."""

    def end(process):
        (harness,) = conftest.processes("autograder.cli\0gradescope\0", process.pid)
        os.kill(harness, signal.SIGTERM)

    return interrupted(new_container, end)


EVERY_RUN = ["perfect", "wrong", "hostile", "endless", "ended", "killed"]


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_check_is_in_the_results(name, request):
    assert set(request.getfixturevalue(name).outcomes) == CHECKS


@pytest.mark.parametrize("name", EVERY_RUN)
def test_the_run_itself_never_fails(name, request):
    assert request.getfixturevalue(name).code == 0


@pytest.mark.parametrize("name", EVERY_RUN)
def test_no_process_is_left(name, request):
    root = str(request.getfixturevalue(name).container.root)
    commands = [path.read_text() for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.exists()]
    assert [command for command in commands if root in command] == []


@pytest.mark.parametrize("name", ["perfect", "wrong", "hostile", "endless"])
def test_what_is_the_submissions_fault_is_graded(name, request):
    results = request.getfixturevalue(name).results
    assert results["extra_data"]["graded"] is True and "not final" not in results["output"]


def test_right_answers_pass_every_check(perfect):
    assert set(perfect.outcomes.values()) == {"passed"}


def test_late_work_loses_its_share_of_the_points(perfect):
    assert perfect.results["score"] == 8
    assert "Handed in 1 day 1 hour after the due date: 20 % is taken off" in perfect.results["output"]


def test_extra_credit_can_be_earned_and_not_missed(perfect):
    worth = {test["extra_data"]["question"]: test["max_score"] for test in perfect.results["tests"]}
    assert worth["q1"] > 0 and worth["q2"] == 0


def test_the_leaderboard_counts_what_students_see(perfect):
    assert perfect.results["leaderboard"] == [{"name": "Points", "value": 4, "order": "desc"}]


def test_a_hidden_check_is_hidden_and_the_total_is_explained(perfect):
    assert {test["visibility"] for test in perfect.results["tests"]} == {"visible", "hidden"}
    assert "Gradescope shows no total here" in perfect.results["output"]


def test_a_group_reads_for_whom_the_results_are(perfect):
    assert "Handed in by Ada and Bob: these results are for all of you." in perfect.results["output"]


def test_it_is_told_which_secret_made_the_inputs(perfect):
    assert len(perfect.results["extra_data"]["seed"]["secret"]) == 16
    secret = (perfect.container.root / "source/course/.chainrule/secret").read_text().strip()
    assert secret[:16] not in json.dumps(perfect.results)


def test_a_wrong_answer_loses_points_and_gets_the_hint_of_its_mistake(wrong):
    assert wrong.results["score"] == 6
    outputs = "".join(test["output"] for test in wrong.results["tests"])
    assert "**Hint:** Every factor seems to be one too large." in outputs


def test_staff_reads_the_whole_report_in_the_output_of_the_run(wrong):
    assert "mistake: scale_around_one" in wrong.said and "Isolation" in wrong.said


def test_a_hostile_notebook_earns_what_is_right_in_it(hostile):
    assert hostile.results["score"] == 10


def test_a_hostile_notebook_gets_hold_of_nothing(hostile):
    assert [line for line in hostile.said.splitlines() if "LOOT" in line and "LOOT []" not in line] == []
    assert hostile.said.count("LOOT []") == 2


def test_everything_is_closed_to_other_users(hostile):
    root = hostile.container.root
    closed = [root / name for name in ("submission", "results", "submission_metadata.json")]
    closed += [root / "source/course" / name for name in ("reference", "solutions", ".chainrule")]
    closed += [root / "source/blank.json", root / "source/not-graded.json"]
    assert [str(path) for path in closed if path.stat().st_mode & 0o077] == []


def test_public_data_stays_open(hostile):
    path = hostile.container.root / "source/course/assignments/scale/data/people.csv"
    below = [folder for folder in path.parents if folder.is_relative_to(hostile.container.root / "source")]
    assert path.stat().st_mode & 0o004 and all(folder.stat().st_mode & 0o001 for folder in below)


def test_an_endless_answer_costs_its_own_question_alone(endless):
    failed = {name for name, outcome in endless.outcomes.items() if outcome == "failed"}
    assert failed == {"gradients_of_a_small_problem_are_right", "gradients_of_a_tall_matrix_are_right"}


def test_an_endless_cell_is_named(endless):
    assert "code cell 1: took too long" in endless.results["output"]


@pytest.mark.parametrize("name", ["ended", "killed"])
def test_what_was_graded_before_the_end_counts(name, request):
    ran = request.getfixturevalue(name)
    assert ran.outcomes["worked_example_is_right"] == "passed" and ran.results["score"] == 2


@pytest.mark.parametrize("name", ["ended", "killed"])
def test_what_had_no_turn_is_not_graded_and_no_zero(name, request):
    ran = request.getfixturevalue(name)
    waiting = [test for test in ran.results["tests"] if test["extra_data"]["outcome"] == "not graded"]
    assert len(waiting) == 4 and not any("score" in test for test in waiting)


@pytest.mark.parametrize("name", ["ended", "killed"])
def test_staff_is_told_to_run_it_again(name, request):
    output = request.getfixturevalue(name).results["output"]
    assert output.startswith("**This score is not final: 4 checks (8 points)") and "“Rerun Autograder”" in output


def test_an_end_from_outside_is_told(ended):
    assert "The run was ended from outside. This is what was graded until then." in ended.results["output"]


def test_a_run_out_of_time_is_ended_and_told(new_container):
    container = new_container()
    container.set("\n[gradescope]\ntime_limit_min = 0.0001\n")
    ran = graded(container, **{"scale.ipynb": conftest.notebook(conftest.RIGHT)})
    assert set(ran.outcomes.values()) == {"not graded"} and ran.code == 0
    assert "The time for one run was used up." in ran.results["output"]


def test_a_killed_grader_is_told(killed):
    assert "The grader was killed, most likely because memory ran out" in killed.results["output"]


def test_a_submission_without_a_file_fails_every_check_and_is_told_why(new_container):
    ran = new_container().run()
    assert set(ran.outcomes.values()) == {"failed"} and ran.results["score"] == 0
    assert "No file was handed in. Upload the notebook" in ran.results["output"]


def test_a_broken_topic_is_our_fault_and_no_zero(new_container):
    container = new_container()
    container.topic_toml.write_text("title = 3")
    ran = graded(container, **{"scale.ipynb": conftest.notebook(conftest.RIGHT)})
    assert set(ran.outcomes.values()) == {"not graded"} and "not final" in ran.results["output"]
    assert "CourseError" in ran.said


def test_without_a_python_the_results_are_still_valid(new_container, monkeypatch):
    container = new_container()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    ran = container.run()
    assert set(ran.outcomes.values()) == {"not graded"} and "it left no results" in ran.said


def test_even_without_the_zip_the_results_are_valid(new_container):
    container = new_container()
    (container.root / "source/not-graded.json").unlink()
    assert "Nothing was graded, and this is no score" in container.run().results["output"]


def test_one_submission_too_many_shows_the_earlier_results_again(new_container, wrong):
    earlier = {
        "submission_time": "2026-09-01T11:00:00-07:00",
        "score": 6.0,
        "autograder_error": False,
        "results": wrong.results,
    }
    container = new_container(conftest.METADATA | {"previous_submissions": [earlier]})
    container.set("\n[gradescope]\nattempts_per_day = 1\n")
    ran = graded(container, **{"scale.ipynb": conftest.notebook(conftest.RIGHT)})
    assert ran.results["score"] == 6 and ran.results["tests"] == wrong.results["tests"]
    assert "This submission was not graded: 1 submission in 24 hours is." in ran.results["output"]
    assert "02 September 2026, 11:00" in ran.results["output"]
