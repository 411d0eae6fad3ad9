"""Saturation, as a curve in text for the terminal and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from labels.saturation import Saturation, StoppingRule

ROWS = 12
"""Batches shown after the base."""
WIDTH = 40
"""Of the longest bar, in characters."""


def rule_sentence(rule: StoppingRule) -> str:
    """Return the stopping rule in words."""
    return (
        f"Rule (Guest, Namey and Chen 2020): base of {rule.base_size} documents, runs of "
        f"{rule.run_length}, at most {rule.threshold * 100:g}% new codes in a run over those in "
        "the base."
    )


def saturation_table(found: Saturation) -> Group:
    """Return the curve: for the base and each further batch the new codes and all so far."""
    table = Table("documents", "new", "all", "codes so far", box=None)
    for column in table.columns[:3]:
        column.justify = "right"
    n_codes = sum(map(len, found.new_codes))
    so_far = 0
    for first, last in _batches(len(found.new_codes), found.rule.base_size):
        new = sum(map(len, found.new_codes[first:last]))
        so_far += new
        places = f"{first + 1}–{last}" if last - first > 1 else f"{last}"
        table.add_row(places, f"{new:,}", f"{so_far:,}", _bar(so_far, n_codes))
    lines = [found.sentence, found.caution, rule_sentence(found.rule)]
    return Group(table, *(Text(line) for line in lines if line))


def strata_table(found: Mapping[str, Saturation]) -> Group:
    """Return a line for each stratum: documents, codes, and where the rule is met."""
    table = Table("stratum", "documents", "codes", "met at", "", box=None)
    for column in table.columns[1:4]:
        column.justify = "right"
    for name, each in found.items():
        n_codes = sum(map(len, each.new_codes))
        cells = (f"{len(each.new_codes):,}", f"{n_codes:,}", each.notation or "–")
        table.add_row(Text(name), *cells, Text(each.sentence))
    rules = dict.fromkeys(rule_sentence(each.rule) for each in found.values())
    return Group(table, *(Text(rule) for rule in rules))


def saturation_values(found: Saturation) -> dict[str, Any]:
    """Return the rule, the new codes of each document and run, and the outcome."""
    return {
        "rule": asdict(found.rule),
        "documents": len(found.new_codes),
        "base": list(found.base),
        "new_codes": [list(codes) for codes in found.new_codes],
        "runs": [asdict(run) | {"new": list(run.new)} for run in found.runs],
        "met": found.notation,
        "met_after": None if found.met is None else found.met.last,
        "new_after": found.n_after,
        "sentence": found.sentence,
        "caution": found.caution,
    }


def _batches(n_items: int, base_size: int) -> list[tuple[int, int]]:
    """Return where the base and then equal batches start and end, at most `ROWS` of these."""
    base = min(base_size, n_items)
    size = max(1, -(-(n_items - base) // ROWS))
    starts = range(base, n_items, size)
    first = [(0, base)] if base else []
    return first + [(start, min(start + size, n_items)) for start in starts]


def _bar(n: int, most: int) -> str:
    return "█" * round(WIDTH * n / most) if most else ""
