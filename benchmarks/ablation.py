"""What each part of a document, seen on its own or joined, adds to the agreement with people.

Every line is a space in which documents are neighbours; the ensemble and its consensus over it
are by default, but for 100 runs. Tools are judged by two curated lists, requests by one coder's
themes, and repositories by the categories of two coders. README windows are not among the lines:
there are no READMEs of the listed tools to test on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import fmean, pstdev
from tempfile import TemporaryDirectory

import numpy as np
import scipy.sparse as sp
from rich.console import Console
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from artifacts.arrays import Floats
from benchmarks.common import arguments, publish, table
from benchmarks.data import Corpus, repositories_2023, requests, tools_2026
from benchmarks.metrics import agreement_of_runs, agreement_with, noise_share
from benchmarks.ours import encode_cached, topics_in_view

RUNS = 100
SEEDS = (1, 2, 3)
DIMENSIONS = 100
_WORD = r"[^\W\d_][\w+#-]{2,}"
_SENTENCE = re.compile(r".{20,}?[.!?](?=\s|$)", re.DOTALL)
_NAMED = re.compile(r"(?<=[a-z,;(] )[A-Z][A-Za-z0-9+.-]+")


@dataclass(frozen=True)
class Documents:
    """Texts of one kind, and where their vectors are kept."""

    corpus: Corpus
    folder: Path

    @property
    def bodies(self) -> list[str]:
        """Return the texts without what stands before the first full stop: a tool's name."""
        if self.corpus.name == "requests":
            return self.corpus.texts
        return [text.split(". ", 1)[-1] for text in self.corpus.texts]

    def meaning(self, texts: Sequence[str] | None = None) -> Floats:
        """Return centred dense vectors of unit length."""
        vectors = encode_cached(self.corpus.texts if texts is None else texts, self.folder)
        return unit(vectors - vectors.mean(axis=0))

    def words(self, texts: Sequence[str] | None = None) -> Floats:
        """Return the words, reduced."""
        counter = TfidfVectorizer(
            stop_words="english", sublinear_tf=True, min_df=2, token_pattern=_WORD, dtype=np.float32
        )
        return reduced(counter.fit_transform(self.corpus.texts if texts is None else texts))

    def characters(self) -> Floats:
        """Return runs of 3 to 5 characters within words, reduced."""
        counter = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(3, 5),
            sublinear_tf=True,
            min_df=3,
            max_df=0.3,
            dtype=np.float32,
        )
        return reduced(counter.fit_transform(self.corpus.texts))

    def named(self) -> Floats:
        """Return the proper names that texts share (co-mention of packages), reduced."""
        named = [" ".join(sorted(set(_NAMED.findall(text)))) for text in self.corpus.texts]
        counter = TfidfVectorizer(min_df=2, token_pattern=r"\S+", dtype=np.float32)
        return reduced(counter.fit_transform(named))

    def openings(self) -> Floats:
        """Return the vectors of the first sentences."""
        found = [(_SENTENCE.match(text), text) for text in self.bodies]
        return self.meaning([first.group() if first else text[:200] for first, text in found])


def unit(matrix: Floats) -> Floats:
    """Return the rows at unit length; zeros stay."""
    lengthened: Floats = normalize(matrix).astype(np.float32)
    return lengthened


