"""Addresses of what a page shows that hold when it is drawn anew: slugs, and where they went.

A node's slug follows its name, and nothing else: not its number, and not what it was called before.
So a link says what it leads to, and one and the same taxonomy has one and the same addresses.
What earlier builds called their nodes is kept beside the page, with the documents that were in
them; a slug of then that is no more leads to where most of these documents are now, if that is half
of them or more, and else says where they went. A slug of then that a node has now leads to that
node, whatever is in it, since its name is what the link says; if less than half of the documents
of then are in it, `Addresses.changed` tells a reader so.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from artifacts.errors import ArtifactError
from artifacts.explaining import first_fault
from artifacts.files import write_text
from artifacts.hashing import hash_value
from artifacts.manifest import Manifest
from artifacts.notation import json_value
from artifacts.tables import TableRows
from artifacts.words import CORPORA, NODE, NOISE, Corpus, Layer
from mining.snapshots import load_table
from mining.tables import TableRow
from reports.data import clean, short_number
from reports.inputs import NodeId, PageSection
from taxonomy.origin import decisions_hash

FILE = "addresses.json"
SCHEMA_VERSION = 1
MOST_BUILDS = 20
"""Earlier builds that are remembered, the last ones."""
MOST_CHARACTERS = 80
"""Of a slug, before what tells it from another."""
MOST_PLACES = 5
"""Nodes that are named as where the documents of one went, those with the most of them."""

_SPELT = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "&": " and ",
    }
)
"""What no decomposition takes apart."""


@dataclass(frozen=True)
class NamedNode:
    """A node, and the keys of the documents in it."""

    layer: Layer
    number: int
    name: str
    members: frozenset[str]

    @property
    def id(self) -> NodeId:
        """Return its layer and number."""
        return self.layer, self.number


@dataclass(frozen=True)
class FormerNode:
    """A node of an earlier build, and the keys of the documents that were in it."""

    layer: Layer
    slug: str
    name: str
    members: frozenset[str]


@dataclass(frozen=True)
class FormerBuild:
    """What an earlier build called its nodes; ``id`` tells which build, as `build_id` does."""

    id: str
    nodes: tuple[FormerNode, ...]


@dataclass(frozen=True)
class Former:
    """The earlier builds of each corpus, oldest first; no two the same, `MOST_BUILDS` at most."""

    builds: Mapping[Corpus, tuple[FormerBuild, ...]] = field(default_factory=dict)

    def of(self, corpus: Corpus) -> tuple[FormerBuild, ...]:
        """Return those of a corpus."""
        return self.builds.get(corpus, ())

    def content_hash(self, corpora: Iterable[Corpus]) -> str:
        """Return a hash of all that forwards links of these corpora; empty where nothing does."""
        plain = {corpus: _plain(self.of(corpus)) for corpus in corpora if self.of(corpus)}
        return hash_value(plain) if plain else ""


@dataclass(frozen=True)
class Forward:
    """Where a former slug leads: to the node that has this share of the documents of then.

    ``name`` is what the former node was called.
    """

    slug: str
    share: float
    name: str


@dataclass(frozen=True)
class Scattered:
    """What became of a former node whose documents no one node has.

    Attributes
    ----------
    name, size
        What it was called, and the documents that it had.
    now
        The nodes that have most of them, and how many each; of the rest, some may be unplaced, or
        in the study no more.
    """

    name: str
    size: int
    now: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Addresses:
    """The slugs of a corpus's nodes, and what became of those that earlier builds gave.

    Attributes
    ----------
    slug_of
        One for each node, no two alike.
    forwards, gone
        Of former slugs that no node has now.
    changed
        Of slugs that a node has now and a former node had, less than half of whose documents are
        in it.
    """

    slug_of: Mapping[NodeId, str]
    forwards: Mapping[str, Forward] = field(default_factory=dict)
    gone: Mapping[str, Scattered] = field(default_factory=dict)
    changed: Mapping[str, Scattered] = field(default_factory=dict)


def slug_of_name(name: str) -> str:
    """Return a name as an address writes it; empty where it has neither letter nor digit.

    Letters of Latin script are brought to plain ones; those of other scripts are kept.

    Examples
    --------
    >>> slug_of_name("Pipeline orchestration: Kubernetes-native")
    'pipeline-orchestration-kubernetes-native'
    >>> slug_of_name("Évaluation & suivi")
    'evaluation-and-suivi'
    >>> slug_of_name("模型 部署")
    '模型-部署'
    """
    apart = unicodedata.normalize("NFKD", name.casefold()).translate(_SPELT)
    kept: list[str] = []
    for character in apart:
        if not unicodedata.category(character).startswith("M"):
            kept.append(character if character.isalnum() else "-")
        elif kept and kept[-1].isalnum() and not kept[-1].isascii():
            kept.append(character)  # in many scripts a vowel is a mark
    joined = re.sub("-+", "-", unicodedata.normalize("NFC", "".join(kept))).strip("-")
    if len(joined) <= MOST_CHARACTERS:
        return joined
    return joined[: MOST_CHARACTERS + 1].rpartition("-")[0] or joined[:MOST_CHARACTERS]


def slugs_of(nodes: Sequence[NamedNode]) -> dict[NodeId, str]:
    """Return a slug for each node, no two alike, whatever their numbers and their order are.

    Of a category and a topic of one name, the category has the plain slug, which leads to all that
    is in it, and the topic's ends in ``-topic``. Of those of one layer, the plain one is that of
    the node with the first document, by key.
    """
    order = sorted(
        nodes, key=lambda node: (node.layer, min(node.members, default=""), node.name, node.number)
    )
    given: dict[NodeId, str] = {}
    taken: set[str] = set()
    wanting = []
    for node in order:
        plain = slug_of_name(node.name)
        if plain and plain not in taken:
            given[node.id] = plain
            taken.add(plain)
        else:
            wanting.append(node)
    for node in wanting:
        given[node.id] = next(each for each in _others(node) if each not in taken)
        taken.add(given[node.id])
    return given


def _others(node: NamedNode) -> Iterator[str]:
    """Yield what a node may be called where its plain slug is taken, or its name has none."""
    layer, plain = NODE[node.layer], slug_of_name(node.name)
    head = f"{plain}-{layer}" if plain else f"{layer}-{node.number}"
    yield head
    yield from (f"{head}-{n}" for n in count(2))


def nodes_of(section: PageSection[Any]) -> tuple[NamedNode, ...]:
    """Return the nodes of a taxonomy as a page shows it."""
    members: defaultdict[NodeId, set[str]] = defaultdict(set)
    category_of = {topic.number: topic.category for topic in section.topics}
    for document in section.documents:
        if document.topic != NOISE:
            members["topics", document.topic].add(document.key)
            members["categories", category_of[document.topic]].add(document.key)
    return tuple(
        NamedNode(node.layer, node.number, node.name, frozenset(members[node.layer, node.number]))
        for node in (*section.categories, *section.topics)
    )


def addresses_of(
    nodes: Sequence[NamedNode],
    former: Sequence[FormerBuild] = (),
    *,
    key_of: Mapping[str, str] | None = None,
) -> Addresses:
    """Return the slugs of nodes, and where those of earlier builds lead.

    A node is looked for in its own layer. Of a slug that several earlier builds gave, the last one
    counts.

    Parameters
    ----------
    former
        The earlier builds, oldest first.
    key_of
        Keys of documents by names that they go by, as `mining.names.document_names` returns them:
        so one that had its name for a key is known though it has another now.
    """
    slug_of = slugs_of(nodes)
    node_of = {slug_of[node.id]: node for node in nodes}
    places: defaultdict[tuple[Layer, str], list[str]] = defaultdict(list)
    for node in nodes:
        for key in node.members:
            places[node.layer, key].append(slug_of[node.id])
    documents = {key for _, key in places}
    forwards: dict[str, Forward] = {}
    gone: dict[str, Scattered] = {}
    changed: dict[str, Scattered] = {}
    last = {then.slug: then for build in former for then in build.nodes}
    for name, then in sorted(last.items()):
        keys = {_present(key, documents, key_of or {}) for key in then.members}
        sums = Counter(place for key in keys for place in places.get((then.layer, key), ()))
        now = tuple(sorted(sums.items(), key=lambda item: (-item[1], item[0])))
        scattered = Scattered(then.name, len(then.members), now[:MOST_PLACES])
        if (holder := node_of.get(name)) is not None:
            if 2 * len(holder.members & keys) < len(then.members):
                changed[name] = scattered
        elif (heir := _heir(now, then)) is not None:
            forwards[name] = heir
        else:
            gone[name] = scattered
    return Addresses(slug_of, forwards, gone, changed)


def _present(key: str, documents: Set[str], key_of: Mapping[str, str]) -> str:
    """Return the key that a document of an earlier build has now, if it is known."""
    return key if key in documents else key_of.get(key.removeprefix("name:").lower(), key)


def _heir(now: Sequence[tuple[str, int]], then: FormerNode) -> Forward | None:
    """Return the one node that has half of a former one's documents or more, if there is one."""
    size = len(then.members)
    if not now or 2 * now[0][1] < size:
        return None
    if len(now) > 1 and now[1][1] == now[0][1]:  # two halves: neither is what it was
        return None
    return Forward(now[0][0], now[0][1] / size, then.name)


