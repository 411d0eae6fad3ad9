"""Made-up projects, uses and requests, and frameworks to look for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from artifacts.tables import table_from_rows
from configs.framework import Framework
from insights.usage.settings import Sample, UsageSettings
from insights.usage.study import Usage, usage_of
from insights.usage.tables import PROJECTS, REQUESTS, USES

CODES = ("tracking", "serving", "pipelines", "configuration-and-projects")
CODES += ("developer-experience", "ci-cd", "other")
COMMIT = "c" * 40

Row = dict[str, Any]


def use(project: str, framework: str = "alpha", feature: str | None = None, **other: Any) -> Row:
    """Return a use: a call of ``alpha.run`` in ``main.py``, unless said otherwise."""
    usual = {"channel": "api", "kind": "call", "path": "main.py", "line": "1", "how": "qualified"}
    row: Row = {"project": project, "framework": framework, "feature": feature, **usual}
    row |= {"symbol": f"{framework}.run", "resolved": "", "in_test": False, "in_example": False}
    return row | other


def declared(project: str, framework: str = "alpha", **other: Any) -> Row:
    """Return a line that says that a project needs a framework."""
    usual = {"channel": "requirement", "kind": "declared", "path": "requirements.txt"}
    return use(project, framework, **usual | other)


def project(name: str, **other: Any) -> Row:
    """Return a project that was scanned."""
    owner = name.partition("/")[0]
    usual = {"status": "scanned", "commit": COMMIT, "owner": owner, "fork": False}
    return {"project": name, **usual, "tutorial": False, "stars": 10, **other}


def request(number: int, framework: str = "alpha", **other: Any) -> Row:
    """Return a request, of no feature unless said otherwise."""
    key = f"name:made/{framework}#{number}"
    return {"issue_key": key, "framework": framework, "by": "person", **other}


def framework(name: str = "alpha", codes: Iterable[str] = CODES, **other: Any) -> Framework:
    """Return a framework that has symbols of some codes."""
    head = {"name": name, "title": name.title(), "repository": f"made/{name}"}
    features = [{"code": code, "symbols": [f"{name}.{code}"]} for code in codes]
    values = {"framework": head, "modules": [name], "features": features, **other}
    return Framework.model_validate(values)


def as_tables(
    uses: Iterable[Row], projects: Iterable[Row] | None = None
) -> tuple[pa.Table, pa.Table]:
    """Return uses and projects as tables; without projects, those that have uses."""
    rows = list(uses)
    if projects is None:
        projects = [project(name) for name in sorted({row["project"] for row in rows})]
    return table_from_rows(rows, USES), table_from_rows(projects, PROJECTS)


def study(
    uses: Iterable[Row],
    projects: Iterable[Row] | None = None,
    requests: Iterable[Row] | None = None,
    *,
    frameworks: Iterable[Framework] | None = None,
    sample: Sample = "random",
    **settings: Any,
) -> Usage:
    """Return how frameworks are used: ``alpha``, unless said otherwise."""
    samples: Mapping[str, Sample] = {"dependents_sample": sample, "requests_sample": sample}
    return usage_of(
        *as_tables(uses, projects),
        None if requests is None else table_from_rows(requests, REQUESTS),
        frameworks=list(frameworks or [framework()]),
        codes=CODES,
        settings=UsageSettings(**{**samples, **settings}),
    )
