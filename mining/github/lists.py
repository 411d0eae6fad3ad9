"""Repositories that a list names: one on each line, or linked to in Markdown (awesome lists)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import decoded, storage_errors
from mining.tables import full_name_of

MARKDOWN = (".md", ".markdown")
COMMENT = "#"
_NOT_OWNERS = {
    "about", "apps", "codespaces", "collections", "contact", "customer-stories", "enterprise",
    "explore", "features", "login", "marketplace", "new", "notifications", "organizations", "orgs",
    "pricing", "search", "security", "settings", "site", "sponsors", "stars", "topics", "trending",
    "user-attachments", "users",
}  # fmt: skip


def read_names(paths: Sequence[Path]) -> list[str]:
    """Return the repositories that some files name, each once, in the order of their names.

    Raises
    ------
    InputError
        If a file is not there or not text, names none, or has a line that is no name.
    """
    found: dict[str, str] = {}
    for path in paths:
        if not path.is_file():
            raise InputError("There is no such list.", where=str(path), fix="correct the path")
        with storage_errors(path):
            text = decoded(path.read_bytes(), what="list", where=str(path))
        is_markdown = path.suffix.lower() in MARKDOWN
        names = list(_linked(text) if is_markdown else _listed(text, path))
        if not names:
            raise InputError(
                "The list names no repository.",
                where=str(path),
                fix="give owner/name on each line, or Markdown with links to github.com",
            )
        for name in names:
            found.setdefault(name.lower(), name)
    return [found[key] for key in sorted(found)]


def _listed(text: str, path: Path) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        name = line.split(COMMENT, 1)[0].strip()
        if not name:
            continue
        try:
            yield full_name_of(name)
        except InputError as error:
            raise InputError(
                error.what, where=f"{path}, line {number}", fix="write owner/name, or its address"
            ) from None


def _linked(text: str) -> Iterator[str]:
    """Yield the repositories that Markdown links to; links to anything else are passed over."""
    for target in _targets(text):
        if "github.com" not in target.lower():
            continue
        try:
            name = full_name_of(target.split("?", 1)[0].split("#", 1)[0].rstrip("/"))
        except InputError:
            continue
        if name.split("/")[0].lower() not in _NOT_OWNERS:
            yield name


def _targets(text: str) -> Iterator[str]:
    """Yield what Markdown links to: by its links, bare addresses, and HTML in it."""
    from markdown_it import MarkdownIt
    from selectolax.lexbor import LexborHTMLParser

    page = MarkdownIt("commonmark", {"linkify": True}).enable("linkify").render(text)
    for link in LexborHTMLParser(page).css("a[href]"):
        yield link.attributes["href"] or ""
