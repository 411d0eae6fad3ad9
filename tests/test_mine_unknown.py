"""What GitHub does not tell: unknown, counted, asked for again; never a fact, never a traceback."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from artifacts.errors import InputError
from mining.github.errors import GitHubError, OutageError, UnfinishedError
from mining.github.http import Account
from mining.github.run import MiningOutcome, Target, end_of_day
from mining.snapshots import load_table
from mining.tables import KEYS, TableRow
from tests.github import NOW, Limits, World, make_world
from tests.github.log import Asked
from tests.github.replies import Reply, reply
from tests.github.spoiling import ANY, Spoil, every, fail, html, instead, only, put
from tests.mining_worlds import SMALL, TOPICS, Mined, mined_world, study

TABLES = ("repositories", "readmes", "issues", "languages", "releases", "activity")
IP_LIST = (
    "Although you appear to have the correct authorization credentials, the `acme` organization "
    "has an IP allow list enabled, and your IP address is not permitted to access this resource."
)
DAY_S = 86_400.0
Content = dict[str, dict[tuple[Any, ...], TableRow]]


@pytest.fixture(scope="module")
def world() -> World:
    """Return a small world."""
    return make_world(11, 8, TOPICS, SMALL, 8)


@pytest.fixture(scope="module")
def quiet(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiningOutcome]:
    """Return what is mined where nothing goes wrong."""
    with mined_world(world, tmp_path_factory.mktemp("quiet")) as mined:
        yield mined.mine()


def content_of(outcome: MiningOutcome) -> Content:
    """Return all rows by table and key, without clocks."""
    content: Content = {}
    for table in TABLES:
        rows = load_table(outcome.snapshot.folder, table).to_pylist()
        for row in rows:
            row.pop("fetched_at", None), row.pop("enriched_at", None)
        content[table] = {tuple(row[name] for name in KEYS[table]): row for row in rows}
    return content


def unknown_of(outcome: MiningOutcome) -> list[dict[str, Any]]:
    """Return what the manifest says is unknown."""
    assert outcome.summary is not None
    found: list[dict[str, Any]] = outcome.summary.source.facts.get("unknown", [])
    return found


def assert_nothing_is_invented(outcome: MiningOutcome, quiet: MiningOutcome) -> None:
    """All that is told is as it is where nothing goes wrong; who lacks something is counted."""
    told, true = content_of(outcome), content_of(quiet)
    names = {key: row["full_name"] for (key,), row in true["repositories"].items()}
    blamed = {who.split("#")[0] for entry in unknown_of(outcome) for who in entry["who"]}
    is_all = any(" created:" in who for who in blamed)
    for table in TABLES:
        assert told[table].keys() <= true[table].keys(), table
        for key, row in true[table].items():
            is_known = names[row["repo_key"]] not in blamed and not is_all
            now = told[table].get(key)
            if now is None:
                assert not is_known, (table, key)
                continue
            differing = {n for n, value in row.items() if now[n] != value and n != "source"}
            assert {now[name] for name in differing} <= {None}, (table, key, differing)
            assert not differing or not is_known, (table, key, differing)


def mined_or_not(mined: Mined, target: Target | None = None) -> MiningOutcome | None:
    """Mine, and return what came of it, or None if it was not sealed; never a traceback."""
    try:
        return mined.mine(target)
    except GitHubError as error:
        assert error.fix
        return None


def replayed(mined: Mined, outcome: MiningOutcome) -> None:
    """Assert that a replay gives the same bytes."""
    mined.github.spoil = None
    _, was_there = mined.mining().replay(outcome.snapshot.id)
    assert was_there


FACTS = ("nodes", 3)
NAMED = ("r0",)
ISSUES = ("repository", "issues")
FILES = ("r2",)
INTERNAL = {"type": "INTERNAL"}
ODD: dict[str, Spoil] = {
    "facts: null": only("Facts", fail(*FACTS, told=False)),
    "facts: null, error without path": only("Facts", fail(*FACTS, path=False)),
    "facts: error": only("Facts", fail(*FACTS, **INTERNAL)),
    "facts: a word": only("Facts", put("what", "data", *FACTS)),
    "facts: empty": only("Facts", put({}, "data", *FACTS)),
    "facts: language edge": only("Facts", put(None, "data", *FACTS, "languages", "edges", 0)),
    "facts: language": only("Facts", put(None, "data", *FACTS, "languages", "edges", 0, "node")),
    "facts: languages": only("Facts", fail(*FACTS, "languages", **INTERNAL)),
    "facts: releases": only("Facts", fail(*FACTS, "releases", **INTERNAL)),
    "facts: release": only("Facts", put(None, "data", "nodes", ANY, "releases", "nodes", 0)),
    "facts: branch": only("Facts", fail(*FACTS, "defaultBranchRef", told=False)),
    "facts: every branch": only("Facts", put(None, "data", "nodes", ANY, "defaultBranchRef")),
    "facts: history": only("Facts", fail(*FACTS, "defaultBranchRef", "target", told=False)),
    "facts: entries": only(
        "Facts",
        put(
            [None],
            *("data", *FACTS, "defaultBranchRef", "target", "history", "nodes", 0),
            *("tree", "entries"),
        ),
    ),
    "facts: id": only("Facts", put(None, "data", *FACTS, "databaseId")),
    "facts: owner": only("Facts", put(None, "data", *FACTS, "owner")),
    "facts: many": only("Facts", put("many", "data", *FACTS, "watchers", "totalCount")),
    "facts: yesterday": only("Facts", put("yesterday", "data", *FACTS, "createdAt")),
    "facts: nodes": only("Facts", put(None, "data", "nodes")),
    "named: null": only("Named", fail(*NAMED, told=False)),
    "named: error": only("Named", fail(*NAMED, **INTERNAL)),
    "named: labels": only("Named", put(None, "data", *NAMED, "labels")),
    "named: label": only("Named", put(None, "data", *NAMED, "labels", "nodes", 0)),
    "named: page": only("Named", put(None, "data", *NAMED, "labels", "pageInfo")),
    "issues: null": only("Issues", fail(*ISSUES, "nodes", 1, told=False)),
    "issues: error": only("Issues", fail(*ISSUES, "nodes", 1)),
    "issues: label": only("Issues", put(None, "data", *ISSUES, "nodes", 1, "labels", "nodes", 0)),
    "issues: labels": only("Issues", put(None, "data", *ISSUES, "nodes", 1, "labels")),
    "issues: title": only("Issues", put(None, "data", *ISSUES, "nodes", 1, "title")),
    "issues: comments": only("Issues", put(None, "data", *ISSUES, "nodes", 1, "comments")),
    "issues: all": only("Issues", put(None, "data", *ISSUES)),
    "issues: page": only("Issues", put(None, "data", *ISSUES, "pageInfo")),
    "issues: repository": only("Issues", fail("repository", path=False)),
    "issues: count": only("Issues", put(None, "data", "repository", "matched")),
    "readme: null": only("Files", fail(*FILES, told=False)),
    "readme: file": only("Files", put(None, "data", *FILES, "file")),
    "readme: odd": only("Files", put({"text": 7}, "data", *FILES, "file")),
    "readme: beside": only("Files", put({"entries": [None]}, "data", *FILES, "beside")),
    "search: item": only("/search/repositories", put(None, "items", 0)),
    "search: items": only("/search/repositories", put(None, "items")),
    "search: total": only("/search/repositories", put("many", "total_count")),
    "search: item's date": only("/search/repositories", put("then", "items", 0, "created_at")),
    "search: item's id": only("/search/repositories", put(None, "items", 0, "id")),
    "errors: odd": only("Facts", lambda _, r: r.with_json({**r.json(), "errors": ["x", 3, {}]})),
    "limit: odd": only("Facts", put([], "data", "rateLimit")),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_no_fact_and_is_asked_again(
    world: World, quiet: MiningOutcome, tmp_path: Path, name: str
) -> None:
    """It is counted, or stops the seal; the next run has the same content as a quiet one."""
    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = ODD[name]
        outcome = mined_or_not(mined)
        if outcome is not None:
            assert_nothing_is_invented(outcome, quiet)
            replayed(mined, outcome)
            return
        mined.github.spoil = None
        outcome = mined.mine()
        assert outcome.snapshot.manifest.content_hash == quiet.snapshot.manifest.content_hash
        assert unknown_of(outcome) == unknown_of(quiet)
        again = {path for _, path, _, _ in mined.github.requests.repeated()}
        assert again <= {"/rate_limit"}  # what was good is not asked for again
        replayed(mined, outcome)


PLACES: dict[str, tuple[str | int, ...]] = {
    "Named": ("data",),
    "Facts": ("data", "nodes"),
    "Files": ("data",),
    "Issues": ("data", "repository"),
    "/search/repositories": (),
}
MAY_BE_NULL = {"description", "homepageUrl", "licenseInfo", "primaryLanguage", "pushedAt"}
MAY_BE_NULL |= {"archivedAt", "body", "closedAt", "stateReason", "publishedAt", "beside"}
MAY_BE_NULL |= {"homepage", "language", "license", "pushed_at", "file"}


def places(content: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield every place in a content whose being null is no answer."""
    items: Any = ()
    if isinstance(content, dict):
        left_out = MAY_BE_NULL | ({"name"} & set(content) if "tagName" in content else set())
        items = ((name, value) for name, value in content.items() if name not in left_out)
    elif isinstance(content, list):
        items = enumerate(content)
    for step, value in items:
        if value is not None and step != "rateLimit":
            yield (*place, step)
            yield from places(value, (*place, step))


