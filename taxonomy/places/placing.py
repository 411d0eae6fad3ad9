"""Where new documents belong in a taxonomy that is already there, or that they belong nowhere.

A new document becomes a point of the space in which the taxonomy's own documents are neighbours,
and its topic is that of the nearest centroid. Three bounds let it abstain, all learned from the
documents that are placed, each compared with its topic as if it had not been there (leave one out):

- *closeness*: 98 in 100 placed documents are at least this close to the mean of all documents,
  which says what they share. It keeps out what is of another field.
- *likeness*: nine in ten placed documents are at least this like their topic. One bound for all
  topics: the few documents of a small topic cannot say where it ends.
- *lead*: the nearest topic must be this much nearer than the second, which is set so that of the
  documents that keep to it 95 % are nearest to their own (selective prediction, Geifman & El-Yaniv
  2017).

The first two are ranks as in conformal prediction (Vovk, Gammerman & Shafer 2005).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artifacts.arrays import Floats, centroids, group_sums, row_blocks, unit_rows
from artifacts.errors import ArtifactError, InputError
from artifacts.files import write_text
from artifacts.notation import json_value
from artifacts.tables import read_table, required, write_table
from artifacts.words import NOISE
from taxonomy.space import Space
from taxonomy.store import unreadable
from taxonomy.types import Labels

FOLDER = "placing"
FAR = 0.02
"""At most this share of documents like the placed ones is refused as of another field."""
UNLIKE = 0.1
"""At most this share of documents like the placed ones is refused as unlike their topic."""
SURE = 0.95
"""Of the documents that have the lead, at least this share is nearest to its own topic."""

PlaceOutcome = Literal["placed", "foreign", "unlike", "between", "wordless"]
"""Placed; of another field; like no topic; too near to two; or without a word to judge by."""

SINGLES = pa.list_(pa.float32())
WORDS = pa.schema(
    [
        *required(pa.string(), "word"),
        *required(pa.float32(), "idf"),
        *required(SINGLES, "directions"),
    ]
)
POINTS = pa.schema(
    [
        *required(pa.string(), "key"),
        *required(pa.float32(), "closeness"),
        *required(SINGLES, "point"),
    ]
)


@dataclass(frozen=True)
class Points:
    """A taxonomy's documents as points, and the space that they are in.

    Attributes
    ----------
    space
        Puts other documents among them.
    keys, points, closeness
        n_docs keys, n_docs × n_dims rows of unit length, and n_docs cosines with the centre.
    """

    space: Space
    keys: tuple[str, ...]
    points: Floats
    closeness: Floats


@dataclass(frozen=True)
class Place:
    """Where one document belongs.

    Attributes
    ----------
    topic
        Number of its topic; `NOISE` if it is not placed.
    nearest
        Number of the nearest topic, whether it is placed there or not; `NOISE` if it is wordless.
    likeness
        Cosine with the nearest centroid, in [-1, 1].
    lead
        How much less like the second nearest topic it is, in [0, 2].
    outcome
        Why it is placed, or not.
    """

    topic: int
    nearest: int
    likeness: float
    lead: float
    outcome: PlaceOutcome


@dataclass(frozen=True)
class Placer:
    """Places points by what it learned from points that have a topic.

    Attributes
    ----------
    numbers
        Numbers of the n_topics topics, rising; they may have gaps.
    centroids
        n_topics × n_dims, rows of unit length.
    closeness, likeness, lead
        The bounds. Of too few documents closeness and likeness have none (minus infinity); a lead
        of infinity means that nothing is ever placed.
    """

    numbers: tuple[int, ...]
    centroids: Floats
    closeness: float
    likeness: float
    lead: float

    def place(self, points: Floats, closeness: Floats) -> list[Place]:
        """Return where each of n_new points belongs; a point of zeros is without words."""
        likeness = points @ self.centroids.T
        nearest, best, lead = _nearest(likeness)
        return [
            self._place(self.numbers[topic], float(like), float(ahead), float(close))
            if point.any()
            else Place(NOISE, NOISE, 0.0, 0.0, "wordless")
            for topic, like, ahead, close, point in zip(
                nearest, best, lead, closeness, points, strict=True
            )
        ]

    def _place(self, topic: int, likeness: float, lead: float, closeness: float) -> Place:
        outcome: PlaceOutcome = "placed"
        if closeness < self.closeness:
            outcome = "foreign"
        elif likeness < self.likeness:
            outcome = "unlike"
        elif lead < self.lead:
            outcome = "between"
        return Place(topic if outcome == "placed" else NOISE, topic, likeness, lead, outcome)


def learn_places(points: Floats, closeness: Floats, topics: Labels) -> Placer:
    """Learn from documents in what topic a further one belongs.

    Parameters
    ----------
    points, closeness
        n_docs × n_dims rows of unit length, and n_docs cosines with the centre.
    topics
        n_docs topic numbers; those at `NOISE` teach nothing.

    Raises
    ------
    InputError
        If no document has a topic.
    """
    numbers, members = np.unique(topics[topics != NOISE], return_inverse=True)
    if len(numbers) == 0:
        raise InputError(
            "The taxonomy has no topics, so nothing can be placed in it.",
            fix="build it with a smaller min_topic_size, or from more documents",
        )
    placed = points[topics != NOISE]
    likeness = _left_out(placed, members)
    nearest, _, lead = _nearest(likeness)
    own = likeness[np.arange(len(members)), members]
    return Placer(
        numbers=tuple(int(number) for number in numbers),
        centroids=centroids(placed, members.astype(np.int32)),
        closeness=_bound(closeness[topics != NOISE], FAR),
        likeness=_bound(own, UNLIKE),
        lead=_least_lead(lead, (nearest == members) & (lead > 0)),
    )


def topics_by_key(keys: Sequence[str], topic_of: Mapping[str, int]) -> Labels:
    """Return the topics of documents in the order of their keys; `NOISE` where there is none."""
    return np.array([topic_of.get(key, NOISE) for key in keys], dtype=np.int32)


def _bound(figures: Floats, share: float) -> float:
    """Return the figure below which one more of their kind falls at most so often.

    Among n others its rank is any of n + 1, each as likely; of few documents there is no bound.
    """
    rank = int(share * (len(figures) + 1))
    return float(np.sort(figures)[rank - 1]) if rank else float("-inf")


def _left_out(points: Floats, topics: NDArray[np.integer]) -> Floats:
    """Return the likeness of each document and each topic, its own topic taken without it."""
    sums = group_sums(points, topics, int(topics.max()) + 1)
    means = unit_rows(sums).T
    found = np.empty((len(points), len(sums)), dtype=np.float32)
    for at in row_blocks(len(points)):
        likeness = points[at] @ means
        others = unit_rows(sums[topics[at]] - points[at])
        own = np.einsum("ij,ij->i", points[at], others)
        likeness[np.arange(len(own)), topics[at]] = own
        found[at] = likeness
    return found


def _nearest(likeness: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Return the nearest topic of each row, its likeness, and its lead over the second."""
    nearest = likeness.argmax(axis=1)
    best = likeness.max(axis=1)
    if likeness.shape[1] == 1:
        return nearest, best, np.full_like(best, 2.0)
    return nearest, best, best - np.partition(likeness, -2, axis=1)[:, -2]


