"""A made-up history: small, believable and the same each time, with something in every table."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from artifacts.intervals import Estimate
from artifacts.manifest import Manifest, hash_files, joint_hash
from insights.history.figures import (
    Concentration,
    CyclePosition,
    FamilyShare,
    FittedMonth,
    GrowthFit,
    GrowthModel,
    GrowthVerdict,
    ItemPair,
    LorenzPoint,
    Measure,
    MonthCount,
    Separation,
    StackItem,
    StageCount,
    SurvivalFigure,
    SurvivalPoint,
    SurvivalTest,
    Transition,
)
from insights.history.history import History, PopulationFigures, write_history
from insights.history.months import month_from, month_name
from insights.history.rows import ChangePoint, HealthSignal, Stage, StageSpell, ToolMonth, ToolRow

FIRST, LAST, CUT = (month_from(text) for text in ("2016-01", "2026-08", "2025-11"))
STAGES: tuple[Stage, ...] = get_args(Stage)
KINDS = ("tool", "library", "example project")
CATEGORIES = ("Model serving", "Experiment tracking", "Data versioning")
ENDS = ("silent for a year", "silent for two years", "announced or silent for two years")
BOUNDS = ("as seen", "lower", "upper")
UNOBSERVED = "no day of observation is known"
WHY = {
    "emerging": "it is younger than two years",
    "growing": "a quarter more commits than in the year before",
    "peak": "about as many commits as in the year before, near its best year",
    "declining": "a quarter fewer commits than in the year before",
    "dormant": "nobody has committed for half a year",
    "dead": "its end was announced",
}
HOSTILE = "evil/</script><b>x</b>"


def estimate(value: float, spread: float, n: int) -> Estimate:
    """Return a figure in the middle of its interval."""
    return Estimate(value, value - spread, value + spread, n)


def made_up_history(n_tools: int = 40, *, snapshot: str = "2026-08-23.tools") -> History:
    """Return the history of so many tools; every fifth has no day of observation."""
    rng = random.Random(7)
    tools = tuple(_tools(rng, n_tools))
    seen = [tool for tool in tools if tool.stage is not None]
    observed = [tool.observed_at for tool in seen if tool.observed_at is not None]
    kinds = Counter(tool.kind for tool in tools if tool.kind is not None)
    months = tuple(_months(tools))
    stages = tuple(_stage_counts(tools))
    return History(
        snapshot=snapshot,
        population=PopulationFigures(
            n_rows=n_tools + 3,
            n_distinct=n_tools,
            n_duplicates=3,
            n_archived=4,
            n_archived_unknown=n_tools - len(seen),
            kinds=dict(kinds.most_common()),
            n_kind_unknown=n_tools - kinds.total(),
            n_unobserved=n_tools - len(seen),
            earliest=min(observed).date().isoformat(),
            latest=max(observed).date().isoformat(),
            notes=("A search of GitHub gives at most 1,000 repositories.",),
        ),
        tools=tools,
        tool_months=tuple(_tool_months(rng, seen)),
        spells=tuple(spell for tool in seen for spell in _spells(tool)),
        change_points=(ChangePoint(seen[0].repo_key, "2021-05", 12.5, 41.25),),
        months=months,
        fits=tuple(_fits()),
        fitted=tuple(_fitted(n_tools)),
        verdicts=(
            GrowthVerdict(
                "births",
                CUT - FIRST,
                month_name(FIRST),
                month_name(CUT - 1),
                "The logistic and the Gompertz curve fit equally well; the others do not.",
            ),
        ),
        concentration=tuple(
            Concentration(
                measure,
                3,
                estimate(gini, 0.02, n_tools),
                estimate(0.4, 0.1, n_tools),
                Estimate(None, None, None, 0, "fewer than 10 tools"),
            )
            for measure, gini in (("stars", 0.945), ("commits", 0.81))
        ),
        lorenz=tuple(
            LorenzPoint(measure, place / 20, (place / 20) ** power)
            for measure, power in (("stars", 9.0), ("commits", 4.0))
            for place in range(21)
        ),
        stages=stages,
        cycle=tuple(_cycle()),
        curves=tuple(_curves()),
        survival=tuple(_figures()),
        log_rank=(
            SurvivalTest(ENDS[0], "kind", KINDS, 61.2, 2, 5e-14, 2e-13),
            SurvivalTest(ENDS[0], "owner type", ("Organization", "User"), 7.1, 1, 0.0077, 0.0154),
        ),
        transitions=(
            Transition("active", "dormant", 21, 2400.0, estimate(0.105, 0.04, 40)),
            Transition("dormant", "active", 9, 400.0, estimate(0.27, 0.15, 20)),
        ),
        shares=tuple(_shares()),
        separation=(Separation("DataOps", "MLOps", 28, 401, 12, "overlap", 0.03, 0.09, 0.004),),
        items=(
            StackItem("dvc", "iterative/dvc", "Data versioning", 35, 40),
            StackItem("mlflow", "mlflow/mlflow", "Experiment tracking", 101, 119),
            StackItem("wandb", None, None, 44, 47),
        ),
        pairs=(
            ItemPair(
                *("dvc", "mlflow", 35, 101, 10, 12, 737),
                *(2.085, 4.8, estimate(1.9, 0.6, 10), 0.012, 0.03, "complement"),
            ),
            ItemPair(
                *("mlflow", "wandb", 101, 44, 3, 3, 737),
                *(0.5, 6.0, estimate(0.6, 0.3, 3), 0.2, 0.2, None),
            ),
        ),
        signals=tuple(_signals(seen[0].repo_key)),
    )


def _tools(rng: random.Random, n_tools: int) -> Iterator[ToolRow]:
    for place in range(n_tools):
        is_seen = place % 5 != 4
        born_in = FIRST + round(105 * rng.betavariate(2.2, 1.6))
        born = datetime(born_in // 12, born_in % 12 + 1, 3, tzinfo=UTC)
        observed = (
            datetime(2026, 8, 23, tzinfo=UTC) if place % 3 else datetime(2025, 11, 2, tzinfo=UTC)
        )
        stage = STAGES[place % 6]
        commits = None if not is_seen else 0 if stage == "dead" else rng.randint(2, 900)
        name = f"owner{place}/tool-{place:03}" if place != 7 else HOSTILE
        yield ToolRow(
            repo_key=f"name:{name.lower()}",
            full_name=name,
            kind=None if place % 7 == 6 else KINDS[place % 3],
            owner_type="Organization" if place % 2 else "User",
            category=None if place % 8 == 7 else CATEGORIES[place % 3],
            born_at=born,
            born_by="first commit",
            observed_at=observed if is_seen else None,
            last_human_at=datetime(2024 + place % 2, 5, 6, tzinfo=UTC) if is_seen else None,
            last_commit_at=datetime(2025, 6, 7, tzinfo=UTC) if is_seen else None,
            last_release_at=None,
            ended="archived" if is_seen and stage == "dead" else None,
            ended_at=None,
            stage=stage if is_seen else None,
            reason=WHY[stage] if is_seen else None,
            since=month_name(max(born_in, FIRST + 60 + place % 50)) if is_seen else None,
            unknown=None if is_seen else UNOBSERVED,
            silent_months=3 if is_seen else None,
            commits=commits,
            commits_before=commits and commits // 2,
            commits_best=commits and commits * 2,
            people=rng.randint(0, 40) if is_seen else None,
            newcomers=rng.randint(0, 9) if is_seen else None,
            releases=rng.randint(0, 20) if is_seen else None,
            changes=2 if is_seen else None,
            returns=place % 2 if is_seen else None,
            maturity="established" if is_seen else None,
            maturity_reason="older than three years, and people commit" if is_seen else None,
        )


def _tool_months(rng: random.Random, tools: Sequence[ToolRow]) -> Iterator[ToolMonth]:
    for tool in tools:
        size = rng.choice((2, 8, 40))
        for month in range(LAST - 60, LAST + 1):
            n = int(rng.expovariate(1 / size)) if tool.stage != "dead" or month < LAST - 20 else 0
            if n:
                yield ToolMonth(tool.repo_key, month_name(month), n)


def _spells(tool: ToolRow) -> Iterator[StageSpell]:
    assert tool.born_at and tool.since and tool.stage and tool.reason and tool.observed_at
    first = f"{tool.born_at:%Y-%m}"
    middle = month_name((month_from(first) + month_from(tool.since)) // 2)
    if first < middle < tool.since:
        yield StageSpell(
            tool.repo_key, "emerging", first, month_name(month_from(middle) - 1), WHY["emerging"]
        )
        yield StageSpell(
            tool.repo_key, "growing", middle, month_name(month_from(tool.since) - 1), WHY["growing"]
        )
    stage = STAGES[STAGES.index(tool.stage)]
    yield StageSpell(tool.repo_key, stage, tool.since, f"{tool.observed_at:%Y-%m}", tool.reason)


def _months(tools: Sequence[ToolRow]) -> Iterator[MonthCount]:
    rng = random.Random(3)
    measures: tuple[Measure, ...] = ("births", "active", "commits", "people", "releases")
    born = Counter(f"{tool.born_at:%Y-%m}" for tool in tools if tool.born_at is not None)
    for measure in measures:
        for month in range(FIRST, LAST + 1):
            age = month - FIRST
            wave = 60 / (1 + math.exp((60 - age) / 14))
            fades = 0.6 if month >= CUT else 1.0
            usual = wave * {"active": 1.0, "commits": 40, "people": 4, "releases": 0.5}.get(
                measure, 0
            )
            value = int(usual * fades * rng.uniform(0.85, 1.15))
            if measure == "births":
                value = born[month_name(month)]
            yield MonthCount(measure, "all", "all", month_name(month), value, month >= CUT)


def _fits() -> Iterator[GrowthFit]:
    for place, model in enumerate(get_args(GrowthModel)):
        delta = (12.4, 9.1, 0.0, 1.3, 6.2)[place]
        doubling = (
            estimate(34.0, 6.0, CUT - FIRST)
            if model == "exponential"
            else Estimate(None, None, None, CUT - FIRST, "it does not grow at the end")
        )
        yield GrowthFit(
            "births",
            model,
            ("a=1.5", "b=0.25"),
            0.31,
            -200.0 - delta / 2,
            410.0 + delta,
            delta,
            0.08,
            delta > 4,
            doubling,
        )


def _fitted(n_tools: int) -> Iterator[FittedMonth]:
    models: tuple[GrowthModel, ...] = ("logistic", "Gompertz")
    for model in models:
        for month in range(FIRST, CUT):
            level = 0.014 if model == "logistic" else 0.012
            mean = n_tools * level / (1 + math.exp((40 - (month - FIRST)) / 9))
            yield FittedMonth("births", model, month_name(month), mean)


def _stage_counts(tools: Sequence[ToolRow]) -> Iterator[StageCount]:
    def at(tool: ToolRow, month: str) -> str:
        if tool.observed_at is None or month > f"{tool.observed_at:%Y-%m}":
            return "unknown"
        return next((s.stage for s in _spells(tool) if s.first <= month <= s.last), "unknown")

    for grouped_by, group in (("all", "all"), *(("category", name) for name in CATEGORIES)):
        for number in range(FIRST, LAST + 1):
            month = month_name(number)
            found: defaultdict[str, int] = defaultdict(int)
            for tool in tools:
                is_member = group in ("all", tool.category) and tool.born_at is not None
                if is_member and f"{tool.born_at:%Y-%m}" <= month:
                    found[at(tool, month)] += 1
            for stage in (*STAGES, "unknown"):
                if found[stage]:
                    yield StageCount(grouped_by, group, month, stage, found[stage])


def _cycle() -> Iterator[CyclePosition]:
    yield CyclePosition("all", "all", "slope", 0.82, 32, "activity rises again after a trough")
    yield CyclePosition(
        "category", CATEGORIES[0], None, None, 7, "fewer than 10 tools have a known history"
    )


def _curves() -> Iterator[SurvivalPoint]:
    for end, pace in zip(ENDS, (0.013, 0.009, 0.01), strict=True):
        for bound, more in zip(BOUNDS, (1.0, 1.5, 0.7), strict=True):
            yield from _curve(end, bound, ("all", "all"), pace * more, 60)
        for group, more in zip(KINDS, (0.5, 0.8, 2.4), strict=True):
            yield from _curve(end, "as seen", ("kind", group), pace * more, 20)
        yield from _curve(end, "lower", ("category", CATEGORIES[0]), pace, 12)
        for group, more in (("Organization", 0.6), ("User", 1.7)):
            yield from _curve(end, "as seen", ("owner type", group), pace * more, 30)


def _curve(
    end: str, bound: str, of: tuple[str, str], pace: float, n: int
) -> Iterator[SurvivalPoint]:
    survival, at_risk = 1.0, n
    yield SurvivalPoint(end, bound, *of, 0.0, n, 0, 0, 1.0, 1.0, 1.0)  # type: ignore[arg-type]
    for age in range(4, 120, 4):
        ended = max(0, round(at_risk * 4 * pace))
        if at_risk - ended < 1:
            return
        survival *= 1 - ended / at_risk
        wide = 0.02 + 0.002 * age
        yield SurvivalPoint(
            end,
            bound,  # type: ignore[arg-type]
            *of,
            float(age),
            at_risk,
            ended,
            int(at_risk > 20),
            survival,
            max(0.0, survival - wide),
            min(1.0, survival + wide),
        )
        at_risk -= ended + int(at_risk > 20)


def _figures() -> Iterator[SurvivalFigure]:
    for end in ENDS:
        for bound, shift in zip(BOUNDS, (0.0, -0.15, 0.1), strict=True):
            for months in (12, 24, 36, 60):
                value = 0.9 - months / 150 + shift
                yield SurvivalFigure(
                    *(end, bound, "all", "all", f"after {months} months"),  # type: ignore[arg-type]
                    *(estimate(value, 0.06, 60), 60, 22, 8),
                )
            yield SurvivalFigure(
                *(end, bound, "all", "all", "median"),  # type: ignore[arg-type]
                Estimate(None, None, None, 60, "the curve does not reach a half"),
                *(60, 22, 8),
            )
            yield SurvivalFigure(
                *(end, bound, "all", "all", "restricted mean"),  # type: ignore[arg-type]
                *(estimate(47.0, 4.0, 60), 60, 22, 8),
            )


def _shares() -> Iterator[FamilyShare]:
    families = (
        ("clouds", "AWS", 85), ("clouds", "Azure", 76), ("clouds", "Google Cloud", 40),
        ("containers", "Docker", 132), ("containers", "Kubernetes", 158),
        ("practices", "DataOps", 28), ("practices", "MLOps", 401),
        ("language", "Python", 498), ("language", "Jupyter Notebook", 296),
    )  # fmt: skip
    for theme, family, n in families:
        yield FamilyShare(theme, family, "topics", "all", "all", n, _share(n, 1000))
        for year in range(2018, 2024):
            of = 30 * (year - 2016)
            k = round(of * n / 1000 * (1 + (2021 - year) / 8))
            yield FamilyShare(theme, family, "topics", "cohort", str(year), k, _share(k, of))


def _share(k: int, n: int) -> Estimate:
    return estimate(k / n, math.sqrt(k / n * (1 - k / n) / n) * 1.96, n)


def _signals(key: str) -> Iterator[HealthSignal]:
    score = "criticality score"
    yield HealthSignal(key, score, "created_since", 80.0, "months", 1.0, 120.0, 0.92, None)
    yield HealthSignal(key, score, "dependents", None, "projects", 2.0, 500000.0, None, "not asked")
    yield HealthSignal(
        *(key, "CHAOSS starter", "contributor absence factor", 2.0, "people"),
        *(None, None, None, None),
    )


def without(history: History, *tables: str) -> History:
    """Return a history without some of its tables."""
    changes: dict[str, Any] = dict.fromkeys(tables, ())
    return replace(history, **changes)


def write_made_up(folder: Path, history: History | None = None) -> Path:
    """Write a history as its step does: tables and a manifest."""
    history = history or made_up_history()
    folder.mkdir(parents=True)
    write_history(folder, history)
    files = hash_files(folder)
    Manifest(
        kind="history",
        name=folder.name,
        facts=history.facts(),
        files=files,
        content_hash=joint_hash(files),
    ).write(folder)
    return folder