@pytest.mark.parametrize("seed", range(10))
def test_null_anywhere_is_no_fact(
    world: World, quiet: MiningOutcome, tmp_path: Path, seed: int
) -> None:
    """Whatever is null in an answer, nothing is invented, and nothing stumbles over it."""
    rng = random.Random(seed)
    what = rng.choice(list(PLACES))
    odd = rng.choice([None, None, None, [], {}, "", "odd", -1, 2**70, 0.5, [None], True])

    def spoil(asked: Asked, whole: Reply) -> Reply:
        content = whole.json()
        there = list(places(content)) if whole.status == 200 else []
        if not there or rng.random() < 0.3:
            return whole
        place = rng.choice(there)
        value = odd if odd is None or seed % 2 else None
        return put(value, *place)(asked, whole)

    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = only(what, spoil)
        outcome = mined_or_not(mined)
        if outcome is not None and (odd is None or seed % 2 == 0):
            assert_nothing_is_invented(outcome, quiet)
        if outcome is not None:
            replayed(mined, outcome)


# Refused

LIFETIME = (
    "The 'acme' organization forbids access via a fine-grained personal access tokens if the "
    "token's lifetime is greater than 366 days. Please adjust your token's lifetime."
)
SAML = (
    "Resource protected by organization SAML enforcement. You must grant your OAuth token access "
    "to this organization."
)
CLASSIC = "`acme` forbids access via a personal access token (classic)."


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        (IP_LIST, "from a network that the organisation allows"),
        (LIFETIME, "shorter lifetime"),
        (SAML, "authorise the token"),
        (CLASSIC, "fine-grained token"),
    ],
)
def test_what_an_organisation_forbids_is_told_in_its_words(
    world: World, quiet: MiningOutcome, tmp_path: Path, words: str, fix: str
) -> None:
    """A framework, a repository and a README that are refused are counted, and stop no seal."""
    told = {"type": "FORBIDDEN", "message": words}
    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = every(
            only("Named", fail("r0", **told)),
            only(
                "Facts",
                lambda a, r: fail("nodes", len(r.json()["data"]["nodes"]) - 1, **told)(a, r),
            ),
            only("Files", fail("r0", **told)),
        )
        outcome = mined.mine()
        assert_nothing_is_invented(outcome, quiet)
        entries = [
            entry for entry in unknown_of(outcome) if entry["reason"] == words.removesuffix(".")
        ]
        assert {entry["kind"] for entry in entries} == {"refused"}
        whats = {entry["what"] for entry in entries}
        assert {"framework and its feature requests", "facts and README", "README"} == whats
        assert outcome.summary is not None
        notes = "\n".join(outcome.summary.source.notes)
        assert words.removesuffix(".") in notes
        assert fix in notes
        assert any(SMALL[0] in said and fix in said for said in mined.heard.said)
        assert "correct the name" not in notes
        replayed(mined, outcome)


