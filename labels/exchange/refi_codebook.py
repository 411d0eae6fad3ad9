"""Codebooks as REFI-QDA: variables are codes that nothing is coded with, their codes lie below.

A code lies below its parent, if that is a code of the same variable. Definition, when, when not and
examples are the description, for people to read and to edit. What the standard has no place for
(ids, keys, aliases, levels, …) stands at the description's end, for us; programs that do not know
it show it as text. Codebooks of other programs become one: a code that nothing may be coded with is
a variable, all codes outside of such are of one more variable; each of them takes several codes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pydantic import ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault
from artifacts.files import write_bytes
from configs.codebook import ONLY_VARIABLE, Code, Codebook, CodebookHead, Variable
from labels.exchange.bundle import Bundle, Imported
from labels.exchange.reading import bundled, read_bytes
from labels.exchange.refi import (
    CODEBOOK,
    ORIGIN,
    Element,
    add,
    described,
    guid,
    parsed,
    parts_of,
    same_guid,
    text_of,
    xml_bytes,
)

WHEN, NOT_WHEN, EXAMPLE = "When to use: ", "When not to use: ", "Example: "
_HEADS = (WHEN, NOT_WHEN, EXAMPLE)
UNNAMED = "(unnamed)"
_READABLE = {"name", "definition", "when", "not_when", "examples"}


def write_qdc(bundle: Bundle, path: Path) -> None:
    """Write the codebook of a bundle; documents and labels have no place in a ``.qdc``."""
    root = ElementTree.Element("CodeBook", {"xmlns": CODEBOOK, "origin": ORIGIN})
    add_codes(root, bundle.codebook)
    write_bytes(path, xml_bytes(root))


def read_qdc(path: Path) -> Imported:
    """Read a codebook, ours or another program's, as a bundle without documents.

    Raises
    ------
    InputError
        If the file is no codebook of REFI-QDA 1.0.
    """
    root = parsed(read_bytes(path), namespace=CODEBOOK, root="CodeBook", where=str(path))
    codebook = codes_in(root, title=path.stem, where=str(path)).codebook
    n_sets = len(root.findall("Sets/Set"))
    left_out = (f"Sets of codes: {n_sets}.",) if n_sets else ()
    name = codebook.codebook.name
    return Imported(bundled(path, name=name, codebook=codebook, documents=(), items=()), left_out)


def variable_guid(codebook: Codebook, variable: str) -> str:
    """Return the GUID of a variable's code."""
    return guid("variable", codebook.codebook.name, variable)


def code_guid(codebook: Codebook, variable: str, code: str) -> str:
    """Return the GUID of a code: it follows from the codebook's name and the ids alone."""
    return guid("code", codebook.codebook.name, variable, code)


def add_codes(root: Element, codebook: Codebook) -> None:
    """Add the element ``Codes``; raise `InputError` if a code is its own ancestor."""
    codes = ElementTree.SubElement(root, "Codes")
    places = {id(code): place for place, code in enumerate(codebook.codes)}
    for number, variable in enumerate(codebook.asked()):
        own = variable.model_dump(
            mode="json", exclude={"name", "question"}, exclude_defaults=True
        ) | {"variable": True}
        if number == 0:
            own["codebook"] = codebook.codebook.model_dump(mode="json", exclude_defaults=True)
            own["unnamed"] = not codebook.variables
        element = _add_code(codes, variable_guid(codebook, variable.id), variable.name, False)
        # A question may be missing, but not empty.
        add(element, "Description", {}, described(variable.question or "", [], own, heads=()))
        _add_below(element, codebook, variable.id, places)


def _add_below(element: Element, codebook: Codebook, variable: str, places: dict[int, int]) -> None:
    """Add the codes of a variable, each below its parent."""
    waiting = {code.id: code for code in codebook.codes_of(variable)}
    elements: dict[str, Element] = {}
    ids = set(waiting)
    while waiting:
        ready = [c for c in waiting.values() if c.parent not in ids or c.parent in elements]
        if not ready:
            raise InputError(
                f"A code is its own ancestor: {', '.join(waiting)}.",
                where=f"the codebook '{codebook.codebook.name}'",
                fix="take one of their parents out",
            )
        for code in ready:
            parent = elements.get(code.parent or "", element)
            mine = _add_code(parent, code_guid(codebook, variable, code.id), code.name, True)
            own = code.model_dump(mode="json", exclude=_READABLE, exclude_defaults=True)
            own["place"] = places[id(code)]
            add(
                mine, "Description", {}, described(code.definition, _parts(code), own, heads=_HEADS)
            )
            elements[code.id] = mine
            del waiting[code.id]


def _parts(code: Code) -> Iterator[tuple[str, str]]:
    if code.when is not None:
        yield WHEN, code.when
    if code.not_when is not None:
        yield NOT_WHEN, code.not_when
    for example in code.examples:
        yield EXAMPLE, example


