"""Gradescope's table of who handed in what: quick where it is large, and whole where it looks different."""

from autograder.intake import gradescope
from autograder.intake.gradescope import read_metadata

LARGE = """---
submission_1:
  :submitters:
  - :name: Ada
    :sid: !ruby/object:Thing '1'
  :created_at: 2026-06-01 14:32:05 Z
  :results:
    tests:
    - name: |
        no
      output: "a: [ {"
  :history:
  - :id: 1
    :results:
      tests: []
  - :id: 2
submission_2:
  :submitters: []
  :history: []
"""


def test_results_are_left_out_and_the_rest_is_read():
    found = read_metadata(LARGE)
    assert found["submission_1"][":submitters"] == [{":name": "Ada", ":sid": "1"}]
    assert found["submission_1"][":created_at"].isoformat() == "2026-06-01T14:32:05+00:00"
    assert len(found["submission_1"][":history"]) == 2
    assert found["submission_2"] == {":submitters": [], ":history": []}


def test_only_what_is_needed_is_parsed(monkeypatch):
    seen = []
    parse = gradescope._parse
    monkeypatch.setattr(gradescope, "_parse", lambda text: seen.append(text) or parse(text))
    read_metadata(LARGE)
    (text,) = seen
    assert ":results:" not in text


def test_a_file_that_is_laid_out_otherwise_is_parsed_whole():
    assert read_metadata('{"submission_1": {":submitters": [{":name": "Ada"}], "x": 1}}') == {
        "submission_1": {":submitters": [{":name": "Ada"}], "x": 1}
    }


def test_a_thousand_references_to_one_thing_stay_one_thing():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    found = read_metadata("\n".join([*lines, "submission_1:", "  :submitters: *a11"]))
    assert set(found) == {f"a{n}" for n in range(12)} | {"submission_1"}
