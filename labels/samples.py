"""The sample that a set of labels holds: asked for, drawn into it, and read from its log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from artifacts.errors import InputError
from artifacts.words import Corpus
from configs.codebook import Codebook
from labels.label_set import Criterion, LabelSet, new_label_set
from labels.records import Document, check_coder
from labels.sampling.allocation import Rule, RuleName, spread_of
from labels.sampling.draw import (
    Design,
    Drawn,
    Sample,
    Stratum,
    draw_simple,
    draw_stratified,
    extend,
    overlap,
    sample_size,
)
from labels.sampling.draw import waves as split_waves
from labels.sampling.frame import Frame
from labels.waves import WaveDocument, open_wave

GIVEN = "given"
"""The method of a wave whose documents were given, not drawn."""


def sample_of(labels: LabelSet) -> Sample | None:
    """Return all that was drawn so far, as the last drawing left it; None: nothing was drawn.

    A later drawing only adds; so its design tells how likely each document was to be in.
    """
    drawn = [wave for wave in labels.state.waves.values() if wave.design["method"] != GIVEN]
    if not drawn:
        return None
    design = design_of(drawn[-1].design)
    chances = {stratum.name: stratum.n_drawn / stratum.n_population for stratum in design.strata}
    units = tuple(
        Drawn(item, wave.strata[item], chances[wave.strata[item]])
        for wave in drawn
        for item in wave.items
    )
    return Sample(units, design)


def weights_of(sample: Sample) -> dict[str, float]:
    """Return how many documents of the population each one that was drawn stands for."""
    return {unit.key: 1 / unit.probability for unit in sample.units}


def design_of(value: Mapping[str, Any]) -> Design:
    """Return the design that a wave of the log keeps."""
    rule = value["rule"]
    return Design(
        method=value["method"],
        question=value["question"],
        seed=value["seed"],
        level=value["level"],
        frame_hash=value["frame_hash"],
        strata=tuple(Stratum(**stratum) for stratum in value["strata"]),
        by=value["by"],
        rule=None if rule is None else Rule(**rule),
    )


@dataclass(frozen=True, kw_only=True)
class SampleRequest:
    """What a sample is to be, as people say it.

    Attributes
    ----------
    size
        None: as many as the margin needs.
    by
        What the strata are; None: there are none.
    guesses
        For Neyman's allocation, ``STRATUM=SHARE``: the share that is expected in each stratum.
    among
        Keys of the only documents that may be drawn; None: all may.
    coders
        Who codes: the first all, each other the share `overlap` of them. Empty: whoever comes, all.
    waves
        Sizes of the first waves, such as ``20,50``; the last wave takes what is left.

    Raises
    ------
    InputError
        If no sample can be so.
    """

    question: str
    size: int | None
    margin: float
    level: float
    by: str | None
    allocation: str
    minimum: int
    guesses: Sequence[str]
    seed: int
    among: tuple[str, ...] | None
    coders: Sequence[str]
    overlap: float
    waves: str | None

    def __post_init__(self) -> None:
        if self.allocation not in get_args(RuleName):
            allowed = ", ".join(get_args(RuleName))
            raise InputError(f"There is no allocation '{self.allocation}'.", fix=f"take {allowed}")
        if self.by is None and (self.allocation != "proportional" or self.guesses):
            raise InputError(
                "An allocation shares a sample out over strata, and there are none.",
                fix="name them with --stratify",
            )
        if len(set(self.coders)) < len(self.coders):
            raise InputError("A coder is named twice.", where="--coder")
        if self.allocation == "neyman" and not self.spreads:
            raise InputError(
                "Neyman's allocation needs the share that is expected in each stratum.",
                fix="give them with --guess STRATUM=0.3; --stratify with --plan alone shows the "
                "strata",
            )
        for coder in self.coders:
            check_coder(coder)
        _ = self.sizes

    @cached_property
    def spreads(self) -> dict[str, float]:
        """Return the standard deviation in each stratum that the expected shares mean."""
        found = {}
        for guess in self.guesses:
            stratum, _, share = guess.rpartition("=")
            try:
                found[stratum] = spread_of(float(share))
            except ValueError:
                raise InputError(
                    f"'{guess}' is no guess.", where="--guess", fix="write STRATUM=0.3"
                ) from None
        return found

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Return the sizes of the first waves."""
        try:
            return tuple(int(size) for size in self.waves.split(",")) if self.waves else ()
        except ValueError:
            raise InputError(
                f"'{self.waves}' are no sizes of waves.", where="--waves", fix="write 20,50"
            ) from None

    def allotment(self, population: Frame) -> Rule:
        """Return the rule that shares a sample out over the strata of a population."""
        spreads = self._spreads_in(population) if self.allocation == "neyman" else None
        return Rule(self.allocation, minimum=self.minimum, spreads=spreads)  # type: ignore[arg-type]

    def _spreads_in(self, population: Frame) -> dict[str, float]:
        """Return the guess of each stratum; a topic or category may be called by its number."""
        found: dict[str, float] = {}
        for called, spread in self.spreads.items():
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


