"""Notebooks of made-up students, made of the topic's known answers; and hostile ones."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from autograder.notebook.handout import source_of, with_answers
from autograder.simulate.behaviour import Answer
from autograder.topic import KnownAnswer, Topic

HOSTILE: Mapping[str, str] = {
    "exit": "import os\n\nos._exit(0)",
    "loop": "while True:\n    pass",
    "fork": "import os\n\nfor _ in range(50):\n    os.fork()",
    "patch": "import builtins\n\n"
    "import numpy as np\nimport torch\n\n"
    "np.allclose = np.array_equal = lambda *_, **__: True\n"
    "np.testing.assert_allclose = torch.testing.assert_close = lambda *_, **__: None\n"
    "builtins.abs = builtins.max = lambda *_: 0.0\n"
    "for name in @NAMES@:\n    globals()[name] = lambda *_, **__: np.zeros(3)",
    "flood": 'print("x" * 10**8)\nnothing = bytearray(4 * 10**9)',
}
"""A cell that is put into a notebook to harm the grader, or to please it."""


class Notebooks:
    """Writes notebooks for one topic. Cutting known answers out of their files is done once for each."""

    def __init__(self, topic: Topic) -> None:
        """Nothing is read yet."""
        self.topic = topic

    def written(self, answers: Mapping[str, Answer], *, mark: str, hostile: str = "") -> bytes:
        """The notebook in which these answers stand, as the bytes of a file; `mark` makes it differ from all others.

        `hostile`: also a cell of this kind; "patch" after everything else, the others in the middle.
        """
        sources = {name: self._source(answer.known) for name, answer in answers.items() if answer.known is not None}
        filled = [name for name, answer in answers.items() if answer.kind != "blank"]
        notebook = with_answers(self.topic, sources, names=filled)
        if hostile:
            place = len(notebook.cells) if hostile == "patch" else len(notebook.cells) // 2
            code = HOSTILE[hostile].replace("@NAMES@", repr(list(self.topic.names)))
            notebook.cells.insert(place, _cell(code, "one-more-cell"))
        notebook.metadata["handed_in_by"] = mark
        return _bytes(notebook)

    @functools.cache  # noqa: B019 - lives as long as the command; cutting a source out takes 30 ms
    def _source(self, answer: KnownAnswer) -> str:
        return source_of(answer, self.topic)


def as_script(notebook: bytes) -> bytes:
    """The same notebook exported as a Python script, as Jupyter's menu does it."""
    import nbformat

    read: Any = nbformat.reads
    cells = [cell.source for cell in read(notebook.decode(), as_version=4).cells if cell.cell_type == "code"]
    parts = [f"# In[{number}]:\n\n\n{source}\n" for number, source in enumerate(cells, start=1)]
    return ("#!/usr/bin/env python\n# coding: utf-8\n\n" + "\n\n".join(parts)).encode()


def _cell(source: str, name: str) -> Any:
    from nbformat import v4

    new: Any = v4.new_code_cell
    cell = new(source)
    cell["id"] = name
    return cell


def _bytes(notebook: Any) -> bytes:
    import nbformat

    written: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return (written + "\n").encode()
