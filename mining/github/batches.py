"""Many things asked for at once, fewer at a time where GitHub does not manage so many.

What an answer leaves unknown is asked for again: with the others of which the same is true, at
last alone, and alone again by the next run. What is known is never asked for twice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mining.github.api import MOST_ASKS, Api
from mining.github.errors import NotStoredError, OutageError
from mining.github.outages import ONE_LESS, is_about_one
from mining.github.pacing import Pace
from mining.github.parts import Answered, part_of
from mining.github.queries import PART
from mining.github.requests import FieldPath, GraphqlAnswer
from mining.github.shapes import JsonShape
from mining.github.unknown import LEFT_OUT, unknown_of

T = TypeVar("T")
MOST_SLOW = 2
MOST_ALONE = 20
"""Things that are unknown though asked for alone, after which no others are asked for so."""
MOST_UNTOLD = 5
"""Things of which nothing is told, one after another, after which no others are asked for."""


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
    yield from _Asking(api, items, batching, pace).run()


def ask_if_told(
    api: Api, items: Sequence[T], batching: Batching[T], *, size: int
) -> Iterator[Answered[T]]:
    """Yield what came back for each item; where GitHub answers nothing of it, that is unknown.

    For what can be found out in another way, so that nobody need wait until GitHub tells it so.
    """
    rest = dict.fromkeys(items)
    n_untold, why = 0, LEFT_OUT
    try:
        for answered in ask_in_batches(api, items, batching, size=size):
            del rest[answered.item]
            yield answered
            if answered.is_refused:  # which may be true of many, and is soon told
                continue
            n_untold = n_untold + 1 if answered.unknown is not None else 0
            why = answered.unknown or why
            if n_untold == MOST_UNTOLD:
                break
    except (OutageError, NotStoredError) as error:  # in a replay nothing is there of the rest
        why = unknown_of(error)
    yield from (Answered(item, None, None, why) for item in rest)


def ask_one(api: Api, item: T, batching: Batching[T]) -> Answered[T]:
    """Return what came back for one thing, asked for until nothing of it is unknown."""
    (answered,) = ask_in_batches(api, [item], batching, size=1)
    return answered


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

    def run(self) -> Iterator[Answered[T]]:
        """Yield what came back."""
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
        self, batch: Sequence[int], found: Sequence[Answered[T]]
    ) -> Iterator[Answered[T]]:
        """Yield what is known, or stays unknown; leave the rest to be asked for again."""
        cut = [at for at, each in zip(batch, found, strict=True) if each.is_cut]
        left = []
        for at, each in zip(batch, found, strict=True):
            if each.is_whole:
                self.best.pop(at, None)
                yield each
            elif not each.is_cut or len(batch) == 1:
                self._remember(at, each)
                left.append(at)
        if cut and len(batch) > 1:
            self.waiting.extendleft(reversed(_halves(cut) if len(cut) == len(batch) else [cut]))
        if len(batch) == 1:
            yield from self._left_alone(left)
            return
        refused = [at for at in left if self.best[at].is_refused]
        left = [at for at in left if at not in refused]
        yield from (self.best.pop(at) for at in refused if self.best[at].is_new)
        self.refused += [at for at in refused if at in self.best]
        if len(left) == len(batch):
            if self.n_unknown_alone < MOST_ALONE:  # else see _is_the_end
                self._halve(batch)
            else:
                yield from (self.best.pop(at) for at in left)
        else:
            self.later += left

    def _left_alone(self, left: list[int]) -> Iterator[Answered[T]]:
        for at in left:
            each = self.best[at]
            if each.answer is None and self.asks[at] == 1 and len(self.items) > 1:
                self.later.append(at)  # perhaps it was not about this one
                continue
            self.n_unknown_alone += not each.is_refused
            yield self.best.pop(at)

    def _is_the_end(self, answer: GraphqlAnswer, batch: Sequence[int]) -> bool:
        """Tell whether all of a batch is unknown, and enough was asked for alone in vain."""
        return self.n_unknown_alone >= MOST_ALONE and not any(
            each.is_whole for each in self._read_all(answer, batch)
        )

    def _remember(self, at: int, each: Answered[T]) -> None:
        before = self.best.get(at)
        if before is None or each.value is not None or before.value is None:
            self.best[at] = each

    def _alone(self, at: int) -> Answered[T]:
        """Ask for one thing, again where it stays unknown; what a run before was told, anew."""
        while True:
            ask = min(self.asks[at], MOST_ASKS - 1)
            self.asks[at] += 1
            try:
                answer = self._answer([at], ask)
                found = self._read(answer, 0, at)
                is_last = found.is_refused or ask == MOST_ASKS - 1
                if is_last and not found.is_whole and not answer.is_new:
                    found = self._read(self._answer([at], ask, anew=True), 0, at)
            except NotStoredError:  # what is refused is asked for again by the next run alone
                if at not in self.best or not self.best[at].is_refused:
                    raise
                return self.best[at]
            except ONE_LESS as error:
                if not is_about_one(error):
                    raise
                return Answered(self.items[at], None, None, unknown_of(error))
            if found.is_whole or found.is_refused or ask == MOST_ASKS - 1:
                return found

    def _read_all(self, answer: GraphqlAnswer, batch: Sequence[int]) -> list[Answered[T]]:
        return [self._read(answer, number, at) for number, at in enumerate(batch)]

    def _answer(self, batch: Sequence[int], ask: int = 0, *, anew: bool = False) -> GraphqlAnswer:
        asked = self.batching.variables([self.items[at] for at in batch])
        query = self.batching.query(len(batch))
        return self.api.graphql(query, asked, splittable=len(batch) > 1, ask=ask, anew=anew)

    def _read(self, answer: GraphqlAnswer, number: int, at: int) -> Answered[T]:
        own, item = self.batching, self.items[at]
        return part_of(answer, own.place(number), item, shape=own.shape(item), needs=own.needs)

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
