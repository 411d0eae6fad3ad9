"""Dependents from five sources: each claim kept, gaps told, nothing asked for twice."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import pytest

from artifacts.errors import ArtifactError, BusyError, InputError
from artifacts.tables import write_table
from mining.dependents.claims import CLAIMS_FILE, read_claims
from mining.dependents.find import DependentSources
from mining.dependents.hosts import hosts_from
from mining.dependents.planning import plan_find
from mining.dependents.queries import code_queries
from mining.dependents.tutorials import looks_like_tutorial, tutorial_reason
from mining.github.errors import BadCredentialsError
from mining.github.http import Client
from mining.github.raw import read_raw
from mining.github.requests import ApiRequest
from mining.snapshots import seal
from mining.sources.tabular import import_repositories
from tests.dependent_worlds import (
    CODE,
    EVERY_SOURCE,
    FLOW,
    PAGE,
    flow_called,
    flow_hunt,
    flow_world,
    hosts_at,
    projects_by,
    source_rows,
)
from tests.github import (
    NOW,
    TOKEN,
    FakeClock,
    Fault,
    Faults,
    ScaledClock,
    World,
    serve,
)
from tests.mining_processes import miners, stored_twice
from tests.writers import held


def test_each_source_keeps_its_own_claims(tmp_path: Path) -> None:
    """A repository that three sources name has three claims, and is one candidate."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        found = hunt.find()
    numbers = {source: len(projects_by(found, source)) for source in source_rows(found)}
    assert numbers == {"dependents-page": 35, "ecosystems": 24, "code-search": 14}
    assert {row["status"] for row in found.sources.to_pylist()} == {"complete"}
    candidates = {row["project"]: row for row in found.candidates.to_pylist()}
    assert len(candidates) == len({n for n in range(70) if not (n % 2 and n % 3 and n % 5)})
    assert candidates["Owner30/uses-flow-30"]["sources"] == list(source_rows(found))
    assert candidates["Owner30/uses-flow-30"]["repo_key"] == "gh:1030"
    evidence = {
        row["source"]: row["evidence"]
        for row in found.claims.to_pylist()
        if row["project"] == "Owner30/uses-flow-30"
    }
    assert evidence == {
        "dependents-page": "network/dependents?package_id=UGFja2FnZS0flow",
        "ecosystems": "requirements.txt",
        "code-search": "src/p30.py",
    }


def test_filters_are_columns(tmp_path: Path) -> None:
    """Few stars and tutorials are told of each candidate; nobody is left out for them."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        rows = {row["project"]: row for row in hunt.find().candidates.to_pylist()}
    assert rows["Owner8/uses-flow-8"]["has_enough_stars"] is False
    assert rows["Owner12/uses-flow-12"]["has_enough_stars"] is True
    assert rows["Owner25/uses-flow-25"]["has_enough_stars"] is None  # code search tells no stars
    assert rows["Owner30/uses-flow-30"]["tutorial"] is True
    assert rows["Owner25/uses-flow-25"]["tutorial"] is False
    assert rows["Owner2/uses-flow-2"]["tutorial"] is None  # the page tells no description


def test_the_token_goes_to_the_api_alone(tmp_path: Path) -> None:
    """GitHub's pages and ecosyste.ms never see it, and no raw answer holds it."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        hunt.find()
        with_token = {asked.path for asked in hunt.github.requests if asked.with_token}
        others = {asked.resource for asked in hunt.github.requests if not asked.with_token}
    assert with_token == {"/search/code"}
    assert others == {"pages", "ecosystems"}
    store = read_raw(tmp_path / "raw" / "dependents")
    assert len(store) == store.n_requests > 0
    for kept in store.latest():
        assert TOKEN not in str(store._read(kept))


def test_without_a_token_code_search_is_unknown(tmp_path: Path) -> None:
    """It is said, the other sources are asked, and with a token the same command goes on."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        hunt.token = None
        found = hunt.find()
        assert source_rows(found)["code-search"]["status"] == "unknown"
        assert "GITHUB_TOKEN" in source_rows(found)["code-search"]["reason"]
        assert not found.is_finished
        hunt.token = TOKEN
        again = hunt.find()
        assert again.is_finished
        assert source_rows(again)["code-search"]["found"] == 14
        assert hunt.github.requests.repeated() == {}


def test_what_was_received_is_not_lost_where_nothing_answers(tmp_path: Path) -> None:
    """Without a token or a network, the tables are of the answers that there are."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        whole = hunt.find()
    hunt.token = None
    (hunt.folder / "manifest.json").unlink()
    again = hunt.find()
    assert again.claims == whole.claims
    assert again.is_finished


def test_what_stops_one_framework_loses_nothing_of_another(tmp_path: Path) -> None:
    """The first framework's page failed and the network is gone: the second's answers are read."""
    faults = Faults(Fault("502", resource="pages", when=lambda a: "/other/" in a.path), in_a_row=99)
    with flow_hunt(flow_world(), tmp_path, faults=faults) as hunt:
        first = hunt.find(PAGE, flow_called("another", "acme/other"), FLOW)
    again = hunt.find(PAGE, flow_called("another", "acme/other"), FLOW)
    assert again.claims == first.claims
    rows = {row["framework"]: row for row in again.sources.to_pylist()}
    assert rows["flow"]["status"] == "complete"
    assert (rows["another"]["status"], rows["another"]["found"]) == ("unknown", 0)
    assert not again.is_finished


