"""The zip for Gradescope: whole, closed, and the same bytes for the same inputs."""

import io
import json
import re
import stat
import subprocess
import sys
import zipfile

import jsonschema
import pytest

from autograder.course import find_course
from autograder.errors import CourseError
from autograder.package.gradescope import build, pins
from autograder.package.gradescope.pins import IMAGE, pinned
from autograder.package.gradescope.wheel import requirements, wheel
from autograder.report import json as own_format
from autograder.topic import load_topic


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """(path, members as {name: bytes}): of the tiny course, which has a second topic that nobody asked for."""
    import shutil
    from pathlib import Path

    folder = tmp_path_factory.mktemp("zip")
    shutil.copytree(Path(__file__).parent.parent / "courses/tiny", folder / "course",
                    ignore=shutil.ignore_patterns("__pycache__", ".chainrule"))  # fmt: skip
    for part in ("assignments", "reference", "solutions"):
        shutil.copytree(folder / "course" / part / "scale", folder / "course" / part / "other")
    path = build(load_topic(find_course(folder / "course"), "scale"), folder / "dist")
    with zipfile.ZipFile(path) as content:
        return path, {name: content.read(name) for name in content.namelist()}


def test_it_holds_what_grades_the_topic_and_nothing_else(archive):
    _, members = archive
    assert {re.sub(r"chainrule-.*\.whl", "WHEEL", name) for name in members} == {
        "WHEEL", "blank.json", "not-graded.json", "requirements.txt", "run_autograder", "setup.sh",
        "course/.chainrule/secret", "course/course.toml",
        "course/assignments/scale/checks.py", "course/assignments/scale/data/people.csv",
        "course/assignments/scale/notebook.md", "course/assignments/scale/topic.toml",
        "course/reference/scale/hidden.py", "course/reference/scale/reference.py",
        "course/solutions/scale/mistakes.py", "course/solutions/scale/solution.py",
    }  # fmt: skip


