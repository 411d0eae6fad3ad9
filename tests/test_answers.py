"""All that is known of a tool in one answer: what is not known has a reason and is never 0."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from made_up_history import HOSTILE, UNOBSERVED, made_up_history, without
from page_usage import made_up_page_usage
from rich.console import Console

from artifacts.errors import InputError
from artifacts.words import NOISE
from insights.history.months import month_from, month_of
from reports.answers.asked import RequestTally, requests_by_tool
from reports.answers.cells import FACTS, as_values, page_answers
from reports.answers.drawing import NARROW, WIDE, draw_life
from reports.answers.finding import find_answer, no_tool
from reports.answers.gathering import tool_answers
from reports.answers.life import LEVELS, RECENT, heights_of, life_shape, returns_in
from reports.answers.near import nearest_rows
from reports.answers.parts import answer_parts
from reports.answers.tool import ToolAnswer, ToolFact
from reports.data import clean
from reports.history.svg import svg_file
from reports.inputs import FeatureRequest, PageSection, Tool
from reports.tables import plain, terminal
from taxonomy.nodes import Category, Topic

HISTORY = made_up_history(12)
SNAPSHOT = HISTORY.snapshot
LICENCES = ("MIT", None, "Apache-2.0")


def node(number: int, name: str, size: int) -> dict[str, Any]:
    """Return what a topic and a category share."""
    return {
        "number": number,
        "name": name,
        "size": size,
        "stability": 1.0,
        "keywords": (),
        "weights": (),
        "exemplars": (),
    }


def tools_section(n: int = 12, *, snapshot: str = SNAPSHOT) -> PageSection[Tool]:
    """Return the tools of the made-up history in two topics, the last in none.

    The second has had another name; the source has licences of some, and stars of none.
    """
    names = [row.full_name for row in HISTORY.tools]
    documents = tuple(
        Tool(
            key=f"name:{names[at].lower()}",
            title=names[at],
            topic=NOISE if at == n - 1 else at % 2,
            nearest_topic=at % 2,
            strength=0.9,
            url=f"https://github.com/{names[at]}",
            homepage="javascript:alert(1)" if at == 0 else "https://tool.example/",
            description=HOSTILE if at == 7 else f"What tool {at} is.",
            license=LICENCES[at % 3],
            archived=False,
            first_commit=date(2019, 1, 2),
            former_names=("old/alpha",) if at == 1 else (),
        )
        for at in range(n)
    )
    topics = tuple(Topic(**node(at, f"Topic {at}", 5), category=0) for at in (0, 1))
    return PageSection(
        snapshot=snapshot,
        topics=topics,
        categories=(Category(**node(0, "Category", 10)),),
        documents=documents,
    )


def request(number: int, repository: str, **more: Any) -> FeatureRequest:
    """Return a feature request of a repository."""
    fields = {"topic": number % 2, "strength": 0.8, "state": "open", **more}
    return FeatureRequest(
        key=f"name:{repository.lower()}#{number}",
        title=f"{repository} #{number}",
        description=f"Please, wish {number}",
        nearest_topic=0,
        repository=repository,
        number=number,
        **fields,
    )


def requests_section(*requests: FeatureRequest) -> PageSection[FeatureRequest]:
    """Return requests of two themes."""
    themes = tuple(Topic(**node(at, f"Theme {at}", 1), category=0) for at in (0, 1))
    return PageSection(snapshot="asked", topics=themes, categories=(), documents=requests)


TOOLS = tools_section()
VECTORS = (
    [tool.key for tool in TOOLS.documents],
    np.eye(12, dtype=np.float32) * 0.8 + np.float32(0.05),
)
USAGE = replace(
    made_up_page_usage("random"), repositories={"alpha": "owner1/tool-001", "beta": "else/beta"}
)
ASKED = requests_section(
    request(1, "OLD/alpha", created_at=date(2024, 1, 1)),
    request(2, "owner1/tool-001", created_at=date(2025, 1, 1)),
    request(3, "owner1/tool-001", created_at=date(2026, 1, 1), state="closed"),
    request(4, "owner1/tool-001", topic=NOISE, created_at=None),
    request(9, "far/away", state=None),
)
ANSWERS = tool_answers(TOOLS, histories=[HISTORY], usage=USAGE, requests=ASKED, vectors=VECTORS)
FULL, UNSEEN = ANSWERS["name:owner1/tool-001"], ANSWERS["name:owner4/tool-004"]


def facts(answer: ToolAnswer) -> dict[str, ToolFact]:
    """Return the facts of an answer by their keys."""
    return {fact.key: fact for fact in answer.facts}


def shown(answer: ToolAnswer, width: int = 80) -> str:
    """Return what a terminal of so many columns shows."""
    console = Console(width=width, file=io.StringIO())
    with console.capture() as capture:
        for part in answer_parts(answer):
            console.print(part if isinstance(part, str) else terminal(part), markup=False)
    return capture.get()


def bare() -> ToolAnswer:
    """Return the answer of a study that looks at nothing but a list of one tool."""
    section = PageSection(
        snapshot="s",
        topics=(),
        categories=(),
        documents=(Tool(key="k", title="a/b", topic=-1, nearest_topic=-1, strength=None),),
    )
    (answer,) = tool_answers(section).values()
    return answer


def test_what_is_not_known_has_a_reason_and_is_never_nought() -> None:
    """That no tool has it, that this one lacks it, and that nobody looked are told apart."""
    known = facts(FULL)
    assert (known["licence"].value, known["licence"].reason) == (None, "not given for this tool")
    assert known["stars"].reason == f"{SNAPSHOT} does not tell stars"
    assert known["archived"].value is False and known["archived"].reason is None
    assert known["last_release"].reason == f"{SNAPSHOT} does not tell releases"
    assert facts(UNSEEN)["people"].reason == UNOBSERVED == UNSEEN.stage_unknown
    for answer in (*ANSWERS.values(), bare()):
        assert all((fact.value is None) == bool(fact.reason) for fact in answer.facts)
        assert (answer.stage is None) == bool(answer.stage_unknown)
        for part in ("purpose", "use", "asked", "goes_with", "neighbours"):
            assert bool(getattr(answer, part)) != bool(getattr(answer, f"{part}_unknown")), part
        assert [fact.key for fact in answer.facts] == [key for key, _ in FACTS]


def test_a_tool_of_which_nothing_is_known_says_so_part_by_part() -> None:
    """The study looks at nothing else: each part names what it would take."""
    answer = bare()
    assert (answer.life, answer.purpose, answer.links, answer.commits) == (None, None, (), {})
    text = " ".join(shown(answer).split())
    assert "What it is, is not known here." in text
    for reason in (
        "does not look at histories",
        "no code of dependents",
        "no feature requests",
        "neither code",
    ):
        assert reason in text
    assert "does not tell licences, stars, languages" in text
    assert life_shape(answer) is None and draw_life(answer) is None


def test_a_tool_is_told_from_the_history_of_its_own_snapshot_else_the_latest() -> None:
    """What other snapshots know of it stands beside, and a former name finds it, too."""
    first, second = HISTORY.tools[:2]
    older = replace(HISTORY, snapshot="2020-01-01.a", tools=(replace(first, stage="peak"),))
    renamed = replace(second, repo_key="gh:7", full_name="old/Alpha", stage="dead")
    later = replace(HISTORY, snapshot="2027-01-01.b", tools=(replace(first, stage="dead"), renamed))
    told = tool_answers(TOOLS, histories=[older, later, HISTORY])
    answer = told["name:owner0/tool-000"]
    assert (answer.life_snapshot, answer.life) == (SNAPSHOT, first)
    assert [snapshot for snapshot, _ in answer.elsewhere] == ["2027-01-01.b", "2020-01-01.a"]
    told = tool_answers(TOOLS, histories=[older, later])
    assert told["name:owner0/tool-000"].stage == "dead"
    assert told["name:owner1/tool-001"].life == renamed
    assert told["name:owner5/tool-005"].life_unknown == "it is not in 2027-01-01.b, 2020-01-01.a"


def test_requests_are_counted_by_theme_and_the_open_ones_only_where_states_are_known() -> None:
    """Largest theme first, those in none last; a former name's requests are its own."""
    asked = FULL.asked
    assert asked is not None and (asked.n, asked.n_open) == (4, 3)
    assert [(each.topic, each.n, each.n_open) for each in asked.themes] == [
        (1, 2, 1),
        (0, 1, 1),
        (NOISE, 1, 1),
    ]
    assert [each.key.rpartition("#")[2] for each in asked.wanted] == ["2", "1", "4", "3"]
    assert "not known" in asked.order
    of_tools = requests_by_tool(TOOLS.documents, ASKED)
    tallies = {key: RequestTally.of(requests) for key, requests in of_tools.items()}
    assert list(tallies) == ["name:owner1/tool-001"]
    assert (tallies["name:owner1/tool-001"].n, tallies["name:owner1/tool-001"].n_open) == (4, 3)
    far = ANSWERS["name:far/away"].asked
    assert far is not None and (far.n, far.n_open, far.wanted[0].state) == (1, None, None)


