"""What each source of dependents gives, with its faults: what is missing is said, and no zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configs import package_path
from configs.framework import read_frameworks
from mining.dependents.code_search import CodePart
from mining.dependents.pages import read_dependents_page
from mining.dependents.queries import code_queries
from tests.dependent_worlds import (
    CODE,
    ECOSYSTEMS,
    FLOW,
    PAGE,
    flow_called,
    flow_hunt,
    flow_world,
    on_page,
    only,
    projects_by,
    source_rows,
)
from tests.github import (
    CodeFile,
    Dependent,
    DependentWorld,
    Fault,
    Faults,
)
from tests.github.log import Asked
from tests.github.replies import Reply

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


@pytest.mark.parametrize(
    "words",
    ["You have exceeded a secondary rate limit.", "Dependents are currently unavailable."],
)
def test_a_page_that_only_apologises_is_asked_for_later(tmp_path: Path, words: str) -> None:
    """Its status is 200 all the same: it is waited, and nothing of it is a zero."""
    world = flow_world()
    world = replace(world, packages={**world.packages, "acme/other": ("flow",)})
    with flow_hunt(world, tmp_path) as hunt:
        hunt.github.spoil = on_page(lambda text: f"<div class=blankslate>{words}</div>", nth=2)
        start_s = hunt.clock.now()
        found = hunt.find(PAGE)
        assert hunt.clock.now() > start_s
        hunt.github.spoil = on_page(lambda text: f"<div class=blankslate>{words}</div>")
        other = hunt.find(PAGE, flow_called("other", "acme/other"))
    assert source_rows(found)["dependents-page"]["status"] == "complete"
    assert source_rows(other)["dependents-page"]["status"] == "unknown"
    assert not other.is_finished


def test_a_source_that_stops_answering_is_left_for_later(tmp_path: Path) -> None:
    """The others are asked, what there is is written; the same command asks for the rest."""
    faults = Faults(Fault("secondary_429", resource="pages", nth=range(3, 99)), in_a_row=99)
    second = flow_called("second", "acme/second")
    world = flow_world()
    world = replace(world, packages={**world.packages, "acme/second": ("flow",)})
    with flow_hunt(world, tmp_path, faults=faults) as hunt:
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
    other = flow_called("another", "acme/other")
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
        assert len(hunt.heard.said) == 1  # that there will be waits, once
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
