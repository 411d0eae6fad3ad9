"""The steps of a study about usage: whose code is scanned, and what is told of it.

    dependents ── code ── usages ── usage ── page
                         requests ──┘

Dependents and code are brought by commands of their own, as snapshots are (`opsatlas.dependents`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from artifacts.files import decoded, read_input
from artifacts.step import Step, make
from configs.finding import find_codebook, resolve_all
from insights.usage.facts import fact_rows
from opsatlas.dependents import code_folder, code_places, studied_frameworks, usage_settings
from opsatlas.pipeline import Pipeline, alone, whole

if TYPE_CHECKING:
    import pyarrow as pa
    from pandas import DataFrame

    from configs.codebook import Codebook
    from insights.usage.evaluation import UseEvaluation
    from insights.usage.study import SeenRequest, SeenUse, Usage


def usages_folder(pipeline: Pipeline) -> Path:
    """Return where the uses are kept that were found in dependents' code."""
    from insights.usage.scanning import FOLDER

    return pipeline.workspace / FOLDER


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
    return bool(settings.code or settings.facts or code_folder(pipeline).exists())


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

    if not folders and not has_code(pipeline):
        raise InputError(
            "There is no code to scan.",
            where=str(pipeline.study_path),
            fix="fetch it with `opsatlas usage fetch`, or name a folder of clones: "
            "`opsatlas usage scan --code DIR`",
        )
    codes = code_places(pipeline, folders)
    facts = resolve_all(usage_settings(pipeline).facts, pipeline.study_path)
    parts = ScanParts(tuple(studied_frameworks(pipeline)), codes, tuple(facts))
    return scan_step(parts, usages_folder(pipeline), progress=pipeline.progress)


@alone
def make_usage(pipeline: Pipeline) -> Path:
    """Say how frameworks are used and what is asked of them; return where that is.

    The uses must be there; requests are coded where the study has themes.
    """
    if pipeline.study.themes is not None:
        make_requests(pipeline)
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
        whole(usages_folder(pipeline), "opsatlas usage scan"),
        requests=_coded_requests(pipeline),
        codebook=features_book(pipeline),
        frameworks=studied_frameworks(pipeline),
        settings=UsageSettings(**settings.model_dump(include=set(UsageSettings.model_fields))),
        progress=pipeline.progress,
    )


def _coded_requests(pipeline: Pipeline) -> Path | None:
    """Return the file of the study's coded requests, which must be there; None: no themes."""
    from insights.usage.coding import FILE

    if pipeline.study.themes is None:
        return None
    return whole(requests_folder(pipeline), "opsatlas run") / FILE


@alone
def make_requests(pipeline: Pipeline) -> Path:
    """Say of each feature request which feature it asks for; return where that is.

    The texts of the requests must be there.
    """
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
    from insights.usage.build import PROJECTS_FILE
    from insights.usage.coding import FILE
    from insights.usage.study import requests_behind, uses_behind
    from insights.usage.tables import PROJECTS, REQUESTS

    scanned = usages_folder(pipeline)
    lines = uses_behind(
        built_uses(pipeline),
        read_table(scanned / PROJECTS_FILE, PROJECTS),
        usage.dependents,
        framework=framework,
        feature=feature,
        channel=channel,
        era=era,
    )
    if usage.gap is None or era is not None:
        return list(lines), []
    coded = read_table(whole(requests_folder(pipeline), "opsatlas usage scan") / FILE, REQUESTS)
    meant = next(each for each in studied_frameworks(pipeline) if each.name == framework)
    return list(lines), list(requests_behind(coded, meant, feature=feature, channel=channel))


def unread_counts(scanned: Path) -> dict[str, int]:
    """Return how many files, or parts of files, could not be read, by reason, most first.

    Reasons are cut where they tell of one file alone: its size, the place of a fault.
    """
    from artifacts.tables import read_table
    from insights.usage.tables import UNREAD

    reasons = read_table(scanned / "unread.parquet", UNREAD)["reason"].to_pylist()
    counts = Counter(re.split(r" \(\d|[:,] ", reason)[0] for reason in reasons)
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
    from insights.usage.build import PROJECTS_FILE
    from insights.usage.evaluation import OF_VARIABLES_AND_IMAGES, evaluate_scan
    from insights.usage.facts import fact_rows
    from insights.usage.tables import PROJECTS
    from usage.features import read_feature_map

    uses = built_uses(pipeline).to_pylist()
    maps = {}
    if map_file is not None:
        data = read_input(map_file, what="map of features")
        text = decoded(data, what="map of features", where=str(map_file))
        maps = {
            column: read_feature_map(text, where=str(map_file), column=column, otherwise=otherwise)
            for column, otherwise in OF_VARIABLES_AND_IMAGES.items()
        }
    projects = read_table(usages_folder(pipeline) / PROJECTS_FILE, PROJECTS).to_pylist()
    return evaluate_scan(
        uses,
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
    return read_usage(whole(usage_folder(pipeline), "opsatlas usage scan"))


def built_uses(pipeline: Pipeline) -> pa.Table:
    """Return the uses that were found in dependents' code, as they were last found.

    Raises
    ------
    ArtifactError
        If no code was scanned yet, or the table was changed since.
    """
    from artifacts.tables import read_table
    from insights.usage.build import USES_FILE
    from insights.usage.tables import USES

    usage_settings(pipeline)
    return read_table(whole(usages_folder(pipeline), "opsatlas usage scan") / USES_FILE, USES)


def usage_frames(pipeline: Pipeline) -> dict[str, DataFrame]:
    """Return the tables of how frameworks are used, by their names; errors as `built_usage`."""
    from artifacts.tables import read_table

    usage_settings(pipeline)
    folder = whole(usage_folder(pipeline), "opsatlas usage scan")
    return {path.stem: read_table(path).to_pandas() for path in sorted(folder.glob("*.parquet"))}
