"""Which mutants a piece of code has: the line that was changed, as it becomes."""

import textwrap

import pytest

from autograder.mutants import mutants_of
from autograder.topic import load_topic

TOPIC = 'title = "T"\nsummary = "S"\n[[question]]\nid = "q1"\ntitle = "Q"\npoints = 1\nnames = ["f"]\n'


@pytest.fixture
def mutants(tmp_path):
    """mutants(source): every mutant of a solution whose one question asks for `f`."""

    def make(source):
        (tmp_path / "assignments/t").mkdir(parents=True)
        (tmp_path / "solutions/t").mkdir(parents=True)
        (tmp_path / "assignments/t/topic.toml").write_text(TOPIC)
        (tmp_path / "solutions/t/solution.py").write_text(textwrap.dedent(source))
        (tmp_path / "course.toml").write_text('title = "C"\n')
        from autograder.course import find_course

        return mutants_of(load_topic(find_course(tmp_path), "t"))

    return make


@pytest.fixture
def returned(mutants):
    """returned("a + b"): what may stand there instead, as text."""

    def make(expression):
        found = mutants(f"import numpy as np\ndef f(a, b, x, n):\n    return {expression}\n")
        return {each.becomes.removeprefix("return ") for each in found}

    return make


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("a + b", {"a - b", "a", "b", "-(a + b)"}),
        ("a - b", {"a + b", "a", "-b", "b - a", "-(a - b)"}),
        ("a * b", {"a / b", "a", "b", "-(a * b)"}),
        ("a / b", {"a * b", "a", "b / a", "-(a / b)"}),
        ("a ** b", {"a * b", "a", "-a ** b"}),
        ("a @ b", {"a * b", "b @ a", "-(a @ b)"}),
        ("a < b", {"a <= b", "a > b"}),
        ("a >= b", {"a > b", "a <= b"}),
        ("a == b", {"a != b"}),
        ("a and b", {"a or b"}),
        ("not a", {"a"}),
        ("-a", {"a"}),
        ("a if b else x", {"x if b else a"}),
        ("x.T", {"x"}),
        ("x[a]", {"x"}),
        ("x[:, None]", {"x"}),
        ("True", {"False"}),
        ("0.5", {"1.0"}),
        ("0.0", {"1.0"}),
        ("1", {"0", "2"}),
        ("7", {"6", "8"}),
        ("x[-1]", {"x", "x[0]", "x[-2]", "x[1]"}),
    ],
)
def test_an_expression_may_become(returned, expression, expected):
    assert returned(expression) == expected


@pytest.mark.parametrize(
    "call, expected",
    [
        ("x.mean(axis=0)", {"x.sum(axis=0)", "x.mean(axis=1)", "x.mean()", "x"}),
        ("x.mean(axis=-1)", {"x.sum(axis=-1)", "x.mean(axis=0)", "x.mean(axis=-2)", "x.mean()", "x"}),
        ("x.any(keepdims=True)", {"x.all(keepdims=True)", "x.any()", "x.any(keepdims=False)", "x"}),
        ("np.sqrt(x)", {"x"}),
        ("np.maximum(0, x)", {"np.minimum(0, x)", "np.maximum(1, x)", "x"}),
        ("np.clip(x, a, b)", {"x", "a", "np.clip(a, x, b)", "np.clip(x, b, a)"}),
        ("np.where(a, b, x)", {"b", "x", "np.where(b, a, x)", "np.where(a, x, b)"}),
        ("np.outer(a, b)", {"np.outer(b, a)"}),
        ("x.copy()", {"x"}),
        ("np.asarray(x)", set()),
        ("range(n)", {"range(n + 1)", "range(n - 1)"}),
    ],
)
def test_a_call_may_become(returned, call, expected):
    assert {each for each in returned(call) if each != f"-{call}"} == expected


def test_a_statement_that_is_not_needed_may_be_missing(mutants):
    found = mutants(
        """
        def f(x, y):
            x = x.copy()
            y.sort()
            x[0] = y
            x += y
            return x
        """
    )
    assert {each.was for each in found if not each.becomes} == {"x = x.copy()", "y.sort()", "x[0] = y", "x += y"}


