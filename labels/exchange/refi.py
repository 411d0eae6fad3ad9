"""REFI-QDA, the format that programs for qualitative analysis exchange: what its files share.

`refi_codebook` holds codebooks (``.qdc``), `refi_write` and `refi_read` projects (``.qdpx``).
The standard is of www.qdasoftware.org, version 1.0 of both schemas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5
from xml.etree import ElementTree
from xml.parsers import expat

from artifacts.errors import InputError
from labels.exchange.bundle import FORBIDDEN

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
    found, _, tag = tree.tag.removeprefix("{").rpartition("}")
    kind = namespace.rpartition(":")[0]
    if tag != root or not f"{found or kind}:".startswith(f"{kind}:"):
        raise InputError(f"The root is '{tree.tag}', not '{root}' of REFI-QDA.", where=where)
    # Programs write 1.0 as 1:0 and drafts as 0:4, or leave the namespace out.
    if found and found.removeprefix(f"{kind}:")[:1] not in ("0", "1"):
        raise InputError(
            f"The file is of the schema '{found}', not '{namespace}'.",
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
