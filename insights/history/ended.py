"""Whether a README announces the end of its project: that it is no longer maintained."""

from __future__ import annotations


def ended_by_readme(text: str) -> str | None:
    """Return the README's own words that announce the end of its project; None: none do."""
    raise NotImplementedError
