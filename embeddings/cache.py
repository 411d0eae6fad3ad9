"""The vector cache: a text is encoded once, whatever it is called and wherever it comes from."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError, DamagedError
from artifacts.files import clear_leftovers, write_text
from artifacts.hashing import hash_text, hash_value
from artifacts.locks import MOMENT_S, writing
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.progress import Progress
from artifacts.tables import read_table, write_table
from embeddings.build import read_documents
from embeddings.encoder import EncoderPlan, encode_by_chunk, plan_encoder
from embeddings.settings import VectorSettings

_log = logging.getLogger(__name__)

KIND = "vectors"


class VectorCache:
    """Vectors of one encoder, kept in Parquet shards by the SHA-256 of their text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self) -> dict[str, Floats]:
        """Return all kept vectors by the hash of their text."""
        vectors: dict[str, Floats] = {}
        for path in sorted(self.folder.glob("*.parquet")):
            vectors.update(_shard(path))
        return vectors

    def add(self, hashes: Sequence[str], vectors: Floats) -> None:
        """Keep vectors; the shard is on disk, whole, when this returns."""
        columns = {
            "sha256": pa.array(hashes, pa.string()),
            "vector": pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(vectors).ravel()), vectors.shape[1]
            ),
        }
        name = hash_value(sorted(hashes))[:16]
        with _adding(self.folder.parent):
            write_table(self.folder / f"{name}.parquet", pa.table(columns))


@contextmanager
def _adding(vectors_folder: Path) -> Iterator[None]:
    """Hold the lock of the vectors while some are added."""
    with writing(vectors_folder, patience_s=MOMENT_S):
        clear_leftovers(vectors_folder)
        yield


def _shard(path: Path) -> dict[str, Floats]:
    try:
        table = read_table(path)
        if not pa.types.is_fixed_size_list(table["vector"].type):
            raise ValueError("the vectors are no vectors")
        flat = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        matrix = flat.astype(np.float32, copy=False).reshape(table.num_rows, -1)
        return dict(zip(table["sha256"].to_pylist(), matrix, strict=True))
    except (ArtifactError, KeyError, ValueError, pa.ArrowException) as error:
        raise ArtifactError(
            "A file of the vector cache is damaged.",
            where=str(path),
            fix="delete the file: its texts are encoded again",
        ) from error


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
    texts = read_documents(texts_folder)
    plan = plan_encoder(settings, n_texts=len(texts))
    cache = open_cache(vectors_folder, plan)
    return vectors_of([texts[key] for key in keys], plan, cache, progress=progress)


def vectors_of(
    texts: Sequence[str], plan: EncoderPlan, cache: VectorCache, *, progress: Progress
) -> Floats:
    """Return the vectors of ``texts``; encode and keep only those that the cache lacks.

    Returns n_texts × n_dims, rows of unit length. The model is loaded only if a text is new.
    """
    hashes = [hash_text(text) for text in texts]
    known = cache.load()
    new = {h: text for h, text in zip(hashes, texts, strict=True) if h not in known}
    kept = sum(each in known for each in hashes)
    _log.info("of %d texts, %d have vectors in %s", len(texts), kept, cache.folder.name)
    if new:
        progress.say(f"loading the encoder {plan.identity.model} ({plan.identity.dtype})")
        missing = list(new)

        def keep(start: int, vectors: Floats) -> None:
            chunk = missing[start : start + len(vectors)]
            cache.add(chunk, vectors)
            known.update(zip(chunk, vectors, strict=True))

        encode_by_chunk(list(new.values()), plan.load(), progress, keep)
    return np.stack([known[h] for h in hashes])
