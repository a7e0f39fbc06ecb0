"""What lies in a folder or a zip archive: places and contents, with nothing followed, unpacked or believed on the way.

Symbolic links are not followed. A member of an archive is never written to where it wants to be: its content goes to a
folder named by its hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from autograder.errors import CourseError

FILE_MIB = 32
"""What is kept of one file: more than a notebook may have, so that a larger one is refused when it is read."""
TOTAL_GIB = 16
"""What an archive may unpack to, all together."""
MAX_FILES = 200_000
JUNK = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git", ".ds_store", "thumbs.db", "desktop.ini"}
DOWNLOAD = re.compile(r"submission_metadata\.yml$|_\d+_assignsubmission_|^[^_/]*_(?:LATE_)?\d+_\d+_.")
"""What stands in the names of a learning platform's download, and in no student's own archive."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a source."""

    place: PurePosixPath
    """In the source."""
    size: int
    modified: str
    """When, as in "2026-06-01T14:32:05", by the clock of whoever saved it."""
    fault: str = ""
    """Why it cannot be read."""


class Source(Protocol):
    """A folder, or an archive."""

    name: str
    """What it is called in the gradebook: the same when the command is given again."""
    items: list[Item]

    def content(self, item: Item, *, most_mib: int = 0) -> tuple[Path, str]:
        """A file with the content of an item, under its own name, and the sha256 of it. Raises OSError, ValueError.

        Of what is larger than `most_mib` (FILE_MIB, unless given) the beginning.
        """


class Folder:
    """A folder of files."""

    def __init__(self, root: Path) -> None:
        """List it. Raises CourseError if it cannot be read or holds too much."""
        self.root = root
        self.name = str(root.resolve())
        self.items = sorted(self._walk(), key=lambda item: item.place)

    def content(self, item: Item, *, most_mib: int = 0) -> tuple[Path, str]:  # noqa: ARG002 - it is not copied
        """The file itself."""
        path = self.root / item.place
        return path, sha256_of(path)

    def _walk(self) -> Iterator[Item]:
        count = 0
        for folder, folders, files in os.walk(self.root, onerror=self._refuse):
            folders[:] = [name for name in folders if not is_junk(name)]
            here = PurePosixPath(Path(folder).relative_to(self.root).as_posix())
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            for name in [*files, *links]:
                if is_junk(name):
                    continue
                count += 1
                if count > MAX_FILES:
                    raise CourseError(f"holds more than {MAX_FILES} files; is it the right folder?", path=self.root)
                about = (Path(folder) / name).lstat()
                fault = "" if stat.S_ISREG(about.st_mode) else _kind(about.st_mode)
                when = dt.datetime.fromtimestamp(about.st_mtime, dt.UTC).isoformat(timespec="seconds")
                yield Item(here / name, about.st_size, when, fault)

    def _refuse(self, error: OSError) -> None:
        raise CourseError(f"cannot be read: {error.strerror}", path=error.filename or self.root)


