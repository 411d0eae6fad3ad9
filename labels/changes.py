"""Changing the codebook of a set of labels: each change with its reason, none that contradicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from pydantic import ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault
from configs.codebook import Code, Codebook, Variable, contradictions_of_none
from labels.history.book import Book, Change
from labels.history.events import EventDraft, LogEvent
from labels.label_set import LabelSet
from labels.records import check_coder, free_name, id_of

EDITABLE = ("definition", "when", "not_when", "examples", "parent", "aliases", "key", "value")
_FIELDS = {"rename": ("name",), "redefine": EDITABLE, "create": tuple(Code.model_fields)}


def change_codebook(labels: LabelSet, changes: Sequence[Change], *, coder: str) -> list[LogEvent]:
    """Add changes of the codebook, all or none.

    Each must name codes that are in use after those before it; what is refused of names, keys,
    parents and points is refused of the codebook after the last, so two codes may swap names.

    Raises
    ------
    InputError
        If a change has no reason, names a code that is not in use, or the codebook would
        contradict itself.
    """

    def drafts() -> list[EventDraft]:
        before = book = labels.book
        drafts = []
        for change in changes:
            _refuse(book, change)
            book = book.after(change)
            drafts.append(EventDraft(change.kind, check_coder(coder), None, change.body()))  # type: ignore[arg-type]
        # Copies that were joined may contradict each other already: that stops no other change.
        known = set(_contradictions(before))
        for problem in _contradictions(book):
            if problem not in known:
                raise InputError(problem, where=f"the codebook of '{labels.name}'")
        return drafts

    return labels.write(drafts)


def new_code(book: Book, variable: str, name: str, definition: str, **values: object) -> Code:
    """Return a code of that name, with an id made of the name that was never used.

    Raises
    ------
    InputError
        If the name or another value cannot be one.
    """
    used = {code.id for code in (*book.codes, *book.gone) if code.variable == variable}
    try:
        return Code.model_validate(
            {
                "id": free_name(id_of(name), used),
                "variable": variable,
                "name": name.strip(),
                "definition": definition.strip() or name.strip(),
                **values,
            }
        )
    except ValidationError as error:
        raise InputError(f"The code cannot be made: {first_fault(error)}.") from None


def created(code: Code, reason: str) -> Change:
    """Return the change that adds a code."""
    values = code.model_dump(mode="json", exclude_defaults=True)
    variable = values.pop("variable")
    return Change("create", variable, (code.id,), values=values, reason=reason)


def changes_between(book: Book, wanted: Codebook, reason: str) -> list[Change]:
    """Return the changes that turn a set's codebook into another one, which people edited.

    Codes are known by their ids. Codes that the other has not are retired; what became of their
    documents cannot be told from two files, so merge or split first where that is meant.
    """
    changes: list[Change] = []
    for variable in wanted.asked():
        new = {code.id: code for code in wanted.codes_of(variable.id)}
        old = {code.id: code for code in book.codes_of(variable.id)}
        for code_id, code in new.items():
            code = code.model_copy(update={"variable": variable.id})
            if code_id not in old:
                changes.append(created(code, reason))
            else:
                changes += _edits(old[code_id], code, reason)
        gone = [code_id for code_id in old if code_id not in new]
        changes += [Change("retire", variable.id, (code_id,), reason=reason) for code_id in gone]
    return changes


def other_questions(one: Codebook, other: Codebook) -> list[str]:
    """Return a sentence for each variable that only one codebook asks, or asks otherwise."""
    here, there = ({v.id: v for v in book.asked()} for book in (one, other))
    return [
        *(f"'{name}' is no longer asked." for name in here if name not in there),
        *(f"'{name}' is asked only now." for name in there if name not in here),
        *(
            f"'{name}' is asked otherwise: {', '.join(fields)}."
            for name in here
            if name in there and (fields := _other_fields(here[name], there[name]))
        ),
    ]


def _other_fields(one: Variable, other: Variable) -> list[str]:
    before, after = one.model_dump(mode="json"), other.model_dump(mode="json")
    return [name.replace("_", " ") for name in before if before[name] != after[name]]


def creation(
    book: Book, variable: str | None, name: str, definition: str, key: str | None, reason: str
) -> Change:
    """Return the change that adds a code to a variable, by default the first."""
    values = {} if key is None else {"key": key}
    chosen = variable or book.variables[0].id
    return created(new_code(book, chosen, name, definition, **values), reason)


def renaming(book: Book, code: str, name: str, reason: str) -> Change:
    """Return the change that gives a code another name."""
    variable, code_id = address(book, code)
    return Change("rename", variable, (code_id,), values={"name": name}, reason=reason)


def merging(book: Book, codes: Sequence[str], into: str, reason: str) -> Change:
    """Return the change that makes several codes one."""
    variable, target = address(book, into)
    sources = _of_one_variable(book, codes, variable)
    return Change("merge", variable, sources, (target,), reason=reason)


def splitting(book: Book, code: str, into: Sequence[str], reason: str) -> Change:
    """Return the change that makes one code several."""
    variable, source = address(book, code)
    return Change(
        "split", variable, (source,), _of_one_variable(book, into, variable), reason=reason
    )


def retirement(book: Book, code: str, reason: str) -> Change:
    """Return the change that takes a code out of use."""
    variable, code_id = address(book, code)
    return Change("retire", variable, (code_id,), reason=reason)


def updating(book: Book, wanted: Codebook, reason: str) -> list[Change]:
    """Return the changes that make a codebook into one that people edited."""
    refuse_other_questions(book, wanted)
    changes = changes_between(book, wanted, reason)
    if not changes:
        raise InputError("Nothing is other in that codebook.", where=wanted.codebook.name)
    return changes


def address(book: Book, code: str) -> tuple[str, str]:
    """Return variable and id of a code that is written ``ID`` or ``VARIABLE/ID``.

    Raises
    ------
    InputError
        If there is none such, or several variables have one.
    """
    variable, _, code_id = code.rpartition("/")
    meant = [
        (str(known.variable), known.id)
        for known in book.codes
        if known.id == code_id and (not variable or known.variable == variable)
    ]
    if len(meant) == 1:
        return meant[0]
    if meant:
        listed = " or ".join(map("/".join, meant))
        raise InputError(f"Several variables have a code '{code}'.", fix=f"write {listed}")
    was = any(gone.id == code_id for gone in book.gone)
    listed = ", ".join(f"{known.variable}/{known.id}" for known in book.codes)
    raise InputError(
        f"The code '{code}' is {'no longer in use' if was else 'not in the codebook'}.",
        fix=f"in use: {listed}",
    )


def _of_one_variable(book: Book, codes: Sequence[str], variable: str) -> tuple[str, ...]:
    addresses = [address(book, code if "/" in code else f"{variable}/{code}") for code in codes]
    for code, (of, _) in zip(codes, addresses, strict=True):
        if of != variable:
            raise InputError(f"'{code}' is no code of '{variable}'.")
    return tuple(code_id for _, code_id in addresses)


def refuse_other_questions(book: Book, wanted: Codebook) -> None:
    """Refuse a codebook that asks other questions than the set of labels was begun with.

    Raises
    ------
    InputError
        If variables were added, taken away, or ask otherwise, no code is said in other words, or
        the codes of an ordinal one would stand in another order: a code that is added comes after
        the others.
    """
    stay = {(wanted.variable_of(code), code.id) for code in wanted.codes}
    if [_question(variable, stay) for variable in book.variables] != [
        _question(variable, stay) for variable in wanted.asked()
    ]:
        raise InputError(
            "The codebook has other variables than the set of labels was begun with.",
            where=f"{wanted.codebook.name}, variables",
            fix="only codes can be changed; begin a new set of labels for other questions",
        )
    if set(book.head.none) != set(wanted.codebook.none):
        raise InputError(
            "The codebook has other words for no code than the set of labels was begun with.",
            where=f"{wanted.codebook.name}, codebook.none",
            fix=f"write none = {list(book.head.none)}, or begin a new set of labels",
        )
    for variable in wanted.asked():
        order = [code.id for code in wanted.codes_of(variable.id)]
        kept = [code.id for code in book.codes_of(variable.id) if code.id in order]
        if variable.level == "ordinal" and order[: len(kept)] != kept:
            raise InputError(
                f"The codes of '{variable.id}' would stand in another order.",
                where=f"{wanted.codebook.name}, codes",
                fix="put new codes last; begin a new set of labels for another scale",
            )


def _question(variable: Variable, stay: Set[tuple[str, str]]) -> tuple[Variable, object]:
    """Return what a variable asks, and which of the codes it depends on stay, in any order."""
    hangs = {
        other: {code for code in codes if (other, code) in stay}
        for other, codes in variable.only_if.items()
    }
    return variable.model_copy(update={"only_if": {}}), hangs


def _edits(old: Code, new: Code, reason: str) -> Iterator[Change]:
    if old.name != new.name:
        yield Change(
            "rename", str(old.variable), (old.id,), values={"name": new.name}, reason=reason
        )
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    values = {field: after[field] for field in EDITABLE if before[field] != after[field]}
    if values:
        yield Change("redefine", str(old.variable), (old.id,), values=values, reason=reason)


def _refuse(book: Book, change: Change) -> None:
    """Refuse a change that cannot be made of the codebook as it is."""
    where = f"variable '{change.variable}'"
    if not change.reason.strip():
        raise InputError("A change of the codebook needs a reason.", fix="say it with --because")
    book.variable_named(change.variable)
    _refuse_shape(change, where)
    if change.kind == "create":
        _refuse_used(book, change, where)
    else:
        _refuse_out_of_use(book, change, where)
    if change.kind in _FIELDS:
        _refuse_values(book, change, where)


def _refuse_shape(change: Change, where: str) -> None:
    """Refuse a change with too many or too few codes, or with fields that it cannot set."""
    codes, into = set(change.codes), set(change.into)
    if change.kind == "merge" and len(into) != 1:
        raise InputError("Codes are merged into one.", where=where)
    if change.kind == "merge" and not codes - into:
        raise InputError("A code cannot be merged with itself alone.", where=where)
    if change.kind != "merge" and len(codes) != 1:
        raise InputError(f"A {change.kind} is of one code.", where=where)
    if change.kind == "split" and len(into) < 2:
        raise InputError("A code is split into two or more.", where=where)
    if others := sorted(set(change.values) - set(_FIELDS.get(change.kind, ()))):
        raise InputError(f"A {change.kind} sets no {others[0]} of a code.", where=where)


def _refuse_used(book: Book, change: Change, where: str) -> None:
    code = change.codes[0]
    if book.find(change.variable, code) or book.find_gone(change.variable, code):
        raise InputError(
            f"The id '{code}' was used before.", where=where, fix="an id is never used twice"
        )
    if change.values.get("id") != code:
        raise InputError(f"The code '{code}' has another id in its values.", where=where)


def _refuse_out_of_use(book: Book, change: Change, where: str) -> None:
    in_use = [code.id for code in book.codes_of(change.variable)]
    for code in (*change.codes, *change.into):
        if code not in in_use:
            gone = book.find_gone(change.variable, code)
            state = "is no longer in use" if gone else "is not in the codebook"
            fix = f"in use: {', '.join(in_use)}" if in_use else "create it first"
            raise InputError(f"The code '{code}' {state}.", where=where, fix=fix)


def _refuse_values(book: Book, change: Change, where: str) -> None:
    old = book.find(change.variable, change.codes[0])
    before = {"variable": change.variable} if old is None else old.model_dump()
    try:
        Code.model_validate({**before, **change.values})
    except ValidationError as error:
        fault = first_fault(error)
        at = f"{where}, code '{change.codes[0]}', {fault.field}"
        raise InputError(f"{fault.message}.", where=at) from None


def _contradictions(book: Book) -> Iterator[str]:
    """Yield what contradicts itself in the codes that are in use."""
    for variable in book.variables:
        codes = book.codes_of(variable.id)
        if not codes and not variable.open:
            yield f"'{variable.id}' would have no code left."
        for field in ("name", "key"):
            first: dict[str, str] = {}
            for code in codes:
                value = getattr(code, field)
                if value is not None and first.setdefault(value, code.id) != code.id:
                    yield f"'{first[value]}' and '{code.id}' would have one {field}: '{value}'."
        if variable.level == "interval":
            points = [code.value for code in codes]
            if None in points or len(set(points)) < len(points):
                yield f"Each code of '{variable.id}' needs a value of its own."
        yield from _lost(codes)
    yield from (f"{problem}." for problem in contradictions_of_none(book.head, book.codes))


def _lost(codes: Sequence[Code]) -> Iterator[str]:
    """Yield parents that are not in use, and codes that are their own ancestors."""
    parents = {code.id: code.parent for code in codes}
    for code in codes:
        met = [code.id]
        while (parent := parents.get(met[-1])) is not None and parent not in met:
            met.append(parent)
        if parent is not None:
            yield f"The code would be its own ancestor: {' → '.join([*met, parent])}."
        elif met[-1] not in parents and "/" not in met[-1]:
            yield f"The parent '{met[-1]}' is not in use."
