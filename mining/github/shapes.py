"""What an answer must look like, held against what it does: what does not fit is a hole.

A field with a hole is null in what comes of it, so that nothing behind it can stumble over an odd
answer, and nothing that is left of a list looks complete; but of a page of things (`Each`) the
others stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from artifacts.visible import SURROGATES

FieldPath = tuple[str | int, ...]
"""Where something stands in an answer: names of fields and positions in lists."""
JsonShape = Any
"""A test of a value, a mapping of shapes by name, a list of one shape, or a class below."""
MOST = 2**48
"""Beyond any count or id of GitHub's; sums of a few thousands are still numbers of 64 bits."""
_FULL_NAME = re.compile(r"[^/\s]+/[^/\s]+")


@dataclass(frozen=True)
class Maybe:
    """What may be null in an answer that lacks nothing."""

    shape: JsonShape


@dataclass(frozen=True)
class Each:
    """A page of things; one that lacks any of `needs` is null; `with_more` keeps other fields."""

    shape: Mapping[str, JsonShape]
    needs: frozenset[str]
    with_more: bool = False


@dataclass(frozen=True)
class OneOf:
    """Things of several kinds, each known by a field of its own; of any other kind, nothing."""

    shapes: Mapping[str, JsonShape]


@dataclass(frozen=True)
class Agreeing:
    """A thing whose fields must agree: `against` names those that cannot be what they are."""

    shape: Mapping[str, JsonShape]
    against: Callable[[Mapping[str, Any]], Iterable[str]]


_OF_THINGS = (dict, Agreeing, OneOf)
_OF_LISTS = (list, Each)


def is_anything(value: Any) -> bool:
    """Tell that any value will do."""
    return True


def is_text(value: Any) -> bool:
    """Tell whether it is a text; it may hold what no file can."""
    return isinstance(value, str)


def is_plain(value: Any) -> bool:
    """Tell whether it is a text that any file can hold."""
    return isinstance(value, str) and not SURROGATES.search(value)


def is_word(value: Any) -> bool:
    """Tell whether it is such a text with something in it."""
    return is_plain(value) and bool(value.strip())


def is_name(value: Any) -> bool:
    """Tell whether it is ``owner/name``."""
    return is_plain(value) and bool(_FULL_NAME.fullmatch(value))


def is_number(value: Any) -> bool:
    """Tell whether it is a count or an id: whole, and not below 0."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST


def is_flag(value: Any) -> bool:
    """Tell whether it is true or false."""
    return isinstance(value, bool)


def are_things(value: Any) -> bool:
    """Tell whether these are things, by their names."""
    return isinstance(value, Mapping) and all(isinstance(at, Mapping) for at in value.values())


def is_time(value: Any) -> bool:
    """Tell whether it is a time, with its zone."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.tzinfo is not None and moment.astimezone(UTC) is not None
    except (TypeError, ValueError, OverflowError):
        return False


def fitted(value: Any, shape: JsonShape) -> tuple[Any, list[FieldPath]]:
    """Return a value with null for each of its fields that lacks something, and where that is."""
    holes: list[FieldPath] = []
    return _fitted(value, shape, (), holes), holes


def fits(value: Any, shape: JsonShape) -> bool:
    """Tell whether a value is as its shape says."""
    return not fitted(value, shape)[1]


def is_usable(value: Any, shape: JsonShape) -> bool:
    """Tell whether a value has all of its own fields; of a list, items may lack something."""
    holes = fitted(value, shape)[1]
    return not any(
        len(hole) == 0 or (isinstance(hole[0], str) and len(hole) == 1) for hole in holes
    )


def _fitted(value: Any, shape: JsonShape, place: FieldPath, holes: list[FieldPath]) -> Any:
    if isinstance(shape, Maybe):
        return None if value is None else _fitted(value, shape.shape, place, holes)
    if isinstance(shape, _OF_THINGS):
        if isinstance(value, dict):
            return _thing(value, shape, place, holes)
    elif isinstance(shape, _OF_LISTS):
        if isinstance(value, list):
            return _several(value, shape, place, holes)
    elif shape(value):
        return value
    holes.append(place)
    return None


def _thing(
    value: Mapping[str, Any],
    shape: JsonShape,
    place: FieldPath,
    holes: list[FieldPath],
    *,
    is_part: bool = True,
) -> dict[str, Any] | None:
    """Return a thing; a part of another that lacks something is null as a whole."""
    if isinstance(shape, OneOf):
        shape = next((own for field, own in shape.shapes.items() if field in value), {})
    against: set[str] = set()
    if isinstance(shape, Agreeing):
        shape, against = shape.shape, set(shape.against(value))
    fields: dict[str, Any] = {}
    lacks = False
    for name, field_shape in shape.items():
        inside: list[FieldPath] = []
        fields[name] = _fitted(value.get(name), field_shape, (*place, name), inside)
        if name in against and not inside:
            fields[name] = None
            inside.append((*place, name))
        lacks |= fields[name] is None and bool(inside)
        holes += inside
    return None if lacks and is_part and place else fields


def _several(
    value: list[Any], shape: JsonShape, place: FieldPath, holes: list[FieldPath]
) -> list[Any] | None:
    if isinstance(shape, Each):
        return [_one(item, shape, (*place, n), holes) for n, item in enumerate(value)]
    (each,) = shape
    if callable(each) and all(map(each, value)):
        return value
    inside: list[FieldPath] = []
    items = [_fitted(item, each, (*place, n), inside) for n, item in enumerate(value)]
    holes += inside
    return None if inside else items


def _one(
    value: Any, shape: Each, place: FieldPath, holes: list[FieldPath]
) -> dict[str, Any] | None:
    """Return one of a page of things; null if it lacks what it needs."""
    if not isinstance(value, dict):
        holes.append(place)
        return None
    inside: list[FieldPath] = []
    item = _thing(value, shape.shape, place, inside, is_part=False)
    lacks = item is None or any(hole[len(place)] in shape.needs for hole in inside)
    holes.extend([place] if lacks else inside)
    if item is None or lacks:
        return None
    return {**value, **item} if shape.with_more else item


TOTAL: Mapping[str, JsonShape] = {"totalCount": is_number}
PAGE: Mapping[str, JsonShape] = {"hasNextPage": is_flag, "endCursor": Maybe(is_word)}
"""What GraphQL says of a list, and of the page after this one."""
