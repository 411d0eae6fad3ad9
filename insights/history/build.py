"""What is known of the histories of a snapshot's tools, as an artifact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from artifacts.arrays import Floats
from artifacts.hashing import hash_value
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from configs.family import Families
from insights.history.history import History, write_history
from insights.history.population import Told, read_population
from insights.history.settings import HistorySettings

if TYPE_CHECKING:
    from insights.history.together import NamedTool

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
        from insights.history.telling import history_of  # scipy, which a plan does without

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


def _identity(placed: PlacedDocuments | None) -> object:
    if placed is None:
        return None
    return {"topics": hash_value(dict(placed.topic_of)), "vectors": dict(placed.source)}


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
