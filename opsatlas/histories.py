"""The steps of a study about histories: one for each snapshot that is looked at.

snapshots ── histories ── page
taxonomy ───────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import InputError, check_choice
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.step import Step, make
from configs.finding import find_families, resolve
from opsatlas.pipeline import Pipeline, alone, whole

if TYPE_CHECKING:
    from pandas import DataFrame

    from configs.family import Families
    from insights.history.build import PlacedDocuments
    from insights.history.history import History
    from insights.history.population import Told
    from insights.history.stacks import Stack
    from insights.history.together import NamedTool, Together
    from mining.snapshots import Snapshot
    from opsatlas.study import HistorySection
    from taxonomy.taxonomy import Taxonomy

BUILD = "opsatlas insights build"


def history_settings(pipeline: Pipeline) -> HistorySection:
    """Return what the study sets for histories; raise `InputError` if it has no such section."""
    if pipeline.study.history is None:
        raise InputError(
            "The study has no section [history].",
            where=str(pipeline.study_path),
            fix='add [history] with snapshots = ["DATE.SOURCE"]',
        )
    return pipeline.study.history


def check_history(pipeline: Pipeline) -> None:
    """Refuse, before any work is done, snapshots, families or kinds that are not there.

    Raises
    ------
    InputError, ConfigError
        If one is not there, and is not to be imported, or cannot be used.
    """
    families_of(pipeline)
    imported = {source.snapshot for source in pipeline.study.sources}
    for snapshot_id in history_settings(pipeline).snapshots:
        _people_kinds(pipeline, snapshot_id)
        if snapshot_id not in imported:
            _of_repositories(pipeline, snapshot_id)


@alone
def make_histories(pipeline: Pipeline) -> list[Path]:
    """Say what is known of the histories of the study's snapshots; return where that is.

    A taxonomy of tools that the study asks for must be there.
    """
    folders = []
    for snapshot_id in history_settings(pipeline).snapshots:
        folder = history_folder(pipeline, snapshot_id)
        make(plan_history(pipeline, snapshot_id), folder)
        folders.append(folder)
    return folders


def history_folder(pipeline: Pipeline, snapshot_id: str) -> Path:
    """Return where it is kept what is known of a snapshot's histories."""
    from insights.history.build import FOLDER

    return pipeline.workspace / FOLDER / snapshot_id


def plan_history(pipeline: Pipeline, snapshot_id: str) -> Step:
    """Return the step of a snapshot's histories; the taxonomy of tools must be there.

    Raises
    ------
    InputError
        If the snapshot is not there, or holds no repositories.
    """
    from insights.history.build import HistoryParts, history_step
    from insights.history.settings import HistorySettings

    snapshot = _of_repositories(pipeline, snapshot_id)
    section = history_settings(pipeline)
    taxonomy = _taxonomy(pipeline)
    parts = HistoryParts(
        snapshot=snapshot.folder,
        settings=HistorySettings(**section.model_dump(include=set(HistorySettings.model_fields))),
        families=families_of(pipeline),
        told=_told(pipeline, snapshot_id, taxonomy),
        named=_named(pipeline, taxonomy),
        placed=_placed(pipeline, snapshot_id, taxonomy),
        searched=pipeline.study.ecosystem.topics,
    )
    return history_step(parts, progress=pipeline.progress)


def _of_repositories(pipeline: Pipeline, snapshot_id: str) -> Snapshot:
    """Return a sealed snapshot; raise `InputError` if it holds no repositories."""
    snapshot = pipeline.sealed(snapshot_id)
    if not snapshot.rows.get("repositories"):
        raise InputError(
            f"Snapshot {snapshot_id} holds no repositories.",
            where=f"{pipeline.study_path}, history.snapshots",
            fix="name another",
        )
    return snapshot


def families_of(pipeline: Pipeline) -> Families:
    """Return the families of topics and words whose shares are told.

    Raises
    ------
    InputError, ConfigError
        If they are not there, or cannot be used.
    """
    from configs.family import read_families

    where = f"{pipeline.study_path}, history.families"
    name = history_settings(pipeline).families
    return read_families(find_families(name, pipeline.study_path, where=where))


