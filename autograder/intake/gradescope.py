"""Gradescope's `submission_metadata.yml`: who handed in what, and when.

Beside that it holds every result of every submission: megabytes of YAML, which take seconds to parse and say nothing here. They are
left out before parsing, line by line, as Gradescope lays the file out; a file that is laid out otherwise is parsed whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autograder.errors import CourseError

METADATA = "submission_metadata.yml"
METADATA_MIB = 1024
"""It grows with the class, and nobody but Gradescope writes it."""
WANTED = {"submitters", "created_at"}
_KEY = re.compile(r"^  :?([\w-]+):")


def read_metadata(text: str) -> dict[str, dict[Any, Any]]:
    """Submission -> what is known of it: ":submitters", ":created_at", ":history". Raises CourseError if it cannot be read."""
    try:
        content = _parse("".join(_short(text)))
    except CourseError:
        content = None
    if not isinstance(content, dict) or not any(isinstance(value, dict) for value in content.values()):
        content = _parse(text)
    if not isinstance(content, dict):
        raise CourseError("does not say who handed in what; is it Gradescope's?", path=METADATA)
    return {str(key): value if isinstance(value, dict) else {} for key, value in content.items()}


def _short(text: str) -> Iterator[str]:
    """The lines that say who and when; of earlier attempts no more than how many there are."""
    key = ""
    for line in text.splitlines(keepends=True):
        if line[:1].strip():  # a submission, or the document's own mark
            key = "submitters"
        elif match := _KEY.match(line):
            key = match[1]
            if key == "history":
                yield line
                continue
        if key in WANTED:
            yield line
        elif key == "history" and line.startswith("  - "):
            yield "  - 0\n"


def _parse(text: str) -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Plain values, whatever Ruby class a tag names."""

    def plain(loader: Any, _tag: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", plain)
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CourseError(f"cannot be read as YAML: {' '.join(str(error).split())[:200]}", path=METADATA) from None
