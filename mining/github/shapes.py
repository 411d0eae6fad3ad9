"""What an answer must look like, held against what it does: what does not fit is a hole.

A hole is null in what comes of it, so that nothing behind it can stumble over an odd answer. A list
with a hole is unknown as a whole, for what is left of it would look complete; but of a page of
things (`Each`) the others stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mining.github.requests import Place

Leaf = Callable[[Any], bool]
Shape = Any
"""A leaf, a mapping of shapes by name, a list of one shape, `Maybe`, or `Each`."""
_FULL_NAME = re.compile(r"[^/\s]+/[^/\s]+")


@dataclass(frozen=True)
class Maybe:
    """What may be null in an answer that lacks nothing."""

    shape: Shape


@dataclass(frozen=True)
class Each:
    """A page of things; one that lacks any of `needs` is null."""

    shape: Mapping[str, Shape]
    needs: frozenset[str]


def is_text(value: Any) -> bool:
    """Tell whether it is a text."""
    return isinstance(value, str)


def is_word(value: Any) -> bool:
    """Tell whether it is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def is_name(value: Any) -> bool:
    """Tell whether it is ``owner/name``."""
    return isinstance(value, str) and bool(_FULL_NAME.fullmatch(value))


def is_number(value: Any) -> bool:
    """Tell whether it is a count or an id: whole, and not below 0."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def is_flag(value: Any) -> bool:
    """Tell whether it is true or false."""
    return isinstance(value, bool)


def is_time(value: Any) -> bool:
    """Tell whether it is a time, with its zone."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.tzinfo is not None and moment.astimezone(UTC) is not None
    except (TypeError, ValueError, OverflowError):
        return False


def fitted(value: Any, shape: Shape) -> tuple[Any, list[Place]]:
    """Return a value with null for what does not fit its shape, and the places of that."""
    holes: list[Place] = []
    return _fitted(value, shape, (), holes), holes


def fits(value: Any, shape: Shape) -> bool:
    """Tell whether a value is as its shape says."""
    return not fitted(value, shape)[1]


def _fitted(value: Any, shape: Shape, place: Place, holes: list[Place]) -> Any:
    if isinstance(shape, Maybe):
        return None if value is None else _fitted(value, shape.shape, place, holes)
    if isinstance(shape, Mapping):
        if not isinstance(value, Mapping):
            return _hole(place, holes)
        return {
            name: _fitted(value.get(name), each, (*place, name), holes)
            for name, each in shape.items()
        }
    if isinstance(shape, list):
        if not isinstance(value, list):
            return _hole(place, holes)
        inside: list[Place] = []
        items = [_fitted(each, shape[0], (*place, n), inside) for n, each in enumerate(value)]
        return _hole(place, holes) if inside else items
    if isinstance(shape, Each):
        if not isinstance(value, list):
            return _hole(place, holes)
        return [_item(each, shape, (*place, n), holes) for n, each in enumerate(value)]
    return value if shape(value) else _hole(place, holes)


def _item(value: Any, shape: Each, place: Place, holes: list[Place]) -> Any:
    found: list[Place] = []
    item = _fitted(value, shape.shape, place, found)
    lacks = item is None or any(hole[len(place)] in shape.needs for hole in found)
    holes.extend([place] if lacks else found)
    return None if lacks else item


def _hole(place: Place, holes: list[Place]) -> None:
    holes.append(place)
