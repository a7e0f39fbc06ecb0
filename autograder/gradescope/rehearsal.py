"""A run with the solution, while the image is made: its log says whether this image can grade."""

from __future__ import annotations

import tempfile
from pathlib import Path

from autograder.gradescope.harness import run
from autograder.gradescope.place import Place
from autograder.report import words


def rehearsed(root: Path) -> bool:
    """Grade the solution with what lies in `root/source`, elsewhere. Whether it got full marks, and every check was graded."""
    import nbformat

    from autograder.notebook.handout import solved

    topic = Place(root).topic()
    with tempfile.TemporaryDirectory(prefix="chainrule-rehearsal-") as name:
        place = Place(Path(name))
        place.submission.mkdir()
        (place.root / "source").symlink_to(root.resolve() / "source")
        nbformat.write(solved(topic), place.submission / f"{topic.name}.ipynb")  # type: ignore[no-untyped-call]
        place.metadata.write_text('{"created_at": "2000-01-01T00:00:00Z"}', encoding="utf-8")
        report = run(place.root)
    if report is None:
        return False
    print(f"rehearsal with the solution: {words.total(report)}, {words.tally(report.checks)}")
    return report.graded and report.earned == report.points
