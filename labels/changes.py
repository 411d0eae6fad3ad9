"""Changing the codebook of a set of labels: each change with its reason, none that contradicts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from artifacts.errors import InputError
from labels.codebook import Code, Codebook
from labels.history.book import Book, Change
from labels.history.events import Draft, Event
from labels.label_set import LabelSet

EDITABLE = ("definition", "when", "not_when", "examples", "parent", "aliases", "key", "value")


def change_codebook(labels: LabelSet, changes: Sequence[Change], *, coder: str) -> list[Event]:
    """Add changes of the codebook, all or none, each checked as it stands after those before it.

    Raises
    ------
    InputError
        If a change has no reason, names a code that is not in use, or contradicts the codebook.
    """

    def drafts() -> list[Draft]:
        book = labels.book
        found = []
        for change in changes:
            _refuse(book, change)
            book = book.after(change)
            found.append(Draft(change.kind, coder, None, change.body()))  # type: ignore[arg-type]
        return found

    return labels.write(drafts)


def new_code(book: Book, variable: str, name: str, definition: str, **values: object) -> Code:
    """Return a code of that name, with an id made of the name that was never used.

    Raises
    ------
    InputError
        If the name or another value cannot be one.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "code"
    used = {code.id for code in (*book.codes, *book.gone) if code.variable == variable}
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(used) + 2))
    code_id = next(each for each in numbered if each not in used)
    try:
        return Code.model_validate(
            {
                "id": code_id,
                "variable": variable,
                "name": name.strip(),
                "definition": definition.strip() or name.strip(),
                **values,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"The code cannot be made: {field}: {first['msg']}.") from None


def created(code: Code, reason: str) -> Change:
    """Return the change that adds a code."""
    values = code.model_dump(mode="json", exclude_defaults=True)
    variable = values.pop("variable")
    return Change("create", variable, (code.id,), values=values, reason=reason)


def changes_between(book: Book, wanted: Codebook, reason: str) -> list[Change]:
    """Return what makes a codebook of a set of labels into another: one that people edited.

    Codes are known by their ids. Codes that the other has not are retired; what became of their
    documents cannot be told from two files, so merge or split first where that is meant.
    """
    found: list[Change] = []
    for variable in wanted.asked():
        new = {code.id: code for code in wanted.codes_of(variable.id)}
        old = {code.id: code for code in book.codes_of(variable.id)}
        for code_id, code in new.items():
            code = code.model_copy(update={"variable": variable.id})
            if code_id not in old:
                found.append(created(code, reason))
            else:
                found += _edits(old[code_id], code, reason)
        gone = [code_id for code_id in old if code_id not in new]
        found += [Change("retire", variable.id, (code_id,), reason=reason) for code_id in gone]
    return found


def refuse_other_questions(book: Book, wanted: Codebook) -> None:
    """Refuse a codebook that asks other questions than the set of labels was begun with.

    Raises
    ------
    InputError
        If variables were added, taken away, or ask otherwise.
    """
    if [each.model_copy(update={"only_if": {}}) for each in book.variables] != [
        each.model_copy(update={"only_if": {}}) for each in wanted.asked()
    ]:
        raise InputError(
            "The codebook has other variables than the set of labels was begun with.",
            where=f"{wanted.codebook.name}, variables",
            fix="only codes can be changed; begin a new set of labels for other questions",
        )


def _edits(old: Code, new: Code, reason: str) -> Iterator[Change]:
    if old.name != new.name:
        yield Change(
            "rename", str(old.variable), (old.id,), values={"name": new.name}, reason=reason
        )
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    values = {field: after[field] for field in EDITABLE if before[field] != after[field]}
    if values:
        yield Change("redefine", str(old.variable), (old.id,), values=values, reason=reason)


def _refuse(book: Book, change: Change) -> None:
    where = f"variable '{change.variable}'"
    if not change.reason.strip():
        raise InputError("A change of the codebook needs a reason.", fix="say it with --because")
    if book.variable(change.variable) is None:
        there = ", ".join(variable.id for variable in book.variables)
        raise InputError(f"There is no variable '{change.variable}'.", fix=f"there are: {there}")
    if change.kind == "create":
        _refuse_new(book, change, where)
        return
    in_use = [code.id for code in book.codes_of(change.variable)]
    for code in (*change.codes, *change.into):
        if code not in in_use:
            gone = book.find_gone(change.variable, code)
            state = "is no longer in use" if gone else "is not in the codebook"
            fix = f"in use: {', '.join(in_use)}" if in_use else "create it first"
            raise InputError(f"The code '{code}' {state}.", where=where, fix=fix)
    if change.kind == "merge" and not set(change.codes) - set(change.into):
        raise InputError("A code cannot be merged with itself alone.", where=where)
    if change.kind == "split" and len(set(change.into)) < 2:
        raise InputError("A code is split into two or more.", where=where)
    if change.kind in ("rename", "redefine"):
        _refuse_edit(book, change, where)


def _refuse_new(book: Book, change: Change, where: str) -> None:
    code = change.codes[0]
    if book.find(change.variable, code) or book.find_gone(change.variable, code):
        raise InputError(
            f"The id '{code}' was used before.", where=where, fix="an id is never used twice"
        )
    try:
        Code.model_validate({**change.values, "variable": change.variable})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{first['msg']}.", where=f"{where}, code '{code}', {field}") from None
    _refuse_repeats(book, change, where)


def _refuse_edit(book: Book, change: Change, where: str) -> None:
    old = book.find(change.variable, change.codes[0])
    if old is None:
        raise LookupError(change.codes[0])  # checked before
    try:
        Code.model_validate({**old.model_dump(), **change.values})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{first['msg']}.", where=f"{where}, code '{old.id}', {field}") from None
    _refuse_repeats(book, change, where)


def _refuse_repeats(book: Book, change: Change, where: str) -> None:
    """Refuse a name or a key that another code of the variable has."""
    for field in ("name", "key"):
        value = change.values.get(field)
        for code in book.codes_of(change.variable):
            if value is not None and getattr(code, field) == value and code.id not in change.codes:
                raise InputError(f"'{code.id}' has the {field} '{value}' already.", where=where)
    _refuse_circle(book.after(change), change, where)


def _refuse_circle(book: Book, change: Change, where: str) -> None:
    parents = {code.id: code.parent for code in book.codes_of(change.variable)}
    met = [change.codes[0]]
    while (parent := parents.get(met[-1])) is not None and "/" not in parent:
        if parent not in parents:
            raise InputError(f"The parent '{parent}' is not in use.", where=where)
        if parent in met:
            circle = " → ".join([*met, parent])
            raise InputError(f"The code would be its own ancestor: {circle}.", where=where)
        met.append(parent)
