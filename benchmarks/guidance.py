"""What a codebook adds to the topics, judged by people, beside codebooks that should add less.

One table for each set of documents: the runs alone; guided by the right codebook, with the weight
that its fit gives it and with set ones; its codes without any run; and controls. These are its
codes dealt out at random (each document is coded as another, and so has little support by its
neighbours; or it takes over the other's support, too), half of its codes, a coarse codebook, and
codebooks of other fields. Each control has the weight that the right codebook has, and the one that
its own fit gives it. Last, BERTopic on the same texts and vectors.

The codes of request-themes are the scheme of the one coder of the requests, and those of features
the scheme of the two. How far topics agree with the scheme that guided them says little: what is to
be quoted is what request-themes does for the two coders' features, and features for the one
coder's themes. So *change*, against the runs alone, is by the other lists.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from rich.console import Console

from artifacts.arrays import Floats
from benchmarks.common import publish, table
from benchmarks.data import Corpus
from benchmarks.metrics import Labels, agreement_with, noise_share, sizes
from benchmarks.ours import encode_cached
from benchmarks.peers import bertopic_by_default
from benchmarks.sets import (
    FEATURES,
    READMES,
    REQUESTS,
    THEMES,
    TOOLS,
    Answer,
    Joining,
    ManyCuts,
    cache_of,
    cut_runs,
    list_titles,
    read_sets,
    set_arguments,
    settings_of,
)
from configs import package_path
from configs.codebook import parents_of, read_codebook
from taxonomy.guidance.codes import CodeList, CodeTexts
from taxonomy.guidance.guide import CodedDocuments, Guide, code_by_neighbours
from taxonomy.types import Encode, count_nodes

SHIPPED = ("mlops-tools", "mlops-tools-fine", "request-areas", "request-themes")
WEIGHTS = (0.2, 0.3, 0.5)
DRAWS = 2
PEERS = {"BERTopic, defaults": {}, "BERTopic, topics of 5": {"min_topic_size": 5}}
OWN_SCHEME = {"request-themes": THEMES, "request-areas": THEMES, "features": FEATURES}
"""The list that was sorted by the codes of a codebook, or by parts of them."""
BY_FIT, BY_RIGHT, SET = "its fit", "the right book's", "set"
"""Where a weight is from."""

Figures = dict[str, float | None]
Line = tuple[str, str]
"""What guides, and where its weight is from."""


@dataclass(frozen=True)
class Shelf:
    """The codebooks for one set: the right one, and others to compare it with."""

    right: CodeList
    coarse: CodeList
    others: tuple[CodeList, ...]


def shelves(options: argparse.Namespace) -> dict[str, Shelf]:
    """Return the codebooks for each set that the options name."""
    shipped = {name: _book(package_path(f"codebooks/{name}.toml")) for name in SHIPPED}
    fields = {name: _book(folder / f"{name}.toml") for name, folder in options.field}
    tools = Shelf(
        shipped["mlops-tools-fine"],
        shipped["mlops-tools"],
        (shipped["request-themes"], *fields.values()),
    )
    features = _features(options.data / "usage-2026" / "features.toml")
    requests = Shelf(
        shipped["request-themes"],
        shipped["request-areas"],
        (features, shipped["mlops-tools-fine"], *fields.values()),
    )
    return {TOOLS: tools, READMES: tools, REQUESTS: requests} | {
        name: Shelf(
            fields[name],
            _book(folder / f"{name}-kinds.toml"),
            (shipped["mlops-tools-fine"], *(fields[each] for each in fields if each != name)),
        )
        for name, folder in options.field
    }


def _book(path: Path) -> CodeList:
    book = read_codebook(path)
    return CodeList.of(book, parents_of(book, path))


def _features(path: Path) -> CodeList:
    """Return the codes that have an id and a definition, named by their ids.

    The one for what no other fits says nothing of a document.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["codes"]
    codes = []
    for row in rows:
        if row["id"] != "other":
            name = row["id"].replace("-", " ").capitalize()
            texts = (name, row["definition"])
            codes.append(CodeTexts(row["id"], name, texts))
    return CodeList("features", "Features of frameworks", 1, tuple(codes))


@dataclass(frozen=True)
class Trial:
    """One whole ensemble over a set, and what it finds alone."""

    corpus: Corpus
    vectors: Floats
    encode: Encode
    runs: ManyCuts
    joining: Joining
    alone: Answer

    @classmethod
    def of(cls, corpus: Corpus, cache: Path, seed: int) -> Trial:
        """Return the trial with one of several seeds."""
        encode = partial(encode_cached, folder=cache)
        vectors = encode(corpus.texts)
        runs = cut_runs(corpus, vectors, settings_of(seed), cache)
        joining = Joining(runs.ensemble(runs.own_size))
        return cls(corpus, vectors, encode, runs, joining, joining.answer())

    def coded(self, book: CodeList, order: Sequence[int] | None = None) -> CodedDocuments:
        """Return the documents beside a codebook; with an order, each as if it were another."""
        order = range(len(self.vectors)) if order is None else order
        texts = [self.corpus.texts[at] for at in order]
        near = self.runs.graph.memberships
        return code_by_neighbours(texts, self.vectors[list(order)], book, self.encode, near)

    def guide(self, coded: CodedDocuments, weight: float | None = None) -> Guide:
        """Return the codebook as a guide; a weight of None is by its fit."""
        return coded.guide(self.alone.topics, weight)

    def guided(self, guide: Guide) -> Figures:
        """Return the figures of the topics that a codebook guides."""
        answer = self.joining.answer(guide) if guide.weight > 0 else self.alone
        measured = {"fit": guide.fit, "weight": guide.weight, **told(answer)}
        return self.judged(answer.topics, measured, book=guide.book.name)

    def judged(self, topics: Labels, measured: Figures, book: str | None = None) -> Figures:
        """Return the figures of any topics, with what is measured besides.

        ``book`` guided them: its own scheme counts for no change.
        """
        lists = {
            name: agreement_with(gold, self.corpus, topics)
            for name, gold in self.corpus.gold.items()
        }
        change = [
            lists[name] - agreement_with(gold, self.corpus, self.alone.topics)
            for name, gold in self.corpus.gold.items()
            if book is None or name != OWN_SCHEME.get(book)
        ]
        return {
            "fit": None,
            "weight": None,
            "topics": len(sizes(topics)),
            "categories": None,
            "unplaced": noise_share(topics),
            **lists,
            "mean": fmean(lists.values()),
            "change": fmean(change),
            "halves": None,
            **measured,
        }


