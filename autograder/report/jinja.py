"""Templates of pages: whatever they are given is escaped, and a name that they are not given is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


def template(package: str, name: str, filters: Mapping[str, Callable[..., Any]]) -> jinja2.Template:
    """The template `templates/<name>` of a package of ours, with these filters."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= filters
    return environment.from_string(files(package).joinpath("templates", name).read_text(encoding="utf-8"))
