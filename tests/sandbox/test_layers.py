"""The layers together, applied in the order of grading, as root and as an ordinary user."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import IsolationError
from autograder.sandbox import layers, linux
from autograder.sandbox.available import become, in_child, probe
from autograder.verdict import Layer

PYTHON_IS_CLOSED = "Python is closed to other users here, and there is no mount namespace to open it"
FILE_BARRIERS = ["uid", "landlock", "mount_namespace"]


def refusal(act: Callable[[], object]) -> str:
    """The name of the error, or "allowed"."""
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "allowed"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that file modes open to everybody, in folders that they open too."""
    path = tmp_path / "reference.py"
    path.write_text("answer = 42\n")
    for folder in (path, *path.parents[: len(path.parents) - 2]):
        folder.chmod(0o755)
    return path


def test_a_file_outside_cannot_be_read(stack: Any, secret: Path) -> None:
    assert stack.run(lambda: refusal(secret.read_text)) in {"EACCES", "ENOENT"}


@pytest.mark.parametrize("barrier", ["landlock", "mount_namespace"])
def test_each_file_barrier_holds_alone(stack: Any, secret: Path, barrier: str) -> None:
    off = frozenset({"landlock", "mount_namespace"} - {barrier})
    active, answer = stack.report(lambda: refusal(secret.read_text), off=off)
    if barrier not in active:
        pytest.skip(f"{barrier} is not available here")
    assert answer in {"EACCES", "ENOENT"}


def test_without_any_file_barrier_a_file_is_open_which_shows_that_the_others_closed_it(
    stack: Any, secret: Path
) -> None:
    assert stack.run(secret.read_text, off=frozenset(FILE_BARRIERS)) == "answer = 42\n"


def test_the_scratch_folder_can_be_written_and_read(stack: Any) -> None:
    def work() -> str:
        Path("notes.txt").write_text("mine")
        return Path(os.getcwd(), "notes.txt").read_text()

    assert stack.run(work) == "mine"


@pytest.mark.parametrize("place", ["/tmp/x", "/var/tmp/x", "/dev/shm/x", "/etc/x", "/usr/x"])
def test_nothing_else_can_be_written(stack: Any, place: str) -> None:
    assert stack.run(lambda: refusal(lambda: Path(place).write_text("x"))) in {"EACCES", "ENOENT", "EROFS"}


def test_modules_that_nobody_has_imported_yet_can_be_imported(stack: Any) -> None:
    if stack.ordinary and not stack.can_read(os.__file__):
        pytest.skip("Python lies in a folder that is closed to ordinary users here")

    def work() -> str:
        import this  # noqa: F401 - the one module that no library needs
        import wave

        return wave.__name__

    assert stack.run(work) == "wave"


def test_the_null_device_can_be_written(stack: Any) -> None:
    assert stack.run(lambda: Path(os.devnull).write_text("x")) == 1


def test_the_kernel_still_describes_the_processor(stack: Any) -> None:
    assert stack.run(lambda: "processor" in Path("/proc/cpuinfo").read_text())


def test_there_is_no_network(stack: Any) -> None:
    assert stack.run(lambda: refusal(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))) == "EPERM"


def test_in_a_network_namespace_even_an_open_socket_reaches_nothing(stack: Any) -> None:
    active, names = stack.report(lambda: [name for _, name in socket.if_nameindex()], off=frozenset({"seccomp"}))
    if "net_namespace" not in active:
        pytest.skip("no network namespaces here")
    assert set(names) <= {"lo"}


def test_no_program_can_be_started(stack: Any) -> None:
    assert stack.run(lambda: refusal(lambda: subprocess.run(["true"], check=False))) == "EPERM"


def test_the_supervisor_cannot_be_signalled(stack: Any) -> None:
    assert stack.run(lambda: refusal(lambda: os.kill(os.getppid(), 0))) == "EPERM"


