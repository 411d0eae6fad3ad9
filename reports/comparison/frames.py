"""A comparison as data frames, for notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from artifacts.notebook import as_html
from reports.comparison.inputs import ShownComparison
from reports.comparison.tables import tables
from reports.comparison.words import headline, sentences, size_in_words
from reports.tables import as_json

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, repr=False)
class WorkspaceComparison:
    """What changed between snapshots of a workspace, as data frames.

    Attributes
    ----------
    shown
        Everything that was compared, with names and texts.
    """

    shown: ShownComparison

    @property
    def events(self) -> DataFrame:
        """Return a row for each event: what became of nodes, how large it is, p, the verdict."""
        return self._tables["events"]

    @property
    def growth(self) -> DataFrame:
        """Return a row for each node: its sizes on both sides, and the parts of the difference."""
        return self._tables["growth"]

    @property
    def moves(self) -> DataFrame:
        """Return a row for each document: its nodes on both sides, and what became of it."""
        return self._tables["moves"]

    @property
    def links(self) -> DataFrame:
        """Return a row for each pair of an earlier and a later node that are related."""
        return self._tables["links"]

    @property
    def sentences(self) -> list[str]:
        """Return the sentences that a paper can quote, in order."""
        return [sentence for pair in self.shown.pairs() for sentence in sentences(pair)]

    @cached_property
    def _tables(self) -> dict[str, DataFrame]:
        from pandas import DataFrame

        return {
            table.name.removeprefix("lineage-"): DataFrame(
                as_json(table), columns=[column.name for column in table.columns if column.in_data]
            )
            for table in tables(self.shown, in_print=False)
        }

    @property
    def summary(self) -> str:
        """Return the comparison in a sentence for each two neighbours."""
        return " ".join(headline(pair) for pair in self.shown.pairs())

    def __repr__(self) -> str:
        return f"<Comparison: {self.summary}>"

    def _repr_html_(self) -> str:
        rows = [
            (event.verdict, event.kind, pair.before(event), pair.after(event), size_in_words(event))
            for pair in self.shown.pairs()
            for event in pair.events(everything=False)
        ]
        columns = ("verdict", "event", "earlier", "later", "size")
        return as_html(self.summary, columns, rows, notes=self.shown.notes)
