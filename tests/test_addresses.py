"""Addresses of nodes: they follow names, and lead on when names and documents change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from chromium import Chromium, find_chromium
from hypothesis import given
from hypothesis import strategies as st
from page_inputs import make_inputs

from artifacts.errors import ArtifactError
from reports.inputs import PageInputs
from reports.page.addresses import (
    FILE,
    MOST_BUILDS,
    Addresses,
    FormerBuild,
    FormerNode,
    Forward,
    NamedNode,
    Scattered,
    addresses_data,
    addresses_of,
    former_names,
    nodes_of,
    read_former,
    remember,
    slug_of_name,
    slugs_of,
)
from reports.page.page import write_page

PROGRAM = find_chromium()


def topic(number: int, name: str, *keys: str) -> NamedNode:
    """Return a topic."""
    return NamedNode("topics", number, name, frozenset(keys))


def category(number: int, name: str, *keys: str) -> NamedNode:
    """Return a category."""
    return NamedNode("categories", number, name, frozenset(keys))


def former(*nodes: NamedNode, id: str = "before") -> FormerBuild:
    """Return what an earlier build with these nodes is remembered as."""
    slugs = slugs_of(nodes)
    return FormerBuild(
        id, tuple(FormerNode(n.layer, slugs[n.id], n.name, n.members) for n in nodes)
    )


KEYS = st.sampled_from("abcdefghij")
NAMES = st.sampled_from(
    ["Serving", "serving!", "Serving topic", "Größe", "--", "", "监控", "A" * 99]
)
NODES = st.lists(
    st.tuples(st.sampled_from(["topics", "categories"]), NAMES | st.text(), st.frozensets(KEYS)),
    max_size=8,
).map(lambda drawn: [NamedNode(layer, n, *rest) for n, (layer, *rest) in enumerate(drawn)])


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Pipeline orchestration: Kubernetes-native", "pipeline-orchestration-kubernetes-native"),
        ("Über-Größe, señor; Łódź & Ærø", "uber-grosse-senor-lodz-and-aero"),
        ("模型部署 / モデル", "模型部署-モデル"),
        ("मॉडल निगरानी", "मॉडल-निगरानी"),
        ("</script><a href='javascript:1'>", "script-a-href-javascript-1"),
        ("a\u202e\u200b\ud800b", "a-b"),
        ("C++ #?&=%2F", "c-and-2f"),
        ("… ★ !", ""),
        ("word " * 30, "-".join(["word"] * 16)),
    ],
)
def test_a_slug_is_what_of_a_name_can_stand_in_an_address(name: str, written: str) -> None:
    """Letters and digits of any script, joined by hyphens; Latin ones are plain."""
    assert slug_of_name(name) == written


def test_a_name_without_a_letter_is_told_by_its_number() -> None:
    """A name of signs alone leaves nothing to be called by."""
    assert slugs_of([topic(3, "★"), category(3, "…")]) == {
        ("topics", 3): "topic-3",
        ("categories", 3): "category-3",
    }


def test_a_category_has_the_plain_slug_before_its_topic() -> None:
    """Of one name in both layers, the category's leads to all of it."""
    nodes = [topic(0, "Drift", "a"), category(7, "drift", "a", "b"), topic(1, "Drift", "b")]
    assert slugs_of(nodes) == {
        ("categories", 7): "drift",
        ("topics", 0): "drift-topic",
        ("topics", 1): "drift-topic-2",
    }


def test_another_numbering_changes_no_slug() -> None:
    """Another build numbers nodes anew: a link stays the same."""
    nodes = [topic(0, "Same", "b"), topic(1, "Same", "a"), topic(2, "Same topic", "c")]
    turned = [replace(node, number=9 - node.number) for node in reversed(nodes)]
    by_members = [
        {node.members: found[node.id] for node in each}
        for each, found in ((nodes, slugs_of(nodes)), (turned, slugs_of(turned)))
    ]
    assert by_members[0] == by_members[1]


