"""A taxonomy as an artifact: built from texts and vectors, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from artifacts.arrays import Floats
from artifacts.manifest import Counts, Dropped, Manifest, changed_files, package_versions
from artifacts.progress import Progress, SilentProgress
from artifacts.step import PARTS, Content, Step
from embeddings.build import count_texts, read_texts
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import Encoder, EncoderPlan, plan_encoder
from embeddings.given import vectors_of_user
from embeddings.settings import VectorSettings
from taxonomy.decisions.decision_file import changing
from taxonomy.engine import Topics, check_documents, find_topics, refuse_few
from taxonomy.ensemble import RunPlan, RunStore
from taxonomy.guidance.codes import CodeList
from taxonomy.guidance.guide import BookReader, Guidance
from taxonomy.names.codes import NodeCode, NodeCodes
from taxonomy.names.naming import Names, name_layers, write_names
from taxonomy.names.texts import Texts
from taxonomy.over_time import Dates, dates_by_key
from taxonomy.places.model import FOLDER as MODEL
from taxonomy.places.model import save_model
from taxonomy.places.placing import FOLDER as PLACING
from taxonomy.places.placing import Points, write_points
from taxonomy.settings import (
    FEWEST_RUNS,
    TopicSettings,
    are_many,
    number_of_epochs,
    number_of_runs,
)
from taxonomy.space import neighbours_in_key
from taxonomy.store import (
    KIND,
    UNGUIDED,
    RunFiles,
    as_tables,
    runs_by_plan,
    write_found,
    write_taxonomy,
)
from taxonomy.structure import Structure, find_structure
from taxonomy.taxonomy import Taxonomy
from taxonomy.types import Encode, Labels

VERSION = 8
"""Raised whenever the same texts and settings would give another taxonomy."""
RUNS_VERSION = 6
"""The `VERSION` since which the runs of the ensemble are the same, so that they can be reused."""

SETTINGS_AFTER_RUNS = frozenset(
    {"categories", "cohesion", "placement", "guide_weight", "keywords", "exemplars"}
)
PARTS_AFTER_RUNS = frozenset({"settings", "stop_words", "vocabulary", "guide", "codes"})
"""What the runs of the ensemble do not depend on, of the settings and of the step's parts."""

UNPARTED = "no_word_spaces"
"""Flag of the texts whose words nothing parts (`embeddings.text.words`)."""
PACKAGES = (
    "bertopic",
    "hdbscan",
    "scikit-learn",
    "sentence-transformers",
    "torch",
    "umap-learn",
)


@dataclass(frozen=True)
class Chosen:
    """Documents that were chosen beforehand, where not all of a snapshot's are wanted.

    Attributes
    ----------
    keys
        Of the documents that the taxonomy is built on.
    dropped
        Why the others are not among them, and how many.
    """

    keys: frozenset[str]
    dropped: tuple[Dropped, ...]

    def texts(self, table: pa.Table) -> pa.Table:
        """Return the rows of a table of texts whose documents were chosen, in its order."""
        return table.filter(pa.array([key in self.keys for key in table["key"].to_pylist()]))

    def as_value(self) -> list[str]:
        """Return the keys as what the taxonomy's own key is made of."""
        return sorted(self.keys)


@dataclass(frozen=True, kw_only=True)
class TaxonomyParts:
    """What a taxonomy is made of.

    Attributes
    ----------
    texts_folder, vectors_folder
        The texts of the documents, and where the vectors of texts are kept.
    vector_settings, settings
        Of the encoder, and of the topics.
    stop_words, vocabulary
        No name or keyword has a stop word; names may be of the vocabulary, the names of codes.
    guide, code_settings
        A codebook that is told to the runs, and the encoder by which documents are compared with
        it; None: that of the topics.
    only
        Documents to build it on; all where None.
    """

    texts_folder: Path
    vectors_folder: Path
    vector_settings: VectorSettings
    settings: TopicSettings
    stop_words: Set[str]
    vocabulary: Sequence[str] = ()
    guide: CodeList | None = None
    code_settings: VectorSettings | None = None
    only: Chosen | None = None

    def texts(self) -> pa.Table:
        """Return the texts of the documents that it is built on."""
        texts = read_texts(self.texts_folder)
        return texts if self.only is None else self.only.texts(texts)

    def encoder(self) -> EncoderPlan:
        """Return the plan of the encoder, for as many documents as have texts, chosen or not."""
        return plan_encoder(self.vector_settings, n_texts=count_texts(self.texts_folder))

    @property
    def n_texts(self) -> int:
        """Return how many documents it is built on."""
        return count_texts(self.texts_folder) if self.only is None else len(self.only.keys)

    def packages(self) -> dict[str, str]:
        """Return the versions of the packages that it hangs on."""
        more = ("pynndescent",) if are_many(self.n_texts) else ()
        return package_versions(*PACKAGES, *more)

    @property
    def has_own_codes(self) -> bool:
        """Tell whether documents are compared with codes by another encoder than the topics'."""
        return self.code_settings not in (None, self.vector_settings)

    def code_encoder(self) -> EncoderPlan:
        """Return the plan of the encoder by which documents are compared with codes."""
        settings = self.code_settings or self.vector_settings
        return plan_encoder(settings, n_texts=count_texts(self.texts_folder))


