"""Invented people: names as classes have them, and a few as only a hostile student would choose them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from numpy.random import Generator

GIVEN = (
    "Ada", "Ahmed", "Aiko", "Alejandra", "Amina", "Anders", "Anjali", "Björn", "Carlos", "Chidi", "Chloé", "Dana", "Dmitri",
    "Elif", "Emeka", "Fatima", "Femi", "Giulia", "Hana", "Henrik", "Ines", "Ivan", "Jamal", "Jelena", "Jiří", "Joon", "Kavya",
    "Kwame", "Lars", "Leila", "Lin", "Lucía", "Mai", "Marek", "Mariam", "Mateus", "Mei", "Miriam", "Nadia", "Nikos", "Noor",
    "Olga", "Oscar", "Paula", "Priya", "Rafael", "Rina", "Sam", "Sanna", "Selin", "Siobhán", "Sofia", "Tariq", "Thabo",
    "Tomás", "Uma", "Victor", "Wanjiru", "Xin", "Yara", "Yusuf", "Zanele", "Zofia", "Łukasz",
)  # fmt: skip
FAMILY = (
    "Abebe", "Almeida", "Andersen", "Banerjee", "Bauer", "Bianchi", "Castillo", "Chen", "Costa", "Dahl", "De la Cruz", "Diallo",
    "Dvořák", "Eriksson", "Ferrari", "Fischer", "García", "Gupta", "Haddad", "Hansen", "Hoang", "Ibrahim", "Ito", "Ivanova",
    "Jansen", "Kamau", "Kaya", "Khan", "Kim", "Kovács", "Kowalska", "Kumar", "Laurent", "Lee", "Lindqvist", "Mbeki", "Mendes",
    "Moreau", "Müller", "Mwangi", "Nakamura", "Nguyen", "Novak", "O'Brien", "Okafor", "Papadopoulos", "Park", "Petrov", "Quispe",
    "Rahman", "Reyes", "Rossi", "Saito", "Schmidt", "Silva", "Smith-Jones", "Tanaka", "Tran", "van den Berg", "Virtanen", "Wang",
    "Yılmaz", "Zhang", "Zulu",
)  # fmt: skip
ODD = (
    '=HYPERLINK("http://evil.example","grades")',
    "Lee, Jr., Sam",
    "<script>alert('name')</script> Novak",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "毛 小明",
    'Rina "; DROP TABLE student; --',
    "-2+3 Kim",
    "Maximiliana Theodora Alexandra Konstantina von und zu Papadopoulou-Schwarzenberg the Third of that Name",
)  # fmt: skip
"""What a student may call themselves: formulas, markup, commas, other scripts, no end."""
ODD_EVERY = 40


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    number: str
    name: str
    email: str
    username: str
    section: str
    canvas_id: str
    moodle_id: str


def person(place: int, rng: Generator) -> Person:
    """The student at this place (counted from 1) of a class. Names repeat now and then; everything else is unique."""
    odd, turn = divmod(place, ODD_EVERY)
    if turn == ODD_EVERY - 1:
        name = ODD[odd % len(ODD)]
    else:
        name = f"{GIVEN[rng.integers(len(GIVEN))]} {FAMILY[rng.integers(len(FAMILY))]}"
    username = f"{_letters(name)}{place:03}"
    section = "ABC"[int(rng.integers(3))]
    return Person(
        number=f"{20_260_000 + place}",
        name=name,
        email=f"{username}@students.example",
        username=username,
        section=section,
        canvas_id=f"{4_000 + place}",
        moodle_id=f"{700_000 + place}",
    )


def _letters(name: str) -> str:
    """Two letters that begin a login name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words: list[str] = re.findall(r"[a-z]+", plain) or ["x"]
    return words[0][0] + words[-1][0]
