"""What a run found, in a few plain sentences: each of one artifact that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from artifacts.manifest import FILE_NAME

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from opsatlas.pipeline import Pipeline
    from reports.findings import Finding


def findings(pipeline: Pipeline) -> list[str]:
    """Return at most five sentences on what a study found, as far as its artifacts are made.

    On its tools, what users ask for, where tools stand in their lives, how long they last, and what
    dependents use.

    Raises
    ------
    ArtifactError
        If an artifact was changed since it was made.
    """
    told: tuple[Callable[[Pipeline], Iterator[Finding]], ...] = (
        lambda study: _of_taxonomy(study, "tools"),
        lambda study: _of_taxonomy(study, "themes"),
        _of_histories,
        _of_usage,
    )
    return [finding.sentence for each in told for finding in each(pipeline)]


def _of_taxonomy(pipeline: Pipeline, corpus: Corpus) -> Iterator[Finding]:
    from reports.findings import of_grouping
    from taxonomy.taxonomy import Taxonomy

    if pipeline.study.of(corpus) is None:
        return
    if not (pipeline.taxonomy_folder(corpus) / FILE_NAME).exists():
        return
    found = Taxonomy.open(pipeline.built_taxonomy(corpus)).visible()
    yield from of_grouping(corpus, found.topic_nodes, found.category_nodes, found.topic_of.values())


def _of_histories(pipeline: Pipeline) -> Iterator[Finding]:
    """Yield where tools stand, and how long they last: each of the snapshot that tells most."""
    from artifacts.tables import read_table
    from insights.history.history import read_history
    from opsatlas.histories import built_history, history_folder
    from reports.findings import of_stages, of_survival

    section = pipeline.study.history
    if section is None:
        return
    folders = [
        built_history(pipeline, each)
        for each in section.snapshots
        if (history_folder(pipeline, each) / FILE_NAME).exists()
    ]
    # Whole histories take longer to read than all else that a run does which changes nothing.
    staged: list[list[str]] = [
        read_table(folder / "tools.parquet")["stage"].drop_null().to_pylist() for folder in folders
    ]
    yield from of_stages(max(staged, key=len, default=[]))
    yield from of_survival(read_history(folder, ["survival"]) for folder in folders)


def _of_usage(pipeline: Pipeline) -> Iterator[Finding]:
    from opsatlas.dependents import studied_frameworks
    from opsatlas.usages import built_usage, features_book, usage_folder
    from reports.findings import of_use
    from reports.usage.evidence import repositories_of

    if pipeline.study.usage is None or not (usage_folder(pipeline) / FILE_NAME).exists():
        return
    book = features_book(pipeline)
    names = {code.id: code.name for code in book.codes_of(book.asked()[0].id)}
    repositories = repositories_of(studied_frameworks(pipeline))
    written = pipeline.study.framework_names()
    yield from of_use(built_usage(pipeline), names, repositories, written)