def test_the_same_topic_gives_the_same_bytes(topic, tmp_path):
    first, second = (build(topic, tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first == second


def test_another_secret_gives_other_bytes(topic, tmp_path):
    first = build(topic, tmp_path / "a").read_bytes()
    (topic.course.root / ".chainrule" / "secret").write_text("a1" * 32)
    assert first != build(topic, tmp_path / "b").read_bytes()


def test_gradescope_may_run_its_two_scripts(archive):
    path, _ = archive
    with zipfile.ZipFile(path) as content:
        modes = {item.filename: item.external_attr >> 16 for item in content.infolist()}
    assert {name for name, mode in modes.items() if mode & 0o111} == {"setup.sh", "run_autograder"}
    assert all(stat.S_ISREG(mode) for mode in modes.values())


def test_other_users_cannot_read_it(archive):
    assert archive[0].stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("script, shell", [("setup.sh", "bash"), ("run_autograder", "sh")])
def test_a_script_is_one_that_its_shell_reads(archive, tmp_path, script, shell):
    (tmp_path / script).write_bytes(archive[1][script])
    done = subprocess.run([shell, "-n", str(tmp_path / script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_comes_from_github_or_conda(archive):
    scripts = (archive[1]["setup.sh"] + archive[1]["run_autograder"]).decode().lower()
    assert [word for word in ("github", "conda", "chromium", "latex", "curl", "wget") if word in scripts] == []


def test_every_version_is_exact(archive):
    lines = archive[1]["requirements.txt"].decode().split()
    assert {"torch", "numpy", "matplotlib", "msgspec"} <= {line.partition("==")[0] for line in lines}
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)] == []


def test_what_only_students_need_is_left_out(archive):
    assert b"ipykernel" not in archive[1]["requirements.txt"]


def test_a_package_that_a_topic_asks_for_is_installed(topic):
    toml = topic.toml.read_text(encoding="utf-8")
    topic.toml.write_text(toml.replace("\n[[question]]", '\npackages = ["jaxtyping>=0.2.30"]\n\n[[question]]', 1))
    lines = pins(load_topic(topic.course, "scale"))
    assert [line for line in lines if line.startswith("jaxtyping==")] and "wadler-lindig" in " ".join(lines)


@pytest.mark.parametrize(
    "line, expected",
    [
        ("torch>=2.4", "torch=="),
        ("no-such-package>=3,<4", "no-such-package<4,>=3"),
        ("click; sys_platform == 'win32'", None),
        ("click; sys_platform == 'linux'", "click=="),
        ("click; python_version >= '3.12'", None),
    ],
)
def test_versions_are_those_of_the_image(line, expected):
    assert IMAGE["python_version"] == "3.11"
    found = pinned([line])
    assert any(each.startswith(expected) for each in found) if expected else found == []


def test_versions_do_not_depend_on_where_the_zip_is_made(monkeypatch):
    monkeypatch.setitem(IMAGE, "sys_platform", "elsewhere")
    assert pinned(["click; sys_platform == 'elsewhere'"]) != [] and pinned(["click; sys_platform == 'linux'"]) == []


def test_a_build_of_torch_is_no_version():
    assert not [line for line in pinned(["torch"]) if "+" in line]


def test_a_line_that_is_no_requirement_is_refused():
    with pytest.raises(CourseError, match="`packages` has a line that is no requirement: 'numpy >= >='"):
        pinned(["numpy >= >="])


def test_the_wheel_holds_the_toolkit_alone():
    _, content = wheel()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tops = {name.partition("/")[0].partition("-")[0] for name in archive.namelist()}
    assert tops == {"autograder", "chainrule"}


def test_the_wheel_installs_and_runs(tmp_path):
    name, content = wheel()
    (tmp_path / name).write_bytes(content)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    done = subprocess.run([*install, "--target", str(tmp_path / "site"), str(tmp_path / name)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = "import sys; sys.path.insert(0, sys.argv[1]); import autograder.cli; print(autograder.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", told, str(tmp_path / "site")], capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == str(tmp_path / "site/autograder/__init__.py"), ran.stderr


def test_the_wheel_needs_what_the_project_says(repository):
    import tomllib

    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert requirements() == project["dependencies"]


def test_the_results_to_begin_with_are_valid_and_hold_every_check(archive):
    from importlib.resources import files

    schema = json.loads(files("autograder.report").joinpath("schemas/gradescope-results.schema.json").read_text())
    results = json.loads(archive[1]["not-graded.json"])
    jsonschema.validate(results, schema)
    assert len(results["tests"]) == 5 and "not final: 5 checks (10 points)" in results["output"]


def test_the_report_to_begin_with_can_be_read_back(archive):
    report = own_format.load(archive[1]["blank.json"].decode())
    assert [check.number for check in report.checks] == ["1.1", "1.2", "1.3", "2.1", "2.2"] and not report.graded


@pytest.mark.parametrize(
    "settings, fault",
    [
        ("time_limit_min = 41", "gradescope.time_limit_min: must be more than 0, and 40 at most"),
        ("time_limit_min = 0", "gradescope.time_limit_min: must be more than 0, and 40 at most"),
        ("attempts_per_day = -1", "gradescope.attempts_per_day: must not be negative"),
        ("late_percent_per_day = 101", "gradescope.late_percent_per_day: must be 100 at most"),
        ('extra_credit = ["q9"]', "gradescope.extra_credit: there is no question q9"),
        ('hidden = "never"', "gradescope.hidden"),
        ("late = 3", "unknown field `late`"),
    ],
)
def test_settings_that_make_no_sense_are_refused(topic, settings, fault):
    with topic.toml.open("a") as file:
        file.write(f"\n[gradescope]\n{settings}\n")
    with pytest.raises(CourseError, match=re.escape(fault)):
        load_topic(topic.course, "scale")
