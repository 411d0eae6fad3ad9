"""One coder at work: the documents in an order of the coder's own, and what the coder decides.

A session shows nothing of other coders and nothing of the machine; each decision is on disk when
the call that makes it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from artifacts.errors import InputError
from artifacts.hashing import hash_text
from configs.codebook import Code, Variable
from labels.changes import change_codebook, created, new_code
from labels.history.book import Book
from labels.history.events import EventDraft
from labels.history.replay import CoderAnswer, CoderDesk, Wave, settled_codes
from labels.label_set import LabelSet
from labels.records import CONFIDENCES, Confidence, Document, check_coder
from labels.waves import wave_named

MORE = 20
"""Documents that are advised to be drawn when all are coded."""


class CodebookChangedError(InputError):
    """Somebody changed the codebook since the coder last saw it: look again before deciding."""


@dataclass(frozen=True)
class Suggestion:
    """The machine's guess for one variable of one document, with what it rests on."""

    code: str
    text: str


@dataclass(frozen=True)
class Card:
    """What a coder holds of one document.

    Attributes
    ----------
    variables
        Those that apply, in the order in which they are asked.
    answers
        By variable; an answer may be open: a change of the codebook wants it given anew.
    waiting
        The first variable that has no settled answer; None: the document is done.
    """

    item: str
    variables: tuple[Variable, ...]
    answers: Mapping[str, CoderAnswer]
    waiting: str | None
    memo: str
    confidence: Confidence | None
    flagged: bool
    skipped: bool
    seconds: float

    @property
    def is_done(self) -> bool:
        """Tell whether every variable that applies has a settled answer."""
        return self.waiting is None


@dataclass(frozen=True)
class Tally:
    """How far a coder is: documents in all, done, put aside, flagged, and to be coded anew."""

    total: int
    done: int
    skipped: int
    flagged: int
    open: int


class Work:
    """Documents that are gone through, and where what is decided of them is written.

    Attributes
    ----------
    coder
        Who decides: a person, or `labels.records.ADJUDICATED` for all together.
    items
        The keys of the documents, in order.
    place
        The place of each in that order, from 0.
    """

    def __init__(self, labels: LabelSet, coder: str, items: list[str]) -> None:
        self.labels = labels
        self.coder = coder
        self.items = items
        self.place = {item: number for number, item in enumerate(items)}

    @property
    def desk(self) -> CoderDesk:
        """Return what was decided so far."""
        return self.labels.state.desk(self.coder)

    def document(self, item: str) -> Document:
        """Return a document as it is read."""
        return self.labels.document(item)

    def undo(self) -> str | None:
        """Take the last decision back; return its document, or None if there is none."""
        return self._take_back("undo")

    def redo(self) -> str | None:
        """Make the last decision that was taken back hold again; return its document, or None."""
        return self._take_back("redo")

    def _draft(self, kind: Any, item: str, body: dict[str, Any]) -> EventDraft:
        return EventDraft(kind, self.coder, item, body)

    def _refuse_closed(self, item: str) -> None:
        """Refuse a decision on a document of which no more can be decided."""

    def _take_back(self, kind: Any) -> str | None:
        def drafts() -> list[EventDraft]:
            stack = self.desk.done if kind == "undo" else self.desk.undone
            for target, (item, _) in reversed(stack.items()):
                if item in self.place:
                    self._refuse_closed(item)
                    return [self._draft(kind, item, {"target": target})]
            return []

        return next((event.item for event in self.labels.write(drafts)), None)


