"""The GitHub that other tests stand on behaves as the real one does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.github import (
    TOKEN,
    FakeClock,
    FakeGitHub,
    Fault,
    Faults,
    Limits,
    Repository,
    ScaledClock,
    World,
    a_month_later,
    make_world,
    serve,
)
from tests.github.clock import DAY_S, iso
from tests.github.history import (
    commits_at,
    existed_at,
    issue_state_at,
    preferred_readme,
    readme_at,
    releases_at,
    stars_at,
)

TOPIC = "mlops"
ISSUES = """query($owner: String!, $name: String!, $after: String, $labels: [String!]) {
  repository(owner: $owner, name: $name) {
    issues(first: 20, after: $after, labels: $labels) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes {
        number state stateReason(enableDuplicate: true) closedAt
        labels(first: 10) { nodes { name } }
        reactions(content: THUMBS_UP) { totalCount }
        timelineItems(itemTypes: [CLOSED_EVENT, REOPENED_EVENT], first: 50) {
          nodes { __typename ... on ClosedEvent { createdAt stateReason }
            ... on ReopenedEvent { createdAt } } } } } } }"""


@pytest.fixture(scope="module")
def world() -> World:
    """Return a small world."""
    return make_world(5, 60, frameworks=("mlflow/mlflow", "wandb/wandb"), n_issues=150)


class Client:
    """Asks a server as a program does."""

    def __init__(self, github: FakeGitHub, token: str | None = TOKEN) -> None:
        headers = {"User-Agent": "tests"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.http = httpx.Client(base_url=github.url, headers=headers, timeout=5)

    def get(
        self, path: str, headers: dict[str, str] | None = None, **params: Any
    ) -> httpx.Response:
        """Ask by REST."""
        return self.http.get(path, params=params, headers=headers)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask by GraphQL."""
        answer = self.http.post("/graphql", json={"query": query, "variables": variables})
        content: dict[str, Any] = answer.json()
        return content

    def pages(self, path: str, **params: Any) -> list[Any]:
        """Return all rows of a list, by the links."""
        answer = self.get(path, **params)
        rows = answer.json()
        while "next" in answer.links:
            answer = self.http.get(answer.links["next"]["url"])
            rows += answer.json()
        return rows


@contextmanager
def asked(world: World, token: str | None = TOKEN, **more: Any) -> Iterator[tuple[Any, Client]]:
    """Serve a world, and give a client with a token of its own."""
    more.setdefault("clock", FakeClock(world.now))
    with serve(world, **more) as github:
        client = Client(github, token)
        yield github, client
        client.http.close()


def one(world: World, **wanted: Any) -> Repository:
    """Return the first repository that is so, and otherwise usual."""
    usual = {"is_gone": False, "blocked": False, "huge": False, "is_empty": False} | wanted
    return next(
        each
        for each in world.repositories.values()
        if all(getattr(each, name) == value for name, value in usual.items())
    )