def test_a_token_that_is_let_in_is_told_the_rest(
    world: World, quiet: MiningOutcome, tmp_path: Path
) -> None:
    """What was refused is asked for again by the next run of a mining that is not sealed."""
    with mined_world(world, tmp_path) as mined:
        refused = only("Named", fail("r1", type="FORBIDDEN", message=SAML))
        mined.github.spoil = every(refused, only("Files", put(None, "data")))
        with pytest.raises(GitHubError):
            mined.mine()
        mined.github.spoil = None
        outcome = mined.mine()
        assert outcome.snapshot.manifest.content_hash == quiet.snapshot.manifest.content_hash
        replayed(mined, outcome)


# Outages


def during(mined: Mined, start_s: float, end_s: float, spoil: Spoil) -> Spoil:
    """Spoil from one time after now until another."""
    begun_s = mined.clock.now()
    return lambda asked, whole: (
        spoil(asked, whole) if start_s <= mined.clock.now() - begun_s < end_s else whole
    )


OUTAGES: dict[str, Spoil] = {
    "502": instead(html(502, "Unicorn!")),
    "503": instead(html(503, "Unicorn!")),
    "504, JSON": instead(reply(504, {"message": "Timeout"})),
    "login": instead(html()),
    "login, 302": instead(html(302, location="https://login.example.org/?to=/graphql")),
    "proxy, 403": instead(html(403, "Blocked by policy")),
    "proxy, 407": instead(html(407, "Who are you?")),
    "200, a word": instead(reply(200, {"message": "Something went wrong."})),
    "no data": instead(
        reply(200, {"data": None, "errors": [{"type": "INTERNAL", "message": "x"}]})
    ),
}


