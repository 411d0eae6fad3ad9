"""Changes of a living codebook, as people name codes on the command line."""

from __future__ import annotations

from collections.abc import Sequence

from artifacts.errors import InputError
from configs.codebook import Codebook
from labels.changes import changes_between, created, new_code, refuse_other_questions
from labels.history.book import Book, Change


def creation(
    book: Book, variable: str | None, name: str, definition: str, key: str | None, reason: str
) -> Change:
    """Return the change that adds a code to a variable, by default the first."""
    values = {} if key is None else {"key": key}
    chosen = variable or book.variables[0].id
    return created(new_code(book, chosen, name, definition, **values), reason)


def renaming(book: Book, code: str, name: str, reason: str) -> Change:
    """Return the change that gives a code another name."""
    variable, code_id = address(book, code)
    return Change("rename", variable, (code_id,), values={"name": name}, reason=reason)


def merging(book: Book, codes: Sequence[str], into: str, reason: str) -> Change:
    """Return the change that makes several codes one."""
    variable, target = address(book, into)
    sources = _of_one_variable(book, codes, variable)
    return Change("merge", variable, sources, (target,), reason=reason)


def splitting(book: Book, code: str, into: Sequence[str], reason: str) -> Change:
    """Return the change that makes one code several."""
    variable, source = address(book, code)
    return Change(
        "split", variable, (source,), _of_one_variable(book, into, variable), reason=reason
    )


def retirement(book: Book, code: str, reason: str) -> Change:
    """Return the change that takes a code out of use."""
    variable, code_id = address(book, code)
    return Change("retire", variable, (code_id,), reason=reason)


def updating(book: Book, wanted: Codebook, reason: str) -> list[Change]:
    """Return the changes that make a codebook into one that people edited."""
    refuse_other_questions(book, wanted)
    found = changes_between(book, wanted, reason)
    if not found:
        raise InputError("Nothing is other in that codebook.", where=wanted.codebook.name)
    return found


def address(book: Book, code: str) -> tuple[str, str]:
    """Return variable and id of a code that is written ``ID`` or ``VARIABLE/ID``.

    Raises
    ------
    InputError
        If there is none such, or several variables have one.
    """
    variable, _, code_id = code.rpartition("/")
    found = [
        (str(each.variable), each.id)
        for each in book.codes
        if each.id == code_id and (not variable or each.variable == variable)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        listed = " or ".join("/".join(each) for each in found)
        raise InputError(f"Several variables have a code '{code}'.", fix=f"write {listed}")
    was = any(each.id == code_id for each in book.gone)
    listed = ", ".join(f"{each.variable}/{each.id}" for each in book.codes)
    raise InputError(
        f"The code '{code}' is {'no longer in use' if was else 'not in the codebook'}.",
        fix=f"in use: {listed}",
    )


def _of_one_variable(book: Book, codes: Sequence[str], variable: str) -> tuple[str, ...]:
    found = [address(book, code if "/" in code else f"{variable}/{code}") for code in codes]
    for code, (of, _) in zip(codes, found, strict=True):
        if of != variable:
            raise InputError(f"'{code}' is no code of '{variable}'.")
    return tuple(code_id for _, code_id in found)
