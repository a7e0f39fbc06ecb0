"""The built package in a real Jupyter kernel: untouched, solved and wrong; with otter-grader and without."""

import shutil
import sys
import zipfile

import nbformat
import pytest

from autograder.notebook.handout import handout, solved, source_of, with_answers
from autograder.notebook.submission import read_submission

pytestmark = pytest.mark.slow
OTTER = [pytest.param(True, id="otter"), pytest.param(False, id="light")]


@pytest.fixture
def package(built, tmp_path):
    """The zip unpacked in a fresh folder with a space in its name."""
    folder = tmp_path / "my homework"
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(folder)
    return folder / "scale"


@pytest.fixture
def run(built, package, execute):
    """Save a notebook in the package, run it in a kernel, and return what its cells show, by their sources."""

    def run(notebook, *, otter=True, name="scale.ipynb", started_in=None, kind="text/plain"):
        path = package / name
        if name != "scale.ipynb":
            (package / "scale.ipynb").unlink(missing_ok=True)
        nbformat.write(notebook, path)
        running = execute(notebook, started_in or package, () if otter else ("otter", "msgspec"))
        shown = {}
        for cell in running.cells:
            if cell.cell_type == "code":
                shown[cell.source] = "\n".join(
                    output.get("text") or output.get("evalue") or output["data"].get(kind, "")
                    for output in cell.outputs
                )
        return shown

    return run


def plus(notebook, *sources):
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in sources]
    return notebook


@pytest.mark.parametrize("otter", OTTER)
def test_untouched_stubs_are_not_attempted_and_show_no_traceback(built, run, otter):
    shown = run(handout(built[0]), otter=otter)
    assert shown['grader.check("q1")'] == "q1 Scale the columns: not attempted yet (`scale` is not written)."
    assert shown["grader.check_all()"].endswith("Public checks: 0 of 4 points. The grader runs more checks than these.")


@pytest.mark.parametrize("otter", OTTER)
def test_the_solution_passes_and_can_be_handed_in(built, run, package, otter):
    shown = run(solved(built[0]), otter=otter)
    assert shown['grader.check("q1")'] == (
        "q1 Scale the columns: 1 of 1 public check passed.\n"
        "  ✓ scale gives [[10, 200], [30, 400]] in the worked example."
    )
    assert shown["grader.check_all()"].endswith("Public checks: 4 of 4 points. The grader runs more checks than these.")
    assert shown["grader.export()"] == "Hand in scale-hand-in.zip"
    assert "def scale(x, factor):" in "\n".join(
        cell.source for cell in read_submission(package / "scale-hand-in.zip").cells
    )


@pytest.mark.parametrize("otter", OTTER)
def test_a_wrong_answer_shows_the_claim_and_our_message_alone(built, run, otter):
    topic = built[0]
    mistake = next(each for each in topic.mistakes if each.id == "factor_gradient_averaged")
    shown = run(with_answers(topic, {mistake.of: source_of(mistake, topic)}), otter=otter)['grader.check("q2")']
    lines = shown.split("\n")
    assert lines[:2] == [
        "q2 The gradient: 0 of 1 public check passed",
        "  ✗ The gradients with respect to x and factor are right for a matrix of three rows and two columns.",
    ]
    assert lines[2].startswith("      dfactor: 2 of 2 elements differ;")
    assert "Traceback" not in shown
    assert "assert_backward_close" not in shown
    assert mistake.hint not in shown


def test_the_set_up_cell_takes_otter_where_it_is_there(built, run):
    question = "isinstance(grader, __import__('otter').Notebook), __import__('autograder').__file__"
    shown = run(plus(solved(built[0]), question))
    assert shown[question].startswith("(True,")
    assert "my homework/scale/autograder" in shown[question]


def test_nothing_but_numpy_and_torch_is_needed_without_otter(built, run):
    question = (
        "type(grader).__name__, sys.modules.get('msgspec'), [m for m in sys.modules if m.startswith('autograder.')]"
    )
    shown = run(plus(solved(built[0]), question), otter=False)[question]
    assert shown.startswith("('LightGrader',\n None,")
    assert "topic" not in shown
    assert "course" not in shown


@pytest.mark.parametrize("otter", OTTER)
def test_the_notebook_may_be_renamed(built, run, package, otter):
    shown = run(solved(built[0]), name="my answers (final).ipynb", otter=otter)
    assert shown["grader.export()"] == "Hand in scale-hand-in.zip"
    with zipfile.ZipFile(package / "scale-hand-in.zip") as archive:
        assert "my answers (final).ipynb" in archive.namelist()


@pytest.mark.parametrize("place", ["above", "below"])
def test_another_working_directory_finds_checks_and_data(built, run, package, place):
    folder = {"above": package.parent, "below": package / "data"}[place]
    shown = run(solved(built[0]), otter=False, started_in=folder)
    assert "1 of 1 public check passed." in shown['grader.check("q1")']
    assert any("1.7" in text for source, text in shown.items() if "loadtxt" in source)


def test_the_notebook_beside_the_zip_unpacks_it(built, run, package, tmp_path):
    fresh = tmp_path / "content"
    fresh.mkdir()
    shutil.copy(built[1], fresh)
    shown = run(solved(built[0]), otter=False, started_in=fresh)
    assert "1 of 1 public check passed." in shown['grader.check("q1")']


def test_a_notebook_without_its_folder_says_so_once_and_runs_on(built, run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    shown = run(solved(built[0]), started_in=tmp_path / "elsewhere")
    assert [text for text in shown.values() if text and "loadtxt" not in text and "data" not in text] == [
        "Your answers cannot be checked here. Keep this notebook in the folder that it came in.\n"
    ]


def test_an_answer_that_is_not_saved_is_told_before_it_is_handed_in(built, run, package):
    notebook = solved(built[0])
    save = f"import shutil; _ = shutil.copy({str(package / 'old')!r}, 'scale.ipynb')"
    nbformat.write(handout(built[0]), package / "old")
    notebook.cells.insert(1, nbformat.v4.new_code_cell(save))
    shown = run(notebook, otter=False)["grader.export()"]
    assert shown == (
        "scale-hand-in.zip is not up to date: the saved notebook does not have `scale`, `scale_backward` as it ran last. "
        "Save the notebook, and run this cell again."
    )


def test_windows_line_ends_do_no_harm(built, run, package):
    for path in [*package.rglob("*.py"), *package.rglob("*.json"), *package.rglob("*.csv")]:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    shown = run(solved(built[0]))
    assert shown["grader.check_all()"].endswith("Public checks: 4 of 4 points. The grader runs more checks than these.")


def test_plain_otter_shows_claim_and_message_too(built, package):
    """As an instructor may run it: otter's own Notebook, without our set-up cell."""
    import subprocess

    script = (
        "import otter\ndef scale(x, factor): return x + factor\ngrader = otter.Notebook()\nprint(grader.check('q1'))\n"
    )
    (package / "run.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "run.py"], cwd=package, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "q1 scale gives [[10, 200], [30, 400]] in the worked example. result:" in done.stdout
    assert "CheckFailed: scale(x, factor): 4 of 4 elements differ" in done.stdout