@given(NODES)
def test_no_two_nodes_share_a_slug(nodes: list[NamedNode]) -> None:
    """Whatever nodes are called, each has an address of its own, without escapes."""
    slugs = slugs_of(nodes)
    assert slugs.keys() == {node.id for node in nodes}
    assert len(set(slugs.values())) == len(nodes)
    assert all(
        slug_of_name(each) == each for each in slugs.values()
    )  # nothing in it needs an escape


@given(NODES, st.lists(NODES, max_size=3))
def test_what_is_forwarded_leads_to_a_node_and_nothing_is_lost(
    nodes: list[NamedNode], builds: list[list[NamedNode]]
) -> None:
    """Each former slug is forwarded, gone or there, and what it names exists."""
    found = addresses_of(nodes, [former(*each, id=str(n)) for n, each in enumerate(builds)])
    present = set(found.slug_of.values())
    assert {to.slug for to in found.forwards.values()} <= present
    assert {
        to for each in (found.gone, found.changed) for s in each.values() for to, _ in s.now
    } <= present
    assert all(0.5 <= to.share <= 1 for to in found.forwards.values())
    known = {then for each in builds for then in slugs_of(each).values()}
    assert found.forwards.keys() | found.gone.keys() == known - present
    assert found.changed.keys() <= known & present


@given(NODES)
def test_what_has_not_changed_is_forwarded_nowhere(nodes: list[NamedNode]) -> None:
    """The same nodes again need no forwarding, nor a word."""
    assert addresses_of(nodes, [former(*nodes)]) == Addresses(slugs_of(nodes))


def test_a_renamed_node_is_found_under_its_former_name() -> None:
    """A person gave another name: the old link leads to the same documents."""
    found = addresses_of(
        [topic(4, "LLM serving", "a", "b", "c")], [former(topic(0, "Serving", "a", "b", "c"))]
    )
    assert found.forwards == {"serving": Forward("llm-serving", 1.0, "Serving")}


def test_nodes_that_became_one_are_found_in_it() -> None:
    """Two were merged: both links lead to the one."""
    before = former(topic(0, "Queries", "a", "b"), topic(1, "Tables", "c"))
    found = addresses_of([topic(0, "Storage", "a", "b", "c")], [before])
    assert found.forwards == {
        "queries": Forward("storage", 1.0, "Queries"),
        "tables": Forward("storage", 1.0, "Tables"),
    }


@pytest.mark.parametrize("left", ["d", "cd"])
def test_of_a_node_that_fell_apart_the_larger_part_is_shown_or_else_all(left: str) -> None:
    """A part of more than half is the heir; of two halves neither is."""
    parts = [topic(0, "One", *set("abcd") - set(left)), topic(1, "Other", *left)]
    found = addresses_of(parts, [former(topic(0, "Whole", *"abcd"))])
    if len(left) == 1:
        assert found.forwards == {"whole": Forward("one", 0.75, "Whole")}
    else:
        told = Scattered("Whole", 4, (("one", 2), ("other", 2)))
        assert (found.forwards, found.gone) == ({}, {"whole": told})


def test_documents_that_left_count_as_not_found() -> None:
    """One document of three is no heir, though it is all that is left."""
    found = addresses_of([topic(0, "One", "a")], [former(topic(0, "Whole", "a", "b", "c"))])
    assert found.gone == {"whole": Scattered("Whole", 3, (("one", 1),))}


def test_a_name_leads_to_who_has_it_and_a_reader_is_told_if_that_is_another() -> None:
    """A link says a name, so it leads there; that it meant others is told."""
    before = former(topic(0, "Agents", "a", "b", "c"))
    now = [topic(0, "Agents", "x", "y", "c"), topic(1, "Policies", "a", "b")]
    found = addresses_of(now, [before])
    assert found.forwards == found.gone == {}
    assert found.changed == {"agents": Scattered("Agents", 3, (("policies", 2), ("agents", 1)))}
    assert addresses_data(found)["changed"] == {
        "agents": {"name": "Agents", "size": 3, "now": [["policies", 2], ["agents", 1]]}
    }


