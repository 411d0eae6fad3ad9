"""Rows that mean one thing made into one row, in an order-independent way.

Repositories are one when their GitHub ids are equal, or, where an id is missing, when the current
name of one is a current or former name of the other. Of rows that differ the one
with an id goes before one without, then the later updated one; what it lacks the others fill.

Only rows that may have to do with each other become Python's objects, few groups of them at a time;
the others stay in their tables.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from artifacts.tables import ROWS_AT_ONCE, TableBuilder, gathered, rows_of, taken
from mining.tables import BY_WHOM, CLOCKS, KEYS, NO_DAY, SCHEMAS, TableRow, repo_key

if TYPE_CHECKING:
    import numpy as np

GITHUB_SEARCH = "github-search"
Ranked = tuple[int, TableRow]
"""A row and how new it is: 1 from this import, 0 from before."""

NAMED_BY = ("repo_key", "full_name", "aliases", "updated_at")
"""Columns of repositories that tell how they are called."""
_BY_NAME = "name:"
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Merged:
    """Rows without repeats, and what was found on the way.

    Parameters
    ----------
    table
        One row a thing, sorted by key.
    n_read
        How many rows there were.
    n_contradicting
        How many things had rows that did not agree.
    ambiguous
        Names that fit several repositories and so were joined with none.
    """

    table: pa.Table
    n_read: int
    n_contradicting: int
    ambiguous: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """Return how many things there are."""
        return int(self.table.num_rows)

    @property
    def n_repeats(self) -> int:
        """Return how many rows were repeats of another."""
        return self.n_read - self.n_rows


@dataclass(frozen=True)
class _Joined:
    """What came of groups of rows: the rows that stand for them, and what was found on the way."""

    rows: list[TableRow]
    n_contradicting: int = 0
    ambiguous: tuple[str, ...] = ()


_Rule = Callable[[Sequence[Ranked]], _Joined]
"""Makes one row of all that mean one thing, of rows among which all that may are there."""


def merge_repositories(rows: pa.Table, *, existing: pa.Table | None = None) -> Merged:
    """Return one row for each repository; on a tie of times a new row beats an existing one.

    A search answer is complete (null means "none"), so one search row is never filled from
    another; rows of other sources fill each other. Former names are gathered in `aliases`.

    Parameters
    ----------
    existing
        What was merged before.
    """
    return _merge("repositories", rows, existing, _related, _join_repositories, _is_changed)


def merge_keyed(table: str, rows: pa.Table, *, existing: pa.Table | None = None) -> Merged:
    """Return one row for each key of ``table``: the later updated one, filled from the others.

    Parameters
    ----------
    existing
        What was merged before.
    """
    is_changed = _has_reason if table == "histories" else None
    join = partial(_join_keyed, table)
    return _merge(table, rows, existing, partial(_equal, table), join, is_changed)


def best_of_each(table: str, rows: pa.Table, rank: Callable[[TableRow], Any]) -> Merged:
    """Return of the rows of each key that of the lowest rank; of equal ones the first."""

    def join(ranked: Sequence[Ranked]) -> _Joined:
        groups = _by_key(table, ranked).values()
        return _Joined([min((row for _, row in group), key=rank) for group in groups])

    return _merge(table, rows, None, partial(_equal, table), join, None)


def rewritten(
    table: str,
    rows: pa.Table,
    repo_keys: Collection[str],
    change: Callable[[TableRow], TableRow | None],
) -> pa.Table:
    """Return rows, those of some repositories changed, or left out where ``change`` gives None."""
    import numpy as np

    is_theirs = pc.is_in(rows["repo_key"], value_set=pa.array(repo_keys, pa.string())).to_numpy()
    theirs = map(change, rows_of(taken(rows, np.flatnonzero(is_theirs))))
    changed = gathered((row for row in theirs if row is not None), SCHEMAS[table])
    others = np.flatnonzero(~is_theirs)
    places = np.concatenate([others, np.arange(len(is_theirs), len(is_theirs) + len(changed))])
    return _in_order(table, pa.concat_tables([rows, changed]), places)


def name_index(repositories: pa.Table) -> dict[str, str]:
    """Return the key of a repository by each of its names, current and former, in lower case.

    A current name goes before a former one; a former name that two repositories claim is left out.

    Parameters
    ----------
    repositories
        With the columns `NAMED_BY`.
    """
    former: dict[str, set[str]] = defaultdict(set)
    current: dict[str, str] = {}
    times = repositories["updated_at"].combine_chunks()
    order = pc.array_sort_indices(times, null_placement="at_start")
    for row in rows_of(taken(repositories.select(NAMED_BY), order.to_numpy())):
        current[row["full_name"].lower()] = row["repo_key"]
        for alias in row["aliases"] or ():
            former[alias.lower()].add(row["repo_key"])
    index = {name: next(iter(keys)) for name, keys in former.items() if len(keys) == 1}
    return index | current


def relinked(repo_keys: pa.ChunkedArray, index: Mapping[str, str]) -> pa.ChunkedArray | None:
    """Return keys, those made from a name replaced by the key of the repository it names.

    None if none is.
    """
    by_name = repo_keys.filter(pc.starts_with(repo_keys, _BY_NAME)).unique().to_pylist()
    found = {key: index.get(key.removeprefix(_BY_NAME), key) for key in by_name}
    replaced = {key: new for key, new in found.items() if new != key}
    if not replaced:
        return None
    places = pc.index_in(repo_keys, value_set=pa.array(replaced, pa.string()))
    return pc.coalesce(pa.array(replaced.values(), pa.string()).take(places), repo_keys)


def _merge(
    table: str,
    rows: pa.Table,
    existing: pa.Table | None,
    group: Callable[[pa.Table], np.ndarray],
    join: _Rule,
    is_changed: Callable[[pa.Table], np.ndarray] | None,
) -> Merged:
    """Join the rows of each group; what is alone in its group stays as it is.

    Parameters
    ----------
    group
        Gives the number of each row's group; rows that mean one thing are in one group.
    is_changed
        Tells which new rows are changed even if they are alone; None: none is.
    """
    import numpy as np

    schema = SCHEMAS[table]
    sources = [each.cast(schema) for each in (rows, existing) if each is not None]
    every, n = pa.concat_tables(sources), sum(each.num_rows for each in sources)
    if not n:
        return Merged(every, 0, 0)
    groups = group(every)
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    sizes = np.diff(starts, append=n)
    is_joined = sizes > 1
    if is_changed is not None:
        changed = np.zeros(n, dtype=bool)
        changed[: rows.num_rows] = is_changed(sources[0])
        is_joined |= np.logical_or.reduceat(changed[order], starts)
    alone, together = (order[np.repeat(each, sizes)] for each in (~is_joined, is_joined))
    builder = TableBuilder(schema)
    n_contradicting = 0
    ambiguous: list[str] = []
    for places in _batches(together, sizes[is_joined]):
        ranks = (places < rows.num_rows).astype(int).tolist()
        joined = join(list(zip(ranks, taken(every, places).to_pylist(), strict=True)))
        builder.add(*joined.rows)
        n_contradicting += joined.n_contradicting
        ambiguous += joined.ambiguous
    every = pa.concat_tables([every, builder.finish()])
    merged = _in_order(table, every, np.concatenate([alone, np.arange(n, every.num_rows)]))
    return Merged(merged, n, n_contradicting, tuple(sorted(ambiguous)))


def _batches(places: np.ndarray, sizes: np.ndarray) -> Iterator[np.ndarray]:
    """Yield places in batches, about `ROWS_AT_ONCE` each, that part none of the groups."""
    import numpy as np

    ends = np.cumsum(sizes)
    last = np.flatnonzero(np.diff((ends - 1) // ROWS_AT_ONCE))
    return (batch for batch in np.split(places, ends[last]) if len(batch))


def _in_order(table: str, rows: pa.Table, places: np.ndarray | None = None) -> pa.Table:
    """Return rows, or those at some places, sorted by key."""
    import numpy as np

    keys = rows.select(KEYS[table]).combine_chunks()
    if places is None:
        places = np.arange(rows.num_rows)
    return taken(rows, places[_key_order(taken(keys, places))])


def _key_order(keys: pa.Table) -> np.ndarray:
    by = [(name, "ascending") for name in keys.column_names]
    order: np.ndarray = pc.sort_indices(keys.combine_chunks(), sort_keys=by).to_numpy()
    return order


def _equal(table: str, rows: pa.Table) -> np.ndarray:
    """Group rows of one key."""
    import numpy as np

    keys = rows.select(KEYS[table]).combine_chunks()
    order = _key_order(keys)
    ordered = taken(keys, order)
    is_other = np.zeros(len(order), dtype=bool)
    for column in ordered.columns:
        other = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1))
        is_other[1:] |= other.to_numpy()
    groups = np.empty(len(order), dtype=np.int64)
    groups[order] = np.cumsum(is_other)
    return groups


def _related(rows: pa.Table) -> np.ndarray:
    """Group repositories that an id or a name, present or former, links, maybe by others."""
    import numpy as np

    columns = rows.select(["repo_id", "full_name", "aliases"]).combine_chunks()
    ids, names, aliases = (_one_piece(column) for column in columns.columns)
    everywhere = np.arange(rows.num_rows)
    called = pa.concat_arrays([_lower(names), _lower(pc.list_flatten(aliases))])
    callers = np.concatenate([everywhere, pc.list_parent_indices(aliases).to_numpy()])
    known = pc.is_valid(ids).to_numpy(zero_copy_only=False)
    root: dict[int, int] = {}

    def find(i: int) -> int:
        while (up := root.get(i, i)) != i:
            root[i] = root.get(up, up)
            i = up
        return i

    for values, holders in ((called, callers), (ids.drop_null(), everywhere[known])):
        codes = values.dictionary_encode().indices.to_numpy()
        first = np.empty(len(codes), dtype=np.int64)
        first[codes[::-1]] = holders[::-1]
        others = np.flatnonzero(first[codes] != holders)
        for one, other in zip(holders[others].tolist(), first[codes[others]].tolist(), strict=True):
            root[find(one)] = find(other)
    for one in list(root):
        everywhere[one] = find(one)
    return everywhere


def _is_changed(repositories: pa.Table) -> np.ndarray:
    """Tell which repositories `_merge_repository` may change though each is alone."""
    columns = repositories.select(["repo_key", "repo_id", "full_name", "aliases", "source"])
    keys, ids, names, aliases, sources = (_one_piece(c) for c in columns.combine_chunks().columns)
    by_id = pc.binary_join_element_wise("gh:", ids.cast(pa.string()), "")
    by_name = pc.binary_join_element_wise(_BY_NAME, _lower(names), "")
    odd = pc.fill_null(pc.or_(pc.equal(sources, ""), pc.match_substring(sources, "+")), False)
    odd = pc.or_(odd, pc.or_(pc.is_valid(aliases), pc.not_equal(keys, pc.coalesce(by_id, by_name))))
    changed: np.ndarray = odd.to_numpy(zero_copy_only=False)
    return changed


def _has_reason(histories: pa.Table) -> np.ndarray:
    """Tell which histories `_join_keyed` may change though each is alone."""
    told = pc.or_(pc.is_valid(histories["reason"]), pc.is_valid(histories["flags"]))
    has_reason: np.ndarray = told.to_numpy()
    return has_reason


def _one_piece(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _lower(names: pa.Array) -> pa.Array:
    """Return names in lower case, as Python has it."""
    if pc.all(pc.string_is_ascii(names)).as_py() is not False:
        return pc.ascii_lower(names)
    return pa.array([name.lower() for name in names.to_pylist()], pa.string())


def _join_repositories(ranked: Sequence[Ranked]) -> _Joined:
    groups, ambiguous = _repository_groups(ranked)
    return _Joined(list(map(_merge_repository, groups)), sum(map(_disagree, groups)), ambiguous)


def _by_key(table: str, ranked: Sequence[Ranked]) -> dict[tuple[Any, ...], list[Ranked]]:
    groups: dict[tuple[Any, ...], list[Ranked]] = defaultdict(list)
    for rank, row in ranked:
        groups[tuple(row[column] for column in KEYS[table])].append((rank, row))
    return groups


def _join_keyed(table: str, ranked: Sequence[Ranked]) -> _Joined:
    joined = []
    n_contradicting = 0
    for group in _by_key(table, ranked).values():
        ordered = _best_first(group)
        n_contradicting += _disagree(ordered)
        # A README is one piece: the hash of one text must not come to stand beside another.
        row = _filled(ordered[:1] if table == "readmes" else ordered)
        if table == "histories":
            row = _without_answered(row) | _flags_of_all(ordered)
        elif table == "activity" and len(ordered) > 1:
            row |= _commits_of_one(ordered)
        joined.append(row)
    return _Joined(joined, n_contradicting)


def _repository_groups(ranked: Sequence[Ranked]) -> tuple[list[list[TableRow]], tuple[str, ...]]:
    """Group rows by repository, best first: by id, then those without one by name."""
    by_id: dict[int, list[Ranked]] = defaultdict(list)
    for rank, row in ranked:
        if row.get("repo_id") is not None:
            by_id[row["repo_id"]].append((rank, row))
    current: dict[str, set[int]] = defaultdict(set)
    former: dict[str, set[int]] = defaultdict(set)
    for repo_id, members in by_id.items():
        name, others = _names(_best_first(members))
        current[name].add(repo_id)
        for other in others:
            former[other].add(repo_id)
    apart = []
    ambiguous = []
    joining: list[tuple[int, list[Ranked]]] = []
    without_id = [(rank, row) for rank, row in ranked if row.get("repo_id") is None]
    for component in _components(without_id):
        name, others = _names(_best_first(component))
        formerly = former.get(name, set()).union(*(current.get(other, ()) for other in others))
        ids = current.get(name) or formerly
        if len(ids) == 1:
            joining.append((next(iter(ids)), component))
            continue
        apart.append(component)
        if ids:
            ambiguous.append(name)
    for repo_id, component in joining:
        by_id[repo_id].extend(component)
    groups = [_best_first(members) for members in (*by_id.values(), *apart)]
    return groups, tuple(sorted(ambiguous))


def _names(members: Sequence[TableRow]) -> tuple[str, set[str]]:
    """Return the name of the best of ``members``, and all their other names, in lower case."""
    names = {row["full_name"].lower() for row in members}
    names |= {alias.lower() for row in members for alias in row.get("aliases") or ()}
    name = members[0]["full_name"].lower()
    return name, names - {name}


def _components(ranked: Sequence[Ranked]) -> list[list[Ranked]]:
    """Group rows without id: linked where a current name of one is any name of the other."""
    rows = [row for _, row in ranked]
    root = list(range(len(rows)))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    holder: dict[str, int] = {}
    for i, row in enumerate(rows):
        root[find(i)] = find(holder.setdefault(row["full_name"].lower(), i))
    for i, row in enumerate(rows):
        for alias in row.get("aliases") or ():
            if alias.lower() in holder:
                root[find(i)] = find(holder[alias.lower()])
    groups: dict[int, list[Ranked]] = defaultdict(list)
    for i, member in enumerate(ranked):
        groups[find(i)].append(member)
    return list(groups.values())


def _best_first(members: Sequence[Ranked]) -> list[TableRow]:
    if len(members) > 1:
        members = sorted(members, key=_preference, reverse=True)
    return [row for _, row in members]


def _preference(ranked: Ranked) -> tuple[bool, datetime, datetime, int, str]:
    """Order rows by how far they are believed: with GitHub's id, late, new; then by content."""
    rank, row = ranked
    return (
        row.get("repo_id") is not None,
        row.get("updated_at") or _NEVER,
        row.get("pushed_at") or _NEVER,
        rank,
        _canonical(row),
    )


