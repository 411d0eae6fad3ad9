"""Taxonomies and evaluations as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.errors import InputError
from taxonomy.ensemble import NOISE
from taxonomy.evaluation import Agreement, Evaluation
from taxonomy.store import StoredTaxonomy

EXEMPLARS_SHOWN = 3


def topics_table(stored: StoredTaxonomy, titles: Mapping[str, str]) -> Group:
    """Return one line a topic, and a line on what is not placed."""
    table = Table("topic", "size", "stability", "keywords", "such as", box=None)
    table.columns[0].justify = table.columns[1].justify = table.columns[2].justify = "right"
    for row in stored.topics.to_pylist():
        table.add_row(
            str(row["topic"]),
            f"{row['size']:,}",
            f"{row['stability']:.2f}",
            Text(", ".join(row["keywords"][:5])),
            Text(", ".join(titles[key] for key in row["exemplars"][:EXEMPLARS_SHOWN])),
        )
    n_docs = stored.assignments.num_rows
    unplaced = stored.assignments["topic"].to_pylist().count(NOISE)
    share = unplaced / n_docs if n_docs else 0.0
    return Group(
        table,
        Text(
            f"{stored.topics.num_rows} topics; {unplaced:,} of {n_docs:,} documents "
            f"({share:.0%}) are unplaced; the two halves of the ensemble agree with "
            f"AMI {stored.stability['halves_ami']:.2f}."
        ),
    )


def documents_table(stored: StoredTaxonomy, titles: Mapping[str, str], topic: int) -> Table:
    """Return the documents of a topic, firmest first; of -1, those that are not placed."""
    rows = [row for row in stored.assignments.to_pylist() if row["topic"] == topic]
    if not rows:
        raise InputError(
            f"There is no topic {topic}.", fix=f"topics are 0 to {stored.topics.num_rows - 1}"
        )
    table = Table("document", "strength", "nearest topic", box=None)
    table.columns[1].justify = table.columns[2].justify = "right"
    for row in sorted(rows, key=lambda row: (-row["strength"], row["key"])):
        nearest = str(row["nearest_topic"])
        table.add_row(Text(titles[row["key"]]), f"{row['strength']:.2f}", nearest)
    return table


def evaluation_table(found: Evaluation) -> Group:
    """Return the figures of an evaluation, with the lists' own agreement as the ceiling."""
    table = Table("list", "documents", "AMI (95 %)", "V", "purity", "placed", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for each in found.lists:
        figures = (f"{each.v_measure:.2f}", f"{each.purity:.2f}", f"{each.placed:.0%}")
        table.add_row(Text(each.name), str(each.n_docs), _interval(each), *figures)
    lines = [Text(f"mean AMI over {len(found.lists)} lists: {found.mean_ami:.3f}")]
    lines += [
        Text(f"ceiling, the lists with each other: {each.name}: {_interval(each)}")
        for each in found.ceiling
    ]
    return Group(table, *lines)


def _interval(each: Agreement) -> str:
    return f"{each.ami.value:.3f} ({each.ami.low:.2f}–{each.ami.high:.2f})"
