"""Two taxonomies compared, and ids of nodes that last over three and more snapshots.

What cannot be compared is refused, with advice, before any work is done.

Rules of ids, from the first snapshot on:

1. A node whose pair in the one-to-one assignment is in the snapshot before has that one's id. So
   most documents keep theirs: of the parts of a split the one with most documents of the whole
   keeps the id, and the node that others merge into has the id of the one that gave it most.
2. Of the rest, a node whose pair is in the snapshot before that, by the same assignment between
   those two, has its id *again*, if the snapshot between had nothing of it: what merged into
   another, or was parted, did not go away.
3. All others have new ids. An id that is gone for two snapshots is never used again.

No rule looks ahead: a snapshot that is added later leaves the ids before it as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from artifacts.errors import InputError
from artifacts.progress import Progress
from taxonomy.lineage.events import Judge, candidates
from taxonomy.lineage.ground import Ground, lay_ground, links, read_links
from taxonomy.lineage.growth import Floors, flows, growth, moves
from taxonomy.lineage.noise_floor import STATISTICS, Reruns, rerun, shuffle
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import Chain, ChainNode, IdOrigin, Lineage, LineageSide, NoiseFloor

FEWEST_RESAMPLES = 99

Ids = dict[int, int]
"""Id by number of node, in one snapshot."""


def compare(
    earlier: LineageSide, later: LineageSide, *, settings: LineageSettings, progress: Progress
) -> Lineage:
    """Compare two taxonomies of one study: links, events and growth, each against noise.

    Raises
    ------
    InputError
        If the two cannot be compared; see `check_sides`.
    """
    check_sides(earlier, later)
    progress.say(f"linking {earlier.name} and {later.name}")
    ground = lay_ground(earlier, later)
    readings = read_links(ground, settings)
    progress.say("measuring the noise floor")
    reruns = tuple(
        rerun(ground.codes[s], len(side.nodes), ground.points[s], side.resampled)
        for s, side in enumerate(ground.sides)
    )
    both = (reruns[0], reruns[1])
    shuffles = shuffle(ground, n=settings.shuffles, seed=settings.seed)
    judge = Judge(ground, both, shuffles, settings)
    events = judge.judge(candidates(ground, readings))
    found_links = links(ground, readings)
    continuation = {link.earlier: link.later for link in found_links if link.is_assigned}
    found_moves = moves(ground, continuation)
    return Lineage(
        earlier=earlier.name,
        later=later.name,
        layer=earlier.layer,
        links=found_links,
        events=events,
        growth=growth(ground, found_moves, continuation, Floors(both, shuffles, events), settings),
        moves=found_moves,
        flows=flows(found_moves),
        floor=_floor(ground, both, settings),
    )


def _floor(ground: Ground, reruns: tuple[Reruns, Reruns], settings: LineageSettings) -> NoiseFloor:
    spread = {
        f"{statistic} {name}": reruns[s].spread(statistic)
        for statistic in STATISTICS
        for s, name in enumerate(("earlier", "later"))
    }
    return NoiseFloor(
        n_resamples=(len(ground.sides[0].resampled), len(ground.sides[1].resampled)),
        agreement=(reruns[0].agreement, reruns[1].agreement),
        observed_agreement=_agreement(ground),
        spread=spread,
        n_shuffles=settings.shuffles,
    )


def _agreement(ground: Ground) -> float | None:
    from sklearn.metrics import adjusted_mutual_info_score

    if len(ground.common) == 0:
        return None
    labels = [ground.codes[s][ground.common[:, s]] for s in (0, 1)]
    return float(np.asarray(adjusted_mutual_info_score(*labels)))


def check_sides(earlier: LineageSide, later: LineageSide) -> None:
    """Raise `InputError` if two taxonomies cannot be compared.

    That is: one with itself, of other documents or layers, in the wrong order, without vectors of
    one space, with fewer than two nodes, or with too few resampled consensuses.
    """
    where = f"{earlier.name}, {later.name}"
    if earlier.name == later.name:
        raise InputError(
            "A taxonomy cannot be compared with itself.", where=where, fix="name another one"
        )
    if (earlier.corpus, earlier.layer) != (later.corpus, later.layer):
        raise InputError(
            f"One is of {earlier.corpus} ({earlier.layer}), the other of {later.corpus} "
            f"({later.layer}).",
            where=where,
            fix="compare taxonomies of one kind and one layer",
        )
    if earlier.day > later.day:
        raise InputError(
            f"The first snapshot is of {earlier.day}, the second of {later.day}: the wrong order.",
            where=where,
            fix=f"name {later.name} first",
        )
    for side in (earlier, later):
        _check_side(side)
    dims = earlier.vectors.shape[1], later.vectors.shape[1]
    if dims[0] != dims[1]:
        raise InputError(
            f"The vectors have {dims[0]} and {dims[1]} dimensions: they are of two models.",
            where=where,
            fix="build both taxonomies with one encoder",
        )


def _check_side(side: LineageSide) -> None:
    n_docs = len(side.keys)
    if len(side.vectors) != n_docs or not np.isfinite(side.vectors).all():
        raise InputError(
            f"There are {len(side.vectors)} vectors of {n_docs} documents, or some are no numbers.",
            where=side.name,
            fix="build the taxonomy again",
        )
    present = set(side.labels.tolist())
    if sum(node.number in present for node in side.nodes) < 2:
        raise InputError(
            f"The taxonomy has {len(side.nodes)} {side.layer}: there is nothing to compare.",
            where=side.name,
            fix="build it from more documents",
        )
    if side.resampled.shape[0] < FEWEST_RESAMPLES or side.resampled.shape[1] != n_docs:
        raise InputError(
            f"The noise floor needs at least {FEWEST_RESAMPLES} resampled consensuses of all "
            f"{n_docs} documents; there are {side.resampled.shape[0]}.",
            where=side.name,
            fix="resample the taxonomy's ensemble again",
        )


def chain(sides: Sequence[LineageSide], *, settings: LineageSettings, progress: Progress) -> Chain:
    """Compare successive taxonomies, and carry ids along.

    Raises
    ------
    InputError
        If there are fewer than two, or two successive ones cannot be compared.
    """
    if len(sides) < 2:
        raise InputError(
            f"A chain needs two taxonomies or more; {len(sides)} are named.", fix="name more"
        )
    lineages = [
        compare(earlier, later, settings=settings, progress=progress)
        for earlier, later in pairwise(sides)
    ]
    return join(sides, lineages, settings=settings)


def join(
    sides: Sequence[LineageSide], lineages: Sequence[Lineage], *, settings: LineageSettings
) -> Chain:
    """Carry ids along comparisons of successive taxonomies.

    Parameters
    ----------
    sides
        Two or more, in their order of time.
    lineages
        One between each two of them.
    """
    first = {node.number: at for at, node in enumerate(sides[0].nodes, start=1)}
    nodes = [
        ChainNode(snapshot=0, number=number, identity=identity, since="start")
        for number, identity in first.items()
    ]
    ids, n_ids = [first], len(first)
    for at, lineage in enumerate(lineages, start=1):
        missing = _missing(lineages[at - 2], ids[-2]) if at > 1 else {}
        returned = _returned(sides[at - 2], sides[at], missing, settings) if missing else {}
        made, n_ids = _next(at, sides[at], lineage, ids[-1], returned, n_ids)
        nodes += made
        ids.append({node.number: node.identity for node in made})
    names = tuple(side.name for side in sides)
    return Chain(names=names, nodes=tuple(nodes), lineages=tuple(lineages))


def _next(
    at: int, side: LineageSide, lineage: Lineage, before: Ids, returned: Ids, n_ids: int
) -> tuple[list[ChainNode], int]:
    """Return the nodes of snapshot ``at`` with their ids, and how many ids there are then."""
    came_from = {later: earlier for earlier, later in lineage.continuation().items()}
    made = []
    since: IdOrigin
    for node in side.nodes:
        parents = _parents(lineage, node.number, before)
        if node.number in came_from:
            identity = before[came_from[node.number]]
            since = "continued"
        elif node.number in returned:
            identity = returned[node.number]
            since = "returned"
        else:
            n_ids += 1
            identity = n_ids
            since = "born" if not parents else "merged" if len(parents) > 1 else "split"
        made.append(
            ChainNode(
                snapshot=at,
                number=node.number,
                identity=identity,
                since=since,
                parents=tuple(parent for parent in parents if parent != identity),
            )
        )
    return made, n_ids


def _parents(lineage: Lineage, number: int, before: Ids) -> list[int]:
    """Return the ids of the earlier nodes that a node is part of, or joined from."""
    links = [link for link in lineage.links if link.later == number and link.is_heir]
    return sorted(before[link.earlier] for link in links)


def _missing(lineage: Lineage, ids: Ids) -> Ids:
    """Return the ids of the earlier nodes that the later snapshot has nothing of."""
    goes_on = {link.earlier for link in lineage.links if link.is_assigned or link.is_heir}
    return {number: identity for number, identity in ids.items() if number not in goes_on}


def _returned(
    earlier: LineageSide, later: LineageSide, missing: Ids, settings: LineageSettings
) -> Ids:
    """Return the ids that later nodes have again: of nodes that the snapshot between lacked."""
    ground = lay_ground(earlier, later)
    pairs = [
        (earlier.nodes[a].number, later.nodes[b].number)
        for a, b in read_links(ground, settings).assigned
    ]
    return {there: missing[here] for here, there in pairs if here in missing}
