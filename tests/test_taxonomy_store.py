"""Taxonomies and finished runs on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from artifacts.errors import ArtifactError
from artifacts.words import NOISE
from taxonomy.categories import Categories
from taxonomy.consensus import Consensus, Stability
from taxonomy.describe import Description
from taxonomy.engine import Topics
from taxonomy.ensemble import RunPlan
from taxonomy.space import joined_space
from taxonomy.store import (
    WORDLESS,
    RunFiles,
    StoredTaxonomy,
    as_tables,
    read_taxonomy,
    write_taxonomy,
)
from taxonomy.types import UNSEEN

KEYS = ["a/a", "b/b", "c/c", "d/d"]
RUNS = np.array([[0, 0, 1, NOISE], [1, 1, UNSEEN, 0]], dtype=np.int32)
PLANS = [RunPlan(5, (7, 9))]


def found() -> Topics:
    """Return two topics and an unplaced document; the second topic has no words."""
    vectors = np.eye(4, dtype=np.float32)
    space, points = joined_space(KEYS, vectors, lexical_weight=0, seed=0)
    return Topics(
        consensus=Consensus(
            topics=np.array([0, 0, 1, NOISE], dtype=np.int32),
            nearest=np.array([0, 0, 1, 1], dtype=np.int32),
            strengths=np.array([1.0, 0.9, 0.75, 0.5]),
            n_topics=2,
        ),
        category_layer=Categories(np.array([0, 0], dtype=np.int32), np.array([0.5])),
        space=space,
        points=points,
        category_descriptions=[Description(("model", "data"), (2.0, 1.0), (1, 2))],
        descriptions=[
            Description(("model", "serving", "api", "rest"), (3.0, 2.0, 1.5, 1.0), (1, 0)),
            Description((), (), (2,)),
        ],
        stability=Stability(np.array([0.8, 0.25]), 0.9),
        runs=RUNS,
        plans=PLANS,
        map=np.arange(8, dtype=np.float32).reshape(4, 2),
    )


def written(folder: Path) -> StoredTaxonomy:
    """Write the topics into a folder and return what was written."""
    stored = as_tables(KEYS, found())
    write_taxonomy(folder, stored, runs=RUNS, plans=PLANS)
    return stored


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Tables come back equal, and stability with the plans of the runs."""
    stored = written(tmp_path)
    back = read_taxonomy(tmp_path)
    assert back.assignments.equals(stored.assignments)
    assert back.topics.equals(stored.topics)
    assert back.categories.equals(stored.categories)
    assert back.map.equals(stored.map)
    assert back.stability == {
        "halves_ami": 0.9,
        "structure": None,
        "guide": None,
        "runs": [{"seed": 5, "sizes": [7, 9]}],
    }


def test_tables_say_what_was_found(tmp_path: Path) -> None:
    """A row a document and a row a topic; exemplars by key; a topic without words says so."""
    written(tmp_path)
    back = read_taxonomy(tmp_path)
    assert back.assignments.to_pylist()[3] == {
        "key": "d/d",
        "topic": NOISE,
        "nearest_topic": 1,
        "strength": 0.5,
    }
    first, second = back.topics.to_pylist()
    assert first == {
        "topic": 0,
        "category": 0,
        "label": "model, serving, api",
        "size": 2,
        "stability": 0.8,
        "keywords": ["model", "serving", "api", "rest"],
        "weights": [3.0, 2.0, 1.5, 1.0],
        "exemplars": ["b/b", "a/a"],
        "description": None,
        "code": None,
    }
    assert (second["label"], second["size"], second["exemplars"]) == (WORDLESS, 1, ["c/c"])
    (category,) = back.categories.to_pylist()
    assert (category["category"], category["size"], category["stability"]) == (0, 3, 0.5)
    assert category["exemplars"] == ["b/b", "c/c"]
    assert back.map.to_pylist()[2] == {"key": "c/c", "x": 4.0, "y": 5.0}


def test_runs_are_kept_a_column_each(tmp_path: Path) -> None:
    """Noise stays -1; who was not seen is null."""
    written(tmp_path)
    assert pq.read_table(tmp_path / "runs.parquet").to_pydict() == {
        "key": KEYS,
        "run_000_0": [0, 0, 1, -1],
        "run_000_1": [1, 1, None, 0],
    }


def test_the_same_taxonomy_gives_the_same_bytes(tmp_path: Path) -> None:
    """Written twice, every file is equal byte by byte."""
    for name in ("one", "other"):
        written(tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 6
    for name in names:
        one, other = (tmp_path / side / name for side in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "assignments.parquet",
        "topics.parquet",
        "categories.parquet",
        "map.parquet",
        "stability.json",
    ],
)
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_damaged_taxonomy_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    """A file that is missing or cut short is an artifact error that names it."""
    written(tmp_path)
    path = tmp_path / name
    data = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ArtifactError) as caught:
        read_taxonomy(tmp_path)
    assert caught.value.where == str(path)


def test_finished_runs_go_to_disk_and_back(tmp_path: Path) -> None:
    """A run is found again by seed and size, in another process as well, until it is cleared."""
    files = RunFiles(tmp_path / "runs")
    assert files.load(PLANS[0]) is None
    files.save(PLANS[0], RUNS)
    again = RunFiles(tmp_path / "runs")
    labels = again.load(PLANS[0])
    assert labels is not None
    assert (labels.dtype, labels.tolist()) == (np.int32, RUNS.tolist())
    assert again.load(RunPlan(6, (7, 9))) is None
    assert again.load(RunPlan(5, (7, 8))) is None
    again.clear()
    assert files.load(PLANS[0]) is None
    assert not (tmp_path / "runs").exists()
    again.clear()  # clearing what is not there is no trouble


@pytest.mark.parametrize("left", [0, 5, 100])
def test_a_damaged_run_is_refused(tmp_path: Path, left: int) -> None:
    """A run that is cut short is an artifact error that says what to delete."""
    files = RunFiles(tmp_path)
    files.save(PLANS[0], RUNS)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ArtifactError, match="finished run") as caught:
        files.load(PLANS[0])
    assert caught.value.where == str(path)
    assert "delete" in str(caught.value)


def test_the_files_are_what_other_tools_read(tmp_path: Path) -> None:
    """Stability is plain JSON, and nothing else than the five files is left."""
    written(tmp_path)
    assert json.loads((tmp_path / "stability.json").read_text())["halves_ami"] == 0.9
    assert {path.suffix for path in tmp_path.iterdir()} == {".parquet", ".json"}
