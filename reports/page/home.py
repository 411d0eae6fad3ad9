"""The first screen: what the page is, the purposes of the tools, and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from artifacts.words import listed
from reports.data import clean
from reports.findings import Finding, of_grouping, of_stages, of_survival, of_use
from reports.history.cells import UNKNOWN
from reports.inputs import PageInputs

MOST_FINDINGS: Final = 3


@dataclass(frozen=True)
class MixPart:
    """How many tools of a purpose are in one stage; ``share`` of all of them, in [0, 1]."""

    stage: str
    colour: str
    n: int
    share: float


@dataclass(frozen=True)
class PurposeLine:
    """A purpose: a category with its topics inside, or a topic.

    Attributes
    ----------
    slug
        Its name in an address.
    mix
        In the order of a life, the unknown last; empty where no history was made.
    said
        The same in words.
    """

    name: str
    slug: str
    size: int
    hue: int
    mix: tuple[MixPart, ...]
    said: str
    inside: tuple[PurposeLine, ...] = ()


@dataclass(frozen=True)
class HomeView:
    """What the first screen says.

    Attributes
    ----------
    lead
        What the page is, in a sentence.
    warnings
        What makes all else doubtful: that there is no more structure than noise.
    stages
        Names and colours, for the legend; empty where no history was made.
    """

    lead: str
    warnings: tuple[str, ...]
    purposes: tuple[PurposeLine, ...]
    n_unplaced: int
    stages: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


def home_view(
    inputs: PageInputs, data: Mapping[str, Any], stages: Sequence[tuple[str, str]]
) -> HomeView:
    """Return what the first screen says.

    Parameters
    ----------
    data
        What the script is given of the tools: `reports.page.records.script_data`.
    stages
        `reports.page.records.stage_records`.
    """
    # Where nothing but unknown stages is known, bars say nothing.
    shown = stages if any(any((node["stages"] or ())[:-1]) for node in data["categories"]) else ()
    asked = "" if inputs.requests is None else inputs.requests.warning
    return HomeView(
        lead=clean(_lead(inputs)),
        warnings=tuple(map(clean, filter(None, [inputs.tools.warning, asked]))),
        purposes=tuple(_purposes(data, shown)),
        n_unplaced=sum(row[data["fields"].index("topic")] < 0 for row in data["rows"]),
        stages=tuple(shown),
        findings=tuple(islice(_findings(inputs), MOST_FINDINGS)),
    )


def _lead(inputs: PageInputs) -> str:
    n = len(inputs.tools.documents)
    parts = ["by what they are for"]
    parts += ["how they live"] if inputs.histories else []
    parts += ["how they are used"] if inputs.usage else []
    parts += ["what their users ask for"] if inputs.requests else []
    return f"{n:,} tool{'' if n == 1 else 's'}, {listed(parts)}."


def _purposes(data: Mapping[str, Any], stages: Sequence[tuple[str, str]]) -> Iterator[PurposeLine]:
    for category in data["categories"]:
        inside = [each for each in data["topics"] if each["category"] == category["category"]]
        # A category of one topic is that topic: it is one line.
        lines = [_line(each, stages) for each in inside] if len(inside) > 1 else []
        yield _line(category, stages, lines)


def _line(
    node: Mapping[str, Any],
    stages: Sequence[tuple[str, str]],
    inside: Sequence[PurposeLine] = (),
) -> PurposeLine:
    counts = node["stages"] or []
    mix = [
        MixPart(stage, colour, n, n / node["size"])
        for (stage, colour), n in zip(stages, counts, strict=False)
        if n
    ]
    names = {UNKNOWN: "of unknown stage"}
    words = [f"{part.n:,} {names.get(part.stage, part.stage)}" for part in mix]
    return PurposeLine(
        name=node["label"],
        slug=node["slug"],
        size=node["size"],
        hue=node["hue"],
        mix=tuple(mix),
        said=", ".join(words),
        inside=tuple(inside),
    )


def _findings(inputs: PageInputs) -> Iterator[Finding]:
    """Yield what was found beyond the purposes, which stand beside it."""
    stages = [[t.stage for t in each.tools if t.stage is not None] for each in inputs.histories]
    yield from of_stages(max(stages, key=len, default=[]))
    if inputs.requests is not None:
        asked = inputs.requests
        placed = (document.topic for document in asked.documents)
        yield from of_grouping("themes", asked.topics, asked.categories, placed)
    if inputs.usage is not None:
        names = {code: clean(name) for code, (name, _) in inputs.usage.features.items()}
        repositories = inputs.usage.repositories
        yield from of_use(inputs.usage.usage, names, repositories, inputs.framework_names)
    yield from of_survival(inputs.histories)
