"""How tools live, on the page: of a population that is said, drawn, and no more than is known."""

from __future__ import annotations

import re
from collections import Counter
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
from reports.history.sentences import stages_sentence
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
    for trace in ('id="history"', 'href="#history"', "class HistoryPage", ".drawings"):
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


def other(history: History = HISTORY) -> LexborHTMLParser:
    """Return the page where the history is that of its tools, and another snapshot stands by."""
    own = replace(history, snapshot=INPUTS.tools.snapshot)
    return page_of(own, replace(history, snapshot="2023-01-18.other"))


def test_tools_are_listed_by_stage_where_no_table_has_them() -> None:
    """Those of the page's own snapshot are in the table of all tools, which a link leads to."""
    own, foreign = other().css("#history > .snapshot")
    assert not own.css(".staged")
    assert one(own, "a[href='#tools?sort=stage']")
    lists = [words(one(each, "summary")) for each in foreign.css(".staged")]
    counts = Counter(tool.stage for tool in HISTORY.tools)
    told = [f"{stage} {counts[stage]} tool{'s' * (counts[stage] != 1)}" for stage in STAGES]
    assert lists == [*told, f"stage unknown: {UNOBSERVED} 8 tools"]
    tool = next(tool for tool in HISTORY.tools if tool.stage == "growing")
    assert f"{tool.full_name} since {tool.since}" in words(foreign)
    links = {each.attributes["href"] for each in foreign.css(".staged a")}
    assert f"https://github.com/{tool.full_name}" in links


def test_tools_of_unknown_stage_stand_apart_with_the_reason() -> None:
    """Of many, the first names and how many more there are; of the page's own, how many."""
    silent = next(tool for tool in HISTORY.tools if tool.stage is None)
    own, foreign = other(replace(HISTORY, tools=(silent,) * (MOST_NAMES + 3))).css(
        "#history > .snapshot"
    )
    assert f"Stage unknown: {UNOBSERVED} ({MOST_NAMES + 3} tools)." in words(own)
    lost = one(foreign, ".staged")
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
        of = one(figure, ".save[data-kinds=svg]").attributes["data-of"]
        assert of == figure.attributes["data-drawing"]
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    names = [node.attributes["data-figure"] for node in page.css("#history [data-figure]")]
    assert len(names) == len(set(names))


def test_what_can_be_said_stands_below_each_drawing(page: LexborHTMLParser) -> None:
    """And what is known of no tool, below them all."""
    births = one(page, "figure[data-drawing=history-1-births]")
    assert words(births.css("p.note")[0]) == HISTORY.verdicts[0].sentence
    silent = replace(HISTORY.verdicts[0], measure="stars", sentence="Stars: not known.")
    tree = page_of(replace(HISTORY, verdicts=(silent,)))
    assert "Stars: not known." in [words(each) for each in tree.css("#history .snapshot > p.note")]


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


def test_a_plain_sentence_says_what_each_figure_shows(page: LexborHTMLParser) -> None:
    """Above the drawing; what to mind is folded below it."""
    said = {
        each.attributes["data-drawing"]: words(each.css(".says")[0])
        for each in page.css("figure[data-drawing]")
        if each.css(".says")
    }
    by_year = Counter[str]()
    for each in HISTORY.months:
        if (each.measure, each.grouped_by, each.is_cut) == ("births", "all", False):
            by_year[each.month[:4]] += each.value
    whole = f"{by_year['2024']} of these tools began in 2024; {by_year['2023']} the year before."
    assert said["history-1-births"] == whole
    assert "50% of the tools last five years or longer" in said["history-1-survival-1"]
    counts = Counter(tool.stage for tool in HISTORY.tools)
    assert sum(counts[stage] for stage in STAGES) == 32
    finding = words(one(page, "#history .finding"))
    assert "of 32)" in finding and finding.endswith("Of 8 the stage is unknown.")
    few = [each if n < 3 else replace(each, stage=None) for n, each in enumerate(HISTORY.tools)]
    assert stages_sentence(few).startswith(
        "The stage of 37 of the 40 tools is unknown. The others: "
    )
    unknown = [each for each in HISTORY.tools if each.stage is None]
    assert stages_sentence(unknown) == "The stage of 8 of the 8 tools is unknown."
    assert stages_sentence([]) == ""
    births = one(page, "figure[data-drawing=history-1-births]")
    assert births.css("details > p.note")


