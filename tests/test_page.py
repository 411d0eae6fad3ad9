"""The page: whole, inert, equal for equal inputs, and true to the numbers it was given."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_inputs import HOSTILE, make_inputs
from selectolax.lexbor import LexborHTMLParser, LexborNode
from unpacked import page_data, page_program

from artifacts.errors import InputError
from artifacts.words import NOISE
from reports.data import DESCRIPTION_CHARACTERS, clean, web_address
from reports.inputs import PageGuidance, PageInputs, PageSection
from reports.page.page import render_page, write_page
from reports.page.views import heat_map
from reports.palette import DARK_HUES, HUES, SHAPES, assign_hues, assign_marks
from reports.provenance import content_key
from taxonomy.evaluation import GUIDED_NOTE
from taxonomy.nodes import STABLE, Topic

INPUTS = make_inputs()


@pytest.fixture(scope="module")
def html() -> str:
    """Render the page once for all tests that only read it."""
    return render_page(INPUTS)


@pytest.fixture(scope="module")
def tree(html: str) -> LexborHTMLParser:
    """Parse the page once."""
    return LexborHTMLParser(html)


@pytest.fixture(scope="module")
def data(tree: LexborHTMLParser) -> Any:
    """Read the data that travels in the page."""
    return page_data(tree)["groupings"]


def one(tree: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """Return the only node that a selector matches."""
    nodes = tree.css(selector)
    assert len(nodes) == 1, (selector, len(nodes))
    return nodes[0]


def words(node: LexborNode) -> str:
    """Return the text of a node with its blanks joined."""
    return " ".join(node.text(separator=" ").split())


def test_nothing_is_loaded_from_elsewhere(tree: LexborHTMLParser) -> None:
    """No element loads anything, and the policy forbids it too."""
    assert not tree.css(
        "script[src], img, iframe, object, embed, audio, video, source, base, form[action]"
    )
    assert [node.attributes["href"] for node in tree.css("link")] == ["data:,"]
    assert "@import" not in one(tree, "style").text()
    assert "url(" not in one(tree, "style").text()
    for use in tree.css("use"):
        assert (use.attributes["href"] or "").startswith("#glyph-")
    policy = one(tree, 'meta[http-equiv="Content-Security-Policy"]').attributes["content"] or ""
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "connect-src" not in policy and "font-src" not in policy


def test_scripts_are_those_of_the_policy(tree: LexborHTMLParser) -> None:
    """The program, and what unpacks it, have their hashes there: an injected one would not run."""
    policy = one(tree, 'meta[http-equiv="Content-Security-Policy"]').attributes["content"] or ""
    allowed = re.findall(r"'sha256-([^']+)'", policy)
    texts = [one(tree, "script:not([type])").text(), page_program(tree)]
    found = [hashlib.sha256(text.encode()).digest() for text in texts]
    assert [base64.b64encode(digest).decode() for digest in found] == allowed


def test_links_lead_to_the_web_or_into_the_page(tree: LexborHTMLParser, data: Any) -> None:
    """A javascript: address becomes plain text, in the lists and in the data."""
    ids = {node.attributes["id"] for node in tree.css("[id]")}
    for node in tree.css("a"):
        address = node.attributes["href"] or ""
        view = re.split("[=?]", address.removeprefix("#"))[0]
        assert address.startswith("https://") or address == "#" or view in ids
    for section in data.values():
        place = section["fields"].index("url")
        addresses = [row[place] for row in section["rows"]]
        assert addresses.count(None) == 1
        assert all(a is None or a.startswith("https://github.com/") for a in addresses)


def test_hostile_strings_stay_text(html: str, tree: LexborHTMLParser, data: Any) -> None:
    """Markup in names and descriptions is shown as it was written and makes no element."""
    assert "<script>alert" not in html
    assert "<i>word" not in html
    assert not tree.css("[onerror]")
    titles = [row[data["tools"]["fields"].index("title")] for row in data["tools"]["rows"]]
    assert titles[: len(HOSTILE)] == [clean(text) for text in HOSTILE]
    labels = [words(node) for node in tree.css("#tools .pick")]
    assert HOSTILE[0] in labels and HOSTILE[1] in labels


@given(st.text())
def test_only_web_addresses_become_links(text: str) -> None:
    """What is no address of the web never becomes a link."""
    address = web_address(text)
    assert address is None or re.match(r"https?://", address)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://x",
        "data:text/html,x",
        "/a",
        "file:///etc",
        "http://[",
        "",
    ],
)
def test_other_schemes_are_refused(url: str) -> None:
    """Schemes that run or read something give no link."""
    assert web_address(url) is None


@pytest.mark.parametrize("name", ["tools", "requests"])
def test_the_tree_holds_both_layers_and_the_unplaced(tree: LexborHTMLParser, name: str) -> None:
    """Each category lists its own topics, the largest first, with size, stability and keywords."""
    section: PageSection[Any] = getattr(INPUTS, name)
    found = tree.css(f"#{name} .tree > .category")
    assert len(found) == len(section.categories) > 2
    for item, category in zip(found, section.categories, strict=True):
        inside = [topic for topic in section.topics if topic.category == category.number]
        rows = item.css(".line")
        assert len(rows) == 1 + len(inside)
        for row, node in zip(rows, (category, *inside), strict=True):
            assert words(one(row, ".pick")) == " ".join(clean(node.name).split())
            assert words(one(row, ".value")) == f"{node.size:,}"
            assert words(one(row, ".keywords")) == ", ".join(node.keywords)
            if node.stability is not None:
                said = float(re.findall(r"[\d.]+", words(one(row, ".stability")))[0])
                assert said == pytest.approx(node.stability, abs=0.005)
                assert (said >= STABLE) == (node.stability >= STABLE)
    unplaced = sum(document.topic == NOISE for document in section.documents)
    assert unplaced > 0
    assert words(one(tree, f"#{name} .tree > .unplaced .value")) == str(unplaced)


@pytest.mark.parametrize("name", ["tools", "requests"])
def test_what_is_not_stable_says_so_and_is_drawn_so(tree: LexborHTMLParser, name: str) -> None:
    """Below 0.8 a node is called unstable; what no ensemble has measured is called that."""
    section: PageSection[Any] = getattr(INPUTS, name)
    said = Counter(words(node) for node in tree.css(f"#{name} .tree .standing"))
    nodes = (*section.categories, *section.topics)
    unstable = sum(node.stability is not None and node.stability < 0.8 for node in nodes)
    assert said == {"unstable": unstable, "not measured": 1}
    assert unstable > 3
    assert len(tree.css(f"#{name} .tree .bar.unstable")) == unstable
    assert len(tree.css(f"#{name} .tree .bar.unmeasured")) == 1


def test_who_named_a_node_is_said(tree: LexborHTMLParser) -> None:
    """A name by a person or a service is marked as such, and people's notes stand beside it."""
    assert [words(node) for node in tree.css("#tools .tree .by")].count("named by a service") == 1
    assert [words(node) for node in tree.css("#tools .tree .by")].count("named by a person") == 1
    assert words(one(tree, "#tools .tree .remark")) == "Note: Made by <hand>."


