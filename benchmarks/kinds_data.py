"""What people said of the kinds of repositories and issues, with the inputs of the classifiers.

Repositories: the 1,007 of 18 January 2023, of which two coders sorted 150 (kinds-2023). Another
200, drawn at random from the rest, were sorted for this project by one coder, who also wrote the
cue words: from name, description, topics and facts, before any model had said anything of them
(``kinds_labels.csv``). The first 100 (training) were sorted when the cue words stood, and are
trained on; the other 100 (test) are never trained on. The cue words were written with the 150 of
kinds-2023 in view, so figures on those flatter us; figures on the test part do not.

Issues: the 1,500 of NLBSE'24's training set, labelled by their projects.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from artifacts.arrays import Integers
from artifacts.progress import SilentProgress
from artifacts.tables import read_table
from artifacts.words import Documents
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import plan_encoder
from embeddings.settings import VectorSettings
from insights.kinds.kinds import features_of, texts_of, words_of
from insights.kinds.linear import FEATURES, WORDS_BUCKETS, FeatureBlock, word_counts
from insights.kinds.vocabulary import ISSUE_KINDS, KINDS
from mining.sources.github_search import import_github_search

LABELS = Path(__file__).with_name("kinds_labels.csv")
WORDS = "words"

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Inputs:
    """The inputs of a classifier.

    Attributes
    ----------
    names
        Of the features.
    blocks
        By name: n_rows × n_columns; the hashed words are counts.
    encoder
        Model and SHA-256 of its weights.
    """

    names: list[str]
    blocks: dict[str, FeatureBlock]
    encoder: dict[str, str]

    def at(self, rows: Integers) -> dict[str, FeatureBlock]:
        """Return the blocks of some rows."""
        return {name: block[rows] for name, block in self.blocks.items()}


@dataclass(frozen=True)
class Coded:
    """Repositories that somebody sorted: their rows in the inputs, and the kinds by number."""

    name: str
    rows: Integers
    kinds: Integers


@dataclass(frozen=True)
class Repositories:
    """The 1,007 repositories and those who sorted some of them."""

    rows: Rows
    inputs: Inputs
    coder_a: Coded
    coder_b: Coded
    training: Coded
    test: Coded


@dataclass(frozen=True)
class Issues:
    """The 1,500 issues, the project of each, and its label by number."""

    inputs: Inputs
    projects: list[str]
    kinds: Integers


def repositories(data: Path, cache: Path) -> Repositories:
    """Read the repositories and the labels; ``cache`` keeps vectors and an imported snapshot."""
    folder = cache / "2023-01-18.topics"
    if not folder.exists():
        pages = sorted((data / "github-search-2023-01-18").glob("*.json.gz"))
        import_github_search(pages, folder, progress=SilentProgress())
    rows = read_table(folder / "repositories.parquet").to_pylist()
    place = {row["full_name"].lower(): number for number, row in enumerate(rows)}
    ours = _csv(LABELS)
    folder_2023 = data / "kinds-2023"
    return Repositories(
        rows=rows,
        inputs=inputs_of("repositories", rows, cache),
        coder_a=_coded("coder A", _csv(folder_2023 / "coder_a.csv"), place),
        coder_b=_coded("coder B", _csv(folder_2023 / "coder_b.csv"), place),
        training=_coded("training", [row for row in ours if row["part"] == "training"], place),
        test=_coded("test", [row for row in ours if row["part"] == "test"], place),
    )


def issues(data: Path, cache: Path) -> Issues:
    """Read the issues and their labels."""
    csv.field_size_limit(sys.maxsize)
    path = data / "issue-reports-nlbse24" / "issues_train.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Issues(
        inputs=inputs_of("issues", rows, cache),
        projects=[row["repo"] for row in rows],
        kinds=np.array([ISSUE_KINDS.index(row["label"]) for row in rows]),
    )


def inputs_of(subject: Documents, rows: Sequence[Mapping[str, Any]], cache: Path) -> Inputs:
    """Return features, vectors and, of issues, counts of hashed words."""
    features = list(features_of(subject, rows))
    values = np.array([list(row.values()) for row in features])
    blocks: dict[str, FeatureBlock] = {FEATURES: values}
    plan = plan_encoder(VectorSettings(), n_texts=len(rows))
    for name, texts in texts_of(subject, rows):
        kept = open_cache(cache, plan)
        blocks[name] = vectors_of(texts, plan, kept, progress=SilentProgress()).astype(float)
    if subject == "issues":
        blocks[WORDS] = word_counts(words_of(rows), WORDS_BUCKETS)
    encoder = {"model": plan.identity.model, "sha256": plan.identity.revision}
    return Inputs(list(features[0]), blocks, encoder)


def _coded(name: str, rows: list[dict[str, str]], place: Mapping[str, int]) -> Coded:
    return Coded(
        name,
        np.array([place[row["full_name"].lower()] for row in rows]),
        np.array([KINDS.index(row["kind"]) for row in rows]),
    )


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["full_name"].lower())
