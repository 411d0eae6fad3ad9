"""Many things asked for at once, fewer at a time where GitHub does not manage so many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mining.github.api import Api
from mining.github.errors import NoAnswerError, RefusedError, ServerTroubleError, TooLargeError
from mining.github.reading import RESOURCE_LIMITS
from mining.github.requests import GraphqlAnswer

T = TypeVar("T")
GONE = "gone"
BLOCKED = "blocked"
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

    A batch that takes too long is halved, down to one; what cannot even be asked for alone has a
    problem, and the rest goes on.
    """
    waiting = deque(items[start : start + size] for start in range(0, len(items), size))
    while waiting:
        batch = waiting.popleft()
        is_one = len(batch) == 1
        try:
            answer = api.graphql(
                batching.query(len(batch)), batching.variables(batch), splittable=not is_one
            )
        except _HARMLESS as error:
            if is_one:
                yield Answered(batch[0], None, error.what, None)
            else:
                waiting.extendleft(reversed(_halves(batch)))
            continue
        except NoAnswerError as error:
            if not is_one or error.kind != "timeout":
                raise
            yield Answered(batch[0], None, error.what, None)
            continue
        unfinished = []
        for number, item in enumerate(batch):
            found = _read(answer, batching.place(number), item)
            if found.problem == RESOURCE_LIMITS and not is_one:
                unfinished.append(item)
            else:
                yield found
        if unfinished:
            again = _halves(unfinished) if len(unfinished) == len(batch) else [unfinished]
            waiting.extendleft(reversed(again))


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
