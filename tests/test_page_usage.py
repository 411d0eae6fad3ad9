"""How dependents use the frameworks, on the page: true, with its grounds, and no more than told."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exported import planted_workspace
from made_up_uses import COMMIT
from page_inputs import make_inputs
from page_usage import HOSTILE_PATH, N_BOTH, N_LINES, made_up_page_usage, plant_usage
from selectolax.lexbor import LexborHTMLParser, LexborNode
from unpacked import page_part, page_program

from artifacts.manifest import Manifest
from artifacts.progress import SilentProgress
from artifacts.step import make
from artifacts.words import NOISE
from opsatlas.cli.session import open_study
from opsatlas.steps import plan_page
from reports.page.page import USAGE_STYLE, render_page
from reports.provenance import content_key
from reports.usage.evidence import MOST_LINES, MOST_REQUESTS, PageUsage
from reports.usage.tables import dependents_table, together_table

INPUTS = make_inputs(n_tools=40, n_requests=20, n_topics=4)
SHARE = re.compile(r"\d[\s\u00a0\u200b]?%")


def page_of(usage: PageUsage | None) -> LexborHTMLParser:
    """Return the page of a study that looks at how frameworks are used."""
    return LexborHTMLParser(render_page(replace(INPUTS, usage=usage)))


def one(tree: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """Return the only node that a selector matches."""
    nodes = tree.css(selector)
    assert len(nodes) == 1, (selector, len(nodes))
    return nodes[0]


def words(node: LexborNode) -> str:
    """Return the text of a node with its blanks joined."""
    return " ".join(node.text(separator=" ").split())


def data_of(tree: LexborHTMLParser) -> Any:
    """Return what travels in the page of uses."""
    return page_part(tree, "usage")


def said(tree: LexborHTMLParser, name: str) -> set[str]:
    """Return what the numbers of a matrix say to those who cannot see it."""
    cells = tree.css(f"[data-matrix={name}] td")
    told = {button.attributes["aria-label"] for each in cells for button in each.css("button")}
    return {*filter(None, told), *(words(h) for each in cells for h in each.css(".hidden"))}


@pytest.fixture(scope="module")
def chosen() -> LexborHTMLParser:
    """Return the page where dependents and requests were chosen."""
    return page_of(made_up_page_usage("chosen"))


@pytest.fixture(scope="module")
def random() -> LexborHTMLParser:
    """Return the page where both were drawn at random."""
    return page_of(made_up_page_usage("random"))


def test_without_uses_nothing_is_said_of_them() -> None:
    """No section, link, style, script or data; and the key is what it was before there were any."""
    html = render_page(INPUTS)
    for trace in ('id="usage"', "#usage", "UsageSection", ".amount", "framework is used"):
        assert trace not in html and trace not in page_program(html), (trace, USAGE_STYLE)
    assert page_part(html, "usage") is None
    assert content_key(INPUTS) == content_key(replace(INPUTS, usage=None))
    assert content_key(INPUTS) != content_key(replace(INPUTS, usage=made_up_page_usage()))


def test_the_population_is_told(chosen: LexborHTMLParser) -> None:
    """How many were asked for, scanned, unknown and why; and what the dependents are."""
    assert "Examples, chosen; n = 41." in words(one(chosen, "#usage > .column > .finding"))
    figures = [words(each) for each in chosen.css("#usage .figures div")]
    assert figures == [
        "projects asked for 44",
        "scanned 42",
        "unknown: 2 deleted 2",
        "left out 0",
        "use a framework 41",
    ]


def test_each_number_is_that_of_the_study(random: LexborHTMLParser) -> None:
    """Counts, shares and intervals are those of its figures; unknown is told apart from none."""
    usage = made_up_page_usage("random").usage
    figures = [each for each in usage.figures if each.measure == "feature"]
    found = said(random, "usage-features")
    assert len(figures) == len(random.css("[data-matrix=usage-features] td .amount"))
    for each in figures:
        start = f"{each.framework}, Name of {each.name}: "
        told = [text for text in found if text.startswith(start)]
        count = "not known, " if each.n is None else f"{each.n:,} dependents"
        assert len(told) == 1 and told[0].startswith(start + count)
        if each.n and each.share.low is not None and each.share.high is not None:
            interval = f"{each.share.value:.0%} ({each.share.low:.0%}–{each.share.high:.0%})"
            assert told[0].endswith(interval)
    feet = [words(cell) for cell in random.css("[data-matrix=usage-features] tfoot td")]
    assert feet == [f"{row.cells['uses']:,}" for row in dependents_table(usage).rows]


def test_of_what_was_chosen_there_are_only_counts(
    chosen: LexborHTMLParser, random: LexborHTMLParser
) -> None:
    """No share, interval, lift, corner, shade or most wanted; of a random sample there are all."""
    sections = [tree.css_first("main") for tree in (chosen, random)]
    assert sections[0] is not None and sections[1] is not None
    texts = [" ".join(map(words, tree.css("#usage, #gap"))) for tree in (chosen, random)]
    assert [bool(SHARE.search(text)) for text in texts] == [False, True]
    assert ["Lift" in text for text in texts] == [False, True]
    assert [len(section.css(".corner-of")) > 0 for section in sections] == [False, True]
    assert ["Asked for most" in text for text in texts] == [False, True]
    assert "cannot be said (dependents: examples, chosen; n = 40)" in texts[0]
    shades = [{each.attributes.get("style") for each in s.css("td .amount")} for s in sections if s]
    assert shades[0] == {None}
    assert len(shades[1]) > 2
    assert texts[0].count("examples, chosen; n = ") > 8
    assert not SHARE.search(" ".join(said(chosen, "usage-gap") | said(chosen, "usage-channels")))


@pytest.mark.parametrize("side", ["dependents_sample", "requests_sample"])
def test_one_chosen_side_has_counts_and_no_corner_is_told(side: str) -> None:
    """The other side keeps its shares."""
    tree = page_of(made_up_page_usage("random", **{side: "chosen"}))
    assert not tree.css(".corner-of")
    told = said(tree, "usage-gap")
    with_shares = {text.split(": ")[0].split(", ")[-1] for text in told if SHARE.search(text)}
    assert with_shares == {"asked" if side.startswith("dependents") else "used"}


def test_a_number_opens_lines_of_as_many_dependents_as_there_can_be(
    chosen: LexborHTMLParser,
) -> None:
    """Each line leads to GitHub at the commit that was scanned, and it is told how many more."""
    data = data_of(chosen)
    found = data["evidence"]["feature | alpha | tracking"]
    assert found["n"] == N_BOTH * N_LINES
    assert found["all"] == "opsatlas usage show alpha --feature tracking"
    lines = [data["lines"][place] for place in found["lines"]]
    assert len({line[0] for line in lines}) == len(lines) == MOST_LINES
    assert lines[0] == [
        *("owner00/tool", "main.py:1", "alpha.run", "api"),
        f"https://github.com/owner00/tool/blob/{COMMIT}/main.py#L1",
    ]
    hostile = next(line for line in data["lines"] if line[0] == "y/hostile")
    assert hostile[1] == f"{HOSTILE_PATH}:1"
    assert hostile[4].startswith("https://github.com/y/hostile/blob/") and "<" not in hostile[4]


def test_every_count_has_its_grounds(chosen: LexborHTMLParser) -> None:
    """Each number but none and unknown opens evidence, and all evidence is opened by a number."""
    buttons = chosen.css("button[data-evidence]")
    keys = {button.attributes["data-evidence"] for button in buttons}
    assert keys == {k for k in data_of(chosen)["evidence"] if not k.startswith("asked through")}
    for name in ("usage-features", "usage-channels", "usage-gap"):
        for amount in chosen.css(f"[data-matrix={name}] tbody .amount"):
            assert (words(amount)[0] in "·–") == (not amount.css("button"))


def test_ci_cd_is_the_feature_and_the_channel_workflow(chosen: LexborHTMLParser) -> None:
    """Held against requests, a workflow counts; as a feature of symbols it does not."""
    evidence = data_of(chosen)["evidence"]
    assert evidence["used | alpha | ci-cd"]["n"] == 1
    assert "feature | alpha | ci-cd" not in evidence


def test_requests_are_shown_by_their_titles(chosen: LexborHTMLParser) -> None:
    """Those that the page knows; others by repository and number; each leads to its issue."""
    found = data_of(chosen)["evidence"]["asked | alpha | pipelines"]
    assert (found["n"], len(found["requests"])) == (30, MOST_REQUESTS)
    requests = [data_of(chosen)["requests"][place] for place in found["requests"]]
    where = "https://github.com/made/alpha/issues/1"
    assert ["made/alpha#1", "api", "person", where] in requests
    assert INPUTS.requests is not None
    unplaced = next(each for each in INPUTS.requests.documents if each.topic == NOISE)
    known = replace(unplaced, key="name:made/alpha#1", title="A wish")
    documents = tuple(known if each is unplaced else each for each in INPUTS.requests.documents)
    inputs = replace(INPUTS, requests=replace(INPUTS.requests, documents=documents))
    tree = LexborHTMLParser(render_page(replace(inputs, usage=made_up_page_usage())))
    assert ["A wish", "api", "person", where] in data_of(tree)["requests"]


def test_pairs_are_those_of_the_table(random: LexborHTMLParser) -> None:
    """As a terminal shows them; both frameworks' lines are behind a pair."""
    row = together_table(made_up_page_usage("random").usage).rows[0].cells
    cells = [words(each) for each in random.css("[data-figure=usage-together] tbody tr > *")]
    counts = [str(row[key]) for key in ("n_first", "n_second", "n_both", "n_projects")]
    assert cells[:6] == ["alpha", "beta", *counts]
    assert row["lift_shown"] in cells
    data = data_of(random)
    lines = [data["lines"][place] for place in data["evidence"]["pair | alpha | beta"]["lines"]]
    assert len(lines) == MOST_LINES