def _canonical(row: TableRow) -> str:
    return json.dumps({k: v for k, v in row.items() if v is not None}, sort_keys=True, default=str)


def _disagree(rows: Sequence[TableRow]) -> bool:
    """Tell whether two rows hold different values, not null, in one column of content."""
    if len(rows) < 2:
        return False
    columns = set().union(*rows) - {*CLOCKS, "source", "aliases", "repo_key"}
    return any(
        len({_canonical({column: row.get(column)}) for row in rows if row.get(column) is not None})
        > 1
        for column in columns
    )


def _filled(ordered: Sequence[TableRow]) -> TableRow:
    result = dict(ordered[0])
    for other in ordered[1:]:
        for column, value in other.items():
            if result.get(column) is None:
                result[column] = value
    return result


def _commits_of_one(months: Sequence[TableRow]) -> TableRow:
    """Return the commits of a month, and by whom, as one source counts them.

    That is the first that tells people apart, if one does; parts of one count are none of another.
    """
    counts = [row for row in months if row.get("commits") is not None]
    told = [row for row in counts if row.get("human") is not None]
    best = next(iter(told or counts), {})
    return {column: best.get(column) for column in ("commits", *BY_WHOM)}


def _flags_of_all(histories: Sequence[TableRow]) -> TableRow:
    """Return what is odd about a history by all that tell of it: no source takes another's back."""
    told = [row["flags"] for row in histories if row.get("flags") is not None]
    return {"flags": sorted({flag for flags in told for flag in flags})} if told else {}


def _without_answered(history: TableRow) -> TableRow:
    """Return a history that no longer says why its day of observation is unknown, if it has one."""
    if history.get("observed_at") is None or history.get("reason") is None:
        return history
    parts = history["reason"].split("; ")
    left = "; ".join(part for part in parts if not part.startswith(NO_DAY))
    return {**history, "reason": left or None}


def _merge_repository(ordered: Sequence[TableRow]) -> TableRow:
    best = ordered[0]
    fillers = [
        row for row in ordered[1:] if not row.get("source") == best.get("source") == GITHUB_SEARCH
    ]
    result = _filled([best, *fillers])
    names: dict[str, str] = {}
    known = False
    for row in ordered:
        known = known or row.get("aliases") is not None
        for name in (row["full_name"], *(row.get("aliases") or ())):
            names.setdefault(name.lower(), name)
    names.pop(result["full_name"].lower())
    result["aliases"] = sorted(names.values(), key=str.lower) if names or known else None
    sources = {part for row in ordered for part in (row.get("source") or "").split("+") if part}
    result["source"] = "+".join(sorted(sources)) or None
    result["repo_key"] = repo_key(result["full_name"], result.get("repo_id"))
    return result
