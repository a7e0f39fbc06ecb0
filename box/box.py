"""The Gradescope zip in a bare Debian, laid out as Gradescope does: setup.sh, then four submissions, each in a fresh container.

Needs root, Debian's debootstrap, and what pip and apt can reach. Nothing of the host can be written from inside; pip's settings
of the host are handed through, with the folders that they name. Where there are control groups, each submission runs within half a
processor and 0.75 GB, as in Gradescope's smallest container. Ends with code 1 if anything comes out otherwise than it should.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jsonschema

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
sys.path[:0] = [str(REPOSITORY / "benchmarks"), str(HERE)]

from measuring import small  # noqa: E402
from measuring.processes import proportional_mib  # noqa: E402
from submissions import SUBMISSIONS, Expected, write  # noqa: E402

from autograder.course import find_course  # noqa: E402
from autograder.package.gradescope import build  # noqa: E402
from autograder.topic import Topic, load_topic  # noqa: E402

SCHEMA = json.loads(files("autograder.report").joinpath("schemas/gradescope-results.schema.json").read_text())
TOPIC = "logistic_regression"
MINUTES = 4
"""Of one run, in place of Gradescope's 10: the endless submission is to be waited for."""


@dataclass(frozen=True, slots=True)
class Pip:
    """The host's settings of pip, as they are to be inside."""

    environment: dict[str, str]
    shown: dict[str, str]
    """Files and folders of the host that they name, and where they appear inside."""


def host_pip() -> Pip:
    """What `pip config list` tells, with local paths moved to `/host/...`."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    environment: dict[str, str] = {}
    shown: dict[str, str] = {}
    for line in said.stdout.splitlines():
        key, _, value = line.partition("=")
        words = []
        for word in str(ast.literal_eval(value)).split():
            scheme, path = ("file://", word[7:]) if word.startswith("file://") else ("", word)
            top = Path(path)
            if top.is_absolute() and top.exists():
                top = top.parent if scheme else top  # an index in a folder may link to its neighbours
                inside = shown.setdefault(str(top), f"/host/{len(shown)}")
                path = inside + path.removeprefix(str(top))
            words.append(scheme + path)
        environment[f"PIP_{key.rpartition('.')[2].upper().replace('-', '_')}"] = " ".join(words)
    return Pip(environment, shown)


def course(folder: Path) -> Topic:
    """A copy of the course, with a shorter time for one run."""
    for name in ("assignments", "reference", "solutions"):
        shutil.copytree(REPOSITORY / name / TOPIC, folder / name / TOPIC)
    shutil.copy(REPOSITORY / "course.toml", folder)
    toml = folder / "assignments" / TOPIC / "topic.toml"
    toml.write_text(f"{toml.read_text(encoding='utf-8')}\n[gradescope]\ntime_limit_min = {MINUTES}\n", encoding="utf-8")
    return load_topic(find_course(folder), TOPIC)


def bare_system(root: Path, suite: str) -> None:
    """What a base image holds, and no more."""
    subprocess.run(["debootstrap", "--variant=minbase", suite, str(root)], check=True, stdout=subprocess.DEVNULL)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")


def lay_out(root: Path, archive: Path) -> None:
    """As Gradescope does when it makes the image."""
    source = root / "autograder" / "source"
    source.mkdir(parents=True)
    with zipfile.ZipFile(archive) as content:
        content.extractall(source)
    shutil.copy(source / "run_autograder", root / "autograder" / "run_autograder")
    (root / "autograder" / "run_autograder").chmod(0o755)


def enter(root: Path, *arguments: str, log: Path, environment: dict[str, str] | None = None,
          container: small.Container | None = None) -> tuple[float, float]:  # fmt: skip
    """Run `enter.sh` in namespaces of its own: (seconds, MiB of all its processes at their largest).

    What it says goes to `log`. Raises SystemExit, with the end of that, if it fails.
    """
    command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--ipc", "--uts"]
    command += ["bash", str(HERE / "enter.sh"), str(root), *arguments]
    if container is not None:
        command = container.command(*command)
        environment = {**(environment or {}), "BOX_LIMITS": str(container.shown_at)}
    started, peak, ended = time.monotonic(), [0.0], threading.Event()
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env={**os.environ, **(environment or {})}, stdout=file, stderr=subprocess.STDOUT
        )

    def sample() -> None:
        while not ended.wait(0.1):
            peak[0] = max(peak[0], proportional_mib(process.pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        code = process.wait()
    finally:
        process.kill()
        ended.set()
        sampler.join()
    if code:
        raise SystemExit(f"enter.sh {' '.join(arguments)} ended with code {code}:\n{log.read_text()[-4000:]}")
    return time.monotonic() - started, peak[0]


def judged(name: str, expected: Expected, out: Path, topic: Topic) -> list[str]:
    """What is wrong with the results of one submission."""
    results = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    jsonschema.validate(results, SCHEMA)
    said = out.with_suffix(".txt").read_text(encoding="utf-8")
    checks = sum(len(question.checks) for question in topic.questions)
    least, most = expected.points
    faults = []
    if len(results["tests"]) != checks:
        faults.append(f"{len(results['tests'])} of {checks} checks are in the results")
    if not least <= results["score"] <= most:
        faults.append(f"{results['score']} points, expected {least:g} to {most:g}")
    if not results["extra_data"]["graded"]:
        faults.append("something was not graded")
    if expected.says not in json.dumps(results, ensure_ascii=False):
        faults.append(f"the results do not say {expected.says!r}")
    loot = [line for line in said.splitlines() if "LOOT [" in line and not line.strip(" │").startswith("LOOT []")]
    return [f"{name}: {fault}" for fault in [*faults, *loot]]


def main() -> int:
    """Print what happens."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--suite", default="bookworm", help="of Debian")
    options.add_argument("--keep", type=Path, help="work in this folder and leave it, to look at")
    given = options.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise SystemExit("this needs root, and debootstrap: apt-get install debootstrap")
    place = Path(given.keep or tempfile.mkdtemp(prefix="chainrule-box-")).resolve()
    try:
        return in_box(place, given.suite)
    finally:
        if given.keep is None:
            shutil.rmtree(place, ignore_errors=True)