def test_where_reactions_are_known_the_most_wanted_come_first() -> None:
    """A request of which they are not known comes after all others, and is counted."""
    name = "owner1/tool-001"
    section = requests_section(
        request(1, name, reactions=0, comments=1),
        request(2, name, reactions=None, comments=99, created_at=date(2026, 1, 1)),
        request(3, name, reactions=7, comments=2, state="closed"),
    )
    asked = tool_answers(TOOLS, requests=section)[f"name:{name}"].asked
    assert asked is not None
    assert [each.weight for each in asked.wanted] == [9, 1, None]
    assert asked.order.endswith("of 1 these are not known")


def test_a_tool_beside_the_taxonomy_is_answered_too() -> None:
    """A framework of which requests or uses are known is told as another snapshot knows it."""
    beside = ANSWERS["name:far/away"]
    assert (beside.is_listed, beside.snapshot, beside.purpose) == (False, None, None)
    assert facts(beside)["stars"].reason == f"it is not in {SNAPSHOT}" == beside.neighbours_unknown
    row = replace(TOOLS.documents[0], key="gh:1", title="Far/Away", stars=5, license="MIT")
    other = PageSection(snapshot="2020-01-01.o", topics=(), categories=(), documents=(row,))
    told = tool_answers(TOOLS, requests=ASKED, others=[other])["name:far/away"]
    assert (told.snapshot, facts(told)["stars"].value) == ("2020-01-01.o", 5)
    assert told.key == "name:far/away" and told.full_name == "Far/Away"
    assert list(ANSWERS)[-2:] == ["name:else/beta", "name:far/away"]
    by_number = requests_section(request(1, "gh:12"))
    assert list(tool_answers(TOOLS, requests=by_number)) == [each.key for each in TOOLS.documents]