def test_a_world_follows_from_its_seed() -> None:
    """The same seed makes the same world, quickly, and another makes another."""
    started = time.perf_counter()
    first = make_world(1, 60, frameworks=("mlflow/mlflow", "wandb/wandb"), n_issues=150)
    assert time.perf_counter() - started < 1.0
    assert first == make_world(1, 60, frameworks=("mlflow/mlflow", "wandb/wandb"), n_issues=150)
    assert first != make_world(2, 60, frameworks=("mlflow/mlflow", "wandb/wandb"), n_issues=150)
    mlflow = first.find("MLflow/mlflow")
    assert mlflow is not None and len(mlflow.issues) == 75
    numbers = [each.number for each in (*mlflow.issues, *mlflow.pull_requests)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_a_search_finds_what_has_the_topic(world: World) -> None:
    """Pages hold each repository once; forks only if asked for; what is gone is not there."""
    with asked(world) as (_, client):
        found, page = [], client.get("/search/repositories", q=f"topic:{TOPIC}", per_page=7)
        total = page.json()["total_count"]
        found += page.json()["items"]
        while "next" in page.links:
            page = client.http.get(page.links["next"]["url"])
            found += page.json()["items"]
        assert {each["id"] for each in found} == world.found(TOPIC) and len(found) == total
        forks = client.get("/search/repositories", q=f"topic:{TOPIC} fork:only").json()["items"]
        assert all(each["fork"] for each in forks)
        each = found[0]
        second = f"created:{each['created_at']}..{each['created_at']}"
        same = client.get("/search/repositories", q=f"topic:{TOPIC} {second}").json()["items"]
        assert each["id"] in {row["id"] for row in same}
        assert {row["created_at"] for row in same} == {each["created_at"]}


@pytest.mark.parametrize(
    ("q", "holds"),
    [
        ("stars:>=20", lambda each: each["stargazers_count"] >= 20),
        ("stars:1..5", lambda each: 1 <= each["stargazers_count"] <= 5),
        ("archived:true", lambda each: each["archived"]),
        ("NOT archived:true", lambda each: not each["archived"]),
        ("created:<2020-01-01", lambda each: each["created_at"] < "2020"),
        ("pushed:>2022-06-30", lambda each: each["pushed_at"] >= "2022-07-01"),
        (
            "-topic:machine-learning-operations",
            lambda each: "machine-learning-operations" not in each["topics"],
        ),
    ],
)
def test_qualifiers_of_a_search(world: World, q: str, holds: Any) -> None:
    """Each qualifier finds what it says, and its opposite the rest."""
    with asked(world) as (_, client):
        all_of = client.get("/search/repositories", q=f"topic:{TOPIC}", per_page=100).json()[
            "items"
        ]
        some = client.get("/search/repositories", q=f"topic:{TOPIC} {q}", per_page=100).json()
        assert {row["id"] for row in some["items"]} == {row["id"] for row in all_of if holds(row)}


def test_a_search_ends_at_its_cap(world: World) -> None:
    """Beyond the cap a page is refused, while the total is still that of all."""
    with asked(world, limits=Limits(search_cap=20)) as (_, client):
        last = client.get("/search/repositories", q=f"topic:{TOPIC}", per_page=10, page=2)
        assert last.json()["total_count"] > 20 and "next" not in last.links
        beyond = client.get("/search/repositories", q=f"topic:{TOPIC}", per_page=10, page=3)
        assert beyond.status_code == 422
        assert client.get("/search/repositories", q="").status_code == 422


def test_repositories_in_every_state(world: World) -> None:
    """Gone is 404, blocked 451, moved 301, empty 204 and huge 403: each as on GitHub."""
    with asked(world) as (_, client):
        gone, blocked = one(world, is_gone=True), one(world, blocked=True)
        assert client.get(f"/repos/{gone.full_name}").status_code == 404
        answer = client.get(f"/repos/{blocked.full_name}/contributors")
        assert answer.status_code == 451 and answer.json()["block"]["reason"] == "dmca"
        moved = next(each for each in world.repositories.values() if len(each.names) > 1)
        answer = client.get(f"/repos/{moved.names[0][1]}/labels", per_page=3)
        assert answer.status_code == 301
        location = f"/repositories/{moved.database_id}/labels?per_page=3"
        assert answer.headers["location"].endswith(location)
        assert len(client.http.get(answer.headers["location"]).json()) == 3
        empty, huge = one(world, is_empty=True), one(world, huge=True)
        assert client.get(f"/repos/{empty.full_name}/contributors").status_code == 204
        answer = client.get(f"/repos/{huge.full_name}/contributors")
        assert answer.status_code == 403 and "too large" in answer.json()["message"]
        assert client.get(f"/repos/{huge.full_name}/").status_code == 404


def test_lists_are_paged_by_links(world: World) -> None:
    """Every list gives all its rows once, whatever the pages."""
    each = world.find("mlflow/mlflow")
    assert each is not None
    path = f"/repos/{each.full_name}"
    with asked(world) as (_, client):
        people = client.pages(f"{path}/contributors", anon="true", per_page=2)
        assert len(people) == each.contributors + each.anonymous
        last = client.get(f"{path}/contributors", anon="true", per_page=1)
        if len(people) > 1:
            assert last.links["last"]["url"].endswith(f"page={len(people)}")
        assert len(client.pages(f"{path}/releases")) == sum(not r.draft for r in each.releases)
        assert len(client.pages(f"{path}/labels", per_page=4)) == len(each.labels)
        rows = client.pages(f"{path}/issues", state="all", per_page=50)
        assert len(rows) == len(each.issues) + len(each.pull_requests)
        assert sum("pull_request" in row for row in rows) == len(each.pull_requests)
        both = client.pages(f"{path}/issues", state="all", labels="Enhancement,bug")
        assert all({"enhancement", "bug"} <= {x["name"] for x in row["labels"]} for row in both)
        assert client.get(f"{path}/issues", since="1970-01-01T00:00:00Z").json() == []


def test_stars_by_weeks_add_up_to_those_of_any_day(world: World) -> None:
    """The weeks come newest first, and their days are those of the reference."""
    each = world.find("wandb/wandb")
    assert each is not None
    with asked(world) as (_, client):
        weeks = client.pages(f"/repos/{each.full_name}/stargazers/history", per_page=100)
        assert [row["week"] for row in weeks] == sorted((r["week"] for r in weeks), reverse=True)
        assert sum(row["total"] for row in weeks) == each.n_stars == stars_at(each, world.now)
        day = weeks[len(weeks) // 2]["week"] // DAY_S + 3
        until = sum(
            count
            for row in weeks
            for n, count in enumerate(row["days"])
            if row["week"] // DAY_S + n <= day
        )
        assert until == stars_at(each, day * DAY_S + 5)
        assert (
            client.get(f"/repos/{each.full_name}/stargazers/history", page=101).status_code == 422
        )


def test_the_readme_of_rest_is_the_preferred_one(world: World) -> None:
    """Whatever it is called and wherever it lies, links followed; none is 404."""
    seen = set()
    with asked(world) as (_, client):
        for each in world.repositories.values():
            if each.is_gone or each.blocked:
                continue
            for commit in {one.tree.oid: one for one in each.commits}.values():
                expected = preferred_readme(commit)
                path = f"/repos/{each.full_name}/readme"
                raw = {"Accept": "application/vnd.github.raw+json"}
                answer = client.get(path, raw, ref=commit.oid)
                if expected is None:
                    assert answer.status_code == 404
                else:
                    assert answer.content == expected.blob.content
                    seen.add(expected.path)
    assert {"README.md", "readme.rst", "Readme.txt", "README", "docs/README.md"} <= seen


def test_graphql_reads_the_same_readme_of_the_past(world: World) -> None:
    """The last commit until a date, its tree and its files are those of the reference."""
    each = one(world, language="Python")
    at = each.commits[len(each.commits) // 2].committed_at
    commits = """query($owner: String!, $name: String!, $until: GitTimestamp) {
      repository(owner: $owner, name: $name) { defaultBranchRef { target { ... on Commit {
        history(first: 1, until: $until) { totalCount nodes { oid committedDate
          tree { entries { name type mode oid } } } } } } } } }"""
    text = """query($owner: String!, $name: String!, $what: String) {
      repository(owner: $owner, name: $name) { object(expression: $what) {
        ... on Blob { text isBinary isTruncated byteSize oid } } } }"""
    named = {"owner": each.owner, "name": each.name}
    with asked(world) as (_, client):
        data = client.ask(commits, **named, until=iso(at))["data"]
        history = data["repository"]["defaultBranchRef"]["target"]["history"]
        past = commits_at(each, at)
        assert history["totalCount"] == len(past)
        assert history["nodes"][0]["oid"] == past[-1].oid
        names = [entry["name"] for entry in history["nodes"][0]["tree"]["entries"]]
        assert names == [entry.name for entry in past[-1].tree.entries]
        expected = readme_at(each, at)
        if expected is not None:
            what = f"{expected.commit}:{expected.path}"
            blob = client.ask(text, **named, what=what)["data"]["repository"]["object"]
            assert blob["oid"] == past[-1].tree.at(expected.path).target.oid


def test_long_and_binary_files_in_graphql(world: World) -> None:
    """A long text is cut and says so; a binary file has no text; a link is what it leads to."""
    query = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
      object(expression: "HEAD:README.md") {
        ... on Blob { text isBinary isTruncated byteSize } } } }"""
    found = {"long": 0, "binary": 0, "link": 0}
    with asked(world) as (_, client):
        for each in world.repositories.values():
            if each.is_gone or each.blocked or each.is_empty:
                continue
            answer = client.ask(query, owner=each.owner, name=each.name)
            blob = answer["data"]["repository"]["object"]
            if blob is None:
                continue
            assert (blob["text"] is None) == blob["isBinary"]
            found["long"] += blob["isTruncated"] and blob["byteSize"] > len(blob["text"])
            found["binary"] += blob["isBinary"]
            found["link"] += blob["text"] == "docs/index.md"
    assert all(found.values()), found


def test_issues_by_graphql_are_those_of_the_reference(world: World) -> None:
    """All issues come once, no pull request does, and their events give their states."""
    each = world.find("wandb/wandb")
    assert each is not None
    by_number = {issue.number: issue for issue in each.issues}
    with asked(world) as (github, client):
        rows: list[dict[str, Any]] = []
        after = None
        while True:
            answer = client.ask(ISSUES, owner=each.owner, name=each.name, after=after)
            page = answer["data"]["repository"]["issues"]
            rows += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert [row["number"] for row in rows] == sorted(by_number)
        for row in rows:
            state = issue_state_at(by_number[row["number"]], world.now)
            assert state is not None
            assert (row["state"], row["closedAt"]) == (state.state, iso(state.closed_at))
            assert row["stateReason"] == state.state_reason
        some = client.ask(
            ISSUES, owner=each.owner, name=each.name, labels=["ENHANCEMENT", "feature_request"]
        )
        wanted = {"enhancement", "feature_request"}
        n = sum(bool(wanted & set(issue.labels)) for issue in each.issues)
        assert some["data"]["repository"]["issues"]["totalCount"] == n > 0
        assert github.requests.repeated() == {} and github.violations == []


def test_parts_of_a_query_fail_alone(world: World) -> None:
    """What is gone, blocked or unknown is null with an error; the rest is there."""
    gone, blocked = one(world, is_gone=True), one(world, blocked=True)
    moved = next(each for each in world.repositories.values() if len(each.names) > 1)
    names = [gone.full_name, blocked.full_name, moved.names[0][1], "no/body"]
    parts = " ".join(
        'r{}: repository(owner: "{}", name: "{}") {{ nameWithOwner }}'.format(n, *name.split("/"))
        for n, name in enumerate(names)
    )
    with asked(world) as (_, client):
        answer = client.ask(f"{{ {parts} }}")
        moved_to = {"nameWithOwner": moved.full_name}
        assert answer["data"] == {"r0": None, "r1": None, "r2": moved_to, "r3": None}
        told = {error["path"][0]: error["type"] for error in answer["errors"]}
        assert told == {"r0": "NOT_FOUND", "r1": "FORBIDDEN", "r3": "NOT_FOUND"}
        ids = client.ask(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[moved.node_id, "nobody"]
        )
        assert ids["data"]["nodes"] == [{"id": moved.node_id}, None]
        assert ids["errors"][0]["path"] == ["nodes", 1]


def test_what_a_query_costs() -> None:
    """Cost and nodes are those of the example in GitHub's documentation, in our terms."""
    world = make_world(1, 2, n_issues=4, frameworks=("mlflow/mlflow",))
    query = """{ repository(owner: "mlflow", name: "mlflow") { issues(first: %s) { nodes {
      labels(first: 60) { nodes { name } } timelineItems(first: 100) { totalCount } } } }
      rateLimit { cost nodeCount remaining used limit } }"""
    with asked(world) as (github, client):
        answer = client.ask(query % 100)
        assert answer["data"]["rateLimit"] == {
            "cost": 2, "nodeCount": 100 + 100 * 60 + 100 * 100, "remaining": 4_998, "used": 2,
            "limit": 5_000,
        }  # fmt: skip
        assert client.ask(query % 101)["errors"][0]["type"] == "EXCESSIVE_PAGINATION"
        missing = client.ask(query.replace("issues(first: %s)", "issues"))
        assert missing["errors"][0]["type"] == "MISSING_PAGINATION_BOUNDARIES"
        assert github.requests.points()["graphql"] == 5
        assert "data" not in client.ask("{ repository }")


def test_too_many_huge_repositories_at_once_run_out_of_time(world: World) -> None:
    """A batch that goes through the files of more than are allowed is a 502; one is answered."""
    huge = one(world, huge=True)
    limits = Limits(huge_in_a_batch=0)
    known = f'repository(owner: "{huge.owner}", name: "{huge.name}")'
    files = known + ' { object(expression: "HEAD:") { oid } }'
    with asked(world) as (_, client):
        assert client.ask(f"{{ a: {files} }}")["data"]["a"]["object"]["oid"]
    with asked(world, limits=limits) as (_, client):
        assert client.ask(f"{{ a: {known} {{ id }} }}")["data"]["a"] == {"id": huge.node_id}
        answer = client.http.post("/graphql", json={"query": f"{{ a: {files} }}"})
        assert answer.status_code == 502


def test_a_batch_is_answered_quickly() -> None:
    """Twenty-five repositories with their trees take well under a tenth of a second."""
    world = make_world(3, 60, frameworks=(), n_issues=0)
    some = [each for each in world.repositories.values() if not (each.huge or each.is_gone)][:25]
    parts = " ".join(
        f'r{n}: repository(owner: "{each.owner}", name: "{each.name}") {{ ...F }}'
        for n, each in enumerate(some)
    )
    query = f"""{{ {parts} }} fragment F on Repository {{ id name description stargazerCount
      repositoryTopics(first: 20) {{ nodes {{ topic {{ name }} }} }}
      object(expression: "HEAD:") {{ ... on Tree {{ entries {{ name type mode oid }} }} }} }}"""
    with asked(world) as (_, client):
        client.ask(query)
        times = []
        for _ in range(3):
            started = time.perf_counter()
            client.ask(query)
            times.append(time.perf_counter() - started)
        assert min(times) < 0.2


def test_who_may_ask(world: World) -> None:
    """Tokens are known, expired or lack a permission; a user agent and a known version are due."""
    path = "/repos/mlflow/mlflow"
    with asked(world, None, expired=["old"], lacking=["poor"]) as (github, client):
        assert client.get(path).headers["x-ratelimit-limit"] == "60"
        assert (
            client.http.post("/graphql", json={"query": "{ rateLimit { cost } }"}).status_code
            == 401
        )
        for token, status in (("old", 401), ("unknown", 401), ("poor", 403), (TOKEN, 200)):
            answer = client.get(path, {"Authorization": f"Bearer {token}"})
            assert answer.status_code == status
        assert client.get(path, {"User-Agent": ""}).status_code == 403
        assert client.get(path, {"X-GitHub-Api-Version": "1999-01-01"}).status_code == 400
        assert client.get(path, {"X-GitHub-Api-Version": "2026-03-10"}).status_code == 200
        assert github.violations == []


def test_what_has_not_changed_is_free(world: World) -> None:
    """A 304 is free for who has a token; the ETag is good for that token only."""
    path = "/repos/mlflow/mlflow/labels"
    with asked(world, tokens=(TOKEN, "other")) as (github, client):
        first = client.get(path)
        again = client.get(path, {"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304 and again.content == b""
        assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"] == "1"
        other = {"If-None-Match": first.headers["etag"], "Authorization": "Bearer other"}
        assert client.get(path, other).status_code == 200
        nobody = Client(github, None)
        etag = nobody.get(path).headers["etag"]
        known = nobody.get(path, {"If-None-Match": etag})
        assert known.status_code == 304 and known.headers["x-ratelimit-used"] == "2"
        nobody.http.close()


def test_the_limit_of_an_hour(world: World) -> None:
    """Who goes on beyond it is refused and noted; at the reset the budget is full again."""
    clock = FakeClock(world.now + 0.4)
    with asked(world, clock=clock, limits=Limits(core=3)) as (github, client):
        for left in (2, 1, 0):
            answer = client.get("/repos/mlflow/mlflow")
            assert answer.headers["x-ratelimit-remaining"] == str(left)
        refused = [client.get("/repos/mlflow/mlflow") for _ in range(2)]
        assert [each.status_code for each in refused] == [403, 429]
        assert refused[0].headers["x-ratelimit-remaining"] == "0"
        assert [each.what for each in github.violations] == ["primary", "primary"]
        assert len(github.hasty) == 2
        assert client.get("/rate_limit").json()["rate"]["remaining"] == 0
        clock.sleep(float(answer.headers["x-ratelimit-reset"]) - clock.now())
        assert client.get("/repos/mlflow/mlflow").headers["x-ratelimit-remaining"] == "2"
        assert len(github.violations) == 2


def test_the_limits_of_search_and_graphql_are_counted_apart(world: World) -> None:
    """Each has its budget, and GraphQL may say with 200 that it is used up."""
    with asked(world, limits=Limits(search=1, graphql=2)) as (github, client):
        assert client.get("/search/repositories", q="topic:mlops").status_code == 200
        assert client.get("/search/repositories", q="topic:mlops").status_code == 403
        assert client.get("/repos/mlflow/mlflow").status_code == 200
        answers = [
            client.http.post("/graphql", json={"query": "{ rateLimit { remaining } }"})
            for _ in range(4)
        ]
        assert [each.status_code for each in answers] == [200, 200, 429, 200]
        assert answers[0].json()["data"]["rateLimit"]["remaining"] == 1
        assert answers[3].json()["errors"][0]["type"] == "RATE_LIMITED"
        assert github.requests.by_resource() == {"search": 2, "core": 1, "graphql": 4}


def test_the_limit_of_requests_at_the_same_time(world: World) -> None:
    """One that comes while as many as allowed are under way is refused."""
    clock = ScaledClock(1.0, world.now)
    with asked(world, clock=clock, limits=Limits(concurrent=1), latency_s=0.4) as (github, _):
        clients = [Client(github) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            codes = pool.map(lambda each: each.get("/repos/mlflow/mlflow").status_code, clients)
        assert sorted(codes) == [200, 403]
        assert [each.what for each in github.violations] == ["secondary"]
        for each in clients:
            each.http.close()


def test_the_limit_of_a_minute(world: World) -> None:
    """Too many points in 60 s are refused, whatever is left of the hour."""
    clock = FakeClock(world.now)
    with asked(world, clock=clock, limits=Limits(rest_a_minute=3)) as (github, client):
        codes = [client.get("/repos/mlflow/mlflow") for _ in range(4)]
        assert [each.status_code for each in codes] == [200, 200, 200, 403]
        assert codes[-1].headers["retry-after"] == "60"
        assert codes[-1].headers["x-ratelimit-remaining"] != "0"
        assert [each.what for each in github.violations] == ["secondary"]
        clock.sleep(60)
        assert client.get("/repos/mlflow/mlflow").status_code == 200
        assert len(github.violations) == 1 and github.hasty == []


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("primary_403", 403),
        ("primary_429", 429),
        ("secondary_403", 403),
        ("secondary_403_message", 403),
        ("secondary_429", 429),
        ("502", 502),
        ("503", 503),
        ("504", 504),
    ],
)
def test_a_refusal_by_plan(world: World, kind: Any, status: int) -> None:
    """It comes as planned, as often as planned, and is no violation."""
    faults = Faults(Fault(kind, resource="core"), in_a_row=2)
    with asked(world, faults=faults) as (github, client):
        answers = [client.get("/repos/mlflow/mlflow") for _ in range(4)]
        assert [each.status_code for each in answers] == [status, status, 200, status]
        assert (answers[0].headers["x-ratelimit-remaining"] == "0") == kind.startswith("primary")
        waits = "retry-after" in answers[0].headers
        assert waits == (kind in ("secondary_403", "secondary_429"))
        assert client.get("/search/repositories", q="topic:mlops").status_code == 200
        assert github.violations == []
        assert [each.fault for each in github.requests] == [kind, kind, None, kind, None]
        assert github.requests.repeated() == {}
        early = {"primary": 3, "secondary": 4}.get(kind.split("_")[0], 0)
        assert len(github.hasty) == (0 if kind == "secondary_403_message" else early)


def test_a_graphql_refusal_by_plan(world: World) -> None:
    """Limits come with 200 and errors; a batch that is too much comes in part."""
    kinds = ("graphql_primary", "graphql_secondary", "resource_limits")
    faults = Faults(*[Fault(kind, nth={n}) for n, kind in enumerate(kinds, 1)], in_a_row=9)
    mlflow = 'repository(owner: "mlflow", name: "mlflow") { name }'
    query = f"{{ a: {mlflow} b: {mlflow} rateLimit {{ cost }} }}"
    with asked(world, faults=faults) as (github, client):
        first, second, third, last = [client.ask(query) for _ in range(4)]
        assert first["errors"][0]["type"] == "RATE_LIMITED" and "data" not in first
        assert "secondary rate limit" in second["errors"][0]["message"]
        assert third["data"] == {"a": {"name": "mlflow"}, "b": None, "rateLimit": {"cost": 1}}
        assert third["errors"][0]["type"] == "RESOURCE_LIMITS_EXCEEDED"
        assert third["errors"][0]["path"] == ["b"]
        assert "errors" not in last and github.violations == []


def test_a_list_that_is_too_much_comes_in_part(world: World) -> None:
    """Of the nodes by their global names, the latter half is missing."""
    ids = [one(world, is_archived=state).node_id for state in (True, False)]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } rateLimit { cost } }"
    with asked(world, faults=Faults(Fault("resource_limits", nth={1}))) as (_, client):
        answer = client.ask(query, ids=ids)
        assert answer["data"]["nodes"] == [{"id": ids[0]}, None]
        assert [error["path"] for error in answer["errors"]] == [["nodes", 1]]
        assert client.ask(query, ids=ids)["data"]["nodes"] == [{"id": each} for each in ids]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("timeout", httpx.ReadTimeout),
        ("dropped", httpx.RemoteProtocolError),
        ("dropped_midway", httpx.TransportError),
        ("cut_short", httpx.RemoteProtocolError),
    ],
)
def test_an_answer_that_does_not_arrive(world: World, kind: Any, error: type[Exception]) -> None:
    """The client sees it, and gets through at the next attempt."""
    faults = Faults(Fault(kind, nth={1}), hold_s=0.3)
    with asked(world, faults=faults) as (github, client):
        client.http.timeout = httpx.Timeout(0.1 if kind == "timeout" else 5)
        with pytest.raises(error):
            client.get("/repos/mlflow/mlflow")
        client.http.timeout = httpx.Timeout(5)
        assert client.get("/repos/mlflow/mlflow").status_code == 200
        assert [each.status for each in github.requests] == [0, 200]
        assert github.requests.repeated() == {}