def _least_lead(lead: Floats, is_right: NDArray[np.bool_]) -> float:
    """Return the least lead from which on enough documents are nearest to their own topic."""
    order = np.argsort(-lead, kind="stable")
    falling = lead[order]
    share = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    is_last_of_equals = np.r_[falling[1:] < falling[:-1], True]
    enough = np.flatnonzero((share >= SURE) & is_last_of_equals)
    if len(enough) == 0:
        return float("inf")
    return 0.0 if enough[-1] == len(order) - 1 else float(falling[enough[-1]])


def write_points(folder: Path, found: Points) -> None:
    """Write what placing needs into ``folder``: words and numbers, no text of any document."""
    space = found.space
    columns = {
        "word": list(space.words),
        "idf": space.idf,
        "directions": _as_lists(space.directions),
    }
    write_table(folder / "words.parquet", pa.table(columns, schema=WORDS))
    points = _as_lists(found.points)
    rows = {"key": list(found.keys), "closeness": found.closeness, "point": points}
    write_table(folder / "points.parquet", pa.table(rows, schema=POINTS))
    more = {
        "lexical_weight": space.lexical_weight,
        "lexical_dimensions": space.directions.shape[1],
        "centre": [float(value) for value in space.centre],
    }
    write_text(folder / "space.json", json.dumps(more) + "\n")


def read_points(folder: Path) -> Points:
    """Read what `write_points` wrote; raise `ArtifactError` if it is missing or damaged."""
    if not folder.exists():
        raise ArtifactError(
            "The taxonomy was built before documents could be placed in it.",
            where=str(folder),
            fix="build the taxonomy again",
        )
    words = read_table(folder / "words.parquet", WORDS)
    table = read_table(folder / "points.parquet", POINTS)
    path = folder / "space.json"
    with unreadable("What placing needs", path, fix="build the taxonomy again"):
        more = json_value(path.read_text(encoding="utf-8"))
        space = Space(
            centre=np.array(more["centre"], dtype=np.float32),
            lexical_weight=float(more["lexical_weight"]),
            words=tuple(words["word"].to_pylist()),
            idf=words["idf"].to_numpy(),
            directions=_as_rows(words["directions"], int(more["lexical_dimensions"])),
        )
        width = len(table["point"][0]) if table.num_rows else 0  # of other documents, another
        points = _as_rows(table["point"], width)
    return Points(space, tuple(table["key"].to_pylist()), points, table["closeness"].to_numpy())


def _as_lists(rows: Floats) -> pa.ListArray:
    """Return the rows of a matrix as the lists of a column."""
    ends = np.arange(len(rows) + 1, dtype=np.int32) * np.int32(rows.shape[1])
    return pa.ListArray.from_arrays(ends, pa.array(rows.ravel(), pa.float32()), type=SINGLES)


def _as_rows(column: pa.ChunkedArray, n_dims: int) -> Floats:
    """Return the lists of a column as rows of a matrix; ValueError if one is of another size."""
    rows = np.empty((len(column), n_dims), dtype=np.float32)
    start = 0
    for chunk in column.chunks:
        if not (np.diff(chunk.offsets) == n_dims).all():
            raise ValueError(f"a row is not of {n_dims} numbers")
        rows[start : start + len(chunk)] = chunk.flatten().to_numpy().reshape(-1, n_dims)
        start += len(chunk)
    return rows
