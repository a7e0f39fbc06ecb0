"""What is probed, and whether it is enough."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import IsolationError
from autograder.sandbox import available, landlock, seccomp
from autograder.sandbox.available import HOW_TO_GET, LAYERS, closed_folder, doctor_lines, in_child, probe, required
from autograder.verdict import Layer


def layers(*active: str) -> list[Layer]:
    return [Layer(name, name in active, "" if name in active else "not permitted here") for name in LAYERS]


def test_every_layer_is_reported_once_in_order() -> None:
    assert tuple(layer.name for layer in probe()) == LAYERS


def test_an_absent_layer_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: (_ for _ in ()).throw(OSError(38, "no such call")))
    found = {layer.name: layer for layer in probe()}
    assert found["landlock"] == Layer("landlock", active=False, note="not in this kernel")


def test_a_layer_that_does_not_bite_is_not_active(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "load", lambda program: None)
    found = {layer.name: layer for layer in probe()}
    assert found["seccomp"] == Layer("seccomp", active=False, note="had no effect")


def test_a_missing_libseccomp_is_reported_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    found = {layer.name: layer for layer in probe()}
    assert not found["seccomp"].active
    assert "apt-get install libseccomp2" in found["seccomp"].note


def test_layers_that_are_switched_off_are_reported_so() -> None:
    found = {layer.name: layer for layer in probe(off={"landlock", "seccomp"})}
    assert found["landlock"] == Layer("landlock", active=False, note="switched off")
    assert found["seccomp"] == Layer("seccomp", active=False, note="switched off")


def test_a_pid_namespace_is_not_used_without_a_mount_namespace() -> None:
    found = {layer.name: layer for layer in probe(off={"mount_namespace"})}
    assert found["pid_namespace"] == Layer("pid_namespace", active=False,
                                           note="needs mount_namespace, for a /proc of its own")  # fmt: skip


def test_a_misspelt_layer_cannot_be_switched_off() -> None:
    with pytest.raises(ValueError, match="no such isolation layer: secomp"):
        probe(off={"secomp"})


def test_probing_leaves_this_process_as_it_was() -> None:
    before = (os.getpid(), os.getuid(), os.getcwd(), Path("/proc/self/status").read_text().split("NoNewPrivs:")[1][:3])
    probe()
    after = (os.getpid(), os.getuid(), os.getcwd(), Path("/proc/self/status").read_text().split("NoNewPrivs:")[1][:3])
    assert before == after


def test_other_systems_have_no_layers_but_limits() -> None:
    # In a process of its own, that takes itself for a Mac from the start.
    script = (
        "import sys, json; sys.platform = 'darwin'; "
        "from autograder.sandbox import layers; "
        "print(json.dumps([[l.name, l.active, l.note] for l in layers.probe()]))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.count('"needs Linux"') == len(LAYERS) - 1
    assert '["limits", true, "without a limit on memory"]' in answer.stdout


def test_no_linux_module_is_touched_by_importing() -> None:
    script = (
        "import sys, ctypes; sys.modules['resource'] = None; sys.modules['pyseccomp'] = None; "
        "ctypes.CDLL = None; import autograder.sandbox.layers"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("policy", ["required", "default", "none"])
@pytest.mark.parametrize("barrier", ["uid", "landlock"])
def test_one_file_barrier_and_seccomp_are_enough(policy: Any, barrier: str) -> None:
    assert required(policy, layers(barrier, "seccomp"), platform="linux") is None


@pytest.mark.parametrize("policy", ["required", "default"])
def test_no_file_barrier_is_refused_on_linux(policy: Any) -> None:
    with pytest.raises(IsolationError, match=r"no separate user, no Landlock.*To get it: run the grader as root"):
        required(policy, layers("seccomp"), platform="linux")


@pytest.mark.parametrize("policy", ["required", "default"])
def test_no_seccomp_is_refused_on_linux(policy: Any) -> None:
    with pytest.raises(IsolationError, match=r"no seccomp.*apt-get install libseccomp2"):
        required(policy, layers("uid", "landlock"), platform="linux")


def test_the_refusal_is_one_line() -> None:
    with pytest.raises(IsolationError) as caught:
        required("default", layers(), platform="linux")
    assert "\n" not in str(caught.value)


def test_elsewhere_the_default_is_a_loud_warning() -> None:
    warning = required("default", layers("limits"), platform="darwin")
    assert warning is not None
    assert warning.startswith("WARNING: NOT A SANDBOX.")


def test_elsewhere_required_is_refused() -> None:
    with pytest.raises(IsolationError, match="Linux container"):
        required("required", layers("limits"), platform="darwin")


def test_no_isolation_at_all_is_a_loud_warning() -> None:
    warning = required("none", layers(), platform="linux")
    assert warning is not None
    assert warning.startswith("WARNING: NOT A SANDBOX.")


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    folder = tmp_path / "reference"
    folder.mkdir(mode=0o755)
    for parent in list(tmp_path.parents)[:-2]:
        parent.chmod(0o755)
    tmp_path.chmod(0o755)
    return folder


def test_where_only_the_uid_protects_the_secrets_they_must_be_closed(reference: Path) -> None:
    with pytest.raises(IsolationError, match=r"other users, and so submissions, can read .*reference.*chmod -R go="):
        required("default", layers("uid", "seccomp"), secrets=[reference], platform="linux")


def test_closed_secrets_are_enough_for_the_uid(reference: Path) -> None:
    reference.chmod(0o700)
    assert required("default", layers("uid", "seccomp"), secrets=[reference], platform="linux") is None


def test_secrets_in_a_closed_folder_are_closed(reference: Path) -> None:
    reference.parent.chmod(0o700)
    assert required("default", layers("uid", "seccomp"), secrets=[reference], platform="linux") is None


@pytest.mark.parametrize("barrier", ["landlock", "mount_namespace"])
def test_with_another_barrier_open_secrets_do_not_matter(reference: Path, barrier: str) -> None:
    assert required("default", layers("uid", "seccomp", barrier), secrets=[reference], platform="linux") is None


def test_doctor_says_how_to_get_what_is_missing() -> None:
    lines = {layer.name: advice for layer, advice in doctor_lines(layers("uid"))}
    assert lines == {name: "" if name == "uid" else HOW_TO_GET[name] for name in LAYERS}


def test_doctor_says_nothing_about_what_was_switched_off() -> None:
    layer = Layer("uid", active=False, note="switched off")
    assert doctor_lines([layer]) == [(layer, "")]


@pytest.mark.root
def test_the_uid_layer_is_absent_where_python_is_closed_to_other_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "python").mkdir(parents=True)
    home.chmod(0o700)
    for parent in (tmp_path, *list(tmp_path.parents)[:-2]):
        parent.chmod(0o755)
    monkeypatch.setattr(os, "__file__", str(home / "python" / "os.py"))
    found = {layer.name: layer for layer in probe(off={"mount_namespace"})}
    if "chmod o+x /root" in found["uid"].note:
        pytest.skip("Python itself lies in root's home here")
    assert found["uid"].note == (
        f"{home} is closed to other users, so that a submission could not import what lies in it: "
        f"`chmod o+x {home}`, or install Python elsewhere"
    )


@pytest.mark.root
def test_the_topmost_closed_folder_is_named(tmp_path: Path) -> None:
    inner = tmp_path / "home" / "python"
    inner.mkdir(parents=True, mode=0o700)
    for parent in (tmp_path, *list(tmp_path.parents)[:-2]):
        parent.chmod(0o755)
    inner.parent.chmod(0o700)

    def work() -> str:
        available.become(60_000, 60_000)
        return str(closed_folder(inner / "os.py"))

    assert in_child(work) == (True, str(inner.parent))


def test_a_process_that_dies_while_probing_is_a_missing_layer() -> None:
    assert in_child(lambda: os._exit(9)) == (False, "the process that tried it died")
