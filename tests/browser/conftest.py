"""A student's machine: a fresh environment without this repository, JupyterLab in it, and a browser. For `make browser`."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.course import find_course
from autograder.notebook.handout import source_of, with_answers
from autograder.topic import load_topic

PLACE = os.environ.get("CHAINRULE_BROWSER")
"""Folder for the environment, which is kept, and for screenshots. Without it these tests are not collected."""
collect_ignore_glob = [] if PLACE else ["test_*.py"]

TOPIC = "attention"
TOKEN = "token-of-a-test"
QUIET = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # cells out of sight are in the page, too
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


@pytest.fixture(scope="session")
def place() -> Path:
    assert PLACE is not None
    folder = Path(PLACE).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def topic(repository_root: Path):
    return load_topic(find_course(repository_root), TOPIC)


@pytest.fixture(scope="session")
def repository_root() -> Path:
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def homework(topic, repository_root, tmp_path_factory) -> Path:
    """The zip that `chainrule build` writes, unpacked in a folder with a space in its name.

    The second question is answered wrongly, the first and the ninth not at all, the others rightly.
    """
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "autograder.cli", "build", TOPIC, "--for", "student", "-o", str(out)]
    subprocess.run(command, cwd=repository_root, check=True, capture_output=True)
    folder = tmp_path_factory.mktemp("student") / "my homework"
    with zipfile.ZipFile(out / TOPIC / f"{TOPIC}-student.zip") as archive:
        archive.extractall(folder)
    mistake = next(each for each in topic.mistakes if each.id == "scale_forgotten")
    open_questions = {"sdpa_forward", "attention_cost"}
    answered = with_answers(topic, {mistake.of: source_of(mistake, topic)}, names=set(topic.names) - open_questions)
    path = folder / TOPIC / f"{TOPIC}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell, filled in zip(notebook.cells, answered.cells, strict=True):
        cell.source = filled.source
    nbformat.write(notebook, path)
    return folder / TOPIC


@pytest.fixture(scope="session")
def environment(place, homework, repository_root) -> Path:
    """What the package's README says: an environment with its requirements, and JupyterLab."""
    folder = place / "venv"
    wanted = (homework / "requirements.txt").read_text(encoding="utf-8")
    done = folder / "requirements.txt"
    if not (done.is_file() and done.read_text(encoding="utf-8") == wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "-c", str(repository_root / "constraints.txt")]
        subprocess.run([*pip, "-r", str(homework / "requirements.txt"), "jupyterlab"], check=True, capture_output=True)
        done.write_text(wanted, encoding="utf-8")
    settings = folder / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(QUIET), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def lab(environment, homework, tmp_path_factory):
    """Address of JupyterLab, started in the folder above the package, with its token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    log = home / "jupyter.log"
    command = [environment / "bin" / "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}",
               "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]  # fmt: skip
    inherited = {"PATH": f"{environment / 'bin'}:/usr/bin:/bin", "HOME": str(home), "OMP_NUM_THREADS": "1"}
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=homework.parent, env=inherited, stdout=output, stderr=output)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api").close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None, log.read_text()
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/lab/tree/{TOPIC}/{TOPIC}.ipynb?token={TOKEN}"
    finally:
        server.terminate()  # which ends its kernels, too
        server.wait()


@pytest.fixture(scope="session")
def page(lab):
    """The notebook, open in Chromium."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed (on Debian: apt install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 1100})
        opened.set_default_timeout(300_000)
        opened.goto(lab)
        opened.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        opened.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        yield opened
        browser.close()
