"""What Tab offers for names: those of folders and files in the workspace, and what is shipped.

A shell waits for the answer, so nothing is opened, parsed or slow to import; and on any error
nothing is offered and nothing is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from configs import codebook_names, shipped_frameworks, study_names
from opsatlas.workspace import open_workspace

LABELS, SNAPSHOTS, TAXONOMIES = "labels", "snapshots", "taxonomies"
SUFFIX = ".sqlite"

Complete = Callable[[typer.Context, str], list[str]]


def _offering(names: Callable[[typer.Context], Iterable[str]]) -> Complete:
    """Return what typer asks with what was typed so far: the names that begin so."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            return sorted({name for name in names(ctx) if name.startswith(incomplete)})
        except Exception:
            return []

    return complete


def _below(ctx: typer.Context, folder: str) -> list[Path]:
    """Return what is in a folder of the workspace, given or found, but for hidden files."""
    given = ctx.params.get("workspace")
    workspace = open_workspace(None if given is None else Path(given).expanduser())
    return [path for path in (workspace / folder).iterdir() if not path.name.startswith(".")]


def _folders(ctx: typer.Context, folder: str) -> list[str]:
    return [path.name for path in _below(ctx, folder) if path.is_dir()]


def _labels(ctx: typer.Context) -> list[str]:
    return [path.stem for path in _below(ctx, LABELS) if path.suffix == SUFFIX]


def _snapshots(ctx: typer.Context) -> list[str]:
    return _folders(ctx, SNAPSHOTS)


labels = _offering(_labels)
snapshots = _offering(_snapshots)
compared = _offering(lambda ctx: [*_snapshots(ctx), *_folders(ctx, TAXONOMIES)])
studies = _offering(lambda ctx: study_names())
codebooks = _offering(lambda ctx: codebook_names())
books = _offering(lambda ctx: [*codebook_names(), *_labels(ctx)])
frameworks = _offering(lambda ctx: shipped_frameworks())
"""Names of labels, snapshots, what can be compared; shipped studies and codebooks; of both;
shipped frameworks."""
