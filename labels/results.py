"""What a set of labels says: of each coder, of all together, and what was settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from artifacts.errors import InputError
from configs.codebook import Variable
from labels.agreement.coded import Coded
from labels.history.replay import Answer, Wave, settled_codes
from labels.label_set import LabelSet
from labels.records import ADJUDICATED, NONE, CodedItem, Codes
from labels.waves import coders_of

Origin = Literal["adjudicated", "agreed", "one coder"]


@dataclass(frozen=True)
class Final:
    """The codes of one variable of a document that count, and where they are from."""

    codes: Codes
    origin: Origin


def coded_variables(labels: LabelSet, waves: Sequence[Wave]) -> list[Coded]:
    """Return what the coders of some waves said, as it reads under the present codebook.

    A variable without two codes in use is left out, and so are answers that a change of the
    codebook left open. That none of the codes applies is a value of its own, `NONE`.
    """
    answers = list(_answers(labels, waves))
    found = []
    for variable in (each.id for each in labels.book.variables):
        if len(labels.book.codes_of(variable)) > 1:
            given = ((i, who, said[variable].codes) for i, who, said in answers if variable in said)
            found.append(_coded(labels, variable, waves, given))
    return found


def coded_by_version(labels: LabelSet, waves: Sequence[Wave]) -> dict[int, list[Coded]]:
    """Return what was said under each version of the codebook, as it was said then.

    Only documents whose coders all answered a variable under that version are in it.
    """
    found: dict[int, list[Coded]] = defaultdict(list)
    for variable in labels.book.variables:
        raw: dict[int, list[tuple[str, str, Codes]]] = defaultdict(list)
        for item, given in _as_given(labels, waves, variable.id):
            versions = {version for _, version, _ in given}
            if len(versions) == 1 and (version := versions.pop()) is not None:
                raw[version] += [(item, who, codes) for who, _, codes in given]
        for version, rows in raw.items():
            found[version].append(_coded(labels, variable.id, waves, rows, version=version))
    return {version: found[version] for version in sorted(found)}


def coded_items(labels: LabelSet, waves: Sequence[Wave]) -> list[CodedItem]:
    """Return everything that each coder, and adjudication, holds of the documents of some waves."""
    found = []
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
                found.append(_coded_item(labels, who, item, values))
    return found


def final_codes(labels: LabelSet, waves: Sequence[Wave]) -> dict[str, dict[str, Final]]:
    """Return the codes that count, by document and variable; what is in dispute is not there.

    Adjudicated codes come first; else those that all coders who answered gave; one coder's, where
    only one was asked. A variable counts only where it applies under what is settled before it.
    """
    found: dict[str, dict[str, Final]] = {}
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
            found[item] = finals
    return found


def in_coding_order(labels: LabelSet, items: Iterable[str], coder: str) -> list[str]:
    """Return the documents that a coder coded, as the coder came to them."""
    desk = labels.state.desk(coder)
    first = {item: number for number, item in enumerate(desk.fields)}
    return sorted((item for item in items if item in first), key=first.__getitem__)


def _answers(
    labels: LabelSet, waves: Sequence[Wave]
) -> Iterator[tuple[str, str, dict[str, Answer]]]:
    """Yield document, coder and settled answers."""
    for wave in waves:
        coders = coders_of(labels, wave)
        for item in wave.items:
            for who in coders:
                answers = labels.state.answers(who, item)
                yield item, who, {v: a for v, a in answers.items() if a.is_settled}


def _as_given(
    labels: LabelSet, waves: Sequence[Wave], variable: str
) -> Iterator[tuple[str, list[tuple[str, int | None, Codes]]]]:
    """Yield each document with coder, version of the codebook, and codes as they were given."""
    for wave in waves:
        coders = coders_of(labels, wave)
        for item in wave.items:
            given = []
            for who in coders:
                entry = labels.state.desk(who).entry(item, ("code", variable))
                if entry is None or entry.value is None:
                    continue
                if variable not in labels.state.answers(who, item):
                    continue
                version = None if entry.missed else entry.n_changes + 1
                given.append((who, version, tuple(entry.value)))
            yield item, given


def _coded(
    labels: LabelSet,
    variable_id: str,
    waves: Sequence[Wave],
    rows: Iterable[tuple[str, str, Codes]],
    *,
    version: int | None = None,
) -> Coded:
    book = labels.book if version is None else labels.state.book_at(version)
    variable = next(each for each in book.variables if each.id == variable_id)
    codes = book.codes_of(variable_id)
    rest = (NONE,) if book.head.takes_none(variable) and not variable.multiple else ()
    values = {(item, who): frozenset(given or rest) for item, who, given in rows}
    items = {item for item, _ in values}
    wave_of = {item: wave.name for wave in waves for item in wave.items if item in items}
    points = {code.id: code.value for code in codes if code.value is not None}
    return Coded(
        variable=variable_id,
        level=variable.level,
        multiple=variable.multiple,
        codes=(*(code.id for code in codes), *rest),
        points=points if variable.level == "interval" else {},
        coders=tuple(dict.fromkeys(who for wave in waves for who in coders_of(labels, wave))),
        items=tuple(wave_of),
        values=values,
        wave_of=wave_of,
        version_of={},
    )


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
    said = [
        answers[variable]
        for who in coders
        if variable in (answers := labels.state.answers(who, item))
    ]
    if not said or len({(answer.codes, answer.open) for answer in said}) > 1:
        return None
    if not said[0].is_settled:
        return None
    return Final(said[0].codes, "agreed" if len(said) > 1 else "one coder")


def variable_named(labels: LabelSet, name: str | None) -> Variable:
    """Return the variable of that id, or the first; raise `InputError` if there is none."""
    variables = labels.book.variables
    if name is None:
        return variables[0]
    found = labels.book.variable(name)
    if found is None:
        there = ", ".join(variable.id for variable in variables)
        raise InputError(f"There is no variable '{name}'.", fix=f"there are: {there}")
    return found
