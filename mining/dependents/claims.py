"""Claims: a source says of a repository that it may depend on a framework.

Each source's claim is kept beside those of the others, for what they have in common tells how much
all of them miss. Nothing is left out of what was found: what a study filters by is a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

from artifacts.errors import ArtifactError
from artifacts.manifest import Manifest, changed_files
from artifacts.tables import STRINGS, read_table, required, table_from_rows
from mining.dependents.tutorials import looks_like_tutorial
from mining.github.shapes import MOST
from mining.tables import TableRow, repo_key

FOLDER = "dependents"
"""Of a workspace: where the tables are, and below ``raw/`` the answers that they are from."""
KIND = "dependents"
CLAIMS_FILE, CANDIDATES_FILE, SOURCES_FILE = (
    "claims.parquet",
    "candidates.parquet",
    "sources.parquet",
)
SourceName = Literal["list", "snapshot", "dependents-page", "ecosystems", "code-search"]
SOURCE_NAMES: Final[tuple[SourceName, ...]] = (
    "list",
    "snapshot",
    "dependents-page",
    "ecosystems",
    "code-search",
)
Status = Literal["complete", "partial", "unknown"]
ENOUGH_STARS = 10
"""Stars from which a repository counts in Zampetti et al. (MSR 2026)."""

CLAIMS = pa.schema(
    [
        *required(pa.string(), "project", "repo_key"),
        pa.field("framework", pa.string()),
        *required(pa.string(), "source", "evidence"),
        ("repo_id", pa.int64()),
        ("stars", pa.int64()),
    ]
)
"""One row for each project, framework and source: sorted by these.

``project`` is owner/name as the source gives it; ``framework`` null where the source names
candidates for all of them (a list without frameworks, a snapshot); ``evidence`` a path in the
project, or what was asked; ``repo_id`` and ``stars`` null where the source does not tell them."""

CANDIDATES = pa.schema(
    [
        *required(pa.string(), "project", "repo_key"),
        ("repo_id", pa.int64()),
        pa.field("frameworks", STRINGS, nullable=False),
        pa.field("sources", STRINGS, nullable=False),
        ("stars", pa.int64()),
        ("has_enough_stars", pa.bool_()),
        ("description", pa.string()),
        ("fork", pa.bool_()),
        ("tutorial", pa.bool_()),
    ]
)
"""One row for each repository that any source names; null is unknown.

``frameworks`` are those that a source names for it; none: it is a candidate for all. ``tutorial``
is null where nothing in the name says so and the description is unknown."""

SOURCES = pa.schema(
    [
        *required(pa.string(), "source"),
        pa.field("framework", pa.string()),
        *required(pa.string(), "status"),
        ("reason", pa.string()),
        pa.field("found", pa.int64(), nullable=False),
        ("headline", pa.int64()),
    ]
)
"""What each source gave for each framework (null: for all).

