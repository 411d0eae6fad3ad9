"""The machine's guesses, for coders who ask for them: the crosswalk of each variable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from artifacts.errors import InputError
from artifacts.words import Corpus
from configs.codebook import Codebook
from labels.history.book import Book
from labels.label_set import LabelSet
from labels.session import Suggestion
from opsatlas.cli.console import progress
from opsatlas.cli.session import open_study
from opsatlas.steps import make_crosswalk
from taxonomy.guidance.crosswalk import read_crosswalk
from taxonomy.guidance.scores import Coding

FEWEST = 2


def suggestions(labels: LabelSet, workspace: Path | None) -> Mapping[str, Mapping[str, Suggestion]]:
    """Return a guess by document and variable, for variables with two codes or more.

    Raises
    ------
    InputError
        If the set's documents are of no taxonomy of the study.
    ArtifactError
        If the taxonomy is not built.
    """
    corpus: Corpus | None = labels.state.begin["facts"].get("layer")
    if corpus is None:
        raise InputError(
            "There is nothing to guess from: the documents came with a file, not from a snapshot.",
            where=str(labels.store.path),
        )
    pipeline = open_study(None, workspace, progress=progress())
    found: dict[str, dict[str, Suggestion]] = {}
    for variable in labels.book.variables:
        if len(labels.book.codes_of(variable.id)) < FEWEST:
            continue
        crosswalk = make_crosswalk(pipeline, corpus, _of_one_variable(labels.book, variable.id))
        for key, coding in read_crosswalk(crosswalk).documents.items():
            if key in labels.state.wave_of and coding.best is not None:
                found.setdefault(key, {})[variable.id] = _suggestion(coding.best, coding)
    if not found:
        raise InputError("The machine has no guess for any of these documents.")
    return found


def _of_one_variable(book: Book, variable: str) -> Codebook:
    """Return the codes of one variable as a codebook of their own."""
    head = book.codebook().codebook
    codes = tuple(c.model_copy(update={"variable": None}) for c in book.codes_of(variable))
    return Codebook.model_construct(
        codebook=head.model_copy(update={"name": f"{head.name}-{variable}"}),
        variables=(),
        codes=codes,
    )


def _suggestion(code: str, coding: Coding) -> Suggestion:
    second = f", then {coding.second}" if coding.second else ""
    unsure = "" if coding.code else f"; it would abstain: {coding.reason}"
    text = f"by meaning and words nearest to {code}{second} (lead {coding.margin:.2f}){unsure}"
    return Suggestion(code, text)
