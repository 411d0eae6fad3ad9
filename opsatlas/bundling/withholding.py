"""What becomes of each file of a workspace in a bundle: it goes, goes changed, or stays out.

In place of a table that stays out there is one without others' words: each is replaced by its
SHA-256, so that who mines the same again can see that it is the same. In place of documents' texts
there are also their vectors and the counts of their words (`opsatlas.bundling.views`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.delimited import csv_text
from artifacts.hashing import hash_file, hash_text
from artifacts.manifest import FILE_NAME
from artifacts.notation import json_value
from artifacts.tables import read_table, to_bytes
from configs import STUDY_FILE
from labels.label_set import FOLDER as LABELS
from mining.drafts import REJECTS_FILE, sources_in
from opsatlas.bundling.contents import BundledArtifact, Contents
from opsatlas.bundling.licences import (
    ISSUE_TITLES,
    QUOTING,
    TEXT_COLUMNS,
    TextRule,
    permits_copies,
)
from opsatlas.bundling.named import WORKSPACE, NamedFile
from opsatlas.bundling.pseudonyms import (
    Pseudonyms,
    decided_by_nobody,
    pseudonyms_of,
    snapshot_of_labels,
    write_coded,
)
from taxonomy.decisions import audits, decision_file

if TYPE_CHECKING:
    import pyarrow as pa

INSTEAD = "instead"
ATTRIBUTION = "ATTRIBUTION.csv"
OWNERS_WORDS = "holds words of others that may not be passed on"
QUOTES = "quotes words of others that may not be passed on"
NAMES_PEOPLE = "names the people who decided or coded"
SOURCE = "is what the snapshot was imported from, and holds words of others"


@dataclass(frozen=True)
class BundleMember:
    """A file of a bundle.

    Attributes
    ----------
    path
        In the bundle.
    source
        The file that it is, or its content.
    """

    path: str
    source: Path | bytes


@dataclass(frozen=True)
class WithheldFile:
    """A file that stays out of a bundle.

    Attributes
    ----------
    path
        Where it would be.
    sha256, n_bytes
        Of the file.
    rows
        Of a table; None: it is none.
    reason
        The rest of the sentence that the path begins.
    instead
        Paths of what is in the bundle in its place.
    mine_again
        The command that makes it.
    """

    path: str
    sha256: str
    n_bytes: int
    rows: int | None
    reason: str
    instead: tuple[str, ...]
    mine_again: str


@dataclass
class SharedFiles:
    """What a bundle holds of a workspace, and what it does not."""

    members: list[BundleMember] = field(default_factory=list)
    withheld: list[WithheldFile] = field(default_factory=list)
    readmes: list[dict[str, Any]] = field(default_factory=list)
    n_people: int = 0

    def add(self, path: str, source: Path | bytes) -> None:
        """Note a file that goes."""
        self.members.append(BundleMember(path, source))

    def keep_out(
        self,
        path: str,
        file: Path,
        reason: str,
        *,
        again: str,
        rows: int | None = None,
        instead: tuple[str, ...] = (),
    ) -> None:
        """Note a file that stays out."""
        size = file.stat().st_size
        self.withheld.append(
            WithheldFile(path, hash_file(file), size, rows, reason, instead, again)
        )


def shared_files(contents: Contents, workspace: Path, rule: TextRule, scratch: Path) -> SharedFiles:
    """Return what a bundle holds of a workspace.

    Parameters
    ----------
    scratch
        An empty folder, for sets of labels that are written anew; it must be there until the
        bundle is written.
    """
    shared = SharedFiles()
    shared.add(f"{WORKSPACE}/{STUDY_FILE}", contents.named.text.encode())
    beside = [workspace / name for name in contents.beside]
    called = Pseudonyms({})
    if not rule.private:
        called = pseudonyms_of(contents.labels.values(), beside)
    shared.n_people = len(called.of)
    for name, path in zip(contents.beside, beside, strict=True):
        shared.add(f"{WORKSPACE}/{name}", decided_by_nobody(path, called))
    for name, path in contents.labels.items():
        target = scratch / path.name
        snapshot = snapshot_of_labels(path)
        may_go = rule.private or (snapshot is not None and rule.allows([snapshot]))
        write_coded(path, target, called, with_texts=may_go, with_memos=rule.private)
        shared.add(f"{WORKSPACE}/{LABELS}/{name}.sqlite", target)
    suffixes = (decision_file.SUFFIX, audits.SUFFIX)
    names_people = bool(called.of) and any(path.name.endswith(suffixes) for path in beside)
    for artifact in contents.artifacts:
        _Sorting(artifact, contents, rule, shared, names_people=names_people).sort()
    for named in contents.named.files.values():
        _sort_named(named, contents, rule, shared)
    if shared.readmes:
        columns = ["repository", "licence", "file", "commit", "snapshot"]
        rows = [[row[name] for name in columns] for row in shared.readmes]
        shared.add(ATTRIBUTION, csv_text(columns, rows, exact=True).encode())
    return shared


@dataclass(frozen=True)
class _Sorting:
    """An artifact whose files are sorted into what goes and what does not."""

    artifact: BundledArtifact
    contents: Contents
    rule: TextRule
    shared: SharedFiles
    names_people: bool

    def sort(self) -> None:
        """Sort the files."""
        artifact, shared = self.artifact, self.shared
        home = f"{WORKSPACE}/{artifact.path}"
        shared.add(f"{home}/{FILE_NAME}", manifest_text(artifact))
        may_go = self.rule.allows(self.contents.snapshots_of[artifact.path])
        columns_of = TEXT_COLUMNS.get(artifact.manifest.kind, {})
        for name in sorted(artifact.manifest.files):
            path, file = f"{home}/{name}", artifact.folder / name
            columns = columns_of.get(name, ())
            if artifact.manifest.kind == "texts" and artifact.path.endswith(".issues"):
                columns = ISSUE_TITLES
            if artifact.manifest.kind in QUOTING and not may_go:
                shared.keep_out(path, file, QUOTES, again="opsatlas run")
            elif artifact.manifest.kind in QUOTING and self.names_people:
                shared.keep_out(path, file, NAMES_PEOPLE, again="opsatlas run")
            elif name == REJECTS_FILE and not may_go:
                shared.keep_out(path, file, OWNERS_WORDS, again=self._again())
            elif columns and not may_go:
                self._sort_table(path, file, columns)
            else:
                shared.add(path, file)

    def _sort_table(self, path: str, file: Path, columns: tuple[str, ...]) -> None:
        """Let a table go if it holds no words of others; else what is left of it."""
        table = read_table(file)
        kept = None
        if file.name == "readmes.parquet":
            kept = list(self._permitted(table))
        if all(_is_bare(table, column, kept) for column in columns):
            self.shared.add(path, file)
            return
        instead = f"{INSTEAD}/{path.removeprefix(f'{WORKSPACE}/')}"
        self.shared.add(instead, to_bytes(without_words(table, columns, kept)))
        self.shared.keep_out(
            path,
            file,
            OWNERS_WORDS,
            again=self._again(),
            rows=table.num_rows,
            instead=(instead,),
        )

    def _permitted(self, readmes: pa.Table) -> Iterator[bool]:
        """Yield, of each README, whether it may go; note whose those are."""
        columns = ["repo_key", "full_name", "license_spdx"]
        path = self.artifact.folder / "repositories.parquet"
        rows = read_table(path).select(columns).to_pylist() if path.exists() else []
        known = {row["repo_key"]: row for row in rows}
        for readme in readmes.select(["repo_key", "path", "commit"]).to_pylist():
            of = known.get(readme["repo_key"], {})
            may_go = permits_copies(of.get("license_spdx"))
            if may_go:
                self.shared.readmes.append(
                    {
                        "repository": of["full_name"],
                        "licence": of["license_spdx"],
                        "file": readme["path"],
                        "commit": readme["commit"],
                        "snapshot": self.artifact.manifest.name,
                    }
                )
            yield may_go

    def _again(self) -> str:
        """Return the command that makes the artifact where its files are not there."""
        artifact = self.artifact
        if artifact.is_snapshot and any(s.command == "mine" for s in sources_in(artifact.manifest)):
            return f"opsatlas mine --snapshot {artifact.manifest.name}"
        return "opsatlas run"


def _is_bare(table: pa.Table, column: str, kept: list[bool] | None) -> bool:
    """Tell whether a column holds nothing, or nothing but what may go."""
    values = table[column].to_pylist() if column in table.schema.names else []
    may_go = [False] * len(values) if kept is None else kept
    return not any(value and not free for value, free in zip(values, may_go, strict=False))


def without_words(table: pa.Table, columns: tuple[str, ...], kept: list[bool] | None) -> pa.Table:
    """Return a table with the SHA-256 of each text in place of the text.

    Parameters
    ----------
    kept
        For each row, whether its texts stay beside their hashes; None: none does.
    """
    import pyarrow as pa

    for column in columns:
        if column not in table.schema.names:
            continue
        values = table[column].to_pylist()
        hashes = [None if value is None else hash_text(value) for value in values]
        at = table.schema.get_field_index(column)
        if kept is None:
            table = table.remove_column(at)
        else:
            left = [value if free else None for value, free in zip(values, kept, strict=True)]
            table = table.set_column(at, column, pa.array(left, pa.string()))
        table = table.append_column(f"{column}_sha256", pa.array(hashes, pa.string()))
    return table


def _sort_named(
    named: NamedFile, contents: Contents, rule: TextRule, shared: SharedFiles
) -> None:
    """Let a file that the study names go, unless a snapshot's words are in it."""
    if named.shipped or rule.allows(named.snapshots):
        shared.add(named.path, named.file)
        return
    snapshots = sorted(named.snapshots)
    paths = [f"{INSTEAD}/snapshots/{snapshot}/" for snapshot in snapshots]
    there = [m.path for m in shared.members if m.path.startswith(tuple(paths))]
    if not there and not any(_has_words(each, contents) for each in snapshots):
        shared.add(named.path, named.file)
        return
    shared.keep_out(named.path, named.file, SOURCE, again="", instead=tuple(there))


def _has_words(snapshot: str, contents: Contents) -> bool:
    """Tell whether files of a snapshot hold more than its tables do: columns that were ignored."""
    return any(
        source.ignored_columns
        for artifact in contents.artifacts
        if artifact.is_snapshot and artifact.manifest.name == snapshot
        for source in sources_in(artifact.manifest)
    )


def manifest_text(artifact: BundledArtifact) -> bytes:
    """Return the manifest of an artifact; of a path of this machine, its last part alone is left.

    A model that lies in a folder is known by its place. A snapshot's manifest, which is sealed,
    holds no such path.
    """
    data = (artifact.folder / FILE_NAME).read_bytes()
    values = json_value(data)
    cut = _cut(values)
    if cut == values:
        return data
    return (json.dumps(cut, indent=2, ensure_ascii=False) + "\n").encode()


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cut(each) for each in value]
    if isinstance(value, str) and Path(value).is_absolute():
        return f"…/{Path(value).name}"
    return value