def test_a_topic_whose_name_its_category_took_is_not_another() -> None:
    """The category that now has the slug holds all that the link meant."""
    now = [category(0, "Drift", "a", "b"), topic(0, "Drift", "a", "b")]
    assert not addresses_of(now, [former(topic(0, "Drift", "a", "b"))]).changed


def test_a_document_that_had_its_name_for_a_key_is_known_by_its_id() -> None:
    """Other sources know tools by an id: they are the same tools."""
    before = former(topic(0, "Old", "name:Owner/Tool"))
    found = addresses_of([topic(0, "New", "gh:7")], [before], key_of={"owner/tool": "gh:7"})
    assert found.forwards == {"old": Forward("new", 1.0, "Old")}


def test_a_tool_is_found_under_its_former_names() -> None:
    """By aliases and by what mining noticed; never by a name that leads to two."""

    def tool(name: str, *aliases: str) -> dict[str, object]:
        return {"full_name": name, "aliases": list(aliases) or None}

    def lost(name: str, now: str | None, number: int | None = None) -> dict[str, object]:
        return {"full_name": name, "now_name": now, "number": number}

    tools = [tool("New/Name", "Old/Name"), tool("two/one", "both/had"), tool("two/b", "both/had")]
    tools.append(tool("again/there", "two/one"))
    losses = [
        lost("Older/Name", "old/name"),
        lost("moved/away", "not/ours"),
        lost("gone/now", None),
    ]
    losses += [lost("Before/That", "new/name"), lost("an/issue", "new/name#7", number=7)]
    assert former_names(tools, losses) == {"New/Name": ("Before/That", "Old/Name", "Older/Name")}


def test_the_nodes_of_a_page_have_the_documents_that_are_placed_in_them() -> None:
    """As many as the page says, in both layers."""
    section = make_inputs(n_tools=60, n_topics=6).tools
    nodes = nodes_of(section)
    sizes = {node.id: len(node.members) for node in nodes}
    shown = (*section.categories, *section.topics)
    assert sizes == {(node.layer, node.number): node.size for node in shown}
    assert len(set(slugs_of(nodes).values())) == len(shown)


def test_a_build_that_was_remembered_changes_nothing_of_what_it_was_drawn_from(
    tmp_path: Path,
) -> None:
    """A second run of one build finds the same former ones, twenty at most."""
    for build in range(MOST_BUILDS + 5):
        present = {"tools": str(build)}
        nodes = {"tools": [topic(0, f"Name {build}", "a", "\ud800")]}
        before = read_former(tmp_path, present)
        remember(tmp_path, before, present, nodes)
        written = (tmp_path / FILE).read_bytes()
        assert read_former(tmp_path, present) == before
        remember(tmp_path, before, present, nodes)
        assert (tmp_path / FILE).read_bytes() == written
    kept = [build.id for build in before.of("tools")]
    assert kept == [str(build) for build in range(4, MOST_BUILDS + 4)]
    assert addresses_of(nodes["tools"], before.of("tools")).forwards.keys() == {
        f"name-{build}" for build in kept
    }


def test_builds_that_differ_in_nothing_that_is_kept_count_once(tmp_path: Path) -> None:
    """Twenty decisions that move nothing push out no earlier build."""
    nodes = {"tools": [topic(0, "Same", "a")]}
    for build in range(3):
        present = {"tools": str(build)}
        remember(tmp_path, read_former(tmp_path, present), present, nodes)
    assert [build.id for build in read_former(tmp_path, {"tools": "new"}).of("tools")] == ["2"]


