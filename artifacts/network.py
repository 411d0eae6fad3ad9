"""HTTP within bounds: how long an answer may take, how large it may be, who may read a secret.

The timeouts of httpx are for each read from the socket, so a server that sends a byte now and then
could hold a request for ever, its headers included; and what httpx unpacks, it unpacks whole.
"""

from __future__ import annotations

import gzip
import io
import ipaddress
import os
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpcore
import httpx
import zstandard

from artifacts.errors import InputError
from artifacts.files import ChunkFile

MOST_BYTES = 64 << 20
"""Of an answer, unpacked."""
CHUNK_BYTES = 1 << 16
ZSTD_WINDOW_BYTES = 8 << 20
"""More no answer may ask for (RFC 9659)."""
CA_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name certificates to trust; the first that is set counts."""
CA_ADVICE = (
    "if the network here has certificates of its own, set SSL_CERT_FILE to the file (PEM) of your "
    "organisation's certificate authorities"
)
PROXY_NAMES = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"


class BodyError(Exception):
    """The body of an answer cannot be unpacked."""


class TooLongError(BodyError):
    """The body of an answer is larger than it may be."""


@dataclass(frozen=True)
class Received:
    """A whole answer; `headers` by name in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Arriving:
    """An answer while it comes; `chunks` are as they are sent, and nothing in them is unpacked."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class BoundedClient:
    """Connections, one request at a time. To be closed, or used as a context.

    Parameters
    ----------
    headers
        Of every request.
    timeout_s, connect_timeout_s
        How long nothing at all may come, and how long a connection may take to be made.
    url
        Where requests go: to this machine itself they never take a proxy.

    Raises
    ------
    InputError
        If a proxy or the certificates that the environment names cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        connect_timeout_s: float,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._deadline = _Deadline()
        context, self.trusted = trusted_certificates()
        named = {"Accept-Encoding": "gzip, deflate, zstd", **(headers or {})}
        try:
            self._http = httpx.Client(
                headers=named,
                timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, connect_timeout_s)),
                verify=context,
                trust_env=not _is_here(url),
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            raise InputError(
                f"The proxy that the environment names cannot be used: {error}",
                where=PROXY_NAMES,
                fix="correct it, or unset it",
            ) from error
        for transport in (self._http._transport, *self._http._mounts.values()):
            if isinstance(transport, httpx.HTTPTransport):
                pool = transport._pool
                pool._network_backend = _Backend(pool._network_backend, self._deadline)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(
        self,
        method: str,
        url: str,
        *,
        deadline_s: float,
        most_bytes: int = MOST_BYTES,
        **asked: Any,
    ) -> Received:
        """Return the answer to one request; redirects are not followed.

        Parameters
        ----------
        deadline_s
            How long it may take in all.
        most_bytes
            How large its body may be, unpacked.
        asked
            As httpx takes it: ``params``, ``json``, ``headers``.

        Raises
        ------
        httpx.HTTPError, httpx.InvalidURL
            If there is no answer, or not in time.
        BodyError
            If its body is too large, or cannot be unpacked.
        """
        self._deadline.at_s = time.monotonic() + deadline_s
        with self._http.stream(method, url, **asked) as response:
            packed_as = response.headers.get("content-encoding", "").lower().split(",")
            body = _unpacked(response.iter_raw(), [name.strip() for name in packed_as], most_bytes)
        return Received(response.status_code, dict(response.headers), body)

    @contextmanager
    def arriving(self, url: str, *, deadline_s: float) -> Iterator[Arriving]:
        """Give the answer to a GET while it comes; redirects are not followed.

        Raises
        ------
        httpx.HTTPError, httpx.InvalidURL
            If there is no answer, or not in time; also while it comes.
        """
        self._deadline.at_s = time.monotonic() + deadline_s
        headers = {"Accept-Encoding": "identity"}
        with self._http.stream("GET", url, headers=headers) as response:
            yield Arriving(response.status_code, dict(response.headers), response.iter_raw())


def refuse_in_clear(url: str, what: str, *, where: str) -> None:
    """Refuse to send a secret where others can read it: by http to any machine but this one.

    Raises
    ------
    InputError
        If the address is such.
    """
    if urlsplit(url).scheme != "https" and not _is_here(url):
        raise InputError(
            f"{what} would be sent in clear, for anyone on the way to read: the address is not "
            "https.",
            where=where,
            fix="give an address with https://; http is for this machine itself (localhost)",
        )


