"""From what a person asks for to an entry of the log: checked, tried, and only then written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault
from artifacts.words import LAYERS, NOISE, Layer
from taxonomy.decisions.decision_file import changing, read_log, write_log
from taxonomy.decisions.decisions import (
    AnyDecision,
    Decision,
    Hide,
    Log,
    Merge,
    MoveDocuments,
    MoveTopics,
    Note,
    Part,
    Rename,
    Split,
    Unhide,
)
from taxonomy.decisions.overrides import DecisionOutcome, replay
from taxonomy.decisions.splitting import Together, as_parts, pieces_of, with_rest
from taxonomy.layers import Layers
from taxonomy.nodes import Node, Topic
from taxonomy.taxonomy import Taxonomy

Entry = TypeVar("Entry", bound=Decision)
Make = Callable[[Taxonomy, Log], AnyDecision]
NEW = "new"


@dataclass(frozen=True)
class Signature:
    """Who decides, when, and why."""

    by: str
    at: datetime
    because: str | None = None


@dataclass(frozen=True)
class Done:
    """What a change of the log did.

    Attributes
    ----------
    outcome
        Of the entry that was added or taken back.
    before, after
        The taxonomy without and with the change.
    """

    outcome: DecisionOutcome
    before: Taxonomy
    after: Taxonomy


def record(folder: Path, make: Make) -> Done:
    """Add one entry about the taxonomy in ``folder``; nothing is written if `added` refuses it."""
    with changing(folder):
        log, done = added(Taxonomy.open(folder, decided=False), read_log(folder), make)
        write_log(folder, log)
    return done


def added(found: Taxonomy, log: Log, make: Make) -> tuple[Log, Done]:
    """Return the log with one more entry, and what that does.

    Parameters
    ----------
    make
        Given the taxonomy as it is shown and the log, returns the entry.

    Raises
    ------
    InputError
        If the entry cannot be followed as asked.
    """
    before = replay(found, log)
    extended = log.adding(make(before, log))
    after = replay(found, extended)
    outcome = after.outcomes[-1]
    if outcome.state != "followed":
        raise InputError(f"That cannot be done: {'; '.join(map(str, outcome.losses))}.")
    return extended, Done(outcome, before, after)


def undo(folder: Path, which: int | None, *, by: str, at: datetime) -> Done:
    """Mark an entry about the taxonomy in ``folder`` as undone; None: the last that stands.

    Raises
    ------
    InputError
        If there is no such entry, or it is undone already.
    """
    with changing(folder):
        log = read_log(folder)
        found = Taxonomy.open(folder, decided=False)
        changed, decision = log.undoing(which, by=by, at=at)
        before, after = replay(found, log), replay(found, changed)
        write_log(folder, changed)
    outcome = next(each for each in after.outcomes if each.decision.id == decision.id)
    return Done(outcome, before, after)


def find_node(shown: Layers, text: str) -> Node:
    """Return the node that is named as it is shown: `3`, `c3`, or by its whole name.

    Raises
    ------
    InputError
        If there is none, or several have the name.
    """
    wanted = text.strip().casefold()
    nodes = [node for layer in LAYERS for node in shown.nodes(layer)]
    by_address = [node for node in nodes if node.address == wanted]
    matches = by_address or [node for node in nodes if node.name.casefold() == wanted]
    if len(matches) > 1:
        meant = " or ".join(node.reference for node in matches)
        raise InputError(f"'{text}' may be {meant}.", fix="say its number")
    if not matches:
        kind = "category" if wanted[:1] == "c" and wanted[1:].isdigit() else "topic"
        called = f"{kind} {text}" if text.lstrip("c-").isdigit() else f"topic or category '{text}'"
        raise InputError(f"There is no {called}.", fix=_numbers_used(shown))
    return matches[0]


def _numbers_used(shown: Layers) -> str:
    if not shown.topic_nodes:
        return "the taxonomy has no topic"
    topics, categories = shown.topic_nodes, shown.category_nodes
    return (
        f"topics are {topics[0].number} to {topics[-1].number}, categories "
        f"c{categories[0].number} to c{categories[-1].number}; see `show`"
    )


def find_nodes(shown: Taxonomy, texts: Sequence[str]) -> list[Node]:
    """Return the nodes that are named, which must be of one layer."""
    nodes = [find_node(shown, text) for text in texts]
    if len({node.layer for node in nodes}) != 1:
        raise InputError("Topics and categories cannot be taken together.", where=" ".join(texts))
    return list({node.number: node for node in nodes}.values())


def find_documents(
    shown: Taxonomy, names: Mapping[str, Collection[str]], texts: Iterable[str]
) -> list[str]:
    """Return the keys of the documents that are named.

    Parameters
    ----------
    names
        Keys by every name, in lower case, that a document may go by.

    Raises
    ------
    InputError
        If there is none of the name, or several.
    """
    keys: dict[str, None] = {}
    for text in texts:
        keys_meant = sorted({k for k in names.get(text.strip().lower(), ()) if k in shown.topic_of})
        if not keys_meant:
            raise InputError(
                f"There is no document '{text}' in the taxonomy.",
                fix="name it as `show` does, by its key, or by its address",
            )
        if len(keys_meant) > 1:
            raise InputError(
                f"'{text}' may be any of {len(keys_meant)} documents.",
                fix=f"say which by its key: {', '.join(keys_meant)}",
            )
        keys[keys_meant[0]] = None
    return list(keys)


def rename(shown: Taxonomy, log: Log, sign: Signature, node: str, name: str) -> Rename:
    """Return the entry that gives a node a name."""
    named = find_node(shown, node)
    _refuse_taken(shown, named.layer, name, [named])
    if named.name == name.strip() and named.named_by == "person":
        raise InputError(f"That is the name of {named.address} already.")
    return _made(Rename, shown, log, sign, [named], name=name)


def merge(
    shown: Taxonomy, log: Log, sign: Signature, nodes: Sequence[str], name: str | None
) -> Merge:
    """Return the entry that joins nodes of one layer."""
    parts = find_nodes(shown, nodes)
    if len(parts) < 2:
        raise InputError("It takes two nodes to merge.", fix="name another")
    if name is not None:
        _refuse_taken(shown, parts[0].layer, name, parts)
    return _made(Merge, shown, log, sign, parts, name=name)


@dataclass(frozen=True)
class Cut:
    """How a node is to be split: by one of these three.

    Attributes
    ----------
    into
        Into how many parts, by what the runs tell.
    documents
        Of a topic: the names of the documents of each new part; what is left is the first part.
    topics
        Of a category: the topics of the new part.
    names
        Of the parts, in their order.
    """

    into: int | None = None
    documents: Sequence[Sequence[str]] = ()
    topics: Sequence[str] = ()
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        if sum([self.into is not None, bool(self.documents), bool(self.topics)]) != 1:
            raise InputError(
                "How is it to be split?",
                fix="--into N; or --documents NAME or --keys FILE of a topic; or --topics of a "
                "category",
            )


def cut(
    shown: Taxonomy,
    log: Log,
    sign: Signature,
    node: str,
    how: Cut,
    evidence: Together,
    *,
    known: Mapping[str, Collection[str]],
    texts: Mapping[str, str],
    stop_words: Set[str],
) -> Split:
    """Return the entry that parts a node as a person asks for.

    Parameters
    ----------
    known
        The keys that a name in lower case may mean.
    texts, stop_words
        Of the documents, by key: they describe the parts.
    """
    whole = find_node(shown, node)
    keys = shown.members(whole)
    if how.into is not None:
        pieces = pieces_of(shown, whole, evidence, how.into)
    elif how.topics:
        numbers = _topics_within(shown, node, how.topics)
        pieces = with_rest([[key for key in keys if shown.topic_of[key] in numbers]], keys)
    elif whole.layer == "categories":
        raise InputError("A category is split by topics.", fix="--topics NUMBER")
    else:
        lists = [find_documents(shown, known, names) for names in how.documents]
        pieces = with_rest(lists, keys)
    parts = as_parts(pieces, evidence, texts=texts, stop_words=stop_words, names=how.names)
    return split(shown, log, sign, whole, parts)


def _topics_within(shown: Taxonomy, category: str, topics: Sequence[str]) -> set[int]:
    whole = find_node(shown, category)
    if whole.layer != "categories":
        raise InputError("--topics is for a category.", fix="--documents NAME, or --into N")
    nodes = find_nodes(shown, topics)
    within = {topic.number for topic in shown.topics_in(whole.number)}
    for node in nodes:
        if node.layer != "topics" or node.number not in within:
            raise InputError(f"{node.number} is not a topic of {category}.")
    return {node.number for node in nodes}


def split(shown: Taxonomy, log: Log, sign: Signature, node: Node, parts: Sequence[Part]) -> Split:
    """Return the entry that parts a node."""
    for part in parts:
        if part.named_by == "person":
            _refuse_taken(shown, node.layer, part.name, [node])
    return _made(Split, shown, log, sign, [node], parts=tuple(parts))


def move(
    shown: Taxonomy,
    log: Log,
    sign: Signature,
    what: Sequence[str],
    to: str,
    name: str | None,
    known: Mapping[str, Collection[str]],
) -> MoveDocuments | MoveTopics:
    """Return the entry that moves documents to a topic or none, or topics to a category.

    Parameters
    ----------
    to
        A topic, `-1`, a category, or `NEW`: a category that is called ``name``.
    known
        The keys that a name of a document, in lower case, may mean.
    """
    if to == NEW:
        return move_topics(shown, log, sign, what, None, name)
    if to != str(NOISE) and find_node(shown, to).layer == "categories":
        return move_topics(shown, log, sign, what, to, name)
    if name is not None:
        raise InputError("--name is for a new category.", fix="--to new --name NAME")
    return move_documents(shown, log, sign, find_documents(shown, known, what), to)


def move_documents(
    shown: Taxonomy, log: Log, sign: Signature, keys: Sequence[str], to: str
) -> MoveDocuments:
    """Return the entry that places documents in a topic, or, to `-1`, in none."""
    target: list[Node] = []
    if to.strip() != str(NOISE):
        target = [find_node(shown, to)]
        if target[0].layer == "categories":
            raise InputError("Documents are moved to a topic.", where=f"--to {to}")
    number = target[0].number if target else NOISE
    keys = [key for key in keys if shown.topic_of[key] != number]
    if not keys:
        raise InputError(f"Nothing to do: they are all in {number} already.")
    return _made(MoveDocuments, shown, log, sign, target, documents=tuple(sorted(keys)))


def move_topics(
    shown: Taxonomy,
    log: Log,
    sign: Signature,
    topics: Sequence[str],
    to: str | None,
    name: str | None,
) -> MoveTopics:
    """Return the entry that puts topics into a category; to None: into a new one, of that name."""
    nodes = find_nodes(shown, topics)
    if nodes[0].layer != "topics":
        raise InputError("Only topics are moved to a category.", fix="to join two: `merge`")
    if to is None:
        if name is None:
            raise InputError("A new category needs a name.", fix="add --name NAME")
        _refuse_taken(shown, "categories", name, [])
        return _made(MoveTopics, shown, log, sign, nodes, name=name)
    if name is not None:
        raise InputError("--name is for a new category.", fix="to change one: `rename`")
    category = find_node(shown, to)
    nodes = [node for node in nodes if shown.category_of[node.number] != category.number]
    if not nodes:
        raise InputError(f"Nothing to do: they are all in {to} already.")
    to_keys = tuple(sorted(shown.members(category)))
    return _made(MoveTopics, shown, log, sign, nodes, to=to_keys, to_called=category.name)


def hide(shown: Taxonomy, log: Log, sign: Signature, node: str) -> Hide:
    """Return the entry that hides a node."""
    hidden = find_node(shown, node)
    if hidden.hidden:
        raise InputError(f"{hidden.reference} is hidden already.")
    return _made(Hide, shown, log, sign, [hidden])


def unhide(shown: Taxonomy, log: Log, sign: Signature, node: str) -> Unhide:
    """Return the entry that shows a node again."""
    hidden = find_node(shown, node)
    if not hidden.hidden:
        raise InputError(f"{hidden.reference} is not hidden.")
    if isinstance(hidden, Topic):
        category = shown.node("categories", hidden.category)
        if category is not None and category.hidden:
            raise InputError(
                f"{hidden.reference} is hidden with its category.",
                fix=f"unhide {category.address}, or move the topic to another category",
            )
    return _made(Unhide, shown, log, sign, [hidden])


def note(shown: Taxonomy, log: Log, sign: Signature, node: str, text: str) -> Note:
    """Return the entry that writes something about a node."""
    return _made(Note, shown, log, sign, [find_node(shown, node)], text=text)


def _refuse_taken(shown: Taxonomy, layer: Layer, name: str, but: Sequence[Node]) -> None:
    own = {node.number for node in but}
    for node in shown.nodes(layer):
        if node.number not in own and node.name.casefold() == name.strip().casefold():
            raise InputError(
                f"The name is taken: {node.reference}.", fix="choose another, or merge them"
            )


def _made(
    kind: type[Entry],
    shown: Taxonomy,
    log: Log,
    sign: Signature,
    nodes: Sequence[Node],
    **more: Any,
) -> Entry:
    """Return an entry about nodes of one layer; topics where it is about none."""
    layer = nodes[0].layer if nodes else "topics"
    members = shown.members_of(layer)
    try:
        return kind(
            id=log.next_id(),
            by=sign.by,
            at=sign.at,
            because=sign.because,
            layer=layer,
            called=tuple(node.name for node in nodes),
            anchors=tuple(tuple(sorted(members[node.number])) for node in nodes),
            **more,
        )
    except ValidationError as error:
        fault = first_fault(error)
        what = (
            f"{fault.field}: there is no text" if fault.kind == "string_too_short" else str(fault)
        )
        raise InputError(
            f"{what}.", where=repr(fault.given), fix="one line of plain text"
        ) from None
