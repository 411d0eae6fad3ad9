"""What MkDocs calls while it builds the manual."""

from __future__ import annotations

from typing import Any

from docs.inserts import fill


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put into a page what it asks for from the code."""
    return fill(markdown)
