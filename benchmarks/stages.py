"""Do stages of lifecycles agree with what two people say of 54 tools? Exact share, and linear κ.

    python -m benchmarks.stages --data FOLDER [--out FILE]

``FOLDER`` has ``tools-2026/tools.jsonl`` (commits a month, from git histories) and
``lifecycle-2026/stages_two_judges.csv``. The thresholds of the rules were written down, with their
reasons, before anybody who wrote them or the method had read the judgements; the cost of a change
was chosen by how few changes the tools should have. The day of each judgement is the day of
observation, six of which are assumed: figures are with and without these. Months alone cannot tell
dormant from dead before two years have passed, so that both are also taken as one.

The judges had seen commits a month too, and speak partly from memory: no gold standard.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import arguments, publish, table, timed
from insights.history.population import HistoryPopulation, read_population
from insights.history.settings import HistorySettings
from insights.history.stages import STAGES, Lifecycle, lifecycles
from labels.agreement.coded import Coded
from labels.agreement.coefficients import Resampling, cohen, percent, ratings, weights
from mining.snapshots import seal
from mining.sources.tabular import import_repositories

OURS = "rules"
JUDGES = ("judge a", "judge b")
EXACT, KAPPA = 0.66, 0.76
"""What is aimed at, with each judge."""
JOINED = tuple(stage for stage in STAGES if stage != "dead")
SEED = 0


@dataclass(frozen=True)
class Judgement:
    """What two judges say of a tool on a day.

    Attributes
    ----------
    is_assumed
        Whether the day is.
    is_stale
        Whether it looks dead only because the copy of its history ended early.
    """

    name: str
    day: datetime
    is_assumed: bool
    is_stale: bool
    stages: tuple[str, str]


@dataclass(frozen=True)
class StageAgreement:
    """How far two of three agree: share that is the same and linear κ, with 95 % intervals."""

    tools: str
    stages: str
    pair: str
    n: int
    exact: float | None
    exact_low: float | None
    exact_high: float | None
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None


def read_judgements(path: Path) -> list[Judgement]:
    """Return the judgements of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Judgement(
                name=row["full_name"].lower(),
                day=datetime.fromisoformat(row["as_of"]).replace(tzinfo=UTC),
                is_assumed=row["as_of_source"] == "assumed",
                is_stale=row["trap"] == "stale-copy",
                stages=(row["stage_a"], row["stage_b"]),
            )
            for row in csv.DictReader(file)
        ]


def imported(path: Path) -> HistoryPopulation:
    """Return the tools of a table of git histories, as a study reads them."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "snapshots" / "2026-08-23.tools"
        import_repositories([path], folder)
        seal(folder)
        return read_population(folder)


def observed(population: HistoryPopulation, days: Mapping[str, datetime]) -> HistoryPopulation:
    """Return the tools of which the day is named, as they were observed on it."""
    tools = tuple(
        replace(tool, observed_at=days[tool.full_name.lower()])
        for tool in population.tools
        if tool.full_name.lower() in days
    )
    return replace(population, tools=tools)


def agreements(
    judgements: Sequence[Judgement], found: Mapping[str, str], tools: str
) -> Iterator[StageAgreement]:
    """Yield how far the rules and the judges agree, pair by pair, with and without dead."""
    for codes, called in ((STAGES, "six"), (JOINED, "dormant and dead as one")):
        given = {
            (judgement.name, coder): frozenset({_in(codes, stage)})
            for judgement in judgements
            for coder, stage in zip(
                (OURS, *JUDGES), (found[judgement.name], *judgement.stages), strict=True
            )
        }
        coded = Coded(
            variable="stage",
            level="ordinal",
            multiple=False,
            codes=tuple(codes),
            points={},
            coders=(OURS, *JUDGES),
            items=tuple(judgement.name for judgement in judgements),
            values=given,
            wave_of={},
            version_of={},
        )
        for pair in ((OURS, JUDGES[0]), (OURS, JUDGES[1]), JUDGES):
            yield _agreement(coded.of_coders(pair), pair, tools, called)


def _in(codes: Sequence[str], stage: str) -> str:
    return stage if stage in codes else "dormant"


def _agreement(coded: Coded, pair: tuple[str, str], tools: str, called: str) -> StageAgreement:
    values, resampling = ratings(coded), Resampling(seed=SEED)
    exact = percent(values, resampling=resampling)
    linear = weights("linear", range(1, len(coded.codes) + 1))
    kappa = cohen(values, weights=linear, resampling=resampling)
    return StageAgreement(
        tools,
        called,
        " – ".join(pair),
        exact.n_pairable,
        *(exact.value, exact.low, exact.high),
        *(kappa.value, kappa.low, kappa.high),
    )


def changes_of(lives: Mapping[str, Lifecycle]) -> tuple[float, int]:
    """Return the mean and the most changes of tools whose stage is known."""
    changes = [life.changes for life in lives.values() if life.changes is not None]
    return float(np.mean(changes)), max(changes)


def run(data: Path) -> dict[str, Any]:
    """Return all figures."""
    population = imported(data / "tools-2026" / "tools.jsonl")
    judgements = read_judgements(data / "lifecycle-2026" / "stages_two_judges.csv")
    days = {judgement.name: judgement.day for judgement in judgements}
    judged = observed(population, days)
    lives, seconds = timed(lambda: lifecycles(judged, HistorySettings()))
    found = {
        tool.full_name.lower(): lives[tool.repo_key].stage or "unknown" for tool in judged.tools
    }
    known = [each for each in judgements if found.get(each.name, "unknown") != "unknown"]
    dated = [each for each in known if not each.is_assumed]
    stale = [each.name for each in known if each.is_stale]
    mean, most = changes_of(lives)
    return {
        "agreement": [
            *agreements(known, found, "all"),
            *agreements(dated, found, "day known"),
        ],
        "judged": len(judgements),
        "without_stage": len(judgements) - len(known),
        "stale": len(stale),
        "stale_called_dead": [name for name in stale if found[name] == "dead"],
        "changes_mean": mean,
        "changes_most": most,
        "seconds": seconds,
    }


def main() -> None:
    """Run the benchmark and print or write its figures."""
    options = arguments(__doc__ or "").parse_args()
    figures = run(options.data)
    rows: list[StageAgreement] = figures["agreement"]
    shown = table(
        f"Stages by rules and by judges (aim: exact {EXACT}, κ {KAPPA})",
        ("tools", "stages", "pair", "n", "exact", "low", "high", "linear κ", "low", "high"),
        [tuple(asdict(row).values()) for row in rows],
    )
    rest = table(
        "Beside that",
        ("what", "figure"),
        [
            (
                "judged tools, and those without a stage here",
                _two(figures, "judged", "without_stage"),
            ),
            ("stale copies, and those called dead", f"{figures['stale']}, {_dead(figures)}"),
            ("changes a tool: mean", figures["changes_mean"]),
            ("changes a tool: most", figures["changes_most"]),
        ],
    )
    figures["agreement"] = [asdict(row) for row in rows]
    publish("stages", figures, [shown, rest], options.out)


def _two(figures: Mapping[str, Any], first: str, second: str) -> str:
    return f"{figures[first]}, {figures[second]}"


def _dead(figures: Mapping[str, Any]) -> str:
    return ", ".join(figures["stale_called_dead"]) or "none"


if __name__ == "__main__":
    main()