class Session(Work):
    """One coder at work in one set of labels.

    Parameters
    ----------
    wave
        The wave to code; None: every one that is open.
    suggestions
        The machine's guesses by document and variable; none are shown unless asked for.

    Raises
    ------
    InputError
        If no wave is open, or none is for this coder.
    """

    def __init__(
        self,
        labels: LabelSet,
        coder: str,
        *,
        wave: str | None = None,
        suggestions: Mapping[str, Mapping[str, Suggestion]] | None = None,
    ) -> None:
        coder = check_coder(coder)
        super().__init__(labels, coder, _order(_open_waves(labels, coder, wave), coder))
        self._suggestions = suggestions or {}
        self._book = labels.book
        self._count()

    @property
    def can_suggest(self) -> bool:
        """Tell whether there are guesses that may be asked for."""
        return bool(self._suggestions)

    def card(self, item: str) -> Card:
        """Return what the coder holds of a document."""
        state, desk = self.labels.state, self.desk
        answers = state.answers(self.coder, item) if item in desk.fields else {}
        settled = settled_codes(answers)
        variables = self.labels.book.asked_with(settled)
        return Card(
            item=item,
            variables=variables,
            answers=answers,
            waiting=next((v.id for v in variables if v.id not in settled), None),
            memo=desk.value(item, "memo") or "",
            confidence=desk.value(item, "confidence"),
            flagged=bool(desk.value(item, "flag")),
            skipped=bool(desk.value(item, "skip")),
            seconds=desk.seconds.get(item, 0.0),
        )

    def tally(self) -> Tally:
        """Return how far the coder is."""
        return Tally(
            total=len(self.items),
            done=len(self._done),
            skipped=len(self._skipped - self._done),
            flagged=len(self._flagged),
            open=len(self._open),
        )

    def spent_s(self) -> list[float]:
        """Return the seconds that each document took which is done, the latest begun last."""
        return [spent for item, spent in self.desk.seconds.items() if item in self._done]

    def next_item(self, after: str | None = None) -> str | None:
        """Return the next document to code, after one or from the beginning; None: all are done.

        Documents that were put aside come last.
        """
        start = 0 if after is None else self.place[after] + 1
        ahead = (*self.items[start:], *self.items[:start])
        for wanted in (self._is_fresh, self._is_waiting):
            following = next((item for item in ahead if wanted(item) and item != after), None)
            if following is not None:
                return following
        return after if after is not None and self._is_waiting(after) else None

    def open_items(self) -> list[str]:
        """Return the documents that a change of the codebook wants coded anew."""
        return [item for item in self.items if item in self._open]

    def conflicts(self) -> list[str]:
        """Return the documents on which two copies of this coder disagree."""
        conflicts = self.labels.state.conflicts()
        return sorted({c.item for c in conflicts if c.coder == self.coder})

    def code(
        self, item: str, variable: str, codes: Sequence[str], *, seconds: float | None = None
    ) -> None:
        """Give a document codes of one variable; none of several says that nothing applies.

        Raises
        ------
        InputError
            If the codes are not in use, or too many; nothing is written.
        """
        self._decide("code", item, seconds, lambda: self._code_body(item, variable, codes))

    def clear(self, item: str, variable: str) -> None:
        """Take a document's codes of one variable back, so that it waits for new ones."""
        self._decide("code", item, None, lambda: {"variable": variable, "value": None})

    def memo(self, item: str, text: str, *, seconds: float | None = None) -> None:
        """Write down what is worth remembering of a document; an empty text takes it away."""
        self._decide("memo", item, seconds, lambda: {"value": text})

    def confidence(
        self, item: str, level: Confidence | None, *, seconds: float | None = None
    ) -> None:
        """Say how sure one is of a document's codes."""
        if level is not None and level not in CONFIDENCES:
            raise InputError(f"'{level}' is no confidence.", fix=f"say {', '.join(CONFIDENCES)}")
        self._decide("confidence", item, seconds, lambda: {"value": level})

    def flag(self, item: str, on: bool, *, seconds: float | None = None) -> None:
        """Mark a document to talk about it, or take the mark away."""
        self._decide("flag", item, seconds, lambda: {"value": on})

    def skip(self, item: str, on: bool, *, seconds: float | None = None) -> None:
        """Put a document aside, or take it up again."""
        self._decide("skip", item, seconds, lambda: {"value": on})

    def add_code(self, variable: str, name: str, definition: str, reason: str) -> Code:
        """Add a code to an open variable and return it.

        Raises
        ------
        InputError
            If the variable is closed, or another code is called so.
        """
        known = self.labels.book.variable(variable)
        if known is None or not known.open:
            raise InputError(
                f"'{variable}' takes no new codes.", fix="make it open in the codebook's file"
            )
        self.labels.sync()
        self._refuse_changed()
        code = new_code(self.labels.book, variable, name, definition)
        change_codebook(self.labels, [created(code, reason)], coder=self.coder)
        self._book = self.labels.book
        return code

    def suggestion(self, item: str, variable: str) -> Suggestion | None:
        """Return the machine's guess, and record that the coder saw it; None if there is none."""
        guess = self._suggestions.get(item, {}).get(variable)
        if guess is not None:
            body = {"variable": variable, "code": guess.code, "text": guess.text}
            self.labels.write(lambda: [self._draft("seen", item, body)])
        return guess

    def refresh(self) -> bool:
        """Read what others wrote; tell whether the codebook has changed."""
        before = self._book
        self.labels.sync()
        self._keep_up()
        self._book = self.labels.book
        return self._book != before

    def _code_body(self, item: str, variable: str, codes: Sequence[str]) -> dict[str, Any]:
        card, book = self.card(item), self.labels.book
        asked = next((candidate for candidate in card.variables if candidate.id == variable), None)
        if asked is None:
            ids = ", ".join(candidate.id for candidate in card.variables)
            raise InputError(
                f"'{variable}' is not asked of this document as it is coded.",
                where=item,
                fix=f"asked: {ids}",
            )
        check_codes(book, asked, codes, where=item)
        return {"variable": variable, "value": list(book.ordered(variable, set(codes)))}

    def _decide(
        self, kind: Any, item: str, seconds: float | None, body: Callable[[], dict[str, Any]]
    ) -> None:
        def drafts() -> list[EventDraft]:
            self._refuse_changed()
            self._refuse_closed(item)
            spent = {} if seconds is None else {"seconds": round(seconds, 3)}
            return [self._draft(kind, item, {**body(), **spent})]

        self.labels.write(drafts)
        self._keep_up(item)

    def _take_back(self, kind: Any) -> str | None:
        item = super()._take_back(kind)
        self._keep_up(*(() if item is None else (item,)))
        return item

    def _refuse_changed(self) -> None:
        if self.labels.book != self._book:
            raise CodebookChangedError(
                "The codebook was changed meanwhile.", fix="look at it, then decide again"
            )

    def _refuse_closed(self, item: str) -> None:
        state = self.labels.state
        if item not in self.place:
            raise InputError("The document is not yours to code.", where=item)
        wave = state.wave_of[item]
        if wave in state.closed:
            raise InputError(
                f"The wave '{wave}' was closed.",
                where=item,
                fix="what was decided before is kept; see the result with `opsatlas label agree "
                f"{self.labels.name}`",
            )

    def _keep_up(self, *decided: str) -> None:
        """Recount what was decided here, or everything if something was decided elsewhere too."""
        if self.labels.n_read != self._n_read or self.labels.book != self._book:
            self._count()
        for item in decided:
            self._look_at(item)

    def _count(self) -> None:
        self._n_read = self.labels.n_read
        self._done: set[str] = set()
        self._skipped: set[str] = set()
        self._flagged: set[str] = set()
        self._open: set[str] = set()
        for item in self.desk.fields:
            self._look_at(item)

    def _look_at(self, item: str) -> None:
        if item not in self.place:
            return
        # Less than a card: it is asked of every coded document before the first one shows.
        state, desk = self.labels.state, self.desk
        answers = state.answers(self.coder, item)
        settled = settled_codes(answers)
        asked = self.labels.book.asked_with(settled)
        for holds, among in (
            (all(variable.id in settled for variable in asked), self._done),
            (bool(desk.value(item, "skip")), self._skipped),
            (bool(desk.value(item, "flag")), self._flagged),
            (len(settled) < len(answers), self._open),
        ):
            (among.add if holds else among.discard)(item)

    def _is_waiting(self, item: str) -> bool:
        return item not in self._done

    def _is_fresh(self, item: str) -> bool:
        return item not in self._done and item not in self._skipped


