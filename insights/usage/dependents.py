"""Who uses a framework: the role of each project, in which ways it uses it, and who is counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from artifacts.errors import InputError
from artifacts.tables import rows_of
from configs.framework import Framework
from insights.usage.sampled import SampleOf
from insights.usage.settings import UsageSettings
from usage.uses import CHANNELS, Channel

Role = Literal["uses", "declares only", "names only", "copy or fork"]
"""What a project is to a framework: a dependent; it says that it needs it and does not use it; a
source named it, and nothing of the framework is in it; it holds the framework's own source."""

DECLARING: Final = frozenset({"declared", "pip-install"})
"""Kinds that declare a framework, in whatever file they stand: they use nothing of it."""
USUAL_BASE: Final = "usual base"
"""In place of the kind ``base``: a base class that every flow of the framework has."""

OUT_OF_THE_BOX: Final = "out of the box"
NOT_TOLD: Final = "not told"
WAYS: Final = ("configures", "extends", "several features", OUT_OF_THE_BOX, NOT_TOLD)
CONFIGURING_KINDS: Final = frozenset({"env", "set", "config-file", "config-key", "config-ref"})
CONFIGURING_FEATURES: Final = frozenset({"configuration-and-projects", "access-and-secrets"})
EXTENDING_KINDS: Final = frozenset({"base"})
EXTENDING_FEATURES: Final = frozenset({"developer-experience"})
OUT_OF_THE_BOX_RULE: Final = (
    "A dependent uses a framework out of the box if all its uses are of one feature, it configures "
    "nothing (no variable, setting, configuration file, key or reference, and no use of "
    f"{', '.join(sorted(CONFIGURING_FEATURES))}), and extends nothing (no base class of the "
    "framework but those that every flow has, and no use of "
    f"{', '.join(sorted(EXTENDING_FEATURES))}). Where no feature of its uses is known and nothing "
    "is configured or extended, it is not told; the shares of the others are without these."
)

_COLUMNS = ("project", "framework", "channel", "kind", "feature", "era", "in_test", "in_example")
COUNTED_BY = (*_COLUMNS, "symbol")
"""Columns of `insights.usage.tables.USES` that uses are counted by."""


class Fact(NamedTuple):
    """That a project has a use of this sort, once however often it has it.

    ``channel`` is ``requirement`` for whatever declares, in workflows, too.
    """

    project: str
    framework: str
    channel: Channel
    kind: str
    feature: str | None
    era: str | None
    in_test: bool
    in_example: bool

    @property
    def is_use(self) -> bool:
        """Return whether something of the framework is used, and not only declared."""
        return self.channel != "requirement"


@dataclass(frozen=True)
class Dependent:
    """A project and a framework.

    Attributes
    ----------
    stars, tutorial, fork
        Of the project; None where not known.
    channels
        That it uses the framework through, in the order of `CHANNELS`; a declaration is none.
    ways
        Of `WAYS`, in this order: those that hold of its uses.
    tests_only, examples_only
        Whether every use is in a test, or in an example.
    """

    project: str
    owner: str
    framework: str
    role: Role
    stars: int | None
    tutorial: bool | None
    fork: bool | None
    channels: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    tests_only: bool = False
    examples_only: bool = False


@dataclass(frozen=True)
class RoleCounts:
    """How many projects are what to one framework, and what is known of those that use it."""

    framework: str
    uses: int
    declares_only: int
    names_only: int
    copy_or_fork: int
    tutorials: int
    tutorials_unknown: int
    tests_only: int
    examples_only: int


