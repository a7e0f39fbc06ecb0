"""The package metadata names what the toolkit imports, and nothing else."""

import ast
import re
import sys
import tomllib

DISTRIBUTION_OF = {"IPython": "ipython", "yaml": "pyyaml"}
WHERE_INSTALLED = {"otter", "matplotlib", "matplotlib_inline", "pandas", "scipy", "sklearn", "pytest", "distributed"}
"""Imported only where they are installed: in a student's notebook, or to be ready for one; pytest by its plugin;
Dask where a class is graded on a cluster."""


def declared(repository):
    metadata = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[^\w-]", line, maxsplit=1)[0] for line in metadata["dependencies"]}


def imported(repository):
    found = set()
    for path in (repository / "autograder").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    third_party = found - sys.stdlib_module_names - {"autograder"} - WHERE_INSTALLED
    return {DISTRIBUTION_OF.get(name, name) for name in third_party}


def test_what_is_imported_is_declared_and_the_reverse(repository):
    assert imported(repository) == declared(repository)


def test_every_declared_package_has_an_exact_version_for_development(repository):
    lines = (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
    exact = {line.partition("==")[0].lower() for line in lines if "==" in line}
    assert declared(repository) - exact == set()
