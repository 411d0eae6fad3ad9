"""The texts of a snapshot, made in many processes where there are many, few rows at a time."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, groupby, islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from artifacts.errors import InputError
from artifacts.processes import cores, spread
from artifacts.progress import Progress
from artifacts.tables import batches_of, count_rows, read_table
from artifacts.words import Documents
from embeddings.documents import TEXTS, issue_document, repository_document
from embeddings.settings import TextSettings
from embeddings.text.issue_text import LineCounts, count_lines
from mining.tables import TableRow, issue_key

BATCH = 64
"""Documents that a process is given at a time: about a second's work where each has a README."""
WORTH_PROCESSES = 1_000
"""From so many READMEs, or issues, on it is quicker to start processes for them."""

T = TypeVar("T")
Beside = TableRow | str | None
"""What a row is read with: a repository with its README, an issue with its repository's name."""


@dataclass(frozen=True)
class _Manner:
    """How rows become texts."""

    kind: Documents
    settings: TextSettings
    template: frozenset[str] = frozenset()


def prepare_texts(
    snapshot_folder: Path, kind: Documents, settings: TextSettings, *, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Yield the texts of a snapshot's repositories or issues, in order of their keys.

    Parameters
    ----------
    snapshot_folder
        Holds ``repositories.parquet``, and ``readmes.parquet`` or ``issues.parquet``.
    kind
        Which documents.
    settings
        How texts are prepared.

    Yields
    ------
    pyarrow.RecordBatch
        Of schema `TEXTS`, few rows each. Documents without words are kept, flagged ``empty``.

    Raises
    ------
    InputError
        If there are no documents of this kind.
    ArtifactError
        If a table is missing or damaged.
    """
    if kind == "repositories":
        manner = _Manner(kind, settings)
        rows, n_rows, n_parsed = _repositories(snapshot_folder, settings)
    elif kind == "issues":
        path = snapshot_folder / "issues.parquet"
        n_rows = n_parsed = count_rows(path)
        manner = _Manner(kind, settings, _template(path, n_rows, progress))
        rows = _issues(snapshot_folder)
    else:
        raise InputError(f"There are no documents of kind {kind!r}.", fix="repositories or issues")
    with progress.task("texts prepared", n_rows, unit="texts") as task:
        finished = spread(
            _texts,
            enumerate(_some_at_a_time(rows)),
            shared=manner,
            workers=_workers(n_parsed),
            what="preparing of texts",
        )
        for batch in _in_order(finished):
            yield batch
            task.advance(batch.num_rows)


def _some_at_a_time(rows: Iterable[T]) -> Iterator[tuple[T, ...]]:
    rest = iter(rows)
    while some := tuple(islice(rest, BATCH)):
        yield some


def _workers(n_parsed: int) -> int:
    return cores() if n_parsed >= WORTH_PROCESSES else 1


def _texts(
    manner: _Manner, numbered: tuple[int, tuple[tuple[TableRow, Any], ...]]
) -> pa.RecordBatch:
    """Return the texts of some rows, each with what is beside it."""
    settings = manner.settings
    if manner.kind == "repositories":
        texts = [repository_document(row, readme, settings=settings) for row, readme in numbered[1]]
    else:
        texts = [
            issue_document(row, name, template=manner.template, settings=settings)
            for row, name in numbered[1]
        ]
    return pa.RecordBatch.from_pylist([vars(text) for text in texts], schema=TEXTS)


def _in_order(
    finished: Iterable[tuple[tuple[int, object], pa.RecordBatch]],
) -> Iterator[pa.RecordBatch]:
    early: dict[int, pa.RecordBatch] = {}
    n_given = 0
    for (number, _), batch in finished:
        early[number] = batch
        while n_given in early:
            yield early.pop(n_given)
            n_given += 1


def _repositories(
    folder: Path, settings: TextSettings
) -> tuple[Iterator[tuple[TableRow, Beside]], int, int]:
    """Return repositories in order of their keys, each with its README; and how many of both."""
    path, readmes = folder / "repositories.parquet", folder / "readmes.parquet"
    rows = _rows_by_key(path, ("repo_key", "full_name", "description", "topics"))
    if not settings.readmes or not readmes.exists():
        return ((row, None) for row in rows), count_rows(path), 0
    return _with_readmes(rows, _readmes(readmes)), count_rows(path), count_rows(readmes)


def _with_readmes(
    rows: Iterable[TableRow], readmes: Iterator[TableRow]
) -> Iterator[tuple[TableRow, Beside]]:
    """Join repositories and READMEs, both in order of their keys."""
    readme = next(readmes, None)
    for row in rows:
        while readme is not None and readme["repo_key"] < row["repo_key"]:
            readme = next(readmes, None)
        is_its = readme is not None and readme["repo_key"] == row["repo_key"]
        yield row, readme if is_its else None


def _readmes(path: Path) -> Iterator[TableRow]:
    """Yield one README a repository: the one nearest to the root, then the first by name."""
    rows = _rows_by_key(path, ("repo_key", "path", "text", "truncated"))
    for _, its in groupby(rows, key=lambda row: row["repo_key"]):
        yield min(its, key=_readme_order)


def _readme_order(row: TableRow) -> tuple[int, str, str]:
    path = row.get("path") or ""
    return path.count("/"), path, row.get("text") or ""


def _rows_by_key(path: Path, columns: tuple[str, ...]) -> Iterator[TableRow]:
    """Yield rows in order of ``repo_key``, as snapshots keep them: so the file is read as it is."""
    keys = read_table(path, columns=["repo_key"])["repo_key"]
    if pc.all(pc.less_equal(keys[:-1], keys[1:])).as_py() is not False:
        yield from _rows(path, columns)
    else:
        yield from _rows_at(read_table(path, columns=columns), pc.sort_indices(keys))


def _issues(folder: Path) -> Iterator[tuple[TableRow, Beside]]:
    """Yield issues in order of their keys, each with its repository's name."""
    names: dict[str, str] = {}
    path = folder / "repositories.parquet"
    if path.exists():
        named = read_table(path, columns=["repo_key", "full_name"])
        names = dict(zip(*(column.to_pylist() for column in named.columns), strict=True))
    table = read_table(folder / "issues.parquet", columns=["repo_key", "number", "title", "body"])
    numbered = zip(table["repo_key"].to_pylist(), table["number"].to_pylist(), strict=True)
    keys = pa.array([issue_key(key, number) for key, number in numbered], pa.string())
    for row in _rows_at(table, pc.sort_indices(keys)):
        yield row, _owner_of(row, names)


def _rows_at(table: pa.Table, places: pa.Array) -> Iterator[TableRow]:
    """Yield rows of a table by their places; taking many of them at once would copy all texts."""
    batches = table.to_batches()
    starts = [0, *accumulate(batch.num_rows for batch in batches)]
    for place in map(int, places.to_numpy()):
        number = bisect(starts, place) - 1
        yield from batches[number].slice(place - starts[number], 1).to_pylist()


def _owner_of(issue: TableRow, names: Mapping[str, str]) -> str | None:
    """Return the full name of an issue's repository; its key holds it where no row does."""
    key = str(issue["repo_key"])
    named_by_key = key.removeprefix("name:") if key.startswith("name:") else None
    return names.get(key, named_by_key)


def _template(path: Path, n_issues: int, progress: Progress) -> frozenset[str]:
    """Return the lines that templates wrote, by all issues of a snapshot.

    A repository's lines are held only until all of its issues were seen.
    """
    keys = read_table(path, columns=["repo_key"])["repo_key"]
    n_of = {each["values"]: each["counts"] for each in keys.value_counts().to_pylist()}
    bodies = ((row["repo_key"], row.get("body") or "") for row in _rows(path, ("repo_key", "body")))
    counted: defaultdict[str, LineCounts] = defaultdict(LineCounts)
    template: set[str] = set()
    with progress.task("issues read for what templates wrote", n_issues, unit="issues") as task:
        for some, counts in spread(
            _count_lines,
            _some_at_a_time(bodies),
            shared=None,
            workers=_workers(n_issues),
            what="reading of issues",
        ):
            for repository, its in counts.items():
                counted[repository].add(its)
                if counted[repository].n_issues == n_of[repository]:
                    template |= counted.pop(repository).template()
            task.advance(len(some))
    return frozenset(template)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[TableRow]:
    for batch in batches_of(path, columns):
        yield from batch.to_pylist()


def _count_lines(_: None, bodies: tuple[tuple[str, str], ...]) -> dict[str, LineCounts]:
    return count_lines(bodies)
