"""Grading every attack through the real command line, once for each kind of machine."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from autograder.report import FORMATS
from autograder.report import json as report_json
from autograder.sandbox import users
from autograder.sandbox.available import FIRST_UID
from autograder.verdict import Report

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("attack_notebooks", HERE / "notebooks.py")
assert _spec is not None and _spec.loader is not None
notebooks = sys.modules["attack_notebooks"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(notebooks)
TINY = HERE.parent / "courses" / "tiny"
FORMATS_ASKED = "json,text,html,gradescope,github,annotations"
SEEN_BY_STUDENTS = [FORMATS[name].filename for name in FORMATS_ASKED.split(",") if FORMATS[name].audience == "student"]
LIMITS = """
[limits]
cell_cpu_s = 3
run_cpu_s = 30
check_cpu_s = 1
wall_factor = 1.5
"""
NAMESPACES = ("net_namespace", "ipc_namespace", "pid_namespace", "mount_namespace")
TRACES = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue", str(Path.home()))


@dataclass(frozen=True)
class Machine:
    """A kind of machine to grade on."""

    name: str
    without: tuple[str, ...] = ()
    uid: int = 0
    opened: bool = False
    """Whether it takes `launch.py`: the interpreter must be open to other users."""


MACHINES = {
    machine.name: machine
    for machine in (
        Machine("everything"),
        Machine("container", NAMESPACES, opened=True),
        Machine("container without Landlock", (*NAMESPACES, "landlock"), opened=True),
        Machine("ordinary user without namespaces", NAMESPACES, uid=65_432, opened=True),
        Machine("no barrier at all", (*NAMESPACES, "landlock", "uid")),
    )
}


@dataclass
class Class:
    """A course, submissions to it, and what became of them."""

    folder: Path
    machine: Machine
    token: str = field(default_factory=lambda: f"atk{secrets.token_hex(5)}")
    canaries: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    done: list[subprocess.CompletedProcess[str]] = field(default_factory=list)
    uids: set[int] = field(default_factory=set)
    alive: list[str] = field(default_factory=list)
    """Processes of the submissions that were still there a little after the grader had ended."""
    before: dict[str, str] = field(default_factory=dict)
    """Digests of the files that no submission may change."""

    @property
    def course(self) -> Path:
        return self.folder / "course"

    def make(self) -> None:
        """The tiny course, with a canary in everything that is secret."""
        shutil.copytree(TINY, self.course)
        toml = self.course / "assignments" / "scale" / "topic.toml"
        uses = 'names = ["scale"]\nuses = ["scale_backward"]'  # so that there are right answers on loan
        toml.write_text(toml.read_text().replace('names = ["scale"]', uses) + LIMITS)
        for name in ("reference/scale/reference.py", "reference/scale/hidden.py", "solutions/scale/solution.py"):
            self._plant(name, Path(name).stem, '\nCANARY = "{}"\n')
        (self.course / ".chainrule").mkdir(mode=0o700, exist_ok=True)
        self.canaries["secret"] = secrets.token_hex(32)
        (self.course / ".chainrule" / "secret").write_text(self.canaries["secret"])
        self._plant("out/earlier/report.json", "results", '{{"points": 7, "canary": "{}"}}')
        self._plant("submissions/neighbour.ipynb", "neighbour", '{{"cells": [], "canary": "{}"}}')
        self.canaries["environment"] = f"canary-{secrets.token_hex(8)}"
        (self.folder / "tmp").mkdir(mode=0o711)
        self.folder.chmod(0o711)
        self.course.chmod(0o711)  # what is public may be read, where nothing but the user id stands in the way
        for secret in ("reference", "solutions", ".chainrule", "out", "submissions"):
            (self.course / secret).chmod(0o700)

    def _plant(self, place: str, name: str, text: str) -> None:
        self.canaries[name] = f"canary-{secrets.token_hex(8)}"
        path = self.course / place
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(text.format(self.canaries[name]))

    @property
    def targets(self) -> dict[str, str]:
        course = self.course
        return {
            "course": str(course),
            "reference": str(course / "reference/scale/reference.py"),
            "hidden": str(course / "reference/scale/hidden.py"),
            "solution": str(course / "solutions/scale/solution.py"),
            "secret": str(course / ".chainrule/secret"),
            "results": str(course / "out/earlier/report.json"),
            "neighbour": str(course / "submissions/neighbour.ipynb"),
            "out": str(course / "out"),
            "tmp": str(self.folder / "tmp"),
            "home": str(Path.home()),
        }

    def grade(self, notebooks: Sequence[Path], *, jobs: int = 2) -> None:
        """Through the command line, as on this machine."""
        machine = self.machine
        if machine.uid:
            for path in [self.folder, *self.folder.rglob("*")]:
                os.chown(path, machine.uid, machine.uid, follow_symlinks=False)
        command = [sys.executable, "-m", "autograder.cli", "grade", "scale", *map(str, notebooks),
                   "--course", str(self.course), "-o", str(self.course / "out"), "--format", FORMATS_ASKED,
                   "-j", str(jobs)]  # fmt: skip
        for layer in machine.without:
            command += ["--without", layer]
        if machine.name == "no barrier at all":
            command += ["--isolation", "none"]
        if machine.opened:
            command = [sys.executable, str(HERE / "launch.py"), str(machine.uid), *command]
        environment = {
            **os.environ, "TMPDIR": str(self.folder / "tmp"), "CHAINRULE_CANARY": self.canaries["environment"],
            "PYTHONPATH": str(HERE.parent.parent),
        }  # fmt: skip
        self.before = self.before or self.digests()
        process = subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if machine.uid:
            self.uids.add(machine.uid)
        else:
            first = FIRST_UID + slot_of(process)
            self.uids |= set(range(first, first + jobs))
        try:
            out, err = process.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            process.kill()  # the server and all below it end with it
            out, err = process.communicate()
        self.done.append(subprocess.CompletedProcess(command, process.returncode, out, err))
        self.alive += self._survivors()
        for notebook in notebooks:
            text = self.shown(notebook.stem, "report.json")
            if text:
                self.reports[notebook.stem] = report_json.load(text)

    def shown(self, name: str, filename: str) -> str:
        path = self.course / "out" / name / filename
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def seen_by_student(self, name: str) -> str:
        """All that a student may be shown of one submission."""
        return "\n".join(self.shown(name, filename) for filename in SEEN_BY_STUDENTS)

    def digests(self) -> dict[str, str]:
        """Of every file of the course, and of what others handed in."""
        secret = [self.course / folder for folder in ("assignments", "reference", "solutions", ".chainrule")]
        paths = [path for folder in secret for path in folder.rglob("*") if path.is_file()]
        paths += [self.course / "out/earlier/report.json", self.course / "submissions/neighbour.ipynb"]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}

    def _survivors(self) -> list[str]:
        """Processes of the submissions' users that are still there a little later."""
        deadline = time.monotonic() + 3.0
        while True:
            found = []
            for folder in Path("/proc").iterdir():
                if folder.name.isdigit():
                    with contextlib.suppress(OSError):
                        if folder.stat().st_uid in self.uids or self.token in (folder / "comm").read_text():
                            found.append((folder / "stat").read_text()[:80])
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def traces(self) -> list[str]:
        """Files that a submission left behind: with its mark, or of its user."""
        found = [str(path) for path in (self.folder / "tmp").iterdir() if path.name != ".cache"]
        for top in TRACES:
            with contextlib.suppress(OSError):
                for entry in os.scandir(top):
                    with contextlib.suppress(OSError):
                        foreign = not self.machine.uid and entry.stat(follow_symlinks=False).st_uid in self.uids
                        if self.token in entry.name or foreign:
                            found.append(entry.path)
        for top in (HERE.parent.parent / "autograder", self.course):
            found += [str(path) for path in top.rglob(f"*{self.token}*")]
        for top in site.getsitepackages():
            found += [str(path) for path in Path(top).glob(f"*{self.token}*")]
        return found


