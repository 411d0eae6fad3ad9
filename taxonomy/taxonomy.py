"""A taxonomy in the hand: its topics, categories and documents, wherever they are from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError, InputError
from artifacts.files import new_folder
from artifacts.manifest import hash_files, joint_hash
from artifacts.progress import Progress
from artifacts.words import LAYERS, NOISE, Layer
from taxonomy.engine import check_documents, check_vectors
from taxonomy.nodes import AnyNode, Category, Node, Topic
from taxonomy.origin import InFolder, InMemory, nodes_in, state_of
from taxonomy.settings import TopicSettings
from taxonomy.structure import Structure, structure_of
from taxonomy.types import Labels

if TYPE_CHECKING:
    from pandas import DataFrame

    from embeddings.encoder import Encoder
    from taxonomy.decisions.overrides import DecisionOutcome
    from taxonomy.engine import Topics
    from taxonomy.names.naming import Names
    from taxonomy.names.proposals import Proposals
    from taxonomy.places.placing import Place, Placer, Points

WORDS_COMPARED = 5
"""Keywords of a node that a text is compared with, beside its name."""
OPEN = 8
"""Taxonomies that are held in memory after they were read, the last ones."""


@dataclass(frozen=True, repr=False)
class Taxonomy:
    """A whole taxonomy, as it is shown: with people's decisions applied, if there are any.

    Made by `build` from texts, by `of` from found topics, or by `open` from a folder; never
    changed. What is in the folder of one is read once.

    Attributes
    ----------
    topic_nodes, category_nodes
        The two layers, by number. Every topic is in one category, nothing is empty.
    topic_of
        Topic number by document key, in the taxonomy's order of documents; `NOISE` (-1): unplaced.
    nearest_of
        Topic number by document key: its own, or the nearest of an unplaced document; `NOISE`
        where there is none.
    strength_of
        By document key: share of the runs, in [0, 1], in which it was with its topic, or an
        unplaced one with the nearest.
    place_of
        By document key: its place on the map, x and y without a unit.
    moved
        Keys of the documents whose place a person chose: their strength is of another topic.
    measured
        What `taxonomy.consensus.stability` and `taxonomy.structure` measured of the whole.
    outcomes
        What became of each of people's decisions.
    proposals
        Names that a service proposed, shown or not; None where it was never asked.

    Examples
    --------
    >>> from embeddings.encoder import HashedWords
    >>> from taxonomy.settings import TopicSettings
    >>> texts = [f"{verb} models {how}" for verb in ("serve", "deploy", "host", "scale")
    ...          for how in ("online", "in batches", "at the edge", "in the cloud")]
    >>> texts += [f"{verb} experiments {when}" for verb in ("track", "log", "compare", "share")
    ...           for when in ("daily", "nightly", "locally", "remotely")]
    >>> tools = Taxonomy.build(texts, encoder=HashedWords(), settings=TopicSettings(runs=8))
    >>> tools
    <Taxonomy of 32 documents: 2 topics in 2 categories, 0 unplaced>
    >>> tools.topics["name"].to_dict()
    {0: 'Models', 1: 'Experiments'}
    >>> tools.place(["serve models from the cloud"])["name"].tolist()
    ['Models']
    """

    topic_nodes: tuple[Topic, ...]
    category_nodes: tuple[Category, ...]
    topic_of: Mapping[str, int] = field(default_factory=dict)
    nearest_of: Mapping[str, int] = field(default_factory=dict)
    strength_of: Mapping[str, float] = field(default_factory=dict)
    place_of: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()
    measured: Mapping[str, Any] = field(default_factory=dict)
    outcomes: tuple[DecisionOutcome, ...] = ()
    proposals: Proposals | None = field(default=None, compare=False)
    encoder: Encoder | None = field(default=None, compare=False)
    _rest: InMemory | InFolder | None = field(default=None, compare=False)

    @classmethod
    def build(
        cls,
        texts: Sequence[str],
        *,
        keys: Sequence[str] | None = None,
        titles: Sequence[str] | None = None,
        vectors: Floats | None = None,
        encoder: Encoder | None = None,
        settings: TopicSettings | None = None,
        stop_words: Set[str] = frozenset(),
        vocabulary: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Taxonomy:
        """Derive a named taxonomy from texts, in memory.

        Parameters
        ----------
        texts
            n_docs texts, 10 at least.
        keys, titles
            n_docs names of the documents, no key twice; None: their places, ``"0"`` first, and
            the keys.
        vectors
            n_docs × n_dims, rows of unit length, of ``encoder``; None: the texts are encoded.
        encoder, settings
            None: the default model, and the default parameters.
        stop_words
            Words in lower case that may be in no name, nor be a keyword.
        vocabulary
            Terms of the field, such as the codes of a codebook and their examples: a name may be
            one of them, as it is written there, where the documents say it.

        Raises
        ------
        TooFewDocumentsError
            Below 10 documents.
        InputError
            If the parameters are of different numbers of documents.
        """
        from taxonomy.build import build_in_memory

        settings = settings or TopicSettings()
        return build_in_memory(
            texts, keys, titles, vectors, encoder, settings, stop_words, vocabulary, progress
        )

    @classmethod
    def of(
        cls,
        keys: Sequence[str],
        topics: Topics,
        names: Names | None = None,
        structure: Structure | None = None,
        *,
        titles: Sequence[str] | None = None,
        closeness: Floats | None = None,
        write_model: Callable[[Path], object] | None = None,
    ) -> Taxonomy:
        """Return what `taxonomy.engine.find_topics` found as a taxonomy.

        Parameters
        ----------
        keys, titles
            n_docs names of the documents, in the order in which the topics were found.
        names
            None: each node is named by its first keywords.
        closeness
            n_docs cosines with the mean of all, as `taxonomy.space.Space.closeness` gives them;
            None: nothing can be placed in it.
        write_model
            Writes the model for BERTopic into the taxonomy's folder that it is given; None: it is
            saved without one.

        Raises
        ------
        InputError
            If there are not as many keys and titles as documents, or a key is there twice.
        """
        titled = keys if titles is None else titles
        check_documents(len(topics.consensus.topics), keys=keys, titles=titled)
        known = {} if titles is None else dict(zip(keys, titles, strict=True))
        rest = InMemory(
            tuple(keys), topics, names, structure, known, closeness, write_model=write_model
        )
        return _as_found(rest)

    @classmethod
    def open(
        cls, folder: Path, *, decided: bool = True, encoder: Encoder | None = None
    ) -> Taxonomy:
        """Read the taxonomy in ``folder``; what has not changed since is not read again.

        Parameters
        ----------
        decided
            With people's decisions. Names that a service proposed are shown either way, where
            they are to be; `found` is without both.
        encoder
            That of the taxonomy's vectors, for `find` and `place`.

        Raises
        ------
        ArtifactError
            If a table is missing or damaged, or the decisions are another taxonomy's.
        InputError
            If the decisions cannot be read.
        """
        from taxonomy.decisions.decision_file import read_log
        from taxonomy.decisions.overrides import replay
        from taxonomy.names.proposals import apply_proposals, read_proposals

        log, proposals = read_log(folder) if decided else None, read_proposals(folder)
        shown = apply_proposals(_read(folder, state_of(folder)), proposals)
        shown = shown if log is None else replay(shown, log)
        if encoder is None and proposals is None:
            return shown
        return replace(shown, encoder=encoder, proposals=proposals)

    def save(self, folder: Path) -> None:
        """Write the taxonomy to ``folder``, whole or not at all.

        Its nodes are written as they were found; beside the folder, people's decisions and the
        names that a service proposed. `open` reads it all back. An older one there is replaced; of
        what lies beside that, this one's takes the place where it has any.

        Raises
        ------
        InputError
            If it was not found by an ensemble, but made by hand: there is nothing to decide about.
        """
        from taxonomy.decisions.decision_file import changing, write_log
        from taxonomy.decisions.decisions import Log
        from taxonomy.names.proposals import write_proposals

        rest, identity = self._kept, getattr(self.encoder, "identity", None)
        with changing(folder), new_folder(folder) as building:
            made = rest.write(building, folder.name)
            files = hash_files(building)
            about = {"files": files, "content_hash": joint_hash(files)}
            if identity is not None:
                about["model"] = identity.as_dict()
            made.model_copy(update=about).write(building)
            if self.outcomes:
                decisions = tuple(outcome.decision for outcome in self.outcomes)
                write_log(folder, Log(taxonomy=folder.name, decisions=decisions))
            if self.proposals is not None:
                named = {"taxonomy": folder.name}
                write_proposals(folder, self.proposals.model_copy(update=named))

    @property
    def topics(self) -> DataFrame:
        """Return a row a topic, by its number.

        Columns: name, category (a number), size, stability (in [0, 1]; NaN: not measured),
        keywords, exemplars (keys), named_by, hidden, notes.
        """
        return self._frame("topics")

    @property
    def categories(self) -> DataFrame:
        """Return a row a category, by its number; columns as in `topics`, without category."""
        return self._frame("categories")

    def _frame(self, layer: Layer) -> DataFrame:
        from pandas import DataFrame

        nodes = self.nodes(layer)
        columns = ["name", *(["category"] if layer == "topics" else []), "size", "stability"]
        columns += ["keywords", "exemplars", "named_by", "hidden", "notes"]
        values = {name: [getattr(node, name) for node in nodes] for name in columns}
        values["stability"] = [nan if each is None else each for each in values["stability"]]
        frame = DataFrame(values, index=[node.number for node in nodes])
        return frame.rename_axis("topic" if layer == "topics" else "category")

    @property
    def documents(self) -> DataFrame:
        """Return a row a document, by its key, in the taxonomy's order.

        Columns: title (where titles are known), topic, category, nearest_topic (`NOISE`, -1: in
        none), strength (NaN where a person chose the topic), x and y (the map).
        """
        from pandas import DataFrame

        keys = list(self.topic_of)
        places = [self.place_of.get(key, (nan, nan)) for key in keys]
        strengths = [self.strength(key) for key in keys]
        category_of = self.node_of("categories")
        values = {
            "title": [self.titles.get(key) for key in keys],
            "topic": list(self.topic_of.values()),
            "category": [category_of[key] for key in keys],
            "nearest_topic": [self.nearest_of.get(key, NOISE) for key in keys],
            "strength": [nan if each is None else each for each in strengths],
            "x": [x for x, _ in places],
            "y": [y for _, y in places],
        }
        if not self.titles:
            del values["title"]
        return DataFrame(values, index=keys).rename_axis("key")

    def nodes(self, layer: Layer) -> tuple[Topic, ...] | tuple[Category, ...]:
        """Return the nodes of one layer."""
        return self.topic_nodes if layer == "topics" else self.category_nodes

    def node(self, layer: Layer, number: int) -> Node | None:
        """Return the node of that number, or None."""
        return self._numbered[layer].get(number)

    @cached_property
    def _numbered(self) -> dict[Layer, dict[int, Node]]:
        return {layer: {node.number: node for node in self.nodes(layer)} for layer in LAYERS}

    @cached_property
    def category_of(self) -> Mapping[int, int]:
        """Return the number of each topic's category, by the topic's number."""
        return {topic.number: topic.category for topic in self.topic_nodes}

    def topics_in(self, category: int) -> list[Topic]:
        """Return the topics of the category of that number."""
        return [topic for topic in self.topic_nodes if topic.category == category]

    def node_of(self, layer: Layer, *, hidden: bool = True) -> dict[str, int]:
        """Return the number of each document's node in one layer, by key; `NOISE`: in none.

        Parameters
        ----------
        hidden
            Whether nodes that people hid count; if not, what is in them is in none.
        """
        found = dict(self.topic_of)
        if layer == "categories":
            found = {key: self.category_of.get(topic, NOISE) for key, topic in found.items()}
        if hidden:
            return found
        seen = {node.number for node in self.nodes(layer) if not node.hidden}
        return {key: number if number in seen else NOISE for key, number in found.items()}

    def members_of(self, layer: Layer) -> dict[int, list[str]]:
        """Return the keys of each node's documents, by number, in the taxonomy's order."""
        found: dict[int, list[str]] = {node.number: [] for node in self.nodes(layer)}
        for key, number in self.node_of(layer).items():
            if number in found:
                found[number].append(key)
        return found

    def members(self, node: Node | str) -> list[str]:
        """Return the keys of a node's documents, in the taxonomy's order.

        Parameters
        ----------
        node
            Itself, or as people call it: `3`, `c3`, or its whole name.

        Raises
        ------
        InputError
            If no node, or more than one, is called so.
        """
        from taxonomy.decisions.deciding import find_node

        node = find_node(self, node) if isinstance(node, str) else node
        return self.members_of(node.layer)[node.number]

    def strength(self, key: str) -> float | None:
        """Return how firmly a document is in its topic, in [0, 1]; None: a person put it there."""
        return None if key in self.moved else self.strength_of.get(key)

    def visible(self) -> Taxonomy:
        """Return it without what people hid: topics, and categories with all their topics.

        Their documents are left out, and nothing is nearest to them; the unplaced stay. A category
        is as large as the topics that are left of it; one that is left with none is gone. Nodes
        come largest first, equals by number.
        """
        gone = {category.number for category in self.category_nodes if category.hidden}
        left = [t for t in self.topic_nodes if not t.hidden and t.category not in gone]
        numbers = {topic.number for topic in left} | {NOISE}
        topic_of = {key: topic for key, topic in self.topic_of.items() if topic in numbers}
        sizes: Counter[int] = Counter()
        for topic in left:
            sizes[topic.category] += topic.size
        categories = [
            replace(category, size=sizes[category.number])
            for category in self.category_nodes
            if category.number in sizes
        ]
        return replace(
            self,
            topic_nodes=tuple(_largest_first(left, topic_of)),
            category_nodes=tuple(_largest_first(categories, topic_of)),
            topic_of=topic_of,
            nearest_of={
                key: self.nearest_of[key] if self.nearest_of[key] in numbers else NOISE
                for key in topic_of
            },
        )

    @property
    def lost(self) -> tuple[DecisionOutcome, ...]:
        """Return the decisions that it could not follow, wholly or partly."""
        return tuple(each for each in self.outcomes if each.state in ("partly", "lost"))

    @property
    def structure(self) -> Structure | None:
        """Return how much structure the documents have beside noise; None: not measured."""
        return structure_of(self.measured)

    @property
    def found(self) -> Taxonomy:
        """Return it as the ensemble found it: nobody's decisions applied, no service's names."""
        folder = self._kept.folder
        return _as_found(self._kept) if folder is None else _read(folder, state_of(folder))

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Return how people know the documents, by key; empty where that is not known."""
        return {} if self._rest is None else self._rest.titles()

    @cached_property
    def runs(self) -> Labels:
        """Return the labels of the ensemble's runs, (n_runs · n_sizes) × n_docs.

        Documents are in the taxonomy's order; `NOISE` and `UNSEEN` as in `taxonomy.types`.

        Raises
        ------
        ArtifactError
            If they are missing, damaged, or of other documents.
        """
        keys, runs = self._kept.runs()
        if keys != tuple(self.topic_of):
            raise ArtifactError(
                "The runs are of other documents than the taxonomy.",
                where=str(self._kept.folder or self),
                fix="build the taxonomy again",
            )
        return runs

    @property
    def points(self) -> Points:
        """Return the documents as points, and the space that they are in; nothing is kept."""
        return self._kept.points()

    def placer(self) -> Placer:
        """Return what places points in it; raise `InputError` if it has no topics."""
        from taxonomy.places.placing import learn_places, topics_by_key

        points = self.points
        topics = topics_by_key(points.keys, self.topic_of)
        return learn_places(points.points, points.closeness, topics)

    def place(self, texts: Sequence[str], *, vectors: Floats | None = None) -> DataFrame:
        """Say in which topics new texts belong, or that they belong in none.

        Parameters
        ----------
        texts
            n_new texts; one without a word belongs nowhere.
        vectors
            Their n_new × n_dims vectors by the taxonomy's encoder; None: they are encoded.

        Returns
        -------
        pandas.DataFrame
            A row a text: topic (`NOISE`: none), name, category, nearest (topic), likeness (cosine,
            in [-1, 1]), lead (in [0, 2]), outcome (`taxonomy.places.placing.PlaceOutcome`).

        Raises
        ------
        InputError
            If it has no topics, or no encoder is known.
        """
        from pandas import DataFrame

        places = self.places_of(texts, self._encode(texts) if vectors is None else vectors)
        nodes = [self.node("topics", place.topic) for place in places]
        rows = {
            "topic": [place.topic for place in places],
            "name": [None if node is None else node.name for node in nodes],
            "category": [self.category_of.get(place.topic, NOISE) for place in places],
            "nearest": [place.nearest for place in places],
            "likeness": [place.likeness for place in places],
            "lead": [place.lead for place in places],
            "outcome": [place.outcome for place in places],
        }
        return DataFrame(rows)

    def places_of(
        self, texts: Sequence[str], vectors: Floats, placer: Placer | None = None
    ) -> list[Place]:
        """Return the places of n_new texts with their n_new × n_dims vectors.

        Raises
        ------
        InputError
            If there are not as many vectors as texts, or the taxonomy has no topics.
        """
        check_vectors(vectors, len(texts))
        space = self.points.space
        points = space.points(texts, vectors)
        points[[text == "" for text in texts]] = 0
        return (placer or self.placer()).place(points, space.closeness(vectors))

    def find(self, text: str, *, n: int = 5, layer: Layer | None = None) -> DataFrame:
        """Return the nodes that are most like a text, by their names and keywords.

        Parameters
        ----------
        text
            What is looked for, in plain words.
        n
            Most rows.
        layer
            Only its nodes; None: both.

        Returns
        -------
        pandas.DataFrame
            A row a node, the most like first: layer, number, name, likeness (cosine, in [-1, 1]).

        Raises
        ------
        InputError
            If no encoder is known.
        """
        from pandas import DataFrame

        nodes = [node for each in LAYERS if layer in (None, each) for node in self.nodes(each)]
        said = [", ".join((node.name, *node.keywords[:WORDS_COMPARED])) for node in nodes]
        vectors = self._encode([text, *said])
        likeness = (vectors[1:] @ vectors[0]).tolist()
        order = sorted(range(len(nodes)), key=lambda place: (-likeness[place], place))[:n]
        return DataFrame(
            [(nodes[i].layer, nodes[i].number, nodes[i].name, likeness[i]) for i in order],
            columns=["layer", "number", "name", "likeness"],
        )

    def __repr__(self) -> str:
        """Return how much it holds."""
        unplaced = sum(topic == NOISE for topic in self.topic_of.values())
        return (
            f"<Taxonomy of {len(self.topic_of):,} documents: {len(self.topic_nodes):,} topics in "
            f"{len(self.category_nodes):,} categories, {unplaced:,} unplaced>"
        )

    def _encode(self, texts: Sequence[str]) -> Floats:
        if self.encoder is None:
            raise InputError(
                "No encoder is known.",
                fix="open the taxonomy with encoder=plan_encoder(settings), the one of its vectors",
            )
        return self.encoder.encode(texts)

    @property
    def _kept(self) -> InMemory | InFolder:
        if self._rest is None:
            raise InputError(
                "The taxonomy was made by hand: it has no runs, and nothing can be placed in it.",
                fix="build it from texts, or open a folder",
            )
        return self._rest


