"""Input files as text, line by line: of any system, unpacked, in whatever encoding they are.

Of one file only so much is read: what is far larger than any real file of its kind is a mistake or
a trap, for a few kilobytes can unpack to more than a machine holds. Who really has such a file says
so (`FileFormat.large`).
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from artifacts.encodings import UTF_8, encoding_of, spoken
from artifacts.errors import InputError
from artifacts.files import ChunkFile, storage_errors
from artifacts.hashing import hash_file
from artifacts.visible import storable

MAX_BYTES = 2 << 30
"""Of a file, unpacked."""
MAX_CHARACTERS = 1 << 28
"""Of what is held as a whole: one line, or a JSON document."""
MAX_ROWS = 2_000_000
"""Of a table, blank ones too."""
CHUNK_BYTES = 1 << 20
MARKDOWN = (".md", ".markdown")
"""What files in Markdown end in."""
ZERO_BYTE = "it holds a zero byte, so it is no text"
"""Why a row, or a file that is one text, is not used."""
_GZIP_MAGIC = b"\x1f\x8b"
_OTHER_FORMATS = {
    b"PK\x03\x04": ("a ZIP file or a workbook", "unpack it, or save the sheet as CSV"),
    b"\xd0\xcf\x11\xe0": ("a workbook", "save the sheet as CSV"),
    b"SQLite format 3\0": ("a SQLite database", "export the table as CSV"),
    b"%PDF": ("a PDF", "give the data themselves, as CSV or JSONL"),
    b"BZh": ("packed with bzip2", "unpack it, or pack it with gzip"),
    b"\xfd7zXZ\0": ("packed with xz", "unpack it, or pack it with gzip"),
    b"\x28\xb5\x2f\xfd": ("packed with zstd", "unpack it, or pack it with gzip"),
}
_ESCAPED_BYTES = re.compile("[\udc80-\udcff]")


def too_large(path: Path, what: str) -> InputError:
    """Return the error of a file that goes beyond a cap."""
    return InputError(
        f"The file {what}.",
        where=str(path),
        fix="see whether it is the right one; if so, read it with --large, or in a study with "
        "large = true",
    )


@dataclass(frozen=True)
class FileFormat:
    """How files are to be read, where that is not to be found out.

    Attributes
    ----------
    delimiter
        What separates the cells of delimited text: one character, or ``tab``.
    encoding
        Of text, by a name that Python knows.
    large
        Whether files beyond the caps (`MAX_BYTES` and the like) are read, too.
    """

    delimiter: str | None = None
    encoding: str | None = None
    large: bool = False

    def __post_init__(self) -> None:
        if self.delimiter in ("tab", "\\t"):
            object.__setattr__(self, "delimiter", "\t")
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise InputError(
                f"{self.delimiter!r} cannot separate cells.", fix="one character, or tab"
            )
        try:
            b"text".decode(self.encoding or UTF_8, "replace")
        except (LookupError, ValueError):
            raise InputError(
                f"There is no encoding {self.encoding!r}.",
                fix="one such as utf-8, utf-16, cp1252, latin-1, gb18030 or shift_jis",
            ) from None

    def options(self) -> dict[str, str]:
        """Return what the rows depend on, if anything is told."""
        told = {"delimiter": self.delimiter, "encoding": self.encoding}
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True)
class InputFile:
    """One file to import: where it is, what it is called in reports, and its content's hash."""

    path: Path
    label: str
    sha256: str
    n_bytes: int
    format: FileFormat


@dataclass(frozen=True)
class Reject:
    """One thing that could not be read: in which file and row, which field, and why."""

    file: str
    row: int | None
    field: str | None
    reason: str

    def sentence(self) -> str:
        """Return it on one line."""
        row = "" if self.row is None else f", row {self.row:,}"
        return f"{self.file}{row}{f', {self.field}' if self.field else ''}: {self.reason}"


@dataclass
class Rejects:
    """What was rejected so far, and what else is to be said of how files were read.

    Attributes
    ----------
    repaired
        How many lines held bytes that their encoding does not have, by file and encoding; they are
        used.
    """

    items: list[Reject] = field(default_factory=list)
    repaired: Counter[tuple[str, str]] = field(default_factory=Counter)
    detected: list[str] = field(default_factory=list)

    def add(
        self, file: InputFile, row: int | None, reason: str, *, column: str | None = None
    ) -> None:
        """Note that a row, or with None a stretch of the file, was rejected."""
        field = None if column is None else storable(column)
        self.items.append(Reject(file.label, row, field, storable(reason)))

    def take(self, other: Rejects) -> None:
        """Add what another holds."""
        self.items += other.items
        self.repaired.update(other.repaired)
        self.detected += other.detected

    def name(self, file: InputFile) -> bool:
        """Tell whether something of this file was rejected."""
        return any(item.file == file.label for item in self.items)

    def notes(self) -> list[str]:
        """Return what was found out of how to read files, and where bytes were replaced."""
        repaired = [
            f"{name}: bytes that are not {encoding} in {n:,} lines; U+FFFD stands in their place. "
            "If it is in another encoding, name that with --encoding."
            for (name, encoding), n in sorted(self.repaired.items())
        ]
        return [*self.detected, *repaired]