def taxonomy_step(parts: TaxonomyParts, folder: Path, *, progress: Progress) -> Step:
    """Return the step that encodes texts and derives topics, for a taxonomy in ``folder``.

    Made after an interruption, it goes on where it stopped: vectors and runs that are on disk are
    used. Where there are fewer than 10 documents, it raises `TooFewDocumentsError`; where the model
    is unknown or its weights are not the expected ones, `InputError`.
    """
    texts = Manifest.read(parts.texts_folder)
    n_texts = parts.n_texts
    epochs = number_of_epochs(n_texts, parts.settings)
    config = parts.settings.model_dump(mode="json") | {"epochs": epochs}
    if (runs := number_of_runs(n_texts, parts.settings)) == FEWEST_RUNS:
        config["runs"] = runs  # only then: keys of smaller ones stay as they were
    if parts.settings.guide_weight is None:
        del config["guide_weight"]  # as in taxonomies of before there was a guide
    depends_on: dict[str, Any] = {
        "texts": texts.content_hash,
        "vectors": parts.vector_settings.in_key(count_texts(parts.texts_folder)),
        "settings": config,
        "stop_words": sorted(parts.stop_words),
        "vocabulary": list(parts.vocabulary),
        **neighbours_in_key(n_texts),
    }
    if parts.guide is not None:
        depends_on["guide"] = parts.guide.as_values()
        if parts.code_settings and parts.has_own_codes:
            depends_on["codes"] = parts.code_settings.in_key(count_texts(parts.texts_folder))
    if parts.only is not None:
        depends_on["only"] = parts.only.as_value()

    def find(key: str) -> Content:
        known = _known_runs(step, folder, parts)
        if known:
            progress.say("reusing the runs: what has changed comes after them")
        return _find(parts, RunFiles(_runs_at(folder) / key[:16], known), progress)

    step = Step(
        kind=KIND,
        version=VERSION,
        depends_on=depends_on,
        inputs={texts.name: texts.content_hash},
        config=config,
        find=find,
        lock=changing,  # nobody decides anything about the old one meanwhile
        tidy=clear_runs,
    )
    return step


def _known_runs(step: Step, folder: Path, parts: TaxonomyParts) -> Mapping[RunPlan, Labels]:
    """Return the runs of the taxonomy in ``folder``, if this step would repeat them exactly.

    That is so where it was made by an earlier version with the same runs, or where its manifest
    shows that only settings that apply after the runs differ.
    """
    state = step.state(folder)
    made = state.manifest
    if state.standing != "stale" or made is None:
        return {}
    environment = {"packages": parts.packages(), **parts.encoder().identity.in_manifest()}
    earlier = (replace(step, version=version).key for version in range(RUNS_VERSION, VERSION))
    if (
        not (made.key in earlier or _differs_after_runs(step, state.because, made))
        or any(getattr(made, name) != value for name, value in environment.items())
        or changed_files(folder, made)
    ):
        return {}
    return runs_by_plan(folder)


def _differs_after_runs(step: Step, because: Sequence[str], made: Manifest) -> bool:
    config = dict(step.config or {})
    settings = {name for name in config | made.config if config.get(name) != made.config.get(name)}
    return (
        PARTS in made.facts
        and PARTS_AFTER_RUNS.issuperset(because)
        and SETTINGS_AFTER_RUNS.issuperset(settings)
    )


