"""A codebook told to an ensemble: a voice beside its runs, as loud as it fits the documents.

Vectors cut by technology and wording, people by purpose. So where a codebook that people wrote fits
the documents, "the same code" counts beside "the same cluster". The likeness of two documents i and
j is

    (t_ij + k s_ij e_ij) / (b_ij + k s_ij),    k = w / (1 - w) · mean b,

where t_ij of the b_ij runs that saw both hold them in one cluster, e_ij is 1 if their codes are the
same and else 0, s_ij is the lower of their supports, and w is the weight of the codebook: the share
of the likeness of two fully supported documents that is the codebook's. It is evidence accumulation
(Fred and Jain 2005, doi 10.1109/TPAMI.2005.113) with k further partitions.

A document's code is the best by its own scores and its neighbours', half and half (as in learning
with local and global consistency, Zhou et al. 2004, one step of it); its support is the share of
its neighbourhood that has the same code. So a codebook whose codes say nothing of the documents,
and scatter over the neighbourhoods, has next to no voice, and a document that no code fits is left
to the runs alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa

from artifacts.arrays import Doubles, Floats, Integers
from artifacts.tables import read_table, required, write_table
from artifacts.words import NOISE
from taxonomy.guidance.codes import CodeList, CodeTexts
from taxonomy.guidance.fit import BADLY, WELL, best_codes, fit_of, most_of
from taxonomy.guidance.scores import own_scores
from taxonomy.types import UNSEEN, Encode, Labels, count_nodes

if TYPE_CHECKING:
    import scipy.sparse as sp

FILE = "guide.parquet"
CODES = pa.schema(
    [
        *required(pa.string(), "key"),
        pa.field("code", pa.string()),
        *required(pa.float64(), "support"),
    ]
)
MOST = 0.5
"""The weight of a codebook that fits well: its voice is as strong as that of all runs together."""
BY_CHANCE = 0.2
"""The weight would be none at this fit, and rises to all of it where a codebook fits well
(`taxonomy.guidance.fit.WELL`); one that fits badly has none. On tools of machine learning codebooks
of other fields fit by 0.14 to 0.26, the right one by 0.45; on those of two other fields by 0.08 to
0.26, and by 0.35 and 0.45 (`benchmarks.guidance`)."""
HELD_BY = 0.5
"""A topic has a code if at least this share of its documents has it."""
NEIGHBOURS = 0.5
"""How much of a document's score for a code is its neighbours' mean."""


@dataclass(frozen=True)
class Guide:
    """A codebook, as what the documents of one taxonomy have of it.

    Attributes
    ----------
    book
        The codebook.
    codes
        n_docs positions of codes in the codebook; `NOISE` where none fits.
    support
        n_docs shares in [0, 1] of a document's neighbourhood that have the same code.
    weight
        In [0, 1): how much the codebook counts beside the runs.
    fit
        How well it fits, at most 1: adjusted mutual information of the codes that documents have by
        themselves and the topics that the runs find alone, as a share of the most that it can be
        (`taxonomy.guidance.fit`). No label of any person is needed.
    """

    book: CodeList
    codes: Labels
    support: Doubles
    weight: float
    fit: float

    def ballots(self, runs: Labels) -> Labels:
        """Return n_ballots × n_docs labels to count beside n_runs × n_docs labels of runs.

        Each holds the codes of the documents whose support is above a bound of its own, spread
        evenly over [0, 1]; the others it has not seen. Two documents are so in as many ballots as
        the lower of their supports says.
        """
        n_docs = runs.shape[1]
        seen = (runs != UNSEEN).sum(axis=1, dtype=np.float64)
        both = float((seen * (seen - 1)).sum()) / (n_docs * (n_docs - 1))
        n_ballots = round(self._odds * both)
        bounds = (np.arange(n_ballots) + 0.5) / max(1, n_ballots)
        has = (self.codes != NOISE) & (self.support > bounds[:, None])
        ballots: Labels = np.where(has, self.codes, UNSEEN).astype(np.int32)
        return ballots

    def bonus(self, topics: Labels, some: slice = slice(None)) -> Floats:
        """Return what the codebook adds to how often some documents are with each topic.

        It is w / (1 - w) times the document's support, times the share of the topic's coded
        documents that have its code: n_some × n_topics, never negative. So a codebook can bring a
        document to another topic, and leaves none unplaced that the runs place.
        """
        counted = self._counts(topics)
        shares = (counted / np.maximum(counted.sum(axis=1), 1)[:, None]).astype(np.float32)
        has = self.codes != NOISE
        counts = np.where(has, self._odds * self.support, 0).astype(np.float32)
        bonus: Floats = shares.T[np.where(has, self.codes, 0)[some]] * counts[some, None]
        return bonus

    def _counts(self, topics: Labels) -> Integers:
        """Return n_topics × n_codes: how many of each topic's documents have each code."""
        n_topics, n_codes = count_nodes(topics), len(self.book.codes)
        has = (topics >= 0) & (self.codes != NOISE)
        cells = topics[has].astype(np.int64) * n_codes + self.codes[has]
        return np.bincount(cells, minlength=n_topics * n_codes).reshape(n_topics, n_codes)

    @property
    def _odds(self) -> float:
        return self.weight / (1 - self.weight)

    def codes_of(self, topics: Labels) -> list[CodeTexts | None]:
        """Return the code of each topic; None: no code covers it, it is beyond the codebook.

        A topic has a code if at least half of its documents have it; of two, the first.
        """
        counts = self._counts(topics)
        sizes = np.bincount(topics[topics >= 0], minlength=len(counts))
        firm = counts.max(axis=1, initial=0) >= HELD_BY * sizes
        best = self.book.codes
        return [
            best[code] if ok else None for code, ok in zip(counts.argmax(axis=1), firm, strict=True)
        ]

    def parents_of(self, topics: Labels) -> list[CodeTexts | None]:
        """Return the broader code of each topic's code, or itself if it is one; None: none."""
        parents = self.book.parents
        return [code and parents.get(code.parent or code.id) for code in self.codes_of(topics)]

    def as_values(self) -> dict[str, Any]:
        """Return what is told of it beside the documents, as JSON-compatible values."""
        return {"weight": self.weight, "fit": self.fit, "book": self.book.as_values()}

    def write(self, folder: Path, keys: Sequence[str]) -> None:
        """Write the code and the support of each of n_docs documents into a taxonomy's folder."""
        ids = [None if code == NOISE else self.book.codes[code].id for code in self.codes]
        columns = {"key": list(keys), "code": ids, "support": self.support}
        write_table(folder / FILE, pa.table(columns, schema=CODES))


