"""What a practitioner comes for, walked through on the page by at most five clicks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Chromium, find_chromium
from made_up_uses import COMMIT
from mined_study import ANSWER, ASKED, DRIFT_TOOLS, GROWN, OBSERVED, TOOLS, WISHES
from page_inputs import HOSTILE
from page_usage import N_BOTH
from page_views import READY, addresses, inputs_with_lives

from insights.history.history import read_history
from mining.snapshots import load_table
from reports.data import clean
from reports.inputs import PageInputs
from reports.page.page import write_page

PROGRAM = find_chromium()
seen = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on PATH to open the page with")

MOST_CLICKS = 5
VIEW = "document.querySelector('.view:not([hidden])')"
# The first element of a kind that is seen, and whose text or name is, or begins with, what is told.
SEEN = """((selector, text) => {
  const seen = [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
  const names = seen.map((node) => (node.getAttribute("aria-label") || node.textContent).trim());
  return seen[names.indexOf(text)] || seen[names.findIndex((name) => name.startsWith(text))];
})"""
# What the tables that are seen say, row by row.
ROWS = """[...document.querySelectorAll(".view:not([hidden]) tbody tr")]
  .filter((row) => row.checkVisibility())
  .map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"""


class Walk:
    """Somebody on the page: what is clicked on and seen, and how often was clicked."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium
        self.n_clicks = 0

    def click(self, selector: str, text: str) -> None:
        """Click on what is called so, once it is there."""
        self.n_clicks += 1
        found = f"{SEEN}({selector!r}, {text!r})"
        self.chromium.wait(f"!!{found}")
        self.chromium.click(found)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select, which counts as one click."""
        self.n_clicks += 1
        self.chromium.evaluate(
            f"(() => {{ const field = {SEEN}('label', {label!r}).querySelector('select');"
            f"field.value = [...field.options].find((o) => o.text.startsWith({option!r})).value;"
            "field.dispatchEvent(new Event('input', { bubbles: true })); })()"
        )
        self.chromium.settle()

    def seek(self, words: str) -> None:
        """Type words into the box for searches, which takes a click, and search for them."""
        self.n_clicks += 1
        self.chromium.click(f"{SEEN}('input[type=search]', '')")
        self.chromium.type(words)
        self.chromium.key("Enter", 13)
        self.chromium.settle()

    def back(self, view: str) -> None:
        """Go back to the view that was shown before."""
        self.chromium.evaluate("history.back()")
        self.chromium.wait(f"!document.getElementById({view!r}).hidden")
        self.chromium.settle()

    def rows(self) -> list[list[str]]:
        """Return the rows of the tables that are seen."""
        found: list[list[str]] = self.chromium.evaluate(ROWS)
        return found

    def text(self) -> str:
        """Return all that is seen of the view."""
        told: str = self.chromium.evaluate(
            "document.querySelector('.view:not([hidden])').innerText"
        )
        return told


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Start one browser for all."""
    assert PROGRAM is not None
    with Chromium(PROGRAM) as started:
        yield started


@pytest.fixture
def walk(browser: Chromium, mined_study: Path) -> Walk:
    """Open the page of the mined study at its first screen."""
    browser.events.clear()
    browser.open((mined_study / "reports" / "atlas" / "index.html").as_uri(), width=1280)
    browser.wait(READY)
    return Walk(browser)


def test_the_field_is_what_it_was_made_to_be(mined_study: Path) -> None:
    """Each tool has its stage by the pipeline's own rules; and what users asked for is there."""
    history = read_history(mined_study / "insights" / "history" / GROWN)
    found = {tool.full_name: tool for tool in history.tools}
    stages = {name: tool.stage for name, tool in found.items()}
    ends = {"archived": "dead", "unknown": None}
    assert stages == {tool.full_name: ends.get(tool.life, tool.life) for tool in TOOLS}
    assert len(ANSWER) == 3
    for tool in DRIFT_TOOLS:
        assert (found[tool.full_name].people is not None) == tool.is_cloned
    issues = load_table(mined_study / "snapshots" / GROWN, "issues")
    assert issues.num_rows == sum(ASKED.values())


@seen
def test_tools_for_a_purpose_with_their_stages(walk: Walk) -> None:
    """For drift detection: the stage of each, and the day it was seen; the unknown apart."""
    walk.click("a", "Drift detection")
    rows = walk.rows()
    apart = next(place for place, row in enumerate(rows) if len(row) == 1)
    assert rows[apart] == ["2 of unknown stage: its commits are not counted by month."]
    lives = {tool.full_name: tool.life for tool in DRIFT_TOOLS}
    told = {row[1].splitlines()[0]: row[2] for row in rows[:apart]}
    for name, stage in told.items():
        assert stage.startswith("dead" if lives[name] == "archived" else lives[name])
        assert f"seen {OBSERVED}" in stage
    assert {row[1].splitlines()[0] for row in rows[apart + 1 :]} == {
        name for name, life in lives.items() if life == "unknown"
    }
    # One stands firmly nowhere, and is told of below.
    assert lives.keys() - told.keys() == {"wander-ml/wander", "wander-ml/roam", "varia-group/varia"}
    assert "varia-group/varia" in walk.text().partition("Near it, but not placed")[2]
    assert walk.n_clicks <= MOST_CLICKS


@seen
def test_what_the_users_of_a_tool_ask_for(walk: Walk) -> None:
    """Found by its name: how many requests, by theme, the most wanted first, each with its link."""
    walk.seek("driftwatch")
    walk.click("a", "skewlab/driftwatch")
    told = walk.text().partition("What its users ask for")[2]
    assert told.strip().startswith(f"{ASKED['skewlab/driftwatch']} requests were collected")
    assert "Requests, those of most reactions and comments first" in told
    links = walk.chromium.evaluate(
        "[...document.querySelectorAll('#tool .requests a')].map((each) => each.href)"
    )
    assert len(links) == len(set(links)) > 5
    assert all("github.com/skewlab/driftwatch/issues/" in each for each in links)
    assert walk.n_clicks <= MOST_CLICKS


@seen
def test_three_tools_side_by_side(walk: Walk) -> None:
    """Feature stores, chosen by their boxes; what is not known says why."""
    walk.click("a", "Feature store")
    names = [row[1].splitlines()[0] for row in walk.rows()[:3]]
    for name in names:
        walk.click("input", f"Compare {name}")
    walk.click("a", "Show 3 side by side")
    head = walk.chromium.evaluate(
        "[...document.querySelectorAll('#compare thead a')].map((each) => each.textContent)"
    )
    assert head == names
    lines = {row[0].split(",")[0].strip(): row[1:] for row in walk.rows() if len(row) == 4}
    assert {"What it is", "Stage", "Last release", "Stars", "Licence"} <= lines.keys()
    assert all(f"seen {OBSERVED}" in stage for stage in lines["Stage"])
    assert walk.n_clicks <= MOST_CLICKS


@seen
def test_living_tools_of_a_licence_and_what_their_users_ask_for(walk: Walk) -> None:
    """Three are for drift detection, living and under Apache-2.0: side by side, then one by one.

    What was asked for is there again on the way back.
    """
    walk.click("a", "Drift detection")
    walk.choose("Stage", "living")
    walk.choose("Licence", "Apache-2.0")
    assert {row[1].splitlines()[0] for row in walk.rows()} == set(ANSWER)
    walk.click("a", "Show these 3 side by side")
    lines = {row[0].split(",")[0].strip(): row[1:] for row in walk.rows() if len(row) == 4}
    assert set(lines["Licence"]) == {"Apache-2.0"}
    assert all(int(n) > 0 for n in lines["Requests open"])
    n_clicks = walk.n_clicks
    for name in ANSWER:
        walk.click("#compare a", name)
        told = walk.text().partition("What its users ask for")[2]
        assert f"{ASKED[name]} requests were collected" in told
        assert any(words[0].split()[-1] in told for kind in WISHES.values() for words in kind)
        walk.back("compare")
    walk.back("purpose")
    assert {row[1].splitlines()[0] for row in walk.rows()} == set(ANSWER)
    assert n_clicks + 1 <= MOST_CLICKS


@pytest.fixture(scope="module")
def inputs() -> PageInputs:
    """Return what a page shows of everything, with frameworks whose use was looked into."""
    return inputs_with_lives()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, inputs: PageInputs) -> str:
    """Write the page of everything and return its address."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(inputs, path)
    return path.as_uri()


@seen
def test_what_goes_with_a_framework_with_its_evidence(browser: Chromium, page: str) -> None:
    """Found by its name, though it is not sorted here; the number of owners opens lines of code."""
    browser.open(page, width=1280)
    browser.wait(READY)
    walk = Walk(browser)
    walk.seek("alpha")
    walk.click("a", "made/alpha")
    told = walk.text().partition("What goes with it")[2]
    assert f"made/beta used together by {N_BOTH} owners" in " ".join(told.split())
    walk.click("button", f"{N_BOTH} owners")
    lines = browser.evaluate(
        "[...document.querySelectorAll('#tool .evidence:not([hidden]) a')].map((a) => a.href)"
    )
    assert lines
    assert all("https://github.com/owner" in line and COMMIT in line for line in lines)
    assert walk.n_clicks <= MOST_CLICKS


@seen
def test_the_way_back_leads_to_where_one_was(browser: Chromium, page: str) -> None:
    """A view opens at its top, at once; and the one before is as far down as it was left."""
    browser.open(f"{page}#tools", width=1280)
    browser.wait(READY)
    browser.evaluate("window.scrollTo({ top: 700, behavior: 'instant' })")
    browser.evaluate("document.querySelector('#tools tbody a').click()")
    browser.wait("!document.getElementById('tool').hidden")
    assert browser.evaluate("window.scrollY") == 0
    browser.evaluate("history.back()")
    browser.wait("!document.getElementById('tools').hidden")
    assert browser.evaluate("window.scrollY") == 700


# What a text would make if it were taken for markup; and where a link would run it.
MADE = """document.querySelectorAll(
  "main img, main b, main i, main script, main iframe, a[href^='javascript' i], [onerror]"
).length"""


@seen
def test_harmful_texts_are_inert_in_every_view(
    browser: Chromium, page: str, inputs: PageInputs
) -> None:
    """Names, descriptions, topics, wishes, lines of code: nothing is made of them, run or asked."""
    browser.events.clear()
    browser.open(page, width=1280)
    browser.wait(READY)
    told = ""
    for address in addresses(browser, inputs):
        browser.evaluate(f"location.hash = {json.dumps(address)}")
        browser.settle()
        assert browser.evaluate(MADE) == 0, address
        told += browser.evaluate(f"{VIEW}.textContent")
    assert all(clean(text) in told for text in HOSTILE)
    assert browser.of("Page.javascriptDialogOpening") == []
    assert browser.complaints() == []
    assert browser.requests() == []
