"""What a user asks a sample to be, checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from artifacts.delimited import delimited, text_lines
from artifacts.errors import InputError
from artifacts.words import DOCUMENTS, Corpus
from insights.strata import check_by
from labels.coders import check_coder
from labels.exchange.reading import NAMES_OF_DOCUMENTS, read_text
from labels.sampling.allocation import RuleName, spread_of
from mining.names import document_names
from opsatlas.labelling.sampling import Wanted
from opsatlas.pipeline import Pipeline


def corpus_of(name: str) -> Corpus:
    """Return the corpus of that name; raise `InputError` if there is none."""
    if name not in get_args(Corpus):
        raise InputError(f"There are no documents of '{name}'.", fix="take tools or themes")
    return name  # type: ignore[return-value]


def wanted_sample(
    *,
    question: str,
    size: int | None,
    margin: float,
    level: float,
    by: str | None,
    allocation: str,
    minimum: int,
    guesses: Sequence[str],
    seed: int,
    among: tuple[str, ...] | None,
    coders: Sequence[str],
    overlap: float,
    waves: str | None,
) -> Wanted:
    """Return what a sample is to be; raise `InputError` if it cannot be so."""
    if allocation not in get_args(RuleName):
        allowed = ", ".join(get_args(RuleName))
        raise InputError(f"There is no allocation '{allocation}'.", fix=f"take {allowed}")
    if by is None and (allocation != "proportional" or guesses):
        raise InputError(
            "An allocation shares a sample out over strata, and there are none.",
            fix="name them with --stratify",
        )
    if len(set(coders)) < len(coders):
        raise InputError("A coder is named twice.", where="--coder")
    return Wanted(
        question=question,
        size=size,
        margin=margin,
        level=level,
        by=check_by(by),
        rule=allocation,  # type: ignore[arg-type]
        minimum=minimum,
        spreads=_spreads(guesses) if allocation == "neyman" else None,
        seed=seed,
        among=among,
        coders=tuple(check_coder(coder) for coder in coders),
        overlap=overlap,
        sizes=_sizes(waves),
    )


def named_in(path: Path, pipeline: Pipeline, corpus: Corpus) -> tuple[str, ...]:
    """Return the keys of a snapshot's documents that a CSV names, sorted.

    Raises
    ------
    InputError
        If it cannot be read, has no column that names documents, or names one that is not there.
    """
    table = delimited(text_lines(read_text(path)), where=str(path))
    column = next((c for c in NAMES_OF_DOCUMENTS if c in table.head), None)
    if column is None:
        raise InputError(
            "No column names documents.",
            where=str(path),
            fix=f"call it one of {', '.join(NAMES_OF_DOCUMENTS)}",
        )
    key_of = document_names(pipeline.snapshot_folder(corpus), DOCUMENTS[corpus])
    found = set()
    for line, row in table.records():
        name = row.get(column, "").strip().lower()
        if name not in key_of:
            raise InputError(
                f"'{name}' is not in {pipeline.settings(corpus).snapshot}.",
                where=f"{path}, line {line}, column {column}",
                fix="take the row out, or name the document as the snapshot does",
            )
        found.add(key_of[name])
    return tuple(sorted(found))


def _spreads(guesses: Sequence[str]) -> dict[str, float]:
    """Return the standard deviation in each stratum that an expected share means."""
    found = {}
    for guess in guesses:
        stratum, _, share = guess.rpartition("=")
        try:
            found[stratum] = spread_of(float(share))
        except ValueError:
            raise InputError(
                f"'{guess}' is no guess.", where="--guess", fix="write STRATUM=0.3"
            ) from None
    if not found:
        raise InputError(
            "Neyman's allocation needs the share that is expected in each stratum.",
            fix="give them with --guess STRATUM=0.3; --stratify with --plan alone shows the strata",
        )
    return found


def _sizes(waves: str | None) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in waves.split(",")) if waves else ()
    except ValueError:
        raise InputError(
            f"'{waves}' are no sizes of waves.", where="--waves", fix="write 20,50"
        ) from None
