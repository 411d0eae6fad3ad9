"""Replay: what holds after a log of events.

A label is never rewritten. It is kept as it was given, with the changes of the codebook that its
coder knew of; what it means now follows from the changes that the coder did not know of, in their
order: a merge takes it along, a split leaves it *open* between the parts, and so does the
retirement of its code. An open label waits to be given anew; a later merge of all the parts
settles it.

Which of two events could have known of the other: most logs are one long chain, so an event is
known by its chain and its place in it, and a chain by how far into each other chain its first event
looks (vector clocks: Fidge 1988, Mattern 1989).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from configs.codebook import Codebook
from labels.history.book import Book, Candidates, Change
from labels.history.events import CHANGES, DECISIONS, LogEvent, in_order
from labels.records import Codes


class Causality:
    """The order in which events could know of one another, built as they are added."""

    def __init__(self) -> None:
        self._place: dict[str, tuple[int, int]] = {}
        self._known: list[dict[int, int]] = []  # by chain: the last place known in each other one
        self._length: list[int] = []
        self.heads: set[str] = set()

    @property
    def is_one_chain(self) -> bool:
        """Tell whether every event knew of all before it."""
        return len(self._length) < 2

    def add(self, uid: str, parents: Iterable[str]) -> None:
        """Add an event whose parents were added before; raise `KeyError` if one was not."""
        named = tuple(parents)
        places = [self._place[parent] for parent in named]
        self.heads.difference_update(named)
        self.heads.add(uid)
        if len(places) == 1:
            chain, position = places[0]
            if position == self._length[chain] - 1:
                self._length[chain] += 1
                self._place[uid] = (chain, position + 1)
                return
        known: dict[int, int] = {}
        for chain, position in places:
            for other, last in (*self._known[chain].items(), (chain, position)):
                known[other] = max(last, known.get(other, -1))
        self._place[uid] = (len(self._length), 0)
        self._known.append(known)
        self._length.append(1)

    def __contains__(self, uid: object) -> bool:
        return uid in self._place

    def before(self, first: str, second: str) -> bool:
        """Tell whether the second event could have known of the first."""
        chain, position = self._place[first]
        other, place = self._place[second]
        if chain == other:
            return position < place
        return self._known[other].get(chain, -1) >= position


Field = tuple[str, str]
"""What a decision is about: its kind, and the variable (empty for memo, flag, …)."""


class FieldDecision(NamedTuple):
    """One decision of a coder about one field of a document.

    Attributes
    ----------
    value
        As it was decided: codes, text, level or yes and no.
    n_changes
        Changes of the codebook that had been replayed before it.
    missed
        Those among them that its coder could not know of: made in another copy.
    """

    uid: str
    value: Any
    n_changes: int
    missed: tuple[int, ...]


class CoderAnswer(NamedTuple):
    """What a coder's label of one variable means now.

    Attributes
    ----------
    codes
        That are settled, in the codebook's order.
    open
        What the others may stand for; codes that are out of use are left out, so it can be empty.
    version
        Of the codebook under which it was given; None where copies had gone apart.
    """

    codes: Codes
    open: tuple[Candidates, ...]
    version: int | None

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing of it waits to be given anew."""
        return not self.open


def settled_codes(answers: Mapping[str, CoderAnswer]) -> dict[str, Codes]:
    """Return the codes of each variable whose answer does not wait to be given anew."""
    return {variable: answer.codes for variable, answer in answers.items() if answer.is_settled}


@dataclass
class CoderDesk:
    """What one coder did.

    Attributes
    ----------
    fields
        Decisions by document and field, in order, those undone among them.
    done, undone
        Uids of decisions that can be undone, and redone, the latest last.
    void
        Uids of decisions that were undone.
    seconds
        Time spent, by document.
    last
        When the coder last decided something, by document.
    saw
        Variables whose machine's guess the coder looked at, by document.
    """

    fields: dict[str, dict[Field, list[FieldDecision]]] = field(default_factory=dict)
    done: dict[str, tuple[str, Field]] = field(default_factory=dict)
    undone: dict[str, tuple[str, Field]] = field(default_factory=dict)
    void: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    saw: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def entry(self, item: str, what: Field) -> FieldDecision | None:
        """Return the decision that holds, or None."""
        entries = self.fields.get(item, {}).get(what, ())
        return next((entry for entry in reversed(entries) if entry.uid not in self.void), None)

    def value(self, item: str, kind: str) -> Any:
        """Return the memo, confidence, flag or skip that holds, or None."""
        entry = self.entry(item, (kind, ""))
        return None if entry is None else entry.value


