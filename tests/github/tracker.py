"""Makes the issues and pull requests of one repository."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.github.clock import DAY_S
from tests.github.world import Event, Issue, Label, PullRequest
from tests.github.writing import ASSOCIATIONS, WORDS, Writer

PULL_REQUESTS_PER_ISSUE = 0.5
REASONS_SINCE = 1_651_363_200
"""2022-05-01: what was closed before has no reason."""


@dataclass
class Numbers:
    """Gives numbers that nothing else in the world has."""

    last: int

    def next(self) -> int:
        """Return a number that is not yet used."""
        self.last += 7
        return self.last


def tracker(
    rng: random.Random,
    writer: Writer,
    numbers: Numbers,
    labels: Sequence[Label],
    n_issues: int,
    since: int,
    now: int,
    first: int = 1,
) -> tuple[tuple[Issue, ...], tuple[PullRequest, ...]]:
    """Return issues and pull requests, made from ``since`` to ``now``, numbered from ``first``."""
    n_pulls = int(n_issues * PULL_REQUESTS_PER_ISSUE)
    is_issue = [True] * n_issues + [False] * n_pulls
    rng.shuffle(is_issue)
    dates = sorted(rng.randint(since, now) for _ in is_issue)
    issues, pulls = [], []
    for place, at in enumerate(dates):
        if is_issue[place]:
            issues.append(_issue(rng, writer, numbers.next(), first + place, labels, at, now))
        else:
            pulls.append(_pull(rng, writer, numbers.next(), first + place, labels, at, now))
    return tuple(issues), tuple(pulls)


def _issue(
    rng: random.Random,
    writer: Writer,
    database_id: int,
    number: int,
    labels: Sequence[Label],
    at: int,
    now: int,
) -> Issue:
    events = _events(rng, at, now)
    thumbs_up = int(rng.lognormvariate(0, 1.2)) if rng.random() < 0.3 else 0
    last = events[-1].at if events else at
    return Issue(
        database_id=database_id,
        number=number,
        title=writer.title(),
        body=writer.text(1, 8) if rng.random() < 0.96 else "",
        labels=drawn_labels(rng, labels),
        author=f"{rng.choice(WORDS)}{number % 97}",
        author_association=rng.choice(ASSOCIATIONS),
        created_at=at,
        updated_at=min(now, last + rng.randint(0, 20 * DAY_S)),
        events=events,
        reactions=thumbs_up + rng.choice((0, 0, 0, 1, 2)),
        thumbs_up=thumbs_up,
        comments=int(rng.lognormvariate(0.5, 1)),
    )


def drawn_labels(rng: random.Random, labels: Sequence[Label]) -> tuple[str, ...]:
    """Return the names of none, one or two labels; those for requests come first in the list."""
    if rng.random() < 0.25:
        return ()
    one = labels[min(len(labels) - 1, int(rng.expovariate(0.4)))].name
    return (one,) if rng.random() < 0.7 else tuple(dict.fromkeys((one, rng.choice(labels).name)))


def _events(rng: random.Random, at: int, now: int) -> tuple[Event, ...]:
    n = rng.choices((0, 1, 2, 3), (40, 50, 6, 4))[0]
    dates = sorted(rng.randint(at, now) for _ in range(n))
    return tuple(
        closed(rng, date) if place % 2 == 0 else Event("reopened", date, "REOPENED")
        for place, date in enumerate(dates)
    )


def closed(rng: random.Random, at: int) -> Event:
    """Return that an issue was closed."""
    reason = rng.choices(("COMPLETED", "NOT_PLANNED", "DUPLICATE"), (80, 15, 5))[0]
    return Event("closed", at, reason if at >= REASONS_SINCE else None)


def _pull(
    rng: random.Random,
    writer: Writer,
    database_id: int,
    number: int,
    labels: Sequence[Label],
    at: int,
    now: int,
) -> PullRequest:
    return PullRequest(
        database_id=database_id,
        number=number,
        title=writer.title(),
        labels=drawn_labels(rng, labels),
        author=f"{rng.choice(WORDS)}{number % 97}",
        created_at=at,
        updated_at=rng.randint(at, now),
        state=rng.choices(("OPEN", "CLOSED", "MERGED"), (15, 15, 70))[0],
    )
