"""The search for repositories: what its words mean, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.github.clock import DAY_S, seconds
from tests.github.replies import invalid
from tests.github.world import Repository, World

LONGEST_QUERY = 256
MOST_OPERATORS = 5
SORTS: dict[str, Callable[[Repository], int]] = {
    "stars": lambda each: each.n_stars,
    "forks": lambda each: each.forks,
    "updated": lambda each: each.updated_at,
}
Test = Callable[[Repository], bool]


@dataclass(frozen=True)
class Terms:
    """A query, understood: what must hold, wanted topics, names of which one will do, and forks."""

    tests: tuple[Test, ...]
    topics: tuple[str, ...]
    names: tuple[str, ...]
    forks: str


def search(world: World, q: str, sort: str | None, order: str) -> list[Repository]:
    """Return all that a query finds, in order.

    Raises
    ------
    RefusedError
        If the query makes no sense, or is more than GitHub takes.
    """
    terms = understand(q)
    if terms.names and not any(_is_there(world, name) for name in terms.names):
        raise invalid("The listed users and repositories cannot be searched.")
    among: Sequence[Repository] = (
        world.by_topic.get(terms.topics[0], ())
        if terms.topics
        else [each for each in world.repositories.values() if not each.is_gone]
    )
    found = [
        each
        for each in among
        if (not terms.names or each.full_name.lower() in terms.names)
        and (terms.forks == "true" or each.is_fork == (terms.forks == "only"))
        and all(topic in each.topics for topic in terms.topics)
        and all(test(each) for test in terms.tests)
    ]
    by = SORTS.get(sort or "stars", SORTS["stars"])
    sign = 1 if order == "asc" else -1
    return sorted(found, key=lambda each: (sign * by(each), each.database_id))


def understand(q: str) -> Terms:
    """Return what a query asks for."""
    words = q.split()
    if not words:
        errors = [{"resource": "Search", "field": "q", "code": "missing"}]
        raise invalid("Validation Failed", errors=errors)
    operators = sum(word in ("AND", "OR", "NOT") for word in words)
    if len(q) > LONGEST_QUERY or operators > MOST_OPERATORS:
        raise invalid("Validation Failed: the query is too long or has too many operators.")
    tests: list[Test] = []
    topics: list[str] = []
    names: list[str] = []
    forks, unwanted = "false", False
    for word in words:
        if word == "NOT":
            unwanted = True
            continue
        if word == "AND":
            continue
        negative = unwanted or word.startswith("-")
        name, _, value = word.removeprefix("-").partition(":")
        unwanted = False
        if name == "fork":
            forks = value
        elif name == "topic" and not negative:
            topics.append(value.strip('"').lower())
        elif name == "repo" and not negative:
            names.append(value.strip('"').lower())
        else:
            tests.append(_negated(_test(name, value.strip('"')), negative))
    return Terms(tuple(tests), tuple(topics), tuple(names), forks)


def _is_there(world: World, name: str) -> bool:
    found = world.find(name)
    return found is not None and not found.is_gone and found.full_name.lower() == name


def _negated(test: Test, negative: bool) -> Test:
    return (lambda each: not test(each)) if negative else test


def _test(name: str, value: str) -> Test:
    """Return the test that one word of a query stands for."""
    if name in ("created", "pushed", "updated"):
        first, last = dates(value)
        return lambda each: first <= getattr(each, f"{name}_at") <= last
    if name in ("stars", "forks", "size"):
        first, last = numbers(value)
        number = {"stars": lambda each: each.n_stars, "forks": lambda each: each.forks}.get(
            name, lambda each: each.disk_usage
        )
        return lambda each: first <= number(each) <= last
    if name == "topic":
        return lambda each: value.lower() in each.topics
    if name == "archived":
        return lambda each: each.is_archived == (value == "true")
    if name == "language":
        return lambda each: (each.language or "").lower() == value.lower()
    if name in ("user", "org"):
        return lambda each: each.owner.lower() == value.lower()
    if name == "is" and value == "public":
        return lambda each: True
    if value or name == "OR":
        raise invalid(f"The search does not know {name}:{value} here.")
    return lambda each: name.lower() in f"{each.name} {each.description or ''}".lower()


def numbers(value: str) -> tuple[float, float]:
    """Return the first and the last number of a range such as 5..9, >=5, <9 or 7."""
    return _range(value, lambda text: (int(text), int(text)))


def dates(value: str) -> tuple[float, float]:
    """Return the first and the last second of a range; a date alone is its whole day."""

    def span(text: str) -> tuple[int, int]:
        first = seconds(text)
        return (first, first) if "T" in text else (first, first + DAY_S - 1)

    return _range(value, span)


def _range(value: str, span: Callable[[str], tuple[int, int]]) -> tuple[float, float]:
    lowest, highest = float("-inf"), float("inf")
    try:
        if ".." in value:
            first, last = value.split("..")
            return (
                lowest if first == "*" else span(first)[0],
                highest if last == "*" else span(last)[1],
            )
        for sign, limits in (
            (">=", lambda first, last: (first, highest)),
            ("<=", lambda first, last: (lowest, last)),
            (">", lambda first, last: (last + 1, highest)),
            ("<", lambda first, last: (lowest, first - 1)),
        ):
            if value.startswith(sign):
                return limits(*span(value.removeprefix(sign)))
        return span(value)
    except ValueError as error:
        raise invalid(f"Validation Failed: {value} is no range.") from error
