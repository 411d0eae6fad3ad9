"""Codebooks in files: our own, those of REFI-QDA, and those that labels were exported with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from configs.codebook import Codebook, read_codebook
from labels.exchange.jsonl import read_jsonl
from labels.exchange.refi_codebook import read_qdc
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
