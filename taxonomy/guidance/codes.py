"""What the machine takes of a codebook: plain values, told to whoever compares texts with codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from artifacts.errors import InputError
from configs.codebook import Code, Codebook


@dataclass(frozen=True)
class CodeTexts:
    """A code as plain values.

    Attributes
    ----------
    id, name
        As the codebook has them.
    texts
        What says what the code means: its name, definition, when to use it, examples.
    parent
        ``CODE`` or ``CODEBOOK/CODE``, if it is a part of a broader one.
    """

    id: str
    name: str
    texts: tuple[str, ...]
    parent: str | None = None

    @classmethod
    def of(cls, code: Code) -> Self:
        """Return what is taken of a code.

        When *not* to use it is for people alone: a vector does not know a denial.
        """
        texts = tuple(text for text in (code.name, code.definition, code.when) if text)
        return cls(code.id, code.name, texts + code.examples, code.parent)

    @property
    def definition(self) -> str:
        """Return what it means, in a sentence: the second of its texts."""
        return self.texts[1] if len(self.texts) > 1 else ""


@dataclass(frozen=True)
class CodeList:
    """What is taken of a codebook.

    Attributes
    ----------
    codes
        In the codebook's order.
    parents
        The broader codes that its codes name as their parents, by how they name them.
    """

    name: str
    title: str
    version: int
    codes: tuple[CodeTexts, ...]
    parents: Mapping[str, CodeTexts] = field(default_factory=dict)

    @classmethod
    def of(cls, book: Codebook, parents: Mapping[str, Code] | None = None) -> Self:
        """Return what is taken of a codebook, and of the parents of its codes, where given.

        Raises
        ------
        InputError
            If the codebook asks several questions, or has fewer than two codes.
        """
        if len(book.asked()) > 1:
            raise InputError(
                f"The codebook '{book.codebook.name}' has several variables: "
                f"{', '.join(variable.id for variable in book.asked())}.",
                fix="give a codebook with one; sort by the others with opsatlas label",
            )
        if len(book.codes) < 2:
            raise InputError(
                f"The codebook '{book.codebook.name}' has {len(book.codes) or 'no'} "
                f"code{'s'[: len(book.codes) != 1]}.",
                fix="add codes: documents are sorted by what fits better, so it takes two",
            )
        head, broader = book.codebook, {} if parents is None else parents
        return cls(
            head.name,
            head.title,
            head.version,
            tuple(map(CodeTexts.of, book.codes)),
            {address: CodeTexts.of(code) for address, code in broader.items()},
        )

    @property
    def phrases(self) -> list[str]:
        """Return the texts of all codes, code after code."""
        return [text for code in self.codes for text in code.texts]

    def as_values(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        values: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "version": self.version,
            "codes": [_values(code) for code in self.codes],
        }
        if self.parents:
            values["parents"] = {at: _values(code) for at, code in self.parents.items()}
        return values

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Return what `as_values` gave as values."""
        return cls(
            values["name"],
            values["title"],
            values["version"],
            tuple(map(_code, values["codes"])),
            {address: _code(code) for address, code in values.get("parents", {}).items()},
        )


def _values(code: CodeTexts) -> dict[str, Any]:
    return {**vars(code), "texts": list(code.texts)}


def _code(values: Mapping[str, Any]) -> CodeTexts:
    return CodeTexts(**{**values, "texts": tuple(values["texts"])})
