"""Labels for and from doccano, as its projects of text classification export them.

Like doccano where coders work apart, this writes a ZIP with one file of JSON lines per coder,
``CODER.jsonl``; each of them can be imported into doccano as it is. A line has the fields that
doccano reads by default, ``text`` and ``label`` (a list of names); all others it keeps with the
document, and exports again. A label is the id of a code, or ``VARIABLE:CODE`` where the codebook
has several variables. What doccano has no field for stands in the field ``opsatlas``, and counts
on reading only if the file is still of the same coder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from pydantic import TypeAdapter

from artifacts.files import decoded, write_bytes
from labels.exchange.bundle import Bundle, Imported
from labels.exchange.package import Package, is_zip, zipped
from labels.exchange.reading import (
    Into,
    Items,
    Words,
    document_name,
    json_of,
    key_named,
    read_bytes,
    words_of,
)
from labels.records import CodedItem, Codes, Document

OWN = "opsatlas"
_SUFFIX = ".jsonl"
_ITEM = TypeAdapter(CodedItem)

Values = Mapping[str, Any]


def write_doccano(bundle: Bundle, path: Path) -> None:
    """Write the labels as a ZIP of JSON lines, a file per coder."""
    documents = {document.key: document for document in bundle.documents}
    several = len(bundle.codebook.asked()) > 1
    files = {}
    for coder in bundle.coders:
        lines = [
            json.dumps(_line(documents[item.key], item, several), ensure_ascii=False)
            for item in bundle.items
            if item.coder == coder
        ]
        name = quote(coder, safe=" @+,=()") + _SUFFIX
        files[name] = "".join(f"{line}\n" for line in lines).encode("utf-8")
    write_bytes(path, zipped(files))


def _line(document: Document, item: CodedItem, several: bool) -> dict[str, Any]:
    labels = [
        f"{variable}:{code}" if several else code
        for variable, codes in item.values.items()
        for code in codes
    ]
    own = _ITEM.dump_python(item, mode="json", exclude_defaults=True)
    # The labels count as they come back from doccano; here stand only the answers without one.
    own["values"] = {variable: [] for variable, codes in item.values.items() if not codes}
    about = {"key": document.key, "title": document.title, "url": document.url}
    return {"text": document.text, "label": labels, **about, OWN: own}


def read_doccano(path: Path, *, into: Into) -> Imported:
    """Read what doccano exports: a ZIP with a file per coder, or one file of ``into.coder``.

    The document is named by one of the fields that name it in tables. A label may be
    ``VARIABLE:CODE``, or a word that codes of one variable only go by. Comments become the memo. A
    line without labels was not coded, and is left out.

    Raises
    ------
    InputError
        If the file is no such export, or any of its lines cannot be used.
    """
    data = read_bytes(path)
    items = Items(path, into.codebook)
    reader = _Lines(into, into.names(), words_of(into.codebook), items)
    if is_zip(data):
        package = Package(data, path=path)
        for name in package.names:
            if name.endswith(_SUFFIX):
                coder = unquote(Path(name).name.removesuffix(_SUFFIX))
                reader.take(
                    decoded(package.read(name), what="file", where=f"{path}, {name}"), coder, name
                )
    elif into.coder:
        reader.take(decoded(data, what="file", where=str(path)), into.coder, path.name)
    else:
        items.fault(path.name, "nobody is named who coded it: say it with --coder")
    left_out = (f"Lines without a label: {reader.empty}.",) if reader.empty else ()
    return Imported(items.bundle(into.name, into.documents), left_out)


@dataclass
class _Lines:
    """Turns lines into items."""

    into: Into
    names: Mapping[str, str]
    words: Mapping[str, Words]
    items: Items
    empty: int = 0

    def take(self, text: str, coder: str, file: str) -> None:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                place = f"{file}, line {number}"
                try:
                    self._line(json_of(line), coder, place)
                except ValueError as error:
                    self.items.fault(place, str(error))

    def _line(self, row: Any, coder: str, place: str) -> None:
        if not isinstance(row, dict):
            raise ValueError("no JSON object")
        row = {**(row["meta"] if isinstance(row.get("meta"), dict) else {}), **row}
        labels = row.get("label", row.get("labels", row.get("cats")))
        if not isinstance(labels, str | list):
            raise ValueError("no list of labels under 'label'")
        own = row.get(OWN)
        own = own if isinstance(own, dict) and own.get("coder") == coder else None
        labels = [labels] if isinstance(labels, str) else [str(label) for label in labels]
        if own is None and not labels:
            self.empty += 1
            return
        name = document_name(row)
        key = key_named(self.names, name) if name else None
        if key is None:
            raise ValueError(f"there is no document '{name or ''}' in the set")
        values = {**(own or {}).get("values", {}), **dict(self._values(labels))}
        comments = "\n".join(str(comment) for comment in row.get("Comments") or [])
        record = {"memo": comments, **(own or {}), "key": key, "coder": coder, "values": values}
        self.items.add(_ITEM.validate_python(record), place=place)

    def _values(self, labels: list[str]) -> Iterator[tuple[str, Codes]]:
        given: dict[str, list[str]] = {}
        for label in labels:
            variable, word = self._meant(label)
            given.setdefault(variable, []).append(word)
        for variable, words in given.items():
            codes = self.words[variable].codes(words)
            if codes is not None:
                yield variable, codes

    def _meant(self, label: str) -> tuple[str, str]:
        """Return the variable that a label answers, and its word for the code."""
        head, _, rest = label.partition(":")
        if rest and head.strip() in self.words:
            return head.strip(), rest
        knowing = [variable for variable, words in self.words.items() if words.knows(label)]
        if len(self.words) == 1:
            knowing = list(self.words)
        if len(knowing) != 1:
            said = f"stands for codes of {', '.join(knowing)}" if knowing else "is no code"
            raise ValueError(f"'{label}' {said}: write VARIABLE:CODE")
        return knowing[0], label
