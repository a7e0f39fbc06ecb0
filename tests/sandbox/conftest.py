"""Running a function in a process of its own, bare or behind the layers."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import layers
from autograder.sandbox.available import become, in_child, probe
from autograder.verdict import Layer

ORDINARY_USER = 65_533

# The ordinary user of these tests may be unable to import what lies in root's home, as on machines with pyenv.
with contextlib.suppress(ImportError, RuntimeError):
    importlib.import_module("pyseccomp")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    linux_only = pytest.mark.skipif(sys.platform != "linux", reason="isolation layers are Linux's")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(linux_only)


@pytest.fixture
def in_process() -> Callable[[Callable[[], Any]], Any]:
    """Run a function in a forked process; gives its result, or fails with its traceback."""
    return _run


def _run(work: Callable[[], Any]) -> Any:
    def guarded() -> str:
        try:
            return json.dumps(work())
        except BaseException:
            raise AssertionError(traceback.format_exc()) from None

    worked, text = in_child(guarded)
    assert worked, text
    return json.loads(text)


@pytest.fixture
def scratch() -> Iterator[Path]:
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="chainrule-test-")))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


PROBED: dict[tuple[bool, frozenset[str]], tuple[Layer, ...]] = {}


class Stack:
    """All layers that there are for one kind of user, applied as in grading."""

    def __init__(self, *, ordinary: bool, scratch: Path) -> None:
        self.ordinary = ordinary
        self.scratch = scratch

    def can_read(self, path: str) -> bool:
        """Whether this user can read it, before any layer is applied."""

        def as_user() -> bool:
            if self.ordinary and os.geteuid() == 0:
                become(ORDINARY_USER, ORDINARY_USER)
            return os.access(path, os.R_OK)

        return bool(_run(as_user))

    def run(self, work: Callable[[], Any], *, off: frozenset[str] = frozenset(), **settings: Any) -> Any:
        """What `work` returns when a submission's process calls it."""
        return self.report(work, off=off, **settings)[1]

    def report(self, work: Callable[[], Any], *, off: frozenset[str] = frozenset(), **settings: Any) -> Any:
        """Which layers were active, and what `work` returned."""

        def outside() -> Any:
            if self.ordinary and os.geteuid() == 0:
                become(ORDINARY_USER, ORDINARY_USER)
            confinement = replace(layers.plan(self.probed(off), scratch=self.scratch, off=off), **settings)
            prebuilt = layers.prebuild(confinement)

            def supervisor() -> Any:
                entered = layers.enter_supervisor(confinement)

                def submission() -> Any:
                    confined = layers.confine(confinement, prebuilt)
                    return [[layer.name for layer in (*entered, *confined) if layer.active], work()]

                return _run(submission)

            return _run(supervisor)

        self.probed(off)
        return _run(outside)

    def probed(self, off: frozenset[str]) -> tuple[Layer, ...]:
        """What this user has on this machine; found out once."""

        def as_user() -> Any:
            if self.ordinary and os.geteuid() == 0:
                become(ORDINARY_USER, ORDINARY_USER)
            return [[layer.name, layer.active, layer.note] for layer in probe(off=off)]

        key = (self.ordinary, off)
        if key not in PROBED:
            PROBED[key] = tuple(Layer(*parts) for parts in _run(as_user))
        return PROBED[key]


@pytest.fixture(params=["root", "ordinary user"])
def stack(request: pytest.FixtureRequest, scratch: Path) -> Stack:
    ordinary = request.param == "ordinary user"
    if not ordinary and os.geteuid() != 0:
        pytest.skip("needs to be root")
    if ordinary and os.geteuid() == 0:
        os.chown(scratch, ORDINARY_USER, ORDINARY_USER)
    return Stack(ordinary=ordinary, scratch=scratch)


@pytest.fixture
def root_stack(scratch: Path) -> Stack:
    return Stack(ordinary=False, scratch=scratch)
