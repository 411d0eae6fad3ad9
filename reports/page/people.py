"""What people and codebooks say of the nodes of a taxonomy: verdicts, lost decisions, codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from artifacts.manifest import FILE_NAME, Manifest
from artifacts.words import LAYERS
from reports.inputs import NodeCode, NodeId
from taxonomy.decisions.audits import read_verdicts, standings
from taxonomy.guidance.crosswalk import FOLDER, Crosswalk, read_crosswalk
from taxonomy.taxonomy import Taxonomy


def verdicts(folder: Path, shown: Taxonomy) -> dict[NodeId, tuple[str, ...]]:
    """Return what people said when they looked at a node, by node; oldest first.

    Verdicts on nodes that are no more are left out.
    """
    found: defaultdict[NodeId, list[str]] = defaultdict(list)
    for standing in standings(shown, read_verdicts(folder)):
        if standing.node is not None:
            looked = standing.looked
            because = f": {looked.because}" if looked.because else ""
            said = f"{looked.verdict} by {looked.by}, {looked.at:%Y-%m-%d}{because}"
            found[looked.layer, standing.node.number].append(said)
    return {node: tuple(said) for node, said in found.items()}


def lost_decisions(decided: Taxonomy) -> tuple[str, ...]:
    """Return, for each decision that this taxonomy could not follow, why not."""
    return tuple(
        f"{outcome.decision.action} by {outcome.decision.by}: {loss}"
        for outcome in decided.lost
        for loss in outcome.losses
    )


def crosswalk_folders(taxonomy: Path) -> list[Path]:
    """Return the crosswalks of the taxonomy as it is now, in the order of their names."""
    content = Manifest.read(taxonomy).content_hash
    workspace = taxonomy.parent.parent
    return [
        folder
        for folder in sorted((workspace / FOLDER).glob(f"{taxonomy.name}.*"))
        if (folder / FILE_NAME).exists()
        and Manifest.read(folder).inputs.get(taxonomy.name) == content
    ]


def node_codes(taxonomy: Path, shown: Taxonomy) -> dict[NodeId, tuple[NodeCode, ...]]:
    """Return the code of each node in each codebook that was laid over the taxonomy.

    A crosswalk that was made before people changed the nodes is of other nodes, and left out.
    """
    found: defaultdict[NodeId, list[NodeCode]] = defaultdict(list)
    for folder in crosswalk_folders(taxonomy):
        crosswalk = read_crosswalk(folder)
        if _fits(crosswalk, shown):
            for node, code in _codes(crosswalk):
                found[node].append(code)
    return {node: tuple(codes) for node, codes in found.items()}


def _fits(crosswalk: Crosswalk, shown: Taxonomy) -> bool:
    return all(
        {number: coding.size for number, coding in crosswalk.nodes(layer).items()}
        == {node.number: node.size for node in shown.nodes(layer)}
        for layer in LAYERS
    )


def _codes(crosswalk: Crosswalk) -> Iterator[tuple[NodeId, NodeCode]]:
    names = {code.id: code.name for code in crosswalk.codebook.codes}
    for layer in LAYERS:
        for number, coding in crosswalk.nodes(layer).items():
            name = None if coding.code is None else names[coding.code]
            yield (layer, number), NodeCode(crosswalk.codebook.title, name)
