"""The stages of a study in the order of a run, each with the artifacts that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from artifacts.step import make
from artifacts.words import DOCUMENTS
from mining.snapshots import FOLDER as SNAPSHOTS
from opsatlas import steps, usages
from opsatlas.comparing import planned, sides_of
from opsatlas.histories import history_folder, plan_history
from opsatlas.pipeline import Pipeline
from opsatlas.searching import make_search, search_folder
from opsatlas.study import parents_first


@dataclass(frozen=True)
class Stage:
    """Some artifacts that are made together.

    Attributes
    ----------
    paths
        Of their folders, relative to the workspace.
    make
        Makes them, where they are not there as they should be.
    """

    paths: Sequence[str]
    make: Callable[[], object]


def stages_of(pipeline: Pipeline, paths: Sequence[str]) -> Iterator[Stage]:
    """Yield the stages of a study, each when those before it are carried out.

    Parameters
    ----------
    paths
        Of the artifacts that are known of: those of a comparison, of kinds and of evaluations, for
        which a study has no folder of its own, are found among them.
    """

    def below(*folders: str) -> list[str]:
        return [path for path in paths if path.startswith(folders)]

    asked, has_tools = planned(pipeline), "tools" in pipeline.corpora()
    sides = [(pipeline, corpus) for corpus in pipeline.corpora()]
    sides += [] if asked is None else [(side, asked.of) for side in sides_of(pipeline, asked)]
    for snapshot_id, alone in _by_snapshot(pipeline):
        yield Stage([f"{SNAPSHOTS}/{snapshot_id}"], partial(steps.make_snapshots, alone))
    for side, corpus in sides:
        yield _stage(side, side.texts_folder(corpus), steps.make_texts, corpus)
    for path in below("kinds/"):
        yield Stage([path], partial(_make_kinds, pipeline, path))
    for side, corpus in sides:
        yield _stage(side, side.taxonomy_folder(corpus), steps.make_taxonomy, corpus)
    for corpus in pipeline.corpora():
        for book in pipeline.codebooks(corpus):
            folder = pipeline.crosswalk_folder(corpus, book)
            yield _stage(pipeline, folder, steps.make_crosswalk, corpus, book)
    if pipeline.study.usage is not None:
        yield _stage(pipeline, usages.usages_folder(pipeline), usages.make_usages)
        if pipeline.study.themes is not None:
            yield _stage(pipeline, usages.requests_folder(pipeline), usages.make_requests)
        yield _stage(pipeline, usages.usage_folder(pipeline), usages.make_usage)
    for snapshot_id in pipeline.study.history.snapshots if pipeline.study.history else ():
        folder = history_folder(pipeline, snapshot_id)
        yield _stage(pipeline, folder, _make_history, snapshot_id)
    if has_tools:
        yield _stage(pipeline, search_folder(pipeline), make_search)
    if asked is not None:
        compared = below("lineages/", "reports/lineages/")
        yield Stage(compared, partial(steps.make_comparison, pipeline, asked))
    if has_tools:
        page = _stage(pipeline, pipeline.page_folder, steps.make_page)
        yield replace(page, paths=[*page.paths, *below("reports/evaluations/")])


def _stage(
    pipeline: Pipeline, folder: Path, make_it: Callable[..., object], *arguments: object
) -> Stage:
    path = folder.relative_to(pipeline.workspace).as_posix()
    return Stage([path], partial(make_it, pipeline, *arguments))


def _by_snapshot(pipeline: Pipeline) -> Iterator[tuple[str, Pipeline]]:
    """Yield each snapshot that the study has files for, and the study with these files alone."""
    study = pipeline.study
    for snapshot_id in parents_first([s.snapshot for s in study.sources], study.parents()):
        own = tuple(source for source in study.sources if source.snapshot == snapshot_id)
        yield snapshot_id, replace(pipeline, study=study.model_copy(update={"sources": own}))


def _make_kinds(pipeline: Pipeline, path: str) -> object:
    """Tell the kinds of a snapshot's documents again, by the path of where they were told."""
    snapshot_id, _, subject = path.rpartition("/")[2].rpartition(".")
    documents = next(each for each in DOCUMENTS.values() if each == subject)
    return steps.make_kinds(pipeline, documents, snapshot_id)


def _make_history(pipeline: Pipeline, snapshot_id: str) -> object:
    return make(plan_history(pipeline, snapshot_id), history_folder(pipeline, snapshot_id))