ASKED = ("Facts", "Named", "Files", "Issues", "/search/repositories")


@pytest.mark.parametrize(("kind", "what"), [*zip(OUTAGES, itertools.cycle(ASKED), strict=False)])
def test_an_outage_of_15_minutes_is_waited_for(
    world: World, quiet: MiningOutcome, tmp_path: Path, kind: str, what: str
) -> None:
    """Then, or with the same command later, the content is that of a quiet mining."""
    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = during(mined, 0, 900, only(what, OUTAGES[kind]))
        outcome = mined_or_not(mined)
        if outcome is None:
            mined.clock.sleep(900)
            outcome = mined.mine()
        assert outcome.snapshot.manifest.content_hash == quiet.snapshot.manifest.content_hash
        assert mined.clock.now() - NOW < 5_400
        assert len(mined.github.requests) < 120
        assert mined.github.violations == []
        replayed(mined, outcome)


@pytest.mark.parametrize("kind", ["502", "503", "login", "proxy, 407"])
def test_an_outage_without_end_is_told_and_nothing_is_sealed(
    world: World, quiet: MiningOutcome, tmp_path: Path, kind: str
) -> None:
    """Nobody asks for ever, and nobody is told that names are wrong; later it goes on."""
    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = OUTAGES[kind] if "login" in kind else only("Facts", OUTAGES[kind])
        if "login" not in kind:
            with pytest.raises(GitHubError) as caught:
                mined.mine()
            assert isinstance(caught.value, OutageError | UnfinishedError)
            assert "go on later" in str(caught.value) or "same command again" in str(caught.value)
        else:
            with pytest.raises(GitHubError, match="not GitHub's API"):
                mined.mine()
        assert not (tmp_path / "snapshots").exists()
        assert len(mined.github.requests) < 80
        mined.github.spoil = None
        outcome = mined.mine()
        assert outcome.snapshot.manifest.content_hash == quiet.snapshot.manifest.content_hash


# One repository's trouble

LAYERED = study(contributors=True, star_history=True)


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, MiningOutcome]:
    """Return a smaller world, and what is mined of it with all layers."""
    world = make_world(8, 30, TOPICS, SMALL, 2)
    with mined_world(world, tmp_path_factory.mktemp("layered")) as mined:
        return world, mined.mine(of=LAYERED)


