"""What one run collects: finds repositories, asks about each, tracks issues, and writes the draft.

Which snapshot it is for, and whether there is anything to do, `mining.github.run` has decided.

About each repository are asked its facts and README, and extras that cost more; those that are as
they were in the snapshot before are carried over. All is written at once, if enough is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from artifacts.hashing import hash_file
from artifacts.manifest import Counts
from artifacts.progress import Progress, SilentProgress, Task
from artifacts.shelf import Shelf, ShelvedList
from mining.drafts import ImportSummary, SourceFile, SourceRecord, open_draft
from mining.github.api import Api
from mining.github.batches import Answered
from mining.github.discovery import Population, discover, is_searched
from mining.github.errors import GoneError, UnfinishedError
from mining.github.facts import (
    COMMITS,
    RepositoryFacts,
    StarHistory,
    activity_rows,
    ask_facts,
    count_contributors,
    facts_of,
    star_history,
)
from mining.github.gathered import GatheredRows, Tables
from mining.github.job import Job
from mining.github.months import (
    CommitMonths,
    CountedHistory,
    count_commits,
    first_month,
    history_row,
)
from mining.github.past import BELONGINGS, Earlier, known_columns, losses, moves, repository_then
from mining.github.readmes import fetch_readmes
from mining.github.tracking import track
from mining.github.unknown import (
    ISSUES,
    NOT_TOLD,
    REPOSITORIES,
    Ledger,
    UnknownScope,
    unknown_of_one,
)
from mining.reading import Rejects
from mining.tables import OLDER, SCHEMAS, TableRow

LEAST_ALLOWED = 3
"""So many repositories, or issues, may always be unknown for now in a sealed snapshot."""
SCOPES: tuple[UnknownScope, ...] = (REPOSITORIES, ISSUES)
COMMAND = "mine"
FACTS = "facts and README"
WITHOUT_TOKEN = (
    "mined without a token: READMEs, languages, releases, commits, watchers and the numbers of "
    "issues and pull requests are left out, because GitHub gives them by GraphQL, which needs one"
)


@dataclass
class Enriching:
    """Asks for what belongs to each repository of a population."""

    api: Api
    job: Job
    population: Population
    earlier: Earlier | None
    progress: Progress
    tables: Tables = field(default_factory=Tables)
    months: Shelf[str, CommitMonths] = field(default_factory=Shelf)

    def run(self) -> Tables:
        """Ask, and return the rows of all tables but the issues'."""
        self._count(
            self._with_carried(row)
            for row in self._repositories(carried=True)
            if not self._has_months(row)
        )
        for row in self._repositories(carried=True):
            self._carry(row)
        if self.job.has_token:
            facts = self._facts()
            self._count(each.row for each in facts)
            self._readmes(facts)
        else:
            for row in self._repositories(carried=False):
                self._finish(row, None)
        return self.tables

    def _repositories(self, *, carried: bool) -> Iterator[TableRow]:
        """Yield the repositories that are as they were, or those that must be asked about."""
        known = self.population.known
        for key, row in self.population.rows.items():
            is_same = known is not None and is_searched(row) and key in known.carried
            if is_same is carried:
                yield row

    def _with_carried(self, row: TableRow) -> TableRow:
        known = self.population.known
        return row if known is None else {**row, **known.carried[row["repo_key"]]}

    def _has_months(self, row: TableRow) -> bool:
        """Tell whether the snapshot before has counted the months of a repository that count."""
        earlier, n_months = self.earlier, self.job.settings.commit_months
        if earlier is None or not n_months or earlier.commit_months < n_months:
            return not n_months
        key = row["repo_key"]
        if key not in earlier.histories:  # as of a mining that an earlier version began
            return False
        counted = {
            month["month"]: month["commits"]
            for month in earlier.belongings["activity"].get(key, ())
            if month["commits"] is not None
        }
        is_whole = OLDER not in (earlier.histories[key]["flags"] or ())
        first = first_month(self.job.until, n_months)
        months = CommitMonths(
            {month: n for month, n in counted.items() if n}, min(counted, default=first), is_whole
        )
        self.months[key] = months.since(first)
        return True

    def _count(self, rows: Iterable[TableRow]) -> None:
        """Count the commits of each month, of repositories whose last commit is known."""
        n_months, until = self.job.settings.commit_months, self.job.until
        if not n_months:
            return
        by_node: Shelf[str, tuple[str, str]] = Shelf()
        histories: ShelvedList[CountedHistory] = ShelvedList()
        for row in rows:
            if row["head_commit"] is not None:
                node_id, head, at = (row[n] for n in ("node_id", "head_commit", "last_commit_at"))
                if node_id not in by_node:
                    histories.append(CountedHistory(node_id, head, at))
                by_node[node_id] = (row["repo_key"], row["full_name"])
            elif row["commits"] == 0:
                first = first_month(until, n_months)
                self.months[row["repo_key"]] = CommitMonths({}, first, is_whole=True)
        with self.progress.task("commits a month", len(histories), unit="repositories") as task:
            counted = count_commits(self.api, histories, until=until, n_months=n_months)
            for node_id, months, unknown in counted:
                key, full_name = by_node[node_id]
                task.advance()
                if months is not None:
                    self.months[key] = months
                if unknown is not None:
                    self.population.unknown.note("commits a month", full_name, unknown)

    def _carry(self, row: TableRow) -> None:
        earlier = self.earlier
        if earlier is None:
            raise ValueError("nothing to carry over from")
        key = row["repo_key"]
        self.tables.n_carried += 1
        if key in earlier.readmes:
            self.tables.add("readmes", earlier.readmes[key])
        for table in BELONGINGS:
            if table != "activity" or not self._makes_activity:
                self.tables.add(table, *earlier.belongings[table].get(key, ()))
        releases = list(earlier.belongings["releases"].get(key, ()))
        settled = earlier.repositories[key]["contributors"] is not None
        self._finish(self._with_carried(row), releases, carried=True, counted=settled)

    @property
    def _makes_activity(self) -> bool:
        """Tell whether the activity of repositories that are as they were is put together anew."""
        settings, earlier = self.job.settings, self.earlier
        counted = settings.commit_months or (earlier is not None and earlier.commit_months)
        return settings.star_history or bool(counted)

    def _facts(self) -> ShelvedList[RepositoryFacts]:
        """Return the facts of each repository that can be asked about; of others what is known."""
        by_node: Shelf[str, str] = Shelf()
        nodes: ShelvedList[str] = ShelvedList()
        for row in self._repositories(carried=False):
            if row["node_id"] not in by_node:
                nodes.append(row["node_id"])
            by_node[row["node_id"]] = row["repo_key"]
        facts_of_each: ShelvedList[RepositoryFacts] = ShelvedList()
        with self.progress.task("facts", len(nodes), unit="repositories") as task:
            for answered in self._ask_facts(nodes):
                row = self.population.rows[by_node[answered.item]]
                task.advance()
                name = row["full_name"]
                if answered.value is None or answered.answer is None:
                    if answered.unknown is None:
                        self.tables.lacks("facts and README unknown, gone", name)
                    else:
                        self.population.unknown.note(FACTS, name, answered.unknown)
                    if answered.unknown or is_searched(row):
                        self._finish(row, None)
                    continue
                at = answered.answer.received_at
                facts = facts_of(self.api, answered, answered.value, at)
                for what, why in facts.unknown.items():
                    self.population.unknown.note(what, name, why)
                facts_of_each.append(self._joined(row, facts))
        return facts_of_each

    def _ask_facts(self, node_ids: Sequence[str]) -> Iterator[Answered[str]]:
        job = self.job
        return ask_facts(self.api, node_ids, until=job.as_of, owner_types=job.histories)

    def _joined(self, row: TableRow, facts: RepositoryFacts) -> RepositoryFacts:
        """Return facts with what the search said where it said something."""
        # The two may differ by what happened between them: what the search said was said of all.
        known = row if is_searched(row) else {"source": row["source"]}
        joined = {
            **facts.row,
            **{name: value for name, value in known.items() if value is not None},
            **{name: row[name] for name in ("repo_key", "repo_id", "node_id")},
        }
        if row.get("aliases"):
            joined["aliases"] = row["aliases"]
        return replace(facts, row=joined)

    def _readmes(self, facts: Sequence[RepositoryFacts]) -> None:
        carried = self.earlier.readmes if self.earlier is not None else {}
        with self.progress.task("READMEs", len(facts), unit="repositories") as task:
            for readme in fetch_readmes(self.api, facts, carried=carried, advance=task.advance):
                name = facts[readme.repository].row["full_name"]
                if readme.row is not None:
                    self.tables.add("readmes", readme.row)
                elif readme.unknown is not None:
                    self.population.unknown.note("README", name, readme.unknown)
                elif readme.reason is not None:
                    self.tables.lacks(f"no README: {readme.reason}", name)
        with self._extras_task(len(facts)) as task:
            for repository in facts:
                languages = None if self.job.as_of else repository.languages
                self.tables.add("languages", *(languages or ()))
                self._finish(repository.row, repository.releases)
                task.advance()

    def _extras_task(self, n: int) -> AbstractContextManager[Task]:
        """Return what shows the progress of the extras, if there are any."""
        settings = self.job.settings
        extras = ["contributors"] * settings.contributors + ["stars"] * settings.star_history
        if not extras:
            return SilentProgress().task("", None)
        return self.progress.task(" and ".join(extras), n, unit="repositories")

    def _finish(
        self,
        row: TableRow,
        releases: list[TableRow] | None,
        *,
        carried: bool = False,
        counted: bool = False,
    ) -> None:
        """Ask for the extras of one repository, and add its rows; releases may be unknown."""
        settings, until = self.job.settings, self.job.until
        name = row["full_name"]
        if self.job.as_of is not None:
            if releases is not None:
                releases = [r for r in releases if r["published_at"] and r["published_at"] <= until]
            n_releases = None if releases is None else len(releases)
            row = {**repository_then(row, until), "releases": n_releases}
        elif settings.contributors and not counted:
            count = self._extra("contributors", name, count_contributors)
            row = {**row, "contributors": count}
        history: StarHistory | None = None
        if settings.star_history:
            history = self._extra("star history", name, star_history)
            if history is not None and self.job.as_of is not None:
                row = {**row, "stars": history.until(until)}
        if not carried:
            self.tables.add("releases", *(releases or ()))
        months = self.months.get(row["repo_key"])
        if not carried or self._makes_activity:
            self.tables.add(
                "activity", *activity_rows(row["repo_key"], history, releases, months, until=until)
            )
        if self.job.histories:
            self.tables.add("histories", self._history(row, months))
        else:
            row = {**row, "owner_type": None}
        self.tables.names[row["repo_key"]] = name
        self.tables.add("repositories", self._with_former_names(row))

    def _history(self, row: TableRow, months: CommitMonths | None) -> TableRow:
        entries, name = self.population.unknown.entries, row["full_name"]
        untold = [entries[what, name] for what in (FACTS, COMMITS) if (what, name) in entries]
        why = str(untold[0].unknown) if untold else None
        if not self.job.has_token:
            why = "GitHub tells them by GraphQL, which needs a token"
        return history_row(row, months, job=self.job, why=why)

    def _with_former_names(self, row: TableRow) -> TableRow:
        """Return a row with the names that an earlier snapshot knew its repository by."""
        before = None if self.earlier is None else self.earlier.repositories.get(row["repo_key"])
        if before is None:
            return row
        names = {*(row.get("aliases") or ()), *(before["aliases"] or ()), before["full_name"]}
        others = {name for name in names if name.lower() != row["full_name"].lower()}
        return {**row, "aliases": sorted(others, key=str.lower)} if others else row

    def _extra(self, what: str, full_name: str, ask: Callable[[Api, str], Any]) -> Any:
        try:
            return ask(self.api, full_name)
        except GoneError as error:
            self.tables.lacks(f"{what} unknown, {error.what.removesuffix('.')}", full_name)
        except NOT_TOLD as error:
            self.population.unknown.note(what, full_name, unknown_of_one(error))
        return None


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
            f"{', '.join(map(self._count_of, over))}.",
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
            told = ", ".join(self._count_of(scope) for scope in SCOPES if self._is_over(scope))
            yield f"sealed though much is unknown for now: {told}; by {how}"

    def _allowed(self, scope: UnknownScope) -> int:
        return max(LEAST_ALLOWED, int(self.n_rows[scope] * self.job.settings.most_unknown))

    def _is_over(self, scope: UnknownScope) -> bool:
        return self.ledger.for_now(scope) > self._allowed(scope)

    def _number(self, scope: UnknownScope) -> int | None:
        """Return how many are unknown for now; None if nobody knows."""
        n = self.ledger.for_now(scope)
        return int(n) if math.isfinite(n) else None

    def _count_of(self, scope: UnknownScope) -> str:
        n = self._number(scope)
        if n is None:
            return f"{scope}, nobody knows how many"
        return f"{n:,} of {self.n_rows[scope]:,} {scope} ({self._allowed(scope):,} may be)"