@lru_cache(maxsize=OPEN)
def _read(folder: Path, _state: tuple[object, ...]) -> Taxonomy:
    return _as_found(InFolder(folder))


def _as_found(rest: InMemory | InFolder) -> Taxonomy:
    """Return the taxonomy as the ensemble found it, nobody's decisions applied."""
    stored = rest.tables()
    topics, categories = nodes_in(stored)
    table = stored.assignments
    keys = table["key"].to_pylist()

    def by_key(column: str) -> dict[str, Any]:
        return dict(zip(keys, table[column].to_pylist(), strict=True))

    return Taxonomy(
        topic_nodes=topics,
        category_nodes=categories,
        topic_of=by_key("topic"),
        nearest_of=by_key("nearest_topic"),
        strength_of=by_key("strength"),
        place_of={row["key"]: (row["x"], row["y"]) for row in stored.map.to_pylist()},
        measured=stored.stability,
        _rest=rest,
    )


def _largest_first(nodes: Sequence[AnyNode], seen: Mapping[str, int]) -> list[AnyNode]:
    """Return nodes by size, with those of their exemplars that are seen themselves."""
    left = [replace(n, exemplars=tuple(k for k in n.exemplars if k in seen)) for n in nodes]
    return sorted(left, key=lambda node: (-node.size, node.number))
