"""The page of a comparison: one HTML file with its diagram, tables and words, and no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from artifacts.manifest import Manifest
from artifacts.words import NODE
from reports.comparison.diagram import NARROW, WIDE, Drawing, groups_of, lay_out
from reports.comparison.inputs import SHOWN_FIRST, ShownComparison, ShownLineage, is_told
from reports.comparison.tables import keywords_changed
from reports.comparison.words import (
    DOCUMENTS,
    KINDS,
    VERDICTS,
    floor_sentence,
    growth_name,
    headline,
    p_in_words,
    percent,
    sentences,
    size_in_words,
)
from reports.data import beginning, clean
from reports.html import asset, environment, policy
from reports.palette import DARK_HUES, HUES
from reports.provenance import stages
from taxonomy.lineage.values import ChangeVerdict, Growth, LineageEvent, Move

MOVERS_SHOWN = 500
KEYWORDS_SHOWN = 6
DESCRIPTION_CHARACTERS = 400
PANEL_TOP, PANEL_BOTTOM = 8, 64
"""Heights in a panel of sizes where its scale ends and begins, in its own units."""
LEAST_TEXT, LARGEST_TEXT = 9.5, 16.0
"""Pixels that text of the diagram may have: below, it is scrolled; above, it has margins."""


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """One event as the page prints it."""

    kind: str
    verdict: ChangeVerdict
    before: tuple[str, ...]
    after: tuple[str, ...]
    size: str
    p: str
    reason: str
    evidence: tuple[tuple[str, str], ...]
    is_told: bool


@dataclass(frozen=True, kw_only=True)
class MoverLine:
    """One document that moved: its nodes, and what it said of itself on both sides."""

    title: str
    before: str
    after: str
    text_before: str
    text_after: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    group: str


@dataclass(frozen=True, kw_only=True)
class SizePanel:
    """One panel: places in it, with y for how high, and the words beside it.

    Attributes
    ----------
    y_earlier, y_later, y_low, y_high
        Heights of both sizes and of the interval's ends; all panels of a pair share one scale.
    parts
        Why the sizes differ, in words.
    """

    name: str
    size_earlier: int
    size_later: int
    y_earlier: float
    y_later: float
    y_low: float
    y_high: float
    parts: str
    p: str
    verdict: ChangeVerdict


@dataclass(frozen=True, kw_only=True)
class PairView:
    """One side and the next as the page prints them."""

    shown: ShownLineage
    headline: str
    sentences: tuple[str, ...]
    floor: str
    agreements: tuple[tuple[str, float], ...]
    events: tuple[EventLine, ...]
    n_told: int
    panels: tuple[SizePanel, ...]
    movers: tuple[MoverLine, ...]
    n_movers: int


def render_lineage(
    shown: ShownComparison, *, title: str, manifests: Sequence[Manifest], version: str
) -> str:
    """Return the page as HTML: equal comparisons give equal text, but for clocks in manifests.

    Parameters
    ----------
    title
        Of the study.
    manifests
        Of all that went in, in the order of making.
    """
    script = asset("lineage.js")
    one = NODE[shown.sides[0].layer]
    return (
        _environment()
        .get_template("lineage.html.j2")
        .render(
            title=clean(title),
            shown=shown,
            pairs=[_pair(pair) for pair in shown.pairs()],
            documents=DOCUMENTS[shown.sides[0].corpus],
            node=one,
            nodes=shown.sides[0].layer,
            verdicts={
                key: said.format(nodes=shown.sides[0].layer) for key, said in VERDICTS.items()
            },
            kinds=KINDS,
            groups=groups_of(shown),
            notes=[clean(note) for note in shown.notes],
            stages=stages(manifests),
            version=version,
            wide=lay_out(shown, *WIDE),
            narrow=lay_out(shown, *NARROW),
            style=Markup(asset("page.css") + asset("lineage.css")),
            hues=HUES,
            dark_hues=DARK_HUES,
            script=Markup(script),
            policy=policy([script]),
        )
    )


def _pair(pair: ShownLineage) -> PairView:
    events = pair.events(everything=True)
    moved = [move for move in pair.lineage.moves if move.stay == "moved"]
    floor = pair.lineage.floor
    agreements = [
        (f"{pair.earlier.day.isoformat()} run again", floor.agreement[0]),
        (f"{pair.later.day.isoformat()} run again", floor.agreement[1]),
    ]
    if floor.observed_agreement is not None:
        agreements.append(("the two with each other", floor.observed_agreement))
    return PairView(
        shown=pair,
        headline=clean(headline(pair)),
        sentences=tuple(clean(said) for said in sentences(pair)),
        floor=floor_sentence(pair),
        agreements=tuple(agreements),
        events=tuple(_event(pair, event) for event in events),
        n_told=sum(map(is_told, events)),
        panels=size_panels(pair),
        movers=tuple(_mover(pair, move) for move in moved[:MOVERS_SHOWN]),
        n_movers=len(moved),
    )


def size_panels(pair: ShownLineage) -> tuple[SizePanel, ...]:
    """Return a panel for each node, the largest difference first."""
    growth = sorted(
        pair.lineage.growth,
        key=lambda g: (-abs(g.difference), -max(g.size_earlier, g.size_later)),
    )
    top = max((max(g.size_earlier, g.size_later, g.high) for g in growth), default=1) or 1

    def height(size: float) -> float:
        return round(PANEL_BOTTOM - (PANEL_BOTTOM - PANEL_TOP) * max(0.0, size) / top, 1)

    return tuple(
        SizePanel(
            name=clean(growth_name(pair, each)),
            size_earlier=each.size_earlier,
            size_later=each.size_later,
            y_earlier=height(each.size_earlier),
            y_later=height(each.size_later),
            y_low=height(each.low),
            y_high=height(each.high),
            parts=_parts(each),
            p=p_in_words(each.p),
            verdict=each.verdict,
        )
        for each in growth
    )


def _parts(growth: Growth) -> str:
    said = f"+{growth.new:,} new, −{growth.left:,} left, +{growth.moved_in:,} in, "
    said += f"−{growth.moved_out:,} out"
    if not growth.stayed:
        return said
    return f"{said}; {growth.redescribed:,} of {growth.stayed:,} that stayed have another text"


def _event(pair: ShownLineage, event: LineageEvent) -> EventLine:
    return EventLine(
        kind=event.kind,
        verdict=event.verdict,
        before=tuple(clean(pair.earlier.called(number)) for number in event.earlier),
        after=tuple(clean(pair.later.called(number)) for number in event.later),
        size=size_in_words(event),
        p=p_in_words(event.p),
        reason=clean(event.reason),
        evidence=tuple((clean(pair.title(key)), _text(pair, key)) for key in event.evidence),
        is_told=is_told(event),
    )


def _text(pair: ShownLineage, key: str) -> str:
    text = pair.later.descriptions.get(key) or pair.earlier.descriptions.get(key, "")
    return beginning(text, DESCRIPTION_CHARACTERS)


def _mover(pair: ShownLineage, move: Move) -> MoverLine:
    before = pair.earlier.descriptions.get(move.key_earlier or "", "")
    after = pair.later.descriptions.get(move.key_later or "", "")
    nodes = [pair.earlier.node(move.earlier), pair.later.node(move.later)]
    gained, lost = keywords_changed(before, after, nodes, most=KEYWORDS_SHOWN)
    return MoverLine(
        title=clean(pair.title(move.key_later or "")),
        before=clean(pair.earlier.called(move.earlier)),
        after=clean(pair.later.called(move.later)),
        text_before=beginning(before, DESCRIPTION_CHARACTERS),
        text_after=beginning(after, DESCRIPTION_CHARACTERS),
        gained=tuple(map(clean, gained)),
        lost=tuple(map(clean, lost)),
        group=clean(pair.later.groups.get(move.later, "")),
    )


def _fitting(drawing: Drawing) -> str:
    """Return the style that lets a drawing grow and shrink with the page, as text allows."""
    low, high = (round(drawing.width * text / drawing.size) for text in (LEAST_TEXT, LARGEST_TEXT))
    return f"width:100%;min-width:{low}px;max-width:{high}px"


@cache
def _environment() -> Environment:
    made = environment()
    made.filters["percent"] = percent
    made.filters["place"] = lambda value: f"{value:g}"
    made.globals["fitting"] = _fitting
    made.globals["shown_first"] = SHOWN_FIRST
    return made
