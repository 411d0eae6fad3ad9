"""Environment variables that configure frameworks, by their official names."""

from __future__ import annotations

import re
from typing import Final

from usage.catalog import Catalog
from usage.recorder import Recorder
from usage.uses import LineLabel

_NAME: Final = re.compile(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{3,}(?![A-Za-z0-9_])")
_GIVEN: Final = re.compile(
    r"(?<=[${.=/-])[A-Z][A-Z0-9_]{3,}(?!\w)|(?<!\w)[A-Z][A-Z0-9_]{3,}(?==)"
    r"|(?<=-e )[A-Z][A-Z0-9_]{3,}(?!\w)|(?<=--env )[A-Z][A-Z0-9_]{3,}(?!\w)"
)
"""Where a sentence sets a variable or hands it on, and does not only speak of it."""


def record_variables(text: str, at: LineLabel, recorder: Recorder, catalog: Catalog) -> None:
    """Record each official variable that a text names, once a line.

    Parameters
    ----------
    text
        Without comments and messages: whoever calls knows which these are.
    """
    for row, line in enumerate(text.split("\n"), 1):
        record_variables_on_line(line, at(row), recorder, catalog)


def record_variables_on_line(
    text: str, line: str, recorder: Recorder, catalog: Catalog, *, may_be_prose: bool = False
) -> None:
    """Record each official variable that a text names, all of which stands on one line.

    Parameters
    ----------
    may_be_prose
        Whether a text of more than one word is a sentence, in which variables only count that are
        set or handed on.
    """
    pattern = _GIVEN if may_be_prose and " " in text.strip() else _NAME
    for match in pattern.finditer(text):
        framework = catalog.framework_of_variable(match.group())
        if framework is not None:
            recorder.add(framework, "env", line, match.group())
