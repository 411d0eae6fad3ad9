"""The page of a comparison: whole, without a network, safe from strangers, and answering."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from chromium import Chromium, find_chromium
from lineages import EVENTS, HOSTILE, chained, comparison, with_joint
from lxml import html

from reports.comparison.diagram import diagram, groups_of
from reports.comparison.inputs import ShownComparison
from reports.comparison.page import render_lineage, write_lineage_page
from reports.comparison.sizes import size_panels

needs_chromium = pytest.mark.skipif(find_chromium() is None, reason="no Chromium on PATH")
READY = "document.documentElement.dataset.ready === 'yes'"


def rendered(shown: ShownComparison) -> str:
    """Return a page as HTML."""
    return render_lineage(shown, title="Tools", manifests=(), version="0")


@pytest.fixture(scope="module")
def text() -> str:
    """Return the page of two, with the joint view."""
    return rendered(with_joint())


def data_of(text: str) -> dict[str, object]:
    """Return what the diagram of a page is drawn from."""
    [script] = html.fromstring(text).xpath("//script[@id='lineage-data']/text()")
    found: dict[str, object] = json.loads(script)
    return found


def test_equal_comparisons_give_equal_pages(text: str) -> None:
    """The page hangs on nothing but what it shows, and holds plotly once."""
    assert rendered(with_joint()) == text
    assert text.count("plotly.js v") == 1
    assert len(text) < 6_000_000


def test_what_strangers_wrote_is_only_text(text: str) -> None:
    """A title and a description full of markup add no element and no script."""
    page = html.fromstring(text)
    assert len(page.xpath("//script")) == 3
    assert page.xpath("//img") == []
    assert page.xpath("//*[@onerror]") == []
    titles = page.xpath("//span[@class='such']/span[1]/text()")
    assert titles == [HOSTILE] * len(EVENTS)


def test_the_policy_forbids_every_request(text: str) -> None:
    """Nothing may be loaded, and only the scripts that are there may run."""
    [policy] = html.fromstring(text).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy.count("'sha256-") == 2
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    own = text.split('<script type="application/json"')[0]
    assert re.findall(r'(?:src|href)="(?!#|data:)', own) == []


def test_the_diagram_has_every_flow_and_node() -> None:
    """Columns are the snapshots, and the bands count everybody."""
    shown = comparison()
    found = diagram(shown)
    assert [len(column["nodes"]) for column in found["columns"]] == [5, 5]
    counts = [count for _, _, count in found["flows"][0]]
    assert sum(counts) == len(shown.lineages[0].moves)
    assert [column["day"] for column in found["columns"]] == ["2023-01-18", "2026-08-23"]


def test_a_category_keeps_its_colour_under_another_name() -> None:
    """A hue goes to the later category that most documents of the earlier one went to, once."""
    shown = comparison()
    first, last = shown.sides
    renamed = tuple(replace(c, name=f"later {c.name}") for c in last.taxonomy.category_nodes)
    taxonomy = replace(last.taxonomy, category_nodes=renamed)
    again = replace(shown, sides=(first, replace(last, taxonomy=taxonomy)))
    before, after = (
        {node["group"]: node["hue"] for node in column["nodes"]}
        for column in diagram(again)["columns"]
    )
    assert after == {f"later {name}": hue for name, hue in before.items()}
    assert len(set(after.values())) == 2
    assert groups_of(again) == ["later operations", "later data", "operations", "data"]


def test_panels_share_a_scale_and_hold_their_intervals() -> None:
    """The larger a size, the higher its dot; the interval's ends are around it."""
    panels = size_panels(comparison().pairs()[0])
    by_size = sorted((panel.size_later, -panel.y_later) for panel in panels)
    assert [height for _, height in by_size] == sorted(height for _, height in by_size)
    for panel in panels:
        assert panel.y_high <= panel.y_later <= panel.y_low
    differences = [abs(panel.size_later - panel.size_earlier) for panel in panels]
    assert differences == sorted(differences, reverse=True)


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
    ):
        assert words in said


def test_a_chain_has_a_column_a_section_and_ids_for_each_snapshot() -> None:
    """Three snapshots: three columns, two sections of events, and the identities."""
    text = rendered(chained())
    page = html.fromstring(text)
    assert len(data_of(text)["columns"]) == 3  # type: ignore[arg-type]
    assert len(page.xpath("//section[starts-with(@id, 'pair-')]")) == 2
    ids = page.xpath("//section[@id='identities']//tbody/tr/td[1]/text()")
    assert ids == sorted(ids, key=int)
    assert len(ids) == 15


def test_without_scripts_the_tables_are_whole(text: str) -> None:
    """Every mover is in the page itself, with both descriptions and its keywords."""
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
    write_lineage_page(with_joint(), path, title="Tools", manifests=(), version="0")
    return path.as_uri()


def bands(chromium: Chromium) -> int:
    """Return how many bands are drawn."""
    count = chromium.evaluate("document.querySelectorAll('.sankey-link').length")
    assert isinstance(count, int)
    return count


@needs_chromium
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_the_page_draws_and_fits(chromium: Chromium, address: str, width: int, dark: bool) -> None:
    """Wide and narrow, by light and by dark: no complaint, no request, no sideways scrolling."""
    chromium.events.clear()
    chromium.open(address, width=width, dark=dark)
    chromium.wait(READY)
    assert bands(chromium) == len(comparison().lineages[0].flows) - 2
    assert chromium.evaluate("document.documentElement.scrollWidth") == width
    assert chromium.evaluate("window.slipped") is None
    assert chromium.complaints() == []
    assert chromium.requests() == []


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
        "'.sankey-node')].find(n => n.textContent.startsWith('4 LLM')).querySelector('rect')"
        ".getBoundingClientRect())"
    )
    chromium.mouse("mouseMoved", x - 2, y)
    chromium.mouse("mouseMoved", x, y)
    chromium.wait("document.querySelector('.follow').textContent.includes('LLM observability')")
    faint = "document.querySelectorAll('.faint').length"
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

    choose("#diagram-controls", "aside", "no")
    chromium.wait(f"document.querySelectorAll('.sankey-link').length < {everything}")
    assert bands(chromium) == 6
    choose("#diagram-controls", "verdict", "unclear")  # of a topic that is gone: nothing is left
    chromium.wait("document.querySelector('.follow').textContent.startsWith('No flow')")
    chromium.evaluate("document.querySelector('#diagram-controls [type=reset]').click()")
    chromium.wait(f"document.querySelectorAll('.sankey-link').length === {everything}")
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
