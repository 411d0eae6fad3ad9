"""Codebooks and their changes, as tables for the terminal and as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from configs.codebook import Code, Codebook, Variable, as_tree
from labels.adjudication import left_open
from labels.annotator.asking import NONE_KEY, keys_of
from labels.history.book import Change
from labels.history.replay import LabelState
from labels.label_set import LabelSet
from opsatlas.cli.views.labels import counted, open_items


def checked_report(book: Codebook) -> Group:
    """Return that a codebook can be used, with what a coder may stumble over."""
    variables = book.asked()
    sizes = ", ".join(f"{v.id} ({counted(len(book.codes_of(v.id)), 'code')})" for v in variables)
    lines = [f"'{book.codebook.name}' version {book.codebook.version} can be used: {sizes}."]
    for variable in variables:
        codes = book.codes_of(variable.id)
        without = len(codes) - len(keys_of(codes))
        if without:
            lines.append(f"{variable.id}: {without} without a key, to be found by searching.")
        bare = [code.id for code in codes if not (code.when or code.examples)]
        if bare:
            lines.append(f"{variable.id}: neither 'when' nor examples: {', '.join(bare)}.")
    return Group(*map(Text, lines))


def codebook_report(book: Codebook) -> Group:
    """Return the questions of a codebook, each with its codes."""
    parts: list[Any] = [
        Text(f"{book.codebook.title} ({book.codebook.name}, version {book.codebook.version})")
    ]
    for variable in book.asked():
        asked = _asked(variable, takes_none=book.codebook.takes_none(variable))
        parts += [Text(""), Text(asked), _codes_table(book.codes_of(variable.id))]
    return Group(*parts)


def codebook_values(book: Codebook) -> dict[str, Any]:
    """Return a codebook as JSON-compatible values, the keys that coders press in it."""
    values = book.model_dump(mode="json", exclude_none=True)
    values["keys"] = {v.id: keys_of(book.codes_of(v.id)) for v in book.asked()}
    return values


def differences_report(changes: Sequence[Change], questions: Sequence[str]) -> Group:
    """Return what is other between two codebooks: the questions, in sentences, and the codes."""
    codes = changes_table(changes) if changes else Text("The codebooks have the same codes.")
    return Group(*map(Text, questions), codes)


def changes_table(changes: Sequence[Change]) -> Group:
    """Return a line for each change."""
    table = Table("change", "code", "what", box=None)
    for change in changes:
        table.add_row(change.kind, Text(_codes_of(change)), Text(_what(change)))
    return Group(table)


def history_table(state: LabelState) -> Group:
    """Return a line for each change of a living codebook: when, who, what, and why."""
    if not state.changes:
        return Group(Text("The codebook is as the set began with it."))
    first = state.begin["codebook"]["codebook"]["version"]
    table = Table("version", "when (UTC)", "who", "change", "code", "what", "why", box=None)
    for place in (2, 4):
        table.columns[place].overflow = "fold"
    for version, (event, change) in enumerate(state.changes, start=first + 1):
        when = event.at[:16].replace("T", " ")
        cells = (event.coder, change.kind, _codes_of(change), _what(change), change.reason)
        table.add_row(str(version), when, *map(Text, cells))
    return Group(table)


def changed_report(changes: Sequence[Change], labels: LabelSet) -> Group:
    """Return what was changed, and how many documents each coder has to code anew."""
    lines = [f"The codebook is in version {labels.book.codebook().codebook.version} now."]
    waiting = {who: len(open_items(labels, who)) for who in labels.coders()}
    lines += [
        f"{who} has {counted(n, 'document')} to code anew." for who, n in waiting.items() if n
    ]
    if any(waiting.values()):
        lines.append(f"They come with O in: opsatlas label annotate {labels.name} --coder NAME")
    if closed := left_open(labels):
        lines.append(
            f"{counted(len(closed), 'document')} of closed waves wait to be settled: "
            f"opsatlas label adjudicate {labels.name} --by NAME"
        )
    return Group(changes_table(changes), *map(Text, lines))


def _asked(variable: Variable, *, takes_none: bool) -> str:
    one = f"one code, or {NONE_KEY} for none of these" if takes_none else "one code"
    facts = [
        f"variable '{variable.id}'",
        variable.level if variable.level != "nominal" else "",
        "any number of codes" if variable.multiple else one,
    ]
    if variable.open:
        facts.append("coders may add codes")
    if variable.only_if:
        facts.append(
            "only if "
            + " and ".join(f"{v} is {' or '.join(codes)}" for v, codes in variable.only_if.items())
        )
    asked = f": {variable.question}" if variable.question else ""
    return f"{variable.name} ({', '.join(filter(None, facts))}){asked}"


def _codes_table(codes: Sequence[Code]) -> Table:
    key_of = {code: key for key, code in keys_of(codes).items()}
    table = Table("key", "id", "name", "definition", box=None)
    for depth, code in as_tree(codes):
        name = "  " * depth + code.name
        table.add_row(key_of.get(code.id, ""), *map(Text, (code.id, name, _meaning(code))))
    return table


def _meaning(code: Code) -> str:
    parts = [code.definition]
    if code.when:
        parts.append(f"When: {code.when}")
    if code.not_when:
        parts.append(f"Not when: {code.not_when}")
    return "\n".join(parts)


def _codes_of(change: Change) -> str:
    return ", ".join(f"{change.variable}/{code}" for code in change.codes)


def _what(change: Change) -> str:
    if change.into:
        return f"into {', '.join(change.into)}"
    values = {k: v for k, v in change.values.items() if k != "id"}
    return "; ".join(f"{field}: {value}" for field, value in values.items())
