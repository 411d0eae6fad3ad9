"""The report of a comparison as an artifact: its page, and its tables as CSV and LaTeX."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import new_folder, write_bytes, write_text
from artifacts.hashing import hash_value
from artifacts.manifest import FILE_NAME, Manifest, hash_files, package_versions
from artifacts.progress import Progress
from reports.comparison.inputs import ShownComparison
from taxonomy.origin import decisions_hash

KIND = "lineage report"
VERSION = 1
PAGE = "index.html"
SUFFIXES = {"html": ".html", "csv": ".csv", "latex": ".tex"}


@dataclass(frozen=True, kw_only=True)
class ReportParts:
    """What a report depends on.

    Attributes
    ----------
    title, notes
        Of the study, and of its comparison.
    taxonomies
        Their folders, in the order of time.
    made_of
        Folders of all artifacts that go in, in the order of making.
    """

    title: str
    notes: tuple[str, ...]
    taxonomies: tuple[Path, ...]
    made_of: tuple[Path, ...]


def report_key(parts: ReportParts) -> str:
    """Return what the report depends on, hashed."""
    made_of = [Manifest.read(folder) for folder in parts.made_of]
    return hash_value(
        {
            "stage": f"{KIND} {VERSION}",
            "opsatlas": metadata.version("opsatlas"),
            "words": [parts.title, *parts.notes],
            "artifacts": [[made.key, made.content_hash] for made in made_of],
            "decisions": [decisions_hash(folder) for folder in parts.taxonomies],
        }
    )


def build_report(
    parts: ReportParts,
    folder: Path,
    *,
    gather: Callable[[], ShownComparison],
    progress: Progress,
) -> Manifest:
    """Write the page and the tables, with a manifest, to ``folder``."""
    # What draws is imported here: to find that all is as it was, none of it is needed.
    from reports.comparison.page import write_lineage_page
    from reports.comparison.tables import tables
    from reports.latex import latex
    from reports.paper.tables import as_csv

    started = time.perf_counter()
    key = report_key(parts)  # before anything is read: what people decide meanwhile is not in it
    progress.say("drawing the comparison")
    shown = gather()
    made_of = [Manifest.read(made) for made in parts.made_of]
    version = metadata.version("opsatlas")
    with new_folder(folder) as building:
        write_lineage_page(
            shown, building / PAGE, title=parts.title, manifests=made_of, version=version
        )
        for table in tables(shown, in_print=False):
            write_text(building / f"{table.name}.csv", as_csv(table))
        for table in tables(shown, in_print=True):
            write_text(building / f"{table.name}.tex", latex(table))
        manifest = Manifest(
            kind=KIND,
            name=folder.name,
            key=key,
            inputs={made.name: made.content_hash for made in made_of},
            packages=package_versions("plotly"),
            files=hash_files(building),
            # The page tells when its parts were made, so its bytes hold clocks; this hash does not.
            content_hash=key,
            wall_time_s=time.perf_counter() - started,
        )
        manifest.write(building)
    return manifest


def report_files(folder: Path, kind: str) -> list[Path]:
    """Return the files of a report that are of a kind: html, csv or latex."""
    return sorted(folder.glob(f"*{SUFFIXES[kind]}"))


def copy_files(files: Sequence[Path], to: Path) -> list[Path]:
    """Copy a report's files into a folder and return where they are.

    Raises
    ------
    InputError
        If a file of that name and another content is there.
    """
    wanted = {to / file.name: file.read_bytes() for file in files}
    if to.exists() and not to.is_dir():
        raise InputError("This is a file, not a folder.", where=str(to), fix="name a folder")
    for path, data in wanted.items():
        if path.exists() and path.read_bytes() != data and not _is_ours(path):
            raise InputError(
                f"{path.name} is there already, and no comparison wrote it.",
                where=str(path),
                fix="name another folder with --out",
            )
    for path, data in wanted.items():
        write_bytes(path, data)
    return list(wanted)


def _is_ours(path: Path) -> bool:
    return path.name != FILE_NAME and path.name.startswith("lineage-")
