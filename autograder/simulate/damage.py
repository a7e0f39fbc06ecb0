"""What happens to files on their way from a student's machine to the grader."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograder.simulate.notebooks import as_script


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was handed in."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that can happen to a notebook."""

    happens: Callable[[File], File]
    readable: bool
    """Whether the code in it can still be graded."""


def _truncated(file: File) -> File:
    return File(file.name, file.content[: len(file.content) * 2 // 3])


def _emptied(file: File) -> File:
    return File(file.name, b"")


def _a_pdf(file: File) -> File:
    return File(file.name, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n")


def _a_web_page(file: File) -> File:
    page = f"<!DOCTYPE html>\n<html><head><title>{file.name}</title></head><body>Sign in to continue</body></html>\n"
    return File(file.name, page.encode())


def _renamed(file: File) -> File:
    return File(f"{file.name}.json", file.content)


def _as_script(file: File) -> File:
    return File(file.name.removesuffix(".ipynb") + ".py", as_script(file.content))


def _windows_line_ends(file: File) -> File:
    return File(file.name, b"\xef\xbb\xbf" + file.content.replace(b"\n", b"\r\n"))


def _zipped(file: File) -> File:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in ((file.name, file.content), (f"__MACOSX/._{file.name}", b"\x00\x05\x16\x07")):
            archive.writestr(zipfile.ZipInfo(name), content)  # ZipInfo: the same date always, the same bytes
    return File(file.name.removesuffix(".ipynb") + ".zip", packed.getvalue())


DAMAGE: Mapping[str, Damage] = {
    "truncated": Damage(_truncated, readable=False),
    "windows line ends": Damage(_windows_line_ends, readable=True),
    "empty": Damage(_emptied, readable=False),
    "renamed": Damage(_renamed, readable=True),
    "a PDF": Damage(_a_pdf, readable=False),
    "a script": Damage(_as_script, readable=True),
    "a web page": Damage(_a_web_page, readable=False),
    "zipped": Damage(_zipped, readable=True),
}
