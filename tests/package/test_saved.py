"""A notebook's file, whatever state it is in."""

import json

import pytest

from autograder.package.saved import Raised, SavedNotebook


def cell(source, *outputs, kind="code"):
    return {"cell_type": kind, "source": source, "outputs": list(outputs)}


def error(name):
    return {"output_type": "error", "ename": name, "evalue": "", "traceback": []}


@pytest.fixture
def saved(tmp_path):
    """Write cells, or any text, and read them as a saved notebook."""

    def saved(*cells, text=None, **metadata):
        path = tmp_path / "hw.ipynb"
        path.write_text(text if text is not None else json.dumps({"cells": cells, "metadata": metadata}, indent=1))
        return SavedNotebook.read(path)

    return saved


@pytest.mark.parametrize("text", ["", "no JSON", "[1, 2]", '{"cells": 3, "metadata": []}', '{"cells": [1, null]}'])
def test_what_is_no_notebook_is_an_empty_one(saved, text):
    read = saved(text=text)
    assert (read.code, read.raised, read.topic) == ([], [], None)


def test_a_file_that_is_not_there_is_an_empty_notebook(tmp_path):
    assert SavedNotebook.read(tmp_path / "none.ipynb").code == []


def test_code_cells_are_counted_and_others_passed_over(saved):
    read = saved(cell("# Title", kind="markdown"), cell(["a = 1\r\n", "b = 2"]), cell("c = 3"))
    assert read.code == [(1, "a = 1\nb = 2"), (2, "c = 3")]


def test_the_topic_is_read_from_the_watermark(saved):
    assert saved(chainrule={"topic": "scale"}).topic == "scale"


def test_cells_whose_output_is_an_exception_are_named(saved):
    read = saved(
        cell("a"),
        cell("b", {"output_type": "stream"}, error("ValueError")),
        cell("c", error("\x1b[31mKeyError\x1b[0m")),
    )
    assert read.raised == [Raised(2, "ValueError"), Raised(3, "KeyError")]


class TestLines:
    def line(self, read, name):
        return read.text.split("\n")[read.line_of(name) - 1].strip()

    def test_a_function_is_found_at_its_line_of_the_file(self, saved):
        read = saved(cell(["import numpy\n", "\n", "def scale(x):\n", "    return x"]))
        assert self.line(read, "scale") == '"def scale(x):\\n",'

    def test_a_cell_that_is_one_string_is_one_line(self, saved):
        read = saved(cell("import numpy\n\ndef scale(x):\n    return x"))
        assert self.line(read, "scale").startswith('"source": "import numpy')

    def test_of_two_definitions_the_last_is_found(self, saved):
        read = saved(cell(["def scale(x):\n", "    1"]), cell(["def scale(x):\n", "    2"]))
        assert read.text.count("\n", 0, read.text.rindex("def scale")) + 1 == read.line_of("scale")

    @pytest.mark.parametrize("source", ["class scale:", "async def scale(x):"])
    def test_classes_and_coroutines_are_definitions(self, saved, source):
        assert saved(cell([source])).line_of("scale") is not None

    @pytest.mark.parametrize("source", ["def scale_more(x):", "    def scale(x):", "# def scale(x):", "x = scale"])
    def test_what_only_looks_like_it_is_none(self, saved, source):
        assert saved(cell([source])).line_of("scale") is None
