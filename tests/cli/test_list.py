"""`chainrule list`: the topics, and where each stands."""

from click.testing import CliRunner

from autograder.cli import main


def listed(course):
    done = CliRunner().invoke(main, ["list", "--course", str(course)])
    assert done.exit_code == 0
    return done.output.splitlines()


def test_a_whole_topic_is_ready(tiny_course):
    assert listed(tiny_course) == [
        f"A tiny course for tests ({tiny_course})",
        "  scale  Scaling columns",
        "         2 questions, 10 points; 2 public checks and 3 hidden checks; 4 accepted answers, 3 mistakes; ready",
    ]


def test_missing_parts_are_named(tiny_course):
    (tiny_course / "solutions/scale/mistakes.py").unlink()
    (tiny_course / "reference/scale/hidden.py").unlink()
    assert listed(tiny_course)[-1] == "         2 questions, 10 points; missing: hidden, mistakes"


def test_a_fault_is_told_with_its_file(tiny_course):
    path = tiny_course / "assignments/scale/topic.toml"
    path.write_text(path.read_text().replace("points = 5", "points = 6", 1))
    assert listed(tiny_course)[-1] == (
        f"         2 questions, 11 points; broken: {path}: q1: q1 is worth 6 points, but its checks add up to 5"
    )


def test_a_broken_topic_does_not_hide_the_others(tiny_course):
    (tiny_course / "assignments/broken").mkdir()
    (tiny_course / "assignments/broken/topic.toml").write_text("title =")
    lines = listed(tiny_course)
    assert lines[1] == "  broken  (topic.toml cannot be read)"
    assert lines[-1].endswith("; ready")


def test_a_new_course_is_told_how_to_begin(tmp_path):
    (tmp_path / "course.toml").write_text('title = "New"\n')
    assert listed(tmp_path)[-1] == "  no topics yet: `chainrule new TOPIC` makes the first one"
