"""Kinds and their shares, as tables for the terminal and as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.errors import InputError
from artifacts.intervals import Interval
from insights.kinds.build import FoundKinds
from taxonomy.guidance.gold import ABSTAINED, Ceiling, Judgement

UNKNOWN_SHOWN = 5
OTHER_POPULATION = (
    "Those were drawn at random from what GitHub's search gave for the topics mlops and "
    "model-management: the correction is for such a mix of kinds, not for one that was picked."
)


def shares_table(found: FoundKinds) -> Group:
    """Return a line for each kind: how many, their share, and the share without the errors."""
    table = Table("kind", "called", "unsure", "share", "corrected (95 %)", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    unsure = Counter(row["kind"] for row in found.rows if row["abstained"])
    for share in sorted(found.shares, key=lambda each: (-each.n_called, each.kind)):
        table.add_row(
            share.kind,
            f"{share.n_called:,}",
            f"{unsure[share.kind]:,}",
            f"{share.raw:.1%}",
            _percentages(share.corrected),
        )
    lines = [
        Text(
            f"{len(found.rows):,} in {found.snapshot}; {sum(unsure.values()):,} unsure: no "
            f"kind has a probability of {found.model.threshold:g}."
        ),
        Text(
            f"Corrected for the classifier's errors on {found.n_unseen:,} that it had not seen "
            f"({found.model.training['held_out']})."
        ),
        *(Text(note) for note in found.manifest.notes),
        *([Text(OTHER_POPULATION)] if found.model.drawn == "at random" else []),
    ]
    return Group(table, *lines)


def list_table(found: FoundKinds, kind: str) -> Group:
    """Return what is called a kind, the surest first.

    Raises
    ------
    InputError
        If there is no such kind.
    """
    if kind not in found.model.classes:
        raise InputError(f"There is no kind '{kind}'.", fix=_allowed(found.model.classes))
    rows = [row for row in found.rows if row["kind"] == kind]
    table = Table("document", "probability", "", box=None)
    table.columns[1].justify = "right"
    for row in sorted(rows, key=lambda row: (-row["probability"], row["key"])):
        unsure = "unsure" if row["abstained"] else ""
        table.add_row(Text(row["title"]), f"{row['probability']:.2f}", unsure)
    return Group(table, Text(f"{len(rows):,} are called {kind}."))


def kinds_values(found: FoundKinds) -> dict[str, Any]:
    """Return the shares as JSON-compatible values."""
    return {
        "snapshot": found.snapshot,
        "documents": len(found.rows),
        "unsure": sum(row["abstained"] for row in found.rows),
        "threshold": found.model.threshold,
        "judged": found.manifest.facts["heads"],
        "errors_known_on": found.n_unseen,
        "kinds": [asdict(share) for share in found.shares],
        "notes": found.manifest.notes,
    }


def judgement_table(
    found: Sequence[Judgement], ceiling: Sequence[Ceiling], kinds: Sequence[str]
) -> Group:
    """Return the agreement with each coder, of the coders, and who was confused with whom."""
    table = Table("coder", "documents", "κ (95 %)", "unsure", "κ, unsure left out", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for each in found:
        values = (_figure(each.kappa_forced), f"{each.abstention:.0%}", _figure(each.kappa))
        table.add_row(Text(each.name), f"{each.n_judged:,}", *values)
    for pair in ceiling:
        table.add_row(Text(pair.name), f"{pair.n_docs:,}", _figure(pair.kappa), "", "")
    parts: list[Any] = [table]
    for each in found:
        parts += [*_unknown(each), _confusion(each, kinds)]
    return Group(*parts)


def judgement_values(found: Sequence[Judgement], ceiling: Sequence[Ceiling]) -> dict[str, Any]:
    """Return the agreement as JSON-compatible values."""
    return {
        "coders": [
            {
                "name": each.name,
                "documents": each.n_judged,
                "unknown": list(each.unknown),
                "unsure": each.n_abstained,
                "kappa": None if each.kappa_forced is None else asdict(each.kappa_forced),
                "kappa_sure": None if each.kappa is None else asdict(each.kappa),
                "confusion": [
                    {"coder": theirs, "called": ours, "documents": n}
                    for (theirs, ours), n in sorted(each.confusion.items())
                ],
            }
            for each in found
        ],
        "coders_with_each_other": [
            {
                "name": each.name,
                "documents": each.n_docs,
                "kappa": None if each.kappa is None else asdict(each.kappa),
            }
            for each in ceiling
        ],
    }


def _confusion(found: Judgement, kinds: Sequence[str]) -> Table:
    columns = [*(kind for kind in kinds), ABSTAINED]
    title = f"{found.name}: rows are the coder's kinds, columns what they were called"
    table = Table("", *columns, box=None, title=Text(title), title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind in kinds:
        counts = [found.confusion.get((kind, each), 0) for each in columns]
        if any(counts):
            table.add_row(kind, *(str(n) if n else "·" for n in counts))
    return table


def _unknown(found: Judgement) -> list[Text]:
    if not found.unknown:
        return []
    more = len(found.unknown) - UNKNOWN_SHOWN
    named = ", ".join(found.unknown[:UNKNOWN_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return [Text(f"{found.name}: {len(found.unknown)} not in the snapshot, left out: {named}")]


def _figure(figure: Interval | None) -> str:
    if figure is None:
        return "undefined"
    return f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"


def _percentages(figure: Interval) -> str:
    return f"{figure.value:.1%} ({figure.low:.0%}–{figure.high:.0%})"


def _allowed(kinds: Sequence[str]) -> str:
    return f"kinds are {', '.join(kinds)}"
