"""What a set of labels says: of each coder, of all together, and what was settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from labels.history.replay import Wave, settled_codes
from labels.label_set import LabelSet
from labels.records import ADJUDICATED, CodedItem, Codes
from labels.waves import coders_of

Origin = Literal["adjudicated", "agreed", "one coder"]


@dataclass(frozen=True)
class Final:
    """The codes of one variable of a document that count, and where they are from."""

    codes: Codes
    origin: Origin


def coded_items(labels: LabelSet, waves: Sequence[Wave]) -> list[CodedItem]:
    """Return everything that each coder, and adjudication, holds of the documents of some waves."""
    items = []
    finals = final_codes(labels, waves)
    for wave in waves:
        for who in (*coders_of(labels, wave), ADJUDICATED):
            fields = labels.state.desk(who).fields
            for item in (item for item in wave.items if item in fields):
                if who == ADJUDICATED:  # what it hangs on may be agreed, and so no outcome
                    final = finals[item].items()
                    values = {v: f.codes for v, f in final if f.origin == "adjudicated"}
                else:
                    answers = labels.state.answers(who, item)
                    values = settled_codes(answers)
                items.append(_coded_item(labels, who, item, values))
    return items


def final_codes(labels: LabelSet, waves: Sequence[Wave]) -> dict[str, dict[str, Final]]:
    """Return the codes that count, by document and variable; what is in dispute is not there.

    Adjudicated codes come first; else those that all coders who answered gave; one coder's, where
    only one was asked. A variable counts only where it applies under what is settled before it.
    """
    finals_of: dict[str, dict[str, Final]] = {}
    for wave in waves:
        coders = coders_of(labels, wave)
        for item in wave.items:
            settled: dict[str, Codes] = {}
            finals: dict[str, Final] = {}
            for variable in labels.book.variables:
                if variable.applies(settled):
                    final = _final(labels, coders, item, variable.id)
                    if final is not None:
                        finals[variable.id], settled[variable.id] = final, final.codes
            finals_of[item] = finals
    return finals_of


def in_coding_order(labels: LabelSet, items: Iterable[str], coder: str) -> list[str]:
    """Return the documents that a coder coded, as the coder came to them."""
    desk = labels.state.desk(coder)
    first = {item: number for number, item in enumerate(desk.fields)}
    return sorted((item for item in items if item in first), key=first.__getitem__)


def _coded_item(labels: LabelSet, who: str, item: str, values: Mapping[str, Codes]) -> CodedItem:
    desk = labels.state.desk(who)
    last = desk.last.get(item)
    return CodedItem(
        key=item,
        coder=who,
        values=values,
        memo=desk.value(item, "memo") or "",
        confidence=desk.value(item, "confidence"),
        flagged=bool(desk.value(item, "flag")),
        skipped=bool(desk.value(item, "skip")),
        seconds=desk.seconds.get(item),
        coded_at=None if last is None else datetime.fromisoformat(last),
    )


def _final(labels: LabelSet, coders: Sequence[str], item: str, variable: str) -> Final | None:
    outcome = labels.state.answer(ADJUDICATED, item, variable)
    if outcome is not None and outcome.is_settled:
        return Final(outcome.codes, "adjudicated")
    given = [
        answers[variable]
        for who in coders
        if variable in (answers := labels.state.answers(who, item))
    ]
    if not given or len({(answer.codes, answer.open) for answer in given}) > 1:
        return None
    if not given[0].is_settled:
        return None
    return Final(given[0].codes, "agreed" if len(given) > 1 else "one coder")