class Archive:
    """A zip archive."""

    def __init__(self, path: Path, unpack_to: Path) -> None:
        """List it. `unpack_to`: a folder for contents, named by their hashes. Raises CourseError if it is damaged."""
        self.path = path
        self.name = str(path.resolve())
        self._unpack_to = unpack_to
        self._unpacked = 0
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            raise CourseError(f"cannot be read as a zip archive: {error}", path=path) from None
        members = [member for member in self._archive.infolist() if not member.is_dir()]
        if len(members) > MAX_FILES:
            raise CourseError(f"holds more than {MAX_FILES} files", path=path)
        self._members: dict[PurePosixPath, zipfile.ZipInfo] = {}
        self.items = []
        for member in members:
            place = _place_of(member.filename)
            if any(is_junk(part) for part in place.parts):
                continue
            fault = ""
            if place in self._members:
                fault = "stands in the archive twice; this is the second one"
                place = place.with_name(f"{place.name} (again)")
            elif stat.S_ISLNK(member.external_attr >> 16):
                fault = "is a symbolic link"
            elif member.flag_bits & 1:
                fault = "is encrypted"
            self._members[place] = member
            self.items.append(Item(place, member.file_size, _time_of(member), fault))
        self.items.sort(key=lambda item: item.place)

    def content(self, item: Item, *, most_mib: int = 0) -> tuple[Path, str]:
        """The content, unpacked. Raises ValueError if it is damaged, CourseError if the archive is a bomb."""
        digest = hashlib.sha256()
        self._unpack_to.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._unpack_to / f"part-{os.getpid()}"
        try:
            with self._archive.open(self._members[item.place]) as member, part.open("wb") as file:
                left = ((most_mib or FILE_MIB) << 20) + 1
                while left and (block := member.read(min(_BLOCK, left))):
                    left -= len(block)
                    self._unpacked += len(block)
                    digest.update(block)
                    file.write(block)
            if self._unpacked > TOTAL_GIB << 30:
                raise CourseError(f"unpacks to more than {TOTAL_GIB} GiB", path=self.path)
            folder = self._unpack_to / digest.hexdigest()
            folder.mkdir(mode=0o700, exist_ok=True)
            target = folder / safe_name(item.place.name)
            if target.exists():
                part.unlink()
            else:
                part.replace(target)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise ValueError(f"is damaged in the archive ({error})") from None
        except Exception as error:
            if type(error).__name__ in {"error", "LZMAError"}:  # zlib.error has no other name
                raise ValueError(f"is damaged in the archive ({error})") from None
            raise
        finally:
            part.unlink(missing_ok=True)
        return target, digest.hexdigest()


class Loose:
    """A single file, named on the command line."""

    def __init__(self, path: Path) -> None:
        """Look at it."""
        self.name = str(path.resolve())
        self._path = path
        about = path.stat()
        when = dt.datetime.fromtimestamp(about.st_mtime, dt.UTC).isoformat(timespec="seconds")
        self.items = [Item(PurePosixPath(path.name), about.st_size, when)]

    def content(self, item: Item, *, most_mib: int = 0) -> tuple[Path, str]:  # noqa: ARG002 - there is one
        """The file itself."""
        return self._path, sha256_of(self._path)


def open_source(path: Path, unpack_to: Path) -> Source:
    """The folder, archive or file at `path`. Raises CourseError if it cannot be read."""
    if path.is_dir():
        return Folder(path)
    return Archive(path, unpack_to) if holds_many(path) else Loose(path)


def holds_many(path: Path) -> bool:
    """Whether a file is an archive of submissions, and not one that a student packed around a notebook."""
    if path.is_dir() or not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not any(map(is_junk, _place_of(name).parts))]
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return False
    notebooks = [name for name in names if name.lower().endswith(".ipynb")]
    return len(notebooks) > 1 or any(DOWNLOAD.search(_place_of(name).as_posix()) for name in names)


def sha256_of(path: Path) -> str:
    """Of a file, or of its beginning if it is larger than what is read of a notebook. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.sha256(file.read((FILE_MIB << 20) + 1)).hexdigest()


def is_junk(name: str) -> bool:
    """Whether nobody meant this to be handed in."""
    return name.casefold() in JUNK or name in JUNK or name.startswith(("._", ".~"))


def safe_name(name: str) -> str:
    """A file name that is one on every system, with its ending kept."""
    name = re.sub(r"[^\w.() +,=@-]", "_", name).strip()
    stem, dot, ending = name.rpartition(".")
    return f"{(stem or 'file')[:100].strip('. ') or 'file'}{dot}{ending[:20]}" if dot else name[:100] or "file"


def _place_of(name: str) -> PurePosixPath:
    """A member's name as a place: parts that lead upwards or to the root are taken out."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    return PurePosixPath(*parts) if parts else PurePosixPath("unnamed")


def _time_of(member: zipfile.ZipInfo) -> str:
    try:
        return dt.datetime(*member.date_time, tzinfo=dt.UTC).isoformat(timespec="seconds")
    except ValueError:
        return ""


def _kind(mode: int) -> str:
    return "is a symbolic link" if stat.S_ISLNK(mode) else "is no regular file"
