"""A taxonomy held against what people said of its documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np

from artifacts.arrays import Floats
from artifacts.errors import InputError
from artifacts.words import Corpus, Layer
from configs.codebook import Variable
from embeddings.build import read_texts
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import plan_encoder
from labels.coders import same_name
from labels.label_set import LabelSet
from labels.records import NONE, Codes
from labels.results import final_codes
from labels.samples import sample_of, weights_of
from labels.sampling.draw import Sample
from labels.sampling.estimate import Estimates, estimate
from labels.validation.classifier import held_out, learning_curve
from labels.validation.crosswalk import crosswalk
from labels.validation.next_documents import next_documents
from labels.validation.noise import noise_recall
from labels.validation.placing import place
from labels.validation.purity import purity
from labels.validation.values import Labelled, labelled
from labels.waves import closed_waves
from opsatlas.cli.views.validation import Validation
from opsatlas.labelling.saturating import variable_named
from opsatlas.pipeline import Pipeline
from taxonomy.store import read_taxonomy
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


def validate(pipeline: Pipeline, path: Path, question: Question) -> Validated:
    """Hold the taxonomy of a set of labels' snapshot against its labels.

    Raises
    ------
    InputError
        If a wave is open, nothing is settled, or the labels are of other documents.
    ArtifactError
        If the taxonomy is not built.
    """
    nodes = _nodes_named(question.nodes)
    question = replace(question, coder=question.coder and same_name(question.coder))
    with LabelSet.open(path, read_only=True) as labels:
        corpus = _corpus_of(labels, pipeline)
        variable = variable_named(labels, question.variable)
        rest = _rest(labels, variable)
        said = _said(labels, variable, question, rest)
        codes = (*(code.id for code in labels.book.codes_of(variable.id)), *rest)
        sample = sample_of(labels)
    shown = Taxonomy.open(pipeline.built_taxonomy(corpus))
    inside = {key: its for key, its in said.items() if key in shown.topic_of}
    one_each = _one_each(inside, variable, question.code, codes)
    names = {node.number: node.name for node in shown.nodes(nodes)}
    weights, notes = _weights(sample, one_each)
    found = labelled(_topic_of(shown, nodes), one_each, names=names, weights=weights)
    notes += _left_out(said, inside, one_each)
    return Validated(
        validation=_validation(pipeline, corpus, found, nodes, question),
        estimates=_estimates(sample, said, codes),
        names=names,
        titles=pipeline.titles(corpus),
        notes=tuple(notes),
    )


def _nodes_named(name: str) -> Layer:
    if name not in get_args(Layer):
        raise InputError(
            f"A taxonomy has no {name}.", where="--layer", fix="take topics or categories"
        )
    return name  # type: ignore[return-value]


def _corpus_of(labels: LabelSet, pipeline: Pipeline) -> Corpus:
    facts = labels.state.begin["facts"]
    if "layer" not in facts:
        raise InputError(
            "The documents came with a file, and are of no snapshot.",
            where=str(labels.store.path),
            fix="import the labels anew with --codebook, --of and --snapshot",
        )
    corpus: Corpus = facts["layer"]
    built_on = pipeline.settings(corpus).snapshot
    if facts["snapshot"] != built_on:
        raise InputError(
            f"The labels are of {facts['snapshot']}, and the taxonomy is of {built_on}.",
            where=str(labels.store.path),
            fix=f"use a study whose taxonomy is built on {facts['snapshot']}",
        )
    return corpus


def _rest(labels: LabelSet, variable: Variable) -> Codes:
    """Return what stands for no code where each document has one: a class of its own."""
    return (NONE,) if labels.book.head.takes_none(variable) and not variable.multiple else ()


def _said(
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
            there = ", ".join(labels.coders()) or "nobody yet"
            raise InputError(f"'{question.coder}' coded nothing.", fix=f"coders: {there}")
        who = question.coder or "the coders together"
        raise InputError(
            f"Nothing of '{variable.id}' is settled by {who}.",
            where=str(labels.store.path),
            fix="settle disagreements first (opsatlas label adjudicate), or name a --coder",
        )
    return found


def _one_each(
    said: Mapping[str, Codes], variable: Variable, code: str | None, codes: Sequence[str]
) -> dict[str, str]:
    """Return one code for each document that has any, or the code asked about against the rest."""
    if code is not None:
        if code not in codes:
            raise InputError(
                f"'{code}' is no code of '{variable.id}'.", fix=f"in use: {', '.join(codes)}"
            )
        return {key: code if code in its else REST for key, its in said.items()}
    if variable.multiple:
        raise InputError(
            f"A document can have several codes of '{variable.id}'.",
            fix=f"ask of one at a time, with --code: {', '.join(codes)}",
        )
    return {key: its[0] for key, its in said.items() if its}


def _topic_of(shown: Taxonomy, nodes: Layer) -> dict[str, int]:
    """Return the node of every document, or `NOISE`."""
    if nodes == "topics":
        return dict(shown.topic_of)
    category_of = {topic.number: topic.category for topic in shown.topic_nodes}
    return {key: category_of.get(topic, topic) for key, topic in shown.topic_of.items()}


def _weights(
    sample: Sample | None, said: Mapping[str, str]
) -> tuple[dict[str, float] | None, list[str]]:
    if sample is None:
        note = "The documents were given, not drawn: figures are of these, and of no others."
        return None, [note]
    weights = weights_of(sample)
    return {key: weights[key] for key in said}, []


def _left_out(
    said: Mapping[str, Codes], inside: Mapping[str, Codes], used: Mapping[str, str]
) -> list[str]:
    notes = []
    if len(inside) < len(said):
        notes.append(f"{len(said) - len(inside):,} labelled documents are not in the taxonomy.")
    if len(used) < len(inside):
        notes.append(f"{len(inside) - len(used):,} have no code of this variable.")
    return notes


def _validation(
    pipeline: Pipeline, corpus: Corpus, found: Labelled, nodes: Layer, question: Question
) -> Validation:
    keys, vectors = _vectors(pipeline, corpus, found.topic_of)
    assignments = read_taxonomy(pipeline.taxonomy_folder(corpus)).assignments
    strengths = dict(
        zip(assignments["key"].to_pylist(), assignments["strength"].to_pylist(), strict=True)
    )
    classifier = curve = placement = None
    if question.classify:
        pipeline.progress.say("training and testing a classifier on the labels")
        classifier = held_out(found.codes, keys=keys, vectors=vectors, seed=question.seed)
        curve = learning_curve(found.codes, keys=keys, vectors=vectors, seed=question.seed)
        placement = place(found.codes, keys=keys, vectors=vectors, seed=question.seed)
    return Validation(
        purity=purity(found),
        noise=noise_recall(found),
        crosswalk=crosswalk(found, seed=question.seed),
        held_out=classifier,
        curve=curve,
        placement=placement,
        next=next_documents(
            found.topic_of,
            found.codes,
            names=found.names,
            strengths=strengths,
            keys=keys,
            unit_vectors=vectors,
            placed=placement.rows if placement else (),
            nodes=nodes,
        ),
        nodes=nodes,
    )


def _vectors(
    pipeline: Pipeline, corpus: Corpus, topic_of: Mapping[str, int]
) -> tuple[list[str], Floats]:
    """Return the taxonomy's documents and their vectors, from the cache where they are in it."""
    texts = read_texts(pipeline.texts_folder(corpus))
    said = dict(zip(texts["key"].to_pylist(), texts["text"].to_pylist(), strict=True))
    keys = list(topic_of)
    plan = plan_encoder(pipeline.vectors())
    cache = open_cache(pipeline.vectors_folder, plan)
    vectors = vectors_of([said[key] for key in keys], plan, cache, progress=pipeline.progress)
    return keys, np.asarray(vectors)


def _estimates(
    sample: Sample | None, said: Mapping[str, Codes], codes: Sequence[str]
) -> Estimates | None:
    if sample is None:
        return None
    return estimate(sample, said, codes=codes)
