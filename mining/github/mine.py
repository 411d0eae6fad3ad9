"""From a job to a snapshot's draft: finds, asks, tracks, and writes it all at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from artifacts.hashing import hash_file
from artifacts.manifest import Counts, Dropped
from artifacts.progress import Progress
from mining.drafts import ImportSummary, SourceFile, SourceRecord, open_draft
from mining.github.api import Api
from mining.github.as_of import known_columns
from mining.github.discovery import Population, discover
from mining.github.earlier import Earlier, losses, moves
from mining.github.enriching import Enriching
from mining.github.errors import UnfinishedError
from mining.github.job import Job
from mining.github.tracking import TrackedIssues, track
from mining.github.unknown import ISSUES, REPOSITORIES, Ledger, UnknownScope
from mining.reading import Rejects
from mining.tables import SCHEMAS, Row

LEAST_ALLOWED = 3
SCOPES: tuple[UnknownScope, ...] = (REPOSITORIES, ISSUES)
COMMAND = "mine"
WITHOUT_TOKEN = (
    "mined without a token: READMEs, languages, releases, commits, watchers and the numbers of "
    "issues and pull requests are left out, because GitHub gives them by GraphQL, which needs one"
)


@dataclass(frozen=True)
class SealCheck:
    """What is unknown held against what the study allows, by how much there is."""

    ledger: Ledger
    n_rows: Mapping[UnknownScope, int]
    job: Job

    def refuse_unfinished(self, progress: Progress) -> None:
        """Refuse to seal where more is unknown for now than the study allows; say what it is.

        Raises
        ------
        UnfinishedError
            If so, unless it was tried on enough days, or the user accepts it.
        """
        over = [scope for scope in SCOPES if self._is_over(scope)]
        if not over or self.job.accepts:
            return
        for note in self.ledger.notes():
            progress.say(note)
        raise UnfinishedError(
            f"Too much is unknown for now to seal {self.job.snapshot}: "
            f"{', '.join(map(self._told, over))}.",
            where="mining.most_unknown",
            fix="go on later with the same command, which asks for what is unknown alone; or seal "
            "it as it is, with --accept-unknown",
        )

    def facts(self) -> dict[str, Any]:
        """Return what the manifest says of what is unknown; nothing if nothing is."""
        if not self.ledger.entries:
            return {}
        facts: dict[str, Any] = {
            "unknown": self.ledger.document(),
            "unknown_for_now": {scope: self._number(scope) for scope in SCOPES},
        }
        if any(map(self._is_over, SCOPES)):
            tries = ", ".join(self.job.tries)
            accepted = self.job.accept_unknown
            facts["unknown_accepted"] = "--accept-unknown" if accepted else f"tries on {tries}"
        return facts

    def notes(self) -> Iterator[str]:
        """Yield what is unknown, in sentences, and why it is sealed all the same."""
        yield from self.ledger.notes()
        if how := self.facts().get("unknown_accepted"):
            told = ", ".join(self._told(scope) for scope in SCOPES if self._is_over(scope))
            yield f"sealed though much is unknown for now: {told}; by {how}"

    def _allowed(self, scope: UnknownScope) -> int:
        return max(LEAST_ALLOWED, int(self.n_rows[scope] * self.job.settings.most_unknown))

    def _is_over(self, scope: UnknownScope) -> bool:
        return self.ledger.for_now(scope) > self._allowed(scope)

    def _number(self, scope: UnknownScope) -> int | None:
        """Return how many are unknown for now; None if nobody knows."""
        n = self.ledger.for_now(scope)
        return int(n) if math.isfinite(n) else None

    def _told(self, scope: UnknownScope) -> str:
        n = self._number(scope)
        if n is None:
            return f"{scope}, nobody knows how many"
        return f"{n:,} of {self.n_rows[scope]:,} {scope} ({self._allowed(scope):,} may be)"


@dataclass(frozen=True)
class MinedTables:
    """What was mined: rows by table, what is to be said of them, and when the last answer came."""

    rows: Mapping[str, list[Row]]
    notes: tuple[str, ...]
    facts: Mapping[str, Any]
    finished_at: datetime


def mine(api: Api, job: Job, earlier: Earlier | None, *, progress: Progress) -> MinedTables:
    """Ask GitHub, or the raw answers in a replay, for everything that the job wants.

    Raises
    ------
    InputError
        If a topic or framework of the job is not there.
    UnfinishedError
        If more is unknown for now than the study allows.
    GitHubError
        If GitHub does not answer; what it did answer is kept, and the next call goes on from there.
    """
    population = discover(api, job, earlier, progress=progress)
    tables = Enriching(api, job, population, earlier, progress).run()
    tracked = track(api, job, population, earlier, progress=progress)
    tables.add("issues", *tracked.issues)
    if earlier is not None:
        there = {row["repo_key"]: row for row in tables.rows.get("repositories", [])}
        gone = [
            *moves(there, earlier, api.last_at),
            *losses(
                there,
                earlier,
                population.known,
                untold=population.untold,
                ledger=population.unknown,
                job=job,
                at=api.last_at,
            ),
            *tracked.losses,
        ]
        tables.add("disappearances", *gone)
        _remember_names(tables.rows.get("repositories", []), earlier)
    n_rows = {scope: len(tables.rows.get(scope, ())) for scope in SCOPES}
    seal = SealCheck(population.unknown, n_rows, job)
    seal.refuse_unfinished(progress)
    notes = [*population.notes, *tables.notes(), *seal.notes()]
    if not job.has_token:
        notes.append(WITHOUT_TOKEN)
    return MinedTables(
        rows=tables.rows,
        notes=tuple(notes),
        facts={**_facts(job, population, tables.n_carried, tracked), **seal.facts()},
        finished_at=api.last_at,
    )


def write(mined: MinedTables, job: Job, raw: Path, folder: Path) -> ImportSummary:
    """Write what was mined as a draft, whole or not at all; the same answers give the same bytes.

    Parameters
    ----------
    raw
        The file of the raw answers, which the manifest names by its hash.
    """
    draft = open_draft(folder)
    # The only clock in the draft is GitHub's, so that a replay gives the same bytes.
    draft.manifest = draft.manifest.model_copy(update={"created_at": mined.finished_at})
    counts = {}
    for table in SCHEMAS:
        rows = mined.rows.get(table) or []
        if not rows:
            continue
        own = draft.add(table, rows)
        repeats = [Dropped(reason="the same again", count=own.n_repeats)] if own.n_repeats else []
        counts[table] = Counts(read=len(rows), kept=len(own.rows), dropped=repeats)
    record = SourceRecord(
        command=COMMAND,
        options=job.document,
        files=[SourceFile(name=raw.name, sha256=hash_file(raw), n_bytes=raw.stat().st_size)],
        counts=counts,
        facts=dict(mined.facts),
        notes=list(mined.notes),
    )
    return draft.commit(record, Rejects())


def _facts(
    job: Job, population: Population, n_carried: int, tracked: TrackedIssues
) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "searches": population.searches,
        "found_under_several_topics": sum(search["repositories"] for search in population.searches)
        - len(population.searched),
    }
    if job.since is not None:
        facts["since"] = job.since
        facts["carried_over"] = {"repositories": n_carried, "issues": tracked.n_carried}
    if job.as_of is not None:
        facts["columns"] = known_columns(star_history=job.settings.star_history)
    return facts


def _remember_names(rows: list[Row], earlier: Earlier) -> None:
    """Add the names that an earlier snapshot knew a repository by."""
    for row in rows:
        before = earlier.repositories.get(row["repo_key"])
        if before is None:
            continue
        names = {*(row.get("aliases") or ()), *(before["aliases"] or ()), before["full_name"]}
        others = {name for name in names if name.lower() != row["full_name"].lower()}
        if others:
            row["aliases"] = sorted(others, key=str.lower)
