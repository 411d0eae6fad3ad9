"""Dependents from five sources: each claim kept, gaps told, nothing asked for twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artifacts.errors import ArtifactError, BusyError, InputError
from artifacts.tables import write_table
from configs import package_path
from configs.framework import read_frameworks
from mining.dependents.claims import CLAIMS_FILE, read_claims
from mining.dependents.code_search import CodePart
from mining.dependents.find import DependentSources
from mining.dependents.hosts import hosts_from
from mining.dependents.pages import read_dependents_page
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
    EVERY_SOURCE,
    FLOW,
    flow_hunt,
    flow_world,
    hosts_at,
    projects_by,
    source_rows,
)
from tests.github import (
    NOW,
    TOKEN,
    CodeFile,
    Dependent,
    DependentWorld,
    FakeClock,
    Fault,
    Faults,
    ScaledClock,
    World,
    serve,
)
from tests.github.log import Asked
from tests.github.replies import Reply
from tests.mining_processes import kill_again_and_again, miners, stored_twice
from tests.writers import held

PAGE = DependentSources(dependents_page=True)
ECOSYSTEMS = DependentSources(ecosystems=True)
CODE = DependentSources(code_search=True)
Spoil = Callable[[Asked, Reply], Reply]


def only(world: DependentWorld, *dependents: Dependent) -> DependentWorld:
    """Return a world with these dependents alone."""
    return replace(world, dependents=dependents)


def on_page(text: Callable[[str], str], nth: int | None = None) -> Spoil:
    """Return what changes the text of pages of dependents, of all or of the ``nth``."""

    def spoil(asked: Asked, answer: Reply) -> Reply:
        if asked.resource != "pages" or nth not in (None, asked.nth):
            return answer
        return replace(answer, body=text(answer.body.decode()).encode())

    return spoil


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
    other = FLOW.model_copy(
        update={
            "framework": FLOW.framework.model_copy(
                update={"name": "other", "repository": "acme/other"}
            )
        }
    )
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
    """Killed at random moments, then left alone, finding gives the same; nothing is asked twice."""
    world = flow_world()
    with flow_hunt(world, tmp_path / "quiet") as hunt:
        quiet = hunt.find()
    clock = ScaledClock(1_500.0, NOW)
    with (
        serve(World(NOW, {}), clock=clock, latency_s=30.0) as github,
        miners(tmp_path / "killed", github, clock, (), of_dependents=True) as found,
    ):
        github.dependents = world
        n_hit, code = kill_again_and_again(found, 6, longest_s=0.15, seed=0)
        assert code == 0
        assert n_hit > 3
        assert github.violations == []
    assert stored_twice(tmp_path / "killed" / "raw" / "dependents") == 0
    killed = read_claims(tmp_path / "killed" / "dependents")
    assert killed.manifest.content_hash == quiet.manifest.content_hash


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


# The page of dependents


def test_a_chain_that_ends_early_is_partial(tmp_path: Path) -> None:
    """What of the headline was got is said."""
    world = replace(flow_world(300), most_pages=2)
    with flow_hunt(world, tmp_path) as hunt:
        row = source_rows(hunt.find(PAGE))["dependents-page"]
    assert (row["status"], row["found"], row["headline"]) == ("partial", 90, 150)
    assert "flow: 60 of 150; the chain of pages ends after 2" in row["reason"]
    assert "flow-lite: 60 of 75" in row["reason"]


def test_packages_that_the_framework_does_not_name_are_left_out(tmp_path: Path) -> None:
    """Of a repository's packages those count that the framework's file names, else all."""
    other = Dependent("a/other", 1, on_page=("@acme/flow",))
    own = Dependent("a/own", 2, on_page=("flow-lite",))
    world = only(flow_world(), other, own)
    with flow_hunt(world, tmp_path) as hunt:
        assert projects_by(hunt.find(PAGE), "dependents-page") == ["a/own"]
        unnamed = FLOW.model_copy(update={"distributions": ("flow-core",)})
        assert projects_by(hunt.find(PAGE, unnamed), "dependents-page") == ["a/other", "a/own"]


def test_an_empty_page_is_asked_for_again(tmp_path: Path) -> None:
    """Now and then a page comes empty though there is one; that ends no chain."""
    with flow_hunt(flow_world(), tmp_path) as hunt:
        hunt.github.spoil = on_page(lambda text: "", nth=3)
        row = source_rows(hunt.find(PAGE))["dependents-page"]
    assert (row["status"], row["found"]) == ("complete", 35)


def test_a_page_that_stays_empty_is_told(tmp_path: Path) -> None:
    """What came before it is kept, and that is partial; with nothing before it, unknown."""
    with flow_hunt(flow_world(300), tmp_path) as hunt:
        late = on_page(lambda text: "")
        hunt.github.spoil = lambda asked, answer: late(asked, answer) if asked.nth > 4 else answer
        row = source_rows(hunt.find(PAGE))["dependents-page"]
        assert row["status"] == "partial"
        assert row["found"] == 90
        assert "a page was empty 3 times" in row["reason"]
    with flow_hunt(flow_world(), tmp_path / "2") as hunt:
        hunt.github.spoil = late
        row = source_rows(hunt.find(PAGE))["dependents-page"]
        assert (row["status"], row["found"], row["headline"]) == ("unknown", 0, None)


def test_no_dependents_are_a_zero(tmp_path: Path) -> None:
    """A page that says so is complete."""
    with flow_hunt(only(flow_world()), tmp_path) as hunt:
        row = source_rows(hunt.find(PAGE))["dependents-page"]
    assert (row["status"], row["found"], row["headline"]) == ("complete", 0, 0)


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({'data-test-id="dg-repo-pkg-dependent"': ""}, "complete", None),
        ({'data-hovercard-type="repository"': ""}, "complete", None),
        ({"octicon-star": "icon-9", "Box-row": "row"}, "complete", None),
        ({"Repositor": "Depositor"}, "partial", "does not say how many"),
        ({"dg-repo-pkg": "pkg", "Box-row": "row"}, "unknown", "its markup has changed"),
        ({"<div": "<!-- "}, "unknown", "not understood"),
    ],
)
def test_changed_markup_is_no_zero(
    tmp_path: Path, changes: dict[str, str], status: str, said: str | None
) -> None:
    """Small changes are read nevertheless; what is not understood is unknown, and said."""

    def changed(text: str) -> str:
        for before, after in changes.items():
            text = text.replace(before, after)
        return text

    with flow_hunt(flow_world(40), tmp_path) as hunt:
        hunt.github.spoil = on_page(changed)
        row = source_rows(hunt.find(PAGE))["dependents-page"]
    assert row["status"] == status
    assert (row["found"] > 0) == (status != "unknown")
    assert said is None or said in row["reason"]


def test_hidden_rows_and_renamed_repositories(tmp_path: Path) -> None:
    """A row that names nobody is counted, and a repository that moved is followed on its host."""
    hidden = Dependent("a/gone", 1, on_page=("flow",), is_hidden=True)
    shown = Dependent("a/shown", 2, stars=1_234, on_page=("flow",))
    world = replace(only(flow_world(), hidden, shown), packages={"new/flow": ("flow",)})
    with flow_hunt(replace(world, renamed={"acme/flow": "new/flow"}), tmp_path) as hunt:
        found = hunt.find(PAGE)
    row = source_rows(found)["dependents-page"]
    assert (row["status"], row["found"], row["headline"]) == ("partial", 1, 2)
    assert "1 rows name no repository" in row["reason"]
    assert found.candidates["stars"].to_pylist() == [1_234]


def test_a_limit_of_the_pages_is_waited_for(tmp_path: Path) -> None:
    """429 with a time is obeyed, and nobody asks too early."""
    faults = Faults(Fault("secondary_429", resource="pages", nth=(2, 3), wait_s=90))
    with flow_hunt(flow_world(), tmp_path, faults=faults) as hunt:
        found = hunt.find(PAGE)
        assert hunt.github.hasty == []
        assert any("waiting 2 min" in said for said in hunt.heard.said)
    assert source_rows(found)["dependents-page"]["found"] == 35


def test_a_source_that_stops_answering_is_left_for_later(tmp_path: Path) -> None:
    """The others are asked, what there is is written; the same command asks for the rest."""
    faults = Faults(Fault("secondary_429", resource="pages", nth=range(3, 99)), in_a_row=99)
    second = FLOW.model_copy(
        update={"framework": FLOW.framework.model_copy(update={"name": "second"})}
    )
    with flow_hunt(flow_world(), tmp_path, faults=faults) as hunt:
        sources = replace(PAGE, ecosystems=True)
        found = hunt.find(sources, FLOW, second)
        rows = {(r["source"], r["framework"]): r for r in found.sources.to_pylist()}
        page = rows["dependents-page", "flow"]
        assert (page["status"], page["found"]) == ("partial", 30)
        assert "go slower" in page["reason"]
        assert rows["dependents-page", "second"]["reason"].startswith("not asked: ")
        assert rows["ecosystems", "second"]["status"] == "complete"
        assert found.manifest.facts["unfinished"] == ["dependents-page"]
        hunt.github.faults.faults = ()
        again = hunt.find(sources, FLOW, second)
        assert again.is_finished
        assert {row["status"] for row in again.sources.to_pylist()} == {"complete"}
        assert hunt.github.requests.repeated() == {}


def test_a_page_that_fails_is_no_reason_to_ask_for_no_other(tmp_path: Path) -> None:
    """A server's error on one framework's page is told; the others' pages are asked for."""
    other = FLOW.model_copy(
        update={
            "framework": FLOW.framework.model_copy(
                update={"name": "another", "repository": "acme/other"}
            )
        }
    )
    faults = Faults(Fault("502", resource="pages", when=lambda a: "/other/" in a.path), in_a_row=99)
    with flow_hunt(flow_world(), tmp_path, faults=faults) as hunt:
        found = hunt.find(PAGE, other, FLOW)
    rows = {row["framework"]: row for row in found.sources.to_pylist()}
    assert rows["flow"]["status"] == "complete"
    assert rows["another"]["reason"] == "github.com has trouble: status 502"
    assert found.manifest.facts["unfinished"] == ["dependents-page"]