def test_what_a_topic_is_for_is_said_in_a_sentence(tree: LexborHTMLParser) -> None:
    """As text, whatever is in it; of what a person made nothing is said."""
    said = [node.text() for node in tree.css(".tree .description")]
    assert "Tools that say <i>0</i>." in said
    assert all(said)


def test_what_guides_is_told_with_codes_and_what_is_beyond(tree: LexborHTMLParser) -> None:
    """By which codebook, with weight and fit; each topic has its code, or is marked as beyond."""
    guidance = INPUTS.tools.guidance
    assert guidance is not None
    assert guidance.by.told in words(one(tree, "#tools"))
    assert guidance.by.told in words(one(tree, "#made"))
    topics = INPUTS.tools.topics
    marked = [words(node) for node in tree.css("#tools .topic .codes .beyond")]
    beyond = [t for t in topics if ("topics", t.number) not in guidance.codes and t.stability]
    assert marked == ["beyond the codebook"] * len(beyond)
    coded = [node for node in tree.css("#tools .topic .codes") if HOSTILE[1] in words(node)]
    assert len(coded) == len(guidance.codes)
    assert tree.css("#requests .codes, #requests .unguided") == []


def test_what_the_runs_find_without_the_codebook_is_folded(tree: LexborHTMLParser) -> None:
    """A line a node, each category before its topics, with its size; closed at first."""
    guidance = INPUTS.tools.guidance
    assert guidance is not None
    folded = one(tree, "#tools details.unguided")
    assert "open" not in folded.attributes
    assert "12 unplaced" in words(one(tree, "details.unguided summary"))
    rows = folded.css("tbody tr")
    assert len(rows) == len(guidance.topics) + len(guidance.categories)
    first = [topic for topic in guidance.topics if topic.category == guidance.categories[0].number]
    named = [words(one_of) for row in rows[: len(first) + 1] for one_of in row.css("th")]
    expected = [guidance.categories[0].name, *(topic.name for topic in first)]
    assert named == [" ".join(name.split()) for name in expected]


