"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy and torch load their thread pools
os.environ.pop("CHAINRULE_COURSE", None)  # the developer's own course is none of the tests' business

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbformat import NotebookNode

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


@pytest.fixture
def execute() -> Callable[..., NotebookNode]:
    """`execute(notebook, folder)`: a copy of the notebook, run in a real Jupyter kernel that was started in `folder`.

    A cell that raises does not stop the rest. `without` names modules that cannot be imported there.
    """
    import nbformat
    from nbclient import NotebookClient

    def run(notebook: NotebookNode, folder: Path, without: tuple[str, ...] = ()) -> NotebookNode:
        running = nbformat.from_dict(notebook.copy())
        lines = ["import sys", *(f"sys.modules[{each!r}] = None" for each in without)]
        running.cells = [nbformat.v4.new_code_cell("\n".join(lines)), *running.cells]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Jupyter's own, about its own
            NotebookClient(
                running, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
            ).execute()
        return running

    return run
