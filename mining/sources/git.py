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
from mining.histories.clones import HistoryClone, UnreadableError, open_clone
from mining.histories.reading import HistoryOptions, HistorySource, read_history
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
_SPREAD_FROM_BYTES: Final = 32 << 20
"""Clones that are read sooner than further processes would be there stay in this one."""


@dataclass
class _GitIntake:
    """The clones of an import, and what became of them."""

    files: list[SourceFile] = field(default_factory=list)
    waiting: list[tuple[str, HistorySource]] = field(default_factory=list)
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
    found = clones_in(folders)
    intake = _GitIntake(n_seen=len(found))
    index = name_index(draft.table("repositories", NAMED_BY))
    histories = draft.table(HISTORIES, ["repo_key", "head_commit", "observed_at"])
    told = {row["repo_key"]: row for row in rows_of(histories)}
    before = _read_before(draft, options)
    taken: dict[str, str] = {}
    for name, place in found.items():
        if (opened := _opened(name, place, intake)) is None:
            continue
        full_name, clone = opened
        key = index.get(full_name.lower(), repo_key(full_name))
        if key in taken:
            intake.rejects.items.append(
                Reject(full_name, None, None, f"the same repository as {taken[key]}")
            )
            continue
        taken[key] = full_name
        file = _source_file(full_name, clone)
        intake.files.append(file)
        if before.get(file.name) == file.sha256:
            intake.n_as_before += 1
            continue
        if full_name.lower() not in index:
            intake.added.append(_repository(full_name))
        day = observed_at or _known_day(draft, full_name, told.get(key), clone)
        intake.waiting.append((key, HistorySource(full_name, place, day)))
    if intake.files and not intake.waiting:
        return _nothing_new(draft, options, intake)
    reading = HistoryOptions(datetime.now(UTC), with_truck_factor)
    tables = _read(intake, reading, progress or SilentProgress())
    _without_earlier(draft, [key for key, _ in intake.waiting])
    return _committed(draft, options, intake, tables)


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
    intake = _GitIntake()
    opened = (_opened(name, place, intake) for name, place in clones_in(folders).items())
    return [_source_file(*each) for each in opened if each is not None]


def _opened(name: str, place: Path, intake: _GitIntake) -> tuple[str, HistoryClone | str] | None:
    """Return the name of a repository and its clone, or why it is unreadable; else reject it."""
    try:
        full_name = full_name_of(name)
    except InputError:
        reason = "its folders do not make a repository's name (owner/name)"
        intake.rejects.items.append(Reject(storable(name), None, "full_name", reason))
        return None
    try:
        return full_name, open_clone(place)
    except UnreadableError as error:
        if not error.is_repository:
            intake.rejects.items.append(Reject(full_name, None, None, str(error)))
            return None
        return full_name, str(error)


def _source_file(full_name: str, clone: HistoryClone | str) -> SourceFile:
    """Return how a clone is remembered; it is another as soon as its refs are."""
    sha256 = hash_value(clone) if isinstance(clone, str) else clone.state_hash()
    return SourceFile(name=full_name, sha256=sha256, n_bytes=0)


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


def _known_day(
    draft: Draft, full_name: str, row: TableRow | None, clone: HistoryClone | str
) -> datetime | None:
    """Return until when a clone is known to show its origin: what a table or git says, the later.

    What was said in the draft of an earlier state of the clone, or by an option, does not count.
    """
    if isinstance(clone, str):
        return None
    days = [clone.recorded_at]
    is_same = row is not None and row.get("head_commit") in {None, clone.head}
    if row is not None and is_same and not _was_option(draft, full_name):
        days.append(row["observed_at"])
    return max(filter(None, days), default=None)


def _was_option(draft: Draft, full_name: str) -> bool:
    """Tell whether it was an option that last said up to when a clone shows its origin."""
    by_option = False
    for source in draft.sources:
        if source.command == HISTORIES:
            by_option = False
        elif source.command == GIT and full_name in {file.name for file in source.files}:
            by_option = "observed_at" in source.options
    return by_option


def _repository(full_name: str) -> TableRow:
    return {
        "repo_key": repo_key(full_name),
        "full_name": full_name,
        "owner": full_name.split("/")[0],
        "source": GIT,
    }


def _read(intake: _GitIntake, options: HistoryOptions, progress: Progress) -> dict[str, pa.Table]:
    """Return what the clones tell, by table."""
    sources = sorted(
        (source for _, source in intake.waiting), key=lambda each: -_n_bytes(each.place)
    )
    keys = {source.full_name: key for key, source in intake.waiting}
    is_much = sum(_n_bytes(source.place) for source in sources) >= _SPREAD_FROM_BYTES
    workers = min(cores(), len(sources)) if is_much else 1
    told = {table: TableBuilder(SCHEMAS[table]) for table in (HISTORIES, ACTIVITY)}
    with progress.task("Reading histories", len(sources), unit="clones") as task:
        for source, history in spread(
            read_history, sources, shared=options, workers=workers, what="reading of clones"
        ):
            key = {"repo_key": keys[source.full_name]}
            told[HISTORIES].add(key | history.history)
            told[ACTIVITY].add(*(key | month for month in history.months))
            intake.n_commits += history.n_commits
            task.advance()
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
