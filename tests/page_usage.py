"""A made-up study of how frameworks are used: as a page holds it, and in a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from made_up_uses import CODES, as_tables, declared, framework, project, request, use

from artifacts.manifest import Manifest, hash_files, joint_hash
from artifacts.progress import SilentProgress
from artifacts.step import make
from artifacts.tables import table_from_rows, write_table
from configs.framework import Framework
from insights.usage.build import PROJECTS_FILE, USES_FILE, usage_step
from insights.usage.coding import FILE
from insights.usage.settings import Sample, UsageSettings
from insights.usage.study import usage_of
from insights.usage.tables import REQUESTS, UNREAD
from opsatlas.cli.session import open_study
from opsatlas.usages import (
    features_book,
    requests_folder,
    studied_frameworks,
    usage_folder,
    usages_folder,
)
from reports.usage.evidence import PageUsage, usage_evidence

N_BOTH, N_LINES = 40, 4
"""Dependents of ``alpha``, all of which use ``beta`` too; lines in each that track."""
FEATURES = {code: (f"Name of {code}", f"what {code} is") for code in CODES}
HOSTILE_PATH = "src/<img src=x onerror=alert(1)>.py"


def made_up_rows(first: str = "alpha", second: str = "beta") -> list[dict[str, Any]]:
    """Return uses of two frameworks in as many projects, one of which only declares."""
    uses = [declared("z/declares", first), use("y/hostile", second, "serving", path=HOSTILE_PATH)]
    for n in range(N_BOTH):
        name = f"owner{n:02}/tool"
        uses += [use(name, first, "tracking", line=str(line + 1)) for line in range(N_LINES)]
        uses += [use(name, second, "serving", channel="cli", kind="command", path="run.sh")]
    workflow = ".github/workflows/train.yml"
    uses.append(use("owner00/tool", first, channel="workflow", kind="command", path=workflow))
    return uses


def made_up_projects(uses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the projects of uses, and two of which nothing is known."""
    names = sorted({row["project"] for row in uses})
    gone = [project(f"gone/{n}", status="unknown", reason="deleted", commit=None) for n in "ab"]
    return [*map(project, names), *gone]


def made_up_requests(name: str = "alpha", n: int = 30) -> list[dict[str, Any]]:
    """Return requests of one framework: most ask for pipelines, of two nobody knows for what."""
    asked = [request(each, name, feature="pipelines", channel="api") for each in range(1, n + 1)]
    return [*asked, request(n + 1, name), request(n + 2, name)]


def made_up_page_usage(
    sample: Sample = "chosen", *, is_coded: bool = True, **settings: Any
) -> PageUsage:
    """Return how ``alpha`` and ``beta`` are used, with what it rests on."""
    uses = made_up_rows()
    tables = as_tables(uses, made_up_projects(uses))
    requests = table_from_rows(made_up_requests(), REQUESTS) if is_coded else None
    frameworks: list[Framework] = [framework("alpha"), framework("beta", ["serving"])]
    samples: dict[str, Any] = {"dependents_sample": sample, "requests_sample": sample}
    usage = usage_of(
        *tables,
        requests,
        frameworks=frameworks,
        codes=CODES,
        settings=UsageSettings(**{**samples, **settings}),
    )
    return PageUsage(usage, FEATURES, tuple(usage_evidence(usage, *tables, requests, frameworks)))


def plant_usage(workspace: Path, sample: Sample = "chosen", *, is_coded: bool = True) -> None:
    """Have the study of a workspace look at how two frameworks are used, and put that there."""
    study = workspace / "study.toml"
    section = f'\n[usage]\nframeworks = ["mlflow", "wandb"]\ndependents_sample = "{sample}"\n'
    text = study.read_text(encoding="utf-8") + section + f'requests_sample = "{sample}"\n'
    study.write_text(text, encoding="utf-8")
    pipeline = open_study(None, workspace, progress=SilentProgress())
    uses = made_up_rows("mlflow", "wandb")
    found, projects = as_tables(uses, made_up_projects(uses))
    scanned, requests = usages_folder(pipeline), requests_folder(pipeline)
    write_table(scanned / USES_FILE, found)
    write_table(scanned / PROJECTS_FILE, projects)
    write_table(scanned / "unread.parquet", table_from_rows([], UNREAD))
    _seal(scanned)
    if is_coded:
        write_table(requests / FILE, table_from_rows(made_up_requests("mlflow"), REQUESTS))
        _seal(requests)
    step = usage_step(
        scanned,
        requests=requests / FILE if is_coded else None,
        codebook=features_book(pipeline),
        frameworks=studied_frameworks(pipeline),
        settings=UsageSettings(dependents_sample=sample, requests_sample=sample),
        progress=SilentProgress(),
    )
    make(step, usage_folder(pipeline))


def _seal(folder: Path) -> None:
    files = hash_files(folder)
    content_hash = joint_hash(files)
    Manifest(kind=folder.name, name=folder.name, files=files, content_hash=content_hash).write(
        folder
    )