@given(st.text(max_size=300) | st.sampled_from(["<a href='//[' data-test-id>", "\x00", "<a href>"]))
def test_any_text_can_be_a_page(text: str) -> None:
    """Nothing makes the reader fail, and what shows nothing is not understood as a zero."""
    page = read_dependents_page(f"<div id=dependents><div class=Box-row>{text}</div></div>")
    assert page.headline != 0
    assert not page.says_none


# ecosyste.ms


def test_ecosystems_is_read_to_its_end_and_names_files(tmp_path: Path) -> None:
    """However many rows a page has; packages on the index name the repositories they are of."""
    with flow_hunt(flow_world(900), tmp_path) as hunt:
        found = hunt.find(ECOSYSTEMS)
    row = source_rows(found)["ecosystems"]
    assert (row["status"], row["found"], row["headline"]) == ("complete", 300, 300)
    only_packaged = Dependent("a/lib", 7, at_ecosystems=("flow-lite",), publishes="lib")
    with flow_hunt(only(flow_world(), only_packaged), tmp_path / "2") as hunt:
        found = hunt.find(ECOSYSTEMS)
    assert found.claims["evidence"].to_pylist() == ["requirements.txt"]


def test_fewer_than_ecosystems_counted_is_partial(tmp_path: Path) -> None:
    """Its counts and its lists do not agree: both are told; a count that it lacks is unknown."""
    world = replace(flow_world(), counted={"flow": 500, "flow-lite": None})
    with flow_hunt(world, tmp_path) as hunt:
        row = source_rows(hunt.find(ECOSYSTEMS))["ecosystems"]
    assert (row["status"], row["found"], row["headline"]) == ("partial", 24, 500)
    assert row["reason"] == "flow: 24 of 500 that it counted"


