"""How frameworks are used, with the lines of code and the requests that the numbers rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa

from artifacts.manifest import Manifest
from artifacts.tables import read_table
from configs.framework import Framework
from insights.usage.build import PROJECTS_FILE, USES_FILE, read_usage
from insights.usage.coding import FILE
from insights.usage.dependents import WAYS, Dependent
from insights.usage.study import SeenRequest, SeenUse, Usage, requests_behind, uses_behind
from insights.usage.tables import PROJECTS, REQUESTS, USES
from usage.uses import CHANNELS

MOST_LINES, MOST_REQUESTS = 10, 25
"""Lines of code, and requests, that a page holds of one figure."""


@dataclass(frozen=True)
class UsageParts:
    """What is shown of how frameworks are used.

    Attributes
    ----------
    usage, uses
        Folders of the artifacts of `insights.usage.build` and of `insights.usage.scanning`.
    requests
        Folder of the coded requests; None: none are coded.
    features
        Name and definition of each feature, by its code, in the codebook's order.
    """

    usage: Path
    uses: Path
    requests: Path | None
    frameworks: Sequence[Framework]
    features: Mapping[str, tuple[str, str]]

    def manifests(self) -> list[Manifest]:
        """Return the manifests of all that went in, in the order of making."""
        folders = [self.uses, *([self.requests] if self.requests else []), self.usage]
        return [Manifest.read(folder) for folder in folders]

    def scanned(self) -> tuple[pa.Table, pa.Table]:
        """Return the uses and the projects."""
        return (
            read_table(self.uses / USES_FILE, USES),
            read_table(self.uses / PROJECTS_FILE, PROJECTS),
        )


@dataclass(frozen=True)
class Evidence:
    """What one figure rests on.

    Attributes
    ----------
    of
        What is counted: ``feature``, ``used`` (in a gap), ``channel``, ``way``, ``asked`` or
        ``asked through``, with the framework and the name; or ``pair``, with both frameworks.
    n
        All lines, or requests, behind it, of which these are the first: lines of as many dependents
        as there can be.
    """

    of: tuple[str, str, str]
    n: int
    uses: tuple[SeenUse, ...] = ()
    requests: tuple[SeenRequest, ...] = ()


def evidence_key(of: tuple[str, str, str]) -> str:
    """Return the key under which the page holds what a figure rests on (`Evidence.of`)."""
    return " | ".join(of)


@dataclass(frozen=True)
class PageUsage:
    """How frameworks are used, as a page shows it; ``features`` as in `UsageParts`.

    ``repositories`` are the full names (owner/name) of the frameworks', by framework.
    """

    usage: Usage
    features: Mapping[str, tuple[str, str]]
    evidence: tuple[Evidence, ...] = ()
    repositories: Mapping[str, str] = field(default_factory=dict)


def read_page_usage(parts: UsageParts) -> PageUsage:
    """Read how frameworks are used, and what each figure of it rests on.

    Raises
    ------
    ArtifactError
        If a table is missing or damaged.
    """
    usage = read_usage(parts.usage)
    requests = None
    if parts.requests is not None and usage.gap is not None:
        requests = read_table(parts.requests / FILE, REQUESTS)
    found = usage_evidence(usage, *parts.scanned(), requests, parts.frameworks)
    return PageUsage(usage, parts.features, tuple(found), repositories_of(parts.frameworks))


def repositories_of(frameworks: Iterable[Framework]) -> dict[str, str]:
    """Return the full names (owner/name) of frameworks' repositories, by framework."""
    return {each.name: each.framework.repository for each in frameworks}


