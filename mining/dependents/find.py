"""Finding dependents: every source that a study names is asked, and each one's claim is kept.

What was received is in the raw store before it is read, so a run that was killed goes on where it
was and asks for nothing twice. Where a source gave up for now (its limits, no network), the tables
are written with what there is, and say so; the same command then asks for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.locks import writing
from artifacts.manifest import Counts
from artifacts.progress import Progress, SilentProgress, Task
from artifacts.step import Content, Step
from artifacts.tables import write_table
from configs.framework import Framework
from mining.dependents.claims import (
    CANDIDATES_FILE,
    CLAIMS_FILE,
    KIND,
    FoundDependents,
    Gathered,
    SourceName,
    read_claims,
    tables_of,
)
from mining.dependents.code_search import MOST_A_QUERY, ask_code_search
from mining.dependents.ecosystems import ask_ecosystems
from mining.dependents.hosts import Hosts, SourceApis, is_for_one, may_pass, open_sources
from mining.dependents.listed import read_lists, read_snapshot_repositories
from mining.dependents.pages import ask_dependents_page
from mining.github.errors import BadCredentialsError, GitHubError, NotStoredError
from mining.reading import input_files
from mining.snapshots import open_snapshot

RAW = "raw"
"""Beside the tables' folder; the answers are in a folder of its name below."""
VERSION = 1
_LICENCE = "What ecosyste.ms says is under the licence CC BY-SA 4.0: name it where it is passed on."
_NO_TOKEN = "code search needs a token (GITHUB_TOKEN)"


@dataclass(frozen=True)
class DependentSources:
    """Which sources are asked.

    Attributes
    ----------
    lists
        Files that name repositories: one a line, tables, or Markdown.
    snapshot
        Folder of a sealed snapshot, whose repositories are candidates.
    dependents_page
        GitHub's page of dependents. Its terms (Acceptable Use, 7) let researchers read pages so if
        what comes of it is published openly.
    ecosystems
        ecosyste.ms, whose data are under CC BY-SA 4.0.
    code_search
        GitHub's code search, which needs a token.
    most_a_query
        Requests for one query of code search.
    """

    lists: tuple[Path, ...] = ()
    snapshot: Path | None = None
    dependents_page: bool = False
    ecosystems: bool = False
    code_search: bool = False
    most_a_query: int = MOST_A_QUERY

    @property
    def asked(self) -> tuple[SourceName, ...]:
        """Return the sources that are asked over the network, in order."""
        chosen: dict[SourceName, bool] = {
            "dependents-page": self.dependents_page,
            "ecosystems": self.ecosystems,
            "code-search": self.code_search,
        }
        return tuple(name for name, is_chosen in chosen.items() if is_chosen)


def find_dependents(
    folder: Path,
    frameworks: Sequence[Framework],
    sources: DependentSources,
    hosts: Hosts,
    progress: Progress | None = None,
) -> FoundDependents:
    """Find candidates of dependents, and write what each source says of them into ``folder``.

    What is there already, made of the same and finished, is returned as it is.

    Parameters
    ----------
    folder
        Of the tables, in a workspace; the raw answers are kept beside it, in ``raw/`` under its
        name. Answers that are there are not asked for again, however old: to find anew, later,
        take another folder.
    hosts
        Where the sources are, and who asks (`hosts_from`).

    Raises
    ------
    InputError
        If no source or no framework is named, or a list cannot be read.
    ArtifactError
        If the snapshot is not sealed, or the raw answers are damaged.
    BadCredentialsError
        If GitHub does not accept the token.
    BusyError
        If another process is at it.
    """
    refuse_nothing(frameworks, sources)
    finding = _Finding(folder, frameworks, sources, hosts, progress or SilentProgress())
    step = finding.step()
    with writing(folder):
        made = step.made(folder)
        if made is None or made.facts.get("unfinished"):
            step.build(folder)
    return read_claims(folder)


def refuse_nothing(frameworks: Sequence[Framework], sources: DependentSources) -> None:
    """Raise `InputError` if nothing can be asked, or nobody."""
    if not frameworks:
        raise InputError(
            "No framework is named, so nothing can depend on it.",
            where="frameworks",
            fix="name one that is shipped, or a file of your own",
        )
    if not (sources.lists or sources.snapshot or sources.asked):
        raise InputError(
            "No source of dependents is named.",
            where="[usage] in the study",
            fix='name lists = ["FILE"], or sources = ["dependents-page", "ecosystems"]',
        )


