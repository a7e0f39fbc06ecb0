"""What a student reads who makes each known mistake: the message and the hint at each check that is to catch it.

Read the files in tests/verify/messages aloud. After a change that is meant, write them anew and look at the difference::

    REFRESH_GOLDEN=1 python -m pytest tests/verify/test_messages.py && git diff tests/verify/messages
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.topic import Topic, load_topic
from autograder.verify.beside import tried_in_groups
from autograder.verify.findings import Verification
from autograder.verify.trial import Trial, local_grader, warm_up

GOLDEN = Path(__file__).parent / "messages"
TESTS = Path(__file__).parent.parent
COURSES = {"course": TESTS.parent, "tiny": TESTS / "courses" / "tiny"}
TOPICS = [(course, topic) for course, root in COURSES.items() for topic in find_course(root).topics()]


def messages(topic: Topic) -> str:
    """All of them, in the order of mistakes.py."""
    grader = local_grader(topic)
    warm_up(grader)
    trials = [
        tuple(
            Trial(each, 0, frozenset(each.caught_by)) for each in topic.mistakes if each.of in question.settings.names
        )
        for question in topic.questions
    ]
    tried, ended = tried_in_groups(Verification(topic), grader, trials, 2, lambda line: None)
    assert not ended
    results = {mistake.id: {result.name: result for result in tried[mistake, 0]} for mistake in topic.mistakes}
    return "\n".join(line for mistake in topic.mistakes for line in _lines(mistake, results[mistake.id]))


def _lines(mistake, results) -> Iterator[str]:
    yield f"{mistake.of}: {mistake.id}"
    shown = ""
    for name in mistake.caught_by:
        result = results[name]
        kind = "public" if result.public else "hidden"
        yield f"  {result.number} {name} ({kind}): {result.outcome}"
        yield from _wrapped(result.message, "    ")
        if result.hint and result.hint != shown:
            shown = result.hint
            yield from _wrapped(f"hint: {shown}", "    ")
    yield ""


def _wrapped(text: str, indent: str) -> Iterator[str]:
    for line in text.splitlines():
        deeper = indent + " " * (len(line) - len(line.lstrip()))
        yield from textwrap.wrap(line.strip(), 116, initial_indent=deeper, subsequent_indent=deeper) or [""]


@pytest.mark.slow
@pytest.mark.parametrize("course, name", TOPICS)
def test_each_mistake_is_told_as_before(course, name):
    topic = load_topic(find_course(COURSES[course]), name)
    if not topic.mistakes:
        pytest.skip("this topic has no mistakes yet")
    text = messages(topic)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("REFRESH_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), "no messages are kept of this topic: see the top of this file"
    assert text == path.read_text(encoding="utf-8")


def test_no_messages_are_kept_of_a_topic_that_is_gone():
    assert {path.stem for path in GOLDEN.iterdir()} <= {name for _, name in TOPICS}
