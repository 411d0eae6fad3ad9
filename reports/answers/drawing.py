"""The life of a tool as a drawing, for a file; a page draws `reports.answers.life.LifeShape`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from insights.history.months import month_name
from reports.answers.life import LifeSpan, Spells, returns_in
from reports.answers.tool import ToolAnswer
from reports.history.axes import Axes, round_steps
from reports.history.figures import STAGE_COLOURS
from reports.history.svg import SMALL, Drawing, cut_to, width_of

NARROW, WIDE = 340.0, 760.0
_LEFT, _RIGHT, _TOP, _AREA, _YEARS = 34.0, 12.0, 26.0, 110.0, 26.0
_BAND, _ROW = 8.0, 14.0
"""Heights of the stages, and of a line of words."""


def draw_life(answer: ToolAnswer, width: float = WIDE) -> Drawing | None:
    """Draw the life of a tool, so many units wide; None: nothing of it is known.

    Commits a month stand above, the stages below, each named where there is room, else in a legend.
    Returns from being dormant or dead are marked; the day of observation is at the right.
    """
    span, life = LifeSpan.of(answer), answer.life
    if span is None or life is None or life.observed_at is None:
        return None
    spells = tuple(span.spells(answer))
    marks = round_steps(max(span.counts, default=0), n=3, whole=True)
    axes = Axes(
        left=_LEFT,
        right=width - _RIGHT,
        top=_TOP,
        bottom=_TOP + _AREA,
        first=span.born,
        last=span.seen,
        high=marks[-1],
    )
    named = {stage for stage, at, months in spells if _fits(axes, stage, months)}
    legend = list(_rows_of([s for s, *_ in spells if s not in named], axes.right - axes.left))
    below = (_BAND + _ROW * (1 + len(legend))) * bool(spells)
    drawing = Drawing(
        title=f"The life of {answer.full_name}",
        description=_described(answer, span),
        width=width,
        height=axes.bottom + _YEARS + below,
        of_whom=f"{answer.life_snapshot}, seen on {life.observed_at:%Y-%m-%d}",
    )
    whose = "by people" if answer.by_people else "by anybody"
    drawing.text(2, 8, f"commits a month, {whose}", colour="soft", size=SMALL)
    seen = f"seen {life.observed_at:%Y-%m-%d}"
    drawing.text(width - 2, 8, seen, colour="soft", size=SMALL, anchor="end")
    _draw_commits(drawing, axes, span, marks)
    axes.years(drawing)
    _draw_stages(drawing, axes, span, spells)
    _draw_legend(drawing, axes, legend)
    return drawing


def _described(answer: ToolAnswer, span: LifeSpan) -> str:
    """Return what is drawn, for those who cannot see it."""
    said = f"From {month_name(span.born)} to {month_name(span.seen)}. "
    if span.commits:
        said += f"{max(span.counts, default=0):,} commits a month at most. "
    told = (f"{each.stage} {each.first} to {each.last}" for each in answer.spells)
    return f"{said}Stages: {'; '.join(told) or 'not known'}."


def _draw_commits(drawing: Drawing, axes: Axes, span: LifeSpan, marks: list[float]) -> None:
    """Draw the commits as an area of steps; where they are not known there is a grey field."""
    known = span.born + span.known
    left, right = axes.x(span.born), axes.x(known)
    if span.known:
        drawing.box(left, axes.top, right - left, axes.bottom - axes.top, "wash")
    axes.levels(drawing, marks if span.commits else marks[:1])
    if right - left > width_of("not known", SMALL):
        words = cut_to("not known", right - left, SMALL)
        middle = (left + right) / 2
        drawing.text(middle, axes.top + 10, words, colour="soft", size=SMALL, anchor="middle")
    if span.counts:
        places = [(right, axes.bottom)]
        for month, n in enumerate(span.counts, start=known):
            places += [(axes.x(month), axes.y(n)), (axes.x(month + 1), axes.y(n))]
        drawing.area([*places, (axes.right, axes.bottom)], "grey", opacity=0.7)


def _fits(axes: Axes, stage: str, months: int) -> bool:
    return width_of(stage, SMALL) <= axes.x(axes.first + months) - axes.left


def _draw_stages(drawing: Drawing, axes: Axes, span: LifeSpan, spells: Spells) -> None:
    """Draw the stages as a band, their names below it, and where a return is."""
    top = axes.bottom + _YEARS
    for stage, at, months in spells:
        left, right = axes.x(span.born + at), axes.x(span.born + at + months)
        drawing.box(left, top, right - left - 0.5, _BAND, STAGE_COLOURS[stage])
    for stage, at, months in spells:
        if _fits(axes, stage, months):
            middle = axes.x(span.born + at + months / 2)
            drawing.text(middle, top + _BAND + 8, stage, size=SMALL, anchor="middle")
    for at in returns_in(spells):
        x = axes.x(span.born + at)
        drawing.line([(x, axes.top), (x, top + _BAND)], "ink", width=0.75, dash="2 2")
        drawing.text(x, axes.top - 6, "back", size=SMALL, anchor="middle")


def _rows_of(stages: Sequence[str], width: float) -> Iterator[list[tuple[float, str]]]:
    """Yield rows of a legend: where each stage's square stands, and which it is."""
    row: list[tuple[float, str]] = []
    x = 0.0
    for stage in dict.fromkeys(stages):
        if row and x + 24 + width_of(stage, SMALL) > width:
            yield row
            row, x = [], 0.0
        row.append((x, stage))
        x += 24 + width_of(stage, SMALL)
    if row:
        yield row


def _draw_legend(
    drawing: Drawing, axes: Axes, legend: Sequence[Sequence[tuple[float, str]]]
) -> None:
    """Name the stages that no part of the band has room for."""
    for place, row in enumerate(legend):
        y = axes.bottom + _YEARS + _BAND + _ROW * (place + 1) + 6
        for x, stage in row:
            drawing.box(axes.left + x, y - 4, 8, 8, STAGE_COLOURS[stage])
            drawing.text(axes.left + x + 12, y, stage, size=SMALL)