def test_both_are_judged_by_each_list(tree: LexborHTMLParser) -> None:
    """The unguided topics stand below the guided ones, and it is said what a gain means."""
    lines = [words(node) for node in tree.css("#checked .agreement tbody th")]
    both = [name + more for name in ("list <one>", "list two") for more in ("", ", unguided")]
    assert lines == [*both, "the two lists with each other"]
    assert GUIDED_NOTE in words(one(tree, "#checked"))


def test_a_codebook_without_weight_is_told_and_changes_nothing() -> None:
    """It is said that it does not fit; there are no codes, and nothing beside."""
    guidance = INPUTS.tools.guidance
    assert guidance is not None
    unfit = replace(guidance.by, weight=0.0, fit=0.1)
    tools = replace(INPUTS.tools, guidance=PageGuidance(by=unfit))
    page = LexborHTMLParser(render_page(replace(INPUTS, tools=tools)))
    assert unfit.told in words(one(page, "#tools"))
    assert page.css(".codes, details.unguided") == []


def test_filters_by_place_offer_what_there_is(tree: LexborHTMLParser, data: Any) -> None:
    """Each select counts its documents, by category and topic; a link can name what it chooses."""
    for name in ("tools", "requests"):
        selects = tree.css(f"#{name} .controls select")
        assert [node.attributes["name"] for node in selects] == ["category", "topic", "placed"]
        slugs = [topic["slug"] for topic in data[name]["topics"]]
        assert len(set(slugs)) == len(slugs) and all(slugs)
    groups = [n.attributes["label"] for n in tree.css('#tools select[name="topic"] optgroup')]
    assert groups == [clean(category.name) for category in INPUTS.tools.categories]


def test_hidden_topics_are_counted_and_not_shown() -> None:
    """What a person has hidden is told as a number, beside the map and among what was left out."""
    inputs = replace(INPUTS, tools=replace(INPUTS.tools, n_hidden=12, n_hidden_topics=1))
    tree = LexborHTMLParser(render_page(inputs))
    assert "A person has hidden 1 topic with 12 tools" in words(one(tree, "#tools"))
    assert "1 topic with 12 tools are hidden" in words(one(tree, "#left-out"))


@pytest.mark.parametrize("name", ["tools", "requests"])
def test_data_equals_the_input(data: Any, name: str) -> None:
    """Each document travels with its own figures; what is not known is null."""
    section: PageSection[Any] = getattr(INPUTS, name)
    fields, rows = data[name]["fields"], data[name]["rows"]
    assert len(rows) == len(section.documents)
    for row, document in zip(rows, section.documents, strict=True):
        found = dict(zip(fields, row, strict=True))
        assert (found["topic"], found["nearest"]) == (document.topic, document.nearest_topic)
        shown = [found["strength"], found["x"], found["y"]]
        whole = [document.strength, document.x, document.y]
        assert shown == [None if n is None else round(n, 4) for n in whole]
        if name == "tools":
            assert (found["stars"], found["commits"]) == (document.stars, document.commits)
            assert found["last_commit"] == document.last_commit.isoformat()
        else:
            assert (found["repository"], found["state"]) == (document.repository, document.state)
    if name == "tools":
        bare = [d for d in section.documents if d.description is None and d.github_topics]
        index = section.documents.index(bare[0])
        assert rows[index][fields.index("description")].startswith("mlops, python")


