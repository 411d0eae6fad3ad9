"""Deciding without a screen: one JSON object a line, for scripts and for people who cannot see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from artifacts.errors import InputError, OpsatlasError
from artifacts.explaining import first_fault, suggestion
from artifacts.notation import json_value
from labels.adjudication import Adjudication
from labels.records import Confidence
from labels.session import Session

EXAMPLE = 'write {"item": KEY OR TITLE, "variable": ID, "codes": [ID, …]}'


class NewCode(BaseModel):
    """A code to add to an open variable.

    Attributes
    ----------
    variable
        The id of the variable, which the codebook says is open.
    name
        What the code is called; its id is made of that.
    definition
        What it means.
    reason
        Why it was needed, for the history of the codebook.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    variable: str
    name: str
    definition: str
    reason: str


class ScriptLine(BaseModel):
    """One line: decisions about one document, or one of undo, redo and create.

    Attributes
    ----------
    item
        The key of a document, or its title, in any case of letters.
    variable
        The id of the variable that ``codes`` are of; the two go together.
    codes
        Ids of codes. No code says that none applies, and so does a word for it, where it can.
    memo
        A note on the document; it takes the place of an earlier one.
    confidence
        How sure the coder is; null takes it away.
    flag
        Whether the document is marked to be talked about.
    skip
        Whether it is put aside.
    undo
        Alone and true: take back the last decision.
    redo
        Alone and true: carry out again what was taken back last.
    create
        Alone: add a code to an open variable.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    item: str | None = None
    variable: str | None = None
    codes: list[str] | None = None
    memo: str | None = None
    confidence: Confidence | None = None
    flag: bool | None = None
    skip: bool | None = None
    undo: bool | None = None
    redo: bool | None = None
    create: NewCode | None = None


@dataclass(frozen=True)
class Summary:
    """What a script did.

    Attributes
    ----------
    n_lines
        Lines that were carried out; empty ones are not counted.
    n_decisions
        Codes, memos, confidences, flags and putting aside, in all.
    """

    n_lines: int = 0
    n_decisions: int = 0


def decide_from_lines(session: Session, lines: Iterable[str]) -> Summary:
    """Carry out decisions line by line, each on disk before the next is read.

    ``{"item": "org/name", "variable": "kind", "codes": ["tool"]}``; beside an item may stand
    ``memo``, ``confidence``, ``flag`` and ``skip``. ``{"undo": true}`` and ``{"redo": true}`` stand
    alone, and so does ``{"create": {"variable", "name", "definition", "reason"}}``.

    Raises
    ------
    InputError
        At the first line that cannot be carried out, with its number; the lines before it hold.
    """
    script = _Script(session)
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        before = script.decisions
        try:
            script.carry_out(_read(text))
        except OpsatlasError as error:
            done = f"{_lines(script.lines)} before it {'was' if script.lines == 1 else 'were'}"
            partly = " and a part of this one" if script.decisions != before else ""
            raise InputError(
                f"{error.what} The script stopped there; {done} carried out{partly}.",
                where=", ".join([f"line {number}", *([error.where] if error.where else [])]),
                fix=error.fix,
            ) from error
        script.lines += 1
    return Summary(script.lines, script.decisions)


class _Script:
    """Carries lines out and counts."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.lines = self.decisions = 0
        self._keys_by_title: dict[str, list[str]] | None = None

    def carry_out(self, line: ScriptLine) -> None:
        """Do what one line says."""
        session = self.session
        if line.create is not None:
            new = line.create
            session.add_code(new.variable, new.name, new.definition, new.reason)
        elif line.undo:
            if session.undo() is None:
                raise InputError("There is nothing to undo.")
        elif line.redo:
            if session.redo() is None:
                raise InputError("There is nothing to redo.")
        else:
            self._decide(self._item(str(line.item)), line)

    def _decide(self, item: str, line: ScriptLine) -> None:
        session = self.session
        if line.variable is not None:
            session.code(item, line.variable, session.labels.book.meant(line.codes or ()))
            self.decisions += 1
        if line.memo is not None:
            session.memo(item, line.memo)
            self.decisions += 1
        if "confidence" in line.model_fields_set:
            session.confidence(item, line.confidence)
            self.decisions += 1
        if line.flag is not None:
            session.flag(item, line.flag)
            self.decisions += 1
        if line.skip is not None:
            session.skip(item, line.skip)
            self.decisions += 1

    def _item(self, wanted: str) -> str:
        """Return the key of the document that is meant."""
        if wanted in self.session.place:
            return wanted
        if self._keys_by_title is None:
            self._keys_by_title = {}
            titles = self.session.labels.titles()
            for item in self.session.items:
                self._keys_by_title.setdefault(titles[item].casefold(), []).append(item)
        keys = self._keys_by_title.get(wanted.casefold(), [])
        if len(keys) > 1:
            raise InputError(
                f"{len(keys)} documents are called '{wanted}'.",
                fix=f"name one by its key: {', '.join(keys)}",
            )
        if not keys:
            raise InputError(f"No document of yours is called '{wanted}', or has this key.")
        return keys[0]


