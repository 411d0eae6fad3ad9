"""The parts of a population that a sample is drawn from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal, get_args

from artifacts.errors import InputError
from artifacts.tables import rows_of
from artifacts.words import DOCUMENTS, NOISE, Corpus, Layer
from labels.sampling.draw import ALL
from labels.sampling.frame import Frame, frame_of, quantile_strata
from mining.names import read_owners
from mining.snapshots import load_table
from mining.tables import issue_key
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
    snapshot: Path,
    corpus: Corpus,
    by: By | None,
    *,
    taxonomy: Taxonomy | None = None,
    among: Collection[str] | None = None,
) -> Frame:
    """Return the documents of a corpus's snapshot, in strata.

    Parameters
    ----------
    snapshot
        Its folder.
    taxonomy
        Whose topics or categories are the strata, if they are.
    among
        Keys of the only documents that may be drawn; None: all may.

    Raises
    ------
    InputError
        If the documents have no such strata.
    """
    keys = [key for key in _keys(snapshot, corpus) if among is None or key in among]
    if by is None:
        return frame_of(dict.fromkeys(keys, ALL))
    if by == "framework":
        return frame_of(_by_framework(snapshot, corpus, keys))
    if by == "stars":
        return frame_of(_by_stars(snapshot, corpus, keys))
    if taxonomy is None:
        raise InputError(f"There is no taxonomy, so no {by} either.", fix="give one")
    return frame_of(_by_node(taxonomy, "topics" if by == "topic" else "categories", keys))


def _keys(snapshot: Path, corpus: Corpus) -> list[str]:
    if DOCUMENTS[corpus] == "repositories":
        return list(load_table(snapshot, "repositories", ["repo_key"])["repo_key"].to_pylist())
    rows = rows_of(load_table(snapshot, "issues", ["repo_key", "number"]))
    return [issue_key(row["repo_key"], row["number"]) for row in rows]


def _by_node(taxonomy: Taxonomy, layer: Layer, keys: list[str]) -> dict[str, str]:
    names = {n.number: f"{n.address} {n.name}" for n in taxonomy.nodes(layer)}
    names[NOISE] = UNPLACED
    node_of = taxonomy.node_of(layer)
    return {key: names[node_of[key]] if key in node_of else LEFT_OUT for key in keys}


def _by_framework(snapshot: Path, corpus: Corpus, keys: list[str]) -> dict[str, str]:
    if DOCUMENTS[corpus] != "issues":
        raise InputError(
            "Repositories belong to no framework.", fix="take --stratify topic, category or stars"
        )
    owners = read_owners(snapshot)
    return {key: owners.name(key) for key in keys}


def _by_stars(snapshot: Path, corpus: Corpus, keys: list[str]) -> dict[str, str]:
    if DOCUMENTS[corpus] != "repositories":
        raise InputError(
            "Issues have no stars.", fix="take --stratify topic, category or framework"
        )
    table = load_table(snapshot, "repositories", ["repo_key", "stars"])
    stars = {row["repo_key"]: row["stars"] for row in rows_of(table)}
    if all(value is None for value in stars.values()):
        raise InputError(
            "The snapshot knows nobody's stars.",
            where=snapshot.name,
            fix="take --stratify topic or category",
        )
    return quantile_strata({key: stars[key] for key in keys}, name="stars", n_strata=QUARTILES)


def check_by(by: str | None) -> By | None:
    """Return what to stratify by if it is something; raise `InputError` if not."""
    if by is None or by in get_args(By):
        return by  # type: ignore[return-value]
    raise InputError(f"A sample cannot be stratified by '{by}'.", fix=f"take {', '.join(IN_WORDS)}")