def test_answers_that_are_wrong(world: World) -> None:
    """JSON breaks off, totals change, results are incomplete, rows come twice, others never."""
    kinds = ("broken_json", "other_total", "incomplete", "duplicate")
    faults = Faults(*[Fault(kind, nth={n}) for n, kind in enumerate(kinds, 1)], in_a_row=9)
    with asked(world, faults=faults) as (_, client):
        asks = [
            client.get("/search/repositories", q="topic:mlops", per_page=5, page=2)
            for _ in range(5)
        ]
        with pytest.raises(ValueError):
            asks[0].json()
        total, incomplete, shifted, right = [each.json() for each in asks[1:]]
        assert total["total_count"] == right["total_count"] + 3
        assert incomplete["incomplete_results"] and not right["incomplete_results"]
        first = client.get("/search/repositories", q="topic:mlops", per_page=5).json()
        ids = [row["id"] for row in shifted["items"]]
        assert ids[0] == first["items"][-1]["id"]
        assert ids[1:] == [row["id"] for row in right["items"][:-1]]


def test_faults_by_chance_are_the_same_for_a_seed(world: World) -> None:
    """About as many as the rate says, chosen by the seed alone, or by a test of the request."""

    def statuses(seed: int) -> list[int]:
        faults = Faults(
            Fault("502", rate=0.3, when=lambda asked: "page" in dict(asked.params)), seed=seed
        )
        with asked(world, faults=faults) as (_, client):
            client.get("/repos/mlflow/mlflow/labels")
            return [
                client.get("/repos/mlflow/mlflow/labels", page=n).status_code for n in range(60)
            ]

    first = statuses(1)
    assert first == statuses(1) != statuses(2)
    assert 6 <= first.count(502) <= 30


