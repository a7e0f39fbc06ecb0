"""Recorded answers: the reference as public checks asked it when the package was built, replayed in a student's notebook.

A student package has public checks but no reference. Each public check is run once with the solution, and every question
that it asks of the reference is kept with its inputs and its answer: arrays in an .npz file without pickle, the rest as
JSON. Replayed, a question is answered only if its inputs are those of the recording.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import CourseError, GraderError
from autograder.package.plain import Store, plain, same, value_of

INDEX = "recorded.json"
ARRAYS = "recorded.npz"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the reference, and its answer."""

    function: str
    kind: str
    """"call" or "gradient"."""
    args: Any
    options: Any
    answer: Any


@dataclass(slots=True)
class Recording:
    """Stands in for the reference while a package is built, and notes what it is asked."""

    reference: Any
    asked: list[Asked] = field(default_factory=list)
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> RecordingFunction:
        """The reference's function `name`, with a note of each call."""
        if name.startswith("_"):
            raise AttributeError(name)
        function = getattr(self.reference, name)
        self.parameters[name] = tuple(function.parameters)
        return RecordingFunction(name, function, self.asked)


@dataclass(slots=True)
class RecordingFunction:
    """One function of the reference, with a note of each call."""

    name: str
    function: Any
    asked: list[Asked]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(self.function.parameters)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The right answer."""
        given = plain(args), plain(kwargs)  # before the call, which must not modify them, but might
        return self._noted("call", *given, self.function(*args, **kwargs))

    def gradient(self, args: Sequence[Any], **options: Any) -> Any:
        """The right gradients."""
        given = plain(tuple(args)), plain(options)
        return self._noted("gradient", *given, self.function.gradient(args, **options))

    def _noted(self, kind: str, args: Any, options: Any, answer: Any) -> Any:
        self.asked.append(Asked(self.name, kind, args, options, plain(answer)))
        return answer


@dataclass(slots=True)
class RecordedReference:
    """The reference of one run of one check, as it was recorded: the same surface as the real one."""

    asked: Sequence[Asked]
    parameters: Mapping[str, tuple[str, ...]]
    position: int = 0

    def __getattr__(self, name: str) -> RecordedFunction:
        """The recorded function `name`."""
        if name.startswith("_"):
            raise AttributeError(name)
        return RecordedFunction(name, self)

    def answer(self, function: str, kind: str, args: Any, options: Any) -> Any:
        """What was answered to this question: the next one in order, or else any that is the same.

        Raises GraderError if it was never asked.
        """
        order = [*range(self.position, len(self.asked)), *range(self.position)]
        for number in order:
            each = self.asked[number]
            if (each.function, each.kind) == (function, kind) and same((each.args, each.options), (args, options)):
                self.position = number + 1
                return plain(each.answer)
        raise GraderError(
            f"the right value of `{function}` at these numbers is not in this package: they follow from your answer, "
            "and the answer that was recorded led to others"
        )


@dataclass(slots=True)
class RecordedFunction:
    """One function of the reference, as far as it was recorded."""

    name: str
    reference: RecordedReference

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(self.reference.parameters.get(self.name, ()))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The right answer, if these inputs were recorded."""
        return self.reference.answer(self.name, "call", plain(args), plain(kwargs))

    def gradient(self, args: Sequence[Any], **options: Any) -> Any:
        """The right gradients, if these inputs were recorded."""
        return self.reference.answer(self.name, "gradient", plain(tuple(args)), plain(options))


@dataclass(slots=True)
class Answers:
    """Everything that was recorded for a topic: (check, repeat) -> what was asked; and names of parameters."""

    asked: dict[tuple[str, int], list[Asked]] = field(default_factory=dict)
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    generators: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    """The state of the check's `rng` at its start."""

    def reference(self, check: str, repeat: int) -> RecordedReference:
        """What this run of this check sees as `reference`."""
        return RecordedReference(self.asked.get((check, repeat), []), self.parameters)

    def rng(self, check: str, repeat: int) -> np.random.Generator:
        """The generator that gives this run of this check the inputs of the recording."""
        generator = np.random.PCG64()
        state: Any = self.generators[check, repeat]
        generator.state = state
        return np.random.Generator(generator)

    def note(
        self, check: str, repeat: int, rng: np.random.Generator, run: Callable[[Recording], None], reference: Any
    ) -> None:
        """Run a check once, with `run(reference)`, and keep what it asks."""
        self.generators[check, repeat] = dict(rng.bit_generator.state)
        recording = Recording(reference)
        run(recording)
        self.asked[check, repeat] = recording.asked
        self.parameters |= recording.parameters

    def files(self) -> dict[str, bytes]:
        """The recording as files, always the same bytes for the same answers."""
        store = Store()
        runs = [
            {
                "check": check,
                "repeat": repeat,
                "rng": _generator_as_text(self.generators[check, repeat]),
                "asked": [
                    [each.function, each.kind, store.tree(each.args), store.tree(each.options), store.tree(each.answer)]
                    for each in self.asked[check, repeat]
                ],
            }
            for check, repeat in self.generators
        ]
        index = {"parameters": {name: list(names) for name, names in sorted(self.parameters.items())}, "runs": runs}
        return {INDEX: (json.dumps(index, indent=1) + "\n").encode(), ARRAYS: store.npz()}

    @classmethod
    def read(cls, folder: Path) -> Answers:
        """The recording in a folder. Raises GraderError if it is not there, or not whole."""
        try:
            index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            with np.load(folder / ARRAYS, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            answers = cls(parameters={name: tuple(names) for name, names in index["parameters"].items()})
            for run in index["runs"]:
                key = run["check"], run["repeat"]
                answers.generators[key] = _generator_of_text(run["rng"])
                answers.asked[key] = [
                    Asked(function, kind, *(value_of(tree, arrays) for tree in trees))
                    for function, kind, *trees in run["asked"]
                ]
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise GraderError(
                f"the recorded answers in {folder} cannot be read ({type(error).__name__}: {error})"
            ) from None
        return answers


def _generator_as_text(state: Mapping[str, Any]) -> dict[str, Any]:
    """PCG64's state has integers of 128 bits: as text, since other readers of JSON have none."""
    if state.get("bit_generator") != "PCG64":
        raise CourseError(f"expected a generator of type PCG64, got {state.get('bit_generator')}")
    inner = state["state"]
    return {
        "state": hex(inner["state"]),
        "inc": hex(inner["inc"]),
        "has_uint32": int(state["has_uint32"]),
        "uinteger": int(state["uinteger"]),
    }


def _generator_of_text(text: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "bit_generator": "PCG64",
        "state": {"state": int(text["state"], 16), "inc": int(text["inc"], 16)},
        "has_uint32": text["has_uint32"],
        "uinteger": text["uinteger"],
    }
