"""What a terminal shows of tables, and what JSON holds of values."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console

from reports.tables import Table, plain, terminal

WIDTH = 100


def shown(*parts: Table | str | Iterable[Table | str]) -> str:
    """Return what a terminal of 100 columns shows."""
    console = Console(width=WIDTH)
    with console.capture() as captured:
        for part in parts:
            for each in [part] if isinstance(part, Table | str) else part:
                console.print(terminal(each) if isinstance(each, Table) else each)
    return captured.get()


def through_json(values: Any) -> Any:
    """Return values as they come back from JSON, in which there is no NaN."""
    return json.loads(json.dumps(plain(values), allow_nan=False))
