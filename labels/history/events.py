"""Events: everything that ever happens to a set of labels, each a record that never changes.

    begin        the set: its name, its codebook, what was named beforehand     (once, the first)
    wave, close  documents to be coded; the end of their coding
    code         a coder gives a document codes of one variable
    memo, confidence, flag, skip     what else a coder says of a document
    undo, redo   of the coder's own decisions
    seen         a coder looked at the machine's guess
    create, rename, redefine, merge, split, retire     a change of the codebook, with its reason

An event names its *parents*: the events that nothing followed when it was written, in the copy that
it was written in. Copies of a log therefore join as sets do: union, in any order, any number of
times. `lamport` is one more than the greatest that was known (Lamport 1978, "Time, clocks and the
ordering of events in a distributed system"), so sorting by (lamport, uid) puts every event after
all that it could have known of. The uid is a hash of the content: an event that was altered, or
whose parents are missing, is found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, get_args

from artifacts.hashing import hash_text

ChangeKind = Literal["create", "rename", "redefine", "merge", "split", "retire"]
DecisionKind = Literal["code", "memo", "confidence", "flag", "skip"]
LogEventKind = Literal[ChangeKind, DecisionKind, "begin", "wave", "close", "undo", "redo", "seen"]

KINDS: frozenset[str] = frozenset(get_args(LogEventKind))
CHANGES: frozenset[str] = frozenset(get_args(ChangeKind))
DECISIONS: frozenset[str] = frozenset(get_args(DecisionKind))
UID_LENGTH = 32


class EventDraft(NamedTuple):
    """What is about to happen: an event without its place in the log."""

    kind: LogEventKind
    coder: str
    item: str | None
    body: Mapping[str, Any]


class LogEvent(NamedTuple):
    """One thing that happened.

    Attributes
    ----------
    uid
        A hash of the content, which names the event.
    lamport
        One more than the greatest that was known.
    parents
        Uids of the events that nothing followed when it was written.
    at
        When, UTC, ISO 8601 with milliseconds. Nothing but times that are shown hangs on it.
    coder
        Who did it.
    kind
        What happened.
    item
        The document that it is about, if about one.
    body
        JSON-compatible; what it holds is said where it is read (`labels.history.replay`).
    """

    uid: str
    lamport: int
    parents: tuple[str, ...]
    at: str
    coder: str
    kind: LogEventKind
    item: str | None
    body: Mapping[str, Any]


def event_of(draft: EventDraft, *, lamport: int, parents: Iterable[str], at: datetime) -> LogEvent:
    """Return the event that a draft becomes at a place in a log."""
    ordered = tuple(sorted(parents))
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds")
    uid = uid_of(lamport, ordered, stamp, draft.coder, draft.kind, draft.item, dumped(draft.body))
    return LogEvent(uid, lamport, ordered, stamp, draft.coder, draft.kind, draft.item, draft.body)


def uid_of(
    lamport: int,
    parents: Iterable[str],
    at: str,
    coder: str,
    kind: str,
    item: str | None,
    body: str,
) -> str:
    """Return the hash that names an event of this content; ``body`` is as `dumped` writes it."""
    parts = [str(lamport), *parents, at, json.dumps([coder, kind, item]), body]
    return hash_text("\n".join(parts))[:UID_LENGTH]


def dumped(body: Mapping[str, Any]) -> str:
    """Return a body as JSON, independent of the order of its keys."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def in_order(events: Iterable[LogEvent]) -> list[LogEvent]:
    """Return events in the order in which they are replayed."""
    return sorted(events, key=lambda event: (event.lamport, event.uid))