def in_box(place: Path, suite: str) -> int:
    """Make the image, grade everything, and say what came out."""
    place.mkdir(parents=True, exist_ok=True)
    root = place / "root"
    topic = course(place / "course")
    archive = build(topic, place / "dist")
    print(f"{archive.name}: {archive.stat().st_size / 1024:.0f} KiB", flush=True)
    started = time.monotonic()
    bare_system(root, suite)
    print(f"a bare Debian {suite}: {time.monotonic() - started:.0f} s", flush=True)
    lay_out(root, archive)
    pip = host_pip()
    told = {
        "BOX_PIP": "\n".join(f"{name}={value}" for name, value in pip.environment.items()),
        "BOX_SHOWN": "\n".join(f"{outside} {inside}" for outside, inside in pip.shown.items()),
    }
    log = place / "setup.txt"
    seconds, _ = enter(root, "setup", log=log, environment=told)
    size = subprocess.run(["du", "-sm", str(root)], capture_output=True, text=True, check=True).stdout.split()[0]
    print(f"setup.sh: {seconds:.0f} s; the image has {size} MiB", flush=True)
    print(
        *(line for line in log.read_text().splitlines() if line.startswith(("setup.sh:", "rehearsal"))),
        sep="\n",
        flush=True,
    )
    faults = []
    for name, expected in SUBMISSIONS.items():
        handed_in = place / "root.submission"
        shutil.rmtree(handed_in, ignore_errors=True)
        write(name, handed_in, topic)
        with small.container() as container:
            small.forget(root)
            seconds, peak = enter(root, "run", str(place / name), log=place / f"{name}.log", container=container)
            if container is not None and container.killed:
                faults.append(f"{name}: {container.killed} processes were killed for want of memory")
        results = json.loads((place / f"{name}.json").read_text(encoding="utf-8"))
        layers = [layer for layer, active in results["extra_data"]["isolation"].items() if active]
        bounds = "as small as Gradescope's smallest" if container is not None else "unbounded: no control groups here"
        print(
            f"{name}: {results['score']:g} points, {seconds:.0f} s, {peak:.0f} MiB; {bounds}; {', '.join(layers)}",
            flush=True,
        )
        faults += judged(name, expected, place / name, topic)
    for fault in faults:
        print(f"NOT AS IT SHOULD BE: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