@dataclass(frozen=True)
class _Finding:
    """One run."""

    folder: Path
    frameworks: Sequence[Framework]
    sources: DependentSources
    hosts: Hosts
    progress: Progress

    def step(self) -> Step:
        """Return what makes the tables, and all that they depend on."""
        inputs = {file.label: file.sha256 for file in input_files(self.sources.lists)}
        if self.sources.snapshot is not None:
            snapshot = open_snapshot(self.sources.snapshot)
            inputs[f"snapshot {snapshot.id}"] = snapshot.manifest.content_hash
        named = {f.name: _asked_by(f) for f in sorted(self.frameworks, key=lambda f: f.name)}
        settings = {
            "frameworks": sorted(named),
            "sources": list(self.sources.asked),
            "most_a_query": self.sources.most_a_query if self.sources.code_search else None,
        }
        return Step(
            kind=KIND,
            version=VERSION,
            depends_on={"inputs": inputs, "frameworks": named, "settings": settings},
            inputs=inputs,
            config=settings,
            find=lambda _: self.found(),
        )

    def found(self) -> Content:
        """Ask every source, and return the tables of what they gave."""
        names = {framework.name for framework in self.frameworks}
        gathered: list[Gathered] = []
        if self.sources.lists:
            gathered.append(read_lists(self.sources.lists, names))
        if self.sources.snapshot is not None:
            gathered.append(read_snapshot_repositories(self.sources.snapshot))
        facts: dict[str, Any] = {}
        if self.sources.asked:
            raw = self.folder.parent / RAW / self.folder.name
            with open_sources(self.hosts, raw, self.progress) as apis:
                gathered += self._asked(apis)
                facts = {"asked": apis.asked, "answers_there": apis.stored}
                facts |= _period(apis)
        tables = tables_of(gathered)
        unfinished = sorted({each.source for each in gathered if each.is_passing})
        n_claims, n_projects = (tables[f].num_rows for f in (CLAIMS_FILE, CANDIDATES_FILE))

        def write(folder: Path) -> None:
            for file, table in tables.items():
                write_table(folder / file, table)

        counts = {"claims": Counts.of(n_claims, n_claims, {})}
        counts["candidates"] = Counts.of(n_projects, n_projects, {})
        notes = [_sentence(each) for each in gathered if each.gaps]
        notes += [_LICENCE] * self.sources.ecosystems
        about = {"counts": counts, "facts": {**facts, "unfinished": unfinished}, "notes": notes}
        return Content(write=write, about=about)

    def _asked(self, apis: SourceApis) -> list[Gathered]:
        """Ask the sources of the network.

        Of one that gave up, for other frameworks only the answers that are there are read.
        """
        gathered = []
        for source in self.sources.asked:
            stopped, now = "", apis
            with self.progress.task(f"Asking {source}", None, unit="pages") as task:
                for framework in self.frameworks:
                    into = Gathered(source, framework.name)
                    gathered.append(into)
                    told = self._ask(self._way(source, now, framework, task), into, stopped)
                    if told and not stopped:
                        stopped, now = told, apis.from_the_store()
        return gathered

    def _way(
        self, source: SourceName, apis: SourceApis, framework: Framework, task: Task
    ) -> Callable[[Gathered], None]:
        """Return how a source is asked for a framework."""

        def ask(into: Gathered) -> None:
            if source == "dependents-page":
                ask_dependents_page(apis.pages, framework, into, task)
            elif source == "ecosystems":
                ask_ecosystems(apis.packages, apis.repositories, framework, into, task)
            else:
                most = self.sources.most_a_query
                ask_code_search(apis.code, framework, into, task, most=most)

        return ask

    def _ask(self, ask: Callable[[Gathered], None], into: Gathered, stopped: str) -> str:
        """Ask a source; return why it is not to be asked any more for now, if it is not."""
        try:
            ask(into)
        except BadCredentialsError as error:
            self.hosts.account.tell_source(error)
            raise
        except NotStoredError:
            into.lack(f"not asked: {stopped}" if stopped else _NO_TOKEN, may_pass=True)
        except GitHubError as error:
            told = error.what.removesuffix(".")
            into.lack(told, may_pass=may_pass(error))
            if not is_for_one(error):
                self.progress.say(f"{into.source} stops for now: {told}; the same command goes on")
                return told
        return ""


def _asked_by(framework: Framework) -> dict[str, Any]:
    """Return what of a framework's file decides about what is asked."""
    return {
        "repository": framework.framework.repository,
        "modules": list(framework.modules),
        "distributions": list(framework.distributions),
        "scripts": list(framework.scripts),
        "files": [pattern for feature in framework.features for pattern in feature.files],
        "actions": [action for feature in framework.features for action in feature.actions],
    }


def _period(apis: SourceApis) -> dict[str, str]:
    """Return when the first and the last of the answers were received (UTC)."""
    at = sorted(kept.received_at_s for kept in apis.code.store.latest())
    if not at:
        return {}
    first, last = (datetime.fromtimestamp(at_s, UTC).isoformat() for at_s in (at[0], at[-1]))
    return {"received_from": first, "received_until": last}


def _sentence(gathered: Gathered) -> str:
    """Return what a source lacks as a note."""
    about = f" for {gathered.framework}" if gathered.framework else ""
    return f"{gathered.source}{about} is {gathered.status}: {gathered.row()['reason']}."
