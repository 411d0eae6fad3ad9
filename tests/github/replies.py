"""What the server answers with, before it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"
JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """An answer; `ending` says what goes wrong on its way, if anything."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: str | None = None

    def json(self) -> Any:
        """Return the content; None if it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def with_json(self, content: Any) -> Reply:
        """Return the same answer with another content, for which its ETag is not good."""
        headers = {name: value for name, value in self.headers.items() if name != "etag"}
        return replace(self, body=encoded(content), headers=headers)

    def with_headers(self, headers: Mapping[str, str]) -> Reply:
        """Return the same answer with these headers besides; its own go before."""
        return replace(self, headers={**headers, **self.headers})


def encoded(content: Any) -> bytes:
    """Return a content as it is sent."""
    return json.dumps(content, separators=(",", ":")).encode()


def reply(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer in JSON; errors name themselves as GitHub's do."""
    if status >= 400:
        content = {"documentation_url": DOCUMENTATION, "status": str(status), **content}
    return Reply(status, encoded(content), {"content-type": JSON_TYPE, **(headers or {})})


class RefusedError(Exception):
    """The request gets an error instead of what it asks for."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.reply = reply(status, {"message": message, **more})


def not_found() -> RefusedError:
    """Return that there is nothing, or nothing public."""
    return RefusedError(404, "Not Found")


def invalid(message: str, **more: Any) -> RefusedError:
    """Return that the request makes no sense."""
    return RefusedError(422, message, **more)