@dataclass(frozen=True)
class Dependents:
    """The projects that were looked at.

    Attributes
    ----------
    sample_of
        How they were found.
    frameworks
        All that were looked for, users or none.
    asked
        Projects that were to be scanned.
    unknown
        How many of them could not be, by reason.
    left_out
        How many of those scanned do not count, by reason.
    n_owners
        How many own the projects that count, whatever these use.
    dependents
        By project and framework; a project that has nothing to do with one is not there.
    """

    sample_of: SampleOf
    frameworks: tuple[str, ...]
    asked: int
    unknown: Mapping[str, int]
    left_out: Mapping[str, int]
    n_owners: int
    dependents: tuple[Dependent, ...]

    @property
    def scanned(self) -> int:
        """Return how many projects were scanned."""
        return self.asked - sum(self.unknown.values())

    @property
    def kept(self) -> int:
        """Return how many projects count."""
        return self.scanned - sum(self.left_out.values())

    @cached_property
    def users(self) -> Mapping[str, Mapping[str, Dependent]]:
        """Return, for each framework, the projects that use it, by name."""
        users: dict[str, dict[str, Dependent]] = {name: {} for name in self.frameworks}
        for each in self.dependents:
            if each.role == "uses":
                users[each.framework][each.project] = each
        return users

    @property
    def n_users(self) -> int:
        """Return how many projects use any of the frameworks."""
        return len(set().union(*self.users.values()))

    def counts(self, framework: str) -> RoleCounts:
        """Return how many projects are what to a framework."""
        roles = Counter(each.role for each in self.dependents if each.framework == framework)
        users = self.users[framework].values()
        return RoleCounts(
            framework=framework,
            uses=roles["uses"],
            declares_only=roles["declares only"],
            names_only=roles["names only"],
            copy_or_fork=roles["copy or fork"],
            tutorials=sum(each.tutorial is True for each in users),
            tutorials_unknown=sum(each.tutorial is None for each in users),
            tests_only=sum(each.tests_only for each in users),
            examples_only=sum(each.examples_only for each in users),
        )

    def says(self) -> str:
        """Return in a sentence how many were asked for, scanned, left out, and use what."""
        parts = [f"{self.asked:,} projects asked for", f"{self.scanned:,} scanned"]
        if self.unknown:
            parts.append(f"{sum(self.unknown.values()):,} unknown ({_listed(self.unknown)})")
        if self.left_out:
            parts.append(f"{sum(self.left_out.values()):,} left out ({_listed(self.left_out)})")
        return ", ".join([*parts, f"{self.n_users:,} use a framework"]) + "."


def distinct_facts(uses: pa.Table, frameworks: Iterable[Framework] = ()) -> list[Fact]:
    """Return what sorts of uses each project has, each once.

    Parameters
    ----------
    uses
        Of the schema `insights.usage.tables.USES`, or its columns `COUNTED_BY`.
    frameworks
        Whose base classes of flows are told apart from others.
    """
    bases = pa.array([base for each in frameworks for base in each.flows], type=pa.string())
    usual = pc.and_(pc.equal(uses["kind"], "base"), pc.is_in(uses["symbol"], value_set=bases))
    kind = pc.if_else(usual, USUAL_BASE, uses["kind"])
    columns = {name: uses[name] for name in _COLUMNS}
    columns |= {"kind": kind, "channel": counted_channels(uses)}
    distinct = pa.table(columns).group_by(list(_COLUMNS), use_threads=False).aggregate([])
    # Few words tell of many uses: each is one object, however many have it.
    words: dict[Any, Any] = {}
    rows = rows_of(distinct.select(list(_COLUMNS)))
    return [Fact(*(words.setdefault(value, value) for value in row.values())) for row in rows]


def counted_channels(uses: pa.Table) -> pa.ChunkedArray:
    """Return the channel that each use counts for: ``requirement`` for whatever declares."""
    declares = pc.is_in(uses["kind"], value_set=pa.array(sorted(DECLARING)))
    return pc.if_else(declares, "requirement", uses["channel"])


