"""Adjudication: coders settle their disagreements together; what each had said stays as it was.

The outcome is a coder of its own, `labels.records.ADJUDICATED`. What the coders agree on needs no
outcome: `final_codes` takes it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from artifacts.errors import InputError
from labels.history.events import EventDraft
from labels.history.replay import CoderAnswer, Wave
from labels.label_set import LabelSet
from labels.records import ADJUDICATED, Codes, Confidence, check_coder
from labels.session import Work, check_codes
from labels.waves import coders_of


@dataclass(frozen=True)
class DisputeSide:
    """What one coder said; no answer: the coder did not say, or was not asked."""

    coder: str
    answer: CoderAnswer | None
    memo: str
    confidence: Confidence | None
    flagged: bool


@dataclass(frozen=True)
class Dispute:
    """A variable of a document on which coders disagree, and what came of it.

    Attributes
    ----------
    outcome
        None: not settled yet.
    """

    item: str
    variable: str
    sides: tuple[DisputeSide, ...]
    outcome: Codes | None


class Adjudication(Work):
    """People who settle the disagreements of waves that are closed.

    Parameters
    ----------
    waves
        Closed ones: `labels.waves.closed_waves` finds them.
    by
        Who is there.

    Raises
    ------
    InputError
        If nobody is named.
    """

    def __init__(self, labels: LabelSet, waves: Sequence[Wave], *, by: Sequence[str]) -> None:
        if not by:
            raise InputError("Nobody is named who adjudicates.", fix="name them with --by")
        self.by = tuple(check_coder(name) for name in by)
        self._waves = waves
        disputed = [
            item for wave in waves for item in wave.items if disputes_of(labels, wave, item)
        ]
        super().__init__(labels, ADJUDICATED, disputed)

    def disputes(self, item: str | None = None) -> list[Dispute]:
        """Return the disagreements, those of one document or all, in the order of the sample."""
        return [
            dispute
            for wave in self._waves
            for key in wave.items
            if item is None or key == item
            for dispute in disputes_of(self.labels, wave, key)
        ]

    def memo_of(self, item: str) -> str:
        """Return what was written down of why a document was settled so."""
        return self.desk.value(item, "memo") or ""

    def settle(
        self,
        item: str,
        variable: str,
        codes: Sequence[str],
        *,
        memo: str = "",
        seconds: float | None = None,
    ) -> None:
        """Say which codes of a variable a document has; none of several says that none applies.

        Parameters
        ----------
        seconds
            That it took, where that was measured.

        Raises
        ------
        InputError
            If the variable is not in dispute there, or the codes cannot be an answer.
        """

        def drafts() -> list[EventDraft]:
            if variable not in {dispute.variable for dispute in self.disputes(item)}:
                raise InputError(f"Nobody disagrees on '{variable}' here.", where=item)
            book = self.labels.book
            check_codes(book, book.variable_named(variable), codes, where=item)
            value = list(book.ordered(variable, set(codes)))
            # The outcome comes last: it is what an undo takes back first.
            why = [self._draft("memo", item, {"value": memo})] if memo else []
            spent = {} if seconds is None else {"seconds": round(seconds, 3)}
            body = {"variable": variable, "value": value, **spent}
            return [*why, self._draft("code", item, body)]

        self.labels.write(drafts)

    def note(self, item: str, memo: str) -> None:
        """Write down why a document was settled so; raise `InputError` if it is in no dispute."""
        if item not in self.items:
            raise InputError("Nobody disagrees on anything here.", where=item)
        self.labels.write(lambda: [self._draft("memo", item, {"value": memo})])

    def _draft(self, kind: Any, item: str, body: dict[str, Any]) -> EventDraft:
        return super()._draft(kind, item, {**body, "by": list(self.by)})


def disputes_of(labels: LabelSet, wave: Wave, item: str) -> list[Dispute]:
    """Return the variables of a document that coders answer differently, or that are left open.

    A change of the codebook may leave what all had agreed on open; once their wave is closed, it is
    for adjudication to say what it is.
    """
    state = labels.state
    coders = [who for who in coders_of(labels, wave) if wave.is_for(who, item)]
    answers = {who: state.answers(who, item) for who in coders}
    disputes = []
    for variable in labels.book.variables:
        given = [answers[who][variable.id] for who in coders if variable.id in answers[who]]
        alike = len({(answer.codes, answer.open) for answer in given}) < 2
        if alike and all(answer.is_settled for answer in given):
            continue
        outcome = state.answer(ADJUDICATED, item, variable.id)
        settled = outcome.codes if outcome is not None and outcome.is_settled else None
        sides = tuple(_side(labels, who, item, answers[who].get(variable.id)) for who in coders)
        disputes.append(Dispute(item, variable.id, sides, settled))
    return disputes


def left_open(labels: LabelSet) -> list[str]:
    """Return the documents of closed waves that a change of the codebook left without an answer."""
    return [
        item
        for name in labels.state.closed
        for item in labels.state.waves[name].items
        if any(
            dispute.outcome is None
            and any(side.answer and not side.answer.is_settled for side in dispute.sides)
            for dispute in disputes_of(labels, labels.state.waves[name], item)
        )
    ]


def _side(labels: LabelSet, coder: str, item: str, answer: CoderAnswer | None) -> DisputeSide:
    desk = labels.state.desk(coder)
    return DisputeSide(
        coder=coder,
        answer=answer,
        memo=desk.value(item, "memo") or "",
        confidence=desk.value(item, "confidence"),
        flagged=bool(desk.value(item, "flag")),
    )