def _find(parts: TaxonomyParts, finished: RunFiles, progress: Progress) -> Content:
    """Find topics and all about them; runs that are finished are used, and new ones kept."""
    table, settings, stop_words = parts.texts(), parts.settings, parts.stop_words
    left_out = [
        each for c in Manifest.read(parts.texts_folder).counts.values() for each in c.dropped
    ]
    refuse_few(table.num_rows, [*left_out, *(parts.only.dropped if parts.only else ())])
    documents, titles = table["text"].to_pylist(), table["title"].to_pylist()
    plan = parts.encoder()
    cache = open_cache(parts.vectors_folder, plan)
    vectors = vectors_of(documents, plan, cache, progress=progress)
    encode = partial(vectors_of, plan=plan, cache=cache, progress=SilentProgress())
    found = derive(
        documents,
        titles,
        vectors,
        settings,
        encode=encode,
        guide=book_reader(parts, documents, encode, progress),
        vocabulary=parts.vocabulary,
        stop_words=stop_words,
        progress=progress,
        store=finished,
    )
    keys = table["key"].to_pylist()
    about = {
        "packages": parts.packages(),
        **plan.identity.in_manifest(),
        **_findings(table, found, parts.only),
    }
    return Content(
        write=lambda folder: _write(folder, keys, documents, vectors, found, stop_words, plan),
        about=about,
    )


def book_reader(
    parts: TaxonomyParts, documents: Sequence[str], encode: Encode, progress: Progress
) -> BookReader | None:
    """Return the codebook that guides, with the documents' vectors where they are others.

    ``encode`` is of the topics' encoder.
    """
    if parts.guide is None:
        return None
    if not parts.has_own_codes:
        return BookReader(parts.guide, encode)
    plan = parts.code_encoder()
    cache = open_cache(parts.vectors_folder, plan)
    encode = partial(vectors_of, plan=plan, cache=cache, progress=SilentProgress())
    return BookReader(parts.guide, encode, vectors_of(documents, plan, cache, progress=progress))


def build_in_memory(
    texts: Sequence[str],
    *,
    keys: Sequence[str] | None,
    titles: Sequence[str] | None,
    dates: Dates | None,
    vectors: Any,
    encoder: Encoder | None,
    settings: TopicSettings,
    guide: CodeList | None,
    vocabulary: Sequence[str],
    stop_words: Set[str],
    progress: Progress,
) -> Taxonomy:
    """Derive a named taxonomy; for `Taxonomy.build`, which says what the parameters are."""
    keys = list(map(str, range(len(texts)))) if keys is None else keys
    called = keys if titles is None else titles
    check_documents(refuse_few(len(texts)), keys=keys, titles=called)
    known = {} if dates is None else dates_by_key(dates, keys)
    encoder = encoder or plan_encoder(VectorSettings(), n_texts=len(texts))
    vectors = vectors_of_user(texts, vectors, encoder, progress)
    found = derive(
        texts,
        called,
        vectors,
        settings,
        encode=encoder.encode,
        guide=None if guide is None else BookReader(guide, encoder.encode),
        vocabulary=vocabulary,
        stop_words=stop_words,
        progress=progress,
    )
    made = Taxonomy.of(
        keys,
        found.topics,
        found.names,
        found.structure,
        titles=titles,
        texts=texts,
        dates=known,
        closeness=found.topics.space.closeness(vectors),
        unguided_names=found.unguided_names,
        write_model=partial(_write_model, texts, vectors, found, stop_words, encoder),
    )
    return replace(made, encoder=encoder)


@dataclass(frozen=True)
class Derived:
    """What was found of documents.

    Attributes
    ----------
    structure
        None where it cannot be told.
    unguided_names
        Where a codebook guides the topics: of what the runs find alone.
    """

    topics: Topics
    names: Names
    structure: Structure | None
    unguided_names: Names | None


def derive(
    texts: Sequence[str],
    titles: Sequence[str],
    vectors: Floats,
    settings: TopicSettings,
    *,
    encode: Encode,
    guide: BookReader | None = None,
    vocabulary: Sequence[str],
    stop_words: Set[str],
    progress: Progress,
    store: RunStore | None = None,
) -> Derived:
    """Find the topics of documents, compare these with noise, and name the topics; in memory.

    Parameters
    ----------
    texts, titles, vectors
        n_docs texts, their titles, and n_docs × n_dims rows of unit length.
    encode
        The encoder of the vectors, for names and for what a codebook says.
    guide
        A codebook that is told to the runs.

    Raises
    ------
    TooFewDocumentsError, InputError
        As `find_topics`.
    """
    cut = Texts(texts)
    topics = find_topics(
        texts,
        vectors,
        settings,
        stop_words=stop_words,
        guide_by=guide,
        cut=cut,
        progress=progress,
        store=store,
    )
    progress.say("comparing with noise")
    structure = find_structure(texts, vectors, encode, seed=settings.seed)
    if structure is not None and structure.is_noise:
        progress.say(structure.told)
    progress.say("naming the topics")

    name = partial(
        _name,
        texts,
        vectors,
        titles=titles,
        encode=encode,
        vocabulary=vocabulary,
        stop_words=stop_words,
        cut=cut,
    )
    alone = None if topics.unguided is None else name(topics.unguided)
    return Derived(topics, name(topics), structure, alone)


