"""The steps of a study about usage: whose code is scanned, and what is told of it.

dependents ── code ── usages ── usage ── page
requests ──┘
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.errors import ArtifactError, InputError
from artifacts.files import decoded, read_input
from artifacts.manifest import FILE_NAME, Manifest, changed_files
from artifacts.step import Step, make
from configs import shipped_frameworks
from configs.finding import find_codebook, find_frameworks, resolve_all
from configs.framework import Framework, read_frameworks
from insights.usage.facts import fact_rows
from opsatlas.pipeline import Pipeline, alone

if TYPE_CHECKING:
    from configs.codebook import Codebook
    from insights.usage.evaluation import UseEvaluation
    from insights.usage.scanning import CodeRef
    from insights.usage.study import SeenRequest, SeenUse, Usage
    from mining.code.projects import Keep, ProjectCode
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


def usages_folder(pipeline: Pipeline) -> Path:
    """Return where the uses are kept that were found in dependents' code."""
    from insights.usage.scanning import FOLDER

    return pipeline.workspace / FOLDER


@dataclass(frozen=True)
class LocalCode:
    """A project's code in a clone or folder on this machine.

    Attributes
    ----------
    identity
        Its commit, or the hash of a folder without git.
    """

    project: str
    place: Path
    commit: str | None
    identity: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def open(self, keep: Keep) -> ProjectCode:
        """Return its code: of the files, those that ``keep`` wants."""
        from mining.code.local import read_project

        return read_project(self.project, self.place, keep, commit=self.commit)


def code_refs(pipeline: Pipeline, folders: Sequence[Path] = ()) -> tuple[CodeRef, ...]:
    """Return where the code of each project is: clones and folders first, then what was fetched.

    Parameters
    ----------
    folders
        In place of those that the study names.

    Raises
    ------
    InputError
        If a folder is not there or holds no project.
    """
    from mining.code.local import local_projects, pin_project
    from mining.dependents.listed import pinned_commits
    from usage.scan import is_relevant

    settings = usage_settings(pipeline)
    files = resolve_all(settings.lists, pipeline.study_path)
    commits, known = pinned_commits(files), candidates(pipeline)
    local = []
    for name, place in local_projects(folders or _code_folders(pipeline)).items():
        row = known.get(name.lower())
        if known and row is None:
            continue
        commit = commits.get(name.lower())
        code = pin_project(name, place, is_relevant, commit=commit)
        identity = code.commit or code.content_hash or f"unknown: {code.reason}"
        about = _about(row) if row else {}
        local.append(LocalCode(name, place, code.commit or commit, identity, about))
    return tuple(local)


def _code_folders(pipeline: Pipeline) -> list[Path]:
    return resolve_all(usage_settings(pipeline).code, pipeline.study_path)


def _about(candidate: TableRow) -> dict[str, Any]:
    """Return what sources say of a candidate that its code does not."""
    return {
        **{name: candidate[name] for name in ("stars", "description", "fork", "tutorial")},
        "claimed": candidate["frameworks"],
    }


def check_usage(pipeline: Pipeline) -> None:
    """Refuse, before any work is done, frameworks, features or facts that are not there.

    Raises
    ------
    InputError, ConfigError
        If one is not there, or cannot be used.
    """
    studied_frameworks(pipeline)
    features_book(pipeline)
    for path in resolve_all(usage_settings(pipeline).facts, pipeline.study_path):
        next(fact_rows(path), None)


@alone
def make_all_of_usage(pipeline: Pipeline) -> Path | None:
    """Scan what code there is, and say how frameworks are used; None: there is no code yet."""
    if not has_code(pipeline):
        pipeline.progress.say("usage: left out, no dependents' code is there yet")
        return None
    make_usages(pipeline)
    return make_usage(pipeline)


def has_code(pipeline: Pipeline) -> bool:
    """Tell whether there is code to scan, or facts of such."""
    settings = usage_settings(pipeline)
    return bool(settings.code or settings.facts)


@alone
def make_usages(pipeline: Pipeline, folders: Sequence[Path] = ()) -> Path:
    """Scan the code of dependents, as far as that is not done; return where the uses are.

    Parameters
    ----------
    folders
        Of local clones, in place of those that the study names.
    """
    folder = usages_folder(pipeline)
    make(plan_usages(pipeline, folders), folder)
    return folder


