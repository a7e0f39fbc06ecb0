"""What was handed in -> cells, or one clear line."""

import gzip
import hashlib
import io
import json
import os
import zipfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograder.errors import UnreadableNotebook
from autograder.notebook.submission import Cell, Notebook, read_submission


def code(source, **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def notebook(*cells, **more):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


@pytest.fixture
def hand_in(tmp_path):
    """Write a file and read it as a submission."""

    def hand_in(content, name="hw.ipynb", **limits):
        path = tmp_path / name
        if isinstance(content, dict):
            content = json.dumps(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_submission(path, **limits)

    return hand_in


def sources(read):
    return [cell.source for cell in read.cells]


class TestNotebooks:
    def test_code_cells_are_numbered_from_one_and_prose_is_left_out(self, hand_in):
        read = hand_in(notebook(code("x = 1"), {"cell_type": "markdown", "source": "# Title"}, code("y = 2")))
        assert read.cells == (Cell(1, "x = 1"), Cell(2, "y = 2"))
        assert read.notes == ()

    def test_the_hash_is_that_of_the_file(self, hand_in):
        read = hand_in(notebook(code("x = 1")))
        assert read.sha256 == hashlib.sha256(read.path.read_bytes()).hexdigest()

    def test_a_source_may_be_a_list_of_lines(self, hand_in):
        assert sources(hand_in(notebook(code(["x = 1\n", "y = 2"])))) == ["x = 1\ny = 2"]

    def test_windows_line_ends_become_unix_ones(self, hand_in):
        assert sources(hand_in(notebook(code("x = 1\r\ny = 2\r")))) == ["x = 1\ny = 2\n"]

    def test_magics_and_other_languages_are_left_to_the_shell(self, hand_in):
        assert sources(hand_in(notebook(code("%%bash\nls"), code("!pip list")))) == ["%%bash\nls", "!pip list"]

    def test_a_byte_order_mark_does_no_harm(self, hand_in):
        assert sources(hand_in(b"\xef\xbb\xbf" + json.dumps(notebook(code("x"))).encode())) == ["x"]

    @pytest.mark.parametrize(
        "damage",
        [
            {"id": "same"},
            {"id": 7},
            {"metadata": None},
            {"metadata": {"anything": {"at": "all"}}},
            {"outputs": "lost"},
            {"surprise": [1, 2]},
        ],
    )
    def test_harmless_damage_is_accepted(self, hand_in, damage):
        assert sources(hand_in(notebook(code("x", **damage), code("y", **damage)))) == ["x", "y"]

    def test_a_cell_that_is_null_or_has_no_type_is_passed_over(self, hand_in):
        assert sources(hand_in(notebook(None, {"source": "lost"}, code("x")))) == ["x"]

    def test_nan_in_an_output_is_accepted(self, hand_in):
        assert sources(hand_in(notebook(code("x", outputs=[{"data": float("nan")}])))) == ["x"]

    def test_an_integer_of_five_thousand_digits_in_an_output_is_accepted(self, hand_in):
        text = json.dumps(notebook(code("x", outputs=[float("nan"), "HERE"]))).replace('"HERE"', "9" * 5000)
        assert sources(hand_in(text)) == ["x"]

    def test_half_a_surrogate_pair_becomes_a_question_mark(self, hand_in):
        text = json.dumps(notebook(code("x = 'HERE'"))).replace("HERE", "\\ud800")
        assert sources(hand_in(text)) == ["x = '?'"]

    def test_a_source_that_is_no_text_is_noted_and_counted(self, hand_in):
        read = hand_in(notebook(code(3), code("x")))
        assert read.cells == (Cell(1, ""), Cell(2, "x"))
        assert read.notes == ("Code cell 1 has no readable source.",)

    def test_a_notebook_without_code_is_read_and_noted(self, hand_in):
        assert hand_in(notebook()).notes == ("hw.ipynb has no code cells.",)

    def test_format_3_is_read_with_a_note(self, hand_in):
        old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}], "nbformat": 3, "metadata": {}}
        read = hand_in(old)
        assert sources(read) == ["x = 1"]
        assert read.notes == ("hw.ipynb is in an old notebook format; it was read all the same.",)

    def test_another_language_is_noted(self, hand_in):
        read = hand_in(notebook(code("x <- 1"), metadata={"kernelspec": {"language": "R"}}))
        assert read.notes == ("The notebook says that its language is 'R'; it was run as Python.",)

    def test_the_watermark_of_the_handout_is_read(self, hand_in):
        mark = {"topic": "scale", "version": "0.1.0", "content": "abc"}
        assert hand_in(notebook(code("x"), metadata={"chainrule": mark})).watermark == mark

    def test_a_watermark_that_was_tampered_with_does_no_harm(self, hand_in):
        assert hand_in(notebook(code("x"), metadata={"chainrule": {"topic": [1], "x": "y"}})).watermark == {"x": "y"}


