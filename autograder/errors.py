"""Whose fault it is, told by the type of the exception.

::

    ChainruleError
    ├── CourseError            staff: a broken course, topic, check or roster; names file and key
    ├── StudentError           the submission: costs the check it happens in, and nothing else
    │   ├── UnreadableNotebook   the file cannot be read as a notebook
    │   ├── CheckFailed          a comparison found a difference
    │   ├── Undefined            a name is missing, or is not what it should be
    │   ├── StudentRaised        the student's code raised
    │   ├── LimitExceeded        time, memory, output or message size
    │   └── SubmissionDied       the process that ran it is gone, or talks nonsense
    └── GraderError            us: the check is "not graded", and never counted
        └── IsolationError       a required isolation layer is missing on this machine

Inner code raises the bare fact; one outer place (grading, the command line) adds the context.
"""

from __future__ import annotations

from pathlib import Path


class ChainruleError(Exception):
    """Any error that Chainrule raises on purpose."""


class CourseError(ChainruleError):
    """A course, topic or check is broken: staff must mend it before anything is graded."""

    def __init__(self, message: str, *, path: Path | str | None = None, key: str | None = None) -> None:
        where = ": ".join(str(part) for part in (path, key) if part is not None)
        super().__init__(f"{where}: {message}" if where else message)
        self.path = path
        self.key = key


class GraderError(ChainruleError):
    """Something on our side went wrong: the check is not graded."""


class IsolationError(GraderError):
    """A required isolation layer is missing, so a submission must not be run here."""


class StudentError(ChainruleError):
    """The submission is at fault.

    `message` may quote what the student's code returned or raised and what was expected.
    `redacted` is what the student may read when the check is hidden: without the values of hidden
    inputs and expected results, and without text that the student's code chose (a message of their
    own exception could carry a hidden input out). It defaults to `message`, so give it whenever
    `message` quotes a value.
    """

    def __init__(self, message: str, *, redacted: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.redacted = message if redacted is None else redacted
        self.hint = hint


class UnreadableNotebook(StudentError):
    """The submitted file cannot be read as a notebook."""


class CheckFailed(StudentError):
    """A comparison found a difference between the student's answer and the right one."""


class Undefined(StudentError):
    """A name that the topic asks for is missing, or is not callable in the way that was asked for."""


class StudentRaised(StudentError):
    """The student's code raised an exception.

    `exception` is the name of a built-in or library exception type, or "an exception" for any other.
    """

    def __init__(
        self, message: str, *, exception: str = "an exception", redacted: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, redacted=redacted, hint=hint)
        self.exception = exception


class LimitExceeded(StudentError):
    """The submission used more time, memory, output or message size than it may."""


class SubmissionDied(StudentError):
    """The process that ran the submission is gone, or answers with something that is no answer."""
