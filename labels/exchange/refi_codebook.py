"""REFI-QDA, the format that programs for qualitative analysis exchange: codebooks (``.qdc``).

What its files share stands here too; `refi_write` and `refi_read` hold projects (``.qdpx``). The
standard is of www.qdasoftware.org, version 1.0 of both schemas.

Variables are codes that nothing is coded with, their codes lie below.
A code lies below its parent, if that is a code of the same variable. Definition, when, when not and
examples are the description, for people to read and to edit. What the standard has no place for
(ids, keys, aliases, levels, …) stands at the description's end, for us; programs that do not know
it show it as text. Codebooks of other programs become one: a code that nothing may be coded with is
a variable, all codes outside of such are of one more variable; each of them takes several codes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from xml.etree import ElementTree
from xml.parsers import expat

from pydantic import ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault
from artifacts.files import read_input, write_bytes
from configs.codebook import ONLY_VARIABLE, BookSource, Code, Codebook, CodebookHead, Variable
from labels.exchange.bundle import FORBIDDEN, Bundle, ImportedBundle
from labels.exchange.reading import bundled
from labels.records import free_name, id_of

ORIGIN = "opsatlas"
PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"
MAX_DEPTH = 100
MAX_XML_BYTES = 64 * 2**20
MAX_TAG_BYTES = 2**20
"""Of a tag with all its attributes: a parser keeps it whole, and copies it."""
MAX_ELEMENTS = 2_000_000
_CHUNK = 2**16
OWN = f"{ORIGIN}: "
"""Before the part of a description that is for us: JSON in ASCII, which XML holds exactly."""

# Never to be changed: the GUIDs of everything ever exported follow from it.
_NAMESPACE = UUID("9f1c8a52-6c0e-5d3b-8f57-2b1f6f3f5a10")
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")

Element = ElementTree.Element


def guid(kind: str, *names: str) -> str:
    """Return the GUID (UUID version 5) of a thing: the same names give the same one, always."""
    return str(uuid5(_NAMESPACE, json.dumps([kind, *names])))


def same_guid(text: str | None) -> str:
    """Return a GUID of a file in lower case, without braces; one in another form as it is."""
    match = _GUID.fullmatch((text or "").strip())
    return match[1].lower() if match else text or ""


def add(parent: Element, tag: str, attributes: Mapping[str, str | None], text: str = "") -> Element:
    """Add an element; attributes that are None are left out, forbidden characters replaced."""
    given = {name: clean(value) for name, value in attributes.items() if value is not None}
    element = ElementTree.SubElement(parent, tag, given)
    element.text = clean(text) or None
    return element


def clean(text: str) -> str:
    """Return the text with U+FFFD for each character that XML forbids."""
    return FORBIDDEN.sub("\ufffd", text)


def xml_bytes(root: Element) -> bytes:
    """Return a document in UTF-8, indented."""
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    # A parser turns a bare CR into LF, but not one that is written as a reference.
    text = text.replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def parsed(data: bytes, *, namespace: str, root: str, where: str) -> Element:
    """Return the root of a document, the tags below it without their namespace.

    Raises
    ------
    InputError
        If it is no XML, has a document type (which could define entities), is too large or nested
        too deep, has another root or is of another version of the schema.
    """
    if len(data) > MAX_XML_BYTES:
        raise InputError(f"The XML is larger than {MAX_XML_BYTES / 2**20:.0f} MiB.", where=where)
    try:
        _refuse_traps(data, where)
        tree = ElementTree.fromstring(data)
    except (ElementTree.ParseError, expat.ExpatError, ValueError, LookupError) as error:
        raise InputError(f"The file is no XML: {error}.", where=where) from error
    schema, _, tag = tree.tag.removeprefix("{").rpartition("}")
    kind = namespace.rpartition(":")[0]
    if tag != root or not f"{schema or kind}:".startswith(f"{kind}:"):
        raise InputError(f"The root is '{tree.tag}', not '{root}' of REFI-QDA.", where=where)
    # Programs write 1.0 as 1:0 and drafts as 0:4, or leave the namespace out.
    if schema and schema.removeprefix(f"{kind}:")[:1] not in ("0", "1"):
        raise InputError(
            f"The file is of the schema '{schema}', not '{namespace}'.",
            where=where,
            fix="export it as REFI-QDA 1.0",
        )
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    return tree


def _refuse_traps(data: bytes, where: str) -> None:
    depth = n_elements = 0

    def refuse_doctype(*_: object) -> None:
        raise InputError("The XML declares a document type, which is not read.", where=where)

    def open_element(*_: object) -> None:
        nonlocal depth, n_elements
        depth, n_elements = depth + 1, n_elements + 1
        if depth > MAX_DEPTH:
            raise InputError(f"The XML is nested more than {MAX_DEPTH} deep.", where=where)
        if n_elements > MAX_ELEMENTS:
            raise InputError(f"The XML has more than {MAX_ELEMENTS:,} elements.", where=where)

    def close_element(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    for start in range(0, len(data), _CHUNK):
        parser.Parse(data[start : start + _CHUNK], start + _CHUNK >= len(data))
        if start - parser.CurrentByteIndex > MAX_TAG_BYTES:
            raise InputError(
                f"A tag of the XML is longer than {MAX_TAG_BYTES // 2**20} MiB.", where=where
            )


def described(
    body: str, parts: Iterable[tuple[str, str]], own: Mapping[str, Any], *, heads: Sequence[str]
) -> str:
    """Return a description for people that `parts_of` takes apart again.

    Parameters
    ----------
    parts
        Heads and what stands behind them, in order.
    own
        What is for us alone.
    heads
        All that parts can begin with (``When to use: ``).
    """
    marked = [f"{head}{_marked(text, heads)}" for head, text in parts]
    marked.append(f"{OWN}{json.dumps(own, sort_keys=True)}")
    return "\n".join([*([_marked(body, heads)] if body else []), *marked])


def parts_of(description: str, heads: Sequence[str]) -> tuple[str, list[tuple[str, str]], Any]:
    """Return body, parts and own data of a description; None: it has no own data."""
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for line in description.split("\n"):
        head = next((head for head in (*heads, OWN) if line.startswith(head)), None)
        if head is None:
            blocks[-1][1].append(_unmarked(line))
        else:
            blocks.append((head, [_unmarked(line.removeprefix(head))]))
    (_, body), *parts = [(head, "\n".join(lines)) for head, lines in blocks]
    own = next((_own(text) for head, text in parts if head == OWN), None)
    return body, [(head, text) for head, text in parts if head != OWN], own


def _own(text: str) -> Any:
    try:
        own = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return own if isinstance(own, dict) else None


def _marked(text: str, heads: Sequence[str]) -> str:
    """Put a backslash before each line that would read as a head, or that begins with one."""
    return "\n".join(
        f"\\{line}" if line.startswith(("\\", OWN, *heads)) else line for line in text.split("\n")
    )


def _unmarked(line: str) -> str:
    return line.removeprefix("\\")


def text_of(parent: Element, tag: str) -> str:
    """Return the text of the first child of that tag; without one, the empty text."""
    return parent.findtext(tag) or ""


WHEN, NOT_WHEN, EXAMPLE = "When to use: ", "When not to use: ", "Example: "
_HEADS = (WHEN, NOT_WHEN, EXAMPLE)
UNNAMED = "(unnamed)"
_READABLE = {"name", "definition", "when", "not_when", "examples"}


def write_qdc(bundle: Bundle, path: Path) -> None:
    """Write the codebook of a bundle; documents and labels have no place in a ``.qdc``."""
    root = ElementTree.Element("CodeBook", {"xmlns": CODEBOOK, "origin": ORIGIN})
    add_codes(root, bundle.codebook)
    write_bytes(path, xml_bytes(root))


def read_qdc(path: Path) -> ImportedBundle:
    """Read a codebook, ours or another program's, as a bundle without documents.

    Raises
    ------
    InputError
        If the file is no codebook of REFI-QDA 1.0.
    """
    root = parsed(
        read_input(path, what="file"), namespace=CODEBOOK, root="CodeBook", where=str(path)
    )
    codebook = codes_in(root, title=path.stem, where=str(path)).codebook
    n_sets = len(root.findall("Sets/Set"))
    left_out = (f"Sets of codes: {n_sets}.",) if n_sets else ()
    name = codebook.codebook.name
    return ImportedBundle(
        bundled(path, name=name, codebook=codebook, documents=(), items=()), left_out
    )


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
            if codebook.source is not None:
                own["source"] = codebook.source.model_dump(mode="json", exclude_defaults=True)
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
    source: dict[str, Any] | None = None
    unnamed: bool = False

    def take(self, codes: Element) -> None:
        loose = [element for element in codes.findall("Code") if not self._take_variable(element)]
        if loose or not self.variables:
            taken = {variable.id for variable in self.variables}
            name = free_name(ONLY_VARIABLE, taken)
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
            self.source = own.pop("source", self.source)
            self.unnamed = own.pop("unnamed", self.unnamed) is True
            variable = Variable.model_validate({**own, "name": name, "question": body or None})
        else:
            taken = {variable.id for variable in self.variables}
            free = free_name(id_of(name), taken)
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
            fields["id"] = free_name(id_of(name), {code.id for code in siblings})
            fields["name"] = free_name(whole if name in called else name, called, " ")
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
            self.head or {"name": id_of(self.title), "title": self.title, "version": 1}
        )
        named = () if self.unnamed and len(self.variables) == 1 else tuple(self.variables)
        ordered = sorted(self.codes, key=lambda pair: pair[0])
        source = None if self.source is None else BookSource.model_validate(self.source)
        codes = tuple(code for _, _, code in ordered)
        return Codebook(codebook=head, source=source, variables=named, codes=codes)


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
        why = first_fault(error).message if isinstance(error, ValidationError) else str(error)
        raise InputError(f"The codes of the file cannot be used: {why}.", where=where) from error


def _name(element: Element, *, ours: bool) -> str:
    """Return the name of a code, without what another program puts around it."""
    name = element.get("name") or ""
    return (name if ours else " ".join(name.split())) or UNNAMED
