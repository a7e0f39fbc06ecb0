"""notebook.md and the solution -> the handout, the solved notebook, and notebooks with known answers."""

import ast
import re

import nbformat
import numpy as np
import pytest

from autograder.errors import CourseError
from autograder.notebook.handout import handout, solved, source_of, stub_signatures, with_answers
from autograder.topic import load_topic

X, FACTOR = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 100.0])


def code(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def names_after_running(notebook):
    """The names that the cells define, without those that need `grader` or data."""
    names = {}
    for source in code(notebook)[1:]:
        if "grader." not in source and "loadtxt" not in source:
            exec(source, names)
    return names


def edit(topic, part, old, new):
    path = topic.path(part)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return load_topic(topic.course, topic.name)


class TestStubs:
    def test_signatures_of_functions_and_classes_are_read(self, tmp_path):
        page = tmp_path / "notebook.md"
        page.write_text(
            "# Title\n\n```python\n%matplotlib inline\nimport numpy as np\n\n"
            "def f(z: int):\n    raise NotImplementedError('q1')\n\ndef ready(x):\n    return x\n```\n\nText\n\n"
            "```python\nclass Cell:\n    def __init__(self, d_in, d_out):\n        raise NotImplementedError('q2')\n```\n"
        )
        assert stub_signatures(page) == {"f": "f(z)", "Cell": "Cell(d_in, d_out)"}

    def test_two_stubs_of_a_name_are_refused(self, topic):
        broken = edit(topic, "notebook", "def scale_backward(dout, x, factor)", "def scale(dout, x, factor)")
        with pytest.raises(CourseError, match="has two stubs of `scale`"):
            stub_signatures(broken.path("notebook"))

    def test_a_stub_that_is_not_python_is_refused(self, topic):
        broken = edit(topic, "notebook", "def scale(x, factor):", "def scale(x, factor:")
        with pytest.raises(CourseError, match="a code cell with a stub is not Python: line 1"):
            stub_signatures(broken.path("notebook"))


class TestHandout:
    def test_it_is_a_valid_notebook_and_the_same_every_time(self, topic):
        made = handout(topic)
        nbformat.validate(made)
        assert nbformat.writes(made) == nbformat.writes(handout(topic))

    def test_the_set_up_cell_comes_first_and_check_all_and_export_last(self, topic):
        sources = code(handout(topic))
        assert sources[0].startswith("# Run this cell first")
        assert sources[-2:] == ["grader.check_all()", "grader.export()"]

    def test_the_watermark_names_topic_version_and_content(self, topic):
        mark = handout(topic).metadata["chainrule"]
        assert mark["topic"] == "scale"
        assert re.fullmatch(r"[0-9a-f]{16}", mark["content"])
        assert mark["content"] in code(handout(topic))[0]

    def test_the_watermark_changes_with_any_public_file(self, topic):
        before = handout(topic).metadata["chainrule"]["content"]
        (topic.folder / "data" / "people.csv").write_text("height_cm,weight_kg\n")
        assert handout(topic).metadata["chainrule"]["content"] != before

    def test_nothing_of_the_solution_is_in_it(self, topic):
        assert "broadcasting does it" not in nbformat.writes(handout(topic))

    def test_a_question_without_a_check_cell_is_refused(self, topic):
        broken = edit(topic, "notebook", 'grader.check("q2")', "pass")
        with pytest.raises(CourseError, match=re.escape('needs exactly one cell `grader.check("q2")`, has 0')):
            handout(broken)

    def test_a_check_cell_of_no_question_is_refused(self, topic):
        broken = edit(
            topic, "notebook", "SAMPLES = 6\n", 'SAMPLES = 6\n```\n\n```python\ngrader.check("q9")\n```\n\n```python\n'
        )
        with pytest.raises(CourseError, match=r"checks q9, which topic\.toml does not have"):
            handout(broken)


class TestSolved:
    def test_every_stub_is_replaced(self, topic):
        assert "NotImplementedError" not in nbformat.writes(solved(topic))

    def test_the_rest_of_a_cell_stays(self, topic):
        assert any(source.startswith("SAMPLES = 6\n\n\n") for source in code(solved(topic)))

    def test_what_the_handout_lacks_comes_right_before_its_first_use(self, topic):
        cell = next(source for source in code(solved(topic)) if "def scale_backward" in source)
        assert [node.__class__.__name__ for node in ast.parse(cell).body] == [
            "Assign",
            "Import",
            "Assign",
            "FunctionDef",
            "FunctionDef",
        ]

    def test_what_the_handout_imports_is_not_imported_again(self, topic):
        assert nbformat.writes(solved(topic)).count("import numpy as np") == 1

    def test_it_answers_as_the_solution_does(self, topic):
        names = names_after_running(solved(topic))
        np.testing.assert_array_equal(names["scale"](X, FACTOR), [[10.0, 200.0], [30.0, 400.0]])
        dx, dfactor = names["scale_backward"](np.ones((2, 2)), X, FACTOR)
        np.testing.assert_array_equal(dx, [[10.0, 100.0], [10.0, 100.0]])
        np.testing.assert_array_equal(dfactor, [4.0, 6.0])

    def test_only_the_names_asked_for_are_filled_in(self, topic):
        sources = "\n".join(code(with_answers(topic, {}, names=["scale_backward"])))
        assert "q1: write scale" in sources
        assert "q2: write scale_backward" not in sources

    def test_a_name_without_a_stub_is_refused(self, topic):
        with pytest.raises(CourseError, match="no code cell has a stub of softmax"):
            with_answers(topic, {"softmax": "softmax = 1"})

    def test_a_name_that_the_solution_lacks_is_refused(self, topic):
        broken = edit(topic, "solution", "def scale(", "def scales(")
        with pytest.raises(CourseError, match=r"solution\.py: does not define `scale`"):
            solved(broken)


class TestKnownAnswers:
    def answer(self, topic, name):
        return next(each for each in (*topic.accepted, *topic.mistakes) if each.id == name)

    def test_an_answer_stands_under_the_name_that_it_stands_in_for_without_its_decorator(self, topic):
        source = source_of(self.answer(topic, "with_loops"), topic)
        assert source.startswith("import numpy as np\n\n\ndef scale(x, factor):\n")
        assert "accepted" not in source

    def test_what_it_needs_of_its_file_comes_along(self, topic):
        source = source_of(self.answer(topic, "scale_around_one"), topic)
        assert source.startswith("EXTRA = 1.0\n\n\ndef _shifted(factor):")

    def test_a_name_of_the_solution_means_that_of_the_notebook(self, topic):
        source = source_of(self.answer(topic, "factor_gradient_averaged"), topic)
        assert "def scale(" not in source
        assert "return scale(dout, factor), np.mean(" in source

    def test_every_known_answer_gives_the_same_numbers_in_a_notebook_as_in_its_file(self, topic):
        for answer in (*topic.accepted, *topic.mistakes):
            names = names_after_running(with_answers(topic, {answer.of: source_of(answer, topic)}))
            args = (X, FACTOR) if answer.of == "scale" else (np.ones((2, 2)), X, FACTOR)
            got, expected = (f(*(array.copy() for array in args)) for f in (names[answer.of], answer.value))
            for one, other in zip(got, expected, strict=True):
                np.testing.assert_array_equal(one, other, err_msg=answer.id)

    def test_the_right_answer_to_its_own_name_keeps_its_meaning(self, topic):
        with topic.path("mistakes").open("a", encoding="utf-8") as file:
            file.write(
                "\n\nfrom .solution import _axis_of_samples as axis\n\n\n"
                '@mistake(of="scale", caught_by="tall_matrix_is_scaled", hint="Twice?")\n'
                "def scale_twice(x, factor):\n    return scale(scale(x, factor), factor) + axis()\n"
            )
        topic = load_topic(topic.course, "scale")
        answer = self.answer(topic, "scale_twice")
        names = names_after_running(with_answers(topic, {"scale": source_of(answer, topic)}))
        np.testing.assert_array_equal(names["scale"](X, FACTOR), [[100.0, 20000.0], [300.0, 40000.0]])
        assert names["scale"].__name__ == "scale"

    def test_an_import_from_another_neighbour_is_refused(self, topic):
        broken = edit(
            topic, "mistakes", "from .solution import scale", "from .solution import scale\nfrom . import solution"
        )
        with pytest.raises(CourseError, match=r"may import relatively from \.solution only"):
            source_of(self.answer(broken, "scale_in_place"), broken)

    def test_an_answer_of_another_topic_is_refused(self, topic):
        answer = self.answer(topic, "scale_in_place")
        broken = edit(topic, "mistakes", "def scale_in_place(", "def renamed(")
        with pytest.raises(CourseError, match=r"neither accepted\.py nor mistakes\.py defines `scale_in_place`"):
            source_of(answer, broken)
