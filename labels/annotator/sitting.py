"""What a coder looks at and decides, key by key and how long, whatever the screen is."""

from __future__ import annotations

from collections.abc import Sequence

from artifacts.errors import InputError
from configs.codebook import Variable
from labels.annotator.asking import ASIDE_KEY, NONE_KEY, QUIT_KEY, Asking, names_of
from labels.annotator.pace import SecondsClock, Stopwatch
from labels.history.replay import CoderAnswer
from labels.records import CONFIDENCES, Codes
from labels.session import Card, Session, Suggestion


class Sitting(Asking):
    """One coder before one document of a session, asked one variable of it.

    It is over when no document is left but those that were put aside. Its errors are those of
    `Session`; nothing is changed then.

    Attributes
    ----------
    guess
        The machine's guess for the variable, once it was asked for.
    """

    def __init__(self, session: Session, *, clock: SecondsClock) -> None:
        if not session.items:
            raise InputError("No document is yours to code.", where=session.coder)
        self.session = session
        self.watch = Stopwatch(clock)
        self.is_over = False
        self.guess: Suggestion | None = None
        self.variable = ""
        self._in_aside = False
        start = session.next_item()
        self._show(start or session.items[-1])
        self.is_over = start is None or self.card.skipped

    @property
    def work(self) -> Session:
        """Return the session."""
        return self.session

    @property
    def variables(self) -> Sequence[Variable]:
        """Return the variables that apply to the document, in order."""
        return self.card.variables

    @property
    def answer(self) -> CoderAnswer | None:
        """Return what the coder holds of the variable that is asked, if anything."""
        return self.card.answers.get(self.variable)

    @property
    def chosen(self) -> Codes:
        """Return the settled codes of the variable that is asked."""
        return () if self.answer is None else self.answer.codes

    def go_on(self) -> str:
        """Go on to the next variable or document; none chosen of several says: none applies."""
        if self.is_over:
            return self._open_aside()
        if self.answer is None or not self.answer.is_settled:
            if not self.asked.multiple:
                none = f"{NONE_KEY} says none of these, " if self.takes_none else ""
                return (
                    f"Choose a code first; {none}{ASIDE_KEY} puts the document aside, → passes it."
                )
            self._answer(self.chosen)
        return self._moved_on()

    def clear(self) -> str:
        """Take the codes of the variable back."""
        if self.answer is None:
            return "There is nothing to clear."
        self.session.clear(self.item, self.variable)
        self._decided()
        return f"Cleared: {self.asked.name}."

    def turn(self, step: int) -> str:
        """Ask another variable of the document."""
        self.guess = None
        return super().turn(step)

    def write_memo(self, text: str) -> str:
        """Keep a memo of the document; an empty one takes it away."""
        text = text.strip()
        if text == self.card.memo:
            return ""
        self.session.memo(self.item, text, seconds=self.watch.seconds())
        self._decided()
        return "The memo is kept." if text else "The memo is taken away."

    def turn_confidence(self) -> str:
        """Say the next confidence: none, low, medium, high, and none again."""
        levels = (None, *CONFIDENCES)
        level = levels[(levels.index(self.card.confidence) + 1) % len(levels)]
        self.session.confidence(self.item, level, seconds=self.watch.seconds())
        self._decided()
        return f"Sure: {level or 'not said'}."

    def turn_flag(self) -> str:
        """Flag the document, or take the flag away."""
        self.session.flag(self.item, not self.card.flagged, seconds=self.watch.seconds())
        self._decided()
        return "Flagged." if self.card.flagged else "No longer flagged."

    def put_aside(self) -> str:
        """Put the document aside and go on to the next."""
        if not self.card.skipped:
            self.session.skip(self.item, True, seconds=self.watch.seconds())
            self._decided()
        return self._next_document()

    def jump(self, item: str) -> str:
        """Show a document."""
        self._show(item)
        return ""

    def next_open(self) -> str:
        """Show the next document that is to be coded anew."""
        session = self.session
        waiting = {*session.open_items(), *session.conflicts()} & session.place.keys()
        if not waiting:
            return "No document is to be coded anew."
        place, here = session.place, session.place[self.item]
        self._show(min(waiting, key=lambda item: (place[item] <= here, place[item])))
        if self.item in session.conflicts():
            return "Two copies of your work disagree here: decide again what holds."
        return ""

    def add_code(self, name: str, definition: str, reason: str) -> str:
        """Add a code to the variable."""
        code = self.session.add_code(self.variable, name, definition, reason)
        self.look_again()
        key = next((key for key, code_id in self.keys().items() if code_id == code.id), None)
        return f"'{code.name}' is a code now: {f'press {key}' if key else 'find it with /'}."

    def ask_machine(self) -> str:
        """Show the machine's guess; that it was seen is recorded."""
        if not self.session.can_suggest:
            return "There is no machine here to ask."
        self.guess = self.session.suggestion(self.item, self.variable)
        return "" if self.guess else "The machine has no guess here."

    def refresh(self) -> None:
        """Take in what others changed, the codebook above all."""
        self.session.refresh()
        self.look_again()

    def look_again(self) -> None:
        """Take in what the coder holds of the document now."""
        self.card: Card = self.session.card(self.item)
        if self.variable not in {variable.id for variable in self.card.variables}:
            self.variable = self.card.waiting or self.card.variables[0].id

    def why_open(self) -> list[str]:
        """Return which changes of the codebook left the answer open, and why they were made."""
        entry = self.session.desk.entry(self.item, ("code", self.variable))
        if entry is None or not entry.value or self.answer is None or self.answer.is_settled:
            return []
        state, held, reasons = self.session.labels.state, set(entry.value), []
        for number in (*entry.missed, *range(entry.n_changes, len(state.changes))):
            event, change = state.changes[number]
            if change.variable != self.variable or held.isdisjoint(change.codes):
                continue
            held = held.difference(change.codes).union(change.into)
            what = names_of(self.book, self.variable, change.codes)
            into = names_of(self.book, self.variable, change.into)
            outcome = {"split": f"split into {into}", "retire": "retired"}.get(change.kind)
            if outcome:
                reasons.append(f"{what} was {outcome}: {change.reason} ({event.coder})")
        return reasons

    def _answer(self, codes: Sequence[str]) -> None:
        self.session.code(self.item, self.variable, codes, seconds=self.watch.seconds())
        self._decided()

    def _go_on(self) -> str:
        """Ask the next variable, or show the next document.

        A document that had been done is gone through again; else only what waits is asked.
        """
        ids = [variable.id for variable in self.card.variables]
        here = ids.index(self.variable)
        answers = self.card.answers
        settled = {name for name, answer in answers.items() if answer.is_settled}
        left = [name for name in ids if name not in settled]
        after = ids[here + 1 :]
        ahead = [name for name in after if self._was_done or name not in settled] or left
        self.guess = None
        if not ahead:
            return self._next_document()
        self.variable = ahead[0]
        return ""

    def _next_document(self) -> str:
        session = self.session
        following = session.next_item(self.item)
        if following is None or self._comes_back_to(following):
            self.is_over, self._in_aside = True, False
            return ""
        self._show(following)
        return ""

    def _comes_back_to(self, item: str) -> bool:
        """Tell whether only documents are left that were put aside and gone through already."""
        session = self.session
        if not session.card(item).skipped:
            return False
        return not self._in_aside or session.place[item] <= session.place[self.item]

    def _open_aside(self) -> str:
        first = self.session.next_item()
        if first is None:
            return f"Everything is coded; {QUIT_KEY} leaves."
        self._show(first)
        self._in_aside = True
        return f"Put aside before: code it now, or {ASIDE_KEY} leaves it aside."

    def _decided(self) -> None:
        self.watch.restart()
        self.is_over = False
        self.look_again()

    def _show(self, item: str) -> None:
        self.item = item
        self.card = self.session.card(item)
        self.variable = self.card.waiting or self.card.variables[0].id
        self.guess = None
        self.is_over = False
        self._was_done = self.card.is_done
        self.watch.restart()