def test_heat_map_counts_every_request_once(tree: LexborHTMLParser) -> None:
    """Cells, rows and columns add up to the requests of the input."""
    assert INPUTS.requests is not None
    category_of = {topic.number: topic.category for topic in INPUTS.requests.topics}
    documents = INPUTS.requests.documents
    expected: Counter[tuple[str, int, str]] = Counter()
    for d in documents:
        kind = "unplaced" if d.topic == NOISE else "topic"
        expected[kind, d.topic, d.repository] += 1
        if d.topic != NOISE:
            expected["category", category_of[d.topic], d.repository] += 1
    found = {
        (b.attributes["data-kind"], int(b.attributes["data-number"] or ""), repository): int(
            b.text()
        )
        for b in tree.css(".heat button")
        if (repository := b.attributes["data-repository"])
    }
    assert found == dict(expected)
    assert words(one(tree, ".heat tfoot td:last-child")) == "320"
    heat = heat_map(INPUTS.requests)
    for kinds in ({"topic", "unplaced"}, {"category", "unplaced"}):
        assert sum(row.total for row in heat.rows if row.kind in kinds) == 320
    assert heat.rows[-1].number == NOISE


def test_facts_add_up(tree: LexborHTMLParser) -> None:
    """Each chart of the further population counts all of its repositories."""
    charts = tree.css("#facts .chart")
    assert [words(one(chart, "figcaption .name")) for chart in charts] == [
        "Main language",
        "Licence",
        "Year of creation",
        "Stars",
    ]
    for chart in charts:
        assert sum(int(words(cell).replace(",", "")) for cell in chart.css("td.number")) == 1007


def test_provenance_is_told(tree: LexborHTMLParser) -> None:
    """What was left out, how it was made and how it was checked say what the manifests say."""
    left_out = words(one(tree, "#left-out"))
    assert "3: broken JSON <x>" in left_out
    assert "The search cap left at least 103 out." in left_out
    made = words(one(tree, "#made"))
    for fact in (
        "53aa51172d142c89d9012cce15ae4d6c",
        "bfloat16",
        "0 to 19, 42",
        "torch 2.13.0",
        "74.0 seconds",
        "ab" * 32,
        '"windows": 4',
    ):
        assert fact in made
    checked = words(one(tree, "#checked"))
    assert "list <one> 273 0.41 0.36 to 0.46" in checked
    assert "list two 110 0.38 –" in checked
    assert "These themes were not compared with any list" in checked
    assert len(tree.css("#checked .ceiling")) == 1


def test_page_is_labelled(tree: LexborHTMLParser) -> None:
    """The page has a language, one main heading, and a label on everything that is operated."""
    assert one(tree, "html").attributes["lang"] == "en-GB"
    assert len(tree.css("h1")) == 1
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    for node in tree.css("section"):
        assert node.attributes["aria-labelledby"] in ids
    for control in tree.css("input, select"):
        is_inside = control.parent is not None and control.parent.tag == "label"
        assert is_inside or tree.css(f'label[for="{control.attributes["id"]}"]')
    for button in tree.css("button"):
        assert words(button) or button.attributes.get("aria-label")


def test_equal_inputs_give_equal_bytes(html: str) -> None:
    """The same study gives the same bytes, also in another process with another hash seed."""
    assert render_page(make_inputs()) == html
    code = (
        "import hashlib; from page_inputs import make_inputs;"
        "from reports.page.page import render_page;"
        "print(hashlib.sha256(render_page(make_inputs()).encode()).hexdigest())"
    )
    here = Path(__file__).resolve().parent
    path = os.pathsep.join([str(here), str(here.parent)])
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == hashlib.sha256(html.encode()).hexdigest()


def test_key_leaves_out_clocks() -> None:
    """A study made at another time, or faster, has the same key; another study has another one."""
    later = [
        manifest.model_copy(
            update={"created_at": datetime(2030, 1, 1, tzinfo=UTC), "wall_time_s": 9.0}
        )
        for manifest in INPUTS.manifests
    ]
    assert content_key(replace(INPUTS, manifests=tuple(later))) == content_key(INPUTS)
    assert content_key(replace(INPUTS, title="Another")) != content_key(INPUTS)


def test_page_is_small_and_written_whole(tmp_path: Path, html: str) -> None:
    """A page of 357 tools and 320 requests stays below 1 MB, and its folder holds nothing else."""
    path = tmp_path / "reports" / "page.html"
    write_page(INPUTS, path)
    assert path.read_text(encoding="utf-8") == html
    assert path.stat().st_size < 1_000_000
    assert list(path.parent.iterdir()) == [path]


