"""Abbreviations that a field uses, and that a search therefore knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from artifacts.explaining import read_model

Abbreviation = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{2,}$")]
Spelt = Annotated[str, StringConstraints(min_length=3, pattern=r"^\S(.*\S)?$")]


class SearchWords(BaseModel):
    """What a search knows of a field's language besides the documents themselves.

    Attributes
    ----------
    abbreviations
        What each means, written out: ``rl`` is reinforcement learning. Whoever searches for the one
        also means the other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    abbreviations: dict[Abbreviation, Spelt] = {}


def read_search_words(path: Path) -> SearchWords:
    """Read and check a file of words.

    Raises
    ------
    ConfigError
        If it cannot be read, or a key, type or value is not allowed.
    """
    return read_model(path, SearchWords, what="The file of words")
