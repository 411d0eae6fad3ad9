"""An earlier meta-analysis of the same repositories, computed again figure by figure.

``--data`` holds github-search-2023-01-18/, eleven pages of GitHub's search and
reference_figures.csv: figures of these pages, each with how it was computed; those that begin with
``her`` are of Zimmerman's meta-analysis (2022/23), with what she printed where that is something
else; and kinds-2023/coder_a.csv. Every figure is computed anew (`benchmarks.zimmerman_figures`) and
held against the value given, to its digits. Where she printed something else, it is looked for a
population or a table that gives it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.common import arguments, publish, table
from benchmarks.zimmerman_figures import (
    FOLDER,
    LDA_SEED,
    Figures,
    Pages,
    Value,
    her_clusters,
    her_correlations,
    her_populations,
    ours,
    read_pages,
)

ABSENT: Final = "NOT in this data"
LAST_BITS: Final = 1e-12


@dataclass(frozen=True)
class Wanted:
    """A row of the table of figures."""

    figure: str
    value: str
    how: str

    @property
    def is_absent(self) -> bool:
        """Tell whether the figure cannot be computed from these pages."""
        return self.how.startswith(ABSENT)


def read_wanted(data: Path) -> list[Wanted]:
    """Return the figures, in their order."""
    with (data / FOLDER / "reference_figures.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [Wanted(row["figure"], row["value"], row["how_computed"]) for row in rows]


# What she printed, and why it is something else


@dataclass(frozen=True)
class Printed:
    """A figure that she printed with another value than these pages give of its population."""

    figure: str
    ours: Value | None
    hers: str
    why: str


def printed(wanted: Wanted) -> str | None:
    """Return what she printed, as how it was computed tells; None: it does not tell."""
    if lists := re.search(r"she prints age (\S+), stars (\S+), sum (\S+)", wanted.how):
        _, what, how = wanted.figure.split(".")
        if how == "sum":
            return lists[3]
        return lists[1 if what == "age" else 2].split("/")[("mean", "median", "max").index(how)]
    if wanted.figure.startswith("her.since_push.q"):
        quartiles = re.findall(r"\d+", wanted.how.partition("she prints")[2])
        return str(quartiles[round(float(wanted.figure.partition(".q")[2]) * 4) - 1])
    single = re.search(r"(?:she (?:prints|states)|users n =)(?: Length:)? ([\d.,]*\d)", wanted.how)
    return None if single is None else single[1].replace(",", "")


def explained(pages: Pages, wanted: Iterable[Wanted], figures: Figures) -> list[Printed]:
    """Return where she printed something else, with what gives her value, if anything does."""
    her = her_populations(pages)
    of_986 = {
        **her_correlations(her["986"], her["1023"]),
        **her_clusters(her["986"]),
        **{name.replace("her986.", "her."): figures[name] for name in figures if "her986." in name},
    }
    ways = {
        "on the 986 that are not archived, with or without a description": of_986,
        f"on the 949, with the topic of an LDA model (seed {LDA_SEED}) as twelfth column": (
            her_clusters(her["949"], with_lda=True)
        ),
    }
    differing = []
    for row in wanted:
        hers = printed(row)
        if hers is None or is_same(figures.get(row.figure), hers):
            continue
        found = (way for way, its in ways.items() if is_same(its.get(row.figure), hers))
        why = next(found, "unexplained")
        differing.append(Printed(row.figure, figures.get(row.figure), hers, why))
    return differing


# Held against each other


def is_same(value: Value | None, text: str, *, decimals: int | None = None) -> bool:
    """Tell whether a figure is what a text says, to so many decimals; None: to those it has."""
    if value is None or isinstance(value, str):
        return value == text
    numbers_ = value if isinstance(value, tuple) else (value,)
    given = text.split()
    return len(given) == len(numbers_) and all(
        abs(number - float(each)) <= _half_a_unit(each, decimals)
        for number, each in zip(numbers_, given, strict=True)
    )


def _half_a_unit(text: str, decimals: int | None) -> float:
    """Return how far a number may be from one that was rounded, but for its last bits."""
    places = len(text.partition(".")[2]) if decimals is None else decimals
    return 0.5 * 10.0**-places + LAST_BITS


def is_as_given(value: Value | None, wanted: Wanted) -> bool:
    """Tell whether a figure is the value given: curves have four decimals, other numbers six.

    Zeros at the end are left out there, so the text alone does not tell how many it has.
    """
    return is_same(value, wanted.value, decimals=4 if isinstance(value, tuple) else 6)


def behind_curves(wanted: Iterable[Wanted], figures: Figures) -> tuple[int, int]:
    """Return how many of the numbers behind the curves (tools, ends) are as told, and of how many.

    They stand where it is told how a curve was computed.
    """
    told = [
        (row.figure, match)
        for row in wanted
        if (match := re.match(r"n=(\d+), dead=(\d+);", row.how))
    ]
    equal = sum(
        figures[f"{name} {what}"] == int(number)
        for name, match in told
        for what, number in zip(("n", "dead"), match.groups(), strict=True)
    )
    return equal, 2 * len(told)


def shift_of_curves(wanted: Iterable[Wanted], figures: Figures) -> float:
    """Return by how much the shares of the curves move at most if those too young are left out."""
    shifts = [0.0]
    for row in wanted:
        ours_, without = figures[row.figure], figures.get(f"{row.figure} without the too young")
        if isinstance(ours_, tuple) and isinstance(without, tuple):
            shifts += [abs(one - other) for one, other in zip(ours_, without, strict=True)]
    return max(shifts)


def _shown(value: Value | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return " ".join(f"{each:.4f}" for each in value)
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def _no_if(failed: bool) -> str:
    return "no" if failed else "yes"


def main() -> None:
    """Run the benchmark."""
    args = arguments(__doc__ or "").parse_args()
    wanted = read_wanted(args.data)
    asked = [row.figure for row in wanted]
    pages = read_pages(args.data, asked, keep="first")
    figures = ours(pages)
    there = [row for row in wanted if not row.is_absent]
    failed = [row.figure for row in there if not is_as_given(figures.get(row.figure), row)]
    rows = [
        [row.figure, row.value, None, row.how.partition(":")[0]]
        if row.is_absent
        else [row.figure, row.value, _shown(figures.get(row.figure)), _no_if(row.figure in failed)]
        for row in wanted
    ]
    differing = explained(pages, there, figures)
    updated = ours(read_pages(args.data, asked, keep="later updated"))
    moved = [row for row in there if not is_as_given(updated.get(row.figure), row)]
    n_equal, n_curves = behind_curves(there, figures)
    shown = [
        table("Figures", ["figure", "reference", "ours", "same?"], rows),
        table(
            "Where she printed something else",
            ["figure", "ours", "she printed", "hers is"],
            [[each.figure, _shown(each.ours), each.hers, each.why] for each in differing],
        ),
        table(
            "If the later updated of two versions is kept, as our import does",
            ["figure", "what came first", "later updated"],
            [[row.figure, row.value, _shown(updated.get(row.figure))] for row in moved],
        ),
    ]
    for each in shown:
        each.columns[0].overflow = "fold"
    computed = {
        "figures": {row.figure: figures.get(row.figure) for row in wanted},
        "not_equal": failed,
        "printed_otherwise": [asdict(each) for each in differing],
        "with_later_updated": {row.figure: updated.get(row.figure) for row in moved},
    }
    publish("zimmerman", computed, shown, args.out)
    print(f"{n_equal} of {n_curves} numbers of tools and ends behind the curves are equal, too")
    print(
        "Left out, as by our curves, those too young to have ended move the shares by "
        f"{shift_of_curves(there, figures):.4f} at most"
    )
    n_same, n_absent = len(there) - len(failed), len(wanted) - len(there)
    print(
        f"{n_same} of {len(there)} equal to their digits; {n_absent} not in this data"
        + "".join(f"\nnot equal: {figure}" for figure in failed)
    )


if __name__ == "__main__":
    main()