def test_a_client_of_another_server_never_has_the_token() -> None:
    """Not even if it is given an account with one."""
    with serve(World(NOW, {}), clock=FakeClock(NOW)) as github:
        github.dependents = flow_world()
        account = hosts_at(github.url, github.clock).account
        for accept in ("text/html", "application/json"):
            with Client(account, accept=accept) as client:
                client.send(ApiRequest("/acme/flow/network/dependents", resource="pages"))
        assert [asked.with_token for asked in github.requests] == [False, False]


def test_a_token_that_is_not_accepted_is_an_error(tmp_path: Path) -> None:
    """It is the user's to mend: the variable is named."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        hunt.token = "another-token"
        with pytest.raises(BadCredentialsError) as error:
            hunt.find(CODE)
    assert error.value.where == "GITHUB_TOKEN"
    assert not (tmp_path / "dependents").exists()


def test_what_is_there_is_not_asked_for_again(tmp_path: Path) -> None:
    """A second run asks nothing; another framework asks for its own alone."""
    other = flow_called("other", "acme/other")
    with flow_hunt(flow_world(), tmp_path) as hunt:
        first = hunt.find(PAGE)
        n = len(hunt.github.requests)
        assert hunt.find(PAGE).manifest == first.manifest
        assert len(hunt.github.requests) == n
        both = hunt.find(PAGE, FLOW, other)
        assert len(hunt.github.requests) == n + 1
        rows = {row["framework"]: row for row in both.sources.to_pylist()}
    assert rows["flow"]["status"] == "complete"
    assert (rows["other"]["status"], rows["other"]["found"]) == ("unknown", 0)
    assert "nothing public" in rows["other"]["reason"]


def test_kills_change_nothing(tmp_path: Path) -> None:
    """Killed in each source, then left alone, finding gives the same; nothing is asked twice."""
    world = flow_world()
    with flow_hunt(world, tmp_path / "quiet") as hunt:
        quiet = hunt.find()
    clock = ScaledClock(1_500.0, NOW)
    with serve(World(NOW, {}), clock=clock, latency_s=30.0) as github:
        found = miners(tmp_path / "killed", github, clock, (), of_dependents=True)
        github.dependents = world
        for n in (1, 3, 6, 9, 14, 20):
            come = partial(lambda n: len(github.requests) >= n, n)
            assert found.run(kill_when=come) == -signal.SIGKILL
        assert found.run() == 0
        assert github.violations == []
    assert stored_twice(tmp_path / "killed" / "raw" / "dependents") == 0
    whole = read_claims(tmp_path / "killed" / "dependents")
    assert whole.manifest.facts["answers_there"] > 10
    assert whole.manifest.content_hash == quiet.manifest.content_hash


def test_two_at_a_time_are_refused(tmp_path: Path) -> None:
    """Who comes second is told, and the tables stay as they are."""
    with flow_hunt(flow_world(), tmp_path) as hunt, held(hunt.folder):
        with pytest.raises(BusyError, match="Another opsatlas"):
            hunt.find(PAGE)
        assert len(hunt.github.requests) == 0


def test_changed_tables_are_refused(tmp_path: Path) -> None:
    """What was written is sealed: a changed file is found out, and finding makes it again."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        found = hunt.find(PAGE)
        n = len(hunt.github.requests)
        write_table(hunt.folder / CLAIMS_FILE, found.claims.slice(1))
        with pytest.raises(ArtifactError, match=CLAIMS_FILE):
            read_claims(hunt.folder)
        assert hunt.find(PAGE).claims == found.claims
        assert len(hunt.github.requests) == n


# Lists and snapshots


def test_lists_of_every_form_are_read(tmp_path: Path) -> None:
    """Names, tables with columns and Markdown; what names no repository is told with its line."""
    (tmp_path / "names.txt").write_text(
        "a/one  # a comment\nhttps://github.com/a/two\nnot a name\n"
    )
    (tmp_path / "table.csv").write_text("repo,framework,stars\na/three,flow,12\na/four,else,3\n")
    (tmp_path / "list.md").write_text("# Tools\n- [Five](https://github.com/a/five) - A tool.\n")
    lists = tuple(tmp_path / name for name in ("names.txt", "table.csv", "list.md"))
    with flow_hunt(flow_world(), tmp_path) as hunt:
        found = hunt.find(DependentSources(lists=lists))
        assert len(hunt.github.requests) == 0
    claims = {row["project"]: row for row in found.claims.to_pylist()}
    assert list(claims) == ["a/five", "a/one", "a/three", "a/two"]
    assert [row["framework"] for row in claims.values()] == [None, None, "flow", None]
    assert claims["a/three"]["stars"] == 12
    row = source_rows(found)["list"]
    assert row["status"] == "partial"
    assert "names.txt, row 3" in row["reason"]


