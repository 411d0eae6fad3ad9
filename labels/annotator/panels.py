"""What stands on the screen of a coder, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rich.text import Text

from configs.codebook import Code, as_tree
from labels.annotator.asking import (
    NEW_KEY,
    NONE_KEY,
    OPEN_KEY,
    QUIT_KEY,
    Asking,
    code_name,
    keys_of,
    names_of,
)
from labels.annotator.pace import rest_in_words
from labels.annotator.rows import BLANK, TextRow, row, safe
from labels.annotator.sitting import Sitting
from labels.records import Document
from labels.session import Session

MEMO_CHARS = 160
SAVED = (
    f"Everything is saved. ← goes back to the last document, Backspace undoes, {QUIT_KEY} leaves."
)
_CODE = "code:"
_ROOM = 5  # before the name of a code: its key and its mark


def document_rows(document: Document) -> Iterator[TextRow]:
    """Yield what stands above the text of a document: address, owner's labels, facts."""
    if document.url:
        yield row(document.url, "underline")
    if document.labels:
        yield row(", ".join(document.labels), first="labels: ", rest="        ")
    if document.facts:
        yield row(" · ".join(f"{name}: {value}" for name, value in document.facts.items()), "dim")
    if not document.text.strip():
        yield BLANK
        yield row("There is no text.", "dim")


def code_tag(code: str) -> str:
    """Return the tag of the rows of a code."""
    return f"{_CODE}{code}"


def tagged_code(tag: str) -> str | None:
    """Return the code that a tag means, or None."""
    return tag.removeprefix(_CODE) if tag.startswith(_CODE) else None


def choice_row(
    name: str, code: str, *, key: str, mark: str = " ", depth: int = 0, chosen: bool = False
) -> TextRow:
    """Return the line of an answer: its key, its mark and its name; a click on it means its code.

    Parameters
    ----------
    code
        Its id; empty: no code applies.
    """
    first = f" {key} {mark} " + "  " * depth
    text = Text(safe(name), "bold reverse" if chosen else "")
    return TextRow(text, first, " " * len(first), code_tag(code), first_style="bold")


def none_row(*, chosen: bool) -> TextRow:
    """Return the line of the answer that no code applies."""
    mark = "●" if chosen else " "
    return choice_row("None of these", "", key=NONE_KEY, mark=mark, chosen=chosen)


def codes_rows(asking: Asking, tree: Iterable[tuple[int, Code]]) -> Iterator[TextRow]:
    """Yield codes to choose from, and their definitions, which take the lines that are left."""
    key_of = {code: key for key, code in asking.keys().items()}
    chosen, marks = asking.chosen, ("[x]", "[ ]") if asking.asked.multiple else ("●", " ")
    for depth, code in tree:
        is_chosen = code.id in chosen
        mark, key = marks[0] if is_chosen else marks[1], key_of.get(code.id, "/")
        yield choice_row(code.name, code.id, key=key, mark=mark, depth=depth, chosen=is_chosen)
        room = " " * (len(mark) + _ROOM - 1 + 2 * depth)
        defined = row(code.definition, "dim", first=room, rest=room, tag=code_tag(code.id))
        yield replace(defined, gives_way=True)


def asked_rows(asking: Asking, *, is_none: bool) -> Iterator[TextRow]:
    """Yield what is asked, and which question of the document's it is.

    Parameters
    ----------
    is_none
        It was said that no code applies.
    """
    asked, ids = asking.asked, [variable.id for variable in asking.variables]
    of = f"  {ids.index(asked.id) + 1} of {len(ids)}" if len(ids) > 1 else ""
    yield TextRow(Text.assemble((safe(asked.name), "bold underline"), (of, "dim")))
    if asked.question:
        yield row(asked.question)
    if asked.multiple:
        hint = "None applies, as it stands." if is_none else "Several may apply. Enter goes on."
        yield row(hint, "dim")


def question_rows(sitting: Sitting) -> Iterator[TextRow]:
    """Yield what is asked, and why it is asked again where a change left it open."""
    asked, answer = sitting.asked, sitting.answer
    is_none = answer is not None and answer.is_settled and not answer.codes
    yield from asked_rows(sitting, is_none=is_none)
    for why in sitting.why_open():
        yield row(why, "bold", first="! ", rest="  ")
    if sitting.guess is not None:
        name = code_name(sitting.book, asked.id, sitting.guess.code)
        yield row(f"{name}. {sitting.guess.text}", first="machine: ", rest="  ")
    yield BLANK


