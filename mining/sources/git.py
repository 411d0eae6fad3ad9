"""The histories of repositories from local clones, imported into a draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from artifacts.errors import InputError
from artifacts.hashing import hash_value
from artifacts.manifest import Counts
from artifacts.processes import cores, spread
from artifacts.progress import Progress, SilentProgress
from artifacts.tables import TableBuilder, rows_of
from artifacts.visible import storable
from mining.code.local import local_projects
from mining.code.objects import find_git
from mining.commits import held
from mining.drafts import Draft, ImportSummary, SourceFile, SourceRecord, open_draft
from mining.histories.clones import UnreadableError, open_clone
from mining.histories.kept import KeptReadings
from mining.histories.reading import HistoryOptions, HistorySource, ReadHistory, read_history
from mining.merging import NAMED_BY, Merged, name_index, rewritten
from mining.reading import Reject, Rejects
from mining.tables import SCHEMAS, TableRow, full_name_of, repo_key
from mining.values import is_to_come

GIT: Final = "git"
HISTORIES: Final = "histories"
ACTIVITY: Final = "activity"
COUNTED: Final = ("commits", "human", "bot", "agent", "people", "newcomers", "tags")
"""Columns of the table of activity that a clone fills."""
RULES: Final = 1
"""Raised whenever the same clone would give other rows."""
_TOLD: Final = ("observed_at", "entered_at")
"""What tables tell of a history that its clone may not."""
_SPREAD_FROM: Final = 200
"""Fewer clones are opened sooner than further processes would be there."""
_SPREAD_FROM_BYTES: Final = 32 << 20
"""Clones that are read sooner than further processes would be there stay in this one."""


@dataclass(frozen=True)
class _SeenClone:
    """What a clone is before its history is read; the reason why it cannot be, if it cannot.

    Attributes
    ----------
    sha256
        Of its state: another as soon as its refs are.
    """

    full_name: str
    sha256: str
    head: str | None = None
    recorded_at: datetime | None = None
    is_readable: bool = True


@dataclass(frozen=True)
class _WaitingClone:
    """A clone that is to be read: the key of its repository, and the mark of what it will tell."""

    key: str
    source: HistorySource
    mark: str


@dataclass
class _GitIntake:
    """The clones of an import, and what became of them."""

    files: list[SourceFile] = field(default_factory=list)
    waiting: list[_WaitingClone] = field(default_factory=list)
    added: list[TableRow] = field(default_factory=list)
    rejects: Rejects = field(default_factory=Rejects)
    n_seen: int = 0
    n_as_before: int = 0
    n_commits: int = 0


@held
def import_git(
    folders: Sequence[Path],
    draft_folder: Path,
    *,
    observed_at: datetime | None = None,
    with_truck_factor: bool = False,
    progress: Progress | None = None,
) -> ImportSummary:
    """Read the histories of local clones into a draft; what is as before is not read again.

    Parameters
    ----------
    folders
        Clones, or folders that hold them as OWNER/NAME.
    draft_folder
        Folder of the draft; made if it is not there. Repositories that it lacks are added.
    observed_at
        Up to when all clones show their origins. Without it: what an imported table of histories
        says of a repository, or else what git recorded (`mining.histories.observed`).
    with_truck_factor
        Whether changes of files are read for the truck factor, which takes far longer.
    progress
        Where to report to.

    Raises
    ------
    InputError
        If git is not on the PATH, a folder holds no clone, no clone can be used, or the day of
        observation is yet to come.
    ArtifactError
        If the snapshot is sealed.
    """
    if observed_at is not None and is_to_come(observed_at):
        raise InputError(
            f"{observed_at:%Y-%m-%d} is yet to come: no clone shows its origin up to then.",
            where="observed_at",
            fix="name the day on which the clones were made or last fetched",
        )
    draft = open_draft(draft_folder)
    options = git_options(observed_at, with_truck_factor=with_truck_factor)
    intake = _taken_in(draft, clones_in(folders), options, observed_at)
    if intake.files and not intake.waiting:
        return _nothing_new(draft, options, intake)
    reading = HistoryOptions(datetime.now(UTC), with_truck_factor)
    kept = KeptReadings.beside(draft_folder)
    tables = _read(intake, reading, kept, progress or SilentProgress())
    _without_earlier(draft, [each.key for each in intake.waiting])
    summary = _committed(draft, options, intake, tables)
    kept.clear()
    return summary


def _taken_in(
    draft: Draft,
    found: Mapping[str, Path],
    options: Mapping[str, Any],
    observed_at: datetime | None,
) -> _GitIntake:
    """Return which clones are to be read, which are as before, and which cannot be used."""
    intake = _GitIntake(n_seen=len(found))
    index = name_index(draft.table("repositories", NAMED_BY))
    histories = draft.table(HISTORIES, ["repo_key", "head_commit", "observed_at"])
    told = {row["repo_key"]: row for row in rows_of(histories)}
    before, by_option = _read_before(draft, options), _by_option(draft)
    taken: dict[str, str] = {}
    for place, seen in zip(found.values(), _all_seen(found), strict=True):
        if isinstance(seen, Reject):
            intake.rejects.items.append(seen)
            continue
        full_name = seen.full_name
        key = index.get(full_name.lower(), repo_key(full_name))
        if key in taken:
            intake.rejects.items.append(
                Reject(full_name, None, None, f"the same repository as {taken[key]}")
            )
            continue
        taken[key] = full_name
        intake.files.append(_source_file(seen))
        if before.get(full_name) == seen.sha256:
            intake.n_as_before += 1
            continue
        if full_name.lower() not in index:
            intake.added.append(_repository(full_name))
        row = None if full_name in by_option else told.get(key)
        day = observed_at or _known_day(seen, row)
        mark = hash_value([full_name, seen.sha256, str(day), options])
        source = HistorySource(full_name, place, day)
        intake.waiting.append(_WaitingClone(key, source, mark))
    return intake


def git_options(observed_at: datetime | None, *, with_truck_factor: bool) -> dict[str, Any]:
    """Return how the manifest remembers how clones were read."""
    options: dict[str, Any] = {"rules": RULES}
    if observed_at is not None:
        options["observed_at"] = observed_at.astimezone(UTC).isoformat()
    if with_truck_factor:
        options["truck_factor"] = True
    return options


def clones_in(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the clones in some folders by ``owner/name``, and what stands where one should.

    Raises
    ------
    InputError
        If git is not on the PATH, or a folder holds none.
    """
    find_git()
    return local_projects(folders)