def test_use_has_counts_shares_and_evidence() -> None:
    """Most used first, what code does not show last; what is chosen has no share."""
    use = FULL.use
    assert use is not None and use.framework == "alpha"
    first = use.features[0]
    assert (first.name, first.evidence) == ("Name of tracking", "feature | alpha | tracking")
    assert first.share.value is not None and first.n == use.n_users
    counts = [each.n for each in use.features]
    assert counts == sorted(counts, key=lambda n: (n is None, -(n or 0)))
    chosen = replace(made_up_page_usage("chosen"), repositories=USAGE.repositories)
    told = tool_answers(TOOLS, usage=chosen)["name:owner1/tool-001"].use
    assert told is not None and {each.share.value for each in told.features} == {None}
    assert told.asked_and_not_used is None and "examples, chosen" in str(told.gap_unknown)
    assert "searched for other tools alone: alpha, beta" in str(UNSEEN.use_unknown)


def test_what_goes_with_it_is_used_or_named_by_owners() -> None:
    """Used together first, with the lines it rests on; named with the snapshot and the lift."""
    (used,) = FULL.goes_with
    assert (used.by, used.name, used.key) == ("used", "else/beta", "name:else/beta")
    assert used.evidence == "pair | alpha | beta" and used.n_owners == 40
    section = replace(TOOLS, documents=(replace(TOOLS.documents[0], title="MLflow/mlflow"),))
    (answer,) = tool_answers(section, histories=[HISTORY]).values()
    assert [(each.name, each.key, each.n_owners, each.source) for each in answer.goes_with] == [
        ("iterative/dvc", None, 10, SNAPSHOT),
        ("wandb", None, 3, SNAPSHOT),
    ]
    assert answer.goes_with[0].lift.value == 1.9