def book_rows(sitting: Sitting) -> list[TextRow]:
    """Return the question and its codes; those that an open answer may stand for come first."""
    tree = as_tree(sitting.codes())
    answer = sitting.answer
    candidates = frozenset[str]().union(*(() if answer is None else answer.open))
    first = [(0, code) for _, code in tree if code.id in candidates]
    rest = [(depth, code) for depth, code in tree if code.id not in candidates]
    rows = list(question_rows(sitting))
    for heading, subtree in (("It may be:", first), ("or another:" if first else "", rest)):
        if heading and subtree:
            rows.append(row(heading, "bold"))
        rows += codes_rows(sitting, subtree)
    if not tree:
        rows.append(row(f"There is no code yet: {NEW_KEY} makes one.", "dim"))
    if sitting.takes_none and not sitting.asked.multiple:
        is_none = answer is not None and answer.is_settled and not answer.codes
        rows.append(none_row(chosen=is_none))
    return rows


def held_rows(sitting: Sitting) -> list[TextRow]:
    """Return what else the coder holds of the document."""
    card = sitting.card
    rows = []
    for variable in card.variables:
        if variable.id == sitting.variable:
            continue
        answer = card.answers.get(variable.id)
        if answer is None:
            answered = "–"
        elif not answer.is_settled:
            answered = "to be coded anew"
        else:
            answered = names_of(sitting.book, variable.id, answer.codes)
        rows.append(row(f"{variable.name}: {answered}", rest="  "))
    if card.confidence:
        rows.append(row(f"sure: {card.confidence}"))
    if card.memo:
        shown = " ".join(card.memo.split())
        cut = f"{shown[:MEMO_CHARS]}…" if len(shown) > MEMO_CHARS else shown
        rows.append(row(cut, first="memo: ", rest="  "))
    return rows


def progress(session: Session) -> str:
    """Return how far the coder is, how long a document takes, and the rest by that pace."""
    tally = session.tally()
    parts = [f"{tally.done:,} of {tally.total:,}"]
    for number, what in (
        (tally.skipped, "aside"),
        (tally.flagged, "flagged"),
        (tally.open, "to code anew"),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    parts += rest_in_words(session.spent_s(), tally.total - tally.done)
    return " · ".join(parts)


def details_rows(codes: Sequence[Code]) -> Iterator[TextRow]:
    """Yield all that the codebook says of each code."""
    key_of = {code: key for key, code in keys_of(codes).items()}
    for depth, code in as_tree(codes):
        key = key_of.get(code.id, "/")
        yield choice_row(code.name, code.id, key=key, depth=depth)
        for name, words in (
            ("", code.definition),
            ("when: ", code.when),
            ("when not: ", code.not_when),
            ("also called: ", ", ".join(code.aliases)),
            ("part of: ", code.parent),
        ):
            if words:
                yield _told(name, words)
        yield BLANK


def _told(name: str, words: str) -> TextRow:
    room = " " * _ROOM
    return TextRow(Text.assemble((name, "dim"), safe(words)), room, room)


def example_rows(code: Code, key: str, coded_so: Sequence[str], *, own: str) -> Iterator[TextRow]:
    """Yield what shows what a code is for: the codebook's examples, and documents that have it.

    Parameters
    ----------
    coded_so
        Titles of documents.
    own
        Who gave them the code, in a heading.
    """
    yield choice_row(code.name, code.id, key=key)
    yield _told("", code.definition)
    for heading, examples in (("Examples in the codebook", code.examples), (own, coded_so)):
        yield BLANK
        yield row(
            heading if examples else f"{heading}: none yet", "dim" if not examples else "bold"
        )
        for example in examples:
            yield row(example, first="  • ", rest="    ")


def over_rows(sitting: Sitting) -> Iterator[TextRow]:
    """Yield what is said once every document is coded, and what is left to do."""
    session = sitting.session
    tally, labels = session.tally(), session.labels
    done = tally.done == tally.total
    yield row("Everything is coded." if done else "Every other document is coded.", "bold")
    yield BLANK
    yield row(f"{tally.done:,} of {tally.total:,} documents are done.")
    if tally.skipped:
        yield row(f"{tally.skipped:,} put aside: Enter goes through them.", first="• ", rest="  ")
    if tally.flagged:
        flagged = [
            session.document(item).title
            for item in session.items
            if session.desk.value(item, "flag")
        ]
        shown = ", ".join(flagged[:5]) + (f" and {len(flagged) - 5} more" if flagged[5:] else "")
        yield row(f"{tally.flagged:,} flagged to talk over: {shown}", first="• ", rest="  ")
    if tally.open:
        yield row(
            f"{tally.open:,} to be coded anew: {OPEN_KEY} goes to them.", first="• ", rest="  "
        )
    yield BLANK
    yield row(SAVED)
    yield BLANK
    yield row("When every coder is done, close the wave; then the agreement can be seen:")
    waves = dict.fromkeys(labels.state.wave_of[item] for item in session.items)
    for wave in waves:
        close = f"opsatlas label wave close {labels.name} {wave}"
        yield row(close, "bold", first="  ", rest="    ")
