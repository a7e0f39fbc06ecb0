"""Who may look into /autograder, and that what is written there is whole."""

import subprocess
import sys

import pytest

from autograder.errors import CourseError
from autograder.gradescope.place import Place, replace_file


@pytest.fixture
def place(tmp_path):
    """Everything closed, as setup.sh leaves the source, and everything else open."""
    course = tmp_path / "source" / "course"
    for folder in ("assignments/scale/data/deep", "reference/scale", "solutions/scale", ".chainrule"):
        (course / folder).mkdir(parents=True)
    (course / "course.toml").write_text('title = "A course"')
    for name in ("assignments/scale/data/deep/people.csv", "assignments/scale/checks.py", "reference/scale/hidden.py"):
        (course / name).write_text("")
    for path in [tmp_path / "source", *(tmp_path / "source").rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    (tmp_path / "submission").mkdir(mode=0o755)
    (tmp_path / "submission_metadata.json").write_text("{}")
    return Place(tmp_path)


def test_public_data_can_be_reached_and_read_by_others(place):
    assert place.close() == []
    path = place.source / "course/assignments/scale/data/deep/people.csv"
    above = [folder for folder in path.parents if folder.is_relative_to(place.source)]
    assert path.stat().st_mode & 0o777 == 0o644 and all(folder.stat().st_mode & 0o001 for folder in above)


def test_folders_on_the_way_to_public_data_cannot_be_listed(place):
    place.close()
    folders = [place.source, place.source / "course", place.source / "course/assignments/scale"]
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o711}


def test_answers_and_what_students_sent_are_closed(place):
    place.close()
    closed = [place.source / "course" / name for name in ("reference", "solutions", ".chainrule")]
    closed += [place.submission, place.results.parent, place.metadata]
    assert {path.stat().st_mode & 0o077 for path in closed} == {0}


def test_a_course_with_two_topics_is_refused(place):
    for name in ("scale", "other"):
        (place.source / "course/assignments" / name).mkdir(exist_ok=True)
        (place.source / "course/assignments" / name / "topic.toml").write_text("")
    with pytest.raises(CourseError, match="expected one topic, found other, scale"):
        place.topic()


def test_a_file_that_cannot_be_written_whole_is_left_as_it_was(tmp_path):
    path = tmp_path / "results.json"
    replace_file(path, "before")
    with pytest.raises(UnicodeEncodeError):
        replace_file(path, "\ud800")
    assert path.read_text() == "before" and [each.name for each in tmp_path.iterdir()] == ["results.json"]


ORPHAN = """
import os, subprocess, sys
from autograder.gradescope.harness import _everything_ends

daemon = "import os, time; os.setsid(); os.close(1); time.sleep(60)"
starter = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {daemon!r}]).pid)"
with _everything_ends():
    pid = int(subprocess.run([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True).stdout)
    os.kill(pid, 0)
print("alive" if os.path.exists(f"/proc/{pid}") else "gone")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are collected on Linux alone")
def test_what_a_grader_left_behind_is_ended():
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "gone\n", done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone chooses whom to end when memory runs out")
def test_a_submission_is_ended_before_the_grader_when_memory_runs_out():
    script = (
        "from autograder.sandbox import layers, linux\n"
        "linux.set_dumpable = lambda _: None\n"
        "from pathlib import Path\n"
        "plan = layers.Confinement(Path('/tmp'), (), ())\n"
        "layers.confine(plan, layers.Prebuilt(None, True))\n"
        "print(open('/proc/self/oom_score_adj').read().strip())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "1000\n", done.stderr
