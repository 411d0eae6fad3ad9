"""The page in a real Chromium: it draws, filters and sorts, in silence and without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import Chromium, find_chromium
from page_inputs import HOSTILE, make_inputs

from reports.data import clean
from reports.inputs import UNPLACED
from reports.page import write_page

PROGRAM = find_chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on PATH to open the page with")

INPUTS = make_inputs()
DRAWN = "[...document.querySelectorAll('.canvas')].every(c => c.dataset.drawn)"
ROWS = "[...document.querySelectorAll('#tools tbody tr td.title .name')].map(n => n.textContent)"

# How many pixels the graphics card has painted on the map of the tools.
COLOURED_PIXELS = """(() => {
  const copy = document.createElement("canvas");
  copy.width = 1280;
  copy.height = 900;
  const pen = copy.getContext("2d");
  document.querySelectorAll("#tools canvas").forEach((layer) => pen.drawImage(layer, 0, 0));
  const pixels = pen.getImageData(0, 0, 1280, 900).data;
  return pixels.filter((value, place) => place % 4 === 3 && value > 0).length;
})()"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page once and return its address."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(INPUTS, path)
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Start one browser for all tests; each opens the page anew."""
    assert PROGRAM is not None
    with Chromium(PROGRAM) as chromium:
        yield chromium


@pytest.fixture
def chromium(browser: Chromium) -> Chromium:
    """Forget what earlier tests have caused."""
    browser.events.clear()
    return browser


def shown(chromium: Chromium, page: str, *, width: int = 1280, dark: bool = False) -> None:
    """Open the page and wait for both maps."""
    chromium.open(page, width=width, dark=dark)
    chromium.wait(DRAWN)


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("dark", [False, True])
def test_page_draws_in_silence(chromium: Chromium, page: str, width: int, dark: bool) -> None:
    """Wide or narrow, light or dark: all marks, no sideways scrolling, no complaint, no request."""
    shown(chromium, page, width=width, dark=dark)
    marks = chromium.evaluate("document.querySelectorAll('#tools path.point').length")
    assert marks == sum(document.x is not None for document in INPUTS.tools.documents)
    assert INPUTS.requests is not None
    marks = chromium.evaluate("document.querySelectorAll('#requests path.point').length")
    assert marks == sum(document.x is not None for document in INPUTS.requests.documents)
    assert chromium.evaluate("document.documentElement.scrollWidth") == width
    background = chromium.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(22, 24, 27)" if dark else "rgb(253, 253, 252)")
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_hostile_titles_are_shown_as_written(chromium: Chromium, page: str) -> None:
    """The table shows the markup in titles as text and runs none of it."""
    chromium.send("Page.enable")
    shown(chromium, page)
    titles = chromium.evaluate(ROWS)
    assert titles[: len(HOSTILE)] == [clean(text) for text in HOSTILE]
    assert chromium.of("Page.javascriptDialogOpening") == []
    assert chromium.evaluate("document.querySelectorAll('img, td b, td br').length") == 0


def test_choosing_a_topic_filters_map_and_table(chromium: Chromium, page: str) -> None:
    """A click on a topic leaves its documents alone in the table and bright on the map."""
    shown(chromium, page)
    topic = INPUTS.tools.topics[3]
    chromium.evaluate("document.querySelector('#tools .pick[data-topic=\"3\"]').click()")
    said = chromium.evaluate("document.querySelector('#tools output').textContent")
    assert said == f"{topic.size} of 357 tools"
    expected = [clean(d.title) for d in INPUTS.tools.documents if d.topic == 3][:25]
    assert chromium.evaluate(ROWS) == expected
    bright = chromium.evaluate(
        "[...document.querySelectorAll('#tools path.point')]"
        ".filter(p => Number(p.style.opacity) > 0.5).length"
    )
    assert bright == sum(d.topic == 3 and d.x is not None for d in INPUTS.tools.documents)
    assert "topic=3" in chromium.evaluate("location.hash")
    chromium.evaluate("document.querySelector('#tools button[type=reset]').click()")
    assert chromium.evaluate("document.querySelector('#tools output').textContent") == "357 tools"
    assert chromium.complaints() == []


def test_address_opens_a_filter(chromium: Chromium, page: str) -> None:
    """The unplaced, strongest first, can be reached by an address; the nearest topic is named."""
    shown(chromium, page + "#tools?topic=-1&sort=strength&direction=descending")
    unplaced = sorted(
        (d for d in INPUTS.tools.documents if d.topic == UNPLACED), key=lambda d: -d.strength
    )
    assert chromium.evaluate(ROWS) == [clean(d.title) for d in unplaced][:25]
    first = chromium.evaluate("document.querySelector('#tools tbody td.topic .why').textContent")
    assert first == "nearest: " + clean(INPUTS.tools.topics[unplaced[0].nearest_topic].label)


def test_typing_searches_and_headings_sort(chromium: Chromium, page: str) -> None:
    """By keyboard alone: words typed into the search filter, and Enter on a heading sorts."""
    shown(chromium, page)
    chromium.evaluate("document.querySelector('#tools input').focus()")
    chromium.send("Input.insertText", text="PROJECT-30")
    expected = [d for d in INPUTS.tools.documents if "project-30" in d.title]
    assert len(expected) > 3
    assert chromium.evaluate(ROWS) == [d.title for d in expected]
    chromium.evaluate("document.querySelector('#tools th[data-field=stars] button').focus()")
    for kind in ("keyDown", "keyUp"):
        chromium.send(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Enter",
            code="Enter",
            windowsVirtualKeyCode=13,
            text="\r" if kind == "keyDown" else "",
        )
    known = sorted((d for d in expected if d.stars is not None), key=lambda d: -(d.stars or 0))
    unknown = [d for d in expected if d.stars is None]
    assert chromium.evaluate(ROWS) == [d.title for d in known + unknown]
    head = "document.querySelector('#tools th[data-field=stars]').getAttribute('aria-sort')"
    assert chromium.evaluate(head) == "descending"


def test_cell_of_the_heat_map_opens_its_requests(chromium: Chromium, page: str) -> None:
    """A number in the heat map leads to exactly that many requests."""
    shown(chromium, page)
    number = chromium.evaluate(
        "(b => { b.click(); return b.textContent; })(document.querySelector('.heat button'))"
    )
    said = chromium.evaluate("document.querySelector('#requests output').textContent")
    assert said == f"{number} of 320 requests"


def test_pointing_at_a_mark_reads_it(chromium: Chromium, page: str) -> None:
    """The pointer over a mark shows its title; a click keeps it below the map, with a link."""
    shown(chromium, page)
    chromium.evaluate(
        "document.querySelector('#tools .map')"
        ".scrollIntoView({behavior: 'instant', block: 'center'})"
    )
    place = chromium.evaluate(
        "(() => { const r = [...document.querySelectorAll('#tools path.point')].at(-1)"
        ".getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
    )
    where = {"x": place[0], "y": place[1]}
    chromium.send("Input.dispatchMouseEvent", type="mouseMoved", **where)
    chromium.wait("!document.querySelector('#tools .tip').hidden")
    title = chromium.evaluate("document.querySelector('#tools .tip strong').textContent")
    assert title in {clean(d.title) for d in INPUTS.tools.documents}
    for kind in ("mousePressed", "mouseReleased"):
        chromium.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **where)
    chromium.wait("document.querySelector('#tools .detail a') !== null")
    assert chromium.evaluate("document.querySelector('#tools .detail a').textContent") == title
    assert chromium.complaints() == []


def test_zoom_changes_what_is_seen(chromium: Chromium, page: str) -> None:
    """The zoom buttons narrow the ranges of the map, and the whole map can be had back."""
    shown(chromium, page)
    span = "(r => r[1] - r[0])(document.querySelector('#tools .canvas').layout.xaxis.range)"
    whole = chromium.evaluate(span)
    chromium.evaluate("document.querySelector('#tools [data-zoom=in]').click()")
    chromium.wait(f"{span} < {whole * 0.8}")
    chromium.evaluate("document.querySelector('#tools [data-zoom=all]').click()")
    chromium.wait(f"Math.abs({span} - {whole}) < 1e-6")


def test_injected_script_would_not_run(chromium: Chromium, page: str, tmp_path: Path) -> None:
    """Were a script to slip into the page, the policy would stop it, and any request too."""
    source = Path(page.removeprefix("file://")).read_text(encoding="utf-8")
    bad = "<script>window.slipped = true</script><img src='https://example.org/x.png'></body>"
    broken = tmp_path / "broken.html"
    broken.write_text(source.replace("</body>", bad), encoding="utf-8")
    shown(chromium, broken.as_uri())
    assert chromium.evaluate("window.slipped") is None
    assert len([c for c in chromium.complaints() if "Content Security Policy" in c]) == 2


def test_a_study_without_places_has_no_map(chromium: Chromium, tmp_path: Path) -> None:
    """Documents without a place on the map are in the table; the empty map is not shown."""
    documents = tuple(replace(d, x=None, y=None) for d in INPUTS.tools.documents)
    path = tmp_path / "bare.html"
    write_page(
        replace(INPUTS, requests=None, tools=replace(INPUTS.tools, documents=documents)), path
    )
    chromium.open(path.as_uri(), width=1280)
    assert chromium.evaluate("document.querySelector('.map').hidden")
    assert len(chromium.evaluate(ROWS)) == 25
    assert chromium.complaints() == []


def test_large_maps_are_drawn_by_the_graphics_card(
    chromium: Chromium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From some size on marks are drawn by WebGL: coloured pixels, not an apology."""
    monkeypatch.setattr("reports.page.SVG_POINTS", 300)
    path = tmp_path / "large.html"
    write_page(INPUTS, path)
    shown(chromium, path.as_uri())
    webgl = chromium.evaluate("document.createElement('canvas').getContext('webgl') !== null")
    kind = chromium.evaluate("document.querySelector('#tools .canvas').dataset.type")
    assert kind == ("scattergl" if webgl else "scatter")
    assert chromium.evaluate("document.querySelectorAll('.no-webgl').length") == 0
    if webgl:
        assert chromium.evaluate(COLOURED_PIXELS) > 1000
    # The browser itself may remark on slow drawing without a graphics card; the page may not.
    assert [said for said in chromium.complaints() if '"source": "rendering"' not in said] == []
    assert chromium.requests() == []