LAYERS: dict[str, Reply] = {
    "500": reply(500, {"message": "Server Error"}),
    "202": reply(202, {}),
    "422": reply(422, {"message": "Validation Failed"}),
    "451": reply(451, {"message": "Repository access blocked"}),
    "403": reply(403, {"message": SAML}),
    "HTML": html(),
    "null": reply(200, None),
    "nulls": reply(200, [None]),
    "words": reply(200, {"message": "Hello"}),
    "odd link": Reply(200, b"[{}]", {"link": '<http://x/?page=many>; rel="last"'}),
}


WEEKS: dict[str, Reply] = {
    "odd": reply(200, [{"week": 1_600_000_000, "total": 3, "days": [1, 0, 0, 0, 0, 0, 0]}]),
    "late": reply(200, [{"week": 10**15, "total": 0, "days": [0] * 7}]),
    "short": reply(200, [{"week": 1_600_000_000, "total": 1, "days": [1]}]),
    "nobody": Reply(204),
}


@pytest.mark.parametrize(
    ("layer", "answers"),
    [
        ("contributors", LAYERS),
        (
            "stargazers/history",
            {kind: LAYERS[kind] for kind in LAYERS if kind != "odd link"} | WEEKS,
        ),
    ],
)
def test_a_layer_that_one_repository_lacks_ends_nothing(
    layered: tuple[World, MiningOutcome], tmp_path: Path, layer: str, answers: dict[str, Reply]
) -> None:
    """It is null and noted; the others have theirs."""
    world, whole = layered
    rows = content_of(whole)["repositories"].values()
    column = "contributors" if layer == "contributors" else "stars"
    names = [row["full_name"] for row in rows if row[column]]
    assert len(names) > len(answers)
    odd = dict(zip(names, answers, strict=False))

    def spoil(asked: Asked, good: Reply) -> Reply:
        name = "/".join(asked.path.split("/")[2:4])
        is_odd = asked.path.endswith(layer) and name in odd
        return answers[odd[name]] if is_odd else good

    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = spoil
        outcome = mined.mine(Target(accept_unknown=True), of=LAYERED)
        assert_nothing_is_invented(outcome, whole)
        noted = {who for entry in unknown_of(outcome) for who in entry["who"]}
        assert odd.keys() <= noted
        mined.github.spoil = None
        assert mined.mining(LAYERED).replay(outcome.snapshot.id)[1]


def nothing_of_it(_: Asked, whole: Reply) -> Reply:
    """Return an answer in which everything that was asked for is null."""
    content = whole.json()
    data = {name: None if name != "rateLimit" else each for name, each in content["data"].items()}
    return whole.with_json({"data": data})


# The search finds nothing


@pytest.mark.parametrize("incomplete", [False, True])
def test_a_search_that_finds_nothing_once_is_asked_again(
    world: World, quiet: MiningOutcome, tmp_path: Path, incomplete: bool
) -> None:
    """In the same run, and by the next one if it found nothing again and again."""
    nothing = reply(200, {"total_count": 0, "incomplete_results": incomplete, "items": []})
    left = [nothing] * 50

    def spoil(asked: Asked, whole: Reply) -> Reply:
        return left.pop() if left and asked.resource == "search" else whole

    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = spoil
        with pytest.raises(InputError, match="found no repository") as caught:
            mined.mine()
        assert "again later" in str(caught.value)
        left[:] = [nothing]
        outcome = mined.mine()
        assert outcome.snapshot.manifest.content_hash == quiet.snapshot.manifest.content_hash
        replayed(mined, outcome)


# The seal


