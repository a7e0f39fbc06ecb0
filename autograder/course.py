"""The course: a folder with `course.toml`, found as git finds its root.

The course secret keys the inputs of every check (`autograder.inputs`). It is made on first use, kept out of git in
`.chainrule/secret`, and readable by its owner alone.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import msgspec

from autograder.errors import CourseError

COURSE_FILE = "course.toml"
SECRET_FILE = Path(".chainrule") / "secret"
SYNTHETIC_PACKAGE = "chainrule_course"
"""The package name under which course files are loaded. Nothing of a course goes on `sys.path`."""

T = TypeVar("T")


class CourseSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`course.toml`."""

    title: str
    term: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """A course folder and its settings."""

    root: Path
    settings: CourseSettings

    def topics(self) -> list[str]:
        """Names of the topics: the folders of `assignments/` that hold a `topic.toml`, sorted."""
        return sorted(path.parent.name for path in (self.root / "assignments").glob("*/topic.toml"))

    def secret(self) -> bytes:
        """The key of every hidden input: made on first use, readable by its owner alone.

        Raises CourseError if the file is there but is not 32 bytes in hexadecimal.
        """
        path = self.root / SECRET_FILE
        try:
            text = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return _make_secret(path)
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise CourseError("expected 64 hexadecimal digits; delete the file to make a new secret", path=path)
        return key


def _make_secret(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(32)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process made it first
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key


def find_course(start: Path | None = None) -> Course:
    """The course at `start` if given, else at `$CHAINRULE_COURSE`, else at or above the working directory.

    Raises CourseError if there is no `course.toml`, or it is not valid.
    """
    given = start or (Path(os.environ["CHAINRULE_COURSE"]) if os.environ.get("CHAINRULE_COURSE") else None)
    if given is not None:
        candidates = [given.resolve()]
    else:
        here = Path.cwd().resolve()
        candidates = [here, *here.parents]
    for root in candidates:
        if (root / COURSE_FILE).is_file():
            return Course(root, read_toml(root / COURSE_FILE, CourseSettings))
    raise CourseError(
        f"no {COURSE_FILE} in {candidates[0]}" + ("" if given else " or above it") + "; name the course with --course"
    )


def read_toml(path: Path, kind: type[T]) -> T:
    """Read a TOML file into a msgspec Struct.

    Raises CourseError with file and key if it is missing, is not TOML, or has a wrong, missing or unknown key.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError("file is missing", path=path) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"not valid TOML: {error}", path=path) from None
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        message, _, key = str(error).partition(" - at ")
        raise CourseError(message, path=path, key=key.strip("`").removeprefix("$.") or None) from None


def load_module(path: Path, *names: str) -> ModuleType:
    """Load one course file as `chainrule_course.<names...>`, anew, without touching `sys.path`.

    The packages above it are made as needed, so that a file may import its neighbours relatively
    (`from .solution import sigmoid`). No byte code is written beside the source.

    Raises CourseError if the file is missing or raises while it is loaded.
    """
    if not path.is_file():
        raise CourseError("file is missing", path=path)
    full_name = _synthetic_package(path.parent, names[:-1]) + "." + names[-1]
    spec = importlib.util.spec_from_file_location(full_name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except CourseError:
        raise
    except Exception as error:
        raise CourseError(f"cannot be loaded: {type(error).__name__}: {error}", path=path) from error
    finally:
        sys.dont_write_bytecode = writes
    return module


def _synthetic_package(folder: Path, names: tuple[str, ...]) -> str:
    full_name = SYNTHETIC_PACKAGE
    for depth, name in enumerate(("", *names)):
        full_name = f"{full_name}.{name}" if name else full_name
        package = sys.modules.get(full_name)
        if package is None:
            package = sys.modules[full_name] = ModuleType(full_name)
        package.__path__ = [str(folder)] if depth == len(names) else []
    return full_name