def slot_of(grader: subprocess.Popen[str]) -> int:
    """The first of the users that this grader has reserved for its submissions."""
    names = re.compile(re.escape(users.NAME.format("").replace("\0", "@")) + r"(\d+)$")
    deadline = time.monotonic() + 20.0
    while grader.poll() is None and time.monotonic() < deadline:
        sockets = set()
        with contextlib.suppress(OSError):
            sockets = {os.readlink(each) for each in Path(f"/proc/{grader.pid}/fd").iterdir()}
        for line in Path("/proc/net/unix").read_text().splitlines():
            found = names.search(line)
            if found and f"socket:[{line.split()[6]}]" in sockets:
                return int(found[1]) * users.BLOCK
        time.sleep(0.01)
    grader.kill()
    raise AssertionError(f"no users were reserved: {grader.communicate()}")


def new_class(machine: Machine) -> Class:
    """A class in a folder that other users can pass through, as a course's place may be. To be closed."""
    made = Class(Path(tempfile.mkdtemp(prefix="chainrule-attacks-", dir="/tmp")), machine)
    made.make()
    return made


FIXED = {"leak": "a1" * 32, "leak again": "b2" * 32}
"""Secrets of two courses that differ in nothing else. Fixed: now and then an input is 0, or a size one that may be named."""


