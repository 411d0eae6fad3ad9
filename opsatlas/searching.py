"""The step of a study that makes its tools searchable, and the search itself.

snapshot, taxonomy, crosswalks, usage ── search
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from artifacts.errors import ArtifactError, InputError
from artifacts.manifest import FILE_NAME
from artifacts.step import Step, make
from configs import package_path
from configs.finding import resolve
from opsatlas.pipeline import Pipeline, alone, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pandas import DataFrame

    from configs.search_words import SearchWords
    from insights.search.index import SearchIndex
    from taxonomy.taxonomy import Taxonomy

BUILD: Final = "opsatlas run"
SHIPPED_WORDS: Final = "mlops"
"""The abbreviations that a search knows where a study names no others."""


def search_folder(pipeline: Pipeline) -> Path:
    """Return where the index of the search is kept."""
    from insights.search.build import FOLDER

    return pipeline.workspace / FOLDER / pipeline.taxonomy_folder("tools").name


@alone
def make_search(pipeline: Pipeline, words: str | None = SHIPPED_WORDS) -> Path:
    """Make the tools of a study searchable; return where the index is.

    The taxonomy of tools must be there; what else the study asks for goes in as far as it is.

    Parameters
    ----------
    words
        As `search_words` takes it.
    """
    folder = search_folder(pipeline)
    make(plan_search(pipeline, words), folder)
    return folder


def plan_search(pipeline: Pipeline, words: str | None = SHIPPED_WORDS) -> Step:
    """Return the step of `make_search`; the taxonomy of tools must be there."""
    from insights.search.build import SearchParts, search_step

    crosswalks = (pipeline.crosswalk_folder("tools", book) for book in pipeline.codebooks("tools"))
    requests = pipeline.texts_folder("themes") if "themes" in pipeline.corpora() else None
    parts = SearchParts(
        taxonomy=pipeline.built_taxonomy("tools"),
        snapshot=pipeline.snapshot_folder("tools"),
        texts=pipeline.texts_folder("tools"),
        crosswalks=tuple(folder for folder in crosswalks if (folder / FILE_NAME).exists()),
        snapshots=tuple(_snapshots(pipeline)),
        requests=requests if requests and (requests / FILE_NAME).exists() else None,
        told=_told(pipeline),
        words=search_words(pipeline, words),
        vectors=pipeline.vectors_folder,
        settings=pipeline.vectors(),
    )
    return search_step(parts, progress=pipeline.progress)


def search_words(pipeline: Pipeline, words: str | None) -> SearchWords:
    """Return what a search knows of the field's language besides the documents.

    Parameters
    ----------
    words
        The name of a file that is shipped, or the path of one; None: nothing is known.

    Raises
    ------
    ConfigError
        If it is not there, or cannot be used.
    """
    from configs.search_words import SearchWords, read_search_words

    if words is None:
        return SearchWords()
    shipped = package_path(f"search/{words}.toml")
    return read_search_words(shipped if shipped.is_file() else resolve(words, pipeline.study_path))


def built_search(pipeline: Pipeline) -> SearchIndex:
    """Return the index of the search, as it was last made.

    Raises
    ------
    InputError
        If the study has no taxonomy of tools.
    ArtifactError
        If it is not made yet, or was changed since.
    """
    from insights.search.build import read_search

    folder = search_folder(pipeline)
    if not (folder / FILE_NAME).exists():
        raise ArtifactError("The tools cannot be searched yet.", where=str(folder), fix=BUILD)
    return read_search(whole(folder, BUILD, what="index of the search"))


def check_query(query: str) -> None:
    """Raise `InputError` if a query has neither a letter nor a digit, by which nothing is found."""
    from insights.search.words import tokens

    if not tokens(query):
        raise InputError(
            "The query has neither a letter nor a digit.",
            fix='say what a tool is for, or a part of its name: opsatlas search "model serving"',
        )


def found_frame(pipeline: Pipeline, query: str, n: int | None = 10) -> DataFrame:
    """Return the tools that answer a query, best first; errors as `built_search`.

    A query that `check_query` refuses is an error, too.

    Returns
    -------
    pandas.DataFrame
        A row a tool, by key: name, category, topic and what it is (None where it is in none, or
        that is not known), score, and the words of it that the query found.
    """
    from pandas import DataFrame

    check_query(query)
    rows = found_rows(pipeline, built_search(pipeline), query, n)
    columns = ["key", "name", "category", "topic", "description", "score", "matched"]
    return DataFrame(rows, columns=columns).set_index("key")


def found_rows(
    pipeline: Pipeline, index: SearchIndex, query: str, n: int | None
) -> list[dict[str, object]]:
    """Return what people are told of each tool that answers a query, best first.

    Tools that are shown no more since the index was made are left out, such as those that a person
    has hidden.
    """
    from embeddings.build import descriptions
    from taxonomy.taxonomy import Taxonomy

    shown = Taxonomy.open(pipeline.built_taxonomy("tools")).visible()
    said = descriptions(pipeline.workspace, pipeline.snapshot_folder("tools"), "repositories")
    titles = pipeline.titles("tools")
    hits = [hit for hit in index.search(query, None) if hit.key in shown.topic_of]
    return [
        {
            "key": hit.key,
            "name": titles[hit.key],
            **_place(shown, hit.key),
            "description": said.get(hit.key) or None,
            "score": hit.score,
            "matched": hit.matched,
        }
        for hit in hits[:n]
    ]


def _place(shown: Taxonomy, key: str) -> dict[str, str | None]:
    """Return the names of the category and the topic that a tool is in; None where in none."""
    number = shown.topic_of[key]
    topic = shown.node("topics", number)
    category = shown.node("categories", shown.category_of[number]) if topic else None
    return {
        "category": category.name if category else None,
        "topic": topic.name if topic else None,
    }


def _snapshots(pipeline: Pipeline) -> Iterator[Path]:
    """Yield the folders of the snapshots of repositories that the study looks at, each once."""
    study = pipeline.study
    ids = [pipeline.settings("tools").snapshot]
    ids += study.history.snapshots if study.history is not None else ()
    ids += [study.page.facts_snapshot] if study.page.facts_snapshot is not None else []
    for snapshot_id in dict.fromkeys(ids):
        snapshot = pipeline.sealed(snapshot_id)
        if snapshot.rows.get("repositories"):
            yield snapshot.folder


def _told(pipeline: Pipeline) -> Mapping[str, str]:
    """Return what most dependents use each framework for, in words, by its name.

    Who searches for something like a framework that is none of the tools means that.
    """
    from artifacts.tables import read_table
    from insights.usage.tables import FIGURES
    from opsatlas.usages import features_book, usage_folder

    if pipeline.study.usage is None or not (usage_folder(pipeline) / FILE_NAME).exists():
        return {}
    rows = read_table(usage_folder(pipeline) / "figures.parquet", FIGURES).to_pylist()
    counted = [row for row in rows if row["measure"] == "feature" and row["n"]]
    codes = {code.id: code for code in features_book(pipeline).codes}
    told: dict[str, str] = {}
    for row in sorted(counted, key=lambda row: (-row["n"], row["name"])):
        if row["name"] in codes:
            code = codes[row["name"]]
            told.setdefault(row["framework"], f"{code.name}. {code.definition}")
    return told