@dataclass(frozen=True)
class Stock:
    """The documents of a study.

    Attributes
    ----------
    frame
        Those of a corpus that may be drawn, in strata: all of it, or only those of some keys.
    documents
        Those of a corpus that have some keys, as coders read them.
    """

    frame: Callable[[Corpus, str | None, Collection[str] | None], Frame]
    documents: Callable[[Corpus, Collection[str]], Iterable[Document]]


def draw_sample(
    stock: Stock, corpus: Corpus, request: SampleRequest, *, strata: str | None
) -> Sample:
    """Return a new sample of a corpus's documents; nothing is written.

    Parameters
    ----------
    strata
        What the strata are, in words.
    """
    population = stock.frame(corpus, request.by, request.among)
    n_units = len(population.units)
    n = request.size or sample_size(n_units, margin=request.margin, level=request.level)
    _refuse_too_many(n, population)
    drawn: dict[str, Any] = {
        "seed": request.seed,
        "question": request.question,
        "level": request.level,
    }
    if request.by is None:
        return draw_simple(population, n, **drawn)
    rule = request.allotment(population)
    return draw_stratified(population, n, rule=rule, by=strata or request.by, **drawn)


def begin_sample(
    path: Path,
    codebook: Codebook,
    sample: Sample,
    request: SampleRequest,
    stock: Stock,
    *,
    facts: Mapping[str, Any],
    named: Criterion | None,
    by: str,
) -> None:
    """Make a set of labels of a sample.

    Parameters
    ----------
    facts
        The corpus (as ``layer``) and the snapshot that the sample is from.
    by
        Who is at work.
    """
    asked = {"overlap": request.overlap, "by": request.by, "among": request.among}
    split = split_waves(sample, request.sizes)
    facts = {**facts, **asked}
    with new_label_set(path, codebook, coder=by, facts=facts, named=named) as labels:
        _open_waves(labels, stock, sample, split, tuple(request.coders), by=by)


def extend_sample(
    labels: LabelSet, stock: Stock, request: SampleRequest, *, by: str, plan: bool
) -> Sample:
    """Draw more documents into a set of labels; return the whole sample.

    Only the size and the waves of what is asked for count: all else was settled by the first
    drawing.

    Raises
    ------
    InputError
        If nothing was drawn into it, or no more is wanted, or the documents or their strata are no
        longer those that were drawn from.
    """
    old = sample_of(labels)
    if old is None:
        raise InputError("The documents were given, not drawn, so there is nothing to extend.")
    if request.size is None or request.size <= len(old.units):
        raise InputError(
            f"There is a sample of {len(old.units):,} documents already.",
            where=str(labels.store.path),
            fix="for more, say with --size how many there are to be in all; for another sample, "
            "choose another name",
        )
    facts = labels.state.begin["facts"]
    population = stock.frame(facts["layer"], facts["by"], facts["among"])
    _refuse_too_many(request.size, population)
    sample = extend(old, population, request.size)
    if not plan:
        new = Sample(sample.units[len(old.units) :], sample.design)
        coders = tuple(next(iter(labels.state.waves.values())).coders)
        _open_waves(labels, stock, sample, split_waves(new, request.sizes), coders, by=by)
    return sample


def _open_waves(
    labels: LabelSet,
    stock: Stock,
    sample: Sample,
    split: Sequence[Sequence[str]],
    coders: tuple[str, ...],
    *,
    by: str,
) -> None:
    """Open a wave for each part of the documents that were drawn."""
    facts = labels.state.begin["facts"]
    units = {unit.key: unit for unit in sample.units}
    documents = {document.key: document for document in stock.documents(facts["layer"], units)}
    share, seed = facts["overlap"], sample.design.seed
    # Of all that were drawn, not wave by wave: each stratum gives one at least.
    both = None if share == 1 else frozenset(overlap(sample.units, share=share, seed=seed))
    for keys in split:
        twice = None if both is None else both.intersection(keys)
        open_wave(
            labels,
            f"w{len(labels.state.waves) + 1}",
            [WaveDocument(documents[key], units[key].stratum) for key in keys],
            coder=by,
            # The first codes everything, each other the same share of it.
            coders={who: None if who == coders[0] else twice for who in coders},
            design=asdict(sample.design),
            seed=seed,
        )


def _refuse_too_many(n: int, population: Frame) -> None:
    n_units = len(population.units)
    if n > n_units:
        raise InputError(
            f"There are {n_units:,} documents to draw from, and {n:,} are wanted.",
            where="--size",
            fix=f"ask for {n_units:,} at most",
        )
