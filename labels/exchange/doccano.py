"""Labels for and from doccano, as its projects of text classification export them.

Where coders work apart, doccano exports a ZIP with one file of JSON lines per coder,
``CODER.jsonl``; where they share their labels, ``all.jsonl``. This writes the one or the other as
the file is called: a ZIP, or the lines of one coder. Each file of lines can be imported into
doccano as it is. A line has the fields that doccano reads by default, ``text`` and ``label`` (a
list of names); all others it keeps with the document, and exports again. A label is the id of a
code, or the codebook's word for none, or ``VARIABLE:CODE`` where the codebook has several
variables. What doccano has no field for stands in the field ``opsatlas``, and counts on reading
only if the file is still of the same coder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from pydantic import TypeAdapter

from artifacts.errors import InputError
from artifacts.files import decoded, read_input, write_bytes
from artifacts.notation import JsonObject
from configs.codebook import Codebook
from labels.exchange.bundle import Bundle, ImportedBundle
from labels.exchange.package import Package, is_zip, zipped
from labels.exchange.people import NOBODY
from labels.exchange.reading import Into, Reading, json_of
from labels.records import CodedItem, Codes, Document, same_name

OWN = "opsatlas"
ZIP, LINES, RECORDS = ".zip", ".jsonl", ".json"
FIELDS = ("label", "labels", "cats", "entities", "annotations")
"""What labels stand under, in projects of one kind or another."""
_ITEM = TypeAdapter(CodedItem)


def write_doccano(bundle: Bundle, path: Path) -> None:
    """Write the labels as a ZIP with a file per coder, or as one coder's lines.

    Raises
    ------
    InputError
        If the file is to hold lines, and the labels are of several coders.
    """
    if path.suffix.lower() != LINES:
        files = {f"{_file_name(who)}{LINES}": _lines_of(bundle, who) for who in bundle.coders}
        write_bytes(path, zipped(files))
    elif len(bundle.coders) > 1:
        raise InputError(
            f"One file of lines is of one coder, and these are of {', '.join(bundle.coders)}.",
            where=str(path),
            fix=f"write a ZIP ({path.with_suffix(ZIP).name}), or one's own with --coder NAME",
        )
    else:
        write_bytes(path, b"".join(_lines_of(bundle, who) for who in bundle.coders))


def _file_name(coder: str) -> str:
    """Return a name as part of a file's: letters of any script, what else is safe, and escapes."""
    name = "".join(char if char.isalnum() else quote(char, safe=" @+,=()") for char in coder)
    return f"%2E{name[1:]}" if name.startswith(".") else name


def _lines_of(bundle: Bundle, coder: str) -> bytes:
    documents = {document.key: document for document in bundle.documents}
    lines = [
        json.dumps(_line(documents[item.key], item, bundle.codebook), ensure_ascii=False)
        for item in bundle.items
        if item.coder == coder
    ]
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _line(document: Document, item: CodedItem, codebook: Codebook) -> dict[str, Any]:
    several = len(codebook.asked()) > 1
    none = {variable.id: codebook.word_for_none(variable) for variable in codebook.asked()}
    labels = [
        f"{variable}:{word}" if several or ":" in word else word
        for variable, codes in item.values.items()
        for word in codes or filter(None, [none[variable]])
    ]
    own = _ITEM.dump_python(item, mode="json", exclude_defaults=True)
    # The labels count as they come back from doccano; here stand only the answers without one.
    own["values"] = {v: [] for v, codes in item.values.items() if not codes and not none[v]}
    about = {"key": document.key, "title": document.title, "url": document.url}
    return {"text": document.text, "label": labels, **about, OWN: own}


def read_doccano(path: Path, into: Into) -> ImportedBundle:
    """Read what doccano exports: a ZIP with a file per coder, or one file that names no coder.

    The document is named by one of the fields that name it in tables, or known by its text. A label
    may be ``VARIABLE:CODE``, or a word that codes of one variable only go by; the label of a
    passage counts as one of the document. Comments become the memo. A line without labels was not
    coded, and is left out.

    Raises
    ------
    InputError
        If the file is no such export, or any of its lines cannot be used.
    """
    data = read_input(path, what="file")
    reader = _Lines(Reading(path, into))
    if is_zip(data):
        package = Package(data, path=path)
        for name in package.names:
            reader.take_member(package, name)
    else:
        text = decoded(data, what="file", where=str(path))
        reader.take(text, into.people.name or NOBODY, path.name)
    return reader.reading.imported(reader.left_out())


