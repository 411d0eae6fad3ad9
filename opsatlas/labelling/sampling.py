"""Drawing a sample of a study's documents into a set of labels, and more of it later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from artifacts.errors import InputError
from artifacts.words import Corpus
from configs.codebook import Codebook
from insights.strata import IN_WORDS, By, frame
from labels.label_set import LabelSet, Named, new_label_set
from labels.records import Document
from labels.samples import design_value, sample_of
from labels.sampling.allocation import Rule, RuleName
from labels.sampling.draw import Sample, draw_simple, draw_stratified, extend, overlap
from labels.sampling.draw import waves as in_waves
from labels.sampling.frame import Frame
from labels.sampling.size import sample_size
from labels.waves import Drawn, open_wave
from opsatlas.labelling.documents import documents_of
from opsatlas.pipeline import Pipeline
from taxonomy.taxonomy import Taxonomy


@dataclass(frozen=True)
class Wanted:
    """What a sample is to be.

    Attributes
    ----------
    size
        None: as many as the margin needs.
    sizes
        Of the first waves; the last wave takes what is left.
    among
        Keys of the only documents that may be drawn; None: all may.
    spreads
        For Neyman's allocation: the standard deviation that is guessed in each stratum.
    coders
        Who codes: the first all, each other the share `overlap` of them. Empty: whoever comes, all.
    """

    question: str
    size: int | None
    margin: float
    level: float
    by: By | None
    rule: RuleName
    minimum: int
    spreads: Mapping[str, float] | None
    seed: int
    among: tuple[str, ...] | None
    coders: tuple[str, ...]
    overlap: float
    sizes: tuple[int, ...]


def draw(pipeline: Pipeline, corpus: Corpus, wanted: Wanted) -> Sample:
    """Return a new sample of a corpus's documents; nothing is written."""
    population = _population(pipeline, corpus, wanted.by, wanted.among)
    n = wanted.size or sample_size(len(population.units), margin=wanted.margin, level=wanted.level)
    _refuse_too_many(n, population)
    if wanted.by is None:
        return draw_simple(
            population, n, seed=wanted.seed, question=wanted.question, level=wanted.level
        )
    return draw_stratified(
        population,
        n,
        rule=Rule(wanted.rule, minimum=wanted.minimum, spreads=_spreads(wanted, population)),
        by=IN_WORDS[wanted.by],
        seed=wanted.seed,
        question=wanted.question,
        level=wanted.level,
    )


def begin(
    pipeline: Pipeline,
    corpus: Corpus,
    path: Path,
    codebook: Codebook,
    wanted: Wanted,
    *,
    by: str,
    named: Named | None,
) -> Sample:
    """Draw a sample and make a set of labels of it; return the sample."""
    sample = draw(pipeline, corpus, wanted)
    split = in_waves(sample, wanted.sizes)
    facts = {
        "layer": corpus,
        "snapshot": pipeline.settings(corpus).snapshot,
        "overlap": wanted.overlap,
        "by": wanted.by,
        "among": wanted.among,
    }
    with new_label_set(path, codebook, coder=by, facts=facts, named=named) as labels:
        _open_waves(labels, pipeline, corpus, sample, split, wanted.coders, by=by)
    return sample


def extend_sample(
    pipeline: Pipeline, labels: LabelSet, wanted: Wanted, *, by: str, plan: bool
) -> Sample:
    """Draw more documents into a set of labels; return the whole sample.

    Only the size and the waves of what is wanted count: all else was settled by the first drawing.

    Raises
    ------
    InputError
        If nothing was drawn into it, or no more is wanted, or the documents or their strata are no
        longer those that were drawn from.
    """
    old = sample_of(labels)
    if old is None:
        raise InputError("The documents were given, not drawn, so there is nothing to extend.")
    if wanted.size is None or wanted.size <= len(old.units):
        raise InputError(
            f"There is a sample of {len(old.units):,} documents already.",
            where=str(labels.store.path),
            fix="for more, say with --size how many there are to be in all; for another sample, "
            "choose another name",
        )
    facts = labels.state.begin["facts"]
    corpus: Corpus = facts["layer"]
    population = _population(pipeline, corpus, facts["by"], facts["among"])
    _refuse_too_many(wanted.size, population)
    sample = extend(old, population, wanted.size)
    if not plan:
        new = Sample(sample.units[len(old.units) :], sample.design)
        coders = tuple(next(iter(labels.state.waves.values())).coders)
        split = in_waves(new, wanted.sizes)
        _open_waves(labels, pipeline, corpus, new, split, coders, by=by)
    return sample


