"""Why nodes are larger or smaller than before: who came, left, moved, and was described anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from artifacts.words import NOISE
from taxonomy.lineage.ground import Ground
from taxonomy.lineage.noise_floor import Reruns, Shuffles
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import ChangeVerdict, Flow, Growth, LineageEvent, Move, Stay

INTERVAL = (2.5, 97.5)


def moves(ground: Ground, continuation: dict[int, int]) -> tuple[Move, ...]:
    """Return what became of every document.

    Parameters
    ----------
    continuation
        The later number of each earlier node that goes on.
    """
    earlier, later = ground.sides
    partner = dict(ground.common.tolist())
    rows = []
    for a, key in enumerate(earlier.keys):
        b = partner.get(a)
        here = _number(ground, 0, a)
        if b is None:
            rows.append(Move(key_earlier=key, earlier=here, stay="left"))
            continue
        there = _number(ground, 1, b)
        rows.append(
            Move(
                key_earlier=key,
                key_later=later.keys[b],
                earlier=here,
                later=there,
                stay=_stay(here, there, continuation),
                is_redescribed=earlier.texts[a] != later.texts[b],
            )
        )
    known = set(ground.common[:, 1].tolist())
    rows += [
        Move(key_later=key, later=_number(ground, 1, b), stay="new")
        for b, key in enumerate(later.keys)
        if b not in known
    ]
    return tuple(rows)


def _stay(here: int, there: int, continuation: dict[int, int]) -> Stay:
    if NOISE in (here, there):
        return "unplaced"
    return "stayed" if continuation.get(here) == there else "moved"


def _number(ground: Ground, s: int, document: int) -> int:
    code = int(ground.codes[s][document])
    return NOISE if code == NOISE else ground.sides[s].nodes[code].number


def flows(documents: tuple[Move, ...]) -> tuple[Flow, ...]:
    """Return how many documents went from each node to each node, in the order of the nodes."""
    counted = Counter(
        (
            None if move.key_earlier is None else move.earlier,
            None if move.key_later is None else move.later,
        )
        for move in documents
    )
    order = sorted(counted, key=lambda pair: tuple((n is None, n or 0) for n in pair))
    return tuple(Flow(earlier=a, later=b, documents=counted[a, b]) for a, b in order)


@dataclass(frozen=True)
class Floors:
    """What growth is held against.

    Attributes
    ----------
    reruns, shuffles
        Both noise floors.
    events
        For a node that goes on in none, or comes of none, what became of it is the question.
    """

    reruns: tuple[Reruns, Reruns]
    shuffles: Shuffles
    events: Sequence[LineageEvent]


def growth(
    ground: Ground,
    documents: tuple[Move, ...],
    continuation: dict[int, int],
    floors: Floors,
    settings: LineageSettings,
) -> tuple[Growth, ...]:
    """Return the decomposition of every node's growth, continuing nodes first."""
    came_from = {there: here for here, there in continuation.items()}
    pairs: list[tuple[int | None, int | None]] = list(continuation.items())
    pairs += [(n.number, None) for n in ground.sides[0].nodes if n.number not in continuation]
    pairs += [(None, n.number) for n in ground.sides[1].nodes if n.number not in came_from]
    counted = _counted(documents)
    judged = _judged(ground, list(continuation.items()), floors, settings)
    return tuple(
        _growth(ground, pair, counted, floors, judged.get(pair) or _by_event(pair, floors.events))
        for pair in pairs
    )


Judged = tuple[float, ChangeVerdict]


def _judged(
    ground: Ground, pairs: list[tuple[int, int]], floors: Floors, settings: LineageSettings
) -> dict[tuple[int | None, int | None], Judged]:
    """Return p and verdict of every node that goes on: by the larger of both floors."""
    places = [(_place(ground, 0, here), _place(ground, 1, there)) for here, there in pairs]
    by_documents = floors.shuffles.growth(places).tolist()
    sizes = [ground.sizes(s) / len(ground.sides[s].keys) for s in (0, 1)]
    judged: dict[tuple[int | None, int | None], Judged] = {}
    for pair, (a, b), p_documents in zip(pairs, places, by_documents, strict=True):
        ratio = float(sizes[1][b] / sizes[0][a])
        p_rerun = (
            floors.reruns[0].p_growth(a, ratio),
            floors.reruns[1].p_growth(b, 1 / ratio),
        )
        p = max(*p_rerun, p_documents)
        verdict: ChangeVerdict = "noise" if p > settings.noise else "unclear"
        judged[pair] = (p, "change" if p <= settings.change else verdict)
    return judged


def _by_event(pair: tuple[int | None, int | None], events: Sequence[LineageEvent]) -> Judged:
    """Return p and verdict of the event that says what became of a node, or where it is from."""
    here, there = pair
    for event in events:
        if here in event.earlier or there in event.later:
            return event.p, event.verdict
    return 1.0, "noise"


Counted = dict[tuple[str, int | None], int]


def _counted(documents: tuple[Move, ...]) -> Counted:
    """Count documents by what happened and the node that it concerns."""
    counts: Counter[tuple[str, int | None]] = Counter()
    for move in documents:
        if move.stay == "new":
            counts["new", move.later] += 1
        elif move.stay == "left":
            counts["left", move.earlier] += 1
        elif move.stay == "stayed":
            counts["stayed", move.earlier] += 1
            counts["redescribed", move.earlier] += move.is_redescribed
        else:
            counts["out", move.earlier] += 1
            counts["in", move.later] += 1
    return dict(counts)


def _growth(
    ground: Ground,
    pair: tuple[int | None, int | None],
    counted: Counted,
    floors: Floors,
    judged: Judged,
) -> Growth:
    here, there = pair
    stayed = 0 if here is None or there is None else counted.get(("stayed", here), 0)
    left, out = (0 if here is None else counted.get((what, here), 0) for what in ("left", "out"))
    new, moved_in = (
        0 if there is None else counted.get((what, there), 0) for what in ("new", "in")
    )
    before, after = stayed + left + out, stayed + new + moved_in
    n_before, n_after = len(ground.sides[0].keys), len(ground.sides[1].keys)
    low, high = _interval(ground, there, after, floors.reruns[1])
    return Growth(
        earlier=here,
        later=there,
        size_earlier=before,
        size_later=after,
        new=new,
        left=left,
        moved_in=moved_in,
        moved_out=out,
        stayed=stayed,
        redescribed=counted.get(("redescribed", here), 0) if stayed else 0,
        low=low,
        high=high,
        share_earlier=before / n_before,
        share_later=after / n_after,
        p=judged[0],
        verdict=judged[1],
    )


def _interval(ground: Ground, there: int | None, size: int, reruns: Reruns) -> tuple[float, float]:
    """Return the percentiles of the node's size over the resamples, their median at its size."""
    if there is None:
        return 0.0, 0.0
    ratios = reruns.values["growth"][:, _place(ground, 1, there)]
    low, high = size * (1 + np.percentile(ratios, INTERVAL) - np.median(ratios))
    return float(low), float(high)


def _place(ground: Ground, s: int, number: int) -> int:
    return next(at for at, node in enumerate(ground.sides[s].nodes) if node.number == number)
