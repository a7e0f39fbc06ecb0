"""Each format of one report, as it was last looked at and found good.

After a change that is meant, write the files anew and look at the difference::

    REFRESH_GOLDEN=1 python -m pytest tests/report/test_golden.py && git diff tests/report/golden
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from autograder.report import FORMATS

GOLDEN = Path(__file__).parent / "golden"
KEPT = [("text", "student"), ("text", "staff"), ("html", "student"), ("json", "staff"), ("gradescope", "student"), ("junit", "staff"),
        ("github", "student"), ("annotations", "student"), ("classroom50", "student")]  # fmt: skip


@pytest.mark.parametrize("name, audience", KEPT)
def test_the_format_is_written_as_before(report, name, audience):
    text = FORMATS[name].render(report, audience=audience)
    text = re.sub("(?s)<style>.*</style>", "<style>...</style>", text)  # what it looks like, only eyes can judge
    text = re.sub('"datetime": "[^"]*"', '"datetime": "now"', text)
    path = GOLDEN / f"{audience}-{FORMATS[name].filename}"
    if os.environ.get("REFRESH_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_format_is_kept():
    assert {name for name, _ in KEPT} == set(FORMATS)
