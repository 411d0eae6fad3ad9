"""What users of tools ask for: requests by theme, and those that are wanted most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from artifacts.words import NOISE
from reports.answers.tool import AskedTheme, ToolRequests, WantedRequest
from reports.data import day
from reports.inputs import FeatureRequest, PageSection, Tool

MOST_WANTED: Final = 10
"""Requests of a tool that an answer holds."""
OPEN: Final = "open"
IN_NO_THEME: Final = "in no theme"


@dataclass(frozen=True)
class RequestTally:
    """How many requests a tool has; ``n_open`` is None where the state of one is not known."""

    n: int
    n_open: int | None

    @classmethod
    def of(cls, requests: Sequence[FeatureRequest]) -> RequestTally:
        """Return how many requests there are, and how many of these are open."""
        if any(each.state is None for each in requests):
            return cls(len(requests), None)
        return cls(len(requests), sum(each.state == OPEN for each in requests))


def requests_by_tool(
    tools: Iterable[Tool], requests: PageSection[FeatureRequest] | None
) -> dict[str, list[FeatureRequest]]:
    """Return the requests of each tool that has some, by its key: by its names, former ones too.

    That a tool has none says nothing: requests are mined of a study's frameworks alone.
    """
    if requests is None:
        return {}
    by_name: defaultdict[str, list[FeatureRequest]] = defaultdict(list)
    for request in requests.documents:
        by_name[request.repository.lower()].append(request)
    found = {}
    for tool in tools:
        names = dict.fromkeys(name.lower() for name in (tool.title, *tool.former_names))
        if its := [request for name in names for request in by_name.get(name, ())]:
            found[tool.key] = its
    return found


def tool_requests(
    requests: Sequence[FeatureRequest], section: PageSection[FeatureRequest]
) -> ToolRequests:
    """Return what the requests of one tool ask for."""
    names = {topic.number: topic.name for topic in section.topics} | {NOISE: IN_NO_THEME}
    tally = RequestTally.of(requests)
    wanted, order = _most_wanted(requests)
    return ToolRequests(tally.n, tally.n_open, _themes(requests, names), wanted, order)


def _themes(requests: Sequence[FeatureRequest], names: dict[int, str]) -> tuple[AskedTheme, ...]:
    """Return the themes by how many requests they have; those in none come last."""
    by_topic: defaultdict[int, list[FeatureRequest]] = defaultdict(list)
    for request in requests:
        by_topic[request.topic].append(request)
    tallies = {topic: RequestTally.of(its) for topic, its in by_topic.items()}
    order = sorted(tallies, key=lambda topic: (topic == NOISE, -tallies[topic].n, topic))
    return tuple(
        AskedTheme(topic, names[topic], tallies[topic].n, tallies[topic].n_open) for topic in order
    )


def _most_wanted(
    requests: Sequence[FeatureRequest],
) -> tuple[tuple[WantedRequest, ...], str]:
    """Return the first requests, and the order that they are in."""
    by_age = sorted(requests, key=lambda each: (day(each.created_at) or "", each.number))
    newest = by_age[::-1]
    weights = {each.key: _weight(each) for each in requests}
    unknown = sum(weight is None for weight in weights.values())
    if unknown == len(requests):
        ordered = sorted(newest, key=lambda each: each.state != OPEN)
        order = "open ones first, the newest first: reactions and comments are not known"
    else:
        ordered = sorted(newest, key=lambda each: _weighed(weights[each.key]))
        order = "those of most reactions and comments first"
        order += f", of {unknown:,} these are not known" * bool(unknown)
    chosen = ordered[:MOST_WANTED]
    return tuple(_wanted(each, weights[each.key]) for each in chosen), order


def _weight(request: FeatureRequest) -> int | None:
    if request.reactions is None or request.comments is None:
        return None
    return request.reactions + request.comments


def _weighed(weight: int | None) -> tuple[bool, int]:
    """Return what sorts the heaviest first, and what is not known after all others."""
    return weight is None, -(weight or 0)


def _wanted(request: FeatureRequest, weight: int | None) -> WantedRequest:
    return WantedRequest(
        key=request.key,
        title=request.title,
        text=request.description,
        url=request.url,
        topic=request.topic,
        state=request.state,
        created_at=request.created_at,
        weight=weight,
    )
