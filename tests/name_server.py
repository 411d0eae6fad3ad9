"""A service for tests that answers as an OpenAI-compatible one does, or as none should."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], "Reply"]


@dataclass(frozen=True)
class Reply:
    """What the service answers with, and how long it thinks first."""

    body: bytes
    status: int = 200
    after_s: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Asked:
    """What the service was asked: bodies, paths and headers, in order."""

    address: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def name_server(*answers: Answer) -> Iterator[Asked]:
    """Serve on a free port of this machine; the last answer is given again and again."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = answers[min(len(asked.bodies), len(answers) - 1)]
            asked.bodies.append(body)
            asked.paths.append(self.path)
            asked.keys.append(self.headers["Authorization"])
            reply = answer(body)
            time.sleep(reply.after_s)
            try:
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(reply.body)))
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
            except OSError:
                pass  # the other side had enough

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    asked = Asked(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()


def said(content: str) -> Answer:
    """Answer with this content, whatever is asked."""
    body = {"choices": [{"message": {"role": "assistant", "content": content}}]}
    return lambda _: Reply(json.dumps(body).encode())


def nodes_in(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the evidence that a request holds."""
    nodes: list[dict[str, Any]] = json.loads(body["messages"][1]["content"])["nodes"]
    return nodes


def good_names(body: dict[str, Any]) -> Reply:
    """Answer with a name for each node that is asked for."""
    rows = [
        {"node": node["node"], "name": f"Proposed {'group' if 'topics' in node else 'kind'} "
         + "abcdefghijklmnopqrstuvwxyz"[node["node"]] * 3}
        for node in nodes_in(body)
    ]  # fmt: skip
    return said(json.dumps({"names": rows}))(body)
