"""Text that a student chose does nothing but be read."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.report.escape import fenced, fitted, markdown, one_line, plain, shortened, spans, unmarked

ANY_TEXT = st.text(st.characters(), max_size=60) | st.text(
    "\x1b\x9b[]()0;m\x07\\\n\r\t`*_<>&#-+=1.| \ud800a\u202e~!:w", max_size=40
)


@pytest.mark.parametrize(
    "hostile, expected",
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://e.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]no end\nnext line", "\nnext line"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("\ud83d alone", "\ufffd alone"),
        ("user\u202egpj.exe", "usergpj.exe"),
        ("\ufffe\uffff\ufeff", ""),
        ("naïve 𝛼 ✓", "naïve 𝛼 ✓"),
    ],
)
def test_plain_text_has_no_control_sequences(hostile, expected):
    assert plain(hostile) == expected


@given(ANY_TEXT)
def test_plain_text_is_utf8_and_legal_xml_and_stays_as_it_is(text):
    clean = plain(text)
    clean.encode()
    assert "\x1b" not in clean
    assert ET.fromstring(f"<a>{clean.replace('&', '').replace('<', '').replace(']]>', '')}</a>") is not None
    assert plain(clean) == clean


@given(ANY_TEXT)
def test_one_line_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1


def test_a_long_text_is_cut_and_says_so():
    assert shortened("abcdefgh", characters=3) == "abc\n[5 more characters left out]"


def test_many_lines_are_cut_and_it_is_said():
    assert shortened("a\nb\nc", characters=99, lines=2) == "a\nb\n[2 more characters left out]"


def test_a_short_text_is_not_cut():
    assert shortened("abc", characters=3, lines=1) == "abc"


@given(st.text("&a\\*\n`", min_size=200, max_size=300), st.integers(60, 199))
def test_what_is_fitted_fits(text, limit):
    assert len(fitted(text, markdown, size=len, limit=limit)) <= limit


def test_backticks_on_one_line_make_code():
    assert list(spans("call `f(x)` now")) == [(False, "call "), (True, "f(x)"), (False, " now")]


@pytest.mark.parametrize("text", ["`a", "``a``", "`a``b`", "`a\nb`", "``"])
def test_other_backticks_are_text(text):
    assert [code for code, _ in spans(text)] == [False]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("*a* _b_", r"\*a\* \_b\_"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("[a](b)", r"\[a\](b)"),
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("a - b", "a - b"),
        ("1. a", r"1\. a"),
        ("1.5 a", "1.5 a"),
        ("===", r"\==="),
        ("a|b", r"a\|b"),
        ("http://e.example", r"http\://e.example"),
        ("www.e.example", r"www\.e.example"),
        ("`a*b`", "`a*b`"),
        ("a\n  b", "a  \n\u00a0\u00a0b"),
        ("a\n\nb", "a  \nb"),
    ],
)
def test_markdown_shows_text_literally(text, expected):
    assert markdown(text) == expected


@given(ANY_TEXT)
def test_markdown_of_any_text_is_one_paragraph_that_reads_the_same(text):
    text = plain(text)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown(text))
    if not text.strip():
        assert tokens == []
        return
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {token.type for token in children} <= {"text", "code_inline", "hardbreak", "softbreak", "text_special"}
    shown = "".join(token.content for token in children)
    assert "".join(shown.split()) == "".join("".join(piece for _, piece in spans(text.expandtabs(4))).split())


@given(ANY_TEXT)
def test_a_fence_holds_any_text(text):
    text = plain(text)
    tokens = MarkdownIt("commonmark").parse(fenced(text))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content == text + "\n"


def test_a_fence_is_longer_than_the_fences_in_it():
    assert fenced("````\na") == "`````text\n````\na\n`````"


@pytest.mark.parametrize("command", ["##[error]x", "##vso[task.setvariable]x", "###[x]"])
def test_old_log_commands_are_broken_up(command):
    broken = unmarked(command)
    assert "##[" not in broken and "##vso[" not in broken


@pytest.mark.parametrize("text", ["::error::a", "a\n  ::error::b", " \u00a0::x"])
def test_a_line_cannot_start_a_log_command(text):
    assert not [line for line in unmarked(text).split("\n") if line.strip().startswith("::")]


def test_colons_within_a_line_stay():
    assert unmarked("x[::2]") == "x[::2]"


def test_a_markdown_heading_is_no_log_command():
    assert unmarked("## Title [1]") == "## Title [1]"