def _read(text: str) -> ScriptLine:
    try:
        value: Any = json_value(text)
    except ValueError as error:
        raise InputError(f"The line is no JSON: {error}.", fix=EXAMPLE) from error
    if not isinstance(value, dict):
        raise InputError("The line is no JSON object.", fix=EXAMPLE)
    try:
        line = ScriptLine.model_validate(value)
    except ValidationError as error:
        fault = first_fault(error)
        if fault.is_unknown_key:
            fix = suggestion(fault.field, ScriptLine.model_fields)
            raise InputError(f"'{fault.field}' is unknown.", fix=fix) from None
        what = f"'{fault.field}' cannot be used: {fault.message}."
        raise InputError(what, fix=EXAMPLE) from None
    _refuse_mixed(line)
    return line


def _refuse_mixed(line: ScriptLine) -> None:
    given = line.model_fields_set
    alone = given & {"undo", "redo", "create"}
    if alone:
        name = sorted(alone)[0]
        if len(given) > 1 or getattr(line, name) in (None, False):
            raise InputError(f"'{name}' stands alone, and is not empty or false.")
    elif line.item is None:
        raise InputError("The line names no item.", fix=EXAMPLE)
    elif given == {"item"}:
        raise InputError("The line says nothing of its item.", fix=EXAMPLE)
    elif (line.variable is None) != (line.codes is None):
        raise InputError("'variable' and 'codes' go together.", fix=EXAMPLE)


def _lines(n: int) -> str:
    return f"{n:,} line" if n == 1 else f"{n:,} lines"


class Settling(BaseModel):
    """One line of an adjudication: which codes of a variable a document has after all.

    Attributes
    ----------
    item
        The key of a document.
    variable
        The id of the variable.
    codes
        Ids of codes. No code says that none applies.
    memo
        Why it was settled so.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    item: str
    variable: str
    codes: list[str]
    memo: str = ""


def settle_from_lines(adjudication: Adjudication, lines: Iterable[str]) -> int:
    """Settle what each line says: ``{"item": …, "variable": …, "codes": […], "memo": "…"}``.

    Returns how many were settled. Each is on disk before the next is read.

    Raises
    ------
    InputError
        At the first line that cannot be settled, with its number; those before it stay.
    """
    n_settled = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"standard input, line {number}"
        kept = f"; what the {n_settled:,} lines before it settled is kept" if n_settled else ""
        try:
            outcome = Settling.model_validate_json(line)
            codes = adjudication.labels.book.meant(outcome.codes)
            adjudication.settle(outcome.item, outcome.variable, codes, memo=outcome.memo)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InputError(
                f"The line is no outcome: {place + ': ' if place else ''}{first['msg']}{kept}.",
                where=where,
                fix='write {"item": "…", "variable": "…", "codes": ["…"]}',
            ) from None
        except InputError as error:
            raise InputError(
                f"{error.what.rstrip('.')}{kept}.", where=f"{where} ({error.where})", fix=error.fix
            ) from None
        n_settled += 1
    return n_settled
