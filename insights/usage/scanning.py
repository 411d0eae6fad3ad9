"""Scan the code of many projects for the frameworks that they use, as an artifact.

Each project that is done is kept by itself, so that an interrupted scan goes on where it stopped.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import zstandard

from artifacts.files import read_input, write_bytes
from artifacts.hashing import hash_bytes, hash_text, hash_value
from artifacts.manifest import Counts, package_versions
from artifacts.processes import cores, spread
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.tables import table_from_rows, write_table
from configs.framework import Framework
from insights.usage.facts import fact_rows, use_of
from insights.usage.tables import PROJECTS, UNREAD, USES, use_in
from mining.code.projects import Keep, ProjectCode
from usage.catalog import Catalog
from usage.scan import is_relevant, scan
from usage.uses import SourceFile, Use

KIND = "usages"
FOLDER = "usages"
VERSION = 1
"""Raised whenever the same code and frameworks would give other uses."""
SCANNED, UNKNOWN = "scanned", "unknown"
FACTS_REASON = "its code was not read here: its uses were handed in as facts"

TableRows = dict[str, list[dict[str, Any]]]
"""Rows by table: ``uses``, ``projects``, ``unread``."""


class CodePlace(Protocol):
    """Where a project's code is; small, so that it can be sent to another process."""

    @property
    def project(self) -> str:
        """Return ``owner/name``."""

    @property
    def identity(self) -> str:
        """Return what is another where the code is: a commit, or a hash."""

    @property
    def about(self) -> Mapping[str, Any]:
        """Return what is known of the project besides, by columns of `PROJECTS`."""

    def open(self, keep: Keep) -> ProjectCode:
        """Return its code: of the files, those that ``keep`` wants."""


@dataclass(frozen=True)
class ScanParts:
    """What is scanned, and for which frameworks.

    Attributes
    ----------
    codes
        One for each project.
    facts
        CSV files of uses in projects whose code is not read here.
    """

    frameworks: tuple[Framework, ...]
    codes: tuple[CodePlace, ...] = ()
    facts: tuple[Path, ...] = ()

    def depends_on(self) -> dict[str, Any]:
        """Return what the uses depend on."""
        return {
            "code": {code.project: [code.identity, hash_value(code.about)] for code in self.codes},
            "frameworks": {each.name: hash_value(each.model_dump()) for each in self.frameworks},
            "facts": [hash_bytes(read_input(path, what="file of uses")) for path in self.facts],
        }


def scan_step(parts: ScanParts, folder: Path, *, progress: Progress, workers: int = 0) -> Step:
    """Return the step that finds the uses in all projects.

    Parameters
    ----------
    folder
        Of the artifact: beside it, projects that are done are kept until all are.
    workers
        Processes; 0: one for each core.
    """
    depends_on = parts.depends_on()

    def find(key: str) -> Content:
        rows = _with_facts(
            _scan_all(parts, _half_done(folder) / key[:16], progress, workers), parts
        )
        return Content(
            write=lambda building: _write(building, rows, Catalog(parts.frameworks)),
            about=_about(rows),
        )

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on=depends_on,
        inputs={name: hash_value(value) for name, value in depends_on.items()},
        find=find,
        tidy=lambda made: shutil.rmtree(_half_done(made), ignore_errors=True),
    )


