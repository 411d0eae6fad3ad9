"""Many things asked for at once, fewer at a time where GitHub does not manage so many.

What an answer leaves unknown is asked for again: with the others of which the same is true, at
last alone, and alone again by the next run. What is known is never asked for twice.

What came back for one thing is its value, that it is gone, or why it is unknown.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mining.github.api import MOST_ASKS, Api
from mining.github.errors import NotStoredError, OutageError
from mining.github.limits import Pace
from mining.github.queries import PART
from mining.github.requests import RESOURCE_LIMITS, GraphqlAnswer
from mining.github.shapes import FieldPath, JsonShape, fitted
from mining.github.unknown import (
    LEFT_OUT,
    NOT_FOUND,
    ONE_LESS,
    Unknown,
    UnknownKind,
    is_about_one,
    unknown_at,
    unknown_of,
    unknown_of_one,
)

T = TypeVar("T")
OUT_OF_TIME = Unknown(UnknownKind.FOR_NOW, "GitHub ran out of time")
SAME_PAGE = Unknown(UnknownKind.FOR_NOW, "GitHub's next page is one that we had")
GraphqlError = Mapping[str, Any]
MOST_SLOW = 2
"""Whole batches, one after another, that took too long, before all others are made smaller."""
MOST_ALONE = 20
"""Things that stay unknown though asked for alone, after which no others are asked for alone."""
MOST_UNTOLD = 5
"""Things of which nothing is told, one after another, after which no others are asked for."""


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
        return bool(reasons) and all(why.kind is UnknownKind.REFUSED for why in reasons)

    @property
    def is_new(self) -> bool:
        """Tell whether the answer was received in this run."""
        return self.answer is not None and self.answer.is_new

    def lacks(self, *names: str) -> Unknown | None:
        """Return why one of these fields is unknown, or something in it."""
        reasons = (why for place, why in self.holes.items() if place[0] in names)
        return next(reasons, None)


def answered_at(
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
        others = [error for error in answer.errors if not _path(error)] or _cuts(answer.errors)
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


def _without(item: T, answer: GraphqlAnswer, errors: list[GraphqlError]) -> Answered[T]:
    if _cuts(errors):
        return Answered(item, None, answer, OUT_OF_TIME, is_cut=True)
    return Answered(item, None, answer, unknown_at(errors[0]) if errors else LEFT_OUT)


def _about(answer: GraphqlAnswer, place: FieldPath) -> Iterator[GraphqlError]:
    """Yield the errors at a place, below it, or above it."""
    for error in answer.errors:
        path = _path(error)
        if path and (path[: len(place)] == place or place[: len(path)] == path):
            yield error


def _is_not_found(error: GraphqlError, place: FieldPath) -> bool:
    return error.get("type") == NOT_FOUND and _path(error) == place


def _cuts(errors: list[GraphqlError] | tuple[GraphqlError, ...]) -> list[GraphqlError]:
    return [error for error in errors if error.get("type") == RESOURCE_LIMITS]


def _path(error: GraphqlError) -> FieldPath:
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


@dataclass(frozen=True)
class Batching(Generic[T]):
    """How a batch is asked for, and where in the answer each thing stands.

    Attributes
    ----------
    query, variables
        Of a batch.
    place
        The path in the data to the thing at a position of the batch.
    shape
        What the answer to a thing must look like; None: any mapping will do.
    needs
        Fields without which nothing is known of it.
    """

    query: Callable[[int], str]
    variables: Callable[[Sequence[T]], Mapping[str, Any]]
    place: Callable[[int], FieldPath]
    shape: Callable[[T], JsonShape] = lambda _: None
    needs: frozenset[str] = frozenset()


def ask_in_batches(
    api: Api, items: Sequence[T], batching: Batching[T], *, size: int
) -> Iterator[Answered[T]]:
    """Yield what came back for each item, in an order that depends on the answers alone.

    The first batches are small, and the next larger while answers are quick, up to ``size``. A
    batch that takes too long is halved, down to one; what cannot even be asked for alone is
    unknown, and the rest goes on. If two whole batches in a row take too long, all others are made
    half as large.
    """
    pace = Pace.up_to(size, share=api.share)
    for _, answered in _Asking(api, items, batching, pace).run():
        yield answered


def ask_if_told(
    api: Api, items: Sequence[T], batching: Batching[T], *, size: int
) -> Iterator[Answered[T]]:
    """Yield what came back for each item; where GitHub answers nothing of it, that is unknown.

    For what can be found out in another way, so that nobody needs to wait until GitHub tells it.
    """
    is_told = bytearray(len(items))
    n_untold, why = 0, LEFT_OUT
    try:
        pace = Pace.up_to(size, share=api.share)
        for at, answered in _Asking(api, items, batching, pace).run():
            is_told[at] = True
            yield answered
            if answered.is_refused:  # which may be true of many, and is soon told
                continue
            n_untold = n_untold + 1 if answered.unknown is not None else 0
            why = answered.unknown or why
            if n_untold == MOST_UNTOLD:
                break
    except (OutageError, NotStoredError) as error:  # in a replay nothing is there of the rest
        why = unknown_of(error)
    for at, told in enumerate(is_told):
        if not told:
            yield Answered(items[at], None, None, why)


def ask_one(api: Api, item: T, batching: Batching[T]) -> Answered[T]:
    """Return what came back for one thing, asked for until nothing of it is unknown."""
    (answered,) = ask_in_batches(api, [item], batching, size=1)
    return answered


def all_nodes(
    api: Api, first: Mapping[str, Any], batching: Batching[str]
) -> list[Mapping[str, Any]] | Unknown:
    """Return the nodes of all pages of a list, or why not all are known.

    Parameters
    ----------
    first
        The first page, with its `nodes` and its `pageInfo`.
    batching
        How the page after a cursor is asked for.
    """
    page, nodes, cursors = first, list(first["nodes"]), set()
    while page["pageInfo"]["hasNextPage"]:
        cursor = page["pageInfo"]["endCursor"]
        if cursor is None or cursor in cursors:
            return SAME_PAGE
        cursors.add(cursor)
        answered = ask_one(api, cursor, batching)
        if answered.value is None or answered.holes:
            return answered.unknown or answered.lacks(*batching.shape(cursor)) or LEFT_OUT
        page = answered.value
        nodes += page["nodes"]
    return nodes


@dataclass
class _Asking(Generic[T]):
    """Items by their positions: those that wait, those left for later, and what is known of them.

    Attributes
    ----------
    later
        What an answer left unknown that told of others: they are asked for together at the end.
    refused
        What was refused to an earlier run: each is asked for alone, at the end.
    best
        What was last told of an item, until nothing of it is unknown.
    asks
        How often an item was asked for alone.
    """

    api: Api
    items: Sequence[T]
    batching: Batching[T]
    pace: Pace
    waiting: deque[Sequence[int]] = field(default_factory=deque)
    later: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    best: dict[int, Answered[T]] = field(default_factory=dict)
    asks: Counter[int] = field(default_factory=Counter)
    start: int = 0
    n_slow: int = 0
    n_unknown_alone: int = 0

    def run(self) -> Iterator[tuple[int, Answered[T]]]:
        """Yield the position of each item, and what came back for it."""
        while self.waiting or self.start < len(self.items) or self.later or self.refused:
            batch = self._next()
            if len(batch) == 1:
                yield from self._sorted_out(batch, [self._alone(batch[0])])
                continue
            try:
                answer = self._answer(batch)
                if self._is_the_end(answer, batch) and not answer.is_new:
                    answer = self._answer(batch, anew=True)
            except ONE_LESS as error:
                if not is_about_one(error):
                    raise
                self._halve(batch)
                self.n_slow += len(batch) == self.pace.size
                if self.n_slow == MOST_SLOW:
                    self.pace.shrink()
                    self.n_slow = 0
                continue
            if len(batch) == self.pace.size:
                self.n_slow = 0
            self.pace.took(len(batch), answer.took_s)
            yield from self._sorted_out(batch, self._read_all(answer, batch))

    def _next(self) -> Sequence[int]:
        if not self.waiting:
            if self.start < len(self.items):
                end = min(self.start + self.pace.size, len(self.items))
                self.waiting.append(range(self.start, end))
                self.start = end
            else:
                again, self.later = sorted(self.later), []
                starts = range(0, len(again), self.pace.size)
                self.waiting.extend(again[at : at + self.pace.size] for at in starts)
                self.waiting.extend([at] for at in sorted(self.refused))
                self.refused = []
        return self.waiting.popleft()

    def _sorted_out(
        self, batch: Sequence[int], answers: Sequence[Answered[T]]
    ) -> Iterator[tuple[int, Answered[T]]]:
        """Yield what is known, or stays unknown; leave the rest to be asked for again."""
        cut = [at for at, answered in zip(batch, answers, strict=True) if answered.is_cut]
        left = []
        for at, answered in zip(batch, answers, strict=True):
            if answered.is_whole:
                self.best.pop(at, None)
                yield at, answered
            elif not answered.is_cut or len(batch) == 1:
                self._remember(at, answered)
                left.append(at)
        if cut and len(batch) > 1:
            self.waiting.extendleft(reversed(_halves(cut) if len(cut) == len(batch) else [cut]))
        if len(batch) == 1:
            yield from self._left_alone(left)
            return
        refused = [at for at in left if self.best[at].is_refused]
        left = [at for at in left if at not in refused]
        yield from ((at, self.best.pop(at)) for at in refused if self.best[at].is_new)
        self.refused += [at for at in refused if at in self.best]
        if len(left) == len(batch):
            if self.n_unknown_alone < MOST_ALONE:  # else see _is_the_end
                self._halve(batch)
            else:
                yield from ((at, self.best.pop(at)) for at in left)
        else:
            self.later += left

    def _left_alone(self, left: list[int]) -> Iterator[tuple[int, Answered[T]]]:
        for at in left:
            answered = self.best[at]
            if answered.answer is None and self.asks[at] == 1 and len(self.items) > 1:
                self.later.append(at)  # perhaps it was not about this one
                continue
            self.n_unknown_alone += not answered.is_refused
            yield at, self.best.pop(at)

    def _is_the_end(self, answer: GraphqlAnswer, batch: Sequence[int]) -> bool:
        """Tell whether all of a batch is unknown, and enough was asked for alone in vain."""
        return self.n_unknown_alone >= MOST_ALONE and not any(
            answered.is_whole for answered in self._read_all(answer, batch)
        )

    def _remember(self, at: int, answered: Answered[T]) -> None:
        before = self.best.get(at)
        if before is None or answered.value is not None or before.value is None:
            self.best[at] = answered

    def _alone(self, at: int) -> Answered[T]:
        """Ask for one thing, again where it stays unknown; what a run before was told, anew."""
        while True:
            ask = min(self.asks[at], MOST_ASKS - 1)
            self.asks[at] += 1
            try:
                answer = self._answer([at], ask)
                answered = self._read(answer, 0, at)
                is_last = answered.is_refused or ask == MOST_ASKS - 1
                if is_last and not answered.is_whole and not answer.is_new:
                    answered = self._read(self._answer([at], ask, anew=True), 0, at)
            except NotStoredError:  # what is refused is asked for again by the next run alone
                if at not in self.best or not self.best[at].is_refused:
                    raise
                return self.best[at]
            except ONE_LESS as error:
                return Answered(self.items[at], None, None, unknown_of_one(error))
            if answered.is_whole or answered.is_refused or ask == MOST_ASKS - 1:
                return answered

    def _read_all(self, answer: GraphqlAnswer, batch: Sequence[int]) -> list[Answered[T]]:
        return [self._read(answer, number, at) for number, at in enumerate(batch)]

    def _answer(self, batch: Sequence[int], ask: int = 0, *, anew: bool = False) -> GraphqlAnswer:
        asked = self.batching.variables([self.items[at] for at in batch])
        query = self.batching.query(len(batch))
        return self.api.graphql(query, asked, splittable=len(batch) > 1, ask=ask, anew=anew)

    def _read(self, answer: GraphqlAnswer, number: int, at: int) -> Answered[T]:
        own, item = self.batching, self.items[at]
        return answered_at(answer, own.place(number), item, shape=own.shape(item), needs=own.needs)

    def _halve(self, batch: Sequence[int]) -> None:
        self.waiting.extendleft(reversed(_halves(batch)))


def by_ids(
    query: Callable[[int], str], *, shape: JsonShape = None, needs: frozenset[str] = frozenset()
) -> Batching[str]:
    """Return how things are asked for by id, as many at once as parts of `PART` hold."""

    def variables(ids: Sequence[str]) -> dict[str, list[str]]:
        starts = range(0, len(ids), PART)
        return {f"ids{i}": list(ids[at : at + PART]) for i, at in enumerate(starts)}

    return Batching(
        query=lambda n: query(-(-n // PART)),
        variables=variables,
        place=lambda number: (f"p{number // PART}", number % PART),
        shape=lambda _: shape,
        needs=needs,
    )


def _halves(batch: Sequence[int]) -> list[Sequence[int]]:
    middle = (len(batch) + 1) // 2
    return [batch[:middle], batch[middle:]]
