"""People's decisions as lines for the terminal: what they are, did, and could not do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.words import LAYERS, NOISE
from taxonomy.decisions.deciding import Done
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
from taxonomy.decisions.overrides import Outcome
from taxonomy.nodes import called
from taxonomy.taxonomy import Taxonomy

FEW = 3


def said(decision: AnyDecision) -> str:
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
            return f"move {_few(decision.documents)} to {one}"
        case MoveTopics():
            to = f'"{decision.to_called}"' if decision.to else f'a new category "{decision.name}"'
            return f"move {' and '.join(nodes)} to {to}"
        case Hide():
            return f"hide {one}"
        case Unhide():
            return f"unhide {one}"
        case Note():
            return f'note on {one}: "{decision.text}"'


def _few(keys: Sequence[str]) -> str:
    named = ", ".join(key.removeprefix("name:") for key in keys[:FEW])
    return named if len(keys) <= FEW else f"{named} and {len(keys) - FEW} more"


def change_lines(done: Done, command: str) -> Iterator[str]:
    """Yield what a change of the log did, in a line or two."""
    decision = done.outcome.decision
    if done.outcome.state == "undone":
        yield f"Undone: {decision.id}, {said(decision)}."
    changes = list(_changes(done.before, done.after))
    if isinstance(decision, Note) and done.outcome.state != "undone":
        changes = [f'Noted on "{decision.called[0]}": {decision.text}']
    for change in changes:
        yield change if change.endswith(tuple(".!?")) else f"{change}."
    for notice in done.outcome.notices:
        yield f"Note: {notice}."
    yield from _newly_lost(done)
    if done.outcome.state != "undone":
        yield f"Decision {decision.id}; to take it back: opsatlas {command} undo {decision.id}"


def _changes(before: Taxonomy, after: Taxonomy) -> Iterator[str]:
    """Yield how the nodes differ; numbers stay with what they name, so they can be compared."""
    for layer in LAYERS:
        old = {node.number: node for node in before.nodes(layer)}
        new = {node.number: node for node in after.nodes(layer)}
        for number in sorted(old.keys() | new.keys()):
            was, now = old.get(number), new.get(number)
            if now is None and was is not None:
                yield f"{called(layer, was)} is no more"
            elif was is None and now is not None:
                yield f"{called(layer, now)} is new, with {_documents(now.size)}"
            elif was is not None and now is not None:
                told = []
                if was.name != now.name:
                    told.append(f'was "{was.name}"')
                if was.size != now.size:
                    told.append(f"has {_documents(now.size)} instead of {was.size:,}")
                if was.hidden != now.hidden:
                    told.append("is hidden" if now.hidden else "is shown again")
                if told:
                    yield f"{called(layer, now)} {', '.join(told)}"
    yield from _moves(before, after)


def _moves(before: Taxonomy, after: Taxonomy) -> Iterator[str]:
    was = {topic.number: topic.category for topic in before.topic_nodes}
    for topic in after.topic_nodes:
        if topic.number in was and was[topic.number] != topic.category:
            name = called("topics", topic)
            yield f"{name} is in c{topic.category} instead of c{was[topic.number]}"
    places = Counter(
        (before.topic_of[key], number)
        for key, number in after.topic_of.items()
        if before.topic_of[key] != number and NOISE in (before.topic_of[key], number)
    )
    for (_, number), count in sorted(places.items()):
        yield f"{_documents(count)} {'unplaced' if number == NOISE else 'no longer unplaced'}"


def _documents(count: int) -> str:
    return f"{count:,} document{'' if count == 1 else 's'}"


def _newly_lost(done: Done) -> Iterator[str]:
    before = {each.decision.id for each in done.before.lost}
    for each in done.after.lost:
        if each.decision.id not in before:
            yield f"Lost by this: {each.decision.id}, {said(each.decision)}: {_reasons(each)}."


def _reasons(outcome: Outcome) -> str:
    return "; ".join(str(loss) for loss in outcome.losses)


def decisions_table(outcomes: Sequence[Outcome]) -> Group:
    """Return the log: an entry a row, then what is lost and why."""
    table = Table("id", "when", "who", "what", "", box=None)
    table.columns[0].justify = "right"
    table.columns[1].no_wrap = True
    for each in outcomes:
        decision = each.decision
        because = f" (because {decision.because})" if decision.because else ""
        when = f"{decision.at:%Y-%m-%d}"
        what = Text(said(decision) + because)
        table.add_row(str(decision.id), when, Text(decision.by), what, each.state)
    lines = [Text(line) for each in outcomes for line in _remarks(each)]
    return Group(table, *([Text("")] if lines else []), *lines)


def _remarks(outcome: Outcome) -> Iterator[str]:
    number = outcome.decision.id
    if outcome.decision.undone is not None:
        undone = outcome.decision.undone
        yield f"{number}: undone by {undone.by}, {undone.at:%Y-%m-%d}"
    if outcome.losses:
        yield f"{number}: {outcome.state}: {_reasons(outcome)}"
    if outcome.gone:
        yield f"{number}: no longer among the documents: {_few(outcome.gone)}"
    for notice in outcome.notices:
        yield f"{number}: {notice}"


def lost_paragraph(decided: Taxonomy, name: str, command: str) -> str | None:
    """Return what to tell of decisions that are lost after a rebuild, or None if none is."""
    if not decided.lost:
        return None
    standing = sum(each.state != "undone" for each in decided.outcomes)
    told = [f"{each.decision.id}, {said(each.decision)}: {_reasons(each)}" for each in decided.lost]
    some = "1 decision is" if len(told) == 1 else f"{len(told)} decisions are"
    return (
        f"Of {standing} that people made about {name}, {some} lost, wholly or partly, as the "
        f"taxonomy is now: {'. '.join(told)}. They are kept; see `opsatlas {command} decisions`."
    )


def as_json(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return the log and what became of each entry as JSON-compatible values."""
    return [
        {
            **each.decision.model_dump(mode="json"),
            "state": each.state,
            "lost": [vars(loss) for loss in each.losses],
            "gone": list(each.gone),
            "notices": list(each.notices),
        }
        for each in outcomes
    ]