def plan_usages(pipeline: Pipeline, folders: Sequence[Path] = ()) -> Step:
    """Return the step that scans the code of dependents.

    Raises
    ------
    InputError
        If there is no code and there are no facts.
    """
    from insights.usage.scanning import ScanParts, scan_step

    codes = code_refs(pipeline, folders)
    facts = resolve_all(usage_settings(pipeline).facts, pipeline.study_path)
    if not codes and not facts:
        raise InputError(
            "There is no code to scan.",
            where=str(pipeline.study_path),
            fix="fetch it with `opsatlas usage fetch`, or name a folder of clones: "
            "`opsatlas usage scan --code DIR`",
        )
    parts = ScanParts(tuple(studied_frameworks(pipeline)), codes, tuple(facts))
    return scan_step(parts, usages_folder(pipeline), progress=pipeline.progress)


def dependent_sources(pipeline: Pipeline) -> DependentSources:
    """Return where the study looks for dependents.

    Raises
    ------
    InputError
        If it names nothing, or a snapshot is looked into that there is not.
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
    from mining.dependents.planning import plan_find

    return plan_find(studied_frameworks(pipeline), dependent_sources(pipeline))


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


@alone
def make_usage(pipeline: Pipeline) -> Path:
    """Say how frameworks are used and what is asked of them; return where that is.

    The uses must be there; requests are coded where the study has themes.
    """
    make(plan_usage(pipeline), usage_folder(pipeline))
    return usage_folder(pipeline)


def usage_folder(pipeline: Pipeline) -> Path:
    """Return where it is kept how frameworks are used."""
    from insights.usage.build import FOLDER, KIND

    return pipeline.workspace / FOLDER / KIND


def features_book(pipeline: Pipeline) -> Codebook:
    """Return the codebook of features.

    Raises
    ------
    InputError, ConfigError
        If it is not there, or cannot be used.
    """
    from labels.exchange.formats import read_codebook_file

    where = f"{pipeline.study_path}, usage.features"
    name = usage_settings(pipeline).features
    return read_codebook_file(find_codebook(name, pipeline.study_path, where=where))


def plan_usage(pipeline: Pipeline) -> Step:
    """Return the step that says how frameworks are used; the uses must be there."""
    from insights.usage.build import usage_step
    from insights.usage.settings import UsageSettings

    settings = usage_settings(pipeline)
    return usage_step(
        _whole(usages_folder(pipeline), "usage scan"),
        requests=_coded_requests(pipeline),
        codebook=features_book(pipeline),
        frameworks=studied_frameworks(pipeline),
        settings=UsageSettings(**settings.model_dump(include=set(UsageSettings.model_fields))),
        progress=pipeline.progress,
    )


def _coded_requests(pipeline: Pipeline) -> Path | None:
    """Return the file of the study's coded requests, which is made; None: it has no themes."""
    from insights.usage.coding import FILE

    if pipeline.study.themes is None:
        return None
    return make_requests(pipeline) / FILE


@alone
def make_requests(pipeline: Pipeline) -> Path:
    """Say of each feature request which feature it asks for; return where that is."""
    from opsatlas.steps import make_texts

    make_texts(pipeline, "themes")
    folder = requests_folder(pipeline)
    make(plan_requests(pipeline), folder)
    return folder


def requests_folder(pipeline: Pipeline) -> Path:
    """Return where it is kept which feature each request asks for."""
    from insights.usage.build import FOLDER
    from insights.usage.coding import KIND

    return pipeline.workspace / FOLDER / KIND


def plan_requests(pipeline: Pipeline) -> Step:
    """Return the step that codes feature requests; their texts must be there."""
    from insights.usage.coding import CodingParts, requests_step
    from labels.label_set import label_path

    name = usage_settings(pipeline).labels
    parts = CodingParts(
        texts_folder=pipeline.texts_folder("themes"),
        snapshot_folder=pipeline.snapshot_folder("themes"),
        codebook=features_book(pipeline),
        frameworks=studied_frameworks(pipeline),
        vectors_folder=pipeline.vectors_folder,
        vector_settings=pipeline.code_vectors(),
        labels=None if name is None else label_path(name, lambda: pipeline.workspace),
    )
    return requests_step(parts, progress=pipeline.progress)


