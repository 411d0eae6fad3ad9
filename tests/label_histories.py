"""Random histories of a set of labels, and what must hold after them, worked out the plain way.

The plain way keeps, for every event, the whole set of events that its writer knew of, and reads the
definition off the page. It shares nothing with `labels.history.replay` but the order of events.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from configs.codebook import Codebook
from labels.history.book import Book, Change
from labels.history.events import CHANGES, EventDraft, LogEvent, event_of
from labels.history.replay import LabelState

ITEMS = ("i1", "i2", "i3")
CODERS = ("ada", "ben")
N_COPIES = 3
START = datetime(2026, 1, 1, tzinfo=UTC)
BOOK = Codebook.model_validate(
    {
        "codebook": {"name": "book", "title": "Book", "version": 1},
        "variables": [{"id": "v", "name": "V", "multiple": True, "open": True}],
        "codes": [
            {"id": name, "name": name.upper(), "definition": f"{name}."} for name in ("a", "b", "c")
        ],
    }
)
Step = tuple[int, int, int, int, int]
"""Which copy, what is done, and three numbers to choose from what is there."""


@dataclass
class Copy:
    """One copy of the log, its state kept up step by step."""

    events: dict[str, LogEvent] = field(default_factory=dict)
    state: LabelState = field(default_factory=LabelState)


@dataclass
class World:
    """Some copies, and of every event the uids of all events that its writer knew of."""

    copies: list[Copy]
    past: dict[str, frozenset[str]] = field(default_factory=dict)
    ticks: int = 0

    def write(self, copy: Copy, draft: EventDraft) -> None:
        """Let something happen in one copy."""
        self.ticks += 1
        event = event_of(
            draft,
            lamport=copy.state.lamport + 1,
            parents=copy.state.causality.heads,
            at=START + timedelta(seconds=self.ticks),
        )
        self.past[event.uid] = frozenset(copy.events)
        copy.events[event.uid] = event
        copy.state.apply(event)

    def take(self, copy: Copy, other: Copy) -> None:
        """Join one copy into another."""
        new = other.events.keys() - copy.events.keys()
        if new:
            copy.events.update({uid: other.events[uid] for uid in new})
            copy.state = LabelState(ordered(copy.events.values()))


def ordered(events: object) -> list[LogEvent]:
    """Return events by (lamport, uid)."""
    return sorted(events, key=lambda event: (event.lamport, event.uid))  # type: ignore[call-overload,no-any-return]


def random_steps(seed: int, *, most: int = 24) -> list[Step]:
    """Return the steps of one random history."""
    rng = random.Random(seed)
    numbers = range(1000)
    return [
        (
            rng.randrange(N_COPIES),
            rng.randrange(20),
            rng.choice(numbers),
            rng.choice(numbers),
            rng.choice(numbers),
        )
        for _ in range(rng.randint(1, most))
    ]


def play(steps: Sequence[Step]) -> World:
    """Return the world after a history; a step for which there is nothing to choose is left out."""
    world = World([Copy()])
    begin = {"name": "x", "codebook": BOOK.model_dump(mode="json", exclude_defaults=True)}
    world.write(world.copies[0], EventDraft("begin", "ada", None, begin))
    for _ in range(N_COPIES - 1):
        copy = Copy()
        world.take(copy, world.copies[0])
        world.copies.append(copy)
    for step in steps:
        _play(world, step)
    return world


def _play(world: World, step: Step) -> None:
    number, what, x, y, z = step
    copy = world.copies[number]
    if what >= 18:
        world.take(copy, world.copies[x % N_COPIES])
        return
    draft = _draft(copy.state, what, x, y, z)
    if draft is not None:
        world.write(copy, draft)


def _draft(state: LabelState, what: int, x: int, y: int, z: int) -> EventDraft | None:
    coder, item = CODERS[x % len(CODERS)], ITEMS[y % len(ITEMS)]
    book = state.known_book()
    ids = [code.id for code in book.codes_of("v")]
    if what < 9:
        chosen = [code for number, code in enumerate(ids) if z >> number & 1]
        return EventDraft("code", coder, item, {"variable": "v", "value": chosen})
    if what < 12:
        kind, stack = ("undo", "done") if what < 11 else ("redo", "undone")
        targets = list(getattr(state.desk(coder), stack))
        if not targets:
            return None
        return EventDraft(kind, coder, item, {"target": targets[-1]})  # type: ignore[arg-type]
    change = _change(book, ids, what, x, y, z)
    if change is None:
        return None
    return EventDraft(change.kind, coder, None, change.body())  # type: ignore[arg-type]


def _change(book: Book, ids: list[str], what: int, x: int, y: int, z: int) -> Change | None:
    if what < 14:
        new = f"n{x % 4}"
        if book.find("v", new) or book.find_gone("v", new):
            return None
        values = {"id": new, "name": f"{new} {y}", "definition": "New."}
        return Change("create", "v", (new,), values=values, reason="seen")
    if len(ids) < 2:
        return None
    one, two, three = ids[x % len(ids)], ids[y % len(ids)], ids[z % len(ids)]
    if what == 14:
        return Change("rename", "v", (one,), values={"name": f"renamed {y}"}, reason="better")
    if what == 15:
        return Change("merge", "v", (one, two), (three,), reason="alike") if one != two else None
    if what == 16:
        return Change("split", "v", (one,), (two, three), reason="two") if two != three else None
    return Change("retire", "v", (one,), reason="unused")


def plain_labels(world: World, copy: Copy) -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """Return what each coder's label of each document is: settled codes, and open ones.

    Open ones are written as the sorted candidates in use, joined by ``|``.
    """
    events = ordered(copy.events.values())
    changes = [event for event in events if event.kind in CHANGES]
    in_use = _in_use(changes)
    found = {}
    for coder in CODERS:
        holding: dict[str, LogEvent] = {}
        for event in _effective(events, coder):
            holding[str(event.item)] = event
        for item, event in holding.items():
            labels = {frozenset((code,)) for code in event.body["value"]}
            for change in changes:
                if change.uid not in world.past[event.uid]:
                    labels = {_moved(label, change) for label in labels}
            settled = {next(iter(label)) for label in labels if len(label) == 1 and label <= in_use}
            waiting = {
                "|".join(sorted(label & in_use))
                for label in labels
                if len(label) != 1 or not label <= in_use
            }
            found[coder, item] = (settled, waiting)
    return found


def replayed_labels(state: LabelState) -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """Return the same as a replay says it."""
    found = {}
    for coder in CODERS:
        for item in ITEMS:
            answer = state.answer(coder, item, "v")
            if answer is not None:
                found[coder, item] = (set(answer.codes), {"|".join(sorted(o)) for o in answer.open})
    return found


def _moved(label: frozenset[str], change: LogEvent) -> frozenset[str]:
    if change.kind not in ("merge", "split") or not label & set(change.body["codes"]):
        return label
    return (label - set(change.body["codes"])) | set(change.body["into"])


def _in_use(changes: Sequence[LogEvent]) -> set[str]:
    there, gone = {"a", "b", "c"}, set[str]()
    for change in changes:
        codes, into = set(change.body["codes"]), set(change.body.get("into", ()))
        if change.kind == "create":
            there |= codes - gone
        elif change.kind in ("merge", "split", "retire"):
            gone |= (codes - into) & there
            there -= codes - into
    return there


def _effective(events: Sequence[LogEvent], coder: str) -> list[LogEvent]:
    """Return a coder's decisions that hold: the undone ones fall out, the redone ones come back."""
    done: list[LogEvent] = []
    undone: list[LogEvent] = []
    for event in (event for event in events if event.coder == coder):
        if event.kind == "code":
            done.append(event)
            undone = []
        elif event.kind in ("undo", "redo"):
            here, there = (done, undone) if event.kind == "undo" else (undone, done)
            for decision in [each for each in here if each.uid == event.body["target"]]:
                here.remove(decision)
                there.append(decision)
    return sorted(done, key=lambda event: (event.lamport, event.uid))
