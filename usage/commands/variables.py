"""Environment variables that configure frameworks, by their official names."""

from __future__ import annotations

from usage.catalog import Catalog
from usage.recorder import Recorder
from usage.uses import LineLabel


def record_variables(text: str, at: LineLabel, recorder: Recorder, catalog: Catalog) -> None:
    """Record each official variable that a text names, once a line.

    Parameters
    ----------
    text
        Without comments and messages: whoever calls knows which these are.
    """
    if catalog.variable.search(text) is not None:
        for row, line in enumerate(text.split("\n"), 1):
            record_variables_on_line(line, at(row), recorder, catalog)


def record_variables_on_line(text: str, line: str, recorder: Recorder, catalog: Catalog) -> None:
    """Record each official variable that a text names, all of which stands on one line."""
    for match in catalog.variable.finditer(text):
        framework = catalog.framework_of_variable(match.group())
        if framework is not None:
            recorder.add(framework, "env", line, match.group())
