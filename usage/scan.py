"""Scan a repository: which frameworks its files use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from usage.catalog import Catalog
from usage.configured.files import folder_uses
from usage.files import file_uses
from usage.notebooks import notebook_uses
from usage.places import FileKind, is_vendored, kind_of, place_of
from usage.python.project import Project
from usage.python.syntax import decoded
from usage.templates import without_marks
from usage.uses import Found, Place, SourceFile, Unread, Use

MAX_BYTES: Final = 1_000_000
MAX_NOTEBOOK_BYTES: Final = 20_000_000
_OTHER_TEXT: Final = (
    ".png .jpg .jpeg .gif .svg .ico .webp .bmp .tif .tiff .pdf .eps .mp3 .mp4 .wav .ogg .webm"
    " .avi .mov .csv .tsv .parquet .feather .arrow .npy .npz .h5 .hdf5 .pkl .pickle .joblib"
    " .pt .pth .onnx .bin .safetensors .ckpt .pb .tflite .model .zip .tar .gz .tgz .bz2 .xz"
    " .zst .7z .rar .whl .jar .class .so .dll .dylib .exe .o .a .pyc .pyo .pyd .woff .woff2"
    " .ttf .otf .eot .db .sqlite .sqlite3 .lock .min.js .map .css .scss .less .html .htm .md"
    " .rst .xml .geojson .wasm .proto .js .ts .jsx .tsx .vue .java .go .rs .c .cc .cpp .h .hpp"
    " .cu .r .rmd .jl .sql .tex .bib .log"
)
_OTHER: Final = tuple(_OTHER_TEXT.split())


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan of a repository found.

    Attributes
    ----------
    uses
        Sorted by path, line and symbol; each once for a framework.
    unread
        Files, and parts of files, that could not be read.
    copies
        Frameworks whose own source the repository holds: it is no user of these.
    n_files, n_bytes
        Of the files that were looked into.
    n_skipped_bytes
        Of these, the bytes of files without a word that a use of a framework needs: they were not
        parsed.
    """

    uses: tuple[Use, ...]
    unread: tuple[Unread, ...]
    copies: tuple[str, ...]
    n_files: int
    n_bytes: int
    n_skipped_bytes: int = 0


def is_relevant(path: str, size: int) -> bool:
    """Tell whether a file of this path and size in bytes may show a use."""
    if is_vendored(path):
        return False
    limit = MAX_NOTEBOOK_BYTES if path.endswith(".ipynb") else MAX_BYTES
    return size <= limit and not path.lower().endswith(_OTHER)


def scan(files: Iterable[SourceFile], catalog: Catalog, *, paths: Iterable[str] = ()) -> Scan:
    """Return the uses of the catalog's frameworks in the files of one repository.

    Parameters
    ----------
    paths
        Of all its files, also of those that are not among ``files``.
    """
    seen = sorted(files, key=lambda file: file.path)
    everything = sorted({*paths, *(file.path for file in seen)})
    copies = _copies(everything, catalog)
    if copies:
        catalog = Catalog(tuple(each for each in catalog.frameworks if each.name not in copies))
    project = Project(seen, catalog)
    uses: dict[tuple[str, str, str, str], Use] = {}
    unread: set[Unread] = set()
    n_skipped = 0
    for use in folder_uses(everything, catalog):
        uses[use.framework, use.path, use.line, use.symbol] = use
    for file in seen:
        if not project.has_word(file):
            n_skipped += len(file.content)
        if is_vendored(file.path):
            continue
        found = _file_uses(file, project)
        unread.update(found.unread)
        for use in found.uses:
            uses.setdefault((use.framework, use.path, use.line, use.symbol), use)
    return Scan(
        tuple(sorted(uses.values(), key=_order)),
        tuple(sorted(unread, key=lambda each: (each.path, each.reason))),
        copies,
        len(seen),
        sum(len(file.content) for file in seen),
        n_skipped,
    )


def _file_uses(file: SourceFile, project: Project) -> Found:
    kind, place = kind_of(file.path, file.content), place_of(file.path)
    catalog = project.catalog
    if kind == "other" or file.path.endswith("setup.py"):
        found = file_uses(file, place, catalog, project.around)
        if kind == "other":
            return found
    else:
        found = Found([], [])
    if not project.is_of_interest(file):
        return found
    more = _python_uses(file, kind, place, project)
    return Found([*found.uses, *more.uses], [*found.unread, *more.unread])


def _python_uses(file: SourceFile, kind: FileKind, place: Place, project: Project) -> Found:
    if kind == "notebook":
        return notebook_uses(file.content, place, project)
    if file.path in project.files:
        return project.read_file(file.path)
    text, prefix = decoded(file.content), ""
    if kind == "template":
        text, prefix = without_marks(text), "template:"
    return project.read(text, str, place, prefix)


def _copies(paths: list[str], catalog: Catalog) -> tuple[str, ...]:
    """Return the frameworks of which the repository holds the source."""
    own = [path for path in paths if not is_vendored(path)]
    return tuple(
        framework.name
        for framework in catalog.frameworks
        if any(path == end or path.endswith(f"/{end}") for end in framework.copies for path in own)
    )


def _order(use: Use) -> tuple[str, int, int, str, str]:
    first, _, second = use.line.partition(":")
    return use.path, int(first), int(second or 0), use.symbol, use.framework
