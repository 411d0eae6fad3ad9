"""Which tools go together by topics: references, shuffled baskets, planted pairs, what stands out.

``--data`` holds github-search-2023-01-18/, 1,007 repositories.

- dvc and mlflow by exact topics, over repositories and over distinct owners.
- How many of 200 shuffles give any pair, and how many owners have both of a pair in them, against
  those expected; of 10 shuffles where every topic is an item, too. Baskets are shuffled by the
  curveball algorithm (Strona et al. 2014): each repository keeps how many topics it has, and each
  topic how often it is given.
- In how many of 40 shuffles a pair is found that 6, 8, … of 40 and 35 repositories were given.
- What stands out, and stacks, with the tools that curated lists name and the frameworks shipped.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from artifacts.progress import SilentProgress
from benchmarks.common import arguments, publish, table
from configs import package_path
from insights.history.population import HistoryPopulation, read_population
from insights.history.stacks import walk
from insights.history.together import NamedTool, Together, tools_by_topic, tools_together
from insights.usage.together import FALSE_DISCOVERIES
from mining.snapshots import seal
from mining.sources.github_search import import_github_search

N_SHUFFLES = 200
N_SHUFFLES_OF_ALL = 10
TRADES_PER_BASKET = 5
FIRST_SEED = 20140601
PLANTED = (6, 8, 10, 12, 15)
N_PLANTINGS = 40
ELSEWHERE = {
    "mlflow/mlflow": "Model, Data and Experiment Management",
    "apache/airflow": "Data Pipeline",
    "ray-project/ray": "Computation and Communication Optimisation",
    "dagster-io/dagster": "Data Pipeline",
    "polyaxon/polyaxon": "Model Training and Orchestration",
}
"""Tools that many give as a topic and that the list lacks, placed by hand in its categories."""


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures."""
    options = arguments(__doc__ or "").parse_args(argv)
    population = read_pages(options.data)
    named = known_tools()
    found = tools_together(population, named)
    every = {topic: NamedTool(f"any/{topic}", None) for topic in topics_of(population)}
    power = {n: planted(population, named, n) for n in PLANTED}
    figures: dict[str, dict[Any, Any]] = {
        "references": references(population),
        "shuffles": shuffles(population, named, N_SHUFFLES),
        "shuffles, every topic an item": shuffles(population, every, N_SHUFFLES_OF_ALL),
        "planted pairs": power,
    }
    tables = [
        *(table(name, ("figure", "value"), list(its.items())) for name, its in figures.items()),
        pairs_table(found),
        stacks_table(found),
    ]
    publish("together", figures, tables, options.out)