def named_by(pipeline: Pipeline) -> Named | None:
    """Return the coefficient and threshold that the study names, if it does."""
    settings = pipeline.study.labels
    if settings.coefficient is None or settings.threshold is None:
        return None
    return Named(settings.coefficient, settings.threshold)


def _open_waves(
    labels: LabelSet,
    pipeline: Pipeline,
    corpus: Corpus,
    sample: Sample,
    split: Sequence[Sequence[str]],
    coders: tuple[str, ...],
    *,
    by: str,
) -> None:
    """Open a wave for each part of the documents that were drawn."""
    units = {unit.key: unit for unit in sample.units}
    documents = _documents(pipeline, corpus, units)
    share, seed = labels.state.begin["facts"]["overlap"], sample.design.seed
    # Of all that were drawn, not wave by wave: each stratum gives one at least.
    both = None if share == 1 else frozenset(overlap(sample.units, share=share, seed=seed))
    for keys in split:
        part = [units[key] for key in keys]
        twice = None if both is None else both.intersection(keys)
        open_wave(
            labels,
            f"w{len(labels.state.waves) + 1}",
            [Drawn(documents[unit.key], unit.stratum) for unit in part],
            coder=by,
            # The first codes everything, each other the same share of it.
            coders={who: None if who == coders[0] else twice for who in coders},
            design=design_value(sample.design),
            seed=seed,
        )


def _population(
    pipeline: Pipeline, corpus: Corpus, by: By | None, among: Collection[str] | None
) -> Frame:
    """Return what is drawn from; its taxonomy must be built if its nodes are the strata."""
    of_nodes = by in ("topic", "category")
    taxonomy = Taxonomy.open(pipeline.built_taxonomy(corpus)) if of_nodes else None
    return frame(pipeline.snapshot_folder(corpus), corpus, by, taxonomy=taxonomy, among=among)


def _documents(
    pipeline: Pipeline, corpus: Corpus, wanted: Mapping[str, object]
) -> dict[str, Document]:
    found = documents_of(pipeline.snapshot_folder(corpus), corpus, only=wanted.keys())
    return {document.key: document for document in found}


def _refuse_too_many(n: int, population: Frame) -> None:
    there = len(population.units)
    if n > there:
        raise InputError(
            f"There are {there:,} documents to draw from, and {n:,} are wanted.",
            where="--size",
            fix=f"ask for {there:,} at most",
        )


def _spreads(wanted: Wanted, population: Frame) -> dict[str, float] | None:
    """Return the guess of each stratum; one of a topic or category may be called by its number."""
    if wanted.spreads is None:
        return None
    found: dict[str, float] = {}
    for called, spread in wanted.spreads.items():
        meant = [name for name in population.sizes if called in (name, name.split(" ")[0])]
        if len(meant) != 1:
            raise InputError(
                f"There is no stratum '{called}'.",
                where="--guess",
                fix=f"strata are {', '.join(population.sizes)}",
            )
        found[meant[0]] = spread
    if missing := [name for name in population.sizes if name not in found]:
        raise InputError(
            f"Neyman's allocation needs a guess for every stratum; these have none: "
            f"{', '.join(missing)}.",
            where="--guess",
            fix="add --guess STRATUM=SHARE for each",
        )
    return found