def test_a_package_that_ecosystems_lacks_is_told(tmp_path: Path) -> None:
    """The other packages are asked for nevertheless."""
    lacking = FLOW.model_copy(update={"distributions": ("nobody-has-it", "flow")})
    with flow_hunt(flow_world(), tmp_path) as hunt:
        row = source_rows(hunt.find(ECOSYSTEMS, lacking))["ecosystems"]
    assert (row["status"], row["found"]) == ("partial", 24)
    assert row["reason"] == "nobody-has-it is unknown there"


def test_broken_answers_of_ecosystems_are_asked_for_again(tmp_path: Path) -> None:
    """Those that break off, and errors of the server, which is waited for."""
    faults = Faults(
        Fault("broken_json", resource="ecosystems", nth=(1, 4)),
        Fault("502", resource="ecosystems", nth=(6,)),
    )
    with flow_hunt(flow_world(), tmp_path, faults=faults) as hunt:
        row = source_rows(hunt.find(ECOSYSTEMS))["ecosystems"]
    assert (row["status"], row["found"]) == ("complete", 24)


def test_a_renamed_dependent_is_one_candidate(tmp_path: Path) -> None:
    """Two names with one number of GitHub's are one repository, by its present name."""
    both = Dependent(
        "new/name",
        5,
        former="old/name",
        at_ecosystems=("flow",),
        files=(CodeFile("a.py", "import flow", 50),),
    )
    with flow_hunt(only(flow_world(), both), tmp_path) as hunt:
        found = hunt.find(replace(ECOSYSTEMS, code_search=True))
    assert sorted(set(found.claims["project"].to_pylist())) == ["new/name", "old/name"]
    assert set(found.claims["repo_key"].to_pylist()) == {"gh:5"}
    assert found.candidates["project"].to_pylist() == ["new/name"]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


