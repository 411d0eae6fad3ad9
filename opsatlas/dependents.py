"""Whose code a study looks into: the sources of dependents, and where their code is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.errors import InputError
from artifacts.manifest import FILE_NAME
from configs import shipped_frameworks
from configs.finding import find_frameworks, resolve_all
from configs.framework import Framework, read_frameworks
from opsatlas.pipeline import Pipeline

if TYPE_CHECKING:
    from insights.usage.scanning import CodePlace
    from mining.code.fetch import FetchOutcome
    from mining.code.pins import CodeCandidate
    from mining.code.planning import FetchPlan
    from mining.dependents.claims import FoundDependents
    from mining.dependents.find import DependentSources
    from mining.dependents.planning import FindPlan
    from mining.tables import TableRow
    from opsatlas.study import UsageSection


def usage_settings(pipeline: Pipeline) -> UsageSection:
    """Return what the study sets for usage; raise `InputError` if it has no such section."""
    if pipeline.study.usage is None:
        raise InputError(
            "The study has no section [usage].",
            where=str(pipeline.study_path),
            fix='add [usage] with code = ["FOLDER"], which holds clones as owner/name',
        )
    return pipeline.study.usage


def studied_frameworks(pipeline: Pipeline) -> list[Framework]:
    """Return the frameworks that are looked for: those that the study names, or all shipped ones.

    Raises
    ------
    InputError, ConfigError
        If one is not there, or cannot be used.
    """
    names = usage_settings(pipeline).frameworks or shipped_frameworks()
    where = f"{pipeline.study_path}, usage.frameworks"
    return read_frameworks(find_frameworks(names, pipeline.study_path, where=where))


def dependent_sources(pipeline: Pipeline) -> DependentSources:
    """Return where the study looks for dependents.

    Raises
    ------
    InputError
        If a snapshot is looked into, and the study describes none.
    """
    from mining.dependents.find import DependentSources

    settings = usage_settings(pipeline)
    named = settings.sources
    snapshot = pipeline.snapshot_folder("tools") if "snapshot" in named else None
    return DependentSources(
        lists=tuple(resolve_all(settings.lists, pipeline.study_path)),
        snapshot=snapshot,
        dependents_page="dependents-page" in named,
        ecosystems="ecosystems" in named,
        code_search="code-search" in named,
    )


def plan_candidates(pipeline: Pipeline) -> FindPlan:
    """Return what `find_candidates` would ask; nothing is asked for it."""
    from mining.dependents.find import refuse_nothing
    from mining.dependents.planning import plan_find

    frameworks, sources = studied_frameworks(pipeline), dependent_sources(pipeline)
    refuse_nothing(frameworks, sources)
    return plan_find(frameworks, sources)


def find_candidates(pipeline: Pipeline) -> FoundDependents:
    """Find repositories that may depend on the frameworks, in the sources that the study names.

    Raises
    ------
    InputError
        If the study names no source.
    """
    from mining.dependents.find import find_dependents
    from mining.dependents.hosts import hosts_from

    return find_dependents(
        candidates_folder(pipeline),
        studied_frameworks(pipeline),
        dependent_sources(pipeline),
        hosts_from(),
        pipeline.progress,
    )


def candidates_folder(pipeline: Pipeline) -> Path:
    """Return where it is kept which repositories may depend on the frameworks."""
    from mining.dependents.claims import FOLDER

    return pipeline.workspace / FOLDER


def candidates(pipeline: Pipeline) -> dict[str, TableRow]:
    """Return the repositories that may depend on the frameworks, by name in lower case.

    Those that were found; else those that the study's lists name; empty: it names none.
    """
    from mining.dependents.claims import CANDIDATES_FILE, read_claims, tables_of
    from mining.dependents.listed import read_lists

    if (candidates_folder(pipeline) / FILE_NAME).exists():
        table = read_claims(candidates_folder(pipeline)).candidates
    else:
        files = resolve_all(usage_settings(pipeline).lists, pipeline.study_path)
        if not files:
            return {}
        names = [each.name for each in studied_frameworks(pipeline)]
        table = tables_of([read_lists(files, names)])[CANDIDATES_FILE]
    return {row["project"].lower(): row for row in table.to_pylist()}


def code_places(pipeline: Pipeline, folders: Sequence[Path] = ()) -> tuple[CodePlace, ...]:
    """Return where the code of each project is: in clones and folders, or in what was fetched.

    Parameters
    ----------
    folders
        Of clones, in place of those that the study names.

    Raises
    ------
    InputError
        If a folder is not there or holds no project.
    """
    from mining.code.local import local_projects
    from mining.code.places import AskedClone, StoredPlace, clone_places
    from usage.scan import is_relevant

    known, commits = candidates(pipeline), _pinned(pipeline)
    asked: dict[str, AskedClone] = {}
    for name, folder in local_projects(folders or _code_folders(pipeline)).items():
        key = name.lower()
        if not known or key in known:
            about = _about(known[key]) if known else {}
            asked[key] = AskedClone(name, folder, commits.get(key), about)
    places: dict[str, CodePlace] = {
        place.project.lower(): place for place in clone_places(list(asked.values()), is_relevant)
    }
    for key, row in known.items():
        if key not in places:
            store, about = code_folder(pipeline), _about(row)
            stored = StoredPlace.of(store, row["project"], commits.get(key), about)
            places.setdefault(stored.project.lower(), stored)
    return tuple(places[key] for key in sorted(places))


def _code_folders(pipeline: Pipeline) -> list[Path]:
    return resolve_all(usage_settings(pipeline).code, pipeline.study_path)


def _pinned(pipeline: Pipeline) -> dict[str, str]:
    """Return the commits that the study's lists pin projects to, by name in lower case."""
    from mining.dependents.listed import pinned_commits

    return pinned_commits(resolve_all(usage_settings(pipeline).lists, pipeline.study_path))


