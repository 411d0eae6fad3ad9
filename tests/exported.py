"""A study whose taxonomies are planted, not found: quick to make, and known beforehand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from small_study import KINDS, planted_rows, write_study

from artifacts.manifest import Manifest, hash_files, joint_hash
from artifacts.progress import SilentProgress
from artifacts.tables import table_from_rows
from artifacts.words import DOCUMENTS, NOISE, Corpus
from embeddings.build import texts_folder, texts_step
from opsatlas.cli.session import open_study
from opsatlas.pipeline import Pipeline
from opsatlas.steps import make_snapshots
from taxonomy.places.placing import Points, write_points
from taxonomy.space import Space
from taxonomy.store import (
    ASSIGNMENTS,
    CATEGORIES,
    KIND,
    MAP,
    TOPICS,
    StoredTaxonomy,
    write_taxonomy,
)

N_REQUESTS = 40
FRAMEWORKS = ("one/alpha", "two/beta", "three/gamma")
NAMES = (
    "serving & 100% of $x_1$",
    "tracking #1 [beta]",
    "feature~store ^ {new}",
    "机器 drift \\ é",
)
THEMES = """

[themes]
snapshot = "2024-01-01.requests"

[[frameworks]]
name = "Alpha & Co"
repository = "One/Alpha"

[[sources]]
snapshot = "2024-01-01.requests"
kind = "issues"
files = ["requests.jsonl"]
"""
# Topics 0 and 1 are in category 0, topic 2 in category 1, topic 3 in category 2.
CATEGORY_OF = (0, 0, 1, 2)
STABILITY = (0.95, 0.42, 0.9, 1.0)


def planted_workspace(folder: Path) -> Path:
    """Return a workspace with both taxonomies; every tenth document is unplaced."""
    study = write_study(folder, more=THEMES)
    requests = [
        {
            "repository": FRAMEWORKS[number % 3],
            "number": number,
            "title": f"wish {number} for {list(KINDS)[number % 4]}",
            "body": f"please {' '.join(KINDS[list(KINDS)[number % 4]].split()[:5])}",
        }
        for number in range(N_REQUESTS)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in requests)
    (folder / "requests.jsonl").write_text(lines, encoding="utf-8")
    gold = [f"{row['full_name']},{row['full_name'].split('/')[1][:5]}" for row in planted_rows()]
    (folder / "gold.csv").write_text("full_name,category\n" + "\n".join(gold), encoding="utf-8")
    text = study.read_text(encoding="utf-8").replace("runs = 8", 'runs = 8\ngold = ["gold.csv"]')
    study.write_text(text, encoding="utf-8")
    pipeline = open_study(str(study), folder / "ws", progress=SilentProgress())
    make_snapshots(pipeline)
    for layer in pipeline.corpora():
        _plant(pipeline, layer)
    return folder / "ws"


def _plant(pipeline: Pipeline, layer: Corpus) -> None:
    snapshot = pipeline.snapshot_folder(layer)
    texts = texts_folder(pipeline.workspace, snapshot.name, DOCUMENTS[layer])
    texts_step(
        snapshot,
        kind=DOCUMENTS[layer],
        settings=pipeline.study.texts,
        progress=SilentProgress(),
    ).build(texts)
    keys = sorted(pipeline.titles(layer), key=lambda key: int(re.split("[-#]", key)[-1]))
    folder = pipeline.taxonomy_folder(layer)
    folder.mkdir(parents=True)
    write_taxonomy(
        folder, planted_taxonomy(keys), runs=np.zeros((1, len(keys)), np.int32), plans=[]
    )
    write_points(folder / "placing", planted_points(keys))
    files = hash_files(folder)
    Manifest(kind=KIND, name=folder.name, files=files, content_hash=joint_hash(files)).write(folder)


def planted_points(keys: list[str]) -> Points:
    """Return documents as points; those of one kind lie together."""
    points = np.eye(4)[[place % 4 for place in range(len(keys))]]
    space = Space(
        centre=points.mean(axis=0),
        lexical_weight=0.0,
        words=(),
        idf=np.zeros(0),
        directions=np.zeros((0, 1)),
    )
    return Points(space, tuple(keys), points, closeness=np.full(len(keys), 0.5))


def planted_taxonomy(keys: list[str]) -> StoredTaxonomy:
    """Return a taxonomy in which document i, of kind i mod 4, is in topic i mod 4.

    But every tenth is unplaced.
    """
    topic_of = [NOISE if place % 10 == 9 else place % 4 for place in range(len(keys))]
    members = {
        t: [key for key, own in zip(keys, topic_of, strict=True) if own == t] for t in range(4)
    }
    rng = np.random.default_rng(3)
    centres = [(0.0, 0.0), (8.0, 1.0), (1.0, 7.0), (9.0, 8.0)]
    places = [(centres[n % 4] + rng.normal(size=2)).tolist() for n in range(len(keys))]
    return StoredTaxonomy(
        assignments=table_from_rows(
            (
                {"key": key, "topic": topic, "nearest_topic": n % 4, "strength": 0.5 + n / 200}
                for n, (key, topic) in enumerate(zip(keys, topic_of, strict=True))
            ),
            ASSIGNMENTS,
        ),
        topics=table_from_rows(
            (
                {
                    "topic": t,
                    "category": CATEGORY_OF[t],
                    **_node(NAMES[t], members[t], STABILITY[t]),
                }
                for t in range(4)
            ),
            TOPICS,
        ),
        categories=table_from_rows(
            ({"category": c, **_node(f"category {c}", _of(c, members), 0.85)} for c in range(3)),
            CATEGORIES,
        ),
        map=table_from_rows(
            ({"key": k, "x": x, "y": y} for k, (x, y) in zip(keys, places, strict=True)), MAP
        ),
        stability={"halves_ami": 0.9},
    )


def _of(category: int, members: dict[int, list[str]]) -> list[str]:
    return [
        key for topic, keys in members.items() if CATEGORY_OF[topic] == category for key in keys
    ]


def _node(name: str, members: list[str], stability: float) -> dict[str, object]:
    return {
        "label": name,
        "size": len(members),
        "stability": stability,
        "keywords": ["a_b", "c%", "d"],
        "weights": [0.5, 0.3, 0.2],
        "exemplars": members[:4],
    }
