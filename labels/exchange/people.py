"""Who is meant by the names of people in a file: they themselves, or as ``--coder`` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from artifacts.errors import InputError
from labels.records import ADJUDICATED, CodedItem, check_coder, same_name, why_no_name

NOBODY = ""
"""The coder of what a file ascribes to nobody, until it is said who it was."""
UNNAMED = "nobody is named who coded it: say it with --coder"


@dataclass(frozen=True)
class People:
    """Who coded, by the names that a file has for them.

    Attributes
    ----------
    name
        Who coded what the file ascribes to nobody, or, where it is all of one person, that person.
    renamed
        Names here by names of the file.
    """

    name: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Iterable[str]) -> People:
        """Return what is given as ``NAME`` and ``OLD=NEW``.

        Raises
        ------
        InputError
            If several names are given that stand for nobody's, or a name cannot be a coder's.
        """
        names, renamed = list[str](), dict[str, str]()
        for word in words:
            old, equals, new = word.partition("=")
            if equals:
                renamed[same_name(old)] = check_coder(same_name(new))
            else:
                names.append(check_coder(same_name(word)))
        if len(names) > 1:
            raise InputError(
                f"{', '.join(names)} cannot all be who coded.",
                where="--coder",
                fix="give one name, or say who is who: --coder OLD=NEW",
            )
        return cls(names[0] if names else None, renamed)


@dataclass(frozen=True)
class Attributed:
    """Items as their coders' are called here, what is wrong with that, and what is worth a word."""

    items: tuple[CodedItem, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def attributed(items: Sequence[CodedItem], places: Sequence[str], people: People) -> Attributed:
    """Return items of the people who are meant.

    Parameters
    ----------
    places
        Where each item stands, to be named with what is wrong.

    Raises
    ------
    InputError
        If a name that is mapped is not in the file, or one name is given for several people.
    """
    theirs = list(dict.fromkeys(same_name(item.coder) for item in items))
    here = _name_here(theirs, people)
    bad = {name: why for name in theirs if (why := _why_not(here[name]))}
    first_of: dict[tuple[str, str], tuple[str, CodedItem]] = {}
    theirs_here, faults = list[CodedItem](), list[str]()
    for item, place in zip(items, places, strict=True):
        name = same_name(item.coder)
        if name in bad:
            faults.append(f"{place}: {bad[name]}")
            continue
        item = replace(item, coder=here[name])
        before, other = first_of.setdefault((item.key, item.coder), (name, item))
        if before == name:
            theirs_here.append(item)
        elif other != item:
            faults.append(f"{place}: '{before}' and '{name}' are one person, and say two things")
    others = [(old, new) for old, new in here.items() if old not in (NOBODY, new)]
    notes = tuple(f"'{old}' of the file is '{new}' here." for old, new in others)
    return Attributed(tuple(theirs_here), tuple(faults), notes)


def _name_here(theirs: Sequence[str], people: People) -> dict[str, str]:
    """Return the name here of each name in the file; `NOBODY` where nobody is known."""
    named = [name for name in theirs if name not in (NOBODY, ADJUDICATED)]
    for old in people.renamed:
        if theirs and old not in theirs:
            raise InputError(
                f"Nobody is called '{old}' in the file.",
                where="--coder",
                fix=f"it names {', '.join(named) or 'nobody'}",
            )
    here = {name: people.renamed.get(name, name) for name in theirs}
    if people.name is None:
        return here
    left = [name for name in named if name not in people.renamed]
    if NOBODY in here:
        here[NOBODY] = people.name
    elif len(left) > 1:
        raise InputError(
            f"The file says who coded, and it was not one person: {', '.join(left)}.",
            where="--coder",
            fix=f"leave it out, or say who is who: --coder '{left[0]}={people.name}'",
        )
    else:
        here |= dict.fromkeys(left, people.name)
    return here


def _why_not(name: str) -> str | None:
    if name == NOBODY:
        return UNNAMED
    why = None if name == ADJUDICATED else why_no_name(name)
    return why and f"{name!r} {why}: map it with --coder OLD=NEW"
