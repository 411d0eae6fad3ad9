"""How large the smallest topic should be: what hangs on it, in several fields.

Every line is a set of documents and a size: whether the topics are found again under other seeds
(whole ensembles that share none, and the halves of each), and how far they agree with people.
Beside these sizes stands the one that `taxonomy.settings.smallest_topic` has for the set.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console

from benchmarks.common import publish, table
from benchmarks.data import Corpus
from benchmarks.metrics import agreement_of_runs, agreement_with, noise_share, sizes
from benchmarks.ours import encode_cached
from benchmarks.sets import (
    SIZES,
    Answer,
    Joining,
    cache_of,
    cut_runs,
    list_titles,
    read_sets,
    set_arguments,
    settings_of,
)
from taxonomy.types import count_nodes


@dataclass(frozen=True)
class SizeFigures:
    """Figures of one set at one size of the smallest topic, means over the seeds.

    Attributes
    ----------
    by_rule
        The size is the one that the set has by default.
    between_seeds
        Mean agreement of every two whole ensembles; None: there is one alone.
    ami, lists
        Agreement with people: mean of the lists, and of each.
    """

    documents: str
    smallest: int
    by_rule: bool
    topics: float
    categories: float
    unplaced: float
    between_seeds: float | None
    halves: float
    ami: float
    lists: dict[str, float]


def figures_by_size(corpus: Corpus, cache: Path, *, seeds: int) -> list[SizeFigures]:
    """Return the figures of one set at every size."""
    vectors = encode_cached(corpus.texts, cache)
    runs = [cut_runs(corpus, vectors, settings_of(seed), cache) for seed in range(seeds)]
    own = runs[0].own_size
    return [
        _figures(
            corpus,
            [Joining(each.ensemble(smallest)).answer() for each in runs],
            smallest=smallest,
            by_rule=smallest == own,
        )
        for smallest in sorted({*SIZES, own})
    ]


def _figures(corpus: Corpus, answers: list[Answer], *, smallest: int, by_rule: bool) -> SizeFigures:
    found = [answer.topics for answer in answers]
    lists = {
        name: fmean(agreement_with(gold, corpus, topics) for topics in found)
        for name, gold in corpus.gold.items()
    }
    return SizeFigures(
        documents=corpus.name,
        smallest=smallest,
        by_rule=by_rule,
        topics=fmean(len(sizes(topics)) for topics in found),
        categories=fmean(count_nodes(answer.categories) for answer in answers),
        unplaced=fmean(noise_share(topics) for topics in found),
        between_seeds=agreement_of_runs(found),
        halves=fmean(answer.halves_ami for answer in answers),
        ami=fmean(lists.values()),
        lists=lists,
    )


def shown(corpus: Corpus, found: list[SizeFigures]) -> Any:
    """Return the table of one set."""
    columns = ["smallest", "topics", "categories", "unplaced", "AMI of seeds", "of halves"]
    columns += ["with lists", *list_titles(corpus).values()]
    rows = [
        (
            f"{each.smallest}{', the rule' if each.by_rule else ''}",
            f"{each.topics:.1f}",
            f"{each.categories:.1f}",
            f"{each.unplaced:.1%}",
            each.between_seeds,
            each.halves,
            each.ami,
            *each.lists.values(),
        )
        for each in found
    ]
    return table(f"{corpus.name}: {len(corpus.keys)} documents", columns, rows)


def main() -> None:
    """Print a table for each set."""
    options = set_arguments(__doc__ or "").parse_args()
    console = Console(stderr=True)
    corpora = list(read_sets(options))
    found: list[SizeFigures] = []
    with cache_of(options) as cache:
        for corpus in corpora:
            console.print(corpus.name, style="dim")
            found += figures_by_size(corpus, cache, seeds=options.seeds)
    tables = [
        shown(corpus, [each for each in found if each.documents == corpus.name])
        for corpus in corpora
    ]
    figures = {"seeds": options.seeds, "lines": [vars(each) for each in found]}
    publish("sizes", figures, tables, options.out)


if __name__ == "__main__":
    main()
