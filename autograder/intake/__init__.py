"""Taking in what a class handed in: who is in the class, and which file is whose.

::

    roster = read_roster(Path("roster.csv"))
    intake = take_in(open_source(Path("submissions.zip"), unpack_to), roster)
"""

from __future__ import annotations

from autograder.intake.handed import HandedIn, Student
from autograder.intake.roster import read_roster
from autograder.intake.sources import open_source
from autograder.intake.taking import Aside, Intake, apart, take_in

__all__ = ["Aside", "HandedIn", "Intake", "Student", "apart", "open_source", "read_roster", "take_in"]