def check_codes(book: Book, variable: Variable, codes: Sequence[str], *, where: str) -> None:
    """Refuse codes that cannot be an answer to a variable; raise `InputError`."""
    known, takes_none = [c.id for c in book.codes_of(variable.id)], book.head.takes_none(variable)
    for code in codes:
        if code not in known:
            raise InputError(
                f"'{code}' is no code of '{variable.id}'.",
                where=where,
                fix=f"in use: {', '.join(known) or 'none yet'}",
            )
    if not variable.multiple and len(set(codes)) != 1 and not (takes_none and not codes):
        raise InputError(f"'{variable.id}' takes exactly one code.", where=where)


def _open_waves(labels: LabelSet, coder: str, wanted: str | None) -> list[Wave]:
    state = labels.state
    names = list(state.waves) if wanted is None else [wave_named(labels, wanted).name]
    still = [name for name in names if name not in state.closed]
    if not still:
        closed = "Every wave is closed." if wanted is None else f"The wave '{wanted}' is closed."
        raise InputError(
            closed if state.waves else "There is nothing to code yet.",
            where=str(labels.store.path),
            fix="draw more documents: "
            f"opsatlas label sample {labels.name} --size {len(state.wave_of) + MORE}",
        )
    waves = [state.waves[name] for name in still]
    mine = [wave for wave in waves if not wave.coders or coder in wave.coders]
    if not mine:
        named = sorted({name for wave in waves for name in wave.coders})
        raise InputError(
            f"'{coder}' was not named as a coder.",
            where=str(labels.store.path),
            fix=f"named: {', '.join(named)}",
        )
    return mine


def _order(waves: Iterable[Wave], coder: str) -> list[str]:
    """Return the documents that a coder is to code, wave by wave, in an order of the coder's own.

    The order hangs on the wave's seed, the coder and the document alone.
    """
    order: dict[str, None] = {}
    for wave in waves:
        mine = [item for item in wave.items if wave.is_for(coder, item)]
        mine.sort(key=lambda item: hash_text(f"{wave.seed}\n{coder}\n{item}"))
        order.update(dict.fromkeys(mine))
    return list(order)
