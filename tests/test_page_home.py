"""The first screen: purposes with counts and stages, what was found, and where each link leads."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from page_inputs import HOSTILE, history_of_tools, make_inputs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from reports.data import clean
from reports.page.page import render_page

INPUTS = make_inputs()


HISTORY = history_of_tools(INPUTS, 60)


@pytest.fixture(scope="module")
def home() -> LexborNode:
    """Return the first screen of a page that knows how some of its tools live."""
    html = render_page(replace(INPUTS, histories=(HISTORY,)))
    found = LexborHTMLParser(html).css_first("#home")
    assert found is not None
    return found


def words(node: LexborNode) -> str:
    """Return the text of a node with its blanks joined."""
    return " ".join(node.text(separator=" ").split())


def test_each_purpose_has_its_count_and_the_stages_of_its_tools(home: LexborNode) -> None:
    """The stages of a category add up to its tools; those of unknown stage are counted too."""
    stage_of = {tool.repo_key: tool.stage or "unknown" for tool in HISTORY.tools}
    category_of = {topic.number: topic.category for topic in INPUTS.tools.topics}
    names = {"unknown": "of unknown stage"}
    for category, shown in zip(INPUTS.tools.categories, home.css(".purpose"), strict=True):
        members = [d for d in INPUTS.tools.documents if category_of.get(d.topic) == category.number]
        counts = Counter(stage_of.get(d.key, "unknown") for d in members)
        assert words(shown.css_first("h3 a")) == clean(category.name)
        assert words(shown.css_first("h3 .n")) == f"{len(members):,}" == f"{category.size:,}"
        said = dict(
            reversed(part.split(" ", 1)) for part in words(shown.css_first(".said")).split(", ")
        )
        assert said == {names.get(stage, stage): str(n) for stage, n in counts.items()}


def test_what_was_found_says_where_its_evidence_is(home: LexborNode) -> None:
    """At most three sentences, each with a link to a view that the page has."""
    found = home.css(".findings li")
    assert 1 <= len(found) <= 3
    assert words(found[0]).startswith("Of the ")
    assert [each.css_first("a").attributes["href"] for each in found] == [
        "#history",
        "#wishes",
        "#history",
    ]


def test_without_histories_nothing_is_said_of_stages() -> None:
    """No legend, no bars and no sentence of stages, and nothing that looks like none."""
    html = render_page(replace(INPUTS, requests=None))
    home = LexborHTMLParser(html).css_first("#home")
    assert home is not None
    assert not home.css(".mix, .said, .legend, .findings")
    assert words(home.css_first(".lead")) == "357 tools, by what they are for."


def test_a_warning_stands_before_all_else() -> None:
    """That the topics are no more than noise would give is read on the first screen."""
    warned = replace(INPUTS, tools=replace(INPUTS.tools, warning=HOSTILE[1]))
    home = LexborHTMLParser(render_page(warned)).css_first("#home")
    assert home is not None
    assert words(home.css_first(".finding")) == clean(HOSTILE[1])
