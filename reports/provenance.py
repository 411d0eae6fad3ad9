"""How a page came about, read from manifests: counts, models, seeds, versions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from artifacts.hashing import hash_value
from artifacts.manifest import Manifest
from artifacts.step import PARTS
from reports.data import clean, day, number
from reports.inputs import PageInputs, PageSection, PopulationFacts, RepositoryFact
from reports.page.addresses import addresses_data
from taxonomy.evaluation import Agreement, Evaluation
from taxonomy.nodes import Node

if TYPE_CHECKING:
    from reports.comparison.inputs import ShownSide

N_BARS = 10
_STAR_STEPS = (
    ("0", 0, 0),
    ("1 to 9", 1, 9),
    ("10 to 99", 10, 99),
    ("100 to 999", 100, 999),
    ("1,000 to 9,999", 1_000, 9_999),
    ("10,000 and more", 10_000, None),
)


@dataclass(frozen=True)
class CountLine:
    """What one step read, kept and dropped."""

    stage: str
    what: str
    read: int
    kept: int
    dropped: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class StageFacts:
    """One artifact: what it is, and the facts of its making, as pairs of a term and its value."""

    kind: str
    name: str
    gist: str
    facts: tuple[tuple[str, str], ...]
    config: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ChartBar:
    """One bar: `share` of all, and `width` as a share of the longest."""

    label: str
    count: int
    share: float
    width: float
    aside: bool = False


@dataclass(frozen=True)
class BarChart:
    """A few labelled bars with a sentence below."""

    title: str
    bars: tuple[ChartBar, ...]
    note: str = ""


@dataclass(frozen=True)
class AgreementLine:
    """An AMI as the page prints it, with places in percent for its dot and its interval.

    `kind` is "" for the topics that are shown.
    """

    name: str
    n: int
    ami: float
    low: float | None
    high: float | None
    kind: Literal["", "unguided", "ceiling"] = ""


def content_key(inputs: PageInputs) -> str:
    """Return the hash of everything a page shows but clocks: equal studies have equal keys."""
    # Vectors follow from texts and a model that manifests name; slugs, from names.
    apart = replace(inputs, manifests=(), histories=(), others=(), vectors=None, search=None)
    plain = asdict(replace(apart, addresses={}, changes=None))
    del plain["others"], plain["vectors"], plain["search"], plain["addresses"]
    for name, section in (("tools", inputs.tools), ("requests", inputs.requests)):
        plain[name] = None if section is None else _section(section)
    if inputs.usage is None:
        del plain["usage"]
    if not inputs.framework_names:
        del plain["framework_names"]
    del plain["histories"]
    if inputs.histories:  # what is in their tables is in the hashes of their manifests
        plain["histories"] = [history.facts() for history in inputs.histories]
    former = {corpus: addresses_data(found) for corpus, found in inputs.addresses.items()}
    if any(any(told.values()) for told in former.values()):
        plain["addresses"] = former
    del plain["changes"]
    if inputs.changes is not None:  # what was found is in the manifests; names are people's
        plain["changes"] = [inputs.changes.notes, *map(_names, inputs.changes.sides)]
    # A snapshot's seal is a hash of its whole manifest, clocks included.
    clocks: dict[str, bool | set[str]] = {
        "created_at": True,
        "wall_time_s": True,
        "facts": {"seal"},
    }
    made = [manifest.model_dump(mode="json", exclude=clocks) for manifest in inputs.manifests]
    return hash_value(json.loads(json.dumps([plain, made], default=str)))


def _names(side: ShownSide) -> list[object]:
    return [side.name, *([node.number, node.name, side.groups[node.number]] for node in side.nodes)]


def _section(section: PageSection[Any]) -> dict[str, Any]:
    """Return what a section shows, by the names under which it always went into the key."""
    bare = replace(
        section, topics=(), categories=(), verdicts={}, codes={}, evaluation=None, guidance=None
    )
    values = asdict(bare)
    del values["verdicts"], values["codes"], values["guidance"]
    if not section.decisions:
        del values["decisions"]
    found = section.evaluation
    if found is not None:
        lists, ceiling = ([_amount(a) for a in each] for each in (found.lists, found.ceiling))
        values["evaluation"] = {
            "lists": lists,
            "ceiling": ceiling[0] if ceiling else None,
            "mean_ami": found.mean_ami,
            "notes": list(found.notes),
            **({"unguided": list(map(_amount, found.unguided))} if found.unguided else {}),
        }
    if (guidance := section.guidance) is not None:
        values["guidance"] = {
            **asdict(replace(guidance, codes={})),
            "codes": [[*node, name] for node, name in guidance.codes.items()],
        }
    values["topics"] = [
        {"topic": topic.number, "category": topic.category, **_node(section, topic)}
        for topic in section.topics
    ]
    values["categories"] = [
        {"category": category.number, **_node(section, category)} for category in section.categories
    ]
    return values


def _amount(agreement: Agreement) -> dict[str, Any]:
    ami = agreement.ami
    interval = {"low": number(ami.low), "high": number(ami.high)}
    return {"name": agreement.name, "n": agreement.n_docs, "ami": ami.value, **interval}


def _node(section: PageSection[Any], node: Node) -> dict[str, Any]:
    shown = (
        "size",
        "stability",
        "of_noise",
        "description",
        "keywords",
        "exemplars",
        "named_by",
        "notes",
    )
    at = (node.layer, node.number)
    return {
        "label": node.name,
        **{name: getattr(node, name) for name in shown},
        "verdicts": section.verdicts.get(at, ()),
        "codes": [vars(code) for code in section.codes.get(at, ())],
    }


def count_lines(manifests: Iterable[Manifest]) -> tuple[CountLine, ...]:
    """Return the counts of all stages, in order."""
    return tuple(
        CountLine(
            stage=clean(f"{manifest.kind} {manifest.name}".strip()),
            what=clean(what),
            read=counts.read,
            kept=counts.kept,
            dropped=tuple((clean(d.reason), d.count) for d in counts.dropped),
        )
        for manifest in manifests
        for what, counts in manifest.counts.items()
    )


def stages(manifests: Iterable[Manifest]) -> tuple[StageFacts, ...]:
    """Return how each artifact was made."""
    return tuple(
        StageFacts(
            kind=clean(manifest.kind),
            name=clean(manifest.name),
            gist=clean(" · ".join(_gist(manifest))),
            facts=tuple((term, clean(value)) for term, value in _facts(manifest) if value),
            config=clean(json.dumps(manifest.config, ensure_ascii=False, indent=2))
            if manifest.config
            else "",
            notes=tuple(clean(note) for note in manifest.notes),
        )
        for manifest in manifests
    )


def _gist(manifest: Manifest) -> list[str]:
    """Return the few facts that stand beside a stage's name while it is folded."""
    wall = manifest.wall_time_s
    facts = [manifest.model.get("name"), manifest.device, manifest.dtype]
    if manifest.seeds:
        facts.append(f"{len(manifest.seeds)} seeds")
    if wall is not None:
        facts.append(duration(wall))
    return [fact for fact in facts if fact]


