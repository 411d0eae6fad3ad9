"""Answers spoilt by plan: an error at one thing, a hole, or no answer at all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal

from tests.github.log import Asked
from tests.github.replies import Reply

Spoil = Callable[[Asked, Reply], Reply]
Hole = Literal["INTERNAL", "FORBIDDEN", "null", "without a path"]
Failure = Literal["502", "html"]
HTML = b"<!DOCTYPE html><title>Sign in</title>"


def operation(asked: Asked) -> str:
    """Return the name of a query, or the path of what is no query."""
    return asked.query.split("(", 1)[0].split()[1] if asked.query else asked.path


def failing(how: Failure, *operations: str) -> Spoil:
    """Fail at every request of some kinds."""

    def spoil(asked: Asked, answer: Reply) -> Reply:
        if operation(asked) not in operations:
            return answer
        if how == "502":
            return Reply(502, b"<html>Unicorn!</html>", {"content-type": "text/html"})
        return Reply(200, HTML, {"content-type": "text/html"})

    return spoil


def holes(how: Hole, operations: Collection[str], of: Callable[[Any], bool]) -> Spoil:
    """Leave out the things of a GraphQL answer that a test picks, with an error or without."""

    def spoil(asked: Asked, answer: Reply) -> Reply:
        content = answer.json()
        if operation(asked) not in operations or not (content or {}).get("data"):
            return answer
        errors = list(content.get("errors", ()))
        content["data"] = _without(content["data"], how, of, errors, [])
        return answer.with_json({**content, "errors": errors} if errors else content)

    return spoil


def _without(
    value: Any, how: Hole, of: Callable[[Any], bool], errors: list[Any], path: list[Any]
) -> Any:
    if isinstance(value, dict) and of(value):
        message = {
            "INTERNAL": "Something went wrong while executing your query.",
            "FORBIDDEN": "Although you appear to have the correct authorization credentials, the "
            "`acme` organization has an IP allow list enabled, and your IP address is not "
            "permitted to access this resource.",
            "without a path": "Something went wrong.",
        }
        if how != "null":
            where = {} if how == "without a path" else {"path": path}
            kind = {"type": how} if how == "FORBIDDEN" else {"type": "INTERNAL"}
            errors.append({**kind, **where, "message": message[how]})
        return None
    if isinstance(value, dict):
        return {
            name: _without(each, how, of, errors, [*path, name]) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_without(each, how, of, errors, [*path, n]) for n, each in enumerate(value)]
    return value


def together(*plans: Spoil) -> Spoil:
    """Spoil answers in several ways."""

    def spoil(asked: Asked, answer: Reply) -> Reply:
        for plan in plans:
            answer = plan(asked, answer)
        return answer

    return spoil
