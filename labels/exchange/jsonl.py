"""Labels as JSON lines, without loss: a head with the codebook, then documents, then items."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault
from artifacts.files import write_text
from configs.codebook import Codebook
from labels.exchange.bundle import Bundle, ImportedBundle
from labels.exchange.people import People
from labels.exchange.reading import imported, json_of, read_text, refuse
from labels.records import CodedItem, Document

FORMAT = "opsatlas-labels"
VERSION = 1
_DOCUMENT = TypeAdapter(Document)
_ITEM = TypeAdapter(CodedItem)


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: str
    version: int
    name: str
    texts: bool
    codebook: Codebook


def write_jsonl(bundle: Bundle, path: Path, *, texts: bool) -> None:
    """Write the labels, one JSON object a line.

    Parameters
    ----------
    texts
        Write the documents' texts too; without them the file is small, and republishes nothing.
    """
    lines = (json.dumps(line, ensure_ascii=False) for line in _lines(bundle, texts))
    write_text(path, "".join(f"{line}\n" for line in lines))


def _lines(bundle: Bundle, texts: bool) -> Iterator[dict[str, Any]]:
    codebook = bundle.codebook.model_dump(mode="json", exclude_defaults=True)
    head = {"format": FORMAT, "version": VERSION, "name": bundle.name, "texts": texts}
    yield {**head, "codebook": codebook}
    for document in bundle.documents:
        record = _DOCUMENT.dump_python(document, mode="json", exclude_defaults=True)
        yield {"document": record if texts else {**record, "text": ""}}
    for item in bundle.items:
        yield {"item": _ITEM.dump_python(item, mode="json", exclude_defaults=True)}


def read_jsonl(path: Path, people: People | None = None) -> ImportedBundle:
    """Read labels that `write_jsonl` wrote; without texts, each document's text is empty.

    Raises
    ------
    InputError
        If the file is none of ours, of another version, or any of its lines cannot be used.
    """
    lines = read_text(path).split("\n")  # other line ends are in texts
    head = _head(lines[0], path)
    documents: list[Document] = []
    items: list[CodedItem] = []
    places: list[str] = []
    faults: list[str] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            match json_of(line):
                case {"document": record}:
                    documents.append(_DOCUMENT.validate_python(record))
                case {"item": record}:
                    items.append(_ITEM.validate_python(record))
                    places.append(f"line {number}")
                case _:
                    faults.append(f"line {number}: neither a document nor an item")
        except ValidationError as error:
            faults.append(f"line {number}, {first_fault(error)}")
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    refuse(faults, path=path)
    return imported(
        path,
        name=head.name,
        codebook=head.codebook,
        documents=documents,
        items=items,
        places=places,
        people=people or People(),
        left_out=() if head.texts else ("The file holds no texts of documents.",),
    )


def _head(line: str, path: Path) -> _Head:
    where = f"{path}, line 1"
    fix = "give a file that was written as 'jsonl', or name the format: --format doccano"
    try:
        values = json_of(line)
    except ValueError as error:
        raise InputError(f"The head is {error}.", where=where, fix=fix) from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise InputError("The file holds no labels of opsatlas.", where=where, fix=fix)
    if values.get("version") != VERSION:
        raise InputError(
            f"The file is of version {values.get('version')}, not {VERSION}.",
            where=where,
            fix="read it with the opsatlas that wrote it, or a newer one",
        )
    try:
        return _Head.model_validate(values)
    except ValidationError as error:
        raise InputError(f"The head cannot be used: {first_fault(error)}.", where=where) from None
