"""Processes of our own, and their end."""

import os
import signal
import time

from autograder.verify.children import Ended, in_children


def outcomes(tasks, work, *, jobs=1, silence_s=20.0):
    found = {}
    for task, item in in_children(tasks, work, jobs=jobs, silence_s=silence_s, memory_mib=256):
        found.setdefault(task, []).append(item)
    return found


def test_items_come_back_as_they_were():
    def work(task, say):
        yield task.encode()
        yield b""

    assert outcomes(["a", "b"], work, jobs=2) == {"a": [b"a", b""], "b": [b"b", b""]}


def test_a_task_may_yield_nothing():
    assert outcomes([1], lambda task, say: iter(())) == {}


def test_no_more_than_so_many_run_at_a_time():
    def work(task, say):
        start = time.monotonic()
        time.sleep(0.3)
        yield f"{start} {time.monotonic()}".encode()

    spans = [tuple(map(float, items[0].split())) for items in outcomes(range(6), work, jobs=2).values()]
    together = [sum(start <= moment < end for start, end in spans) for moment, _ in spans]
    assert max(together) <= 2


def test_an_exception_is_told_with_the_place():
    def work(task, say):
        say("here")
        yield b"first"
        raise ValueError("too many")

    assert outcomes([1], work) == {1: [b"first", Ended("raised ValueError: too many", "here")]}


def test_a_process_that_says_nothing_is_killed():
    def work(task, say):
        say("the loop")
        while True:
            pass
        yield b""

    assert outcomes([1], work, silence_s=1.0) == {1: [Ended("did not end within 1 s", "the loop")]}


def test_saying_something_keeps_it_alive():
    def work(task, say):
        for step in range(8):
            time.sleep(0.5)
            say(str(step))
        yield b"done"

    assert outcomes([1], work, silence_s=3.0) == {1: [b"done"]}


def test_others_go_on_while_one_hangs():
    def work(task, say):
        if task == 0:
            time.sleep(1000)
        yield b"done"

    found = outcomes([0, 1, 2], work, jobs=2, silence_s=4.0)
    assert found[1] == found[2] == [b"done"]
    assert found[0][0].why == "did not end within 4 s"


def test_a_huge_allocation_is_refused():
    def work(task, say):
        yield str(len(bytearray(1 << 30))).encode()

    assert outcomes([1], work)[1][0].why.startswith("raised MemoryError")


def test_an_exit_is_told():
    def work(task, say):
        os._exit(3)
        yield b""

    assert outcomes([1], work) == {1: [Ended("ended its process (exit code 3)", "")]}


def test_a_signal_is_told_by_name():
    def work(task, say):
        os.kill(os.getpid(), signal.SIGKILL)
        yield b""

    assert outcomes([1], work) == {1: [Ended("was ended by SIGKILL", "")]}


def test_sys_exit_is_no_way_out():
    def work(task, say):
        raise SystemExit(0)
        yield b""

    assert outcomes([1], work)[1][0].why.startswith("raised SystemExit")


def test_what_is_printed_goes_nowhere(capfd):
    def work(task, say):
        print("a word of wisdom")
        os.write(2, b"and another")
        yield b"done"

    outcomes([1], work)
    assert capfd.readouterr() == ("", "")


def test_nobody_is_left_when_the_caller_stops_early():
    def work(task, say):
        yield str(os.getpid()).encode()
        time.sleep(1000)

    items = in_children([1], work, jobs=1, silence_s=100.0, memory_mib=256)
    _, pid = next(items)
    items.close()
    assert not os.path.exists(f"/proc/{int(pid)}")
