"""Which handout a submission was made from, as far as it says so itself: students can change it, so it decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from autograder.notebook.handout import content_hash

if TYPE_CHECKING:
    from autograder.topic import Topic

NAME = re.compile(r"\w{1,60}")
LOOK = "If a check surprises you, look at what changed."
CONTENT = re.compile(r"[0-9a-f]{16}")


def note_of_origin(topic: Topic, mark: Mapping[str, str] | None) -> tuple[str, ...]:
    """A sentence for the report if a notebook says that it was made from something else than the topic as it is now.

    `mark` is the watermark of the notebook, None if it has none. Nothing that it says is quoted unless it looks like one.
    """
    name, content = (mark or {}).get("topic", ""), (mark or {}).get("content", "")
    if not NAME.fullmatch(name):
        return ()
    if name != topic.name:
        return (f"This notebook says that it answers `{name}`; it was graded as `{topic.name}`.",)
    now = content_hash(topic)
    if not CONTENT.fullmatch(content) or content == now:
        return ()
    found = f"content {content}; the grader has {now}"
    return (f"This notebook was built from an older version of the handout, or from another one ({found}). {LOOK}",)
