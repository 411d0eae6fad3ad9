"""Makes a world from a seed: repositories under topics, and frameworks with their issues."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.github.clock import DAY_S
from tests.github.git import Commit, Tree, commit, folder
from tests.github.tracker import Numbers, tracker
from tests.github.world import Release, Repository, World
from tests.github.writing import (
    COMMON,
    FRAMEWORKS,
    LANGUAGES,
    LICENSES,
    README_KINDS,
    WORDS,
    Writer,
    labels_of,
)

NOW = 1_795_564_800
"""2026-11-25."""
FIRST = 1_356_998_400
"""2013-01-01: no repository is older."""
YEAR_S = 365 * DAY_S
SPECIAL = {
    "empty": 0.015,
    "blocked": 0.003,
    "gone": 0.005,
    "renamed": 0.02,
    "huge": 0.003,
    "disabled": 0.002,
    "template": 0.01,
    "archived": 0.06,
    "fork": 0.08,
    "older history": 0.02,
    "no issues": 0.03,
}
"""Shares of repositories with something special; each is there at least once, if there is room."""
UNSEEN = ("gone", "blocked", "fork")
SHARE_SAME_SECOND = 0.04
SHARE_SECOND_TOPIC = 0.1


def make_world(
    seed: int,
    n_repositories: int = 3_000,
    topics: Sequence[str] = ("mlops", "machine-learning-operations"),
    frameworks: Sequence[str] = tuple(FRAMEWORKS),
    n_issues: int = 20_000,
    now: int = NOW,
) -> World:
    """Return a world.

    Parameters
    ----------
    n_repositories
        Under the topics; the frameworks come besides, every second one under the first topic.
    frameworks
        Full names; those in `FRAMEWORKS` have the labels that are known of them.
    n_issues
        Of all frameworks together; some of the other repositories have a few as well.
    """
    maker = Maker(random.Random(seed), now)
    special = _specials(maker.rng, n_repositories)
    made = [maker.repository(topics, what) for what in special]
    for place, name in enumerate(frameworks):
        n = n_issues // len(frameworks) + (place < n_issues % len(frameworks))
        made.append(maker.framework(name, topics[:1] if place % 2 == 0 else (), n))
    return World(now, {each.database_id: each for each in made})


def _specials(rng: random.Random, n: int) -> list[str]:
    """Return what is special about each repository: "" for most."""
    names, shares = ["", *SPECIAL], [1 - sum(SPECIAL.values()), *SPECIAL.values()]
    once = list(SPECIAL)[: n // 2]
    drawn = once + rng.choices(names, shares, k=n - len(once))
    rng.shuffle(drawn)
    return drawn


@dataclass
class Maker:
    """Makes repositories, each with a number of its own."""

    rng: random.Random
    now: int
    first_number: int = 1_000

    def __post_init__(self) -> None:
        self.numbers = Numbers(self.first_number)
        self.writer = Writer(self.rng)
        self._kinds = list(README_KINDS)
        self._last_created = FIRST

    def repository(
        self, topics: Sequence[str], special: str = "", since: int = FIRST
    ) -> Repository:
        """Return a repository under one of the topics or more, made after ``since``."""
        rng, number = self.rng, self.numbers.next()
        created = self._created(since)
        pushed = created + int((self.now - created) * rng.random() ** 0.7)
        commits = self._commits(number, created, pushed, special)
        languages = rng.sample(LANGUAGES, rng.randint(1, 4)) if commits else []
        archived = special == "archived"
        return Repository(
            database_id=number,
            names=self._names(number, created, special),
            description=self.writer.title() if rng.random() < 0.92 else None,
            topics=self._topics(topics),
            created_at=created,
            pushed_at=pushed,
            updated_at=rng.randint(pushed, self.now),
            stars=self._stars(created),
            forks=int(rng.lognormvariate(1, 1.2)),
            watchers=int(rng.lognormvariate(1, 1)),
            disk_usage=rng.randint(10, 200_000) if commits else 0,
            license=rng.choice([*LICENSES, None]),
            homepage=rng.choice([None, None, "", f"https://example.org/{number}"]),
            languages={name: 100_000 // 3**place for place, name in enumerate(languages)},
            archived_at=rng.randint(pushed, self.now) if archived else None,
            is_archived=archived,
            is_fork=special == "fork",
            is_template=special == "template",
            is_disabled=special == "disabled",
            has_issues=special != "no issues",
            default_branch=rng.choice(("main", "main", "master")),
            commits=commits,
            releases=self._releases(created, pushed) if commits else (),
            tags=tuple((f"v0.{n}", rng.choice(commits).oid) for n in range(rng.choice((0, 0, 3))))
            if commits
            else (),
            contributors=1 + int(rng.lognormvariate(1, 1.2)) if commits else 0,
            anonymous=rng.choice((0, 0, 0, 1, 4)) if commits else 0,
            labels=labels_of(("enhancement",)),
            gone_at=rng.randint(pushed, self.now) if special == "gone" else None,
            blocked=special == "blocked",
            huge=special == "huge",
            **self._few_issues(created, special),
        )

    def framework(self, name: str, topics: Sequence[str], n_issues: int) -> Repository:
        """Return a framework with an issue tracker."""
        labels = labels_of(FRAMEWORKS.get(name, ("enhancement",)))
        created = self.now - self.rng.randint(4, 9) * YEAR_S
        found = tracker(self.rng, self.writer, self.numbers, labels, n_issues, created, self.now)
        plain = self.repository(("framework",))
        commits = self._commits(plain.database_id, created, self.now - 3_600, "")
        return replace(
            plain,
            names=((created, name),),
            topics=(*topics, "framework"),
            created_at=created,
            pushed_at=self.now - 3_600,
            updated_at=self.now - 60,
            commits=commits,
            tags=(),
            releases=self._releases(created, self.now),
            stars=self._stars(created, 4_000),
            labels=labels,
            issues=found[0],
            pull_requests=found[1],
        )

    def tree(self, kind: str) -> Tree:
        """Return files with a README of the kind."""
        return self.writer.readme(kind)

    def _created(self, since: int) -> int:
        if since < self._last_created and self.rng.random() < SHARE_SAME_SECOND:
            return self._last_created
        at = since + int((self.now - YEAR_S // 100 - since) * self.rng.random() ** 0.55)
        self._last_created = at
        return at

    def _names(self, number: int, created: int, special: str) -> tuple[tuple[int, str], ...]:
        owner, first, second = self.rng.choices(WORDS, k=3)
        now = f"{owner}-lab/{first}-{second}-{number}"
        if special != "renamed":
            return ((created, now),)
        changed = self.rng.randint(created, self.now)
        old = self.rng.choice((f"{owner}-lab/old-{number}", f"{first}-team/{first}-{number}"))
        return ((created, old), (changed, now))

    def _topics(self, topics: Sequence[str]) -> tuple[str, ...]:
        shares = [2.0**-place for place in range(len(topics))]
        main = self.rng.choices(topics, shares)[0]
        more = [other for other in topics if self.rng.random() < SHARE_SECOND_TOPIC]
        free = self.rng.sample(WORDS, self.rng.randint(0, 4))
        return tuple(dict.fromkeys([main, *more, *free]))

    def _stars(self, created: int, at_least: int = 0) -> dict[int, int]:
        n = at_least + min(50_000, int(self.rng.lognormvariate(2.0, 1.7)))
        first, last = created // DAY_S, self.now // DAY_S
        days = [self.rng.randint(first, last) for _ in range(min(n, 60))]
        counts = Counter(days)
        for _ in range(min(n, 60), n, 50):
            counts[self.rng.choice(days)] += min(50, n - counts.total())
        return dict(sorted(counts.items()))

    def _commits(self, number: int, created: int, pushed: int, special: str) -> tuple[Commit, ...]:
        rng = self.rng
        if special == "empty":
            return ()
        # The first that can be seen have all kinds of README between them, the rest what comes.
        some = list(README_KINDS)
        seen = self._kinds and special not in UNSEEN
        kind = self._kinds.pop() if seen else rng.choices(some, list(README_KINDS.values()))[0]
        first = created - (2 * YEAR_S if special == "older history" else 0)
        dates = sorted(rng.randint(first, pushed) for _ in range(rng.randint(0, 18)))
        trees = [self.tree(kind) for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.2:
            trees.insert(0, folder(*COMMON))
        if rng.random() < 0.1:
            trees.insert(0, self.tree("readme.rst"))
        dates = [*dates, pushed]
        steps = len(dates) / len(trees)
        return tuple(
            commit(trees[min(len(trees) - 1, int(place / steps))], at, f"{number} {place}")
            for place, at in enumerate(dates)
        )

    def _releases(self, created: int, until: int) -> tuple[Release, ...]:
        n = self.rng.choice((0, 0, 0, 1, 3, 12))
        dates = sorted(self.rng.randint(created, until) for _ in range(n))
        return tuple(
            Release(
                database_id=self.numbers.next(),
                tag=f"v{place}",
                name=self.rng.choice((None, f"Release {place}")),
                created_at=at,
                published_at=None if place == 7 else min(self.now, at + self.rng.randint(0, DAY_S)),
                prerelease=self.rng.random() < 0.1,
                draft=place == 7,
            )
            for place, at in enumerate(dates)
        )

    def _few_issues(self, created: int, special: str) -> dict[str, Any]:
        """Return the issues and pull requests of a repository that is no framework."""
        if special == "no issues" or self.rng.random() > 0.3:
            return {}
        labels = labels_of(("enhancement",))
        n = self.rng.randint(1, 3)
        found = tracker(self.rng, self.writer, self.numbers, labels, n, created, self.now)
        return {"issues": found[0], "pull_requests": found[1]}
