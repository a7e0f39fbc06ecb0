"""A matplotlib figure as a piece of a page: small, the same bytes every time, its text as text, its colours the page's."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN = 5.0
"""Text of 10 points stays legible when this shrinks to the width of a phone."""

INK, SOFT, LINE, PAPER = "#010203", "#010204", "#010205", "#010206"
GOOD, PART, BAD, NOTHING = "#010207", "#010208", "#010209", "#01020a"
VARIABLES: Mapping[str, str] = {
    INK: "--ink",
    SOFT: "--soft",
    LINE: "--line",
    PAPER: "--card",
    GOOD: "--good",
    PART: "--part",
    BAD: "--bad",
    NOTHING: "--nothing",
}
"""Stand-ins for the colours that the page's style gives: it knows dark screens and paper."""


@contextmanager
def settings() -> Iterator[None]:
    """What matplotlib must be told so that a figure depends on nothing but its numbers."""
    import matplotlib as mpl

    style: Any = {
        "svg.fonttype": "none", "svg.hashsalt": "chainrule", "font.family": "sans-serif", "font.size": 10.0, "hatch.linewidth": 0.6,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": SOFT, "xtick.color": SOFT, "ytick.color": SOFT,
        "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.facecolor": "none", "figure.facecolor": "none",
        "axes.spines.top": False, "axes.spines.right": False, "grid.color": LINE, "axes.unicode_minus": True,
        "legend.frameon": False, "text.parse_math": False, "text.usetex": False, "path.simplify": True,
    }  # fmt: skip
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter that is missing in a font here is there in the reader's browser
        mpl.rcdefaults()
        mpl.rcParams.update(style)
        yield


def axes(height_in: float) -> tuple[Figure, Axes]:
    """An empty figure of the page's width. To be used inside `settings`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    return figure, figure.add_subplot()


def inline(figure: Figure, *, name: str, description: str) -> str:
    """The figure as an `<svg>` to stand in an HTML page. `name` makes its ids unique there; `description` is read aloud.

    To be used inside `settings`. Everything that matplotlib adds for a file of its own goes.
    """
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r"\bfont: (\d[\d.]*px)[^;\"]*", r"font-size: \1", svg)
    box = re.search(r'viewBox="[^"]*"', svg)
    assert box is not None
    label = html.escape(description, quote=True)
    svg = re.sub(r"<svg[^>]*>", lambda _: f'<svg {box[0]} role="img" aria-label="{label}">', svg, count=1)
    for stand_in, variable in VARIABLES.items():
        svg = svg.replace(stand_in, f"var({variable})")
    return re.sub(r"\s*\n\s*", "\n", svg)