def bare_inputs() -> PageInputs:
    """Return a study of one unplaced tool and nothing else."""
    tools = make_inputs(n_tools=1, n_requests=1, n_topics=1).tools
    only = replace(tools.documents[0], topic=NOISE, nearest_topic=NOISE, x=float("nan"), stars=None)
    bare = replace(tools, documents=(only,), topics=(), categories=(), evaluation=None, runs=None)
    return PageInputs(title="Bare", ecosystem=(), tools=bare)


def test_bare_study_has_a_page() -> None:
    """Without requests, topics, manifests, facts or figures the page says so and stands."""
    tree = LexborHTMLParser(render_page(bare_inputs()))
    assert "None of the tools could be placed" in words(one(tree, ".finding"))
    assert not tree.css("#requests, #frameworks, #facts")
    assert "1 tool has no place on the map" in words(one(tree, "#tools"))
    assert "not compared with any list" in words(one(tree, "#checked"))


def _with_topic(**changes: Any) -> PageInputs:
    first, *others = INPUTS.tools.topics
    return replace(INPUTS, tools=replace(INPUTS.tools, topics=(replace(first, **changes), *others)))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (_with_topic(size=1), "topic 0 has size 1"),
        (_with_topic(number=99), "there is no topic 0"),
        (_with_topic(number=1), "topic numbers repeat"),
        (_with_topic(exemplars=("name:gone",)), "the exemplar name:gone"),
        (_with_topic(category=77), "there is no category 77"),
        (_with_topic(category=3), "its topics hold"),
        (
            replace(INPUTS, tools=replace(INPUTS.tools, documents=INPUTS.tools.documents * 2)),
            "two documents have the same key",
        ),
    ],
)
def test_contradictions_are_refused(inputs: PageInputs, said: str) -> None:
    """Topics and documents of different taxonomies are an error, not a page."""
    with pytest.raises(InputError, match=re.escape(said)):
        render_page(inputs)


def test_long_descriptions_are_cut_at_a_word() -> None:
    """A very long description is cut between words, with a mark that it goes on."""
    first, *others = INPUTS.tools.documents
    long = replace(first, description="word " * 1000)
    inputs = replace(INPUTS, tools=replace(INPUTS.tools, documents=(long, *others)))
    tree = LexborHTMLParser(render_page(inputs))
    data = page_data(tree)["groupings"]["tools"]
    text = data["rows"][0][data["fields"].index("description")]
    assert text.endswith("word …")
    assert len(text) <= DESCRIPTION_CHARACTERS + 2


@given(st.lists(st.integers(0, 15), max_size=64))
def test_marks_differ_while_there_are_enough(categories: list[int]) -> None:
    """A category has one hue, and topics of one hue differ in shape as long as shapes last."""
    hues = assign_hues(sorted(set(categories)))
    marks = assign_marks(enumerate(categories), hues)
    assert [mark.hue for mark in marks.values()] == [hues[category] for category in categories]
    for hue in set(hues.values()):
        shapes = [mark.shape for mark in marks.values() if mark.hue == hue]
        assert len(set(shapes)) == min(len(shapes), len(SHAPES))


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one_colour: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one_colour), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_colours_stand_out(tree: LexborHTMLParser) -> None:
    """Marks stand out from the paper by 3:1, and texts by 4.5:1, by light and by dark."""
    style = one(tree, "style").text()
    for hues, palette in zip((HUES, DARK_HUES), style.split("--paper: ")[1:3], strict=True):
        named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", f"--paper: {palette}"))
        assert all(contrast(hue, named["paper"]) >= 3 for hue in (*hues, named["control"]))
        for ink in ("ink", "soft", "link", "grey"):
            assert contrast(named[ink], named["paper"]) >= 4.5, ink
            assert ink == "grey" or contrast(named[ink], named["wash"]) >= 4.5, ink


def test_a_topic_without_examples_is_shown() -> None:
    """A topic may lack keywords and exemplars."""
    bare: Topic = replace(INPUTS.tools.topics[0], keywords=(), exemplars=())
    inputs = replace(INPUTS, tools=replace(INPUTS.tools, topics=(bare, *INPUTS.tools.topics[1:])))
    tree = LexborHTMLParser(render_page(inputs))
    assert not one(tree, '#tools .tree .line[data-topic="0"]').css(".exemplars")
