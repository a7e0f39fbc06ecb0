"""One report with everything in it, and Hypothesis strategies for any report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import strategies as st

from autograder.verdict import CellProblem, CheckResult, Layer, Outcome, QuestionResult, Report


@pytest.fixture
def report() -> Report:
    """A typical mistake, a check that was not graded, one cell that raised: 4.5 of 10 points so far."""
    sigmoid = (
        CheckResult("q1", "half_at_zero", "1.1", "`sigmoid(0)` is one half.", True, 1, Outcome.PASSED, seconds=0.004),
        CheckResult("q1", "large_scores", "1.2", "`sigmoid` neither overflows nor warns for scores of -1000 and 1000.",
                    True, 1.5, Outcome.PASSED, seconds=0.005),
        CheckResult("q1", "keeps_the_shape", "1.3", "The result has the shape of its argument, whatever that shape is, "
                    "and the argument itself is left as it was.", False, 0.5, Outcome.PASSED, seconds=0.25),
    )  # fmt: skip
    loss = (
        CheckResult("q2", "loss_is_right", "2.1", "The loss is the mean cross-entropy plus the penalty.", True, 1.5,
                    Outcome.PASSED, follow_through=True, seconds=0.011),
        CheckResult("q2", "gradient_is_right", "2.2", "The gradient with respect to `w` and `b` is right.", True, 2,
                    Outcome.FAILED,
                    message="dw: 3 of 3 elements differ; worst at (1,): got 1.24, expected 0.31.\n"
                            "  Your values are 4 times the expected ones: no 1/N?",
                    hint="The loss is a *mean* over the examples, so `dw` has a factor 1/N, too.",
                    detail="got [0.4 1.24 -0.8], expected [0.1 0.31 -0.2]; rtol 1e-7", mistake="gradient_not_averaged",
                    seconds=0.02),
        CheckResult("q2", "finite_for_large_scores", "2.3", "The loss is finite for scores of 1000.", False, 1.5,
                    Outcome.NOT_GRADED, message="The grader ran out of memory in this check.",
                    detail="MemoryError in hidden.py:31", seconds=0.5),
    )  # fmt: skip
    train = (
        CheckResult("q3", "loss_goes_down", "3.1", "Training brings the loss below 0.2.", False, 2, Outcome.FAILED,
                    message="`fit` is not defined. Did its cell run?", seconds=0.001),
    )  # fmt: skip
    return Report(
        topic="logistic_regression",
        title="Logistic regression",
        submission="hw05 (1).ipynb",
        sha256="0f" * 32,
        questions=(
            QuestionResult("q1", "The sigmoid", sigmoid),
            QuestionResult("q2", "Loss and gradient", loss),
            QuestionResult("q3", "Training", train),
        ),
        cells=(CellProblem(7, "raised", "NameError: name 'lr' is not defined", line=3),),
        notes=("The notebook defines `sigmoid` twice; the later one was graded.",),
        isolation=(Layer("user", True), Layer("network", False, "no permission to make a namespace")),
        stdout="step 0: loss 0.693\n",
        versions={"chainrule": "0.1.0", "python": "3.11.7", "torch": "2.13.0"},
        seconds=1.5,
    )


@pytest.fixture(scope="session")
def any_report() -> st.SearchStrategy[Report]:
    """Reports whose every text may have been chosen by someone who means ill; `stdout` and the like say SECRET."""
    return _reports()


_FRAGMENTS = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "```", "`", "``", "::error file=a::b", "##[error]b",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b1m", "\ud800", "\udfff", "\ufffe", "\u202e", "\x00", "\x08", "&amp;",
    "]]>", "<!--", "{{ 7 * 7 }}", "{% raw %}", "| a |", "[x](javascript:alert(1))", "![x](http://e.example/a.png)",
    "http://e.example/", "www.e.example", "# head", "\n# head\n", "\n---\n", "\n===\n", "\n- item", "\n1. item", "\n> quote",
    "\n\n    code\n", "\t", "\r", "\r\n", "\u2028", "%0A", "%", "$x$", "~~x~~", "\\", "\\n", "*x*", "__x__", '"', "'", "\ufeff",
    "a line of words",
)  # fmt: skip
_TEXT = st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=8)), max_size=5).map("".join)
_POINTS = st.sampled_from([0, 0.1, 0.25, 0.5, 1, 1.5, 2, 10])
_SECRET = _TEXT.map(lambda text: f"SECRET{text}")


@st.composite
def _reports(draw: st.DrawFn) -> Report:
    questions = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        checks = tuple(
            CheckResult(
                question=f"q{number}", name=f"check_{number}_{place}", number=f"{number}.{place}",
                claim=f"claim {number} {place} " + draw(_TEXT), public=draw(st.booleans()), points=draw(_POINTS),
                outcome=draw(st.sampled_from(list(Outcome))), message=draw(_TEXT), hint=draw(st.none() | _TEXT),
                detail=draw(_SECRET), mistake=draw(st.none() | _SECRET), follow_through=draw(st.booleans()),
                seconds=draw(st.floats(0, 1000)),
            )
            for place in range(1, draw(st.integers(1, 3)) + 1)
        )  # fmt: skip
        questions.append(QuestionResult(f"q{number}", draw(_TEXT), checks))
    cells = st.builds(CellProblem, st.integers(1, 99), _TEXT, _TEXT, st.none() | st.integers(1, 99))
    return Report(
        topic="topic", title=draw(_TEXT), submission=draw(_TEXT), sha256=draw(st.sampled_from(["", "0f" * 32])),
        questions=tuple(questions), cells=tuple(draw(st.lists(cells, max_size=3))),
        notes=tuple(draw(st.lists(_TEXT, max_size=3))), isolation=(Layer("network", False, draw(_SECRET)),),
        stdout=draw(_SECRET), versions={"python": draw(_TEXT)}, seconds=draw(st.floats(0, 1000)),
    )  # fmt: skip


@pytest.fixture(autouse=True, scope="session")
def _classroom50_environment() -> Iterator[None]:
    """What Classroom 50's runner says, so that its format can be rendered like the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLASSROOM", "deep-learning")
        patch.setenv("ASSIGNMENT", "logistic-regression")
        patch.setenv("ASSIGNMENT_TYPE", "individual")
        patch.setenv("OWNER", "alice")
        patch.setenv("SUBMISSION_TAG", "submit/2026-06-01T14-32-05Z-a1b2c3d")
        patch.setenv("COMMIT_URL", "https://github.example/commit/a1b2c3d")
        patch.setenv("RELEASE_URL", "https://github.example/release/a1b2c3d")
        patch.setenv("REVIEW_URL", "https://github.example/compare/a1b2c3d")
        yield
