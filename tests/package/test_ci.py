"""Repositories that run checks: their workflows are valid, and their commands do what they say."""

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import xml.etree.ElementTree as ET

import nbformat
import pytest
import yaml

from autograder.notebook.handout import handout, solved, source_of, with_answers
from autograder.package import ci
from autograder.package.gradescope.wheel import wheel

GRADE = ".github/workflows/grade.yml"
GRADE_ALL = ".github/workflows/grade-scale.yml"
SECRET = {"CHAINRULE_SECRET": "5a" * 32}
PUBLIC_REPOSITORY = "${{ !github.event.repository.private }}"


@pytest.fixture
def template(repositories, tmp_path):
    """A student's repository, made from the template."""
    return shutil.copytree(repositories[0], tmp_path / "my repository")


def private_repository(built, repositories, root):
    shutil.copytree(built[0].course.root, root, ignore=shutil.ignore_patterns(".chainrule"))
    return shutil.copytree(repositories[1], root, dirs_exist_ok=True)


@pytest.fixture
def private(built, repositories, tmp_path):
    """The course, with what its private repository needs besides."""
    return private_repository(built, repositories, tmp_path / "course")


@pytest.fixture(scope="module")
def class_repository(built, repositories, tmp_path_factory):
    """The same, with three submissions."""
    root = private_repository(built, repositories, tmp_path_factory.mktemp("class") / "course")
    old = solved(built[0])
    old.metadata["chainrule"]["content"] = "0123456789abcdef"
    for name, notebook in {"ada": solved(built[0]), "bob": wrong(built[0]), "old": old}.items():
        nbformat.write(notebook, root / f"submissions/scale/{name}.ipynb")
    return root


@pytest.fixture(scope="module")
def graded(class_repository, run_steps, tmp_path_factory):
    """What the workflow says, with `chainrule` installed from the wheel that came with it, and this repository out of reach.

    Other packages are those of this environment: a path in a .pth file is taken as it stands, so the .pth of an editable
    installation there has no effect.
    """
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    (path,) = class_repository.glob("wheels/*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, path],
        check=True,
        capture_output=True,
    )
    commands = {"chainrule": [str(environment / "bin" / "python"), "-m", "autograder.cli"]}
    return run_steps(class_repository / GRADE_ALL, class_repository, secrets=SECRET, commands=commands)


def wrong(topic):
    mistake = next(each for each in topic.mistakes if each.id == "factor_gradient_averaged")
    return with_answers(topic, {mistake.of: source_of(mistake, topic)})


class TestForms:
    @pytest.mark.parametrize(
        "which, file, schema",
        [
            (0, GRADE, "vendor.github-workflows"),
            (1, GRADE_ALL, "vendor.github-workflows"),
            (0, ".gitlab-ci.yml", "vendor.gitlab-ci"),
        ],
    )
    def test_the_workflow_is_valid(self, repositories, which, file, schema):
        checked = subprocess.run(
            [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, repositories[which] / file],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def test_no_mark_of_a_template_is_left(self, repositories):
        for folder in repositories:
            for path in folder.rglob("*"):
                if path.suffix in {".yml", ".md"}:
                    assert not re.search(r"@[A-Z]+@", path.read_text(encoding="utf-8")), path

    def test_a_workflow_keeps_no_token_of_the_repository(self, repositories):
        for path in (repositories[0] / GRADE, repositories[1] / GRADE_ALL):
            assert "persist-credentials: false" in path.read_text(encoding="utf-8")

    def test_the_template_holds_the_student_package(self, built, repositories):
        package = built[1].parent / "student"
        for path in package.rglob("*"):
            copy = repositories[0] / path.relative_to(package)
            if path.is_file() and path.name != "README.md":
                assert copy.read_bytes() == path.read_bytes()

    def test_nothing_of_a_course_is_in_what_the_private_repository_gets(self, repositories):
        files = sorted(
            path.relative_to(repositories[1]).as_posix() for path in repositories[1].rglob("*") if path.is_file()
        )
        assert files == [GRADE_ALL, "submissions/scale/README.md", f"wheels/{wheel()[0]}"]

    def test_the_same_topic_gives_the_same_bytes(self, built, repositories, tmp_path):
        for folder, again in zip(repositories, ci.build(built[0], tmp_path), strict=True):
            files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
            assert files == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}


