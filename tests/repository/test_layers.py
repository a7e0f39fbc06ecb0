"""A row of the house imports only from rows below it; the rows stand in pyproject.toml."""

import ast
import subprocess
import sys

import pytest

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


def imported_packages(path):
    """The top-level package of every import in a file, wherever it stands; `autograder.x` stays whole."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        found |= {name if name.startswith("autograder") else name.partition(".")[0] for name in names}
    return found


def test_a_row_imports_only_from_rows_below_it(repository):
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-logo", "--no-cache"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["errors", "verdict"])
def test_the_lowest_rows_import_only_the_standard_library(repository, module):
    assert imported_packages(repository / "autograder" / f"{module}.py") - sys.stdlib_module_names == set()


def test_what_runs_beside_the_student_needs_no_other_part_of_the_toolkit(repository):
    submission = repository / "autograder" / "submission"
    beside = {path.stem for path in submission.glob("_*.py")} | {"wire"}
    allowed = {"numpy", "torch", "IPython", "msgspec", "autograder.submission"} | {
        f"autograder.submission.{name}" for name in beside
    }
    assert imported_packages(submission / "_child.py") - sys.stdlib_module_names - allowed == set()