@dataclass(frozen=True)
class Conflict:
    """What copies of one coder say differently, neither knowing of the other.

    Attributes
    ----------
    what
        The variable, or memo, confidence, flag, skip.
    first, last
        What was said, in the order of the log; the last holds until the coder decides again.
    """

    coder: str
    item: str
    what: str
    first: Any
    last: Any


@dataclass(frozen=True)
class Wave:
    """Documents that are coded together.

    Attributes
    ----------
    items
        In the order in which they were drawn.
    strata
        Of each document: the part of the population that it was drawn from.
    texts
        The hash of the document as coders read it.
    coders
        The documents of each coder who was named; None: all. Empty: whoever comes codes all.
    design
        How the sample was drawn, as the sampler says it.
    """

    name: str
    items: tuple[str, ...]
    strata: Mapping[str, str]
    texts: Mapping[str, str]
    coders: Mapping[str, frozenset[str] | None]
    design: Mapping[str, Any]
    seed: int

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Wave:
        """Return the wave that an event tells of."""
        rows = body["items"]
        return cls(
            name=body["wave"],
            items=tuple(row[0] for row in rows),
            strata={row[0]: row[1] for row in rows},
            texts={row[0]: row[2] for row in rows},
            coders={
                coder: None if keys is None else frozenset(keys)
                for coder, keys in body["coders"].items()
            },
            design=body["design"],
            seed=body["seed"],
        )

    def is_for(self, coder: str, item: str) -> bool:
        """Tell whether a coder is to code a document of the wave."""
        if not self.coders:
            return True
        if coder not in self.coders:
            return False
        keys = self.coders[coder]
        return keys is None or item in keys


