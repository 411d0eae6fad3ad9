"""People's decisions, replayed over a taxonomy: what is followed, and what is lost.

Entries are applied in their order. An anchor means the node whose documents are most like it, if
their Jaccard similarity is at least `taxonomy.decisions.draft.FOLLOWED`; else the entry, or that
part of it, is listed as lost. What a rebuild has done by itself (joined, or parted, what a person
joined or parted) counts as followed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from artifacts.words import NOISE, Layer
from taxonomy.decisions.decisions import (
    AnyDecision,
    Hide,
    Log,
    Merge,
    MoveDocuments,
    MoveTopics,
    Note,
    Part,
    Rename,
    Split,
    Unhide,
)
from taxonomy.decisions.draft import FOLLOWED, EditedTaxonomy, Match, jaccard
from taxonomy.taxonomy import Taxonomy

State = Literal["followed", "partly", "lost", "undone"]


@dataclass(frozen=True)
class Loss:
    """What of an entry has no effect, and why.

    Attributes
    ----------
    reason
        A clause, without a full stop.
    best, jaccard
        The node most like what was meant, if any is like it at all, and how like.
    """

    reason: str
    best: str | None = None
    jaccard: float = 0.0

    def __str__(self) -> str:
        if self.best is None:
            return self.reason
        return f"{self.reason} (most like it: {self.best}, Jaccard {self.jaccard:.2f})"


@dataclass(frozen=True)
class DecisionOutcome:
    """What became of one entry.

    Attributes
    ----------
    losses
        What of it has no effect.
    gone
        Keys that it names and that the taxonomy no longer has.
    notices
        What else it did, or why there was nothing left to do.
    """

    decision: AnyDecision
    state: State
    losses: tuple[Loss, ...] = ()
    gone: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass
class _Entry:
    """One entry while it is applied to a draft: what is collected for its outcome."""

    draft: EditedTaxonomy
    losses: list[Loss] = field(default_factory=list)
    gone: dict[str, None] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def lose(self, reason: str, match: Match | None = None) -> bool:
        best = None if match is None or match.best is None else match.best.reference
        self.losses.append(Loss(reason, best, 0.0 if match is None else match.jaccard))
        return False

    def match(self, layer: Layer, anchor: Sequence[str]) -> Match:
        """Return what an anchor means; collect what is gone."""
        match = self.draft.match(layer, anchor)
        self.gone.update(dict.fromkeys(match.gone))
        return match

    def find(self, layer: Layer, anchor: Sequence[str], name: str) -> int | None:
        """Return the node that an anchor means; collect what is gone, and the loss if none."""
        match = self.match(layer, anchor)
        if match.number is None:
            kind = "topic" if layer == "topics" else "category"
            self.lose(f'no {kind} is like "{name}" any more', match)
        return match.number


def replay(found: Taxonomy, log: Log) -> Taxonomy:
    """Apply the entries of a log, in their order, to a taxonomy.

    Nothing fails: an entry that cannot be followed is listed as lost among the outcomes of what is
    returned.
    """
    if not log.decisions:
        return found
    if all(decision.undone is not None for decision in log.decisions):
        return replace(
            found, outcomes=tuple(DecisionOutcome(each, "undone") for each in log.decisions)
        )
    draft = EditedTaxonomy(found)
    outcomes = tuple(_applied(draft, decision) for decision in log.decisions)
    return replace(draft.shown(), outcomes=outcomes)


def _applied(draft: EditedTaxonomy, decision: AnyDecision) -> DecisionOutcome:
    if decision.undone is not None:
        return DecisionOutcome(decision, "undone")
    entry = _Entry(draft)
    draft.notices.clear()
    has_effect = _apply(entry, decision)
    state: State = "lost" if not has_effect else "partly" if entry.losses else "followed"
    notices = (*entry.notices, *draft.notices)
    return DecisionOutcome(decision, state, tuple(entry.losses), tuple(entry.gone), notices)


def _apply(entry: _Entry, decision: AnyDecision) -> bool:
    """Apply one entry; tell whether it has any effect."""
    match decision:
        case Merge():
            return _merge(entry, decision)
        case Split():
            return _split(entry, decision)
        case MoveDocuments():
            return _move_documents(entry, decision)
        case MoveTopics():
            return _move_topics(entry, decision)
        case _:
            return _edit(entry, decision)


def _edit(entry: _Entry, decision: Rename | Hide | Unhide | Note) -> bool:
    """Apply what concerns one node alone."""
    layer = decision.layer
    number = entry.find(layer, decision.anchors[0], _former_name(decision, 0))
    if number is None:
        return False
    node = entry.draft.node(layer, number)
    match decision:
        case Rename():
            return _rename(entry, layer, number, decision.name)
        case Note():
            node = replace(node, notes=(*node.notes, decision.text))
        case Hide() | Unhide():
            node = replace(node, hidden=isinstance(decision, Hide))
    entry.draft.change(node)
    return True


def _rename(entry: _Entry, layer: Layer, number: int, name: str) -> bool:
    if not _is_free(entry, layer, name, number):
        return False
    entry.draft.rename(layer, number, name)
    return True


def _is_free(entry: _Entry, layer: Layer, name: str, but: int | None) -> bool:
    for node in entry.draft.nodes(layer):
        taken = node.named_by == "person" and node.name.casefold() == name.casefold()
        if taken and node.number != but:
            return entry.lose(f'the name "{name}" is that of {node.reference}')
    return True


def _merge(entry: _Entry, decision: Merge) -> bool:
    layer = decision.layer
    matches = [entry.match(layer, anchor) for anchor in decision.anchors]
    nodes = {match.number for match in matches if match.number is not None}
    joined = _joined_already(entry.draft, decision, nodes)
    if joined is None:
        for index, match in enumerate(matches):
            if (
                match.number is None
                and _holder(entry.draft, layer, decision.anchors[index]) not in nodes
            ):
                name = _former_name(decision, index)
                entry.lose(f'nothing is like "{name}" any more', match)
        if len(nodes) < 2:
            return entry.lose("less than two nodes are left to join")
        joined = entry.draft.merge(layer, nodes)
    else:
        entry.notices.append("a rebuild has joined them already")
    if decision.name is not None:
        _rename(entry, layer, joined, decision.name)
    return True


def _joined_already(draft: EditedTaxonomy, decision: Merge, nodes: Collection[int]) -> int | None:
    """Return the one node that holds most of everything that was to be joined, if there is one."""
    layer = decision.layer
    holders = {_holder(draft, layer, anchor) for anchor in decision.anchors}
    holder = holders.pop()
    if holders or holder is None:
        return None
    wanted = {key for anchor in decision.anchors for key in anchor}
    is_like = jaccard(wanted, draft.members(layer, holder)) >= FOLLOWED
    return holder if is_like or holder in nodes else None


def _holder(draft: EditedTaxonomy, layer: Layer, anchor: Sequence[str]) -> int | None:
    """Return the node that holds more than half of the documents of an anchor."""
    places = [draft.place(layer, key) for key in anchor]
    return next(
        (node for node in set(places) if node is not None and 2 * places.count(node) > len(places)),
        None,
    )


def _split(entry: _Entry, decision: Split) -> bool:
    layer = decision.layer
    match = entry.match(layer, decision.anchors[0])
    groups = [] if match.number is None else entry.draft.groups(layer, match.number, decision.parts)
    if match.number is None or sum(map(bool, groups)) < 2:
        return _split_already(entry, decision, match)
    known = {key for part in decision.parts for key in part.documents}
    if new := len(entry.draft.members(layer, match.number) - known):
        entry.notices.append(f"{new} documents that were not there then are with the largest part")
    parts = []
    for part, group in zip(decision.parts, groups, strict=True):
        if not group:
            entry.lose(f'nothing of the part "{part.name}" is in it any more')
        parts.append(_with_free_name(entry, layer, part, match.number) if group else part)
    entry.draft.split(layer, match.number, parts)
    return True


def _with_free_name(entry: _Entry, layer: Layer, part: Part, but: int | None) -> Part:
    """Return the part; by a name that gives way to that of others where a person's is taken."""
    if part.named_by != "person" or _is_free(entry, layer, part.name, but):
        return part
    return part.model_copy(update={"named_by": "documents"})


