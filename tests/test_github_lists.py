"""What is to be mined: lists of names, labels of frameworks, and how long it takes."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import InputError
from mining.github.job import FrameworkJob, Job, MiningSettings
from mining.github.limits import POINTS_A_MINUTE
from mining.github.named import label_notes, matched, read_names
from mining.github.planning import (
    BUDGETS,
    FACTS_BYTES,
    ISSUE_BYTES,
    README_BYTES,
    SEARCH_BYTES,
    WRITTEN,
    MiningCounts,
    PlannedRequests,
    RequestPlan,
    expected_counts,
    plan,
    weeks_between,
)
from mining.github.requests import Resource


def listed(folder: Path, text: str, name: str = "list.txt") -> list[str]:
    """Return the names in a list of this text."""
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return read_names([path])


def refused(folder: Path, text: str, name: str = "list.txt") -> InputError:
    """Return the error of a list of this text."""
    with pytest.raises(InputError) as caught:
        listed(folder, text, name)
    return caught.value


# Lists of names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("acme/forge\n", ["acme/forge"]),
        ("acme/forge", ["acme/forge"]),
        ("\ufeffacme/forge\r\nacme/kiln\r\n", ["acme/forge", "acme/kiln"]),
        ("  acme/forge  \n\n\t\n", ["acme/forge"]),
        ("# tools\nacme/forge  # the best\n#acme/kiln\n", ["acme/forge"]),
        ("zeta/z\nacme/forge\nmid/m\n", ["acme/forge", "mid/m", "zeta/z"]),
        ("Acme/Forge\nacme/forge\nACME/FORGE\n", ["Acme/Forge"]),
        ("https://github.com/acme/forge\n", ["acme/forge"]),
        ("http://www.github.com/acme/forge/\n", ["acme/forge"]),
        ("github.com/acme/forge.git\n", ["acme/forge"]),
        ("git@github.com:acme/forge.git\n", ["acme/forge"]),
        ("https://api.github.com/repos/acme/forge\n", ["acme/forge"]),
        ("https://github.com/acme/forge/issues/12#comment\n", ["acme/forge"]),
        ("a-b_c/d.e-f_g\n", ["a-b_c/d.e-f_g"]),
    ],
)
def test_a_list_names_a_repository_on_each_line(
    text: str, names: list[str], tmp_path: Path
) -> None:
    """Names and addresses are read, comments and space passed over, each name taken once."""
    assert listed(tmp_path, text) == names


@pytest.mark.parametrize(
    "line",
    [
        "forge",
        "acme/forge,acme/kiln",
        "- acme/forge",
        "acme / forge",
        "https://gitlab.com/acme/forge",
        "https://github.com/acme",
        "acme/..",
        "äcme/forge",
        "topics/a/b",
    ],
)
def test_a_line_that_is_no_name_is_told(line: str, tmp_path: Path) -> None:
    """The error names file and line, and what to write."""
    error = refused(tmp_path, f"acme/forge\n\n{line}\n")
    assert error.where == f"{tmp_path / 'list.txt'}, line 3"
    assert "owner/name" in str(error)


@pytest.mark.parametrize("name", ["list.txt", "list.md"])
@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_a_list_that_names_none_is_told(text: str, name: str, tmp_path: Path) -> None:
    """An empty list is a mistake, not a study of nothing."""
    error = refused(tmp_path, text, name)
    assert error.where == str(tmp_path / name)
    assert "names no repository" in error.what


def test_a_list_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    """A wrong path, a folder and a file of bytes are each an error that names the path."""
    with pytest.raises(InputError, match="no such list"):
        read_names([tmp_path / "gone.txt"])
    with pytest.raises(InputError, match="no such list"):
        read_names([tmp_path])
    (tmp_path / "bytes.txt").write_bytes(b"acme/forge\n\xff\xfe\n")
    with pytest.raises(InputError, match="not in UTF-8") as caught:
        read_names([tmp_path / "bytes.txt"])
    assert caught.value.where == f"{tmp_path / 'bytes.txt'}, line 2"


def test_lists_are_joined(tmp_path: Path) -> None:
    """Several lists make one, in the order of names; no list makes none."""
    (tmp_path / "one.txt").write_text("b/b\na/a\n")
    (tmp_path / "two.MD").write_text("[c](https://github.com/c/c), [B](https://github.com/B/B)\n")
    assert read_names([tmp_path / "one.txt", tmp_path / "two.MD"]) == ["a/a", "b/b", "c/c"]
    assert read_names([]) == []


# Awesome lists


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("- [Forge](https://github.com/acme/forge) - Serves models.", ["acme/forge"]),
        ("* a\n  * b\n    * [Forge](https://github.com/acme/forge)", ["acme/forge"]),
        ("1. **[Forge](https://github.com/acme/forge)**", ["acme/forge"]),
        ("> [Forge](https://github.com/acme/forge)", ["acme/forge"]),
        ("## [Forge](https://github.com/acme/forge)", ["acme/forge"]),
        ("<https://github.com/acme/forge>", ["acme/forge"]),
        ("[Forge][1]\n\n[1]: https://github.com/acme/forge", ["acme/forge"]),
        ("| [a](https://github.com/a/a) | [b](http://github.com/b/b) |\n|-|-|", ["a/a", "b/b"]),
        ("[Forge](https://github.com/acme/forge/tree/main/docs#top)", ["acme/forge"]),
        ("[Forge](https://github.com/acme/forge?tab=readme-ov-file)", ["acme/forge"]),
        ("[Forge](https://GitHub.com/Acme/forge/)", ["Acme/forge"]),
        (
            "[![Stars](https://img.shields.io/github/stars/x/y)](https://github.com/acme/forge)",
            ["acme/forge"],
        ),
        (
            "[a](https://github.com/a/a) [docs](https://a.github.io/a) [b](https://github.com/b/b)",
            ["a/a", "b/b"],
        ),
    ],
)
def test_an_awesome_list_names_what_it_links_to(
    text: str, names: list[str], tmp_path: Path
) -> None:
    """Links are found wherever Markdown has them, and lead to the repository they lie in."""
    assert listed(tmp_path, text, "README.md") == names


@pytest.mark.parametrize(
    "target",
    [
        "https://github.com",
        "https://github.com/acme",
        "https://github.com/topics/mlops",
        "https://github.com/sponsors/acme",
        "https://github.com/orgs/acme/repositories",
        "https://github.com/Marketplace/actions",
        "https://github.com/stars/acme/lists/mlops",
        "https://github.com/search?q=mlops",
        "https://github.com/search/advanced",
        "https://github.com/settings/tokens",
        "https://github.com/user-attachments/assets/1",
        "https://gist.github.com/acme/0123",
        "https://docs.github.com/en/rest",
        "https://raw.githubusercontent.com/acme/forge/main/x.png",
        "https://acme.github.io/forge",
        "https://notgithub.com/acme/forge",
        "https://example.org/github.com/acme/forge",
        "https://gitlab.com/acme/forge",
        "#github.com",
        "mailto:a@github.com",
    ],
)
def test_other_links_are_passed_over(target: str, tmp_path: Path) -> None:
    """Pages of GitHub that are no repositories, and other sites, are not names."""
    text = f"[x]({target}) and [y](https://github.com/acme/forge)"
    assert listed(tmp_path, text, "README.md") == ["acme/forge"]


@pytest.mark.parametrize(
    "text",
    [
        "`[x](https://github.com/a/b)`",
        "```\n[x](https://github.com/a/b)\n```",
        "    [x](https://github.com/a/b)",
        "![x](https://github.com/a/b)",
        "<!-- [x](https://github.com/a/b) -->",
    ],
)
def test_what_is_no_link_is_passed_over(text: str, tmp_path: Path) -> None:
    """Code, images and comments are no links."""
    assert listed(tmp_path, text + "\n\n[y](https://github.com/acme/forge)", "a.markdown") == [
        "acme/forge"
    ]


@given(st.text(max_size=80))
def test_any_markdown_is_read(text: str) -> None:
    """Whatever a page holds, it names repositories or is told to name none."""
    with tempfile.TemporaryDirectory() as folder:
        text += "\n\n[x](https://github.com/acme/forge)\n"
        try:
            names = listed(Path(folder), text, "x.md")
        except InputError as error:
            assert "names no repository" in error.what
        else:
            assert all(name.count("/") == 1 for name in names)


# Labels

BENTOML = ["bug", "enhancement", "new feature", "good-first-issue", "documentation", "question"]
DEEPCHECKS = ["bug", "feature", "kind/feature", "suggestion", "chore", "documentation"]
EVIDENTLY = ["bug", "enhancement", "good first issue", "hacktoberfest", "question"]
KEDRO = [
    "Issue: Bug Report 🐞",
    "Issue: Feature Request",
    "Component: Documentation 📄",
    "Community",
]
METAFLOW = ["bug", "enhancement", "good first issue", "question", "documentation"]
MLFLOW = ["bug", "enhancement", "area/tracking", "integrations/sklearn", "rn/feature", "wontfix"]
PREFECT = ["bug", "enhancement", "feature", "docs", "needs:triage", "ui"]
WANDB = ["ty:bug", "ty:feature", "ty:question", "feature_request", "enhancement", "a:sdk", "stale"]


@pytest.mark.parametrize(
    ("name", "wanted", "there", "notes"),
    [
        (
            "bentoml/BentoML",
            ["enhancement", "new feature", "new-feature"],
            BENTOML,
            ["bentoml/BentoML has no label 'new-feature' today; is 'new feature' meant?"],
        ),
        ("deepchecks/deepchecks", ["feature", "kind/feature", "suggestion"], DEEPCHECKS, []),
        (
            "deepchecks/deepchecks",
            ["feature"],
            DEEPCHECKS,
            [
                "deepchecks/deepchecks: labels like a request that the study does not name: "
                "'kind/feature', 'suggestion'"
            ],
        ),
        ("evidentlyai/evidently", ["enhancement"], EVIDENTLY, []),
        ("kedro-org/kedro", ["Issue: Feature Request"], KEDRO, []),
        ("kedro-org/kedro", ["issue: feature request"], KEDRO, []),
        (
            "kedro-org/kedro",
            ["enhancement"],
            KEDRO,
            [
                "kedro-org/kedro has no label 'enhancement' today",
                "kedro-org/kedro: labels like a request that the study does not name: "
                "'Issue: Feature Request'",
            ],
        ),
        ("Netflix/metaflow", ["Enhancement"], METAFLOW, []),
        (
            "mlflow/mlflow",
            ["enhancement"],
            MLFLOW,
            ["mlflow/mlflow: labels like a request that the study does not name: 'rn/feature'"],
        ),
        ("PrefectHQ/prefect", ["enhancement", "feature"], PREFECT, []),
        (
            "PrefectHQ/prefect",
            ["enhancment"],
            PREFECT,
            [
                "PrefectHQ/prefect has no label 'enhancment' today; is 'enhancement' meant?",
                "PrefectHQ/prefect: labels like a request that the study does not name: "
                "'enhancement', 'feature'",
            ],
        ),
        ("wandb/wandb", ["enhancement", "feature_request", "ty:feature"], WANDB, []),
        (
            "wandb/wandb",
            ["feature_request"],
            WANDB,
            [
                "wandb/wandb: labels like a request that the study does not name: "
                "'enhancement', 'ty:feature'"
            ],
        ),
    ],
)
def test_labels_are_held_against_those_that_there_are(
    name: str, wanted: list[str], there: list[str], notes: list[str]
) -> None:
    """What is missing is told with what may be meant, and what else means a request is named."""
    assert label_notes(name, wanted, there) == notes


@pytest.mark.parametrize(
    ("label", "is_like"),
    [
        ("[FR]", True),
        ("FR", True),
        ("rfe", True),
        ("type: Feature", True),
        ("feature-request", True),
        ("Improvement", True),
        ("proposal", True),
        ("preview feature", True),
        ("bug", False),
        ("from-docs", False),
        ("pull request", False),
        ("pull-request: enhancement", False),
        ("PR: feature", False),
        ("feature review", False),
        ("question about features", False),
    ],
)
def test_only_labels_like_a_request_are_suggested(label: str, is_like: bool) -> None:
    """Labels of pull requests, reviews and questions are not, whatever else they say."""
    assert bool(label_notes("acme/forge", [], [label])) == is_like


def test_no_labels_give_no_notes() -> None:
    """Where nothing is wanted and nothing there, there is nothing to say."""
    assert label_notes("acme/forge", [], []) == []
    assert label_notes("acme/forge", ["bug"], []) == ["acme/forge has no label 'bug' today"]


def test_capitals_make_no_difference_to_a_match() -> None:
    """Labels of an issue are matched as GitHub does, and named as the issue has them."""
    labels = ["Enhancement", "bug", "NEW FEATURE"]
    assert matched(labels, ["enhancement", "New Feature", "x"]) == ["Enhancement", "NEW FEATURE"]
    assert matched(labels, []) == []


@given(st.lists(st.text(max_size=12), max_size=5), st.lists(st.text(max_size=12), max_size=5))
def test_only_what_is_missing_is_said_to_be_missing(wanted: list[str], there: list[str]) -> None:
    """There is a note for each wanted label that is not there, and at most one more."""
    low = {label.lower() for label in there}
    missing = [label for label in wanted if label.lower() not in low]
    notes = label_notes("acme/forge", wanted, there)
    assert sum("has no label" in note for note in notes) >= len(missing)
    assert len(missing) <= len(notes) <= len(missing) + 1


# How long it takes

LABELS = [3, 3, 1, 1, 1, 1, 2, 3]
EIGHT = tuple(
    FrameworkJob(name=f"f{n}", repository=f"acme/f{n}", labels=tuple(f"l{i}" for i in range(k)))
    for n, k in enumerate(LABELS)
)
MANY = MiningCounts({"mlops": 3_000}, repositories=3_000, issues=20_000, source="known")


def job(*, token: bool = True, **more: Any) -> Job:
    """Return a job for a topic and eight frameworks, of which some settings are set."""
    names = MiningSettings.model_fields
    chosen = {name: more.pop(name) for name in list(more) if name in names}
    return Job(
        snapshot="2026-01-01.topics",
        topics=("mlops",),
        frameworks=more.pop("frameworks", EIGHT),
        settings=MiningSettings(**chosen),
        started_at_s=1_700_000_000.0,
        has_token=token,
        paced=True,
        **more,
    )


def totals(made: RequestPlan) -> dict[Resource, tuple[int, int]]:
    """Return requests and points of each resource."""
    resources: tuple[Resource, ...] = ("search", "core", "graphql")
    return {r: (made.total(r).requests, made.total(r).points) for r in resources}


SEARCH = 30 + 2 + 1
"""Pages of 100; a third question for half of the four parts, and the whole."""
NAMED, FACTS, READMES, ISSUES = 2, 3 + 75, 3 + 93, 20_000 // 100 + 8 // 2
"""Batches of 6 and 12; of 5, 10, 20, then 40; of 4, 8, 16, then 32; pages of 100."""
MONTHS = 4 + 149
"""Batches of 2, 4, 8, 16, then 20."""
ASKED = NAMED + FACTS + READMES + ISSUES
POINTS = NAMED + 3 * 3_000 // 25 + READMES + 3 * ISSUES


@pytest.mark.parametrize(
    ("what", "asked", "counts", "requests", "seconds"),
    [
        (
            "with a token",
            job(),
            MANY,
            {
                "search": (SEARCH, SEARCH),
                "core": (0, 0),
                "graphql": (ASKED, POINTS),
            },
            SEARCH + ASKED,
        ),
        (
            "without",
            job(token=False),
            MANY,
            {"search": (SEARCH, SEARCH), "core": (231, 231), "graphql": (0, 0)},
            3 * 60 + 3 * 3_600,
        ),
        (
            "with contributors",
            job(contributors=True),
            MANY,
            {"search": (SEARCH, SEARCH), "core": (3_000, 3_000), "graphql": (ASKED, POINTS)},
            3_000 + ASKED + SEARCH,
        ),
        (
            "without, with contributors",
            job(token=False, contributors=True),
            MANY,
            {"search": (SEARCH, SEARCH), "core": (3_231, 3_231), "graphql": (0, 0)},
            3 * 60 + 53 * 3_600,
        ),
        (
            "with stars, of unknown age",
            job(star_history=True),
            MANY,
            {"search": (SEARCH, SEARCH), "core": (22_300, 22_300), "graphql": (ASKED, POINTS)},
            22_300 + ASKED + SEARCH,
        ),
        (
            "with stars, of known age",
            job(star_history=True),
            MiningCounts({"mlops": 3_000}, 3_000, 20_000, "known", weeks=300_000.0),
            {"search": (SEARCH, SEARCH), "core": (11_500, 11_500), "graphql": (ASKED, POINTS)},
            11_500 + ASKED + SEARCH,
        ),
        (
            "what changed since",
            job(since="2025-12-01.topics"),
            MiningCounts({"mlops": 3_000}, 3_000, 20_000, "known", changed=0.1),
            {
                "search": (10, 10),
                "core": (0, 0),
                "graphql": (1 + 8 + 10 + 24 + 5 + 6, 1 + 36 + 10 + 72 + 90 + 200),
            },
            10 + 54,
        ),
        (
            "with the commits of 24 months, of unknown age",
            job(commit_months=24),
            MANY,
            {
                "search": (SEARCH, SEARCH),
                "core": (0, 0),
                "graphql": (ASKED + 2 * MONTHS, POINTS + 3_000 * (24 + 2) // 100),
            },
            SEARCH + ASKED + 2 * MONTHS,
        ),
        (
            "with the commits of 24 months, of young repositories",
            job(commit_months=24),
            MiningCounts({"mlops": 3_000}, 3_000, 20_000, "known", weeks=3_000 * 50.0),
            {
                "search": (SEARCH, SEARCH),
                "core": (0, 0),
                "graphql": (ASKED + MONTHS, POINTS + 3_000 * (12 + 1) // 100),
            },
            SEARCH + ASKED + MONTHS,
        ),
        (
            "no frameworks",
            job(frameworks=()),
            MiningCounts({"mlops": 3_000}, 3_000, 0, "known"),
            {
                "search": (SEARCH, SEARCH),
                "core": (0, 0),
                "graphql": (FACTS + READMES, 360 + READMES),
            },
            SEARCH + FACTS + READMES,
        ),
        (
            "a list beside",
            job(names=tuple(f"acme/t{n}" for n in range(120)), frameworks=()),
            MiningCounts({"mlops": 3_000}, 3_120, 0, "known"),
            {"search": (SEARCH, SEARCH), "core": (0, 0), "graphql": (5 + 81 + 100, 5 + 375 + 100)},
            SEARCH + 186,
        ),
        (
            "a list beside, without a token",
            job(token=False, names=tuple(f"acme/t{n}" for n in range(120)), frameworks=()),
            MiningCounts({"mlops": 3_000}, 3_120, 0, "known"),
            {"search": (SEARCH, SEARCH), "core": (120, 120), "graphql": (0, 0)},
            3 * 60 + 3_600,
        ),
    ],
)
def test_requests_and_time_follow_from_how_much_there_is(
    what: str,
    asked: Job,
    counts: MiningCounts,
    requests: dict[Resource, tuple[int, int]],
    seconds: float,
) -> None:
    """The figures of a study of 3,000 repositories and 20,000 issues."""
    made = plan(asked, counts)
    assert totals(made) == requests
    assert made.seconds == pytest.approx(seconds)
    assert made.requests == sum(n for n, _ in requests.values())


def test_what_a_study_expects_is_planned_though_nobody_was_asked() -> None:
    """Topics all have a number, or there is no plan; frameworks without one bring no requests."""
    expected = {"mlops": 3_000, "acme/f0": 150, "acme/f7": 50}
    counts = expected_counts(job(expected=expected))
    assert counts is not None
    assert (counts.repositories, counts.issues) == (3_000, 200)
    assert "nobody was asked" in counts.source
    assert expected_counts(job(expected={"acme/f0": 150})) is None
    least = 3_000 * (SEARCH_BYTES + FACTS_BYTES + README_BYTES) + 200 * ISSUE_BYTES
    assert plan(job(expected=expected), counts).n_bytes == WRITTEN * least


def test_what_a_plan_leaves_out_is_named() -> None:
    """Without a token there are no facts and READMEs, and the plan says so."""
    assert plan(job(), MANY).left_out == ()
    (left_out,) = plan(job(token=False), MANY).left_out
    assert "READMEs" in left_out
    assert "token" in left_out


@pytest.mark.parametrize("token", [True, False])
def test_what_is_not_asked_for_is_no_step(token: bool) -> None:
    """A plan of nothing is empty, and one of a little has no step without requests."""
    nothing = MiningCounts({}, repositories=0, issues=0, source="asked")
    made = plan(job(token=token, frameworks=()), nothing)
    assert (made.groups, made.requests, made.seconds) == ((), 0, 0)
    little = MiningCounts({"a": 1, "b": 0}, repositories=1, issues=0, source="asked")
    made = plan(job(token=token, contributors=True), little)
    assert len(made.groups) > 1
    assert all(group.requests > 0 for group in made.groups)


def test_contributors_of_the_past_are_not_asked_for() -> None:
    """Who contributed is only known as of today, so a plan for a past day leaves it out."""
    then = datetime(2024, 1, 1, tzinfo=UTC)
    made = plan(job(contributors=True, as_of=then), MANY)
    assert "contributors" not in [group.what for group in made.groups]


@pytest.mark.parametrize(
    ("resource", "token", "units", "seconds"),
    [
        ("core", True, 0, 0),
        ("core", True, 900, 60),
        ("core", True, 4_500, 300),
        ("core", True, 5_000, 5_000 / 15),
        ("core", True, 5_001, 3_600),
        ("core", True, 10_000, 3_600),
        ("core", True, 10_001, 7_200),
        ("core", False, 60, 4),
        ("core", False, 61, 3_600),
        ("search", True, 30, 2),
        ("search", True, 31, 60),
        ("search", False, 10, 10 / 15),
        ("search", False, 11, 60),
        ("graphql", True, 5_000, 150),
        ("graphql", True, 5_001, 3_600),
        ("graphql", False, 100, 0),
    ],
)
def test_a_budget_is_waited_for_when_it_is_used_up(
    resource: Resource, token: bool, units: int, seconds: float
) -> None:
    """The first budget is there at once, each further one after its period; minutes count too."""
    made = RequestPlan(MANY, (PlannedRequests("x", resource, units, units),), token, ())
    assert made.limit_s(resource) == pytest.approx(seconds)
    others: set[Resource] = {"core", "search", "graphql"}
    assert [made.limit_s(other) for other in others - {resource}] == [0.0, 0.0]


@given(
    st.integers(0, 50_000),
    st.integers(0, 100_000),
    st.booleans(),
    st.booleans(),
    st.floats(0.0, 1.0),
)
def test_more_never_takes_less(
    n: int, n_issues: int, token: bool, layers: bool, changed: float
) -> None:
    """Time grows with what there is, is never below a second a request, nor below the limits."""
    asked = job(token=token, contributors=layers, star_history=layers, since="2025-12-01.topics")
    made = plan(asked, MiningCounts({"a": n}, n, n_issues, "x", changed=changed))
    more = plan(asked, MiningCounts({"a": n + 900}, n + 900, n_issues + 300, "x", changed=changed))
    assert made.requests <= more.requests
    assert 0 <= made.requests <= made.seconds <= more.seconds
    for resource, (units, points) in totals(made).items():
        budget, period_s = BUDGETS[resource, token]
        pool = "graphql" if resource == "graphql" else "rest"
        assert made.seconds >= units / POINTS_A_MINUTE[pool] * 60
        assert not points or budget * (made.seconds / period_s + 1) >= points


def test_weeks_between_two_times() -> None:
    """Weeks are of seven days, and never fewer than none."""
    assert weeks_between(0, 7 * 86_400) == 1.0
    assert weeks_between(7 * 86_400, 0) == 0.0