def test_two_snapshots_are_told_one_after_the_other() -> None:
    """Under their own heads, with ids of their own; a script shows one at a time."""
    tree = page_of(HISTORY, made_up_history(20, snapshot="2023-01-18.tools"))
    heads = [words(each) for each in tree.css("#history h3.snapshot")]
    assert heads == ["Snapshot 2026-08-23.tools", "Snapshot 2023-01-18.tools"]
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    for link in tree.css("#history .contents a, #history .snapshots a"):
        assert (link.attributes["href"] or "").removeprefix("#") in ids
    assert not page_of(HISTORY).css("#history h3.snapshot, .snapshots")


@pytest.mark.parametrize("kept", [name for name, _, _ in history_tables()] + [""])
def test_what_is_not_known_has_no_place(kept: str) -> None:
    """Whatever a history lacks, the page is drawn, and no part stands there empty."""
    others = [name for name, _, _ in history_tables() if name != kept]
    section = one(page_of(without(HISTORY, *others)), "#history")
    assert population_sentence(HISTORY) in words(section)
    for part in section.css(".drawings, .folded, tbody"):
        assert part.css("figure, tr"), part.html
    if not kept:
        assert [words(each) for each in section.css("h3")] == ["What kinds there are"]
        assert not section.css("svg, figure, details, .contents")


def test_names_of_strangers_are_inert(page: LexborHTMLParser) -> None:
    """They are texts, wherever they stand; there is one script, allowed by its hash."""
    assert HOSTILE in [words(each) for each in page.css(".staged a")]
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
    assert "25 tools, each once" in words(one(tree, "#history"))
    assert page_step(parts, progress=SilentProgress()).key == bare.key


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Return a real browser."""
    if PROGRAM is None:
        pytest.skip("no Chromium on PATH to open the page with")
    with Chromium(PROGRAM) as chromium:
        yield chromium


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_one_snapshot_is_shown_at_a_time(
    browser: Chromium, tmp_path: Path, width: int, dark: bool
) -> None:
    """The address says which; names that the atlas has lead to them; nothing is asked for."""
    path = tmp_path / "index.html"
    title = INPUTS.tools.documents[20].title
    items = tuple(replace(each, full_name=title) for each in HISTORY.items)
    first = replace(HISTORY, items=items)
    second = made_up_history(20, snapshot="2023-01-18.other")
    path.write_text(render_page(replace(INPUTS, histories=(first, second))), encoding="utf-8")
    browser.open(path.as_uri() + "#history", width=width, dark=dark)
    browser.wait("document.documentElement.dataset.ready === 'yes'")
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    seen = "[...document.querySelectorAll('#history .snapshot')].filter(s => s.offsetHeight)"
    shown = f"{seen}.map(s => s.dataset.snapshot).filter(Boolean)"
    assert browser.evaluate(shown) == [HISTORY.snapshot]
    tool = "document.querySelector('[data-figure=history-1-together] a').hash"
    assert browser.evaluate(f"decodeURIComponent({tool})") == f"#tool={title}"
    browser.evaluate("document.querySelectorAll('.snapshots a')[1].click()")
    browser.wait(f"{shown}[0] === '{second.snapshot}'")
    assert browser.evaluate("location.hash") == f"#history?of={second.snapshot}"
    browser.evaluate("location.hash = '#history-1-survival'")
    browser.wait(f"{shown}[0] === '{HISTORY.snapshot}'")
    browser.evaluate("location.hash = '#history?of=gone'")
    browser.wait("!document.querySelector('#history .gone').hidden")
    saved = browser.evaluate(
        "new XMLSerializer().serializeToString(savable.get('history-1-stages').svg())"
    )
    assert "var(" not in saved and 'fill="#ffffff"' in saved and "<title" in saved
    assert (browser.complaints(), browser.requests()) == ([], [])
