"""The tables of a gradebook, and opening the file that holds them.

SQLite with a write-ahead log: what was committed stays when the process is killed at any moment, and others may read
while one writes. Everything that was ever computed stays: a grading is added, never changed.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from autograder.errors import CourseError

FORMAT = 1
FILE = "gradebook.db"

TABLES = """
CREATE TABLE setting (topic TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (topic, name));

CREATE TABLE student (
    student TEXT PRIMARY KEY,
    name TEXT NOT NULL, email TEXT NOT NULL, number TEXT NOT NULL, username TEXT NOT NULL,
    canvas_id TEXT NOT NULL, moodle_id TEXT NOT NULL, section TEXT NOT NULL,
    enrolled INTEGER NOT NULL  -- stands on the roster
);

CREATE TABLE submission (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    origin TEXT NOT NULL,      -- which one it is, the same when it is downloaded again
    source TEXT NOT NULL,      -- the folder or archive that it was last seen in
    path TEXT NOT NULL,        -- where its content was read
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,      -- of its content
    attempt INTEGER,           -- where the source says it
    handed_in TEXT NOT NULL,   -- ISO 8601, or empty
    late INTEGER NOT NULL,
    note TEXT NOT NULL,
    withdrawn INTEGER NOT NULL DEFAULT 0,  -- no longer in its source
    UNIQUE (topic, origin)
);
CREATE TABLE member (
    submission INTEGER NOT NULL REFERENCES submission ON DELETE CASCADE,
    student TEXT NOT NULL,
    PRIMARY KEY (submission, student)
) WITHOUT ROWID;
CREATE INDEX member_student ON member (student);

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    kind TEXT NOT NULL,        -- grade, regrade
    key TEXT NOT NULL,         -- hash of topic, toolkit and secret
    started TEXT NOT NULL,
    ended TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL        -- running, done, interrupted
);

CREATE TABLE grading (         -- one report
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run,
    topic TEXT NOT NULL,
    content TEXT NOT NULL,     -- sha256 of the file that was graded
    file TEXT NOT NULL,
    key TEXT NOT NULL,
    at TEXT NOT NULL,
    earned REAL NOT NULL,
    points REAL NOT NULL,
    graded INTEGER NOT NULL,   -- every check has a verdict
    readable INTEGER NOT NULL,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,      -- as the report says it
    seconds REAL NOT NULL,
    cells INTEGER NOT NULL REFERENCES message,
    notes INTEGER NOT NULL REFERENCES message,
    isolation INTEGER NOT NULL REFERENCES message,
    versions INTEGER NOT NULL REFERENCES message,
    printed BLOB               -- compressed
);
CREATE INDEX grading_content ON grading (topic, content, file, id);

CREATE TABLE asked (           -- a check as it was when it was asked
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL, question TEXT NOT NULL, title TEXT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL,
    claim TEXT NOT NULL, public INTEGER NOT NULL, points REAL NOT NULL,
    UNIQUE (topic, question, title, number, name, claim, public, points)
);

CREATE TABLE message (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text TEXT NOT NULL);

CREATE TABLE verdict (
    grading INTEGER NOT NULL REFERENCES grading,
    place INTEGER NOT NULL,    -- among the checks of the report
    asked INTEGER NOT NULL REFERENCES asked,
    outcome TEXT NOT NULL,     -- passed, failed, not graded
    earned REAL,               -- NULL if not graded
    message INTEGER NOT NULL REFERENCES message,
    hint INTEGER REFERENCES message,
    detail INTEGER NOT NULL REFERENCES message,
    mistake TEXT,
    follow_through INTEGER NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (grading, place)
) WITHOUT ROWID;

CREATE TABLE override (        -- what staff decided; the last one for a student and a check counts
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    student TEXT NOT NULL,     -- '*': everybody
    name TEXT NOT NULL,        -- of the check
    decision TEXT NOT NULL,    -- points, excused, removed
    points REAL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
);

CREATE TABLE page (            -- the page of feedback that a student has
    topic TEXT NOT NULL, student TEXT NOT NULL, file TEXT NOT NULL,
    shows TEXT NOT NULL,       -- hash of what stands on it
    PRIMARY KEY (topic, student)
) WITHOUT ROWID;
"""


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """A connection to the gradebook at `path`. Raises CourseError if it is none, or of a later format."""
    if not create and not path.is_file():
        raise CourseError("there is no gradebook; `chainrule grade TOPIC FOLDER` makes one", path=path)
    try:
        connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if found == 0 and tables == 0 and create:
            _create(connection)
        elif found != FORMAT:
            connection.close()
            kind = f"is a gradebook of format {found}, and this Chainrule reads format {FORMAT}"
            raise CourseError(kind if found else "is a database, but not a gradebook", path=path)
        connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last grades, never the file
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        raise CourseError(f"cannot be read as a gradebook: {error}", path=path) from None
    return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:  # nobody else made it in the meantime
        for statement in TABLES.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")