@dataclass(frozen=True)
class MinedTables:
    """What was mined: rows by table, what is to be said of them, and when the last answer came."""

    rows: Mapping[str, GatheredRows]
    notes: tuple[str, ...]
    facts: Mapping[str, Any]
    finished_at: datetime


def collect(api: Api, job: Job, earlier: Earlier | None, *, progress: Progress) -> MinedTables:
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
    n_same_issues = track(api, job, population, earlier, tables, progress=progress)
    if earlier is not None:
        there = tables.names
        for row in moves(there, earlier, api.last_at):
            tables.add("disappearances", row)
        lost = losses(
            there,
            earlier,
            population.known,
            untold=population.untold,
            ledger=population.unknown,
            job=job,
            at=api.last_at,
        )
        for row in lost:
            tables.add("disappearances", row)
    n_rows = {scope: len(tables.rows.get(scope, ())) for scope in SCOPES}
    seal = SealCheck(population.unknown, n_rows, job)
    seal.refuse_unfinished(progress)
    notes = [*population.notes, *tables.notes(), *seal.notes()]
    if not job.has_token:
        notes.append(WITHOUT_TOKEN)
    return MinedTables(
        rows=tables.rows,
        notes=tuple(notes),
        facts={**_facts(job, population, tables.n_carried, n_same_issues), **seal.facts()},
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
        rows = mined.rows.get(table)
        if not rows:
            continue
        own = draft.add(table, rows)
        counts[table] = Counts.of(own.n_read, own.n_rows, {"the same again": own.n_repeats})
    record = SourceRecord(
        command=COMMAND,
        options=job.document,
        files=[SourceFile(name=raw.name, sha256=hash_file(raw), n_bytes=raw.stat().st_size)],
        counts=counts,
        facts=dict(mined.facts),
        notes=list(mined.notes),
    )
    return draft.commit(record, Rejects())


def _facts(job: Job, population: Population, n_carried: int, n_same_issues: int) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "searches": population.searches,
        "found_under_several_topics": sum(search["repositories"] for search in population.searches)
        - population.n_searched,
    }
    if job.since is not None:
        facts["since"] = job.since
        facts["carried_over"] = {"repositories": n_carried, "issues": n_same_issues}
    if job.as_of is not None:
        facts["columns"] = known_columns(
            star_history=job.settings.star_history, commit_months=job.settings.commit_months
        )
    return facts
