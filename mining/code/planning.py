"""What fetching the code of candidates will take, before it begins: requests, bytes, hours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from mining.code.pins import SIZE
from mining.github.limits import n_batches
from mining.github.planning import BUDGETS, PlannedRequests
from mining.github.requests import Resource

BYTES_DOWN: Final = 5.6e6
"""Of a dependent's tarball, on average: 969 dependents about 5 GB, 50,000 about 280 GB, from the
sizes of 52 public dependents at their heads (median 1.1 MB), measured in November 2026."""
BYTES_KEPT: Final = 0.35e6
"""Of its relevant files (56 on average), packed; measured on the same."""
DOWN_BYTES_S: Final = 10e6
"""Bytes a second that come from codeload, as a guess."""
ANSWER_S: Final = 1.0
"""Seconds until a tarball begins to come, as a guess."""
LARGE: Final = 0.01
"""Share of projects above the size from which trees are asked for, as a guess; with about
`LARGE_REQUESTS` requests (REST) and as many points each."""
LARGE_REQUESTS: Final = 20
HOUR_S: Final = 3_600.0


@dataclass(frozen=True)
class FetchPlan:
    """What fetching will take, as far as it can be told beforehand.

    Attributes
    ----------
    projects
        Whose code is still to be fetched.
    groups
        What will be asked, by kind.
    bytes_down, bytes_kept
        About; of the tarballs as they come, and of the relevant files in the store.
    quota_hours
        That GitHub's limits make it last at least: the budget of an hour is there at once.
    transfer_hours
        That it takes to come, at the speed that is assumed.
    """

    projects: int
    groups: tuple[PlannedRequests, ...]
    bytes_down: int
    bytes_kept: int
    quota_hours: float
    transfer_hours: float

    @property
    def requests(self) -> int:
        """Return how many requests there are in all."""
        return sum(group.requests for group in self.groups)

    @property
    def hours(self) -> float:
        """Return the hours that it takes in all: the longer of the two."""
        return max(self.quota_hours, self.transfer_hours)


def plan_fetch(n: int, *, pinned: int = 0, down_bytes_s: float = DOWN_BYTES_S) -> FetchPlan:
    """Return what fetching the code of ``n`` projects will take.

    Parameters
    ----------
    pinned
        How many of them have their commits already.
    down_bytes_s
        Bytes a second that the line here brings.
    """
    n_pins = n_batches(n - pinned, SIZE)
    n_large = math.floor(n * LARGE)
    groups = (
        PlannedRequests("commits of projects", "graphql", n_pins, n_pins),
        PlannedRequests("tarballs", "core", n - n_large, n - n_large),
        PlannedRequests(
            "files of large projects", "core", n_large * LARGE_REQUESTS, n_large * LARGE_REQUESTS
        ),
        PlannedRequests(
            "files of large projects",
            "graphql",
            n_large * LARGE_REQUESTS,
            n_large * LARGE_REQUESTS,
        ),
    )
    bytes_down = round(n * BYTES_DOWN)
    return FetchPlan(
        projects=n,
        groups=tuple(group for group in groups if group.requests),
        bytes_down=bytes_down,
        bytes_kept=round(n * BYTES_KEPT),
        quota_hours=max(_hours(groups, "core"), _hours(groups, "graphql")),
        transfer_hours=(n * ANSWER_S + bytes_down / down_bytes_s) / HOUR_S,
    )


def _hours(groups: tuple[PlannedRequests, ...], resource: Resource) -> float:
    """Return the hours that one budget after another lasts, the first of which is there at once."""
    units = sum(group.units for group in groups if group.resource == resource)
    budget, period_s = BUDGETS[resource, True]
    return max(0, math.ceil(units / budget) - 1) * period_s / HOUR_S