@pytest.mark.root
def test_without_seccomp_and_landlock_the_uid_alone_protects_the_supervisor(root_stack: Any) -> None:
    off = frozenset({"seccomp", "landlock"})
    active, answer = root_stack.report(lambda: refusal(lambda: os.kill(os.getppid(), 0)), off=off)
    if "uid" not in active:
        pytest.skip(PYTHON_IS_CLOSED)
    assert answer == "EPERM"


def test_a_process_of_the_submission_can_fork_and_wait(stack: Any) -> None:
    def work() -> int:
        child = os.fork()
        if child == 0:
            os._exit(3)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert stack.run(work) == 3


def test_only_its_own_processes_are_seen_in_a_pid_namespace(stack: Any) -> None:
    active, seen = stack.report(lambda: [int(name) for name in os.listdir("/proc") if name.isdigit()])
    if "pid_namespace" not in active:
        pytest.skip("no PID namespaces here")
    assert set(seen) <= {1, 2, 3}


def test_no_capability_is_left(stack: Any) -> None:
    lines = stack.run(lambda: Path("/proc/self/status").read_text()).splitlines()
    assert [line.split()[1] for line in lines if line.startswith(("CapPrm", "CapEff"))] == ["0" * 16] * 2


def test_the_environment_of_an_undumpable_process_is_closed(stack: Any) -> None:
    active, answer = stack.report(lambda: [linux.is_dumpable(), refusal(Path("/proc/self/environ").read_text)])
    if not stack.ordinary and "uid" not in active:
        pytest.skip(PYTHON_IS_CLOSED)
    assert answer == [False, "EACCES"]


def test_the_parent_death_signal_survives_the_change_of_user(stack: Any) -> None:
    def work() -> int:
        import ctypes

        number = ctypes.c_int()
        ctypes.CDLL(None).prctl(2, ctypes.byref(number), 0, 0, 0)  # PR_GET_PDEATHSIG
        return number.value

    assert stack.run(work) == signal.SIGKILL


@pytest.mark.parametrize("off", [frozenset(), frozenset({"mount_namespace"})])
def test_the_scratch_folder_is_closed_to_others(stack: Any, off: frozenset[str]) -> None:
    stack.scratch.chmod(0o755)
    owner = stack.run(
        lambda: [oct(Path.cwd().stat().st_mode & 0o777), Path.cwd().stat().st_uid == os.getuid()], off=off
    )
    assert owner == ["0o700", True]


def test_the_scratch_folder_holds_no_more_than_its_limit_where_it_is_a_file_system(stack: Any) -> None:
    def work() -> str:
        return refusal(lambda: [Path(f"part{i}").write_bytes(bytes(1 << 20)) for i in range(4)])

    active, answer = stack.report(work, scratch_mib=2)
    if "mount_namespace" not in active:
        pytest.skip("no mount namespaces here")
    assert answer == "ENOSPC"


def test_a_submission_of_root_runs_as_the_user_of_its_slot(scratch: Path) -> None:
    confinement = layers.plan([Layer("uid", active=True)], scratch=scratch, slot=7)
    assert (confinement.uid, confinement.gid) == (60_007, 60_007)


@pytest.mark.root
def test_it_has_that_user_and_no_other_group(root_stack: Any) -> None:
    active, who = root_stack.report(lambda: [*os.getresuid(), *os.getresgid(), os.getgroups()])
    if "uid" not in active:
        pytest.skip(PYTHON_IS_CLOSED)
    assert who == [60_000] * 6 + [[]]


@pytest.mark.parametrize("name", layers.LAYERS)
def test_a_layer_that_is_switched_off_is_not_reported_as_active(stack: Any, name: str) -> None:
    everything = set(stack.report(int)[0])
    active = set(stack.report(int, off=frozenset({name}))[0])
    relying = {"mount_namespace": {"pid_namespace", "uid"}}.get(name, set())
    assert name not in active
    assert everything - active <= {name} | relying


