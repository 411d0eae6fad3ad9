"""The vector cache: a text is encoded once, whatever it is called and wherever it comes from."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from numpy.typing import NDArray

from artifacts.arrays import Floats, Integers, mapped_rows
from artifacts.errors import ArtifactError, DamagedError
from artifacts.files import clear_leftovers, write_bytes, write_text
from artifacts.hashing import hash_text, hash_value
from artifacts.locks import MOMENT_S, writing
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.progress import Progress
from artifacts.tables import ROWS_AT_ONCE, batches_to_bytes, read_table, rows_of, write_table
from embeddings.build import FILE
from embeddings.documents import TEXTS
from embeddings.encoder import EncoderPlan, encode_by_chunk, plan_encoder
from embeddings.settings import VectorSettings

_log = logging.getLogger(__name__)

KIND = "vectors"
FILES = "*.parquet"
JOINED = "joined-"
"""So begin the names of files that others were joined into: after those, which are hashes."""
MANY_FILES = 64
MOST_ROWS = 16_384
"""Vectors that are joined at a time: tens of megabytes, and a moment under the lock."""
MAPPED_BYTES = 1 << 26
"""From so many bytes on (44,000 texts of 384 dimensions) vectors are given as a memory map."""
HASH = "S64"

Names = NDArray[np.bytes_]
"""SHA-256 of texts, in hexadecimal digits."""


class VectorCache:
    """Vectors of one encoder, kept in Parquet files by the SHA-256 of their text.

    Each chunk is added as a file. Where many have come together, they are joined into one: a
    reader opens few files, however many texts there are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, hashes: Names) -> Iterator[tuple[Integers, Floats]]:
        """Yield the vectors that are kept of some texts, few at a time, with the texts' places.

        Parameters
        ----------
        hashes
            SHA-256 of each text, in ascending order.

        Raises
        ------
        ArtifactError
            If a file is damaged, as far as it is read.
        """
        tried: set[Path] = set()
        while new := [path for path in sorted(self.folder.glob(FILES)) if path not in tried]:
            for path in new:
                tried.add(path)
                try:
                    yield from _found(path, hashes)
                except FileNotFoundError:
                    break  # it was joined with others, into a file that is there now

    def add(self, hashes: Sequence[str], vectors: Floats) -> None:
        """Keep vectors; they are on disk, whole, when this returns."""
        columns = {
            "sha256": pa.array(hashes, pa.string()),
            "vector": pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(vectors).ravel()), vectors.shape[1]
            ),
        }
        name = hash_value(sorted(hashes))[:16]
        with _adding(self.folder.parent):
            write_table(self.folder / f"{name}.parquet", pa.table(columns))
            self._join_some()

    def _join_some(self) -> None:
        """Join files that were added, where there are many; of a text that is twice, the last.

        What is killed in between leaves vectors twice, which harms nothing.
        """
        joined = sorted(self.folder.glob(f"{JOINED}{FILES}"))
        added = sorted({*self.folder.glob(FILES)} - {*joined})
        if len(added) < MANY_FILES:
            return
        tables: list[pa.Table] = []
        for path in added:
            with _damage_named(path):
                tables.append(_checked(read_table(path)))
            if sum(map(len, tables)) >= MOST_ROWS:
                break
        table = pa.concat_tables(tables).combine_chunks()
        names = _names(table["sha256"])
        _, from_end = np.unique(names[::-1], return_index=True)
        kept = np.sort(len(names) - 1 - from_end)
        for path in joined:
            with _damage_named(path):
                known = _names(read_table(path, columns=["sha256"])["sha256"])
            kept = kept[~np.isin(names[kept], known)]
        if len(kept):
            name = hash_value(table["sha256"].take(kept).to_pylist())[:16]
            path = self.folder / f"{JOINED}{name}.parquet"
            rows = table.take(kept)
            few = batches_to_bytes(rows.to_batches(), rows.schema, group_rows=ROWS_AT_ONCE)
            write_bytes(path, few)
        for path in added[: len(tables)]:
            with suppress(OSError):  # a reader has it open (Windows): it is tried again
                path.unlink()


@contextmanager
def _adding(vectors_folder: Path) -> Iterator[None]:
    """Hold the lock of the vectors while some are added."""
    with writing(vectors_folder, patience_s=MOMENT_S):
        clear_leftovers(vectors_folder)
        yield


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Say of a damaged file which it is; one that is gone is not damaged."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (ArtifactError, OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise ArtifactError(
            "A file of the vector cache is damaged.",
            where=str(path),
            fix="delete the file: its texts are encoded again",
        ) from error


def _found(path: Path, hashes: Names) -> Iterator[tuple[Integers, Floats]]:
    """Yield what a file holds of texts, by their places; only what is asked for is decoded."""
    with _damage_named(path), path.open("rb") as file:
        source = pq.ParquetFile(file, pre_buffer=False, page_checksum_verification=True)
        _checked(source.schema_arrow.empty_table())
        for group in range(source.num_row_groups):
            read = partial(source.read_row_group, group, use_threads=False)
            names = _names(read(columns=["sha256"])["sha256"])
            places = np.searchsorted(hashes, names)
            places[places == len(hashes)] = 0
            rows = np.flatnonzero(hashes[places] == names) if len(hashes) else places[:0]
            if len(rows):
                vectors = read(columns=["vector"])["vector"].combine_chunks()
                matrix: Floats = vectors.flatten().to_numpy().reshape(len(names), -1)
                yield places[rows], matrix[rows]


