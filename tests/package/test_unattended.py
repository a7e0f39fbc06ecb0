"""`python -m autograder.package check`: the public checks without a student at the keyboard."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import jsonschema
import nbformat
import pytest

from autograder.notebook.handout import handout, solved

RUNNER = {
    "CLASSROOM": "deep-learning",
    "ASSIGNMENT": "scale",
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "ada",
    "SUBMISSION_TAG": "submit/2026-10-01T10-00-00Z-0123456",
    "COMMIT_URL": "https://example.org/commit/0123456",
    "RELEASE_URL": "https://example.org/releases/1",
    "REVIEW_URL": "https://example.org/compare/1",
}


@pytest.fixture
def package(built, tmp_path):
    """The zip unpacked in a folder with a space in its name, with the solved notebook."""
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(tmp_path / "my homework")
    folder = tmp_path / "my homework" / "scale"
    nbformat.write(solved(built[0]), folder / "scale.ipynb")
    return folder


@pytest.fixture
def check(package):
    """Run the command in the package, or in `folder`; (exit code, standard output, standard error)."""

    def check(*arguments, folder=None, **environment):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "autograder.package", "check", *arguments],
            cwd=folder or package,
            env={"PATH": os.environ["PATH"], "HOME": str(package.parent), "PYTHONPATH": str(package), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return check


def with_cell(topic, source, *, place=1, make=solved):
    notebook = make(topic)
    notebook.cells.insert(place, nbformat.v4.new_code_cell(source))
    return notebook


def test_the_solution_passes(check):
    code, said, errors = check()
    assert (code, errors) == (0, "")
    assert said.splitlines()[0].split() == ["Scaling", "columns,", "public", "checks", "scale.ipynb"]
    assert "4 of 4 points   2 checks passed" in said
    assert "The grader runs more checks than these." in said


def test_a_failed_check_ends_with_code_1_unless_asked_otherwise(built, package, check):
    nbformat.write(handout(built[0]), package / "scale.ipynb")
    assert check()[0] == 1
    assert check("--exit-zero")[0] == 0


def test_a_notebook_that_is_named_is_taken(package, check):
    shutil.move(package / "scale.ipynb", package / "my answers.ipynb")
    (package / "other.ipynb").write_text("{}")
    assert "my answers.ipynb" in check("my answers.ipynb")[1]


@pytest.mark.parametrize(
    "content, said",
    [
        (None, "The notebook's file cannot be seen from here"),
        ("no notebook", "scale.ipynb cannot be read as a notebook with code in it."),
    ],
)
def test_without_a_notebook_that_can_be_read_nothing_is_checked(package, check, content, said):
    (package / "scale.ipynb").unlink()
    if content:
        (package / "scale.ipynb").write_text(content)
    code, _, errors = check()
    assert code == 2
    assert errors.startswith(f"Error: {said}")


def test_an_unknown_format_is_refused_with_those_that_exist(check):
    code, _, errors = check("--format", "html")
    assert code == 2
    assert "html: no such format; there are text, github, junit, classroom50" in errors


def test_a_cell_that_raises_stops_no_other_and_is_told(built, package, check):
    nbformat.write(with_cell(built[0], "1 / 0"), package / "scale.ipynb")
    code, said, _ = check()
    assert code == 0
    assert "code cell 2, line 1: raised" in said


def test_what_cells_print_is_not_shown(built, package, check):
    nbformat.write(
        with_cell(built[0], "import sys; print('LOUD'); print('LOUD', file=sys.stderr)"), package / "scale.ipynb"
    )
    code, said, errors = check()
    assert code == 0
    assert "LOUD" not in said + errors


def test_pictures_are_drawn_without_a_screen(built, package, check):
    nbformat.write(with_cell(built[0], "import os; assert os.environ['MPLBACKEND'] == 'Agg'"), package / "scale.ipynb")
    assert "did not run to their end" not in check()[1]


def test_the_cells_run_beside_their_data_and_write_no_file_to_hand_in(package, check, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    code, said, _ = check(str(package / "scale.ipynb"), folder=tmp_path / "elsewhere")
    assert code == 0
    assert "did not run to their end" not in said
    assert not list(tmp_path.rglob("*-hand-in.zip"))


def test_an_answer_that_calls_exit_costs_its_checks(built, package, check):
    nbformat.write(with_cell(built[0], "def scale(x, factor):\n    exit()", place=-3), package / "scale.ipynb")
    code, said, _ = check()
    assert code == 1
    assert "`scale` raised SystemExit" in said


def test_an_endless_answer_costs_its_checks(built, package):
    nbformat.write(
        with_cell(built[0], "def scale(x, factor):\n    while True: pass", place=-3), package / "scale.ipynb"
    )
    script = (
        "import sys\nfrom autograder.package import unattended, __main__\nunattended.CHECK_CPU_S = 0.3\n"
        "sys.exit(__main__.main(['check']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=package, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 1
    assert "0 of 2" in done.stdout
    assert "more time" in done.stdout or "CPU time" in done.stdout


def test_nothing_but_numpy_and_ipython_is_needed(package):
    script = (
        "import sys\nfor name in ('click', 'msgspec', 'jinja2', 'otter', 'nbformat'): sys.modules[name] = None\n"
        "from autograder.package.__main__ import main\nsys.exit(main(['check', '--format', 'text,github,junit', '-o', 'r']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=package, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (package / "r").iterdir()} == {"report.txt", "summary.md", "junit.xml"}


class TestClassroom50:
    def result(self, package, check, repository, *arguments):
        code, _, errors = check("--format", "classroom50", *arguments, **RUNNER)
        assert errors == ""
        schema = repository / "autograder/report/schemas/classroom50-result.v1.schema.json"
        result = json.loads((package / "result.json").read_text())
        jsonschema.validate(result, json.loads(schema.read_text()))
        return code, result

    def test_the_result_is_written_where_the_runner_looks(self, package, check, repository):
        code, result = self.result(package, check, repository)
        assert code == 0
        assert (result["score"], result["max-score"], result["owner"]) == (4, 4, "ada")

    def test_wrong_answers_are_no_fault_of_the_runner(self, built, package, check, repository):
        nbformat.write(handout(built[0]), package / "scale.ipynb")
        code, result = self.result(package, check, repository, "--exit-zero")
        assert code == 0
        assert [test["passed"] for test in result["tests"]] == [False, False]

    def test_the_autograder_of_the_page_checks_with_its_own_copies(self, package, repository, tmp_path):
        """As `docs/github.md` says; the installations in it are passed over."""
        bundle, checkout = tmp_path / "bundle", tmp_path / "checkout"
        shutil.copytree(package, bundle)
        (script,) = re.findall(
            r"```python\n(.*?)```", (repository / "docs/github.md").read_text(encoding="utf-8"), re.DOTALL
        )
        (bundle / "autograder.py").write_text(script)
        (tmp_path / "sitecustomize.py").write_text("import subprocess\nsubprocess.run = lambda *a, **k: None\n")
        checkout.mkdir()
        shutil.copy(package / "scale.ipynb", checkout)
        (checkout / "autograder").mkdir()
        (checkout / "autograder" / "__init__.py").write_text("raise SystemExit('the student changed the checks')\n")
        done = subprocess.run(
            [sys.executable, bundle / "autograder.py"],
            cwd=checkout,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), **RUNNER},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads((checkout / "result.json").read_text())["score"] == 4

    def test_outside_a_classroom_what_is_missing_is_named(self, check):
        code, _, errors = check("--format", "classroom50")
        assert code == 2
        assert "missing: CLASSROOM, ASSIGNMENT" in errors
