"""What finding dependents will ask, and how long that takes, before anything is asked.

How many dependents there are nobody knows beforehand, so of each source the fewest and the most
requests are told, and what the most rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from configs.framework import Framework
from mining.dependents.claims import SourceName
from mining.dependents.ecosystems import ROWS_A_PAGE as ECOSYSTEMS_ROWS
from mining.dependents.find import DependentSources
from mining.dependents.queries import code_queries
from mining.github.limits import MINUTE_S, POINTS_A_MINUTE, SHARE_OF_MINUTE
from mining.github.requests import Resource

CHAIN_PAGES = 68
"""Pages after which GitHub's chain of a package with 4,905 dependents ended (September 2026)."""
GUESSED_DEPENDENTS = 20_000
"""Declarations of one distribution at ecosyste.ms, as a guess from above."""
_RESOURCES: dict[SourceName, Resource] = {
    "dependents-page": "pages",
    "ecosystems": "ecosystems",
    "code-search": "code_search",
}


@dataclass(frozen=True)
class PlannedSource:
    """What a source will be asked for a framework.

    Attributes
    ----------
    framework
        None: for all.
    fewest, most
        Requests.
    seconds_fewest, seconds_most
        That the limits make these last; waits that a server asks for come on top.
    because
        What the numbers rest on.
    """

    source: SourceName
    framework: str | None
    fewest: int
    most: int
    seconds_fewest: float
    seconds_most: float
    because: str

    @property
    def minutes(self) -> tuple[float, float]:
        """Return how many minutes it takes, at the fewest and the most."""
        return self.seconds_fewest / MINUTE_S, self.seconds_most / MINUTE_S


@dataclass(frozen=True)
class FindPlan:
    """What will be asked, by source and framework."""

    sources: tuple[PlannedSource, ...]

    @property
    def requests(self) -> tuple[int, int]:
        """Return the fewest and the most requests in all."""
        return sum(each.fewest for each in self.sources), sum(each.most for each in self.sources)

    @property
    def minutes(self) -> tuple[float, float]:
        """Return how many minutes it takes in all, at the fewest and the most."""
        fewest, most = zip((0.0, 0.0), *(each.minutes for each in self.sources), strict=True)
        return sum(fewest), sum(most)


def plan_find(frameworks: Sequence[Framework], sources: DependentSources) -> FindPlan:
    """Return what `find_dependents` will ask; nothing is asked for it."""
    planned = []
    if sources.lists:
        planned.append(_planned("list", None, 0, 0, "files at hand"))
    if sources.snapshot is not None:
        planned.append(_planned("snapshot", None, 0, 0, "a table at hand"))
    for source in sources.asked:
        for framework in frameworks:
            fewest, most, because = _requests(source, framework, sources)
            planned.append(_planned(source, framework.name, fewest, most, because))
    return FindPlan(tuple(planned))


def _requests(
    source: SourceName, framework: Framework, sources: DependentSources
) -> tuple[int, int, str]:
    n_distributions = len(framework.distributions)
    if source == "dependents-page":
        n_chains = max(1, n_distributions)
        because = f"packages: at most {n_chains}, of {CHAIN_PAGES} pages as once seen"
        return 1, 1 + n_chains * CHAIN_PAGES, because
    if source == "ecosystems":
        pages = GUESSED_DEPENDENTS // ECOSYSTEMS_ROWS
        because = f"at most {GUESSED_DEPENDENTS:,} declarations of each distribution"
        return 3 * n_distributions, (3 + pages) * n_distributions, because
    n = len(code_queries(framework))
    return n, n * sources.most_a_query, f"{n} queries of at most {sources.most_a_query} requests"


def _planned(
    source: SourceName, framework: str | None, fewest: int, most: int, because: str
) -> PlannedSource:
    resource = _RESOURCES.get(source)
    a_minute = int(POINTS_A_MINUTE[resource] * SHARE_OF_MINUTE) if resource else 1
    seconds = [n / a_minute * MINUTE_S for n in (fewest, most)]
    return PlannedSource(source, framework, fewest, most, seconds[0], seconds[1], because)