def _add_code(parent: Element, code_guid: str, name: str, codable: bool) -> Element:
    attributes = {"guid": code_guid, "name": name, "isCodable": "true" if codable else "false"}
    return add(parent, "Code", attributes)


@dataclass(frozen=True)
class CodesFound:
    """A codebook from a file, and what the file's GUIDs mean in it.

    Attributes
    ----------
    title
        Of what the file holds.
    meant
        Variable and code by GUID; variables are not among them.
    """

    title: str
    codebook: Codebook
    meant: dict[str, tuple[str, str]]


@dataclass
class _Reader:
    """Collects the codes of a file."""

    title: str
    variables: list[Variable] = field(default_factory=list)
    codes: list[tuple[float, str, Code]] = field(default_factory=list)
    meant: dict[str, tuple[str, str]] = field(default_factory=dict)
    head: dict[str, Any] | None = None
    unnamed: bool = False

    def take(self, codes: Element) -> None:
        loose = [each for each in codes.findall("Code") if not self._take_variable(each)]
        if loose or not self.variables:
            taken = {variable.id for variable in self.variables}
            name = _free(ONLY_VARIABLE, taken)
            self.variables.append(Variable(id=name, name=self.title, multiple=True, open=True))
            for element in loose:
                self._take_code(element, name, None, "")

    def _take_variable(self, element: Element) -> bool:
        body, _, own = parts_of(text_of(element, "Description"), ())
        ours = own is not None and own.pop("variable", False) is True
        if not ours and element.get("isCodable") not in ("false", "0"):
            return False
        name = _name(element, ours=ours)
        if ours:
            self.head = own.pop("codebook", self.head)
            self.unnamed = own.pop("unnamed", self.unnamed) is True
            variable = Variable.model_validate({**own, "name": name, "question": body or None})
        else:
            taken = {each.id for each in self.variables}
            free = _free(_slug(name), taken)
            variable = Variable(id=free, name=name, question=body or None, multiple=True, open=True)
        self.variables.append(variable)
        for child in element.findall("Code"):
            self._take_code(child, variable.id, None, "")
        return True

    def _take_code(self, element: Element, variable: str, parent: str | None, path: str) -> None:
        body, parts, own = parts_of(text_of(element, "Description"), _HEADS)
        name = _name(element, ours=own is not None)
        fields: dict[str, Any] = {
            "name": name,
            "definition": body or name,
            "when": next((text for head, text in parts if head == WHEN and text), None),
            "not_when": next((text for head, text in parts if head == NOT_WHEN and text), None),
            "examples": tuple(text for head, text in parts if head == EXAMPLE),
        }
        if own is None or "id" not in own:
            siblings = [code for _, of, code in self.codes if of == variable]
            whole = f"{path}{name}"
            called = {code.name for code in siblings}
            fields["id"] = _free(_slug(name), {code.id for code in siblings})
            fields["name"] = _free(whole if name in called else name, called, " ")
            fields |= {"variable": variable, "parent": parent}
            place = float("inf")
        else:
            place = float(own.pop("place", "inf"))
            fields |= own
        code = Code.model_validate(fields)
        self.codes.append((place, code.variable or variable, code))
        self.meant[same_guid(element.get("guid"))] = (code.variable or variable, code.id)
        for child in element.findall("Code"):
            self._take_code(child, variable, code.id, f"{path}{name} / ")

    def codebook(self) -> Codebook:
        head = CodebookHead.model_validate(
            self.head or {"name": _slug(self.title), "title": self.title, "version": 1}
        )
        named = () if self.unnamed and len(self.variables) == 1 else tuple(self.variables)
        ordered = sorted(self.codes, key=lambda pair: pair[0])
        return Codebook(codebook=head, variables=named, codes=tuple(code for _, _, code in ordered))


def codes_in(root: Element, *, title: str, where: str) -> CodesFound:
    """Return the codebook that an element ``CodeBook`` or ``Project`` holds.

    Parameters
    ----------
    title
        Of a codebook that the file gives none.
    """
    reader = _Reader(title or "Codes")
    codes = root.find("Codes")
    try:
        reader.take(codes if codes is not None else ElementTree.Element("Codes"))
        return CodesFound(reader.title, reader.codebook(), reader.meant)
    except (TypeError, ValueError) as error:
        said = first_fault(error).message if isinstance(error, ValidationError) else str(error)
        raise InputError(f"The codes of the file cannot be used: {said}.", where=where) from error


def _name(element: Element, *, ours: bool) -> str:
    """Return the name of a code; what another program puts around it is none of it."""
    name = element.get("name") or ""
    return (name if ours else " ".join(name.split())) or UNNAMED


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-") or "code"


def _free(wanted: str, taken: set[str], joint: str = "-") -> str:
    """Return the name, with the first number from 2 that makes it differ from those taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}{joint}{number}"
    return name
