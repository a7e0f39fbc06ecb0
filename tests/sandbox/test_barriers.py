"""Landlock, seccomp and limits, each alone."""

from __future__ import annotations

import errno
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import landlock, limits, linux, seccomp

LIMITS = {"memory_mib": 256, "processes": 16, "file_mib": 1}


def refusal(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "allowed"


class TestLandlock:
    def test_a_readable_folder_can_be_read_and_not_written(self, in_process: Any, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("1")

        def work() -> list[str]:
            landlock.restrict(readable=[tmp_path], writable=[])
            return [refusal((tmp_path / "data").read_bytes), refusal(lambda: (tmp_path / "data").write_bytes(b"2"))]

        assert in_process(work) == ["allowed", "EACCES"]

    def test_a_readable_file_leaves_its_neighbour_closed(self, in_process: Any, tmp_path: Path) -> None:
        (tmp_path / "open").write_text("1")
        (tmp_path / "closed").write_text("1")

        def work() -> list[str]:
            landlock.restrict(readable=[tmp_path / "open"], writable=[])
            return [refusal((tmp_path / name).read_bytes) for name in ("open", "closed")]

        assert in_process(work) == ["allowed", "EACCES"]

    def test_a_link_out_of_the_scratch_folder_leads_nowhere(self, in_process: Any, tmp_path: Path) -> None:
        (tmp_path / "scratch").mkdir()
        (tmp_path / "secret").write_text("1")

        def work() -> str:
            landlock.restrict(readable=[], writable=[tmp_path / "scratch"])
            (tmp_path / "scratch" / "link").symlink_to(tmp_path / "secret")
            return refusal((tmp_path / "scratch" / "link").read_bytes)

        assert in_process(work) == "EACCES"

    def test_a_missing_readable_path_is_skipped(self, in_process: Any, tmp_path: Path) -> None:
        assert in_process(lambda: landlock.restrict(readable=[tmp_path / "none"], writable=[tmp_path])) >= 1

    def test_a_missing_writable_path_is_an_error(self, in_process: Any, tmp_path: Path) -> None:
        assert (
            in_process(lambda: refusal(lambda: landlock.restrict(readable=[], writable=[tmp_path / "none"])))
            == "ENOENT"
        )

    def test_the_restriction_holds_for_forked_processes(self, in_process: Any, tmp_path: Path) -> None:
        def work() -> str:
            landlock.restrict(readable=[], writable=[tmp_path])
            return str(in_process(lambda: refusal(lambda: os.listdir("/"))))

        assert in_process(work) == "EACCES"

    def test_processes_outside_cannot_be_signalled(self, in_process: Any, tmp_path: Path) -> None:
        def work() -> str:
            if landlock.restrict(readable=[], writable=[tmp_path]) < 6:
                return "EPERM"  # older kernels leave this to seccomp and the uid
            return refusal(lambda: os.kill(os.getppid(), 0))

        assert in_process(work) == "EPERM"

    @pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6])
    def test_older_versions_are_asked_for_less(
        self, in_process: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abi: int
    ) -> None:
        if landlock.version() < abi:
            pytest.skip(f"this kernel has version {landlock.version()}")
        asked = []
        syscall = linux.syscall
        monkeypatch.setattr(landlock, "version", lambda: abi)

        def work() -> list[int]:
            monkeypatch.setattr(linux, "syscall", lambda *args: asked.append(args) or syscall(*args))
            landlock.restrict(readable=[Path("/usr")], writable=[tmp_path])
            attributes = asked[0][1]
            return [len(attributes), struct.unpack("=Q", attributes[:8])[0].bit_length()]

        sizes = {1: [8, 13], 2: [8, 14], 3: [8, 15], 4: [16, 15], 5: [16, 16], 6: [24, 16]}
        assert in_process(work) == sizes[abi]


