"""A small study for tests: sixty one-line documents of four planted kinds, no model, eight runs."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from pathlib import Path

SNAPSHOT = "2024-01-01.tools"
N_DOCUMENTS = 60
KINDS = {
    "serving": "serve models endpoint inference latency requests server deploy gateway batching",
    "tracking": "track experiments metrics parameters dashboard compare log artifacts history",
    "features": "feature store offline online point entities materialize joins freshness backfill",
    "drift": "monitor drift alerts production predictions distribution checks quality outliers",
}
STUDY = """\
[study]
name = "small"
title = "Small tools"

[ecosystem]
topics = ["mlops"]

[[sources]]
snapshot = "{snapshot}"
kind = "repositories"
files = ["tools.jsonl"]

[vectors]
model = "{model}"

[taxonomy]
snapshot = "{snapshot}"
seed = {seed}
runs = {runs}
"""


def planted_rows(n_docs: int = N_DOCUMENTS) -> list[dict[str, str]]:
    """Return repositories whose descriptions are of the four kinds in turn."""
    rng = random.Random(7)
    kinds = list(KINDS)
    return [
        {
            "full_name": f"acme/{kinds[number % 4]}-{number}",
            "description": " ".join(rng.sample(KINDS[kinds[number % 4]].split(), 6)) + ".",
        }
        for number in range(n_docs)
    ]


def write_study(
    folder: Path,
    rows: Iterable[Mapping[str, object]] | None = None,
    *,
    seed: int = 0,
    runs: int = 8,
    model: str = "hashed-words",
    more: str = "",
) -> Path:
    """Write a study file with its source beside it and return the path; ``more`` follows as it is.

    What ``more`` adds belongs to [taxonomy] until it opens a section of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(dict(row)) + "\n" for row in (planted_rows() if rows is None else rows)]
    (folder / "tools.jsonl").write_text("".join(lines), encoding="utf-8")
    path = folder / "study.toml"
    text = STUDY.format(snapshot=SNAPSHOT, seed=seed, runs=runs, model=model)
    path.write_text(text + more, encoding="utf-8")
    return path