class TestFaults:
    @pytest.mark.parametrize(
        "name, content, message",
        [
            ("hw.ipynb", b"", "hw.ipynb: is empty. Was it saved before it was handed in?"),
            ("hw.ipynb", b" \n\n", "hw.ipynb: is empty. Was it saved before it was handed in?"),
            ("hw.ipynb", b"%PDF-1.7 ...", "hw.ipynb: is a PDF, not a notebook (.ipynb)."),
            ("hw.ipynb", gzip.compress(b"{}", mtime=0), "hw.ipynb: is a gzip archive, not a notebook (.ipynb)."),
            (
                "hw.ipynb",
                b"<!DOCTYPE html><html>",
                "hw.ipynb: is a web page (HTML), not a notebook. Download the .ipynb itself.",
            ),
            (
                "hw.ipynb",
                b"import numpy as np\n",
                "hw.ipynb: is Python code, not a notebook: a notebook begins with an opening brace.",
            ),
            (
                "essay.txt",
                b"Dear teacher",
                "essay.txt: is text, not a notebook: a notebook begins with an opening brace.",
            ),
            ("hw.ipynb", b'{"metadata": {}}', "hw.ipynb: is JSON, but not a notebook: it has no `cells`."),
            (
                "hw.ipynb",
                b'{"cells": {}}',
                "hw.ipynb: is JSON, but not a notebook: Expected `array | null`, got `object` at $.cells.",
            ),
            (
                "hw.ipynb",
                "{}".encode("utf-16"),
                "hw.ipynb: is text in UTF-16 or UTF-32; notebooks are saved in UTF-8.",
            ),
            (
                "hw.ipynb",
                "{}".encode("utf-16-be"),
                "hw.ipynb: is text in UTF-16 or UTF-32; notebooks are saved in UTF-8.",
            ),
            ("hw.ipynb", b'{"a": "\xe9"}', "hw.ipynb: is not a notebook: byte 7 is not UTF-8 text (0xe9)."),
            (
                "hw.ipynb",
                b'{"cells": }',
                "hw.ipynb: is not valid JSON at line 1, column 11: Expecting value",
            ),
        ],
    )
    def test_each_fault_has_its_own_line(self, hand_in, name, content, message):
        with pytest.raises(UnreadableNotebook) as caught:
            hand_in(content, name)
        assert caught.value.message == message

    @pytest.mark.parametrize("kept", [30, 60, -1])
    def test_a_truncated_notebook_is_called_that(self, hand_in, kept):
        with pytest.raises(UnreadableNotebook, match="it breaks off there; was it saved or sent completely"):
            hand_in(json.dumps(notebook(code("x = 'a long string that is cut'")))[:kept])

    def test_a_folder_is_refused(self, tmp_path):
        (tmp_path / "hw.ipynb").mkdir()
        with pytest.raises(UnreadableNotebook, match=r"hw\.ipynb: is a folder, not a notebook\."):
            read_submission(tmp_path / "hw.ipynb")

    def test_a_missing_file_is_refused(self, tmp_path):
        with pytest.raises(UnreadableNotebook, match=r"hw\.ipynb: there is no such file\."):
            read_submission(tmp_path / "hw.ipynb")

    def test_a_named_pipe_is_refused_without_waiting_for_a_writer(self, tmp_path):
        os.mkfifo(tmp_path / "hw.ipynb")
        with pytest.raises(UnreadableNotebook, match="is not a regular file"):
            read_submission(tmp_path / "hw.ipynb")

    def test_a_file_of_200_mib_is_refused_by_its_size(self, tmp_path):
        path = tmp_path / "hw.ipynb"
        with path.open("wb") as file:
            file.truncate(200 * 2**20)  # a sparse file: it takes no space
        with pytest.raises(UnreadableNotebook, match="has 200 MiB, and 32 MiB are the most that is read"):
            read_submission(path)

    def test_deep_nesting_is_refused(self, hand_in):
        with pytest.raises(UnreadableNotebook, match="nested too deeply"):
            hand_in('{"metadata":' + "[" * 300_000)

    def test_deep_nesting_inside_an_output_is_refused(self, hand_in):
        bomb = '{"cells": [{"cell_type": "code", "outputs": ' + "[" * 90_000 + "]" * 90_000 + "}]}"
        with pytest.raises(UnreadableNotebook, match="nested too deeply"):
            hand_in(bomb)

    def test_a_million_empty_cells_are_refused_before_they_are_built(self, hand_in):
        with pytest.raises(UnreadableNotebook, match="too many parts"):
            hand_in('{"cells": [' + "{}," * 1_000_000 + "{}]}")

    def test_megabytes_of_code_are_refused(self, hand_in):
        with pytest.raises(UnreadableNotebook, match="more than 4 MiB of code"):
            hand_in(notebook(code("x" * (4 * 2**20))))

    def test_large_outputs_are_not_code(self, hand_in):
        assert sources(hand_in(notebook(code("x", outputs=["y" * (5 * 2**20)])))) == ["x"]


