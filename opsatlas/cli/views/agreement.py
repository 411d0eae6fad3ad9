"""The agreement of coders, as tables for the terminal and as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from labels.agreement.estimate import Coefficient
from labels.agreement.results import Confusion, Family, Kind, Report, Result

HEADS: dict[Family, str] = {
    "percent": "agree",
    "cohen": "Cohen's κ",
    "fleiss": "Fleiss' κ",
    "alpha": "α",
    "gwet": "AC1 / AC2",
}
STAR = "★"
WHOLE = (
    "All variables: two codings are the same if they are in every variable. An item counts for a "
    "coder who gave it a value of any; a variable left without one is part of the coding."
)


class _Footnotes:
    """Numbers the reasons of a table, the same reason once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, reason: str | None) -> str:
        """Return the mark of a reason, or nothing for none."""
        if reason is None:
            return ""
        return f" [{self._numbers.setdefault(reason, len(self._numbers) + 1)}]"

    def lines(self) -> list[Text]:
        """Return a line for each reason."""
        return [Text(f"[{number}] {reason}") for reason, number in self._numbers.items()]


def report_tables(report: Report, *, codes: bool, confusions: bool = True) -> Group:
    """Return the summary and, if asked for, code by code, and who gave which code where."""
    more = [*([codes_table(report)] if codes else [])]
    more += [confusion_tables(report)] if confusions else []
    return Group(agreement_table(report), *(part for each in more for part in (Text(), each)))


def agreement_table(report: Report) -> Group:
    """Return the summary: a line for each scope but the codes, and what to know of them."""
    notes = _Footnotes()
    table = _table("", "items", *(_head(family, report) for family in HEADS))
    for result in report.of("overall", "variable", "wave", "version", "pair"):
        name = Text(result.scope.label if result.scope.part is None else f"  {result.scope.label}")
        table.add_row(name, *_figures(result, notes))
    return Group(table, *notes.lines(), *_legend(report), *_warnings(report, "overall", "variable"))


def codes_table(report: Report) -> Group:
    """Return a line for each code against the rest: who gave it how often, and the agreement."""
    notes = _Footnotes()
    heads = [_head(family, report) for family in HEADS]
    parts: list[Any] = []
    for variable in dict.fromkeys(result.scope.variable for result in report.of("code")):
        results = [each for each in report.of("code") if each.scope.variable == variable]
        table = _table(f"{variable}:", "given", *heads)
        for each in results:
            counts = "/".join(str(n) for n in each.given.values())
            table.add_row(Text(each.scope.part or ""), counts, *_figures(each, notes)[1:])
        parts.append(table)
    given = Text(f"given: by {' / '.join(report.coders)}; each code against all others.")
    return Group(*parts, *notes.lines(), given, *_warnings(report, "code"))


def confusion_tables(report: Report) -> Group:
    """Return for each variable and two coders how many items got which two codes."""
    return Group(*(_confusion(each) for each in report.confusions))


def agreement_values(report: Report) -> dict[str, Any]:
    """Return the report as JSON-compatible values."""
    settings = report.settings
    return {
        "named": settings.named,
        "threshold": settings.threshold,
        "seed": settings.seed,
        "resamples": settings.resamples,
        "coders": list(report.coders),
        "results": [
            {
                "scope": asdict(each.scope),
                "coefficients": [
                    {**asdict(found), "named": family == settings.family}
                    for family, found in each.coefficients.items()
                ],
                "verdict": None if each.verdict is None else asdict(each.verdict),
                "given": dict(each.given),
                "warning": each.warning,
            }
            for each in report.results
        ],
        "confusions": [
            {
                "variable": each.variable,
                "coders": list(each.coders),
                "codes": list(each.codes),
                "counts": [list(row) for row in each.counts],
            }
            for each in report.confusions
        ],
        "notes": list(report.notes),
    }


