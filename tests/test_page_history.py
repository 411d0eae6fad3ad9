"""How tools live, on the page: of a population that is said, drawn, and no more than is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import Chromium, find_chromium
from exported import planted_workspace
from made_up_history import (
    CATEGORIES,
    HOSTILE,
    STAGES,
    UNOBSERVED,
    made_up_history,
    without,
    write_made_up,
)
from page_inputs import make_inputs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from artifacts.progress import SilentProgress
from artifacts.step import make
from insights.history.history import History, history_tables
from opsatlas.cli import console
from opsatlas.cli.session import open_study
from reports.history.cells import population_sentence
from reports.history.tables import shares_parts, stages_parts, together_parts
from reports.history.views import MOST_NAMES
from reports.page.build import PageParts, page_step
from reports.page.page import HISTORY_STYLE, render_page
from reports.provenance import content_key
from reports.tables import Table

INPUTS = make_inputs(n_tools=40, n_requests=20, n_topics=4)
HISTORY = made_up_history()
PROGRAM = find_chromium()


def page_of(*histories: History) -> LexborHTMLParser:
    """Return the page of a study that looks at how tools live."""
    return LexborHTMLParser(render_page(replace(INPUTS, histories=histories)))


def words(node: LexborNode) -> str:
    """Return the text of a node with its blanks joined."""
    return " ".join(node.text(separator=" ").split())


def one(tree: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """Return the only node that a selector matches."""
    nodes = tree.css(selector)
    assert len(nodes) == 1, (selector, len(nodes))
    return nodes[0]


def visible_lines(parts: list[Table | str]) -> str:
    """Return what a terminal is sent for the parts of a command."""
    with console.out().capture() as capture:
        console.show(*parts)
    return capture.get()


@pytest.fixture(scope="module")
def page() -> LexborHTMLParser:
    """Return the page with one history."""
    return page_of(HISTORY)


def test_without_histories_nothing_is_said_of_them() -> None:
    """No section, link, style or script; and the key is what it was before there were any."""
    html = render_page(INPUTS)
    for trace in ('id="history"', "#history", "class Lives", ".lives"):
        assert trace not in html, (trace, HISTORY_STYLE)
    assert content_key(INPUTS) == content_key(replace(INPUTS, histories=()))
    assert content_key(INPUTS) != content_key(replace(INPUTS, histories=(HISTORY,)))


def test_the_population_is_said_before_any_figure(page: LexborHTMLParser) -> None:
    """In the words of the tables, with the caps of the source; and stages count the unknown."""
    section = one(page, "#history")
    assert population_sentence(HISTORY) in words(section)
    assert HISTORY.population.notes[0] in words(section)
    figures = [words(each) for each in section.css(".figures div")]
    assert len(figures) == len(STAGES) + 1
    assert figures[-1] == "stage unknown 8"
    assert sum(int(each.split()[-1]) for each in figures) == len(HISTORY.tools)
    assert "#history" in {node.attributes["href"] for node in page.css("nav a")}


def test_every_tool_of_a_known_stage_has_a_row(page: LexborHTMLParser) -> None:
    """Stage, since when, the day it was seen, 36 months, and why; in the order of a life."""
    rows = page.css(".lives tbody tr")
    known = [tool for tool in HISTORY.tools if tool.stage is not None]
    assert len(rows) == len(known)
    order = [STAGES.index(row.attributes["data-stage"]) for row in rows]
    assert order == sorted(order)
    by_name = {words(row.css("th")[0]): row for row in rows}
    tool = known[1]
    cells = [words(cell) for cell in by_name[tool.full_name].css("td")]
    assert cells[:3] == [tool.stage, tool.since, f"{tool.observed_at:%Y-%m-%d}"]
    assert cells[-1] == tool.reason
    assert one(by_name[tool.full_name], "svg.spark").attributes["aria-label"] is not None
    assert one(by_name[tool.full_name], "a").attributes["href"] == (
        f"https://github.com/{tool.full_name}"
    )


def test_tools_of_unknown_stage_stand_apart_with_the_reason() -> None:
    """They are in no row of the others; of many, the first names and how many more there are."""
    silent = next(tool for tool in HISTORY.tools if tool.stage is None)
    many = replace(HISTORY, tools=(silent,) * (MOST_NAMES + 3))
    lost = one(page_of(many), "#history > details:not(.folded)")
    assert words(one(lost, "summary")) == (f"Stage unknown: {UNOBSERVED} {MOST_NAMES + 3} tools")
    assert "and 3 more: opsatlas insights show" in words(lost)
    assert words(one(lost, "p")).count("owner") == MOST_NAMES


def test_each_drawing_has_a_name_and_can_be_saved(page: LexborHTMLParser) -> None:
    """Title and description for those who cannot see it; ids are there once; no hue is a number."""
    figures = page.css("figure[data-drawing]")
    assert len(figures) == 5 + 4 + 5 + 4 + 1
    for figure in figures:
        drawn = one(figure, "svg[role=img]")
        named = (drawn.attributes["aria-labelledby"] or "").split()
        assert [words(one(drawn, f"#{each}")) != "" for each in named] == [True, True]
        assert not re.search(r'(fill|stroke)="#', drawn.html or "")
        assert (
            one(figure, "button[data-save=svg]").attributes["data-of"]
            == (figure.attributes["data-drawing"])
        )
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    names = [node.attributes["data-figure"] for node in page.css("#history [data-figure]")]
    assert len(names) == len(set(names))


def test_what_is_known_of_no_tool_has_no_column() -> None:
    """It is said below the table; a tool of which alone it is unknown says so in its cell."""
    tools = tuple(replace(each, last_human_at=None, people=None) for each in HISTORY.tools)
    tree = page_of(replace(HISTORY, tools=tools))
    heads = [words(each) for each in tree.css(".lives thead th")]
    assert heads == ["Tool", "Stage", "Since", "Seen", "36 months", "Commits", "Why"]
    assert "Not known of any of them: last commit by a person, people." in words(
        one(tree, "#history")
    )


def test_what_can_be_said_stands_below_each_drawing(page: LexborHTMLParser) -> None:
    """And what is known of no tool, below them all."""
    births = one(page, "figure[data-drawing=history-1-births]")
    assert words(births.css("p.note")[0]) == HISTORY.verdicts[0].sentence
    silent = replace(HISTORY.verdicts[0], measure="stars", sentence="Stars: not known.")
    tree = page_of(replace(HISTORY, verdicts=(silent,)))
    assert "Stars: not known." in [words(each) for each in tree.css("#history > p.note")]


def test_survival_is_told_with_bounds_and_numbers(page: LexborHTMLParser) -> None:
    """Each definition of the end in a sentence; who was watched, below the curve."""
    text = words(one(page, "#history"))
    assert "Silent for a year: after five years 50% (44%–56%) last, between 35% and 60%" in text
    assert "had ended at the last sign of them, and if none had before it was seen" in text
    assert "Unknown: 8 without a day of observation" in text
    assert text.count("watched at that age") == 5


def test_each_drawing_says_of_whom_it_is_and_when_they_were_seen(page: LexborHTMLParser) -> None:
    """Also where it is of some of them alone."""
    said = {
        each.attributes["data-drawing"]: words(one(each, ".whom"))
        for each in page.css("figure[data-drawing]")
    }
    days = "last observed 2025-11-02 to 2026-08-23"
    assert all(each.endswith(f"tools, {days}") for each in said.values())
    assert said["history-1-births"] == f"40 tools, {days}"
    n = sum(tool.category == CATEGORIES[0] for tool in HISTORY.tools)
    assert f"{n} of 40 tools, {days}" in said.values()


def test_two_snapshots_are_told_one_after_the_other() -> None:
    """Under their own heads, with ids of their own."""
    tree = page_of(HISTORY, made_up_history(20, snapshot="2023-01-18.tools"))
    heads = [words(each) for each in tree.css("#history h3.snapshot")]
    assert heads == ["Snapshot 2026-08-23.tools", "Snapshot 2023-01-18.tools"]
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    assert not page_of(HISTORY).css("#history h3.snapshot")


@pytest.mark.parametrize("kept", [name for name, _, _ in history_tables()] + [""])
def test_what_is_not_known_has_no_place(kept: str) -> None:
    """Whatever a history lacks, the page is drawn, and no part stands there empty."""
    others = [name for name, _, _ in history_tables() if name != kept]
    section = one(page_of(without(HISTORY, *others)), "#history")
    assert population_sentence(HISTORY) in words(section)
    for part in section.css(".drawings, .folded, tbody"):
        assert part.css("figure, tr"), part.html
    if not kept:
        assert not section.css("h3, svg, table, details")


def test_names_of_strangers_are_inert(page: LexborHTMLParser) -> None:
    """They are texts, wherever they stand; there is one script, allowed by its hash."""
    assert HOSTILE in [words(each) for each in page.css(".lives th a")]
    assert not page.css("#history b, #history script, #history img")
    assert len([node for node in page.css("script") if "type" not in node.attributes]) == 1


def test_what_strangers_wrote_neither_acts_nor_turns_letters_round() -> None:
    """In names, categories, reasons, families and topics: no markup, no escape, no such mark."""
    bad = "\x1b[31m</style><script>alert(1)</script>\u202e'};*{display:none}"
    tools = tuple(
        replace(each, full_name=f"{bad}/{n}", category=bad, reason=each.reason and f"end: {bad}")
        for n, each in enumerate(HISTORY.tools)
    )
    shares = tuple(replace(each, family=bad) for each in HISTORY.shares)
    stages = tuple(
        replace(each, group=bad if each.grouped_by == "category" else each.group)
        for each in HISTORY.stages
    )
    pairs = tuple(replace(each, first=bad) for each in HISTORY.pairs)
    hostile = replace(HISTORY, tools=tools, shares=shares, stages=stages, pairs=pairs)
    html = render_page(replace(INPUTS, histories=(hostile,)))
    assert "\x1b" not in html and "\u202e" not in html
    tree = LexborHTMLParser(html)
    assert len([node for node in tree.css("script") if "type" not in node.attributes]) == 1
    assert not tree.css("#history script, #history style")
    for table in tree.css("#history table.headings"):
        assert not re.search(r"[<>{}\"]", table.attributes["style"] or "")
    for parts in (stages_parts(hostile, "all"), together_parts(hostile), shares_parts(hostile)):
        shown = visible_lines(parts)
        assert "script" in shown and "\x1b" not in shown and "\u202e" not in shown


def test_a_page_is_made_of_a_folder(tmp_path: Path) -> None:
    """The key changes with the history, and the page says that it went in."""
    pipeline = open_study(None, planted_workspace(tmp_path), progress=SilentProgress())
    corpora = {"tools": (pipeline.taxonomy_folder("tools"), pipeline.snapshot_folder("tools"), ())}
    parts = PageParts("A", ["a"], corpora, None, [], [])  # type: ignore[arg-type]
    bare = page_step(parts, progress=SilentProgress())
    keys = {bare.key}
    for n in (20, 25):
        folder = write_made_up(tmp_path / f"{n}.tools", made_up_history(n))
        step = page_step(replace(parts, histories=(folder,)), progress=SilentProgress())
        assert step.key not in keys
        keys.add(step.key)
        assert f"{n}.tools" in step.inputs
    make(step, tmp_path / "page")
    tree = LexborHTMLParser((tmp_path / "page" / "index.html").read_text(encoding="utf-8"))
    assert len(tree.css(".lives tbody tr")) == 20
    assert page_step(parts, progress=SilentProgress()).key == bare.key


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Return a real browser."""
    if PROGRAM is None:
        pytest.skip("no Chromium on PATH to open the page with")
    with Chromium(PROGRAM) as chromium:
        yield chromium


