"""What becomes of each file of a workspace in a bundle: it goes, goes changed, or stays out.

In place of a table that stays out there is one without others' words: each is replaced by its
SHA-256, so that who mines the same again can see that it is the same. In place of documents' texts
there are also their vectors and the counts of their words (`opsatlas.bundling.views`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.delimited import csv_text
from artifacts.hashing import hash_file, hash_text
from artifacts.manifest import FILE_NAME
from artifacts.notation import json_value
from artifacts.tables import read_table, rows_of, to_bytes
from configs import STUDY_FILE
from labels.label_set import FOLDER as LABELS
from mining.drafts import REJECTS_FILE, sources_in
from opsatlas.bundling.contents import BundledArtifact, Contents
from opsatlas.bundling.licences import (
    QUOTED_IN_MODEL,
    QUOTING,
    TextRule,
    columns_of_words,
    permits_copies,
)
from opsatlas.bundling.named import WORKSPACE
from opsatlas.bundling.pseudonyms import (
    Pseudonyms,
    decided_by_nobody,
    pseudonyms_of,
    snapshot_of_labels,
    write_coded,
)
from taxonomy.decisions import audits, decision_file
from taxonomy.store import KIND as TAXONOMY

if TYPE_CHECKING:
    import pyarrow as pa

READMES = "readmes.parquet"
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
    declared = rule.allowed
    wordless = {each.manifest.name for each in contents.artifacts if _is_wordless(each)}
    rule = replace(rule, allowed=declared | wordless)
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
        may_go = named.shipped or rule.private or declared.issuperset(named.snapshots)
        if may_go or not any(_may_hold_words(each, contents, rule) for each in named.snapshots):
            shared.add(named.path, named.file)
            continue
        homes = tuple(f"{INSTEAD}/snapshots/{snapshot}/" for snapshot in sorted(named.snapshots))
        there = tuple(m.path for m in shared.members if m.path.startswith(homes))
        shared.keep_out(named.path, named.file, SOURCE, again="", instead=there)
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
        columns_of = columns_of_words(artifact.manifest.kind, artifact.path)
        for name in sorted(artifact.manifest.files):
            path, file = f"{home}/{name}", artifact.folder / name
            columns = columns_of.get(name, ())
            if artifact.manifest.kind in QUOTING and not may_go:
                shared.keep_out(path, file, QUOTES, again="opsatlas run")
            elif artifact.manifest.kind in QUOTING and self.names_people:
                shared.keep_out(path, file, NAMES_PEOPLE, again="opsatlas run")
            elif name == REJECTS_FILE and not may_go:
                shared.keep_out(path, file, OWNERS_WORDS, again=self._again())
            elif columns and not may_go:
                self._sort_table(path, file, columns)
            elif artifact.manifest.kind == TAXONOMY and name == QUOTED_IN_MODEL[0] and not may_go:
                self._unquote(path, file)
            else:
                shared.add(path, file)

    def _sort_table(self, path: str, file: Path, columns: tuple[str, ...]) -> None:
        """Let a table go if it holds no words of others; else what is left of it."""
        table = read_table(file)
        kept = _permitted(self.artifact, table) if file.name == READMES else None
        if kept is not None:
            self.shared.readmes += _attributions(self.artifact, table, kept)
        if all(_is_bare(table, column, kept) for column in columns):
            self.shared.add(path, file)
            return
        rest = to_bytes(without_words(table, columns, kept))
        self._replace(path, file, OWNERS_WORDS, rest, rows=table.num_rows)

    def _unquote(self, path: str, file: Path) -> None:
        """Keep what a model quotes out of it."""
        values = json_value(file.read_bytes())
        values.pop(QUOTED_IN_MODEL[1], None)
        self._replace(path, file, QUOTES, json.dumps(values, indent=2).encode())

    def _replace(
        self, path: str, file: Path, reason: str, rest: bytes, *, rows: int | None = None
    ) -> None:
        instead = f"{INSTEAD}/{path.removeprefix(f'{WORKSPACE}/')}"
        self.shared.add(instead, rest)
        again = self._again()
        self.shared.keep_out(path, file, reason, again=again, rows=rows, instead=(instead,))

    def _again(self) -> str:
        """Return the command that makes the artifact where its files are not there."""
        artifact = self.artifact
        if artifact.is_snapshot and any(s.command == "mine" for s in sources_in(artifact.manifest)):
            return f"opsatlas mine --snapshot {artifact.manifest.name}"
        return "opsatlas run"


def _is_wordless(artifact: BundledArtifact) -> bool:
    """Tell whether a snapshot holds no words of others, or only what their licences permit."""
    if not artifact.is_snapshot or REJECTS_FILE in artifact.manifest.files:
        return False
    columns_of = columns_of_words(artifact.manifest.kind, artifact.path)
    for name in artifact.manifest.files.keys() & columns_of.keys():
        table = read_table(artifact.folder / name)
        kept = _permitted(artifact, table) if name == READMES else None
        if not all(_is_bare(table, column, kept) for column in columns_of[name]):
            return False
    return True


def _licences_of(artifact: BundledArtifact) -> dict[str, dict[str, Any]]:
    """Return the names and licences of a snapshot's repositories, by key."""
    path = artifact.folder / "repositories.parquet"
    if not path.exists():
        return {}
    rows = read_table(path, columns=["repo_key", "full_name", "license_spdx"]).to_pylist()
    return {row["repo_key"]: row for row in rows}


