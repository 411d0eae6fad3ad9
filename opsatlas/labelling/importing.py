"""Labels that were made elsewhere, brought into a set of labels that is there or made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from artifacts.errors import InputError
from artifacts.locks import writing
from artifacts.progress import SilentProgress
from artifacts.words import DOCUMENTS
from configs.codebook import Codebook
from labels import importing
from labels.exchange.bundle import ImportedBundle
from labels.exchange.formats import FORMATS, Format, format_of
from labels.exchange.people import People
from labels.exchange.reading import Into
from labels.label_set import LabelSet, new_label_set
from labels.records import Document
from labels.samples import GIVEN
from labels.sampling.draw import ALL
from labels.waves import WaveDocument, open_wave
from mining.names import document_names
from mining.snapshots import snapshot_folder
from opsatlas.cli.session import open_study
from opsatlas.labelling.books import label_codebook, save_codebook
from opsatlas.labelling.documents import documents_of
from opsatlas.labelling.sampling import named_by
from opsatlas.labelling.wanted import corpus_of


@dataclass(frozen=True)
class Source:
    """A file of labels, and what is needed to read it.

    Attributes
    ----------
    coders
        ``NAME`` or ``OLD=NEW``: who is meant by the people of the file.
    columns
        ``VARIABLE=COLUMN``, where a column is not called as its variable is.
    codebook, of, snapshot
        For a set of labels that is not there yet.
    """

    file: Path
    format: str | None
    coders: tuple[str, ...]
    columns: tuple[str, ...]
    codebook: str | None
    of: str
    snapshot: str | None


@dataclass(frozen=True)
class BroughtIn:
    """What came in.

    Attributes
    ----------
    imported
        Labels; None: nothing is coded in the file.
    left_out
        What the file held besides.
    wave
        To be closed.
    n_documents
        That are to be coded, where nothing was.
    codebook
        Where it was written, of a file that holds nothing else.
    """

    imported: importing.Imported | None
    left_out: tuple[str, ...]
    wave: str | None = None
    n_documents: int = 0
    codebook: Path | None = None


def bring_in(path: Path, source: Source, workspace: Path | None, *, by: str) -> BroughtIn:
    """Add a file's labels to a set of labels, all of them or none; make the set if need be.

    Of a file in which nothing is coded, the documents become a set to code; of one that has no
    documents either, the codebook is written as a file.

    Raises
    ------
    InputError
        If the file cannot be used: each thing that is wrong with it is named with its place.
    """
    kind = format_named(source.format, source.file)
    with writing(path):
        if not path.exists():
            return _new_set(path, kind, source, workspace, by=by)
        return _more(path, kind, source)


def _more(path: Path, kind: Format, source: Source) -> BroughtIn:
    with LabelSet.open(path) as labels:
        items = labels.state.wave_of
        documents = tuple(labels.document(item) for item in items)
        into = _into(labels.name, labels.book.codebook(), documents, names_of(documents), source)
        return _added(labels, _read_into(kind, source, into), source)


def format_named(name: str | None, file: Path) -> Format:
    """Return the format of that name, or that a file's suffix stands for."""
    if name is None:
        return format_of(file)
    if name not in FORMATS:
        raise InputError(f"There is no format '{name}'.", fix=f"take {', '.join(FORMATS)}")
    return FORMATS[name]


def names_of(documents: Iterable[Document]) -> dict[str, str]:
    """Return the key of each document by its title and address, where only one is called so."""
    names = [
        (name.lower(), document.key)
        for document in documents
        for name in (document.title, document.url)
        if name
    ]
    counts = Counter(name for name, _ in names)
    return {name: key for name, key in names if counts[name] == 1}


def _new_set(
    path: Path, kind: Format, source: Source, workspace: Path | None, *, by: str
) -> BroughtIn:
    if kind.read is not None and source.codebook is None:
        found = kind.read(source.file, People.of(source.coders))
        facts, named = dict[str, str](), None
        if not (found.bundle.items or any(each.text for each in found.bundle.documents)):
            return _codebook_alone(path.with_suffix(".toml"), found)
    else:
        pipeline = open_study(None, workspace, progress=SilentProgress())
        corpus = corpus_of(source.of)
        snapshot = source.snapshot or pipeline.settings(corpus).snapshot
        folder = snapshot_folder(pipeline.workspace, snapshot)
        documents = tuple(documents_of(folder, corpus))
        names = document_names(folder, DOCUMENTS[corpus])
        book = label_codebook(source.codebook, corpus)
        found = _read_into(kind, source, _into(path.stem, book, documents, names, source))
        facts, named = {"layer": corpus, "snapshot": snapshot}, named_by(pipeline)
    coded = {item.key for item in found.bundle.items}
    taken = [d for d in found.bundle.documents if (d.key in coded if coded else d.text)]
    book = found.bundle.codebook
    with new_label_set(path, book, coder=by, facts=facts, named=named) as labels:
        open_wave(
            labels,
            "w1",
            [WaveDocument(document, ALL) for document in taken],
            coder=by,
            coders={},
            design={"method": GIVEN, "source": source.file.name},
            seed=0,
        )
        if coded:
            return _added(labels, found, source)
        return BroughtIn(None, found.left_out, "w1", len(taken))


def _codebook_alone(path: Path, found: ImportedBundle) -> BroughtIn:
    save_codebook(found.bundle.codebook, path)
    return BroughtIn(None, found.left_out, codebook=path)


def _into(
    name: str,
    book: Codebook,
    documents: tuple[Document, ...],
    names: Mapping[str, str],
    source: Source,
) -> Into:
    pairs = [column.partition("=") for column in source.columns]
    if wrong := [pair[0] for pair in pairs if not (pair[0] and pair[2])]:
        raise InputError(
            f"'{wrong[0]}' is no pair.", where="--column", fix="VARIABLE=COLUMN, or key=COLUMN"
        )
    columns = {variable: column for variable, _, column in pairs}
    return Into(name, book, documents, names, columns, People.of(source.coders))


def _read_into(kind: Format, source: Source, into: Into) -> ImportedBundle:
    if kind.read_into is None:
        raise InputError(
            f"A {kind.suffix} file holds no labels.",
            where=str(source.file),
            fix="take its codebook: opsatlas label codebook update NAME FILE --because REASON",
        )
    found = kind.read_into(source.file, into)
    if all(importing.is_empty(item) for item in found.bundle.items):
        raise InputError(
            "\n    ".join(["Nothing is coded in the file that can be taken.", *found.left_out]),
            where=str(source.file),
            fix="say what answers a variable: --column VARIABLE=NAME; or take the file's codebook, "
            "if it has one: opsatlas label codebook save FILE NAME.toml",
        )
    return found


def _added(labels: LabelSet, found: ImportedBundle, source: Source) -> BroughtIn:
    done = importing.import_items(labels, found.bundle.items, source=source.file.name)
    still = [name for name in labels.state.waves if name not in labels.state.closed]
    return BroughtIn(done, found.left_out, still[0] if still else None)
