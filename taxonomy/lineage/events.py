"""What became of nodes, and whether that is more than noise.

The definitions are those of MONIC (Spiliopoulou, Ntoutsi, Theodoridis & Schult 2006,
doi 10.1145/1150402.1150491, sections 4.1 and 4.2), over documents of both snapshots that the other
one has or that are looked up there (`taxonomy.lineage.ground`):

- *split*: an earlier node has two or more parts, each with at least the share ``part`` of its
  documents, that have at least the share ``heir`` of theirs from it;
- *merged*: the same, from later to earlier;
- *persisted*: the one-to-one assignment pairs the two, and neither split nor merged;
- *drifted*: persisted, and the centroids are at least ``drift`` apart, beyond noise (a change of
  location in MONIC's terms of internal transitions);
- *died*, *born*: a node that none of these speaks of. It is a change only if the other snapshot
  has at most the share ``nowhere`` of the documents that its size leads to expect there.

MONIC's thresholds say how large an event is; whether it is one is for two noise floors to say
(`taxonomy.lineage.noise_floor`): re-running and other documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from taxonomy.lineage.ground import Ground, Pair, Readings, content
from taxonomy.lineage.noise_floor import Reruns, Shuffles
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import EVENT_KINDS, ChangeVerdict, EventKind, LineageEvent
from taxonomy.types import node_sizes

EVIDENCE = 5
"""Documents named for an event."""


@dataclass(frozen=True)
class Candidate:
    """What the links say became of nodes, by position; ``size`` as in `LineageEvent`."""

    kind: EventKind
    earlier: tuple[int, ...]
    later: tuple[int, ...]
    size: float

    @property
    def sides(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the nodes of both sides."""
        return self.earlier, self.later


def candidates(ground: Ground, readings: Readings) -> list[Candidate]:
    """Return what became of every node: each is in at least one candidate."""
    forth, back = ground.parts(0), ground.parts(1)
    proposed = [
        Candidate("split", (a,), parts, _divided(forth[a], parts))
        for a, parts in enumerate(readings.heirs[0])
        if len(parts) > 1
    ]
    proposed += [
        Candidate("merged", parts, (b,), _divided(back[b], parts))
        for b, parts in enumerate(readings.heirs[1])
        if len(parts) > 1
    ]
    told = [{node for one in proposed for node in one.sides[s]} for s in (0, 1)]
    alike = content(ground)
    proposed += [
        Candidate("persisted", (a,), (b,), float(1 - alike[a, b]))
        for a, b in sorted(readings.assigned)
        if a not in told[0] or b not in told[1]
    ]
    told = [{node for one in proposed for node in one.sides[s]} for s in (0, 1)]
    died, born = (
        sorted(set(range(len(side.nodes))) - told[s]) for s, side in enumerate(ground.sides)
    )
    gone, new = absence(ground, 0, born), absence(ground, 1, died)
    proposed += [Candidate("died", (a,), (), float(gone[a])) for a in died]
    proposed += [Candidate("born", (), (b,), float(new[b])) for b in born]
    return proposed


def absence(ground: Ground, s: int, rivals: Sequence[int]) -> NDArray[np.float64]:
    """Return how far the other side lacks what each node of side ``s`` is made of, in [0, 1].

    That is one less the larger of two shares: of the node's documents, those that the other side
    has in a node; and documents of the other side in the node's region, against its own there,
    each in relation to all documents of its side. The rivals are as in `Ground.nearer_than`.
    """
    n_nodes = len(ground.sides[s].nodes)
    known = ground.common[:, s]
    in_node = ground.codes[1 - s][ground.common[:, 1 - s]] >= 0
    own = ground.codes[s][known[in_node]]
    kept = node_sizes(own, n_nodes) / np.maximum(ground.sizes(s), 1)
    held = [node_sizes(nodes, n_nodes) for nodes in ground.nearer_than(rivals, s)]
    expected = held[s] / len(ground.points[s])
    there = held[1 - s] / len(ground.points[1 - s])
    ratio = np.divide(there, expected, out=np.ones(n_nodes), where=expected > 0)
    return 1 - np.clip(np.maximum(kept, ratio), 0, 1)


def _divided(shares: NDArray[np.float64], parts: tuple[int, ...]) -> float:
    return float(1 - shares[list(parts)].max() / shares.sum())


