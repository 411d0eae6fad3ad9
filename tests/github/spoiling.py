"""Answers that are spoilt: which, and what becomes of their content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.github.log import Asked
from tests.github.replies import Reply

Spoil = Callable[[Asked, Reply], Reply]
Step = str | int
ANY = "*"
"""A step to every item of a list."""


def only(what: str, spoil: Spoil) -> Spoil:
    """Spoil the answers to one query, by its name, or to one path."""
    return lambda asked, reply: spoil(asked, reply) if asked.what == what else reply


def every(*spoils: Spoil) -> Spoil:
    """Spoil in several ways."""

    def spoilt(asked: Asked, reply: Reply) -> Reply:
        for spoil in spoils:
            reply = spoil(asked, reply)
        return reply

    return spoilt


def instead(reply: Reply) -> Spoil:
    """Answer something else."""
    return lambda _, __: reply


def html(status: int = 200, title: str = "Log in to the network", **headers: str) -> Reply:
    """Return the page of a proxy, or of the login to a network."""
    body = f"<!DOCTYPE html><html><title>{title}</title><body>Hello</body></html>"
    return Reply(status, body.encode(), {"content-type": "text/html", **headers})


def put(value: Any, *steps: Step) -> Spoil:
    """Put a value in the place of another, wherever the content has that place."""

    def spoilt(_: Asked, reply: Reply) -> Reply:
        content = reply.json()
        if reply.status == 200 and _put(content, steps, value):
            return reply.with_json(content)
        return reply

    return spoilt


def fail(*steps: Step, told: bool = True, path: bool = True, **error: Any) -> Spoil:
    """Put null in a place of a GraphQL answer, and tell an error of it, maybe without its path."""
    nulled = put(None, "data", *steps)

    def spoilt(asked: Asked, reply: Reply) -> Reply:
        failed = nulled(asked, reply)
        if failed is reply or not told:
            return failed
        content = failed.json()
        known = {"message": "Something went wrong while executing your query.", **error}
        known |= {"path": list(steps)} if path else {}
        return failed.with_json({**content, "errors": [*content.get("errors", ()), known]})

    return spoilt


def of(node_id: str, *, field: str = "nodes") -> Callable[[Spoil], Spoil]:
    """Return what spoils answers to a query by ids where one of them is asked for."""

    def chosen(spoil: Spoil) -> Spoil:
        return lambda asked, reply: (
            spoil(asked, reply) if node_id in asked.variables.get(field, ()) else reply
        )

    return chosen


def _put(content: Any, steps: tuple[Step, ...], value: Any) -> bool:
    """Put a value into every place that the steps lead to; tell whether there was one."""
    step, *rest = steps
    if step == ANY:
        items = content if isinstance(content, list) else []
        if not rest:
            content[:] = [value] * len(items)
            return bool(items)
        return sum(_put(item, tuple(rest), value) for item in items) > 0
    if isinstance(content, dict) and isinstance(step, str) and content.get(step) is not None:
        if rest:
            return _put(content[step], tuple(rest), value)
        content[step] = value
        return True
    if isinstance(content, list) and isinstance(step, int) and step < len(content):
        if rest:
            return _put(content[step], tuple(rest), value)
        content[step] = value
        return True
    return False
