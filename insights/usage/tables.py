"""The tables of what dependents use: their columns, and the order of their rows."""

from __future__ import annotations

import pyarrow as pa

from artifacts.tables import UTC_TIME, required

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
        ("copies", pa.list_(pa.string())),
        ("stars", pa.int64()),
        ("description", pa.string()),
        ("fork", pa.bool_()),
        ("tutorial", pa.bool_()),
        ("owner", pa.string()),
    ]
)
"""One row for each project that was to be scanned: ``status`` is ``scanned``, or ``unknown`` with
its ``reason``; ``copies`` names the frameworks whose source it holds a copy of."""

UNREAD = pa.schema(required(pa.string(), "project", "path", "reason"))
"""One row for each file, or part of one, that could not be read."""