@dataclass(frozen=True)
class Judge:
    """Holds candidates against both noise floors."""

    ground: Ground
    reruns: tuple[Reruns, Reruns]
    shuffles: Shuffles
    settings: LineageSettings

    def judge(self, proposed: list[Candidate]) -> tuple[LineageEvent, ...]:
        """Return the events, in the order of their kinds, the larger first."""
        chance = _Chance.of(self.shuffles, self.ground, proposed)
        events = [
            self._event(self._without_chance(candidate, chance), chance) for candidate in proposed
        ]
        events.sort(key=lambda event: (EVENT_KINDS.index(event.kind), -event.size, event.earlier))
        return tuple(events)

    def _without_chance(self, candidate: Candidate, chance: _Chance) -> Candidate:
        """Leave out parts that are no more apart from any other than chance makes them."""
        s = 1 if candidate.kind == "split" else 0
        parts = candidate.sides[s]
        if candidate.kind not in ("split", "merged") or len(parts) < 3:
            return candidate
        real = [p for p in combinations(parts, 2) if chance.apart[s][p] <= self.settings.change]
        kept = tuple(part for part in parts if any(part in pair for pair in real))
        if not kept:
            return candidate
        return replace(candidate, later=kept) if s == 1 else replace(candidate, earlier=kept)

    def _event(self, candidate: Candidate, chance: _Chance) -> LineageEvent:
        p_rerun, p_documents = self._p_rerun(candidate), chance.p(candidate)
        kind, size = candidate.kind, candidate.size
        verdict = self._verdict(p_rerun, p_documents)
        reason = "" if verdict == "change" else self._reason(p_rerun, p_documents)
        if kind in ("born", "died") and verdict == "change" and size < 1 - self.settings.nowhere:
            verdict, reason = "unclear", "the other snapshot has such documents"
        if kind == "persisted":
            if size >= self.settings.drift and verdict == "change":
                kind = "drifted"
            elif verdict == "change":
                verdict, reason = "noise", "the content moved less than counts as a drift"
        numbers = [
            tuple(side.nodes[at].number for at in places)
            for side, places in zip(self.ground.sides, candidate.sides, strict=True)
        ]
        return LineageEvent(
            kind=kind,
            earlier=numbers[0],
            later=numbers[1],
            size=size,
            p_rerun=p_rerun,
            p_documents=p_documents,
            verdict=verdict,
            reason=reason,
            evidence=tuple(evidence(self.ground, candidate)),
        )

    def _verdict(self, p_rerun: float, p_documents: float) -> ChangeVerdict:
        if p_documents <= self.settings.change and p_rerun <= self.settings.rerun:
            return "change"
        return "noise" if max(p_rerun, p_documents) > self.settings.noise else "unclear"

    def _reason(self, p_rerun: float, p_documents: float) -> str:
        if not self.shuffles.moves:
            return "every document is the same in both snapshots"
        if p_rerun > self.settings.rerun and p_rerun >= p_documents:
            return "re-running on the same documents gives as much"
        return "other documents of an unchanged population give as much"

    def _p_rerun(self, candidate: Candidate) -> float:
        if candidate.kind in ("split", "merged"):
            s = 0 if candidate.kind == "split" else 1
            whole, parts = candidate.sides[s][0], candidate.sides[1 - s]
            return self._p_parted(s, whole, parts)
        if candidate.kind in ("born", "died"):
            s = 1 if candidate.kind == "born" else 0
            node = candidate.sides[s][0]
            return self.reruns[s].p("loss", node, candidate.size)
        places = (candidate.earlier[0], candidate.later[0])
        return max(self.reruns[s].p("shift", places[s], candidate.size) for s in (0, 1))

    def _p_parted(self, s: int, whole: int, parts: tuple[int, ...]) -> float:
        """Return how often reruns divide the whole so, or join its two largest parts so."""
        shares = self.ground.parts(s)[whole]
        joined = sorted((1 - shares[part] / shares.sum(), part) for part in parts)[:2]
        return max(
            self.reruns[s].p("division", whole, _divided(shares, parts)),
            *(self.reruns[1 - s].p("absorption", part, float(size)) for size, part in joined),
        )


@dataclass(frozen=True)
class _Chance:
    """p-values of `Shuffles`, for whatever a candidate is about."""

    counts: tuple[NDArray[np.float64], NDArray[np.float64]]
    apart: tuple[dict[Pair, float], dict[Pair, float]]
    drift: dict[Pair, float]

    @classmethod
    def of(cls, shuffles: Shuffles, ground: Ground, proposed: list[Candidate]) -> _Chance:
        goes_on = [
            (candidate.earlier[0], candidate.later[0])
            for candidate in proposed
            if candidate.kind == "persisted"
        ]
        apart = []
        for s, kind in enumerate(("merged", "split")):
            asked = {
                pair
                for candidate in proposed
                if candidate.kind == kind
                for pair in combinations(candidate.sides[s], 2)
            }
            pairs = sorted(asked | _neighbours(ground, s))
            values = shuffles.separation(s, pairs)
            apart.append(dict(zip(pairs, values.tolist(), strict=True)))
        drift = dict(zip(goes_on, shuffles.drift(goes_on).tolist(), strict=True))
        died = [candidate.earlier[0] for candidate in proposed if candidate.kind == "died"]
        born = [candidate.later[0] for candidate in proposed if candidate.kind == "born"]
        counts = (shuffles.counts(0, born), shuffles.counts(1, died))
        return cls(counts, (apart[0], apart[1]), drift)

    def p(self, candidate: Candidate) -> float:
        if candidate.kind == "born":
            return float(self.counts[1][candidate.later[0]])
        if candidate.kind == "died":
            return float(self.counts[0][candidate.earlier[0]])
        if candidate.kind == "persisted":
            return self.drift[candidate.earlier[0], candidate.later[0]]
        s = 1 if candidate.kind == "split" else 0
        return min(self.apart[s][pair] for pair in combinations(candidate.sides[s], 2))


def _neighbours(ground: Ground, s: int) -> set[Pair]:
    """Return each node with the node most like it: the pairs among which a split is looked for."""
    alike = ground.centroids[s] @ ground.centroids[s].T
    np.fill_diagonal(alike, -np.inf)
    nearest = alike.argmax(axis=1).tolist()
    return {(min(x, y), max(x, y)) for x, y in enumerate(nearest) if x != y}


def evidence(ground: Ground, candidate: Candidate) -> Iterator[str]:
    """Yield keys of the documents most typical of the nodes that an event is about.

    They are taken in turn from the nodes on the side that has more of them, the later if equal.
    """
    s = 0 if len(candidate.earlier) > len(candidate.later) else 1
    nodes = candidate.sides[s]
    ranked = []
    for node in nodes:
        members = np.flatnonzero(ground.codes[s] == node)
        likeness = ground.regions[s][s].likeness[members, node]
        ranked.append(members[np.argsort(-likeness, kind="stable")].tolist())
    turns = [row[turn] for turn in range(EVIDENCE) for row in ranked if turn < len(row)]
    for document in turns[: max(EVIDENCE, len(nodes))]:
        yield ground.sides[s].keys[document]