def _permitted(artifact: BundledArtifact, readmes: pa.Table) -> list[bool]:
    """Return, of each README of a snapshot, whether its repository's licence lets it go."""
    known = _licences_of(artifact)
    licences = (known.get(key, {}).get("license_spdx") for key in readmes["repo_key"].to_pylist())
    return [permits_copies(licence) for licence in licences]


def _attributions(
    artifact: BundledArtifact, readmes: pa.Table, kept: list[bool]
) -> Iterator[dict[str, Any]]:
    """Yield whose READMEs go, and under which licences."""
    known = _licences_of(artifact)
    rows = readmes.select(["repo_key", "path", "commit"]).to_pylist()
    for row, may_go in zip(rows, kept, strict=True):
        if may_go:
            of = known[row["repo_key"]]
            yield {
                "repository": of["full_name"],
                "licence": of["license_spdx"],
                "file": row["path"],
                "commit": row["commit"],
                "snapshot": artifact.manifest.name,
            }


def _is_bare(table: pa.Table, column: str, kept: list[bool] | None) -> bool:
    """Tell whether a column holds nothing, or nothing but what may go."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column not in table.schema.names:
        return True
    held = pc.fill_null(pc.greater(pc.utf8_length(table[column]), 0), False)
    if kept is not None:
        held = pc.and_(held, pc.invert(pa.array(kept, pa.bool_())))
    return not pc.any(held).as_py()


def without_words(table: pa.Table, columns: tuple[str, ...], kept: list[bool] | None) -> pa.Table:
    """Return a table with the SHA-256 of each text in place of the text.

    Parameters
    ----------
    kept
        For each row, whether its texts stay beside their hashes; None: none does.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    for column in columns:
        if column not in table.schema.names:
            continue
        rows = rows_of(table.select([column]))
        hashes = [None if row[column] is None else hash_text(row[column]) for row in rows]
        at = table.schema.get_field_index(column)
        if kept is None:
            table = table.remove_column(at)
        else:
            left = pc.if_else(pa.array(kept, pa.bool_()), table[column], None)
            table = table.set_column(at, pa.field(column, pa.string()), left)
        table = table.append_column(f"{column}_sha256", pa.array(hashes, pa.string()))
    return table


def _may_hold_words(snapshot: str, contents: Contents, rule: TextRule) -> bool:
    """Tell whether files that a snapshot was imported from may hold words of others.

    Answers of a search do, and columns that were not read may.
    """
    return not rule.allows([snapshot]) or any(
        source.ignored_columns or source.command == "github-search"
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
