"""Where an array is wrong, as a small HTML table: for public checks in a notebook, where values may be shown.

Wrong entries carry a mark as well as a colour; the colour says by how much. Both numbers of every entry appear on hover.
"""

from __future__ import annotations

import html
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.compare.failure import Mismatch, numbers
from autograder.compare.where import Excerpt, excerpt


def drawn(mismatch: Mismatch) -> str:
    """The table, or "" where there is nothing to see: a single number, or an empty array."""
    wrong = np.asarray(mismatch.wrong)
    if wrong.ndim == 0 or wrong.size < 2 or not wrong.any():
        return ""
    part = excerpt(wrong)  # of more than two axes, one matrix
    got, expected = (np.atleast_2d(np.asarray(each)[part.outer]) for each in (mismatch.actual, mismatch.expected))
    marks = np.atleast_2d(wrong[part.outer])
    depth = _depth(got, expected)
    body = "".join(
        f"<tr>{_header(row)}"
        + "".join(
            _cell(got[row, column], expected[row, column], bool(marks[row, column]), depth[row, column])
            for column in part.columns
        )
        + "</tr>"
        for row in part.rows
    )
    head = "".join(_header(column) for column in part.columns)
    table = f'<table style="border-collapse: collapse; font-size: 85%"><tr>{_header("")}{head}</tr>{body}</table>'
    return f'<div style="margin: 0 0 0.8em 1.3em">{table}{_caption(mismatch, part)}</div>'


def _depth(got: NDArray[Any], expected: NDArray[Any]) -> NDArray[np.float64]:
    """How wrong each entry is, from 0 to 1, on the scale of the worst finite one."""
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(np.complex128) - expected.astype(np.complex128))
        finite = np.isfinite(error)
        worst = error[finite].max(initial=0.0)
        return np.where(finite, error / worst if worst > 0 else 0.0, 1.0)


def _cell(got: Any, expected: Any, wrong: bool, depth: float) -> str:
    texts = numbers(got, expected) if wrong else (f"{got:.4g}", f"{got:.4g}")
    style = "padding: 2px 6px; border: 1px solid #8884; text-align: right; font-family: monospace"
    if not wrong:
        return f'<td style="{style}" title="right">{html.escape(texts[0])}</td>'
    style += f"; background: rgba(198, 40, 40, {0.15 + 0.45 * float(depth):.2f}); font-weight: bold"
    title = html.escape(f"got {texts[0]}, expected {texts[1]}", quote=True)
    return f'<td style="{style}" title="{title}">✗ {html.escape(f"{got:.4g}")}</td>'


def _header(text: object) -> str:
    return f'<th style="padding: 2px 6px; color: #888; font-weight: normal">{text}</th>'


def _caption(mismatch: Mismatch, part: Excerpt) -> str:
    where = f"[{', '.join(map(str, part.outer))}]" if part.outer else ""
    text = (
        f"{mismatch.what}{where}: wrong entries are marked ✗ and darker the further off; point at one for both numbers."
    )
    if not part.whole:
        text += (
            f" Rows {part.rows[0]} to {part.rows[-1]} and columns {part.columns[0]} to {part.columns[-1]} of {part.shape} "
            "are shown."
        )
    return f'<div style="color: #888; font-size: 80%">{html.escape(text)}</div>'
