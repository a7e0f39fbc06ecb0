"""Exact versions for the image: those that are installed here, so that what was tried here is what grades there."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from autograder.errors import CourseError

OLDEST_PYTHON = "3.11.0"
"""Of the images: Ubuntu 22.04 has it beside its own 3.10."""

IMAGE: Mapping[str, str] = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": OLDEST_PYTHON,
    "python_version": OLDEST_PYTHON.rpartition(".")[0],
    "sys_platform": "linux",
}
"""What markers in requirements are judged by, wherever the zip is made."""


def pinned(lines: Iterable[str]) -> list[str]:
    """These requirements and all that they need in turn, each in the version that is installed here: `numpy==2.4.6`.

    A package that is not installed here, or in a version that the image's Python cannot use, is asked for as the
    requirement has it. Raises CourseError if a line is no requirement.
    """
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(_parsed(line), "", True) for line in lines]
    while waiting:
        requirement, extra, asked_for = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({**IMAGE, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        installed = _installed(name)
        if installed is None:
            if asked_for:
                found[name] = f"{name}{requirement.specifier}"
            continue
        found[name] = f"{name}=={installed.version.partition('+')[0]}"  # "+cpu" names a build, not a version
        new = {(name, each) for each in ("", *requirement.extras)} - seen
        seen |= new
        waiting += [(_parsed(line), each, False) for line in installed.requires or [] for _, each in sorted(new)]
    return [found[name] for name in sorted(found)]


def _parsed(line: str) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise CourseError(f"`packages` has a line that is no requirement: {line!r} ({error})") from None


def _installed(name: str) -> importlib.metadata.Distribution | None:
    """What is installed under this name, if the image's Python can use it."""
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    needs = found.metadata.json.get("requires_python", "")
    return found if SpecifierSet(str(needs)).contains(OLDEST_PYTHON) else None
