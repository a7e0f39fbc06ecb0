"""Whether a notebook was made from the handout that it is graded against, as far as it says so."""

import pytest

from autograder.notebook.handout import content_hash, handout
from autograder.notebook.origin import note_of_origin


def test_a_notebook_of_the_current_handout_gets_no_note(topic):
    assert note_of_origin(topic, dict(handout(topic).metadata["chainrule"])) == ()


def test_a_notebook_of_an_older_handout_gets_a_note_with_both_contents(topic):
    mark = dict(handout(topic).metadata["chainrule"])
    (topic.folder / "checks.py").write_text(topic.path("checks").read_text() + "\n# mended\n")
    (note,) = note_of_origin(topic, mark)
    assert note.startswith(
        "This notebook was built from an older version of the handout, or from another one (content "
    )
    assert mark["content"] in note
    assert content_hash(topic) in note


def test_a_notebook_of_another_topic_gets_a_note_that_names_it(topic):
    (note,) = note_of_origin(topic, {"topic": "shift", "content": "0" * 16})
    assert note == "This notebook says that it answers `shift`; it was graded as `scale`."


@pytest.mark.parametrize(
    "mark",
    [
        None,
        {},
        {"topic": "scale"},
        {"topic": "scale", "content": ""},
        {"topic": "scale", "content": "<script>alert(1)</script>"},
        {"topic": "::error::", "content": "0" * 16},
    ],
)
def test_what_does_not_look_like_a_watermark_is_not_quoted(topic, mark):
    assert note_of_origin(topic, mark) == ()


@pytest.mark.parametrize(
    "old, new",
    [("difficulty = 2", "difficulty = 3"), ("title = ", 'inputs = "per-student"\ntitle = ')],
    ids=["difficulty", "inputs"],
)
def test_settings_that_students_do_not_get_make_no_handout_old(topic, old, new):
    before = content_hash(topic)
    toml = topic.toml.read_text()
    assert old in toml
    topic.toml.write_text(toml.replace(old, new, 1))
    assert content_hash(type(topic)(topic.course, topic.name)) == before


def test_other_points_make_a_handout_old(topic):
    before = content_hash(topic)
    topic.toml.write_text(topic.toml.read_text().replace("points = 5", "points = 6", 1))
    assert content_hash(type(topic)(topic.course, topic.name)) != before
