"""Answers with holes where certain things are, with an error or without; or no answer at all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal

from tests.github.log import Asked
from tests.github.replies import Reply
from tests.github.spoiling import Spoil, html

Hole = Literal["INTERNAL", "FORBIDDEN", "null", "without a path"]
Failure = Literal["502", "html"]


def failing(how: Failure, *operations: str) -> Spoil:
    """Fail at every request of some kinds."""

    def spoil(asked: Asked, answer: Reply) -> Reply:
        if asked.what not in operations:
            return answer
        if how == "502":
            return Reply(502, b"<html>Unicorn!</html>", {"content-type": "text/html"})
        return html()

    return spoil


def holes(how: Hole, operations: Collection[str], of: Callable[[Any], bool]) -> Spoil:
    """Leave out the things of a GraphQL answer that a test picks, with an error or without."""

    def spoil(asked: Asked, answer: Reply) -> Reply:
        content = answer.json()
        if asked.what not in operations or not (content or {}).get("data"):
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
