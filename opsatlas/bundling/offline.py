"""A network that is closed: within the block, nothing of this process leaves the machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from artifacts.errors import OpsatlasError

OFFLINE: Final = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""What tells libraries, and the processes that are started meanwhile, not to try."""
NAMING: Final = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
REACHING: Final = ("socket.connect", "socket.sendto", "socket.sendmsg")
HERE: Final = ("127.", "::1", "localhost", "0.0.0.0")

_closed = 0


class NetworkClosedError(OpsatlasError):
    """Something wanted to reach another machine where nothing may."""


@contextmanager
def closed_network() -> Iterator[None]:
    """Refuse, within the block, every connection to another machine, and every look-up of a name.

    This machine stays within reach: workers of one run talk to each other. Python tells of every
    use of a socket before it is made (its audit events), whichever library makes it; such a hook
    stays for the life of the process, so it is set once and asks whether the network is closed.
    """
    global _closed
    _watch()
    before = {name: os.environ.get(name) for name in OFFLINE}
    os.environ.update(OFFLINE)
    _closed += 1
    try:
        yield
    finally:
        _closed -= 1
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@cache
def _watch() -> None:
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if not _closed or not event.startswith("socket."):
        return
    if event in NAMING:
        host = arguments[0]
    elif event in REACHING:
        address = arguments[1]
        if not isinstance(address, tuple):  # of a socket in the file system; None: connected before
            return
        host = address[0]
    else:
        return
    told = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if told and not str(told).startswith(HERE):
        raise NetworkClosedError(
            f"The network is closed: something wanted to reach {told}.",
            fix="bring what is lacking beforehand, such as a model of texts, and try again",
        )
