"""`chainrule verify`, as it is typed."""

import shutil

import pytest
from click.testing import CliRunner

from autograder.cli import main


@pytest.fixture
def command(tiny_course):
    def run(*words):
        done = CliRunner().invoke(main, ["verify", *words, "--course", str(tiny_course), "-q"])
        return done.exit_code, done.output

    return run


def test_it_needs_topics(command):
    code, said = command()
    assert code == 2
    assert "give topics, or --all" in said


def test_topics_and_all_are_too_much(command):
    code, said = command("scale", "--all")
    assert code == 2
    assert "not both" in said


def test_all_topics_of_a_course_are_verified(command, tiny_course):
    for part in ("assignments", "reference", "solutions"):
        shutil.copytree(tiny_course / part / "scale", tiny_course / part / "again")
    code, said = command("--all", "--local")
    assert code == 0
    assert [line for line in said.splitlines() if "proven" in line] == ["again: proven", "scale: proven"]


def test_a_broken_topic_does_not_stop_the_others(command, tiny_course):
    for part in ("assignments", "reference", "solutions"):
        shutil.copytree(tiny_course / part / "scale", tiny_course / part / "again")
    toml = tiny_course / "assignments/again/topic.toml"
    toml.write_text(toml.read_text().replace("points = 5", "points = 6", 1))
    code, said = command("--all", "--local")
    assert code == 2
    assert "FAULT " in said and "q1 is worth 6 points, but its checks add up to 5" in said
    assert [line for line in said.splitlines() if "proven" in line] == ["again: not proven", "scale: proven"]


def test_a_single_broken_topic_is_told_as_any_broken_course(command, tiny_course):
    toml = tiny_course / "assignments/scale/topic.toml"
    toml.write_text(toml.read_text().replace("points = 5", "points = 6", 1))
    code, said = command("scale", "--local")
    assert code == 2
    assert said.startswith("Error: ") and said.count("\n") == 1


def test_a_topic_that_is_not_proven_ends_with_code_1(command, tiny_course):
    (tiny_course / "solutions/scale/mistakes.py").write_text("")
    code, said = command("scale", "--local")
    assert code == 1
    assert said.endswith("scale: not proven\n")


@pytest.mark.slow
def test_mutants_and_seeds_are_asked_for_by_option(command):
    code, said = command("scale", "--local", "--mutants", "--seeds", "3", "-j2")
    assert code == 0
    assert "  mutants: hidden checks kill 14 of 14 (100.0 %)" in said


@pytest.mark.slow
def test_the_sandbox_alone(command):
    code, said = command("scale", "--sandbox", "-j2")
    assert code == 0, said