def find_dependents(
    facts: Iterable[Fact],
    projects: pa.Table,
    *,
    frameworks: Collection[str],
    settings: UsageSettings,
) -> Dependents:
    """Return the role of every project that counts.

    A filter keeps what is known to pass it; what it cannot be asked of is left out, and counted.

    Parameters
    ----------
    projects
        Of the schema `insights.usage.tables.PROJECTS`.
    frameworks
        Names of all that were looked for.

    Raises
    ------
    InputError
        If a project is there twice, or one has uses and is not there.
    """
    facts_of: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        facts_of[fact.project].append(fact)
    unknown: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    found: list[Dependent] = []
    owners = set()
    rows = projects.to_pylist()
    _check(rows, facts_of)
    for row in rows:
        if row["status"] != "scanned":
            unknown[row["reason"] or "no reason is known"] += 1
        elif reason := _left_out(row, settings):
            left_out[reason] += 1
        else:
            owners.add(owner_of(row))
            found += _roles(row, facts_of[row["project"]], frameworks)
    return Dependents(
        SampleOf("dependents", settings.dependents_sample),
        tuple(sorted(frameworks)),
        len(rows),
        dict(sorted(unknown.items())),
        dict(sorted(left_out.items())),
        len(owners),
        tuple(sorted(found, key=lambda each: (each.project, each.framework))),
    )


def owner_of(project: Mapping[str, Any]) -> str:
    """Return who owns a project: as its row says, else by its name, in lower case."""
    return str(project["owner"] or project["project"].partition("/")[0]).lower()


def _check(rows: Iterable[Mapping[str, Any]], used: Iterable[str]) -> None:
    times = Counter(row["project"] for row in rows)
    for name, wrong in (
        (next((name for name in used if name not in times), None), "has uses and is not listed"),
        (next((name for name, n in times.items() if n > 1), None), "is listed more than once"),
    ):
        if name is not None:
            raise InputError(
                f"The project '{name}' {wrong}.",
                where="the table of projects",
                fix="list every project once, whether it was scanned or not",
            )


def _left_out(row: Mapping[str, Any], settings: UsageSettings) -> str | None:
    """Return why a project does not count; None if it does."""
    if settings.min_stars is not None:
        if row["stars"] is None:
            return "its stars are not known"
        if row["stars"] < settings.min_stars:
            return f"fewer than {settings.min_stars:,} stars"
    for column, is_filtered, what in (
        ("tutorial", settings.without_tutorials, "a tutorial"),
        ("fork", settings.without_forks, "a fork"),
    ):
        if is_filtered and row[column] is not False:
            return what if row[column] else f"whether it is {what} is not known"
    return None


def _roles(
    row: Mapping[str, Any], facts: Iterable[Fact], frameworks: Collection[str]
) -> Iterator[Dependent]:
    """Yield what a project is to each framework that it has to do with."""
    facts_of: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        facts_of[fact.framework].append(fact)
    for framework in sorted(frameworks):
        its = facts_of.get(framework, [])
        uses = [fact for fact in its if fact.is_use]
        role: Role
        if framework in (row["copies"] or ()):
            role = "copy or fork"
        elif uses:
            role = "uses"
        elif its:
            role = "declares only"
        elif framework in (row["claimed"] or ()):
            role = "names only"
        else:
            continue
        about = (row["project"], owner_of(row), framework, role)
        flags = (row["stars"], row["tutorial"], row["fork"])
        if role != "uses":
            yield Dependent(*about, *flags)
            continue
        yield Dependent(
            *about,
            *flags,
            channels=tuple(c for c in CHANNELS if any(c == use.channel for use in uses)),
            ways=_ways(uses),
            tests_only=all(use.in_test for use in uses),
            examples_only=all(use.in_example for use in uses),
        )


def _ways(uses: Collection[Fact]) -> tuple[str, ...]:
    """Return which of `WAYS` hold of one project's uses of one framework."""
    features = {fact.feature for fact in uses} - {None}
    kinds = {fact.kind for fact in uses}
    holds = {
        "configures": bool(kinds & CONFIGURING_KINDS or features & CONFIGURING_FEATURES),
        "extends": bool(kinds & EXTENDING_KINDS or features & EXTENDING_FEATURES),
        "several features": len(features) > 1,
    }
    ways = tuple(way for way in WAYS if holds.get(way))
    return ways or (OUT_OF_THE_BOX if features else NOT_TOLD,)


def _listed(counts: Mapping[str, int]) -> str:
    return "; ".join(f"{n:,} {reason}" for reason, n in counts.items())