class LabelState:
    """What holds after the events so far; `apply` them in order, one by one or all at once."""

    def __init__(self, events: Iterable[LogEvent] = ()) -> None:
        self.causality = Causality()
        self.lamport = 0
        self.first = ""
        self.begin: Mapping[str, Any] = {}
        self.book: Book | None = None
        self.changes: list[tuple[LogEvent, Change]] = []
        self.waves: dict[str, Wave] = {}
        self.closed: dict[str, LogEvent] = {}
        self.opened: dict[str, str] = {}
        self.wave_of: dict[str, str] = {}
        self.desks: dict[str, CoderDesk] = {}
        self.late: list[LogEvent] = []
        self._decided: dict[str, list[LogEvent]] = defaultdict(list)  # by wave, until it is closed
        for event in events:
            self.apply(event)

    def apply(self, event: LogEvent) -> None:
        """Take one more event into account: it must sort after all before it."""
        self.causality.add(event.uid, event.parents)
        self.lamport = max(self.lamport, event.lamport)
        if event.kind in DECISIONS:
            self._decide(event)
        elif event.kind in CHANGES:
            change = Change.read(event.kind, event.body)
            self.changes.append((event, change))
            self.book = self.known_book().after(change)
        elif event.kind in ("undo", "redo"):
            self._take_back(event)
        elif event.kind == "seen":
            self.desk(event.coder).saw.setdefault(str(event.item), []).append(event.body)
        elif event.kind == "wave":
            self._open_wave(event)
        elif event.kind == "close":
            self._close(event)
        else:
            self.first, self.begin = event.uid, event.body
            self.book = Book.of(Codebook.model_validate(event.body["codebook"]))

    def known_book(self) -> Book:
        """Return the codebook as it is now."""
        if self.book is None:
            raise LookupError("the log does not begin")
        return self.book

    def book_at(self, version: int) -> Book:
        """Return the codebook of that version: 1 as the set began, one more with every change."""
        book = Book.of(Codebook.model_validate(self.begin["codebook"]))
        for _, change in self.changes[: version - 1]:
            book = book.after(change)
        return book

    def desk(self, coder: str) -> CoderDesk:
        """Return what a coder did; an empty desk for one who did nothing yet."""
        return self.desks.setdefault(coder, CoderDesk())

    def answer(self, coder: str, item: str, variable: str) -> CoderAnswer | None:
        """Return what a coder's label means now; None if there is none."""
        entry = self.desk(coder).entry(item, ("code", variable))
        if entry is None or entry.value is None:
            return None
        elements = {frozenset((code,)) for code in entry.value}
        for change in self._changes_since(entry, variable):
            elements = {change.moves(candidates) for candidates in elements}
        book = self.known_book()
        in_use = {code.id for code in book.codes_of(variable)}
        settled = {c for e in elements if len(e) == 1 for c in e if c in in_use}
        waiting = {e & in_use for e in elements if len(e) != 1 or not e <= in_use}
        version = None if entry.missed else entry.n_changes + 1
        ordered = sorted(waiting, key=lambda codes: book.ordered(variable, codes))
        return CoderAnswer(book.ordered(variable, settled), tuple(ordered), version)

    def answers(self, coder: str, item: str) -> dict[str, CoderAnswer]:
        """Return a coder's labels of the variables that apply to a document, in their order."""
        answers: dict[str, CoderAnswer] = {}
        settled: dict[str, Codes] = {}
        for variable in self.known_book().variables:
            if not variable.applies(settled):
                continue
            answer = self.answer(coder, item, variable.id)
            if answer is not None:
                answers[variable.id] = answer
                if answer.is_settled:
                    settled[variable.id] = answer.codes
        return answers

    def conflicts(self) -> Iterator[Conflict]:
        """Yield where copies of one coder decided differently, neither knowing of the other.

        A conflict is over when the coder, knowing of both, decides again.
        """
        if self.causality.is_one_chain:
            return
        for coder, desk in sorted(self.desks.items()):
            for item, fields in sorted(desk.fields.items()):
                for (kind, variable), entries in sorted(fields.items()):
                    valid = [entry for entry in entries if entry.uid not in desk.void]
                    for other in valid[:-1]:
                        last, what = valid[-1], variable or kind
                        apart = not self.causality.before(other.uid, last.uid)
                        if apart and other.value != last.value:
                            yield Conflict(coder, item, what, other.value, last.value)

    def _changes_since(self, entry: FieldDecision, variable: str) -> Iterator[Change]:
        for number in (*entry.missed, *range(entry.n_changes, len(self.changes))):
            change = self.changes[number][1]
            if change.variable == variable:
                yield change

    def _decide(self, event: LogEvent) -> None:
        desk, item = self.desk(event.coder), str(event.item)
        what: Field = (event.kind, event.body.get("variable", ""))
        missed: tuple[int, ...] = ()
        if event.kind == "code" and not self.causality.is_one_chain:
            missed = tuple(
                number
                for number, (change, _) in enumerate(self.changes)
                if not self.causality.before(change.uid, event.uid)
            )
        value = event.body.get("value")
        entry = FieldDecision(event.uid, value, len(self.changes), missed)
        desk.fields.setdefault(item, {}).setdefault(what, []).append(entry)
        desk.done[event.uid] = (item, what)
        desk.undone.clear()
        desk.last[item] = event.at
        if "seconds" in event.body:
            desk.seconds[item] = desk.seconds.get(item, 0.0) + event.body["seconds"]
        wave = self.wave_of.get(item, "")
        if "by" not in event.body:  # adjudication comes after the close
            (self.late if wave in self.closed else self._decided[wave]).append(event)

    def _take_back(self, event: LogEvent) -> None:
        """Undo or redo; what another copy has undone or redone already stays so."""
        desk = self.desk(event.coder)
        stack, other = (
            (desk.done, desk.undone) if event.kind == "undo" else (desk.undone, desk.done)
        )
        target = event.body["target"]
        if target not in stack:
            return
        other[target] = stack.pop(target)
        desk.last[other[target][0]] = event.at
        (desk.void.add if event.kind == "undo" else desk.void.discard)(target)

    def _open_wave(self, event: LogEvent) -> None:
        wave = Wave.read(event.body)
        if wave.name in self.waves:  # another copy called another wave so
            wave = replace(wave, name=f"{wave.name}-{event.uid[:6]}")
        # What another copy drew as well stays in the first wave that it is in.
        wave = replace(wave, items=tuple(i for i in wave.items if i not in self.wave_of))
        self.waves[wave.name] = wave
        self.opened[event.uid] = wave.name
        self.wave_of.update(dict.fromkeys(wave.items, wave.name))

    def _close(self, event: LogEvent) -> None:
        wave = self.opened[event.body["opened"]]
        if wave in self.closed:  # in another copy as well
            return
        self.closed[wave] = event
        decided = self._decided.pop(wave, [])
        if not self.causality.is_one_chain:
            self.late += [e for e in decided if not self.causality.before(e.uid, event.uid)]


def replay(events: Iterable[LogEvent]) -> LabelState:
    """Return what holds after events that come in any order."""
    return LabelState(in_order(events))
