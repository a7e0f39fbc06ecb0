"""The command line: click commands of a few lines each.

Heavy imports (torch, IPython, jinja2) happen inside the commands that need them, so that `chainrule --help` is instant.

Exit codes: 0, all is well (`grade`: every check was graded); 1, a check was not graded, a topic did not prove itself,
or something is missing on this machine; 2, bad usage or a bad course.
"""

from __future__ import annotations

import click

from autograder import __version__
from autograder.cli.build import build
from autograder.cli.doctor import doctor
from autograder.cli.export import export
from autograder.cli.faults import FaultsInOneLine
from autograder.cli.grade import grade
from autograder.cli.gradescope import gradescope, gradescope_grade
from autograder.cli.override import override
from autograder.cli.regrade import regrade
from autograder.cli.report import report
from autograder.cli.simulate import simulate
from autograder.cli.topics import list_topics, new
from autograder.cli.verify import verify

EXIT_CODES = """\b
Exit codes:
  0  all is well; for `grade`: every check was graded
  1  a check was not graded, a topic did not pass `verify`,
     or `doctor` found something missing
  2  bad usage, or a bad course
"""


@click.group(cls=FaultsInOneLine, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chainrule")
def main() -> None:
    """Auto-graded homework and exams for deep-learning courses.

    A course is a folder with a `course.toml`. It is found from --course, from the environment variable
    CHAINRULE_COURSE, or by walking up from the working directory.
    """


for command in (
    list_topics,
    new,
    build,
    grade,
    regrade,
    override,
    export,
    report,
    verify,
    simulate,
    doctor,
    gradescope,
    gradescope_grade,
):
    main.add_command(command)