def test_where_no_requests_are_coded_it_is_said() -> None:
    """In plain words, and there is no matrix of what is asked for."""
    tree = page_of(made_up_page_usage(is_coded=False))
    assert "No feature requests are coded in this study" in words(one(tree, "#usage"))
    assert not tree.css("[data-matrix=usage-gap]")


def test_scripts_and_links_obey_the_rules_of_the_page(chosen: LexborHTMLParser) -> None:
    """One script, allowed by its hash; links lead into the page; ids are there once."""
    assert len([node for node in chosen.css("script") if "type" not in node.attributes]) == 1
    ids = [node.attributes["id"] for node in chosen.css("[id]")]
    assert len(ids) == len(set(ids))
    assert "#usage" in {node.attributes["href"] for node in chosen.css("nav a")}
    assert not chosen.css("[onerror], img")
    regions = [node.attributes["data-figure"] for node in chosen.css("#usage [data-figure]")]
    assert len(regions) == len(set(regions))


def test_the_page_is_made_of_what_the_workspace_holds(tmp_path: Path) -> None:
    """Uses, requests and figures are among its records; without them its key is as it was."""
    workspace = planted_workspace(tmp_path)
    before = plan_page(open_study(None, workspace, progress=SilentProgress())).key
    plant_usage(workspace)
    pipeline = open_study(None, workspace, progress=SilentProgress())
    step = plan_page(pipeline)
    assert step.key != before
    made = make(step, pipeline.page_folder)
    assert {"usages", "requests", "usage"} <= set(made.inputs)
    tree = LexborHTMLParser((pipeline.page_folder / "index.html").read_text(encoding="utf-8"))
    assert "mlflow, Experiment tracking: 40 dependents" in " ".join(said(tree, "usage-features"))
    assert "mlflow, Pipelines and flows, asked: 30 requests" in " ".join(said(tree, "usage-gap"))
    shutil.rmtree(workspace / "insights" / "usage")
    assert plan_page(pipeline).key == before
    assert Manifest.read(pipeline.page_folder).key == step.key