def test_what_gives_a_name_its_first_value_is_not_dropped(mutants):
    found = mutants("def f(x):\n    total = x.sum()\n    return total\n")
    assert all(each.becomes for each in found)


def test_a_guard_may_be_missing_but_its_message_stays(mutants):
    found = mutants('def f(x):\n    if x.ndim != 1:\n        raise ValueError(f"got {x.ndim + 0}")\n    return x\n')
    assert {each.becomes for each in found} == {
        "",
        "if x.ndim == 1:",
        "if x.ndim != 0:",
        "if x.ndim != 2:",
        "return -x",
    }


@pytest.mark.parametrize("last", ["    elif x > 1:\n        return 2\n", "    else:\n        y.sort()\n"])
def test_the_last_branch_may_be_missing(mutants, last):
    found = mutants("def f(x, y):\n    if x < 1:\n        x = x + 1\n" + last + "    return x\n")
    dropped = [each for each in found if each.line == 4 + last.startswith("    else") and each.becomes in {"", "pass"}]
    assert len(dropped) == 1


def test_docstrings_annotations_decorators_and_asserts_are_left_alone(mutants):
    found = mutants(
        '''
        import functools

        @functools.lru_cache(maxsize=2 + 3)
        def f(x: Array[1 + 2] = 1.5) -> tuple[1 + 2]:
            """What f does: 1 + 2."""
            assert x + 1 > 0, "x + 1"
            y: Array[3 + 4] = x
            return y
        '''
    )
    assert {each.becomes for each in found} == {
        "def f(x: Array[1 + 2] = 3.0) -> tuple[1 + 2]:",
        "return -y",
    }


def test_an_alias_for_annotations_has_no_mutants(mutants):
    found = mutants("Labels = int | float\nLIMIT = 3\ndef f(x: Labels):\n    return x[LIMIT]\n")
    assert {each.name for each in found} == {"LIMIT", "f"}


def test_brackets_appear_where_the_meaning_needs_them(returned):
    found = returned("a * (b + x) * n")
    assert "a * (b - x) * n" in found
    assert "(b + x) * n" in found
    assert "a * (b + x) / n" in found


def test_a_power_of_a_sum_keeps_its_brackets_when_the_power_goes(returned):
    assert "a * (b + x)" in returned("a * (b + x) ** 2")


def test_what_is_kept_keeps_its_layout(returned):
    assert "a*(b  +  x)" in returned("a*(b  +  x)**2")


def test_two_returned_values_may_be_swapped_or_lose_their_sign(mutants):
    found = mutants("def f(a, b):\n    return a, b\n")
    assert {each.becomes for each in found} == {"return (b, a)", "return -a, b", "return a, -b"}


def test_what_a_name_needs_belongs_to_its_question(mutants):
    found = mutants(
        "def _half(x):\n    return x / 2\n\ndef unused(x):\n    return x\n\ndef f(x):\n    return _half(x)\n"
    )
    assert {each.name for each in found} == {"_half", "f"}
    assert {each.questions for each in found} == {("q1",)}


def test_every_mutant_is_python_and_differs_from_all_others(mutants):
    found = mutants(
        "import numpy as np\ndef f(X, w, b):\n    z = (X @ w + b).clip(-1, 1)\n    return 1 / (1 + np.exp(-z))\n"
    )
    for each in found:
        compile(each.source, "mutant", "exec")
    assert len({each.source for each in found}) == len(found) > 15


def test_two_changes_that_mean_the_same_are_one_mutant(mutants):
    found = mutants("def f(a):\n    return a + a\n")
    assert [each.becomes for each in found] == ["return -(a + a)", "return a - a", "return a"]


def test_a_mutant_says_where_it_is_and_shows_a_diff(mutants):
    found = mutants("def f(a, b):\n    c = a  # a comment\n    return b > c\n")
    first = next(each for each in found if each.becomes == "return b >= c")
    assert (first.name, first.line, first.was) == ("f", 3, "return b > c")
    assert first.diff.split("\n") == ["@@ -1,3 +1,3 @@", " def f(a, b):", "     c = a  # a comment", "-    return b > c", "+    return b >= c"]  # fmt: skip


def test_the_same_solution_has_the_same_mutants(tiny_topic):
    assert mutants_of(tiny_topic) == mutants_of(tiny_topic)
