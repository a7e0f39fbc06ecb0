"""`chainrule doctor`: what this machine has, and what is missing."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator

import click

NEEDED_PYTHON = (3, 11)
EXTRAS = {
    "otter-grader": "runs `grader.check` in students' notebooks, where a light checker does without it",
}
"""Packages that are not needed to grade, and what they are for."""


@click.command(short_help="Say what this machine has and lacks.")
def doctor() -> None:
    """Say what this machine has, and what is missing and how to get it.

    Python, the versions of the packages, and the isolation layers that keep a submission from the secrets: each
    is tried out, not looked up. Ends with code 1 if something is missing without which nothing can be graded here.
    """
    faults = [*_python(), *_packages(), *_isolation()]
    click.echo()
    for fault in faults:
        click.echo(click.style("missing: ", fg="red") + fault)
    if faults:
        raise SystemExit(1)
    click.echo("This machine can grade.")


def _python() -> Iterator[str]:
    click.echo(f"Python {platform.python_version()} on {platform.platform(terse=True)}")
    if sys.version_info < NEEDED_PYTHON:
        yield "Python 3.11 or newer: https://www.python.org/downloads/"


def _packages() -> Iterator[str]:
    click.echo("\nPackages")
    for name in _requirements():
        version = _installed(name)
        _row(version is not None, name, version or "")
        if version is None:
            yield f"{name}: pip install {name}"
    for name, purpose in EXTRAS.items():
        version = _installed(name)
        _row(version is not None, name, version or purpose)


def _requirements() -> list[str]:
    """Names of the packages that the installed distribution needs on this machine."""
    try:
        lines = importlib.metadata.requires("chainrule") or []
    except importlib.metadata.PackageNotFoundError:  # run from a folder that was never installed
        lines = ["click", "ipython", "jupytext", "msgspec", "nbformat", "numpy", "torch"]
    always = [line for line in lines if "extra ==" not in line and ("linux" not in line or sys.platform == "linux")]
    return sorted(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in always)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _isolation() -> Iterator[str]:
    from autograder.errors import IsolationError
    from autograder.sandbox.available import doctor_lines, probe, required

    click.echo("\nIsolation layers")
    layers = probe()
    for layer, remedy in doctor_lines(layers):
        _row(layer.active, layer.name, layer.note)
        if remedy:
            click.echo(f"{'':<21}to get it: {remedy}")
    try:
        warning = required("default", layers)
    except IsolationError as error:
        yield str(error)
    else:
        if warning:
            click.echo(click.style(warning, fg="yellow"))


def _row(good: bool, name: str, note: str) -> None:
    mark = click.style("yes", fg="green") if good else click.style("no ", fg="yellow")
    click.echo(f"  {mark}  {name:<14}  {note}".rstrip())
