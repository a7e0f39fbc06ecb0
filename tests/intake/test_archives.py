"""Archives that somebody made on purpose: nothing is written but contents, and no more than there is room for."""

import os
import stat
import zipfile

import pytest

from autograder.errors import CourseError
from autograder.intake import open_source, sources, take_in


@pytest.fixture
def archive(tmp_path):
    """`archive([(name or ZipInfo, content)])`: the path of such an archive, with two more notebooks in it."""

    def make(members):
        path = tmp_path / "class.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in [*members, ("one.ipynb", "1"), ("two.ipynb", "2")]:
                file.writestr(name, content)
        return path

    return make


def read(path, tmp_path):
    return take_in(open_source(path, tmp_path / "unpacked"), None)


@pytest.mark.parametrize("name", ["../../evil.ipynb", "/etc/evil.ipynb", "a/../../../evil.ipynb", "..\\..\\evil.ipynb"])
def test_no_member_is_written_outside(archive, tmp_path, name):
    intake = read(archive([(name, "evil")]), tmp_path)
    (evil,) = [each for each in intake.handed if each.path.name == "evil.ipynb"]
    assert evil.path.read_text() == "evil"
    everything = {path for path in tmp_path.rglob("*") if path.is_file()} - {tmp_path / "class.zip"}
    assert everything == {each.path for each in intake.handed}
    assert all(path.is_relative_to(tmp_path / "unpacked") for path in everything)


def test_a_link_is_not_made(archive, tmp_path):
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    intake = read(archive([(link, "/etc/passwd")]), tmp_path)
    assert [(each.origin, each.why) for each in intake.aside][:1] == [("link.ipynb", "is a symbolic link")]
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


def test_a_member_that_stands_there_twice_is_said(archive, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive([("one.ipynb", "another one")])
    intake = read(path, tmp_path)
    assert "stands in the archive twice; this is the second one" in {each.why for each in intake.aside}


def test_of_a_huge_member_no_more_is_unpacked_than_is_read_of_a_notebook(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "FILE_MIB", 1)
    intake = read(archive([("bomb.ipynb", b"\0" * (50 << 20))]), tmp_path)
    (bomb,) = [each for each in intake.handed if each.path.name == "bomb.ipynb"]
    assert bomb.path.stat().st_size == (1 << 20) + 1


def test_an_archive_that_unpacks_to_too_much_is_refused(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "TOTAL_GIB", 0)
    with pytest.raises(CourseError, match=r"class\.zip: unpacks to more than 0 GiB"):
        read(archive([]), tmp_path)


def test_an_archive_of_too_many_files_is_refused(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILES", 1)
    with pytest.raises(CourseError, match="holds more than 1 files"):
        read(archive([]), tmp_path)


def test_a_folder_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILES", 1)
    for name in "ab":
        (tmp_path / f"{name}.ipynb").touch()
    with pytest.raises(CourseError, match="is it the right folder"):
        open_source(tmp_path, tmp_path)


def test_a_damaged_member_is_said_and_costs_no_other(archive, tmp_path):
    path = archive([("broken.ipynb", os.urandom(5000))])
    content = bytearray(path.read_bytes())
    content[1000:1100] = bytes(100)
    path.write_bytes(content)
    intake = read(path, tmp_path)
    assert sorted(each.path.name for each in intake.handed) == ["one.ipynb", "two.ipynb"]
    (broken,) = intake.aside
    assert broken.origin == "broken.ipynb"
    assert "is damaged in the archive" in broken.why


def test_a_damaged_archive_is_refused(archive, tmp_path):
    path = archive([])
    path.write_bytes(path.read_bytes()[:-30] + b"x" * 30)
    with pytest.raises(CourseError, match=r"class\.zip: cannot be read as a zip archive"):
        sources.Archive(path, tmp_path)


def test_unpacking_again_unpacks_nothing(archive, tmp_path):
    path = archive([])
    before = {each.path: each.path.stat().st_mtime_ns for each in read(path, tmp_path).handed}
    assert {each.path: each.path.stat().st_mtime_ns for each in read(path, tmp_path).handed} == before


def test_names_are_made_safe_and_keep_their_ending():
    assert sources.safe_name("a\nb:*?.ipynb") == "a_b___.ipynb"
    assert sources.safe_name("." * 5) == "file."
    assert len(sources.safe_name("x" * 500 + ".ipynb")) == 106
