"""What the dependents of a framework use of it: features, channels, its defaults alone, eras.

Everything is counted by dependents, each once however often it uses what is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from artifacts.errors import InputError
from artifacts.intervals import Estimate
from insights.usage.dependents import NOT_TOLD, WAYS, Dependent, Dependents, Fact
from insights.usage.sampled import SampleOf
from insights.usage.settings import Sample
from labels.validation.values import undefined
from usage.uses import CHANNELS

Measure = Literal["feature", "feature by channel", "channel", "channels", "defaults", "era"]
"""Of dependents: those that use a feature; that use it through a channel; that use a channel; that
use exactly these channels, declarations aside; that use it in this way of `WAYS`; of an era."""

NO_SYMBOL: Final = "no symbol or command of this feature is known"
UNKNOWN_ERA: Final = "not known"


@dataclass(frozen=True)
class Figure:
    """How many dependents of a framework use what.

    Attributes
    ----------
    name
        Code of a feature, channel, channels joined by ``+``, one of `WAYS`, or an era.
    channel
        Of ``feature by channel`` alone.
    n
        Dependents; None where they cannot be told from others.
    share
        Of the dependents that it can be told of (``share.n``).
    """

    framework: str
    measure: Measure
    name: str
    channel: str | None
    n: int | None
    share: Estimate
    sample: Sample

    def __post_init__(self) -> None:
        SampleOf("dependents", self.sample).check(self.share)


@dataclass(frozen=True)
class _Counter:
    """Makes figures of the users of one framework."""

    framework: str
    sample_of: SampleOf
    n_users: int

    def figure(
        self,
        measure: Measure,
        name: str,
        n: int | None,
        *,
        channel: str | None = None,
        of: int | None = None,
    ) -> Figure:
        """Return a figure of ``n`` of all users, or of ``of`` of them."""
        total = self.n_users if of is None else of
        share = undefined(NO_SYMBOL, n=total) if n is None else self.sample_of.share(n, total)
        sample = self.sample_of.sample
        return Figure(self.framework, measure, name, channel, n, share, sample)


def usage_figures(
    facts: Iterable[Fact],
    dependents: Dependents,
    *,
    codes: Sequence[str],
    offered: Mapping[str, Collection[str]],
) -> tuple[Figure, ...]:
    """Return what the dependents of each framework use, in the order of frameworks and codes.

    Parameters
    ----------
    codes
        Of the codebook of features, in its order.
    offered
        The codes that the framework's file knows symbols or commands of; of any other, which none
        of its uses has either, it is not known how many use it.

    Raises
    ------
    InputError
        If a use is of a feature that is no code.
    """
    of_users: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.feature is not None and fact.feature not in codes:
            raise InputError(
                f"A use is of the feature '{fact.feature}', which the codebook of features lacks.",
                where=f"{fact.project}, {fact.framework}",
                fix="add the code to the codebook, or name another in the framework's file",
            )
        if fact.project in dependents.users.get(fact.framework, ()):
            of_users[fact.framework].append(fact)
    return tuple(
        figure
        for name, users in dependents.users.items()
        for figure in _figures_of(
            _Counter(name, dependents.sample_of, len(users)),
            of_users[name],
            users.values(),
            codes,
            offered.get(name, ()),
        )
    )


def _figures_of(
    counter: _Counter,
    facts: Sequence[Fact],
    users: Collection[Dependent],
    codes: Sequence[str],
    offered: Collection[str],
) -> Iterator[Figure]:
    yield from _features(counter, facts, codes, offered)
    yield from _channels(counter, facts, users)
    yield from _defaults(counter, users)
    yield from _eras(counter, facts)


def _features(
    counter: _Counter, facts: Sequence[Fact], codes: Sequence[str], offered: Collection[str]
) -> Iterator[Figure]:
    users: dict[str, set[str]] = defaultdict(set)
    through: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact in facts:
        if fact.is_use and fact.feature is not None:
            users[fact.feature].add(fact.project)
            through[fact.feature, fact.channel].add(fact.project)
    for code in codes:
        is_known = code in users or code in offered
        yield counter.figure("feature", code, len(users[code]) if is_known else None)
    for code in codes:
        for channel in CHANNELS:
            if n := len(through[code, channel]):
                yield counter.figure("feature by channel", code, n, channel=channel)


def _channels(
    counter: _Counter, facts: Sequence[Fact], users: Collection[Dependent]
) -> Iterator[Figure]:
    of_channel: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        of_channel[fact.channel].add(fact.project)
    for channel in CHANNELS:
        yield counter.figure("channel", channel, len(of_channel[channel]))
    together: dict[tuple[str, ...], int] = defaultdict(int)
    for each in users:
        together[each.channels] += 1
    for channels, n in sorted(together.items()):
        yield counter.figure("channels", " + ".join(channels), n)


def _defaults(counter: _Counter, users: Collection[Dependent]) -> Iterator[Figure]:
    told = sum(NOT_TOLD not in each.ways for each in users)
    for way in WAYS:
        n = sum(way in each.ways for each in users)
        yield counter.figure("defaults", way, n, of=len(users) if way == NOT_TOLD else told)


def _eras(counter: _Counter, facts: Sequence[Fact]) -> Iterator[Figure]:
    eras: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        if fact.is_use:
            eras[fact.project] |= {fact.era} if fact.era is not None else set()
    for era in sorted(set().union(*eras.values())):
        yield counter.figure("era", era, sum(era in its for its in eras.values()))
    if any(eras.values()):
        n_several = sum(len(its) > 1 for its in eras.values())
        yield counter.figure("era", "several", n_several)
        yield counter.figure("era", UNKNOWN_ERA, sum(not its for its in eras.values()))
