"""Samples and what they say of all, as tables for the terminal and as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.intervals import Interval
from labels.sampling.allocation import Rule
from labels.sampling.draw import Design, Sample
from labels.sampling.estimate import CodeEstimate, Estimates

HASH_SHOWN = 12
RULES = {
    "proportional": "proportional allocation",
    "equal": "equal allocation",
    "neyman": "Neyman allocation",
}


def design_paragraph(sample: Sample) -> str:
    """Return how the sample was drawn, in words that a paper can quote."""
    design = sample.design
    margin = (
        "no margin, as a stratum gave none"
        if sample.margin is None
        else f"margin at most ±{sample.margin:.1%} at {design.level * 100:g}%"
    )
    return (
        f"{len(sample.units):,} of {sample.n_population:,} documents, drawn at random without "
        f"replacement, {_strata(design)}, seed {design.seed}; {margin}. "
        f"Question: {design.question} "
        f"Population: SHA-256 {design.frame_hash[:HASH_SHOWN]}…"
    )


def sample_table(sample: Sample) -> Group:
    """Return the design in words, and a line for each stratum: size, drawn, weight."""
    table = Table("stratum", "documents", "share", "drawn", "probability", "weight", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for each in sample.design.strata:
        probability = each.n_drawn / each.n_population
        table.add_row(
            Text(each.name),
            f"{each.n_population:,}",
            f"{each.n_population / sample.n_population:.1%}",
            f"{each.n_drawn:,}",
            f"{probability:.3f}",
            f"{1 / probability:.2f}" if each.n_drawn else "–",
        )
    return Group(Text(design_paragraph(sample)), table)


def sample_values(sample: Sample) -> dict[str, Any]:
    """Return the design and the documents as JSON-compatible values."""
    return {
        "design": asdict(sample.design),
        "design_in_words": design_paragraph(sample),
        "documents": len(sample.units),
        "population": sample.n_population,
        "margin": sample.margin,
        "units": [asdict(unit) for unit in sample.units],
    }


def estimates_table(found: Estimates) -> Group:
    """Return a line for each code, the commonest first, and what it rests on."""
    level = f"{found.level * 100:g}%"
    table = Table("code", "labelled", f"share ({level})", f"of {found.n_population:,}", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for each in sorted(found.codes, key=_commonest_first):
        table.add_row(Text(each.code), f"{each.n_with:,}", _share(each.share), _total(each.total))
    reasons = sorted({each.reason for each in found.codes if each.reason})
    lines = [
        f"{found.n_labelled:,} of the {found.n_drawn:,} documents drawn are labelled; strata are "
        "weighted by their shares of the population.",
        *(f"Undefined: {reason}." for reason in reasons),
    ]
    return Group(table, *(Text(line) for line in lines))


def estimates_values(found: Estimates) -> dict[str, Any]:
    """Return the estimates as JSON-compatible values."""
    return asdict(found)


def _strata(design: Design) -> str:
    if design.method == "simple":
        return "not stratified"
    return f"stratified by {design.by}, {_rule(design.rule)}"


def _rule(rule: Rule | None) -> str:
    if rule is None:
        return "with given numbers"
    least = f" with at least {rule.minimum} of each stratum" if rule.minimum else ""
    return f"{RULES[rule.name]}{least}"


def _commonest_first(each: CodeEstimate) -> tuple[float, str]:
    return (0.0 if each.share is None else -each.share.value, each.code)


def _share(share: Interval | None) -> str:
    if share is None:
        return "undefined"
    return f"{share.value:.1%} ({share.low:.1%}–{share.high:.1%})"


def _total(total: Interval | None) -> str:
    if total is None:
        return "undefined"
    return f"{total.value:,.0f} ({total.low:,.0f}–{total.high:,.0f})"
