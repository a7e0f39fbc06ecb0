"""Explaining a mismatch, after the comparison failed: symptom and concept, not the fix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def explain(
    actual: Any,
    expected: Any,
    *,
    sizes: Mapping[str, int] | None = None,
    terms: Mapping[str, Any] | None = None,
) -> str | None:
    """A hint for this mismatch, if one fits within tolerance; else None. Never raises."""
    return None
