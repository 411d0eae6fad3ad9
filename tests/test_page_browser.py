"""The page in a real Chromium: it draws, filters and sorts, in silence and without a network."""

from __future__ import annotations

import base64
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median
from xml.etree import ElementTree

import pytest
from chromium import Chromium, find_chromium, measure_page
from page_inputs import HOSTILE, history_of_tools, make_inputs
from page_usage import N_BOTH, N_LINES, made_up_page_usage

from artifacts.words import NOISE
from reports.data import clean
from reports.inputs import Tool
from reports.page.page import write_page

PROGRAM = find_chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on PATH to open the page with")

BARE = make_inputs()
HISTORY = history_of_tools(BARE, 60)
INPUTS = replace(BARE, histories=(HISTORY,))
READY = "document.documentElement.dataset.ready === 'yes'"
ROWS = "[...document.querySelectorAll('#tools tbody tr td.title .name')].map(n => n.textContent)"
SHEET = 688
"""Pixels that a page of A4 has between its margins."""
PURPOSE_ROWS = ROWS.replace("#tools", "#purpose")
VIGOUR = ("growing", "peak", "emerging", "declining", "dormant", "dead")
LIVING = {"growing", "peak", "emerging"}
LIFE_OF = {tool.repo_key: tool for tool in HISTORY.tools}
CANVAS = "document.querySelector('#tools canvas')"
BRIGHT = f"Number({CANVAS}.dataset.bright)"
OUTPUT = "document.querySelector('#tools output').textContent"
SVG = "{http://www.w3.org/2000/svg}"
FRAMES = "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))"

# How many pixels of the map of the tools are painted.
COLOURED_PIXELS = f"""(() => {{
  const map = {CANVAS};
  const pixels = map.getContext("2d").getImageData(0, 0, map.width, map.height).data;
  return pixels.filter((value, place) => place % 4 === 3 && value > 0).length;
}})()"""

