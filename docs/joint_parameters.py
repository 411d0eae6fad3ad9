"""Lets each of several parameters that are described together keep its own type and default."""

from __future__ import annotations

from typing import Any

import griffe


class JointParameters(griffe.Extension):
    """Puts right what ``low, high`` in a docstring is told of ``high``: not what ``low`` has."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Take types and defaults from the signature."""
        if func.docstring is None:
            return
        for section in func.docstring.parsed:
            if isinstance(section, griffe.DocstringSectionParameters):
                for described in section.value:
                    if described.name in func.parameters:
                        signature = func.parameters[described.name]
                        described.annotation = signature.annotation
                        described.value = signature.default
