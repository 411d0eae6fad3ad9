"""Used and asked for, by feature and framework, as a heat map of two cells each."""

from __future__ import annotations

from artifacts.intervals import Estimate
from insights.usage.gap import Gap, GapRow
from insights.usage.study import Usage
from reports.palette import HUES
from reports.paper.figures import (
    FAINT,
    INK,
    LINE_HEIGHT,
    PAPER,
    SMALL_SIZE,
    TEXT_SIZE,
    Sheet,
    shorten,
    text_width,
    tint,
    wrap,
)

ROW = TEXT_SIZE * LINE_HEIGHT + 2.4
NAMES = 0.26
"""Share of the width that names take."""
LEAST_CELL = 11.0
USED, ASKED = HUES[0], HUES[1]
_DARK = 0.85
_EDGE = "#e4e4e4"


def draw_gap(usage: Usage, gap: Gap, width: float) -> Sheet:
    """Draw a row a feature, and for each framework what is used and what is asked for.

    Cells hold shares in per cent; of what was chosen, counts, without colours.

    Parameters
    ----------
    width
        In points. Frameworks that it has no room for are left out, and a note says so.
    """
    left = NAMES * width
    room = int((width - left) / (2 * LEAST_CELL))
    frameworks = usage.dependents.frameworks[:room]
    rows = [row for row in gap.rows if row.what == "feature" and row.framework in frameworks]
    features = list(dict.fromkeys(row.name for row in rows))
    head = max((text_width(name, SMALL_SIZE) for name in frameworks), default=0.0) + 2 * ROW
    said = wrap(_footer(usage, gap), width, 4, SMALL_SIZE)
    height = head + (len(features) + len(said) + 1) * ROW
    sheet = Sheet(width, height)
    cell = (width - left) / max(1, 2 * len(frameworks))
    for place, name in enumerate(frameworks):
        x = left + 2 * place * cell
        sheet.text(x + cell, head - ROW - 2, name, size=SMALL_SIZE, rotation=90)
        for side, word in enumerate(("used", "asked")):
            words = shorten(word, cell, SMALL_SIZE)
            middle = x + (side + 0.5) * cell
            sheet.text(middle, head - ROW / 2, words, size=SMALL_SIZE, align="center")
    for place, name in enumerate(features):
        sheet.text(0, head + (place + 0.5) * ROW, shorten(name, left - 4))
    for row in rows:
        x = left + 2 * frameworks.index(row.framework) * cell
        _cells(sheet, row, x, head + features.index(row.name) * ROW, cell)
    for place, line in enumerate(said):
        y = height - (len(said) - place - 0.5) * ROW
        sheet.text(0, y, line, size=SMALL_SIZE, colour=FAINT)
    if n_left := len(usage.dependents.frameworks) - len(frameworks):
        sheet.notes.append(f"there is no room for {n_left} frameworks")
    return sheet


def _cells(sheet: Sheet, row: GapRow, x: float, y: float, cell: float) -> None:
    """Draw what is used, and what is asked for beside it."""
    sides = ((row.used, row.n_used, USED), (row.asked, row.n_asked, ASKED))
    for side, (share, n, colour) in enumerate(sides):
        start, depth = x + side * cell, share.value or 0.0
        fill = tint(colour, depth)
        sheet.box(start, y, cell, ROW, fill=fill, edge=_EDGE, line=0.4)
        ink = PAPER if depth > _DARK else INK
        middle = (start + cell / 2, y + ROW / 2)
        sheet.text(*middle, _figure(share, n), size=SMALL_SIZE, colour=ink, align="center")


def _figure(share: Estimate, n: int | None) -> str:
    """Return the share in per cent where there is one, else the count; a dash for unknown."""
    if share.value is not None:
        return f"{share.value * 100:.0f}"
    return "–" if n is None else f"{n:,}"


def _footer(usage: Usage, gap: Gap) -> str:
    """Return what the figures are of."""
    n_coded = sum(counts.coded for counts in gap.counts)
    sides = ((gap.dependents, usage.dependents.n_users), (gap.requests, n_coded))
    said = []
    for sample_of, n in sides:
        unit = "" if sample_of.is_chosen else ", in %"
        said.append(f"{sample_of.counted.title()}{unit}: {sample_of.heading(n)}.")
    return " ".join([*said, "–: no symbol or command of the feature is known."])
