"""`chainrule list` and `chainrule new`: the topics of a course."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import in_course

if TYPE_CHECKING:
    from autograder.course import Course

PARTS = ("notebook", "checks", "reference", "hidden", "solution", "accepted", "mistakes")


@click.command("list", short_help="List the topics, and where each stands.")
@in_course
def list_topics(course: Course) -> None:
    """List the topics: title, questions, points, and where each stands.

    A topic is ready when all its parts are there and agree with each other. Whether its grader is right
    is for `chainrule verify` to say.
    """
    names = course.topics()
    click.echo(f"{course.settings.title} ({click.format_filename(course.root)})")
    if not names:
        click.echo("  no topics yet: `chainrule new TOPIC` makes the first one")
    width = max(map(len, names), default=0)
    for name in names:
        title, state = _where_it_stands(course, name)
        click.echo(f"  {name:<{width}}  {title}")
        click.echo(f"  {'':<{width}}  {state}")


def _where_it_stands(course: Course, name: str) -> tuple[str, str]:
    from autograder.errors import CourseError
    from autograder.topic import load_topic

    try:
        topic = load_topic(course, name)
    except CourseError as error:
        return "(topic.toml cannot be read)", click.style(f"broken: {error}", fg="red")
    size = f"{_count(len(topic.settings.questions), 'question')}, {_count(topic.points, 'point')}"
    missing = [part for part in PARTS if not topic.path(part).is_file()]
    if missing:
        return topic.title, f"{size}; " + click.style(f"missing: {', '.join(missing)}", fg="yellow")
    try:
        topic.validate()
    except CourseError as error:
        return topic.title, f"{size}; " + click.style(f"broken: {error}", fg="red")
    checks = _count(len(topic.public_checks), "public check"), _count(len(topic.hidden_checks), "hidden check")
    known = f"{_count(len(topic.accepted), 'accepted answer')}, {_count(len(topic.mistakes), 'mistake')}"
    return topic.title, f"{size}; {' and '.join(checks)}; {known}; " + click.style("ready", fg="green")


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


@click.command(short_help="Make the folders of a new topic.")
@click.argument("topic")
@click.option("--title", help="As students read it. Default: the name of the topic.")
@in_course
def new(course: Course, topic: str, title: str | None) -> None:
    """Make the three folders of a new TOPIC, with one small question.

    What it makes is whole: it passes `chainrule verify TOPIC` at once. Change it step by step into your own.
    TOPIC is a Python name in lower case, such as `batch_norm`.
    """
    from autograder.scaffold import scaffold

    for path in scaffold(course, topic, title=title):
        click.echo(click.format_filename(_shown(path)))
    click.echo(
        f"\nThis topic is whole. Prove it:     chainrule verify {topic}\n"
        f"Write the question first:          assignments/{topic}/notebook.md and topic.toml\n"
        f"then what must be right:           reference/{topic}/hidden.py (secret) and checks.py (public)\n"
        f"then what students get wrong:      solutions/{topic}/mistakes.py"
    )


def _shown(path: Path) -> Path:
    """The path as one would type it here, if it is below the working directory."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
