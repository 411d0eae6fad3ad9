"""Published measures of a tool's health, each part told by itself, as far as it is known.

Starter project health (CHAOSS metrics model): time to first response, change request closure ratio,
contributor absence factor, release frequency. It has no score, and its authors say not to compare
projects by it.

Criticality score (Open Source Security Foundation, ``ossf/criticality_score``, by Rob Pike): ten
signals S with weights α and thresholds T, each scored log(1 + S) / log(1 + max(S, T)); the score is
their mean, weighted by α, cut to [0, 1] as its authors do: the time since the last update has the
weight −1, so that it can leave that. Signals that are missing leave the denominator. It was never
validated, and says how much others may depend on a project, not whether it fares well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from artifacts.intervals import Estimate
from insights.history.months import MONTHS_A_YEAR, months_between
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.rows import HealthSignal
from insights.history.stages import NO_DAY, Lifecycle

STARTER: Final = "CHAOSS starter"
CRITICALITY: Final = "criticality score"
RELEASE_FREQUENCY: Final = "release frequency"
ABSENCE_FACTOR: Final = "contributor absence factor"
WEEKS_A_YEAR: Final = 52


@dataclass(frozen=True)
class CriticalityPart:
    """A signal of the criticality score.

    Attributes
    ----------
    weight, threshold
        α and T.
    unit
        Of the signal.
    """

    weight: float
    threshold: float
    unit: str


CRITICALITY_PARTS: Final[Mapping[str, CriticalityPart]] = {
    "created_since": CriticalityPart(1, 120, "months"),
    "updated_since": CriticalityPart(-1, 120, "months"),
    "contributor_count": CriticalityPart(2, 5000, "people"),
    "org_count": CriticalityPart(1, 10, "organizations"),
    "commit_frequency": CriticalityPart(1, 1000, "commits a week, in the last year"),
    "recent_releases_count": CriticalityPart(0.5, 26, "releases in the last year"),
    "closed_issues_count": CriticalityPart(0.5, 5000, "issues in the last 90 days"),
    "updated_issues_count": CriticalityPart(0.5, 5000, "issues in the last 90 days"),
    "comment_frequency": CriticalityPart(1, 15, "comments an issue, in the last 90 days"),
    "dependents_count": CriticalityPart(2, 500_000, "mentions in messages of commits"),
}
"""As published, in that order."""

_Known = tuple[float | None, str | None]
"""A value, or why there is none."""


def health_signals(
    population: HistoryPopulation, lives: Mapping[str, Lifecycle]
) -> tuple[HealthSignal, ...]:
    """Return the parts of both measures, of each tool in its order.

    Parameters
    ----------
    lives
        By key: releases of the last year are told there. Whoever has no day of observation has no
        value in any part.
    """
    return tuple(
        signal for tool in population.tools for signal in _signals(tool, lives.get(tool.repo_key))
    )


def _signals(tool: ToolHistory, life: Lifecycle | None) -> Iterable[HealthSignal]:
    releases = _value(None if life is None else life.releases, "its releases are not known")
    starter = {
        "time to first response": (_not_mined("answers to issues and change requests"), "days"),
        "change request closure ratio": (_closure(tool), "closed of those opened, ever"),
        ABSENCE_FACTOR: (
            _value(
                tool.absence_factor,
                "who committed in the last year, if anybody did, is known from git histories only",
            ),
            "people with half of the commits of the last year",
        ),
        RELEASE_FREQUENCY: (releases, "releases in the last year"),
    }
    for signal, ((value, reason), unit) in starter.items():
        if tool.observed_at is None:
            value, reason = None, NO_DAY
        yield HealthSignal(tool.repo_key, STARTER, signal, value, unit, None, None, None, reason)
    for signal, (value, reason) in _criticality(tool, releases).items():
        part = CRITICALITY_PARTS[signal]
        if tool.observed_at is None:
            value, reason = None, NO_DAY
        yield HealthSignal(
            repo_key=tool.repo_key,
            measure=CRITICALITY,
            signal=signal,
            value=value,
            unit=part.unit,
            weight=part.weight,
            threshold=part.threshold,
            score=None if value is None else part_score(value, part.threshold),
            reason=reason,
        )


def _criticality(tool: ToolHistory, releases: _Known) -> dict[str, _Known]:
    seen = tool.observed_at
    updated = tool.last_commit_at or tool.pushed_at
    people = tool.numbers.get("contributors")
    if people is None:
        people = tool.identities
    issues = _not_mined("all of its issues, with their times,")
    return {
        "created_since": _age(tool),
        "updated_since": _value(
            max(0.0, months_between(updated, seen)) if updated and seen else None,
            "its last commit is not known",
        ),
        "contributor_count": _value(people, "how many people committed is not known"),
        "org_count": _not_mined("the organizations of its contributors"),
        "commit_frequency": _commits_a_week(tool),
        "recent_releases_count": releases,
        "closed_issues_count": issues,
        "updated_issues_count": issues,
        "comment_frequency": issues,
        "dependents_count": _not_mined("messages of commits elsewhere"),
    }


def _age(tool: ToolHistory) -> _Known:
    """Return the months from the beginning of a tool to its observation."""
    if tool.born_at is None or tool.observed_at is None:
        return None, "its beginning is not known"
    if tool.born_at > tool.observed_at:
        return None, "it began after it was observed"
    return months_between(tool.born_at, tool.observed_at), None


def _value(value: float | None, reason: str) -> _Known:
    return (None, reason) if value is None else (float(value), None)


def _not_mined(what: str) -> _Known:
    return None, f"{what} are not mined"


def _closure(tool: ToolHistory) -> _Known:
    """Return which share of the change requests that were ever opened are closed or merged."""
    states = [tool.numbers.get(f"pulls_{state}") for state in ("open", "closed", "merged")]
    known = [n for n in states if n is not None]
    if len(known) < len(states):
        return None, "how many change requests are open, closed and merged is not known"
    n_opened = sum(known)
    if not n_opened:
        return None, "no change request was ever opened"
    return (n_opened - known[0]) / n_opened, None


def _commits_a_week(tool: ToolHistory) -> _Known:
    """Return commits by anybody, in the twelve months before that of the observation."""
    counts, first, end = tool.monthly.get("commits"), tool.first_month, tool.observed_month
    if counts is None or first is None or end is None:
        return None, "its commits of each month are not known"
    if tool.lacks_older and end - first < MONTHS_A_YEAR:
        return None, "not all commits of the last year are counted"
    last_year = counts[max(0, end - MONTHS_A_YEAR - first) : max(0, end - first)]
    return float(last_year.sum()) / WEEKS_A_YEAR, None


def part_score(value: float, threshold: float) -> float:
    """Return log(1 + S) / log(1 + max(S, T)), in [0, 1], of a signal that is at least 0."""
    return log(1 + value) / log(1 + max(value, threshold))


def criticality_of(signals: Iterable[HealthSignal]) -> Estimate:
    """Return the criticality score of one tool, from those of its parts that are known, in [0, 1].

    Its n is how many these are, and its reason says of how many: it is not to be shown without
    them. Two scores of which other parts are known cannot be compared.

    Parameters
    ----------
    signals
        Of one tool; those of other measures are passed over.
    """
    parts = [each for each in signals if each.measure == CRITICALITY]
    known = [(each.weight, each.score) for each in parts]
    told = [(weight, score) for weight, score in known if weight is not None and score is not None]
    weights = sum(weight for weight, _ in told)
    said = f"no interval: from {len(told)} of {len(parts)} parts"
    if weights <= 0:
        return Estimate(None, None, None, len(told), "the parts known have no weight together")
    mean = sum(weight * score for weight, score in told) / weights
    return Estimate(min(1.0, max(0.0, mean)), None, None, len(told), said)
