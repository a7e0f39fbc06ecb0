"""The pool: what becomes of a process costs the job that it was at, and no other."""

import os
import signal
import time

import pytest

from autograder.cohort.pool import Died, Pool

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def pool(work, size=2, **options):
    return Pool(size, lambda: None, work, **options)


def run(work, jobs, **options):
    with pool(work, **options) as processes:
        return dict(processes.results(jobs))


def test_every_job_has_its_result():
    assert run(lambda own, slot, job: job * job, range(20)) == {job: job * job for job in range(20)}


def test_no_jobs_give_no_results():
    assert run(lambda own, slot, job: job, []) == {}


def test_a_job_that_kills_its_process_costs_itself_alone():
    def work(own, slot, job):
        if job == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return job

    found = run(work, range(8))
    assert found.pop(3) == Died("the grading process was ended by SIGKILL")
    assert found == {job: job for job in range(8) if job != 3}


def test_many_such_jobs_cost_nobody_else_anything():
    def work(own, slot, job):
        if job % 3 == 0:
            os._exit(7)
        return job

    found = run(work, range(12))
    died = Died("the grading process ended with code 7")
    assert found == {job: died if job % 3 == 0 else job for job in range(12)}


def test_one_that_dies_of_bad_luck_is_tried_again(tmp_path):
    def work(own, slot, job):
        before = tmp_path / f"{job}"
        if job == 2 and not before.exists():
            before.touch()
            os._exit(1)
        return "done"

    assert run(work, range(4)) == dict.fromkeys(range(4), "done")


def test_a_suspect_is_tried_when_all_others_are_done_and_alone(tmp_path):
    log = tmp_path / "log"

    def work(own, slot, job):
        with log.open("a") as file:
            file.write(f"{job} ")
        if job == 0:
            os._exit(1)
        return job

    run(work, range(6))
    order = log.read_text().split()
    assert order[-1] == "0"
    assert order.count("0") == 2


def test_a_job_that_never_ends_is_ended():
    def work(own, slot, job):
        if job == 1:
            time.sleep(600)
        return job

    found = run(work, range(3), limit_s=0.5)
    assert found == {0: 0, 1: Died("the grading process had not finished after 0 s"), 2: 2}


def test_what_work_raises_is_raised_here():
    def work(own, slot, job):
        raise ValueError(f"job {job}")

    with pytest.raises(ValueError, match="job 5"):
        run(work, [5])


def test_once_stopped_only_what_was_begun_is_finished():
    seen = []
    with pool(lambda own, slot, job: job, size=2) as processes:
        for job, _ in processes.results(range(100), stop=lambda: bool(seen)):
            seen.append(job)
    assert len(seen) <= 3


def test_jobs_are_taken_as_they_are_needed():
    taken = []

    def jobs():
        for job in range(50):
            taken.append(job)
            yield job

    with pool(lambda own, slot, job: job, size=2) as processes:
        for done, _ in enumerate(processes.results(jobs()), start=1):
            assert len(taken) <= done + 2


def test_each_process_has_what_was_prepared_for_it_and_it_is_released_here():
    prepared, released = [], []

    def prepare():
        prepared.append(len(prepared))
        return prepared[-1]

    with Pool(2, prepare, lambda own, slot, job: (own, slot), release=released.append) as processes:
        found = {result for _, result in processes.results(range(10))}
    assert found <= {(0, 0), (1, 1)}
    assert released == prepared


def test_leaving_early_ends_processes_that_are_at_work():
    with pool(lambda own, slot, job: time.sleep(600) if job else os.getpid()) as processes:
        _, pid = next(processes.results(range(3)))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_processes_end_when_their_parent_is_killed(tmp_path):
    told = tmp_path / "pid"

    def work(own, slot, job):
        told.write_text(str(os.getpid()))
        time.sleep(600)

    parent = os.fork()
    if parent == 0:
        run(work, [1], size=1)
        os._exit(0)
    end = time.monotonic() + 30
    while not (told.exists() and told.read_text()) and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    child = int(told.read_text())
    while _runs(child) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _runs(child)


def _runs(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in b"ZX"
    except OSError:
        return False
