"""How frameworks are used, as an artifact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from artifacts.hashing import hash_file
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.rows import objects
from artifacts.step import Content, Step
from artifacts.tables import read_table, table_from_rows, write_table
from configs.codebook import Codebook
from configs.framework import Framework
from insights.usage.dependents import COUNTED_BY, Dependent, Dependents
from insights.usage.figures import Figure
from insights.usage.gap import Gap, GapRow, RequestCounts, Wish
from insights.usage.sampled import SampleOf
from insights.usage.settings import UsageSettings
from insights.usage.study import Usage, usage_of
from insights.usage.tables import (
    DEPENDENTS,
    FIGURES,
    GAP,
    PAIRS,
    PROJECTS,
    REQUESTS,
    USES,
    WISHES,
)
from insights.usage.together import SEED, CoUse, Pair

KIND = "usage"
FOLDER = "insights"
VERSION = 1
"""Raised whenever the same uses, projects and requests would give other figures."""
ABSTAINED = "the coder abstained"
USES_FILE, PROJECTS_FILE = "uses.parquet", "projects.parquet"
_Result = TypeVar("_Result")


def usage_step(
    scanned: Path,
    *,
    requests: Path | None,
    codebook: Codebook,
    frameworks: Sequence[Framework],
    settings: UsageSettings,
    progress: Progress,
) -> Step:
    """Return the step that says how frameworks are used, and what is asked of them.

    Parameters
    ----------
    scanned
        Folder of `USES_FILE` and `PROJECTS_FILE`.
    requests
        A file of coded requests (`insights.usage.tables.REQUESTS`); None: none are coded.
    codebook
        Of features: those that its first question asks for.
    """
    inputs = {name: hash_file(scanned / name) for name in (USES_FILE, PROJECTS_FILE)}
    if requests is not None:
        inputs["requests"] = hash_file(requests)
    told = settings.model_dump(mode="json")

    def find(_key: str) -> Content:
        progress.say("counting who uses what of which framework")
        usage = usage_of(
            read_table(scanned / USES_FILE, USES, columns=COUNTED_BY),
            read_table(scanned / PROJECTS_FILE, PROJECTS),
            None if requests is None else read_table(requests, REQUESTS),
            frameworks=frameworks,
            codes=[code.id for code in codebook.codes_of(codebook.asked()[0].id)],
            settings=settings,
        )
        return Content(write=lambda folder: _write(folder, usage), about=_about(usage))

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            **inputs,
            "codebook": codebook.model_dump(mode="json"),
            "frameworks": [each.model_dump(mode="json") for each in frameworks],
            "settings": told,
        },
        inputs=inputs,
        config=told,
        find=find,
    )


def read_usage(folder: Path) -> Usage:
    """Return what a step of `usage_step` wrote.

    Raises
    ------
    ArtifactError
        If it is missing, damaged, or of another version.
    """
    facts = Manifest.read(folder).facts
    whose, together, asked = facts["dependents"], facts["together"], facts["gap"]
    sample_of = SampleOf("dependents", whose["sample"])
    gap = None
    if asked is not None:
        gap = Gap(
            sample_of,
            SampleOf("requests", asked["sample"]),
            tuple(RequestCounts(**counts) for counts in asked["counts"]),
            _read(folder / "gap.parquet", GAP, GapRow),
            _read(folder / "wishes.parquet", WISHES, Wish),
        )
    return Usage(
        Dependents(
            sample_of,
            tuple(whose["frameworks"]),
            whose["asked"],
            whose["unknown"],
            whose["left_out"],
            whose["n_owners"],
            _read(folder / "dependents.parquet", DEPENDENTS, Dependent),
        ),
        _read(folder / "figures.parquet", FIGURES, Figure),
        CoUse(sample_of, **together, pairs=_read(folder / "pairs.parquet", PAIRS, Pair)),
        gap,
    )


def _write(folder: Path, usage: Usage) -> None:
    tables: list[tuple[str, pa.Schema, Iterable[Any]]] = [
        ("dependents", DEPENDENTS, usage.dependents.dependents),
        ("figures", FIGURES, usage.figures),
        ("pairs", PAIRS, usage.together.pairs),
    ]
    if usage.gap is not None:
        tables += [("gap", GAP, usage.gap.rows), ("wishes", WISHES, usage.gap.wishes)]
    for name, schema, rows in tables:
        write_table(folder / f"{name}.parquet", table_from_rows(map(asdict, rows), schema))


def _read(path: Path, schema: pa.Schema, row: type[_Result]) -> tuple[_Result, ...]:
    return objects(read_table(path, schema), row)


def _about(usage: Usage) -> dict[str, Any]:
    """Return what the manifest says of the figures: how many they rest on, and of what kind."""
    whose, together, gap = usage.dependents, usage.together, usage.gap
    counts = {"projects": Counts.of(whose.asked, whose.kept, {**whose.unknown, **whose.left_out})}
    if gap is not None:
        asked, coded = (sum(getattr(c, name) for c in gap.counts) for name in ("asked", "coded"))
        counts["requests"] = Counts.of(asked, coded, {ABSTAINED: asked - coded})
    return {
        "packages": package_versions("numpy", "pyarrow", "scipy", "statsmodels"),
        "seeds": [SEED],
        "counts": counts,
        "facts": {
            "dependents": {
                "sample": whose.sample_of.sample,
                "frameworks": list(whose.frameworks),
                "asked": whose.asked,
                "unknown": dict(whose.unknown),
                "left_out": dict(whose.left_out),
                "n_owners": whose.n_owners,
            },
            "together": {
                "found_by": together.found_by,
                "n_owners": together.n_owners,
                "n_all": together.n_all,
            },
            "gap": None
            if gap is None
            else {"sample": gap.requests.sample, "counts": [asdict(each) for each in gap.counts]},
        },
        "notes": [whose.sample_of.heading(whose.n_users)] if whose.sample_of.is_chosen else [],
    }
