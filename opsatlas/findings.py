"""What a run found, in a few plain sentences: each of one artifact that is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, get_args

from artifacts.manifest import FILE_NAME
from artifacts.words import NOISE, Corpus, listed
from insights.history.rows import Stage

if TYPE_CHECKING:
    from opsatlas.pipeline import Pipeline

MOST: Final = 3
"""Names in a sentence."""
_DOCUMENTS: Final[dict[Corpus, str]] = {"tools": "tools", "themes": "feature requests"}


def findings(pipeline: Pipeline) -> list[str]:
    """Return at most five sentences on what a study found, as far as its artifacts are made.

    On its tools, what users ask for, where tools stand in their lives, how long they last, and what
    dependents use.

    Raises
    ------
    ArtifactError
        If an artifact was changed since it was made.
    """
    told: tuple[Callable[[Pipeline], Iterator[str]], ...] = (
        lambda study: _of_taxonomy(study, "tools"),
        lambda study: _of_taxonomy(study, "themes"),
        _of_histories,
        _of_usage,
    )
    return [sentence for each in told for sentence in each(pipeline)]


def _of_taxonomy(pipeline: Pipeline, corpus: Corpus) -> Iterator[str]:
    """Say how many documents are in how many nodes, and which nodes are the largest."""
    from taxonomy.taxonomy import Taxonomy

    if pipeline.study.of(corpus) is None:
        return
    if not (pipeline.taxonomy_folder(corpus) / FILE_NAME).exists():
        return
    found = Taxonomy.open(pipeline.built_taxonomy(corpus)).visible()
    unplaced = sum(topic == NOISE for topic in found.topic_of.values())
    if not found.topic_nodes:
        yield f"No topics were found in {len(found.topic_of):,} {_DOCUMENTS[corpus]}."
        return
    nodes = sorted(found.topic_nodes, key=lambda node: (-node.size, node.number))
    largest = listed([f"{node.name} ({node.size:,})" for node in nodes[:MOST]])
    where = f"{len(found.topic_nodes):,} topics of {len(found.category_nodes):,} categories"
    yield (
        f"{len(found.topic_of):,} {_DOCUMENTS[corpus]} are in {where}, {unplaced:,} in none; most "
        f"are in {largest}."
    )


def _of_histories(pipeline: Pipeline) -> Iterator[str]:
    """Say where tools stand, and how long they last: each of the snapshot that tells it of most."""
    from artifacts.tables import read_table
    from insights.history.history import read_history
    from opsatlas.histories import built_history, history_folder
    from reports.history.lasting import survival_sentence

    section = pipeline.study.history
    if section is None:
        return
    folders = [
        built_history(pipeline, each)
        for each in section.snapshots
        if (history_folder(pipeline, each) / FILE_NAME).exists()
    ]
    # Whole histories take longer to read than all else that a run does which changes nothing.
    made = [read_history(folder, ["survival"]) for folder in folders]
    staged: list[list[Stage]] = [
        read_table(folder / "tools.parquet")["stage"].drop_null().to_pylist() for folder in folders
    ]
    if stages := max(staged, key=len, default=[]):
        counts = Counter(stages)
        order = [f"{counts[stage]:,} {stage}" for stage in get_args(Stage) if counts[stage]]
        yield f"Stages of the {len(stages):,} tools that it is known of: {listed(order)}."
    lasting = [
        (figure.n, history.snapshot, survival_sentence(history, figure.end))
        for history in made
        for figure in history.survival
        if figure.end == history.survival[0].end
        if (figure.grouped_by, figure.bound, figure.figure) == ("all", "as seen", "after 60 months")
        if figure.value.value is not None
    ]
    if lasting:
        _, snapshot, sentence = max(lasting)
        yield f"Of the tools of {snapshot}, until {sentence}"


def _of_usage(pipeline: Pipeline) -> Iterator[str]:
    """Say which framework most dependents use, and for what."""
    from opsatlas.usages import built_usage, usage_folder

    if pipeline.study.usage is None or not (usage_folder(pipeline) / FILE_NAME).exists():
        return
    usage = built_usage(pipeline)
    users = {name: len(its) for name, its in usage.dependents.users.items() if its}
    if not users:
        return
    name = min(users, key=lambda each: (-users[each], each))
    features = [
        figure
        for figure in usage.figures
        if (figure.framework, figure.measure) == (name, "feature") and figure.n
    ]
    features.sort(key=lambda figure: (-(figure.n or 0), figure.name))
    used = [f"{each.name} ({each.n:,})" for each in features[:MOST]]
    why = f", for {listed(used)}" if used else ""
    heading = usage.dependents.sample_of.heading(users[name])
    yield f"Of the frameworks, {name} is used by most dependents ({heading}){why}."
