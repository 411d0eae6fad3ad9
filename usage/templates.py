"""Python in templates: marks are taken out so that lines stay where they are."""

from __future__ import annotations

import re
from typing import Final

_COMMENT: Final = re.compile(r"\{#.*?#\}|\{\{/\*.*?\*/\}\}", re.DOTALL)
_STATEMENT: Final = re.compile(r"\{%.*?%\}", re.DOTALL)
_CONTROL: Final = re.compile(
    r"\{\{-?\s*(?:if|else|end|range|with|define|block|template\s+\"|/\*)\b.*?\}\}", re.DOTALL
)
_VALUE: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_NAME: Final = "template_value"


def has_marks(text: str) -> bool:
    """Tell whether a text has marks of Jinja, Go or Cookiecutter templates."""
    return "{{" in text or "{%" in text


def without_marks(text: str) -> str:
    """Return the text of a template with a name for each value, and no line moved."""
    text = _COMMENT.sub(_lines, text)
    text = _STATEMENT.sub(_lines, text)
    text = _CONTROL.sub(_lines, text)
    return _VALUE.sub(lambda match: _NAME + _lines(match), text)


def _lines(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")
