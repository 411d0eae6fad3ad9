"""A comparison made by hand for tests: tools of three snapshots, each kind of event."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from artifacts.words import NOISE
from reports.comparison.inputs import ShownComparison, ShownSide
from taxonomy.lineage.joint import Joint, JointNode
from taxonomy.lineage.values import (
    Chain,
    ChainNode,
    ChangeVerdict,
    EventKind,
    Flow,
    Growth,
    Lineage,
    LineageEvent,
    Move,
    NodeLink,
    NoiseFloor,
    Stay,
)
from taxonomy.nodes import Category, Topic
from taxonomy.taxonomy import Taxonomy

HOSTILE = "</script><script>window.slipped=1</script><img src=x onerror=alert(1)> & =1+1"
EARLIER = {
    0: ("model serving", ("serving", "inference", "latency")),
    1: ("pipelines and orchestration", ("pipeline", "workflow", "dag")),
    2: ("experiment tracking", ("experiment", "metrics", "runs")),
    3: ("feature store", ("features", "online", "offline")),
    4: ("hadoop jobs", ("hadoop", "yarn", "spark")),
}
LATER = {
    0: ("model serving", ("serving", "inference", "llm")),
    1: ("workflow orchestration", ("workflow", "dag", "scheduler")),
    2: ("data pipelines", ("pipeline", "etl", "ingestion")),
    3: ("tracking and features", ("experiment", "features", "metrics")),
    4: ("LLM observability", ("llm", "traces", "prompts")),
}
# Who is where: earlier and later node (None: not there), and how many documents do so.
PATHS: tuple[tuple[int | None, int | None, int], ...] = (
    (0, 0, 14),
    (None, 0, 6),
    (1, 1, 9),
    (1, 2, 8),
    (2, 3, 10),
    (3, 3, 7),
    (4, None, 5),
    (4, NOISE, 1),
    (None, 4, 12),
    (2, 0, 3),
    (NOISE, 1, 2),
    (NOISE, NOISE, 4),
    (1, NOISE, 2),
    (None, NOISE, 3),
)
STAYED = {(0, 0), (1, 1), (2, 3)}


def side(
    name: str, day: date, nodes: dict[int, tuple[str, tuple[str, ...]]], place: int
) -> ShownSide:
    """Return one side; documents are numbered along `PATHS`."""
    node_of, words = {}, {}
    for number, path in enumerate(everybody()):
        if (node := path[place]) is not None:
            key = f"name:acme/tool-{number}"
            node_of[key] = node
            about = "" if node == NOISE else " ".join(nodes[node][1])
            words[key] = f"It is about {about or 'nothing firm'}."
    titles = {key: key.removeprefix("name:") for key in node_of}
    first = next(iter(titles))
    titles[first], words[first] = HOSTILE, HOSTILE
    return ShownSide(
        name=name,
        day=day,
        corpus="tools",
        layer="topics",
        taxonomy=Taxonomy(
            topic_nodes=tuple(
                Topic(category=int(number > 2), **described(number, said, words_))
                for number, (said, words_) in nodes.items()
            ),
            category_nodes=tuple(
                Category(**described(number, said, ()))
                for number, said in enumerate(("operations", "data"))
            ),
            topic_of=node_of,
            nearest_of=dict.fromkeys(node_of, NOISE),
        ),
        titles=titles,
        descriptions=words,
    )


def described(number: int, name: str, words: tuple[str, ...]) -> dict[str, object]:
    """Return what a node is described by."""
    return {
        "number": number,
        "name": name,
        "size": 0,
        "stability": 0.9,
        "keywords": words,
        "weights": (),
        "exemplars": (),
    }


def everybody() -> list[tuple[int | None, int | None]]:
    """Return where each document is."""
    return [(before, after) for before, after, n in PATHS for _ in range(n)]


def event(
    kind: EventKind,
    earlier: tuple[int, ...],
    later: tuple[int, ...],
    *,
    size: float,
    p: float,
    verdict: ChangeVerdict,
) -> LineageEvent:
    """Return an event with two documents as evidence."""
    return LineageEvent(
        kind=kind,
        earlier=earlier,
        later=later,
        size=size,
        p_rerun=p,
        p_documents=p / 2,
        verdict=verdict,
        reason="" if verdict == "change" else "within what other documents give",
        evidence=("name:acme/tool-0", "name:acme/tool-62"),
    )


EVENTS = (
    event("born", (), (4,), size=0.92, p=0.01, verdict="change"),
    event("died", (4,), (), size=0.8, p=0.2, verdict="unclear"),
    event("split", (1,), (1, 2), size=0.47, p=0.02, verdict="change"),
    event("merged", (2, 3), (3,), size=0.41, p=0.04, verdict="change"),
    event("drifted", (0,), (0,), size=0.12, p=0.7, verdict="noise"),
)


def moves() -> tuple[Move, ...]:
    """Return what became of each document."""
    made = []
    for number, (before, after) in enumerate(everybody()):
        key = f"name:acme/tool-{number}"
        made.append(
            Move(
                key_earlier=None if before is None else key,
                key_later=None if after is None else key,
                earlier=NOISE if before is None else before,
                later=NOISE if after is None else after,
                stay=_stay(before, after),
                is_redescribed=None not in (before, after) and number % 2 == 0,
            )
        )
    return tuple(made)


def _stay(before: int | None, after: int | None) -> Stay:
    if before is None:
        return "new"
    if after is None:
        return "left"
    if NOISE in (before, after):
        return "unplaced"
    return "stayed" if (before, after) in STAYED else "moved"


def growth() -> tuple[Growth, ...]:
    """Return the growth of what continues, then of what is gone or new."""
    pairs: list[tuple[int | None, int | None]] = [
        (0, 0), (1, 1), (2, 3), (3, None), (4, None), (None, 2), (None, 4)
    ]  # fmt: skip
    return tuple(_growth(earlier, later) for earlier, later in pairs)


def _growth(earlier: int | None, later: int | None) -> Growth:
    paths = everybody()
    before = [p for p in paths if earlier is not None and p[0] == earlier]
    after = [p for p in paths if later is not None and p[1] == later]
    stayed = sum(p[1] == later and later is not None for p in before)
    left = sum(p[1] is None for p in before)
    new = sum(p[0] is None for p in after)
    sizes = [sum(p[place] is not None for p in paths) for place in (0, 1)]
    return Growth(
        earlier=earlier,
        later=later,
        size_earlier=len(before),
        size_later=len(after),
        new=new,
        left=left,
        moved_in=len(after) - stayed - new,
        moved_out=len(before) - stayed - left,
        stayed=stayed,
        redescribed=stayed // 2,
        low=0.9 * len(after),
        high=1.1 * len(after),
        share_earlier=len(before) / sizes[0],
        share_later=len(after) / sizes[1],
        p=0.03 if later == 4 else 0.6,
        verdict="change" if later == 4 else "noise",
    )


def lineage(earlier: str, later: str) -> Lineage:
    """Return a whole comparison by hand."""
    flows = Counter(everybody())
    links = ((0, 0), (1, 1), (1, 2), (2, 3), (3, 3))
    return Lineage(
        earlier=earlier,
        later=later,
        layer="topics",
        links=tuple(
            NodeLink(
                earlier=a,
                later=b,
                shared=flows[a, b],
                jaccard=0.5,
                part_of_earlier=0.6,
                part_of_later=0.7,
                content=0.8,
                is_assigned=(a, b) in STAYED,
                is_heir=True,
            )
            for a, b in links
        ),
        events=EVENTS,
        growth=growth(),
        moves=moves(),
        flows=tuple(Flow(earlier=a, later=b, documents=n) for (a, b), n in flows.items()),
        floor=NoiseFloor(
            n_resamples=(99, 99),
            agreement=(0.91, 0.88),
            observed_agreement=0.61,
            spread={"division earlier": 0.2},
            n_shuffles=999,
        ),
    )


def comparison() -> ShownComparison:
    """Return a comparison of two."""
    sides = (
        side("2023-01-18.curated.tools", date(2023, 1, 18), EARLIER, 0),
        side("2026-08-23.curated.tools", date(2026, 8, 23), LATER, 1),
    )
    return ShownComparison(
        sides=sides,
        lineages=(lineage(sides[0].name, sides[1].name),),
        notes=("The earlier set is a subset of the later.",),
    )


def chained(count: int = 3) -> ShownComparison:
    """Return a comparison of so many: from the third, sides are like the second, years later."""
    two = comparison()
    sides, lineages = list(two.sides), list(two.lineages)
    flows = Counter(sides[1].node_of.values())
    for year in range(2027, 2025 + count):
        later = replace(sides[1], name=f"{year}-08-23.curated.tools", day=date(year, 8, 23))
        again = replace(
            lineage(sides[-1].name, later.name),
            events=(),
            growth=(),
            moves=(),
            links=(),
            flows=tuple(Flow(earlier=n, later=n, documents=c) for n, c in sorted(flows.items())),
        )
        sides.append(later)
        lineages.append(again)
    nodes = [ChainNode(snapshot=0, number=n, identity=n + 1, since="start") for n in EARLIER]
    ids = {0: 1, 1: 2, 2: 6, 3: 3, 4: 7}
    for snapshot in range(1, count):
        nodes += [
            ChainNode(snapshot=snapshot, number=n, identity=ids[n], since="continued")
            for n in LATER
        ]
    names = tuple(each.name for each in sides)
    return ShownComparison(
        sides=tuple(sides),
        lineages=tuple(lineages),
        chain=Chain(names=names, nodes=tuple(nodes), lineages=tuple(lineages)),
        notes=two.notes,
    )


def with_joint() -> ShownComparison:
    """Return a comparison of two with a joint view beside."""
    node = JointNode(
        number=0,
        name="serving of models",
        size_earlier=14,
        size_later=20,
        share_earlier=0.2,
        share_later=0.25,
        reading="goes on",
        earlier=0,
        later=0,
        disagreement="",
    )
    other = replace(node, number=1, name="agents", earlier=None, later=None,
                    disagreement="nothing separate is like it")  # fmt: skip
    return replace(
        comparison(), joint=Joint(nodes=(node, other), unplaced=(3, 4), unseen=(EVENTS[2],))
    )
