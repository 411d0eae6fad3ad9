"""Reads requests from the socket and writes answers to it, whole or not."""

from __future__ import annotations

import email.utils
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from tests.github.replies import Reply

if TYPE_CHECKING:
    from tests.github.server import FakeGitHub

RESET_AT_ONCE = struct.pack("ii", 1, 0)
NO_BODY = (204, 304)


@dataclass(frozen=True)
class Incoming:
    """A request as it came; names of headers in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def handler(github: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    """Return the class that speaks HTTP for a server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = github.answer(Incoming(self.command, self.path, headers, body))
            try:
                self._send(answer)
            except OSError:
                self.close_connection = True  # the other side had enough

        def do_POST(self) -> None:
            self.do_GET()

        def _send(self, answer: Reply) -> None:
            head, body = self._head(answer), answer.body
            if answer.ending is None:
                self.connection.sendall(head + body)
                return
            self.close_connection = True
            if answer.ending == "timeout":
                github.closing.wait(github.faults.hold_s)
            elif answer.ending == "dropped_midway":
                self.connection.sendall(head + body[: len(body) // 2])
                linger = (socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
                self.connection.setsockopt(*linger)
                self.connection.close()
            elif answer.ending == "cut_short":
                self.connection.sendall(head + body[: len(body) // 2])

        def _head(self, answer: Reply) -> bytes:
            headers = {
                "date": email.utils.formatdate(github.now(), usegmt=True),
                "server": "github.com",
                "x-github-media-type": "github.v3; format=json",
                **answer.headers,
            }
            if answer.status not in NO_BODY:
                headers["content-length"] = str(len(answer.body))
            if answer.ending is not None:
                headers["connection"] = "close"
            lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            return "\r\n".join([*lines, "", ""]).encode("latin-1")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
