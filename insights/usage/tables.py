"""The tables of what dependents use: their columns, and the order of their rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from artifacts.rows import ESTIMATE
from artifacts.tables import STRINGS, UTC_TIME, required
from usage.uses import Use

USES = pa.schema(
    [
        *required(pa.string(), "project", "framework", "channel", "kind", "path", "line"),
        *required(pa.string(), "symbol", "how", "resolved"),
        pa.field("feature", pa.string()),
        pa.field("era", pa.string()),
        *required(pa.bool_(), "in_test", "in_example"),
    ]
)
"""One row for each use (`usage.uses.Use`) in a project: sorted by project, path, line, symbol.

``project`` is owner/name; ``feature`` a code of the codebook of features, null where none is known
for the symbol; ``era`` the framework's versions that have the symbol, null where not known."""


def use_in(row: Mapping[str, Any]) -> Use:
    """Return the use that a row of `USES` is."""
    return Use(**{name: row[name] for name in Use.__dataclass_fields__})


PROJECTS = pa.schema(
    [
        *required(pa.string(), "project", "status"),
        ("reason", pa.string()),
        ("commit", pa.string()),
        ("committed_at", UTC_TIME),
        ("files", pa.int64()),
        ("bytes", pa.int64()),
        ("files_scanned", pa.int64()),
        ("bytes_scanned", pa.int64()),
        ("files_unread", pa.int64()),
        ("copies", STRINGS),
        ("stars", pa.int64()),
        ("description", pa.string()),
        ("fork", pa.bool_()),
        ("tutorial", pa.bool_()),
        ("owner", pa.string()),
        ("claimed", STRINGS),
    ]
)
"""One row for each project that was to be scanned: ``status`` is ``scanned``, or ``unknown`` with
its ``reason``; ``copies`` names the frameworks whose source it holds a copy of, ``claimed`` those
that the sources which name it say it depends on: null where these do not tell."""

UNREAD = pa.schema(required(pa.string(), "project", "path", "reason"))
"""One row for each file, or part of one, that could not be read."""

REQUESTS = pa.schema(
    [
        *required(pa.string(), "issue_key", "framework"),
        *((name, pa.string()) for name in ("feature", "second_feature", "channel")),
        *required(pa.string(), "by"),
        ("firmness", pa.float64()),
        ("nearest", pa.string()),
        ("reason", pa.string()),
    ]
)
"""One row for each feature request that was to be coded (`insights.usage.requests.CodedRequest`),
sorted by key: ``feature`` is null where the coder abstained; ``channel``, through which it is asked
for, null where not known; ``by`` is ``person`` or ``machine``."""

DEPENDENTS = pa.schema(
    [
        *required(pa.string(), "project", "owner", "framework", "role"),
        ("stars", pa.int64()),
        ("tutorial", pa.bool_()),
        ("fork", pa.bool_()),
        *required(STRINGS, "channels", "ways"),
        *required(pa.bool_(), "tests_only", "examples_only"),
    ]
)
"""One row for each project and framework that have to do with each other
(`insights.usage.dependents.Dependent`)."""

FIGURES = pa.schema(
    [
        *required(pa.string(), "framework", "measure", "name"),
        ("channel", pa.string()),
        ("n", pa.int64()),
        *required(ESTIMATE, "share"),
        *required(pa.string(), "sample"),
    ]
)
"""One row for each figure of a framework's dependents (`insights.usage.figures.Figure`)."""

PAIRS = pa.schema(
    [
        *required(pa.string(), "first", "second"),
        *required(pa.int64(), "n_first", "n_second", "n_both", "n_projects"),
        ("expected", pa.float64()),
        *required(ESTIMATE, "lift"),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("lean", pa.string()),
        *required(ESTIMATE, "overlap"),
        ("overlap_p", pa.float64()),
        ("overlap_q", pa.float64()),
        ("relation", pa.string()),
        *required(pa.string(), "sample"),
    ]
)
"""One row for each pair of frameworks (`insights.usage.together.Pair`)."""

GAP = pa.schema(
    [
        *required(pa.string(), "framework", "what", "name"),
        ("n_used", pa.int64()),
        *required(ESTIMATE, "used"),
        *required(pa.int64(), "n_asked", "n_asked_second"),
        *required(ESTIMATE, "asked"),
        ("corner", pa.string()),
        ("why", pa.string()),
        *required(pa.string(), "dependents_sample", "requests_sample"),
    ]
)
"""One row for each feature and channel of a framework (`insights.usage.gap.GapRow`)."""

WISHES = pa.schema(
    [
        *required(pa.string(), "framework", "wish"),
        ("feature", pa.string()),
        *required(pa.int64(), "n"),
        *required(ESTIMATE, "share"),
        *required(pa.string(), "sample"),
    ]
)
"""One row for each wish and feature, and for each wish as a whole (`insights.usage.gap.Wish`)."""