def clone_files(folders: Sequence[Path]) -> list[SourceFile]:
    """Return how the manifest remembers the clones in some folders.

    Raises
    ------
    InputError
        As `clones_in`.
    """
    every = _all_seen(clones_in(folders))
    return [_source_file(seen) for seen in every if isinstance(seen, _SeenClone)]


def _all_seen(found: Mapping[str, Path]) -> list[_SeenClone | Reject]:
    """Return what each clone is, or why what stands there is none, in order."""
    workers = cores() if len(found) >= _SPREAD_FROM else 1
    every = spread(_seen, found.items(), shared=None, workers=workers, what="opening of clones")
    by_name = {name: seen for (name, _), seen in every}
    return [by_name[name] for name in found]


def _seen(_: None, named: tuple[str, Path]) -> _SeenClone | Reject:
    name, place = named
    try:
        full_name = full_name_of(name)
    except InputError:
        reason = "its folders do not make a repository's name (owner/name)"
        return Reject(storable(name), None, "full_name", reason)
    try:
        clone = open_clone(place)
    except UnreadableError as error:
        if not error.is_repository:
            return Reject(full_name, None, None, str(error))
        return _SeenClone(full_name, hash_value(str(error)), is_readable=False)
    return _SeenClone(full_name, clone.state_hash(), clone.head, clone.recorded_at)


def _source_file(seen: _SeenClone) -> SourceFile:
    """Return how a clone is remembered."""
    return SourceFile(name=seen.full_name, sha256=seen.sha256, n_bytes=0)


def _read_before(draft: Draft, options: Mapping[str, Any]) -> dict[str, str | None]:
    """Return in which state each clone was when the draft's rows were read from it so."""
    states: dict[str, str | None] = {}
    for source in draft.sources:
        if source.command == HISTORIES:
            states.clear()  # days of observation may have come in
        elif source.command == GIT:
            is_same = source.options == options
            states |= {file.name: file.sha256 if is_same else None for file in source.files}
    return states


def _known_day(seen: _SeenClone, row: TableRow | None) -> datetime | None:
    """Return until when a clone is known to show its origin: what a table or git says, the later.

    What was said in the draft of an earlier state of the clone does not count.
    """
    if not seen.is_readable:
        return None
    days = [seen.recorded_at]
    if row is not None and row.get("head_commit") in {None, seen.head}:
        days.append(row["observed_at"])
    return max(filter(None, days), default=None)


def _by_option(draft: Draft) -> set[str]:
    """Return the clones of which an option last said up to when they show their origins."""
    names: set[str] = set()
    for source in draft.sources:
        if source.command == HISTORIES:
            names.clear()
        elif source.command == GIT:
            own = {file.name for file in source.files}
            names = names | own if "observed_at" in source.options else names - own
    return names


def _repository(full_name: str) -> TableRow:
    return {
        "repo_key": repo_key(full_name),
        "full_name": full_name,
        "owner": full_name.split("/")[0],
        "source": GIT,
    }


