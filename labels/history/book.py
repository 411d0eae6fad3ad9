"""The codebook as it lives: what changes do to it, and to labels given before them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from artifacts.errors import InputError
from configs.codebook import BookSource, Code, Codebook, CodebookHead, Variable

Candidates = frozenset[str]
"""What a label may stand for: one code, or, after a split, the codes that it was split into."""


@dataclass(frozen=True)
class Change:
    """One change of the codebook.

    Attributes
    ----------
    kind
        As in `labels.history.events`.
    codes
        Ids of the codes that it is about: one, or those that are merged.
    into
        Ids of the codes that stand in their place: one after a merge, several after a split.
    values
        The fields of a code that is created, or that are new.
    """

    kind: str
    variable: str
    codes: tuple[str, ...]
    into: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    def body(self) -> dict[str, Any]:
        """Return the body of its event."""
        body: dict[str, Any] = {"variable": self.variable, "codes": list(self.codes)}
        if self.into:
            body["into"] = list(self.into)
        if self.values:
            body["values"] = dict(self.values)
        return {**body, "reason": self.reason}

    @classmethod
    def read(cls, kind: str, body: Mapping[str, Any]) -> Change:
        """Return the change that an event tells of."""
        return cls(
            kind=kind,
            variable=body["variable"],
            codes=tuple(body["codes"]),
            into=tuple(body.get("into", ())),
            values=body.get("values", {}),
            reason=body.get("reason", ""),
        )

    def moves(self, candidates: Candidates) -> Candidates:
        """Return what a label that was given before the change may stand for after it."""
        if self.kind not in ("merge", "split") or candidates.isdisjoint(self.codes):
            return candidates
        return candidates.difference(self.codes).union(self.into)


@dataclass(frozen=True)
class Book:
    """The codebook after some changes.

    Attributes
    ----------
    codes
        Those in use, in order.
    gone
        Those that were merged away, split or retired: their ids are never used again.
    version
        1 as the set began, one more with every change.
    source
        What the set's first codebook was made from.
    """

    head: CodebookHead
    variables: tuple[Variable, ...]
    codes: tuple[Code, ...]
    gone: tuple[Code, ...] = ()
    version: int = 1
    source: BookSource | None = None

    @classmethod
    def of(cls, codebook: Codebook) -> Book:
        """Return a codebook as it is before any change."""
        codes = tuple(
            code.model_copy(update={"variable": codebook.variable_of(code)})
            for code in codebook.codes
        )
        return cls(codebook.codebook, codebook.asked(), codes, source=codebook.source)

    def codebook(self) -> Codebook:
        """Return the codes in use as a codebook of this version, as it could be in a file.

        Not checked again: a split or a retirement may leave a variable with one code.
        """
        head = self.head.model_copy(update={"version": self.head.version + self.version - 1})
        return Codebook.model_construct(
            codebook=head, source=self.source, variables=self.variables, codes=self.codes
        )

    def asked_with(self, answers: Mapping[str, tuple[str, ...]]) -> tuple[Variable, ...]:
        """Return the variables that are asked of a document with these settled answers."""
        return tuple(variable for variable in self.variables if variable.applies(answers))

    def variable(self, variable: str) -> Variable | None:
        """Return the variable of that id, or None."""
        return next((candidate for candidate in self.variables if candidate.id == variable), None)

    def variable_named(self, name: str | None, *, where: str | None = None) -> Variable:
        """Return the variable of that id, or the first; raise `InputError` if there is none."""
        variable = self.variables[0] if name is None else self.variable(name)
        if variable is None:
            ids = ", ".join(known.id for known in self.variables)
            raise InputError(
                f"There is no variable '{name}'.", where=where, fix=f"there are: {ids}"
            )
        return variable

    def codes_of(self, variable: str) -> tuple[Code, ...]:
        """Return the codes of a variable that are in use, in order."""
        return tuple(code for code in self.codes if code.variable == variable)

    def find(self, variable: str, code: str) -> Code | None:
        """Return a code that is in use, or None."""
        return _find(self.codes, variable, code)

    def find_gone(self, variable: str, code: str) -> Code | None:
        """Return a code that is no longer in use, or None."""
        return _find(self.gone, variable, code)

    def meant(self, codes: Sequence[str]) -> Sequence[str]:
        """Return the codes that are meant: none, if a word for no code stands alone."""
        words = {word.lower() for word in self.head.none} - {code.id for code in self.codes}
        return () if len(codes) == 1 and codes[0].lower() in words else codes

    def ordered(self, variable: str, codes: Collection[str]) -> tuple[str, ...]:
        """Return ids of codes in the codebook's order; those not in use come last, by id."""
        in_use = [code.id for code in self.codes_of(variable) if code.id in codes]
        return (*in_use, *sorted(set(codes) - set(in_use)))

    def after(self, change: Change) -> Book:
        """Return the codebook after a change, whatever else was changed meanwhile elsewhere."""
        return replace(_EFFECTS[change.kind](self, change), version=self.version + 1)


def _find(codes: Iterable[Code], variable: str, code: str) -> Code | None:
    return next((known for known in codes if (known.variable, known.id) == (variable, code)), None)


def _created(book: Book, change: Change) -> Book:
    code = Code.model_validate({**change.values, "variable": change.variable})
    if book.find(change.variable, code.id) or book.find_gone(change.variable, code.id):
        return book  # two copies created it: one code, as the first says
    return replace(book, codes=(*book.codes, code))


def _edited(book: Book, change: Change) -> Book:
    def edited(code: Code) -> Code:
        if (code.variable, code.id) != (change.variable, change.codes[0]):
            return code
        return Code.model_validate({**code.model_dump(), **change.values})

    return replace(
        book,
        codes=tuple(edited(code) for code in book.codes),
        gone=tuple(edited(code) for code in book.gone),
    )


def _removed(book: Book, change: Change) -> Book:
    """Take codes out of use, and let what depended on them depend on their replacements."""
    leaving = set(change.codes) - set(change.into)

    def leaves(code: Code) -> bool:
        return code.variable == change.variable and code.id in leaving

    def hangs(variable: Variable) -> Variable:
        wanted = variable.only_if.get(change.variable)
        if wanted is None or set(change.codes).isdisjoint(wanted):
            return variable
        stay = [code for code in wanted if code not in leaving]
        new = [code for code in change.into if code not in stay]
        only_if = {**variable.only_if, change.variable: (*stay, *new)}
        return variable.model_copy(update={"only_if": only_if})

    return replace(
        book,
        variables=tuple(hangs(variable) for variable in book.variables),
        codes=tuple(_without_parent(c, change, leaving) for c in book.codes if not leaves(c)),
        gone=(*book.gone, *(code for code in book.codes if leaves(code))),
    )


def _without_parent(code: Code, change: Change, leaving: set[str]) -> Code:
    if code.variable != change.variable or code.parent not in leaving:
        return code
    parent = change.into[0] if len(change.into) == 1 and change.into[0] != code.id else None
    return code.model_copy(update={"parent": parent})


_EFFECTS: Mapping[str, Callable[[Book, Change], Book]] = {
    "create": _created,
    "rename": _edited,
    "redefine": _edited,
    "merge": _removed,
    "split": _removed,
    "retire": _removed,
}