def told(answer: Answer) -> Figures:
    """Return what an answer says beside its topics."""
    return {"categories": count_nodes(answer.categories), "halves": answer.halves_ami}


def lines(trial: Trial, shelf: Shelf) -> dict[Line, Figures]:
    """Return the figures of all that is told to one ensemble, and of what is compared with it."""
    alone, right = trial.alone, trial.coded(shelf.right)
    by_fit, name = trial.guide(right), shelf.right.name
    found = {("unguided", ""): trial.judged(alone.topics, told(alone))}
    found[name, BY_FIT] = trial.guided(by_fit)
    for weight in WEIGHTS:
        found[name, f"{SET}, {weight}"] = trial.guided(trial.guide(right, weight))
    found["its best codes, no runs", ""] = trial.judged(right.codes, {"fit": by_fit.fit}, name)
    for control, coded in controls(trial, shelf, right):
        found[control, BY_RIGHT] = trial.guided(trial.guide(coded, by_fit.weight))
        found[control, BY_FIT] = trial.guided(trial.guide(coded))
    for peer, settings in PEERS.items():
        seed = trial.runs.settings.seed
        topics = bertopic_by_default(trial.corpus.texts, trial.vectors, seed=seed, **settings)
        found[peer, ""] = trial.judged(topics, {})
    return found


def controls(
    trial: Trial, shelf: Shelf, right: CodedDocuments
) -> Iterator[tuple[str, CodedDocuments]]:
    """Yield the documents beside codes that should say less of them than the right ones."""
    n_docs, codes = len(trial.vectors), shelf.right.codes
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(n_docs)
        yield f"dealt at random {draw + 1}", trial.coded(shelf.right, order.tolist())
        as_sure = replace(
            right, own=right.own[order], codes=right.codes[order], support=right.support[order]
        )
        yield f"dealt with support {draw + 1}", as_sure
    for draw in range(DRAWS):
        chosen = np.random.default_rng(draw).permutation(len(codes))[: len(codes) // 2]
        half = replace(shelf.right, codes=tuple(codes[at] for at in np.sort(chosen)))
        yield f"half of its codes {draw + 1}", trial.coded(half)
    for book in (shelf.coarse, *shelf.others):
        yield book.name, trial.coded(book)


def over_seeds(trials: Sequence[Mapping[Line, Figures]]) -> dict[Line, Figures]:
    """Return the mean of every figure of every line."""
    return {
        line: {name: _mean([each[line][name] for each in trials]) for name in figures}
        for line, figures in trials[0].items()
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def figures_of(corpus: Corpus, shelf: Shelf, cache: Path, *, seeds: int) -> dict[Line, Figures]:
    """Return the figures of one set: means over whole ensembles that share no seed."""
    return over_seeds([lines(Trial.of(corpus, cache, seed), shelf) for seed in range(seeds)])


def shown(corpus: Corpus, found: Mapping[Line, Figures]) -> Any:
    """Return the table of one set."""
    titles = list_titles(corpus)
    figures = next(iter(found.values()))
    columns = ["guided by", "weight by", *(titles.get(each, each) for each in figures)]
    rows = [[*line, *map(_cell, figures, figures.values())] for line, figures in found.items()]
    return table(f"{corpus.name}: {len(corpus.keys)} documents", columns, rows)


def _cell(name: str, value: float | None) -> str | None:
    if value is None:
        return None
    if name in ("topics", "categories"):
        return f"{value:.1f}"
    if name == "unplaced":
        return f"{value:.1%}"
    return f"{value:+.3f}" if name == "change" else f"{value:.3f}"


def main() -> None:
    """Print a table for each set."""
    options = set_arguments(__doc__ or "").parse_args()
    console = Console(stderr=True)
    shelf, figures, tables = shelves(options), {}, []
    with cache_of(options) as cache:
        for corpus in read_sets(options):
            console.print(corpus.name, style="dim")
            found = figures_of(corpus, shelf[corpus.name], cache, seeds=options.seeds)
            figures[corpus.name] = [
                {"guided by": guide, "weight by": by, **each} for (guide, by), each in found.items()
            ]
            tables.append(shown(corpus, found))
    publish("guidance", {"seeds": options.seeds, "sets": figures}, tables, options.out)


if __name__ == "__main__":
    main()
