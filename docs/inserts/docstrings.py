"""What docstrings in NumPy style say of attributes."""

from __future__ import annotations

import re
from functools import cache
from inspect import cleandoc, getdoc
from typing import Any

from griffe import Docstring, DocstringSectionAttributes, DocstringSectionParameters

from artifacts.words import NOISE
from docs.inserts.markdown import prose


def first_paragraphs(documented: object) -> str:
    """Return what a docstring says before its first section."""
    sections = _parsed(documented)
    return str(sections[0].value).strip() if sections else ""


def attributes(documented: object, *, none: str) -> dict[str, str]:
    """Return what a docstring says of each attribute, as one line of Markdown.

    Attributes that are described together (``low, high``) have the same words. Where a docstring
    says None, a file has what is given as ``none``.
    """
    said: dict[str, str] = {}
    for section in _parsed(documented):
        if isinstance(section, DocstringSectionAttributes | DocstringSectionParameters):
            for each in section.value:
                for name in each.name.split(","):
                    words = each.description.replace("`NOISE`", str(NOISE))
                    words = re.sub(r"(?<=\. )None\b", none.capitalize(), words)
                    said[name.strip()] = prose(re.sub(r"\bNone\b", none, words))
    return said


@cache
def _parsed(documented: Any) -> list[Any]:
    text = cleandoc(getdoc(documented) or "")
    return Docstring(text).parse("numpy", warnings=False)
