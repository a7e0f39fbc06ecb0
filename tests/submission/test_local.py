"""What a check can ask of a submission, and what it is told where the answer is no answer.

The engine that answers here is the one that answers in the sandbox.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.errors import StudentRaised, Undefined
from autograder.submission import StudentObject
from autograder.submission.local import LocalSubmission, namespace_of

SOURCE = """
import numpy as np, torch

def double(x): return 2 * x
def in_place(x):
    x += 1
    return x
def tanh(x): return torch.tanh(x)
def two(x): return {"out": x ** 2, "other": x}, x ** 3
def detached(x): return torch.tanh(x).detach()
def overflow(x): return np.exp(x)
def todo(x): raise NotImplementedError("q1")
def broken(x):
    y = x + 1
    raise KeyError("secret %s" % x)
def rude(x): raise SystemExit
def odd(x): return object
def own(x):
    class SecretIs42(Exception): pass
    raise SecretIs42("x")
number = 3

class Counter:
    def __init__(self, start): self.count = start
    def step(self, by=1):
        self.count += by
        return self.count
    def __call__(self, x): return x + self.count
"""


@pytest.fixture
def student():
    return LocalSubmission(namespace_of(SOURCE), {"double": "double(x)"})


def test_a_call_gives_the_answer(student):
    assert student.double(np.ones(2)).tolist() == [2.0, 2.0]


def test_a_missing_name_is_undefined(student):
    with pytest.raises(Undefined, match=r"`softmax` is not defined\. Did its cell run\?"):
        student.softmax(1)


def test_a_name_that_is_no_function_says_what_it_is(student):
    with pytest.raises(Undefined, match=r"`number` is not a function: it is an int\."):
        student.number(1)


def test_a_wrong_signature_says_what_was_got_and_expected(student):
    with pytest.raises(Undefined, match=r"`double\(x\)` cannot be called.*too many.*It should be `double\(x\)`"):
        student.double(1, 2)


def test_a_stub_is_not_written_yet(student):
    with pytest.raises(StudentRaised, match=r"^`todo` is not written yet\.$"):
        student.todo(1)


def test_an_exception_names_type_text_cell_and_line(student):
    with pytest.raises(StudentRaised, match=r"`broken` raised KeyError: 'secret 1' \(cell 1, line 15\)") as caught:
        student.broken(1)
    assert caught.value.redacted == "`broken` raised KeyError (cell 1, line 15)."


def test_an_exception_type_of_the_students_own_is_not_named_for_a_hidden_check(student):
    with pytest.raises(StudentRaised) as caught:
        student.own(1)
    assert caught.value.redacted.startswith("`own` raised an exception (cell 1")


def test_an_exit_is_an_exception_like_any_other(student):
    with pytest.raises(StudentRaised, match="raised SystemExit"):
        student.rude(1)


def test_strictly_makes_an_overflow_an_error(student):
    with np.errstate(over="ignore"):
        assert np.isinf(student.overflow(1000.0))
    with pytest.raises(StudentRaised, match="FloatingPointError"):
        student.overflow.strictly(1000.0)


def test_the_arguments_can_be_seen_after_the_call(student):
    result, (after,) = student.in_place.observed(np.zeros(2))
    assert result.tolist() == after.tolist() == [1.0, 1.0]


def test_the_checks_own_array_stays_as_it_is(student):
    x = np.zeros(2)
    student.in_place(x)
    assert x.tolist() == [0.0, 0.0]


def test_many_calls_go_in_one_request(student):
    assert student.double.map([(1,), (2,), (3,)]) == [2, 4, 6]


def test_a_gradient_is_taken_through_the_students_torch_code(student):
    x, upstream = np.array([0.1, -0.4]), np.array([2.0, 3.0])
    (gradient,) = student.tanh.gradient((x,), wrt=(0,), upstream=upstream)
    np.testing.assert_allclose(gradient, upstream * (1 - np.tanh(x) ** 2))


def test_a_gradient_of_one_output_of_several(student):
    (gradient,) = student.two.gradient((np.array([2.0]),), wrt=(0,), output=1)
    assert gradient.tolist() == [12.0]


@pytest.mark.parametrize("name, said", [("detached", "carries no gradient"), ("double", "")])
def test_a_result_without_gradient_says_so(student, name, said):
    if said:
        with pytest.raises(StudentRaised, match=said):
            getattr(student, name).gradient((np.ones(2),), wrt=(0,))
    else:
        assert student.double.gradient((np.ones(2),), wrt=(0,))[0].tolist() == [2.0, 2.0]


def test_an_object_stays_with_the_student_and_keeps_its_state(student):
    counter = student.Counter(5)
    assert isinstance(counter, StudentObject)
    assert counter.step(by=2) == 7
    assert counter.count == 7
    assert counter(np.zeros(2)).tolist() == [7.0, 7.0]


def test_handles_answer_no_private_names(student):
    with pytest.raises(AttributeError):
        student.Counter(5).__dict__["x"]
    with pytest.raises(AttributeError):
        student.Counter(5)._private  # noqa: B018


def test_a_tensor_goes_to_the_student_as_a_tensor_and_comes_back_as_a_marked_array(student):
    result = student.tanh(torch.zeros(2))
    assert result.torch_dtype == "float32"
    assert result.tolist() == [0.0, 0.0]


def test_an_answer_that_cannot_cross_says_what_it_is():
    student = LocalSubmission({"f": lambda: np.array([object()])})
    with pytest.raises(StudentRaised, match="`f` returned an array of dtype object"):
        student.f()


def doubled_twice(x):
    return double(double(x))  # noqa: F821 - the student's


def test_a_probe_runs_with_the_students_names(student):
    assert student.run(doubled_twice, np.ones(2)).tolist() == [4.0, 4.0]


def test_an_exception_whose_text_raises_does_no_harm():
    source = "class E(ValueError):\n    def __str__(self): raise RuntimeError\ndef f(): raise E"
    with pytest.raises(StudentRaised, match="raised E"):
        LocalSubmission(namespace_of(source)).f()
