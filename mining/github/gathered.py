"""The rows that a mining gathers, kept on disk until all of them are there."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from artifacts.shelf import Shelf
from mining.tables import KEYS, TableRow

SHOWN = 5
"""Names that a note tells."""
_DIGITS = 20


class GatheredRows:
    """The rows of a table, in the order of its keys; those of one key, as they came."""

    def __init__(self, table: str) -> None:
        self._columns = KEYS[table]
        self._rows: Shelf[str, TableRow] = Shelf()

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[TableRow]:
        return self._rows.values()

    def add(self, row: TableRow) -> None:
        """Add a row, which is not changed any more."""
        # No text has a NUL (`mining.values.clean`), so no part of a key runs into the next.
        parts = [_sortable(row[column]) for column in self._columns]
        self._rows["\0".join([*parts, _sortable(len(self._rows))])] = row


def _sortable(value: str | int) -> str:
    return f"{value:0{_DIGITS}}" if isinstance(value, int) else value


@dataclass
class _Missing:
    """How many repositories lack something, and the first of their names."""

    n: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, full_name: str) -> None:
        self.n += 1
        self.first = heapq.nsmallest(SHOWN, [*self.first, full_name], key=str.lower)


@dataclass
class Tables:
    """What is gathered.

    Attributes
    ----------
    rows
        By table.
    names
        Of the repositories that are there, by key.
    missing
        By what repositories lack, and why.
    n_carried
        Repositories that were carried over.
    """

    rows: dict[str, GatheredRows] = field(default_factory=dict)
    names: Shelf[str, str] = field(default_factory=Shelf)
    missing: dict[str, _Missing] = field(default_factory=dict)
    n_carried: int = 0

    def add(self, table: str, *rows: TableRow) -> None:
        """Add rows to a table."""
        if table not in self.rows:
            self.rows[table] = GatheredRows(table)
        for row in rows:
            self.rows[table].add(row)

    def lacks(self, why: str, full_name: str) -> None:
        """Note that a repository lacks something."""
        self.missing.setdefault(why, _Missing()).add(full_name)

    def notes(self) -> Iterator[str]:
        """Yield a sentence for each reason."""
        for why, missing in sorted(self.missing.items()):
            n_more = missing.n - len(missing.first)
            more = f" and {n_more:,} more" if n_more else ""
            yield f"{why} ({missing.n:,}): {', '.join(missing.first)}{more}"
