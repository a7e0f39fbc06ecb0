"""The handout of a topic: notebook.md as a notebook, with the cells that let students check and hand in their answers.

The solved notebook is the handout with each stub replaced, function by function, by the solution's source of that name.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder import __version__
from autograder.errors import CourseError
from autograder.notebook.sources import Definition, Piece, SourceFile, is_stub, signature

if TYPE_CHECKING:
    from autograder.topic import KnownAnswer, Topic

NotebookNode = Any
CHECK_CELL = re.compile(r"""^grader\.check\(["'](?P<question>\w+)["']\)$""")
MAGIC = re.compile(r"^\s*[%!?]")

SET_UP = '''\
# Run this cell first: it makes `grader`, which checks your answers.
def find_grader(topic):
    """The checks came in one folder with this notebook, or in its zip: here, above, or one below."""
    import glob, os, sys, zipfile

    here = os.getcwd()
    notebook = globals().get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or "."
    above = [os.path.join(here, *[".."] * depth) for depth in range(4)]
    for file in glob.glob(os.path.join(glob.escape(here), topic + "-student*.zip")):
        if not os.path.isdir(os.path.join(here, topic)):
            zipfile.ZipFile(file).extractall(here)
    below = sorted(glob.glob(os.path.join(glob.escape(here), "*", "")))
    for folder in [*above, os.path.dirname(os.path.abspath(notebook)), *below]:
        if os.path.isfile(os.path.join(folder, "checks", topic + ".json")):
            sys.path.insert(0, os.path.abspath(folder))
            from autograder.package.session import start

            return start(topic, os.path.abspath(folder), globals())
    print("Your answers cannot be checked here. Keep this notebook in the folder that it came in.")
    nothing = staticmethod(lambda *args, **kwargs: None)
    return type("NoChecks", (), {"check": nothing, "check_all": nothing, "export": nothing})


grader = find_grader("@TOPIC@")
# @MARK@
'''

CHECK_ALL = """\
## Before you hand in

Restart the kernel and run all cells, then look at the result of all checks at once. What is graded in the end is more
than these checks: they are here to help you."""

EXPORT = """\
Save the notebook, run the next cell, and hand in the file that it names."""


def stub_signatures(path: Path) -> dict[str, str]:
    """How the stubs of a handout are called: "sigmoid" -> "sigmoid(z)", "LSTMCell" -> "LSTMCell(input_size, hidden_size)".

    Raises CourseError if a code cell with a stub is not Python, or a name has two stubs.
    """
    found: dict[str, str] = {}
    for source in _code(path):
        for node in _stubs(source, path):
            if node.name in found:
                raise CourseError(f"has two stubs of `{node.name}`", path=path)
            found[node.name] = signature(node)
    return found


def stub_sources(path: Path) -> list[str]:
    """The text of every stub of a handout: what students are given of the functions that they write."""
    return [ast.get_source_segment(source, node) or "" for source in _code(path) for node in _stubs(source, path)]


def handout(topic: Topic) -> NotebookNode:
    """The notebook that students get. The same topic always gives the same notebook.

    Raises CourseError if a question does not have exactly one `grader.check` cell.
    """
    from nbformat import v4 as cells

    new: Any = cells  # nbformat has no types
    notebook = _read(topic.path("notebook"))
    _validate_check_cells(topic, notebook)
    mark = watermark(topic)
    described = f"{mark['topic']}, made by Chainrule {mark['version']}, content {mark['content']}"
    set_up = SET_UP.replace("@TOPIC@", topic.name).replace("@MARK@", described).rstrip("\n")
    notebook.cells = [
        new.new_code_cell(set_up, metadata={"deletable": False, "jupyter": {"source_hidden": True}}),
        *notebook.cells,
        new.new_markdown_cell(CHECK_ALL),
        new.new_code_cell("grader.check_all()"),
        new.new_markdown_cell(EXPORT),
        new.new_code_cell("grader.export()"),
    ]
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"{topic.name[:40]}-{number:03}".replace("_", "-")
        if cell.cell_type == "code" and CHECK_CELL.match(cell.source.strip()):
            cell.metadata["deletable"] = False
    notebook.metadata.clear()
    notebook.metadata.update(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
        chainrule=mark,
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def solved(topic: Topic) -> NotebookNode:
    """The handout with the solution in the place of every stub. For instructors."""
    return with_answers(topic, {})


def with_answers(topic: Topic, sources: Mapping[str, str], *, names: Collection[str] | None = None) -> NotebookNode:
    """The handout with stubs replaced: by `sources` where it has the name, else by the solution.

    `names` are the stubs to fill in, all if None; the others stay as they are. What the solution's functions need and
    the handout lacks (imports, constants, private functions) is placed before the first function that needs it.
    Raises CourseError if a name has no stub, or the solution does not define it.
    """
    notebook = handout(topic)
    path = topic.path("notebook")
    solution = SourceFile.read(topic.path("solution"))
    left = set(topic.names if names is None else names) | set(sources)
    there: set[str] = set(topic.names)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        stubs = [node for node in _stubs(cell.source, path) if node.name in left]
        left -= {node.name for node in stubs}
        answers: dict[str, str] = {}
        for node in stubs:
            before = there | _names_above(cell.source, node)
            if node.name in sources:
                answers[node.name] = sources[node.name].strip("\n")
                continue
            piece = solution.definition(node.name)
            needed = solution.needs([piece], without=before)
            there |= {name for each in needed for name in each.binds}
            answers[node.name] = _joined([solution.source(each) for each in needed], solution.source(piece))
        there |= _names_above(cell.source, None)
        cell.source = _replaced(cell.source, stubs, answers)
    if left:
        raise CourseError(f"no code cell has a stub of {', '.join(sorted(left))}", path=path)
    return notebook


def source_of(answer: KnownAnswer, topic: Topic) -> str:
    """A known answer as a student would have written it: under the name that it stands in for, with what it needs.

    The decorator goes, imports of the toolkit go, and names of the solution mean those of the notebook; the right answer
    to the very name that it stands in for is called `_right_<name>`.
    Raises CourseError if the answer is in neither accepted.py nor mistakes.py.
    """
    file = _file_of(answer, topic)
    solution = SourceFile.read(topic.path("solution"))
    piece = file.definition(answer.id)
    needed = file.needs([piece])
    mentioned = piece.uses.union(*(each.uses for each in needed))
    rename, wanted = {answer.id: answer.of}, []
    for alias, name in _from_solution(file):
        if alias not in mentioned:
            continue
        called = f"_right_{name}" if name == answer.of else name
        rename[alias] = called
        if name == answer.of or name not in topic.names:
            wanted.append((solution.definition(name), {name: called}))
    helpers = solution.needs([each for each, _ in wanted], without=topic.names)
    parts = [solution.source(each) for each in helpers if each not in [root for root, _ in wanted]]
    parts += [solution.source(each, rename=names) for each, names in wanted]
    parts += [file.source(each, rename=rename) for each in needed]
    return _joined(list(dict.fromkeys(parts)), file.source(piece, rename=rename, decorated=False)) + "\n"


def content_hash(topic: Topic) -> str:
    """Sixteen hexadecimal digits that change with anything that students are given.

    Of topic.toml, title, summary, packages and questions count: limits and settings of a grader do not make a handout old.
    """
    settings = topic.settings
    given = [settings.title, settings.summary, settings.packages,
             [[each.id, each.title, each.points, each.names] for each in settings.questions]]  # fmt: skip
    digest = hashlib.sha256(json.dumps(given).encode())
    for path in public_files(topic):
        if path == topic.toml:
            continue
        data = path.read_bytes()
        for part in (path.relative_to(topic.folder).as_posix().encode(), data):
            digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:16]


def watermark(topic: Topic) -> dict[str, str]:
    """Which handout this is, so that a grader can say "built from an older version"."""
    return {"topic": topic.name, "version": __version__, "content": content_hash(topic)}


def public_files(topic: Topic) -> list[Path]:
    """The files of the topic's public folder, sorted; no caches, backups or hidden files."""
    return sorted(
        path
        for path in topic.folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(topic.folder).parts)
        and not path.name.endswith(("~", ".pyc"))
    )


def _read(path: Path) -> NotebookNode:
    import jupytext

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError("file is missing", path=path) from None
    return jupytext.reads(text, fmt="md")


def _code(path: Path) -> Iterator[str]:
    yield from (cell.source for cell in _read(path).cells if cell.cell_type == "code")


def _stubs(source: str, path: Path) -> list[Definition]:
    if "NotImplementedError" not in source:
        return []
    plain = "\n".join("pass" if MAGIC.match(line) else line for line in source.split("\n"))
    try:
        body = ast.parse(plain).body
    except SyntaxError as error:
        raise CourseError(
            f"a code cell with a stub is not Python: line {error.lineno}: {error.msg}", path=path
        ) from None
    return [node for node in body if isinstance(node, Definition) and is_stub(node)]


def _validate_check_cells(topic: Topic, notebook: NotebookNode) -> None:
    found = [match["question"] for cell in notebook.cells if cell.cell_type == "code"
             if (match := CHECK_CELL.match(cell.source.strip()))]  # fmt: skip
    for question in topic.settings.questions:
        if found.count(question.id) != 1:
            raise CourseError(f'needs exactly one cell `grader.check("{question.id}")`, has {found.count(question.id)}',
                              path=topic.path("notebook"))  # fmt: skip
    unknown = sorted(set(found) - {question.id for question in topic.settings.questions})
    if unknown:
        raise CourseError(f"checks {', '.join(unknown)}, which topic.toml does not have", path=topic.path("notebook"))


def _names_above(source: str, node: Definition | None) -> set[str]:
    """Names that the cell defines before `node`, or all of them."""
    plain = "\n".join("pass" if MAGIC.match(line) else line for line in source.split("\n"))
    try:
        pieces = SourceFile(plain).pieces
    except CourseError:
        return set()
    above: list[Piece] = [piece for piece in pieces if node is None or piece.node.lineno < node.lineno]
    return {name for piece in above for name in piece.binds}


def _replaced(source: str, stubs: list[Definition], answers: Mapping[str, str]) -> str:
    lines = source.split("\n")
    for node in reversed(stubs):
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        assert node.end_lineno is not None
        lines[first - 1 : node.end_lineno] = answers[node.name].split("\n")
    return "\n".join(lines)


def _joined(parts: list[str], last: str) -> str:
    """Statements one below the other: lines together, anything longer with two empty lines around it."""
    text, previous = "", ""
    for part in [*parts, last]:
        between = "" if not text else "\n\n\n" if "\n" in part or "\n" in previous else "\n"
        text, previous = text + between + part, part
    return text


def _file_of(answer: KnownAnswer, topic: Topic) -> SourceFile:
    for part in ("accepted", "mistakes"):
        path = topic.path(part)
        if path.is_file():
            file = SourceFile.read(path)
            found = file.defining(answer.id)
            if found is not None and isinstance(found.node, Definition) and _is_marked(found.node, part, answer):
                return file
    raise CourseError(f"neither accepted.py nor mistakes.py defines `{answer.id}`", path=topic.path("mistakes").parent)


def _is_marked(node: Definition, part: str, answer: KnownAnswer) -> bool:
    """Whether it carries the decorator of its file, and stands in for the same name as `answer`."""
    decorator = {"accepted": "accepted", "mistakes": "mistake"}[part]
    for each in node.decorator_list:
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == decorator:
            of = next((keyword.value for keyword in each.keywords if keyword.arg == "of"), None)
            return isinstance(of, ast.Constant) and of.value == answer.of and (part == "mistakes") == bool(answer.hint)
    return False


def _from_solution(file: SourceFile) -> Iterator[tuple[str, str]]:
    """(what it is called here, name in the solution) for each relative import."""
    for piece in file.pieces:
        node = piece.node
        if isinstance(node, ast.ImportFrom) and node.level > 0:
            if node.level != 1 or node.module != "solution":
                raise CourseError("may import relatively from .solution only, as in `from .solution import sigmoid`",
                                  path=file.path)  # fmt: skip
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)
