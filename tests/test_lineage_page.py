"""The page of a comparison: whole, without a network, safe from strangers, and answering."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import Chromium, find_chromium
from lineages import EVENTS, HOSTILE, chained, comparison, with_joint
from lxml import html

from artifacts.files import write_text
from reports.comparison.diagram import WIDE, groups_of, lay_out
from reports.comparison.inputs import ShownComparison
from reports.comparison.page import render_lineage
from reports.comparison.views import AtlasLinks, changes_view
from reports.html import environment
from reports.palette import assign_hues

needs_chromium = pytest.mark.skipif(find_chromium() is None, reason="no Chromium on PATH")
BANDS = "[...document.querySelectorAll('.flows .band')].filter(b => b.checkVisibility()).length"
READY = "document.documentElement.dataset.ready === 'yes'"


def rendered(shown: ShownComparison) -> str:
    """Return a page as HTML."""
    return render_lineage(shown, title="Tools", manifests=(), version="0")


@pytest.fixture(scope="module")
def text() -> str:
    """Return the page of two, with the joint view."""
    return rendered(with_joint())


def test_equal_comparisons_give_equal_pages(text: str) -> None:
    """The page hangs on nothing but what it shows, and is small."""
    assert rendered(with_joint()) == text
    assert len(text) < 500_000


def test_what_strangers_wrote_is_only_text(text: str) -> None:
    """A title and a description full of markup add no element and no script."""
    page = html.fromstring(text)
    assert len(page.xpath("//script")) == 1
    assert page.xpath("//img") == []
    assert page.xpath("//*[@onerror]") == []
    titles = page.xpath("//span[@class='such']/span[1]/text()")
    assert titles == [HOSTILE] * len(EVENTS)


def test_the_policy_forbids_every_request(text: str) -> None:
    """Nothing may be loaded, and only the scripts that are there may run."""
    [policy] = html.fromstring(text).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy.count("'sha256-") == 1
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert re.findall(r'(?:src|href)="(?!#|data:)', text) == []


def test_earlier_nodes_have_the_colour_of_what_they_go_on_as() -> None:
    """The last side is coloured as its atlas is; whoever goes on nowhere, as most of its documents.

    A node of which nothing is left has no colour, though it has its name in full ink.
    """
    first, last = comparison().sides
    bars = {bar.id: bar.node for bar in lay_out(comparison(), *WIDE).bars}
    visible = last.taxonomy.visible()
    atlas = assign_hues([category.number for category in visible.category_nodes])
    for topic in visible.topic_nodes:
        assert bars[f"1/{topic.number}"].hue == atlas[topic.category]
    pair = comparison().lineages[0]
    for earlier, later in pair.continuation().items():
        assert bars[f"0/{earlier}"].hue == bars[f"1/{later}"].hue
    assert bars["0/3"].hue == bars["1/3"].hue  # merged into it
    assert bars["0/4"].hue is None and bars["0/4"].is_node
    assert not bars["0/unplaced"].is_node
    renamed = tuple(replace(c, name=f"later {c.name}") for c in last.taxonomy.category_nodes)
    taxonomy = replace(last.taxonomy, category_nodes=renamed)
    again = replace(comparison(), sides=(first, replace(last, taxonomy=taxonomy)))
    assert groups_of(again) == ["later operations", "later data", "operations", "data"]


def test_sizes_stand_on_one_axis_and_those_within_the_noise_are_folded() -> None:
    """All that goes on is where its size is on the axis, within its interval; noise is folded."""
    shown = comparison()
    growth = [
        replace(each, verdict="change") if each.earlier == 0 else each
        for each in shown.lineages[0].growth
    ]
    lineage = replace(shown.lineages[0], growth=tuple(growth))
    shown = replace(shown, lineages=(lineage,))
    pair = changes_view(shown).pairs[0]
    *_, (last, end) = pair.marks
    assert end == 1
    assert len(pair.sizes) == len(shown.lineages[0].continuation())
    for each in pair.sizes:
        assert each.later == pytest.approx(each.node.size / float(last))
        assert each.low <= each.later <= each.high
    page = html.fromstring(rendered(shown))
    seen = page.xpath("//table[@class='sizes'][not(ancestor::details)]//tbody/tr")
    folded = page.xpath("//details[@class='silent']//tbody/tr")
    assert (len(seen), len(folded)) == (1, 2)
    assert page.xpath("//details[@class='silent']/summary/text()") == ["2 within the noise"]


def test_numbers_of_nodes_are_told_only_to_tell_them_apart() -> None:
    """A name stands alone, and behind it how many documents; two of one name have a number each."""
    shown = comparison()
    first, last = shown.sides
    assert first.named(0) == "model serving"
    same = tuple(replace(topic, name="serving") for topic in last.taxonomy.topic_nodes)
    twins = replace(last, taxonomy=replace(last.taxonomy, topic_nodes=same))
    assert twins.named(3) == "serving (no. 3)"


def test_in_an_atlas_names_lead_to_what_it_has_about_them() -> None:
    """Later names, whose slugs it has, and documents; their texts are left to their own pages."""
    links = AtlasLinks({("topics", 0): "model-serving"}, {"name:acme/tool-41": "acme/tool 41"})
    view = changes_view(comparison(), links)
    made = environment().get_template("changes.html.j2").module
    section = html.fromstring(made.changes_section(view))  # type: ignore[attr-defined]
    hrefs = set(section.xpath(".//@href"))
    assert hrefs <= {"#purpose=model-serving", "#tool=acme/tool%2041"}
    assert "#purpose=model-serving" in hrefs
    assert "It is about" not in section.text_content()
    ids = section.xpath("//@id")
    assert all(each.startswith("changes") for each in ids)
    assert len(set(ids)) == len(ids)


def test_the_page_says_what_the_verdicts_and_the_floor_mean(text: str) -> None:
    """Events with their reasons, notes on the data, the floor in plain words, both views."""
    said = " ".join(html.fromstring(text).text_content().split())
    for words in (
        "The earlier set is a subset of the later.",
        "within what other documents give",
        "is run again on the very same documents",
        "they agree at 0.61",
        "What it does not show",
        "nothing separate is like it",
        "mean the same of events and of sizes",
        "95 of 100 re-runs on the very same tools",
    ):
        assert words in said


def test_a_chain_has_a_column_a_section_and_ids_for_each_snapshot() -> None:
    """Three snapshots: three columns, two sections of events, and the identities."""
    text = rendered(chained())
    page = html.fromstring(text)
    assert len(page.xpath("//svg[@class='wide']/text[@class='day']")) == 3
    assert len(page.xpath("//h3[starts-with(@id, 'changes-pair-')]")) == 2
    ids = page.xpath("//table[contains(@class, 'identities')]//tbody/tr/td[1]/text()")
    assert ids == sorted(ids, key=int)
    assert len(ids) == 15


def test_without_scripts_the_tables_are_whole(text: str) -> None:
    """The drawing and every mover are in the page, with both descriptions and its keywords."""
    assert len(html.fromstring(text).xpath("//svg[@class='narrow']//g")) == 14
    rows = html.fromstring(text).xpath("//table[@class='movers']/tbody/tr")
    assert len(rows) == 18
    assert "It is about features online offline." in rows[10].text_content()
    gained = rows[0].xpath(".//ins/text()")
    assert "etl" in gained and "workflow" in rows[0].xpath(".//del/text()")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Return a browser."""
    program = find_chromium()
    assert program is not None
    with Chromium(program) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page of two."""
    path = tmp_path_factory.mktemp("lineage") / "index.html"
    write_text(path, rendered(with_joint()))
    return path.as_uri()


def bands(chromium: Chromium) -> int:
    """Return how many bands are drawn."""
    count = chromium.evaluate(BANDS)
    assert isinstance(count, int)
    return count


@needs_chromium
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_the_page_draws_and_fits(chromium: Chromium, address: str, width: int, dark: bool) -> None:
    """Wide and narrow, by light and by dark: no complaint, no request, no sideways scrolling."""
    chromium.events.clear()
    chromium.open(address, width=width, dark=dark)
    chromium.wait(READY)
    assert bands(chromium) == len(comparison().lineages[0].flows)
    assert chromium.evaluate("document.documentElement.scrollWidth") == width
    assert chromium.evaluate("window.slipped") is None
    assert chromium.complaints() == []
    assert chromium.requests() == []


LABELS = """(() => {
  const svg = [...document.querySelectorAll('.flows svg')].find((s) => s.checkVisibility());
  const boxes = [...svg.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
  const { left, right, top, bottom } = svg.getBoundingClientRect();
  const meet = (a, b) => Math.max(a.left, b.left) < Math.min(a.right, b.right)
    && Math.max(a.top, b.top) + 4 < Math.min(a.bottom, b.bottom);
  const isOut = (b) => b.left < left || b.right > right || b.top < top - 1 || b.bottom > bottom + 1;
  return [svg.getAttribute('class'), boxes.length, boxes.filter(isOut).length,
    boxes.filter((b, n) => boxes.slice(n + 1).some((other) => meet(b, other))).length];
})()"""


@needs_chromium
@pytest.mark.parametrize(("width", "name"), [(1280, "wide"), (400, "narrow")])
@pytest.mark.parametrize("count", [2, 4])
def test_labels_are_whole_and_apart_in_a_browser(
    chromium: Chromium, tmp_path: Path, width: int, name: str, count: int
) -> None:
    """By the browser's own font, no label leaves the drawing and none meets another."""
    shown = comparison() if count == 2 else chained(count)
    write_text(tmp_path / "p.html", rendered(shown))
    chromium.open((tmp_path / "p.html").as_uri(), width=width)
    chromium.wait(READY)
    n_labels = len(lay_out(shown, *WIDE).bars) + count
    assert chromium.evaluate(LABELS) == [name, n_labels, 0, 0]
    assert chromium.evaluate("document.documentElement.scrollWidth") == width


@needs_chromium
def test_the_keyboard_follows_a_node(chromium: Chromium, address: str) -> None:
    """A node that has the focus is told with its events, and its bands stand out."""
    chromium.open(address, width=1280)
    chromium.wait(READY)
    chromium.evaluate("document.querySelector('.wide .node[data-id=\"1/4\"]').focus()")
    said = chromium.evaluate("document.querySelector('.follow').textContent")
    assert said == (
        "LLM observability · 2026-08-23 · 12 tools · in data · llm, traces, prompts · born (change)"
    )
    faint = "document.querySelectorAll('.wide .faint').length"
    assert chromium.evaluate(faint) == bands(chromium) - 1
    chromium.evaluate("document.activeElement.blur()")
    assert chromium.evaluate(faint) == 0


@needs_chromium
def test_pointing_follows_a_flow(chromium: Chromium, address: str) -> None:
    """At a node, all but its bands are faint and it is told; away from it, nothing is faint."""
    chromium.open(address, width=1280)
    chromium.wait(READY)
    chromium.evaluate(
        "document.querySelector('.flows').scrollIntoView({behavior: 'instant', block: 'start'})"
    )
    x, y = chromium.evaluate(
        "(r => [r.x + r.width / 2, r.y + r.height / 2])([...document.querySelectorAll("
        "'.wide .node')].find(n => n.textContent.startsWith('LLM')).querySelector('rect')"
        ".getBoundingClientRect())"
    )
    chromium.mouse("mouseMoved", x - 2, y)
    chromium.mouse("mouseMoved", x, y)
    chromium.wait("document.querySelector('.follow').textContent.includes('LLM observability')")
    faint = "document.querySelectorAll('.wide .faint').length"
    assert chromium.evaluate(faint) == bands(chromium) - 1
    chromium.mouse("mouseMoved", 5, 5)
    chromium.wait(f"{faint} === 0")


@needs_chromium
def test_filters_leave_what_they_say(chromium: Chromium, address: str) -> None:
    """By verdict, by category, without the unplaced; the tables of events and movers as well."""
    chromium.open(address, width=1280)
    chromium.wait(READY)
    everything = bands(chromium)

    def choose(form: str, name: str, value: str) -> None:
        chromium.evaluate(
            f"(f => {{ f.elements[{name!r}].value = {value!r};"
            "f.elements[0].dispatchEvent(new Event('change', {bubbles: true})); })"
            f"(document.querySelector({form!r}))"
        )

    choose("#changes-controls", "aside", "no")
    chromium.wait(f"{BANDS} < {everything}")
    assert bands(chromium) == 6
    choose("#changes-controls", "verdict", "unclear")  # of a topic that is gone: nothing is left
    chromium.wait("document.querySelector('.follow').textContent.startsWith('No flow')")
    chromium.evaluate("document.querySelector('#changes-controls [type=reset]').click()")
    chromium.wait(f"{BANDS} === {everything}")
    shown = "[...document.querySelectorAll('.events tbody tr')].filter(r => !r.hidden).length"
    assert chromium.evaluate(shown) == len(EVENTS) - 1
    choose(".event-controls", "verdict", "all")
    choose(".event-controls", "kind", "drifted")
    assert chromium.evaluate(shown) == 1
    chromium.evaluate(
        "(s => { s.value = 'tool-29'; s.dispatchEvent(new Event('input', {bubbles: true})); })"
        "(document.querySelector('.mover-controls input'))"
    )
    assert chromium.evaluate("document.querySelector('.mover-controls output').value") == "1 of 18"
    assert chromium.complaints() == []
