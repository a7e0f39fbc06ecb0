"""Ending everything, watching sizes, and what becomes of namespaces."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import GraderError
from autograder.sandbox import interpreter, layers, limits, linux, namespaces, processes, watch
from autograder.sandbox.available import become, probe
from autograder.verdict import Layer


def sleeper() -> int:
    """A forked process that sleeps."""
    child = os.fork()
    if child == 0:
        try:
            time.sleep(60)
        finally:
            os._exit(0)
    return child


def daemon(tell: int) -> None:
    """Start a process that has left its parent and its session, and takes no notice of polite signals."""
    child = os.fork()
    if child == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            os.write(tell, b"%d\n" % os.getpid())
            time.sleep(60)
        os._exit(0)
    os.waitpid(child, 0)


def is_alive(pid: int) -> bool:
    try:
        return processes._living_parent(pid) is not None
    except OSError:
        return False


class TestEndAll:
    def test_a_child_and_its_child_are_found_parents_first(self, in_process: Any) -> None:
        def work() -> bool:
            linux.become_subreaper()
            reader, writer = os.pipe()
            child = os.fork()
            if child == 0:
                os.write(writer, b"%d" % sleeper())
                signal.pause()
            grandchild = int(os.read(reader, 20))
            found = processes.descendants(os.getpid())
            processes.end_all(os.getpid())
            return found == [child, grandchild]

        assert in_process(work)

    def test_a_daemon_is_ended(self, in_process: Any) -> None:
        def work() -> list[bool]:
            linux.become_subreaper()
            reader, writer = os.pipe()
            daemon(writer)
            pid = int(os.read(reader, 20))
            before = is_alive(pid)
            ended = processes.end_all(os.getpid())
            return [before, pid in ended, is_alive(pid)]

        assert in_process(work) == [True, True, False]

    def test_a_chain_of_forks_is_ended(self, in_process: Any) -> None:
        def work() -> bool:
            linux.become_subreaper()
            reader, writer = os.pipe()
            if os.fork() == 0:
                for _ in range(2000):  # each process starts the next, and leaves
                    if os.fork():
                        os._exit(0)
                    os.write(writer, b".")
                os._exit(0)
            os.close(writer)
            os.read(reader, 1)
            processes.end_all(os.getpid())
            links = 0
            while data := os.read(reader, 4096):  # until the end of the pipe: nobody is left to write
                links += len(data)
            return links < 2000

        assert in_process(work)

    @pytest.mark.root
    def test_a_chain_of_forks_that_nobody_reaps_ends_at_the_limit_of_processes(self, in_process: Any) -> None:
        def work() -> bool:
            linux.become_subreaper()
            reader, writer = os.pipe()
            if os.fork() == 0:
                limits.apply(memory_mib=256, processes=8, file_mib=1)
                become(65_402, 65_402)  # root is exempt
                with contextlib.suppress(BlockingIOError):
                    for _ in range(100):
                        if os.fork():
                            os._exit(0)
                        os.write(writer, b".")
                os._exit(0)
            os.close(writer)
            links = 0
            while data := os.read(reader, 4096):
                links += len(data)
            return links < 8

        assert in_process(work)

    def test_a_process_whose_first_thread_has_ended_is_ended(self, in_process: Any) -> None:
        def work() -> list[bool]:
            import ctypes
            import threading

            linux.become_subreaper()
            reader, writer = os.pipe()
            child = os.fork()
            if child == 0:
                threading.Thread(target=lambda: (os.write(writer, b"x"), time.sleep(60))).start()
                ctypes.CDLL(None).syscall({"x86_64": 60}.get(os.uname().machine, 93), 0)  # exit of this thread alone
            os.read(reader, 1)
            while " Z " not in Path(f"/proc/{child}/stat").read_text():
                time.sleep(0.001)
            before = is_alive(child)
            return [before, child in processes.end_all(os.getpid()), is_alive(child)]

        assert in_process(work) == [True, True, False]

    def test_those_to_keep_live_on(self, in_process: Any) -> None:
        def work() -> list[bool]:
            linux.become_subreaper()
            kept, ended = sleeper(), sleeper()
            told = processes.end_all(os.getpid(), keep=(kept,))
            answer = [is_alive(kept), is_alive(ended), list(told) == [ended]]
            processes.end_all(os.getpid())
            return answer

        assert in_process(work) == [True, False, True]

    def test_the_status_of_a_child_is_told(self, in_process: Any) -> None:
        def work() -> bool:
            child = sleeper()
            return processes.end_all(os.getpid()) == {child: int(signal.SIGKILL)}

        assert in_process(work)

    def test_nothing_to_end_is_fine(self, in_process: Any) -> None:
        assert in_process(lambda: processes.end_all(os.getpid())) == {}

    def test_a_name_with_brackets_and_spaces_does_not_hide_a_process(self, in_process: Any) -> None:
        def work() -> bool:
            ready, tell = os.pipe()
            child = os.fork()
            if child == 0:
                Path("/proc/self/comm").write_bytes(b"x) Z 1 (")
                os.write(tell, b"x")
                signal.pause()
            os.read(ready, 1)
            found = processes.descendants(os.getpid())
            processes.end_all(os.getpid())
            return found == [child]

        assert in_process(work)

    def test_processes_of_another_proc_are_never_signalled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "readlink", lambda path: "1")
        with pytest.raises(GraderError, match="another PID namespace"):
            processes.end_all(os.getpid())

    def test_no_signal_goes_to_everybody(self) -> None:
        sources = Path(processes.__file__).parent.glob("*.py")
        assert not [path.name for path in sources if "kill(-" in path.read_text().replace("never", "")
                    and path.name != "processes.py"]  # fmt: skip


@pytest.fixture
def planned(scratch: Path) -> layers.Confinement:
    confinement = layers.plan(probe(), scratch=scratch)
    if not confinement.wants("pid_namespace"):
        pytest.skip("no PID namespaces here")
    return confinement


def supervised(confinement: layers.Confinement, work: Callable[[int], int]) -> tuple[int, int]:
    """Fork a supervisor that enters its namespaces, calls `work` and exits; gives its pid and a pipe to read from."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            os.close(reader)
            layers.enter_supervisor(confinement)
            code = work(writer)
        finally:
            os._exit(code)
    os.close(writer)
    return pid, reader