def test_a_clock_that_is_ahead(world: World) -> None:
    """Date and resets are by the server's clock."""
    with asked(world, faults=Faults(skew_s=7_200)) as (_, client):
        answer = client.get("/repos/mlflow/mlflow")
        assert int(answer.headers["x-ratelimit-reset"]) == world.now + 7_200 + 3_600
        assert answer.headers["date"] == "Wed, 25 Nov 2026 02:00:00 GMT"


def test_clocks() -> None:
    """A fake clock moves when somebody sleeps; scaled ones agree, and answers take their time."""
    clock = ScaledClock(1_000.0, 50.0)
    other = ScaledClock(clock.factor, clock.start_s, clock.epoch_s)
    clock.sleep(20.0)
    assert 70.0 <= clock.now() <= other.now() + 1.0
    world = make_world(1, 2, frameworks=("mlflow/mlflow",), n_issues=1)
    fake = FakeClock(world.now)
    with asked(world, clock=fake, latency_s=0.5) as (_, client):
        client.get("/rate_limit")
        client.get("/repos/mlflow/mlflow")
        assert fake.now() == world.now + 1.0


def test_a_month_later_is_what_is_reported(world: World) -> None:
    """What the report names is changed as it says, and the past of everything else is as it was."""
    few = {"deleted": 4, "renamed": 3, "untagged": 3, "new": 5, "new_issues": 20, "edited": 6}
    few |= {"closed": 6, "relabelled": 4, "deleted_issues": 3, "transferred": 2}
    later, changes = a_month_later(world, 9, changed=0.3, **few)
    before, after = world.repositories, later.repositories
    new = set(after) - set(before)
    assert new == set(changes.new) and all(after[key].created_at > world.now for key in new)
    assert len(changes.deleted) == 4 and all(after[key].is_gone for key in changes.deleted)
    for key, (old, name) in changes.renamed.items():
        assert later.find(old) is later.find(name) is after[key]
    assert len({name.split("/")[0] == "new-owner" for _, name in changes.renamed.values()}) == 2
    left = {key for topic in (TOPIC, "machine-learning-operations") for key in later.found(topic)}
    assert not left & {*changes.deleted, *changes.untagged}
    for key in changes.pushed:
        readmes = readme_at(before[key], later.now), readme_at(after[key], later.now)
        assert readmes[0] != readmes[1]
    for each in before.values():
        now = after[each.database_id]
        assert readme_at(now, world.now) == readme_at(each, world.now)
        assert stars_at(now, world.now - DAY_S) == stars_at(each, world.now - DAY_S)
        assert releases_at(now, world.now) == releases_at(each, world.now)
        assert existed_at(now, world.now) == existed_at(each, world.now)
    old = {(k, i.number): i for k, each in before.items() for i in each.issues}
    now = {(k, i.number): i for k, each in after.items() if k in before for i in each.issues}
    assert set(now) - set(old) == {*changes.new_issues, *changes.transferred.values()}
    assert set(old) - set(now) == {*changes.deleted_issues, *changes.transferred}
    differ = {place for place in set(old) & set(now) if old[place] != now[place]}
    assert differ == {*changes.edited, *changes.closed, *changes.relabelled}
    assert a_month_later(world, 9, changed=0.3, **few) == (later, changes)
    with pytest.raises(ValueError, match="only"):
        a_month_later(world, 9, deleted=10_000)


def test_the_world_may_be_replaced_while_it_is_served(world: World) -> None:
    """The same server answers for the later world, whose ETags are others."""
    later, changes = a_month_later(world, 1, changed=0.3, deleted=2, renamed=1, new=1)
    (old, name), *_ = changes.renamed.values()
    with asked(world) as (github, client):
        assert client.get(f"/repos/{old}").json()["full_name"] == old
        github.world = later
        assert client.get(f"/repos/{old}").status_code == 301
        assert client.get(f"/repos/{name}").json()["full_name"] == name