def input_files(paths: Sequence[Path], file_format: FileFormat | None = None) -> list[InputFile]:
    """Return the files to import, ordered by label, so that the order they came in is no matter.

    Raises
    ------
    InputError
        If one is missing, a folder, or empty.
    """
    file_format = file_format or FileFormat()
    unique = sorted({path.resolve(): path for path in paths}.values())
    names = Counter(path.name for path in unique)
    files = []
    for path in unique:
        _refuse_what_is_no_file(path)
        parent = path.resolve().parent.name
        label = storable(path.name if names[path.name] == 1 else f"{parent}/{path.name}")
        with storage_errors(path):
            n_bytes = path.stat().st_size
            files.append(InputFile(path, label, hash_file(path), n_bytes, file_format))
    return sorted(files, key=lambda file: (file.label, file.sha256))


def _refuse_what_is_no_file(path: Path) -> None:
    if path.is_dir():
        raise InputError("This is a folder, not a file.", where=str(path), fix="name its files")
    if not path.exists():
        is_web = path.parts[:1] in {("http:",), ("https:",)}
        raise InputError(
            "This is an address, not a file." if is_web else "There is no such file.",
            where=str(path).replace(":/", "://", 1) if is_web else str(path),
            fix="download it, and name the file" if is_web else "check the path",
        )
    if not path.is_file():
        raise InputError(
            "This is a pipe or a device, and a file is read twice.",
            where=str(path),
            fix="save what it gives to a file, and name that",
        )
    if path.stat().st_size == 0:
        raise InputError("The file is empty.", where=str(path), fix="leave it out or get it again")


def chunks(file: InputFile, rejects: Rejects) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked if it is gzip; a damaged end is rejected, no more."""
    n_bytes = 0
    with storage_errors(file.path), file.path.open("rb") as raw:
        packed = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        source = gzip.GzipFile(fileobj=raw) if packed else raw
        while True:
            try:
                chunk = source.read1(CHUNK_BYTES)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                rejects.add(file, None, "the gzip file is cut off or damaged from here on")
                return
            if not chunk:
                return
            n_bytes += len(chunk)
            if n_bytes > MAX_BYTES and not file.format.large:
                unpacks = "unpacks to" if packed else "has"
                raise too_large(file.path, f"{unpacks} more than {MAX_BYTES >> 30} GiB")
            yield chunk


def lines(file: InputFile, rejects: Rejects) -> Iterator[str]:
    """Yield the lines of a text file with their ends, of whatever system these are.

    Bytes that its encoding does not have become U+FFFD and are counted.

    Raises
    ------
    InputError
        If the file is of a format that is no text, or goes beyond the caps.
    """
    pieces = chunks(file, rejects)
    head = next(pieces, b"")
    refuse_other_formats(file, head)
    encoding = file.format.encoding or encoding_of(head)
    if file.format.encoding is None and spoken(encoding) != spoken(UTF_8):
        rejects.detected.append(f"{file.label}: read as {spoken(encoding)}.")
    errors = "surrogateescape" if spoken(encoding) == spoken(UTF_8) else "replace"
    source = io.BufferedReader(ChunkFile(chain([head], pieces)), CHUNK_BYTES)
    most = -1 if file.format.large else MAX_CHARACTERS
    n_blank = 0
    with io.TextIOWrapper(source, encoding, errors, newline="") as stream:
        first = stream.readline(most).removeprefix("\ufeff")
        for line in chain([first] if first else [], iter(partial(stream.readline, most), "")):
            n_blank += line.isspace()
            if len(line) >= most > 0:
                raise too_large(file.path, f"has a line of more than {most:,} characters")
            if n_blank > MAX_ROWS and not file.format.large:
                raise too_large(file.path, f"has more than {MAX_ROWS:,} blank lines")
            yield _mended(line, encoding, file, rejects)


def content(file: InputFile, rejects: Rejects) -> str:
    """Return the whole text of a file."""
    return joined(lines(file, rejects), file)


def joined(pieces: Iterable[str], file: InputFile) -> str:
    """Return the pieces of a file's text as one; raise `InputError` if that is too long."""
    texts, n_characters = [], 0
    for piece in pieces:
        texts.append(piece)
        n_characters += len(piece)
        if n_characters > MAX_CHARACTERS and not file.format.large:
            raise too_large(file.path, f"is one text of more than {MAX_CHARACTERS:,} characters")
    return "".join(texts)


def refuse_other_formats(file: InputFile, head: bytes) -> None:
    """Raise `InputError` for a file that begins as one of a format that is no text."""
    for magic, (what, fix) in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise InputError(f"The file is {what}.", where=str(file.path), fix=fix)


def _mended(line: str, encoding: str, file: InputFile, rejects: Rejects) -> str:
    """Return a line with U+FFFD in the place of bytes that its encoding does not have."""
    if line.isascii():
        return line
    if spoken(encoding) == spoken(UTF_8):
        if not _ESCAPED_BYTES.search(line):
            return line
        line = line.encode(UTF_8, "surrogateescape").decode(UTF_8, "replace")
    elif "\ufffd" not in line:
        return line
    rejects.repaired[file.label, spoken(encoding)] += 1
    return line
