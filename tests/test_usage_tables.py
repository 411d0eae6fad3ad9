"""Who uses what of a framework: counted by dependents, told as a share where that may be told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_uses import CODES, COMMIT, as_tables, declared, framework, project, request, study, use
from pydantic import ValidationError

from artifacts.errors import ArtifactError, InputError
from artifacts.intervals import Estimate
from artifacts.progress import SilentProgress
from artifacts.step import Step, make
from artifacts.tables import table_from_rows, write_table
from configs.codebook import Codebook
from insights.usage.build import PROJECTS_FILE, USES_FILE, read_usage, usage_step
from insights.usage.dependents import NOT_TOLD, OUT_OF_THE_BOX
from insights.usage.figures import Figure
from insights.usage.gap import GapRow, Wish
from insights.usage.sampled import SampleOf
from insights.usage.settings import Sample, UsageSettings
from insights.usage.study import Usage, requests_behind, uses_behind
from insights.usage.tables import REQUESTS
from insights.usage.together import Pair
from reports.latex import as_latex
from reports.tables import Table, as_csv, as_json, terminal
from reports.usage.figure_gap import draw_gap
from reports.usage.tables import show_parts, show_values, usage_tables

NOTHING = Estimate(None, None, None, 0, "examples")
SOMETHING = Estimate(0.5, 0.4, 0.6, 10)


def counted(usage: Usage, measure: str, name: str = "alpha") -> dict[str, int | None]:
    """Return the numbers of dependents of one measure, those of channels by both names."""
    return {
        f"{each.name} {each.channel}" if each.channel else each.name: each.n
        for each in usage.figures
        if each.framework == name and each.measure == measure
    }


def test_each_project_has_one_role() -> None:
    """A copy is no user, whatever is in it; what only declares, in a workflow too, is none."""
    uses = [
        use("a/uses"),
        declared("a/uses"),
        declared("a/declares"),
        declared("a/installs", kind="pip-install", channel="workflow"),
        use("a/copy"),
    ]
    projects = [
        *(project(f"a/{name}") for name in ("declares", "installs", "nothing")),
        project("a/uses", tutorial=True),
        project("a/copy", copies=["alpha"]),
        project("a/names", claimed=["alpha"]),
    ]
    found = study(uses, projects).dependents
    assert {each.project: each.role for each in found.dependents} == {
        "a/copy": "copy or fork",
        "a/declares": "declares only",
        "a/installs": "declares only",
        "a/names": "names only",
        "a/uses": "uses",
    }
    counts = found.counts("alpha")
    assert (counts.uses, counts.declares_only, counts.names_only, counts.copy_or_fork) == (
        *(1, 2),
        *(1, 1),
    )
    assert (counts.tutorials, counts.tutorials_unknown) == (1, 0)


def test_what_could_not_be_scanned_is_unknown_and_counted() -> None:
    """By reason, in every sentence about the population; it is in no share."""
    gone = [project(f"b/{n}", status="unknown", reason="deleted") for n in range(2)]
    silent = project("b/huge", status="unknown")
    found = study([use("a/a", feature="tracking")], [project("a/a"), *gone, silent])
    assert (found.dependents.asked, found.dependents.scanned) == (4, 1)
    assert found.dependents.unknown == {"deleted": 2, "no reason is known": 1}
    assert "4 projects asked for, 1 scanned, 3 unknown (2 deleted; 1 no reason is known)" in (
        found.of("alpha").population
    )
    assert found.of("alpha").by("feature")[0].share.n == 1


def test_filters_keep_what_is_known_to_pass() -> None:
    """What it is not known of is left out for that reason, which is another than failing."""
    projects = [
        project("a/kept", stars=10),
        project("a/few", stars=9),
        project("a/unknown", stars=None),
        project("a/course", tutorial=True),
        project("a/perhaps", tutorial=None),
        project("a/fork", fork=True),
    ]
    uses = [use(row["project"]) for row in projects]
    filters: dict[str, Any] = {"min_stars": 10, "without_tutorials": True, "without_forks": True}
    found = study(uses, projects, **filters).dependents
    assert found.left_out == {
        "a fork": 1,
        "a tutorial": 1,
        "fewer than 10 stars": 1,
        "its stars are not known": 1,
        "whether it is a tutorial is not known": 1,
    }
    assert (found.kept, list(found.users["alpha"])) == (1, ["a/kept"])
    assert study(uses, projects).dependents.kept == 6


def test_uses_in_tests_and_in_examples_alone_are_told() -> None:
    """One use elsewhere, and it is no longer in tests only; a declaration is none."""
    uses = [
        use("a/tests", in_test=True),
        declared("a/tests"),
        use("a/both", in_test=True),
        use("a/both"),
        use("a/example", in_example=True),
    ]
    counts = study(uses).dependents.counts("alpha")
    assert (counts.uses, counts.tests_only, counts.examples_only) == (3, 1, 1)


def test_a_dependent_counts_once_for_a_feature() -> None:
    """However often it uses it; through each channel that it does; declared is not used."""
    uses = [
        *(use("a/a", feature="tracking", line=str(n)) for n in range(5)),
        use("a/a", feature="tracking", channel="cli", kind="command"),
        use("a/b", feature="tracking"),
        use("a/b", feature="serving"),
        use("a/c"),
        declared("a/d", feature="serving"),
    ]
    found = study(uses, frameworks=[framework(codes=["tracking", "serving", "pipelines"])])
    features = counted(found, "feature")
    assert (features["tracking"], features["serving"], features["pipelines"]) == (2, 1, 0)
    assert features["ci-cd"] is None
    shares = {each.name: each.share for each in found.of("alpha").by("feature")}
    assert shares["tracking"].value == pytest.approx(2 / 3)
    assert shares["ci-cd"].value is None
    assert shares["ci-cd"].reason == "no symbol or command of this feature is known"
    assert counted(found, "feature by channel") == {
        "tracking api": 2,
        "tracking cli": 1,
        "serving api": 1,
    }


def test_channels_are_told_alone_and_together() -> None:
    """Those that use exactly these; a declaration is no channel of use, and counted apart."""
    uses = [
        use("a/a"),
        declared("a/a"),
        use("a/b"),
        use("a/b", channel="workflow", kind="command"),
        use("a/c", channel="config", kind="env"),
        declared("a/c", channel="workflow", kind="pip-install"),
    ]
    found = study(uses)
    assert counted(found, "channel") == {
        "api": 2,
        "cli": 0,
        "workflow": 1,
        "config": 1,
        "requirement": 2,
    }
    assert counted(found, "channels") == {"api": 1, "api + workflow": 1, "config": 1}


@pytest.mark.parametrize(
    ("more", "ways"),
    [
        ([], {OUT_OF_THE_BOX}),
        ([{}], {OUT_OF_THE_BOX}),
        ([{"kind": "env", "channel": "config"}], {"configures"}),
        ([{"feature": "configuration-and-projects"}], {"configures", "several features"}),
        ([{"feature": "serving"}], {"several features"}),
        ([{"kind": "base", "symbol": "alpha.Plugin"}], {"extends"}),
        ([{"kind": "base", "symbol": "alpha.Flow"}], {OUT_OF_THE_BOX}),
        ([{"feature": "developer-experience"}], {"extends", "several features"}),
    ],
)
def test_out_of_the_box_is_one_feature_unconfigured_and_unextended(
    more: list[dict[str, Any]], ways: set[str]
) -> None:
    """Whatever else is used says why not; the base class of every flow extends nothing."""
    uses = [use("a/a", feature="tracking"), *(use("a/a", **other) for other in more)]
    found = study(uses, frameworks=[framework(flows=["alpha.Flow"])])
    assert {name for name, n in counted(found, "defaults").items() if n} == ways


def test_where_no_feature_is_known_out_of_the_box_is_not_told() -> None:
    """It is counted apart, and in no share."""
    found = study([use("a/a", kind="import"), use("a/b", feature="tracking")]).of("alpha")
    by_way = {each.name: each for each in found.by("defaults")}
    assert (by_way[NOT_TOLD].n, by_way[OUT_OF_THE_BOX].n) == (1, 1)
    assert by_way[OUT_OF_THE_BOX].share.n == 1


def test_a_dependent_may_be_of_several_eras_or_of_none_known() -> None:
    """Each era counts those that use it; frameworks without eras have no such figures."""
    uses = [use("a/a", era="1"), use("a/a", era="2"), use("a/b", era="2"), use("a/c")]
    assert counted(study(uses), "era") == {"1": 1, "2": 2, "several": 1, "not known": 1}
    assert counted(study([use("a/a")]), "era") == {}


@pytest.mark.parametrize(
    ("n_with", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_shares_have_the_intervals_of_wilson(n_with: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, table I: his four examples."""
    found = SampleOf("dependents", "census").share(n_with, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("truth", [0.05, 0.3, 0.5])
def test_intervals_of_shares_hold_the_truth(truth: float) -> None:
    """In about 95 of 100 samples from a population with a planted share."""
    rng = np.random.default_rng(0)
    found = [
        SampleOf("dependents", "random").share(int(k), 80) for k in rng.binomial(80, truth, 600)
    ]
    held = [each.low <= truth <= each.high for each in found if each.low is not None and each.high]
    assert 0.92 <= np.mean(held) <= 0.99


def test_a_feature_that_is_no_code_is_refused() -> None:
    """The message says whose use it is, and what to do."""
    with pytest.raises(InputError, match="'flying'") as refused:
        study([use("a/a", feature="flying")])
    assert refused.value.where == "a/a, alpha"


@pytest.mark.parametrize("names", [["a/a"], ["a/a", "a/b", "a/b"]])
def test_every_project_is_listed_once(names: list[str]) -> None:
    """A use of one that is not, or a second row, would be counted wrongly: it is refused."""
    with pytest.raises(InputError, match="'a/b'"):
        study([use("a/b")], map(project, names))


def everything(sample: Sample, **settings: Any) -> Usage:
    """Return a study with something in every table."""
    uses = [
        row
        for n in range(40)
        for row in (
            use(f"o{n}/a", feature="tracking", era="1"),
            use(f"o{n}/a", "beta", "serving"),
            use(f"p{n}/a", "gamma", "pipelines", channel="workflow", kind="command"),
            use(f"q{n}/a", feature="serving"),
            use(f"r{n}/a", "beta", "serving"),
        )
    ]
    requests = [request(n, feature="pipelines", channel="api") for n in range(40)]
    names = [framework(name) for name in ("alpha", "beta", "gamma")]
    settings = {"found_by": "topic", **settings}
    return study(uses, None, requests, frameworks=names, sample=sample, **settings)


def texts_of(usage: Usage) -> list[str]:
    """Return all that is shown and exported of a study, each in each form."""
    from rich.console import Console

    shown = []
    for part in show_parts(usage.of("alpha")):
        console = Console(width=120)
        with console.capture() as capture:
            console.print(terminal(part) if isinstance(part, Table) else part)
        shown.append(capture.get())
    for table in usage_tables(usage):
        shown += [as_csv(table), as_latex(table), str(as_json(table)), table.caption]
    return shown


def figures_in(value: Any) -> list[Any]:
    """Return whatever is told in JSON-compatible values beyond counts."""
    if isinstance(value, dict):
        told = ("value", "low", "high", "expected", "p", "q", "lean", "relation", "corner")
        return [value[key] for key in told if value.get(key) is not None] + [
            each for inner in value.values() for each in figures_in(inner)
        ]
    return (
        [each for inner in value for each in figures_in(inner)] if isinstance(value, list) else []
    )


def test_of_a_chosen_sample_nothing_but_counts_is_shown() -> None:
    """No share, interval, lift, corner or most wanted: in no table, form or sentence."""
    usage = everything("chosen")
    assert [found for text in texts_of(usage) for found in re.findall(r"\d ?\\?%", text)] == []
    assert list(figures_in(show_values(usage.of("alpha")))) == []
    for table in usage_tables(usage):
        assert "examples, chosen; n = " in table.caption
        names = {column.name for column in table.columns}
        assert not names & {"share", "used", "asked", "lift", "q", "overlap", "corner", "lean"}
    for part in show_parts(usage.of("alpha")):
        assert not isinstance(part, Table) or "examples, chosen; n = " in part.caption
    assert "cannot be said" in usage.of("alpha").asked_and_not_used()


@pytest.mark.parametrize(("sample", "figure"), [("chosen", "40"), ("random", "50")])
def test_the_figure_holds_shares_or_counts(sample: Sample, figure: str) -> None:
    """Of 80 dependents 40 use a feature: so many of what was chosen, else per cent."""
    usage = everything(sample)
    assert usage.gap is not None
    svg = draw_gap(usage, usage.gap, 480.0).save("svg").decode()
    assert f">{figure}</text>" in svg
    assert ("in %" in svg, "examples, chosen; n = " in svg) == (
        sample == "random",
        sample == "chosen",
    )
    narrow = draw_gap(usage, usage.gap, 80.0)
    assert narrow.notes == ["there is no room for 1 frameworks"]


def test_of_a_random_sample_the_same_is_shown_with_shares() -> None:
    """So the test above can fail: every one of these things is there to be seen."""
    usage = everything("random")
    told = set(map(str, figures_in(show_values(usage.of("alpha")))))
    assert {"asked and not used", "less"} <= told
    names = {column.name for table in usage_tables(usage) for column in table.columns}
    assert {"share", "used", "asked", "lift", "q", "overlap", "corner", "lean"} <= names
    assert any("50% (" in text for text in texts_of(usage))


@pytest.mark.parametrize("side", ["dependents_sample", "requests_sample"])
def test_one_chosen_side_is_enough_for_no_corner(side: str) -> None:
    """The other side keeps its shares; the sentence says which side it is."""
    usage = everything("random", **{side: "chosen"})
    assert usage.gap is not None
    assert {row.corner for row in usage.gap.rows} == {None}
    told = {row.used.value is not None or row.asked.value is not None for row in usage.gap.rows}
    assert True in told
    assert f"({side.removesuffix('_sample')}: examples" in usage.of("alpha").asked_and_not_used()


def test_no_result_can_be_made_that_says_more_of_what_was_chosen() -> None:
    """Whoever tries to put a share, lift or corner into one is stopped."""
    pair: Any = ("a", "b", 1, 1, 1, 1, None, NOTHING, *(None,) * 3, NOTHING, *(None,) * 3, "chosen")
    row: Any = ("a", "feature", "b", 1, NOTHING, 1, 0, NOTHING, None, None, "chosen", "random")
    Pair(*pair), GapRow(*row)  # as they are made
    bad: list[tuple[type[Any], tuple[Any, ...]]] = [
        (Figure, ("a", "feature", "b", None, 1, SOMETHING, "chosen")),
        (Wish, ("a", "api", None, 1, SOMETHING, "chosen")),
        (Pair, (*pair[:6], 1.5, *pair[7:])),
        (Pair, (*pair[:7], SOMETHING, *pair[8:])),
        (Pair, (*pair[:14], "rival", "chosen")),
        (GapRow, (*row[:4], SOMETHING, *row[5:])),
        (GapRow, (*row[:8], "neither", *row[9:])),
    ]
    for kind, values in bad:
        with pytest.raises(ValueError, match="nothing but counts"):
            kind(*values)


def test_a_study_is_of_examples_unless_it_says_otherwise() -> None:
    """And it cannot ask for what there is not."""
    assert {UsageSettings().dependents_sample, UsageSettings().requests_sample} == {"chosen"}
    for wrong in ({"dependents_sample": "most"}, {"min_stars": -1}, {"stars": 10}):
        with pytest.raises(ValidationError):
            UsageSettings.model_validate(wrong)


def test_each_number_opens_the_lines_behind_it() -> None:
    """At the pinned commit: lines, notebooks as files, folders; as many dependents as counted."""
    uses, projects = as_tables(
        [
            use("a/a", feature="tracking", path="my code/x.py", line="7"),
            use("a/a", feature="tracking", path="n.ipynb", line="3:2"),
            use("a/b", feature="tracking", path="mlruns/", line="0", kind="artifact-dir"),
            use("a/b", feature="serving", channel="workflow", kind="command", era="2"),
            declared("a/b", kind="pip-install", channel="workflow"),
            use("a/c", feature="tracking"),
        ],
        [project("a/a"), project("a/b"), project("a/c", commit=None), project("a/d")],
    )
    dependents = study(uses.to_pylist(), projects.to_pylist()).dependents

    def seen(**wanted: Any) -> list[tuple[str, str | None]]:
        rows = uses_behind(uses, projects, dependents, framework="alpha", **wanted)
        return [(row.project, row.url) for row in rows]

    start = "https://github.com/a"
    assert seen(feature="tracking") == [
        ("a/a", f"{start}/a/blob/{COMMIT}/my%20code/x.py#L7"),
        ("a/a", f"{start}/a/blob/{COMMIT}/n.ipynb"),
        ("a/b", f"{start}/b/tree/{COMMIT}/mlruns"),
        ("a/c", None),
    ]
    workflow = [("a/b", f"{start}/b/blob/{COMMIT}/main.py#L1")]
    assert seen(channel="workflow") == seen(feature="ci-cd") == seen(era="2") == workflow
    assert len(seen(channel="requirement")) == 1
    assert len(seen(among=lambda each: "several features" in each.ways)) == 3


def test_each_number_opens_the_requests_behind_it() -> None:
    """In the repository that the key names, or the framework's; those not coded are none."""
    rows = [
        request(1, feature="serving", channel="api"),
        request(2, feature="serving", channel="workflow"),
        request(3),
        request(4, issue_key="gh:17#4", feature="tracking"),
        request(5, "beta", feature="serving"),
    ]
    table = table_from_rows(rows, REQUESTS)

    def seen(**wanted: Any) -> list[str]:
        return [
            row.url.rsplit("github.com/")[1]
            for row in requests_behind(table, framework(), **wanted)
        ]

    assert seen() == [f"made/alpha/issues/{n}" for n in (4, 1, 2)]
    assert seen(feature="ci-cd") == ["made/alpha/issues/2"]
    assert seen(feature="serving", channel="api") == ["made/alpha/issues/1"]


def book(*codes: str) -> Codebook:
    """Return a codebook of features."""
    head = {"name": "features", "title": "Features", "version": 1}
    rows = [{"id": code, "name": code, "definition": code} for code in codes]
    return Codebook.model_validate({"codebook": head, "codes": rows})


def a_step(folder: Path, *, codes: tuple[str, ...] = CODES, **settings: Any) -> Step:
    """Return the step of a study whose files are in a folder."""
    requests = folder / "requests.parquet"
    return usage_step(
        folder,
        requests=requests if requests.exists() else None,
        codebook=book(*codes),
        frameworks=[framework(codes=["tracking"]), framework("beta", [])],
        settings=UsageSettings(**settings),
        progress=SilentProgress(),
    )


@pytest.mark.parametrize("sample", ["chosen", "random"])
@pytest.mark.parametrize("is_coded", [True, False])
def test_the_artifact_holds_all_that_was_found(
    tmp_path: Path, sample: Sample, is_coded: bool
) -> None:
    """What is read from it shows the very tables of what was found; and it is made once."""
    uses, projects = as_tables([use("a/a", feature="tracking"), use("a/a", "beta"), use("b/b")])
    write_table(tmp_path / USES_FILE, uses)
    write_table(tmp_path / PROJECTS_FILE, projects)
    asked = [request(1, feature="tracking", channel="ui"), request(2)]
    if is_coded:
        write_table(tmp_path / "requests.parquet", table_from_rows(asked, REQUESTS))
    step = a_step(tmp_path, dependents_sample=sample, requests_sample=sample)
    manifest = make(step, tmp_path / "made")
    assert make(step, tmp_path / "made") == manifest
    assert manifest.counts["projects"].kept == 2
    read = read_usage(tmp_path / "made")
    again = study(
        uses.to_pylist(),
        projects.to_pylist(),
        asked if is_coded else None,
        frameworks=[framework(codes=["tracking"]), framework("beta", [])],
        sample=sample,
    )
    assert read == again
    assert (read.gap is not None) == is_coded


def test_the_artifact_is_stale_once_anything_of_it_is_another(tmp_path: Path) -> None:
    """Uses, projects, requests, the codebook, and every setting are in its key."""
    uses, projects = as_tables([use("a/a")])
    write_table(tmp_path / USES_FILE, uses)
    write_table(tmp_path / PROJECTS_FILE, projects)
    keys = [a_step(tmp_path).key, a_step(tmp_path, codes=CODES[1:]).key]
    keys += [a_step(tmp_path, min_stars=1).key]
    write_table(tmp_path / "requests.parquet", table_from_rows([request(1)], REQUESTS))
    keys.append(a_step(tmp_path).key)
    write_table(tmp_path / USES_FILE, as_tables([use("a/b")])[0])
    keys.append(a_step(tmp_path).key)
    assert len(set(keys)) == 5


def test_a_damaged_artifact_is_told(tmp_path: Path) -> None:
    """Where nothing was made there is nothing to read."""
    with pytest.raises(ArtifactError):
        read_usage(tmp_path)