def _facts(manifest: Manifest) -> list[tuple[str, str]]:
    wall = manifest.wall_time_s
    return [
        ("Made on", day(manifest.created_at) or ""),
        ("Took", "" if wall is None else duration(wall)),
        *((f"Model {term}", value) for term, value in manifest.model.items()),
        ("Device", manifest.device or ""),
        ("Number format", manifest.dtype or ""),
        ("Seeds", seed_ranges(manifest.seeds)),
        *(
            (_plain(term), _value(value))
            for term, value in manifest.facts.items()
            if term != PARTS  # hashes, which say nothing to a reader
        ),
        ("Packages", ", ".join(f"{name} {v}" for name, v in manifest.packages.items())),
        ("Inputs", ", ".join(f"{name} {v[:12]}" for name, v in manifest.inputs.items())),
        ("Hash of the parameters", manifest.config_hash),
        ("Hash of the content", manifest.content_hash),
    ]


def _plain(term: str) -> str:
    words = clean(term).replace("_", " ")
    return words[:1].upper() + words[1:]


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def duration(seconds: float) -> str:
    """Return a wall time in words that suit its length."""
    if seconds < 120:
        return f"{seconds:.1f} seconds"
    return f"{seconds / 60:.1f} minutes"


def seed_ranges(seeds: Sequence[int]) -> str:
    """Return the seeds with runs of neighbours joined: ``0 to 19, 42``."""
    ranges: list[list[int]] = []
    for seed in sorted(seeds):
        if ranges and seed == ranges[-1][1] + 1:
            ranges[-1][1] = seed
        else:
            ranges.append([seed, seed])
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in ranges)