def test_a_layer_that_was_probed_can_still_be_switched_off(scratch: Path, in_process: Any) -> None:
    confinement = layers.plan(probe(), scratch=scratch, off={"mount_namespace", "uid"})
    if not any(layer.name == "pid_namespace" and layer.active for layer in confinement.layers):
        pytest.skip("no PID namespaces here")

    def work() -> list[Any]:
        entered = {layer.name: (layer.active, layer.note) for layer in layers.enter_supervisor(confinement)}
        return [os.getpid() == 1, entered["mount_namespace"], entered["pid_namespace"]]

    assert in_process(work) == [False, [False, "switched off"], [False, "needs mount_namespace"]]


@pytest.mark.root
def test_the_groups_of_root_are_given_up(in_process: Any) -> None:
    def work() -> list[int]:
        os.setgroups([4, 27])
        become(60_000, 60_000)
        return os.getgroups()

    assert in_process(work) == []


def test_a_layer_that_was_probed_but_fails_stops_the_submission(scratch: Path) -> None:
    confinement = layers.plan([Layer("landlock", active=True)], scratch=scratch)
    prebuilt = layers.prebuild(confinement)
    broken = replace(confinement, scratch=scratch / "gone")

    def work() -> str:
        os.chdir(scratch)
        os.chdir = lambda path: None  # the scratch folder vanishes after it was entered
        with pytest.raises(IsolationError, match=r"landlock worked when this machine was probed, but not now"):
            layers.confine(broken, prebuilt)
        return "refused"

    assert in_child(work) == (True, "refused")


@pytest.mark.root
def test_a_filter_for_another_confinement_is_refused(scratch: Path) -> None:
    confinement = layers.plan([Layer("seccomp", active=True)], scratch=scratch)
    wrong = replace(layers.prebuild(confinement), same_uid=False)

    def work() -> str:
        with pytest.raises(IsolationError, match="built for another confinement"):
            layers.confine(confinement, wrong)
        return "refused"

    assert in_child(work) == (True, "refused")


def test_a_submission_whose_parent_has_ended_does_not_start(scratch: Path) -> None:
    confinement = layers.plan([], scratch=scratch)
    prebuilt = layers.prebuild(confinement)

    def work() -> str:
        layers.confine(confinement, prebuilt, parent=1 << 30)
        return "started"

    assert in_child(work) == (False, "the process that tried it died")


def test_a_confinement_is_plain_data(scratch: Path) -> None:
    confinement = layers.plan([Layer("uid", active=True, note="x")], scratch=scratch, slot=2, off={"seccomp"})
    assert layers.Confinement.from_wire(json.loads(json.dumps(confinement.to_wire()))) == confinement


def test_a_secret_inside_a_readable_folder_is_refused(scratch: Path, tmp_path: Path) -> None:
    with pytest.raises(IsolationError, match="which submissions may read"):
        layers.plan([], scratch=scratch, readable=[tmp_path], secrets=[tmp_path / "reference"])


def test_a_secret_beside_a_readable_folder_is_fine(scratch: Path, tmp_path: Path) -> None:
    layers.plan([], scratch=scratch, readable=[tmp_path / "data"], secrets=[tmp_path / "reference"])


def test_an_unknown_layer_cannot_be_switched_off(scratch: Path) -> None:
    with pytest.raises(ValueError, match="no such isolation layer: sandlock; there are: uid, limits"):
        layers.plan([], scratch=scratch, off={"sandlock"})


def test_closing_descriptors_keeps_the_ones_that_are_named(in_process: Any) -> None:
    def work() -> bool:
        kept, closed = os.dup(0), os.dup(0)
        inherited = [int(name) for name in os.listdir("/proc/self/fd")]
        layers.close_descriptors([*(each for each in inherited if each != closed)])
        return refusal(lambda: os.fstat(kept)) == "allowed" and refusal(lambda: os.fstat(closed)) == "EBADF"

    assert in_process(work)