def built_histories(pipeline: Pipeline, snapshot_id: str | None = None) -> list[History]:
    """Return what is known of the histories of the study's snapshots, or of one, as last made.

    Raises
    ------
    InputError
        If the study looks at no such snapshot.
    ArtifactError
        If it is not made yet, or was changed since.
    """
    from insights.history.history import read_history

    ids = history_settings(pipeline).snapshots if snapshot_id is None else (snapshot_id,)
    return [read_history(built_history(pipeline, each)) for each in ids]


def built_history(pipeline: Pipeline, snapshot_id: str) -> Path:
    """Return where the history of one of the study's snapshots is; errors as `built_histories`."""
    check_choice(snapshot_id, history_settings(pipeline).snapshots, "snapshot of [history]")
    return whole(history_folder(pipeline, snapshot_id), BUILD, what="history")


def history_frames(pipeline: Pipeline, snapshot_id: str | None = None) -> dict[str, DataFrame]:
    """Return the tables of what is known of histories, by name; errors as `built_histories`.

    Parameters
    ----------
    snapshot_id
        None: the first that the study names.
    """
    from artifacts.tables import read_table

    folder = built_history(pipeline, snapshot_id or history_settings(pipeline).snapshots[0])
    return {path.stem: read_table(path).to_pandas() for path in sorted(folder.glob("*.parquet"))}


def _taxonomy(pipeline: Pipeline) -> Taxonomy | None:
    """Return the study's taxonomy of tools, with people's decisions; None: it asks for none."""
    from taxonomy.taxonomy import Taxonomy

    if pipeline.study.taxonomy is None:
        return None
    return Taxonomy.open(pipeline.built_taxonomy("tools"))


def _told(pipeline: Pipeline, snapshot_id: str, taxonomy: Taxonomy | None) -> Told:
    """Return what else is known of a snapshot's repositories: their kinds and categories."""
    from insights.history.population import Told
    from mining.names import document_names

    people = _people_kinds(pipeline, snapshot_id)
    if people is None:
        kinds = _classified(pipeline, snapshot_id)
    else:
        names = document_names(pipeline.sealed(snapshot_id).folder, "repositories")
        kinds = {names[name]: kind for name, kind in people.items() if name in names}
        if not kinds:
            raise InputError(
                f"Of no repository in {snapshot_id} a kind is told.",
                where=f"{pipeline.study_path}, history.kinds",
                fix="name a table of its repositories, or leave it out",
            )
    categories = {}
    if taxonomy is not None and pipeline.settings("tools").snapshot == snapshot_id:
        categories = categories_of(taxonomy)
    return Told(kinds=kinds, categories=categories)


def categories_of(taxonomy: Taxonomy) -> dict[str, str]:
    """Return the name of the category that each placed document is in, by its key."""
    names = {node.number: node.name for node in taxonomy.category_nodes}
    return {
        key: names[taxonomy.category_of[topic]]
        for key, topic in taxonomy.topic_of.items()
        if topic in taxonomy.category_of
    }


def _people_kinds(pipeline: Pipeline, snapshot_id: str) -> dict[str, str] | None:
    """Return the kinds that people told of a snapshot, by name in lower case; None: of none."""
    from insights.kinds.judging import read_coders

    named = history_settings(pipeline).kinds.get(snapshot_id)
    if named is None:
        return None
    (coder,) = read_coders([resolve(named, pipeline.study_path)], column="kind")
    return {row.name: row.label for row in coder.rows}


def _classified(pipeline: Pipeline, snapshot_id: str) -> dict[str, str]:
    """Return the kinds that the classifier told of a snapshot, by key; none were built: none."""
    from artifacts.tables import rows_of
    from insights.kinds.build import read_kinds

    folder = pipeline.kinds_folder("repositories", snapshot_id)
    if not (folder / FILE_NAME).exists():
        return {}
    rows = rows_of(read_kinds(folder, "repositories").select(["key", "kind", "abstained"]))
    return {row["key"]: row["kind"] for row in rows if not row["abstained"]}


