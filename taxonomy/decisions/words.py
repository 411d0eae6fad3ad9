"""What people decided, and what that changed, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from artifacts.words import LAYERS, NOISE
from taxonomy.decisions.decisions import (
    AnyDecision,
    Hide,
    Merge,
    MoveDocuments,
    MoveTopics,
    Note,
    Rename,
    Split,
    Unhide,
)
from taxonomy.taxonomy import Taxonomy

FEW = 3


def in_words(decision: AnyDecision) -> str:
    """Return what an entry asks for, in one line."""
    nodes = [f'"{name}"' for name in decision.called]
    one = nodes[0] if nodes else "no topic"
    match decision:
        case Rename():
            return f'rename {one} to "{decision.name}"'
        case Merge():
            named = f' as "{decision.name}"' if decision.name else ""
            return f"merge {' and '.join(nodes)}{named}"
        case Split():
            parts = [f'"{part.name}"' for part in decision.parts]
            return f"split {one} into {' and '.join(parts)}"
        case MoveDocuments():
            return f"move {few(decision.documents)} to {one}"
        case MoveTopics():
            to = f'"{decision.to_called}"' if decision.to else f'a new category "{decision.name}"'
            return f"move {' and '.join(nodes)} to {to}"
        case Hide():
            return f"hide {one}"
        case Unhide():
            return f"unhide {one}"
        case Note():
            return f'note on {one}: "{decision.text}"'


def few(keys: Sequence[str]) -> str:
    """Return the first of some documents, and how many there are more."""
    named = ", ".join(key.removeprefix("name:") for key in keys[:FEW])
    return named if len(keys) <= FEW else f"{named} and {len(keys) - FEW} more"


def changes(before: Taxonomy, after: Taxonomy) -> Iterator[str]:
    """Yield how the nodes differ; numbers stay with what they name, so they can be compared."""
    for layer in LAYERS:
        old = {node.number: node for node in before.nodes(layer)}
        new = {node.number: node for node in after.nodes(layer)}
        for number in sorted(old.keys() | new.keys()):
            was, now = old.get(number), new.get(number)
            if now is None and was is not None:
                yield f"{was.reference} is no more"
            elif was is None and now is not None:
                yield f"{now.reference} is new, with {_documents(now.size)}"
            elif was is not None and now is not None:
                told = []
                if was.name != now.name:
                    told.append(f'was "{was.name}"')
                if was.size != now.size:
                    told.append(f"has {_documents(now.size)} instead of {was.size:,}")
                if was.hidden != now.hidden:
                    told.append("is hidden" if now.hidden else "is shown again")
                if told:
                    yield f"{now.reference} {', '.join(told)}"
    yield from _moves(before, after)


def _moves(before: Taxonomy, after: Taxonomy) -> Iterator[str]:
    was = {topic.number: topic.category for topic in before.topic_nodes}
    for topic in after.topic_nodes:
        if topic.number in was and was[topic.number] != topic.category:
            yield f"{topic.reference} is in c{topic.category} instead of c{was[topic.number]}"
    places = Counter(
        (before.topic_of[key], number)
        for key, number in after.topic_of.items()
        if before.topic_of[key] != number and NOISE in (before.topic_of[key], number)
    )
    for (_, number), count in sorted(places.items()):
        yield f"{_documents(count)} {'unplaced' if number == NOISE else 'no longer unplaced'}"


def _documents(count: int) -> str:
    return f"{count:,} document{'' if count == 1 else 's'}"
