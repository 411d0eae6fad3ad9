"""How tools live, told in tables: true, of a population that is said, unknown where it is not."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest
from made_up_history import (
    CATEGORIES,
    CUT,
    ENDS,
    STAGES,
    UNOBSERVED,
    made_up_history,
    without,
    write_made_up,
)
from rich.console import Console

from artifacts.errors import ArtifactError
from artifacts.intervals import Estimate
from insights.history import figures, rows
from insights.history.history import History, history_tables, read_history
from insights.history.months import month_name
from insights.history.settings import EndDefinition
from reports.history.cells import Remarks, population_sentence
from reports.history.lasting import (
    curve_tables,
    log_rank_table,
    survival_parts,
    survival_sentence,
    survival_table,
    unknown_sentence,
)
from reports.history.lives import (
    stage_counts_table,
    stage_lists,
    stages_table,
)
from reports.history.tables import (
    HISTORY_MONTHS,
    HISTORY_TABLES,
    fits_table,
    growth_parts,
    growth_table,
    pairs_table,
    shares_parts,
    shares_tables,
    stages_parts,
    stages_tables,
    tables_of_history,
    together_parts,
    told_pairs_table,
)
from reports.latex import as_latex
from reports.tables import Marked, Table, as_csv, as_json, terminal

HISTORY = made_up_history()
NAMES = [name for name, _, _ in history_tables()]
EMPTY = without(HISTORY, *NAMES)


def lines_of(*parts: Table | str, width: int = 80) -> list[str]:
    """Return what a terminal of so many columns shows."""
    console = Console(width=width, file=io.StringIO())
    with console.capture() as capture:
        for part in parts:
            console.print(terminal(part) if isinstance(part, Table) else part)
    return capture.get().splitlines()


def records(table: Table) -> list[dict[str, str]]:
    """Return the rows of a table as its file of CSV has them."""
    return list(csv.DictReader(io.StringIO(as_csv(table))))


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    """All tables and the population; one table less, and it is refused."""
    folder = write_made_up(tmp_path / "history")
    assert read_history(folder) == HISTORY
    (folder / "lorenz.parquet").unlink()
    with pytest.raises(ArtifactError, match="lorenz"):
        read_history(folder)


def test_each_class_of_rows_has_a_table() -> None:
    """One each, kept in a file that is called as its field is."""
    found = list(history_tables())
    assert {*NAMES, "snapshot", "population"} == {each.name for each in fields(History)}
    every = [*vars(figures).values(), *vars(rows).values()]
    classes = {each for each in every if is_dataclass(each)} - {Estimate}
    assert len(found) == len(classes) and {row for _, row, _ in found} == classes
    assert ("log_rank", figures.SurvivalTest, "log-rank.parquet") in found


def test_of_whom_figures_are_told_is_said() -> None:
    """Rows, duplicates, archived, kinds, days of observation; what is not known has a number."""
    said = population_sentence(HISTORY)
    assert "40 tools, each once (43 rows, 3 of them" in said
    assert "28 are not archived, 4 are, of 8 it is not known" in said
    kinds = HISTORY.population.kinds
    assert f"By kind: {', '.join(f'{k} {n}' for k, n in kinds.items())}, not known 5." in said
    assert "from 2025-11-02 to 2026-08-23; 8 have no day of observation, and nothing of" in said
    nobody = replace(HISTORY.population, earliest=None, latest=None, n_unobserved=40)
    assert "None has a day of observation" in population_sentence(
        replace(HISTORY, population=nobody)
    )


@pytest.mark.parametrize(
    "parts",
    [
        growth_parts(HISTORY),
        survival_parts(HISTORY),
        shares_parts(HISTORY),
        together_parts(HISTORY),
        stages_parts(HISTORY),
    ],
    ids=["growth", "survival", "shares", "together", "stages"],
)
def test_what_a_terminal_shows_fits_into_eighty_columns(parts: list[Table | str]) -> None:
    """No line is wider, no column is squeezed to a letter or two, and tables have names."""
    names = [part.name for part in parts if isinstance(part, Table)]
    assert len(names) == len(set(names))
    lines = lines_of(*parts)
    assert max(map(len, lines)) <= 80
    words = [line.split()[0] for line in lines if line.strip()]
    assert sum(len(word) <= 2 for word in words) <= 0.2 * len(words)


def test_every_table_has_every_form() -> None:
    """Also where there is nothing; as data, each row names its snapshot."""
    for history in (HISTORY, EMPTY):
        made = list(tables_of_history(history))
        assert tuple(table.name for table in made) == HISTORY_TABLES
        for table in made:
            assert as_latex(table).startswith("% ")
            json.dumps(as_json(table), allow_nan=False)
            assert {row["snapshot"] for row in records(table)} <= {HISTORY.snapshot}
            assert HISTORY.snapshot in table.caption


def test_a_population_is_said_in_few_words_where_there_is_little() -> None:
    """One day of observation, no duplicates, and nothing known of archives."""
    whose = replace(HISTORY.population, n_duplicates=0, n_rows=40, n_archived_unknown=40)
    whose = replace(whose, kinds={}, n_unobserved=0, latest=whose.earliest, notes=())
    assert population_sentence(replace(HISTORY, population=whose)) == (
        "40 tools, each once (40 rows). Whether they are archived is not known. Last observed on "
        "2025-11-02."
    )


def test_months_are_told_by_year_in_print() -> None:
    """Sums of what adds up, means of what does not; the years that are not whole are marked."""
    rows = {row.cells["year"]: row.cells for row in growth_table(HISTORY).rows}
    whole = [each for each in HISTORY.months if each.month.startswith("2021")]
    counts = {m: [e.value for e in whole if e.measure == m] for m in ("commits", "active")}
    assert rows["2021"]["commits"] == sum(counts["commits"])
    assert rows["2021"]["active"] == sum(counts["active"]) / 12
    marked = {year for year, cells in rows.items() if isinstance(cells["births"], Marked)}
    assert marked == {"2025", "2026"}
    assert month_name(CUT) in growth_table(HISTORY).notes[1]
    months = next(t for t in tables_of_history(HISTORY) if t.name == HISTORY_MONTHS)
    assert len(records(months)) == len(HISTORY.months)


def test_verdicts_stand_below_the_models() -> None:
    """In their own words; why a doubling time is unknown is said, and in data it is empty."""
    table = fits_table(HISTORY)
    assert HISTORY.verdicts[0].sentence in table.notes[0]
    assert table.notes[-1] == "Doubling time unknown: it does not grow at the end."
    logistic = next(row for row in records(table) if row["model"] == "logistic")
    assert (logistic["doubling_months"], logistic["doubling_months_reason"]) == (
        "",
        "it does not grow at the end",
    )
    assert [row.cells["model"] for row in table.rows][:2] == ["logistic", "Gompertz"]


def test_tools_stand_by_stage_and_the_unknown_last() -> None:
    """Each with since when, the day it was seen and why; of unknown stage with that reason."""
    rows = [row.cells for row in stages_table(HISTORY).rows]
    stages = [cells["stage_shown"] for cells in rows]
    assert stages == sorted(stages, key=[*STAGES, "unknown"].index)
    unknown = [cells for cells in rows if cells["stage"] is None]
    assert len(unknown) == 8
    assert {cells["why"] for cells in unknown} == {UNOBSERVED}
    assert {(row["stage"], row["since"]) for row in records(stages_table(HISTORY))[-8:]} == {
        ("", "")
    }


def test_categories_count_the_unknown_too() -> None:
    """Every tool is in one cell, those of no category in a row of their own."""
    rows = [row.cells for row in stage_counts_table(HISTORY).rows]
    assert [cells["category"] for cells in rows[:3]] == sorted(
        CATEGORIES, key=lambda name: (-Counter(t.category for t in HISTORY.tools)[name], name)
    )
    assert [cells["category"] for cells in rows[3:]] == ["category not known", "all"]
    for cells in rows:
        assert sum(cells[stage] for stage in (*STAGES, "unknown")) == cells["n"]
    assert rows[-1]["n"] == len(HISTORY.tools)


def test_bounds_stand_beside_what_was_seen() -> None:
    """With how many ended and of how many it is not known; a median nobody reached is unknown."""
    row = records(survival_table(HISTORY))[0]
    assert (row["seen"], row["lower"], row["upper"]) == ("0.82", "0.67", "0.92")
    assert (row["n"], row["n_ended"], row["n_unknown"]) == ("60", "22", "8")
    (first, *_) = curve_tables(HISTORY)
    assert first.caption == "Until silent for a year: 60 tools, 22 ended, 8 unknown"
    median = next(row for row in first.rows if row.cells["figure"] == "median")
    assert median.cells["seen_shown"] == "unknown a"
    lines = lines_of(*survival_parts(HISTORY))
    assert [line for line in lines if "does not reach" in line] == [
        "a the curve does not reach a half."
    ]
    assert survival_sentence(HISTORY, ENDS[0]) == (
        "silent for a year: after five years 50% (44%–56%) last, between 35% and 60% whatever "
        "became of those of unknown days (60 tools, 22 ended, 8 unknown)."
    )
    assert survival_sentence(EMPTY, ENDS[0]) == "silent for a year: unknown."


def test_of_many_pairs_of_groups_those_that_differ_are_shown() -> None:
    """All are in the data; the test of all groups, and of the only two, stand there always."""
    pair = replace(HISTORY.log_rank[0], groups=("tool", "library"), degrees=1, p_holm=0.2)
    telling = replace(pair, groups=("tool", "example project"), p_holm=0.01)
    history = replace(HISTORY, log_rank=(*HISTORY.log_rank, pair, telling))
    shown = log_rank_table(history, is_whole=False)
    assert [row.cells["shown"] for row in shown.rows] == [
        "all 3",
        "Organization – User",
        "tool – example project",
    ]
    assert shown.notes == ("1 pair of groups that does not differ is left out.",)
    assert [row["groups"] for row in records(log_rank_table(history))][2] == "tool; library"


def test_bounds_have_no_columns_where_all_days_are_known() -> None:
    """In print; and where nothing was seen, it is said why."""
    seen = tuple(each for each in HISTORY.survival if each.bound == "as seen")
    lines = "\n".join(lines_of(*survival_parts(replace(HISTORY, survival=seen))))
    assert "bound" not in lines and "As seen" in lines
    nothing = Estimate(None, None, None, 0, "not known of any tool")
    none = tuple(replace(e, value=nothing) if e.bound == "as seen" else e for e in HISTORY.survival)
    assert survival_sentence(replace(HISTORY, survival=none), ENDS[0]).startswith(
        "silent for a year: unknown how many last five years, not known of any tool (60 tools"
    )


def test_what_goes_together_is_no_advice() -> None:
    """Topics tell how many owners name both; nobody is told to, nor that they use both."""
    texts = " ".join([*lines_of(pairs_table(HISTORY)), *pairs_table(HISTORY).notes])
    assert "named together as topics, by distinct owners" in texts.lower()
    assert "was not seen" in texts and "no advice" in texts
    assert "recommend" not in texts
    assert [row.cells["n_both"] for row in pairs_table(HISTORY).rows] == [10, 3]


def test_tools_are_listed_once_their_number_is_told() -> None:
    """First who came to their stage in the last year; one stage, or all, where that is asked."""
    parts = stages_parts(HISTORY)
    assert isinstance(parts[1], Table) and parts[1].name == "history-stage-counts"
    shares = parts[1].rows[-1].cells
    assert (shares["category"], shares["unknown"]) == ("share of those known", "")
    assert parts[1].notes == (f"Unknown: 8 ({UNOBSERVED}).",)

    def listed(stage: str | None) -> list[str]:
        tables = [part for part in stage_lists(HISTORY, stage) if isinstance(part, Table)]
        for table in tables:
            since = [row.cells["since"] for row in table.rows]
            assert since == sorted(since, reverse=True)
        return [row.cells["full_name"] for table in tables for row in table.rows]

    assert sorted(listed("all")) == sorted(tool.full_name for tool in HISTORY.tools)
    for stage in STAGES:
        assert set(listed(stage)) == {t.full_name for t in HISTORY.tools if t.stage == stage}
    late = {t.full_name for t in HISTORY.tools if t.since and t.since >= "2025-08"}
    assert set(listed(None)) <= late
    assert stage_lists(without(HISTORY, "tools"), "dead") == [
        f"No tool of {HISTORY.snapshot} is in the stage 'dead'."
    ]
    (dead,) = stages_tables(HISTORY, "dead")
    assert {row["stage"] for row in records(dead)} == {"dead"}


def test_tools_of_one_reason_stand_together_with_how_and_what_is_new() -> None:
    """How an end was announced, and what the last months look like, have columns of their own."""
    late = "a; the last 2 months look otherwise (peak), not yet for long enough"
    reasons = ("a", late, "its end was announced: archived")
    tools = tuple(
        replace(tool, stage="dead", since=None, reason=reason)
        for tool, reason in zip(HISTORY.tools, reasons, strict=False)
    )
    keys = ("since", "how", "lately")
    *tables, told = stage_lists(replace(HISTORY, tools=tools), "dead")
    shown = {
        table.caption: [tuple(row.cells[key] for key in keys) for row in table.rows]
        for table in tables
        if isinstance(table, Table)
    }
    assert shown == {
        "Dead: a (2)": [("unknown", "", ""), ("unknown", "", "peak (2 months)")],
        "Dead: its end was announced (1)": [("unknown", "archived", "")],
    }
    assert "no stage yet" in str(told)
    (text, *_) = [each for each in stage_lists(replace(HISTORY, tools=tools)) if each]
    assert "0 came to it" in str(text) and "of 3 it is not known when they did" in str(text)


def test_stages_have_no_shares_where_few_are_known() -> None:
    """Those that are known are no sample then."""
    lost = [replace(t, stage=None, unknown="not asked") for t in HISTORY.tools if t.stage != "dead"]
    dead = [tool for tool in HISTORY.tools if tool.stage == "dead"]
    (_, counts, *_) = stages_parts(replace(HISTORY, tools=(*lost, *dead)))
    assert isinstance(counts, Table)
    assert counts.rows[-1].cells["category"] == "all"


def test_remarks_that_differ_in_numbers_alone_are_one() -> None:
    """Cells bear their letters; each is written once, with all numbers."""
    remarks = Remarks()
    assert remarks.letters("rests on few: 3 watched; outlasts 60 months") == " a b"
    assert (remarks.letters("outlasts 9.5 months"), remarks.letters(None)) == (" b", "")
    assert list(remarks.notes()) == [
        "a rests on few: 3 watched.",
        "b outlasts 9.5 or 60 months.",
    ]


def test_what_is_unknown_to_a_curve_is_said_and_what_a_sign_of_life_is() -> None:
    """Of the study's definitions; of none, nothing is said of signs."""
    assert "8 without a day of observation" in unknown_sentence(HISTORY)
    assert "sign of life" not in unknown_sentence(HISTORY)
    pushes = EndDefinition(name="silent", silent_months=12, sign="push")
    assert "A sign of life is a push to any branch" in unknown_sentence(HISTORY, [pushes])


