"""Codebooks for hand labelling, found by name or path."""

from __future__ import annotations

from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import refuse_existing, write_text
from artifacts.locks import writing
from artifacts.notation import toml_text
from artifacts.words import Corpus
from configs import codebook_names
from configs.codebook import Codebook, Variable
from labels.changes import changes_between
from labels.exchange.bundle import Bundle
from labels.exchange.formats import is_codebook_file, read_codebook_file
from labels.exchange.refi_codebook import write_qdc
from labels.history.book import Book, Change
from opsatlas.labelling.opening import open_labels, path_of
from opsatlas.study import find_codebook, named_codebook

FILES = ".toml, .qdc or .qdpx file"


def label_codebook(name: str | None, corpus: Corpus) -> Codebook:
    """Return the codebook of that name or path.

    Raises
    ------
    InputError
        If none is named, there is none such, or it is for another corpus.
    ConfigError
        If it cannot be used.
    """
    if name is None:
        raise InputError(
            "A new set of labels needs a codebook.",
            fix=f"name one with --codebook: {', '.join(codebook_names())}, or a {FILES}",
        )
    return named_codebook(name, corpus)


def any_codebook(name: str, workspace: Path | None) -> Codebook:
    """Return a codebook: shipped, in a file, or the living one of a set of labels.

    Raises
    ------
    InputError
        If nothing is called so.
    ConfigError
        If it cannot be used.
    """
    if is_codebook_file(name) or name in codebook_names():
        return read_codebook_file(find_codebook(name, where="CODEBOOK"))
    try:
        path = path_of(name, workspace)
    except InputError:
        path = None
    if path is None or not path.exists():
        raise InputError(
            f"There is no codebook and no set of labels '{name}'.",
            fix=f"name one of {', '.join(codebook_names())}, a {FILES}, or a set of labels",
        )
    with open_labels(str(path), None, read_only=True) as labels:
        return labels.book.codebook()


def differences(one: Codebook, other: Codebook) -> list[Change]:
    """Return what would make the codes of one codebook into those of another."""
    return changes_between(Book.of(one), other, reason="")


def other_questions(one: Codebook, other: Codebook) -> list[str]:
    """Return a sentence for each variable that only one codebook asks, or asks otherwise."""
    here, there = ({v.id: v for v in book.asked()} for book in (one, other))
    return [
        *(f"'{name}' is no longer asked." for name in here if name not in there),
        *(f"'{name}' is asked only now." for name in there if name not in here),
        *(
            f"'{name}' is asked otherwise: {', '.join(fields)}."
            for name in here
            if name in there and (fields := _other_fields(here[name], there[name]))
        ),
    ]


def _other_fields(one: Variable, other: Variable) -> list[str]:
    before, after = one.model_dump(mode="json"), other.model_dump(mode="json")
    return [name.replace("_", " ") for name in before if before[name] != after[name]]


def save_codebook(book: Codebook, path: Path) -> None:
    """Write a codebook as a file that is read again: TOML or ``.qdc``; none there is replaced.

    Raises
    ------
    InputError
        If there is such a file, or its name ends otherwise.
    """
    with writing(path):
        refuse_existing(path)
        if path.suffix.lower() == ".qdc":
            write_qdc(Bundle(book.codebook.name, book, (), ()), path)
        elif path.suffix.lower() == ".toml":
            values = book.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
            write_text(path, toml_text(values))
        else:
            raise InputError(
                "A codebook is written as .toml or .qdc.",
                where=str(path),
                fix=f"name it {path.with_suffix('.toml').name}",
            )