class TestStudentsRepository:
    def test_the_solution_passes(self, built, template, run_steps):
        nbformat.write(solved(built[0]), template / "scale.ipynb")
        code, output, summary = run_steps(template / GRADE, template)
        assert code == 0, output
        assert summary.startswith("## Scaling columns, public checks: 4 of 4 points\n")
        assert "::error" not in output

    def test_a_wrong_answer_is_marked_at_its_line_and_ends_in_an_error(self, built, template, run_steps):
        nbformat.write(wrong(built[0]), template / "scale.ipynb")
        code, output, summary = run_steps(template / GRADE, template)
        assert code == 1
        (line,) = re.findall(
            r"::error file=scale\.ipynb,line=(\d+),title=q2 The gradient%3A 0 of 2::2\.1 The grad", output
        )
        marked = (template / "scale.ipynb").read_text(encoding="utf-8").split("\n")[int(line) - 1]
        assert marked.strip().startswith('"def scale_backward(')
        assert "- ❌ **2.1** The gradients with respect to x and factor" in summary
        suites = ET.parse(template / "report" / "junit.xml").getroot()
        assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("2", "1", "0")

    def test_gitlab_runs_the_same_checks(self, built, template, run_steps, tmp_path):
        nbformat.write(solved(built[0]), template / "scale.ipynb")
        (job,) = yaml.safe_load((template / ".gitlab-ci.yml").read_text(encoding="utf-8")).values()
        steps = [{"run": line} for line in job["script"]]
        workflow = tmp_path / "as a workflow.yml"
        workflow.write_text(
            yaml.safe_dump({"jobs": {"check": {"defaults": {"run": {"shell": "bash"}}, "steps": steps}}})
        )
        code, output, _ = run_steps(workflow, template)
        assert code == 0, output
        assert "4 of 4 points" in output
        assert (template / job["artifacts"]["reports"]["junit"]).is_file()

    def test_the_untouched_handout_names_what_is_not_written(self, template, run_steps):
        code, output, _ = run_steps(template / GRADE, template)
        assert code == 1
        assert "`scale` is not written yet." in output

    def test_the_toolkit_of_the_repository_runs_and_no_other(self, template):
        done = subprocess.run(
            [sys.executable, "-c", "import autograder.package.unattended as it; print(it.__file__)"],
            cwd=template,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == str(template / "autograder" / "package" / "unattended.py")

    def test_git_keeps_no_report(self, template):
        subprocess.run(["git", "init", "--quiet"], cwd=template, check=True)
        (template / "report").mkdir()
        (template / "report" / "junit.xml").touch()
        seen = subprocess.run(
            ["git", "status", "--porcelain", "-uall"], cwd=template, capture_output=True, text=True, check=True
        ).stdout
        assert ".github/workflows/grade.yml" in seen
        assert "report/junit.xml" not in seen


class TestPrivateRepository:
    def test_the_table_of_the_class_is_the_summary_of_the_job(self, graded):
        code, _, summary = graded
        assert code == 0
        assert re.search(r"(?m)^ada +10/10$", summary)
        assert re.search(r"(?m)^bob +5/10 +q2$", summary)

    def test_reports_are_there_to_be_kept(self, graded, class_repository):
        assert {path.name for path in (class_repository / "out/bob").iterdir()} == {
            "report.txt", "report.html", "report.json", "junit.xml"
        }  # fmt: skip

    def test_hidden_inputs_come_from_the_course_secret(self, graded, class_repository):
        assert (class_repository / ".chainrule/secret").read_text().strip() == SECRET["CHAINRULE_SECRET"]

    def test_a_notebook_of_an_older_handout_is_told_so(self, graded, class_repository):
        notes = {name: (class_repository / f"out/{name}/report.txt").read_text() for name in ("ada", "old")}
        assert "built from an older version of the handout" in " ".join(notes["old"].replace("│", " ").split())
        assert "Notes" not in notes["ada"]

    def test_without_the_course_secret_nothing_is_graded(self, private, run_steps):
        code, output, _ = run_steps(private / GRADE_ALL, private, secrets={"CHAINRULE_SECRET": ""})
        assert code == 1
        assert "::error title=CHAINRULE_SECRET is missing::" in output
        assert not (private / ".chainrule").exists()

    def test_no_notebook_is_an_error_and_not_an_empty_report(self, private, run_steps):
        commands = {"chainrule": ["true"]}
        code, output, _ = run_steps(private / GRADE_ALL, private, secrets=SECRET, commands=commands)
        assert code == 1
        assert "There is no notebook in submissions/scale/." in output

    def test_a_public_repository_is_refused(self, private, run_steps):
        code, output, _ = run_steps(private / GRADE_ALL, private, secrets=SECRET, conditions=[PUBLIC_REPOSITORY])
        assert code == 1
        assert "This repository is public" in output

    def test_a_check_that_was_not_graded_makes_the_workflow_fail(self, private, run_steps, built):
        nbformat.write(handout(built[0]), private / "submissions/scale/ada.ipynb")
        commands = {"chainrule": ["sh", "-c", "'echo not graded; exit 1'"]}
        code, _, summary = run_steps(private / GRADE_ALL, private, secrets=SECRET, commands=commands)
        assert code == 1
        assert "not graded" in summary