FIELDS = ["id", "repository", "manifest", "uuid", "html_url", "previous_names", "description"]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd=ODD, name=st.sampled_from(FIELDS))
def test_odd_rows_of_ecosystems_do_no_harm(tmp_path: Path, odd: object, name: str) -> None:
    """Whatever stands in a field, the other rows are read, and no error reaches anybody."""

    def spoil(asked: Asked, answer: Reply) -> Reply:
        rows = answer.json()
        if not isinstance(rows, list) or not rows:
            return answer
        (rows[0] if name in rows[0] else rows[0].get("repository", {}))[name] = odd
        return answer.with_json(rows)

    one, two = (Dependent(f"a/r{n}", n, at_ecosystems=("flow",)) for n in (1, 2))
    world = only(flow_world(), one, two)
    with TemporaryDirectory(dir=tmp_path) as folder, flow_hunt(world, Path(folder)) as hunt:
        hunt.github.spoil = spoil
        assert "a/r2" in projects_by(hunt.find(ECOSYSTEMS), "ecosystems")


# Code search


def test_queries_follow_from_the_framework_alone() -> None:
    """Imports, declarations, files, and scripts and actions in workflows."""
    queries = code_queries(FLOW)
    assert '"from flow" language:python' in queries
    assert '"import flow" extension:ipynb' in queries
    assert '"flow_lite" filename:pyproject.toml' in queries
    assert "filename:FLproject" in queries
    assert "filename:flow.yml path:conf" in queries
    assert '"acme/flow-action" path:.github/workflows' in queries
    assert len(queries) == len(set(queries))
    assert not any("*" in query for query in queries)
    shipped = read_frameworks(sorted(package_path("frameworks").glob("*.toml")))
    assert all(len(words) < 120 for each in shipped for words in code_queries(each))


