"""What is asked about each repository: facts, README, extras that cost more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from artifacts.progress import Progress, SilentProgress, Task
from mining.github.api import Api
from mining.github.as_of import repository_then
from mining.github.discovery import Population
from mining.github.earlier import BELONGINGS, Earlier
from mining.github.errors import GoneError
from mining.github.facts import (
    RepositoryFacts,
    StarHistory,
    activity_rows,
    ask_facts,
    count_contributors,
    facts_of,
    star_history,
)
from mining.github.job import Job
from mining.github.readmes import fetch_readmes
from mining.github.unknown import (
    MOST_NAMED,
    NOT_TOLD,
    unknown_of_one,
)
from mining.tables import Row


@dataclass
class Tables:
    """Rows by table, what is missing of which repository and why, and how much was carried over."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    n_carried: int = 0

    def add(self, table: str, *rows: Row) -> None:
        """Add rows to a table."""
        self.rows.setdefault(table, []).extend(rows)

    def lacks(self, why: str, full_name: str) -> None:
        """Note that a repository lacks something."""
        self.missing.setdefault(why, []).append(full_name)

    def notes(self) -> Iterator[str]:
        """Yield a sentence for each reason."""
        for why, names in sorted(self.missing.items()):
            shown = ", ".join(sorted(names, key=str.lower)[:MOST_NAMED])
            more = len(names) - MOST_NAMED
            yield f"{why} ({len(names):,}): {shown}{f' and {more:,} more' if more > 0 else ''}"


@dataclass
class Enriching:
    """One population being asked about."""

    api: Api
    job: Job
    population: Population
    earlier: Earlier | None
    progress: Progress
    tables: Tables = field(default_factory=Tables)

    def run(self) -> Tables:
        """Ask, and return the rows of all tables but the issues'."""
        carried, asked = self._parted()
        for row in carried:
            self._carry(row)
        if self.job.has_token:
            self._readmes(self._facts(asked))
        else:
            for row in asked:
                self._finish(row, None)
        return self.tables

    def _parted(self) -> tuple[list[Row], list[Row]]:
        """Return the repositories that are as they were, and those that must be asked about."""
        carried: list[Row] = []
        asked: list[Row] = []
        known = self.population.known
        for key, row in sorted(self.population.rows.items()):
            is_same = known is not None and key in self.population.searched and key in known.carried
            (carried if is_same else asked).append(row)
        return carried, asked

    def _carry(self, row: Row) -> None:
        earlier, known = self.earlier, self.population.known
        if earlier is None or known is None:
            raise ValueError("nothing to carry over from")
        key = row["repo_key"]
        self.tables.n_carried += 1
        if key in earlier.readmes:
            self.tables.add("readmes", earlier.readmes[key])
        for table in BELONGINGS:
            if table != "activity" or not self.job.settings.star_history:
                self.tables.add(table, *earlier.belongings[table].get(key, ()))
        releases = list(earlier.belongings["releases"].get(key, ()))
        settled = earlier.repositories[key]["contributors"] is not None
        self._finish({**row, **known.carried[key]}, releases, carried=True, counted=settled)

    def _facts(self, rows: list[Row]) -> list[RepositoryFacts]:
        """Return the facts of each repository that can be asked about; of others what is known."""
        by_node = {row["node_id"]: row for row in rows}
        until = self.job.as_of
        facts_of_each: list[RepositoryFacts] = []
        with self.progress.task("facts", len(by_node), unit="repositories") as task:
            for answered in ask_facts(self.api, list(by_node), until=until):
                row = by_node[answered.item]
                task.advance()
                name = row["full_name"]
                if answered.value is None or answered.answer is None:
                    if answered.unknown is None:
                        self.tables.lacks("facts and README unknown, gone", name)
                    else:
                        self.population.unknown.note("facts and README", name, answered.unknown)
                    if answered.unknown or row["repo_key"] in self.population.searched:
                        self._finish(row, None)
                    continue
                at = answered.answer.received_at
                facts = facts_of(self.api, answered, answered.value, at)
                for what, why in facts.unknown.items():
                    self.population.unknown.note(what, name, why)
                facts_of_each.append(self._joined(row, facts))
        return facts_of_each

    def _joined(self, row: Row, facts: RepositoryFacts) -> RepositoryFacts:
        """Return facts with what the search said where it said something."""
        # The two may differ by what happened between them: what the search said was said of all.
        known = row if row["repo_key"] in self.population.searched else {"source": row["source"]}
        joined = {
            **facts.row,
            **{name: value for name, value in known.items() if value is not None},
            **{name: row[name] for name in ("repo_key", "repo_id", "node_id")},
        }
        if row.get("aliases"):
            joined["aliases"] = row["aliases"]
        return replace(facts, row=joined)

    def _readmes(self, facts: list[RepositoryFacts]) -> None:
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
        self, row: Row, releases: list[Row] | None, *, carried: bool = False, counted: bool = False
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
        if not carried or settings.star_history:
            self.tables.add(
                "activity", *activity_rows(row["repo_key"], history, releases, until=until)
            )
        self.tables.add("repositories", row)

    def _extra(self, what: str, full_name: str, ask: Callable[[Api, str], Any]) -> Any:
        try:
            return ask(self.api, full_name)
        except GoneError as error:
            self.tables.lacks(f"{what} unknown, {error.what.removesuffix('.')}", full_name)
        except NOT_TOLD as error:
            self.population.unknown.note(what, full_name, unknown_of_one(error))
        return None
