"""Codebooks in files: our own, those of REFI-QDA, and those that labels were exported with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import tomli_w

from artifacts.errors import InputError
from artifacts.files import refuse_existing, write_text
from artifacts.locks import writing
from configs.codebook import Codebook, read_codebook
from labels.exchange.bundle import Bundle
from labels.exchange.jsonl import read_jsonl
from labels.exchange.refi_codebook import read_qdc, write_qdc
from labels.exchange.refi_read import read_project_codebook

READERS: Mapping[str, Callable[[Path], Codebook]] = {
    ".toml": read_codebook,
    ".qdc": lambda path: read_qdc(path).bundle.codebook,
    ".qdpx": read_project_codebook,
    ".jsonl": lambda path: read_jsonl(path).bundle.codebook,
}
"""By suffix."""


def is_codebook_file(name: str) -> bool:
    """Tell whether a name is one of a file that may hold a codebook."""
    return Path(name).suffix.lower() in READERS


def read_codebook_file(path: Path) -> Codebook:
    """Return the codebook of a file; one of another suffix is read as TOML.

    Raises
    ------
    ConfigError, InputError
        If it cannot be used.
    """
    return READERS.get(path.suffix.lower(), read_codebook)(path)


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
            write_text(path, tomli_w.dumps(values))
        else:
            raise InputError(
                "A codebook is written as .toml or .qdc.",
                where=str(path),
                fix=f"name it {path.with_suffix('.toml').name}",
            )
