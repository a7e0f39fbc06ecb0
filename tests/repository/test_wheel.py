"""The wheel holds the toolkit, whole, and nothing of a course."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """Paths of the files in a wheel that was built from a copy, so that the tree stays as it is."""
    import shutil

    repository = Path(__file__).parent.parent.parent
    source, target = tmp_path_factory.mktemp("source") / "chainrule", tmp_path_factory.mktemp("wheel")
    shutil.copytree(
        repository,
        source,
        ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "dist", "build", "*.egg-info", "out"),
    )
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = target.glob("chainrule-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_package_and_its_metadata_alone(members):
    assert {name.partition("/")[0].partition("-")[0] for name in members} == {"autograder", "chainrule"}


def test_the_wheel_holds_every_module(members, repository):
    modules = {path.relative_to(repository).as_posix() for path in (repository / "autograder").rglob("*.py")}
    assert modules - members == set()


def test_the_wheel_holds_every_data_file_of_the_package(members, repository):
    files = {
        path.relative_to(repository).as_posix()
        for path in (repository / "autograder").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files - members == set()


def test_the_wheel_names_the_command(members):
    assert any(name.endswith(".dist-info/entry_points.txt") for name in members)
