"""Rows that mean one thing made into one row, in an order-independent way.

Repositories are one when their GitHub ids are equal, or, where an id is missing, when the current
name of one is a current or former name of the other. Of rows that differ the one
with an id goes before one without, then the later updated one; what it lacks the others fill.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mining.tables import BY_WHOM, CLOCKS, KEYS, NO_DAY, TableRow, repo_key

GITHUB_SEARCH = "github-search"
Ranked = tuple[int, TableRow]
"""A row and how new it is: 1 from this import, 0 from before."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Merged:
    """Rows without repeats, and what was found on the way.

    Parameters
    ----------
    rows
        One row a thing, sorted by key.
    n_repeats
        How many rows were repeats of another.
    n_contradicting
        How many things had rows that did not agree.
    ambiguous
        Names that fit several repositories and so were joined with none.
    """

    rows: list[TableRow]
    n_repeats: int
    n_contradicting: int
    ambiguous: tuple[str, ...] = ()


def merge_repositories(rows: Iterable[TableRow], *, existing: Iterable[TableRow] = ()) -> Merged:
    """Return one row for each repository; on a tie of times a new row beats an existing one.

    A search answer is complete (null means "none"), so one search row is never filled from
    another; rows of other sources fill each other. Former names are gathered in `aliases`.
    """
    ranked = [(1, row) for row in rows] + [(0, row) for row in existing]
    groups, ambiguous = _repository_groups(ranked)
    merged = sorted(map(_merge_repository, groups), key=lambda row: row["repo_key"])
    n_contradicting = sum(map(_disagree, groups))
    return Merged(merged, len(ranked) - len(merged), n_contradicting, ambiguous)


def merge_keyed(
    table: str, rows: Iterable[TableRow], *, existing: Iterable[TableRow] = ()
) -> Merged:
    """Return one row for each key of ``table``: the later updated one, filled from the others."""
    groups: dict[tuple[Any, ...], list[Ranked]] = defaultdict(list)
    n_rows = 0
    for rank, source in ((1, rows), (0, existing)):
        for row in source:
            groups[tuple(row[column] for column in KEYS[table])].append((rank, row))
            n_rows += 1
    merged = []
    n_contradicting = 0
    for key in sorted(groups):
        ordered = _best_first(groups[key])
        n_contradicting += _disagree(ordered)
        # A README is one piece: the hash of one text must not come to stand beside another.
        row = _filled(ordered[:1] if table == "readmes" else ordered)
        if table == "histories":
            row = _without_answered(row) | _flags_of_all(ordered)
        elif table == "activity" and len(ordered) > 1:
            row |= _commits_of_one(ordered)
        merged.append(row)
    return Merged(merged, n_rows - len(merged), n_contradicting)


def name_index(repositories: Sequence[TableRow]) -> dict[str, str]:
    """Return the key of a repository by each of its names, current and former, in lower case.

    A current name goes before a former one; a former name that two repositories claim is left out.
    """
    former: dict[str, set[str]] = defaultdict(set)
    current: dict[str, str] = {}
    for row in sorted(repositories, key=lambda row: row.get("updated_at") or _NEVER):
        current[row["full_name"].lower()] = row["repo_key"]
        for alias in row.get("aliases") or ():
            former[alias.lower()].add(row["repo_key"])
    index = {name: next(iter(keys)) for name, keys in former.items() if len(keys) == 1}
    return index | current


def relinked(rows: Iterable[TableRow], index: Mapping[str, str]) -> Iterator[TableRow]:
    """Yield ``rows`` with keys made from a name replaced by the key of the repository it names."""
    for row in rows:
        key = row["repo_key"]
        name = key.removeprefix("name:")
        yield row if name == key or name not in index else {**row, "repo_key": index[name]}


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
