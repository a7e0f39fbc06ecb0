"""otter-grader's notebook interface, with our words, our order of questions, and no PDF unless it is asked for."""

from __future__ import annotations

from typing import Any

import otter

from autograder.package.hand_in import find_notebook, told
from autograder.package.session import Session
from autograder.package.shown import AllShown, Shown, Told


class OtterGrader(otter.Notebook):  # type: ignore[misc]
    """`otter.Notebook`: checks go through otter's test files and into otter's log."""

    def __init__(self, session: Session) -> None:
        """Check the answers of this session."""
        super().__init__(nb_path=find_notebook(session).path, tests_dir=str(session.folder / "tests"))
        self._chainrule_session = session

    def check(self, question: str, global_env: dict[str, Any] | None = None) -> Shown | Told:
        """Run the public checks of one question, as in `grader.check("q1")`."""
        session = self._chainrule_session
        if question not in session.questions:
            return session.question(question)
        names = session.namespace if global_env is None else global_env
        super().check(question, global_env=names)
        return session.shown(question)

    def check_all(self) -> AllShown:
        """Run the public checks of every question."""
        results = [self.check(question) for question in self._chainrule_session.questions]
        return AllShown([shown for shown in results if isinstance(shown, Shown)])

    def export(self, nb_path: str | None = None, export_path: str | None = None, **options: Any) -> Told:
        """Write the zip to hand in, as otter does it; `pdf=True` adds a PDF, if this machine can make one."""
        session = self._chainrule_session
        found = find_notebook(session, nb_path)
        if found.path is None:
            return Told(found.fault)
        target = export_path or f"{session.topic}-hand-in.zip"
        super().export(found.path, target, **{"pdf": False, "display_link": False, **options})
        return told(session, found.path, self.check_all(), target)