class TestSeccomp:
    REFUSED = ("ptrace", "bpf", "keyctl", "io_uring_setup", "userfaultfd", "mount", "unshare", "process_vm_readv",
               "pidfd_open", "memfd_create", "shmget", "execve", "open_by_handle_at", "personality", "perf_event_open",
               "socket", "setns", "mknod", "sched_setaffinity", "fsopen")  # fmt: skip
    SAME_UID = ("kill", "tgkill", "chmod", "fchmodat2", "setxattr", "fchown")

    @pytest.mark.parametrize("same_uid", [False, True])
    @pytest.mark.parametrize("name", REFUSED)
    def test_the_call_is_refused(self, in_process: Any, name: str, same_uid: bool) -> None:
        assert self.answer(in_process, name, same_uid=same_uid) == "EPERM"

    @pytest.mark.parametrize("name", SAME_UID)
    def test_signals_and_modes_are_refused_to_the_graders_own_user(self, in_process: Any, name: str) -> None:
        assert self.answer(in_process, name, same_uid=True) == "EPERM"

    def test_a_user_of_its_own_may_signal_its_processes(self, in_process: Any) -> None:
        def work() -> str:
            seccomp.load(seccomp.build(same_uid=False))
            return refusal(lambda: os.kill(os.getpid(), 0))

        assert in_process(work) == "allowed"

    def test_a_user_of_its_own_may_change_modes(self, in_process: Any, tmp_path: Path) -> None:
        def work() -> str:
            seccomp.load(seccomp.build(same_uid=False))
            return refusal(lambda: tmp_path.chmod(0o700))

        assert in_process(work) == "allowed"

    def test_clone3_is_missing_so_that_libc_falls_back(self, in_process: Any) -> None:
        assert self.answer(in_process, "clone3") == "ENOSYS"

    @pytest.mark.parametrize("flag", [linux.CLONE_NEWUSER, linux.CLONE_NEWPID, linux.CLONE_NEWNET, linux.CLONE_NEWNS])
    def test_clone_makes_no_namespace(self, in_process: Any, flag: int) -> None:
        assert self.answer(in_process, "clone", flag | signal.SIGCHLD) == "EPERM"

    def test_another_process_gets_no_limits(self, in_process: Any) -> None:
        assert self.answer(in_process, "prlimit64", 1) == "EPERM"

    def test_its_own_limits_can_be_read(self, in_process: Any) -> None:
        assert self.answer(in_process, "prlimit64", 0, resource.RLIMIT_CPU, 0, 0) == "allowed"

    def test_nothing_can_be_typed_into_a_terminal(self, in_process: Any) -> None:
        assert self.answer(in_process, "ioctl", 0, 0x5412) == "EPERM"

    @pytest.mark.skipif(os.uname().machine != "x86_64", reason="x32 belongs to x86-64")
    def test_calls_with_x32_numbers_are_refused(self, in_process: Any) -> None:
        def work() -> str:
            seccomp.load(seccomp.build(same_uid=False))
            return refusal(lambda: linux.syscall(0x4000_0000 | 39))  # getpid

        assert in_process(work) == "EPERM"

    def test_socket_pairs_stay_for_asyncio(self, in_process: Any) -> None:
        def work() -> int:
            import asyncio

            seccomp.load(seccomp.build(same_uid=True))

            async def seven() -> int:
                await asyncio.sleep(0)
                return 7

            return asyncio.run(seven())

        assert in_process(work) == 7

    def test_threads_still_start(self, in_process: Any) -> None:
        def work() -> list[int]:
            import threading

            seccomp.load(seccomp.build(same_uid=True))
            seen: list[int] = []
            thread = threading.Thread(target=lambda: seen.append(1))
            thread.start()
            thread.join()
            return seen

        assert in_process(work) == [1]

    def answer(self, in_process: Any, name: str, *arguments: int, same_uid: bool = True) -> str:
        import pyseccomp

        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        if number == -1:
            number = seccomp._NUMBERS[name]
        if number < 0:
            pytest.skip(f"this architecture has no {name}")

        def work() -> str:
            seccomp.load(seccomp.build(same_uid=same_uid))
            return refusal(lambda: linux.syscall(number, *(arguments or (0, 0, 0, 0))))

        return str(in_process(work))


