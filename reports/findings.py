"""What a study found, in plain sentences: for the first screen of the page, and after a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from artifacts.words import NOISE, Corpus, listed
from insights.history.rows import Stage
from reports.history.lasting import survival_sentence
from reports.usage.views import called_frameworks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from insights.history.history import History
    from insights.usage.study import Usage
    from taxonomy.nodes import Category, Topic

MOST: Final = 3
"""Names in a sentence."""
_DOCUMENTS: Final[Mapping[Corpus, str]] = {"tools": "tools", "themes": "feature requests"}
_TOPICS: Final[Mapping[Corpus, str]] = {"tools": "topics", "themes": "themes"}
_AS_STATED: Final = {"peak": "at their peak"}
_EVIDENCE: Final[Mapping[Corpus, str]] = {"tools": "tools", "themes": "wishes"}


@dataclass(frozen=True)
class Finding:
    """A sentence, and the view of the page that shows what it rests on."""

    sentence: str
    view: str


def of_grouping(
    corpus: Corpus,
    topics: Sequence[Topic],
    categories: Sequence[Category],
    topic_of: Iterable[int],
) -> Iterator[Finding]:
    """Say how many documents are in how many nodes, and which nodes are the largest.

    Parameters
    ----------
    topic_of
        The topic of each document, or `NOISE`.
    """
    placed = list(topic_of)
    unplaced = placed.count(NOISE)
    documents, view = f"{len(placed):,} {_DOCUMENTS[corpus]}", _EVIDENCE[corpus]
    if not topics:
        yield Finding(f"No topics were found in {documents}.", view)
        return
    nodes = sorted(topics, key=lambda node: (-node.size, node.number))
    largest = listed([f"{node.name} ({node.size:,})" for node in nodes[:MOST]])
    where = f"{len(topics):,} {_TOPICS[corpus]} of {len(categories):,} categories"
    yield Finding(f"{documents} are in {where}, {unplaced:,} in none; most are in {largest}.", view)


def of_stages(stages: Sequence[str]) -> Iterator[Finding]:
    """Say how many tools of known stage stand where in their lives."""
    if stages:
        counts = Counter(stages)
        known = [stage for stage in get_args(Stage) if counts[stage]]
        order = [f"{counts[stage]:,} {_AS_STATED.get(stage, stage)}" for stage in known]
        order[0] = order[0].replace(" ", " are " if counts[known[0]] > 1 else " is ", 1)
        whose = f"Of the {len(stages):,} tools whose stage is known"
        yield Finding(f"{whose}, {listed(order)}.", "history")


def of_survival(histories: Iterable[History]) -> Iterator[Finding]:
    """Say how long tools last: of the snapshot that tells it of most, by the first definition."""
    lasting = [
        (figure.n, history.snapshot, survival_sentence(history, figure.end))
        for history in histories
        for figure in history.survival
        if figure.end == history.survival[0].end
        if (figure.grouped_by, figure.bound, figure.figure) == ("all", "as seen", "after 60 months")
        if figure.value.value is not None
    ]
    if lasting:
        _, snapshot, sentence = max(lasting)
        yield Finding(f"Of the tools of {snapshot}, until {sentence}", "history")


def of_use(
    usage: Usage,
    features: Mapping[str, str],
    repositories: Mapping[str, str],
    written: Mapping[str, str],
) -> Iterator[Finding]:
    """Say which framework most dependents use, and for what.

    Parameters
    ----------
    features
        The name of each feature, by its code.
    repositories, written
        Full names (owner/name) by framework, and what people call these, as `called_frameworks`
        takes it.
    """
    users = {name: len(its) for name, its in usage.dependents.users.items() if its}
    if not users:
        return
    name = min(users, key=lambda each: (-users[each], each))
    found = [
        figure
        for figure in usage.figures
        if (figure.framework, figure.measure) == (name, "feature") and figure.n
    ]
    found.sort(key=lambda figure: (-(figure.n or 0), figure.name))
    used = [f"{features[each.name]} ({each.n:,})" for each in found[:MOST]]
    why = f", for {listed(used)}" if used else ""
    heading = usage.dependents.sample_of.heading(users[name])
    called = called_frameworks(repositories.values(), written)
    whose = called.get(repositories.get(name, name), name)
    yield Finding(
        f"Of the frameworks, {whose} is used by most dependents ({heading}){why}.",
        "usage",
    )
