"""The report of a comparison as an artifact: its page, its tables and its figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import write_bytes, write_text
from artifacts.manifest import FILE_NAME, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from reports.comparison.inputs import ShownComparison
from taxonomy.origin import decisions_hash

KIND = "lineage report"
VERSION = 2
PAGE = "index.html"
FIGURE = "lineage-flows"
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


def report_step(
    parts: ReportParts, *, gather: Callable[[], ShownComparison], progress: Progress
) -> Step:
    """Return the step that writes the page and the tables of what ``gather`` returns."""
    made_of = [Manifest.read(folder) for folder in parts.made_of]
    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            "opsatlas": metadata.version("opsatlas"),
            "words": [parts.title, *parts.notes],
            "artifacts": [[made.key, made.content_hash] for made in made_of],
            "decisions": [decisions_hash(folder) for folder in parts.taxonomies],
        },
        inputs={made.name: made.content_hash for made in made_of},
        find=lambda key: _drawn(parts, gather, progress, key),
    )


def _drawn(
    parts: ReportParts, gather: Callable[[], ShownComparison], progress: Progress, key: str
) -> Content:
    # What draws is imported here: to find that all is as it was, none of it is needed.
    from reports.comparison.diagram import draw_flows
    from reports.comparison.page import write_lineage_page
    from reports.comparison.tables import tables
    from reports.latex import as_latex
    from reports.paper.figures import FIGURE_FORMATS
    from reports.tables import as_csv

    progress.say("drawing the comparison")
    shown = gather()
    made_of = [Manifest.read(made) for made in parts.made_of]
    version = metadata.version("opsatlas")

    def write(folder: Path) -> None:
        write_lineage_page(
            shown, folder / PAGE, title=parts.title, manifests=made_of, version=version
        )
        for table in tables(shown, in_print=False):
            write_text(folder / f"{table.name}.csv", as_csv(table))
        for table in tables(shown, in_print=True):
            write_text(folder / f"{table.name}.tex", as_latex(table))
        for form in FIGURE_FORMATS:
            write_bytes(folder / f"{FIGURE}.{form}", figure.save(form))

    figure = draw_flows(shown)
    if figure.lacking:
        progress.say(f"{FIGURE}.pdf: {figure.lacking}")
    # The page tells when its parts were made, so its bytes hold clocks; the key does not.
    about = {"packages": package_versions("matplotlib")}
    return Content(write=write, about=about, content_hash=key)


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
