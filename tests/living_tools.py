"""Made-up tools with the months of their lives, for tests of stages and what rests on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from insights.history.months import month_from, month_name
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.settings import HistorySettings
from insights.history.stages import Lifecycle, lifecycles

BIRTH = "2015-01"


def living(
    commits: Sequence[int] | None,
    *,
    name: str = "some/tool",
    birth: str = BIRTH,
    cut: int = 0,
    columns: Mapping[str, Sequence[int]] | None = None,
    **other: Any,
) -> ToolHistory:
    """Return a tool with commits in each month that was over, observed in the next.

    Parameters
    ----------
    commits
        None: they are not counted.
    cut
        Commits in the month of observation.
    columns
        Other columns of the months that were over.
    other
        Fields of the tool.
    """
    months = {"human": commits, **(columns or {})}
    monthly = {
        column: np.array([*values, cut if column == "human" else 0], dtype=np.int64)
        for column, values in months.items()
        if values is not None
    }
    n = max((len(values) - 1 for values in monthly.values()), default=0)
    born_at = day(birth)
    tool = ToolHistory(
        repo_key=f"name:{name}",
        full_name=name,
        owner=name.split("/")[0],
        owner_type=None,
        kind=None,
        category=None,
        topics=None,
        description=None,
        language=None,
        licence=None,
        created_at=born_at,
        first_commit_at=born_at,
        entered_at=None,
        observed_at=day(after(birth, n), 20),
        last_human_at=None,
        last_commit_at=None,
        pushed_at=None,
        last_release_at=None,
        archived=None,
        ended=None,
        ended_at=None,
        first_month=month_from(birth) if monthly else None,
        monthly=monthly,
        absence_factor=None,
        identities=None,
        numbers={},
    )
    return replace(tool, **other)


def day(month: str, day: int = 1) -> datetime:
    """Return a day of a month such as ``2015-01``."""
    year, number = map(int, month.split("-"))
    return datetime(year, number, day, tzinfo=UTC)


def after(month: str, n: int) -> str:
    """Return the month that is ``n`` later."""
    return month_name(month_from(month) + n)


def together(*tools: ToolHistory) -> HistoryPopulation:
    """Return tools as a population."""
    return HistoryPopulation(
        snapshot="made up",
        tools=tools,
        n_rows=len(tools),
        n_duplicates=0,
        n_archived=sum(tool.archived is True for tool in tools),
        n_archived_unknown=sum(tool.archived is None for tool in tools),
        kinds=Counter(tool.kind for tool in tools),
    )


def life_of(tool: ToolHistory, **settings: Any) -> Lifecycle:
    """Return the lifecycle of one tool."""
    return lifecycles(together(tool), HistorySettings(**settings))[tool.repo_key]


def stages_of(tool: ToolHistory, **settings: Any) -> list[tuple[str, int]]:
    """Return the stages of one tool in order, and of how many months each is."""
    return [
        (spell.stage, month_from(spell.last) - month_from(spell.first) + 1)
        for spell in life_of(tool, **settings).spells
    ]
