"""What a study knows of one tool, from all that it has made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from artifacts.manifest import FILE_NAME
from mining.commits import is_there
from mining.snapshots import snapshot_folder

if TYPE_CHECKING:
    from insights.history.history import History
    from opsatlas.pipeline import Pipeline
    from reports.answers.gathering import KeyedVectors
    from reports.answers.tool import ToolAnswer
    from reports.inputs import FeatureRequest, PageSection, Tool
    from reports.usage.evidence import PageUsage


def answer_of(pipeline: Pipeline, name: str) -> ToolAnswer:
    """Return what a study knows of a tool.

    It is looked for among the tools of the taxonomy and the study's frameworks, then in the
    snapshots whose histories are told.

    Parameters
    ----------
    name
        In full (owner/name), its name alone, a former name, its address or its key.

    Raises
    ------
    InputError
        If there is none, or more than one; it says which are near.
    ArtifactError
        If a taxonomy that the study asks for is not built yet, or something was changed.
    """
    from reports.answers.finding import find_answer, no_tool

    seen: list[ToolAnswer] = []
    for answers in _answers(pipeline):
        found = find_answer(answers.values(), name)
        if found is not None:
            return found
        seen += answers.values()
    raise no_tool(seen, name, str(pipeline.workspace))


def _answers(pipeline: Pipeline) -> Iterator[dict[str, ToolAnswer]]:
    """Yield the answers of the tools of each section, as far as one is asked for."""
    from reports.answers.gathering import tool_answers

    histories, usage, requests = _histories(pipeline), _usage(pipeline), _requests(pipeline)
    tools, vectors = _tools(pipeline)
    others = _others(pipeline)
    yield tool_answers(
        tools, histories=histories, usage=usage, requests=requests, vectors=vectors, others=others
    )
    for other in others:
        yield tool_answers(other, histories=histories, usage=usage, requests=requests)


def _tools(pipeline: Pipeline) -> tuple[PageSection[Tool], KeyedVectors | None]:
    """Return the tools that the taxonomy sorts, with their vectors; none of a study without one."""
    from reports.answers.gathering import keyed_vectors
    from reports.inputs import PageSection
    from reports.page.gather import section

    if pipeline.study.taxonomy is None:
        return PageSection(snapshot="", topics=(), categories=(), documents=()), None
    folder = pipeline.built_taxonomy("tools")
    frameworks = [each.repository for each in pipeline.study.frameworks]
    found = section(folder, pipeline.snapshot_folder("tools"), "tools", None, frameworks=frameworks)
    return found, keyed_vectors(folder)


def _others(pipeline: Pipeline) -> list[PageSection[Tool]]:
    """Return the tools of the snapshots that the study looks at, sorted by no taxonomy."""
    from reports.page.gather import unsorted_tools

    history, taxonomy = pipeline.study.history, pipeline.study.taxonomy
    ids = [
        *([] if taxonomy is None else [taxonomy.snapshot]),
        *(history.snapshots if history else ()),
    ]
    folders = (snapshot_folder(pipeline.workspace, each) for each in dict.fromkeys(ids))
    return [unsorted_tools(folder) for folder in folders if is_there(folder)]


def _histories(pipeline: Pipeline) -> list[History]:
    """Return the histories that are told."""
    from insights.history.history import read_history
    from opsatlas.histories import built_history, history_folder
    from reports.answers.gathering import HISTORY_TABLES

    if pipeline.study.history is None:
        return []
    made = [
        each
        for each in pipeline.study.history.snapshots
        if (history_folder(pipeline, each) / FILE_NAME).exists()
    ]
    return [read_history(built_history(pipeline, each), HISTORY_TABLES) for each in made]


def _usage(pipeline: Pipeline) -> PageUsage | None:
    """Return how frameworks are used, without the lines of code that it rests on."""
    from opsatlas.steps import usage_parts
    from opsatlas.usages import built_usage
    from reports.usage.evidence import PageUsage, repositories_of

    parts = usage_parts(pipeline)
    if parts is None:
        return None
    names = repositories_of(parts.frameworks)
    return PageUsage(built_usage(pipeline), parts.features, repositories=names)


def _requests(pipeline: Pipeline) -> PageSection[FeatureRequest] | None:
    """Return the feature requests by theme; None: there are none, or no themes yet."""
    from reports.page.gather import section

    if pipeline.study.themes is None:
        return None
    if not (pipeline.taxonomy_folder("themes") / FILE_NAME).exists():
        return None
    frameworks = [each.repository for each in pipeline.study.frameworks]
    folder = pipeline.built_taxonomy("themes")
    return section(
        folder, pipeline.snapshot_folder("themes"), "themes", None, frameworks=frameworks
    )