def evidence(
    pipeline: Pipeline,
    usage: Usage,
    framework: str,
    *,
    feature: str | None = None,
    channel: str | None = None,
    era: str | None = None,
) -> tuple[list[SeenUse], list[SeenRequest]]:
    """Return the lines of code and the requests behind a figure of a framework.

    Parameters
    ----------
    feature, channel, era
        Of the uses and, but for the era, of the requests; None: any.
    """
    from artifacts.tables import read_table
    from insights.usage.build import PROJECTS_FILE, USES_FILE
    from insights.usage.coding import FILE
    from insights.usage.study import requests_behind, uses_behind
    from insights.usage.tables import PROJECTS, REQUESTS, USES

    scanned = _whole(usages_folder(pipeline), "usage scan")
    lines = uses_behind(
        read_table(scanned / USES_FILE, USES),
        read_table(scanned / PROJECTS_FILE, PROJECTS),
        usage.dependents,
        framework=framework,
        feature=feature,
        channel=channel,
        era=era,
    )
    if usage.gap is None or era is not None:
        return list(lines), []
    coded = read_table(_whole(requests_folder(pipeline), "usage scan") / FILE, REQUESTS)
    meant = next(each for each in studied_frameworks(pipeline) if each.name == framework)
    return list(lines), list(requests_behind(coded, meant, feature=feature, channel=channel))


def unread_counts(scanned: Path) -> dict[str, int]:
    """Return how many files, or parts of files, could not be read, by reason, most first."""
    from artifacts.tables import read_table
    from insights.usage.tables import UNREAD

    counts = Counter(read_table(scanned / "unread.parquet", UNREAD)["reason"].to_pylist())
    return dict(counts.most_common())


def judged(pipeline: Pipeline, truth: Path, map_file: Path | None = None) -> UseEvaluation:
    """Return how right the uses are that were found, by uses that people found in the same code.

    Parameters
    ----------
    map_file
        Patterns with their features, to judge features by.

    Raises
    ------
    InputError
        If a file cannot be read, or is of another form.
    """
    from artifacts.tables import read_table
    from insights.usage.build import PROJECTS_FILE, USES_FILE
    from insights.usage.evaluation import OF_VARIABLES_AND_IMAGES, evaluate_scan
    from insights.usage.facts import fact_rows
    from insights.usage.tables import PROJECTS, USES
    from usage.features import read_feature_map

    scanned = _whole(usages_folder(pipeline), "usage scan")
    maps = {}
    if map_file is not None:
        data = read_input(map_file, what="The map of features")
        text = decoded(data, what="map of features", where=str(map_file))
        maps = {
            column: read_feature_map(text, where=str(map_file), column=column, otherwise=otherwise)
            for column, otherwise in OF_VARIABLES_AND_IMAGES.items()
        }
    projects = read_table(scanned / PROJECTS_FILE, PROJECTS).to_pylist()
    return evaluate_scan(
        read_table(scanned / USES_FILE, USES).to_pylist(),
        [row["project"] for row in projects if row["status"] == "scanned"],
        list(fact_rows(truth)),
        maps,
    )


def built_usage(pipeline: Pipeline) -> Usage:
    """Return how frameworks are used, as it was last made.

    Raises
    ------
    ArtifactError
        If it is not made yet, or was changed since.
    """
    from insights.usage.build import read_usage

    usage_settings(pipeline)
    return read_usage(_whole(usage_folder(pipeline), "usage scan"))


def _whole(folder: Path, command: str) -> Path:
    """Return the folder of an artifact, which must be there and as it was written."""
    if not (folder / FILE_NAME).exists():
        raise ArtifactError(
            f"There is no {folder.name} yet.", where=str(folder), fix=f"opsatlas {command}"
        )
    if changed := changed_files(folder, Manifest.read(folder)):
        raise ArtifactError(
            f"The {folder.name} was changed after it was made: {', '.join(changed)}.",
            where=str(folder),
            fix=f"opsatlas {command}",
        )
    return folder
