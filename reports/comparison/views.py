"""What people see of a comparison, in words and places: the same in an atlas and on its own page.

In the atlas of its last side, names lead to what the atlas has about them, and what documents say
of themselves is left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from artifacts.words import NODE, Layer
from reports.comparison.diagram import NARROW, WIDE, Drawing, groups_of, lay_out, node_hues
from reports.comparison.inputs import (
    SHOWN_FIRST,
    ShownComparison,
    ShownLineage,
    ShownSide,
    is_told,
)
from reports.comparison.tables import keywords_changed
from reports.comparison.words import (
    DOCUMENTS,
    KINDS,
    VERDICTS,
    floor_sentence,
    headline,
    p_in_words,
    sentences,
    size_in_words,
)
from reports.data import beginning, clean
from reports.history.axes import in_short, round_steps
from taxonomy.lineage.joint import Joint
from taxonomy.lineage.values import ChangeVerdict, EventKind, Growth, LineageEvent, Move

MOVERS_SHOWN = 500
KEYWORDS_SHOWN = 6
DESCRIPTION_CHARACTERS = 400
AXIS_MARKS = 6
"""About as many has the axis of sizes."""


@dataclass(frozen=True)
class AtlasLinks:
    """Where the atlas of a comparison's last side tells more.

    Attributes
    ----------
    purposes
        The slug of a node's page, by layer and number.
    documents
        What a document is called in the page's address, by key.
    """

    purposes: Mapping[tuple[Layer, int], str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NodeName:
    """A node by name, with its documents; `slug` is None where no page tells of it."""

    name: str
    size: int
    slug: str | None = None


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """One event as it is printed; `evidence` has documents with what they say of themselves."""

    kind: str
    verdict: ChangeVerdict
    before: tuple[NodeName, ...]
    after: tuple[NodeName, ...]
    size: str
    p: str
    reason: str
    evidence: tuple[tuple[str, str], ...]
    is_told: bool


@dataclass(frozen=True, kw_only=True)
class MoverLine:
    """One document that moved: its nodes, and what it said of itself on both sides.

    `address` is what it is called in the atlas' address, None where it is not in one.
    """

    title: str
    address: str | None
    before: NodeName
    after: NodeName
    text_before: str
    text_after: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SizeLine:
    """The sizes of a node that goes on: places from 0 to 1 on the axis of its pair.

    Attributes
    ----------
    was
        Its earlier name; empty where it has the same.
    earlier, later, low, high
        Where both sizes and the interval's ends are.
    parts
        Why the sizes differ, in words.
    """

    node: NodeName
    was: str
    size_earlier: int
    earlier: float
    later: float
    low: float
    high: float
    parts: str
    p: str
    verdict: ChangeVerdict


@dataclass(frozen=True, kw_only=True)
class PairView:
    """One side and the next as they are printed.

    `marks` are those of the axis of sizes: what is written, and where.
    """

    before: str
    after: str
    headline: str
    sentences: tuple[str, ...]
    floor: str
    agreements: tuple[tuple[str, float], ...]
    events: tuple[EventLine, ...]
    n_told: int
    sizes: tuple[SizeLine, ...]
    marks: tuple[tuple[str, float], ...]
    movers: tuple[MoverLine, ...]
    n_movers: int


@dataclass(frozen=True, kw_only=True)
class IdentityLine:
    """A node of one snapshot, and the id that it has over all of them."""

    identity: int
    day: str
    name: str
    since: str
    parents: str


@dataclass(frozen=True, kw_only=True)
class ChangesView:
    """A comparison as it is printed.

    Attributes
    ----------
    documents, node, nodes
        What the words for them are.
    days
        Of the snapshots, in the order of time.
    legend
        The categories of the last side, with their hues.
    groups
        The names of all categories.
    unseen
        Events that the joint model does not show.
    with_texts
        Whether what documents say of themselves is printed beside them.
    """

    documents: str
    node: str
    nodes: str
    days: tuple[str, ...]
    pairs: tuple[PairView, ...]
    wide: Drawing
    narrow: Drawing
    legend: tuple[tuple[int, str], ...]
    groups: tuple[str, ...]
    verdicts: Mapping[ChangeVerdict, str]
    kinds: Mapping[EventKind, str]
    notes: tuple[str, ...]
    identities: tuple[IdentityLine, ...]
    joint: Joint | None
    unseen: tuple[EventLine, ...]
    with_texts: bool


def changes_view(shown: ShownComparison, links: AtlasLinks | None = None) -> ChangesView:
    """Return a comparison as it is printed.

    Parameters
    ----------
    links
        Of the atlas of the last side that it is part of; None: it stands on a page of its own.
    """
    layer, last = shown.sides[0].layer, shown.sides[-1]
    return ChangesView(
        documents=DOCUMENTS[shown.sides[0].corpus],
        node=NODE[layer],
        nodes=layer,
        days=tuple(side.day.isoformat() for side in shown.sides),
        pairs=tuple(_Pair(pair, last, links).view() for pair in shown.pairs()),
        wide=lay_out(shown, *WIDE),
        narrow=lay_out(shown, *NARROW),
        legend=_legend(shown),
        groups=tuple(groups_of(shown)),
        verdicts={name: VERDICTS[name].format(nodes=layer) for name in SHOWN_FIRST},
        kinds=KINDS,
        notes=tuple(map(clean, shown.notes)),
        identities=tuple(_identities(shown)),
        joint=None if shown.joint is None else _in_clean_words(shown.joint),
        unseen=_unseen(shown),
        with_texts=links is None,
    )


def _legend(shown: ShownComparison) -> tuple[tuple[int, str], ...]:
    last, hues = shown.sides[-1], node_hues(shown)[-1]
    named = {clean(last.groups[number]): hue for number, hue in hues.items()}
    return tuple(sorted((hue, name) for name, hue in named.items()))


def _identities(shown: ShownComparison) -> Iterable[IdentityLine]:
    nodes = () if shown.chain is None else shown.chain.nodes
    for node in sorted(nodes, key=lambda node: (node.identity, node.snapshot)):
        side = shown.sides[node.snapshot]
        yield IdentityLine(
            identity=node.identity,
            day=side.day.isoformat(),
            name=clean(side.named(node.number)),
            since=node.since,
            parents=", ".join(map(str, node.parents)),
        )


def _in_clean_words(joint: Joint) -> Joint:
    nodes = (
        replace(node, name=clean(node.name), disagreement=clean(node.disagreement))
        for node in joint.nodes
    )
    return replace(joint, nodes=tuple(nodes))


def _unseen(shown: ShownComparison) -> tuple[EventLine, ...]:
    if shown.joint is None:
        return ()
    pair = _Pair(shown.pairs()[0], shown.sides[-1], None)
    return tuple(map(pair.event, shown.joint.unseen))


@dataclass(frozen=True)
class _Pair:
    """One side and the next on their way to the page; ``last`` is the side that the atlas is of."""

    shown: ShownLineage
    last: ShownSide
    links: AtlasLinks | None

    def view(self) -> PairView:
        pair = self.shown
        events = pair.events(everything=True)
        moved = [move for move in pair.lineage.moves if move.stay == "moved"]
        going_on = [g for g in pair.lineage.growth if None not in (g.earlier, g.later)]
        top = max((max(g.size_earlier, g.size_later, g.high) for g in going_on), default=1)
        marks = round_steps(top, AXIS_MARKS, whole=True)
        return PairView(
            before=pair.earlier.day.isoformat(),
            after=pair.later.day.isoformat(),
            headline=clean(headline(pair)),
            sentences=tuple(clean(said) for said in sentences(pair)),
            floor=floor_sentence(pair),
            agreements=tuple(self.agreements()),
            events=tuple(map(self.event, events)),
            n_told=sum(map(is_told, events)),
            sizes=tuple(self.sizes(going_on, marks[-1])),
            marks=tuple((in_short(mark), mark / marks[-1]) for mark in marks),
            movers=tuple(map(self.mover, moved[:MOVERS_SHOWN])),
            n_movers=len(moved),
        )

    def agreements(self) -> Iterable[tuple[str, float]]:
        pair, floor = self.shown, self.shown.lineage.floor
        yield f"{pair.earlier.day.isoformat()} run again", floor.agreement[0]
        yield f"{pair.later.day.isoformat()} run again", floor.agreement[1]
        if floor.observed_agreement is not None:
            yield "the two with each other", floor.observed_agreement

    def name(self, side: ShownSide, number: int) -> NodeName:
        slug = None
        if self.links is not None and side is self.last:
            slug = self.links.purposes.get((side.layer, number))
        return NodeName(clean(side.named(number)), side.size(number), slug)

    def names(self, side: ShownSide, numbers: Sequence[int]) -> tuple[NodeName, ...]:
        return tuple(self.name(side, number) for number in numbers)

    def event(self, event: LineageEvent) -> EventLine:
        pair = self.shown
        return EventLine(
            kind=event.kind,
            verdict=event.verdict,
            before=self.names(pair.earlier, event.earlier),
            after=self.names(pair.later, event.later),
            size=size_in_words(event),
            p=p_in_words(event.p),
            reason=clean(event.reason),
            evidence=tuple((clean(pair.title(key)), self.text(key)) for key in event.evidence),
            is_told=is_told(event),
        )

    def text(self, key: str) -> str:
        """Return what a document says of itself, where it is told at all."""
        if self.links is not None:
            return ""
        said = self.shown.later.descriptions.get(key) or self.shown.earlier.descriptions.get(key)
        return beginning(said or "", DESCRIPTION_CHARACTERS)

    def sizes(self, going_on: Iterable[Growth], top: float) -> Iterable[SizeLine]:
        """Yield the nodes that go on, the verdicts in their order, then the largest difference."""
        pair = self.shown

        def at(size: float) -> float:
            return min(1.0, max(0.0, size / top))

        for each in sorted(
            going_on,
            key=lambda g: (
                SHOWN_FIRST.index(g.verdict),
                -abs(g.difference),
                -max(g.size_earlier, g.size_later),
            ),
        ):
            assert each.earlier is not None and each.later is not None
            node = self.name(pair.later, each.later)
            was = clean(pair.earlier.named(each.earlier))
            yield SizeLine(
                node=node,
                was="" if was == node.name else was,
                size_earlier=each.size_earlier,
                earlier=at(each.size_earlier),
                later=at(each.size_later),
                low=at(each.low),
                high=at(each.high),
                parts=_parts(each),
                p=p_in_words(each.p),
                verdict=each.verdict,
            )

    def mover(self, move: Move) -> MoverLine:
        pair, key = self.shown, move.key_later or ""
        before = pair.earlier.descriptions.get(move.key_earlier or "", "")
        after = pair.later.descriptions.get(key, "")
        nodes = [pair.earlier.node(move.earlier), pair.later.node(move.later)]
        gained, lost = keywords_changed(before, after, nodes, most=KEYWORDS_SHOWN)
        in_atlas = self.links is not None and pair.later is self.last
        return MoverLine(
            title=clean(pair.title(key)),
            address=self.links.documents.get(key) if self.links and in_atlas else None,
            before=self.name(pair.earlier, move.earlier),
            after=self.name(pair.later, move.later),
            text_before="" if self.links else beginning(before, DESCRIPTION_CHARACTERS),
            text_after="" if self.links else beginning(after, DESCRIPTION_CHARACTERS),
            gained=tuple(map(clean, gained)),
            lost=tuple(map(clean, lost)),
        )


def _parts(growth: Growth) -> str:
    """Return why sizes differ, with what is not 0."""
    counted = (
        (f"{growth.new:,} new", growth.new),
        (f"{growth.left:,} gone", growth.left),
        (f"{growth.moved_in:,} moved in", growth.moved_in),
        (f"{growth.moved_out:,} moved out", growth.moved_out),
    )
    said = ", ".join(words for words, n in counted if n) or "the same ones"
    if not growth.stayed:
        return said
    return f"{said}; {growth.redescribed:,} of {growth.stayed:,} that stayed have another text"
