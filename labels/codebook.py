"""Codebooks: the codes that people, and crosswalks, sort documents by."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from artifacts.errors import ConfigError


class Code(BaseModel):
    """One code: its id, which never changes, its name, and what it means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1)
    definition: str = Field(min_length=1)


class CodebookHead(BaseModel):
    """What the codebook is called, and which version of it this is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    version: int = Field(ge=1)


class Codebook(BaseModel):
    """A codebook: its codes, each id and each name once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codebook: CodebookHead
    codes: tuple[Code, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _refuse_repeats(self) -> Codebook:
        for what in ("id", "name"):
            counts = Counter(getattr(code, what) for code in self.codes)
            repeated = [value for value, count in counts.items() if count > 1]
            if repeated:
                raise ValueError(f"the {what} '{repeated[0]}' stands twice")
        return self


def read_codebook(path: Path) -> Codebook:
    """Read and check a codebook.

    Raises
    ------
    ConfigError
        If it cannot be read, or a key, type or value is not allowed.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return Codebook.model_validate(values)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The codebook cannot be read: {error}.", where=str(path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{first['msg']}.", where=f"{path}, {place}") from None