def _table(*heads: str) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    for number, head in enumerate(heads):
        if number:
            table.add_column(Text(head), justify="right", no_wrap=True)
        else:
            table.add_column(Text(head), overflow="fold")
    return table


def _head(family: Family, report: Report) -> str:
    return f"{STAR} {HEADS[family]}" if family == report.settings.family else HEADS[family]


def _figures(result: Result, notes: _Footnotes) -> list[Text]:
    """Return the pairable items, the share that agrees, and each coefficient with its interval."""
    found = result.coefficients
    agree = found["percent"]
    share = "–" if agree.value is None else f"{agree.value:.0%}"
    mark = notes.mark(agree.reason) if agree.value is None else ""
    others = (_figure(found[family], notes) for family in HEADS if family != "percent")
    return [Text(each) for each in (f"{agree.n_pairable:,}", share + mark, *others)]


def _figure(found: Coefficient, notes: _Footnotes) -> str:
    if found.value is None:
        return f"–{notes.mark(found.reason)}"
    value = _short(found.value)
    if found.low is None or found.high is None:
        return f"{value}{notes.mark(found.reason)}"
    dash = "–" if found.high >= 0 else " to "
    return f"{value} ({_short(found.low)}{dash}{_short(found.high)})"


def _short(value: float) -> str:
    """Return two decimals, without the zero before the point, as for all that cannot exceed 1."""
    rounded = round(value, 2) + 0.0  # -0.0 + 0.0 is 0.0
    return f"{rounded:.2f}".replace("0.", ".", 1) if abs(rounded) < 1 else f"{rounded:.2f}"


def _legend(report: Report) -> list[Text]:
    settings = report.settings
    lines = [
        "items: coded by two coders or more. (a–b): 95 % interval, "
        f"{settings.resamples:,} resamples of the items."
    ]
    whole = report.of("overall", "variable")
    computed: dict[str, list[str]] = {}
    for result in whole:
        names = "; ".join(each.name for each in result.coefficients.values())
        computed.setdefault(names, []).append(result.scope.title)
    lines += [f"{', '.join(titles)}: {names}." for names, titles in computed.items()]
    if report.of("overall"):
        lines.append(WHOLE)
    if settings.named is not None:
        threshold = "" if settings.threshold is None else f", to reach {settings.threshold:.2f}"
        lines.append(f"{STAR} named beforehand: {settings.named}{threshold}.")
        lines += [_sentence(each, settings.family) for each in whole]
    return [Text(line) for line in (*lines, *report.notes) if line]


def _sentence(result: Result, family: Family | None) -> str:
    """Return whether the named coefficient reaches the threshold; empty without a threshold."""
    if family is None or result.verdict is None:
        return ""
    found, by_low = result.coefficients[family], result.verdict.by_low
    if found.value is None:
        return f"{STAR} {result.scope.title}: undefined."
    start = f"{STAR} {result.scope.title}: {found.value:.3f} {_reaches(result.verdict.by_value)} it"
    if found.low is None or by_low is None:
        return f"{start}; there is no lower bound to judge by."
    return f"{start}; the lower bound {found.low:.3f} {_reaches(by_low)} it."


def _reaches(reached: bool | None) -> str:
    return "reaches" if reached else "does not reach"


def _warnings(report: Report, *kinds: Kind) -> list[Text]:
    results = report.of(*kinds)
    return [Text(f"{each.scope.title}: {each.warning}.") for each in results if each.warning]


def _confusion(found: Confusion) -> Group:
    one, other = found.coders
    title = Text(f"{found.variable}: rows are the codes of {one}, columns those of {other}")
    # Columns by number: the codes of a long codebook do not fit side by side.
    numbers = [str(number) for number in range(1, len(found.codes) + 1)]
    table = _table("", *numbers)
    for number, code, row in zip(numbers, found.codes, found.counts, strict=True):
        table.add_row(Text(f"{number} {code}"), *(str(n) if n else "·" for n in row))
    return Group(title, table)
