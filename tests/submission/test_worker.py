"""A notebook's cells in the real sandbox: as far as they go, once, and a fork of that state for each check."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.cohort import open_sandbox
from autograder.errors import LimitExceeded, StudentRaised, SubmissionDied
from autograder.sandbox import layers
from autograder.submission.lending import Lender
from autograder.submission.worker import Worker, limited
from autograder.topic import Limits

pytestmark = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")

LIMITS = Limits(cell_cpu_s=1, check_cpu_s=1, wall_factor=1.5)


@pytest.fixture(scope="module")
def sandbox():
    with open_sandbox(isolation="none") as opened:
        yield opened


@pytest.fixture
def worker(sandbox, tmp_path_factory):
    """`worker(cells)`: a worker that has run them, and the problems."""
    opened = []

    def run(*sources, limits=LIMITS, data=None):
        scratch = Path(tmp_path_factory.mktemp("scratch"))
        readable = [data] if data else []
        confinement = limited(layers.plan(sandbox.layers, scratch=scratch, readable=readable), limits)
        each = Worker(sandbox.server, confinement, limits, {"f": "f(x)"}, data=data)
        opened.append(each)
        return each, each.run(list(enumerate(sources, start=1)))

    yield run
    for each in opened:
        each.end()


def ask(worker, name="f", *args):
    with worker.check(seed=1, cpu_s=LIMITS.check_cpu_s) as student:
        return getattr(student, name)(*args)


def kinds(problems):
    return [(problem.cell, problem.kind) for problem in problems]


def test_cells_share_their_names(worker):
    ran, problems = worker("import numpy as np", "a = np.ones(2)", "def f(x): return x * a")
    assert problems == []
    assert ask(ran, "f", 3.0).tolist() == [3.0, 3.0]


def test_magics_shell_commands_and_display_cost_nothing(worker):
    cell = "%matplotlib inline\n%load_ext nothing\n!ls\ndisplay(1)\nx = input('?')\n%who\nf = len\nf?"
    ran, problems = worker(cell, "%%time\ndef g(x): return x", "%%bash\nls", "%%html\n<b>", "get_ipython().magic('x')")
    assert problems == []
    assert ask(ran, "g", 1) == 1
    assert ask(ran, "f", [1, 2]) == 2


def test_otter_cells_run_without_otter(worker):
    cell = "import otter\ngrader = otter.Notebook('hw.ipynb')\ngrader.check('q1')\ngrader.check_all()"
    assert worker(cell)[1] == []


def test_top_level_await_runs(worker):
    ran, problems = worker("import asyncio\nx = await asyncio.sleep(0, 7)", "def f(): return x")
    assert problems == []
    assert ask(ran) == 7


@pytest.mark.parametrize(
    "cell, kind, said, line",
    [
        ("def f(:", "syntax error", "invalid syntax", 1),
        ("x = 1\n1 / 0", "raised", "ZeroDivisionError: division by zero", 2),
        ("exit()", "raised", "NameError|exit", None),
        ("import sys; sys.exit(3)", "raised", r"exit\(\)", None),
        ("while True: pass", "took too long", "CPU time", None),
        ("import os; os._exit(0)", "ended the process", "ended the Python process; skipped", None),
        ("import ctypes; ctypes.string_at(0)", "ended the process", "skipped", None),
        ("import time; time.sleep(60)", "took too long", "did not end within", None),
    ],
)
def test_a_cell_that_fails_does_not_stop_the_rest(worker, cell, kind, said, line):
    import re

    ran, problems = worker("a = 1", cell, "def f(): return a")
    assert kinds(problems) == [(2, kind)]
    assert re.search(said, problems[0].message)
    if line is not None:
        assert problems[0].line == line
    assert ask(ran) == 1


def test_a_notebook_that_ends_itself_in_every_cell_fails_its_checks_and_no_more(worker):
    ran, problems = worker(*["import os; os._exit(0)"] * 6)
    assert len(problems) == 4
    with pytest.raises(SubmissionDied, match="again and again"):
        ask(ran)


def test_cells_that_never_end_share_one_clock(worker):
    limits = Limits(cell_cpu_s=0.1, run_cpu_s=0.1, check_cpu_s=1)
    ran, problems = worker(*["import time; time.sleep(60)"] * 5, "def f(x): return x", limits=limits)
    assert kinds(problems) == [(cell, "took too long") for cell in (1, 2, 3, 4)]
    with pytest.raises(SubmissionDied, match="the notebook took too long as a whole"):
        ask(ran, "f", 1.0)


def test_cells_that_call_an_endless_function_leave_the_rest_their_turn(worker):
    limits = Limits(cell_cpu_s=3, run_cpu_s=4, check_cpu_s=1)
    ran, problems = worker(
        "def endless():\n    while True: pass", *["endless()"] * 8, "def f(x): return x", limits=limits
    )
    assert kinds(problems) == [(cell, "took too long") for cell in range(2, 10)]
    assert problems[0].message == "more than 1 s of CPU time"
    assert ask(ran, "f", 1.0) == 1.0


def test_cells_that_hang_until_the_clock_is_over_leave_the_rest_a_start_of_its_own(worker):
    limits = Limits(cell_cpu_s=0.2, run_cpu_s=0.3, check_cpu_s=1)
    ran, problems = worker(*["import time; time.sleep(60)"] * 2, "def f(x): return x", limits=limits)
    assert kinds(problems) == [(1, "took too long"), (2, "took too long")]
    assert ask(ran, "f", 1.0) == 1.0


def test_each_check_starts_from_the_state_after_the_last_cell(worker):
    ran, _ = worker("count = [0]", "def f():\n    count[0] += 1\n    return count[0]")
    assert [ask(ran), ask(ran), ask(ran)] == [1, 1, 1]


def test_a_crash_costs_its_check_alone(worker):
    ran, _ = worker("import os\ndef f(): os._exit(9)\ndef g(): return 1")
    with pytest.raises(SubmissionDied, match=r"`f` ended its Python process \(exit code 9\)"):
        ask(ran)
    assert ask(ran, "g") == 1


def test_a_segfault_is_named(worker):
    ran, _ = worker("import ctypes\ndef f(): ctypes.string_at(0)")
    with pytest.raises(SubmissionDied, match="SIGSEGV"):
        ask(ran)


@pytest.mark.parametrize(
    "body, said",
    [
        ("while True: pass", "did not answer within its CPU time. An endless loop?"),
        ("import time; time.sleep(60)", "did not answer within 4 s"),
    ],
)
def test_a_check_that_does_not_answer_is_ended(worker, body, said):
    ran, _ = worker(f"def f():\n    {body}", "def g(): return 1")
    with pytest.raises(LimitExceeded, match=said):
        ask(ran)
    assert ask(ran, "g") == 1


def test_all_checks_together_have_a_limit_too(worker):
    ran, _ = worker("import time\ndef f():\n    time.sleep(0.3)\n    return 1", limits=Limits(checks_s=0.5))
    assert [ask(ran), ask(ran)] == [1, 1]
    with pytest.raises(LimitExceeded, match=r"`f` was not asked: the checks before took more than 0.5 s"):
        ask(ran)


def test_checks_that_hang_leave_time_for_the_others(worker):
    ran, _ = worker("import time\ndef f(): time.sleep(60)", "def g(): return 1", limits=Limits(checks_s=16))
    for said in ("within 4 s", "within 3 s", "within 2 s"):  # a quarter of what is left, and that is never all
        with pytest.raises(LimitExceeded, match=said) as caught:
            ask(ran)
        assert not set("0123456789") & set(caught.value.redacted), "how long hidden checks took is told by it"
    assert ask(ran, "g") == 1


def test_memory_is_limited_and_the_next_check_goes_on(worker):
    ran, _ = worker("import numpy as np\ndef f(): return np.ones(1 << 28).sum()", "def g(): return 1")
    with pytest.raises(StudentRaised, match="MemoryError"):
        ask(ran)
    assert ask(ran, "g") == 1


def test_an_answer_larger_than_a_message_is_refused(worker):
    ran, _ = worker("import numpy as np\ndef f(): return np.zeros(1 << 20)", limits=Limits(message_mib=1))
    with pytest.raises(StudentRaised, match="larger than it may be"):
        ask(ran)


def test_what_a_notebook_changes_in_torch_and_numpy_is_undone_for_checks(worker):
    poison = "import numpy as np, torch\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\nnp.seterr(all='raise')"
    ran, _ = worker(
        poison, "def f(): return str(torch.get_default_dtype()), torch.is_grad_enabled(), np.geterr()['over']"
    )
    assert ask(ran) == ("torch.float32", True, "warn")


def test_the_random_state_of_a_check_is_its_seed(worker):
    ran, _ = worker(
        "import random, numpy as np, torch", "def f(): return random.random(), np.random.rand(), torch.rand(1).item()"
    )
    assert ask(ran) == ask(ran)


@pytest.mark.parametrize(
    "habit",
    [
        "import torch\nw = torch.ones(3, requires_grad=True)\n(w * w).sum().backward()",
        "import torch\ntorch.set_num_threads(2)\ntorch.ones(300, 300) @ torch.ones(300, 300)",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(30,), daemon=True).start()",
    ],
)
def test_threads_of_the_notebook_do_not_hang_a_check(worker, habit):
    ran, problems = worker(
        habit,
        "import torch\ndef f(x):\n    w = torch.ones(200, 200, requires_grad=True)\n    (w @ w).sum().backward()\n    return w.grad[0, 0].item()",
    )
    assert problems == []
    assert ask(ran, "f", 1) == 400.0


def test_public_data_lie_where_the_notebook_expects_them(worker, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "numbers.csv").write_text("1,2\n")
    tmp_path.chmod(0o755)
    ran, problems = worker(
        "import numpy as np\nx = np.loadtxt('data/numbers.csv', delimiter=',')", "def f(): return x", data=data
    )
    assert problems == []
    assert ask(ran).tolist() == [1.0, 2.0]


def test_what_a_notebook_prints_is_kept_up_to_a_cap(worker):
    ran, _ = worker("print('hello')\nimport sys; print('x' * 10_000_000)", limits=Limits(output_kib=1))
    ran.end()
    assert ran.ending.printed.startswith("hello\nxxx")
    assert len(ran.ending.printed) == 1024
    assert ran.ending.dropped > 9_000_000


def test_a_right_answer_on_loan_is_called_over_the_wire(worker):
    ran, _ = worker("def square(x): return 0 * x\ndef f(x): return square(x) + 1")
    with ran.check(seed=1, cpu_s=1, lender=Lender({"square": lambda x: x * x})) as student:
        assert student.f(np.array([2.0, 3.0])).tolist() == [5.0, 10.0]


def test_a_gradient_flows_through_a_right_answer_on_loan(worker):
    ran, _ = worker("import torch\ndef square(x): return x\ndef f(x): return 3 * square(x)")
    with ran.check(seed=1, cpu_s=1, lender=Lender({"square": lambda x: x * x})) as student:
        (gradient,) = student.f.gradient((np.array([2.0, 5.0]),), wrt=(0,))
    assert gradient.tolist() == [12.0, 30.0]


def test_objects_live_as_long_as_their_check(worker):
    ran, _ = worker(
        "class C:\n    def __init__(self): self.n = 0\n    def step(self):\n        self.n += 1\n        return self.n"
    )
    with ran.check(seed=1, cpu_s=1) as student:
        c = student.C()
        assert [c.step(), c.step(), c.n] == [1, 2, 2]


class TestOneProcessForSeveralChecks:
    """A check that passes and leaves no traces hands its process on; every other one ends it."""

    CELLS = "import os\nseen = []\ndef f(): return os.getpid()\ndef g():\n    seen.append(1)\n    return len(seen)"

    def test_after_a_check_without_traces_the_next_has_its_process(self, worker):
        ran, _ = worker(self.CELLS)
        assert ask(ran) == ask(ran)

    def test_a_check_is_told_whether_its_process_is_new(self, worker):
        ran, _ = worker(self.CELLS)
        for fresh in (True, False, False):
            with ran.check(seed=1, cpu_s=1) as student:
                assert student._fresh is fresh

    def test_a_check_that_changes_something_is_the_last_in_its_process(self, worker):
        ran, _ = worker(self.CELLS)
        assert [ask(ran, "g") for _ in range(6)] == [1] * 6

    def test_a_failed_check_is_the_last_in_its_process(self, worker):
        ran, _ = worker(self.CELLS)
        pid = ask(ran)
        with pytest.raises(ZeroDivisionError), ran.check(seed=1, cpu_s=1):
            raise ZeroDivisionError
        assert ask(ran) != pid

    def test_a_right_answer_on_loan_is_gone_with_its_process(self, worker):
        ran, _ = worker("def square(x): return 0\ndef f(x): return square(x)")
        assert ask(ran, "f", 3) == 0
        with ran.check(seed=1, cpu_s=1, lender=Lender({"square": lambda x: x * x})) as student:
            assert student.f(3) == 9
        assert ask(ran, "f", 3) == 0

    def test_a_process_that_ended_between_two_checks_costs_nothing(self, worker):
        ran, _ = worker(
            "import os, threading\ndef f(): return os.getpid()\n"
            "def leave():\n    threading.Timer(0.2, os._exit, (0,)).start()"
        )
        pid = ask(ran)
        ask(ran, "leave")
        assert ask(ran) != pid

    def test_each_check_finds_the_same_random_numbers_and_no_objects_of_another(self, worker):
        ran, _ = worker("import random\nclass C: pass\ndef f(): return random.random()")
        first = ask(ran)
        with ran.check(seed=1, cpu_s=1) as student:
            student.C()
            assert student.f() == first
        with ran.check(seed=1, cpu_s=1) as student:
            assert student.C()._target == {"handle": 0}

    def test_each_check_has_its_own_cpu_time(self, worker):
        ran, _ = worker(
            "import time\ndef f(seconds):\n    end = time.process_time() + seconds\n    while time.process_time() < end: pass"
        )
        for _ in range(5):  # 3.5 s in one process, of which one check may use 1
            ask(ran, "f", 0.7)
        with pytest.raises(LimitExceeded):
            ask(ran, "f", 60)