class TestLimits:
    def test_memory_beyond_the_limit_is_a_memory_error(self, in_process: Any) -> None:
        def work() -> str:
            limits.apply(**LIMITS)
            try:
                bytearray(300 << 20)
            except MemoryError:
                return "MemoryError"
            return "allowed"

        assert in_process(work) == "MemoryError"

    def test_memory_within_the_limit_is_there(self, in_process: Any) -> None:
        def work() -> int:
            limits.apply(**LIMITS)
            return len(bytearray(100 << 20)) >> 20

        assert in_process(work) == 100

    def test_shared_memory_counts(self, in_process: Any) -> None:
        def work() -> str:
            import mmap

            limits.apply(**LIMITS)
            return refusal(lambda: mmap.mmap(-1, 300 << 20))

        assert in_process(work) == "ENOMEM"

    def test_a_file_ends_at_its_limit(self, in_process: Any, tmp_path: Path) -> None:
        def work() -> str:
            limits.apply(**LIMITS)
            return refusal(lambda: (tmp_path / "big").write_bytes(bytes(2 << 20)))

        assert in_process(work) == "EFBIG"

    def test_descriptors_end_at_their_limit(self, in_process: Any) -> None:
        def work() -> str:
            lowest_free = os.dup(0)
            limits.apply(**LIMITS, open_files=lowest_free + 5)
            return refusal(lambda: [os.dup(0) for _ in range(30)])

        assert in_process(work) == "EMFILE"

    def test_limits_can_be_set_with_more_files_open_than_they_allow(self, in_process: Any) -> None:
        def work() -> str:
            held = [os.dup(0) for _ in range(30)]
            return refusal(lambda: limits.apply(**LIMITS, open_files=len(held)))

        assert in_process(work) == "allowed"

    @pytest.mark.root
    def test_processes_end_at_their_limit(self, in_process: Any) -> None:
        def work() -> list[Any]:
            from autograder.sandbox.available import become

            limits.apply(memory_mib=256, processes=5, file_mib=1)
            become(65_401, 65_401)  # root is exempt
            children = []
            try:
                for _ in range(20):
                    child = os.fork()
                    if child == 0:
                        signal.pause()
                        os._exit(0)
                    children.append(child)
            except BlockingIOError:
                return ["EAGAIN", len(children)]
            finally:
                for child in children:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
            return ["allowed", len(children)]

        assert in_process(work) == ["EAGAIN", 4]  # and this process is the fifth

    def test_other_processes_of_a_shared_user_are_allowed_for(self, in_process: Any) -> None:
        def work() -> bool:
            uid = os.getuid()
            running = limits.tasks_of(uid)
            limits.apply(**LIMITS, shared_uid=uid)
            return running >= 1 and resource.getrlimit(resource.RLIMIT_NPROC)[0] > LIMITS["processes"]

        assert in_process(work)

    def test_no_core_is_dumped(self, in_process: Any) -> None:
        def work() -> list[int]:
            limits.apply(**LIMITS)
            return list(resource.getrlimit(resource.RLIMIT_CORE))

        assert in_process(work) == [0, 0]

    def test_cpu_time_ends_first_with_a_signal_and_then_for_good(self, in_process: Any) -> None:
        def work() -> list[Any]:
            limits.limit_cpu(0.2, 2)
            return list(resource.getrlimit(resource.RLIMIT_CPU))

        assert in_process(work) == [1, 2]

    def test_a_later_cpu_limit_cannot_be_higher(self, in_process: Any) -> None:
        def work() -> list[Any]:
            limits.limit_cpu(2, 3)
            limits.limit_cpu(10, 20)
            return list(resource.getrlimit(resource.RLIMIT_CPU))

        assert in_process(work) == [3, 3]

    def test_a_loop_is_ended(self) -> None:
        child = os.fork()
        if child == 0:
            limits.limit_cpu(1, 2)
            while True:
                pass
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGXCPU


class TestLinux:
    def test_a_failing_call_raises_with_its_name(self) -> None:
        with pytest.raises(OSError, match="mount: ") as caught:
            linux.mount("none", "/no/such/folder", "tmpfs")
        assert caught.value.errno in {errno.ENOENT, errno.EPERM}

    def test_elsewhere_the_calls_do_not_exist(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "darwin")
        linux._libc.cache_clear()
        try:
            with pytest.raises(OSError, match="a feature of Linux") as caught:
                linux.set_no_new_privileges()
        finally:
            monkeypatch.undo()
            linux._libc.cache_clear()
        assert caught.value.errno == errno.ENOSYS

    def test_an_undumpable_process_can_be_dumpable_again(self, in_process: Any) -> None:
        def work() -> list[bool]:
            answer = []
            for wanted in (False, True):
                linux.set_dumpable(wanted)
                answer.append(linux.is_dumpable())
            return answer

        assert in_process(work) == [False, True]

    def test_dropped_capabilities_are_gone(self, in_process: Any) -> None:
        def work() -> str:
            linux.drop_capabilities()
            return Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0]

        assert in_process(work) == "0" * 16

    def test_no_new_privileges_is_kept(self, in_process: Any) -> None:
        def work() -> list[bool]:
            before = linux.has_no_new_privileges()
            linux.set_no_new_privileges()
            return [before, linux.has_no_new_privileges()]

        assert in_process(work) == [False, True]

    def test_a_process_ends_with_its_parent(self, in_process: Any) -> None:
        def work() -> bool:
            linux.become_subreaper()
            reader, writer = os.pipe()
            parent = os.fork()
            if parent == 0:
                if os.fork() == 0:
                    linux.die_with_parent()
                    os.write(writer, b"ready")
                    signal.pause()
                signal.pause()
            os.close(writer)
            assert os.read(reader, 5) == b"ready"
            os.kill(parent, signal.SIGKILL)
            return os.read(reader, 1) == b""  # the last holder of the other end is gone

        assert in_process(work)