def reduced(weights: sp.csr_matrix) -> Floats:
    """Return latent semantic dimensions, at most 100, at unit length."""
    size = min(DIMENSIONS, weights.shape[0] // 4, weights.shape[1] - 1)
    return unit(TruncatedSVD(size, algorithm="arpack", random_state=0).fit_transform(weights))


def joined(*parts: tuple[float, Floats]) -> Floats:
    """Return weighted parts side by side, at unit length."""
    return unit(np.hstack([np.float32(weight) * part for weight, part in parts]))


VIEWS: dict[str, Callable[[Documents], Floats]] = {
    "words alone": lambda d: d.words(),
    "meaning alone": lambda d: d.meaning(),
    "meaning, words ½ (ours)": lambda d: joined((1, d.meaning()), (0.5, d.words())),
    "meaning, words 1": lambda d: joined((1, d.meaning()), (1, d.words())),
    "meaning, characters ½": lambda d: joined((1, d.meaning()), (0.5, d.characters())),
    "ours, names mentioned 0.3": lambda d: joined(
        (1, d.meaning()), (0.5, d.words()), (0.3, d.named())
    ),
    "ours, first sentence 0.3": lambda d: joined(
        (1, d.meaning()), (0.5, d.words()), (0.3, d.openings())
    ),
    "ours, the own name left out": lambda d: joined(
        (1, d.meaning(d.bodies)), (0.5, d.words(d.bodies))
    ),
}
OURS = "meaning, words ½ (ours)"


@dataclass(frozen=True)
class Line:
    """Figures of one view over the seeds."""

    documents: str
    view: str
    ami: float
    spread: float
    lists: dict[str, float]
    between_seeds: float | None
    unplaced: float


def line(documents: Documents, name: str, *, runs: int = RUNS, label: str = "") -> Line:
    """Judge one view: mean and spread (standard deviation) over the seeds."""
    corpus = documents.corpus
    view = VIEWS[name](documents)
    found = [topics_in_view(view, seed=seed, runs=runs) for seed in SEEDS]
    scores = [
        {each: agreement_with(gold, corpus, topics) for each, gold in corpus.gold.items()}
        for topics in found
    ]
    means = [fmean(score.values()) for score in scores]
    return Line(
        documents=corpus.name,
        view=label or name,
        ami=fmean(means),
        spread=pstdev(means),
        lists={each: fmean(score[each] for score in scores) for each in corpus.gold},
        between_seeds=agreement_of_runs(found),
        unplaced=fmean(noise_share(topics) for topics in found),
    )


@cache
def categories(path: Path) -> dict[str, str]:
    """Return the category that a coder gave to each repository, where one applies."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["full_name"]: row["category"] for row in csv.DictReader(file) if row["category"]
        }


def repositories(data: Path, *, owners_topics: bool) -> Corpus:
    """Return the 1,007 repositories, with or without their owners' topics in the text."""
    corpus = repositories_2023(data)
    coders = {
        f"coder {each}": categories(data / "kinds-2023" / f"coder_{each}.csv") for each in "ab"
    }
    texts = corpus.texts if owners_topics else [text.rsplit(". ", 1)[0] for text in corpus.texts]
    return replace(corpus, texts=texts, gold=coders)


def lines(data: Path, folder: Path, console: Console) -> list[Line]:
    """Judge every view on tools and requests, and the owners' topics on repositories."""
    found = []
    for corpus in (tools_2026(data), requests(data)):
        documents = Documents(corpus, folder)
        found.append(line(documents, OURS, runs=1, label="ours, one run instead of an ensemble"))
        for name in VIEWS:
            console.print(f"{corpus.name}: {name}", style="dim")
            found.append(line(documents, name))
    for owners_topics in (False, True):
        label = f"ours, {'with' if owners_topics else 'without'} the owners' topics"
        console.print(f"repositories: {label}", style="dim")
        documents = Documents(repositories(data, owners_topics=owners_topics), folder)
        found.append(line(documents, OURS, label=label))
    return found


def main() -> None:
    """Print the table of views."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--cache", type=Path, help="folder that keeps the vectors")
    options = parser.parse_args()
    console = Console(stderr=True)
    with TemporaryDirectory() as temporary:
        found = lines(options.data, options.cache or Path(temporary), console)
    rows = [
        (
            each.documents,
            each.view,
            f"{each.ami:.3f} ± {each.spread:.3f}",
            ", ".join(f"{score:.3f}" for score in each.lists.values()),
            "–" if each.between_seeds is None else f"{each.between_seeds:.3f}",
            f"{each.unplaced:.1%}",
        )
        for each in found
    ]
    columns = ["documents", "space", "mean AMI", "by list", "between seeds", "unplaced"]
    title = f"{len(SEEDS)} seeds, {RUNS} runs each"
    figures = {"lines": [vars(each) for each in found]}
    publish("ablation", figures, [table(title, columns, rows)], options.out)


if __name__ == "__main__":
    main()