def _about(candidate: TableRow) -> dict[str, Any]:
    """Return what sources say of a candidate that its code does not."""
    return {
        **{name: candidate[name] for name in ("stars", "description", "fork", "tutorial")},
        "claimed": candidate["frameworks"],
    }


def code_folder(pipeline: Pipeline) -> Path:
    """Return where the code is kept that was fetched."""
    from mining.code.store import FOLDER

    return pipeline.workspace / FOLDER


def wanted_code(pipeline: Pipeline) -> list[CodeCandidate]:
    """Return the candidates whose code is to be fetched: those without a clone on this machine.

    Raises
    ------
    InputError
        If no dependents are known yet.
    """
    from mining.code.local import local_projects
    from mining.code.pins import CodeCandidate

    known, commits = candidates(pipeline), _pinned(pipeline)
    if not known:
        raise InputError(
            "No dependents are known whose code could be fetched.",
            where=str(pipeline.study_path),
            fix="name lists or sources under [usage], and find them: `opsatlas usage find`",
        )
    here = {name.lower() for name in local_projects(_code_folders(pipeline))}
    return [
        CodeCandidate(row["project"], commits.get(key))
        for key, row in known.items()
        if key not in here
    ]


def plan_code(pipeline: Pipeline, n_projects: int | None = None) -> FetchPlan:
    """Return what fetching the candidates' code, or that of so many projects, would take."""
    from mining.code.fetch import left_to_fetch
    from mining.code.planning import plan_fetch

    if n_projects is not None:
        return plan_fetch(n_projects)
    left, pinned = left_to_fetch(code_folder(pipeline), wanted_code(pipeline))
    return plan_fetch(left, pinned=pinned)


def fetch_candidates(pipeline: Pipeline, *, verify: bool = False) -> FetchOutcome:
    """Fetch the code of the candidates, where it is not here yet.

    Raises
    ------
    InputError
        If there is no token, or no dependents are known.
    GitHubError
        If GitHub does not answer any more; what was fetched is kept.
    """
    from mining.code.fetch import FetchSettings, fetch_code
    from usage.scan import is_relevant

    return fetch_code(
        code_folder(pipeline),
        wanted_code(pipeline),
        is_relevant,
        progress=pipeline.progress,
        settings=FetchSettings(verify=verify),
    )