NAMES = "[...document.querySelectorAll('.lives tbody tr:not([hidden]) th')].map(n => n.textContent)"
CELLS = (
    "[...document.querySelectorAll('.lives tbody tr:not([hidden])')]"
    ".map(r => r.cells[{place}].textContent)"
)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_the_section_works_in_a_browser(
    browser: Chromium, tmp_path: Path, width: int, dark: bool
) -> None:
    """Tools are filtered and sorted, the unknown last; nothing is asked for, nothing complains."""
    path = tmp_path / "index.html"
    gaps = replace(HISTORY.tools[0], commits=None, last_human_at=None)
    history = replace(HISTORY, tools=(gaps, *HISTORY.tools[1:]))
    path.write_text(render_page(replace(INPUTS, histories=(history,))), encoding="utf-8")
    browser.open(path.as_uri(), width=width, dark=dark)
    browser.wait("document.documentElement.dataset.ready === 'yes'")
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    for press in ("descending", "ascending"):
        browser.evaluate("document.querySelectorAll('.lives [data-sort]')[5].click()")
        numbers = browser.evaluate(CELLS.format(place=6))
        assert numbers[-1] == "unknown"
        known = [int(n.replace(",", "")) for n in numbers[:-1]]
        assert known == sorted(known, reverse=press == "descending")
    browser.evaluate(
        "(s => { s.value = 'dormant'; s.dispatchEvent(new Event('input', {bubbles: true})); })"
        "(document.querySelector('.lives [data-by=stage]'))"
    )
    dormant = {tool.full_name for tool in history.tools if tool.stage == "dormant"}
    assert set(browser.evaluate(NAMES)) == dormant
    said = browser.evaluate("document.querySelector('.lives output').textContent")
    assert said == f"{len(dormant)} of 32 tools"
    saved = browser.evaluate(
        "new XMLSerializer().serializeToString(savable.get('history-1-stages').svg())"
    )
    assert "var(" not in saved and 'fill="#ffffff"' in saved and "<title" in saved
    table = browser.evaluate("savable.get('history-1-tools').table()")
    assert len(table["rows"]) == len(dormant) and "36 months" not in table["head"]
    assert (browser.complaints(), browser.requests()) == ([], [])
