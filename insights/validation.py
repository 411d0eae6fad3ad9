"""A taxonomy held against what people said of its documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from artifacts.arrays import Floats
from artifacts.errors import InputError
from artifacts.progress import Progress
from artifacts.words import LAYERS, Corpus, Layer
from configs.codebook import Variable
from labels.label_set import LabelSet
from labels.records import NONE, Codes, same_name
from labels.results import final_codes
from labels.samples import sample_of, weights_of
from labels.sampling.draw import Sample
from labels.sampling.estimate import Estimates, estimate
from labels.validation.classifier import HeldOut, LearningCurve, held_out, learning_curve
from labels.validation.contingency import ContingencyTable, contingency_table
from labels.validation.next_documents import Next, next_documents
from labels.validation.placing import Placement, place
from labels.validation.purity import NoiseRecall, Purity, noise_recall, purity
from labels.validation.values import Labelled, labelled
from labels.waves import closed_waves
from taxonomy.taxonomy import Taxonomy

REST = "(the rest)"
"""What a document has that has not the one code asked about."""


@dataclass(frozen=True)
class Question:
    """What a taxonomy is held against.

    Attributes
    ----------
    variable
        None: the first of the codebook.
    code
        One code against the rest; needed where a document can have several.
    nodes
        ``topics`` or ``categories``.
    coder
        One coder's labels; None: those that are agreed or adjudicated.
    waves
        Closed ones; empty: all.
    """

    variable: str | None
    code: str | None
    nodes: str
    coder: str | None
    waves: tuple[str, ...]
    classify: bool
    seed: int


@dataclass(frozen=True)
class Validation:
    """All that is known of a taxonomy from labels; None: it was not asked for.

    Attributes
    ----------
    nodes
        What the figures call topics: topics, or the categories above them.
    """

    purity: Purity
    noise: NoiseRecall
    crosswalk: ContingencyTable
    held_out: HeldOut | None
    curve: LearningCurve | None
    placement: Placement | None
    next: Sequence[Next]
    nodes: Layer = "topics"


@dataclass(frozen=True)
class Validated:
    """What came of it.

    Attributes
    ----------
    estimates
        How common each code is in the population; None where the documents were given, not drawn.
    titles
        How people know the documents, by key.
    notes
        What to know of the figures.
    """

    validation: Validation
    estimates: Estimates | None
    names: Mapping[int, str]
    titles: Mapping[str, str]
    notes: tuple[str, ...]


Vectors = Callable[[Sequence[str]], Floats]
"""Keys of documents to their n_docs × n_dims vectors, rows of unit length."""


def validate(
    labels: LabelSet,
    taxonomy: Taxonomy,
    question: Question,
    *,
    vectors: Vectors,
    titles: Mapping[str, str],
    progress: Progress,
) -> Validated:
    """Hold a taxonomy against a set of labels of its snapshot's documents.

    Parameters
    ----------
    vectors
        Of the taxonomy's documents, by its encoder.
    titles
        How people know the documents, by key.

    Raises
    ------
    InputError
        If a wave is open, nothing is settled, or the labels are of other documents.
    """
    nodes = _nodes_named(question.nodes)
    question = replace(question, coder=question.coder and same_name(question.coder))
    variable = labels.book.variable_named(question.variable)
    rest = _rest(labels, variable)
    codes_of = _settled_codes(labels, variable, question, rest)
    codes = (*(code.id for code in labels.book.codes_of(variable.id)), *rest)
    sample = sample_of(labels)
    inside = {key: its for key, its in codes_of.items() if key in taxonomy.topic_of}
    one_each = _one_each(inside, variable, question.code, codes)
    names = {node.number: node.name for node in taxonomy.nodes(nodes)}
    weights, notes = _weights(sample, one_each)
    found = labelled(taxonomy.node_of(nodes), one_each, names=names, weights=weights)
    notes += _left_out(codes_of, inside, one_each)
    return Validated(
        validation=_validation(taxonomy, found, nodes, question, vectors, progress),
        estimates=None if sample is None else estimate(sample, codes_of, codes=codes),
        names=names,
        titles=titles,
        notes=tuple(notes),
    )


def corpus_of(labels: LabelSet, built_on: Callable[[Corpus], str]) -> Corpus:
    """Return the corpus that labels are of.

    Parameters
    ----------
    built_on
        The id of the snapshot that a corpus's taxonomy is of.

    Raises
    ------
    InputError
        If they are of no snapshot, or of another one.
    """
    facts = labels.state.begin["facts"]
    if "layer" not in facts:
        raise InputError(
            "The documents came with a file, and are of no snapshot.",
            where=str(labels.store.path),
            fix="import the labels anew with --codebook, --of and --snapshot",
        )
    corpus: Corpus = facts["layer"]
    if facts["snapshot"] != built_on(corpus):
        raise InputError(
            f"The labels are of {facts['snapshot']}, and the taxonomy is of {built_on(corpus)}.",
            where=str(labels.store.path),
            fix=f"use a study whose taxonomy is built on {facts['snapshot']}",
        )
    return corpus


def _nodes_named(name: str) -> Layer:
    for layer in LAYERS:
        if layer == name:
            return layer
    raise InputError(f"A taxonomy has no {name}.", where="--layer", fix="take topics or categories")


def _rest(labels: LabelSet, variable: Variable) -> Codes:
    """Return what stands for no code where each document has one: a class of its own."""
    return (NONE,) if labels.book.head.takes_none(variable) and not variable.multiple else ()


def _settled_codes(
    labels: LabelSet, variable: Variable, question: Question, rest: Codes
) -> dict[str, Codes]:
    """Return the codes of each document that is settled; none where the variable is not asked."""
    waves = closed_waves(labels, question.waves)
    found: dict[str, Codes] = {}
    if question.coder is not None:
        for item in (item for wave in waves for item in wave.items):
            answers = labels.state.answers(question.coder, item)
            if variable.id in answers and answers[variable.id].is_settled:
                found[item] = answers[variable.id].codes or rest
    else:
        for item, finals in final_codes(labels, waves).items():
            settled = {name: final.codes for name, final in finals.items()}
            if variable.id in settled:
                found[item] = settled[variable.id] or rest
            elif settled and not variable.applies(settled):
                found[item] = ()
    if not any(found.values()):
        if question.coder not in (None, *labels.coders()):
            coders = ", ".join(labels.coders()) or "nobody yet"
            raise InputError(f"'{question.coder}' coded nothing.", fix=f"coders: {coders}")
        who = question.coder or "the coders together"
        raise InputError(
            f"Nothing of '{variable.id}' is settled by {who}.",
            where=str(labels.store.path),
            fix=f"settle disagreements first (opsatlas label adjudicate {labels.name} "
            "--by NAME), or name a --coder",
        )
    return found


def _one_each(
    codes_of: Mapping[str, Codes], variable: Variable, code: str | None, codes: Sequence[str]
) -> dict[str, str]:
    """Return one code for each document that has any, or the code asked about against the rest."""
    if code is not None:
        if code not in codes:
            raise InputError(
                f"'{code}' is no code of '{variable.id}'.", fix=f"in use: {', '.join(codes)}"
            )
        return {key: code if code in its else REST for key, its in codes_of.items()}
    if variable.multiple:
        raise InputError(
            f"A document can have several codes of '{variable.id}'.",
            fix=f"ask of one at a time, with --code: {', '.join(codes)}",
        )
    return {key: its[0] for key, its in codes_of.items() if its}


def _weights(
    sample: Sample | None, codes_of: Mapping[str, str]
) -> tuple[dict[str, float] | None, list[str]]:
    if sample is None:
        note = "The documents were given, not drawn: figures are of these, and of no others."
        return None, [note]
    weights = weights_of(sample)
    return {key: weights[key] for key in codes_of}, []


def _left_out(
    codes_of: Mapping[str, Codes], inside: Mapping[str, Codes], used: Mapping[str, str]
) -> list[str]:
    notes = []
    if len(inside) < len(codes_of):
        notes.append(f"{len(codes_of) - len(inside):,} labelled documents are not in the taxonomy.")
    if len(used) < len(inside):
        notes.append(f"{len(inside) - len(used):,} have no code of this variable.")
    return notes


def _validation(
    taxonomy: Taxonomy,
    found: Labelled,
    nodes: Layer,
    question: Question,
    vectors_of: Vectors,
    progress: Progress,
) -> Validation:
    keys = list(found.topic_of)
    vectors = vectors_of(keys)
    classifier = curve = placement = None
    if question.classify:
        progress.say("training and testing a classifier on the labels")
        classifier = held_out(found.codes, keys=keys, vectors=vectors, seed=question.seed)
        curve = learning_curve(found.codes, keys=keys, vectors=vectors, seed=question.seed)
        placement = place(found.codes, keys=keys, vectors=vectors, seed=question.seed)
    return Validation(
        purity=purity(found),
        noise=noise_recall(found),
        crosswalk=contingency_table(found, seed=question.seed),
        held_out=classifier,
        curve=curve,
        placement=placement,
        next=next_documents(
            found.topic_of,
            found.codes,
            names=found.names,
            strengths=taxonomy.strength_of,
            keys=keys,
            unit_vectors=vectors,
            placed=placement.rows if placement else (),
            nodes=nodes,
        ),
        nodes=nodes,
    )