def test_neighbours_are_the_nearest_others_and_equals_keep_their_order() -> None:
    """Itself is none, nor is one of whom nothing is said; fewer than asked for are all."""
    points = np.array([[1, 0], [0.6, 0.8], [0, 1], [0, 0], [1, 0]], dtype=np.float32)
    assert [[at for at, _ in near] for near in nearest_rows(points, 2)] == [
        [4, 1],
        [2, 0],
        [1, 0],
        [],
        [0, 1],
    ]
    assert list(nearest_rows(points[:1])) == [[]]
    assert [near.key for near in FULL.neighbours] == [
        tool.key for tool in (*TOOLS.documents[:1], *TOOLS.documents[2:7])
    ]
    assert [near.is_same_topic for near in FULL.neighbours[:2]] == [False, False]
    assert ANSWERS[TOOLS.documents[-1].key].neighbours[0].is_same_topic is None
    without = tool_answers(TOOLS)[FULL.key]
    assert "built before" in str(without.neighbours_unknown)


def test_a_life_begins_at_birth_and_is_not_known_before_the_first_count() -> None:
    """What is not counted is no 0; the month of observation was not over."""
    early = ANSWERS[f"name:{HOSTILE}"]
    shape, life = life_shape(early), early.life
    assert shape is not None and life is not None and life.observed_at is not None
    born, seen = month_from(shape.first), month_of(life.observed_at)
    assert (shape.first, shape.width) == (early.spells[0].first, seen - born)
    assert shape.known == month_from(min(early.commits)) - born > 0
    assert shape.known + len(shape.heights) == shape.width
    assert shape.top == max(n for month, n in early.commits.items() if month_from(month) < seen)
    assert max(shape.heights) == "z" and int("z", 36) == LEVELS
    assert all(at + width <= shape.width for _, at, width in shape.spells)
    assert heights_of([0, 1, 1000]) == "01z" and heights_of([]) == ""
    assert len(shape.recent) == RECENT and life_shape(UNSEEN) is None
    spells = (("growing", 0, 9), ("dormant", 9, 7), ("dead", 16, 1), ("emerging", 17, 3))
    assert returns_in(spells) == (17,)


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_life_is_drawn_with_its_stages_named(width: float) -> None:
    """Each stage by its name, returns marked, the day it was seen; hostile names as text."""
    hostile = ANSWERS[f"name:{HOSTILE}"]
    spells = (
        replace(hostile.spells[0], stage="dormant", first="2019-01", last="2021-01"),
        replace(hostile.spells[0], stage="growing", first="2021-02", last="2021-03"),
        replace(hostile.spells[0], stage="peak", first="2021-04", last="2026-07"),
    )
    drawing = draw_life(replace(hostile, spells=spells), width)
    assert drawing is not None and drawing.width == width
    svg = svg_file(drawing, width).decode()
    for words in (">dormant<", ">growing<", ">peak<", ">back<", "not known", ">seen 2026-08-23<"):
        assert words in svg, words
    assert "<b>" not in svg and "&lt;b&gt;" in svg


