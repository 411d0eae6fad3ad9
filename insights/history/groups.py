"""Of whom figures are told: all tools, and those of a kind, owner, category or year of birth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from insights.history.population import ToolHistory

ALL = ("all", "all")
Group = tuple[str, str]
"""What tools are grouped by, and the group."""


def groups_of(tool: ToolHistory) -> Iterator[Group]:
    """Yield the groups of a tool, as far as they are known.

    All are of its beginning or of what it is for: no group is of how it fared.
    """
    yield ALL
    if tool.kind is not None:
        yield "kind", tool.kind
    if tool.owner_type is not None:
        yield "owner type", tool.owner_type
    if tool.category is not None:
        yield "category", tool.category
    if tool.born_at is not None:
        yield "cohort", str(tool.born_at.year)


def grouped(tools: Iterable[ToolHistory]) -> dict[Group, list[ToolHistory]]:
    """Return tools by group: all first, then by what they are grouped by, then by name."""
    found: dict[Group, list[ToolHistory]] = defaultdict(list)
    for tool in tools:
        for group in groups_of(tool):
            found[group].append(tool)
    return {group: found[group] for group in sorted(found, key=lambda g: (g != ALL, g))}
