"""Ids of nodes that last over three and more snapshots.

Rules, from the first snapshot on:

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

from artifacts.errors import InputError
from artifacts.progress import Progress
from taxonomy.lineage.compare import compare
from taxonomy.lineage.ground import lay_ground
from taxonomy.lineage.links import read_links
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import Chain, ChainNode, Lineage, Side, Since

Ids = dict[int, int]
"""Id by number of node, in one snapshot."""


def chain(sides: Sequence[Side], *, settings: LineageSettings, progress: Progress) -> Chain:
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


def join(sides: Sequence[Side], lineages: Sequence[Lineage], *, settings: LineageSettings) -> Chain:
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
    at: int, side: Side, lineage: Lineage, before: Ids, returned: Ids, n_ids: int
) -> tuple[list[ChainNode], int]:
    """Return the nodes of snapshot ``at`` with their ids, and how many ids there are then."""
    came_from = {later: earlier for earlier, later in lineage.continuation().items()}
    made = []
    since: Since
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


def _returned(earlier: Side, later: Side, missing: Ids, settings: LineageSettings) -> Ids:
    """Return the ids that later nodes have again: of nodes that the snapshot between lacked."""
    ground = lay_ground(earlier, later)
    pairs = [
        (earlier.nodes[a].number, later.nodes[b].number)
        for a, b in read_links(ground, settings).assigned
    ]
    return {there: missing[here] for here, there in pairs if here in missing}