def read_pages(data: Path) -> HistoryPopulation:
    """Return the repositories of the pages."""
    pages = sorted((data / "github-search-2023-01-18").glob("*.json.gz"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "2023-01-18.topics"
        import_github_search(pages, folder, progress=SilentProgress())
        seal(folder)
        return read_population(folder)


def known_tools() -> dict[str, NamedTool]:
    """Return the tools that curated lists name, those shipped as frameworks, and some others."""
    with package_path("snapshots/curated-lists.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["list"].startswith("EthicalML")]
    categories = {row["full_name"]: row["category"] for row in rows} | ELSEWHERE
    return tools_by_topic(NamedTool(*each) for each in categories.items())


def references(population: HistoryPopulation) -> dict[str, Any]:
    """Return the figures of dvc and mlflow, over repositories and over owners."""
    has = {name: [t for t in population.tools if name in (t.topics or ())] for name in _NAMES}
    both = [tool for tool in has["dvc"] if "mlflow" in (tool.topics or ())]
    n_both, n_dvc, n_mlflow, n = len(both), *map(len, has.values()), len(population.tools)
    owners = [len({tool.owner for tool in its}) for its in (both, *has.values(), population.tools)]
    return {
        "repositories with both, dvc, mlflow, all": (n_both, n_dvc, n_mlflow, n),
        "lift over repositories": n_both * n / (n_dvc * n_mlflow),
        "owners with both, dvc, mlflow, all": tuple(owners),
        "lift over owners": owners[0] * owners[3] / (owners[1] * owners[2]),
    }


_NAMES = ("dvc", "mlflow")


def curveball(baskets: Sequence[frozenset[str]], seed: int) -> list[frozenset[str]]:
    """Return baskets shuffled, with the size of each and the number of each thing kept."""
    rng = np.random.default_rng(seed)
    shuffled = [set(each) for each in baskets]
    draws = rng.integers(len(baskets), size=(TRADES_PER_BASKET * len(baskets), 2))
    for one, other in draws.tolist():
        mine, theirs = shuffled[one] - shuffled[other], shuffled[other] - shuffled[one]
        if not (mine and theirs):
            continue
        pool = sorted(mine | theirs)
        rng.shuffle(pool)
        given = set(pool[: len(mine)])
        shuffled[one] = (shuffled[one] - mine) | given
        shuffled[other] = (shuffled[other] - theirs) | (set(pool) - given)
    return [frozenset(each) for each in shuffled]


def topics_of(population: HistoryPopulation) -> set[str]:
    """Return all topics that are given."""
    return set().union(*(tool.topics or () for tool in population.tools))


def with_topics(
    population: HistoryPopulation, baskets: Sequence[frozenset[str]]
) -> HistoryPopulation:
    """Return a population with other topics."""
    tools = zip(population.tools, baskets, strict=True)
    return replace(population, tools=tuple(replace(tool, topics=its) for tool, its in tools))


def shuffled_population(population: HistoryPopulation, seed: int) -> HistoryPopulation:
    """Return a population with its topics shuffled."""
    return with_topics(
        population, curveball([t.topics or frozenset() for t in population.tools], seed)
    )


def shuffles(
    population: HistoryPopulation, named: dict[str, NamedTool], n_shuffles: int
) -> dict[str, Any]:
    """Return how often shuffled baskets give any pair, and whether as many as are expected."""
    n_found: list[int] = []
    n_both = expected = 0.0
    for seed in range(FIRST_SEED, FIRST_SEED + n_shuffles):
        told = tools_together(shuffled_population(population, seed), named)
        n_found.append(sum(pair.q < FALSE_DISCOVERIES for pair in told.pairs))
        n_both += sum(pair.n_both for pair in told.pairs) / n_shuffles
        expected += sum(pair.expected for pair in told.pairs) / n_shuffles
    return {
        "shuffles": n_shuffles,
        "that give any pair": sum(map(bool, n_found)) / n_shuffles,
        "owners with both, over all pairs": n_both,
        "as expected": expected,
    }


def planted(population: HistoryPopulation, named: dict[str, NamedTool], n_both: int) -> float:
    """Return in which share of shuffles a pair is found that some owners were made to give."""
    tools = {
        **named,
        "planted-one": NamedTool("a/one", "a"),
        "planted-two": NamedTool("b/two", "b"),
    }
    hits = 0
    for seed in range(FIRST_SEED, FIRST_SEED + N_PLANTINGS):
        shuffled = shuffled_population(population, seed)
        topics = [set(tool.topics or ()) for tool in shuffled.tools]
        places = np.random.default_rng(seed).permutation(len(topics)).tolist()
        for place in places[:40]:
            topics[place].add("planted-one")
        for place in places[40 - n_both : 40 - n_both + 35]:
            topics[place].add("planted-two")
        told = tools_together(with_topics(shuffled, list(map(frozenset, topics))), tools)
        (pair,) = (p for p in told.pairs if (p.first, p.second) == ("planted-one", "planted-two"))
        hits += pair.relation == "complement"
    return hits / N_PLANTINGS


def pairs_table(found: Together, n_rows: int = 25) -> Any:
    """Return a table of the pairs that stand out most."""
    rows = [
        (
            f"{pair.first} – {pair.second}",
            f"{pair.n_first}, {pair.n_second}",
            pair.n_both,
            pair.expected,
            pair.plain_lift,
            f"{pair.lift.value:.2f} ({pair.lift.low:.2f} to {pair.lift.high:.2f})",
            f"{pair.q:.2g}",
            pair.relation,
        )
        for pair in found.pairs[:n_rows]
    ]
    columns = ("tools", "owners", "both", "expected", "plain lift", "lift", "q", "relation")
    return table("What stands out most", columns, rows)


def stacks_table(found: Together) -> Any:
    """Return a table of stacks, with ten owners to a step and with five."""
    rows = []
    for have in (["dvc", "mlflow"], ["dvc"], ["evidently"], ["kubeflow"]):
        for smallest in (10, 5):
            stack = walk(have, found.items, found.pairs, {}, smallest=smallest, verb="named")
            steps = ", ".join(f"{step.item} ({step.n_both})" for step in stack.steps)
            rows.append((", ".join(have), smallest, steps or None, stack.stopped))
    return table("Stacks", ("have", "owners, at least", "steps", "it stops, as"), rows)


if __name__ == "__main__":
    main()