@dataclass
class _Lines:
    """Turns lines into items."""

    reading: Reading
    n_empty: int = 0
    n_passages: int = 0

    def left_out(self) -> Iterator[str]:
        """Yield what was left out, or taken for something else."""
        if self.n_empty:
            yield f"Lines without a label: {self.n_empty}."
        if self.n_passages:
            yield f"Labels of passages, taken as labels of the document: {self.n_passages}."

    def take_member(self, package: Package, name: str) -> None:
        """Take a file of a ZIP: it is called as its coder is."""
        file = PurePosixPath(name.replace("\\", "/"))
        if file.name.startswith(".") or file.parts[0] == "__MACOSX":
            return
        if file.suffix.lower() not in (LINES, RECORDS):
            self.reading.fault(name, "it is not of JSON lines: export it from doccano as JSONL")
            return
        text = decoded(package.read(name), what="file", where=f"{package.path}, {name}")
        self.take(text, unquote(file.stem), name)

    def take(self, text: str, coder: str, file: str) -> None:
        """Take the lines of a coder, or a list of what would stand in them."""
        if PurePosixPath(file).suffix.lower() == RECORDS and text.lstrip().startswith("["):
            try:
                rows = json_of(text)
            except ValueError as error:
                self.reading.fault(file, str(error))
                return
            for number, row in enumerate(rows, start=1):
                self._take(row, coder, f"{file}, record {number}")
            return
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                self._take(line, coder, f"{file}, line {number}")

    def _take(self, row: Any, coder: str, place: str) -> None:
        try:
            self._row(json_of(row) if isinstance(row, str) else row, coder, place)
        except ValueError as error:
            self.reading.fault(place, str(error))

    def _row(self, row: Any, coder: str, place: str) -> None:
        if not isinstance(row, dict):
            raise ValueError("no JSON object")
        row = {**(row["meta"] if isinstance(row.get("meta"), dict) else {}), **row}
        own = row.get(OWN)
        if not isinstance(own, dict) or same_name(str(own.get("coder"))) != same_name(coder):
            own = None
        labels = self._labels(row)
        if own is None and not labels:
            self.n_empty += 1
            return
        key = self.reading.documents.key_of(row)
        values = {**(own or {}).get("values", {}), **self._values(labels)}
        comments = "\n".join(str(comment) for comment in row.get("Comments") or [])
        record = {"memo": comments, **(own or {}), "key": key, "coder": coder, "values": values}
        self.reading.add(_ITEM.validate_python(record), place=place)

    def _labels(self, row: JsonObject) -> list[str]:
        """Return the words of a line's labels: of the document, or of passages of it."""
        given = next((row[name] for name in FIELDS if name in row), None)
        if isinstance(given, str):
            return [given]
        if not isinstance(given, list):
            raise ValueError(f"no list of labels under '{FIELDS[0]}'")
        words = []
        for label in given:
            word = label.get("label") if isinstance(label, dict) else str(label)
            if isinstance(label, list) and len(label) == 3:
                word = label[2]
            self.n_passages += isinstance(label, dict | list)
            if not isinstance(word, str):
                raise ValueError(f"'{word}' is the number of a label: export the labels' texts")
            words.append(word)
        return list(dict.fromkeys(words))

    def _values(self, labels: list[str]) -> dict[str, Codes]:
        given: dict[str, list[str]] = {}
        for label in labels:
            variable, word = self._answered_by(label)
            given.setdefault(variable, []).append(word)
        return self.reading.values(given)

    def _answered_by(self, label: str) -> tuple[str, str]:
        """Return the variable that a label answers, and its word for the code."""
        head, _, rest = label.partition(":")
        words_of = self.reading.words
        if rest and head.strip() in words_of:
            return head.strip(), rest
        knowing = [variable for variable, words in words_of.items() if words.knows(label)]
        if len(words_of) == 1:
            knowing = list(words_of)
        if len(knowing) != 1:
            problem = f"stands for codes of {', '.join(knowing)}" if knowing else "is no code"
            raise ValueError(f"'{label}' {problem}: write VARIABLE:CODE")
        return knowing[0], label
