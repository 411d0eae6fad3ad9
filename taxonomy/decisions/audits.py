"""Who looked at which node of a taxonomy, when, and what they said of it.

The table lies beside the taxonomy's folder (``taxonomies/NAME.audit.parquet``) and is only ever
added to. Like people's other decisions, a verdict is about a set of documents, not about a number.
Before it, a person sees what speaks for and against a node (`evidence_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa

from artifacts.errors import ArtifactError
from artifacts.tables import STRINGS, UTC_TIME, read_table, required, table_from_rows, write_table
from artifacts.words import NOISE, Layer
from taxonomy.decisions.decision_file import changing
from taxonomy.decisions.draft import FOLLOWED, jaccard
from taxonomy.decisions.splitting import evidence_in, likeness
from taxonomy.nodes import Node
from taxonomy.taxonomy import Taxonomy

SUFFIX = ".audit.parquet"
N_BORDERLINE = 5
N_NEIGHBOURS = 3

AuditVerdict = Literal["accepted", "rejected"]

VERDICTS = pa.schema(
    [
        *required(pa.string(), "layer"),
        *required(pa.int32(), "number"),
        *required(pa.string(), "name", "verdict"),
        pa.field("because", pa.string()),
        *required(pa.string(), "by"),
        *required(UTC_TIME, "at"),
        *required(pa.int32(), "size"),
        pa.field("stability", pa.float64()),
        *required(STRINGS, "documents"),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One verdict: on a node as it was then.

    Attributes
    ----------
    layer
        Of the node: topics or categories.
    number, name, size, stability
        Of the node when it was looked at.
    verdict
        Accepted or rejected.
    because
        Why, if that was said.
    by, at
        Who looked, and when.
    documents
        Keys of those that it had.
    """

    layer: Layer
    number: int
    name: str
    verdict: AuditVerdict
    because: str | None
    by: str
    at: datetime
    size: int
    stability: float | None
    documents: tuple[str, ...]


@dataclass(frozen=True)
class StandingVerdict:
    """How a verdict stands now.

    Attributes
    ----------
    node
        The node that it is about now; None if no node is like the one that was looked at: the
        verdict is stale.
    likeness
        Jaccard similarity of the documents now and then, in [0, 1]; of the most like node where
        there is none.
    """

    looked: Looked
    node: Node | None
    likeness: float


def audit_path(folder: Path) -> Path:
    """Return where the verdicts on the taxonomy in ``folder`` are kept."""
    return folder.parent / f"{folder.name}{SUFFIX}"


def read_verdicts(folder: Path) -> list[Looked]:
    """Read the verdicts on the taxonomy in ``folder``, oldest first.

    Raises
    ------
    ArtifactError
        If the table is damaged or of another schema.
    """
    path = audit_path(folder)
    if not path.exists():
        return []
    try:
        rows = read_table(path, VERDICTS).to_pylist()
    except ArtifactError as error:
        raise ArtifactError(
            error.what, where=error.where, fix="restore the file from a copy; it holds verdicts"
        ) from error
    return [Looked(**{**row, "documents": tuple(row["documents"])}) for row in rows]


def add_verdict(folder: Path, looked: Looked) -> None:
    """Add a verdict to the table, whole or not at all."""
    with changing(folder):
        rows = [asdict(verdict) for verdict in (*read_verdicts(folder), looked)]
        write_table(audit_path(folder), table_from_rows(rows, VERDICTS))


def look(
    shown: Taxonomy,
    node: Node,
    verdict: AuditVerdict,
    *,
    because: str | None,
    by: str,
    at: datetime,
) -> Looked:
    """Return a verdict on a node as it is now."""
    return Looked(
        layer=node.layer,
        number=node.number,
        name=node.name,
        verdict=verdict,
        because=because,
        by=by,
        at=at,
        size=node.size,
        stability=node.stability,
        documents=tuple(sorted(shown.members(node))),
    )


def standings(shown: Taxonomy, verdicts: Sequence[Looked]) -> list[StandingVerdict]:
    """Return how each verdict stands in the taxonomy as it is now."""
    members = {layer: shown.members_of(layer) for layer in {looked.layer for looked in verdicts}}
    stands = []
    for looked in verdicts:
        likeness = {
            number: jaccard(looked.documents, keys)
            for number, keys in members[looked.layer].items()
        }
        best = max(likeness, key=lambda number: likeness[number], default=None)
        most = 0.0 if best is None else likeness[best]
        node = None if best is None else shown.node(looked.layer, best)
        stands.append(StandingVerdict(looked, node if most >= FOLLOWED else None, most))
    return stands


def waiting(shown: Taxonomy, verdicts: Sequence[Looked]) -> list[Node]:
    """Return the topics that nobody has looked at, as they are now, in their order."""
    judged = {
        standing.node.number
        for standing in standings(shown, [v for v in verdicts if v.layer == "topics"])
        if standing.node is not None
    }
    return [topic for topic in shown.topic_nodes if topic.number not in judged and not topic.hidden]


@dataclass(frozen=True)
class Evidence:
    """What a person should see before accepting a node.

    Attributes
    ----------
    borderline
        Keys of the documents that are least firmly in it, with their strengths in [0, 1].
    outside
        Keys of the unplaced documents that are nearest to it, with their strengths.
    neighbours
        The nodes of its layer that the runs most often join with it, with the mean share of the
        runs, over all pairs of documents, that do.
    """

    borderline: tuple[tuple[str, float], ...]
    outside: tuple[tuple[str, float], ...]
    neighbours: tuple[tuple[Node, float], ...]


def evidence_of(shown: Taxonomy, node: Node) -> Evidence:
    """Return what speaks for and against a node of a taxonomy."""
    strengths = shown.strength_of
    of_category = shown.topics_in(node.number) if node.layer == "categories" else [node]
    topics = {topic.number for topic in of_category}
    outside = [
        key
        for key, topic in shown.topic_of.items()
        if topic == NOISE and shown.nearest_of[key] in topics
    ]
    inside = [key for key in shown.members(node) if key not in shown.moved]
    weakest = sorted(inside, key=lambda key: (strengths[key], key))[:N_BORDERLINE]
    nearest = sorted(outside, key=lambda key: (-strengths[key], key))[:N_BORDERLINE]
    return Evidence(
        borderline=tuple((key, strengths[key]) for key in weakest),
        outside=tuple((key, strengths[key]) for key in nearest),
        neighbours=_neighbours(shown, node),
    )


def _neighbours(shown: Taxonomy, node: Node) -> tuple[tuple[Node, float], ...]:
    nodes, members = shown.nodes(node.layer), shown.members_of(node.layer)
    own = [other.number for other in nodes].index(node.number)
    near = likeness(evidence_in(shown), [members[other.number] for other in nodes])[own]
    others = [(other, float(near[at])) for at, other in enumerate(nodes) if at != own]
    others.sort(key=lambda pair: (-pair[1], pair[0].number))
    return tuple(others[:N_NEIGHBOURS])
