"""Figures of histories as files for papers: the drawings of the page, on light paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from insights.history.history import History
from reports.history.cells import slug
from reports.history.figures import (
    category_stages,
    draw_lorenz,
    draw_shares,
    draw_stages,
    growth_figures,
    share_themes,
    survival_figures,
)
from reports.history.svg import EDGE, LIGHT, Anchor, Drawing, DrawnArea, DrawnLine, Place
from reports.paper.figures import Sheet

HISTORY_FIGURES = (
    "history-growth",
    "history-stages",
    "history-survival",
    "history-shares",
    "history-lorenz",
)
_SIDES: Final[Mapping[Anchor, Literal["left", "center", "right"]]] = {
    "start": "left",
    "middle": "center",
    "end": "right",
}


def history_drawings(history: History, what: str) -> Iterator[tuple[str, Drawing]]:
    """Yield the drawings of one of `HISTORY_FIGURES`, each with the name of its file."""
    if what == "history-growth":
        yield from ((f"{what}-{measure}", drawn) for measure, drawn in growth_figures(history))
    elif what == "history-stages" and history.stages:
        yield what, draw_stages(history)
        for drawing in category_stages(history):
            yield f"{what}-{slug(drawing.title)}", drawing
    elif what == "history-survival":
        yield from _survival(history, what)
    elif what == "history-shares":
        for theme in share_themes(history):
            yield f"{what}-{slug(theme)}", draw_shares(history, theme)
    elif what == "history-lorenz" and history.lorenz:
        yield what, draw_lorenz(history)


def _survival(history: History, what: str) -> Iterator[tuple[str, Drawing]]:
    for end, grouped_by, drawing in survival_figures(history):
        by = "" if grouped_by == "all" else f"-by-{slug(grouped_by)}"
        yield f"{what}-{slug(end)}{by}", drawing


def sheet_of(drawing: Drawing, width: float) -> Sheet:
    """Return a drawing on a sheet so many points wide, to be saved as PDF."""
    scale = width / drawing.width
    sheet = Sheet(width, drawing.height * scale)
    sheet.notes += drawing.notes
    for each in drawing.drawn:
        if isinstance(each, DrawnLine):
            dash = [float(part) / each.width for part in each.dash.split()]
            places, thick = _scaled(each.places, scale), each.width * scale
            sheet.path(places, colour=LIGHT[each.colour], width=thick, dash=dash)
        elif isinstance(each, DrawnArea):
            edge = LIGHT[each.edge] if each.edge else "none"
            sheet.area(
                _scaled(each.places, scale),
                fill=LIGHT[each.colour],
                alpha=each.opacity,
                edge=edge,
                line=EDGE * scale,
            )
        else:
            ((x, y),) = _scaled([each.at], scale)
            sheet.text(
                x,
                y,
                each.words,
                size=each.size * scale,
                colour=LIGHT[each.colour],
                bold=each.is_bold,
                align=_SIDES[each.anchor],
            )
    return sheet


def _scaled(places: tuple[Place, ...] | list[Place], scale: float) -> list[Place]:
    return [(x * scale, y * scale) for x, y in places]
