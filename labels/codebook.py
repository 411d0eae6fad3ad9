"""Codebooks: the codes that people, and crosswalks, sort documents by."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from artifacts.errors import ConfigError

_ID = r"[a-z0-9][a-z0-9-]*"


class Code(BaseModel):
    """One code: its id, which never changes, its name, and what it means.

    Attributes
    ----------
    when, not_when
        When to use it, and when another one.
    examples
        Short phrases of what it covers.
    parent
        The broader code that it is a part of: ``CODE`` of this codebook, or ``CODEBOOK/CODE`` of
        one whose file stands beside this one.
    aliases
        What others call it: the categories of coders, or of lists. Codes may share one, where
        others tell less apart.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=rf"^{_ID}$")
    name: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    when: str | None = Field(None, min_length=1)
    not_when: str | None = Field(None, min_length=1)
    examples: tuple[str, ...] = ()
    parent: str | None = Field(None, pattern=rf"^({_ID}/)?{_ID}$")
    aliases: tuple[str, ...] = ()


class CodebookHead(BaseModel):
    """What the codebook is called, which version of it this is, and what it is for.

    Attributes
    ----------
    layer
        The documents that it sorts: tools, or themes of requests; None: either.
    none
        Categories of others that say that a document has no code here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=rf"^{_ID}$")
    title: str = Field(min_length=1)
    version: int = Field(ge=1)
    layer: Literal["tools", "themes"] | None = None
    none: tuple[str, ...] = ()


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
        for word in self.codebook.none:
            if self.codes_called()[word.lower()]:
                raise ValueError(f"'{word}' stands for no code, and for a code")
        return self

    def code(self, code_id: str) -> Code | None:
        """Return the code of that id, or None."""
        return next((code for code in self.codes if code.id == code_id), None)

    def codes_called(self) -> dict[str, frozenset[str]]:
        """Return the ids of the codes by each id, name and alias of theirs, in lower case.

        What `CodebookHead.none` lists is there with no code.
        """
        called: dict[str, frozenset[str]] = {
            word.lower(): frozenset() for word in self.codebook.none
        }
        for code in self.codes:
            for word in {code.id, code.name.lower(), *(alias.lower() for alias in code.aliases)}:
                called[word] = called.get(word, frozenset()) | {code.id}
        return called


def read_codebook(path: Path) -> Codebook:
    """Read and check a codebook, and that the parents of its codes are there.

    Raises
    ------
    ConfigError
        If it cannot be read, a key, type or value is not allowed, a parent is not there, or a code
        is its own ancestor.
    """
    book = _read(path)
    seen = {book.codebook.name: book}
    for number, code in enumerate(book.codes):
        _climb(book, code, seen, path, where=f"{path}, codes.{number}.parent (of '{code.id}')")
    return book


def _read(path: Path) -> Codebook:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return Codebook.model_validate(values)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The codebook cannot be read: {error}.", where=str(path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{first['msg']}.", where=f"{path}, {place}") from None


def _climb(
    book: Codebook, code: Code, seen: dict[str, Codebook], path: Path, *, where: str
) -> None:
    """Go from parent to parent; refuse one that is not there, and a code met again."""
    met = [f"{book.codebook.name}/{code.id}"]
    while code.parent is not None:
        name, _, code_id = code.parent.rpartition("/")
        if name and name not in seen:
            seen[name] = _beside(path, name, where)
        book = seen[name] if name else book
        parent = book.code(code_id)
        if parent is None:
            raise ConfigError(
                f"The parent '{code.parent}' is no code of '{book.codebook.name}'.",
                where=where,
                fix=f"it has {', '.join(each.id for each in book.codes)}",
            )
        code = parent
        address = f"{book.codebook.name}/{code.id}"
        if address in met:
            raise ConfigError(
                f"The code is its own ancestor: {' → '.join([*met, address])}.",
                where=where,
                fix="take one of these parents out",
            )
        met.append(address)


def _beside(path: Path, name: str, where: str) -> Codebook:
    other = path.with_name(f"{name}.toml")
    if not other.is_file():
        raise ConfigError(
            f"There is no codebook '{name}' beside this one.", where=where, fix=f"add {other}"
        )
    return _read(other)
