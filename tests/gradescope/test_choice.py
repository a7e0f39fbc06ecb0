"""Which of the files that were handed in is graded."""

import io
import json
import zipfile

import pytest

from autograder.gradescope.choice import choose

NAMES = ("scale", "scale_backward")
SCALE = "def scale(x, factor):\n    return x * factor\n"
BOTH = SCALE + "def scale_backward(dout, x, factor):\n    return dout, x\n"
STUBS = BOTH.replace("    return x * factor", "    raise NotImplementedError").replace(
    "    return dout, x", "    raise NotImplementedError"
)


def notebook(source, topic=None):
    metadata = {} if topic is None else {"chainrule": {"topic": topic}}
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def zipped(**named):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in named.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def chosen(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    found = choose(folder, "scale", NAMES)
    return None if found.path is None else found.path.relative_to(folder).as_posix(), found


@pytest.mark.parametrize(
    "files, graded",
    [
        ({"my homework (2).ipynb": notebook(BOTH)}, "my homework (2).ipynb"),
        ({"deep/down/HW.IPYNB": notebook(BOTH)}, "deep/down/HW.IPYNB"),
        ({"a.py": BOTH.encode(), "b.ipynb": notebook(BOTH)}, "b.ipynb"),
        ({"notes.pdf": b"%PDF", "answers.py": BOTH.encode()}, "answers.py"),
        ({"hand-in.zip": zipped(scale=notebook(BOTH)), "x.txt": b"?"}, "hand-in.zip"),
        ({"scale.ipynb": notebook(BOTH), "checks/checks.py": b"", "tests/a.ipynb": notebook(BOTH)}, "scale.ipynb"),
        ({".ipynb_checkpoints/scale-checkpoint.ipynb": notebook(BOTH), "z.ipynb": notebook(BOTH)}, "z.ipynb"),
        ({"__MACOSX/._scale.ipynb": b"junk", "scale.ipynb": notebook(BOTH)}, "scale.ipynb"),
        ({"essay.pdf": b"%PDF"}, "essay.pdf"),
    ],
)
def test_one_candidate_is_graded_whatever_its_name(tmp_path, files, graded):
    path, found = chosen(tmp_path, files)
    assert (path, found.notice) == (graded, "")


@pytest.mark.parametrize(
    "files, graded",
    [
        ({"scale.ipynb": notebook(STUBS), "final.ipynb": notebook(BOTH)}, "final.ipynb"),
        ({"a.ipynb": notebook(SCALE), "b.ipynb": notebook(BOTH)}, "b.ipynb"),
        ({"a.ipynb": notebook(BOTH, "other"), "b.ipynb": notebook(SCALE, "scale")}, "b.ipynb"),
        ({"a.ipynb": notebook(BOTH), "scale.ipynb": notebook(BOTH)}, "scale.ipynb"),
        ({"a.ipynb": b"not a notebook", "b.ipynb": notebook("")}, "b.ipynb"),
        ({"deep/a.ipynb": notebook(BOTH), "b.ipynb": notebook(BOTH)}, "b.ipynb"),
        ({"a.py": SCALE.encode(), "b.py": BOTH.encode()}, "b.py"),
    ],
)
def test_of_several_the_one_that_answers_most_is_graded(tmp_path, files, graded):
    path, found = chosen(tmp_path, files)
    assert path == graded and f"{graded} was graded" in found.notice


def test_it_is_said_what_was_chosen_from(tmp_path):
    _, found = chosen(tmp_path, {"a.ipynb": notebook(SCALE), "b.ipynb": notebook(BOTH)})
    assert found.notice == (
        "2 notebooks were handed in (a.ipynb, b.ipynb). b.ipynb was graded: of those, it holds the most answers. "
        "If you mean another, hand in that one alone."
    )


def test_an_empty_folder_is_told(tmp_path):
    assert choose(tmp_path, "scale", NAMES).fault == "No file was handed in. Upload the notebook (.ipynb)."


def test_a_missing_folder_is_told(tmp_path):
    assert choose(tmp_path / "submission", "scale", NAMES).fault.startswith("No file was handed in.")


def test_a_link_to_the_solution_is_not_followed(tmp_path):
    (tmp_path / "solution.py").write_text(BOTH)
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "answers.py").symlink_to(tmp_path / "solution.py")
    found = choose(tmp_path / "submission", "scale", NAMES)
    assert found.path is None and "links are not followed" in found.fault


def test_a_linked_folder_is_not_entered(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "solution.py").write_text(BOTH)
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "mine").symlink_to(tmp_path / "solutions")
    assert choose(tmp_path / "submission", "scale", NAMES).path is None


def test_thousands_of_files_are_looked_through_in_part(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.gradescope.choice.MAX_FILES", 3)
    path, _ = chosen(tmp_path, {f"{number}.txt": b"" for number in range(10)})
    assert path is not None
