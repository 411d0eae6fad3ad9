"""Which tools go with some tools: a walk from category to category."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from living_tools import life_of, living, together

from artifacts.errors import InputError
from insights.history.figures import ItemPair, StackItem
from insights.history.rows import ToolRow
from insights.history.stacks import SkippedItem, Stack, latest_stages, walk
from insights.history.tools import tool_rows
from insights.usage.together import shrunk_lift
from reports.history.stack import NO_PROOF, stack_parts

CATEGORIES = {
    "dvc": "data",
    "lakefs": "data",
    "mlflow": "tracking",
    "wandb": "tracking",
    "kubeflow": "pipelines",
    "prefect": "pipelines",
    "bentoml": "serving",
    "evidently": "monitoring",
}
ITEMS = tuple(
    StackItem(name, f"Made/{name.title()}", category, 100, 120)
    for name, category in CATEGORIES.items()
)


def pair(first: str, second: str, n_both: int, expected: float, q: float = 0.001) -> ItemPair:
    """Return two tools that so many owners use together."""
    one, other = sorted((first, second))
    lift = shrunk_lift(n_both, expected)
    return ItemPair(
        one, other, 100, 100, n_both, n_both, 999, n_both / 10, expected, lift, q, q, None
    )


PAIRS = (
    pair("dvc", "mlflow", 40, 10),
    pair("dvc", "wandb", 12, 2),
    pair("mlflow", "kubeflow", 30, 10),
    pair("mlflow", "prefect", 11, 1),
    pair("prefect", "evidently", 14, 2),
    pair("bentoml", "kubeflow", 6, 0.1),
)


def from_dvc(
    *have: str, pairs: tuple[ItemPair, ...] = PAIRS, stages: Mapping[str, str] | None = None
) -> Stack:
    """Return the stack of some tools, of dvc if none is named."""
    return walk(have or ("dvc",), ITEMS, pairs, stages or {}, smallest=10, verb="used")


def row_of(commits: list[int] | None) -> ToolRow:
    """Return where a tool with these commits stands."""
    tool = living(commits)
    (row,) = tool_rows(together(tool), {tool.repo_key: life_of(tool)}, [])
    return row


def ways(stack: Stack) -> list[tuple[str, str]]:
    """Return each step: from where, to where."""
    return [(step.reached_from, step.item) for step in stack.steps]


def test_a_walk_goes_from_category_to_category() -> None:
    """Each step is of a category that there is none of yet, from any tool reached before.

    mlflow comes before wandb, and prefect before kubeflow: the lower ends of their lifts are 2.8
    and 2.6, 3.9 and 2.0.
    """
    stack = from_dvc()
    assert ways(stack) == [("dvc", "mlflow"), ("mlflow", "prefect"), ("prefect", "evidently")]
    assert [step.category for step in stack.steps] == ["tracking", "pipelines", "monitoring"]
    assert [step.n_both for step in stack.steps] == [40, 11, 14]
    assert stack.steps[0].lift == shrunk_lift(40, 10)


def test_a_step_says_used_together_by() -> None:
    """And by how many, how sure that is, and in what stage it is; nothing is recommended."""
    steps = from_dvc(stages={"made/prefect": "peak"}).steps
    assert steps[1].sentence("used") == (
        "prefect (pipelines) is used together with mlflow by 11 owners, "
        "7.7 times as many as by chance (3.9 to 12.7); its stage: peak"
    )
    assert steps[0].sentence("used").endswith("its stage: not known")


def test_tools_that_one_has_are_walked_from_and_not_to() -> None:
    """Nor is their category: who has dvc and wandb is not led to mlflow."""
    assert ways(from_dvc("dvc", "wandb")) == []
    assert ways(from_dvc("wandb", "Made/Prefect")) == [("prefect", "evidently"), ("wandb", "dvc")]


@pytest.mark.parametrize("stage", ["dormant", "dead"])
def test_the_dormant_and_the_dead_are_left_out(stage: str) -> None:
    """And told of, with the reason; a stage that is not known leaves none out."""
    stack = from_dvc(stages={"made/prefect": stage, "made/mlflow": "peak"})
    assert ways(stack) == [("dvc", "mlflow"), ("mlflow", "kubeflow")]
    assert [step.stage for step in stack.steps] == ["peak", None]
    assert stack.skipped == (SkippedItem("prefect", f"it is {stage}"),)


def test_tools_of_unknown_category_are_left_out() -> None:
    """Whether they would be something else than what one has cannot be told."""
    items = [StackItem("dvc", None, "data", 50, 50), StackItem("new", None, None, 50, 50)]
    stack = walk(["dvc"], items, [pair("dvc", "new", 30, 5)], {}, smallest=10, verb="used")
    assert stack.steps == ()
    assert stack.skipped == (SkippedItem("new", "its category is not known"),)


def test_it_stops_at_few_owners_and_says_so() -> None:
    """With the next tool, and by how many it is used."""
    stack = from_dvc("kubeflow", "mlflow", "dvc")
    assert stack.steps == ()
    assert stack.stopped == (
        "the best next, bentoml, is used together with kubeflow by 6 owners only; 10 are needed"
    )


def test_it_stops_where_chance_explains_it() -> None:
    """However many owners have both."""
    stack = from_dvc(pairs=(pair("dvc", "mlflow", 25, 22.4, q=0.8),))
    assert stack.steps == ()
    assert stack.stopped == (
        "the best next, mlflow, is used together with dvc by 25 owners, of whom 22.4 are expected "
        "by chance: that is not more than chance explains"
    )


def test_it_stops_where_nothing_is_told() -> None:
    """Where no pair is known, and where too few use the tool that one has."""
    assert from_dvc(pairs=()).stopped == (
        "no tool of another category is known to be used together with these"
    )
    rare = [StackItem("rare", None, "data", 1, 4)]
    assert walk(["rare"], rare, [], {}, smallest=10, verb="used").stopped == (
        "rare is used by 1 owner only; a step rests on 10, at least"
    )


def test_fewer_together_than_by_chance_is_no_step() -> None:
    """A pair that stands out by being rare leads nowhere."""
    assert from_dvc(pairs=(pair("dvc", "mlflow", 12, 40),)).steps == ()


@pytest.mark.parametrize(
    ("have", "fix"),
    [
        (["mlfow"], "did you mean mlflow?"),
        (["something-else-entirely"], "name one of those that are, such as bentoml, dvc,"),
        ([], "name one or more"),
    ],
)
def test_a_tool_that_nobody_names_is_refused(have: list[str], fix: str) -> None:
    """With names that are near, or some that there are."""
    with pytest.raises(InputError) as refused:
        walk(have, ITEMS, PAIRS, {}, smallest=10, verb="used")
    assert fix in (refused.value.fix or "")


@given(st.permutations(PAIRS), st.permutations(ITEMS))
def test_the_order_of_what_is_given_changes_nothing(
    pairs: list[ItemPair], items: list[StackItem]
) -> None:
    """Ties are broken by owners and names."""
    assert walk(["dvc"], items, pairs, {}, smallest=10, verb="used") == from_dvc()


def test_what_is_only_named_is_not_told_as_used() -> None:
    """A topic says what a repository is about: each sentence says no more, and the end says so."""
    stack = walk(["dvc"], ITEMS, PAIRS, {}, smallest=10, verb="named", source="topics")
    said = [str(part) for part in stack_parts(stack)]
    assert said[0].startswith("Owners who named dvc:\n1. mlflow (tracking) is named together with")
    assert "used" not in " ".join(said[:-1])
    assert said[-1] == f"By topics. {NO_PROOF}"
    used = " ".join(map(str, stack_parts(from_dvc())))
    assert "Owners who used dvc:" in used and "named" not in used


def test_a_tool_is_as_dead_as_when_it_was_last_observed() -> None:
    """Whichever snapshot the study names first; one that does not know its stage says nothing."""
    early = row_of([10] * 40)
    late, unknown = row_of([10] * 40 + [0] * 30), row_of(None)
    for order in ([early, late, unknown], [unknown, late, early]):
        assert latest_stages(order) == {"some/tool": "dead"}
