"""When a check leaves traces in the student's names, and when it does not."""

from __future__ import annotations

import collections
import functools
import random

import numpy as np
import pytest
import torch

from autograder.submission import _traces
from autograder.submission._traces import fingerprint


class Model:
    steps = 0

    def __init__(self):
        self.weights = np.zeros(3)

    def fit(self):
        self.weights[0] += 1

    @classmethod
    def count(cls):
        cls.steps += 1


Model.__module__ = "__main__"  # as in a notebook


def appending(x, seen=[]):  # noqa: B006 - the very mistake
    seen.append(x)


def counting():
    counting.calls = getattr(counting, "calls", 0) + 1


def with_a_cell():
    total = 0

    def add():
        nonlocal total
        total += 1

    return add


def training():
    model = torch.nn.Linear(2, 1)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)

    def step():
        model(torch.ones(1, 2)).sum().backward()
        optimiser.step()

    return step


def namespaces():
    array, cache, model = np.zeros((3, 4)), {}, Model()
    remembered = functools.cache(lambda x: x)
    queue, rng, dice, coins = collections.deque(), np.random.default_rng(0), random.Random(0), torch.Generator()
    tensor, add, step, raw = torch.zeros(()), with_a_cell(), training(), bytearray(3)
    return {
        "an element of an array": ({"x": array}, lambda: array.__setitem__((1, 2), 5)),
        "an element of a view": ({"x": array.T[::2]}, lambda: array.__setitem__((1, 2), 6)),
        "an object in an array": ({"x": np.array([[model]])}, model.fit),
        "a cache": ({"cache": cache}, lambda: cache.update(x=1)),
        "an attribute of an object": ({"model": model}, model.fit),
        "an attribute of a class": ({"Model": Model}, Model.count),
        "a default argument": ({"f": appending}, lambda: appending(1)),
        "an attribute of a function": ({"f": counting}, counting),
        "a variable of an enclosing function": ({"add": add}, add),
        "functools.cache": ({"f": remembered}, lambda: remembered(1)),
        "a deque": ({"queue": queue}, lambda: queue.append(1)),
        "bytes that may change": ({"raw": raw}, lambda: raw.__setitem__(0, 1)),
        "numpy's generator": ({"rng": rng}, rng.random),
        "Python's generator": ({"dice": dice}, dice.random),
        "torch's generator": ({"coins": coins}, lambda: torch.rand(1, generator=coins)),
        "a tensor": ({"t": tensor}, lambda: tensor.add_(1)),
        "a tensor's memory": ({"t": torch.from_numpy(array)}, lambda: array.__setitem__((0, 0), 7)),
        "parameters and their gradients": ({"step": step}, step),
        "a bound method's object": ({"fit": model.fit}, model.fit),
    }


@pytest.mark.parametrize("changed", namespaces())
def test_a_change_leaves_a_trace(changed):
    names, change = namespaces()[changed]
    before = fingerprint(names)
    assert before is not None
    assert fingerprint(names) == before
    change()
    assert fingerprint(names) != before


def test_a_new_name_and_another_meaning_leave_traces():
    def double(x):
        return 2 * x

    before = fingerprint({"f": double})
    assert fingerprint({"f": double, "g": double}) != before
    assert fingerprint({"f": lambda x: 2 * x}) != before


def test_what_python_keeps_for_itself_is_no_trace():
    assert fingerprint({"f": max}) == fingerprint({"f": max, "__warningregistry__": {}})


def test_where_the_process_stands_belongs_to_it(tmp_path, monkeypatch):
    before = fingerprint({})
    monkeypatch.chdir(tmp_path)
    assert fingerprint({}) != before
    before = fingerprint({})
    monkeypatch.setenv("SOMETHING", "else")
    assert fingerprint({}) != before


def test_names_that_refer_to_each_other_come_to_an_end():
    loop: list = []
    loop.append(loop)
    assert fingerprint({"loop": loop}) is not None


@pytest.mark.parametrize(
    "value",
    [
        iter([1]),
        (x for x in "ab"),
        np.zeros((_traces.MOST_BYTES >> 3) + 1),
        [[] for _ in range(30_000)],
    ],
    ids=["an iterator", "a generator", "too many bytes", "too many objects"],
)
def test_there_is_no_telling_with(value):
    assert fingerprint({"value": value}) is None


def test_an_object_that_answers_to_every_name_is_looked_at_as_any_other():
    class Anything:
        def __getattr__(self, name):
            return self

    assert fingerprint({"grader": Anything()}) is not None


def test_an_object_that_raises_when_it_is_looked_at_has_no_fingerprint():
    class Prickly:
        @property
        def __dict__(self):
            raise RuntimeError("no")

    Prickly.__module__ = "__main__"
    assert fingerprint({"x": Prickly()}) is None
