"""`opsatlas label agree`: how far coders agree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.console import show
from opsatlas.cli.label.sets import open_labels
from opsatlas.cli.options import JsonOption, LabelsArgument, WaveOption, WorkspaceOption
from reports.tables import Column, Table, matrix, spaced

if TYPE_CHECKING:
    from labels.agreement.coefficients import Coefficient
    from labels.agreement.report import Family, Report, Result

HEADS: dict[Family, str] = {
    "percent": "agree",
    "cohen": "Cohen's κ",
    "fleiss": "Fleiss' κ",
    "alpha": "α",
    "gwet": "AC1 / AC2",
}


def agree(
    name: LabelsArgument,
    wave: WaveOption = None,
    codes: Annotated[bool, typer.Option("--codes", help="Also code by code.")] = False,
    confusion: Annotated[
        bool, typer.Option("--confusion", help="Also who gave which code where.")
    ] = False,
    resamples: Annotated[
        int, typer.Option(min=0, help="Resamples of documents for the intervals.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the resamples.")] = 0,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how far coders agree, with intervals.

    By variable, wave and version of the codebook. Refused while a wave is open: coding is blind
    until then.
    """
    from labels.agreement.report import agreement

    with open_labels(name, workspace, read_only=True) as labels:
        report = agreement(labels, wave, seed=seed, resamples=resamples)
    tables = report_tables(report, codes=codes, confusions=confusion)
    show(*spaced(tables), data=report.values(), json=as_json)


class _Footnotes:
    """Numbers the reasons of a table, the same reason once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, reason: str | None) -> str:
        """Return the mark of a reason, or nothing for none."""
        if reason is None:
            return ""
        return f" [{self._numbers.setdefault(reason, len(self._numbers) + 1)}]"

    def lines(self) -> list[str]:
        """Return a line for each reason."""
        return [f"[{number}] {reason}" for reason, number in self._numbers.items()]


def report_tables(report: Report, *, codes: bool, confusions: bool = True) -> list[Table]:
    """Return the summary and, if asked for, code by code, and who gave which code where."""
    return [
        agreement_table(report),
        *(codes_tables(report) if codes else ()),
        *(confusion_tables(report) if confusions else ()),
    ]


def agreement_table(report: Report) -> Table:
    """Return the summary: a line for each scope but the codes, and what to know of them."""
    footnotes = _Footnotes()
    rows = []
    for result in report.of("overall", "variable", "wave", "version", "pair"):
        indent = "" if result.scope.part is None else "  "
        items = f"{result.coefficients['percent'].n_pairable:,}"
        cells: dict[str, str | None] = {"scope": indent + result.scope.label, "items": items}
        rows.append(cells | _figures(result, footnotes))
    heads = [Column("scope"), Column("items", "items", is_number=True), *_heads(report)]
    notes = [*footnotes.lines(), *report.legend(), *report.warnings("overall", "variable")]
    return Table.of(heads, rows, notes=notes)


def codes_tables(report: Report) -> list[Table]:
    """Return a line for each code against the rest: who gave it how often, and the agreement."""
    tables = []
    for variable in dict.fromkeys(result.scope.variable for result in report.of("code")):
        footnotes = _Footnotes()
        rows = [
            {"code": result.scope.part, "given": "/".join(map(str, result.given.values()))}
            | _figures(result, footnotes)
            for result in report.of("code")
            if result.scope.variable == variable
        ]
        heads = [Column("code"), Column("given", "given", is_number=True), *_heads(report)]
        tables.append(Table.of(heads, rows, caption=f"{variable}:", notes=footnotes.lines()))
    given = f"given: by {' / '.join(report.coders)}; each code against all others."
    notes = (given, *report.warnings("code"))
    return [*tables[:-1], *(replace(last, notes=last.notes + notes) for last in tables[-1:])]


def confusion_tables(report: Report) -> list[Table]:
    """Return for each variable and two coders how many items got which two codes."""
    tables = []
    for confusion in report.confusions:
        one, other = confusion.coders
        counts = {
            (row, column): n
            for row, given in zip(confusion.codes, confusion.counts, strict=True)
            for column, n in zip(confusion.codes, given, strict=True)
        }
        caption = f"{confusion.variable}: rows are the codes of {one}, columns those of {other}"
        tables.append(matrix(confusion.codes, confusion.codes, counts, caption=caption))
    return tables


def _heads(report: Report) -> list[Column]:
    """Return a column for each coefficient; a star marks the one that was named beforehand."""
    from labels.agreement.report import STAR

    named = report.settings.family
    return [
        Column(family, f"{STAR} {head}" if family == named else head, is_number=True)
        for family, head in HEADS.items()
    ]


def _figures(result: Result, footnotes: _Footnotes) -> dict[str, str | None]:
    """Return the share that agrees, and each coefficient with its interval."""
    coefficients = result.coefficients
    agree = coefficients["percent"]
    share = "–" if agree.value is None else f"{agree.value:.0%}"
    mark = footnotes.mark(agree.reason) if agree.value is None else ""
    cells: dict[str, str | None] = {"percent": share + mark}
    for family in HEADS:
        if family != "percent":
            cells[family] = _figure(coefficients[family], footnotes)
    return cells


def _figure(coefficient: Coefficient, footnotes: _Footnotes) -> str:
    if coefficient.value is None:
        return f"–{footnotes.mark(coefficient.reason)}"
    value = _short(coefficient.value)
    if coefficient.low is None or coefficient.high is None:
        return f"{value}{footnotes.mark(coefficient.reason)}"
    dash = "–" if coefficient.high >= 0 else " to "
    return f"{value} ({_short(coefficient.low)}{dash}{_short(coefficient.high)})"


def _short(value: float) -> str:
    """Return two decimals, without the zero before the point, as for all that cannot exceed 1."""
    rounded = round(value, 2) + 0.0  # -0.0 + 0.0 is 0.0
    return f"{rounded:.2f}".replace("0.", ".", 1) if abs(rounded) < 1 else f"{rounded:.2f}"
