"""Labels as a project of REFI-QDA (``.qdpx``): a ZIP with ``project.qde`` and the texts.

A document is a text source, and each code that a coder gave it a coding of the whole source. A memo
is a note that the source refers to. What the standard's codings have no place for are variables of
the source, one of a kind and coder: other programs show them as properties of the document.

The texts are UTF-8, without a byte order mark and with the line ends that they have: nothing in the
project counts characters (all codings are of whole documents), so a reader that drops a mark or
turns line ends cannot shift a coding, and what is read back is what was coded. A text that itself
begins with such a mark gets one more, since readers take one away.

The same labels give the same bytes: GUIDs follow from names, and no time of writing is kept.
Characters that XML forbids (most control characters) become U+FFFD in titles, memos, definitions
and names; the texts, tags and facts keep them.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from artifacts.files import write_bytes
from labels.exchange.bundle import Bundle
from labels.exchange.package import zipped
from labels.exchange.refi_codebook import (
    ORIGIN,
    PROJECT,
    Element,
    add,
    add_codes,
    code_guid,
    described,
    guid,
    xml_bytes,
)
from labels.records import CodedItem, Document

PROJECT_FILE = "project.qde"
SOURCES = "sources/"
INTERNAL = "internal://"
# By field: type of the variable, and element of its value.
FIELDS = {
    "skipped": ("Boolean", "BooleanValue"),
    "flagged": ("Boolean", "BooleanValue"),
    "confidence": ("Text", "TextValue"),
    "seconds": ("Float", "FloatValue"),
    "coded at": ("DateTime", "DateTimeValue"),
    "no code applies": ("Text", "TextValue"),
}


def write_qdpx(bundle: Bundle, path: Path) -> None:
    """Write the labels as a project."""
    files = {PROJECT_FILE: xml_bytes(_project(bundle))}
    for document in bundle.documents:
        mark = codecs.BOM_UTF8 if document.text.startswith("\ufeff") else b""
        name = f"{SOURCES}{source_guid(bundle, document.key)}.txt"
        files[name] = mark + document.text.encode("utf-8")
    write_bytes(path, zipped(files))


def source_guid(bundle: Bundle, key: str) -> str:
    """Return the GUID of a document."""
    return guid("document", bundle.name, key)


def variable_name(field: str, coder: str) -> str:
    """Return the name of the variable that holds a field of what a coder said."""
    return f"{ORIGIN} {field}: {coder}"


def _project(bundle: Bundle) -> Element:
    """Return the project, its parts in the standard's order; an empty part is none."""
    root = ElementTree.Element("Project", {"xmlns": PROJECT, "origin": ORIGIN})
    root.set("name", bundle.name)
    if bundle.coders:
        users = add(root, "Users", {})
        for coder in bundle.coders:
            add(users, "User", {"guid": _user(bundle, coder), "name": coder})
    add_codes(add(root, "CodeBook", {}), bundle.codebook)
    if bundle.coders:
        variables = add(root, "Variables", {})
        for coder in bundle.coders:
            for field, (kind, _) in FIELDS.items():
                about = {"guid": _variable(bundle, field, coder), "typeOfVariable": kind}
                add(variables, "Variable", {**about, "name": variable_name(field, coder)})
    items: dict[str, list[CodedItem]] = {document.key: [] for document in bundle.documents}
    for item in bundle.items:
        items[item.key].append(item)
    if bundle.documents:
        sources = add(root, "Sources", {})
        for document in bundle.documents:
            _add_source(sources, bundle, document, items[document.key])
    memos = [item for item in bundle.items if item.memo]
    if memos:
        notes = add(root, "Notes", {})
        for item in memos:
            about = {"guid": _note(bundle, item), "name": f"Memo of {item.coder}"}
            note = add(notes, "Note", {**about, **_creation(bundle, item)})
            add(note, "PlainTextContent", {}, item.memo)
    return root


def _add_source(
    sources: Element, bundle: Bundle, document: Document, items: list[CodedItem]
) -> None:
    name = source_guid(bundle, document.key)
    about = {"guid": name, "name": document.title, "plainTextPath": f"{INTERNAL}{name}.txt"}
    source = add(sources, "TextSource", about)
    own = {"key": document.key, "url": document.url, "labels": document.labels}
    add(
        source,
        "Description",
        {},
        described("", [], {**own, "facts": dict(document.facts)}, heads=()),
    )
    for item in items:
        for variable, codes in item.values.items():
            for code in codes:
                which = guid("coding", bundle.name, item.key, item.coder, variable, code)
                coding = add(source, "Coding", {"guid": which, **_creation(bundle, item)})
                add(coding, "CodeRef", {"targetGUID": code_guid(bundle.codebook, variable, code)})
    for item in items:
        if item.memo:
            add(source, "NoteRef", {"targetGUID": _note(bundle, item)})
    for item in items:
        for field, value in _field_values(item):
            holder = add(source, "VariableValue", {})
            add(holder, "VariableRef", {"targetGUID": _variable(bundle, field, item.coder)})
            add(holder, FIELDS[field][1], {}, value)


def _field_values(item: CodedItem) -> Iterator[tuple[str, str]]:
    """Yield what is told in variables; ``skipped`` always, as a sign that the item is there."""
    yield "skipped", "true" if item.skipped else "false"
    if item.flagged:
        yield "flagged", "true"
    if item.confidence is not None:
        yield "confidence", item.confidence
    if item.seconds is not None:
        yield "seconds", format(Decimal(repr(float(item.seconds))), "f")  # no exponents in XML
    if item.coded_at is not None:
        yield "coded at", _time_text(item.coded_at)
    empty = [variable for variable, codes in item.values.items() if not codes]
    if empty:
        yield "no code applies", ", ".join(empty)


def _creation(bundle: Bundle, item: CodedItem) -> dict[str, str | None]:
    made = None if item.coded_at is None else _time_text(item.coded_at)
    return {"creatingUser": _user(bundle, item.coder), "creationDateTime": made}


def _time_text(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _user(bundle: Bundle, coder: str) -> str:
    return guid("coder", bundle.name, coder)


def _note(bundle: Bundle, item: CodedItem) -> str:
    return guid("memo", bundle.name, item.key, item.coder)


def _variable(bundle: Bundle, field: str, coder: str) -> str:
    return guid("field", bundle.name, field, coder)