def usage_evidence(
    usage: Usage,
    uses: pa.Table,
    projects: pa.Table,
    requests: pa.Table | None,
    frameworks: Iterable[Framework],
) -> Iterator[Evidence]:
    """Yield what the figures of a study rest on; a figure of which there is nothing has none.

    Parameters
    ----------
    uses, projects, requests
        Of the schemas of `insights.usage.tables`; requests None: none are coded.
    """
    seen = _Seen(usage, uses, projects)
    for name in usage.dependents.frameworks:
        yield from seen.of_features(name)
        for channel in CHANNELS:
            yield from _lines(("channel", name, channel), seen.lines(name, channel=channel))
        for way in WAYS:
            yield from _lines(("way", name, way), seen.lines(name, among=partial(_goes, way)))
    for pair in usage.together.pairs:
        if pair.n_both:
            yield from seen.of_pair(pair.first, pair.second)
    for framework in frameworks:
        if requests is not None and framework.name in usage.dependents.frameworks:
            yield from _asked(requests, framework, usage)


def _goes(way: str, dependent: Dependent) -> bool:
    return way in dependent.ways


@dataclass(frozen=True)
class _Seen:
    """The lines of code of a study."""

    usage: Usage
    uses: pa.Table
    projects: pa.Table

    def lines(
        self,
        framework: str,
        *,
        feature: str | None = None,
        channel: str | None = None,
        among: Callable[[Dependent], bool] | None = None,
    ) -> Iterator[SeenUse]:
        """Yield the lines behind a figure, as `uses_behind` does."""
        return uses_behind(
            self.uses,
            self.projects,
            self.usage.dependents,
            framework=framework,
            feature=feature,
            channel=channel,
            among=among,
        )

    def of_features(self, framework: str) -> Iterator[Evidence]:
        """Yield the lines of each feature; and, where use is held against requests, of its row."""
        by_feature: dict[str, list[SeenUse]] = defaultdict(list)
        for line in self.lines(framework):
            if line.feature is not None:
                by_feature[line.feature].append(line)
        for feature, lines in by_feature.items():
            yield from _lines(("feature", framework, feature), lines)
        for row in self.usage.of(framework).gap:
            if row.what == "feature" and row.n_used:
                its = self.lines(framework, feature=row.name)
                yield from _lines(("used", framework, row.name), its)

    def of_pair(self, first: str, second: str) -> Iterator[Evidence]:
        """Yield the lines of those who use both."""
        users = self.usage.dependents.users
        owners = [{each.owner for each in users[name].values()} for name in (first, second)]
        both = owners[0] & owners[1]
        lines = [
            self.lines(name, among=lambda each: each.owner in both) for name in (first, second)
        ]
        by_turns = [line for turn in zip_longest(*lines) for line in turn if line is not None]
        yield from _lines(("pair", first, second), by_turns)


def _lines(of: tuple[str, str, str], lines: Iterable[SeenUse]) -> Iterator[Evidence]:
    """Yield a few of the lines, by turns of each dependent, in their order; none where none are."""
    by_whom: dict[str, list[SeenUse]] = defaultdict(list)
    n = 0
    for line in lines:
        n += 1
        if len(by_whom[line.project]) < MOST_LINES:
            by_whom[line.project].append(line)
    turns = (line for turn in zip_longest(*by_whom.values()) for line in turn if line is not None)
    first = [line for _, line in zip(range(MOST_LINES), turns, strict=False)]
    if n:
        yield Evidence(of, n, uses=tuple(sorted(first, key=_place)))


def _place(line: SeenUse) -> tuple[str, str, list[int]]:
    return line.project, line.path, [int(part) for part in line.line.split(":") if part.isdigit()]


def _asked(requests: pa.Table, framework: Framework, usage: Usage) -> Iterator[Evidence]:
    """Yield the requests behind each row of a framework's gap."""
    for row in usage.of(framework.name).gap:
        is_feature = row.what == "feature"
        chosen = {"feature" if is_feature else "channel": row.name}
        found: Collection[SeenRequest] = list(requests_behind(requests, framework, **chosen))
        if found:
            of = ("asked" if is_feature else "asked through", framework.name, row.name)
            yield Evidence(of, len(found), requests=tuple(found)[:MOST_REQUESTS])