def test_too_much_unknown_is_sealed_after_three_days_or_on_demand(
    world: World, quiet: MiningOutcome, tmp_path: Path
) -> None:
    """Not on the first day, nor twice on one; and the manifest says how it came to be sealed."""
    for accept in (False, True):
        with mined_world(world, tmp_path / str(accept)) as mined:
            mined.github.spoil = only("Files", nothing_of_it)
            for day in (0, 0, 1):
                mined.clock.sleep(day * DAY_S)
                with pytest.raises(UnfinishedError, match="repositories"):
                    mined.mine()
            mined.clock.sleep(0 if accept else DAY_S)
            outcome = mined.mine(Target(accept_unknown=accept))
            assert outcome.summary is not None
            facts = outcome.summary.source.facts
            how = "--accept-unknown" if accept else "tries on 2026-11-25, 2026-11-26, 2026-11-27"
            assert facts["unknown_accepted"] == how
            assert any(note.endswith(f"by {how}") for note in outcome.summary.source.notes)
            assert facts["unknown_for_now"]["repositories"] > 3
            assert_nothing_is_invented(outcome, quiet)
            replayed(mined, outcome)


# Without a token, and of a day in the past

MANY = Limits(anonymous_core=5_000, anonymous_search=1_000)


@pytest.fixture(scope="module")
def bare(world: World, tmp_path_factory: pytest.TempPathFactory) -> MiningOutcome:
    """Return what is mined without a token where nothing goes wrong."""
    folder = tmp_path_factory.mktemp("bare")
    with mined_world(world, folder, limits=MANY, token=None) as mined:
        return mined.mine()


BARE: dict[str, Spoil] = {
    "issue": only("/repos/issues", put(None, 0)),
    "issue's label": only("/repos/issues", put(None, 0, "labels", 0)),
    "issue's labels": only("/repos/issues", put(None, 0, "labels")),
    "issue's number": only("/repos/issues", put("one", 0, "number")),
    "issues": only("/repos/issues", instead(reply(200, {"items": []}))),
    "issues, 500": only("/repos/issues", instead(reply(500, {"message": "Server Error"}))),
    "label": only("/repos/labels", put(None, 0)),
    "labels": only("/repos/labels", instead(reply(200, {}))),
    "framework": only("/repos", instead(reply(200, {"id": None}))),
    "framework, empty": only("/repos", instead(Reply(204))),
    "item": only("/search/repositories", put(None, "items", 3, "full_name")),
    "limits": only("/rate_limit", put({"core": 7}, "resources")),
    "no limits": only("/rate_limit", instead(reply(200, []))),
}


@pytest.mark.parametrize("name", BARE)
def test_an_odd_answer_without_a_token_is_no_fact(
    world: World, bare: MiningOutcome, tmp_path: Path, name: str
) -> None:
    """What REST gives is held to the same."""
    with mined_world(world, tmp_path, limits=MANY, token=None) as mined:
        mined.github.spoil = BARE[name]
        outcome = mined_or_not(mined)
        if outcome is None:
            mined.github.spoil = None
            outcome = mined.mine()
            assert outcome.snapshot.manifest.content_hash == bare.snapshot.manifest.content_hash
        assert_nothing_is_invented(outcome, bare)
        replayed(mined, outcome)


def test_an_event_that_is_null_leaves_the_state_of_a_past_day_unknown(
    world: World, tmp_path: Path
) -> None:
    """It is null and noted, though the issue's state of today is known."""
    event = ("data", *ISSUES, "nodes", ANY, "timelineItems", "nodes", 0)
    moment = end_of_day(datetime(2026, 6, 1))
    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = only("Issues", put(None, *event))
        outcome = mined.mine(Target(as_of=moment, accept_unknown=True))
        rows = mined.rows(outcome, "issues")
        noted = {who for entry in unknown_of(outcome) for who in entry["who"]}
        unknown = {row["number"] for row in rows if row["state"] is None}
        assert unknown
        assert unknown <= {int(who.split("#")[1]) for who in noted if "#" in who}
        replayed(mined, outcome)


@pytest.mark.parametrize(
    "odd", [put(None, "total_count"), instead(html()), instead(reply(503, {}))]
)
def test_a_plan_stumbles_over_nothing(world: World, tmp_path: Path, odd: Spoil) -> None:
    """What cannot be counted is told in one sentence."""
    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = only("/search/repositories", odd)
        account = Account(mined.github.url, f"{mined.github.url}/graphql", mined.token)
        with pytest.raises(GitHubError):
            mined.mining().plan(Target(), account=account)
