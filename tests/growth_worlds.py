"""Tools with hand-made histories, and populations of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from insights.history.months import month_from
from insights.history.population import HistoryPopulation, ToolHistory


def day(text: str) -> datetime:
    """Return a day, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def made_tool(
    name: str,
    *,
    born: str | None = None,
    seen: str | None = None,
    monthly: Mapping[str, Sequence[int]] | None = None,
    since: str | None = None,
    **rest: Any,
) -> ToolHistory:
    """Return a tool of which nothing is known but what is given.

    Parameters
    ----------
    born, seen
        The days of its birth and of its observation.
    monthly, since
        Its counts by month, from the month ``since`` on.
    """
    unknown = dict.fromkeys(
        (
            *("owner_type", "kind", "category", "topics", "description", "language", "licence"),
            *("first_commit_at", "entered_at", "last_human_at", "last_commit_at", "pushed_at"),
            *("last_release_at", "archived", "ended", "ended_at", "absence_factor", "identities"),
        )
    )
    known = {
        "numbers": {},
        "created_at": None if born is None else day(born),
        "observed_at": None if seen is None else day(seen),
        "first_month": None if since is None else month_from(since),
        "monthly": {key: np.array(counts) for key, counts in (monthly or {}).items()},
    }
    values: dict[str, Any] = {**unknown, **known, **rest}
    return ToolHistory(repo_key=f"name:{name}", full_name=name, owner=name.split("/")[0], **values)


def made_population(*tools: ToolHistory) -> HistoryPopulation:
    """Return a population of tools."""
    return HistoryPopulation(
        snapshot="2026-08-23.tools",
        tools=tools,
        n_rows=len(tools),
        n_duplicates=0,
        n_archived=0,
        n_archived_unknown=len(tools),
        kinds=Counter(tool.kind for tool in tools),
    )


def born_by_month(counts: Sequence[int], *, since: str, seen: str) -> list[ToolHistory]:
    """Return tools of which so many were born in each month."""
    year, month = map(int, since.split("-"))
    tools = []
    for index, n in enumerate(counts):
        years, place = divmod(month - 1 + index, 12)
        born = f"{year + years:04}-{place + 1:02}-15"
        tools += [made_tool(f"o/{born}-{each}", born=born, seen=seen) for each in range(n)]
    return tools
