"""What users ask for, on the page: wishes in sentences, their requests, and shares told of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from chromium import Chromium, find_chromium
from page_inputs import HOSTILE, make_inputs
from page_usage import made_up_page_usage
from selectolax.lexbor import LexborHTMLParser, LexborNode
from unpacked import page_data

from artifacts.words import NOISE
from reports.data import clean
from reports.inputs import FeatureRequest, PageInputs, PageSection
from reports.page.page import render_page
from reports.page.wishes import FEWEST_SHADED, wish_sentence, wishes_view
from reports.usage.views import called_frameworks

PROGRAM = find_chromium()
MADE = make_inputs(n_tools=40, n_requests=120, n_topics=6)
READY = "document.documentElement.dataset.ready === 'yes'"


def asked_of(inputs: PageInputs) -> PageSection[FeatureRequest]:
    """Return the requests of a study that has some."""
    assert inputs.requests is not None
    return inputs.requests


def with_few() -> PageInputs:
    """Return a study in which one framework got few requests, and one is among the tools."""
    section = asked_of(MADE)
    requests = tuple(
        replace(each, repository="few/few")
        if place < 3
        else replace(each, state="open", created_at=date(2026, 1, 1))
        if place == 60
        else each
        for place, each in enumerate(section.documents)
    )
    first = replace(MADE.tools.documents[20], title="MLFlow/MLFlow")
    tools = (*MADE.tools.documents[:20], first, *MADE.tools.documents[21:])
    return replace(
        MADE,
        requests=replace(section, documents=requests),
        tools=replace(MADE.tools, documents=tools),
        framework_names={"mlflow/mlflow": "MLflow", "Netflix/Metaflow": HOSTILE[1]},
        usage=made_up_page_usage(),
    )


INPUTS = with_few()


def words(node: LexborNode) -> str:
    """Return the text of a node with its blanks joined."""
    return " ".join(node.text(separator=" ").split())


@pytest.fixture(scope="module")
def page() -> LexborHTMLParser:
    """Return the page."""
    return LexborHTMLParser(render_page(INPUTS))


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        ("Asks to compare runs, such as a #1.", "Users ask to compare runs."),
        (
            "Asks for tests; here mostly drift, as in a #1.",
            "Users ask for tests; here mostly drift.",
        ),
        ("Asks for a page; for example a #1.", "Users ask for a page."),
        ('Requests that say "a" and "b", such as a #1.', "What they have in common: “a” and “b”."),
        ("Requests such as a #1.", ""),
        ("What a person wrote, such as this.", "What a person wrote, such as this."),
        ("", ""),
    ],
)
def test_a_theme_is_read_as_a_wish(description: str, sentence: str) -> None:
    """Its description says what users ask for; examples stand beside it, linked."""
    assert wish_sentence(description) == sentence


def test_frameworks_go_by_the_names_that_people_use() -> None:
    """As the study writes them, else as their repositories are called; none by another's name."""
    written = {"MLflow/mlflow": "MLflow"}
    assert called_frameworks(["mlflow/mlflow", "treeverse/dvc"], written) == {
        "mlflow/mlflow": "MLflow",
        "treeverse/dvc": "dvc",
    }
    twins = called_frameworks(["a/core", "b/Core"], {})
    assert twins == {"a/core": "a/core", "b/Core": "b/Core"}


def test_wishes_count_every_placed_request_once() -> None:
    """The largest first; open ones are of those whose state is known; few are named as few."""
    view = wishes_view(INPUTS)
    assert view is not None
    documents = asked_of(INPUTS).documents
    sizes = Counter(each.topic for each in documents if each.topic != NOISE)
    found = [line for category in view.categories for line in category.inside]
    assert {line.number: line.n for line in found} == dict(sizes)
    for lines in (view.categories, *(category.inside for category in view.categories)):
        assert [line.n for line in lines] == sorted((line.n for line in lines), reverse=True)
    for line in (*view.categories, *found):
        assert sum(each.n for each in line.asked) + line.n_others == line.n
    for line in found:
        members = [each for each in documents if each.topic == line.number]
        assert line.n_open == sum(each.state == "open" for each in members)
        assert line.n_known == sum(each.state is not None for each in members)
        assert 0 < len(line.examples) <= 3
    totals = Counter(view.names[clean(each.repository)] for each in documents)
    assert set(view.few) == {name for name, n in totals.items() if n < FEWEST_SHADED}
    assert "few" in view.few