def agreement_lines(evaluation: Evaluation) -> tuple[AgreementLine, ...]:
    """Return the gold lists and, last, the first two lists' agreement with each other.

    Where a codebook guides, each list is followed by its agreement with the unguided topics.
    """
    lines: list[AgreementLine] = []
    for agreement, alone in zip_longest(evaluation.lists, evaluation.unguided):
        lines.append(_line(agreement))
        if alone is not None:
            lines.append(_line(alone, "unguided"))
    return (*lines, *(_line(ceiling, "ceiling") for ceiling in evaluation.ceiling[:1]))


def _line(agreement: Agreement, kind: Literal["", "unguided", "ceiling"] = "") -> AgreementLine:
    return AgreementLine(
        name=clean(agreement.name) + (", unguided" if kind == "unguided" else ""),
        n=agreement.n_docs,
        ami=agreement.ami.value,
        low=number(agreement.ami.low),
        high=number(agreement.ami.high),
        kind=kind,
    )


def population_charts(facts: PopulationFacts) -> tuple[BarChart, ...]:
    """Return four small charts: language, licence, year of creation, stars."""
    rows = facts.repositories
    return (
        _ranking("Main language", rows, lambda r: r.language),
        _ranking("Licence", rows, lambda r: r.license),
        _years(rows),
        _stars(rows),
    )


def _bars(counts: Sequence[tuple[str, int]], total: int, *, aside: int = 0) -> tuple[ChartBar, ...]:
    """Return bars for `counts`; the last `aside` of them (the rest, the unknown) stand apart."""
    longest = max((count for _, count in counts), default=1) or 1
    edge = len(counts) - aside
    return tuple(
        ChartBar(label, count, count / (total or 1), count / longest, aside=place >= edge)
        for place, (label, count) in enumerate(counts)
    )


def _chart(
    title: str, counts: Sequence[tuple[str, int]], n_rows: int, n_known: int, note: str = ""
) -> BarChart:
    """Return a chart whose last bar is what is not known, if anything is."""
    extra = [("not known", n_rows - n_known)] if n_rows > n_known else []
    return BarChart(title, _bars([*counts, *extra], n_rows, aside=len(extra)), note)


def _ranking(
    title: str,
    rows: Sequence[RepositoryFact],
    of: Callable[[RepositoryFact], str | None],
) -> BarChart:
    known = Counter(clean(value) for value in map(of, rows) if value)
    order = sorted(known.items(), key=lambda item: (-item[1], item[0]))
    counts, rest = order[:N_BARS], order[N_BARS:]
    extra = [(f"{len(rest)} others", sum(count for _, count in rest))] if rest else []
    unknown = len(rows) - known.total()
    extra += [("not stated", unknown)] if unknown else []
    return BarChart(title, _bars(counts + extra, len(rows), aside=len(extra)))


def _years(rows: Sequence[RepositoryFact]) -> BarChart:
    years = Counter(row.created_at.year for row in rows if row.created_at is not None)
    span = range(min(years), max(years) + 1) if years else range(0)
    counts = [(str(year), years[year]) for year in span]
    return _chart("Year of creation", counts, len(rows), years.total())


def _stars(rows: Sequence[RepositoryFact]) -> BarChart:
    stars = [row.stars for row in rows if row.stars is not None]
    counts = [
        (label, sum(low <= value and (high is None or value <= high) for value in stars))
        for label, low, high in _STAR_STEPS
    ]
    note = f"The median is {median(stars):,.0f}." if stars else ""
    return _chart("Stars", counts, len(rows), len(stars), note)
