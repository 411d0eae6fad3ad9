"""The parts of a population that a sample is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal, get_args

from artifacts.errors import InputError
from artifacts.words import DOCUMENTS, NOISE, Corpus
from labels.sampling.draw import ALL
from labels.sampling.frame import Frame, frame_of, quantile_strata
from mining.names import read_owners
from mining.snapshots import load_table
from mining.tables import issue_key
from opsatlas.pipeline import Pipeline
from taxonomy.nodes import address
from taxonomy.taxonomy import Taxonomy

By = Literal["topic", "category", "framework", "stars"]
IN_WORDS: Mapping[By, str] = {
    "topic": "topic (noise included)",
    "category": "category (noise included)",
    "framework": "framework",
    "stars": "stars (quartiles)",
}
UNPLACED = "unplaced"
LEFT_OUT = "not in the taxonomy"
QUARTILES = 4


def frame(
    pipeline: Pipeline, corpus: Corpus, by: By | None, *, among: Collection[str] | None = None
) -> Frame:
    """Return the documents of a corpus's snapshot, in strata.

    Parameters
    ----------
    among
        Keys of the only documents that may be drawn; None: all may.

    Raises
    ------
    InputError
        If the documents have no such strata.
    ArtifactError
        If the taxonomy that they are from is not built.
    """
    keys = [key for key in _keys(pipeline, corpus) if among is None or key in among]
    if by is None:
        return frame_of(dict.fromkeys(keys, ALL))
    return frame_of(_STRATA[by](pipeline, corpus, keys))


def _keys(pipeline: Pipeline, corpus: Corpus) -> list[str]:
    folder = pipeline.snapshot_folder(corpus)
    if DOCUMENTS[corpus] == "repositories":
        return list(load_table(folder, "repositories")["repo_key"].to_pylist())
    rows = load_table(folder, "issues").select(["repo_key", "number"]).to_pylist()
    return [issue_key(row["repo_key"], row["number"]) for row in rows]


def _by_topic(pipeline: Pipeline, corpus: Corpus, keys: list[str]) -> dict[str, str]:
    shown = Taxonomy.open(pipeline.built_taxonomy(corpus))
    names = {
        topic.number: _called("topic", topic.number, topic.name) for topic in shown.topic_nodes
    }
    names[NOISE] = UNPLACED
    return {key: names[shown.topic_of[key]] if key in shown.topic_of else LEFT_OUT for key in keys}


def _by_category(pipeline: Pipeline, corpus: Corpus, keys: list[str]) -> dict[str, str]:
    shown = Taxonomy.open(pipeline.built_taxonomy(corpus))
    names = {
        each.number: _called("category", each.number, each.name) for each in shown.category_nodes
    }
    category_of = {topic.number: names[topic.category] for topic in shown.topic_nodes}
    category_of[NOISE] = UNPLACED
    return {
        key: category_of[shown.topic_of[key]] if key in shown.topic_of else LEFT_OUT for key in keys
    }


def _called(corpus: str, number: int, name: str) -> str:
    return f"{address('categories' if corpus == 'category' else 'topics', number)} {name}"


def _by_framework(pipeline: Pipeline, corpus: Corpus, keys: list[str]) -> dict[str, str]:
    if DOCUMENTS[corpus] != "issues":
        raise InputError(
            "Repositories belong to no framework.", fix="take --stratify topic, category or stars"
        )
    owners = read_owners(pipeline.snapshot_folder(corpus))
    return {key: owners.name(key) for key in keys}


def _by_stars(pipeline: Pipeline, corpus: Corpus, keys: list[str]) -> dict[str, str]:
    if DOCUMENTS[corpus] != "repositories":
        raise InputError(
            "Issues have no stars.", fix="take --stratify topic, category or framework"
        )
    rows = load_table(pipeline.snapshot_folder(corpus), "repositories").to_pylist()
    stars = {row["repo_key"]: row["stars"] for row in rows}
    if all(value is None for value in stars.values()):
        raise InputError(
            "The snapshot knows nobody's stars.",
            where=pipeline.settings(corpus).snapshot,
            fix="take --stratify topic or category",
        )
    return quantile_strata({key: stars[key] for key in keys}, name="stars", n_strata=QUARTILES)


_STRATA: Mapping[By, Callable[[Pipeline, Corpus, list[str]], dict[str, str]]] = {
    "topic": _by_topic,
    "category": _by_category,
    "framework": _by_framework,
    "stars": _by_stars,
}


def check_by(by: str | None) -> By | None:
    """Return what to stratify by if it is something; raise `InputError` if not."""
    if by is None or by in get_args(By):
        return by  # type: ignore[return-value]
    raise InputError(f"A sample cannot be stratified by '{by}'.", fix=f"take {', '.join(IN_WORDS)}")
