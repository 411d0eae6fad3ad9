"""What is known of the histories of a snapshot's tools, as an artifact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from artifacts.arrays import Floats
from artifacts.hashing import hash_value
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from configs.family import Families
from insights.history.changes import change_points
from insights.history.concentration import concentrations
from insights.history.cycle import cycle_positions
from insights.history.figures import Separation
from insights.history.growth import growth
from insights.history.health import health_signals
from insights.history.history import History, PopulationFigures, write_history
from insights.history.population import HistoryPopulation, Told, read_population
from insights.history.returns import transitions
from insights.history.separation import separations
from insights.history.settings import HistorySettings
from insights.history.shares import family_shares, members_of
from insights.history.stages import lifecycles, stage_counts
from insights.history.survival import survival
from insights.history.together import NamedTool, tools_together
from insights.history.tools import tool_months, tool_rows

KIND: Final = "history"
FOLDER: Final = "insights/history"
VERSION: Final = 2
"""Raised whenever the same snapshot and settings would give other figures."""
UNOBSERVED: Final = "no day of observation"


@dataclass(frozen=True, kw_only=True)
class PlacedDocuments:
    """The documents of a taxonomy, and where they are in it.

    Attributes
    ----------
    topic_of
        Topic number by key; `NOISE`: in none.
    keys, vectors
        n_docs keys, and what gives their n_docs × n_dims vectors.
    source
        Hashes of what the vectors are made from.
    """

    topic_of: Mapping[str, int]
    keys: Sequence[str]
    vectors: Callable[[], Floats]
    source: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class HistoryParts:
    """What a history is made of.

    Attributes
    ----------
    snapshot
        Folder of the sealed snapshot.
    families
        Of topics and words, whose shares are told.
    told
        The kinds and categories of its repositories.
    named
        The tools that topics name, by topic.
    placed
        The documents of a taxonomy of the same snapshot; None: there is none.
    searched
        Topics that the repositories were searched by.
    """

    snapshot: Path
    settings: HistorySettings
    families: Families
    told: Told
    named: Mapping[str, NamedTool]
    placed: PlacedDocuments | None
    searched: tuple[str, ...] = ()


def history_step(parts: HistoryParts, *, progress: Progress) -> Step:
    """Return the step that says what is known of the histories of a snapshot's tools."""
    snapshot = Manifest.read(parts.snapshot)
    settings = parts.settings.model_dump(mode="json")

    def find(_key: str) -> Content:
        population = read_population(parts.snapshot, parts.told)
        history = history_of(population, parts, progress)
        return Content(
            write=lambda folder: write_history(folder, history), about=_about(history, settings)
        )

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            "snapshot": snapshot.content_hash,
            # The days of observation may be clocks, which a snapshot's content hash leaves out.
            "observed": snapshot.files["repositories.parquet"],
            "settings": settings,
            "families": parts.families.model_dump(mode="json"),
            "kinds": hash_value(dict(parts.told.kinds)),
            "categories": hash_value(dict(parts.told.categories)),
            "named": {topic: asdict(tool) for topic, tool in sorted(parts.named.items())},
            "placed": _identity(parts.placed),
            "searched": list(parts.searched),
        },
        inputs={snapshot.name: snapshot.content_hash},
        config=settings,
        find=find,
    )


def history_of(population: HistoryPopulation, parts: HistoryParts, progress: Progress) -> History:
    """Return what is known of the histories of a population; `parts.snapshot` is not read."""
    settings = parts.settings
    progress.say(f"telling the stages of the tools of {population.snapshot}")
    lives = lifecycles(population, settings)
    signals = health_signals(population, lives)
    changes = change_points(population, seed=settings.seed)
    progress.say(f"fitting the growth of {population.snapshot}")
    grown = growth(population, settings)
    unequal = concentrations(population, seed=settings.seed)
    progress.say(f"estimating how long the tools of {population.snapshot} last")
    lasting = survival(population, settings)
    progress.say(f"counting what goes together in {population.snapshot}")
    together = tools_together(population, parts.named)
    return History(
        snapshot=population.snapshot,
        population=PopulationFigures.of(population),
        tools=tool_rows(population, lives, signals),
        tool_months=tool_months(population),
        spells=tuple(spell for life in lives.values() for spell in life.spells),
        change_points=changes,
        months=grown.months,
        fits=grown.fits,
        fitted=grown.fitted,
        verdicts=grown.verdicts,
        concentration=unequal.figures,
        lorenz=unequal.curves,
        stages=stage_counts(population, lives),
        cycle=cycle_positions(population, settings),
        curves=lasting.curves,
        survival=lasting.figures,
        log_rank=lasting.tests,
        transitions=transitions(population, lives),
        shares=family_shares(population, parts.families, settings),
        separation=_separated(population, parts),
        items=together.items,
        pairs=together.pairs,
        signals=signals,
    )


def _identity(placed: PlacedDocuments | None) -> object:
    if placed is None:
        return None
    return {"topics": hash_value(dict(placed.topic_of)), "vectors": dict(placed.source)}


def _separated(population: HistoryPopulation, parts: HistoryParts) -> tuple[Separation, ...]:
    """Return how families separate in the taxonomy; nothing where there is none."""
    placed, families = parts.placed, parts.families
    if placed is None or not families.apart:
        return ()
    return separations(
        members_of(population, families, searched=parts.searched),
        placed.topic_of,
        placed.vectors(),
        placed.keys,
        families.apart,
        seed=parts.settings.seed,
        smallest=parts.settings.smallest_group,
    )


def _about(history: History, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the manifest says: of whom the figures are, and what they were made with."""
    figures = history.population
    kept = figures.n_distinct - figures.n_unobserved
    return {
        "packages": package_versions("numpy", "pyarrow", "scipy"),
        "seeds": [settings["seed"]],
        "counts": {
            "repositories": Counts.of(figures.n_distinct, kept, {UNOBSERVED: figures.n_unobserved})
        },
        "facts": history.facts(),
        "notes": list(figures.notes),
    }
