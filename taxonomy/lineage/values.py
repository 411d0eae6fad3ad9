"""What is compared, and what a comparison of two taxonomies finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from artifacts.arrays import Floats
from artifacts.words import NOISE, Corpus, Layer
from taxonomy.types import Labels

EventKind = Literal["persisted", "split", "merged", "born", "died", "drifted"]
"""What can become of a node; defined in `taxonomy.lineage.events`."""

EVENT_KINDS: tuple[EventKind, ...] = ("born", "died", "split", "merged", "drifted", "persisted")

ChangeVerdict = Literal["change", "unclear", "noise"]
"""Beyond what re-running and other documents of the same kind produce; between; or within it."""

IdOrigin = Literal["start", "continued", "returned", "split", "merged", "born"]
"""Why a node of a chain has the id that it has: see `ChainNode`."""

Stay = Literal["new", "left", "moved", "stayed", "unplaced"]
"""What became of a document: see `Move`."""


@dataclass(frozen=True, kw_only=True)
class SideNode:
    """A topic or category, as it is shown: its number in its layer, its name, what it is about."""

    number: int
    name: str
    keywords: tuple[str, ...] = ()
    stability: float | None = None


@dataclass(frozen=True, kw_only=True)
class LineageSide:
    """One of the two taxonomies.

    Attributes
    ----------
    name
        Of the taxonomy: unlike that of the other side.
    day
        Of the snapshot that it is of.
    corpus, layer
        What the documents are, and which layer of nodes is compared.
    nodes
        By rising number.
    keys, aliases, titles, texts
        Of the n_docs documents: key, former keys, how people know it, and the hash of its text.
    vectors
        n_docs × n_dims rows of unit length, of the same encoder on both sides.
    labels
        n_docs numbers of nodes; `NOISE` where a document is in none.
    resampled
        n_resamples × n_docs: the labels of as many consensuses of parts of the ensemble
        (`taxonomy.consensus.Ensemble`), numbered each in its own way.
    """

    name: str
    day: date
    corpus: Corpus
    layer: Layer
    nodes: tuple[SideNode, ...]
    keys: tuple[str, ...]
    aliases: tuple[tuple[str, ...], ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    vectors: Floats
    labels: Labels
    resampled: Labels

    def node(self, number: int) -> SideNode:
        """Return the node of that number."""
        return next(node for node in self.nodes if node.number == number)


@dataclass(frozen=True, kw_only=True)
class NodeLink:
    """An earlier and a later node that have something to do with each other.

    Attributes
    ----------
    earlier, later
        Numbers of the two nodes.
    shared
        Documents that are in both.
    jaccard
        Of the two nodes' documents, among those that both snapshots have and both place.
    part_of_earlier, part_of_later
        Share of the earlier (later) node's documents, projected ones included, that belong to the
        later (earlier) one: MONIC's overlap, in both directions.
    content
        Cosine of the centroids, the mean of all documents of both sides taken out.
    is_assigned
        Whether the optimal one-to-one assignment pairs the two.
    is_heir
        Whether one of the two parts is large enough for the many-to-many reading.
    """

    earlier: int
    later: int
    shared: int
    jaccard: float
    part_of_earlier: float
    part_of_later: float
    content: float
    is_assigned: bool
    is_heir: bool


@dataclass(frozen=True, kw_only=True)
class LineageEvent:
    """What became of nodes.

    Attributes
    ----------
    kind
        *persisted*, *drifted*, *split*, *merged*, *born* or *died*.
    earlier, later
        Numbers of the nodes that it is about: none and one (born), one and none (died), one and
        several (split), several and one (merged), one and one (persisted, drifted).
    size
        How large it is: for born and died the share of the node's documents that the other side
        had nowhere; for split and merged the share of documents that are not with the largest
        part; for drifted and persisted the cosine distance of the centroids.
    p_rerun
        How often re-running on the same documents gives so much, over all nodes at once.
    p_documents
        How often other documents of an unchanged population give so much, over all nodes at once.
    verdict
        *change*, if both are small; see `taxonomy.lineage.settings`.
    reason
        Why the verdict is not *change*, a clause; empty where it is.
    evidence
        Keys of the documents that show it best, of either side.
    """

    kind: EventKind
    earlier: tuple[int, ...]
    later: tuple[int, ...]
    size: float
    p_rerun: float
    p_documents: float
    verdict: ChangeVerdict
    reason: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def p(self) -> float:
        """Return the larger of the two p-values: each has a bound of its own."""
        return max(self.p_rerun, self.p_documents)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One document on both sides.

    Attributes
    ----------
    key_earlier, key_later
        None on the side that does not have it.
    earlier, later
        Its nodes; `NOISE` where it is in none or not there.
    stay
        *new*, *left*; *moved* if its nodes are not each other's continuation; *stayed* if they
        are; *unplaced* if it is in a node on one side at most.
    is_redescribed
        Whether its text differs.
    """

    key_earlier: str | None = None
    key_later: str | None = None
    earlier: int = NOISE
    later: int = NOISE
    stay: Stay
    is_redescribed: bool = False


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Why a node's size differs; the parts add up exactly.

    ``size_later - size_earlier = new - left + moved_in - moved_out``, and
    ``stayed + left + moved_out = size_earlier``.

    Attributes
    ----------
    earlier, later
        The node on both sides; None where it has no continuation.
    size_earlier, size_later
        Its documents on either side.
    new, left
        Documents that only the later (earlier) snapshot has.
    moved_in, moved_out
        Documents of both that came from (went to) another node or no node.
    stayed
        Documents that were in it and are.
    redescribed
        Of those that stayed, with another text.
    low, high
        95 % interval of the size later, by re-running on the documents there.
    share_earlier, share_later
        Of all documents of the side.
    p
        How often re-running gives so large a difference of shares, over all nodes at once, or
        other documents do: the larger. Of a node without continuation: that of the event that says
        what became of it.
    verdict
        *change*, *unclear* or *noise*, by p.
    """

    earlier: int | None
    later: int | None
    size_earlier: int
    size_later: int
    new: int
    left: int
    moved_in: int
    moved_out: int
    stayed: int
    redescribed: int
    low: float
    high: float
    share_earlier: float
    share_later: float
    p: float
    verdict: ChangeVerdict

    @property
    def difference(self) -> int:
        """Return how many documents more there are later."""
        return self.size_later - self.size_earlier


@dataclass(frozen=True, kw_only=True)
class Flow:
    """How many documents went from where to where.

    Attributes
    ----------
    earlier, later
        Numbers of the nodes; None: not in the snapshot; `NOISE`: unplaced.
    documents
        How many.
    """

    earlier: int | None
    later: int | None
    documents: int


@dataclass(frozen=True, kw_only=True)
class NoiseFloor:
    """How much a taxonomy differs from itself when it is run again.

    Attributes
    ----------
    n_resamples
        Resampled consensuses, earlier and later.
    agreement
        Mean adjusted mutual information of a resampled consensus with the whole one, earlier and
        later; unplaced documents count as one class.
    observed_agreement
        The same figure between the two taxonomies, over the documents of both; None without any.
    spread
        95th percentile, over the resamples, of the largest studentised statistic of any node, by
        the name of the statistic and the side: ``division earlier``, …
    n_shuffles
        Exchanges of documents that `p_documents` is counted over.
    """

    n_resamples: tuple[int, int]
    agreement: tuple[float, float]
    observed_agreement: float | None
    spread: Mapping[str, float]
    n_shuffles: int


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """What two taxonomies have to do with each other.

    Attributes
    ----------
    links
        All pairs of nodes that share documents or are heirs, the earlier node first.
    events
        Born, died, split, merged, drifted, persisted; in each, the larger first.
    growth
        One for each pair that continues, each node that is gone, and each node that is new.
    moves
        One for each document, in the order of the earlier side, then what is new.
    flows
        Sums of ``moves``.
    """

    earlier: str
    later: str
    layer: Layer
    links: tuple[NodeLink, ...]
    events: tuple[LineageEvent, ...]
    growth: tuple[Growth, ...]
    moves: tuple[Move, ...]
    flows: tuple[Flow, ...]
    floor: NoiseFloor

    def changes(self) -> Sequence[LineageEvent]:
        """Return the events that are beyond noise."""
        return [event for event in self.events if event.verdict == "change"]

    def of(self, kind: EventKind) -> Sequence[LineageEvent]:
        """Return the events of one kind."""
        return [event for event in self.events if event.kind == kind]

    def continuation(self) -> dict[int, int]:
        """Return the later node of each earlier node that goes on in one."""
        return {link.earlier: link.later for link in self.links if link.is_assigned}


@dataclass(frozen=True, kw_only=True)
class ChainNode:
    """A node of one snapshot of a chain, and the id that it has over all of them.

    Attributes
    ----------
    snapshot, number
        Place of the snapshot in the chain, from 0, and the node's number there.
    identity
        Persistent, from 1, never used for anything else.
    since
        *start*: in the first snapshot; *continued*: goes on from the snapshot before; *returned*:
        goes on after it was missing; *split*, *merged*: has a new id because it came of others,
        named in ``parents``; *born*: came of nothing.
    parents
        Ids that it came of, its own left out.
    """

    snapshot: int
    number: int
    identity: int
    since: IdOrigin
    parents: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Identities of nodes over snapshots in their order of time."""

    names: tuple[str, ...]
    nodes: tuple[ChainNode, ...]
    lineages: tuple[Lineage, ...]

    def identity(self, snapshot: int, number: int) -> int:
        """Return the id of a node; raise `KeyError` if there is no such node."""
        for node in self.nodes:
            if (node.snapshot, node.number) == (snapshot, number):
                return node.identity
        raise KeyError((snapshot, number))
