"""All that is known of how frameworks are used; of one framework; and what each figure rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from configs.framework import Framework
from insights.usage.dependents import (
    Dependent,
    Dependents,
    Fact,
    RoleCounts,
    counted_channels,
    distinct_facts,
    find_dependents,
)
from insights.usage.figures import Figure, Measure, usage_figures
from insights.usage.gap import CI_CD, WORKFLOW, Gap, GapRow, RequestCounts, Wish, find_gap
from insights.usage.sampled import SampleOf
from insights.usage.settings import UsageSettings
from insights.usage.together import CoUse, Pair, co_use
from mining.names import GITHUB, issue_url

NOT_CODED = "no requests are coded"


@dataclass(frozen=True)
class Usage:
    """How frameworks are used, and what is asked of them.

    Attributes
    ----------
    gap
        None where no requests are coded.
    """

    dependents: Dependents
    figures: tuple[Figure, ...]
    together: CoUse
    gap: Gap | None

    def of(self, framework: str) -> FrameworkUse:
        """Return what is known of one framework."""
        gap = self.gap
        counts = () if gap is None else gap.counts
        return FrameworkUse(
            framework=framework,
            sample_of=self.dependents.sample_of,
            requests_of=None if gap is None else gap.requests,
            population=self.dependents.says(),
            roles=self.dependents.counts(framework),
            figures=tuple(each for each in self.figures if each.framework == framework),
            pairs=tuple(p for p in self.together.pairs if framework in (p.first, p.second)),
            requests=next((each for each in counts if each.framework == framework), None),
            gap=tuple(each for each in (gap.rows if gap else ()) if each.framework == framework),
            wishes=tuple(e for e in (gap.wishes if gap else ()) if e.framework == framework),
        )


@dataclass(frozen=True)
class FrameworkUse:
    """How one framework is used, and what is asked of it.

    Attributes
    ----------
    population
        How many projects were asked for, scanned, unknown and left out.
    pairs
        Of it with each other framework.
    requests
        None, with an empty ``gap`` and no ``wishes``, where no requests are coded.
    """

    framework: str
    sample_of: SampleOf
    requests_of: SampleOf | None
    population: str
    roles: RoleCounts
    figures: tuple[Figure, ...]
    pairs: tuple[Pair, ...]
    requests: RequestCounts | None
    gap: tuple[GapRow, ...]
    wishes: tuple[Wish, ...]

    @property
    def heading(self) -> str:
        """Return what stands over all that is said of its dependents."""
        return self.sample_of.heading(self.roles.uses)

    def by(self, measure: Measure) -> list[Figure]:
        """Return the figures of one measure."""
        return [figure for figure in self.figures if figure.measure == measure]

    def asked_most(self) -> GapRow | None:
        """Return what is asked for most among what is surely asked for and surely used by few."""
        wanted = [row for row in self.gap if row.corner == "asked and not used"]
        return max(wanted, key=lambda row: row.n_asked, default=None)

    def asked_and_not_used(self) -> str:
        """Return in a sentence what is asked for most and used by few."""
        if self.requests is None or self.requests_of is None:
            return f"What is asked for and used by few: not known, {NOT_CODED}."
        n_coded, n_users = self.requests.coded, self.roles.uses
        for sample_of, n in ((self.sample_of, n_users), (self.requests_of, n_coded)):
            if sample_of.is_chosen:
                what = f"{sample_of.counted}: {sample_of.heading(n)}"
                return f"What is asked for most and used by few cannot be said ({what})."
        row = self.asked_most()
        if row is None or row.asked.value is None or row.used.value is None:
            return "Nothing is surely asked for by many and used by few."
        return (
            f"Asked for most and used by few: {row.name} (asked for in {row.asked.value:.0%} of "
            f"{n_coded:,} requests, used by {row.used.value:.0%} of {n_users:,} dependents)."
        )


def usage_of(
    uses: pa.Table,
    projects: pa.Table,
    requests: pa.Table | None,
    *,
    frameworks: Sequence[Framework],
    codes: Sequence[str],
    settings: UsageSettings,
) -> Usage:
    """Return how the frameworks are used by the projects, and what is asked of them.

    Parameters
    ----------
    uses, projects, requests
        Of the schemas of `insights.usage.tables`; requests None: none are coded.
    codes
        Of the codebook of features, in its order.

    Raises
    ------
    InputError
        If a use or a request is of a feature that is no code.
    """
    offered = {each.name: frozenset(each_.code for each_ in each.features) for each in frameworks}
    facts: list[Fact] = distinct_facts(uses, frameworks)
    dependents = find_dependents(facts, projects, frameworks=list(offered), settings=settings)
    gap = None
    if requests is not None:
        requests_of = SampleOf("requests", settings.requests_sample)
        gap = find_gap(facts, dependents, requests, requests_of, codes=codes, offered=offered)
    return Usage(
        dependents,
        usage_figures(facts, dependents, codes=codes, offered=offered),
        co_use(facts, dependents, found_by=settings.found_by),
        gap,
    )


@dataclass(frozen=True)
class SeenUse:
    """A line that a figure rests on; ``url`` is None where the commit is not known."""

    project: str
    commit: str | None
    path: str
    line: str
    symbol: str
    channel: str
    feature: str | None
    url: str | None


@dataclass(frozen=True)
class SeenRequest:
    """A request that a figure rests on."""

    issue_key: str
    feature: str
    channel: str | None
    by: str
    url: str


def uses_behind(
    uses: pa.Table,
    projects: pa.Table,
    dependents: Dependents,
    *,
    framework: str,
    feature: str | None = None,
    channel: str | None = None,
    era: str | None = None,
    among: Callable[[Dependent], bool] | None = None,
) -> Iterator[SeenUse]:
    """Yield the lines behind a figure of a framework's dependents, by project, path and line.

    The dependents of `CI_CD` in a gap are those of that feature and those of the channel
    ``workflow``: both are asked for by ``feature=CI_CD``.

    Parameters
    ----------
    feature, channel, era
        Of the uses; None: any.
    among
        Of which dependents, such as those of one of `insights.usage.dependents.WAYS`; None: all.
    """
    users = dependents.users[framework]
    meant = sorted(name for name, each in users.items() if among is None or among(each))
    mask = pc.and_(
        pc.equal(uses["framework"], framework),
        pc.is_in(uses["project"], value_set=pa.array(meant, type=pa.string())),
    )
    channels = counted_channels(uses)
    if feature is not None:
        of_feature = pc.fill_null(pc.equal(uses["feature"], feature), False)
        if feature == CI_CD:
            of_feature = pc.or_(of_feature, pc.equal(channels, WORKFLOW))
        mask = pc.and_(mask, of_feature)
    for column, wanted in ((channels, channel), (uses["era"], era)):
        if wanted is not None:
            mask = pc.and_(mask, pc.fill_null(pc.equal(column, wanted), False))
    commits = dict(
        zip(projects["project"].to_pylist(), projects["commit"].to_pylist(), strict=True)
    )
    for row in uses.filter(mask).to_pylist():
        commit = commits.get(row["project"])
        named = {name: row[name] for name in ("path", "line", "symbol", "channel", "feature")}
        url = None if commit is None else _line_url(row, commit)
        yield SeenUse(project=row["project"], commit=commit, url=url, **named)


def requests_behind(
    requests: pa.Table,
    framework: Framework,
    *,
    feature: str | None = None,
    channel: str | None = None,
) -> Iterator[SeenRequest]:
    """Yield the coded requests behind a figure of a framework, by key.

    Parameters
    ----------
    feature, channel
        Of the requests; None: any. `CI_CD` as in `uses_behind`.
    """
    rows = requests.filter(pc.equal(requests["framework"], framework.name)).to_pylist()
    for row in sorted(rows, key=lambda row: str(row["issue_key"])):
        if row["feature"] is None or (channel is not None and row["channel"] != channel):
            continue
        features = {row["feature"], CI_CD if row["channel"] == WORKFLOW else None}
        if feature is None or feature in features:
            named = {name: row[name] for name in ("issue_key", "feature", "channel", "by")}
            yield SeenRequest(**named, url=_request_url(row["issue_key"], framework))


def _line_url(row: Mapping[str, Any], commit: str) -> str:
    """Return the address of a line; of a notebook the file, of a folder the folder."""
    line = row["line"]
    kind = "tree" if line == "0" else "blob"
    anchor = f"#L{line}" if kind == "blob" and ":" not in line else ""
    return f"{GITHUB}{row['project']}/{kind}/{commit}/{quote(row['path'].rstrip('/'))}{anchor}"


def _request_url(issue_key: str, framework: Framework) -> str:
    """Return the address of a request: in the repository that its key names, or the framework's."""
    repo_key, _, number = issue_key.rpartition("#")
    repository = framework.framework.repository
    if repo_key.startswith("name:"):
        repository = repo_key.removeprefix("name:")
    return issue_url(repository, int(number))