def _half_done(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.runs"


def _scan_all(
    parts: ScanParts, done: Path, progress: Progress, workers: int
) -> Iterator[TableRows]:
    """Yield what is found in each project; those that were done before are read."""
    paths = {code.project: done / f"{hash_text(code.project)}.json.zst" for code in parts.codes}
    missing = [code for code in parts.codes if not paths[code.project].exists()]
    workers = min(workers or cores(), len(missing))
    with progress.task("scanning code", len(parts.codes), unit="projects") as task:
        task.advance(len(parts.codes) - len(missing))
        found = spread(
            scan_project,
            missing,
            shared=Catalog(parts.frameworks),
            workers=workers,
            what="scanning code",
        )
        for code, rows in found:
            write_bytes(paths[code.project], zstandard.compress(json.dumps(rows).encode()))
            task.advance()
    for path in paths.values():
        yield json.loads(zstandard.decompress(path.read_bytes()))


def scan_project(catalog: Catalog, code: CodePlace) -> TableRows:
    """Return the rows of one project."""
    opened = code.open(is_relevant)
    files = (SourceFile(path, content) for path, content in opened.files())
    found = scan(files, catalog, paths=opened.paths)
    known = opened.status != "unknown"
    project: dict[str, Any] = {
        **code.about,
        "project": code.project,
        "owner": code.project.partition("/")[0].lower(),
        "status": SCANNED if known else UNKNOWN,
        "reason": opened.reason,
        "commit": opened.commit,
        "committed_at": None if opened.committed_at is None else opened.committed_at.isoformat(),
        "files": opened.n_files if known else None,
        "bytes": opened.n_bytes if known else None,
        "files_scanned": found.n_files if known else None,
        "bytes_scanned": found.n_bytes if known else None,
        "files_unread": len(opened.unread) + len(found.unread) if known else None,
        "copies": list(found.copies) if known else None,
    }
    unread = {(each.path, each.reason) for each in opened.unread}
    unread |= {(each.path, each.reason) for each in found.unread}
    return {
        "uses": [_row(code.project, use) for use in found.uses],
        "projects": [project],
        "unread": [
            {"project": code.project, "path": path, "reason": reason}
            for path, reason in sorted(unread)
        ],
    }


def _row(project: str, use: Use) -> dict[str, Any]:
    return {"project": project, **asdict(use)}


def _with_facts(found: Iterable[TableRows], parts: ScanParts) -> TableRows:
    """Return all rows, with those of facts for projects whose code was not read."""
    rows: TableRows = {"uses": [], "projects": [], "unread": []}
    for each in found:
        for name, more in each.items():
            rows[name] += more
    scanned = {row["project"] for row in rows["projects"]}
    told: dict[str, str | None] = {}
    for path in parts.facts:
        for fact in fact_rows(path):
            project = fact["project"]
            if project in scanned:
                continue
            told.setdefault(project, fact["commit"] or None)
            if fact["framework"]:
                rows["uses"].append(_row(project, use_of(fact)))
    rows["projects"] += [
        {
            "project": project,
            "owner": project.partition("/")[0].lower(),
            "status": SCANNED,
            "reason": FACTS_REASON,
            "commit": commit,
        }
        for project, commit in told.items()
    ]
    return rows


def _write(folder: Path, rows: TableRows, catalog: Catalog) -> None:
    for project in rows["projects"]:
        if (told := project.get("committed_at")) is not None:
            project["committed_at"] = datetime.fromisoformat(told)
    for use in rows["uses"]:
        known = use_in(use)
        use |= {"feature": catalog.feature_of(known), "era": catalog.era_of(known)}
    order: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "uses": lambda row: [row[name] for name in ("project", "path", "line", "symbol", "kind")],
        "projects": lambda row: row["project"],
        "unread": lambda row: [row["project"], row["path"], row["reason"]],
    }
    for name, schema in (("uses", USES), ("projects", PROJECTS), ("unread", UNREAD)):
        table = table_from_rows(sorted(rows[name], key=order[name]), schema)
        write_table(folder / f"{name}.parquet", table)


def _about(rows: TableRows) -> dict[str, Any]:
    """Return what the manifest says of what was scanned."""
    projects: Sequence[Mapping[str, Any]] = rows["projects"]
    unknown = Counter(str(row["reason"]) for row in projects if row["status"] == UNKNOWN)
    n_users = len({use["project"] for use in rows["uses"]})
    return {
        "packages": package_versions("tree-sitter", "tree-sitter-bash", "tree-sitter-python"),
        "counts": {
            "projects": Counts.of(
                len(projects), len(projects) - unknown.total(), dict(sorted(unknown.items()))
            )
        },
        "facts": {
            "uses": len(rows["uses"]),
            "projects_with_uses": n_users,
            "unread": len(rows["unread"]),
        },
    }