def _read(
    intake: _GitIntake, options: HistoryOptions, kept: KeptReadings, progress: Progress
) -> dict[str, pa.Table]:
    """Return what the clones tell, by table; each that was read is kept at once."""
    told = {table: TableBuilder(SCHEMAS[table]) for table in (HISTORIES, ACTIVITY)}

    def take(clone: _WaitingClone, reading: ReadHistory) -> None:
        key = {"repo_key": clone.key}
        told[HISTORIES].add(key | reading.history)
        told[ACTIVITY].add(*(key | month for month in reading.months))
        intake.n_commits += reading.n_commits
        task.advance()

    with progress.task("Reading histories", len(intake.waiting), unit="clones") as task:
        missing: dict[str, _WaitingClone] = {}
        for clone in intake.waiting:
            if (reading := kept.get(clone.mark)) is None:
                missing[clone.source.full_name] = clone
            else:
                take(clone, reading)
        sizes = {name: _n_bytes(clone.source.place) for name, clone in missing.items()}
        sources = [missing[name].source for name in sorted(sizes, key=lambda name: -sizes[name])]
        is_much = sum(sizes.values()) >= _SPREAD_FROM_BYTES
        workers = min(cores(), len(sources)) if is_much else 1
        for source, reading in spread(
            read_history, sources, shared=options, workers=workers, what="reading of clones"
        ):
            clone = missing[source.full_name]
            kept.put(clone.mark, reading)
            take(clone, reading)
    return {table: builder.finish() for table, builder in told.items()}


def _n_bytes(place: Path) -> int:
    """Return about how much there is to read: the size of its packs."""
    packs = [*place.glob("objects/pack/*.pack"), *place.glob(".git/objects/pack/*.pack")]
    return sum(pack.stat().st_size for pack in packs)


def _without_earlier(draft: Draft, keys: Sequence[str]) -> None:
    """Take out of the draft what earlier readings of these clones told.

    What other sources told stays: releases and stars of a month, and, of a history, since when it
    was watched; the day of observation, which a reading takes up, only where none came before it.
    """

    def month(row: TableRow) -> TableRow | None:
        is_told = any(row[each] is not None for each in ("stars_gained", "releases"))
        return {**row, **dict.fromkeys(COUNTED)} if is_told else None

    def history(row: TableRow) -> TableRow:
        told = _TOLD if row["head_commit"] is None else _TOLD[1:]
        return {each: row[each] for each in ("repo_key", *told)}

    draft.put(ACTIVITY, rewritten(ACTIVITY, draft.table(ACTIVITY), keys, month))
    draft.put(HISTORIES, rewritten(HISTORIES, draft.table(HISTORIES), keys, history))


def _committed(
    draft: Draft, options: Mapping[str, Any], intake: _GitIntake, tables: Mapping[str, pa.Table]
) -> ImportSummary:
    if intake.added:
        draft.add("repositories", intake.added)
    merged = draft.add(HISTORIES, tables[HISTORIES])
    draft.add(ACTIVITY, tables[ACTIVITY])
    draft.differing.clear()  # the earlier reading was taken out
    record = _record(options, intake, merged, tables[ACTIVITY].num_rows)
    return draft.commit(record, intake.rejects, allow_empty=False, advice=_ADVICE)


_ADVICE: Final = "name clones, or a folder that holds them as OWNER/NAME"


def _record(
    options: Mapping[str, Any], intake: _GitIntake, merged: Merged, n_months: int
) -> SourceRecord:
    reasons = {
        "could not be read (rejects.jsonl)": len(intake.rejects.items),
        "as it was read before": intake.n_as_before,
    }
    counts = {
        HISTORIES: Counts.of(intake.n_seen, merged.n_rows, reasons),
        ACTIVITY: Counts.of(n_months, n_months, {}),
    }
    if intake.added:
        counts["repositories"] = Counts.of(len(intake.added), len(intake.added), {})
    return SourceRecord(
        command=GIT,
        options=dict(options),
        files=intake.files,
        counts=counts,
        n_rejected=len(intake.rejects.items),
        facts={"commits": intake.n_commits},
        notes=list(_notes(merged.table)),
    )


def _notes(histories: pa.Table) -> Iterator[str]:
    read = histories.filter(pc.is_valid(histories["head_commit"]))
    if n_undated := read["observed_at"].null_count:
        yield (
            f"Histories without a day of observation: {n_undated:,} of {read.num_rows:,}; nothing "
            "is computed of them. Say it for all with --observed-at, or first import a table with "
            "full_name and observed_at: `opsatlas import histories FILE -s ID`."
        )
    flags = Counter(pc.list_flatten(histories["flags"]).to_pylist())
    for word in ("unreadable", "broken", "empty", "shallow"):
        if n := flags[word]:
            yield f"Clones that are {word}: {n:,}."


def _nothing_new(draft: Draft, options: Mapping[str, Any], intake: _GitIntake) -> ImportSummary:
    record = _record(options, intake, Merged(SCHEMAS[HISTORIES].empty_table(), 0, 0), 0)
    return ImportSummary(draft.manifest.name, record, draft.rows_now(), 0.0)
