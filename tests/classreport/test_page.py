"""The page, its pictures and its tables: complete in themselves, deaf to what students wrote, and naming nobody."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.classreport import class_report, page, pictures, tables
from autograder.classreport.page import number, percent

from .conftest import student

FRAGMENTS = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&amp;", "]]>", "<!--", "-->", "{{ 7 * 7 }}", "{% raw %}",
    "$x_2$", "\\frac", "`", "'", '"', "=cmd()", "\x1b[31m", "\ud800", "\u202e", "\x00", "\n", "</svg>", "<style>", "a line of words",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(FRAGMENTS), max_size=3).map("".join)


class Page(HTMLParser):
    """Tags, ids and text of a page; complains about an end tag that fits no start tag."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, source):
        super().__init__()
        self.tags, self.ids, self.words, self.open, self.attributes = [], [], [], [], set()
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="module")
def drawn():
    """The page of a small class, with its pictures."""
    mistake = {"1.2": {"mistake": "no_mean", "hint": "A *mean*: `1/N`.", "message": "4 times too large."}}
    entries = [
        *(student("PP", "P", file="ada.ipynb") for _ in range(6)),
        *(student("PF", "P", changes=mistake) for _ in range(3)),
        *(student("FF", "B") for _ in range(3)),
        student("FP", "?"),
    ]
    report = class_report(entries)
    return report, page.render(report, pictures=pictures.draw(report))


@settings(max_examples=30)
@given(title=TEXT, claim=TEXT, message=TEXT, hint=TEXT, mistake=TEXT.filter(bool), detail=TEXT, file=TEXT)
def test_no_text_becomes_a_tag_or_an_attribute(title, claim, message, hint, mistake, detail, file):
    entry = student("FF?", file=file, changes={
        "1.1": {"claim": claim, "message": message, "hint": hint, "mistake": mistake}, "1.2": {"message": message},
        "1.3": {"detail": detail},
    })  # fmt: skip
    found = Page(page.render(class_report([entry])))
    assert set(found.tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3", "p", "div", "dl", "dt", "dd", "strong",
        "section", "span", "ul", "ol", "li", "code", "details", "summary", "footer", "br", "small", "table", "thead", "tbody", "tr",
        "th", "td",
    }  # fmt: skip
    assert found.attributes <= {
        "lang", "charset", "name", "content", "http-equiv", "class", "id", "role", "aria-labelledby", "data-label", "colspan",
    }  # fmt: skip


def test_no_text_in_a_picture_becomes_a_tag_or_a_formula():
    text = "".join(FRAGMENTS)
    entries = [student("FP", changes={"1.1": {"mistake": text}, "1.2": {"number": text}}) for _ in range(3)]
    for svg in pictures.draw(class_report(entries)).values():
        assert set(Page(svg).tags) <= {"svg", "g", "path", "use", "defs", "text", "clippath", "rect", "pattern"}


def test_dollars_in_a_picture_are_dollars():
    report = class_report([student("F", changes={"1.1": {"mistake": "from_$1_to_$2"}})])
    assert ">q1  from_$1_to_$2</text>" in pictures.draw(report)["missed"]


def test_the_page_asks_no_network_for_anything(drawn):
    _, source = drawn
    assert "http:" not in source and "https:" not in source and "src=" not in source
    assert re.findall(r"url\((?!#)", source) == []


def test_the_page_forbids_scripts_even_to_itself(drawn):
    assert "default-src 'none'; style-src 'unsafe-inline'" in drawn[1]


def test_the_page_names_nobody(drawn):
    assert "ada" not in drawn[1].lower().replace("adaptive", "")


def test_every_id_is_there_once(drawn):
    ids = Page(drawn[1]).ids
    assert len(ids) == len(set(ids))


def test_every_reference_of_a_picture_leads_somewhere(drawn):
    _, source = drawn
    asked = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', source))
    assert {one or other for one, other in asked} <= set(Page(source).ids)


def test_the_page_tells_totals_mistakes_and_suspects(drawn):
    text = Page(drawn[1]).text
    assert "12 students" in text and "1 student had checks that could not be graded." in text
    assert "3 of 13 q1 · no_mean A *mean*: 1/N." in text
    assert "4 times too large." in text


