"""The toolkit as a wheel, made from the files that run here, with no build tool and no network; the same bytes each time.

Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/ (wheel format 1.0).
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import autograder
from autograder.errors import GraderError

ROOT = Path(autograder.__file__).parent
DISTRIBUTION = "chainrule"


def wheel() -> tuple[str, bytes]:
    """File name and content of a wheel of the toolkit: the package `autograder`, and nothing of a course."""
    version = autograder.__version__
    information = f"{DISTRIBUTION}-{version}.dist-info"
    files = {f"autograder/{name}": content for name, content in package_files().items()}
    files[f"{information}/METADATA"] = _metadata(version)
    files[f"{information}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: chainrule\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{information}/entry_points.txt"] = b"[console_scripts]\nchainrule = autograder.cli:main\n"
    record = "".join(f"{name},{_digest(content)},{len(content)}\n" for name, content in sorted(files.items()))
    files[f"{information}/RECORD"] = f"{record}{information}/RECORD,,\n".encode()
    return f"{DISTRIBUTION}-{version}-py3-none-any.whl", archive(files)


def package_files() -> dict[str, bytes]:
    """Every file of the toolkit: {"errors.py": b"..."}."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def requirements() -> list[str]:
    """What the toolkit needs to grade, as requirement lines: of the working tree, or of what is installed.

    Raises GraderError if neither tells.
    """
    project = ROOT.parent / "pyproject.toml"
    if project.is_file():
        described = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        if described["name"] == DISTRIBUTION:
            return list(described["dependencies"])
    try:
        lines = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        raise GraderError(f"{DISTRIBUTION} is not installed here, so its requirements are not known") from None
    return [line for line in lines if "extra ==" not in line]


def archive(files: Mapping[str, bytes], *, executable: frozenset[str] = frozenset()) -> bytes:
    """A zip of these files, the same bytes whenever and wherever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(files):
            item = zipfile.ZipInfo(name)  # dated 1980
            item.external_attr = (0o100755 if name in executable else 0o100644) << 16
            item.create_system = 3  # Unix, on every system
            target.writestr(item, files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _metadata(version: str) -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {DISTRIBUTION}", f"Version: {version}", "Requires-Python: >=3.11"]
    return "".join(f"{line}\n" for line in [*lines, *(f"Requires-Dist: {each}" for each in requirements())]).encode()


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
