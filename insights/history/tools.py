"""Where each tool stands, in one row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from insights.history.maturity import maturity_of
from insights.history.months import month_name
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.rows import HealthSignal, ToolMonth, ToolRow
from insights.history.stages import Lifecycle


def tool_rows(
    population: HistoryPopulation,
    lives: Mapping[str, Lifecycle],
    signals: Iterable[HealthSignal],
) -> tuple[ToolRow, ...]:
    """Return a row for each tool, in the order of the population."""
    of_tool: dict[str, list[HealthSignal]] = defaultdict(list)
    for signal in signals:
        of_tool[signal.repo_key].append(signal)
    return tuple(
        _row(tool, lives[tool.repo_key], of_tool[tool.repo_key]) for tool in population.tools
    )


def tool_months(population: HistoryPopulation) -> tuple[ToolMonth, ...]:
    """Return the commits of each tool in each month that has some, if it is known until when."""
    return tuple(
        ToolMonth(tool.repo_key, month_name(tool.first_month + place), int(tool.commits[place]))
        for tool in population.tools
        if tool.observed_at is not None
        if tool.first_month is not None and tool.commits is not None
        for place in tool.commits.nonzero()[0].tolist()
    )


def _row(tool: ToolHistory, life: Lifecycle, signals: list[HealthSignal]) -> ToolRow:
    maturity, maturity_reason = maturity_of(tool, life, signals)
    return ToolRow(
        repo_key=tool.repo_key,
        full_name=tool.full_name,
        kind=tool.kind,
        owner_type=tool.owner_type,
        category=tool.category,
        born_at=tool.born_at,
        born_by=tool.born_by,
        observed_at=tool.observed_at,
        last_human_at=tool.last_human_at,
        last_commit_at=tool.last_commit_at,
        last_release_at=tool.last_release_at,
        ended=tool.ended,
        ended_at=tool.ended_at,
        stage=life.stage,
        reason=life.reason,
        since=life.since,
        unknown=life.unknown,
        silent_months=life.silent_months,
        commits=life.commits,
        commits_before=life.commits_before,
        commits_best=life.commits_best,
        people=life.people,
        newcomers=life.newcomers,
        releases=life.releases,
        changes=life.changes,
        returns=life.returns,
        maturity=maturity,
        maturity_reason=maturity_reason,
    )
