"""`chainrule --help` answers at once: it loads nothing heavy."""

import subprocess
import sys

import click
import pytest

from autograder.cli import main

HEAVY = {"torch", "numpy", "IPython", "jinja2", "nbformat", "jupytext", "msgspec", "otter", "dask", "sklearn"}

REPORT_MODULES = """
import sys
from autograder.cli import main
try:
    main(sys.argv[1:], prog_name="chainrule")
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def modules_loaded_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", REPORT_MODULES, *arguments], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stderr.split())


def test_help_loads_nothing_heavy():
    assert modules_loaded_by("--help") & HEAVY == set()


@pytest.mark.parametrize("command", list(main.commands))
def test_help_of_a_command_loads_nothing_heavy(command):
    assert modules_loaded_by(command, "--help") & HEAVY == set()


@pytest.mark.parametrize("command", list(main.commands))
def test_every_command_and_option_has_help(command):
    of_command = main.commands[command]
    assert of_command.help
    without = [each.name for each in of_command.params if isinstance(each, click.Option) and not each.help]
    assert without == []
