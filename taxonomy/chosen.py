"""The documents that a taxonomy is built on where not all of a snapshot's are wanted."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from artifacts.manifest import Dropped


@dataclass(frozen=True)
class Chosen:
    """Documents that were chosen beforehand.

    Attributes
    ----------
    keys
        Of the documents that the taxonomy is built on.
    dropped
        Why the others are not among them, and how many.
    """

    keys: frozenset[str]
    dropped: tuple[Dropped, ...]

    def texts(self, table: pa.Table) -> pa.Table:
        """Return the rows of a table of texts whose documents were chosen, in its order."""
        return table.filter(pa.array([key in self.keys for key in table["key"].to_pylist()]))

    def as_value(self) -> list[str]:
        """Return the keys as what the taxonomy's own key is made of."""
        return sorted(self.keys)