class TestArchives:
    def zipped(self, **members):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("__", "/"), content)
        return buffer.getvalue()

    def test_the_one_notebook_of_a_zip_is_read_with_a_note(self, hand_in):
        content = self.zipped(**{"hw.ipynb": json.dumps(notebook(code("x"))), "hw.pdf": b"%PDF"})
        read = hand_in(content, "export.zip")
        assert sources(read) == ["x"]
        assert read.notes == ("export.zip is a zip archive; hw.ipynb in it was graded.",)

    def test_the_tests_that_came_with_the_handout_are_not_taken_for_an_answer(self, hand_in):
        content = self.zipped(
            **{"hw.ipynb": json.dumps(notebook(code("x"))), "tests__q1.py": "", "autograder__a.py": ""}
        )
        assert sources(hand_in(content, "export.zip")) == ["x"]

    def test_two_notebooks_in_a_zip_are_refused_by_name(self, hand_in):
        with pytest.raises(UnreadableNotebook, match=r"with 2 notebooks \(a\.ipynb, b\.ipynb\)"):
            hand_in(self.zipped(**{"a.ipynb": "{}", "b.ipynb": "{}"}), "export.zip")

    def test_a_zip_without_a_notebook_is_refused(self, hand_in):
        with pytest.raises(UnreadableNotebook, match="without a notebook in it"):
            hand_in(self.zipped(**{"hw.pdf": b"%PDF"}), "export.zip")

    def test_a_damaged_zip_is_refused(self, hand_in):
        with pytest.raises(UnreadableNotebook, match="damaged zip archive"):
            hand_in(b"PK\x03\x04 and then nothing", "export.zip")

    def test_a_zip_bomb_is_refused_by_its_size(self, hand_in):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("hw.ipynb", b" " * (3 * 2**20))
        with pytest.raises(UnreadableNotebook, match="2 MiB are the most"):
            hand_in(buffer.getvalue(), "export.zip", max_mib=2)


class TestScripts:
    def test_percent_marks_begin_cells_and_prose_is_left_out(self, hand_in):
        script = "# %%\nx = 1\n\n# %% [markdown]\n# # Title\n\n# %% a name\ny = 2\n"
        read = hand_in(script, "hw.py")
        assert read.cells == (Cell(1, "# %%\nx = 1", 1), Cell(2, "# %% a name\ny = 2", 7))

    def test_the_marks_of_an_exported_notebook_begin_cells(self, hand_in):
        read = hand_in("#!/usr/bin/env python\n\n# In[1]:\n\nx = 1\n\n# In[ ]:\n\ny = 2\n", "hw.py")
        assert [cell.line for cell in read.cells] == [1, 3, 7]
        assert sources(read)[1:] == ["# In[1]:\n\nx = 1", "# In[ ]:\n\ny = 2"]

    def test_a_plain_script_is_cut_at_its_top_level_statements(self, hand_in):
        script = "import math\n\n\n@cache\ndef f(x):\n    return x\n\nf(1); f(2)\n"
        read = hand_in(script, "hw.py")
        assert read.cells == (
            Cell(1, "import math", 1),
            Cell(2, "@cache\ndef f(x):\n    return x", 4),
            Cell(3, "f(1); f(2)", 8),
        )

    def test_a_plain_script_with_a_syntax_error_is_one_cell(self, hand_in):
        assert sources(hand_in("def f(:\n  pass\n", "hw.py")) == ["def f(:\n  pass"]

    def test_a_notebook_named_py_is_read_as_a_notebook_with_a_note(self, hand_in):
        read = hand_in(notebook(code("x")), "hw.py")
        assert sources(read) == ["x"]
        assert read.notes == ("hw.py is a notebook, though its name ends in .py.",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "metadata", "worksheets", "input", "nbformat"])
            | st.text(),
            inner | st.just("code"),
            max_size=5,
        )
    ),
    max_leaves=20,
)


def one_or_the_other(path):
    try:
        return read_submission(path)
    except UnreadableNotebook as error:
        return error.message


class TestAnyBytes:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        content=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()),
        name=st.sampled_from(["a.ipynb", "a.py", "a.zip"]),
    )
    @example(content=b"PK\x05\x06" + bytes(18), name="a.zip")
    @example(content=b"\x00", name="a.py")
    @example(content=b'{"cells": [' + b"9" * 5000 + b"]}", name="a.ipynb")
    @example(content=b'{"cells": [NaN, 1e999]}', name="a.ipynb")
    @example(content=b'{"": [NaN], "worksheets": 1}', name="a.ipynb")
    @example(content=b"(" * 5000, name="a.py")
    def test_any_bytes_are_a_notebook_or_an_unreadable_one(self, tmp_path, content, name):
        (tmp_path / name).write_bytes(content)
        read = one_or_the_other(tmp_path / name)
        assert isinstance(read, Notebook) or (read.startswith(name) and "\n" not in read)

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(cut=st.integers(0, 120), flip=st.integers(0, 119), byte=st.integers(0, 255))
    def test_a_real_notebook_with_a_byte_changed_or_cut_is_one_or_the_other(self, tmp_path, cut, flip, byte):
        content = bytearray(json.dumps(notebook(code("x = 1"))).encode())
        content[flip] = byte
        path = tmp_path / "hw.ipynb"
        path.write_bytes(content[: len(content) - cut])
        read = one_or_the_other(path)
        assert isinstance(read, Notebook) or read.startswith("hw.ipynb")