def addresses_data(addresses: Addresses) -> dict[str, dict[str, Any]]:
    """Return what became of former slugs as a page's script reads it, its texts cleaned."""
    told = {"gone": addresses.gone, "changed": addresses.changed}
    return {
        "forwards": {
            name: [to.slug, short_number(to.share), clean(to.name)]
            for name, to in addresses.forwards.items()
        },
        **{
            what: {
                name: {
                    "name": clean(then.name),
                    "size": then.size,
                    "now": list(map(list, then.now)),
                }
                for name, then in nodes.items()
            }
            for what, nodes in told.items()
        },
    }


def read_former_names(snapshot_folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the former full names of a snapshot's repositories, by those that they have now."""
    return former_names(
        TableRows(load_table(snapshot_folder, "repositories", ["full_name", "aliases"])),
        TableRows(load_table(snapshot_folder, "disappearances")),
    )


def former_names(
    repositories: Sequence[TableRow], losses: Sequence[TableRow]
) -> dict[str, tuple[str, ...]]:
    """Return the former full names of repositories, by those that they have now.

    One that another repository has now, or that two had, leads to neither, and is left out.

    Parameters
    ----------
    repositories, losses
        Rows of a snapshot's tables, the latter of its disappearances.
    """
    present = {row["full_name"].lower(): row["full_name"] for row in repositories}
    written: dict[str, str] = {}
    holders: defaultdict[str, set[str]] = defaultdict(set)

    def had(name: str, holder: str) -> None:
        written.setdefault(name.lower(), name)
        holders[name.lower()].add(holder)

    for row in repositories:
        for alias in row["aliases"] or ():
            had(alias, row["full_name"])
    for row in losses:
        if row["number"] is None and row["full_name"] and row["now_name"]:
            now = row["now_name"].lower()
            for holder in [present[now]] if now in present else sorted(holders[now]):
                had(row["full_name"], holder)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, of in sorted(holders.items()):
        if len(of) == 1 and name not in present:
            found[next(iter(of))].append(written[name])
    return {holder: tuple(names) for holder, names in sorted(found.items())}


def build_id(taxonomy_folder: Path) -> str:
    """Return what tells one build of a taxonomy from another, people's decisions included."""
    made = Manifest.read(taxonomy_folder)
    return hash_value([made.content_hash, decisions_hash(taxonomy_folder)])


class _StoredNode(BaseModel):
    model_config = ConfigDict(extra="forbid")
    layer: Layer
    slug: Annotated[str, StringConstraints(pattern=r"^\S+$")]
    name: str
    members: list[int]


class _StoredBuild(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    nodes: list[_StoredNode]


class _StoredCorpus(BaseModel):
    """The builds of a corpus; members are places in ``keys``."""

    model_config = ConfigDict(extra="forbid")
    keys: list[str]
    builds: list[_StoredBuild]


_CORPORA: TypeAdapter[dict[Corpus, _StoredCorpus]] = TypeAdapter(dict[Corpus, _StoredCorpus])


def read_former(reports: Path, present: Mapping[Corpus, str]) -> Former:
    """Return the earlier builds that are kept in the folder of a workspace's reports.

    The present build is none of them, so that what it is drawn from is the same before and after
    it was remembered. Builds that gave the same addresses to the same documents are one.

    Parameters
    ----------
    present
        `build_id` of each corpus as it is now.

    Raises
    ------
    ArtifactError
        If the file is damaged, or another version's.
    """
    path = reports / FILE
    if not path.exists():
        return Former()
    earlier = {
        corpus: _bounded(build for build in builds if build.id != present.get(corpus))
        for corpus, builds in _read(path).items()
    }
    return Former({corpus: builds for corpus, builds in earlier.items() if builds})


def remember(
    reports: Path,
    former: Former,
    present: Mapping[Corpus, str],
    nodes: Mapping[Corpus, Sequence[NamedNode]],
) -> None:
    """Keep what the present build calls its nodes beside what is kept of earlier ones.

    Parameters
    ----------
    former
        What `read_former` returned for ``present``.
    nodes
        Of each corpus as it is now.
    """
    builds = dict(former.builds)
    for corpus, now in nodes.items():
        given = slugs_of(now)
        kept = (FormerNode(each.layer, given[each.id], each.name, each.members) for each in now)
        build = FormerBuild(present[corpus], tuple(sorted(kept, key=lambda each: each.slug)))
        builds[corpus] = (*former.of(corpus), build)
    stored = {corpus: _stored(builds[corpus]) for corpus in CORPORA if corpus in builds}
    write_text(reports / FILE, json.dumps({"schema_version": SCHEMA_VERSION, **stored}) + "\n")


def _bounded(builds: Iterable[FormerBuild]) -> tuple[FormerBuild, ...]:
    """Return the last builds, and of those with the same nodes the last one."""
    different: dict[tuple[FormerNode, ...], FormerBuild] = {}
    for build in builds:
        different.pop(build.nodes, None)
        different[build.nodes] = build
    return tuple(different.values())[-MOST_BUILDS:]


def _plain(builds: Sequence[FormerBuild]) -> list[Any]:
    return [
        [[each.layer, each.slug, each.name, sorted(each.members)] for each in build.nodes]
        for build in builds
    ]


def _stored(builds: Sequence[FormerBuild]) -> dict[str, Any]:
    keys = sorted({key for build in builds for node in build.nodes for key in node.members})
    place = {key: place for place, key in enumerate(keys)}
    stored = [
        _StoredBuild(
            id=build.id,
            nodes=[
                _StoredNode(
                    layer=each.layer,
                    slug=each.slug,
                    name=each.name,
                    members=sorted(place[key] for key in each.members),
                )
                for each in build.nodes
            ],
        )
        for build in builds
    ]
    return _StoredCorpus(keys=keys, builds=stored).model_dump()


def _read(path: Path) -> dict[Corpus, tuple[FormerBuild, ...]]:
    """Return all builds that a file keeps, oldest first."""
    try:
        raw = json_value(path.read_bytes())
        if isinstance(raw, dict):
            _refuse_other_version(raw.pop("schema_version", None), path)
        return {
            corpus: tuple(_builds(stored))
            for corpus, stored in _CORPORA.validate_python(raw).items()
        }
    except ValueError as error:
        why = first_fault(error) if isinstance(error, ValidationError) else str(error)
        raise _unusable(f"The addresses of earlier builds cannot be read: {why}.", path) from error


def _builds(stored: _StoredCorpus) -> Iterator[FormerBuild]:
    for build in stored.builds:
        yield FormerBuild(
            build.id,
            tuple(
                FormerNode(each.layer, each.slug, each.name, _members(each, stored.keys))
                for each in build.nodes
            ),
        )


def _members(node: _StoredNode, keys: Sequence[str]) -> frozenset[str]:
    if any(not 0 <= place < len(keys) for place in node.members):
        raise ValueError(f'"{node.slug}" has a member that has no key')
    return frozenset(keys[place] for place in node.members)


def _refuse_other_version(version: object, path: Path) -> None:
    if version != SCHEMA_VERSION:
        what = f"The addresses of earlier builds are of schema version {version}; this opsatlas "
        raise _unusable(f"{what}knows version {SCHEMA_VERSION}.", path)


def _unusable(what: str, path: Path) -> ArtifactError:
    return ArtifactError(
        what,
        where=str(path),
        fix="restore it from a copy, or remove it: links to names of earlier builds are then "
        "forwarded no more",
    )
