"""Right answers on loan: what is answered, and what is refused."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from autograder.submission import lending
from autograder.submission.lending import Lender
from autograder.submission.values import Handle, TorchArray


def spin(x):
    while True:
        time.sleep(0.001)


LENDER = {"square": lambda x: x**2, "fail": lambda x: 1 / 0, "spin": spin, "odd": lambda x: object()}


def asked(name, *args, **more):
    return Lender(LENDER).answer({"name": name, "args": list(args), "kwargs": {}, **more})


def test_a_call_is_answered():
    assert asked("square", 3) == {"value": 9}


@pytest.mark.parametrize("dtype", [float, np.float32, np.dtype("float64")])
def test_a_call_may_name_a_type_of_numbers(dtype):
    assert (
        Lender({"zeros": np.zeros}).answer({"name": "zeros", "args": [2, dtype], "kwargs": {}})["value"].dtype == dtype
    )


def test_a_gradient_is_answered_where_a_tensor_asks_for_it():
    x = np.array([1.0, 2.0]).view(TorchArray)
    x.torch_dtype = "float64"
    reply = asked("square", x, wrt=[0], upstream=np.ones(2))
    assert torch.equal(reply["value"][0], torch.tensor([2.0, 4.0], dtype=torch.float64))


@pytest.mark.parametrize(
    "request_, why",
    [
        ({"name": "solution", "args": [], "kwargs": {}}, "malformed"),
        ({"name": "square"}, "malformed"),
        ("square", "malformed"),
        ({"name": "square", "args": [10**9], "kwargs": {}}, "too large a number of steps"),
        ({"name": "square", "args": [Handle(0, "x")], "kwargs": {}}, "not numbers"),
        ({"name": "square", "args": [np.zeros(2 << 20)], "kwargs": {}}, "not numbers"),
        ({"name": "fail", "args": [1], "kwargs": {}}, "ZeroDivisionError"),
        ({"name": "odd", "args": [1], "kwargs": {}}, "an object of type object"),
    ],
)
def test_anything_else_is_refused_with_a_reason(request_, why):
    assert why in Lender(LENDER).answer(request_)["error"]


def test_a_right_answer_that_works_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(lending, "CALL_S", 0.05)
    assert asked("spin", 1) == {"error": "took too long"}


def test_how_often_is_bounded(monkeypatch):
    monkeypatch.setattr(lending, "MAX_CALLS", 2)
    lender = Lender(LENDER)
    replies = [lender.answer({"name": "square", "args": [2], "kwargs": {}}) for _ in range(3)]
    assert [reply.get("value") for reply in replies] == [4, 4, None]
    assert "too often" in replies[2]["error"]
