"""The formats that labels and codebooks are exchanged in, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import refuse_existing, write_text
from artifacts.locks import writing
from configs.codebook import Codebook, codebook_text, read_codebook
from labels.exchange.bundle import Bundle, ImportedBundle
from labels.exchange.doccano import read_doccano, write_doccano
from labels.exchange.jsonl import read_jsonl, write_jsonl
from labels.exchange.label_studio import read_label_studio, write_label_studio
from labels.exchange.people import People
from labels.exchange.reading import Into, read_into
from labels.exchange.refi_codebook import read_qdc, write_qdc
from labels.exchange.refi_read import read_project_codebook, read_qdpx
from labels.exchange.refi_write import write_qdpx
from labels.exchange.table import read_csv, write_csv
from labels.label_set import LabelSet
from labels.records import same_name
from labels.results import coded_items
from labels.waves import closed_waves, wave_named

READERS: Mapping[str, Callable[[Path], Codebook]] = {
    ".toml": read_codebook,
    ".qdc": lambda path: read_qdc(path).bundle.codebook,
    ".qdpx": read_project_codebook,
    ".jsonl": lambda path: read_jsonl(path).bundle.codebook,
}
"""By suffix."""


def is_codebook_file(name: str) -> bool:
    """Tell whether a name is one of a file that may hold a codebook."""
    return Path(name).suffix.lower() in READERS


def read_codebook_file(path: Path) -> Codebook:
    """Return the codebook of a file; one of another suffix is read as TOML.

    Raises
    ------
    ConfigError, InputError
        If it cannot be used.
    """
    return READERS.get(path.suffix.lower(), read_codebook)(path)


def save_codebook(book: Codebook, path: Path) -> None:
    """Write a codebook as a file that is read again: TOML or ``.qdc``; none there is replaced.

    Raises
    ------
    InputError
        If there is such a file, or its name ends otherwise.
    """
    with writing(path):
        refuse_existing(path)
        if path.suffix.lower() == ".qdc":
            write_qdc(Bundle(book.codebook.name, book, (), ()), path)
        elif path.suffix.lower() == ".toml":
            write_text(path, codebook_text(book))
        else:
            raise InputError(
                "A codebook is written as .toml or .qdc.",
                where=str(path),
                fix=f"name it {path.with_suffix('.toml').name}",
            )


@dataclass(frozen=True)
class Format:
    """How labels are written in one format, and read.

    Attributes
    ----------
    suffixes
        Of its files; the first stands for it.
    read
        Reads a file that has documents and a codebook of its own; None: the format has none.
    read_into
        Reads a file into a set of labels; None: the format holds no labels.
    """

    name: str
    suffixes: tuple[str, ...]
    write: Callable[[Bundle, Path], None]
    read: Callable[[Path, People], ImportedBundle] | None
    read_into: Callable[[Path, Into], ImportedBundle] | None

    @property
    def suffix(self) -> str:
        """Return the suffix that stands for the format."""
        return self.suffixes[0]

    def check_name(self, path: Path) -> None:
        """Raise `InputError` if a file that is called so would be taken for another format's."""
        if path.suffix.lower() not in self.suffixes:
            raise InputError(
                f"A file of '{self.name}' ends in {' or '.join(self.suffixes)}.",
                where=str(path),
                fix=f"name it {path.with_suffix(self.suffix).name}",
            )


def _jsonl_into(path: Path, into: Into) -> ImportedBundle:
    return read_into(read_jsonl(path, into.people), into=into, path=path)


def _qdpx_into(path: Path, into: Into) -> ImportedBundle:
    return read_into(read_qdpx(path, into.people, texts=False), into=into, path=path)


def _qdc(path: Path, people: People) -> ImportedBundle:
    return read_qdc(path)


_ALL = (
    Format("csv", (".csv",), write_csv, None, read_csv),
    Format("jsonl", (".jsonl",), partial(write_jsonl, texts=True), read_jsonl, _jsonl_into),
    Format("label-studio", (".json",), write_label_studio, None, read_label_studio),
    Format("doccano", (".zip", ".jsonl"), write_doccano, None, read_doccano),
    Format("qdpx", (".qdpx",), write_qdpx, read_qdpx, _qdpx_into),
    Format("qdc", (".qdc",), write_qdc, _qdc, None),
)
FORMATS = {kind.name: kind for kind in _ALL}


def format_of(path: Path) -> Format:
    """Return the format that a file's suffix stands for; raise `InputError` if it is none."""
    for kind in _ALL:
        if path.suffix.lower() == kind.suffix:
            return kind
    listed = ", ".join(f"{kind.suffix} ({kind.name})" for kind in _ALL)
    raise InputError(
        f"The suffix '{path.suffix}' stands for no format.",
        where=str(path),
        fix=f"name the format, or use one of {listed}",
    )


def format_named(name: str | None, file: Path) -> Format:
    """Return the format of that name, or that a file's suffix stands for."""
    if name is None:
        return format_of(file)
    if name not in FORMATS:
        raise InputError(f"There is no format '{name}'.", fix=f"take {', '.join(FORMATS)}")
    return FORMATS[name]


def export(
    labels: LabelSet,
    path: Path,
    file_format: str | None,
    waves: Sequence[str] | None,
    coder: str | None,
) -> int:
    """Write what coders said, and adjudication; return how many codings the file holds.

    One coder's codings can be written at any time; those of all only once their wave is closed.

    Raises
    ------
    InputError
        If the file is there, or is called as one of another format, a wave is open, or the coder
        coded nothing.
    """
    refuse_existing(path)
    coder = coder and same_name(coder)
    kind = format_named(file_format, path)
    kind.check_name(path)
    if coder is None:
        chosen = closed_waves(labels, waves)
    else:
        chosen = [wave_named(labels, name) for name in waves or labels.state.waves]
    items = [item for item in coded_items(labels, chosen) if coder in (None, item.coder)]
    if coder is not None and not items:
        coders = ", ".join(labels.coders()) or "nobody yet"
        raise InputError(f"'{coder}' coded nothing.", fix=f"coders: {coders}")
    documents = tuple(labels.document(item) for wave in chosen for item in wave.items)
    bundle = Bundle(labels.name, labels.book.codebook(), documents, tuple(items))
    with writing(path):
        refuse_existing(path)
        kind.write(bundle, path)
    return len(items) if kind.read_into else 0
