"""The tables and sentences of a comparison: whole, in order, safe in a spreadsheet and in LaTeX."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace

import pytest
from lineages import EVENTS, HOSTILE, chained, comparison, everybody, with_joint

from reports.comparison.inputs import ShownComparison
from reports.comparison.tables import events_table, keywords_changed, tables
from reports.comparison.words import headline, p_in_words, sentences
from reports.latex import as_latex
from reports.tables import as_csv
from taxonomy.lineage.values import SideNode

NAMES = ["events", "growth", "links", "moves", "flows"]


def rows(shown: ShownComparison, name: str) -> list[dict[str, str]]:
    """Return a table as a spreadsheet reads its CSV."""
    table = next(t for t in tables(shown, in_print=False) if t.name == f"lineage-{name}")
    return list(csv.DictReader(io.StringIO(as_csv(table), newline="")))


def test_every_table_is_there() -> None:
    """Five tables of each comparison, the identities of a chain, the joint view if asked for."""
    for shown, more in ((comparison(), []), (chained(), ["identities"]), (with_joint(), ["joint"])):
        found = [table.name for table in tables(shown, in_print=False)]
        assert found == [f"lineage-{name}" for name in [*NAMES, *more]]


def test_events_come_with_changes_first_and_both_names() -> None:
    """Changes, then what is unclear, then noise; each with its p-values, nodes and evidence."""
    found = rows(comparison(), "events")
    verdicts = [row["verdict"] for row in found]
    assert verdicts == ["change", "change", "change", "unclear", "noise"]
    split = next(row for row in found if row["event"] == "split")
    assert split["earlier"] == "1 pipelines and orchestration"
    assert split["later"] == "1 workflow orchestration; 2 data pipelines"
    assert (split["p"], split["p_rerun"], split["p_documents"]) == ("0.02", "0.02", "0.01")
    assert "acme/tool-62" in split["evidence"]


def test_growth_adds_up_in_the_file() -> None:
    """Later less earlier is new less left plus in less out, in every row."""
    for row in rows(comparison(), "growth"):
        parts = {key: int(row[key]) for key in ("new", "left", "moved_in", "moved_out")}
        change = parts["new"] - parts["left"] + parts["moved_in"] - parts["moved_out"]
        assert int(row["later"]) - int(row["earlier"]) == change


def test_flows_and_moves_count_everybody() -> None:
    """Every document is a row of the moves and is counted in the flows."""
    shown = comparison()
    assert len(rows(shown, "moves")) == len(everybody())
    assert sum(int(row["documents"]) for row in rows(shown, "flows")) == len(everybody())
    kinds = Counter(row["what"] for row in rows(shown, "moves"))
    assert kinds["new"] == 21 and kinds["left"] == 5


def test_only_those_that_moved_are_printed() -> None:
    """The table for a paper leaves out the documents that did not move."""
    printed = next(t for t in tables(comparison(), in_print=True) if t.name == "lineage-moves")
    assert {row.cells["what"] for row in printed.rows} == {"moved"}


def test_a_stranger_cannot_run_a_formula_or_break_latex() -> None:
    """A title that begins like a formula is inert in CSV, and markup is only text in LaTeX."""
    shown = comparison()
    side = shown.sides[1]
    titles = {**side.titles, "name:acme/tool-62": '=HYPERLINK("x")'}
    evil = replace(shown, sides=(shown.sides[0], replace(side, titles=titles)))
    cells = [row["document"] for row in rows(evil, "moves")]
    assert '\'=HYPERLINK("x")' in cells
    text = as_latex(events_table(shown.pairs()))
    assert "<script" not in text
    assert "\\&" in text and HOSTILE not in text
    assert text.count("\\\\\n") == 1 + len(EVENTS)


def test_the_headline_counts_what_is_beyond_noise() -> None:
    """Changes by kind, what is unclear and noise; a birth is an event, and no growth as well."""
    pair = comparison().pairs()[0]
    said = (
        "Between 2023-01-18 and 2026-08-23, 3 of 5 differences are beyond noise (1 born, 1 split, "
        "1 merged); 1 unclear, 1 within it. 3 of 5 topics go on."
    )
    assert headline(pair) == said
    grown = [
        replace(each, verdict="change") if each.earlier == 0 else each
        for each in pair.lineage.growth
    ]
    larger = replace(pair, lineage=replace(pair.lineage, growth=tuple(grown)))
    assert headline(larger) == (
        f"{said} In size, 1 of these differs beyond noise; 0 unclear, 2 within it."
    )


@pytest.mark.parametrize("verdict", ["noise", "unclear"])
def test_without_a_change_the_headline_says_so(verdict: str) -> None:
    """No difference beyond noise is a finding, and said as one."""
    shown = comparison()
    events = tuple(replace(event, verdict=verdict) for event in EVENTS)
    calm = replace(shown, lineages=(replace(shown.lineages[0], events=events),))
    assert "none of 5 differences is beyond noise" in headline(calm.pairs()[0])


def test_sentences_carry_their_figures() -> None:
    """What a paper quotes has sizes, p-values, the interval, the floor and the correction."""
    said = " ".join(sentences(comparison().pairs()[0]))
    for figure in (
        "65 tools, of which 59 in 5 topics",
        "“LLM observability” (12) is new: 92 % had no place before (corrected p = 0.01, change)",
        "grew from 0 (0 % of all) to 12 (15 %; 95 % by re-running: 11 to 13): 12 new",
        "Of 60 tools in both, 33 stayed with their topic, 18 moved, and 9 are in one",
        "at AMI 0.91 and the later at 0.88",
        "they agree at 0.61",
        "999 exchanges",
        "Westfall & Young 1993",
    ):
        assert figure in said
    assert "hadoop jobs” is gone" not in said  # unclear is no finding


def test_p_values_are_printed_as_papers_do() -> None:
    """Three ranges of p, none of them printed as zero."""
    assert [p_in_words(p) for p in (0.0004, 0.004, 0.04, 1.0)] == [
        "p < 0.001",
        "p = 0.004",
        "p = 0.04",
        "p = 1.00",
    ]


def test_keywords_gained_and_lost_are_those_of_the_nodes() -> None:
    """A keyword counts if the text has all its words; the highest ranks come first."""
    nodes = [
        SideNode(number=0, name="a", keywords=("pipeline", "model registry", "spark")),
        SideNode(number=1, name="b", keywords=("agents", "llm")),
    ]
    gained, lost = keywords_changed(
        "A pipeline on Spark.", "LLM agents with a model, and a registry.", nodes, most=2
    )
    assert gained == ["agents", "llm"]
    assert lost == ["pipeline", "spark"]
