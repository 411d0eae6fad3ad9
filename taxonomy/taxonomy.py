"""A taxonomy in the hand: its topics, categories and documents, wherever they are from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError, InputError, check_choice
from artifacts.files import new_folder
from artifacts.manifest import hash_files, joint_hash
from artifacts.progress import Progress, SilentProgress
from artifacts.words import LAYERS, Layer
from embeddings.encoder import plan_again
from embeddings.given import as_encoder
from taxonomy import frames
from taxonomy.engine import check_documents, check_texts, check_vectors, listed
from taxonomy.layers import Layers
from taxonomy.nodes import Node
from taxonomy.origin import InFolder, InMemory, nodes_in, refuse_missing, state_of
from taxonomy.over_time import Dates, Frequency, counts_over_time, dates_by_key
from taxonomy.settings import TopicSettings
from taxonomy.store import refuse_to_replace
from taxonomy.structure import Structure
from taxonomy.types import Labels

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from embeddings.encoder import Encoder
    from embeddings.given import EncoderLike
    from taxonomy.engine import Topics
    from taxonomy.guidance.codes import CodeList
    from taxonomy.names.naming import Names
    from taxonomy.names.proposals import Proposals
    from taxonomy.places.placing import Place, Placer, Points

WORDS_COMPARED = 5
"""Keywords of a node that a text is compared with, beside its name."""
OPEN = 8
"""Taxonomies that are held in memory after they were read, the last ones."""


@dataclass(frozen=True, repr=False)
class Taxonomy(Layers):
    """A whole taxonomy, as it is shown: with people's decisions applied, if there are any.

    Made by `build` from texts, by `of` from found topics, or by `open` from a folder; never
    changed. What is in the folder of one is read once.

    Attributes
    ----------
    proposals
        Names that a service proposed, shown or not; None where it was never asked.
    encoder
        The encoder of its vectors, for `find` and `place`; None: looked up by name when needed.

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
        dates: Dates | None = None,
        vectors: Any = None,
        encoder: EncoderLike | None = None,
        settings: TopicSettings | None = None,
        guide: CodeList | None = None,
        vocabulary: Sequence[str] = (),
        stop_words: Set[str] = frozenset(),
        progress: Progress | None = None,
    ) -> Taxonomy:
        """Derive a named taxonomy from texts, in memory.

        Parameters
        ----------
        texts
            n_docs texts, 10 at least.
        keys, titles
            n_docs names of the documents, no key twice, and what people call them; None: their
            places, ``"0"`` first, and the keys.
        dates
            When the documents were made, as `over_time` takes them; None: not known.
        vectors
            n_docs × n_dims numbers, by ``encoder``; they are brought to unit length. None: the
            texts are encoded.
        encoder, settings
            None: the default model, and the default parameters.
        guide
            A codebook that is told to the runs, where it fits the documents; `unguided` is without.
        vocabulary
            Names of codes, or other terms of the field: a name may be one of them, as it is written
            there, where the documents say it.
        stop_words
            Words in lower case that may be in no name, nor be a keyword.

        Raises
        ------
        TooFewDocumentsError
            Below 10 documents.
        InputError
            If the parameters are of different numbers of documents.
        """
        from taxonomy.build import build_in_memory

        return build_in_memory(
            texts,
            keys=keys,
            titles=titles,
            dates=dates,
            vectors=vectors,
            encoder=None if encoder is None else as_encoder(encoder, n_texts=len(texts)),
            settings=settings or TopicSettings(),
            guide=guide,
            vocabulary=vocabulary,
            stop_words=stop_words,
            progress=progress or SilentProgress(),
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
        texts: Sequence[str] | None = None,
        dates: Mapping[str, datetime | None] | None = None,
        closeness: Floats | None = None,
        write_model: Callable[[Path], object] | None = None,
        unguided_names: Names | None = None,
    ) -> Taxonomy:
        """Return what `taxonomy.engine.find_topics` found as a taxonomy.

        Parameters
        ----------
        keys, titles
            n_docs names of the documents, in the order in which the topics were found.
        texts
            The n_docs documents; None: not known.
        dates
            When documents were made, in UTC, by key; None: not known.
        names
            None: each node is named by its first keywords.
        closeness
            n_docs cosines with the mean of all, as `taxonomy.space.Space.closeness` gives them;
            None: nothing can be placed in it.
        write_model
            Writes the model for BERTopic into the taxonomy's folder that it is given; None: it is
            saved without one.
        unguided_names
            Of what the runs find alone.

        Raises
        ------
        InputError
            If there are not as many keys and titles as documents, or a key is there twice.
        """
        titled = keys if titles is None else titles
        check_documents(len(topics.consensus.topics), keys=keys, titles=titled)
        known = {} if titles is None else dict(zip(keys, titles, strict=True))
        said = {} if texts is None else dict(zip(keys, texts, strict=True))
        rest = InMemory(
            tuple(keys),
            topics,
            names,
            structure,
            titles=known,
            closeness=closeness,
            texts=said,
            dates=dates or {},
            write_model=write_model,
            unguided_named=unguided_names,
        )
        return _as_found(rest)

    @classmethod
    def open(
        cls, folder: Path | str, *, decided: bool = True, encoder: EncoderLike | None = None
    ) -> Taxonomy:
        """Read the taxonomy in ``folder``; unchanged files are not read again.

        Parameters
        ----------
        decided
            With people's decisions. Names that a service proposed are shown either way, where
            they are to be; `found` is without both.
        encoder
            That of the taxonomy's vectors, for `find` and `place`; None: the one that it was built
            with, where that is known by name.

        Raises
        ------
        ArtifactError
            If there is none, a table is missing or damaged, or the decisions are another
            taxonomy's.
        InputError
            If the decisions cannot be read, or the encoder cannot be used.
        """
        from taxonomy.decisions.decision_file import read_log
        from taxonomy.decisions.overrides import replay
        from taxonomy.names.proposals import apply_proposals, read_proposals

        folder = Path(folder)
        refuse_missing(folder)
        log, proposals = read_log(folder) if decided else None, read_proposals(folder)
        shown = apply_proposals(_read(folder, state_of(folder)), proposals)
        shown = shown if log is None else replay(shown, log)
        n_texts = len(shown.topic_of)
        given = None if encoder is None else as_encoder(encoder, n_texts=n_texts)
        if given is None and proposals is None:
            return shown
        return replace(shown, encoder=given, proposals=proposals)

    def save(self, folder: Path | str) -> None:
        """Write the taxonomy to ``folder``, whole or not at all.

        Its nodes are written as they were found; beside the folder, people's decisions and the
        names that a service proposed. `open` reads it all back; texts, titles and dates are not
        written. An older one there is replaced; of what lies beside that, this one's takes the
        place where it has any.

        Raises
        ------
        InputError
            If something else than a taxonomy is there; or if it was not found by an ensemble, but
            made by hand: there is nothing to decide about.
        """
        from taxonomy.decisions.decision_file import changing, write_log
        from taxonomy.decisions.decisions import Log
        from taxonomy.names.proposals import write_proposals

        folder = Path(folder)
        refuse_to_replace(folder)
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
        """Return a row for each topic, by its number.

        Columns: name, category (a number), size, stability (in [0, 1]; NaN: not measured),
        description (one sentence; "": unknown), keywords, exemplars (keys), code (id in the
        codebook that guides; None: beyond it, or none guides), named_by, hidden, notes.
        """
        return frames.nodes_frame(self, "topics")

    @property
    def categories(self) -> DataFrame:
        """Return a row for each category, by number; columns as in `topics`, without category."""
        return frames.nodes_frame(self, "categories")

    @property
    def documents(self) -> DataFrame:
        """Return a row for each document, by key, in the taxonomy's order.

        Columns: title (where titles are known), topic, category, nearest_topic (`NOISE`, -1: in
        none), strength (NaN where a person chose the topic), x and y (the map).
        """
        return frames.documents_frame(self)

    @property
    def memberships(self) -> DataFrame:
        """Return how often each document was with each topic: shares of the runs that saw it.

        The membership of document d in topic t is the number of runs that saw d and in which d was
        in t's home, divided by the number of runs that saw d; a topic's home in a run is the
        cluster that holds most of the documents that made the topic. A document's membership of
        its own topic, or of the nearest if it is unplaced, is its ``strength``. Two topics can
        have one home in a run: a row is no distribution, and may add up to more than 1, or less.

        Returns
        -------
        pandas.DataFrame
            A row a document, by key, and a column a topic, by number: shares in [0, 1]; NaN in the
            columns of topics that people made, of which the runs know nothing.

        Raises
        ------
        InputError
            If it was made by hand: it has no runs.
        """
        return frames.memberships_frame(self)

    def representative(self, node: Node | str | int, n: int = 3) -> DataFrame:
        """Return the documents that show best what a topic or a category is about.

        Parameters
        ----------
        node
            Itself, the number of a topic, or what people call it: ``"c3"``, or its whole name.
        n
            Most rows, 1 at least.

        Returns
        -------
        pandas.DataFrame
            A row a document, by key: title and text (where they are known), strength. Exemplars
            come first, most typical first, then the others, firmest first.

        Raises
        ------
        InputError
            As `members`.
        """
        _refuse_no_rows(n)
        return frames.representative_frame(self, self._node_called(node), n)

    def over_time(self, dates: Dates | None = None, *, freq: Frequency = "Y") -> DataFrame:
        """Count the documents of each topic in each period.

        Parameters
        ----------
        dates
            A date a document, in their order, or a dict by key: ISO 8601 texts, ``datetime``,
            ``date``. Dates with a zone are taken to UTC, those without are of UTC. None: those
            that it was built with; of a workspace's taxonomy, when the repository or issue was
            created (of a repository where that is unknown, when it was first committed to).
        freq
            The length of a period: ``"D"``, ``"W"`` (from Monday on), ``"M"``, ``"Q"`` or ``"Y"``.

        Returns
        -------
        pandas.DataFrame
            A row a topic, by number, and one for the unplaced (-1); a column a period (``"2024"``,
            ``"2024-01"``, …), none left out between the first and the last, and ``"unknown"``.
            Every document is counted once.

        Raises
        ------
        InputError
            If no dates are known, one is no date, or there is no such ``freq``.
        """
        keys = list(self.topic_of)
        known = self.dates if dates is None else dates_by_key(dates, keys)
        if dates is None and not known:
            raise InputError(
                "No dates of the documents are known.",
                fix="give them: over_time(dates), or build(texts, dates=…)",
            )
        return counts_over_time(self, known, freq)

    @cached_property
    def found(self) -> Taxonomy:
        """Return it as the ensemble found it: nobody's decisions applied, no service's names."""
        return _as_found(self._kept)

    @cached_property
    def unguided(self) -> Taxonomy | None:
        """Return what the same runs find without the codebook that guides it; None: none does."""
        alone = None if self._rest is None else self._rest.unguided()
        return None if alone is None else _as_found(alone)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Return how people know the documents, by key; empty where that is not known."""
        return {} if self._rest is None else self._rest.titles

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Return the documents themselves, by key; empty where they are not known."""
        return {} if self._rest is None else self._rest.texts

    @cached_property
    def dates(self) -> Mapping[str, datetime | None]:
        """Return when the documents were made, in UTC, by key; see `over_time`."""
        return {} if self._rest is None else self._rest.dates

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

    def place(
        self, texts: Sequence[str] | Series[str], *, vectors: Floats | None = None
    ) -> DataFrame:
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
            A row a text, by the index of a Series where they are one: topic (`NOISE`: none), name,
            category, nearest (topic), likeness (cosine, in [-1, 1]), lead (in [0, 2]), and outcome:
            ``"placed"``; or, in none, ``"foreign"`` (of another field than all documents),
            ``"unlike"`` (not like any topic), ``"between"`` (two topics), ``"wordless"``.

        Raises
        ------
        InputError
            If these are no texts, it has no topics, or no encoder is known.
        """
        from pandas import Series

        given = listed(texts)
        check_texts(given)
        if not given:
            return frames.places_frame(self, [])
        vectors = self._encode(given) if vectors is None else vectors
        places = frames.places_frame(self, self.places_of(given, vectors))
        return places.set_axis(texts.index) if isinstance(texts, Series) else places

    def places_of(
        self, texts: Sequence[str], vectors: Floats, placer: Placer | None = None
    ) -> list[Place]:
        """Return the places of n_new texts with their n_new × n_dims vectors.

        Raises
        ------
        InputError
            If there are not as many vectors as texts, they are of another encoder, or the taxonomy
            has no topics.
        """
        check_vectors(vectors, len(texts))
        space = self.points.space
        if vectors.shape[1] != len(space.centre):
            raise InputError(
                f"The vectors have {vectors.shape[1]:,} dimensions, those of the taxonomy "
                f"{len(space.centre):,}.",
                fix="give the encoder that the taxonomy was built with",
            )
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
            Most rows, 1 at least.
        layer
            Only its nodes, ``"topics"`` or ``"categories"``; None: both.

        Returns
        -------
        pandas.DataFrame
            A row a node, the most like first: layer, number, name, likeness (cosine, in [-1, 1]).

        Raises
        ------
        InputError
            If it has no topics, no encoder is known, there is no text, or no such layer.
        """
        from pandas import DataFrame

        _refuse_no_rows(n)
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"{text!r} is no text to look for.", fix="give some words")
        if layer is not None:
            check_choice(layer, LAYERS, "layer")
        if not self.topic_nodes:
            raise InputError(
                "The taxonomy has no topics, so nothing can be found in it.",
                fix="build it with a smaller min_topic_size, or from more documents",
            )
        nodes = [node for each in LAYERS if layer in (None, each) for node in self.nodes(each)]
        said = [", ".join((node.name, *node.keywords[:WORDS_COMPARED])) for node in nodes]
        vectors = self._encode([text, *said])
        likeness = (vectors[1:] @ vectors[0]).tolist()
        order = sorted(range(len(nodes)), key=lambda place: (-likeness[place], place))[:n]
        return DataFrame(
            [(nodes[i].layer, nodes[i].number, nodes[i].name, likeness[i]) for i in order],
            columns=["layer", "number", "name", "likeness"],
        )

    def _repr_html_(self) -> str:
        return frames.taxonomy_html(self)

    def _encode(self, texts: Sequence[str]) -> Floats:
        encoder = self.encoder
        if encoder is None and self._rest is not None and (model := self._rest.model):
            encoder = plan_again(model)
        if encoder is None:
            if self._rest is not None and self._rest.folder is not None:
                refuse_missing(self._rest.folder)
            raise InputError(
                "No encoder is known.",
                fix="give the one of its vectors: Taxonomy.open(folder, encoder=…)",
            )
        return encoder.encode(texts)

    @property
    def _kept(self) -> InMemory | InFolder:
        if self._rest is None:
            raise InputError(
                "The taxonomy was made by hand: it has no runs, and nothing can be placed in it.",
                fix="build it from texts, or open a folder",
            )
        return self._rest


def _refuse_no_rows(n: int) -> None:
    if n < 1:
        raise InputError(f"n={n} is no number of rows.", fix="ask for 1 at least")


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
