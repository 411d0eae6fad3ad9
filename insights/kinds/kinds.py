"""What kind of thing a repository is; whether an issue is a bug, a feature request or a question.

Models are trained by ``benchmarks/train_kinds.py`` on what people said. They abstain where no kind
is likely enough, and do without vectors where those come from another encoder than theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from artifacts.arrays import Doubles
from artifacts.progress import Progress
from artifacts.words import Documents
from embeddings.cache import open_cache, vectors_of
from embeddings.documents import name_words, repository_document
from embeddings.encoder import EncoderPlan, plan_encoder
from embeddings.settings import VectorSettings
from embeddings.text.issue_text import issue_text
from embeddings.text.sections import cut
from insights.kinds.issue_features import issue_features, plain_words
from insights.kinds.linear import FEATURES, FeatureBlock, KindModel, hashed_words, load_model
from insights.kinds.repository_features import known_columns, repository_features
from mining.tables import TableRow

MODEL_FILES: dict[Documents, Path] = {
    "repositories": Path(__file__).with_name("repository_kinds.json"),
    "issues": Path(__file__).with_name("issue_kinds.json"),
}
FULL = "full"
WITHOUT_VECTORS = "without vectors"
WORDS = "words"
ISSUE_CHARS = 1000
"""Characters of an issue that are embedded: what it is, it says at once."""
AT_ONCE = 20_000
"""Rows that are judged at a time, so that however many there are, few are held."""


@dataclass(frozen=True)
class Kinds:
    """What a model says of rows.

    Attributes
    ----------
    model
        The model that was asked.
    heads
        `FULL`, or `WITHOUT_VECTORS` where the encoder is not the one that it was trained with.
    probabilities
        n_rows × n_classes.
    """

    model: KindModel
    heads: str
    probabilities: Doubles

    @property
    def kinds(self) -> list[str]:
        """Return the likeliest kind of each row."""
        return [self.model.classes[place] for place in self.probabilities.argmax(axis=1)]

    @property
    def certainties(self) -> Doubles:
        """Return the probability of the likeliest kind of each row."""
        certainties: Doubles = self.probabilities.max(axis=1)
        return certainties

    @property
    def abstained(self) -> list[bool]:
        """Tell for each row whether no kind is likely enough."""
        return [bool(value < self.model.threshold) for value in self.certainties]


def classify(
    subject: Documents,
    rows: Sequence[TableRow],
    *,
    vectors_folder: Path,
    settings: VectorSettings,
    progress: Progress,
) -> Kinds:
    """Return what kind each repository or issue is.

    Parameters
    ----------
    subject
        What the rows are.
    rows
        All rows of a snapshot's table: what none of them has is not known, rather than missing.
    vectors_folder
        Where the cache of vectors is.
    settings
        The encoder. If it is not the one that the model was trained with, the model does without.
    """
    model = load_model(MODEL_FILES[subject])
    plan = plan_encoder(settings, n_texts=len(rows))
    heads = FULL if knows(model, plan) else WITHOUT_VECTORS
    if not rows:
        return Kinds(model, heads, np.zeros((0, len(model.classes))))
    blocks: dict[str, FeatureBlock] = {FEATURES: model.features(features_of(subject, rows))}
    if WORDS in model.document_weights:
        blocks[WORDS] = hashed_words(words_of(rows), model.document_weights[WORDS])
    if heads == FULL:
        cache = open_cache(vectors_folder, plan)
        for name, texts in texts_of(subject, rows):
            blocks[name] = vectors_of(texts, plan, cache, progress=progress)
    return Kinds(model, heads, model.probabilities(blocks, heads))


def knows(model: KindModel, plan: EncoderPlan) -> bool:
    """Tell whether the plan's encoder is the one that the model was trained with."""
    return plan.identity.revision == model.encoder["sha256"]


def features_of(subject: Documents, rows: Sequence[TableRow]) -> Iterator[dict[str, float]]:
    """Yield the named features of each row."""
    if subject == "issues":
        return (issue_features(*_title_and_body(row)) for row in rows)
    known = known_columns(rows)
    return (repository_features(row, known) for row in rows)


def words_of(rows: Sequence[TableRow]) -> Iterator[str]:
    """Yield the words of each issue, to be hashed."""
    return (plain_words(*_title_and_body(row)) for row in rows)


def texts_of(subject: Documents, rows: Sequence[TableRow]) -> Iterator[tuple[str, list[str]]]:
    """Yield the texts of each row that are embedded, with the name of their block."""
    if subject == "repositories":
        yield "text", [_repository_text(row) for row in rows]
        yield "description", [row.get("description") or _spoken_name(row) for row in rows]
        return
    yield "title", [_title_and_body(row)[0] for row in rows]
    yield "prose", [_issue_text(*_title_and_body(row), whole=False) for row in rows]
    yield "raw", [_issue_text(*_title_and_body(row), whole=True) for row in rows]


def _issue_text(title: str, body: str, *, whole: bool) -> str:
    return cut(f"{title}\n{body if whole else issue_text(body).text}", ISSUE_CHARS)[0]


def _repository_text(row: TableRow) -> str:
    """Return the text without a README: the coded repositories came without."""
    return repository_document(row).text or _spoken_name(row)


def _spoken_name(row: TableRow) -> str:
    return name_words(str(row["full_name"]).rsplit("/", 1)[-1])


def _title_and_body(row: TableRow) -> tuple[str, str]:
    return row.get("title") or "", (row.get("body") or "").replace("\r\n", "\n")
