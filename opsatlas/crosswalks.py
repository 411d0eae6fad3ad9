"""The stage between a taxonomy and the codebooks that its study names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from artifacts.manifest import Manifest
from artifacts.step import make
from configs import codebook_names, package_path

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from configs.codebook import Codebook
    from opsatlas.pipeline import Pipeline


def find_codebook(name: str, *, where: str) -> Path:
    """Return the path of a codebook: a file as given, or that of the name of one that is shipped.

    Raises
    ------
    InputError
        If there is none; ``where`` says who named it.
    """
    from labels.exchange.codebooks import is_codebook_file

    return Path(name) if is_codebook_file(name) else _shipped(name, where)


def check_codebooks(names: Iterable[str], *, where: str) -> None:
    """Refuse a study that names a codebook that is not shipped."""
    for name in names:
        _shipped(name, where)


def suited_codebooks(pipeline: Pipeline, corpus: Corpus) -> list[Codebook]:
    """Return the codebooks that the study names for the corpus and that ask one question."""
    from configs.codebook import read_codebook

    where = f"{pipeline.study_path}, codebooks"
    books = [read_codebook(_shipped(name, where)) for name in pipeline.study.codebooks]
    return [
        book for book in books if book.codebook.layer in (None, corpus) and len(book.asked()) == 1
    ]


def named_codebook(name: str, corpus: Corpus) -> Codebook:
    """Return the codebook of that name or path.

    Raises
    ------
    InputError
        If there is none, or it is for another corpus.
    ConfigError
        If it cannot be used.
    """
    from labels.exchange.codebooks import read_codebook_file

    path = find_codebook(name, where="CODEBOOK")
    book = read_codebook_file(path)
    meant = book.codebook.layer
    if meant not in (None, corpus):
        raise InputError(
            f"The codebook '{book.codebook.name}' is for {meant}, not for {corpus}.",
            where=f"{path}, codebook.layer",
            fix=f"use it with {meant}, or take another",
        )
    return book


def make_crosswalks(pipeline: Pipeline, corpus: Corpus) -> None:
    """Make, if they are not there already, the crosswalks of a corpus's taxonomy."""
    for book in suited_codebooks(pipeline, corpus):
        make_crosswalk(pipeline, corpus, book)


def make_crosswalk(pipeline: Pipeline, corpus: Corpus, book: Codebook) -> tuple[Path, Manifest]:
    """Make, if it is not there already, one crosswalk; return its folder and manifest."""
    from taxonomy.guidance.crosswalk import CodeList, crosswalk_folder, crosswalk_step

    taxonomy = pipeline.built_taxonomy(corpus)
    texts = pipeline.texts_folder(corpus)
    codes = CodeList.of(book)
    folder = crosswalk_folder(pipeline.workspace, taxonomy.name, codes.name)
    with pipeline.working():
        step = crosswalk_step(
            taxonomy,
            texts,
            codebook=codes,
            vectors_folder=pipeline.vectors_folder,
            vector_settings=pipeline.vectors(),
            progress=pipeline.progress,
        )
        return folder, make(step, folder)


def _shipped(name: str, where: str) -> Path:
    if name in codebook_names():
        return package_path(f"codebooks/{name}.toml")
    raise InputError(
        f"There is no codebook '{name}'.",
        where=where,
        fix=f"name one of {', '.join(codebook_names())}",
    )