def test_answers_fit_into_eighty_columns_and_hostile_texts_are_texts() -> None:
    """Part by part as on the page, what is unknown at the end; nothing acts on a terminal."""
    for answer in ANSWERS.values():
        text = shown(answer)
        assert max(map(len, text.splitlines())) <= 80
        assert text.rfind("What is not known, and why") > text.find("Facts")
    text = shown(FULL, 200)
    heads = ("owner1/tool-001", "Where it stands", "Facts", "Its life", "How 40 dependents use it")
    heads += ("What its users ask for (4 requests, 3 of them open)", "Used together with it")
    heads += ("Nearest in meaning",)
    places = [text.find(head) for head in heads]
    assert -1 not in places and places == sorted(places)
    assert "formerly old/alpha" in text and "Purpose: Topic 1, in Category." in text
    assert "In no topic; nearest: Topic 1" in shown(ANSWERS[TOOLS.documents[-1].key])
    escape = replace(FULL, description="\x1b[31mred\x07", full_name="a/\u202eb")
    assert not {"\x1b", "\x07", "\u202e"} & set(clean(shown(escape)))
    with_health = shown(ANSWERS["name:owner0/tool-000"], 200)
    assert "Score: 0.92, from the 1 of 2 signals that are known." in with_health


def test_a_page_has_each_text_once_and_nothing_that_is_markup() -> None:
    """Other tools and shared texts are places; unknown is null or absent, and has its reason."""
    values = page_answers(ANSWERS)
    texts, tools = values["texts"], values["tools"]
    assert len(set(texts)) == len(texts)
    place = [tool["key"] for tool in tools].index(FULL.key)
    mine = tools[place]
    told = dict(zip([key for key, _ in values["facts"]], mine["facts"], strict=True))
    assert texts[told["stars"][0]] == f"{SNAPSHOT} does not tell stars"
    assert told["archived"] is False
    assert tools[mine["near"][0][0]]["key"] == FULL.neighbours[0].key
    assert values["stages"][mine["life"][5][-1][0]] == FULL.spells[-1].stage
    unseen = tools[list(ANSWERS).index(UNSEEN.key)]
    assert "stage" not in unseen and texts[unseen["why"]["stage"]] == UNOBSERVED
    assert tools[0].get("links") == [["repository", "https://github.com/owner0/tool-000"]]
    assert as_values(UNSEEN)["why"].keys() == {"stage", "use", "asked", "with"}
    assert json.loads(json.dumps(values, allow_nan=False))["tools"][place]["key"] == mine["key"]
    json.dumps(plain(FULL), allow_nan=False)


def test_a_tool_is_found_by_any_of_its_names() -> None:
    """In full, alone, formerly, by address or key, in any case; near ones are suggested."""
    every = ANSWERS.values()
    for name in ("OWNER1/tool-001", "tool-001", "old/alpha", "Alpha", FULL.key):
        assert find_answer(every, name) == FULL, name
    assert find_answer(every, "https://github.com/owner1/tool-001/") == FULL
    assert find_answer(every, "tool-0000") is None
    assert "tool-000" in str(no_tool(every, "tool-0000", "here").fix)
    assert "taxonomy show" in str(no_tool(every, "zzzz", "here").fix)
    assert "opsatlas run" in str(no_tool([], "zzzz", "here").fix)
    twins = [replace(FULL, key=key, full_name=f"{key}/twin", former_names=()) for key in "abcdefg"]
    with pytest.raises(InputError, match="7 tools are called 'twin'") as refused:
        find_answer(twins, "twin")
    assert "a/twin, b/twin, c/twin, d/twin, e/twin, and 2 more" in str(refused.value.fix)


def test_many_tools_are_answered_quickly() -> None:
    """Nothing is done for each pair of tools in Python."""
    n = 2000
    tool = TOOLS.documents[0]
    documents = tuple(replace(tool, key=f"k{at}", title=f"o/t{at}") for at in range(n))
    points = np.random.default_rng(0).normal(size=(n, 32)).astype(np.float32)
    section = replace(TOOLS, documents=documents)
    begun = time.process_time()
    history = without(HISTORY, "signals")
    answers = tool_answers(
        section, histories=[history], vectors=([each.key for each in documents], points)
    )
    page_answers(answers)
    assert time.process_time() - begun < 10