def _named(pipeline: Pipeline, taxonomy: Taxonomy | None) -> dict[str, NamedTool]:
    """Return the tools that topics name: those of the study's taxonomy, and its frameworks."""
    from insights.history.together import NamedTool, tools_by_topic
    from mining.names import read_owners

    tools = {
        framework.repository.lower(): NamedTool(framework.repository, None)
        for framework in pipeline.study.frameworks
    }
    if taxonomy is not None:
        categories = categories_of(taxonomy)
        names = read_owners(pipeline.snapshot_folder("tools")).full_names
        for key in taxonomy.topic_of:
            if key in names:
                tools[names[key].lower()] = NamedTool(names[key], categories.get(key))
    return tools_by_topic(tools.values())


def _placed(
    pipeline: Pipeline, snapshot_id: str, taxonomy: Taxonomy | None
) -> PlacedDocuments | None:
    """Return where the snapshot's repositories are in the taxonomy; None: it is of another."""
    from embeddings.cache import vectors_of_documents
    from insights.history.build import PlacedDocuments

    if taxonomy is None or pipeline.settings("tools").snapshot != snapshot_id:
        return None
    texts, settings = pipeline.texts_folder("tools"), pipeline.vectors()
    keys = list(taxonomy.topic_of)
    return PlacedDocuments(
        topic_of=taxonomy.topic_of,
        keys=keys,
        vectors=lambda: vectors_of_documents(
            keys, texts, pipeline.vectors_folder, settings, progress=pipeline.progress
        ),
        source={
            "texts": Manifest.read(texts).content_hash,
            "encoder": settings.in_key(len(keys)),
        },
    )


def walk_stack(pipeline: Pipeline, have: Sequence[str], snapshot_id: str | None = None) -> Stack:
    """Return what goes with some tools, from category to category.

    By uses in dependents' code, where the study has some that speak for more than themselves; else
    by the topics of the repositories of a snapshot.

    Parameters
    ----------
    have
        Names of tools: their topics, or owner/name.
    snapshot_id
        By the topics of this one; None: by uses, or of the first that has any.

    Raises
    ------
    InputError
        If nothing is known of what goes together, or of one of these tools.
    ArtifactError
        As `built_histories`.
    """
    from insights.history.stacks import latest_stages, walk

    every = built_histories(pipeline)
    stages = latest_stages(tool for history in every for tool in history.tools)
    smallest = history_settings(pipeline).smallest_pair
    by_uses = _by_uses(pipeline) if snapshot_id is None else None
    if by_uses is not None:
        return walk(
            have,
            by_uses.items,
            by_uses.pairs,
            stages,
            smallest=smallest,
            verb="used",
            source="uses in dependents' code",
        )
    asked = every if snapshot_id is None else built_histories(pipeline, snapshot_id)
    for history in asked:
        if history.items:
            return walk(
                have,
                history.items,
                history.pairs,
                stages,
                smallest=smallest,
                verb="named",
                source=f"topics that owners gave their repositories in {history.snapshot}",
            )
    raise InputError(
        "Nothing is known of what goes together.",
        where=", ".join(history.snapshot for history in asked),
        fix="it takes a snapshot with topics of repositories, and a taxonomy of the tools that "
        "these topics name: add both to the study, and `opsatlas run`",
    )


def _by_uses(pipeline: Pipeline) -> Together | None:
    """Return what goes together by uses in code; None: there are none, or examples alone."""
    from insights.history.together import NamedTool, used_together
    from mining.names import document_names
    from opsatlas.dependents import studied_frameworks
    from opsatlas.usages import built_usage, usage_folder

    if pipeline.study.usage is None or not (usage_folder(pipeline) / FILE_NAME).exists():
        return None
    usage = built_usage(pipeline)
    taxonomy = _taxonomy(pipeline)
    categories = {} if taxonomy is None else categories_of(taxonomy)
    tools = None if taxonomy is None else pipeline.snapshot_folder("tools")
    keys = {} if tools is None else document_names(tools, "repositories")
    named = {
        head.name: NamedTool(head.repository, categories.get(keys.get(head.repository.lower(), "")))
        for head in (each.framework for each in studied_frameworks(pipeline))
    }
    found = used_together(usage.together, usage.dependents, named)
    return found if found.pairs else None
