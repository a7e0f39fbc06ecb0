"""Who is in a simulated class, and what they do."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from autograder.errors import CourseError
from autograder.notebook.submission import read_submission
from autograder.simulate import in_pairs, simulate
from autograder.simulate.behaviour import Answer, items, worse
from autograder.simulate.damage import DAMAGE, File
from autograder.simulate.notebooks import HOSTILE, Notebooks, as_script
from autograder.simulate.people import ODD, person


def kinds(people, name):
    """How many did what with a function, in their last attempt."""
    return Counter(str(each.attempts[-1].answers[name]).partition(":")[0] for each in people if each.attempts)


def test_the_same_seed_makes_the_same_class(topic, people):
    assert simulate(topic, students=4, seed=3) == people[:4]


def test_another_seed_makes_another_class(topic, people):
    other = simulate(topic, students=4, seed=4)
    assert [each.ability for each in other] != [each.ability for each in people[:4]]


def test_everybody_is_somebody_else(people):
    assert len({each.person.number for each in people}) == len({each.person.email for each in people}) == 60
    assert len({each.person.canvas_id for each in people}) == len({each.person.moodle_id for each in people}) == 60


def test_right_answers_mistakes_and_blanks_all_occur(people):
    assert set(kinds(people, "scale")) == {"solution", "accepted", "mistake", "blank"}


def test_the_able_do_better(people):
    def right(each):
        return sum(answer.kind in {"solution", "accepted"} for answer in each.attempts[-1].answers.values())

    there = [each for each in people if each.attempts]
    correlation = np.corrcoef([each.ability for each in there], [right(each) for each in there])[0, 1]
    assert correlation > 0.3


def test_some_hand_in_nothing_and_some_twice(people):
    assert Counter(len(each.attempts) for each in people).keys() == {0, 1, 2}
    assert sum(not each.attempts for each in people) in {2, 3}


def test_an_earlier_attempt_is_never_better(people):
    right = {"solution", "accepted"}
    for each in people:
        for earlier, later in zip(each.attempts, each.attempts[1:], strict=False):
            assert earlier.at < later.at
            assert all(later.answers[name].kind in right for name, it in earlier.answers.items() if it.kind in right)


def test_what_is_not_right_in_the_end_was_the_same_before(topic):
    asked = items(topic, np.random.default_rng(0))
    blank = {name: Answer("blank") for name in topic.names}
    assert all(worse(blank, asked, np.random.default_rng(seed)) == blank for seed in range(20))


def test_files_are_all_different_whatever_their_answers(people):
    contents = [attempt.file.content for each in people for attempt in each.attempts if attempt.damage == ""]
    assert len(set(contents)) == len(contents)


def test_a_tame_class_has_neither_damage_nor_harm(topic):
    people = simulate(topic, students=25, seed=3, tame=True)
    assert {(each.damage, each.hostile) for student in people for each in student.attempts} == {("", "")}


def test_every_kind_of_damage_and_harm_has_its_turn(people):
    damaged = [each.damage for student in people for each in student.attempts if each.damage]
    assert len(damaged) == len(set(damaged)) >= 4  # one in twelve, each kind in turn
    assert sum(bool(each.hostile) for student in people for each in student.attempts) == 1


def test_pairs_hand_in_one_file(people):
    paired = in_pairs(people, every=30)
    assert paired[29].attempts is paired[28].attempts
    assert paired[29].person == people[29].person


def test_a_topic_without_known_answers_makes_no_class(tiny_course):
    from autograder.course import find_course
    from autograder.topic import load_topic

    for part in ("accepted", "mistakes"):
        (tiny_course / f"solutions/scale/{part}.py").unlink()
    with pytest.raises(CourseError, match="no known answers to make a class of"):
        simulate(load_topic(find_course(tiny_course), "scale"), students=2)


@pytest.fixture(scope="module")
def notebook(topic, people):
    answers = {name: replace(people[0].attempts[0].answers[name], kind="solution", known=None) for name in topic.names}
    return File("scale.ipynb", Notebooks(topic).written(answers, mark="nobody"))


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_as_bad_as_it_says(kind, notebook, tmp_path):
    from autograder.errors import UnreadableNotebook

    file = DAMAGE[kind].happens(notebook)
    path = tmp_path / file.name
    path.write_bytes(file.content)
    if DAMAGE[kind].readable:
        assert any("def scale(" in cell.source for cell in read_submission(path).cells)
    else:
        with pytest.raises(UnreadableNotebook):
            read_submission(path)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_cell_is_one_more_cell_of_a_notebook(kind, topic, people, tmp_path):
    path = tmp_path / "hostile.ipynb"
    path.write_bytes(Notebooks(topic).written(people[0].attempts[0].answers, mark="x", hostile=kind))
    sources = [cell.source for cell in read_submission(path).cells]
    harm = HOSTILE[kind].splitlines()[-1]
    assert sum(harm in source for source in sources) == 1


def test_a_script_has_every_cell(notebook):
    assert as_script(notebook.content).decode().count("# In[") == notebook.content.decode().count('"cell_type": "code"')


def test_one_in_forty_has_a_name_that_is_no_name():
    names = [person(place, np.random.default_rng(place)).name for place in range(1, 321)]
    assert [name for name in names if name in ODD] == list(ODD)
