"""Finds a tool by what people call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Final

from artifacts.errors import InputError
from artifacts.words import listed
from mining.tables import GITHUB_ADDRESS
from reports.answers.tool import ToolAnswer

MOST_NAMED: Final = 5
"""Tools that are named where one is not told from others."""
NEAR: Final = 0.6
"""How like another a name must be to be meant, perhaps."""


def find_answer(answers: Iterable[ToolAnswer], name: str) -> ToolAnswer | None:
    """Return the tool of a name; None: there is none.

    Parameters
    ----------
    name
        In full (owner/name), its name alone, a former name, its address or its key; in any case.
        What it is called now goes before what it was called, and a full name before one alone.

    Raises
    ------
    InputError
        If several are called so.
    """
    wanted = GITHUB_ADDRESS.sub("", name.strip()).strip("/").lower()
    known = list(answers)
    ways: tuple[Callable[[ToolAnswer], Iterable[str]], ...] = (
        lambda each: (each.full_name, each.key),
        lambda each: each.former_names,
        lambda each: (_alone(each.full_name),),
        lambda each: map(_alone, each.former_names),
    )
    for names_of in ways:
        found = [each for each in known if wanted in map(str.lower, names_of(each))]
        if len(found) > 1:
            raise _several(found, name)
        if found:
            return found[0]
    return None


def no_tool(answers: Iterable[ToolAnswer], name: str, where: str) -> InputError:
    """Return the error that there is no tool of a name; it says which are near.

    Parameters
    ----------
    where
        Where it was looked for.
    """
    known: dict[str, str] = {}
    has_taxonomy = False
    for each in answers:
        has_taxonomy = has_taxonomy or each.purpose is not None
        for called in (each.full_name, *each.former_names):
            known.setdefault(_alone(called).lower(), each.full_name)
    wanted = _alone(name.strip()).lower()
    near = dict.fromkeys(known[each] for each in get_close_matches(wanted, known, 3, NEAR))
    shown = "opsatlas taxonomy show" if has_taxonomy else "opsatlas insights show --stage all"
    fix = f"see what there is: {shown}" if known else "make what the study asks for: opsatlas run"
    if near:
        fix = f"did you mean {listed(list(near), 'or')}?"
    return InputError(f"There is no tool '{name}'.", where=where, fix=fix)


def _several(found: Iterable[ToolAnswer], name: str) -> InputError:
    names = sorted(each.full_name for each in found)
    more = f", and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return InputError(
        f"{len(names)} tools are called '{name}'.",
        fix=f"name one in full: {', '.join(names[:MOST_NAMED])}{more}",
    )


def _alone(full_name: str) -> str:
    return full_name.rpartition("/")[2]
