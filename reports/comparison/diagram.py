"""What the diagram of flows is drawn from: columns of nodes, and what went from where to where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from artifacts.words import NOISE
from reports.comparison.inputs import ABSENT, ShownComparison, ShownLineage, ShownSide
from reports.comparison.words import DOCUMENTS
from reports.data import clean
from reports.palette import DARK_HUES, HUES
from taxonomy.lineage.values import Flow

KEYWORDS_SHOWN = 6


def groups_of(shown: ShownComparison) -> list[str]:
    """Return the names of all categories, the last side's first, each in its order."""
    names = [clean(name) for side in reversed(shown.sides) for name in side.groups.values()]
    return list(dict.fromkeys(names))


def diagram(shown: ShownComparison) -> dict[str, Any]:
    """Return the diagram as JSON-compatible values."""
    hues = _hues(shown)
    return {
        "hues": HUES,
        "darkHues": DARK_HUES,
        "documents": DOCUMENTS[shown.sides[0].corpus],
        "columns": [_column(side, hue) for side, hue in zip(shown.sides, hues, strict=True)],
        "flows": [[_flow(flow) for flow in found.flows] for found in shown.lineages],
        "verdicts": [_verdicts(pair) for pair in shown.pairs()],
        "noise": NOISE,
        "absent": ABSENT,
    }


def _column(side: ShownSide, hues: Mapping[str, int]) -> dict[str, Any]:
    nodes = [
        {
            "number": node.number,
            "name": clean(side.called(node.number)),
            "group": clean(side.groups[node.number]),
            "hue": hues[side.groups[node.number]],
            "size": side.size(node.number),
            "keywords": [clean(word) for word in node.keywords[:KEYWORDS_SHOWN]],
        }
        for node in side.nodes
    ]
    return {"day": side.day.isoformat(), "nodes": nodes}


def _flow(flow: Flow) -> list[int | None]:
    return [flow.earlier, flow.later, flow.documents]


def _verdicts(pair: ShownLineage) -> list[dict[str, Any]]:
    return [
        {
            "verdict": event.verdict,
            "earlier": list(event.earlier),
            "later": list(event.later),
        }
        for event in pair.events(everything=True)
    ]


def _hues(shown: ShownComparison) -> list[dict[str, int]]:
    """Return the hue of each category of each side.

    A category has the hue of the earlier one that it shares most documents with, each hue handed
    on once, the most shared first; what is left has a hue that no other has, while there are any.
    """
    first = dict.fromkeys(shown.sides[0].groups.values())
    found = [{name: place % len(HUES) for place, name in enumerate(first)}]
    for pair in shown.pairs():
        found.append(_handed_on(pair, found[-1]))
    return found


def _handed_on(pair: ShownLineage, before: Mapping[str, int]) -> dict[str, int]:
    shared: Counter[tuple[str, str]] = Counter()
    for flow in pair.lineage.flows:
        if flow.earlier is None or flow.later is None:
            continue
        old, new = pair.earlier.groups.get(flow.earlier), pair.later.groups.get(flow.later)
        if old is not None and new is not None:
            shared[old, new] += flow.documents
    hues: dict[str, int] = {}
    given: set[str] = set()
    for (old, new), _ in sorted(shared.items(), key=lambda each: (-each[1], each[0])):
        if new not in hues and old not in given:
            hues[new] = before[old]
            given.add(old)
    unused = [hue for hue in range(len(HUES)) if hue not in hues.values()] or list(range(len(HUES)))
    rest = [name for name in dict.fromkeys(pair.later.groups.values()) if name not in hues]
    return hues | {name: unused[place % len(unused)] for place, name in enumerate(rest)}