def _name(texts: Sequence[str], vectors: Floats, found: Topics, **options: Any) -> Names:
    """Name the nodes of topics that were found; options are those of `name_layers`."""
    topic_codes, parents = (tuple(map(NodeCode.of, layer)) for layer in found.codes())
    return name_layers(
        texts,
        vectors,
        found.consensus.topics,
        found.categories,
        codes=NodeCodes(topic_codes, parents),
        exemplars={
            "topics": [each.exemplars for each in found.descriptions],
            "categories": [each.exemplars for each in found.category_descriptions],
        },
        **options,
    )


def _write(
    folder: Path,
    keys: Sequence[str],
    texts: Sequence[str],
    vectors: Floats,
    found: Derived,
    stop_words: Set[str],
    encoder: Encoder,
) -> None:
    """Write tables and names, and what places documents yet to come: points, and a model."""
    topics = found.topics
    stored = as_tables(keys, topics, found.names, found.structure)
    write_taxonomy(folder, stored, runs=topics.runs, plans=topics.plans)
    write_names(folder, found.names)
    if topics.guide is not None:
        topics.guide.write(folder, keys)
    if topics.unguided is not None:
        alone = as_tables(keys, topics.unguided, found.unguided_names, found.structure)
        write_found(folder / UNGUIDED, alone)
    closeness = topics.space.closeness(vectors)
    write_points(folder / PLACING, Points(topics.space, tuple(keys), topics.points, closeness))
    _write_model(texts, vectors, found, stop_words, encoder, folder)


def _write_model(
    texts: Sequence[str],
    vectors: Floats,
    found: Derived,
    stop_words: Set[str],
    encoder: Encoder,
    folder: Path,
) -> None:
    """Write the model into the taxonomy's ``folder``, where BERTopic can say something of it."""
    save_model(
        folder / MODEL,
        texts,
        vectors,
        found.topics.consensus.topics,
        found.topics.descriptions,
        [name.name for name in found.names.topics],
        stop_words=stop_words,
        encoder=encoder,
    )


def clear_runs(folder: Path) -> None:
    """Remove the single runs, of whatever build, that the finished taxonomy does not need."""
    RunFiles(_runs_at(folder)).clear()


def _runs_at(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.runs"


def _findings(table: pa.Table, found: Derived, only: Chosen | None) -> dict[str, Any]:
    """Return what the manifest says of the topics found."""
    topics, names, structure = found.topics, found.names, found.structure
    n_docs = len(topics.consensus.topics)
    placed = int((topics.consensus.topics >= 0).sum())
    reason = "unplaced: with no topic in more than half of the runs, or unlike the rest of it"
    dropped = [Dropped(reason=reason, count=n_docs - placed)] if placed < n_docs else []
    dropped += only.dropped if only else ()
    n_read = n_docs + (sum(drop.count for drop in only.dropped) if only else 0)
    alike = "The runs agree on no topic: the documents are all alike, or all different."
    short = names.short()
    notes = [structure.told] if structure is not None and structure.is_noise else []
    notes += [] if topics.consensus.n_topics else [alike]
    guidance = None if topics.guide is None else Guidance.of({"guide": topics.guide.as_values()})
    notes += [guidance.told] if guidance is not None and guidance.weight == 0 else []
    if unparted := sum(UNPARTED in flags for flags in table["flags"].to_pylist()):
        notes.append(
            f"{unparted} of {n_docs} documents are in scripts without spaces between words, such "
            "as Chinese or Thai: in names and keywords their words are pairs of characters, or "
            "whole phrases."
        )
    if short:
        notes.append(f"Names with a word that too few documents say: {'; '.join(short)}.")
    return {
        "seeds": [run.seed for run in topics.plans],
        "counts": {"documents": Counts(read=n_read, kept=placed, dropped=dropped)},
        "facts": {
            "topics": topics.consensus.n_topics,
            "categories": len(topics.category_descriptions),
            "halves_ami": topics.stability.halves_ami,
            **({"structure_p": None} if structure is None else structure.facts),
            "names_short_of_share": len(short),
            "guidance": None if guidance is None else vars(guidance),
        },
        "notes": notes,
    }
