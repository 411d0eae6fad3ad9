"""What dependents use of a framework against what its users ask for, by the same features.

A feature is used by the share of a framework's dependents that use it, and asked for by the share
of its coded requests that are of it; requests whose coder abstained are in no share, and counted.
A dependent may use many features, a request is counted for its first (its second is counted apart).

Each side is held against the share that each feature would have were they all used, or asked for,
alike: the mean over the features that can be seen in use, and 1/k of the k features; ``other`` is
none of them. That line rests on what the framework has as a whole, so that frameworks with few
features are not measured by those with many, and no feature makes its own line. A median would call
half of all features asked for even where all requests are of one. A feature is above or below a
line if its whole 95 % interval is; else it is not told which corner it is in.

Use has the channels api, cli and config, and requests ask for a feature through these: the channels
are joined by name. Interface, service, or none, which requests have as well, cannot be seen in
code. CI/CD is one thing on both sides: the feature ``ci-cd`` or the channel ``workflow``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa

from artifacts.errors import InputError
from artifacts.intervals import Estimate
from insights.usage.dependents import Dependents, Fact
from insights.usage.figures import NO_SYMBOL
from insights.usage.sampled import SampleOf
from insights.usage.settings import Sample
from labels.validation.values import undefined

Corner = Literal["used and asked", "used and not asked", "asked and not used", "neither"]
CORNERS: Final[dict[tuple[bool, bool], Corner]] = {
    (True, True): "used and asked",
    (True, False): "used and not asked",
    (False, True): "asked and not used",
    (False, False): "neither",
}
"""By whether a feature is used, and asked for."""

OTHER: Final = "other"
CI_CD: Final = "ci-cd"
WORKFLOW: Final = "workflow"
JOINED: Final = ("api", "cli", "config")
"""Channels of use that requests ask for as well."""
UNSEEN: Final = ("ui", "service", "none")
"""Channels of requests that code does not show."""
REQUEST_CHANNELS: Final = (*JOINED, WORKFLOW, *UNSEEN)
UNCLEAR: Final = "an interval holds the line"
_UNSEEN_WHY: Final = "code does not show it"
_WORKFLOW_WHY: Final = f"held against the feature {CI_CD}"


@dataclass(frozen=True)
class GapRow:
    """A feature or a channel of a framework, used and asked for.

    Attributes
    ----------
    name
        Code of the feature, or the channel.
    n_used, used
        Dependents that use it, and their share of all; None where use cannot be seen.
    n_asked, asked
        Coded requests that ask for it, and their share of all that are coded.
    n_asked_second
        Requests that ask for it beside another feature.
    corner
        None where it is not told, for the reason in ``why``.
    """

    framework: str
    what: Literal["feature", "channel"]
    name: str
    n_used: int | None
    used: Estimate
    n_asked: int
    n_asked_second: int
    asked: Estimate
    corner: Corner | None
    why: str | None
    dependents_sample: Sample
    requests_sample: Sample

    def __post_init__(self) -> None:
        SampleOf("dependents", self.dependents_sample).check(self.used, self.corner)
        SampleOf("requests", self.requests_sample).check(self.asked, self.corner)


@dataclass(frozen=True)
class Wish:
    """How many requests wish for CI/CD, or to reach something by an API.

    Attributes
    ----------
    feature
        Of which feature they are; None: all of them together.
    share
        Of the coded requests; for ``api``, of those whose channel is known. Requests without a
        channel can still be of the feature `CI_CD`, so the share of ``ci-cd`` is a lower bound.
    """

    framework: str
    wish: Literal["ci-cd", "api"]
    feature: str | None
    n: int
    share: Estimate
    sample: Sample

    def __post_init__(self) -> None:
        SampleOf("requests", self.sample).check(self.share)


@dataclass(frozen=True)
class RequestCounts:
    """How many requests of a framework there are.

    Attributes
    ----------
    coded
        Those with a feature; the coder abstained from the others.
    by_person
        Of those coded.
    channel_unknown
        Of those coded.
    """

    framework: str
    asked: int
    coded: int
    by_person: int
    channel_unknown: int

    @property
    def abstained(self) -> int:
        """Return of how many requests the coder said nothing."""
        return self.asked - self.coded


@dataclass(frozen=True)
class Gap:
    """What is used against what is asked for, in the order of frameworks and codes."""

    dependents: SampleOf
    requests: SampleOf
    counts: tuple[RequestCounts, ...]
    rows: tuple[GapRow, ...]
    wishes: tuple[Wish, ...]


@dataclass(frozen=True)
class _Asked:
    """The requests of one framework."""

    framework: str
    sample_of: SampleOf
    rows: Sequence[Mapping[str, Any]]

    @property
    def coded(self) -> list[Mapping[str, Any]]:
        return [row for row in self.rows if row["feature"] is not None]

    @property
    def with_channel(self) -> list[Mapping[str, Any]]:
        return [row for row in self.coded if row["channel"] is not None]

    def counts(self) -> RequestCounts:
        coded = self.coded
        by_person = sum(row["by"] == "person" for row in coded)
        unknown = len(coded) - len(self.with_channel)
        return RequestCounts(self.framework, len(self.rows), len(coded), by_person, unknown)


def find_gap(
    facts: Iterable[Fact],
    dependents: Dependents,
    requests: pa.Table,
    requests_of: SampleOf,
    *,
    codes: Sequence[str],
    offered: Mapping[str, Collection[str]],
) -> Gap:
    """Return what of each framework is used against what is asked for.

    Parameters
    ----------
    requests
        Of the schema `insights.usage.tables.REQUESTS`; those of other frameworks are left aside.
    requests_of
        How they were found.
    codes, offered
        As `insights.usage.figures.usage_figures` takes them.

    Raises
    ------
    InputError
        If a request is of a feature that is no code, or has a channel that there is not.
    """
    asked_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in requests.to_pylist():
        _check(row, codes)
        asked_of[row["framework"]].append(row)
    users: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in dependents.users}
    for fact in facts:
        if fact.is_use and fact.project in dependents.users.get(fact.framework, ()):
            for name in _names(fact):
                users[fact.framework][name].add(fact.project)
    counts: list[RequestCounts] = []
    rows: list[GapRow] = []
    wishes: list[Wish] = []
    for name in dependents.frameworks:
        asked = _Asked(name, requests_of, asked_of[name])
        used = {key: len(its) for key, its in users[name].items()}
        seen = {code for code in codes if used.get(f"feature {code}")}
        seen |= {*offered.get(name, ()), CI_CD}  # any framework can be used in a workflow
        counts.append(asked.counts())
        rows += _features(asked, dependents, used, [(code, code in seen) for code in codes])
        rows += _channels(asked, dependents, used)
        wishes += _wishes(asked, codes)
    return Gap(dependents.sample_of, requests_of, tuple(counts), tuple(rows), tuple(wishes))


def is_for_ci_cd(row: Mapping[str, Any]) -> bool:
    """Tell whether a coded request wishes for CI/CD."""
    return bool(row["feature"] == CI_CD or row["channel"] == WORKFLOW)


def _check(row: Mapping[str, Any], codes: Sequence[str]) -> None:
    for feature in (row["feature"], row["second_feature"]):
        if feature is not None and feature not in codes:
            raise InputError(
                f"A request is of the feature '{feature}', which the codebook of features lacks.",
                where=row["issue_key"],
                fix="code the requests with the study's codebook of features",
            )
    if row["channel"] not in (None, *REQUEST_CHANNELS):
        raise InputError(
            f"A request has the channel '{row['channel']}'.",
            where=row["issue_key"],
            fix=f"take {', '.join(REQUEST_CHANNELS)}, or none at all where it is not known",
        )


def _names(fact: Fact) -> Iterator[str]:
    """Yield what a use counts for."""
    yield f"channel {fact.channel}"
    if fact.feature is not None:
        yield f"feature {fact.feature}"
    if fact.channel == WORKFLOW:
        yield f"feature {CI_CD}"


def _features(
    asked: _Asked,
    dependents: Dependents,
    used: Mapping[str, int],
    codes: Sequence[tuple[str, bool]],
) -> Iterator[GapRow]:
    """Yield a row for each code, given with whether its use can be seen."""
    n_users, coded = len(dependents.users[asked.framework]), asked.coded
    first = Counter(row["feature"] for row in coded)
    first[CI_CD] = sum(map(is_for_ci_cd, coded))
    second = Counter(row["second_feature"] for row in coded)
    proper = [(code, is_seen) for code, is_seen in codes if code != OTHER]
    counts = [used.get(f"feature {code}", 0) for code, is_seen in proper if is_seen]
    used_line = sum(counts) / len(counts) / n_users if counts and n_users else None
    lines = (used_line, 1 / len(proper)) if proper else (None, None)
    for code, is_seen in codes:
        n_used = used.get(f"feature {code}", 0) if is_seen else None
        share = undefined(NO_SYMBOL, n=n_users)
        if n_used is not None:
            share = dependents.sample_of.share(n_used, n_users)
        of_all = asked.sample_of.share(first[code], len(coded))
        corner, why = corner_of(share, of_all, (None, None) if code == OTHER else lines)
        yield GapRow(
            asked.framework,
            "feature",
            code,
            n_used,
            share,
            first[code],
            second[code],
            of_all,
            corner,
            why,
            dependents.sample_of.sample,
            asked.sample_of.sample,
        )


def corner_of(
    used: Estimate, asked: Estimate, lines: tuple[float | None, float | None]
) -> tuple[Corner | None, str | None]:
    """Return which corner a feature is in, or None and why it is not told.

    Parameters
    ----------
    lines
        Above which a share of dependents, and one of requests, is much; None: there is no line.
    """
    above = []
    for share, line in zip((used, asked), lines, strict=True):
        if share.value is None or share.low is None or share.high is None:
            return None, share.reason
        if line is None:
            return None, "there is nothing to hold it against"
        if share.low <= line <= share.high:
            return None, UNCLEAR
        above.append(share.low > line)
    return CORNERS[above[0], above[1]], None


def _channels(asked: _Asked, dependents: Dependents, used: Mapping[str, int]) -> Iterator[GapRow]:
    n_users, known = len(dependents.users[asked.framework]), asked.with_channel
    counts = Counter(row["channel"] for row in known)
    for channel in REQUEST_CHANNELS:
        n_used = used.get(f"channel {channel}", 0) if channel in JOINED else None
        share = undefined(_WORKFLOW_WHY if channel == WORKFLOW else _UNSEEN_WHY, n=n_users)
        if n_used is not None:
            share = dependents.sample_of.share(n_used, n_users)
        yield GapRow(
            asked.framework,
            "channel",
            channel,
            n_used,
            share,
            counts[channel],
            0,
            asked.sample_of.share(counts[channel], len(known)),
            None,
            "corners are of features",
            dependents.sample_of.sample,
            asked.sample_of.sample,
        )


def _wishes(asked: _Asked, codes: Sequence[str]) -> Iterator[Wish]:
    coded, known = asked.coded, asked.with_channel
    wished: tuple[tuple[Literal["ci-cd", "api"], list[str], int], ...] = (
        ("ci-cd", [row["feature"] for row in coded if is_for_ci_cd(row)], len(coded)),
        ("api", [row["feature"] for row in known if row["channel"] == "api"], len(known)),
    )
    for wish, features, n_all in wished:
        counts = Counter(features)
        for feature in (None, *(code for code in codes if counts[code])):
            n = len(features) if feature is None else counts[feature]
            share = asked.sample_of.share(n, n_all)
            yield Wish(asked.framework, wish, feature, n, share, asked.sample_of.sample)
