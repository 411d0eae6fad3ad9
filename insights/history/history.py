"""What is known of the histories of a snapshot's tools, in one object: in memory or in a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, get_args, get_type_hints

from artifacts.manifest import Manifest
from artifacts.rows import read_rows, table_of
from artifacts.tables import write_table
from insights.history.figures import (
    Concentration,
    CyclePosition,
    FamilyShare,
    FittedMonth,
    GrowthFit,
    GrowthVerdict,
    ItemPair,
    LorenzPoint,
    MonthCount,
    Separation,
    StackItem,
    StageCount,
    SurvivalFigure,
    SurvivalPoint,
    SurvivalTest,
    Transition,
)
from insights.history.population import HistoryPopulation
from insights.history.rows import ChangePoint, HealthSignal, StageSpell, ToolMonth, ToolRow


@dataclass(frozen=True, kw_only=True)
class PopulationFigures:
    """Of whom figures are told, and what is to be known of how these were found.

    Attributes
    ----------
    n_rows, n_distinct, n_duplicates
        Rows that were read, tools, and rows about a tool that was there already.
    n_archived, n_archived_unknown
        Tools that are read-only, and those of which that is not known.
    kinds, n_kind_unknown
        How many tools there are of each kind, and how many of a kind that is not known.
    n_unobserved
        Tools without a day of observation: nothing of their history is computed.
    earliest, latest
        The first and the last day of observation of the others.
    notes
        The caps and choices of the source, in sentences.
    """

    n_rows: int
    n_distinct: int
    n_duplicates: int
    n_archived: int
    n_archived_unknown: int
    kinds: Mapping[str, int]
    n_kind_unknown: int
    n_unobserved: int
    earliest: str | None
    latest: str | None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, population: HistoryPopulation) -> PopulationFigures:
        """Return the figures of a population."""
        days = [t.observed_at for t in population.tools if t.observed_at is not None]
        kinds = {kind: n for kind, n in population.kinds.items() if kind is not None}
        return cls(
            n_rows=population.n_rows,
            n_distinct=len(population.tools),
            n_duplicates=population.n_duplicates,
            n_archived=population.n_archived,
            n_archived_unknown=population.n_archived_unknown,
            kinds={kind: kinds[kind] for kind in sorted(kinds, key=lambda k: (-kinds[k], k))},
            n_kind_unknown=population.kinds.get(None, 0),
            n_unobserved=len(population.tools) - len(days),
            earliest=_day(min(days, default=None)),
            latest=_day(max(days, default=None)),
            notes=population.notes,
        )


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.date().isoformat()


@dataclass(frozen=True, kw_only=True)
class History:
    """What is known of the histories of the tools of a snapshot.

    Attributes
    ----------
    snapshot
        Its id.
    population
        Of whom all of it is told.

    The others are the tables, each the rows of one class of `insights.history.figures` or
    `insights.history.rows`.
    """

    snapshot: str
    population: PopulationFigures
    tools: tuple[ToolRow, ...] = ()
    tool_months: tuple[ToolMonth, ...] = ()
    spells: tuple[StageSpell, ...] = ()
    change_points: tuple[ChangePoint, ...] = ()
    months: tuple[MonthCount, ...] = ()
    fits: tuple[GrowthFit, ...] = ()
    fitted: tuple[FittedMonth, ...] = ()
    verdicts: tuple[GrowthVerdict, ...] = ()
    concentration: tuple[Concentration, ...] = ()
    lorenz: tuple[LorenzPoint, ...] = ()
    stages: tuple[StageCount, ...] = ()
    cycle: tuple[CyclePosition, ...] = ()
    curves: tuple[SurvivalPoint, ...] = ()
    survival: tuple[SurvivalFigure, ...] = ()
    log_rank: tuple[SurvivalTest, ...] = ()
    transitions: tuple[Transition, ...] = ()
    shares: tuple[FamilyShare, ...] = ()
    separation: tuple[Separation, ...] = ()
    items: tuple[StackItem, ...] = ()
    pairs: tuple[ItemPair, ...] = ()
    signals: tuple[HealthSignal, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return what a manifest says of it, for `read_history` to find."""
        told = asdict(self.population)
        return {"snapshot": self.snapshot, "population": told | {"notes": list(told["notes"])}}

    @cached_property
    def name_of(self) -> Mapping[str, str]:
        """Return the full names of the tools by key."""
        return {tool.repo_key: tool.full_name for tool in self.tools}


def history_tables() -> Iterator[tuple[str, type[Any], str]]:
    """Yield for each table its field of `History`, the class of its rows, and its file's name."""
    hints = get_type_hints(History)
    for each in fields(History):
        if each.name not in ("snapshot", "population"):
            row, _ = get_args(hints[each.name])
            yield each.name, row, f"{each.name.replace('_', '-')}.parquet"


def write_history(folder: Path, history: History) -> None:
    """Write the tables of a history into a folder; its manifest holds `History.facts`."""
    for name, row, file in history_tables():
        write_table(folder / file, table_of(getattr(history, name), row))


def read_history(folder: Path, only: Collection[str] | None = None) -> History:
    """Return the history of a folder: its tables, and what the manifest says of the population.

    Parameters
    ----------
    only
        Fields of `History`: of other tables there is nothing in it; None: all are read.

    Raises
    ------
    ArtifactError
        If it is missing, damaged, or of another version.
    """
    facts = Manifest.read(folder).facts
    told = dict(facts["population"])
    population = PopulationFigures(**(told | {"notes": tuple(told["notes"])}))
    tables = {
        name: read_rows(folder / file, row)
        for name, row, file in history_tables()
        if only is None or name in only
    }
    return History(snapshot=facts["snapshot"], population=population, **tables)