def _split_already(entry: _Entry, decision: Split, match: Match) -> bool:
    """Follow a split that a rebuild has made by itself: each part is a node of its own."""
    layer = decision.layer
    numbers = [entry.draft.match(layer, part.documents).number for part in decision.parts]
    apart = {number for number in numbers if number is not None}
    if len(apart) < len(decision.parts):
        name = _former_name(decision, 0)
        return entry.lose(f'nothing that can be parted is like "{name}"', match)
    entry.notices.append("a rebuild has parted them already")
    for part, number in zip(decision.parts, numbers, strict=True):
        if part.named_by == "person" and number is not None:
            _rename(entry, layer, number, part.name)
    return True


def _move_documents(entry: _Entry, decision: MoveDocuments) -> bool:
    target: int | None = NOISE
    if decision.anchors:
        target = entry.find("topics", decision.anchors[0], _former_name(decision, 0))
    gone = [key for key in decision.documents if key not in entry.draft.topic_of]
    if gone:
        entry.gone.update(dict.fromkeys(gone))
        entry.lose(f"not there any more: {', '.join(gone)}")
    there = [key for key in decision.documents if key in entry.draft.topic_of]
    if target is None or not there:
        return False
    entry.draft.move_documents(there, target)
    return True


def _move_topics(entry: _Entry, decision: MoveTopics) -> bool:
    category = None
    if decision.to:
        category = entry.find("categories", decision.to, decision.to_called or "")
    elif not _is_free(entry, "categories", decision.name or "", None):
        return False
    numbers = list(_anchored(entry, decision))
    if not numbers or (decision.to and category is None):
        return False
    entry.draft.move_topics(numbers, category, decision.name)
    return True


def _anchored(entry: _Entry, decision: MoveTopics) -> Iterator[int]:
    for index, anchor in enumerate(decision.anchors):
        number = entry.find("topics", anchor, _former_name(decision, index))
        if number is not None:
            yield number


def _former_name(decision: AnyDecision, index: int) -> str:
    """Return what a node that an entry means was called then."""
    return decision.called[index] if index < len(decision.called) else f"node {index + 1}"
