"""The page that a student opens: complete in itself, and deaf to what their code said."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.report import html


class Page(HTMLParser):
    """Tags, attributes and text of a page; complains about an end tag that fits no start tag."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.words, self.open, self.classes = [], [], [], [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.classes += [value for name, value in attrs if name == "class"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.mark.parametrize("audience", ["student", "staff"])
@settings(max_examples=25)
@given(data=st.data())
def test_no_text_becomes_a_tag_or_an_attribute(any_report, audience, data):
    page = Page(html.render(data.draw(any_report), audience=audience))
    assert set(page.tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "div", "strong", "section", "span",
        "ul", "ol", "li", "code", "b", "details", "summary", "pre", "footer", "br",
    }  # fmt: skip
    assert set(page.attributes) <= {
        "lang", "charset", "name", "content", "http-equiv", "class", "style", "id", "role", "aria-hidden", "aria-labelledby",
    }  # fmt: skip


def test_the_page_asks_no_network_for_anything(report):
    source = html.render(report)
    assert "http:" not in source and "https:" not in source and "url(" not in source and "src=" not in source


def test_the_page_forbids_scripts_even_to_itself(report):
    assert "default-src 'none'; style-src 'unsafe-inline'" in html.render(report)


def test_the_page_tells_points_verdicts_and_hints(report):
    text = Page(html.render(report)).text
    assert "4.5 of 10 points so far" in text
    assert "✗failed: 2.2 The gradient with respect to w and b is right. 0 of 2" in text
    assert "Hint: The loss is a *mean* over the examples" in text


def test_a_verdict_is_told_without_its_colour(report):
    text = Page(html.render(report)).text
    assert "passed: 1.1" in text and "failed: 3.1" in text and "not graded: 2.3" in text


def test_a_check_that_was_not_graded_looks_unlike_a_failed_one(report):
    classes = Page(html.render(report)).classes
    assert (classes.count("check passed"), classes.count("check failed"), classes.count("check open")) == (4, 2, 1)


def test_lines_of_a_message_stay_lines(report):
    assert "expected 0.31.\n  Your values" in html.render(report)


def test_follow_through_is_told(report):
    assert "in place of yours" in Page(html.render(report)).text


def test_staff_read_what_the_notebook_printed(report):
    assert "step 0: loss 0.693" in Page(html.render(report, audience="staff")).text


def test_a_report_without_questions_is_a_page(report):
    assert "0 of 0 points" in Page(html.render(replace(report, questions=()))).text


def test_templates_in_a_message_are_not_run(report):
    assert "{{ 7 * 7 }}" in Page(html.render(replace(report, notes=("{{ 7 * 7 }}",)))).text
