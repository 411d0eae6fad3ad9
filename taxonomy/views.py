"""What a taxonomy rests on without its texts, and how it is found again from that.

Where texts may not be handed on, their vectors, the counts of their words and how far they share
words with a codebook may. With the points that every taxonomy keeps (`taxonomy.places`), the runs,
what they agree on, and the categories are found again bit for bit. Names, keywords, exemplars and
the comparison with noise are not: they take the texts themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from artifacts.arrays import Doubles, Floats
from artifacts.errors import ArtifactError
from artifacts.hashing import hash_file, hash_text
from artifacts.manifest import Manifest
from artifacts.progress import Progress, SilentProgress
from artifacts.tables import read_table, required, write_table
from embeddings.cache import open_cache, vectors_of
from taxonomy.build import TaxonomyParts, book_reader
from taxonomy.consensus import Consensus
from taxonomy.describe import Description
from taxonomy.engine import Topics, topics_among
from taxonomy.guidance.codes import CodeList
from taxonomy.guidance.guide import FILE as GUIDE
from taxonomy.guidance.guide import CodedDocuments, code_by_scores
from taxonomy.guidance.scores import joined_scores, words_shared
from taxonomy.places.placing import FOLDER as PLACING
from taxonomy.places.placing import Points, read_points
from taxonomy.settings import TopicSettings
from taxonomy.space import joined_space
from taxonomy.store import UNGUIDED, StoredTaxonomy, as_tables, read_taxonomy, write_taxonomy
from taxonomy.types import Labels, count_nodes
from taxonomy.word_counts import WordCounts, read_word_counts

if TYPE_CHECKING:
    import scipy.sparse as sp

DOCUMENTS, WORDS, PHRASES = "documents.parquet", "words.parquet", "phrases.parquet"
_VECTOR = pa.list_(pa.float32())
SCHEMA = pa.schema(
    [
        *required(pa.string(), "key", "sha256"),
        *required(_VECTOR, "vector"),
        pa.field("code_vector", _VECTOR),  # by another encoder, where codes have one of their own
        pa.field("words_shared", pa.list_(pa.float64())),  # with each code of what guides
    ]
)
PHRASE = pa.schema(required(_VECTOR, "vector"))
ROUNDING = 1e-4
"""Cosines of documents by counts may differ by this from those by texts, whose words are added up
in another order. On 357 tools and 320 requests they do by a millionth."""
COMPARED, ROWS = 2_048, 512
"""Documents whose cosines with all others are compared, and how many of them at a time."""
OF_TOPICS = ("topic", "category", "size", "stability", "code")
OF_CATEGORIES = ("category", "size", "stability", "code")
"""Columns of the tables of nodes that no text is needed for."""


@dataclass(frozen=True)
class GuideView:
    """What is known of documents beside a codebook that guides.

    Attributes
    ----------
    shared
        n_docs × n_codes: how far each document shares words with each code
        (`taxonomy.guidance.scores.words_shared`).
    phrases
        The vectors of what the codebook says.
    vectors
        n_docs × n_dims vectors of the documents by the encoder of the codes; None: as the topics'.
    """

    shared: Doubles
    phrases: Floats
    vectors: Floats | None


@dataclass(frozen=True)
class Views:
    """What a taxonomy rests on without its texts.

    Attributes
    ----------
    keys, hashes
        Of n_docs documents, in the taxonomy's order, and the SHA-256 of their texts.
    vectors
        n_docs × n_dims rows of unit length.
    counts
        The words that documents share.
    guide
        None where no codebook was told.
    """

    keys: tuple[str, ...]
    hashes: tuple[str, ...]
    vectors: Floats
    counts: WordCounts
    guide: GuideView | None

    def write(self, folder: Path) -> None:
        """Write the views into ``folder``, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        guide, nothing = self.guide, [None] * len(self.keys)
        columns = {
            "key": list(self.keys),
            "sha256": list(self.hashes),
            "vector": list(self.vectors),
            "code_vector": nothing if guide is None or guide.vectors is None else [*guide.vectors],
            "words_shared": nothing if guide is None else [*guide.shared],
        }
        write_table(folder / DOCUMENTS, pa.table(columns, schema=SCHEMA))
        self.counts.write(folder / WORDS, self.keys)
        if guide is not None:
            rows = {"vector": list(guide.phrases)}
            write_table(folder / PHRASES, pa.table(rows, schema=PHRASE))


def views_of(parts: TaxonomyParts, progress: Progress) -> Views:
    """Return the views of the texts that a taxonomy is made of; vectors are encoded if need be."""
    table = parts.texts()
    documents = table["text"].to_pylist()
    plan = parts.encoder()
    cache = open_cache(parts.vectors_folder, plan)
    vectors = vectors_of(documents, plan, cache, progress=progress)
    encode = partial(vectors_of, plan=plan, cache=cache, progress=SilentProgress())
    guide, reader = None, book_reader(parts, documents, encode, progress)
    if reader is not None:
        guide = GuideView(
            words_shared(documents, reader.book.codes),
            reader.encode(reader.book.phrases),
            reader.vectors,
        )
    hashes = tuple(map(hash_text, documents))
    keys = tuple(table["key"].to_pylist())
    return Views(keys, hashes, vectors, WordCounts.of(documents), guide)