def read_guide(folder: Path, values: Mapping[str, Any]) -> Guide:
    """Read the guide that `Guide.write` wrote, with the values of `Guide.as_values`.

    Raises
    ------
    ArtifactError
        If it is missing or damaged.
    """
    book = CodeList.from_values(values["book"])
    table = read_table(folder / FILE, CODES)
    places = {code.id: place for place, code in enumerate(book.codes)} | {None: NOISE}
    codes = np.array([places[code] for code in table["code"].to_pylist()], dtype=np.int32)
    return Guide(book, codes, table["support"].to_numpy(), values["weight"], values["fit"])


@dataclass(frozen=True)
class Guidance:
    """What a reader of a taxonomy is told of the codebook that guided it, or was to.

    Attributes
    ----------
    book, title, version
        The codebook.
    weight, fit
        As in `Guide`; with a weight of 0 the topics are those of the runs alone.
    """

    book: str
    title: str
    version: int
    weight: float
    fit: float

    @classmethod
    def of(cls, measured: Mapping[str, Any]) -> Self | None:
        """Return what is told of a stored taxonomy; None where no codebook was given."""
        values = measured.get("guide")
        if values is None:
            return None
        book = values["book"]
        about = (book["name"], book["title"], book["version"])
        return cls(*about, values["weight"], values["fit"])

    @property
    def told(self) -> str:
        """Return it as a sentence.

        >>> Guidance("geo", "Maps", 1, 0.0, 0.14).told
        'The codebook geo does not fit the documents (fit 0.14): the topics are unguided.'
        """
        if self.weight == 0 and self.fit >= BADLY:
            return f"The codebook {self.book} was given no weight: the topics are unguided."
        if self.weight == 0:
            return (
                f"The codebook {self.book} does not fit the documents (fit {self.fit:.2f}): the "
                "topics are unguided."
            )
        return (
            f"Guided by the codebook {self.book}, version {self.version}, with weight "
            f"{self.weight:.2f} (fit {self.fit:.2f})."
        )


