"""One report with everything in it, and Hypothesis strategies for any report."""

from __future__ import annotations

import pytest

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
