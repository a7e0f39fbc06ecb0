"""A topic whose checks each end in another way, graded without a sandbox."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.grading import Grader, Keys
from autograder.recognise import KnownAnswers
from autograder.reference import Reference
from autograder.submission.local import LocalSubmission, namespace_of
from autograder.topic import Topic

FILES = {
    "course.toml": 'title = "Ends"\n',
    "assignments/ends/topic.toml": """
title = "Ends"
summary = "How checks end."
[[question]]
id = "q1"
title = "A square"
points = 4
names = ["square"]
[[question]]
id = "q2"
title = "A sum of squares"
points = 3
names = ["sum_of_squares"]
uses = ["square"]
""",
    "assignments/ends/notebook.md": '''
# Ends

```python
def square(x):
    """x times x, and x itself."""
    raise NotImplementedError("q1")
```

```python
grader.check("q1")
```

```python
def sum_of_squares(x):
    """The sum."""
    raise NotImplementedError("q2")
```

```python
grader.check("q2")
```
''',
    "assignments/ends/checks.py": '''
from autograder import inputs
from autograder.checks import check
from autograder.compare import assert_close

@check("q1", points=1)
def public_value_is_right(student, reference, rng):
    """square gives the square, for a public number."""
    x = inputs.normal(rng, (3,))
    y, _ = student.square(x)
    assert_close(y, reference.square(x), what="square(x)")
''',
    "reference/ends/reference.py": "def square(x): return x * x\ndef sum_of_squares(x): return (x * x).sum()\n",
    "reference/ends/hidden.py": '''
from autograder import inputs
from autograder.checks import check
from autograder.compare import assert_close

@check("q1", points=2, repeat=3)
def hidden_value_is_right(student, reference, rng):
    """square gives the square."""
    x = inputs.normal(rng, (5,))
    y, same = student.square(x)
    assert_close(y, reference.square(x), what="square(x)")

@check("q1", points=1)
def broken(student, rng):
    """This check divides by zero, whoever answers."""
    student.square(rng.normal(size=2))
    if BROKEN:
        1 / 0

@check("q2", points=3)
def sum_is_right(student, reference, rng):
    """sum_of_squares gives the sum of the squares."""
    x = inputs.normal(rng, (4,))
    assert_close(student.sum_of_squares(x), reference.sum_of_squares(x), what="sum_of_squares(x)")

BROKEN = False
''',
    "solutions/ends/solution.py": """
def square(x):
    return x * x, x

def sum_of_squares(x):
    return square(x)[0].sum()
""",
    "solutions/ends/mistakes.py": """
from autograder.topic import mistake

@mistake(of="square", caught_by="hidden_value_is_right", hint="That is twice the number, not the number twice.")
def doubled(x):
    return 2 * x, x

@mistake(of="sum_of_squares", caught_by="sum_is_right", hint="A mean is not a sum.")
def averaged(x):
    return square(x)[0].mean()
""",
}  # fmt: skip


def write(root: Path) -> Path:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"))
    return root


@pytest.fixture
def course(tmp_path):
    return write(tmp_path / "course")


@pytest.fixture
def grader(course):
    topic = Topic(find_course(course), "ends")
    topic.validate()
    return Grader(topic, Reference(topic.module("reference")), KnownAnswers(topic))


@pytest.fixture
def verdicts(grader):
    """`verdicts(source)`: check name -> CheckResult for a submission with this source."""

    def grade(source: str, *, secret: bytes = b"secret", submission: str = "", refused=None):
        @contextmanager
        def open_submission(seed, cpu_s, right):
            namespace = namespace_of(source)
            namespace |= {name: grader.known.solution[name] for name in right}
            yield LocalSubmission(namespace, grader.topic.signatures)

        questions = grader.check_all(Keys(secret, "ends", submission), open_submission, refused or {})
        return {check.name: check for question in questions for check in question.checks}

    return grade