def read_views(folder: Path) -> Views:
    """Read what `Views.write` wrote; raise `ArtifactError` if it is missing or damaged."""
    table = read_table(folder / DOCUMENTS, SCHEMA)
    keys, counts = read_word_counts(folder / WORDS)
    if list(keys) != table["key"].to_pylist():
        raise ArtifactError("The counts are of other documents.", where=str(folder / WORDS))
    guide = None
    if table["words_shared"].null_count == 0 and (folder / PHRASES).exists():
        phrases = read_table(folder / PHRASES, PHRASE)
        own = table["code_vector"].null_count == 0
        guide = GuideView(
            np.array(table["words_shared"].to_pylist()),
            _matrix(phrases["vector"]),
            _matrix(table["code_vector"]) if own else None,
        )
    hashes = tuple(table["sha256"].to_pylist())
    return Views(keys, hashes, _matrix(table["vector"]), counts, guide)


def _matrix(column: pa.ChunkedArray) -> Floats:
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    matrix: Floats = flat.astype(np.float32).reshape(len(column), -1)
    return matrix


@dataclass(frozen=True)
class FoundAgain:
    """What came of finding a taxonomy again from its views.

    Attributes
    ----------
    equal, other
        The files, and columns of files, that are as they were, and those that are not.
    rounding
        By how much cosines of documents differ at most between the counts and the texts.
    """

    equal: tuple[str, ...]
    other: tuple[str, ...]
    rounding: float


def find_again(taxonomy: Path, views: Views, progress: Progress) -> FoundAgain:
    """Find the taxonomy in a folder again from its views, and compare the two.

    The settings are those that it was made with, and the codebook is the one that it keeps.

    Raises
    ------
    ArtifactError
        If its files are missing or damaged, or the views are of other documents.
    """
    stored, points = read_taxonomy(taxonomy), read_points(taxonomy / PLACING)
    if points.keys != views.keys:
        raise ArtifactError("The views are of other documents.", where=str(taxonomy))
    manifest = Manifest.read(taxonomy)
    settings = TopicSettings(**manifest.config)
    told = stored.stability.get("guide")
    code_by = None
    if told is not None and views.guide is not None:
        code_by = partial(_code, views, views.guide, CodeList.from_values(told["book"]))
    space, view = joined_space(
        views.counts, views.vectors, lexical_weight=settings.lexical_weight, seed=settings.seed
    )
    rounding = _largest_difference(view, points.points)
    same_words = space.words == points.space.words
    same_means = np.array_equal(space.closeness(views.vectors), points.closeness)
    found = topics_among(
        points.space,
        points.points,
        settings,
        describe=_undescribed,
        code_by=code_by,
        progress=progress,
    )
    results = {
        "the words that documents share": same_words,
        "their points, but for rounding": rounding <= ROUNDING,
        "their closeness to the mean": same_means,
        **_compared(taxonomy, stored, manifest, points, found),
    }
    equal = tuple(name for name, same in results.items() if same)
    other = tuple(name for name, same in results.items() if not same)
    return FoundAgain(equal, other, rounding)


def _code(
    views: Views, guide: GuideView, book: CodeList, memberships: sp.csr_matrix
) -> CodedDocuments:
    vectors = views.vectors if guide.vectors is None else guide.vectors
    scores = joined_scores(guide.shared, vectors, book.codes, guide.phrases)
    return code_by_scores(scores, vectors, book, guide.phrases, memberships)


def _undescribed(labels: Labels, _consensus: Consensus) -> list[Description]:
    return [Description((), (), ())] * count_nodes(labels)


def _largest_difference(one: Floats, other: Floats) -> float:
    """Return by how much cosines of documents differ at most, in two spaces.

    Each of `COMPARED` documents, evenly spread, is compared with every document.
    """
    if len(one) != len(other):
        return float("inf")
    chosen = np.unique(np.linspace(0, len(one) - 1, COMPARED).astype(np.intp))
    parts = (chosen[start : start + ROWS] for start in range(0, len(chosen), ROWS))
    return max(float(np.abs(one[part] @ one.T - other[part] @ other.T).max()) for part in parts)


def _compared(
    taxonomy: Path, stored: StoredTaxonomy, manifest: Manifest, points: Points, found: Topics
) -> dict[str, bool]:
    """Return which files and columns of a taxonomy are as they are found again."""
    alone = found if found.unguided is None else found.unguided
    is_guided = (taxonomy / UNGUIDED).exists()
    with TemporaryDirectory() as name:
        folder = Path(name)
        again = as_tables(points.keys, found)
        write_taxonomy(folder, again, runs=found.runs, plans=found.plans)
        files = {name: folder / name for name in ("runs.parquet", "map.parquet")}
        if found.guide is not None or not is_guided:
            files["assignments.parquet"] = folder / "assignments.parquet"
        if found.guide is not None:
            found.guide.write(folder, points.keys)
            files[GUIDE] = folder / GUIDE
        results = {
            name: hash_file(path) == manifest.files.get(name) for name, path in files.items()
        }
    if found.guide is not None or not is_guided:
        results |= _same_columns(stored, again, "")
    if is_guided:
        before = read_taxonomy(taxonomy / UNGUIDED)
        tables = as_tables(points.keys, alone)
        results[f"{UNGUIDED}/assignments.parquet"] = before.assignments.equals(tables.assignments)
        results |= _same_columns(before, tables, f"{UNGUIDED}/")
    return results


def _same_columns(before: StoredTaxonomy, now: StoredTaxonomy, at: str) -> dict[str, bool]:
    return {
        f"{at}{name}.parquet: {', '.join(columns)}": getattr(before, name)
        .select(columns)
        .equals(getattr(now, name).select(columns))
        for name, columns in (("topics", OF_TOPICS), ("categories", OF_CATEGORIES))
    }
