"""Uses as they are found in one file, each line and symbol once."""

from __future__ import annotations

from typing import Final

from usage.documents.expressions import show_expressions
from usage.uses import Channel, Found, Kind, Place, Unread, Use

_CHANNELS: Final[dict[Kind, Channel]] = {
    "command": "cli",
    "flow-command": "cli",
    "action": "workflow",
    "env": "config",
    "image": "config",
    "indirect": "config",
    "config-file": "config",
    "config-key": "config",
    "config-ref": "config",
    "artifact-dir": "config",
    "declared": "requirement",
    "pip-install": "requirement",
}


class Recorder:
    """Collects the uses of one place; of two of one framework, line and symbol the first counts.

    Parameters
    ----------
    place
        Where they stand. Its channel goes before a kind's own where it is ``workflow``.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._uses: dict[tuple[str, str, str], Use] = {}
        self._unread: list[Unread] = []

    def add(self, framework: str, kind: Kind, line: str, symbol: str, how: str = "text") -> None:
        """Add a use."""
        place = self.place
        use = Use(
            framework=framework,
            channel="workflow" if place.channel == "workflow" else _CHANNELS[kind],
            kind=kind,
            path=place.path,
            line=line,
            symbol=show_expressions(symbol),
            how=how,
            in_test=place.in_test,
            in_example=place.in_example,
        )
        self._uses.setdefault((line, use.symbol, framework), use)

    def join(self, found: Found) -> None:
        """Add what was found in a part of the file."""
        for use in found.uses:
            self._uses.setdefault((use.line, use.symbol, use.framework), use)
        self._unread.extend(found.unread)

    def miss(self, reason: str) -> None:
        """Say that something could not be read, and why."""
        self._unread.append(Unread(self.place.path, reason))

    @property
    def found(self) -> Found:
        """Return what was found, in the order in which it was."""
        return Found(list(self._uses.values()), list(dict.fromkeys(self._unread)))