def test_a_corpus_that_the_study_left_out_for_a_while_is_not_forgotten(tmp_path: Path) -> None:
    """A study may drop its themes and take them up again."""
    both = {"tools": "1", "themes": "1"}
    nodes = {"tools": [topic(0, "T", "a")], "themes": [topic(0, "W", "b")]}
    remember(tmp_path, read_former(tmp_path, both), both, nodes)
    alone = {"tools": "2"}
    before = read_former(tmp_path, alone)
    remember(tmp_path, before, alone, {"tools": nodes["tools"]})
    assert [build.id for build in read_former(tmp_path, {"themes": "2"}).of("themes")] == ["1"]
    assert before.content_hash(["tools"]) != before.content_hash(["tools", "themes"])
    assert read_former(tmp_path / "new", alone).content_hash(["tools"]) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        (
            '{"schema_version": 1, "tools": {"keys": [], "builds": [{"id": "1", "nodes": '
            '[{"layer": "topics", "slug": "\\ud800", "name": "S", "members": []}]}]}}',
            "nodes.*slug",
        ),
        ('{"schema_version": 2}', "schema version 2; this opsatlas knows version 1"),
        ('{"schema_version": 1, "tools": {"keys": []}}', "tools.builds"),
        (
            '{"schema_version": 1, "tools": {"keys": [], "builds": [{"id": "1", "nodes": '
            '[{"layer": "topics", "slug": "s", "name": "S", "members": [0]}]}]}}',
            "has a member that has no key",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    """Damaged, or of another version: what, where, and the way out."""
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ArtifactError, match=said) as caught:
        read_former(tmp_path, {})
    assert "remove it" in str(caught.value)


def old_links() -> tuple[PageInputs, dict[str, str]]:
    """Return a page whose earlier build called nodes otherwise, and slugs of two that are there."""
    inputs = make_inputs(n_tools=80, n_requests=40, n_topics=5)
    assert inputs.requests is not None
    tools, wishes = nodes_of(inputs.tools), nodes_of(inputs.requests)
    first, second = (max(each, key=lambda node: len(node.members)) for each in (tools, wishes))
    halves = [node for node in tools if node.layer == "topics"][:2]
    scattered = [key for node in halves for key in sorted(node.members)[:3]]
    taken = NamedNode("topics", 9, halves[0].name, frozenset(scattered[3:]))
    before = former(replace(first, name="Once"), topic(7, "<b>Spread</b>", *scattered), taken)
    asked = former(replace(second, name="Once asked"))
    addresses = {
        "tools": addresses_of(tools, [before]),
        "themes": addresses_of(wishes, [asked]),
    }
    slugs = {
        "purpose": addresses["tools"].slug_of[first.id],
        "wish": addresses["themes"].slug_of[second.id],
        "taken": addresses["tools"].slug_of[halves[0].id],
    }
    return replace(inputs, addresses=addresses), slugs


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium on PATH to open the page with")
def test_old_links_lead_on_in_a_page_or_say_where_all_went(tmp_path: Path) -> None:
    """The address becomes that of now; what is told is text, and links to what is there."""
    inputs, slugs = old_links()
    write_page(inputs, tmp_path / "index.html")
    with Chromium(str(PROGRAM)) as chromium:
        chromium.open((tmp_path / "index.html").as_uri(), width=1000)
        chromium.wait("document.documentElement.dataset.ready === 'yes'")

        def told(view: str, slug: str) -> str:
            chromium.evaluate(f"location.hash = '#{view}={slug}'")
            chromium.wait(f"router.shown === '{view}={slug}'")
            return str(chromium.evaluate(f"document.querySelector('#{view}').innerText"))

        assert "This was called “Once” in an earlier build; all of" in told("purpose", "once")
        assert chromium.evaluate("location.hash") == f"#purpose={slugs['purpose']}"
        assert "This was called “Once asked” in an earlier build" in told("wish", "once-asked")
        assert chromium.evaluate("location.hash") == f"#wish={slugs['wish']}"
        gone = told("purpose", "b-spread-b")
        assert "In an earlier build “<b>Spread</b>” had 6 tools: 3 are in " in gone
        assert chromium.evaluate(
            "document.querySelectorAll('#purpose a[href^=\"#purpose\"]').length"
        )
        assert "In an earlier build" in told("purpose", slugs["taken"])
        assert "has no wish “none”" in told("wish", "none")
        assert chromium.complaints() == []
