"""Tables and entry points that configure or extend a framework."""

from __future__ import annotations

from typing import Final

from usage.catalog import Catalog
from usage.documents.ini import read_ini
from usage.documents.tree import Pairs, Path, Text
from usage.recorder import Recorder
from usage.uses import Found, LineLabel, Place

_ENTRY_POINTS: Final = frozenset({"entry-points", "plugins", "entry_points"})


def record_key(symbol: str, line: str, recorder: Recorder, catalog: Catalog, how: str) -> None:
    """Record a table or an entry point, if it is a framework's."""
    if (framework := catalog.keys.get(symbol)) is not None:
        recorder.add(framework, "config-key", line, symbol, how)


def toml_keys(root: Pairs, *, at: LineLabel, place: Place, catalog: Catalog) -> Found:
    """Return the frameworks that tables of a pyproject.toml configure or extend."""
    recorder = Recorder(place)
    waiting: list[tuple[Path, Text, object]] = [((), key, value) for key, value in root.pairs]
    while waiting:
        path, key, value = waiting.pop(0)
        here = (*path, key.text)
        record_key(".".join(here), at(key.row), recorder, catalog, "toml-table")
        if path and path[-1] in _ENTRY_POINTS:
            symbol = f"entry-point {key.text}"
            record_key(symbol, at(key.row), recorder, catalog, "entry-point")
        if isinstance(value, Pairs) and len(here) < 5:
            waiting.extend((here, name, below) for name, below in value.pairs)
    return recorder.found


def ini_keys(text: str, *, at: LineLabel, place: Place, catalog: Catalog) -> Found:
    """Return the frameworks that a setup.cfg extends by entry points."""
    recorder = Recorder(place)
    for setting in read_ini(text):
        if setting.section == "options.entry_points":
            symbol = f"entry-point {setting.key}"
            record_key(symbol, at(setting.row), recorder, catalog, "entry-point")
    return recorder.found