``status`` is ``complete``, or ``partial`` or ``unknown`` with the ``reason``; ``found``,
repositories; ``headline``, how many the source says there are (of several packages for the
largest), null where it does not tell."""


@dataclass(frozen=True)
class Claim:
    """That a repository may depend on a framework.

    Attributes
    ----------
    project
        owner/name, as the source gives it.
    framework
        None: on any of them.
    evidence
        Path of a file in the project, or what was asked.
    repo_id
        GitHub's number of the repository.
    aliases
        Former names.
    """

    project: str
    framework: str | None
    source: SourceName
    evidence: str
    repo_id: int | None = None
    stars: int | None = None
    description: str | None = None
    fork: bool | None = None
    aliases: tuple[str, ...] = ()


@dataclass
class Gathered:
    """What a source gives for one framework, as it comes.

    Attributes
    ----------
    claims
        The first for each project.
    headline
        How many the source says there are, of several packages for the largest, since they have
        dependents in common; None: it does not tell.
    gaps
        Why something is missing or unknown, in words.
    is_passing
        Whether another attempt may give more.
    """

    source: SourceName
    framework: str | None
    claims: dict[str, Claim] = field(default_factory=dict)
    headline: int | None = None
    gaps: list[str] = field(default_factory=list)
    is_passing: bool = False

    def add(self, project: str, evidence: str, **known: Any) -> None:
        """Take a claim, unless there is one for the project; ``known``: fields of `Claim`."""
        framework = known.pop("framework", self.framework)
        key = f"{project.lower()} {framework or ''}"
        self.claims.setdefault(key, Claim(project, framework, self.source, evidence, **known))

    def lack(self, why: str, *, may_pass: bool = False) -> None:
        """Note that something is missing; ``may_pass``: another attempt may give it."""
        self.gaps.append(why)
        self.is_passing |= may_pass

    def count(self, headline: int) -> None:
        """Take what the source says of how many there are for one package."""
        self.headline = max(headline, self.headline or 0)

    @property
    def status(self) -> Status:
        """Return whether this is all, a part, or unknown: nothing came, for some reason."""
        if not self.gaps:
            return "complete"
        return "partial" if self.claims else "unknown"

    def row(self) -> TableRow:
        """Return it as a row of `SOURCES`."""
        return {
            "source": self.source,
            "framework": self.framework,
            "status": self.status,
            "reason": "; ".join(dict.fromkeys(self.gaps)) or None,
            "found": len({claim.project.lower() for claim in self.claims.values()}),
            "headline": self.headline,
        }


@dataclass(frozen=True)
class FoundDependents:
    """The tables of what was found, and the manifest that tells of them."""

    claims: pa.Table
    candidates: pa.Table
    sources: pa.Table
    manifest: Manifest

    @property
    def is_finished(self) -> bool:
        """Tell whether every source was asked to its end; if not, the same command goes on."""
        return not self.manifest.facts.get("unfinished")


def whole_number(text: object) -> int | None:
    """Return the count or id that a text tells; None where it is none that there can be."""
    if not isinstance(text, str) or not 0 < len(text) < len(str(MOST)) or not text.isdecimal():
        return None
    return int(text)


def read_claims(folder: Path) -> FoundDependents:
    """Read what was found into ``folder``.

    Raises
    ------
    ArtifactError
        If it is not there, damaged, or not as it was written.
    """
    manifest = Manifest.read(folder)
    if changed := changed_files(folder, manifest):
        raise ArtifactError(
            f"Not as they were written: {', '.join(changed)}.",
            where=str(folder),
            fix="find the dependents again: answers that are kept are not asked for again",
        )
    return FoundDependents(
        claims=read_table(folder / CLAIMS_FILE, CLAIMS),
        candidates=read_table(folder / CANDIDATES_FILE, CANDIDATES),
        sources=read_table(folder / SOURCES_FILE, SOURCES),
        manifest=manifest,
    )


def tables_of(gathered: Sequence[Gathered]) -> dict[str, pa.Table]:
    """Return the tables of what the sources gave, by file."""
    claims = [claim for each in gathered for claim in each.claims.values()]
    ids = _ids(claims)
    by_key: dict[str, list[Claim]] = {}
    rows = []
    for claim in claims:
        repo_id = ids.get(claim.project.lower())
        key = repo_key(claim.project, repo_id)
        by_key.setdefault(key, []).append(claim)
        row = {name: getattr(claim, name) for name in CLAIMS.names if name != "repo_key"}
        rows.append({**row, "repo_key": key, "repo_id": claim.repo_id})
    rows.sort(key=lambda row: (row["project"].lower(), row["framework"] or "", row["source"]))
    candidates = [_candidate(key, own, ids) for key, own in by_key.items()]
    candidates.sort(key=lambda row: (row["project"].lower(), row["repo_key"]))
    sources = sorted(
        (each.row() for each in gathered),
        key=lambda row: (SOURCE_NAMES.index(row["source"]), row["framework"] or ""),
    )
    return {
        CLAIMS_FILE: table_from_rows(rows, CLAIMS),
        CANDIDATES_FILE: table_from_rows(candidates, CANDIDATES),
        SOURCES_FILE: table_from_rows(sources, SOURCES),
    }


def _ids(claims: Iterable[Claim]) -> dict[str, int]:
    """Return GitHub's number by every name in lower case; a present name before a former one."""
    known = [claim for claim in claims if claim.repo_id is not None]
    ids: dict[str, int] = {}
    for claim in known:
        ids.setdefault(claim.project.lower(), claim.repo_id or 0)
    for claim in known:
        for alias in claim.aliases:
            ids.setdefault(alias.lower(), claim.repo_id or 0)
    return ids


def _candidate(key: str, claims: Sequence[Claim], ids: Mapping[str, int]) -> TableRow:
    """Return one repository as all sources together know it; the latest source goes first."""
    # Code search and the dependents page know today's name and stars, a list may be old.
    latest = sorted(claims, key=lambda claim: -SOURCE_NAMES.index(claim.source))
    named = next((claim for claim in latest if claim.repo_id is not None), latest[0])

    def known(name: str) -> Any:
        return next((v for claim in latest if (v := getattr(claim, name)) is not None), None)

    stars, description = known("stars"), known("description")
    return {
        "project": named.project,
        "repo_key": key,
        "repo_id": ids.get(named.project.lower()),
        "frameworks": sorted({claim.framework for claim in claims if claim.framework}),
        "sources": sorted({claim.source for claim in claims}, key=SOURCE_NAMES.index),
        "stars": stars,
        "has_enough_stars": None if stars is None else stars >= ENOUGH_STARS,
        "description": description,
        "fork": known("fork"),
        "tutorial": looks_like_tutorial(named.project, description)
        or (None if description is None else False),
    }
