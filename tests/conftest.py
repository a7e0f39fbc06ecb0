"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy and torch load their thread pools
os.environ.pop("CHAINRULE_COURSE", None)  # the developer's own course is none of the tests' business

import hypothesis
import pytest

REPOSITORY = Path(__file__).parent.parent

# No test depends on how fast the machine is. Examples are drawn anew in each run; a failing one is printed.
hypothesis.settings.register_profile("chainrule", deadline=None, print_blob=True)
hypothesis.settings.load_profile("chainrule")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("root") and (not hasattr(os, "geteuid") or os.geteuid() != 0):
        pytest.skip("needs to be root")


@pytest.fixture
def repository() -> Path:
    """The root of this repository."""
    return REPOSITORY


@pytest.fixture
def tiny_course(tmp_path: Path) -> Path:
    """A copy of the tiny course, with its one topic `scale`; tests may change it."""
    return Path(shutil.copytree(REPOSITORY / "tests" / "courses" / "tiny", tmp_path / "course"))
