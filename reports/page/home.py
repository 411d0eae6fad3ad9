"""The first screen: what the page is, the purposes of the tools, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

from reports.inputs import PageInputs
from reports.page.views import NodeRow, SectionView


@dataclass(frozen=True)
class PurposeLine:
    """A purpose on the first screen: a category with its topics, or a topic."""

    node: NodeRow


@dataclass(frozen=True)
class HomeView:
    """What the first screen says."""

    purposes: tuple[PurposeLine, ...]


def home_view(inputs: PageInputs, tools: SectionView, requests: SectionView | None) -> HomeView:
    """Return what the first screen says."""
    return HomeView(tuple(PurposeLine(category) for category in tools.categories))
