"""What is known of each tool: one class for each table of the artifact.

Figures of the ecosystem are in `insights.history.figures`. Months are written ``2026-08``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Stage = Literal["emerging", "growing", "peak", "declining", "dormant", "dead"]
"""Of a lifecycle, in this order."""


@dataclass(frozen=True)
class ToolRow:
    """Where a tool stands.

    Attributes
    ----------
    repo_key, full_name
        Which it is.
    kind, owner_type, category
        What it is, whose (``User`` or ``Organization``), and its category in the taxonomy; None
        where that is not known.
    born_at, born_by
        When it began, and by which sign: ``created_at`` (on GitHub) or ``first commit``.
    observed_at
        The day up to which its history is known.
    last_human_at, last_commit_at, last_release_at
        When a person last committed, anybody did, and a release was last made.
    ended, ended_at
        By which sign its end was announced: ``archived``, or its README's words; and since when,
        where that is known.
    stage, reason, since
        Its stage when it was observed, why, and the month since which it is in it.
    unknown
        Why the stage is not known.
    silent_months
        Months without a commit by a person before it was observed.
    commits, commits_before, commits_best
        By people (by anybody where these are not told apart) in the last twelve months, in the
        twelve before, and in its best twelve.
    people, newcomers, releases
        In the last twelve months: the most people who committed in one of them, people who
        committed for the first time, and releases.
    changes, returns
        How often its stage changed; and how often it came back from being dormant or dead.
    maturity, maturity_reason
        In words, and what they rest on.
    """

    repo_key: str
    full_name: str
    kind: str | None
    owner_type: str | None
    category: str | None
    born_at: datetime | None
    born_by: str | None
    observed_at: datetime | None
    last_human_at: datetime | None
    last_commit_at: datetime | None
    last_release_at: datetime | None
    ended: str | None
    ended_at: datetime | None
    stage: str | None
    reason: str | None
    since: str | None
    unknown: str | None
    silent_months: int | None
    commits: int | None
    commits_before: int | None
    commits_best: int | None
    people: int | None
    newcomers: int | None
    releases: int | None
    changes: int | None
    returns: int | None
    maturity: str | None
    maturity_reason: str | None


@dataclass(frozen=True)
class StageSpell:
    """Months in which a tool was in one stage.

    Attributes
    ----------
    repo_key
        The tool.
    stage
        Its stage.
    first, last
        The first and the last month.
    reason
        Why, in the first of them.
    """

    repo_key: str
    stage: Stage
    first: str
    last: str
    reason: str


@dataclass(frozen=True)
class ToolMonth:
    """What a tool did in a month, for its drawing; months without anything have no row.

    Attributes
    ----------
    repo_key
        The tool.
    month
        Of which.
    commits
        By people, or by anybody where these are not told apart.
    """

    repo_key: str
    month: str
    commits: int


@dataclass(frozen=True)
class ChangePoint:
    """A month in which the level of a tool's activity changed.

    Attributes
    ----------
    repo_key
        The tool.
    month
        The first month of the new level.
    before, after
        Commits a month, on average, until the change point before, and until the next.
    """

    repo_key: str
    month: str
    before: float
    after: float


@dataclass(frozen=True)
class HealthSignal:
    """A part of a published measure of health.

    Attributes
    ----------
    repo_key
        The tool.
    measure
        ``CHAOSS starter`` or ``criticality score``.
    signal
        The part, as it is published.
    value
        As it was counted; None: not known.
    unit
        Of `value`.
    weight, threshold
        Of the part in the score, where the measure has one.
    score
        Of the part, in [0, 1], where the measure has one.
    reason
        Why it is not known.
    """

    repo_key: str
    measure: str
    signal: str
    value: float | None
    unit: str
    weight: float | None
    threshold: float | None
    score: float | None
    reason: str | None
