"""One thing in a GraphQL answer: its value, that it is gone, or why it is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mining.github.reading import RESOURCE_LIMITS
from mining.github.requests import FieldPath, GraphqlAnswer
from mining.github.shapes import JsonShape, fitted
from mining.github.unknown import LEFT_OUT, NOT_FOUND, Unknown, UnknownKind, unknown_at

T = TypeVar("T")
OUT_OF_TIME = Unknown(UnknownKind.FOR_NOW, "GitHub ran out of time")
Error = Mapping[str, Any]


@dataclass(frozen=True)
class Answered(Generic[T]):
    """What came back for one thing.

    Attributes
    ----------
    value
        With null for what does not fit; None if it is gone, or all of it unknown.
    unknown
        Why there is no value. Without either it is gone, which is a fact: GitHub says of this
        thing that it is not found.
    holes
        Why parts of the value are unknown, by their places in it.
    is_cut
        GitHub ran out of time before it came to this.
    """

    item: T
    value: Mapping[str, Any] | None
    answer: GraphqlAnswer | None
    unknown: Unknown | None = None
    holes: Mapping[FieldPath, Unknown] = field(default_factory=dict)
    is_cut: bool = False

    @property
    def is_gone(self) -> bool:
        """Tell whether GitHub says that there is no such thing."""
        return self.value is None and self.unknown is None

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing of it is unknown."""
        return self.unknown is None and not self.holes

    @property
    def is_refused(self) -> bool:
        """Tell whether all that is unknown of it is refused, so that to ask again is no use."""
        reasons = [*self.holes.values(), *([self.unknown] if self.unknown else [])]
        return bool(reasons) and all(each.kind is UnknownKind.REFUSED for each in reasons)

    @property
    def is_new(self) -> bool:
        """Tell whether the answer was received in this run."""
        return self.answer is not None and self.answer.is_new

    def lacks(self, *names: str) -> Unknown | None:
        """Return why one of these fields is unknown, or something in it."""
        reasons = (why for place, why in self.holes.items() if place[0] in names)
        return next(reasons, None)


def part_of(
    answer: GraphqlAnswer,
    place: FieldPath,
    item: T,
    *,
    shape: JsonShape = None,
    needs: frozenset[str] = frozenset(),
) -> Answered[T]:
    """Return what an answer says of one thing.

    Parameters
    ----------
    place
        Where the thing stands in the data.
    shape
        What it must look like; None: any mapping will do.
    needs
        Fields without which nothing can be done with it.
    """
    errors = list(_about(answer, place))
    value = value_at(answer.data, place)
    if not isinstance(value, Mapping):
        if value is None and any(_is_not_found(error, place) for error in errors):
            return Answered(item, None, answer)
        others = [each for each in answer.errors if not _path(each)] or _cuts(answer.errors)
        return _without(item, answer, errors or others)
    if _cuts(errors):
        return _without(item, answer, errors)
    holes = _holes(answer, place, value, shape)
    fit, _ = fitted(value, shape) if shape is not None else (value, [])
    missing = [why for hole, why in holes.items() if hole[0] in needs]
    if missing:
        return Answered(item, None, answer, missing[0])
    return Answered(item, fit, answer, holes=holes)


def _holes(
    answer: GraphqlAnswer, place: FieldPath, value: Mapping[str, Any], shape: JsonShape
) -> dict[FieldPath, Unknown]:
    """Return why parts are unknown: those that do not fit, and those that an error is about."""
    own = [
        (_path(error)[len(place) :], error)
        for error in answer.errors
        if _path(error)[: len(place)] == place
    ]
    whole = next((error for error in answer.errors if not _path(error)), None)
    holes = {}
    for hole in fitted(value, shape)[1] if shape is not None else ():
        told = next((e for at, e in own if at[: len(hole)] == hole or hole[: len(at)] == at), whole)
        holes[hole] = LEFT_OUT if told is None else unknown_at(told)
    for at, error in own:
        if at and not any(hole[: len(at)] == at or at[: len(hole)] == hole for hole in holes):
            holes[at] = unknown_at(error)
    return holes


def _without(item: T, answer: GraphqlAnswer, errors: list[Error]) -> Answered[T]:
    if cuts := _cuts(errors):
        return Answered(item, None, answer, OUT_OF_TIME, is_cut=bool(cuts))
    return Answered(item, None, answer, unknown_at(errors[0]) if errors else LEFT_OUT)


def _about(answer: GraphqlAnswer, place: FieldPath) -> Iterator[Error]:
    """Yield the errors at a place, below it, or above it."""
    for error in answer.errors:
        path = _path(error)
        if path and (path[: len(place)] == place or place[: len(path)] == path):
            yield error


def _is_not_found(error: Error, place: FieldPath) -> bool:
    return error.get("type") == NOT_FOUND and _path(error) == place


def _cuts(errors: list[Error] | tuple[Error, ...]) -> list[Error]:
    return [error for error in errors if error.get("type") == RESOURCE_LIMITS]


def _path(error: Error) -> FieldPath:
    path = error.get("path")
    return tuple(path) if isinstance(path, list) else ()


def value_at(value: Any, place: FieldPath) -> Any:
    """Return what stands at a place, None if there is no such place."""
    for step in place:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value