def test_it_is_said_that_requests_are_no_census(page: LexborHTMLParser) -> None:
    """Once, where they begin; and hostile names and texts make no element."""
    (section,) = page.css("#wishes")
    assert words(section).count("not a census") == 1
    assert not section.css("script, img, td b")
    assert clean(HOSTILE[1]) in {words(each) for each in section.css(".heat thead span")}
    data = page_data(page)
    assert data["frameworks"]["mlflow/mlflow"] == "MLflow"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chromium, str]]:
    """Return a real browser, and the address of the page."""
    if PROGRAM is None:
        pytest.skip("no Chromium on PATH to open the page with")
    path = tmp_path_factory.mktemp("wishes") / "index.html"
    path.write_text(render_page(INPUTS), encoding="utf-8")
    with Chromium(PROGRAM) as chromium:
        yield chromium, path.as_uri()


def slug_of(chromium: Chromium, topic: int) -> str:
    """Return what the address of a theme has."""
    found = chromium.evaluate(f"groupings.get('requests').topics.get({topic}).slug")
    assert isinstance(found, str)
    return found


def test_a_number_opens_the_requests_behind_it(browser: tuple[Chromium, str]) -> None:
    """The wish's page with that framework alone, open and newest first; unknown dates last."""
    chromium, address = browser
    chromium.open(address + "#frameworks", width=1280)
    chromium.wait(READY)
    few = "[...document.querySelectorAll('.heat .few button')].map(b => b.dataset.repository)"
    shaded_less = set(chromium.evaluate(few))
    totals = Counter(each.repository for each in asked_of(INPUTS).documents)
    assert shaded_less == {name for name, n in totals.items() if n < FEWEST_SHADED}
    of_mlflow = "[data-kind=topic][data-repository='mlflow/mlflow']"
    button = f'document.querySelector(".heat button{of_mlflow}")'
    n, number = chromium.evaluate(f"[{button}.dataset.count, {button}.dataset.number]")
    chromium.evaluate(f"{button}.click()")
    assert chromium.evaluate("decodeURIComponent(location.hash)").endswith(
        "?framework=mlflow/mlflow"
    )
    found = "[...document.querySelectorAll('.requests > li .why')].map(p => p.textContent)"
    assert len(chromium.evaluate(found)) == int(n)
    tool = "document.querySelector('.requests .why a').hash"
    assert chromium.evaluate(tool) == "#tool=MLFlow/MLFlow"
    chromium.open(f"{address}#wish={slug_of(chromium, int(number))}", width=400, dark=True)
    chromium.wait(READY)
    members = [d for d in asked_of(INPUTS).documents if d.topic == int(number)]
    states = {"open": 0, "closed": 1, None: 2}
    later = [-(d.created_at or date.min).toordinal() for d in members]
    order = sorted(range(len(members)), key=lambda i: (states[members[i].state], later[i]))
    numbers = f"{found}.map(text => Number(/#(\\d+)/.exec(text)[1]))"
    assert chromium.evaluate(numbers) == [members[place].number for place in order][:25]
    assert chromium.evaluate("document.documentElement.scrollWidth") == 400
    assert (chromium.complaints(), chromium.requests()) == ([], [])


def test_filters_are_in_the_address_and_back_leads_back(browser: tuple[Chromium, str]) -> None:
    """A state that is not known can be asked for; a wish that is gone is said to be gone."""
    chromium, address = browser
    chromium.open(address, width=1280)
    chromium.wait(READY)
    slug = slug_of(chromium, 0)
    chromium.evaluate(f"location.hash = '#wish={slug}'")
    chromium.wait("!document.querySelector('#wish').hidden")
    chromium.evaluate(
        "(s => { s.value = 'unknown'; s.dispatchEvent(new Event('change', {bubbles: true})); })"
        "(document.querySelector('#wish select[name=state]'))"
    )
    unknown = sum(d.topic == 0 and d.state is None for d in asked_of(INPUTS).documents)
    said = "document.querySelector('#wish output').textContent"
    assert chromium.evaluate(said).startswith(f"{unknown} of ")
    assert chromium.evaluate("location.hash") == f"#wish={slug}?state=unknown"
    chromium.evaluate("history.back()")
    chromium.wait(f"!{said}.includes(' of ')")
    chromium.evaluate("location.hash = '#wish=%3Cimg%20src=x%3E'")
    chromium.wait("document.querySelector('#wish h2').textContent.startsWith('There is no such')")
    assert "<img src=x>" in chromium.evaluate("document.querySelector('#wish').innerText")
    assert chromium.evaluate("document.querySelectorAll('#wish img').length") == 0
    chromium.evaluate("location.hash = '#gap'")
    chromium.wait("!document.querySelector('#wishes').hidden")
    chromium.evaluate("document.querySelector('#gap [data-evidence^=used]').click()")
    opened = "[...document.querySelectorAll('#gap .evidence a')].map(a => a.href)"
    chromium.wait(f"{opened}.length")
    assert chromium.evaluate(opened)[0].startswith("https://github.com/owner")
    assert (chromium.complaints(), chromium.requests()) == ([], [])
