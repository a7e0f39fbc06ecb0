"""An attack file as a notebook: its cells, with what every attacker brings along before them.

An attack is a Python script in cells (`# %%`). Its first lines say what it tries and what must hold:

    # Tries: to make every comparison of numpy's come out right.
    # Holds: only right answers earn points.
    # Points: 0

`# %% honest` is a cell with right answers, so that a spoilt submission may still show what it earned. Other headers:
`Slow: yes` runs into a clock; `Cells: 1` is how many cells must be reported as failed; `Silent: yes` ends before it can say what
it got hold of; `Otherwise: 5` is what it earns where it may not even do itself harm.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
FAMILIES = ("forge", "read", "leak", "break", "outlive", "spread")

HONEST = """
def scale(x, factor):
    return x * factor


def scale_backward(dout, x, factor):
    return dout * factor, (dout * x).sum(axis=0)
"""


@dataclass(frozen=True)
class Attack:
    """One attack file."""

    path: Path
    headers: dict[str, str]
    cells: tuple[str, ...]

    @property
    def name(self) -> str:
        """As in "forge-patched_numpy"."""
        return f"{self.family}-{self.path.stem}"

    @property
    def family(self) -> str:
        """The folder that it stands in."""
        return self.path.parent.name

    @property
    def points(self) -> float:
        """What it has honestly earned, of 10."""
        return float(self.headers["points"])

    @property
    def may_earn(self) -> set[float]:
        """The same, with what it earns on machines where less is allowed to it."""
        return {self.points, float(self.headers.get("otherwise", self.points))}

    @property
    def silent(self) -> bool:
        """Whether it ends before it can say what it got hold of."""
        return "silent" in self.headers

    @property
    def slow(self) -> bool:
        """Whether it runs into a clock."""
        return "slow" in self.headers


def read(path: Path) -> Attack:
    """The attack in a file. Raises ValueError if it does not say what it tries, what must hold, and what it earns."""
    parts = re.split(r"^# %%(.*)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    headers = {key.lower(): value.strip() for key, value in re.findall(r"^# (\w+): (.*)$", parts[0], re.MULTILINE)}
    missing = {"tries", "holds", "points"} - headers.keys()
    if missing:
        raise ValueError(f"{path} does not say {missing}")
    cells = [
        HONEST if kind.strip() == "honest" else source for kind, source in zip(parts[1::2], parts[2::2], strict=True)
    ]
    return Attack(path, headers, tuple(cells))


def attacks(*families: str) -> list[Attack]:
    """The attacks of these families, or of all."""
    return [read(path) for family in families or FAMILIES for path in sorted((FOLDER / family).glob("*.py"))]


def write(path: Path, cells: tuple[str, ...], targets: dict[str, str], token: str) -> None:
    """A notebook with the prelude and these cells."""
    prelude = (FOLDER / "prelude.py").read_text(encoding="utf-8")
    told = f"TARGETS, TOKEN = {targets!r}, {token!r}"
    prelude = re.sub(r"^TARGETS, TOKEN = .*$", lambda _: told, prelude, flags=re.MULTILINE)
    content = {
        "cells": [
            {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "outputs": [], "execution_count": None,
             "source": source}
            for number, source in enumerate((prelude, *cells))
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    path.write_text(json.dumps(content), encoding="utf-8")
