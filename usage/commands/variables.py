"""Environment variables that configure frameworks, by their official names."""

from __future__ import annotations

from usage.catalog import Catalog
from usage.recorder import Recorder
from usage.surroundings import LineLabel


def record_variables(text: str, at: LineLabel, recorder: Recorder, catalog: Catalog) -> None:
    """Record each official variable that a text names, once a line.

    Parameters
    ----------
    text
        Without comments and messages: whoever calls knows which these are.
    """
    if catalog.variable.search(text) is None:
        return
    for row, line in enumerate(text.split("\n"), 1):
        for match in catalog.variable.finditer(line):
            framework = catalog.framework_of_variable(match.group())
            if framework is not None:
                recorder.add(framework, "env", at(row), match.group())
