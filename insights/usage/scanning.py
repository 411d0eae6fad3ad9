"""Scan the code of many projects for the frameworks that they use, as an artifact.

Each project that is done is kept by itself, so that an interrupted scan goes on where it stopped.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import zstandard

from artifacts.errors import OpsatlasError
from artifacts.files import read_input, write_bytes
from artifacts.hashing import hash_bytes, hash_text, hash_value
from artifacts.manifest import Counts, package_versions
from artifacts.processes import cores, spread
from artifacts.progress import Progress
from artifacts.shelf import Shelf
from artifacts.step import Content, Step
from artifacts.tables import write_rows
from configs.framework import Framework
from insights.usage.facts import fact_rows, use_of
from insights.usage.tables import PROJECTS, UNREAD, USES, use_in
from mining.code.projects import Keep, ProjectCode
from usage.catalog import Catalog
from usage.scan import is_relevant, scan
from usage.uses import SourceFile, Use

_log = logging.getLogger(__name__)

KIND = "usages"
FOLDER = "usages"
VERSION = 1
"""Raised whenever the same code and frameworks would give other uses."""
SCANNED, UNKNOWN = "scanned", "unknown"
FAILED = "opsatlas itself failed on it; please report this"
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
        done = _half_done(folder) / key[:16]
        _scan_all(parts, done, progress, workers)
        found = _FoundRows(parts, done)
        about = _about(found)
        return Content(write=lambda building: _write(building, parts, found), about=about)

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


def _scan_all(parts: ScanParts, done: Path, progress: Progress, workers: int) -> None:
    """Scan each project that was not scanned before, and keep what is found in it."""
    missing = [code for code in parts.codes if not _kept(done, code).exists()]
    with progress.task("scanning code", len(parts.codes), unit="projects") as task:
        task.advance(len(parts.codes) - len(missing))
        found = spread(
            scan_or_tell,
            missing,
            shared=Catalog(parts.frameworks),
            workers=min(workers or cores(), len(missing)),
            what="scanning code",
        )
        for code, rows in found:
            write_bytes(_kept(done, code), zstandard.compress(json.dumps(rows).encode()))
            task.advance()


def _kept(done: Path, code: CodePlace) -> Path:
    return done / f"{hash_text(code.project)}.json.zst"


class _FoundRows:
    """The rows of each project, in the order of their names: scanned, or told as facts."""

    def __init__(self, parts: ScanParts, done: Path) -> None:
        self._codes = {code.project: code for code in parts.codes}
        self._facts = _facts(parts.facts, known=self._codes.keys())
        self._done = done

    def __iter__(self) -> Iterator[TableRows]:
        for project in sorted([*self._codes, *self._facts]):
            if project in self._codes:
                data = _kept(self._done, self._codes[project]).read_bytes()
                yield json.loads(zstandard.decompress(data))
            else:
                yield self._facts[project]


def scan_or_tell(catalog: Catalog, code: CodePlace) -> TableRows:
    """Return the rows of one project; if scanning it fails, why, as of an unknown one.

    Among many strangers' projects one may show a fault of ours: the others are not lost for it.
    """
    try:
        return scan_project(catalog, code)
    except OpsatlasError:
        raise
    except Exception as error:
        _log.exception("scanning %s failed", code.project)
        reason = f"{FAILED}: {type(error).__name__}: {error}"
        project = {**code.about, "project": code.project, "status": UNKNOWN, "reason": reason}
        project["owner"] = code.project.partition("/")[0].lower()
        return {"uses": [], "projects": [project], "unread": []}


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


def _facts(paths: Iterable[Path], *, known: Collection[str]) -> Shelf[str, TableRows]:
    """Return the rows of projects that files of facts tell of, but for those that are known."""
    found: Shelf[str, TableRows] = Shelf()
    every = (fact for path in paths for fact in fact_rows(path))
    for name, facts in groupby(every, key=itemgetter("project")):
        if name in known:
            continue
        rows = found.get(name)
        for fact in facts:
            if rows is None:
                project = {
                    "project": name,
                    "owner": name.partition("/")[0].lower(),
                    "status": SCANNED,
                    "reason": FACTS_REASON,
                    "commit": fact["commit"] or None,
                }
                rows = {"uses": [], "projects": [project], "unread": []}
            if fact["framework"]:
                rows["uses"].append(_row(name, use_of(fact)))
        if rows is not None:
            found[name] = rows
    return found


def _write(folder: Path, parts: ScanParts, every: Iterable[TableRows]) -> None:
    catalog = Catalog(parts.frameworks)
    for name, schema in (("uses", USES), ("projects", PROJECTS), ("unread", UNREAD)):
        rows = (row for found in every for row in found[name])
        write_rows(folder / f"{name}.parquet", (_typed(row, name, catalog) for row in rows), schema)


def _typed(row: dict[str, Any], table: str, catalog: Catalog) -> dict[str, Any]:
    """Return a row as its table has it: with the feature of a use, and times as such."""
    if table == "uses":
        use = use_in(row)
        return {**row, "feature": catalog.feature_of(use), "era": catalog.era_of(use)}
    if row.get("committed_at") is not None:
        return {**row, "committed_at": datetime.fromisoformat(row["committed_at"])}
    return row


def _about(found: Iterable[TableRows]) -> dict[str, Any]:
    """Return what the manifest says of what was scanned."""
    unknown: Counter[str] = Counter()
    n_projects = n_uses = n_users = n_unread = 0
    for rows in found:
        n_projects += 1
        n_uses += len(rows["uses"])
        n_users += bool(rows["uses"])
        n_unread += len(rows["unread"])
        unknown.update(str(r["reason"]) for r in rows["projects"] if r["status"] == UNKNOWN)
    n_scanned = n_projects - unknown.total()
    return {
        "packages": package_versions("tree-sitter", "tree-sitter-bash", "tree-sitter-python"),
        "counts": {"projects": Counts.of(n_projects, n_scanned, dict(sorted(unknown.items())))},
        "facts": {"uses": n_uses, "projects_with_uses": n_users, "unread": n_unread},
    }