@dataclass(frozen=True)
class CodedDocuments:
    """Documents beside a codebook, before any topic is found.

    Attributes
    ----------
    own
        n_docs positions of the code that each document has by itself; `NOISE`: none.
    codes, support
        As in `Guide`: the neighbours counted.
    """

    book: CodeList
    own: Labels
    codes: Labels
    support: Doubles

    def guide(self, unguided: Labels, weight: float | None = None) -> Guide:
        """Return the codebook as a guide, by how well it fits the topics that the runs find alone.

        Parameters
        ----------
        unguided
            n_docs topics.
        weight
            None: `weight_of` the fit.
        """
        most = most_of(self.own, unguided)
        fit = fit_of(self.own, unguided) / most if most > 0 else 0.0
        weight = weight_of(fit) if weight is None else weight
        return Guide(self.book, self.codes, self.support, weight, fit)


@dataclass(frozen=True)
class BookReader:
    """A codebook, and the encoder by which documents are compared with it.

    Attributes
    ----------
    vectors
        n_docs × n_dims vectors of the documents by that encoder; None: those that the topics have.
    """

    book: CodeList
    encode: Encode
    vectors: Floats | None = None


def code_by_neighbours(
    texts: Sequence[str],
    vectors: Floats,
    book: CodeList,
    encode: Encode,
    memberships: sp.csr_matrix,
) -> CodedDocuments:
    """Give each document the code that fits it and its neighbours best.

    Parameters
    ----------
    texts, vectors
        n_docs texts and their n_docs × n_dims vectors of unit length.
    encode
        The encoder of the vectors, for what the codebook says.
    memberships
        n_docs × n_docs: who is near whom, as `taxonomy.space.NeighbourGraph` has it.
    """
    phrases = encode(book.phrases)
    scores = own_scores(texts, vectors, book.codes, phrases)
    return code_by_scores(scores, vectors, book, phrases, memberships)


def code_by_scores(
    scores: Doubles,
    vectors: Floats,
    book: CodeList,
    phrases: Floats,
    memberships: sp.csr_matrix,
) -> CodedDocuments:
    """Give each document the code that fits it and its neighbours best, by the documents' scores.

    Parameters
    ----------
    scores
        n_docs × n_codes of `own_scores`.
    phrases
        The vectors of what the codebook says.
    vectors, memberships
        As `code_by_neighbours`.
    """
    weights = np.asarray(memberships.sum(axis=1)).ravel()
    near = memberships.multiply(1 / np.maximum(weights, 1e-12)[:, None]).tocsr()
    joined = (1 - NEIGHBOURS) * scores + NEIGHBOURS * (near @ scores)
    codes = best_codes(joined, vectors, phrases)
    there = codes != NOISE
    held = near @ (np.eye(len(book.codes))[np.where(there, codes, 0)] * there[:, None])
    support = np.where(there, held[np.arange(len(codes)), codes], 0.0)
    return CodedDocuments(book, best_codes(scores, vectors, phrases), codes, support)


def weight_of(fit: float) -> float:
    """Return the weight of a codebook: none below a fit of 0.3, there half of it, from 0.4 on all.

    >>> weight_of(0.29), round(weight_of(0.31), 3), weight_of(0.45)
    (0.0, 0.275, 0.5)
    """
    if fit < BADLY:
        return 0.0
    return MOST * min(1.0, (fit - BY_CHANCE) / (WELL - BY_CHANCE))