def test_numbers_of_every_picture_stand_in_a_table(drawn):
    report, source = drawn
    text = Page(source).text
    for item in report.questions:
        assert (
            f"{item.id} {item.title} {item.points:g} {percent(item.share)} {item.full} {item.none} {item.blanks}"
            in " ".join(re.sub(r"<[^>]+>", " ", source).split())
        )
    assert text.count("students") >= 3


def test_a_failure_of_a_single_student_is_only_counted():
    told = {"1.1": {"message": "dw is of shape (3,)."}}
    text = Page(page.render(class_report([student("F", changes=told)]))).text
    assert "Rarer: 1.1 (1)." in text and "dw is of shape" not in text


def test_steps_of_the_distribution_count_everybody():
    from autograder.classreport.page import _bins

    report = class_report([student("PPP"), student("PPF"), student("FFF")])
    assert sum(many for _, many in _bins(report)) == 3 and _bins(report)[-1] == ("2.8 to 3", 1)


def test_a_class_without_totals_is_a_page():
    assert "No totals can be told: nobody has" in Page(page.render(class_report([]))).text


def test_what_was_not_graded_is_told_apart_in_the_picture_of_questions():
    def drawn_of(*entries):
        return pictures.draw(class_report(entries))["questions"]

    assert ">not graded</text>" in drawn_of(student("P"), student("?"))
    assert ">not graded</text>" not in drawn_of(student("P"), student("F"))


def test_text_of_a_picture_is_text(drawn):
    report, _ = drawn
    svg = pictures.draw(report)["questions"]
    assert ">q1</text>" in svg and ">no answer</text>" in svg


def test_pictures_are_the_same_bytes_every_time(drawn):
    report, _ = drawn
    assert pictures.draw(report) == pictures.draw(report)


def test_pictures_have_the_colours_of_the_page(drawn):
    report, source = drawn
    for svg in pictures.draw(report).values():
        assert "#0102" not in svg
    defined = set(re.findall(r"(--[\w-]+):", source))
    assert set(re.findall(r"var\((--[\w-]+)\)", source)) <= defined


def test_pictures_are_described_for_those_who_do_not_see_them(drawn):
    report, _ = drawn
    assert all('role="img" aria-label="' in svg for svg in pictures.draw(report).values())


def test_pictures_are_small(drawn):
    report, _ = drawn
    assert all(len(svg) < 40_000 for svg in pictures.draw(report).values())


def test_a_picture_is_left_out_where_there_is_nothing_to_show():
    assert pictures.draw(class_report([])) == {}
    assert "missed" not in pictures.draw(class_report([student("P")]))


@pytest.mark.parametrize(
    "share, shown", [(None, "–"), (0.0, "0 %"), (0.001, "<1 %"), (0.5, "50 %"), (0.999, ">99 %"), (1.0, "100 %")]
)
def test_all_and_nobody_are_told_from_nearly_so(share, shown):
    assert percent(share) == shown


@pytest.mark.parametrize("value, shown", [(None, "–"), (0.4251, "0.43"), (-0.1, "−0.10"), (-0.001, "0.00")])
def test_numbers_are_written_for_people(value, shown):
    assert number(value) == shown


def test_tables_say_what_the_page_says(drawn, tmp_path):
    report, _ = drawn
    tables.write(report, tmp_path)
    with (tmp_path / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["q1", "q2"]
    assert [int(row["blanks"]) for row in rows] == [item.blanks for item in report.questions]
    assert float(rows[0]["share"]) == pytest.approx(report.questions[0].share, abs=5e-5)


def test_every_table_has_a_header_even_if_it_is_empty(tmp_path):
    for path in tables.write(class_report([]), tmp_path):
        assert path.read_text(encoding="utf-8").splitlines()[0].count(",") >= 1


def test_what_cannot_be_told_is_an_empty_cell(tmp_path):
    tables.write(class_report([student("P")]), tmp_path)
    with (tmp_path / "checks.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["correlation"] == ""


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-x", "@x", "\t=1"])
def test_no_cell_is_a_formula(text, tmp_path):
    entry = student("F", changes={"1.1": {"mistake": "m", "hint": text, "message": text}})
    tables.write(class_report([entry]), tmp_path)
    with (tmp_path / "mistakes.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["hint"].startswith("'") and row["example"].startswith("'")
