"""Where the other pages of a list are: the header that links to them (RFC 8288)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

ENTERPRISE = "/api/v3"
"""What an Enterprise server puts before every path."""
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LINK = re.compile(rf'\s*<([^>]*)>\s*((?:;[^;,"=]*(?:=(?:\s*{_QUOTED}\s*|[^;,"]*))?)*)(?:,|$)')
_PARAMETER = re.compile(r';\s*([^;,"=\s]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,"]*))')

PageLink = tuple[str, dict[str, str]]
"""A path, and its parameters."""


def links(header: str, path: str = "/") -> dict[str, PageLink]:
    """Return where the links of a header lead, by relation ("next", "last") in lower case.

    Parameters
    ----------
    path
        What was asked for, from where a relative link is meant. Of an address only path and
        parameters count: no link leads to another host.
    """
    found: dict[str, PageLink] = {}
    at = 0
    while link := _LINK.match(header, at):
        at = link.end()
        target = urlsplit(urljoin(path, link[1]))
        place = path_of(target.path) or path, dict(parse_qsl(target.query))
        for relation in _relations(link[2]):
            found.setdefault(relation, place)
        if at == len(header):
            break
    return found


def _relations(parameters: str) -> list[str]:
    """Return what a link is to this page; where it is said twice, the first counts."""
    for name, quoted, plain in _PARAMETER.findall(parameters):
        if name.lower() == "rel":
            words: str = re.sub(r"\\(.)", r"\1", quoted) or plain
            return words.lower().split()
    return []


def path_of(path: str) -> str:
    """Return a path without what an Enterprise server puts before it."""
    return path.removeprefix(ENTERPRISE)