class TestNamespaces:
    def test_the_supervisor_becomes_init(self, planned: layers.Confinement) -> None:
        pid, reader = supervised(planned, lambda writer: os.write(writer, b"%d" % os.getpid()))
        assert os.read(reader, 20) == b"1"
        os.waitpid(pid, 0)

    def test_the_process_outside_ends_with_the_same_status(self, planned: layers.Confinement) -> None:
        pid, _ = supervised(planned, lambda writer: 7)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7

    def test_a_daemon_ends_with_init(self, planned: layers.Confinement) -> None:
        def work(writer: int) -> int:
            daemon(writer)
            return 0

        pid, reader = supervised(planned, work)
        os.waitpid(pid, 0)
        while os.read(reader, 4096):
            pass  # the end of the pipe: the daemon held it, and is gone

    def test_killing_the_process_outside_ends_everything_inside(self, planned: layers.Confinement) -> None:
        def work(writer: int) -> int:
            os.write(writer, b"ready")
            time.sleep(3)
            return os.write(writer, b"survived")

        pid, reader = supervised(planned, work)
        assert os.read(reader, 5) == b"ready"
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert os.read(reader, 20) == b""

    def test_the_process_outside_holds_no_descriptor_open(self, planned: layers.Confinement) -> None:
        def work(writer: int) -> int:
            os.close(writer)
            time.sleep(30)
            return 0

        pid, reader = supervised(planned, work)
        at_its_end, _, _ = select.select([reader], [], [], 20)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert at_its_end

    def test_end_all_works_inside(self, planned: layers.Confinement) -> None:
        def work(writer: int) -> int:
            child = sleeper()
            return int(processes.end_all(os.getpid()) != {child: int(signal.SIGKILL)})

        pid, _ = supervised(planned, work)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    def test_the_new_root_holds_what_is_readable_and_nothing_else(self, planned: layers.Confinement) -> None:
        def work(writer: int) -> int:
            os.write(writer, json.dumps([os.listdir("/"), os.listdir("/etc")]).encode())
            return 0

        pid, reader = supervised(planned, work)
        with os.fdopen(reader) as pipe:
            top, etc = json.loads(pipe.read())
        os.waitpid(pid, 0)
        expected = {path.parts[1] for path in (*planned.readable, planned.scratch)}
        assert set(top) == expected
        assert "shadow" not in etc

    def test_what_is_readable_cannot_be_written_even_by_root(self, planned: layers.Confinement, tmp_path: Path) -> None:
        def work(writer: int) -> int:
            try:
                (tmp_path / "file").touch()
            except OSError as error:
                return error.errno or 0
            return 0

        pid, _ = supervised(replace(planned, readable=(*planned.readable, tmp_path)), work)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == errno.EROFS

    def test_the_old_root_is_gone(self, planned: layers.Confinement) -> None:
        def work(writer: int) -> int:
            mounts = Path("/proc/self/mountinfo").read_text().splitlines()
            return [line.split()[4] for line in mounts].count("/")

        pid, _ = supervised(planned, work)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1

    def test_nothing_is_left_in_the_scratch_folder_outside(self, planned: layers.Confinement) -> None:
        def work(writer: int) -> int:
            Path(planned.scratch, "file").write_text("x")
            return 0

        pid, _ = supervised(planned, work)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert list(planned.scratch.iterdir()) == []

    def test_no_namespace_means_no_change(self, in_process: Any) -> None:
        def work() -> bool:
            before = [os.readlink(f"/proc/self/ns/{name}") for name in ("net", "mnt", "user")]
            namespaces.enter(frozenset())
            return before == [os.readlink(f"/proc/self/ns/{name}") for name in ("net", "mnt", "user")]

        assert in_process(work)


