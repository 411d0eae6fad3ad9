"""Uses as they come up while code is read: each line and symbol once."""

from __future__ import annotations

from typing import Final

from usage.uses import Channel, Found, Kind, LineLabel, Place, Unread, Use

_RANK: Final[dict[str, int]] = {
    kind: rank
    for rank, kind in enumerate(
        ["import", "import-indirect", "decorator", "base", "call", "set", "reference"]
    )
}


class Marks:
    """Collects the uses of one piece of code.

    Parameters
    ----------
    place, at
        Where the code stands, and the labels of its lines.
    prefix
        What goes before ``how``.
    """

    def __init__(self, place: Place, at: LineLabel, prefix: str = "") -> None:
        self.place = place
        self.at = at
        self.prefix = prefix
        self._uses: dict[tuple[str, str, str], Use] = {}
        self._unread: dict[Unread, None] = {}

    def clear(self) -> None:
        """Forget the uses, before the code is read again by what is known by now."""
        self._uses.clear()

    def add(
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
        here = self._uses.get((framework, label, symbol))
        if here is not None and _RANK.get(here.kind, 0) <= _RANK.get(kind, 9):
            return
        place = self.place
        self._uses[framework, label, symbol] = Use(
            framework=framework,
            channel="workflow" if place.channel == "workflow" else channel,
            kind=kind,
            path=place.path,
            line=label,
            symbol=symbol,
            how=how if channel == "config" else f"{self.prefix}{how}",
            resolved=resolved,
            in_test=place.in_test,
            in_example=place.in_example,
        )

    def join(self, found: Found) -> None:
        """Add what another reader found in a part of the code."""
        for use in found.uses:
            self._uses.setdefault((use.framework, use.line, use.symbol), use)
        self._unread.update(dict.fromkeys(found.unread))

    def miss(self, reason: str) -> None:
        """Say that something could not be read, and why."""
        self._unread[Unread(self.place.path, reason)] = None

    @property
    def found(self) -> Found:
        """Return what was found."""
        return Found(list(self._uses.values()), list(self._unread))
