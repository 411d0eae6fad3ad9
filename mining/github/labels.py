"""The labels that mean a feature request: those of the study held against those that there are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

ALIKE = 0.8
_LIKE_A_REQUEST = re.compile(
    r"enhance|feature|\bfr\b|\brfe\b|request|improve|suggest|proposal|idea|wish", re.IGNORECASE
)
_NOT_A_REQUEST = re.compile(r"pull[ -]?request|\bpr\b|(?<!p)review|question", re.IGNORECASE)


def matched(labels: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return those of an issue's labels that are wanted; capitals make no difference to GitHub."""
    low = {label.lower() for label in wanted}
    return [label for label in labels if label.lower() in low]


def label_notes(repository: str, wanted: Sequence[str], there: Sequence[str]) -> list[str]:
    """Return a sentence for each label of the study that is not there, and one on its likes.

    Parameters
    ----------
    wanted
        What the study names.
    there
        What the repository has.
    """
    notes = []
    low = {label.lower(): label for label in there}
    for label in wanted:
        if label.lower() not in low:
            close = difflib.get_close_matches(label.lower(), list(low), n=1, cutoff=ALIKE)
            hint = f"; is {low[close[0]]!r} meant?" if close else ""
            notes.append(f"{repository} has no label {label!r} today{hint}")
    asked = {label.lower() for label in wanted}
    others = [
        label
        for label in there
        if _LIKE_A_REQUEST.search(label)
        and not _NOT_A_REQUEST.search(label)
        and label.lower() not in asked
    ]
    if others:
        shown = ", ".join(repr(label) for label in sorted(others, key=str.lower))
        notes.append(f"{repository}: labels like a request that the study does not name: {shown}")
    return notes