def test_of_pairs_a_reader_is_shown_those_that_tell_something() -> None:
    """Two owners, or more than chance explains; how many others there are, or why there is none."""
    alone = replace(HISTORY.pairs[1], n_both=1, q=1.0)
    table = told_pairs_table(replace(HISTORY, pairs=(HISTORY.pairs[0], alone, alone)))
    assert [row.cells["n_both"] for row in table.rows] == [10]
    assert table.notes[-1].startswith("2 further pairs are left out, of fewer than two owners")
    many = told_pairs_table(replace(HISTORY, pairs=(HISTORY.pairs[0],) * 25))
    assert len(many.rows) == 20 and many.notes[-1].startswith("5 further pairs are left out:")
    (_, nothing) = together_parts(EMPTY)
    assert isinstance(nothing, str) and "it takes topics of repositories" in nothing


def test_what_is_unknown_is_never_nought() -> None:
    """A figure without a value is empty in data, and read as unknown."""
    nothing = Estimate(None, None, None, 0, "fewer than 10 tools")
    made = without(HISTORY, *(name for name in NAMES if name != "shares"))
    shares = tuple(replace(each, share=nothing) for each in HISTORY.shares)
    made = replace(made, shares=shares)
    tables = shares_tables(made)
    for table in tables:
        for row in table.rows:
            shown = [value for key, value in row.cells.items() if key.endswith("_shown")]
            assert set(shown) <= {"unknown"}
    assert {row["share"] for row in records(tables[0])} == {""}
    assert shares_parts(made)[1] == (
        "Not known of any tool: clouds, containers, practices, language (by topics)."
    )
