"""Uses as they come up while code is read: each line and symbol once."""

from __future__ import annotations

from typing import Final

from usage.recorder import Recorder
from usage.uses import Channel, Kind, LineLabel, Place, Use

_RANK: Final[dict[Kind, int]] = {
    "import": 0,
    "import-indirect": 1,
    "decorator": 2,
    "base": 3,
    "call": 4,
    "set": 5,
    "reference": 6,
}


class Marks(Recorder):
    """Collects the uses of one piece of code.

    Parameters
    ----------
    place, at
        Where the code stands, and the labels of its lines.
    prefix
        What goes before ``how``.
    """

    def __init__(self, place: Place, at: LineLabel, prefix: str = "") -> None:
        super().__init__(place)
        self.at = at
        self._prefix = prefix

    def clear(self) -> None:
        """Forget the uses, before the code is read again by what is known by now."""
        self._uses.clear()

    def mark(
        self,
        framework: str,
        kind: Kind,
        line: int,
        symbol: str,
        how: str,
        *,
        resolved: str = "",
        channel: Channel = "api",
    ) -> None:
        """Add a use; of two of one line and symbol, the kind that says more stays."""
        label = self.at(line)
        here = self._uses.get((label, symbol, framework))
        if here is not None and _RANK.get(here.kind, 0) <= _RANK.get(kind, 9):
            return
        place = self.place
        self._uses[label, symbol, framework] = Use(
            framework=framework,
            channel="workflow" if place.channel == "workflow" else channel,
            kind=kind,
            path=place.path,
            line=label,
            symbol=symbol,
            how=how if channel == "config" else f"{self._prefix}{how}",
            resolved=resolved,
            in_test=place.in_test,
            in_example=place.in_example,
        )
