"""Sets of documents that people sorted, and ensembles over them, made once for many answers.

A layout is what a run costs; so each is clustered at every size that a benchmark asks for, and what
it found is kept. An ensemble with some smallest topic then takes the rows that it would have made
by itself: `taxonomy.ensemble.plan_runs` says which.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from artifacts.arrays import Floats
from artifacts.progress import SilentProgress
from benchmarks import data
from benchmarks.common import arguments
from benchmarks.data import Corpus
from benchmarks.metrics import Labels
from benchmarks.ours import SEEDS_APART
from taxonomy.build import RUNS_VERSION
from taxonomy.categories import JoinedRuns, RunScales, find_categories, over
from taxonomy.consensus import Ensemble, halves, stability
from taxonomy.ensemble import RunPlan, plan_runs, run_ensemble
from taxonomy.guidance.guide import Guide
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.space import NeighbourGraph, joined_space, neighbour_graph

SIZES = (2, 3, 4, 5, 6, 8)
"""Documents of the smallest topic, besides those of the rule."""
TOOLS, READMES, REQUESTS = "tools", "readmes", "requests"
THEMES, FEATURES = "themes of one coder", "features of two coders"
"""How the requests are sorted."""


def set_arguments(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options of a benchmark over the sets."""
    parser = arguments(description)
    parser.add_argument("--readmes", type=Path, help="READMEs of tools-2026, as JSON lines")
    parser.add_argument(
        "--field",
        type=_named_folder,
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="a further field: readmes.jsonl, lists.csv, NAME.toml, NAME-kinds.toml; repeatable",
    )
    parser.add_argument("--seeds", type=int, default=2, help="whole ensembles over each set")
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors and runs")
    return parser


def _named_folder(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not name or not Path(folder).is_dir():
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=DIR, or there is no such folder")
    return name, Path(folder)


@contextmanager
def cache_of(options: argparse.Namespace) -> Iterator[Path]:
    """Provide the folder that keeps vectors and runs: as named, or until the end of the block."""
    if options.cache is None:
        with TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        options.cache.mkdir(parents=True, exist_ok=True)
        yield options.cache


def read_sets(options: argparse.Namespace) -> Iterator[Corpus]:
    """Yield the sets that the options name: tools, their READMEs, requests, further fields."""
    yield replace(data.tools_2026(options.data), name=TOOLS)
    if options.readmes is not None:
        yield data.readmes(READMES, options.readmes, data.lists(options.data))
    requests = data.requests(options.data)
    [themes] = requests.gold.values()
    gold = {THEMES: themes, FEATURES: data.features_two_coders(options.data)}
    yield replace(requests, name=REQUESTS, gold=gold)
    for name, folder in options.field:
        lists = data.lists_of(folder / "lists.csv")
        yield data.readmes(name, folder / "readmes.jsonl", lists)


def list_titles(corpus: Corpus) -> dict[str, str]:
    """Return how each list of a set is headed: with how many of the documents it names."""
    keys = set(corpus.keys)
    return {name: f"{name} ({len(keys & gold.keys())})" for name, gold in corpus.gold.items()}


@dataclass(frozen=True)
class ManyCuts:
    """The runs of a whole ensemble over one set, each layout clustered at many sizes.

    Attributes
    ----------
    settings
        By default, but for the seed.
    view, graph
        As `taxonomy.space` makes them.
    rows
        n_docs labels, by the seed of the run and its smallest cluster.
    """

    settings: TopicSettings
    view: Floats
    graph: NeighbourGraph
    rows: Mapping[tuple[int, int], Labels]

    @property
    def own_size(self) -> int:
        """Return the documents of the smallest topic by the rule."""
        return smallest_topic(len(self.view), self.settings)

    def ensemble(self, smallest: int) -> Ensemble:
        """Return the ensemble whose smallest topic has so many documents."""
        plans = _plans(len(self.view), self.settings, smallest)
        return Ensemble(
            runs=np.stack([self.rows[plan.seed, size] for plan in plans for size in plan.sizes]),
            neighbours=self.graph.neighbours,
            view=self.view,
            cohesion=self.settings.cohesion,
            placement=self.settings.placement,
            smallest=smallest,
        )


def cut_runs(corpus: Corpus, vectors: Floats, settings: TopicSettings, folder: Path) -> ManyCuts:
    """Return the runs of one whole ensemble over a set, those that ``folder`` keeps or new ones."""
    _, view = joined_space(
        corpus.texts, vectors, lexical_weight=settings.lexical_weight, seed=settings.seed
    )
    graph = neighbour_graph(
        view, neighbours=settings.neighbours, dimensions=settings.dimensions, seed=settings.seed
    )
    smallest = sorted({*SIZES, smallest_topic(len(view), settings)})
    by_run = zip(*(_plans(len(view), settings, size) for size in smallest), strict=True)
    plans = [
        RunPlan(alike[0].seed, tuple(sorted({size for plan in alike for size in plan.sizes})))
        for alike in by_run
    ]
    known_by = repr((corpus.texts, settings, plans, RUNS_VERSION)).encode() + vectors.tobytes()
    path = folder / f"runs-{corpus.name}-{hashlib.sha256(known_by).hexdigest()[:16]}.npy"
    if not path.exists():
        labels = run_ensemble(graph, plans, settings, progress=SilentProgress())
        with path.with_suffix(".part").open("wb") as file:
            np.save(file, labels)
        path.with_suffix(".part").rename(path)
    cuts = [(plan.seed, size) for plan in plans for size in plan.sizes]
    return ManyCuts(settings, view, graph, dict(zip(cuts, np.load(path), strict=True)))


def settings_of(seed: int) -> TopicSettings:
    """Return the defaults for one of several whole ensembles, which share no seed of a run."""
    return TopicSettings(seed=seed * SEEDS_APART)


def _plans(n_docs: int, settings: TopicSettings, smallest: int) -> list[RunPlan]:
    return plan_runs(n_docs, settings.model_copy(update={"min_topic_size": smallest}))


@dataclass(frozen=True)
class Answer:
    """What an ensemble finds: n_docs topics and categories, and how far its halves agree."""

    topics: Labels
    categories: Labels
    halves_ami: float


@dataclass(frozen=True)
class Joining:
    """From an ensemble to its answers, alone or guided; its runs are seen at all scales once."""

    ensemble: Ensemble

    @cached_property
    def _scales(self) -> list[RunScales]:
        return [RunScales.of(run, self.ensemble.view) for run in self.ensemble.runs]

    def answer(self, guide: Guide | None = None) -> Answer:
        """Return what the runs agree on, as `taxonomy.engine.find_topics` joins them."""
        ensemble = replace(self.ensemble, guide=guide)
        rows = ensemble.all_rows()
        whole, *parts = [
            JoinedRuns([self._scales[row] for row in some], ensemble.consensus(some).topics)
            for some in (rows, *halves(rows))
        ]
        layer = find_categories(whole, parts, guide=guide)
        steady = stability(whole.topics, [half.topics for half in parts])
        categories = over(layer.category_of, whole.topics)
        return Answer(whole.topics, categories, steady.halves_ami)
