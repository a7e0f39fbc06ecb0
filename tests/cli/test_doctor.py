"""`chainrule doctor`: what this machine has, and what is missing."""

import importlib
import importlib.metadata
import platform

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.sandbox import available
from autograder.verdict import Layer


@pytest.fixture
def machine(monkeypatch):
    """Set which layers the machine has."""

    def has(*names):
        layers = tuple(Layer(name, name in names) for name in available.LAYERS)
        monkeypatch.setattr(available, "probe", lambda: layers)

    has("uid", "limits", "landlock", "seccomp")
    return has


def said(code):
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == code, done.output
    return done.output


def test_python_and_packages_are_shown_with_their_versions(machine):
    output = said(0)
    assert platform.python_version() in output
    assert importlib.metadata.version("torch") in output


def test_a_machine_with_everything_can_grade(machine):
    assert said(0).endswith("This machine can grade.\n")


def test_how_to_get_a_missing_layer_is_said(machine):
    machine("landlock", "seccomp")
    assert "no   uid\n" in said(0)
    assert f"to get it: {available.HOW_TO_GET['uid']}" in said(0)


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere this is a warning")
def test_a_machine_without_a_barrier_cannot_grade(machine):
    machine("limits")
    assert "missing: Submissions must not be run here" in said(1)


def test_a_missing_package_is_named_with_its_remedy(machine, monkeypatch):
    real = importlib.metadata.version

    def version(name):
        if name == "jupytext":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert "missing: jupytext: pip install jupytext" in said(1)


def test_a_missing_extra_is_no_fault(machine, monkeypatch):
    monkeypatch.setitem(importlib.import_module("autograder.cli.doctor").EXTRAS, "no-such-package", "does nothing")
    assert "no   no-such-package  does nothing" in said(0)