class Suite:
    """Every attack, graded once on each machine; kept until the last test."""

    def __init__(self) -> None:
        self._graded: dict[tuple[str, str], Class] = {}

    def graded(self, machine: str, part: str = "all") -> Class:
        """All attacks that are tried on that machine; or the part "leak", or "leak again", with another secret."""
        key = (machine, part)
        if key not in self._graded:
            made = self._graded[key] = new_class(MACHINES[machine])
            if part in FIXED:
                (made.course / ".chainrule" / "secret").write_text(FIXED[part])
            chosen = notebooks.attacks("leak") if part != "all" else tried_on(machine)
            spread = [attack for attack in chosen if attack.family == "spread"]
            made.grade(self._written(made, [attack for attack in chosen if attack not in spread]), jobs=4)
            if spread:  # each finds the traces of the one before: one at a time, and twice
                made.grade(self._written(made, [each for attack in spread for each in (attack, attack)]), jobs=1)
        return self._graded[key]

    @staticmethod
    def _written(made: Class, chosen: Sequence[notebooks.Attack]) -> list[Path]:
        """Notebooks of the attacks, with a perfect one after every tenth and at the end."""
        paths: list[Path] = []
        for place, attack in enumerate(chosen, start=1):
            name = attack.name if not any(path.stem == attack.name for path in paths) else f"{attack.name}-again"
            paths.append(made.course / "submissions" / f"{name}.ipynb")
            notebooks.write(paths[-1], attack.cells, made.targets, made.token)
            if place % 10 == 0 or place == len(chosen):
                paths.append(made.course / "submissions" / f"perfect-{attack.name}.ipynb")
                notebooks.write(paths[-1], (notebooks.HONEST,), made.targets, made.token)
        return paths

    def close(self) -> None:
        """Remove all folders."""
        for made in self._graded.values():
            shutil.rmtree(made.folder, ignore_errors=True)


BREAK_ANYWHERE = {
    "check_kills_parent", "closed_folders", "deep_folders", "deleted_scratch", "fork_bomb", "kill_everyone", "kill_parents",
    "many_files", "many_small_files", "memory", "signal_handlers",
}  # fmt: skip
"""What depends on the layers, and not only on our own code."""


def tried_on(machine: str) -> list[notebooks.Attack]:
    """Everything where there is everything; elsewhere what a missing layer could let through."""
    if machine == "everything":
        return [attack for attack in notebooks.attacks() if attack.family != "leak"]
    if machine == "no barrier at all":
        return notebooks.attacks("read")
    known = notebooks.attacks("read", "break", "outlive", "spread")
    return [attack for attack in known if attack.family != "break" or attack.path.stem in BREAK_ANYWHERE]


@pytest.fixture(scope="session")
def suite() -> Iterator[Suite]:
    made = Suite()
    yield made
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = "" if sys.platform == "linux" else "the sandbox is Linux's"
    reason = reason or ("" if os.geteuid() == 0 else "needs root, to be each kind of machine")
    if reason:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))
