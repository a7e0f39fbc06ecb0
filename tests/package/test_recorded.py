"""Recorded answers: what goes in comes out, and nothing else is answered."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.errors import CourseError, GraderError
from autograder.package.plain import Store, plain, same, value_of
from autograder.package.recorded import Answers, Asked, RecordedReference, Recording
from autograder.package.student import record
from autograder.reference import Reference
from autograder.submission.local import LocalSubmission

X, FACTOR = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 100.0])

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | st.text()
    | st.complex_numbers(allow_nan=False, allow_infinity=False)
    | hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128]),
        hnp.array_shapes(min_dims=0, min_side=0, max_side=3),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def answers_about_scale(topic, folder, *calls):
    """A recording of these calls, written and read again, as the reference of one check."""
    answers = Answers()

    def run(reference):
        for call in calls:
            call(reference)

    answers.note("a_check", 0, np.random.Generator(np.random.PCG64(1)), run, Reference(topic.module("reference")))
    for name, content in answers.files().items():
        (folder / name).write_bytes(content)
    return Answers.read(folder).reference("a_check", 0)


class TestPlain:
    @settings(deadline=None)
    @given(VALUES)
    def test_a_value_comes_back_from_json_and_npz_as_it_was(self, value):
        store = Store()
        tree = store.tree(plain(value))
        with np.load(io.BytesIO(store.npz()), allow_pickle=False) as stored:
            back = value_of(tree, dict(stored.items()))
        assert repr(back) == repr(plain(value))

    def test_equal_arrays_are_kept_once(self):
        store = Store()
        store.tree([np.ones(3), np.ones(3), np.ones(3, dtype=np.float32)])
        assert len(store.arrays) == 2

    def test_an_object_cannot_be_recorded(self):
        with pytest.raises(CourseError, match="an object of type Generator, which cannot be recorded"):
            plain((1, np.random.default_rng(0)))

    @pytest.mark.parametrize(
        "one, other, equal",
        [
            (X, X.copy(), True),
            (X, X * (1 + 1e-12), True),
            (X, X * (1 + 1e-6), False),
            (X, X.T, False),
            (X, X[:1], False),
            (np.zeros(2), np.zeros((2, 1)), False),
            (np.array([np.nan]), np.array([np.nan]), True),
            (np.array([1, 2]), np.array([1, 3]), False),
            (np.float64(2), 2.0, True),
            (2, 2.0, True),
            (1, True, False),
            ("mean", "sum", False),
            ((1, [2.0]), (1, [2.0]), True),
            ({"a": 1}, {"b": 1}, False),
            (None, 0, False),
        ],
    )
    def test_values_are_the_same_up_to_the_last_digits(self, one, other, equal):
        assert same(one, other) is equal


class TestReplay:
    def test_a_recorded_call_is_answered(self, topic, tmp_path):
        reference = answers_about_scale(topic, tmp_path, lambda reference: reference.scale(X, FACTOR))
        np.testing.assert_array_equal(reference.scale(X, FACTOR), [[10.0, 200.0], [30.0, 400.0]])

    def test_a_recorded_gradient_is_answered(self, topic, tmp_path):
        def ask(reference):
            return reference.scale.gradient((X, FACTOR), wrt=(1,), upstream=np.ones((2, 2)))

        (gradient,) = ask(answers_about_scale(topic, tmp_path, ask))
        np.testing.assert_array_equal(gradient, [4.0, 6.0])

    def test_parameters_are_known(self, topic, tmp_path):
        reference = answers_about_scale(topic, tmp_path, lambda reference: reference.scale(X, FACTOR))
        assert reference.scale.parameters == ("x", "factor")

    def test_other_inputs_are_not_answered(self, topic, tmp_path):
        reference = answers_about_scale(topic, tmp_path, lambda reference: reference.scale(X, FACTOR))
        with pytest.raises(GraderError, match="the right value of `scale` at these numbers is not in this package"):
            reference.scale(X + 1, FACTOR)

    def test_a_call_does_not_answer_for_a_gradient(self, topic, tmp_path):
        reference = answers_about_scale(topic, tmp_path, lambda reference: reference.scale(X, FACTOR))
        with pytest.raises(GraderError):
            reference.scale.gradient((X, FACTOR), wrt=(0,))

    @pytest.mark.parametrize("function, kind", [("shift", "call"), ("scale", "gradient")])
    def test_another_question_at_the_same_inputs_is_not_answered(self, function, kind):
        reference = RecordedReference([Asked("scale", "call", (X,), {}, X)], {})
        assert reference.answer("scale", "call", (X,), {}) is not None
        with pytest.raises(GraderError):
            reference.answer(function, kind, (X,), {})

    def test_calls_are_answered_in_any_order_and_again(self, topic, tmp_path):
        reference = answers_about_scale(
            topic, tmp_path, lambda reference: reference.scale(X, FACTOR), lambda reference: reference.scale(-X, FACTOR)
        )
        assert [reference.scale(sign * X, FACTOR)[0, 0] for sign in (-1, 1, 1, -1)] == [-10.0, 10.0, 10.0, -10.0]

    def test_an_answer_that_is_modified_does_not_change_the_recording(self, topic, tmp_path):
        reference = answers_about_scale(topic, tmp_path, lambda reference: reference.scale(X, FACTOR))
        reference.scale(X, FACTOR)[...] = 0
        assert reference.scale(X, FACTOR)[0, 0] == 10.0

    def test_an_input_that_the_check_modifies_later_is_recorded_as_it_was(self, topic):
        recording = Recording(Reference(topic.module("reference")))
        x = X.copy()
        recording.scale(x, FACTOR)
        x[...] = 0
        np.testing.assert_array_equal(recording.asked[0].args[0], X)


class TestTopic:
    def test_the_generator_gives_the_same_inputs_again(self, topic, tmp_path):
        seen = []
        check = topic.public_checks[1]
        answers = record(topic)
        for name, content in answers.files().items():
            (tmp_path / name).write_bytes(content)
        for repeat in range(2):
            rng = Answers.read(tmp_path).rng(check.name, repeat)
            seen.append(rng.standard_normal())
            assert seen[-1] == answers.rng(check.name, repeat).standard_normal()
        assert seen[0] != seen[1]

    def test_the_solution_passes_every_public_check_against_the_recording(self, topic):
        answers = record(topic)
        for check in topic.public_checks:
            for repeat in range(check.repeat):
                student = LocalSubmission(dict(vars(topic.module("solution"))))
                rng = answers.rng(check.name, repeat)
                check(student=student, reference=answers.reference(check.name, repeat), rng=rng)

    def test_a_solution_that_fails_a_public_check_stops_the_build(self, topic):
        path = topic.path("solution")
        path.write_text(path.read_text(encoding="utf-8").replace("return x * factor", "return x + factor"))
        with pytest.raises(CourseError, match="worked_example_is_right: cannot be recorded with the solution"):
            record(topic)

    def test_the_files_are_the_same_bytes_every_time(self, topic):
        assert record(topic).files() == record(topic).files()

    def test_a_damaged_recording_is_our_fault(self, tmp_path, topic):
        for name, content in record(topic).files().items():
            (tmp_path / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(GraderError, match=r"the recorded answers in .* cannot be read"):
            Answers.read(tmp_path)

    def test_arrays_are_stored_without_pickle(self, topic):
        files = record(topic).files()
        with zipfile.ZipFile(io.BytesIO(files["recorded.npz"])) as archive:
            assert all(b"'|O'" not in archive.read(name)[:128] for name in archive.namelist())