def _is_here(url: str) -> bool:
    """Tell whether an address is that of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@cache
def _public_certificates() -> ssl.SSLContext:
    """Return certifi's certificates; reading them takes longer than opening a connection."""
    return httpx.create_ssl_context(trust_env=False)


def trusted_certificates(
    environment: Mapping[str, str] = os.environ,
) -> tuple[ssl.SSLContext, str | None]:
    """Return what servers are judged by, and the variable that named it; None: certifi's list.

    Raises
    ------
    InputError
        If the variable names no file or folder with certificates.
    """
    name = next((variable for variable in CA_NAMES if environment.get(variable, "").strip()), None)
    if name is None:
        return _public_certificates(), None
    path = Path(environment[name].strip()).expanduser()
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=str(path)), name
        return ssl.create_default_context(cafile=str(path)), name
    except (OSError, ValueError) as error:  # of ssl as well
        raise InputError(
            f"The certificates that {name} names cannot be used: {error}",
            where=f"{name}={path}",
            fix="name a file of certificates (PEM), or a folder of them; or unset it",
        ) from error


def _inflated(packed: io.BufferedReader) -> Iterator[bytes]:
    """Yield "deflate" data inflated: zlib's format or, from some servers, without its header."""
    waiting = packed.read(2)
    has_nothing = not waiting
    has_head = (
        len(waiting) == 2 and waiting[0] & 15 == 8 and int.from_bytes(waiting, "big") % 31 == 0
    )
    inflating = zlib.decompressobj(zlib.MAX_WBITS if has_head else -zlib.MAX_WBITS)
    while waiting and not inflating.eof:
        yield inflating.decompress(waiting, CHUNK_BYTES)
        waiting = inflating.unconsumed_tail or packed.read(CHUNK_BYTES)
    if not (inflating.eof or has_nothing):
        raise EOFError("it breaks off")


_UNPACKERS: Mapping[str, Callable[[io.BufferedReader], Any]] = {
    "gzip": lambda packed: gzip.GzipFile(fileobj=packed),
    "x-gzip": lambda packed: gzip.GzipFile(fileobj=packed),
    "deflate": lambda packed: ChunkFile(_inflated(packed)),
    "zstd": lambda packed: zstandard.ZstdDecompressor(
        max_window_size=ZSTD_WINDOW_BYTES
    ).stream_reader(packed, read_across_frames=True),
}


def _unpacked(chunks: Iterable[bytes], packed_as: list[str], most_bytes: int) -> bytes:
    """Return the unpacked body; raise if it is longer than it may be."""
    file: io.BufferedReader = io.BufferedReader(ChunkFile(chunks), CHUNK_BYTES)
    body = bytearray()
    try:
        for name in reversed([name for name in packed_as if name not in ("", "identity")]):
            if name not in _UNPACKERS:
                raise BodyError(f"it is packed as {name!r}, which nobody asked for")
            file = io.BufferedReader(_UNPACKERS[name](file), CHUNK_BYTES)
        while chunk := file.read(CHUNK_BYTES):
            body += chunk
            if len(body) > most_bytes:
                raise TooLongError(f"it is larger than {most_bytes:,} bytes")
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise BodyError(f"it cannot be unpacked ({error})") from error
    return bytes(body)


# httpx has no time limit of its own for a whole answer; every wait passes through here.


@dataclass
class _Deadline:
    """When the present answer must be there, by the clock that never goes back."""

    at_s: float = 0.0

    def left_s(self, timeout_s: float | None, late: type[Exception]) -> float:
        """Return how long to wait at most; raise if the time is over."""
        left_s = self.at_s - time.monotonic()
        if left_s <= 0:
            raise late("the time for the whole answer is over")
        return left_s if timeout_s is None else min(timeout_s, left_s)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left_s(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left_s = self._deadline.left_s(timeout, httpcore.ConnectTimeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left_s)
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, deadline: _Deadline) -> None:
        self._backend, self._deadline = backend, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left_s = self._deadline.left_s(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, left_s, local_address, socket_options)
        return _Stream(stream, self._deadline)