def test_lists_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """By their folders; both are read."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "names.txt").write_text(f"{name}/{name}\n")
    sources = DependentSources(lists=(tmp_path / "a" / "names.txt", tmp_path / "b" / "names.txt"))
    with flow_hunt(flow_world(), tmp_path) as hunt:
        found = hunt.find(sources)
    assert found.claims["evidence"].to_pylist() == ["a/names.txt", "b/names.txt"]
    assert len(found.manifest.inputs) == 2


def test_a_list_that_changed_is_read_again(tmp_path: Path) -> None:
    """The tables are of what the file holds now."""
    names = tmp_path / "names.txt"
    names.write_text("a/one\n")
    with flow_hunt(flow_world(), tmp_path) as hunt:
        sources = DependentSources(lists=(names,))
        assert hunt.find(sources).claims["project"].to_pylist() == ["a/one"]
        names.write_text("a/two\n")
        assert hunt.find(sources).claims["project"].to_pylist() == ["a/two"]


def test_a_snapshot_gives_candidates_for_every_framework(tmp_path: Path) -> None:
    """With its numbers and former names, so that claims under these are of the same repository."""
    rows = '{"full_name": "new/name", "repo_id": 9, "aliases": ["old/name"], "stars": 3}\n'
    (tmp_path / "rows.jsonl").write_text(rows)
    (tmp_path / "names.txt").write_text("Old/Name\n")
    folder = tmp_path / "snapshots" / "2026-11-25.topics"
    import_repositories([tmp_path / "rows.jsonl"], folder)
    sources = DependentSources(lists=(tmp_path / "names.txt",), snapshot=folder)
    with flow_hunt(flow_world(), tmp_path) as hunt:
        with pytest.raises(ArtifactError, match="not sealed"):
            hunt.find(sources)
        seal(folder)
        found = hunt.find(sources)
    assert found.claims["framework"].to_pylist() == [None, None]
    assert found.candidates.to_pylist()[0]["sources"] == ["list", "snapshot"]
    assert found.candidates["project"].to_pylist() == ["new/name"]


def test_nothing_to_ask_is_an_error(tmp_path: Path) -> None:
    """No source, or a list that is not there: told, and nothing is written."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        with pytest.raises(InputError, match="No source"):
            hunt.find(DependentSources())
        with pytest.raises(InputError, match="no such file"):
            hunt.find(DependentSources(lists=(tmp_path / "none.txt",)))
    assert not (tmp_path / "dependents").exists()


# Plans, addresses, tutorials


def test_a_plan_asks_nothing_and_bounds_what_is_asked(tmp_path: Path) -> None:
    """Each source's requests are between the fewest and the most that were planned."""
    plan = plan_find([FLOW], EVERY_SOURCE)
    planned = {each.source: (each.fewest, each.most) for each in plan.sources}
    with flow_hunt(flow_world(), tmp_path) as hunt:
        hunt.find()
        asked = hunt.github.requests.by_resource()
    resources = ("pages", "ecosystems", "code_search")
    for source, resource in zip(planned, resources, strict=True):
        fewest, most = planned[source]
        assert fewest <= asked[resource] <= most
    fewest_min, most_min = plan.minutes
    assert plan.requests[0] >= len(code_queries(FLOW))
    assert 2 <= fewest_min <= most_min
    assert plan_find([FLOW], DependentSources(lists=(tmp_path,))).requests == (0, 0)


def test_hosts_come_from_the_environment() -> None:
    """Each has a variable; what is no address is refused."""
    names = {"GITHUB_SERVER_URL": "web", "ECOSYSTEMS_PACKAGES_URL": "p"}
    hosts = hosts_from({name: f"https://{host}.example/" for name, host in names.items()})
    assert (hosts.web_url, hosts.packages_url) == ("https://web.example", "https://p.example")
    assert hosts.repositories_url == "https://repos.ecosyste.ms"
    with pytest.raises(InputError, match="no address"):
        hosts_from({"ECOSYSTEMS_REPOS_URL": "nowhere"})


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("a/mlflow-tutorial", None, True),
        ("a/MLOpsCourse", None, True),
        ("a/mlops-zoomcamp-2024", "My project", True),
        ("a/flow", "Code for the book Practical MLOps", True),
        ("a/flow", "A simple example of serving", True),
        ("a/flow", "Examples for the workshop", True),
        ("tutorials/flow", "Forecasts of demand", False),
        ("a/scikit-learn-extra", "Estimators for machine learning", False),
        ("a/resampler", "Draws samples from posteriors", False),
        ("a/flow", "Deep learning framework with many examples", False),
        ("a/bookkeeping", "Double entry", False),
        ("a/churn", "A machine learning project that predicts churn", False),
        ("a/flow", None, False),
    ],
)
def test_tutorials_are_told_by_their_words(
    name: str, description: str | None, expected: bool
) -> None:
    """By whole words of the name without its owner, and of the description."""
    assert looks_like_tutorial(name, description) is expected
    assert (tutorial_reason(name, description) is not None) is expected
