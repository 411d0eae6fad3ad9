"""What travels packed in a page, read back as its script does."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from selectolax.lexbor import LexborHTMLParser


def unpacked(text: str) -> Any:
    """Return the value that `packed` made a text of."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def page_data(page: LexborHTMLParser | str) -> Any:
    """Return what a page's script reads when it starts."""
    return unpacked(_text(page, "#atlas-data"))


def page_program(page: LexborHTMLParser | str) -> str:
    """Return the scripts of a page."""
    return str(unpacked(_text(page, "#atlas-program")))


def page_part(page: LexborHTMLParser | str, name: str) -> Any:
    """Return what it reads when that is asked for; None: there is no such part in the page."""
    text = _text(page, f"[data-part={name}]")
    return unpacked(text) if text else None


def _text(page: LexborHTMLParser | str, selector: str) -> str:
    tree = LexborHTMLParser(page) if isinstance(page, str) else page
    node = tree.css_first(selector)
    return "" if node is None else node.text()