def many_files(n: int, size: Callable[[int], int]) -> DependentWorld:
    """Return a world of ``n`` files with the same import, one a repository."""
    dependents = [
        Dependent(f"o/r{i}", i + 1, files=(CodeFile(f"d{i % 3}/f{i}.py", "import flow", size(i)),))
        for i in range(n)
    ]
    return DependentWorld({"acme/flow": ("flow",)}, dependents)


@pytest.mark.parametrize("size", [lambda i: 20 + 7 * i, lambda i: 300, lambda i: 9 * (i % 2)])
def test_more_than_a_thousand_are_parted(tmp_path: Path, size: Callable[[int], int]) -> None:
    """By size, and by folder where files of one size are too many: each is found."""
    with flow_hunt(many_files(2_400, size), tmp_path) as hunt:
        found = hunt.find(CODE)
        assert hunt.github.violations == []
    row = source_rows(found)["code-search"]
    assert (row["status"], row["reason"], row["found"]) == ("complete", None, 2_400)


def test_a_query_is_given_up_at_its_most(tmp_path: Path) -> None:
    """What it found is kept, and how much is missing said."""
    with flow_hunt(many_files(2_400, lambda i: 20 + 7 * i), tmp_path) as hunt:
        row = source_rows(hunt.find(replace(CODE, most_a_query=3)))["code-search"]
    assert row["status"] == "partial"
    assert 0 < row["found"] < 2_400
    assert '"import flow" language:python' in row["reason"]
    assert "of 2,400 files; given up after" in row["reason"]


def test_files_that_cannot_be_parted_are_told(tmp_path: Path) -> None:
    """More than 1,000 of one size in one folder: 1,000 of them, and the number of all."""
    world = many_files(0, int)
    files = [
        Dependent(f"o/r{i}", i + 1, files=(CodeFile("setup.py", "import flow", 9),))
        for i in range(1_200)
    ]
    with flow_hunt(only(world, *files), tmp_path) as hunt:
        row = source_rows(hunt.find(CODE))["code-search"]
    assert (row["status"], row["found"]) == ("partial", 1_000)
    assert "1,000 of 1,200 files; GitHub gave no more" in row["reason"]


def test_a_search_that_did_not_look_everywhere_is_asked_again(tmp_path: Path) -> None:
    """Twice more; if it still did not, that is said."""
    once = Faults(Fault("incomplete", resource="code_search", nth=(1, 2)))
    with flow_hunt(flow_world(), tmp_path, faults=once) as hunt:
        assert source_rows(hunt.find(CODE))["code-search"]["status"] == "complete"
    always = Faults(Fault("incomplete", resource="code_search"), in_a_row=99)
    with flow_hunt(flow_world(), tmp_path / "2", faults=always) as hunt:
        row = source_rows(hunt.find(CODE))["code-search"]
    assert (row["status"], row["found"]) == ("partial", 14)
    assert "did not look everywhere" in row["reason"]


@given(st.data())
def test_two_parts_make_up_a_part(data: st.DataObject) -> None:
    """Every size and folder is in exactly one of them."""
    smallest = data.draw(st.integers(0, 5_000))
    part = CodePart(smallest, data.draw(st.integers(smallest, 400_000)))
    for _ in range(data.draw(st.integers(1, 6))):
        parts = part.parted(["a/x.py", "b/y.py", "a/z.py"])
        if not parts:
            break
        first, second = parts
        if part.smallest < part.largest:
            assert first.smallest == part.smallest
            assert second.largest == part.largest
            assert first.smallest <= first.largest == second.smallest - 1 < second.largest
        else:
            assert first.below == second.not_below[-1]
        part = data.draw(st.sampled_from(parts))


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
