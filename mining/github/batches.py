"""Many things asked for at once, fewer at a time where GitHub does not manage so many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mining.github.api import MOST_ASKS, Api
from mining.github.errors import NoAnswerError, RefusedError, ServerTroubleError, TooLargeError
from mining.github.pacing import Pace
from mining.github.queries import PART
from mining.github.reading import RESOURCE_LIMITS
from mining.github.requests import GraphqlAnswer

T = TypeVar("T")
GONE = "gone"
BLOCKED = "blocked"
MOST_SLOW = 2
_HARMLESS = (RefusedError, ServerTroubleError, TooLargeError)


@dataclass(frozen=True)
class Answered(Generic[T]):
    """What came back for one thing: a value with when it came, or what the problem is."""

    item: T
    value: Mapping[str, Any] | None
    problem: str | None
    answer: GraphqlAnswer | None


@dataclass(frozen=True)
class Batching(Generic[T]):
    """How a batch is asked for, and where in the answer each thing stands.

    Attributes
    ----------
    query, variables
        Of a batch.
    place
        The path in the data to the thing at a position of the batch.
    """

    query: Callable[[int], str]
    variables: Callable[[Sequence[T]], Mapping[str, Any]]
    place: Callable[[int], tuple[str | int, ...]]


def ask_in_batches(
    api: Api, items: Sequence[T], batching: Batching[T], *, size: int
) -> Iterator[Answered[T]]:
    """Yield what came back for each item, in an order that depends on the answers alone.

    The first batches are small, and the next larger while answers are quick, up to ``size``. A
    batch that takes too long is halved, down to one; what cannot even be asked for alone has a
    problem, and the rest goes on. If two whole batches in a row take too long, all others are made
    half as large.
    """
    waiting: deque[Sequence[T]] = deque()
    pace = Pace.up_to(size, paced=api.paced)
    start, n_slow = 0, 0
    while waiting or start < len(items):
        if not waiting:
            waiting.append(items[start : start + pace.size])
            start += pace.size
        batch = waiting.popleft()
        if len(batch) == 1:
            yield _alone(api, batching, batch)
            continue
        try:
            answer = api.graphql(
                batching.query(len(batch)), batching.variables(batch), splittable=True
            )
        except _HARMLESS:
            waiting.extendleft(reversed(_halves(batch)))
            n_slow += len(batch) == pace.size
            if n_slow == MOST_SLOW:
                pace.shrink()
                n_slow = 0
            continue
        if len(batch) == pace.size:
            n_slow = 0
        pace.took(len(batch), answer.took_s)
        found = [_read(answer, batching.place(number), item) for number, item in enumerate(batch)]
        cut = [each.item for each in found if each.problem == RESOURCE_LIMITS]
        yield from (each for each in found if each.problem != RESOURCE_LIMITS)
        if cut:
            waiting.extendleft(reversed(_halves(cut) if len(cut) == len(batch) else [cut]))


def _alone(api: Api, batching: Batching[T], batch: Sequence[T]) -> Answered[T]:
    """Ask for one thing; what comes too late for one alone is its own fault, not the network's."""
    found = Answered(batch[0], None, RESOURCE_LIMITS, None)
    for ask in range(MOST_ASKS):
        try:
            answer = api.graphql(batching.query(1), batching.variables(batch), ask=ask)
        except _HARMLESS as error:
            return Answered(batch[0], None, error.what, None)
        except NoAnswerError as error:
            if error.kind != "timeout":
                raise
            return Answered(batch[0], None, "GitHub ran out of time.", None)
        found = _read(answer, batching.place(0), batch[0])
        if found.problem != RESOURCE_LIMITS:
            break
    return found


def by_ids(query: Callable[[int], str]) -> Batching[str]:
    """Return how things are asked for by id, as many at once as parts of `PART` hold."""

    def variables(ids: Sequence[str]) -> dict[str, list[str]]:
        starts = range(0, len(ids), PART)
        return {f"ids{i}": list(ids[at : at + PART]) for i, at in enumerate(starts)}

    return Batching(
        query=lambda n: query(-(-n // PART)),
        variables=variables,
        place=lambda number: (f"p{number // PART}", number % PART),
    )


def _read(answer: GraphqlAnswer, place: tuple[str | int, ...], item: T) -> Answered[T]:
    value: Any = answer.data
    for step in place:
        value = value[step] if value is not None else None
    problem = answer.problem_at(*place)
    if problem is None and value is None:
        cut = any(error.get("type") == RESOURCE_LIMITS for error in answer.errors)
        problem = RESOURCE_LIMITS if cut else GONE
    if problem == "NOT_FOUND":
        problem = GONE
    elif problem is not None and ("FORBIDDEN" in problem or "block" in problem.lower()):
        problem = BLOCKED
    return Answered(item, value if isinstance(value, dict) else None, problem, answer)


def _halves(batch: Sequence[T]) -> list[Sequence[T]]:
    middle = (len(batch) + 1) // 2
    return [batch[:middle], batch[middle:]]