def _checked(table: pa.Table) -> pa.Table:
    """Return a table as it is, if it holds vectors."""
    if table.schema.names != ["sha256", "vector"]:
        raise ValueError("there are other columns")
    vector = table.schema.field("vector").type
    if not (pa.types.is_fixed_size_list(vector) and pa.types.is_float32(vector.value_type)):
        raise ValueError("the vectors are no vectors")
    return table


def _names(hashes: pa.ChunkedArray) -> Names:
    return np.array(hashes.to_pylist(), dtype=HASH)


def open_cache(vectors_folder: Path, plan: EncoderPlan) -> VectorCache:
    """Open the cache of one encoder below ``vectors_folder``, and make it if it is not there.

    Raises
    ------
    ArtifactError
        If the cache is of another schema version.
    """
    identity = plan.identity.as_dict()
    folder = vectors_folder / f"{Path(plan.identity.model).name}-{hash_value(identity)[:12]}"
    if not _is_known(folder, identity):
        with _adding(vectors_folder):
            write_text(vectors_folder / ".gitignore", "*\n")
            about = plan.identity.in_manifest()
            Manifest(kind=KIND, name=folder.name, **about).write(folder)
    return VectorCache(folder)


def _is_known(folder: Path, identity: dict[str, str]) -> bool:
    """Tell whether the cache names its encoder; a damaged one is known by its folder's name."""
    if not (folder / FILE_NAME).exists():
        return False
    try:
        manifest = Manifest.read(folder)
    except DamagedError:
        return False
    if manifest.model != identity:
        raise ArtifactError("The vector cache is of another encoder.", where=str(folder))
    return True


def vectors_of_documents(
    keys: Sequence[str],
    texts_folder: Path,
    vectors_folder: Path,
    settings: VectorSettings,
    *,
    progress: Progress,
) -> Floats:
    """Return the n_keys × n_dims vectors of documents whose texts are in ``texts_folder``.

    They are of the encoder of the settings, from its cache where they are in it.
    """
    texts = read_table(texts_folder / FILE, TEXTS, columns=["key", "text"])
    plan = plan_encoder(settings, n_texts=texts.num_rows)
    cache = open_cache(vectors_folder, plan)
    wanted = texts.filter(pa.compute.is_in(texts["key"], value_set=pa.array(keys, pa.string())))
    text_of = {row["key"]: row["text"] for row in rows_of(wanted)}
    return vectors_of([text_of[key] for key in keys], plan, cache, progress=progress)


def vectors_of(
    texts: Sequence[str], plan: EncoderPlan, cache: VectorCache, *, progress: Progress
) -> Floats:
    """Return the vectors of ``texts``; encode and keep only those that the cache lacks.

    The model is loaded only if a text is new.

    Returns
    -------
    Floats
        n_texts × n_dims, rows of unit length. From `MAPPED_BYTES` on they are in a file that is
        gone with them, mapped into memory, read-only.
    """
    hashes = np.array([hash_text(text) for text in texts], dtype=HASH)
    names, first, which = np.unique(hashes, return_index=True, return_inverse=True)
    filled = _Rows(len(texts), cache.folder)
    is_known = np.zeros(len(names), dtype=bool)
    for places, vectors in cache.find(names):
        filled.put(first[places], vectors)
        is_known[places] = True
    missing = np.sort(first[~is_known])
    n_kept = int(is_known[which].sum())
    _log.info("of %d texts, %d have vectors in %s", len(texts), n_kept, cache.folder.name)
    if len(missing):
        progress.say(f"loading the encoder {plan.identity.model} ({plan.identity.dtype})")

        def keep(start: int, vectors: Floats) -> None:
            places = missing[start : start + len(vectors)]
            cache.add([name.decode() for name in hashes[places]], vectors)
            filled.put(places, vectors)

        encode_by_chunk([texts[place] for place in missing], plan, progress, keep)
    return filled.all(first[which])


class _Rows:
    """Vectors as they come, in whatever order; how wide they are the first ones tell."""

    def __init__(self, n_rows: int, folder: Path) -> None:
        self._n_rows, self._folder = n_rows, folder
        self._rows: Floats | None = None

    def put(self, places: Integers, vectors: Floats) -> None:
        if self._rows is None:
            shape = self._n_rows, vectors.shape[1]
            is_much = 4 * shape[0] * shape[1] >= MAPPED_BYTES
            self._rows = mapped_rows(shape, self._folder) if is_much else np.empty(shape, "f4")
        if vectors.shape[1] != self._rows.shape[1]:
            raise ArtifactError(
                "The vector cache holds vectors of several widths.",
                where=str(self._folder),
                fix="delete the folder: its texts are encoded again",
            )
        self._rows[places] = vectors

    def all(self, same_as: Integers) -> Floats:
        """Return all rows, once those are filled in that are the same as one before them."""
        if self._rows is None:
            raise ValueError("there are no texts")
        again = np.flatnonzero(same_as != np.arange(self._n_rows))
        for start in range(0, len(again), ROWS_AT_ONCE):
            places = again[start : start + ROWS_AT_ONCE]
            self._rows[places] = self._rows[same_as[places]]
        if isinstance(self._rows, np.memmap):
            self._rows.flags.writeable = False
        return self._rows
