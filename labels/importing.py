"""Labels that were made elsewhere, brought into a set as what their coders decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.locks import writing
from configs.codebook import Codebook, Variable
from labels.exchange.bundle import ImportedBundle
from labels.exchange.formats import Format, format_named, save_codebook
from labels.exchange.people import People
from labels.exchange.reading import Into
from labels.history.events import EventDraft
from labels.label_set import Criterion, LabelSet, new_label_set
from labels.records import ADJUDICATED, CodedItem, Codes, Document, check_coder
from labels.samples import GIVEN
from labels.sampling.draw import ALL
from labels.session import check_codes
from labels.waves import WaveDocument, open_wave


@dataclass(frozen=True)
class Added:
    """How many documents' labels came in, and what of them was nothing new.

    Attributes
    ----------
    n_same
        Those that were there already, just so.
    n_empty
        Those that say nothing.
    """

    coders: tuple[str, ...]
    n_items: int
    n_decisions: int
    n_same: int
    n_empty: int = 0


def import_items(labels: LabelSet, items: Sequence[CodedItem], *, source: str) -> Added:
    """Add what coders said of documents, all of it or none; what is there already is not repeated.

    Parameters
    ----------
    source
        Where it is from; each decision records it.

    Raises
    ------
    InputError
        If a document is in no wave, its wave is closed or is not the coder's, or a coder has it
        twice; a code cannot be an answer, a label contradicts a condition of the codebook, or the
        coder says something else already.
    """
    n_same = 0
    counts = Counter((item.key, item.coder) for item in items)
    if repeated := [which for which, count in counts.items() if count > 1]:
        key, coder = repeated[0]
        raise InputError(f"'{coder}' coded the document twice.", where=key, fix="take one out")

    def drafts() -> list[EventDraft]:
        nonlocal n_same
        n_same, new_drafts = 0, []
        for item in items:
            _refuse_misplaced(labels, item)
            decisions = _decisions(labels, item, source)
            new = [draft for draft in decisions if _is_new(labels, draft)]
            n_same += bool(decisions) and not new
            new_drafts += new
        return new_drafts

    events = labels.write(drafts)
    coders = tuple(sorted({item.coder for item in items}))
    return Added(coders, len(items), len(events), n_same, sum(map(is_empty, items)))


def is_empty(item: CodedItem) -> bool:
    """Tell whether nothing is said of a document."""
    return not (item.values or item.memo or item.confidence or item.flagged or item.skipped)


def _refuse_misplaced(labels: LabelSet, item: CodedItem) -> None:
    if item.coder != ADJUDICATED:
        check_coder(item.coder)
    wave = labels.state.wave_of.get(item.key)
    if wave is None:
        raise InputError(
            "The document is in no wave.",
            where=item.key,
            fix="leave it out, or import the file under another name, as a set of its own",
        )
    closed = wave in labels.state.closed
    if closed and item.coder != ADJUDICATED:
        raise InputError(
            f"The wave '{wave}' was closed.",
            where=item.key,
            fix="what is coded after the close is no longer blind; import into a new set of labels",
        )
    if not closed and item.coder == ADJUDICATED:
        raise InputError(
            f"The wave '{wave}' is open, and so nothing in it can be adjudicated.",
            where=item.key,
            fix=f"close it first; or take it as a coder's: --coder {ADJUDICATED}=NAME",
        )
    named = labels.state.waves[wave]
    if item.coder != ADJUDICATED and not named.is_for(item.coder, item.key):
        raise InputError(
            f"The document is not for '{item.coder}' to code.",
            where=item.key,
            fix=f"the wave '{wave}' is coded by {', '.join(sorted(named.coders))}, each a share",
        )


def _decisions(labels: LabelSet, item: CodedItem, source: str) -> list[EventDraft]:
    bodies: list[tuple[str, dict[str, object]]] = []
    for variable, codes in _checked(labels, item):
        value = list(labels.book.ordered(variable.id, set(codes)))
        bodies.append(("code", {"variable": variable.id, "value": value}))
    if item.memo:
        bodies.append(("memo", {"value": item.memo}))
    if item.confidence:
        bodies.append(("confidence", {"value": item.confidence}))
    if item.flagged:
        bodies.append(("flag", {"value": True}))
    if item.skipped:
        bodies.append(("skip", {"value": True}))
    if bodies and item.seconds is not None:
        bodies[0][1]["seconds"] = item.seconds
    more: dict[str, object] = {"source": source}
    if item.coder == ADJUDICATED:
        more["by"] = ["import"]
    return [
        EventDraft(kind, item.coder, item.key, {**body, **more})  # type: ignore[arg-type]
        for kind, body in bodies
    ]


def _checked(labels: LabelSet, item: CodedItem) -> list[tuple[Variable, Codes]]:
    """Return the labels of a document in the order in which they are asked, or refuse them.

    What an adjudicated label hangs on may be agreed, and so not among what was adjudicated;
    `labels.results.final_codes` leaves out what does not apply.
    """
    book = labels.book
    for name in item.values:
        book.variable_named(name, where=item.key)
    checked = []
    for variable in book.variables:
        if variable.id not in item.values:
            continue
        codes = item.values[variable.id]
        if item.coder != ADJUDICATED and not variable.applies(item.values):
            wanted = "; ".join(
                f"{other} is {' or '.join(codes)}" for other, codes in variable.only_if.items()
            )
            raise InputError(
                f"'{variable.id}' has a code, but is asked only if {wanted}.",
                where=f"{item.key}, coder {item.coder}",
                fix="correct the one or the other",
            )
        check_codes(book, variable, codes, where=item.key)
        checked.append((variable, codes))
    return checked


def _is_new(labels: LabelSet, draft: EventDraft) -> bool:
    """Tell whether a coder has not said this already; refuse what contradicts it.

    A label counts as it reads now: a change of the codebook may have taken it along, or have left
    it open, to be given anew.
    """
    item, variable, new = str(draft.item), draft.body.get("variable"), draft.body["value"]
    if variable is None:
        held = labels.state.desk(draft.coder).value(item, draft.kind)
        is_said = held is not None and held != ""
    else:
        answer = labels.state.answer(draft.coder, item, variable)
        is_said = answer is not None and answer.is_settled
        held = list(answer.codes) if answer is not None else None
    if is_said and held != new:
        raise InputError(
            f"{draft.coder} has {_value_text(held)} as {variable or draft.kind} here already, "
            f"and not {_value_text(new)}.",
            where=item,
            fix="an import never overwrites; import it as another coder, or code it again",
        )
    return not is_said


def _value_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return ("yes" if value else "no") if isinstance(value, bool) else f"'{value}'"


@dataclass(frozen=True)
class LabelFile:
    """A file of labels, and what is needed to read it.

    Attributes
    ----------
    coders
        ``NAME`` or ``OLD=NEW``: who is meant by the people of the file.
    columns
        ``VARIABLE=COLUMN``, where a column is not called as its variable is.
    has_codebook
        Whether the file has a codebook of its own that a new set of labels is to have.
    """

    file: Path
    format: str | None
    coders: tuple[str, ...]
    columns: tuple[str, ...]
    has_codebook: bool


@dataclass(frozen=True)
class NewSet:
    """What a set of labels that is not there yet is made of, where a file does not say it.

    Attributes
    ----------
    documents, names
        Those that labels can be about, and their keys by every name in lower case.
    facts
        Where they are from; the set keeps it.
    """

    codebook: Codebook
    documents: tuple[Document, ...]
    names: Mapping[str, str]
    facts: Mapping[str, Any]
    named: Criterion | None


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

    imported: Added | None
    left_out: tuple[str, ...]
    wave: str | None = None
    n_documents: int = 0
    codebook: Path | None = None


def bring_in(path: Path, source: LabelFile, ground: Callable[[], NewSet], *, by: str) -> BroughtIn:
    """Add a file's labels to a set of labels, all of them or none; make the set if need be.

    Of a file in which nothing is coded, the documents become a set to code; of one that has no
    documents either, the codebook is written as a file.

    Parameters
    ----------
    ground
        Gives what a new set is made of, if it is needed.

    Raises
    ------
    InputError
        If the file cannot be used: each thing that is wrong with it is named with its place.
    """
    kind = format_named(source.format, source.file)
    with writing(path):
        if not path.exists():
            return _new_set(path, kind, source, ground, by=by)
        return _more(path, kind, source)


def _more(path: Path, kind: Format, source: LabelFile) -> BroughtIn:
    with LabelSet.open(path) as labels:
        items = labels.state.wave_of
        documents = tuple(labels.document(item) for item in items)
        into = _into(labels.name, labels.book.codebook(), documents, names_of(documents), source)
        return _added(labels, _read_into(kind, source, into), source)


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
    path: Path, kind: Format, source: LabelFile, ground: Callable[[], NewSet], *, by: str
) -> BroughtIn:
    if kind.read is not None and source.has_codebook:
        read = kind.read(source.file, People.of(source.coders))
        facts, named = dict[str, Any](), None
        if not (read.bundle.items or any(document.text for document in read.bundle.documents)):
            codebook_file = path.with_suffix(".toml")
            save_codebook(read.bundle.codebook, codebook_file)
            return BroughtIn(None, read.left_out, codebook=codebook_file)
    else:
        given = ground()
        into = _into(path.stem, given.codebook, given.documents, given.names, source)
        read = _read_into(kind, source, into)
        facts, named = dict(given.facts), given.named
    coded = {item.key for item in read.bundle.items}
    taken = [d for d in read.bundle.documents if (d.key in coded if coded else d.text)]
    book = read.bundle.codebook
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
            return _added(labels, read, source)
        return BroughtIn(None, read.left_out, "w1", len(taken))


def _into(
    name: str,
    book: Codebook,
    documents: tuple[Document, ...],
    names: Mapping[str, str],
    source: LabelFile,
) -> Into:
    pairs = [column.partition("=") for column in source.columns]
    if wrong := [pair[0] for pair in pairs if not (pair[0] and pair[2])]:
        raise InputError(
            f"'{wrong[0]}' is no pair.", where="--column", fix="VARIABLE=COLUMN, or key=COLUMN"
        )
    columns = {variable: column for variable, _, column in pairs}
    return Into(name, book, documents, names, columns, People.of(source.coders))


def _read_into(kind: Format, source: LabelFile, into: Into) -> ImportedBundle:
    if kind.read_into is None:
        raise InputError(
            f"A {kind.suffix} file holds no labels.",
            where=str(source.file),
            fix="take its codebook: opsatlas label codebook update NAME FILE --because REASON",
        )
    read = kind.read_into(source.file, into)
    if all(is_empty(item) for item in read.bundle.items):
        raise InputError(
            "\n    ".join(["Nothing is coded in the file that can be taken.", *read.left_out]),
            where=str(source.file),
            fix="say what answers a variable: --column VARIABLE=NAME; or take the file's codebook, "
            "if it has one: opsatlas label codebook save FILE NAME.toml",
        )
    return read


def _added(labels: LabelSet, read: ImportedBundle, source: LabelFile) -> BroughtIn:
    done = import_items(labels, read.bundle.items, source=source.file.name)
    still = [name for name in labels.state.waves if name not in labels.state.closed]
    return BroughtIn(done, read.left_out, still[0] if still else None)
