"""Labels that were made elsewhere, brought into a set as what their coders decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from artifacts.errors import InputError
from configs.codebook import Variable
from labels.history.events import EventDraft
from labels.label_set import LabelSet
from labels.records import ADJUDICATED, CodedItem, Codes, check_coder
from labels.session import check_codes


@dataclass(frozen=True)
class Imported:
    """How many documents' labels came in, and what of them was nothing new.

    Attributes
    ----------
    n_same
        Those that were there already, just so.
    n_empty
        Those that say nothing.
    """

    coders: tuple[str, ...]
    n_items: int
    n_decisions: int
    n_same: int
    n_empty: int = 0


def import_items(labels: LabelSet, items: Sequence[CodedItem], *, source: str) -> Imported:
    """Add what coders said of documents, all of it or none; what is there already is not repeated.

    Parameters
    ----------
    source
        Where it is from; each decision records it.

    Raises
    ------
    InputError
        If a document is in no wave, its wave is closed or is not the coder's, or a coder has it
        twice; a code cannot be an answer, a label contradicts a condition of the codebook, or the
        coder says something else already.
    """
    n_same = 0
    counts = Counter((item.key, item.coder) for item in items)
    if repeated := [which for which, count in counts.items() if count > 1]:
        key, coder = repeated[0]
        raise InputError(f"'{coder}' coded the document twice.", where=key, fix="take one out")

    def drafts() -> list[EventDraft]:
        nonlocal n_same
        n_same, new_drafts = 0, []
        for item in items:
            _refuse_misplaced(labels, item)
            decisions = _decisions(labels, item, source)
            new = [draft for draft in decisions if _is_new(labels, draft)]
            n_same += bool(decisions) and not new
            new_drafts += new
        return new_drafts

    events = labels.write(drafts)
    coders = tuple(sorted({item.coder for item in items}))
    return Imported(coders, len(items), len(events), n_same, sum(map(is_empty, items)))


def is_empty(item: CodedItem) -> bool:
    """Tell whether nothing is said of a document."""
    return not (item.values or item.memo or item.confidence or item.flagged or item.skipped)


def _refuse_misplaced(labels: LabelSet, item: CodedItem) -> None:
    if item.coder != ADJUDICATED:
        check_coder(item.coder)
    wave = labels.state.wave_of.get(item.key)
    if wave is None:
        raise InputError(
            "The document is in no wave.", where=item.key, fix="sample it, or import it with --add"
        )
    closed = wave in labels.state.closed
    if closed and item.coder != ADJUDICATED:
        raise InputError(
            f"The wave '{wave}' was closed.",
            where=item.key,
            fix="what is coded after the close is no longer blind; import into a new set of labels",
        )
    if not closed and item.coder == ADJUDICATED:
        raise InputError(
            f"The wave '{wave}' is open, and so nothing in it can be adjudicated.",
            where=item.key,
            fix=f"close it first; or take it as a coder's: --coder {ADJUDICATED}=NAME",
        )
    named = labels.state.waves[wave]
    if item.coder != ADJUDICATED and not named.is_for(item.coder, item.key):
        raise InputError(
            f"The document is not for '{item.coder}' to code.",
            where=item.key,
            fix=f"the wave '{wave}' is coded by {', '.join(sorted(named.coders))}, each a share",
        )


def _decisions(labels: LabelSet, item: CodedItem, source: str) -> list[EventDraft]:
    bodies: list[tuple[str, dict[str, object]]] = []
    for variable, codes in _checked(labels, item):
        value = list(labels.book.ordered(variable.id, set(codes)))
        bodies.append(("code", {"variable": variable.id, "value": value}))
    if item.memo:
        bodies.append(("memo", {"value": item.memo}))
    if item.confidence:
        bodies.append(("confidence", {"value": item.confidence}))
    if item.flagged:
        bodies.append(("flag", {"value": True}))
    if item.skipped:
        bodies.append(("skip", {"value": True}))
    if bodies and item.seconds is not None:
        bodies[0][1]["seconds"] = item.seconds
    more: dict[str, object] = {"source": source}
    if item.coder == ADJUDICATED:
        more["by"] = ["import"]
    return [
        EventDraft(kind, item.coder, item.key, {**body, **more})  # type: ignore[arg-type]
        for kind, body in bodies
    ]


def _checked(labels: LabelSet, item: CodedItem) -> list[tuple[Variable, Codes]]:
    """Return the labels of a document in the order in which they are asked, or refuse them.

    What an adjudicated label hangs on may be agreed, and so not among what was adjudicated;
    `labels.results.final_codes` leaves out what does not apply.
    """
    book = labels.book
    for name in item.values:
        if book.variable(name) is None:
            names = ", ".join(variable.id for variable in book.variables)
            raise InputError(
                f"There is no variable '{name}'.", where=item.key, fix=f"there are: {names}"
            )
    checked = []
    for variable in book.variables:
        if variable.id not in item.values:
            continue
        codes = item.values[variable.id]
        if item.coder != ADJUDICATED and not variable.applies(item.values):
            wanted = "; ".join(
                f"{other} is {' or '.join(codes)}" for other, codes in variable.only_if.items()
            )
            raise InputError(
                f"'{variable.id}' has a code, but is asked only if {wanted}.",
                where=f"{item.key}, coder {item.coder}",
                fix="correct the one or the other",
            )
        check_codes(book, variable, codes, where=item.key)
        checked.append((variable, codes))
    return checked


def _is_new(labels: LabelSet, draft: EventDraft) -> bool:
    """Tell whether a coder has not said this already; refuse what contradicts it.

    A label counts as it reads now: a change of the codebook may have taken it along, or have left
    it open, to be given anew.
    """
    item, variable, new = str(draft.item), draft.body.get("variable"), draft.body["value"]
    if variable is None:
        held = labels.state.desk(draft.coder).value(item, draft.kind)
        is_said = held is not None and held != ""
    else:
        answer = labels.state.answer(draft.coder, item, variable)
        is_said = answer is not None and answer.is_settled
        held = list(answer.codes) if answer is not None else None
    if is_said and held != new:
        raise InputError(
            f"{draft.coder} has {_value_text(held)} as {variable or draft.kind} here already, "
            f"and not {_value_text(new)}.",
            where=item,
            fix="an import never overwrites; import it as another coder, or code it again",
        )
    return not is_said


def _value_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return ("yes" if value else "no") if isinstance(value, bool) else f"'{value}'"
