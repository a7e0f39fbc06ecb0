"""A class on a Dask cluster: a real one, on this machine, whose worker is killed in the middle."""

import os
import shutil
import signal
import sys

import nbformat
import pytest

pytest.importorskip("distributed")

from autograder.cohort.cluster import bundle_of, grade_on_cluster
from autograder.course import find_course
from autograder.errors import CourseError
from autograder.notebook.handout import solved
from autograder.topic import load_topic

linux = pytest.mark.skipif(sys.platform != "linux", reason="kills processes as Linux lets it")
COUNT = 6


@pytest.fixture
def topic(tiny_course):
    return load_topic(find_course(tiny_course), "scale")


@pytest.fixture
def notebooks(topic, tmp_path):
    """Right answers, one that kills whatever it can reach, and one that is none."""
    paths = []
    for number in range(COUNT):
        book = solved(topic)
        book.cells.insert(0, nbformat.v4.new_code_cell(f"import time; time.sleep(0.2)  # {number}"))
        if number == 3:
            book.cells.append(nbformat.v4.new_code_cell("import os\nos.kill(os.getppid(), 9)\nos._exit(1)"))
        paths.append(tmp_path / f"s{number}.ipynb")
        nbformat.write(book, paths[-1])
    paths[5].write_text("no notebook")
    return paths


@pytest.mark.slow
@linux
@pytest.mark.filterwarnings("ignore")  # Dask's own, about its ends
def test_a_lost_worker_costs_nothing(topic, notebooks, tmp_path):
    from distributed import Client, LocalCluster

    secret = bytes(32)
    killed = False
    reports = {}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        for place, report in grade_on_cluster(cluster.scheduler_address, topic, notebooks, secret=secret):
            assert place not in reports
            reports[place] = report
            if len(reports) == 2 and not killed:
                victim = next(iter(client.run(os.getpid).values()))
                os.kill(victim, signal.SIGKILL)  # a process that this test's cluster started
                killed = True
    assert killed
    assert sorted(reports) == list(range(COUNT))
    earned = {place: report.earned if report.graded else None for place, report in reports.items()}
    assert earned == {place: 0.0 if place == 5 else 10.0 for place in range(COUNT)}
    assert {report.submission for report in reports.values()} == {path.name for path in notebooks}


def test_where_nobody_answers_it_says_so(topic, notebooks, monkeypatch):
    from autograder.cohort import cluster

    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    with pytest.raises(CourseError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        next(iter(grade_on_cluster("tcp://127.0.0.1:1", topic, notebooks, secret=bytes(32))))


def test_what_is_sent_is_the_topic_and_no_other(topic, tmp_path):
    (tmp_path / "bundle.zip").write_bytes(bundle_of(topic))
    shutil.unpack_archive(tmp_path / "bundle.zip", tmp_path / "there")
    there = load_topic(find_course(tmp_path / "there"), "scale")
    there.validate()
    assert find_course(tmp_path / "there").topics() == ["scale"]
    assert not (tmp_path / "there" / ".chainrule").exists()