class TestInterpreter:
    def test_the_standard_library_and_the_packages_lie_in_what_is_readable(self) -> None:
        folders = interpreter.paths()
        for file in (os.__file__, pytest.__file__, processes.__file__):
            assert any(Path(file).is_relative_to(folder) for folder in folders)

    @pytest.mark.parametrize("closed", ["/etc/shadow", "/etc/ssh", "/root", "/tmp", "/home", "/var", "/run", "/"])
    def test_this_is_not_readable(self, closed: str) -> None:
        assert not any(Path(closed).is_relative_to(folder) for folder in interpreter.paths())

    def test_a_path_inside_another_is_left_out(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        assert interpreter.outermost([tmp_path / "data", tmp_path]) == (tmp_path,)

    def test_a_link_comes_with_its_target(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "link").symlink_to("data")
        assert interpreter.outermost([tmp_path / "link"]) == (tmp_path / "data", tmp_path / "link")

    def test_what_is_missing_is_left_out(self, tmp_path: Path) -> None:
        assert interpreter.outermost([tmp_path / "none"]) == ()

    def test_the_whole_machine_is_never_readable(self) -> None:
        assert interpreter.outermost([Path("/")]) == ()


class TestWatch:
    def test_memory_of_children_is_added_up(self, in_process: Any) -> None:
        def work() -> float:
            shared_by_all = bytearray(os.urandom(1 << 20) * 400)
            ready, tell = os.pipe()
            for _ in range(2):
                if os.fork() == 0:
                    held = bytearray(os.urandom(1 << 20) * 30)
                    os.write(tell, b"x")
                    time.sleep(60)
                    os._exit(len(held) % 2)
            while len(os.read(ready, 1)) + len(os.read(ready, 1)) < 2:
                pass
            used = watch.memory_mib(os.getpid(), limit_mib=10)
            processes.end_all(os.getpid())
            return used + 0 * len(shared_by_all)

        assert 50 < in_process(work) < 130

    def test_what_a_child_shares_with_its_parent_is_not_counted_twice(self, in_process: Any) -> None:
        def work() -> float:
            held = bytearray(os.urandom(1 << 20) * 100)
            sleeper()
            used = watch.memory_mib(os.getpid(), limit_mib=1000)
            processes.end_all(os.getpid())
            return used + 0 * len(held)

        assert in_process(work) < 50

    def test_sizes_of_files_are_added_up(self, tmp_path: Path) -> None:
        (tmp_path / "inner").mkdir()
        (tmp_path / "one").write_bytes(os.urandom(1 << 20))
        (tmp_path / "inner" / "two").write_bytes(os.urandom(2 << 20))
        assert watch.size_mib(tmp_path) == pytest.approx(3, abs=0.1)

    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "scratch").mkdir()
        (tmp_path / "big").write_bytes(os.urandom(2 << 20))
        (tmp_path / "scratch" / "file").symlink_to(tmp_path / "big")
        (tmp_path / "scratch" / "folder").symlink_to(tmp_path)
        assert watch.size_mib(tmp_path / "scratch") < 0.1

    def test_too_many_files_are_too_much(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(watch, "_MANY_FILES", 3)
        for number in range(4):
            (tmp_path / str(number)).touch()
        assert watch.size_mib(tmp_path) == float("inf")

    def test_emptying_leaves_the_folder_and_what_its_links_lead_to(self, tmp_path: Path) -> None:
        outside, folder = tmp_path / "outside", tmp_path / "scratch"
        outside.mkdir()
        (outside / "grades").write_text("10")
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "file").touch()
        (folder / "link").symlink_to(outside)
        watch.empty(folder)
        assert list(folder.iterdir()) == []
        assert (outside / "grades").read_text() == "10"

    def test_emptying_what_is_gone_is_fine(self, tmp_path: Path) -> None:
        watch.empty(tmp_path / "gone")

    @pytest.mark.parametrize("memory, scratch_mib, word", [(300, 0, "memory"), (0, 3, "scratch space"), (0, 0, "")])
    def test_what_is_over_its_limit_is_named(
        self, scratch: Path, monkeypatch: pytest.MonkeyPatch, memory: int, scratch_mib: int, word: str
    ) -> None:
        confinement = layers.plan([Layer("limits", active=True)], scratch=scratch)
        confinement = replace(confinement, memory_mib=200, scratch_mib=2)
        monkeypatch.setattr(watch, "memory_mib", lambda supervisor, *, limit_mib: memory)
        (scratch / "file").write_bytes(os.urandom(scratch_mib << 20))
        assert layers.over_limit(confinement, os.getpid()) == word