# Names on the map that lie over each other, and names that leave it.
COLLISIONS = """(() => {
  const { labels, view } = maps.get("tools");
  const beside = (a, b) => a.left >= b.right || b.left >= a.right;
  const over = (a, b) => !beside(a, b) && a.top < b.bottom && b.top < a.bottom;
  const boxes = labels.map((label) => label.box);
  const right = (b) => b.left >= 0 && b.right <= view.width;
  const out = boxes.filter((b) => !right(b) || b.top < 0 || b.bottom > view.height).length;
  return out + boxes.filter((a, i) => boxes.some((b, j) => i < j && over(a, b))).length;
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


def shown(
    chromium: Chromium, page: str, view: str = "#tools", *, width: int = 1280, dark: bool = False
) -> None:
    """Open a view of the page and wait until it can be used."""
    chromium.open(page + view, width=width, dark=dark)
    chromium.wait(READY)


def stage_of(document: Tool) -> str | None:
    """Return the stage of a tool, None where it is not known."""
    return LIFE_OF[document.key].stage if document.key in LIFE_OF else None


def usual(documents: Iterable[Tool]) -> list[str]:
    """Return the titles of tools in the order in which they stand where nobody asks for another."""

    def place(document: Tool) -> tuple[int, int, int]:
        stage, life = stage_of(document), LIFE_OF.get(document.key)
        commits = -1 if life is None or life.commits is None else life.commits
        day = document.last_commit or date.min
        return (VIGOUR.index(stage) if stage else len(VIGOUR), -commits, -day.toordinal())

    return [clean(d.title) for d in sorted(documents, key=place)]


def choose(chromium: Chromium, view: str, name: str, value: str) -> None:
    """Choose an option of a filter as a person does."""
    chromium.evaluate(
        f"(s => {{ s.value = '{value}'; s.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
        f"(document.querySelector('#{view} [name={name}]'))"
    )


def with_parts(chromium: Chromium, page: str, *, width: int = 1280) -> None:
    """Open the page at the tools and wait until the parts of their icicle are drawn."""
    shown(chromium, page, width=width)
    chromium.wait("document.querySelector('#tools .icicle [data-kind=category]') !== null")


def on_map(chromium: Chromium, x: float, y: float) -> tuple[float, float]:
    """Bring the map of the tools into view and return a place on it in window pixels."""
    box = chromium.evaluate(
        "(() => { document.querySelector('#tools .map')"
        ".scrollIntoView({behavior: 'instant', block: 'center'});"
        f"const r = {CANVAS}.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }})()"
    )
    return box[0] + x * box[2], box[1] + y * box[3]


def saved(chromium: Chromium, selector: str, folder: Path, name: str) -> str:
    """Choose a button that saves a file and return what the file holds."""
    where = str(folder)
    chromium.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=where)
    chromium.evaluate(f"document.querySelector({selector!r}).click()")
    path = folder / name
    chromium.wait_for(lambda: path.exists() and path.stat().st_size > 0)
    return path.read_text(encoding="utf-8")


VIEWS = (
    "#tools",
    "#requests",
    "#purpose=model-serving",
    "#purpose=category-of-feature-store?stage=living",
    "#find=model",
    "#compare=tools-owner/project-20,tools-owner/project-21,gone/away",
)


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("dark", [False, True])
def test_page_draws_in_silence(chromium: Chromium, page: str, width: int, dark: bool) -> None:
    """Wide or narrow, light or dark: all marks, no sideways scrolling, no complaint, no request."""
    shown(chromium, page, width=width, dark=dark)
    for view in VIEWS:
        chromium.evaluate(f"router.go({view!r})")
        assert chromium.evaluate(FRAMES)
        assert chromium.evaluate("document.documentElement.scrollWidth") == width, view
    for name, section in (("tools", INPUTS.tools), ("requests", INPUTS.requests)):
        assert section is not None
        drawn = chromium.evaluate(f"Number(document.querySelector('#{name} canvas').dataset.drawn)")
        assert drawn == sum(document.x is not None for document in section.documents)
    chromium.evaluate("router.go('#tools')")
    chromium.evaluate(FRAMES)
    assert chromium.evaluate(COLOURED_PIXELS) > 1000
    assert chromium.evaluate(COLLISIONS) == 0
    background = chromium.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(22, 24, 27)" if dark else "rgb(253, 253, 252)")
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_hostile_titles_are_shown_as_written(chromium: Chromium, page: str) -> None:
    """Tables, comparisons and searches show the markup in titles as text and run none of it."""
    chromium.send("Page.enable")
    shown(chromium, page)
    hostile = [clean(text) for text in HOSTILE]
    titles = chromium.evaluate("groupings.get('tools').sorted().map(row => row.title)")
    assert set(hostile) <= set(titles)
    chromium.evaluate("router.go(comparisonOf(groupings.get('tools').rows.slice(0, 5)))")
    heads = chromium.evaluate(
        "[...document.querySelectorAll('#compare thead .name')].map(n => n.textContent)"
    )
    assert heads == hostile[:5]
    chromium.evaluate("router.go(addressOf('find', groupings.get('tools').rows[1].title))")
    found = "document.querySelector('#find .results .name').textContent"
    assert chromium.evaluate(found) == hostile[1]
    assert chromium.of("Page.javascriptDialogOpening") == []
    assert chromium.evaluate("document.querySelectorAll('img, td b, td br').length") == 0


def test_choosing_a_topic_filters_map_and_table(chromium: Chromium, page: str) -> None:
    """A click on a topic leaves its documents alone in the table and bright on the map."""
    shown(chromium, page)
    topic = INPUTS.tools.topics[3]
    chromium.evaluate("document.querySelector('#tools .pick[data-topic=\"3\"]').click()")
    assert chromium.evaluate(OUTPUT) == f"{topic.size} of 357 tools"
    members = [d for d in INPUTS.tools.documents if d.topic == 3]
    assert chromium.evaluate(ROWS) == usual(members)[:25]
    chromium.evaluate(FRAMES)
    assert chromium.evaluate(BRIGHT) == sum(d.x is not None for d in members)
    slug = chromium.evaluate("groupings.get('tools').topics.get(3).slug")
    assert chromium.evaluate("location.hash") == f"#tools?topic={slug}"
    chromium.evaluate("history.back()")
    chromium.wait(f"{OUTPUT} === '357 tools'")
    chromium.evaluate(f"location.hash = '#tools?topic={slug}'")
    chromium.wait(f"{OUTPUT} === '{topic.size} of 357 tools'")
    chromium.evaluate("document.querySelector('#tools button[type=reset]').click()")
    assert chromium.evaluate(OUTPUT) == "357 tools"
    chromium.evaluate("location.hash = '#tools?topic=no-such-topic'")
    chromium.wait("!document.querySelector('#tools .missing').hidden")
    assert "no-such-topic" in chromium.evaluate(
        "document.querySelector('#tools .missing').textContent"
    )
    assert chromium.complaints() == []


def test_a_category_is_entered_and_left_by_its_crumbs(chromium: Chromium, page: str) -> None:
    """A part of the icicle filters by its category, then by a topic; crumbs lead back up."""
    with_parts(chromium, page)
    category = INPUTS.tools.categories[0]
    inside = [t for t in INPUTS.tools.topics if t.category == category.number]
    part = "document.querySelector('#tools .icicle [data-kind={}][data-number=\"{}\"]')"
    click = ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    chromium.wait(part.format("category", category.number) + " !== null")
    chromium.evaluate(part.format("category", category.number) + click)
    assert chromium.evaluate(OUTPUT) == f"{category.size} of 357 tools"
    parts = "document.querySelectorAll('#tools .icicle [data-kind=topic]').length"
    assert chromium.evaluate(parts) == len(inside)
    chromium.evaluate(part.format("topic", inside[1].number) + click)
    assert chromium.evaluate(OUTPUT) == f"{inside[1].size} of 357 tools"
    crumbs = "[...document.querySelectorAll('#tools .crumbs li')].map(n => n.textContent)"
    assert chromium.evaluate(crumbs) == ["All tools", category.name, inside[1].name]
    chromium.evaluate("document.querySelectorAll('#tools .crumbs button')[1].click()")
    assert chromium.evaluate(OUTPUT) == f"{category.size} of 357 tools"
    chromium.evaluate("document.querySelector('#tools .crumbs button').click()")
    assert chromium.evaluate(OUTPUT) == "357 tools"


def test_the_icicle_draws_what_is_unstable_otherwise(chromium: Chromium, page: str) -> None:
    """Unstable and unmeasured parts are hatched and dashed, the stable ones are neither."""
    with_parts(chromium, page)
    drawn = chromium.evaluate(
        "[...document.querySelectorAll('#tools .icicle g[data-kind=topic]')].map(g => ["
        "Number(g.dataset.number), g.querySelector('[stroke-dasharray]') !== null, "
        "g.querySelector('[fill^=url]') !== null])"
    )
    unstable = {t.number: t.standing != "stable" for t in INPUTS.tools.topics}
    for number, dashed, hatched in drawn:
        assert (dashed, hatched) == (unstable[number], unstable[number])
    assert {unstable[number] for number, _, _ in drawn} == {True, False}


# Of each part of the icicle: what it is, what is written on it, and what it tells whoever points.
PARTS = """[...document.querySelectorAll('#tools .icicle g[data-kind]')].map((part) => [
  part.dataset.kind, part.querySelector('text')?.textContent ?? '',
  part.querySelector('title').textContent])"""


@pytest.mark.parametrize("width", [1280, 400])
def test_every_part_of_the_icicle_is_named_and_small_ones_open(
    chromium: Chromium, page: str, width: int
) -> None:
    """What is too small is in one part that says what is in it, and is opened by choosing it."""
    with_parts(chromium, page, width=width)
    told: Counter[str] = Counter()
    for kind, written, title in chromium.evaluate(PARTS):
        assert written, (kind, title)
        told[kind] += int(title.split(" ")[0]) if kind == "small" else 1
    n_nodes = len(INPUTS.tools.topics) + len(INPUTS.tools.categories)
    assert told["topic"] + told["category"] + told["small"] == n_nodes
    assert told["small"]
    chromium.evaluate(
        "document.querySelector('#tools .icicle [data-kind=small]')"
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    kinds = Counter(kind for kind, _, _ in chromium.evaluate(PARTS))
    assert (kinds["category"], kinds["small"], kinds["topic"]) == (1, 0, 4)
    assert chromium.complaints() == []


def test_the_tree_is_worked_by_keys(chromium: Chromium, page: str) -> None:
    """Enter on a fold hides the topics and says so; Enter on a name chooses it and says so."""
    shown(chromium, page)
    first = "document.querySelector('#tools .category {}')"
    chromium.evaluate(first.format(".fold") + ".focus()")
    chromium.key("Enter", 13)
    assert chromium.evaluate(first.format(".fold") + ".getAttribute('aria-expanded')") == "false"
    assert chromium.evaluate(first.format("ul") + ".offsetHeight") == 0
    chromium.evaluate(first.format(".pick") + ".focus()")
    chromium.key("Enter", 13)
    assert chromium.evaluate(first.format(".pick") + ".getAttribute('aria-pressed')") == "true"
    assert chromium.evaluate(OUTPUT) == f"{INPUTS.tools.categories[0].size} of 357 tools"


def test_facts_filter_together(chromium: Chromium, page: str) -> None:
    """Stage, language, licence and place narrow together; what is not known can be chosen too."""
    shown(chromium, page, "#tools?language=Python&license=%3F&placed=yes")
    found = [
        d
        for d in INPUTS.tools.documents
        if d.language == "Python" and d.license is None and d.topic != NOISE
    ]
    assert 25 > len(found) > 3
    assert chromium.evaluate(ROWS) == usual(found)
    options = chromium.evaluate(
        "[...document.querySelectorAll('#tools [name=license] option')].map(o => o.textContent)"
    )
    without = sum(d.license is None for d in INPUTS.tools.documents)
    assert options[0] == "any licence" and options[-1] == f"not known ({without})"
    choose(chromium, "tools", "license", "")
    choose(chromium, "tools", "stage", "living")
    living = [
        d
        for d in INPUTS.tools.documents
        if d.language == "Python" and d.topic != NOISE and stage_of(d) in LIVING
    ]
    assert len(living) > 3
    assert chromium.evaluate(ROWS) == usual(living)
    assert chromium.evaluate("location.hash").endswith("placed=yes&stage=living&language=Python")


def test_address_opens_a_filter(chromium: Chromium, page: str) -> None:
    """The unplaced, strongest first, can be reached by an address; the nearest topic is named."""
    shown(chromium, page, "#tools?placed=no&sort=strength&direction=descending")
    unplaced = sorted(
        (d for d in INPUTS.tools.documents if d.topic == NOISE), key=lambda d: -d.strength
    )
    assert chromium.evaluate(ROWS) == [clean(d.title) for d in unplaced][:25]
    first = chromium.evaluate("document.querySelector('#tools tbody td.topic .why').textContent")
    assert first == "nearest: " + clean(INPUTS.tools.topics[unplaced[0].nearest_topic].name)


def test_a_filter_that_leads_nowhere_is_told_and_left_out(chromium: Chromium, page: str) -> None:
    """A link that asks for a stage which no tool is in shows all tools, and says so until asked."""
    note = "document.querySelector('#tools .order').textContent"
    shown(chromium, f"{page}#tools?stage=bogus&sort=stars")
    assert chromium.evaluate(OUTPUT) == "357 tools"
    assert "asks for, stage “bogus”: it is left out" in chromium.evaluate(note)
    choose(chromium, "tools", "placed", "no")
    assert "left out" not in chromium.evaluate(note)


def test_address_opens_a_part_of_a_view(chromium: Chromium, page: str) -> None:
    """A link to a table opens the page at that table."""
    shown(chromium, page, "#tools-table", width=400)
    top = chromium.evaluate("document.getElementById('tools-table').getBoundingClientRect().top")
    assert 0 <= top < 200 < chromium.evaluate("scrollY")


def test_typing_searches_and_headings_sort(chromium: Chromium, page: str) -> None:
    """By keys alone: beginnings of words filter, and Enter on a heading sorts; unknown is last."""
    shown(chromium, page)
    chromium.evaluate("document.querySelector('#tools input').focus()")
    chromium.send("Input.insertText", text="PROJECT-30")
    expected = [d for d in INPUTS.tools.documents if "project-30" in d.title]
    assert len(expected) > 3
    assert chromium.evaluate(ROWS) == usual(expected)
    head = "document.querySelector('#tools th[data-field=stars]')"
    chromium.evaluate(head + ".querySelector('button').focus()")
    for direction, sign in (("descending", -1), ("ascending", 1)):
        chromium.key("Enter", 13)
        known = sorted(
            (d for d in expected if d.stars is not None), key=lambda d: sign * (d.stars or 0)
        )
        rows = chromium.evaluate(ROWS)
        assert rows[: len(known)] == [d.title for d in known]
        assert set(rows[len(known) :]) == {d.title for d in expected if d.stars is None}
        assert chromium.evaluate(head + ".getAttribute('aria-sort')") == direction
    said = chromium.evaluate("document.querySelector('#tools .order').textContent")
    assert said.startswith("Order: stars, ascending; what is not known last.")


def test_a_purpose_says_how_its_tools_live(chromium: Chromium, page: str) -> None:
    """In words and in a table: the living first, those of unknown stage apart, with the reason."""
    topic = INPUTS.tools.topics[0]
    members = [d for d in INPUTS.tools.documents if d.topic == topic.number]
    stages = Counter(stage_of(d) or "of unknown stage" for d in members)
    slug = "model-serving"
    shown(chromium, page, f"#purpose={slug}")
    told = chromium.evaluate("document.querySelector('#purpose .stages-told').textContent")
    assert told.startswith(f"{topic.size} tools: ")
    said = dict(reversed(part.split(" ", 1)) for part in told[:-1].split(": ")[1].split(", "))
    assert said == {stage: str(n) for stage, n in stages.items()}
    assert chromium.evaluate(PURPOSE_ROWS) == usual(members)[:25]
    apart = chromium.evaluate("document.querySelector('#purpose .apart th').textContent")
    assert apart.startswith(f"{stages['of unknown stage']} of unknown stage: ")
    choose(chromium, "purpose", "stage", "living")
    living = [d for d in members if stage_of(d) in LIVING]
    assert living and chromium.evaluate(PURPOSE_ROWS) == usual(living)
    assert chromium.evaluate("location.hash") == f"#purpose={slug}?stage=living"
    chromium.evaluate("history.back()")
    chromium.wait(f"location.hash === '#purpose={slug}'")
    assert chromium.evaluate(PURPOSE_ROWS) == usual(members)[:25]
    assert not chromium.evaluate("document.querySelector('#purpose .sure').open")
    chromium.evaluate("router.go('#purpose=model-servng')")
    near = chromium.evaluate("[...document.querySelectorAll('#purpose li a')].map(a => a.hash)")
    assert near[0] == f"#purpose={slug}"
    assert chromium.complaints() == []


def test_tools_are_chosen_anywhere_and_stand_side_by_side(chromium: Chromium, page: str) -> None:
    """Boxes in tables choose five at most; the choice is in the address and survives a reload."""
    shown(chromium, page)
    boxes = "[...document.querySelectorAll('#tools .compare input')]"
    chromium.evaluate(f"{boxes}.slice(0, 6).forEach(box => box.click())")
    assert chromium.evaluate(f"{boxes}.filter(box => box.checked).length") == 5
    assert "5 are chosen" in chromium.evaluate(
        "document.querySelector('[role=status].hidden').textContent"
    )
    chosen = chromium.evaluate(ROWS)[:5]
    chromium.evaluate("router.go('#purpose=model-serving')")
    hash_ = chromium.evaluate("location.hash")
    assert hash_.startswith("#purpose=model-serving?with=")
    shown(chromium, page, hash_)
    chromium.evaluate("document.querySelector('.tray .open').click()")
    heads = "[...document.querySelectorAll('#compare thead .name')].map(n => n.textContent)"
    chromium.wait(f"{heads}.length === 5")
    assert chromium.evaluate(heads) == chosen
    rows = chromium.evaluate(
        "[...document.querySelectorAll('#compare tbody tr')].map(row => "
        "[row.cells[0].textContent, row.className, "
        "...[...row.cells].slice(1).map(cell => cell.innerText)])"
    )
    by_key = {clean(d.title): d for d in INPUTS.tools.documents}
    stars = [by_key[title].stars for title in chosen]
    told = next(row for row in rows if row[0].startswith("Stars"))
    assert told[1] == "differs"
    for cell, value in zip(told[2:], stars, strict=True):
        assert cell == f"{value:,}" if value is not None else cell.startswith("unknown: ")
    chromium.evaluate("document.querySelector('#compare thead button').click()")
    assert chromium.evaluate(heads) == chosen[1:]
    chromium.evaluate("history.back()")
    chromium.wait(f"{heads}.length === 5")
    chromium.evaluate("router.go('#compare=no/such,tools-owner/project-20')")
    missing = chromium.evaluate("document.querySelector('#compare .missing').textContent")
    assert "no “no/such”" in missing
    assert chromium.complaints() == []


def test_a_search_is_typed_and_walked_by_keys(chromium: Chromium, page: str) -> None:
    """A slash leads to the box; results come as one types, are marked, and arrows go through."""
    shown(chromium, page, "")
    chromium.send("Input.dispatchKeyEvent", type="keyDown", key="/", text="/")
    assert chromium.evaluate("document.activeElement.id") == "seek"
    for letters in ("proj", "ect-3", "0"):
        chromium.send("Input.insertText", text=letters)
        chromium.evaluate("new Promise(r => setTimeout(r, 150))")
    assert chromium.evaluate("location.hash") == "#find=project-30"
    expected = {d.title for d in INPUTS.tools.documents if "project-30" in d.title}
    names = "[...document.querySelectorAll('#find .results .name')].map(n => n.textContent)"
    assert set(chromium.evaluate(names)) == expected
    marks = chromium.evaluate(
        "[...document.querySelectorAll('#find mark')].map(n => n.textContent)"
    )
    assert {"project", "30"} == set(marks)
    assert chromium.evaluate("document.activeElement.id") == "seek"
    chromium.key("ArrowDown", 40)
    chromium.key("ArrowDown", 40)
    second = "document.activeElement === document.querySelectorAll('#find .result')[1]"
    assert chromium.evaluate(second)
    # However many letters were typed, one step leads back.
    chromium.evaluate("history.back()")
    chromium.wait("!document.getElementById('home').hidden")
    # Signs alone are in nothing's name.
    for words in ("zzzz", "%", "🙂"):
        chromium.evaluate(f"router.go('#find={words}')")
        assert chromium.evaluate("document.querySelector('#find .count').textContent") == (
            f"0 tools for “{words}”"
        )
        assert "Try fewer" in chromium.evaluate("document.querySelector('#find').textContent")
    chromium.evaluate("document.querySelector('.skip').click()")
    assert chromium.evaluate("document.activeElement.id") == "find-heading"


def test_the_heat_map_shows_shares(chromium: Chromium, page: str) -> None:
    """As shares of a row, the cells of each row add up to all of it, and topics can be left out."""
    shown(chromium, page, "#wishes")
    chromium.evaluate(
        "(form => { form.elements.numbers.value = 'row'; form.elements.rows.value = 'categories';"
        "form.dispatchEvent(new Event('change', {bubbles: true})); })"
        "(document.querySelector('.heat-controls'))"
    )
    sums = chromium.evaluate(
        "[...document.querySelectorAll('.heat tbody tr')].filter(row => row.offsetHeight)"
        ".map(row => [...row.querySelectorAll('button')]"
        ".reduce((sum, button) => sum + Number(button.textContent), 0))"
    )
    assert INPUTS.requests is not None
    assert len(sums) == len(INPUTS.requests.categories) + 1
    assert all(abs(total - 100) <= 4 for total in sums)


def test_pointing_at_a_mark_reads_it(chromium: Chromium, page: str) -> None:
    """The pointer over a mark shows its title; a click keeps it below the map, with a link."""
    shown(chromium, page)
    left, top = on_map(chromium, 0, 0)
    x, y = chromium.evaluate("maps.get('tools').places.at(-1)")
    chromium.mouse("mouseMoved", left + x, top + y)
    chromium.wait("!document.querySelector('#tools .tip').hidden")
    title = chromium.evaluate("document.querySelector('#tools .tip strong').textContent")
    assert title in {clean(d.title) for d in INPUTS.tools.documents}
    chromium.mouse("mousePressed", left + x, top + y, pressed=True)
    chromium.mouse("mouseReleased", left + x, top + y)
    chromium.wait("document.querySelector('#tools .detail a') !== null")
    assert chromium.evaluate("document.querySelector('#tools .detail a').textContent") == title
    assert chromium.complaints() == []


def test_zoom_and_move_change_what_is_seen(chromium: Chromium, page: str) -> None:
    """Buttons zoom, keys and the mouse move; nearer there are more names, and none collide."""
    shown(chromium, page)
    view = "(v => [v.kx, v.middle[0]])(maps.get('tools').view)"
    whole = chromium.evaluate(view)
    chromium.evaluate(f"{CANVAS}.focus()")
    for _ in range(5):
        chromium.key("+", 187)
    near = chromium.evaluate(view)
    assert near[0] > 5 * whole[0]
    chromium.key("ArrowRight", 39)
    moved = chromium.evaluate(view)
    assert moved[1] > near[1]
    chromium.drag([on_map(chromium, 0.4, 0.5), on_map(chromium, 0.6, 0.5)])
    assert chromium.evaluate(view)[1] < moved[1]
    chromium.evaluate(FRAMES)
    assert chromium.evaluate(COLLISIONS) == 0
    names = "maps.get('tools').labels.filter(label => label.weight === 400).length"
    assert chromium.evaluate(names) > 0
    chromium.evaluate("document.querySelector('#tools [data-zoom=all]').click()")
    assert chromium.evaluate(view) == pytest.approx(whole)


@pytest.mark.parametrize("mode", ["lasso", "box"])
def test_a_line_around_marks_selects_them(
    chromium: Chromium, page: str, mode: str, tmp_path: Path
) -> None:
    """What is inside the line fills the table, is summed up by topic, and is saved as CSV."""
    shown(chromium, page)
    chromium.evaluate(f"document.querySelector('#tools [data-mode={mode}]').click()")
    corners = [(0.2, 0.2), (0.7, 0.2), (0.7, 0.7), (0.2, 0.7)]
    line = corners if mode == "lasso" else [corners[0], (0.5, 0.5), corners[2]]
    chromium.drag([on_map(chromium, *place) for place in line])
    inside = chromium.evaluate(
        "(m => m.rows.filter((row, i) => { const [x, y] = m.places[i]; const { width, height } = "
        "m.view; return x > .2 * width && x < .7 * width && y > .2 * height && y < .7 * height; })"
        ".map(row => row.key))(maps.get('tools'))"
    )
    assert 357 > len(inside) > 20
    assert chromium.evaluate(OUTPUT) == f"{len(inside)} of 357 tools"
    # The line is in the address: a link to it shows the same.
    address = chromium.evaluate("location.hash")
    assert address.startswith("#tools?area=")
    shown(chromium, page, address)
    assert chromium.evaluate(OUTPUT) == f"{len(inside)} of 357 tools"
    items = chromium.evaluate(
        "[...document.querySelectorAll('#tools .selection li')].map(n => n.textContent)"
    )
    topic_of = {d.key: d.topic for d in INPUTS.tools.documents}
    assert len(items) == len({topic_of[key] for key in inside})
    assert sum(int(item.rsplit(": ", 1)[1]) for item in items) == len(inside)
    text = saved(chromium, "#tools .selection button", tmp_path, "tools-selected.csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sorted(row["key"] for row in rows) == sorted(inside)


def test_tables_are_saved_as_filtered(chromium: Chromium, page: str, tmp_path: Path) -> None:
    """The CSV holds every row that the filters leave, in the order shown, hostile texts and all."""
    shown(chromium, page, "#tools?sort=stars&direction=descending")
    button = "#tools [data-save={}][data-of=tools-table]"
    rows = list(
        csv.DictReader(io.StringIO(saved(chromium, button.format("csv"), tmp_path, "tools.csv")))
    )
    assert len(rows) == 357
    by_key = {d.key: d for d in INPUTS.tools.documents}
    for row in rows:
        document = by_key[row["key"]]
        title = clean(document.title)
        assert row["title"] == ("'" + title if title[0] in "=+-@" else title)
        assert row["stars"] == ("" if document.stars is None else str(document.stars))
        assert row["placed"] == ("no" if document.topic == NOISE else "yes")
    stars = [int(row["stars"]) for row in rows if row["stars"]]
    assert stars == sorted(stars, reverse=True)
    latex = saved(chromium, button.format("tex"), tmp_path, "tools.tex")
    assert latex.count("\\\\\n") == 357 + 2
    assert "\\textless{}/script\\textgreater{}" in latex and "name:tools" not in latex
    assert chromium.complaints() == []


def test_figures_are_saved_as_svg(chromium: Chromium, page: str, tmp_path: Path) -> None:
    """Each figure is a whole SVG, on light paper even by dark, that needs no style of the page."""
    shown(chromium, page, dark=True)
    for of, name, parts in (
        ("tools-map", "tools-map.svg", "path"),
        ("tools-icicle", "tools-categories.svg", "text"),
        ("heat", "wishes-by-framework.svg", "text"),
        ("facts-1", "facts-1.svg", "rect"),
        ("agreement-tools", "agreement-tools.svg", "circle"),
    ):
        view = f"document.querySelector('[data-save=svg][data-of={of}]').closest('.view').id"
        chromium.evaluate(f"router.go('#' + {view})")
        chromium.evaluate(FRAMES)
        text = saved(chromium, f"[data-save=svg][data-of={of}]", tmp_path, name)
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert len(list(root.iter(SVG + parts))) > 2
        assert "var(--" not in text and "class=" not in text.replace('class="part"', "")
        assert "#ffffff" in text and "#16181b" not in text


def test_the_page_prints_its_figures(chromium: Chromium, page: str) -> None:
    """On paper the map is a drawing, not pixels, and goes away again; a PDF comes out."""
    shown(chromium, page)
    chromium.evaluate("document.querySelector('#tools .fold').click()")
    chromium.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert chromium.evaluate("document.querySelectorAll('.map svg.printed path').length") == 356
    chromium.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert chromium.evaluate("document.querySelectorAll('.printed').length") == 0
    pdf = base64.b64decode(chromium.send("Page.printToPDF", pageRanges="1")["data"])
    assert pdf.startswith(b"%PDF")
    # As wide as a sheet: names of purposes are read across, and all columns are on it.
    shown(chromium, page, "", width=SHEET)
    chromium.send("Emulation.setEmulatedMedia", media="print")
    names = "[...document.querySelectorAll('#home .purpose li a')].map(a => a.offsetHeight)"
    assert 0 < max(chromium.evaluate(names)) < SHEET / 8
    chromium.evaluate("router.go('#purpose=model-serving')")
    table = chromium.evaluate(
        "(box => box.getBoundingClientRect().right)(document.querySelector('#purpose table'))"
    )
    chromium.send("Emulation.setEmulatedMedia", media="")
    assert table <= SHEET
    assert chromium.complaints() == []


def test_text_at_twice_its_size_fits(chromium: Chromium, page: str) -> None:
    """With text at 200 % nothing makes the page scroll sideways, wide or narrow."""
    for width in (1280, 400):
        shown(chromium, page, width=width)
        chromium.evaluate("document.documentElement.style.fontSize = '200%'")
        assert chromium.evaluate("document.documentElement.scrollWidth") == width


def test_what_is_announced_has_a_name(chromium: Chromium, page: str) -> None:
    """In the browser's own tree for screen readers, everything that is operated has a name."""
    shown(chromium, page)
    chromium.send("Accessibility.enable")
    nodes = chromium.send("Accessibility.getFullAXTree")["nodes"]
    chromium.send("Accessibility.disable")
    operated = {"button", "link", "combobox", "searchbox", "application", "radio", "textbox"}
    found = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in operated
    ]
    assert len(found) > 100
    assert [role for role, name in found if not name.strip()] == []
    roles = Counter(node["role"]["value"] for node in nodes if not node["ignored"])
    assert roles["main"] == roles["banner"] == roles["contentinfo"] == 1
    assert roles["search"] == 2 and roles["navigation"] == 1
    levels = chromium.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map(n => Number(n.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


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
    shown(chromium, path.as_uri())
    assert chromium.evaluate("document.querySelector('.map').hidden")
    assert len(chromium.evaluate(ROWS)) == 25
    assert chromium.complaints() == []


def test_ten_thousand_documents_stay_quick(chromium: Chromium, tmp_path: Path) -> None:
    """A page of 10,000 tools is below 10 MB, ready in 2 s, and answers the pointer in 100 ms."""
    path = tmp_path / "large.html"
    large = make_inputs(n_tools=10_000, n_topics=60)
    write_page(large, path)
    assert path.stat().st_size < 10_000_000
    found = measure_page(chromium, path.as_uri() + "#tools", n_hovers=8, n_loads=2)
    assert found.marks == 10_000 - 1
    assert found.ready_s < 2
    assert median(found.hovers_ms) < 100
    filter_ms = chromium.evaluate(
        "(tools => { const spent = ['Python', '', 'Go'].map(language => { const start = "
        "performance.now(); tools.change({ language }); return performance.now() - start; });"
        "return Math.min(...spent); })(groupings.get('tools'))"
    )
    assert filter_ms < 100
    assert chromium.evaluate(COLLISIONS) == 0
    assert chromium.requests() == []


@pytest.fixture(scope="module")
def usage_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a page that says how frameworks are used, and return its address."""
    path = tmp_path_factory.mktemp("usage") / "page.html"
    small = make_inputs(n_tools=40, n_requests=20, n_topics=4)
    write_page(replace(small, usage=made_up_page_usage("random")), path)
    return path.as_uri()


NUMBER = "document.querySelector('[data-evidence=\"feature | alpha | tracking\"]')"
OPENED = "[...document.querySelectorAll('.evidence')].filter(box => !box.hidden)"


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("dark", [False, True])
def test_uses_are_drawn_in_silence(
    chromium: Chromium, usage_page: str, width: int, dark: bool
) -> None:
    """Wide or narrow, light or dark: nothing is wider than the window, nor complained of."""
    shown(chromium, usage_page, "#usage", width=width, dark=dark)
    assert chromium.evaluate("document.documentElement.scrollWidth") == width
    chromium.evaluate(f"{NUMBER}.click()")
    chromium.wait(f"{OPENED}.length")
    chromium.evaluate("document.querySelectorAll('#usage details').forEach(d => d.open = true)")
    assert chromium.evaluate("document.documentElement.scrollWidth") == width
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_a_number_opens_and_closes_its_evidence(chromium: Chromium, usage_page: str) -> None:
    """By keyboard: Enter opens it and moves there, Escape closes it and leads back."""
    shown(chromium, usage_page, "#usage")
    chromium.evaluate(f"{NUMBER}.focus()")
    chromium.key("Enter", 13)
    chromium.wait(f"{OPENED}.length === 1")
    chromium.wait(f"document.activeElement === {OPENED}[0]")
    assert chromium.evaluate(f"{NUMBER}.getAttribute('aria-expanded')") == "true"
    links = chromium.evaluate(f"[...{OPENED}[0].querySelectorAll('li a')].map(a => a.href)")
    assert len(links) == 10
    assert all(each.startswith("https://github.com/owner") for each in links)
    told = chromium.evaluate(f"{OPENED}[0].innerText")
    assert f"These are 10 of {N_BOTH * N_LINES} lines of code" in told
    assert "opsatlas usage show alpha --feature tracking" in told
    chromium.key("Escape", 27)
    assert chromium.evaluate(f"{OPENED}.length") == 0
    assert chromium.evaluate(f"document.activeElement === {NUMBER}")
    chromium.evaluate("document.querySelector('[data-evidence^=pair]').click()")
    chromium.evaluate("document.querySelector('[data-evidence^=asked]').click()")
    chromium.wait(f"{OPENED}.length === 1")
    told = chromium.evaluate(f"{OPENED}.map(box => box.innerText)")
    assert len(told) == 1
    assert "These are 25 of 30 requests" in told[0]


def test_hostile_paths_are_shown_as_written(chromium: Chromium, usage_page: str) -> None:
    """A path that looks like markup is text in the list and makes no element."""
    shown(chromium, usage_page, "#usage")
    chromium.evaluate("document.querySelector('[data-evidence=\"channel | beta | api\"]').click()")
    chromium.wait(f"{OPENED}.length === 1")
    assert "<img src=x onerror=alert(1)>" in chromium.evaluate(f"{OPENED}[0].innerText")
    assert chromium.evaluate("document.querySelectorAll('#usage img').length") == 0


def test_a_saved_matrix_says_what_it_is_of(
    chromium: Chromium, usage_page: str, tmp_path: Path
) -> None:
    """Each row of the file names the sample; unknown is empty, none is 0."""
    shown(chromium, usage_page, "#usage")
    text = saved(
        chromium, "#usage [data-of=usage-features][data-save=csv]", tmp_path, "usage-features.csv"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["sample"] for row in rows} == {"drawn at random; n = 41"}
    assert rows[0]["alpha"].startswith(f"{N_BOTH} 100% (91%–100%)")
    assert (rows[0]["beta"], rows[2]["alpha"]) == ("", "0")
